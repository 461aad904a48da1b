"""Nightbell's texts, read strictly: what their writer would not have written byte for byte is refused.

The layouts follow the protocol's own page (Protocol.md), line by line.
"""

import base64
import ipaddress
import re
import unicodedata
from datetime import datetime

from tlog import Refused, Witness, decoded, from_base64, is_key_name, is_valid_point, require, sha256

ROLES = ("provider", "intake", "admin", "auditor", "gateway")
MINUTE, DAY = 60_000, 86_400_000  # milliseconds

# How a field is written. A message id has 128 bits of 130: the last two are zero.
KINDS = {
    "ORG": "org-[a-z2-7]{32}",
    "DEV": "dev-[a-z2-7]{32}",
    "INV": "inv-[a-z2-7]{32}",
    "PK": "pk-[a-z2-7]{32}",
    "MEM": "mem-[a-z2-7]{16}",
    "MSG": "msg-[a-z2-7]{25}[aeimquy4]",
    "HASH": "[0-9a-f]{64}",
    "INT": "0|[1-9][0-9]{0,15}",
    "TIME": "[0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9][.][0-9]{3}Z",
    "TEXT": ".+",
    "WORD": "[a-z0-9._-]{1,32}",
    "ROLE": "|".join(ROLES),
    "ROLES": "[a-z ]+",
    "RELAY": r"(?:\[[0-9a-f:.]+\]|[a-z0-9.-]{1,253})(?::[1-9][0-9]{0,4})?",  # and what `is_relay` says
    "SALT": "[A-Za-z0-9+/]{22}==",  # 16 bytes in base64
    "KEY": "[A-Za-z0-9+/]{43}=",  # 32
    "EDKEY": "[A-Za-z0-9+/]{43}=",  # a signing key
    "SIG": "[A-Za-z0-9+/]{91}=",  # 68
    "VKEY": r"[^\s+]+[+][0-9a-f]{8}[+][A-Za-z0-9+/]+={0,2}",  # name, key id, type and key
    "NONE": "[^ ]+",  # `none`, and in later versions another field
    "NONES": ".+",  # or several
    "KIND": ".+",  # of an event, which a later version may know
    "KEM": "[A-Za-z0-9+/]{1579}=",  # 1,184
}

# One line each: key and fields. Marks: `+` one or more, `*` any number, `?` at most one; ` | ` parts forms, `/` words.
LAYOUTS = {
    "genesis": """
        name TEXT
        relay RELAY
        log roster EDKEY
        log activity EDKEY
        at TIME
        member+ MEM TEXT
        admin+ DEV MEM EDKEY WORD TEXT
        recovery none | PK EDKEY KEY KEM
        audit NONES
        quorum INT
        lock-after INT
        lifespan INT INT
        retention INT
        cover INT
        quota claims INT INT
        quota messages INT
        quota queue INT INT
        alert emergent INT INT
        alert urgent INT INT
        alert same_day INT INT
        alert routine INT INT
        reopen INT
        push alert/constant
        write* ROLE ROLE""",
    "member": """
        org ORG
        seen roster INT HASH SIG
        at TIME
        replaces none | HASH
        member MEM
        name TEXT
        roles none | ROLES
        status active/suspended""",
    "invitation": """
        org ORG
        seen roster INT HASH SIG
        at TIME
        member MEM
        invitation INV
        key EDKEY
        expires TIME""",
    "enrol": """
        org ORG
        seen roster INT HASH SIG
        at TIME
        member MEM
        invitation INV
        device DEV
        key EDKEY
        platform WORD
        label TEXT""",
    "revoke": """
        org ORG
        seen roster INT HASH SIG
        at TIME
        revokes DEV | INV | HASH
        reason TEXT""",
    "admins": """
        org ORG
        seen roster INT HASH SIG
        at TIME
        replaces HASH
        admin+ DEV MEM
        quorum INT
        audit none | PK KEY KEM
        recovery none | PK EDKEY KEY KEM
        next-log roster NONE
        next-log activity NONE
        witness+ none | VKEY
        cosignatures? INT""",
    "manifest": """
        org ORG
        seen roster INT HASH SIG
        seen activity INT HASH SIG
        message MSG
        suite INT
        sender DEV
        at TIME
        expires TIME
        urgency emergent/urgent/same_day/routine
        member MEM
        in-reply-to? MSG
        forward-of? MSG
        commit HASH
        to+ DEV INT INT PK HASH
        without* DEV no_prekey/queue_full
        recovery none | PK HASH
        capsule none | PK HASH HASH INT HASH
        alert INT HASH
        content INT HASH
        attachment* INT HASH
        binding HASH""",
    "receipt": """
        org ORG
        seen roster INT HASH SIG
        seen activity INT HASH SIG
        message MSG
        manifest HASH
        device DEV
        action delivered/read/acknowledged/declined/handed_off/closed/filed/disclosed/undecryptable
        reason WORD
        capsule? agrees/differs/none
        filed? HASH
        at TIME
        number INT
        previous none | HASH
        steps HASH""",
    "access": """
        org ORG
        seen roster INT HASH SIG
        seen activity INT HASH SIG
        signer recovery | DEV
        kind message/patient/device/member/breach/report/evidence/capsules
        subject none | message MSG | query PK HASH | query DEV HASH
        reason treatment/payment/operations/patient_request/legal/investigation/routine_review
        at TIME""",
    "evidence": """
        org ORG
        seen roster INT HASH SIG
        seen activity INT HASH SIG
        message MSG
        device DEV
        at TIME
        parts INT HASH""",
    "head": """
        org ORG
        time TIME
        roster INT HASH
        activity INT HASH
        device none | DEV
        queue? INT INT HASH
        one-time? INT""",
    # What every event begins with.
    "event": "org ORG\nkind KIND\nsalt SALT",
    "event roster": "org ORG\nkind roster\nsalt SALT\nroster INT HASH",
    "event served": "org ORG\nkind served\nsalt SALT\ndevice DEV\nmessage MSG\nwhat envelope/notice",
    "event undeliverable": "org ORG\nkind undeliverable\nsalt SALT\ndevice DEV\nmessage MSG\n"
                           "reason revoked/no_prekey/queue_full",
    "event fallback": "org ORG\nkind fallback\nsalt SALT\ndevice DEV\nmessage MSG\nprekey PK",
    "event unanswered": "org ORG\nkind unanswered\nsalt SALT\nmessage MSG",
    "event pushed": "org ORG\nkind pushed\nsalt SALT\ndevice DEV\nmessage MSG\ntransport web_push/apns/fcm\n"
                    "attempt INT\noutcome accepted/gone/rejected/unauthorized/later",
    "event subscription": "org ORG\nkind subscription\nsalt SALT\ndevice DEV\ntransport web_push/apns/fcm\n"
                          "change added/proven/removed/dropped",
}
TYPES_OF = {
    "roster": ("genesis", "member", "invitation", "enrol", "revoke", "admins"),
    "activity": ("manifest", "receipt", "access", *(name for name in LAYOUTS if name.startswith("event "))),
}
# Types that stand in no log, or in no such text.
ELSEWHERE = ("prekey", "alert", "audit-key", "binding", "wrap", "entry")
# The types that have layouts, wherever their texts stand.
KNOWN = {name.split(" ")[0] for name in LAYOUTS}
# How many lines of a key there may be.
MOST = {("manifest", "attachment"): 10, ("admins", "witness"): 16}
# Repeated lines stand in the order of this key, none twice.
ORDERS = {
    "member": lambda row: row[0],
    "admin": lambda row: row[0],
    "without": lambda row: row[0],
    "to": lambda row: (row[1], row[0]),
    "write": lambda row: [ROLES.index(role) for role in row],
}


# Lines whose first field is the hash of keys beside it: how it begins, and the keys.
IDENTIFIED = {
    ("genesis", "admin"): ("dev-", slice(2, 3)),
    ("genesis", "recovery"): ("pk-", slice(2, 4)),
    ("admins", "recovery"): ("pk-", slice(2, 4)),
    ("admins", "audit"): ("pk-", slice(1, 3)),
}


class UnknownType(Refused):
    """A newer type: nothing after it can be judged."""


def compiled(layout: str):
    """Per line: key, mark, and for each form a pattern with the kinds of its groups."""
    def pattern(token: str) -> str:
        return f"({KINDS[token]})" if token in KINDS else f"({token.replace('/', '|')})" if "/" in token else token

    for line in layout.strip().split("\n"):
        key, forms = line.strip().split(" ", 1)
        name = key.rstrip("+*?")
        tokens = [form.split(" ") for form in forms.split(" | ")]
        yield name, key[len(name):], [
            (re.compile(" ".join(map(pattern, form))), [token for token in form if token in KINDS or "/" in token])
            for form in tokens]


COMPILED = {name: list(compiled(layout)) for name, layout in LAYOUTS.items()}


def identifier(prefix: str, data: bytes) -> str:
    """The prefix and the first 20 bytes of SHA-256, in lower-case base32."""
    return prefix + base64.b32encode(sha256(data)[:20]).decode().lower()


def milliseconds(time: str) -> int:
    """Since 1970; the calendar must have such a day."""
    try:
        since = datetime.fromisoformat(time[:-1]) - datetime(1970, 1, 1)
    except ValueError:
        raise Refused("malformed", "there is no such time") from None
    require(since.days >= 0, "malformed", "a time lies before 1970")
    return since.days * DAY + since.seconds * 1000 + since.microseconds // 1000


# Format characters since Unicode 15, which an older Python does not know: controls of Egyptian hieroglyphs.
LATER_FORMATS = range(0x13439, 0x13440)


def is_printable(value: str) -> bool:
    """Without controls, formats and separators of lines, no blank at either end."""
    return (value == value.strip()
            and not any(unicodedata.category(character) in ("Cc", "Cf", "Zl", "Zp") or ord(character) in LATER_FORMATS
                        for character in value))


# Texts are of Unicode 14.0, for what is NFC is settled for assigned characters alone. That is what Python 3.11 knows; what later
# versions assigned, to 17.0, a later Python must leave out.
UNICODE, UNICODE_LATER = (14, 0), (17, 0)
LATER = [range(int(first, 16), int(last or first, 16) + 1) for first, _, last in (span.partition("-") for span in """
    88f 897 c5c cdc cf3 ece 1acf-1add 1ae0-1aeb 1b4e-1b4f 1b7f 1c89-1c8a 20c1 2427-2429 2b96 2ffc-2fff 31e4-31e5 31ef
    a7cb-a7cf a7d2 a7d4 a7da-a7dc a7f1 fbc3-fbd2 fd90-fd91 fdc8-fdce 105c0-105f3 10940-10959 10d40-10d65 10d69-10d85
    10d8e-10d8f 10ec2-10ec7 10ed0-10ed8 10efa-10eff 1123f-11241 11380-11389 1138b 1138e 11390-113b5 113b7-113c0 113c2
    113c5 113c7-113ca 113cc-113d5 113d7-113d8 113e1-113e2 116d0-116e3 11b00-11b09 11b60-11b67 11bc0-11be1 11bf0-11bf9
    11db0-11ddb 11de0-11de9 11f00-11f10 11f12-11f3a 11f3e-11f5a 1342f 13439-13455 13460-143fa 16100-16139 16d40-16d79
    16ea0-16eb8 16ebb-16ed3 16ff2-16ff6 187f8-187ff 18cff 18d09-18d1e 18d80-18df2 1b132 1b155 1cc00-1ccfc 1cd00-1ceb3
    1ceba-1ced0 1cee0-1cef0 1d2c0-1d2d3 1df25-1df2a 1e030-1e06d 1e08f 1e4d0-1e4f9 1e5d0-1e5fa 1e5ff 1e6c0-1e6de
    1e6e0-1e6f5 1e6fe-1e6ff 1f6d8 1f6dc 1f774-1f77f 1f7d9 1f8b2-1f8bb 1f8c0-1f8c1 1f8d0-1f8d8 1fa54-1fa57 1fa75-1fa77
    1fa87-1fa8a 1fa8e-1fa8f 1faad-1faaf 1fabb-1fabf 1fac6 1fac8 1facd-1facf 1fada-1fadc 1fadf 1fae8-1faea 1faef
    1faf7-1faf8 1fbcb-1fbef 1fbfa 2b739-2b73f 2cea2-2cead 2ebf0-2ee5d 31350-33479
""".split())]
TABLES = tuple(int(number) for number in unicodedata.unidata_version.split(".")[:2])


def is_assigned(character: str) -> bool:
    """By Unicode 14.0, as far as this Python's tables tell."""
    return character < "\x7f" or unicodedata.category(character) != "Cn" and not any(ord(character) in span for span in LATER)


def is_plain_text(value: str) -> bool:
    """1-256 bytes of NFC that can be printed."""
    return (0 < len(value.encode()) <= 256 and unicodedata.is_normalized("NFC", value) and is_printable(value)
            and all(map(is_assigned, value)))


def table_limits() -> tuple[str, ...]:
    """What this Python's tables cannot tell."""
    name = "texts: this Python's tables are of Unicode " + unicodedata.unidata_version
    if TABLES < UNICODE:
        return (f"{name}, and texts of 14.0: a character since then is refused that may stand there",)
    return (f"{name}: a character since 17.0 passes that may not stand there",) if TABLES > UNICODE_LATER else ()


def is_line(line: str) -> bool:
    """What every line of every version's text is: a key, a blank, a value."""
    key, _, value = line.partition(" ")
    return bool(re.fullmatch("[a-z][a-z0-9-]*", key)) and 0 < len(value.encode()) <= 2048 and is_printable(value)


def is_relay(value: str) -> bool:
    """`host` or `host:port`: labels of 1-63 letters, digits and inner hyphens (RFC 1123), or an IPv6 address in brackets."""
    host, port = re.fullmatch(r"(\[.*\]|[^:]*)(?::([0-9]+))?", value).groups()
    if port and int(port) >= 65_536:
        return False
    if not host.startswith("["):
        return all(re.fullmatch("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", label) for label in host.split("."))
    try:
        ipaddress.IPv6Address(host[1:-1])
    except ValueError:
        return False
    return True


def field(kind: str, value: str):
    """A field's value, after the checks that a pattern cannot make."""
    if kind in ("KEY", "SIG", "KEM", "SALT"):
        return from_base64(value)
    if kind == "EDKEY":
        require(is_valid_point(key := from_base64(value)), "bad_key", "a public key is no valid Ed25519 key")
        return key
    if kind in ("NONE", "NONES") and value != "none":
        raise UnknownType("unknown_type", "it holds what this reader knows only as `none`")
    if kind == "VKEY":
        name, _, key = value.split("+", 2)
        require(is_key_name(name), "malformed", "a witness's name is longer than 512 bytes")
        if from_base64(key)[0] != 4:
            raise UnknownType("unknown_type", "it names a witness whose key is of a type that this reader does not know")
        return Witness(value)
    if kind == "INT":
        require(int(value) < 2**53, "malformed", "an integer is 2^53 or more")
        return int(value)
    if kind == "TIME":
        milliseconds(value)
    elif kind == "TEXT":
        require(is_plain_text(value), "malformed", "a text is not 1-256 bytes of plain NFC without outer blanks")
    elif kind == "ROLES":
        roles = value.split(" ")
        require("admin" not in roles and set(roles) <= set(ROLES) and roles == sorted(set(roles), key=ROLES.index),
                "malformed", "the roles are not known ones in their order")
    elif kind == "RELAY":
        require(is_relay(value), "malformed", "the relay's name is no host, or has no such port")
    return value


class Statement:
    """A parsed text. `rows[key]` holds the fields of each line of that key, in order."""

    def __init__(self, text: bytes):
        lines = decoded(text).split("\n")
        require(lines.pop() == "" and len(lines) > 1, "malformed", "a text does not end with LF")
        self.hash = sha256(text).hex()
        try:
            self.read(lines)
        except UnknownType:
            # What has not the form of a text was written by no version.
            require(len(text) <= 65_000 and all(map(is_line, lines[1:])), "malformed", "a text is not lines of key and value")
            raise

    def read(self, lines: list[str]):
        first = re.fullmatch(r"nightbell\.([a-z-]+/v[1-9][0-9]{0,8})", lines[0])
        require(first and len(lines[0]) <= 64, "malformed", "the first line is not a type")
        self.type = first[1].removesuffix("/v1")
        if self.type == "event" and len(lines) > 2 and f"event {lines[2].removeprefix('kind ')}" in COMPILED:
            self.type += " " + lines[2].removeprefix("kind ")
        require(self.type not in ELSEWHERE, "malformed", "it is of a type that stands in no log")
        if self.type not in COMPILED:
            raise UnknownType("unknown_type", f"it is of a type that this reader does not know, {ascii(self.type)}")
        self.rows: dict[str, list[list]] = {}
        position = 1
        for key, mark, forms in COMPILED[self.type]:
            rows, start = self.rows.setdefault(key, []), position
            while position < len(lines) and lines[position].startswith(key + " "):
                position += 1
                rows.append(self.fields(lines[position - 1][len(key) + 1:], forms, position))
                if key == "suite" and rows[0] != [1]:
                    raise UnknownType("unknown_type", "it is sealed by a suite that this reader does not know")
                require(key != "lifespan" or 1 <= rows[0][0] <= rows[0][1], "malformed",
                        "the lifespan that is usual is none, or exceeds the longest")
                prefix, keys = IDENTIFIED.get((self.type, key), ("", slice(0)))
                require(not prefix or not rows[-1] or rows[-1][0] == identifier(prefix, b"".join(rows[-1][keys])),
                        "wrong_identifier", f"the id in line {position} is not that of the key beside it")
                require(len(rows) <= MOST.get((self.type, key), len(rows)), "malformed", f"there are too many `{key}` lines")
                if mark in ("", "?") or not rows[-1]:  # after `none` comes nothing of its kind
                    break
            require(position > start or mark in ("*", "?"), "malformed", f"line {position + 1} is not `{key}`")
            if key in ORDERS and mark in ("+", "*"):
                order = [ORDERS[key](row) for row in rows]
                require(all(a < b for a, b in zip(order, order[1:])), "malformed", f"the `{key}` lines lack order")
        if self.type == "event":
            raise UnknownType("unknown_type", "it is an event of a kind that this reader does not know")
        require(position == len(lines), "malformed", f"line {position + 1} does not belong to a {self.type}")

    def fields(self, value: str, forms, line: int) -> list:
        for pattern, kinds in forms:
            if len(value.encode()) <= 2048 and (match := pattern.fullmatch(value)):
                found = [(kind, field(kind, group)) for kind, group in zip(kinds, match.groups(), strict=True)]
                return [value for kind, value in found if kind not in ("NONE", "NONES")]
        raise Refused("malformed", f"line {line} of a {self.type} is not of a form that this reader knows")

    def __getitem__(self, key: str):
        """The first field of the first line of that key, or `None`: the line is absent or says `none`."""
        rows = self.rows[key]
        return rows[0][0] if rows and rows[0] else None
