"""Looks for what must not be found: every word of the calls and every secret of the people, in whatever form."""

import base64
import hashlib
import re
from collections.abc import Iterable
from pathlib import Path

from claims import hold

SHORTEST = 8  # bytes: a shorter needle is found by chance
# The protocol's own words (urgent, human_operator): they say nothing of a patient.
VOCABULARY = re.compile(r"[a-z_]+")
# Nothing outside a text of people may hold an identifier of ours.
IDENTIFIER = re.compile(r"\b(?:org|mem|dev|inv|pk|msg)-[a-z2-7]{16,}")


def words(value: object) -> Iterable[str]:
    """Every text in a JSON value."""
    if isinstance(value, dict):
        for inner in value.values():
            yield from words(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from words(inner)
    elif isinstance(value, str):
        yield value


def aligned(data: bytes, encode, unit: int, group: int) -> Iterable[bytes]:
    """What an encoding of `data` in the middle of other bytes must contain, for each place that it can begin at."""
    for lead in range(unit):
        text = encode(b"\0" * lead + data)
        first = -(-lead * group // unit)
        whole = (lead + len(data)) // unit * group
        yield text[first:whole]


def forms(secret: bytes) -> dict[str, bytes]:
    """The forms in which it could have leaked, by name."""
    found = {"as it is": secret, "hex": secret.hex().encode(), "HEX": secret.hex().upper().encode(),
             "SHA-256": hashlib.sha256(secret).digest(), "SHA-256 in hex": hashlib.sha256(secret).hexdigest().encode(),
             "SHA-256 in base64": base64.b64encode(hashlib.sha256(secret).digest())}
    try:
        found["UTF-16"] = secret.decode().encode("utf-16-le")
    except UnicodeDecodeError:
        pass
    for name, encode, unit, group in (("base64", base64.b64encode, 3, 4), ("base64url", base64.urlsafe_b64encode, 3, 4),
                                      ("base32", lambda data: base64.b32encode(data).lower(), 5, 8)):
        for lead, text in enumerate(aligned(secret, encode, unit, group)):
            if len(text) >= SHORTEST:
                found[f"{name} from byte {lead}"] = text
    return found


class Canaries:
    """What to look for, by what it is."""

    def __init__(self):
        self.secrets: dict[str, bytes] = {}

    def add(self, what: str, secret: str | bytes):
        data = secret.encode() if isinstance(secret, str) else secret
        hold(len(data) >= SHORTEST, f"the demo's own secrets are long enough to be looked for ({what})")
        self.secrets[what] = data

    def add_texts(self, what: str, value: object, public: set[str]):
        """Every text of a record but the protocol's own words, and what is public anyway."""
        texts = {text for text in words(value) if not VOCABULARY.fullmatch(text)} - public
        for number, text in enumerate(sorted(texts)):
            self.add(f"{what}, text {number}", text)
            digits = re.sub(r"\D", "", text)
            if re.fullmatch(r"\+\d+", text):
                self.add(f"{what}, text {number}, digits", digits)

    def found_in(self, places: dict[str, bytes]) -> list[str]:
        """What is found where, in which form."""
        return [f"{what} ({form}) in {place}" for what, secret in self.secrets.items()
                for form, needle in forms(secret).items() for place, data in places.items() if needle in data]

    def control(self) -> int:
        """Plants every secret in every form, and finds it again: a search that finds nothing must be able to find.
        Gives how many forms there are."""
        count = 0
        for what, secret in self.secrets.items():
            planted = b"\x17before\x00" + secret + b"\x00behind\x81"
            hides = {
                "plain": planted, "hex": planted.hex().encode(), "HEX": planted.hex().upper().encode(),
                "hash": b"".join((hashlib.sha256(secret).digest(), hashlib.sha256(secret).hexdigest().encode(),
                                  base64.b64encode(hashlib.sha256(secret).digest()))),
                "utf16": secret.decode("utf-8", "ignore").encode("utf-16-le"),
            }
            for lead in range(5):
                data = b"\x9c" * lead + secret + b"\x00behind\x81"
                hides[f"encoded {lead}"] = b" ".join(
                    (base64.b64encode(data), base64.urlsafe_b64encode(data), base64.b32encode(data).lower()))
            for form, needle in forms(secret).items():
                hold(any(needle in data for data in hides.values()), f"the search finds {what} ({form}) where it is")
                count += 1
        return count


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    return {str(path.relative_to(folder.parent)): path.read_bytes()
            for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink()}
