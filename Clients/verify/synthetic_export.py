"""Builds small organisations and exports them, for the tests of the reader.

Written from the protocol's page and the plain recursive definitions of RFC 6962; it shares no code with the reader.
Every key comes from a fixed label, every clock step is one second: the same calls give the same bytes.
"""

import base64
import hashlib
import os
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


def sha(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def hexed(label: str) -> str:
    """Some hash, where any will do."""
    return sha(label.encode()).hex()


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def b32(data: bytes) -> str:
    return base64.b32encode(data).decode().lower().rstrip("=")


def id20(prefix: str, data: bytes) -> str:
    return prefix + b32(sha(data)[:20])


def tree_hash(entries: list[bytes], start: int, end: int, memo: dict) -> bytes:
    """MTH(D[start:end]), RFC 6962 section 2.1. Entries are only ever appended, so every answer keeps."""
    if (start, end) not in memo:
        if end - start == 0:
            return sha(b"")
        if end - start == 1:
            memo[start, end] = sha(b"\x00" + entries[start])
        else:
            split = 1
            while split * 2 < end - start:
                split *= 2
            memo[start, end] = sha(b"\x01" + tree_hash(entries, start, start + split, memo)
                                   + tree_hash(entries, start + split, end, memo))
    return memo[start, end]


def tiled(entries: list[bytes], memo: dict) -> dict[str, bytes]:
    """The tiles and entry bundles of a log, c2sp.org/tlog-tiles."""
    def name(index: int) -> str:
        digits = str(index).rjust((len(str(index)) + 2) // 3 * 3, "0")
        groups = [digits[i:i + 3] for i in range(0, len(digits), 3)]
        return "/".join(["x" + group for group in groups[:-1]] + groups[-1:])

    files, level, span = {}, 0, 1
    while span <= len(entries):
        count = len(entries) // span
        for index in range(0, count, 256):
            width = min(256, count - index)
            suffix = name(index // 256) + ("" if width == 256 else f".p/{width}")
            hashes = [tree_hash(entries, i * span, (i + 1) * span, memo) for i in range(index, index + width)]
            files[f"tile/{level}/{suffix}"] = b"".join(hashes)
            if level == 0:
                files[f"tile/entries/{suffix}"] = b"".join(
                    len(entry).to_bytes(2, "big") + entry for entry in entries[index:index + width])
        level, span = level + 1, span * 256
    return files


class Signer:
    """An Ed25519 key with the name under which it signs notes."""

    def __init__(self, label: str, name: str | None = None, prefix: str = "dev-"):
        self.private = Ed25519PrivateKey.from_private_bytes(sha(b"signer " + label.encode()))
        self.public = self.private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.name = name or id20(prefix, self.public)
        self.member = ""

    def payload(self, text: str) -> bytes:
        key_id = sha(self.name.encode() + b"\n\x01" + self.public)[:4]
        return key_id + self.private.sign(text.encode())

    def line(self, text: str) -> str:
        return f"\u2014 {self.name} {b64(self.payload(text))}\n"

    @property
    def vkey(self) -> str:
        return f"{self.name}+{self.payload('')[:4].hex()}+{b64(bytes([1]) + self.public)}"


class WeakSigner(Signer):
    """Signs with no nonce at all: R is the neutral point, and whoever sees the signature can compute the key."""

    def payload(self, text: str) -> bytes:
        secret = int.from_bytes(hashlib.sha512(self.private.private_bytes_raw()).digest()[:32], "little")
        secret = secret & (1 << 254) - 8 | 1 << 254  # RFC 8032 section 5.1.5
        r, order = (1).to_bytes(32, "little"), 2**252 + 27742317777372353535851937790883648493
        k = int.from_bytes(hashlib.sha512(r + self.public + text.encode()).digest(), "little")
        key_id = sha(self.name.encode() + b"\n\x01" + self.public)[:4]
        return key_id + r + (k * secret % order).to_bytes(32, "little")


class Witness(Signer):
    """Whoever cosigns checkpoints: c2sp.org/tlog-cosignature, type byte 0x04."""

    @property
    def key_id(self) -> bytes:
        return sha(self.name.encode() + b"\n\x04" + self.public)[:4]

    @property
    def vkey(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{b64(bytes([4]) + self.public)}"

    def line(self, text: str, seconds: int = 1_800_000_000) -> str:
        signature = self.private.sign(f"cosignature/v1\ntime {seconds}\n{text}".encode())
        return f"\u2014 {self.name} {b64(self.key_id + seconds.to_bytes(8, 'big') + signature)}\n"


class HybridKey:
    """The public halves of a recovery or audit key; nothing here opens anything, so any bytes will do."""

    def __init__(self, label: str):
        self.x25519 = sha(label.encode())
        self.mlkem = b"".join(sha(f"{label} {i}".encode()) for i in range(37))
        self.name_it()

    def name_it(self):
        self.id = id20("pk-", self.x25519 + self.mlkem)
        self.fields = f"{self.id} {b64(self.x25519)} {b64(self.mlkem)}"

    def with_half(self, half: str, other: "HybridKey") -> "HybridKey":
        """The same with one half, `x25519` or `mlkem`, of another."""
        setattr(self, half, getattr(other, half))
        self.name_it()
        return self


def member_id(label: str) -> str:
    return "mem-" + b32(sha(label.encode())[:10])


def message_id(label: str) -> str:
    return "msg-" + b32(sha(label.encode())[:16])


class Organisation:
    """An organisation and its relay in one hand. For a lie pass `edit`, which changes a text before it is signed."""

    def __init__(self, relay: str = "relay.example:8443"):
        self.relay, self.clock, self.salts = relay, datetime(2026, 11, 23, 3, 7, 9, 250_000), 0
        self.entries: dict[str, list[bytes]] = {"roster": [], "activity": []}
        self.memos: dict[str, dict] = {"roster": {}, "activity": {}}
        self.log_keys = {log: Signer(f"log {log}", "to be named") for log in self.entries}
        self.recovery, self.recovery_key = HybridKey("recovery"), Signer("recovery", "recovery")
        self.audit: HybridKey | None = None
        self.current: dict[str, str] = {}
        self.receipts: dict[str, tuple[int, str]] = {}
        self.admins: list[Signer] = []
        self.id = ""

    # What every statement needs

    def time(self, seconds: float = 0) -> str:
        return (self.clock + timedelta(seconds=seconds)).isoformat(timespec="milliseconds") + "Z"

    def root(self, log: str) -> bytes:
        return tree_hash(self.entries[log], 0, len(self.entries[log]), self.memos[log])

    def checkpoint(self, log: str, size: int | None = None, root: bytes | None = None) -> str:
        size, root = size or len(self.entries[log]), root or self.root(log)
        return f"{self.log_keys[log].name}\n{size}\n{b64(root)}\n"

    def seen(self, log: str, size: int | None = None, root: bytes | None = None) -> str:
        size, root = size or len(self.entries[log]), root or self.root(log)
        return f"seen {log} {size} {root.hex()} {b64(self.log_keys[log].payload(self.checkpoint(log, size, root)))}\n"

    def append(self, log: str, body: bytes, at: str | None = None):
        self.clock += timedelta(seconds=1)
        self.entries[log].append(f"nightbell.entry/v1 {at or self.time()}\n".encode() + body)

    def log(self, log: str, text: str, signers: list[Signer], edit=None, at: str | None = None) -> str:
        text = edit(text) if edit else text
        self.append(log, (text + ("\n" + "".join(s.line(text) for s in signers) if signers else "")).encode(), at)
        return hexed(text)

    def roster_statement(self, kind: str, lines: str, signers: list[Signer], announce=True, seen=None, **more) -> str:
        text = f"nightbell.{kind}/v1\norg {self.id}\n{seen or self.seen('roster')}at {self.time()}\n{lines}"
        if kind in ("member", "revoke", "admins"):
            signers = sorted(signers, key=lambda signer: signer.name)
        result = self.log("roster", text, signers, **more)
        if announce:
            self.announce()
        return result

    def event(self, kind: str, lines: str, edit=None, **more) -> str:
        self.salts += 1
        salt = b64(sha(f"salt {self.salts}".encode())[:16])
        text = f"nightbell.event/v1\norg {self.id}\nkind {kind}\nsalt {salt}\n{lines}"
        return self.log("activity", text, [], edit, **more)

    def announce(self):
        self.event("roster", f"roster {len(self.entries['roster'])} {self.root('roster').hex()}\n")

    # The roster

    def found(self, admins: int = 2, quorum: int = 2, edit=None, name_logs=True):
        self.admins = sorted((Signer(f"admin {i}") for i in range(admins)), key=lambda signer: signer.name)
        for i, signer in enumerate(self.admins):
            signer.member = member_id(f"admin {i}")
        members = sorted((signer.member, f"Admin {i}") for i, signer in enumerate(self.admins))
        text = "".join([
            "nightbell.genesis/v1\nname Nordbyen legevakt\n", f"relay {self.relay}\n",
            *(f"log {log} {b64(key.public)}\n" for log, key in self.log_keys.items()), f"at {self.time()}\n",
            *(f"member {member} {name}\n" for member, name in members),
            *(f"admin {s.name} {s.member} {b64(s.public)} debian-12 Desk of {i}\n" for i, s in enumerate(self.admins)),
            f"recovery {self.recovery.id} {b64(self.recovery_key.public)} {self.recovery.fields.split(' ', 1)[1]}\n",
            f"audit none\nquorum {quorum}\nlock-after 900\nlifespan 86400 604800\nretention 2192\ncover 43200\n",
            "quota claims 60 10\nquota messages 3600\nquota queue 10000 268435456\nalert emergent 120 300\n",
            "alert urgent 300 900\nalert same_day 1800 7200\nalert routine 0 0\nreopen 14400\npush alert\n",
            "write provider provider\nwrite provider intake\nwrite intake provider\nwrite admin provider\n",
        ])
        text = edit(text) if edit else text
        self.id = id20("org-", text.encode())
        for log, key in self.log_keys.items():
            key.name = f"{self.relay}/{self.id}/{log}" if name_logs else key.name
        genesis = self.log("roster", text, self.admins)
        self.current = {"admins": genesis} | {signer.member: genesis for signer in self.admins}
        self.announce()

    def member(self, label: str, roles: str, status="active", signers=None, replaces=None, name=None, **more) -> str:
        member = member_id(label)
        signers = signers or (self.admins if {"auditor", "gateway"} & set(roles.split()) else self.admins[:1])
        lines = (f"replaces {replaces or self.current.get(member, 'none')}\nmember {member}\nname {name or label}\n"
                 f"roles {roles}\nstatus {status}\n")
        self.current[member] = self.roster_statement("member", lines, signers, **more)
        return member

    def invite(self, label: str, member: str, signers=None, expires: str | None = None, **more) -> Signer:
        key = Signer(f"invitation {label}", prefix="inv-")
        expires = expires or self.time(86_400)
        lines = f"member {member}\ninvitation {key.name}\nkey {b64(key.public)}\nexpires {expires}\n"
        self.roster_statement("invitation", lines, signers or self.admins[:1], **more)
        key.member = member
        return key

    def enrol(self, label: str, invitation: Signer, member="", signers=None, device=None, **more) -> Signer:
        device = device or Signer(f"device {label}")
        device.member = member or invitation.member
        lines = (f"member {device.member}\ninvitation {invitation.name}\ndevice {device.name}\n"
                 f"key {b64(device.public)}\nplatform debian-12\nlabel Telefon til {label} \u00f8\n")
        self.roster_statement("enrol", lines, signers or [device, invitation], **more)
        return device

    def revoke(self, target: str, signers=None, **more):
        lines = f"revokes {target}\nreason lost in the ward\n"
        self.roster_statement("revoke", lines, signers or self.admins[:1], **more)

    def set_admins(self, admins=None, quorum=2, audit: HybridKey | None = None, recovery=None, signers=None,
                   witnesses: list[Witness] | None = None, demanded: int | None = None, **more):
        vkeys = sorted(witness.vkey for witness in witnesses or [])
        admins = sorted(admins or self.admins, key=lambda signer: signer.name)
        recovery, key = recovery or (self.recovery, self.recovery_key)
        lines = "".join([
            f"replaces {self.current['admins']}\n", *(f"admin {s.name} {s.member}\n" for s in admins),
            f"quorum {quorum}\naudit {audit.fields if audit else 'none'}\n",
            f"recovery {recovery.id} {b64(key.public)} {recovery.fields.split(' ', 1)[1]}\n",
            "next-log roster none\nnext-log activity none\n",
            *(f"witness {vkey}\n" for vkey in vkeys or ["none"]),
            f"cosignatures {len(vkeys) if demanded is None else demanded}\n" if vkeys else "",
        ])
        self.current["admins"] = self.roster_statement("admins", lines, signers or self.admins, **more)
        self.audit = audit

    # The activity

    def manifest(self, label: str, sender: Signer, to: list[Signer], without: dict[str, str] | None = None,
                 reference="", edit=None, signers=None, seen=None, member=None, served=True, **more) -> tuple[str, str]:
        """Logs a manifest and that it was served; gives message id and manifest hash."""
        message = message_id(label)
        to = sorted(to, key=lambda device: device.name)
        capsule = f"{self.audit.id} {hexed('capsule' + label)}" if self.audit else "none"
        sealed = f" {hexed('key' + label)} 1064 {hexed('sealed' + label)}" if self.audit else ""
        text = "".join([
            f"nightbell.manifest/v1\norg {self.id}\n{seen or self.seen('roster') + self.seen('activity')}",
            f"message {message}\nsuite 1\nsender {sender.name}\nat {self.time()}\nexpires {self.time(86_400)}\n",
            f"urgency urgent\nmember {member or to[0].member}\n{reference}commit {hexed('commit' + label)}\n",
            *(f"to {d.name} 0 0 {id20('pk-', d.public + label.encode())} {hexed(d.name + label)}\n" for d in to),
            *(f"without {device} {reason}\n" for device, reason in sorted((without or {}).items())),
            f"recovery {self.recovery.id} {hexed('recovery' + label)}\ncapsule {capsule}{sealed}\n",
            f"alert 552 {hexed('alert' + label)}\ncontent 552 {hexed('content' + label)}\n",
            f"attachment 65577 {hexed('attachment' + label)}\n",
        ])
        binding = "".join([
            f"nightbell.binding/v1\norg {self.id}\nmessage {message}\nsuite 1\nsender {sender.name}\n",
            f"commit {hexed('commit' + label)}\n",
            *(f"to {d.name} {id20('pk-', d.public + label.encode())}\n" for d in to),
            f"recovery {self.recovery.id}\ncapsule {capsule}\n",
        ])
        hash = self.log("activity", text + f"binding {hexed(binding)}\n", signers or [sender], edit, **more)
        for device in to if served else []:
            self.serve(device, message)
        return message, hash

    def serve(self, device: Signer, message: str, what="envelope"):
        self.event("served", f"device {device.name}\nmessage {message}\nwhat {what}\n")

    def receipt(self, device: Signer, message: tuple[str, str], action: str, reason="none", number=None, previous=None,
                signers=None, seen=None, **more):
        last, hash = self.receipts.get(device.name, (0, "none"))
        number, previous = number or last + 1, previous or hash
        only = {"delivered": "capsule agrees\n", "filed": f"filed {hexed('an id in another system')}\n"}
        text = "".join([
            f"nightbell.receipt/v1\norg {self.id}\n{seen or self.seen('roster') + self.seen('activity')}",
            f"message {message[0]}\nmanifest {message[1]}\ndevice {device.name}\naction {action}\nreason {reason}\n",
            f"{only.get(action, '')}at {self.time()}\nnumber {number}\nprevious {previous}\nsteps {hexed(f'steps {number}')}\n",
        ])
        self.receipts[device.name] = number, self.log("activity", text, signers or [device], **more)

    def access(self, auditor: Signer, kind: str, subject: str, signer: str | None = None, signers=None, seen=None, **more):
        text = "".join([
            f"nightbell.access/v1\norg {self.id}\n{seen or self.seen('roster') + self.seen('activity')}",
            f"signer {signer or auditor.name}\nkind {kind}\nsubject {subject}\nreason routine_review\nat {self.time()}\n",
        ])
        self.log("activity", text, signers or [auditor], **more)

    # The export

    def cosigned(self, log: str, witness: Witness, size: int | None = None, root: bytes | None = None, **more) -> bytes:
        """A checkpoint of a size with the log's signature and a witness's."""
        size = size or len(self.entries[log])
        text = self.checkpoint(log, size, root or tree_hash(self.entries[log], 0, size, self.memos[log]))
        return f"{text}\n{self.log_keys[log].line(text)}{witness.line(text, **more)}".encode()

    def export(self) -> dict[str, bytes]:
        files = {}
        for log, entries in self.entries.items():
            text = self.checkpoint(log, root=tree_hash(entries, 0, len(entries), memo := {}))
            files[f"{log}/checkpoint"] = f"{text}\n{self.log_keys[log].line(text)}".encode()
            files[f"{log}/log.vkey"] = f"{self.log_keys[log].vkey}\n".encode()
            files |= {f"{log}/{path}": data for path, data in tiled(entries, memo).items()}
        return files


def write(files: dict[str, bytes], directory: str):
    for name, data in files.items():
        path = os.path.join(directory, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(data)


class Practice(Organisation):
    """Two admins, an intake desk, a clinician with two devices, an auditor; a page, receipts, a reply, a revocation."""

    def __init__(self):
        super().__init__()
        self.found()
        self.desk = self.join("Desk", "intake")
        self.clinician = self.join("Dr. \u017dofie", "provider")
        invitation = self.invite("tablet", self.clinician.member, [self.admins[0], self.clinician])
        self.tablet = self.enrol("tablet", invitation)
        self.auditor = self.join("Revisor", "auditor")
        self.set_admins(audit=HybridKey("audit"))
        self.event("fallback", f"device {self.tablet.name}\nmessage {message_id('page')}\nprekey {HybridKey('f').id}\n")
        for change in ("added", "proven"):
            self.event("subscription", f"device {self.tablet.name}\ntransport web_push\nchange {change}\n")
        self.page = self.manifest("page", self.desk, [self.clinician, self.tablet])
        self.event("pushed", f"device {self.tablet.name}\nmessage {self.page[0]}\ntransport web_push\nattempt 1\n"
                             "outcome accepted\n")
        self.receipt(self.clinician, self.page, "delivered")
        self.serve(self.tablet, self.page[0])  # again: it never said that it has it
        self.receipt(self.clinician, self.page, "read")
        self.receipt(self.clinician, self.page, "acknowledged", "calling_now")
        self.serve(self.desk, self.page[0], "notice")
        reference = f"in-reply-to {self.page[0]}\n"
        self.reply = self.manifest("reply", self.clinician, [self.desk], reference=reference)
        self.receipt(self.desk, self.reply, "delivered")
        self.access(self.auditor, "patient", f"query {self.audit.id} {hexed('question')}")
        self.access(self.auditor, "evidence", f"message {self.page[0]}")
        self.access(self.recovery_key, "report", "none")
        self.revoke(self.tablet.name)
        self.event("undeliverable", f"device {self.tablet.name}\nmessage {self.page[0]}\nreason revoked\n")
        self.event("unanswered", f"message {self.reply[0]}\n")

    def join(self, name: str, roles: str) -> Signer:
        return self.enrol(name, self.invite(name, self.member(name, roles)))
