"""Writes the export of a practice's nine days: calls by day and by night, as they come, each with what became of it.

    practice_days.py DIR [--seed N]

Built by the independent reader's own tools (Clients/verify/synthetic_export.py): nothing of Nightbell's code has a part
in it. Prints, as one JSON object, what was put into it, by its own count: a report must find exactly that.
"""

import json
import os
import random
import sys
from datetime import datetime, timedelta

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
sys.path.insert(0, os.path.join(ROOT, "Clients", "verify"))

from synthetic_export import HybridKey, Organisation, message_id, write  # noqa: E402

DAYS = 9
FIRST = datetime(2026, 11, 21)
# How likely a call is in each hour, and how long somebody takes, by urgency: seconds, at the median.
HOURS = [2, 2, 1, 1, 1, 2, 3, 6, 9, 6, 4, 4, 5, 4, 4, 5, 7, 12, 14, 12, 10, 8, 5, 3]
URGENCIES = {"emergent": (6, 25, 70, 2_400), "urgent": (28, 60, 300, 5_400), "same_day": (36, 240, 1_500, 14_000),
             "routine": (30, 900, 6_000, 30_000)}
LIFE = 86_400


class Days(Organisation):
    """Acts are planned first, by their moments, and logged in that order: lives of messages overlap."""

    def __init__(self, seed: int):
        super().__init__()
        self.random = random.Random(seed)
        self.clock = FIRST - timedelta(days=3)
        self.found()
        self.desks = [self.join(name, "intake") for name in ("Night Desk", "Answering Service Operator \u0141ucja")]
        self.clinicians = [self.join(name, "provider") for name in (
            "Dr. Amara Okafor", "Dr. \u017dofie Lindqvist-Bergstr\u00f6m", "Dr. O'Brien <on call> & \"Co\"",
            "\u05d3\"\u05e8 \u05e0\u05d5\u05e2\u05d4 \u05dc\u05d5\u05d9")]
        self.tablets = [self.second(device, f"tablet {i}") for i, device in enumerate(self.clinicians[:2])]
        self.auditor = self.join("Olga Audit", "auditor")
        self.set_admins(audit=HybridKey("audit"))
        for device in self.clinicians:
            self.subscribe(device)
        self.acts: list[tuple[datetime, int, object]] = []
        self.revoked: set[str] = set()
        self.messages: dict[str, dict] = {}
        self.looks: list[str] = []
        self.receipts_told: dict[str, int] = {}
        self.pages_told: dict[str, int] = {}

    def join(self, name, roles):
        return self.enrol(name, self.invite(name, self.member(name, roles)))

    def second(self, first, label):
        return self.enrol(label, self.invite(label, first.member, [self.admins[0], first]))

    def announce(self):
        self.clock -= timedelta(seconds=1)  # in the batch of what it puts in force
        super().announce()

    # Acts

    def plan(self, moment, act):
        self.acts.append((moment, len(self.acts), act))

    def about(self, median: float) -> float:
        return max(1.0, median * self.random.lognormvariate(0, 0.9))

    def accept(self, label, urgency, sender, devices, reference=""):
        devices = [device for device in devices if device.name not in self.revoked]
        at = self.clock
        message = self.manifest(label, sender, devices, reference=reference, edit=lambda text: text.replace(
            "urgency urgent", f"urgency {urgency}"))
        self.messages[message[0]] = {
            "id": message, "urgency": urgency, "at": at, "devices": {device.name for device in devices}, "told": [],
            "reply": bool(reference)}
        return message

    def receive(self, device, label, action, reason="none"):
        message = self.messages[message_id(label)]
        if device.name in message["devices"] and device.name not in self.revoked:
            self.receipt(device, message["id"], action, reason)
            message["told"].append((device.name, action))
            self.receipts_told[action] = self.receipts_told.get(action, 0) + 1

    def subscribe(self, device):
        for change in ("added", "proven"):
            self.event("subscription", f"device {device.name}\ntransport web_push\nchange {change}\n")

    def push(self, device, label, outcome):
        self.event("pushed", f"device {device.name}\nmessage {message_id(label)}\ntransport web_push\nattempt 1\n"
                             f"outcome {outcome}\n")
        self.pages_told[outcome] = self.pages_told.get(outcome, 0) + 1
        if outcome == "gone":
            self.event("subscription", f"device {device.name}\ntransport web_push\nchange dropped\n")
            self.subscribe(device)

    def unanswered(self, label):
        self.event("unanswered", f"message {message_id(label)}\n")
        self.messages[message_id(label)]["told"].append(("", "unanswered"))

    def reply(self, label, phone, desk):
        self.accept(f"reply to {label}", "urgent", phone, [desk], f"in-reply-to {message_id(label)}\n")
        self.receive(desk, f"reply to {label}", "delivered")

    def lose(self, device):
        self.revoke(device.name)
        self.revoked.add(device.name)
        for message, facts in self.messages.items():
            if device.name in facts["devices"] and (device.name, "delivered") not in facts["told"]:
                self.clock -= timedelta(seconds=1)  # in the batch of the revocation
                self.event("undeliverable", f"device {device.name}\nmessage {message}\nreason revoked\n")

    def look(self, kind, reason):
        self.log("activity", f"nightbell.access/v1\norg {self.id}\n{self.seen('roster')}{self.seen('activity')}"
                             f"signer {self.auditor.name}\nkind {kind}\nsubject none\nreason {reason}\nat {self.time()}\n",
                 [self.auditor])
        self.looks.append(kind)

    # Lives

    def call(self, moment: datetime, label: str):
        urgency = self.random.choices(list(URGENCIES), [one[0] for one in URGENCIES.values()])[0]
        _, read, answer, close = URGENCIES[urgency]
        to, desk = self.random.randrange(len(self.clinicians)), self.random.choice(self.desks)
        phone, fate = self.clinicians[to], self.random.random()
        devices = [phone] + ([self.tablets[to]] if to < 2 else [])
        self.plan(moment, lambda: self.accept(label, urgency, desk, devices))
        if self.random.random() < 0.45:
            outcome = self.random.choices(["accepted", "later", "gone"], [92, 5, 3])[0]
            self.plan(moment + timedelta(seconds=self.about(4)), lambda: self.push(phone, label, outcome))
        if fate < 0.035:  # nobody ever looks
            self.plan(moment + timedelta(seconds=LIFE + 20), lambda: self.unanswered(label))
            if fate < 0.02:  # but then somebody does, when its sender had been told to telephone
                late = moment + timedelta(seconds=LIFE + 120 + self.about(answer))
                self.plan(late, lambda: self.receive(phone, label, "delivered"))
                self.plan(late + timedelta(seconds=9), lambda: self.receive(phone, label, "acknowledged", "calling_now"))
            return
        for device in devices:
            at = moment + timedelta(seconds=self.about(4))
            self.plan(at, lambda device=device: self.receive(device, label, "delivered"))
        at = moment + timedelta(seconds=20 + self.about(read))
        if fate > 0.97:  # put away, and nobody knows what it said
            return self.plan(at, lambda: self.receive(phone, label, "closed"))
        self.plan(at, lambda: self.receive(phone, label, "read"))
        at = min(at + timedelta(seconds=self.about(answer)), moment + timedelta(seconds=LIFE - 600))
        if fate < 0.05:
            self.plan(at, lambda: self.receive(phone, label, "declined", "not_mine"))
        elif fate < 0.065:  # and nobody else does
            self.plan(at, lambda: self.receive(phone, label, "declined", "unavailable"))
            return self.plan(moment + timedelta(seconds=LIFE + 20), lambda: self.unanswered(label))
        reason = self.random.choice(["calling_now", "calling_now", "will_call_by", "need_info"])
        self.plan(at + timedelta(seconds=5), lambda: self.receive(phone, label, "acknowledged", reason))
        if self.random.random() < 0.12:
            self.plan(at + timedelta(seconds=40), lambda: self.reply(label, phone, desk))
        if fate > 0.12:
            self.plan(at + timedelta(seconds=self.about(close)), lambda: self.receive(phone, label, "closed"))

    def play(self):
        for day in range(DAYS):
            for number in range(self.random.randrange(17, 31)):
                hour = self.random.choices(range(24), HOURS)[0]
                moment = FIRST + timedelta(days=day, hours=hour, seconds=self.random.randrange(3_600))
                self.call(moment, f"day {day} call {number}")
        self.plan(FIRST + timedelta(days=4, hours=3), lambda: self.lose(self.tablets[1]))
        for hours, kind, reason in ((33, "capsules", "routine_review"), (80, "report", "legal")):
            self.plan(FIRST + timedelta(hours=hours), lambda kind=kind, reason=reason: self.look(kind, reason))
        end = FIRST + timedelta(days=DAYS)
        for ago, label, urgency in (
                (3_000, "waits one", "emergent"), (1_800, "waits two", "routine"), (2_500, "turned down", "same_day")):
            self.plan(end - timedelta(seconds=ago), lambda label=label, urgency=urgency: self.accept(
                label, urgency, self.desks[0], [self.clinicians[2]]))
        self.plan(end - timedelta(seconds=2_900), lambda: self.receive(self.clinicians[2], "waits one", "delivered"))
        for ago, action, reason in ((2_400, "delivered", "none"), (2_300, "declined", "unavailable")):
            self.plan(end - timedelta(seconds=ago), lambda action=action, reason=reason: self.receive(
                self.clinicians[2], "turned down", action, reason))
        for moment, _, act in sorted(self.acts, key=lambda one: one[:2]):
            if moment < end:
                self.clock = max(self.clock, moment)
                act()

    def told(self) -> dict:
        """What was put in, by a count of its own."""
        def outcome(facts):
            actions = {action for _, action in facts["told"]}
            for action in ("closed", "acknowledged"):
                if action in actions:
                    return action
            if facts["reply"] and "delivered" in actions:
                return "arrived_reply"
            return "unanswered" if "unanswered" in actions else "open"

        def marks(facts) -> list[str]:
            """What is to be known besides the outcome."""
            actions = [action for _, action in facts["told"]]
            answers = [action for action in actions if action in ("acknowledged", "closed")]
            if facts["reply"]:
                return []
            return [mark for mark, is_so in (
                ("declined", "declined" in actions and not answers and "unanswered" not in actions),
                ("taken_late", "unanswered" in actions and bool(answers)),
                ("closed_unread", "closed" in actions and not {"read", "acknowledged"} & set(actions))) if is_so]

        def missed(urgency) -> int:
            """Messages whose time to be acknowledged is over for ever."""
            return sum("unanswered" in [action for _, action in facts["told"]] for facts in self.messages.values()
                       if facts["urgency"] == urgency)

        def counted(key):
            result: dict[str, int] = {}
            for facts in self.messages.values():
                result[key(facts)] = result.get(key(facts), 0) + 1
            return result
        return {"organisation": self.id, "messages": len(self.messages),
                "replies": sum(facts["reply"] for facts in self.messages.values()),
                "by_outcome": counted(outcome), "by_urgency": counted(lambda facts: facts["urgency"]),
                "days": counted(lambda facts: facts["at"].date().isoformat()),
                "marked": {mark: sum(mark in marks(facts) for facts in self.messages.values())
                           for mark in ("declined", "taken_late", "closed_unread")},
                "taken_up": sum(outcome(facts) in ("acknowledged", "closed") and "closed_unread" not in marks(facts)
                                for facts in self.messages.values() if not facts["reply"]),
                "missed_for_ever": {urgency: missed(urgency) for urgency in URGENCIES},
                "looks": self.looks, "receipts": self.receipts_told, "pages": self.pages_told}


def main(arguments: list[str]) -> int:
    days = Days(int(arguments[arguments.index("--seed") + 1]) if "--seed" in arguments else 1)
    days.play()
    write(days.export(), arguments[0])
    print(json.dumps(days.told()))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
