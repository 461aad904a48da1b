"""The demo's story; Config/demo runs it. Reads from top to bottom as what people do, and checks every claim."""

import argparse
import base64
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from canaries import IDENTIFIER, Canaries, contents
from claims import Broken, Proven, hold
from export import VERIFIER, Export
from programs import Device, Relay, World, heading, show

RECORD = Path(__file__).resolve().parents[2] / "demo-call-record.json"
ORGANISATION = "Example Family Practice"
ADMIN, DESK, NOOR, SAM, AUDITOR = "Ada Admin", "Night Desk", "Dr. Noor Example", "Dr. Sam Example", "Auri Auditor"
# What stands openly in the roster, or says nothing of anyone.
PUBLIC = {ORGANISATION, ADMIN, DESK, NOOR, SAM, AUDITOR, "nightbell.call-record/1", "en-US"}
RECEIVING = ["page", "roster", "manifest", "sealed_key", "commitment", "content", "stored", "receipt", "proof",
             "prekey_destroyed"]
FLIPS = 200


class Demo:
    def __init__(self, world: World):
        self.world, self.proven, self.canaries = world, Proven(), Canaries()
        self.relay = Relay(world)
        self.record = json.loads(RECORD.read_text())
        shutil.copy(RECORD, world.folder / "call.json")
        self.canaries.add_texts("call record", self.record, PUBLIC)

    # People and devices

    def keyed(self, name: str, label: str) -> Device:
        """A device whose store opens with a key file, as gateways and services have it."""
        return Device(self.world, name, label, ["--key-file", f"{name}.key"])

    def found(self):
        heading("An organisation that its relay's operator has never met")
        self.admin = self.keyed("admin", "office computer")
        words = ["--ca", "relay/tls/ca.pem", "admin", "found", "--relay", self.relay.name, "--organisation", ORGANISATION,
                 "--member", ADMIN, "--label", self.admin.label]
        show(self.admin.shown(words), "admin$ ")
        founded = self.admin.ask(*words)
        self.organisation, self.admin.device = founded["organisation"], founded["device"]
        show(f"founded {self.organisation}; its id is the hash of what was signed", "    ")
        recovery = founded["recovery"]
        self.canaries.add("recovery secret", recovery)
        self.canaries.add("recovery secret, in one piece", recovery.replace("-", ""))
        self.canaries.add("recovery key", decoded(recovery.replace("-", "")[:52]))

    def join(self, member: str, role: str, device: Device):
        invitation = self.admin.ask("admin", "invite", "--member", member, "--role", role)["invitation"]
        code = invitation.rpartition(".")[2]
        self.canaries.add(f"invitation of {device.name}", code[:26])
        self.canaries.add(f"invitation of {device.name}, decoded", decoded(code[:26]))
        joined = device.ask("--ca", "relay/tls/ca.pem", "join", invitation, "--label", device.label)
        device.device, device.member = joined["device"], joined["member"]
        hold(joined["organisation"] == self.organisation, f"{device.name} joined the organisation of its invitation")
        show(f"{member} ({role}) joined on \"{device.label}\": {device.device}", "    ")

    def everyone(self):
        show("nightbell admin invite --member … --role …     (spoken or on paper, not through the relay)", "admin$ ")
        show("nightbell --ca ca.pem join INVITATION", "each$ ")
        passphrase = " ".join(secrets.token_hex(4) for _ in range(4))
        self.canaries.add("passphrase", passphrase)
        file = self.world.folder / "phone.passphrase"
        file.write_text(passphrase + "\n")
        file.chmod(0o600)
        self.desk = self.keyed("desk", "intake desk")
        self.phone = Device(self.world, "phone", "phone", ["--passphrase-file", file.name])
        self.tablet = self.keyed("tablet", "tablet")
        self.sam = self.keyed("sam", "phone")
        self.auditor = self.keyed("auditor", "audit machine")
        for member, role, device in ((DESK, "intake", self.desk), (NOOR, "provider", self.phone),
                                     (NOOR, "provider", self.tablet), (SAM, "provider", self.sam),
                                     (AUDITOR, "auditor", self.auditor)):
            self.join(member, role, device)
        for device in (self.admin, self.desk, self.tablet, self.sam, self.auditor):
            self.canaries.add(f"store key of {device.name}", (self.world.folder / f"{device.name}.key").read_bytes())
        self.admin.run("admin", "audit-key", "accept")
        devices = self.admin.ask("admin", "devices")["devices"]
        hold(len(devices) == 6 and all(device["status"] == "active" for device in devices), "six devices are enrolled")
        self.proven.say("Five people enrolled six devices with nothing but a spoken invitation and the CA file.")

    # The message

    def send(self):
        heading("An urgent call: Dr. Noor's phone is connected, the tablet is switched off")
        self.watch = self.phone.start("watch", "-v", prefix="    phone | ")
        # The line that every start with a newer roster gives; from then on the stream is open in a moment.
        self.wait_for_stream()
        sent = self.desk.run("send", "--to", NOOR, "--urgency", "urgent", "--record", "call.json", "-v")
        self.first = sent.out[0].split()[0]
        self.watch.wait_for(f"URGENT from {DESK}: nightbell --profile")
        self.watch.wait_for(f" read {self.first[:12]}")
        facts = self.until(self.first, lambda facts: ("delivered", self.phone.device) in pairs(facts))
        hold(pairs(facts) == [("delivered", self.phone.device)], "the phone has it and the tablet has not", facts)
        steps = [json.loads(line) for line in self.phone.run("steps", self.first, "--json", shown=False).out]
        hold([step["step"] for step in steps] == RECEIVING, "every step of receiving is in the step log, in order", steps)
        self.proven.say("Every step from the page to the destroyed prekey is in the phone's step log, each with what it proved.")

    def wait_for_stream(self):
        deadline = time.monotonic() + 15
        while 'nightbell_streams_open 1' not in self.relay.ask("/metrics")[1]:
            hold(time.monotonic() < deadline and self.watch.process.poll() is None, "the phone connects",
                 *self.watch.err[-5:])
            time.sleep(0.05)

    def until(self, message: str, condition, seconds: float = 10) -> list[dict]:
        """The sender's verified facts, once they satisfy a condition."""
        deadline = time.monotonic() + seconds
        while True:
            facts = self.desk.ask("sent", message)["states"]
            if condition(facts) or time.monotonic() > deadline:
                return facts
            time.sleep(0.1)

    def answer(self):
        heading("The tablet comes back; Dr. Noor reads and answers; the desk sees it")
        self.tablet.run("inbox")
        read = self.phone.run("read", self.first, limit=26)
        hold(any("verified" in line for line in read.out), "the message is shown as verified", *read.out[:5])
        shown = self.phone.ask("read", self.first)
        hold(shown["verified"] is True and shown["content"] == self.record, "what is read is what was written, verified")
        answer = self.phone.ask("ack", self.first, "--reason", "calling_now")
        show(f"nightbell ack {self.first} --reason calling_now", "phone$ ")
        show(f"acknowledged, entry {answer['index']} of the activity log, proven", "    ")
        self.until(self.first, lambda facts: ("acknowledged", self.phone.device) in pairs(facts))
        self.desk.run("sent", self.first)
        told = self.desk.ask("sent", self.first)
        self.first_facts = told["states"]
        expected = [("delivered", self.phone.device), ("delivered", self.tablet.device), ("read", self.phone.device),
                    ("acknowledged", self.phone.device)]
        hold(told["state"] == "acknowledged" and pairs(self.first_facts) == expected,
             "the sender sees who has it, who read it and who acknowledged it", told)
        hold(self.first_facts[-1]["index"] == answer["index"], "the sender sees the very receipt that was logged")
        self.proven.say("Reader and sender hold proofs for all they are shown: the record unchanged, its receipts logged.")

    def others(self):
        heading("Another clinician: nothing of that, and a text of his own")
        text = "Refill question from Ms. Quillfeather about metformin; no hurry, call tomorrow."
        self.canaries.add("text", text)
        self.canaries.add("patient of the text", "MRN-00471193-B")
        hold(self.sam.ask("inbox")["messages"] == [], "a member who was not addressed has nothing")
        sent = self.desk.ask("send", "--to", SAM, "--urgency", "routine", "--text", text, "--patient", "MRN-00471193-B")
        self.second = sent["message"]
        hold([one["device"] for one in sent["recipients"]] == [self.sam.device], "it was sealed to his device alone", sent)
        self.sam.run("inbox")
        hold(self.sam.ask("read", self.second)["content"] == {"text": text}, "he reads what was written to him")
        self.sam.run("decline", self.second, "--reason", "not_mine")
        facts = self.until(self.second, lambda facts: ("declined", self.sam.device) in pairs(facts))
        hold(facts[-1]["reason"] == "not_mine", "the sender learns that he declined, and why", facts)
        self.proven.say("Dr. Sam got nothing of it, read the text that was for him, and declined: the desk knows why.")

    def revoke(self):
        heading("The tablet is stolen, with a message waiting for it")
        text = "Radiology rang: the ultrasound slot for Ms. Quillfeather is at half past one."
        self.canaries.add("second text", text)
        self.third = self.desk.ask("send", "--to", NOOR, "--urgency", "same_day", "--text", text)["message"]
        self.until(self.third, lambda facts: ("delivered", self.phone.device) in pairs(facts))
        copies = [self.tablet.copy(f"copy-of-tablet-{number}") for number in (1, 2)]
        self.admin.run("admin", "revoke", self.tablet.device, "--reason", "stolen from a car")
        self.revoked_at = self.admin.ask("status")["activity"]["size"]
        status = {one["device"]: one["status"] for one in self.admin.ask("admin", "devices")["devices"]}
        hold(status[self.tablet.device] == "revoked", "the roster says so", status)
        facts = self.until(self.third, lambda facts: ("undeliverable", self.tablet.device) in pairs(facts))
        hold(pairs(facts) == [("delivered", self.phone.device), ("undeliverable", self.tablet.device)],
             "what waited for the tablet is destroyed, and its sender is told", facts)
        # Neither the tablet nor its copies have heard of it: it is the relay that refuses, and proves why.
        for thief, words in ((self.tablet, ["ack", self.first]), (copies[0], ["inbox"])):
            error = thief.refused(*words)
            hold(error["code"] == "revoked" and "stolen from a car" in error["message"], "the tablet is refused", error)
        again = "The slot moved to two o'clock, same place; please tell Ms. Quillfeather."
        self.canaries.add("third text", again)
        sent = self.desk.ask("send", "--to", NOOR, "--urgency", "same_day", "--text", again)
        self.fourth = sent["message"]
        hold([one["device"] for one in sent["recipients"]] == [self.phone.device], "the next is sealed to the phone alone")
        self.until(self.fourth, lambda facts: ("delivered", self.phone.device) in pairs(facts))
        hold(copies[1].refused("inbox")["code"] == "revoked", "a copy that comes now gets nothing of it")
        hold(self.tablet.refused("steps", self.fourth)["code"] == "revoked", "the tablet tells nothing any more")
        for thief in (self.tablet, *copies):
            left = sorted(each.name for each in thief.profile.iterdir() if each.name.startswith(("store", "steps")))
            hold(not left, f"{thief.name}: keys, messages and step log are destroyed", left)

    # The audit

    def audit(self):
        heading("The auditor trusts nobody")
        self.auditor.run("audit", "verify")
        verified = self.auditor.ask("audit", "verify")
        hold(verified["ok"] is True and verified["findings"] == [], "the auditor finds nothing wrong", verified)
        hold(verified["capsules"] == {"opened": 4, "closed": 0}, "the auditor opens the capsule of every message", verified)
        self.auditor.run("audit", "message", self.first)
        history = self.auditor.ask("audit", "message", self.first)
        self.auditor.run("audit", "export", "export")
        heading("The same logs, read by a program that shares no code with Nightbell")
        reader = [sys.executable, str(VERIFIER / "nightbell_verify.py"), "export", "--org", self.organisation]
        show("python3 Clients/verify/nightbell_verify.py export --org " + self.organisation, "anyone$ ")
        seen = self.anyone(*reader)
        for line in seen.stdout.splitlines():
            show(line, "    ")
        hold(seen.returncode == 0, "the independent reader verifies the export", seen.stdout + seen.stderr)
        self.compare(verified, history)
        show(f"python3 Clients/verify/flip_bits.py export --limit {FLIPS}", "anyone$ ")
        flipped = self.anyone(sys.executable, str(VERIFIER / "flip_bits.py"), "export", "--limit", str(FLIPS))
        show(flipped.stdout.strip(), "    ")
        hold(flipped.returncode == 0, "no flipped bit goes unnoticed", flipped.stdout + flipped.stderr)
        self.proven.say(f"Each of {flipped.stdout.split()[1]} flipped bits, spread over every file of the export, was detected.")

    def anyone(self, *words: str) -> subprocess.CompletedProcess:
        return subprocess.run(words, cwd=self.world.folder, capture_output=True, text=True, timeout=120,
                              env=self.world.environment | {"PYTHONDONTWRITEBYTECODE": "1"}, check=False)

    def compare(self, verified: dict, history: dict):
        """What the auditor's client, the sender and the independent reader say must be one story."""
        export = Export(self.world.folder / "export", self.organisation)
        hold(export.verified.ok, "the export verifies", export.verified.findings)
        for kind in ("roster", "activity"):
            hold((verified[kind]["size"], verified[kind]["root"]) == (export.sizes[kind], export.roots[kind]),
                 f"both readers find the same {kind} log", verified, export.sizes, export.roots)
        logged = export.facts(self.first)
        receipts = [fact for fact in logged if fact["action"] not in ("manifest", "served")]
        for who, facts in (("sender's", self.first_facts), ("auditor's", history["states"])):
            told = {place(fact) for fact in facts}
            hold({place(fact) for fact in receipts} <= told <= {place(fact) for fact in logged},
                 f"the {who} history of the message is the logged one", facts, logged)
        size = verified["activity"]["size"]
        delivered = next(fact["index"] for fact in receipts if fact["device"] == self.phone.device)
        self.proven.say("The urgent record was with the connected phone, its signed receipt in the log, "
                        f"{export.milliseconds(logged[0]['index'], delivered)} ms after it was accepted.")
        self.proven.say(f"The auditor's client and an independent reader recomputed both logs ({verified['roster']['size']} and "
                        f"{size} entries): same roots, no finding. All 4 capsules opened.")
        self.proven.say("What the sender was shown is, entry for entry, the history that the auditor printed.")
        later = [fact for fact in map(export.fact, range(self.revoked_at, size)) if fact["device"] == self.tablet.device]
        hold([fact["action"] for fact in later] in ([], ["undeliverable"]), "the tablet left nothing in the log", later)
        hold(export.recipients(self.fourth) == {self.phone.device}, "nothing was sealed to the tablet any more")
        self.proven.say("From its revocation on, the stolen tablet was sealed nothing, served nothing, and no receipt of it "
                        "was logged; it destroyed its keys and messages when it heard, and so did copies of it.")

    def logs_of_steps(self):
        heading("Every device's step log against its own signed receipts")
        # The tablet's went with its keys.
        devices = [self.admin, self.desk, self.phone, self.sam, self.auditor]
        results = [device.ask("steps", "--verify") for device in devices]
        hold(all(result["ok"] for result in results), "every step log hangs together", results)
        lines, receipts = (sum(result[key] for result in results) for key in ("lines", "receipts"))
        show(f"{lines} lines in {len(devices)} step logs hang together; {receipts} receipts name lines of them", "    ")

    # The search

    def search(self):
        heading("Is there anything of it on the relay?")
        checked = self.relay.check()
        hold(checked["problems"] == [], "the relay's own check finds nothing", checked)
        metrics = self.relay.ask("/metrics")[1]
        hold("nightbell_accepted_total" in metrics, "there are metrics", metrics[:200])
        live = contents(self.relay.data)
        self.stop_relay()
        stopped = contents(self.relay.data)
        log = self.relay.log()
        hold(log.count("\n") > 10, "there are log lines", log)
        hold(not IDENTIFIER.search(metrics) and not IDENTIFIER.search(log), "metrics and log lines name nobody",
             IDENTIFIER.findall(metrics + log)[:5])
        forms = self.canaries.control()
        places = {f"{name} (running)": data for name, data in live.items()}
        places |= {f"{name} (stopped)": data for name, data in stopped.items()}
        places |= {"metrics": metrics.encode(), "log lines": log.encode()}
        found = self.canaries.found_in(places)
        hold(not found, "the relay holds nothing of it", *found[:10])
        size = sum(map(len, places.values())) / 1_000_000
        show(f"{len(self.canaries.secrets)} texts and secrets in {forms} forms, {len(places)} places, {size:.1f} MB: nothing found; "
             "each form is found where it was planted", "    ")
        self.proven.say(f"The relay's files, {log.count(chr(10)) + 1} log lines (level trace) and metrics hold none of "
                        f"{len(self.canaries.secrets)} texts, names, numbers and secrets, in {forms} forms looked for.")
        profiles = {name: data for device in (self.desk, self.phone, self.tablet, self.sam, self.auditor, self.admin)
                    for name, data in contents(device.profile).items()}
        found = self.canaries.found_in(profiles)
        hold(not found, "no device's folder holds any of it unsealed", *found[:10])
        self.proven.say("Nor does any device's folder, without its passphrase or key file.")

    def stop_relay(self):
        ended = self.watch.stop()
        hold(ended == 0, "the phone's watch ends when it is asked to", *self.watch.err[-5:])
        ended = self.relay.running.stop()
        hold(ended == 0, "the relay drains and ends when it is asked to", *self.relay.running.err[-5:])
        hold(self.relay.check()["problems"] == [], "and leaves its logs whole")

    def run(self):
        heading("A relay, with TLS, in a temporary folder")
        self.relay.begin()
        hold(self.relay.ask("/health")[0] == 200, "it is healthy")
        self.found()
        self.everyone()
        self.send()
        self.answer()
        self.others()
        self.revoke()
        self.audit()
        self.logs_of_steps()
        self.search()


def pairs(facts: list[dict]) -> list[tuple[str, str]]:
    return [(fact["action"], fact["device"]) for fact in facts]


def place(fact: dict) -> tuple:
    return fact["index"], fact["action"], fact["device"]


def decoded(base32: str) -> bytes:
    """RFC 4648 base32 without padding, lower case."""
    return base64.b32decode(base32.upper() + "=" * (-len(base32) % 8))


def onward(demo: Demo, process: int | None):
    """How to go on by hand."""
    folder, programs = demo.world.folder, demo.world.programs
    if process:
        heading("The relay goes on: try it")
        show(f"  cd {folder}; export PATH={programs}:$PATH")
        show("  desk() { nightbell --profile desk --key-file desk.key \"$@\"; }")
        show("  sam() { nightbell --profile sam --key-file sam.key \"$@\"; }")
        show("  auditor() { nightbell --profile auditor --key-file auditor.key \"$@\"; }")
        show(f"  desk send --to \"{SAM}\" --urgency urgent --record call.json -v")
        show("  sam watch -v          # in another terminal; then: sam read MSG; sam ack MSG")
        show("  desk sent")
        show("  auditor audit verify")
        show(f"  curl -s http://127.0.0.1:{demo.relay.operations}/metrics")
        show(f"  kill {process}; rm -r {folder}     # the end")
    else:
        show()
        show("To go on by hand: Config/demo --keep leaves such a relay running; README.md has the way from nothing.")


def main() -> int:
    parser = argparse.ArgumentParser(prog="Config/demo")
    parser.add_argument("--programs", type=Path, required=True)
    parser.add_argument("--keep", action="store_true")
    options = parser.parse_args()
    os.umask(0o077)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    programs = options.programs.resolve()
    for program in ("nightbell", "nightbell-relay"):
        if not os.access(programs / program, os.X_OK):
            print(f"demo: error: there is no program {program} in {programs}", file=sys.stderr)
            return 64
    world = World(Path(tempfile.mkdtemp(prefix="nightbell-demo-")), programs)
    demo, started, status = Demo(world), time.monotonic(), 0
    try:
        demo.run()
        heading("What was proven")
        demo.proven.print()
        onward(demo, demo.relay.resume() if options.keep else None)
        show(f"done in {time.monotonic() - started:.0f} s")
    except Broken as broken:
        print(f"\nNOT PROVEN: {broken}\nthe demo's folder is kept: {world.folder}", file=sys.stderr, flush=True)
        status = 1
    except KeyboardInterrupt:
        status = 130
    finally:
        world.end()
        if status != 1 and not (status == 0 and options.keep):
            shutil.rmtree(world.folder, ignore_errors=True)
    return status


if __name__ == "__main__":
    sys.exit(main())
