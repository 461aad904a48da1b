/// How each command is used, for its page: by its words.
enum ManualExamples {
    struct Example: Sendable {
        /// What it is for, as a sentence.
        let purpose: String
        /// What is typed.
        let lines: [String]

        init(_ purpose: String, _ lines: String...) {
            self.purpose = purpose
            self.lines = lines
        }
    }

    static let all: [String: [Example]] = [
        "": [
            Example(
                "Join, be on call, and answer:", "nightbell join nightbell:relay.example:8443/...",
                "nightbell watch", "nightbell read msg-agrcb5nt", "nightbell ack msg-agrcb5nt --reason calling_now"),
            Example("Find out why something does not work:", "nightbell doctor"),
        ],
        "join": [
            Example(
                "On the relay's first use its CA file is given once, and remembered:",
                "nightbell join nightbell:relay.example:8443/... --ca ca.pem --label \"ward phone\"")
        ],
        "unlock": [Example("Type the passphrase once, for all commands that follow:", "nightbell unlock")],
        "lock": [Example("Leave the desk:", "nightbell lock")],
        "status": [
            Example("Who am I, what waits, what is wrong:", "nightbell status"),
            Example("Keep the signed heads as evidence for an auditor:", "nightbell status --heads heads.txt"),
        ],
        "doctor": [
            Example("Look at everything, and do what it says:", "nightbell doctor"),
            Example(
                "For a monitoring script; the code is 1 when there is a problem:",
                "nightbell doctor --json --key-file key"),
        ],
        "push": [
            Example(
                "Let a UnifiedPush distributor wake the watcher of this machine:", "nightbell push list",
                "nightbell push add --web-push --endpoint-file endpoint",
                "nightbell watch --web-push ~/.local/share/pages/socket")
        ],
        "push add": [
            Example(
                "The endpoint that a distributor or browser gave for the relay's VAPID key:",
                "nightbell push add --web-push --endpoint-file endpoint"),
            Example(
                "A phone's token, from whatever holds it:",
                "token-of-the-phone | nightbell push add --fcm --token-file -"),
        ],
        "push list": [Example("What wakes this device, and does it work:", "nightbell push list")],
        "push test": [
            Example("Does a page come through, within a minute:", "nightbell push test sub-5yheq5n3 --wait 60")
        ],
        "push remove": [Example("A phone was given back:", "nightbell push remove sub-5yheq5n3")],
        "steps": [
            Example("What was done with one message:", "nightbell steps msg-agrcb5nt"),
            Example(
                "Which receipts were signed and proven in the last two hours:",
                "nightbell steps --step receipt --step proof --since 2h"),
            Example("Is the log whole, and is it the one that the receipts name:", "nightbell steps --verify"),
        ],
        "completions": [
            Example("For this shell:", "source <(nightbell completions bash)"),
            Example("For good:", Shell.bash.installation),
        ],
        "manual": [Example("For all users of a machine:", "nightbell manual /usr/local/share/man/man1")],
        "inbox": [
            Example("What waits, and what came before:", "nightbell inbox"),
            Example(
                "The ids of what nobody has answered:",
                "nightbell inbox --json | jq -r '.messages[] | select(.state == \"delivered\") | .message'"),
        ],
        "read": [Example("By the beginning of its id:", "nightbell read msg-agrcb5nt")],
        "ack": [
            Example("You are calling back now:", "nightbell ack msg-agrcb5nt"),
            Example(
                "You will call, but not at once; the sender learns the time:", "nightbell ack msg-agrcb5nt --by 03:30"),
        ],
        "decline": [Example("It is for somebody else:", "nightbell decline msg-agrcb5nt --reason not_mine")],
        "close": [Example("The caller was helped:", "nightbell close msg-agrcb5nt")],
        "reply": [Example("A few words to whoever sent it:", "nightbell reply msg-agrcb5nt --text -")],
        "hand-off": [
            Example("To the colleague who takes over:", "nightbell hand-off msg-agrcb5nt --to \"Dr. Sam\"")
        ],
        "send": [
            Example(
                "A call record, and stay until somebody answers:",
                "nightbell send --to \"Dr. Noor\" --urgency urgent --record call.json --wait"),
            Example(
                "A text, typed on standard input and ended with Ctrl-D:",
                "nightbell send --to \"Dr. Noor\" --urgency routine --text - --patient 4711"),
        ],
        "sent": [
            Example("Who has what was sent from here:", "nightbell sent"),
            Example("The whole history of one message:", "nightbell sent msg-agrcb5nt"),
            Example("What has to be telephoned:", "nightbell sent --overdue"),
            Example(
                "After the call, to take it off that list:", "nightbell sent --dismiss msg-agrcb5nt"),
        ],
        "watch": [
            Example("Stay on call:", "nightbell watch"),
            Example("For a script, one object a line:", "nightbell watch --json --key-file key"),
        ],
        "ui": [Example("Full screen, for the night:", "nightbell ui")],
        "admin": [
            Example(
                "Found a practice, then invite:", "nightbell admin found --relay relay.example:8443 \\",
                "    --organisation \"Example Practice\" --member \"Ada\"",
                "nightbell admin invite --member \"Dr. Noor\" --role provider")
        ],
        "admin found": [
            Example(
                "At a relay that runs on this machine:",
                "nightbell admin found --relay localhost:8443 --organisation \"Example Practice\" \\",
                "    --member \"Ada\" --ca relay/tls/ca.pem"),
            Example(
                "At another's relay, with the code that its operator gave:",
                "nightbell admin found --relay relay.example:8443 --organisation \"Example Practice\" \\",
                "    --member \"Ada\" --code CODE"),
        ],
        "admin invite": [
            Example(
                "A clinician, who has until tomorrow:",
                "nightbell admin invite --member \"Dr. Noor\" --role provider"),
            Example(
                "A second device of the night desk, within the hour:",
                "nightbell admin invite --member \"Night Desk\" --role intake --hours 1"),
        ],
        "admin members": [Example("Names, roles and who is suspended:", "nightbell admin members")],
        "admin devices": [Example("Find the id of a device that was lost:", "nightbell admin devices")],
        "admin revoke": [
            Example("At once, from any admin device:", "nightbell admin revoke dev-5yheq5n3 --reason \"phone stolen\"")
        ],
        "admin roles": [
            Example("A clinician who takes calls as well:", "nightbell admin roles \"Dr. Noor\" provider intake"),
            Example(
                "A role that was given by mistake is not named, and is gone:",
                "nightbell admin roles \"Dr. Noor\" provider"),
        ],
        "admin rename": [
            Example(
                "Married, or written wrongly when invited:",
                "nightbell admin rename \"Dr. Noor\" \"Dr. Noor Haddad\"")
        ],
        "admin audit-key": [Example("What is in force, what is offered:", "nightbell admin audit-key")],
        "admin audit-key show": [Example("What is in force, what is offered:", "nightbell admin audit-key show")],
        "admin audit-key accept": [Example("The only offer:", "nightbell admin audit-key accept")],
        "admin witnesses": [Example("Who watches the logs, and how far:", "nightbell admin witnesses")],
        "admin witnesses show": [Example("Who watches the logs, and how far:", "nightbell admin witnesses show")],
        "admin witnesses set": [
            Example(
                "Two witnesses, of which one is enough:",
                "nightbell admin witnesses set clinic-b.example/w+... vet.example/w+... --demand 1"),
            Example("None any more:", "nightbell admin witnesses set --none"),
        ],
        "audit": [Example("Everything, from nothing:", "nightbell audit verify")],
        "audit witness": [
            Example(
                "A witness for somebody else's logs, behind a proxy on this machine:",
                "nightbell audit witness init --state witness --name clinic-b.example/w",
                "nightbell audit witness add --state witness roster/log.vkey activity/log.vkey",
                "nightbell audit witness serve --state witness")
        ],
        "audit witness init": [
            Example(
                "Once; what it prints is what admins name:",
                "nightbell audit witness init --state witness --name clinic-b.example/w")
        ],
        "audit witness add": [
            Example(
                "Both logs of an export:",
                "nightbell audit witness add --state witness roster/log.vkey activity/log.vkey")
        ],
        "audit witness serve": [
            Example(
                "For everybody, with a certificate of its own:",
                "nightbell audit witness serve --state witness --listen 0.0.0.0:443 --tls-certificate w.pem --tls-key w.key"
            )
        ],
        "audit witness show": [
            Example("What it has vouched for:", "nightbell audit witness show --state witness")
        ],
        "audit compare": [
            Example("Two people's heads, from \"status --heads\":", "nightbell audit compare hers.heads his.heads"),
            Example(
                "Against an export, without relay or profile:",
                "nightbell audit compare hers.heads --export logs --org org-..."),
            Example(
                "What a device keeps as evidence of two histories, anywhere:",
                "nightbell audit compare checkpoints_contradict-0123456789abcdef.json --log log.vkey"),
        ],
        "audit monitor": [
            Example("All day:", "nightbell audit monitor"),
            Example("From a monitoring script; the code is 65 for a lie:", "nightbell audit monitor --once --json"),
        ],
        "audit verify": [
            Example("The relay's logs as they are now:", "nightbell audit verify"),
            Example(
                "An export, without relay or profile, against heads that a device kept:",
                "nightbell audit verify --export logs --org org-... --heads heads.txt"),
        ],
        "audit evidence": [
            Example(
                "For somebody who trusts nobody, about one message:",
                "nightbell audit evidence msg-... evidence.tar --reason legal"),
            Example(
                "The same, and whose the message is:",
                "nightbell audit evidence msg-... evidence.tar --with-capsule --reason legal"),
        ],
        "audit check": [
            Example(
                "What you were given, against an id that you know from elsewhere:",
                "nightbell audit check evidence.tar --org org-...")
        ],
        "audit export": [
            Example(
                "For a reader that is not ours:", "nightbell audit export logs",
                "python3 nightbell_verify.py logs")
        ],
        "audit messages": [
            Example("Every message and how far it came:", "nightbell audit messages"),
            Example(
                "What one clinician did not answer in the last week:",
                "nightbell audit messages --to \"Dr. Noor\" --unanswered --since 7d"),
            Example(
                "The same with the patients, which is logged first:",
                "nightbell audit messages --capsules --reason routine_review"),
        ],
        "audit report": [
            Example(
                "A month, as a page to read and to print:",
                "nightbell audit report --from 2026-11-01 --to 2026-11-30 --zone America/Chicago --out november.html"),
            Example(
                "What the answering service's list is held against in the morning:", "nightbell audit report --morning"),
            Example(
                "For a program, from an export:",
                "nightbell audit report --export logs --from 2026-11-01 --to 2026-11-30 --format fhir --out november.ndjson"
            ),
        ],
        "audit message": [
            Example("One message's whole history:", "nightbell audit message msg-agrcb5nt"),
            Example(
                "Whose message it was; the look is logged first:",
                "nightbell audit message msg-agrcb5nt --capsule --reason operations"),
        ],
        "audit patient": [
            Example(
                "A patient asks who had what about them; the identifier is typed, and ended with Ctrl-D:",
                "nightbell audit patient - --reason patient_request")
        ],
        "audit device": [
            Example(
                "What was let out to a device, and what did it sign:",
                "nightbell audit device dev-agrcb5nt --reason routine_review")
        ],
        "audit member": [
            Example(
                "Everything that a person's devices got, read and sent:",
                "nightbell audit member \"Dr. Ada Bell\" --reason investigation")
        ],
        "audit breach": [
            Example(
                "A phone was stolen: revoke it on an admin's device, then see what it held and what is due until when:",
                "nightbell admin revoke dev-agrcb5nt --reason stolen",
                "nightbell audit breach dev-agrcb5nt --reason investigation --discovered 2026-11-29"),
            Example(
                "What was let out to it, and what was done on it, after it was stolen:",
                "nightbell audit breach dev-agrcb5nt --reason investigation --lost-at 2026-11-28T22:30:00Z"),
        ],
        "audit accesses": [Example("Who looked at what, and why:", "nightbell audit accesses")],
    ]
}
