import DeviceKit
import Secrets
import Statements
import TerminalScreen

@testable import TerminalClient

/// A screen without a terminal: its machine, a clock that the test sets, and what was asked for.
struct ScreenStage: ~Copyable {
    static let start = Timestamp(Array("2026-11-23T03:07:09.250Z".utf8))!
    /// Five hours west of UTC, whatever the machine's place.
    static let clock = WallClock(offset: { _ in -18_000 }, zone: { _ in "EST" })
    static let person = ScreenPerson(
        member: "Dr. Noor Example", roles: ["provider"], organisation: "Example Family Practice",
        relay: "relay.example:8443", policy: Policy())

    private(set) var machine = ScreenMachine(person, now: start, clock: clock)
    private(set) var now = start
    /// Everything that the machine asked for.
    private(set) var actions: [ScreenAction] = []

    init(columns: Int = 80, rows: Int = 24) { tell(.terminal(.resized(columns: columns, rows: rows))) }

    var state: ScreenState { machine.state }
    var text: String { machine.frame.text }
    var rings: Int { actions.count { $0 == .ring } }

    mutating func tell(_ events: ScreenEvent...) { for event in events { actions += machine.handle(event, now: now) } }

    /// One key after another, each in its own moment.
    mutating func press(_ keys: Key...) {
        for key in keys { tell(.terminal(.keys([key]))) }
    }

    mutating func type(_ text: String) { for scalar in text.unicodeScalars { press(.character(scalar)) } }

    /// Lets time pass, a second at a time.
    mutating func wait(seconds: Int64) {
        for _ in 0..<seconds {
            now = now.adding(seconds: 1)
            tell(.tick)
        }
    }

    /// Somebody sets the clock back.
    mutating func setClock(back seconds: Int64) { now = now.adding(seconds: -seconds) }

    /// Opens a message as the reader would.
    mutating func open(
        _ message: ListedMessage, _ body: ShownMessage.Body = Samples.record, broken: [BrokenPromise] = [],
        files: [String] = [], answersTo: String? = "Night Desk", thread: [ThreadEntry] = [], news: Set<MessageID> = []
    ) {
        tell(
            .people(MessagePeople(about: message.id, answersTo: answersTo, colleagues: Samples.colleagues)))
        tell(
            .shown(
                ShownMessage(
                    id: message.id, body: body, broken: broken, files: files, thread: thread, news: news)))
    }

    /// Lists a message, opens it, and forgets what was asked for so far.
    mutating func begin(_ message: ListedMessage, files: [String] = []) {
        tell(.listed([message]))
        press(.enter)
        open(message, files: files)
        forgetActions()
    }

    /// What stands in a box over the screen, its lines joined.
    var box: String {
        text.split(separator: "\n").compactMap { line in
            let parts = line.split(separator: "│", omittingEmptySubsequences: false)
            return parts.count > 2 ? parts[1].split(separator: " ").joined(separator: " ") : nil
        }.joined(separator: " ")
    }

    /// Characters that arrive at once.
    mutating func paste(_ text: String) {
        tell(.terminal(.keys(text.unicodeScalars.map { $0 == "\n" ? .enter : .character($0) })))
    }

    mutating func forgetActions() { actions = [] }
}

extension ListedMessage {
    /// - Parameter age: Seconds before the stage's start.
    static func sample(
        _ number: Int, _ urgency: Urgency, age: Int64, state: String = "delivered", from: String = "Night Desk",
        isVerified: Bool = true, quarantine: ReceiptReason? = nil, unproven: ReceiptAction? = nil,
        answers root: MessageID? = nil, carriesOn carried: MessageID? = nil, taken: TakenUp? = nil,
        carriedOn: CarriedOn? = nil
    ) -> ListedMessage {
        let at = ScreenStage.start.adding(seconds: -age)
        return ListedMessage(
            id: MessageID(
                "msg-" + String(repeating: "a", count: 25) + ["a", "e", "i", "m", "q", "u", "y", "4"][number])!,
            urgency: urgency, from: from, at: at, expires: at.adding(seconds: 86_400), state: state,
            isVerified: isVerified && quarantine == nil,
            quarantine: quarantine, unproven: unproven,
            place: (root ?? carried).map { Place(root: $0, isReply: root != nil) }, taken: taken,
            carriedOn: carriedOn)
    }
}

enum Samples {
    static let colleagues = [
        Colleague(id: .random(), name: "Dr. Amal Avery", roles: "provider"),
        Colleague(id: .random(), name: "Dr. Max Moor", roles: "provider"),
        Colleague(id: .random(), name: "Late Desk", roles: "intake"),
    ]

    static let record = ShownMessage.Body.record(try! JSONParser.parse(Array(recordText.utf8)))

    /// Names that stand only inside the seal.
    static let insideTheSeal = ["Quillfeather", "+1 202 555 0147", "calf", "penicillin", "MRN-00471193"]

    private static let recordText = #"""
        {"schema":"nightbell.call-record/1","record_id":"3f0d9a52-6c1e-4b7a-9d28-5e0c41f7ab63",
        "practice":{"id":"practice-fictional-01","name":"Example Family Practice","location":"Imaginary Street Office",
        "tz":"America/New_York"},
        "intake":{"status":"complete","method":"human_operator","system":"Example Answering Service",
        "operator_id":"operator-fictional-7","received_at":"2026-11-22T22:01:07-05:00"},
        "caller":{"name":"Thaddeus Quillfeather","relation":"spouse_partner",
        "callback":{"e164":"+12025550147","confirmed":true,"may_leave_message":false,"alternate_e164":"+12025550163"},
        "language":"en-US"},
        "patient":{"family":"Quillfeather","given":"Zephyrine","dob":"1961-02-27","sex":"female",
        "mrn":{"system":"urn:example:fictional-mrn","value":"MRN-00471193"},"match":"matched"},
        "request":{"category":"post_procedure",
        "reason":"Swollen, painful calf and shortness of breath nine days after knee replacement",
        "provider_requested":"Dr. Noor Example"},
        "triage":{"urgency":"urgent","classified_by":"nurse","protocol":"Fictional Adult Leg Swelling v3",
        "disposition":"Page provider on call, call back within fifteen minutes",
        "red_flags":["recent orthopaedic surgery","new shortness of breath"],"told_to_call_911":true,
        "respond_by":"2026-11-22T22:20:00-05:00"},
        "clinical":{"onset":"Since this afternoon","medications":["metformin 500 mg twice daily"],
        "allergies":["penicillin (childhood rash)"],"conditions":["type 2 diabetes mellitus"],
        "recent_procedure":{"what":"Total knee arthroplasty, left","on":"2026-11-13"}},
        "content":{"summary":"Husband reports a swollen, tender left calf since the afternoon, and shortness of breath on the stairs. No fever, no chest pain. Wants to know whether to go in now.",
        "summary_by":"human",
        "transcript":[{"t_ms":4200,"speaker":"operator","text":"Example Family Practice after hours, how can I help?"},
        {"t_ms":9100,"speaker":"caller","text":"My wife's leg is twice its size and she cannot get up the stairs."}]},
        "sensitivity":["restricted_by_patient"]}
        """#

    /// The steps of one message, as a device logs them.
    static func steps(_ message: MessageID) -> [StepLine] {
        let established: [(StepName, UInt64, String)] = [
            (.page, 41, "item 12 of the queue arrived"),
            (.roster, 1_204, "the roster of entry 9 is at hand, replayed from genesis"),
            (.manifest, 987, "signature, rules and binding hold; entry 40 of the activity log is proven"),
            (.sealedKey, 412, "our sealed key opened with prekey pk-a2x7k3wq5zr4m6ty"),
            (.commitment, 12, "the key is the one that the manifest commits to, for every recipient the same"),
            (.content, 55, "the content opened under the manifest's binding"),
            (.stored, 31, "stored under the store key"),
            (.receipt, 820, "receipt 7 (delivered) signed and stored"),
            (.proof, 14_310, "receipt 7 (delivered) is entry 41 of the activity log"),
            (.prekeyDestroyed, 2, "one-time prekey pk-a2x7k3wq5zr4m6ty is destroyed"),
        ]
        return established.enumerated().map { number, step in
            StepLine(
                number: UInt64(number + 1), previous: .zero,
                at: ScreenStage.start.adding(milliseconds: Int64(number) - 60_000), step: step.0, message: message,
                microseconds: step.1, established: step.2)
        }
    }
}
