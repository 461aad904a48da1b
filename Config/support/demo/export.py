"""Reads an exported organisation through the independent reader, to compare it with what the devices say."""

import sys
from datetime import datetime
from pathlib import Path

VERIFIER = Path(__file__).resolve().parents[3] / "Clients" / "verify"
sys.path.insert(0, str(VERIFIER))

import nightbell_verify  # noqa: E402


class Export:
    """The activity log of an export: what stands at which place."""

    def __init__(self, folder: Path, organisation: str):
        self.verified = nightbell_verify.verify(str(folder), organisation)
        self.entries = [self.entry(entry) for entry in self.verified.logs["activity"].entries()]
        self.sizes = {kind: log.size for kind, log in self.verified.logs.items()}
        self.roots = {kind: log.root.hex() for kind, log in self.verified.logs.items()}

    def entry(self, entry: bytes) -> tuple:
        """Time, text, statement and signatures of one."""
        time, body = nightbell_verify.parse_entry(entry)
        return time, *self.verified.parse_body("activity", body)

    def facts(self, message: str) -> list[dict]:
        """Every receipt and event about a message, as `sent` and `audit message` tell them."""
        return [fact for fact in map(self.fact, range(len(self.entries))) if fact["message"] == message]

    def fact(self, place: int) -> dict:
        """What one entry says, in the words of the client's JSON."""
        time, _, statement, _ = self.entries[place]
        kind = statement.type.removeprefix("event ")
        if kind == "roster":
            return {"message": None, "action": kind, "device": None, "index": place, "time": time}
        device = None if kind in ("manifest", "unanswered") else statement["device"]
        action = statement["action"] if kind == "receipt" else kind
        return {"message": statement["message"], "action": action, "device": device, "index": place, "time": time}

    def recipients(self, message: str) -> set[str]:
        """The devices that a message was sealed to."""
        return {row[0] for _, _, statement, _ in self.entries
                if statement.type == "manifest" and statement["message"] == message for row in statement.rows["to"]}

    def milliseconds(self, first: int, second: int) -> int:
        """Log time between two entries."""
        begin, end = (datetime.fromisoformat(self.entries[place][0]) for place in (first, second))
        return round((end - begin).total_seconds() * 1000)
