#!/usr/bin/env python3
"""Verify an exported Nightbell organisation with nothing of Nightbell's own code.

    nightbell_verify.py DIR [--org org-…] [--json]

DIR is what `nightbell audit export DIR` wrote: two C2SP tlog-tiles directories, `roster/` and `activity/`. Everything
is recomputed from the entries; no stored hash is believed. Needs Python 3.11 and the package `cryptography`.
Exit: 0 verified, 65 verification failed, 64 usage or another organisation than --org names, 66 no export there, 77 no right to
read it, 78 the package is missing, or this program is too old, 1 what was found could not be written.

In reading order: program.py (how it ends), tlog.py (hashes, notes, trees), texts.py (statements), roster.py (who may sign), this file.
"""

import json
import os
import re
import stat
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timezone

try:
    from program import Parser, run  # first: it says which Python is needed
    from roster import Roster, Signatures
    from texts import DAY, KINDS, KNOWN, MINUTE, TYPES_OF, Statement, UnknownType, identifier, milliseconds, table_limits
    from tlog import (ANY_LINE, Key, Log, PartLog, Refused, check_signatures, checkpoint_text, parse_bundle, parse_note, require,
                      sha256, tile_path)
except ModuleNotFoundError as missing:
    print("nightbell_verify: error: %s.py is missing beside this program\nhint: copy the whole folder Clients/verify"
          % missing.name, file=sys.stderr)
    sys.exit(78)

LOGS = ("roster", "activity")
ENTRY = re.compile(rf"nightbell\.entry/v1 ({KINDS['TIME']})")
ATTACHMENT_CHUNK = 65_553  # bytes, sealed; 24 stand in front
CONTENT_SIZES, ALERT_SIZE, CAPSULE_SIZE = (552, 2_088, 8_232, 32_808, 65_576), 552, 1_064  # bytes, sealed
REASONS = {
    "acknowledged": ("calling_now", "will_call_by", "need_info"),
    "declined": ("not_mine", "unavailable"),
    "undecryptable": ("no_prekey", "commitment", "seal", "content", "padding", "attachment"),
}
# What a look of each kind may be at: identifiers' beginnings.
SUBJECTS = {
    "message": ("msg-",), "evidence": ("msg-",), "report": (None,), "capsules": (None,), "patient": ("pk-",),
    "device": ("pk-", "dev-"), "member": ("pk-", "dev-"), "breach": ("pk-", "dev-"),
}


def parse_entry(entry: bytes) -> tuple[str, bytes]:
    """`nightbell.entry/v1 <time>` LF, and what stands at that time."""
    header, _, body = entry.partition(b"\n")
    match = ENTRY.fullmatch(header.decode("ascii", "replace"))
    require(match and body, "malformed", "it does not begin with nightbell.entry/v1 and a time")
    milliseconds(match[1])
    return match[1], body


class Export(Mapping):
    """The files below a directory by relative path: plain files and directories that hold some, and nothing else."""

    MAXIMUM = 256 * (2 + 65_535)  # bytes of a full entry bundle

    def __init__(self, root: str):
        self.root, self.names = root, []
        folders = [""]
        while folders:
            folder = folders.pop()
            found = list(os.scandir(os.path.join(root, folder)))
            require(found, "unexpected_file", f"the directory {ascii(folder)} is empty")
            for entry in found:
                name, status = f"{folder}/{entry.name}".removeprefix("/"), entry.stat(follow_symlinks=False)
                if stat.S_ISDIR(status.st_mode):
                    folders.append(name)
                else:
                    require(stat.S_ISREG(status.st_mode), "unexpected_file", f"{ascii(name)} is not a plain file")
                    require(status.st_size <= self.MAXIMUM, "unexpected_file", f"{ascii(name)} is larger than a bundle")
                    self.names.append(name)

    def __getitem__(self, name: str) -> bytes:
        # It may have become another file since it was found: of a pipe, one would wait for a writer for ever.
        with open(os.open(os.path.join(self.root, name), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
            require(stat.S_ISREG(os.fstat(file.fileno()).st_mode), "unexpected_file", f"{ascii(name)} is not a plain file")
            return file.read(self.MAXIMUM + 1)

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.names)


class Verification:
    """Both logs, entry by entry. `findings` stays empty if and only if everything holds."""

    def __init__(self, organisation: str | None = None):
        self.pinned = organisation
        self.organisation: str | None = None  # once its genesis was found good
        self.theirs: str | None = None  # whose it is, when another organisation was named
        self.forbidden: str | None = None  # a file or folder that whoever runs this may not read
        self.ahead: int | None = None  # the event that names a longer roster than the one here: from there on nobody can judge
        self.findings: list[dict] = []
        self.counts: Counter[str] = Counter()
        self.signatures = 0  # statements' own
        self.logs: dict[str, Log] = {}
        self.roster = Roster()
        self.seen: set[tuple] = set()  # checkpoints that were found good
        self.in_force = 0  # size of the roster that the last `roster` event named
        self.now = ""  # time of the entry that is being judged
        self.manifests: dict[str, Statement] = {}  # by hash
        self.messages: set[str] = set()
        self.served: set[tuple[str, str]] = set()
        self.by_message: dict[str, Statement] = {}  # the first manifest of each message
        self.senders: dict[str, list[str]] = {}  # of a message: who sent it, and who what it carries on, the nearest first
        self.forwarders: set[tuple[str, str]] = set()  # message and a member whose message carries it on
        self.receipts: dict[str, tuple[int, str]] = {}  # device to number and hash of its last
        self.mentions: list[tuple[int, str]] = []  # events that name a message, which may be logged after them
        self.cosigned: dict[str, list[dict]] = {}  # by log: what witnesses cosigned of it
        self.later: dict[str, int] = {}  # by log: its first entry that a later version wrote, where judging ends

    @property
    def ok(self) -> bool:
        return not self.findings and not self.later

    def find(self, refused: Refused, log: str | None = None, entry: int | None = None, is_damage: bool = False):
        """Entries that are not those that were signed are nobody's word, nor are those without a genesis; and of halves of two
        moments nothing is known."""
        is_behind = log == "activity" and entry is not None and self.ahead is not None and entry >= self.ahead
        is_damage = is_damage or self.organisation is None or is_behind
        self.findings.append({"code": refused.code, "log": log, "entry": entry, "sentence": refused.sentence,
                              "severity": "damaged_copy" if is_damage else "broken_promise"})

    def run(self, files: Mapping[str, bytes]) -> "Verification":
        for name in files:
            if name.split("/")[0] not in LOGS:
                self.find(Refused("unexpected_file", f"{ascii(name)} has no place in an export"), is_damage=True)
        for kind in LOGS:
            try:
                self.logs[kind] = Log(files, kind)
            except Refused as refused:
                self.find(refused, kind, is_damage=True)
        if self.ok:  # what no checkpoint covers is not worth reading
            try:
                for log in self.logs.values():
                    if self.later.get("roster") != 0:  # a later version's genesis
                        self.read(log)
                if not self.later:  # what was not judged may be what is missing
                    self.finish()
                if "roster" not in self.later:  # whom a later version's roster names as witness, nobody here knows
                    for log in self.logs.values():
                        self.check_cosigned(log)
            except Refused as refused:
                # Of the files, what changed while they were read.
                self.find(refused, is_damage=refused.code in (
                    "empty_log", "roster_unnamed", "wrong_tile", "unexpected_file", "bad_bundle"))
        return self

    def read(self, log: Log):
        last, hashes = "", set()
        require(log.size, "empty_log", f"the {log.kind} log is empty")
        for place, entry in enumerate(log.entries()):
            try:
                time, body = parse_entry(entry)
                before, last = last, time  # also of what is refused: the next one is held against it
                text, statement, signatures = self.parse_body(log.kind, body)
                if self.is_beyond(statement):
                    return
                is_new = statement.hash not in hashes
                if log.kind == "activity":  # of a roster, what was refused is not there
                    hashes.add(statement.hash)
                hold(
                    log.kind == "activity",
                    lambda: require(time >= before, "time_runs_back", "its time lies before that of the entry before it"),
                    lambda: require(is_new, "logged_twice", "the same statement stands earlier in this log"),
                    lambda: self.judge(log, place, time, text, statement, signatures))
                hashes.add(statement.hash)
                self.counts[statement.type] += 1
                self.signatures += len(signatures)
            except UnknownType:
                self.later[log.kind] = place
                return
            except Refused as refused:
                self.find(refused, log.kind, place)
                if self.organisation is None:
                    raise Refused("stopped", "nothing after that entry could be judged") from None

    def is_beyond(self, statement: Statement) -> bool:
        """Whether it puts a roster in force that holds what a later version wrote."""
        size = statement.rows["roster"][0][0] if statement.type == "event roster" else 0
        return self.later.get("roster", size) < size <= self.logs["roster"].size

    @staticmethod
    def parse_body(log: str, body: bytes) -> tuple[bytes, Statement, Signatures]:
        """A note, or an event's text."""
        first = re.fullmatch(r"nightbell\.([a-z-]+)/v1", body.partition(b"\n")[0].decode("ascii", "replace"))
        known = first and first[1] in KNOWN
        require(not known or first[1] in [name.split(" ")[0] for name in TYPES_OF[log]], "wrong_log",
                f"a {known and first[1]} has no place in this log")
        try:
            text = body if known and first[1] == "event" else parse_note(body, ANY_LINE)[0]
        except Refused:
            # A later version may log texts that nobody signs, as events are. Types that are known are signed, in every form.
            require(log == "activity" and not known, "malformed", "it is no note")
            text = body
        statement = Statement(text)
        return text, statement, [] if statement.type.startswith("event ") else parse_note(body)[1]

    def judge(self, log: Log, place: int, time: str, text: bytes, statement: Statement, signatures: Signatures):
        """What holds for every statement, then what its type asks for."""
        self.now = time
        hold(
            log.kind == "activity",
            lambda: self.judge_any(log, place, time, text, statement, signatures),
            lambda: self.judge_type(log, place, time, text, statement, signatures))

    def judge_any(self, log: Log, place: int, time: str, text: bytes, statement: Statement, signatures: Signatures):
        """What holds for every statement."""
        if log.kind == "roster" and place == 0:
            require(statement.type == "genesis", "no_genesis", "the first entry is no genesis")
            self.roster.found(text, statement, signatures, self.logs)
            organisation = identifier("org-", text)
            self.theirs = None if self.pinned in (None, organisation) else organisation
            require(self.theirs is None, "wrong_organisation", f"this is {organisation}")
            self.organisation = organisation
        elif statement.type != "genesis":
            require(statement["org"] == self.organisation, "wrong_organisation", "it names another organisation")
        if signatures and statement.type != "receipt":
            late = milliseconds(time) - milliseconds(statement["at"])
            require(-5 * MINUTE <= late <= (5 * MINUTE if len(signatures) == 1 else 7 * DAY), "time_apart",
                    "its own time and that of its entry lie too far apart")
        limits = (place if log.kind == "roster" else self.in_force, place)
        for kind, row, limit in zip(LOGS, statement.rows.get("seen", []), limits):
            self.check_seen(self.logs[kind], *row, limit)

    def judge_type(self, log: Log, place: int, time: str, text: bytes, statement: Statement, signatures: Signatures):
        """What a statement's type asks for."""
        if log.kind == "roster":
            if place > 0:
                self.roster.apply(place, time, text, statement, signatures)
        elif statement.type == "event roster":
            self.judge_roster_event(place, *statement.rows["roster"][0])
        else:
            had_roster, self.in_force = self.in_force, max(1, self.in_force)  # told once: what follows is judged by the first
            if statement.type == "manifest":
                judge = lambda: self.judge_manifest(statement, text, signatures)
            elif statement.type == "receipt":
                judge = lambda: self.judge_receipt(statement, text, signatures)
            elif statement.type == "access":
                judge = lambda: self.judge_access(statement, text, signatures)
            else:
                judge = lambda: self.judge_event(place, statement)
            hold(True, lambda: require(had_roster, "no_roster", "no `roster` event stands before it"), judge)

    def check_seen(self, log: Log, size: int, root: str, payload: bytes, limit: int):
        """A checkpoint that a signer names must be signed by its log, and of this very history."""
        seen = (log.kind, size, root, payload)
        if seen not in self.seen:
            signed = log.key.verifies(payload, checkpoint_text(log.key.name, size, bytes.fromhex(root)))
            require(signed, "bad_seen", f"the signature of the {log.kind} checkpoint that it names does not verify")
        require(size > log.size or log.tree.root(size).hex() == root, "fork",
                f"it names another {log.kind} log of size {size}, signed by the relay: two histories, proven")
        require(0 < size <= limit, "seen_ahead", f"it names {size} entries of the {log.kind} log, which did not stand there yet")
        self.seen.add(seen)

    def judge_roster_event(self, place: int, size: int, root: str):
        """Also after a false one, what follows is judged by the size that it names."""
        if size > self.logs["roster"].size and self.ahead is None:
            self.ahead = place
        before, self.in_force = self.in_force, max(self.in_force, min(size, self.logs["roster"].size))
        require(before < size <= self.logs["roster"].size if before else size == 1, "bad_roster_event",
                "it does not name the roster's next size (1 at first, then larger, and not larger than there is)")
        require(self.logs["roster"].tree.root(size).hex() == root, "bad_roster_event",
                f"it names another root than that of the first {size} roster entries")

    def judge_event(self, place: int, event: Statement):
        if event.type == "event served" and event["what"] == "envelope":
            self.served.add((event["device"], event["message"]))
        if event.type != "event unanswered":
            require(event["device"] in self.roster.devices, "unknown_device", "it names a device that never enrolled")
        # Before a claim there need not be a message, and a subscription is about none.
        if event.type not in ("event fallback", "event subscription"):
            self.mentions.append((place, event["message"]))

    def judge_manifest(self, manifest: Statement, text: bytes, signatures: Signatures):
        require(manifest["message"] not in self.messages, "message_twice", "another manifest bears the same message id")
        # Whatever is wrong with it, what is said of it later is said of a message that stands there.
        self.note_message(manifest)
        check_signatures(text, signatures, [self.roster.live_key(manifest["sender"], self.in_force)])
        require(manifest.rows["seen"][0][0] == self.in_force, "stale_roster", "its sender had not seen this roster")
        require(0 < lifetime(manifest) <= 1000 * self.roster.longest_life, "bad_expiry", "it expires at once, or lives too long")
        require(not manifest["in-reply-to"] or not manifest["forward-of"], "malformed", "it is both reply and forward")
        require(sha256(binding_text(manifest)).hex() == manifest["binding"], "wrong_binding",
                "its binding is not that of its own fields")
        recovery, audit = (key.key(self.in_force, self.now) for key in (self.roster.recovery_key, self.roster.audit_key))
        require((manifest["recovery"], manifest["capsule"]) == (recovery and recovery[0], audit), "unknown_key",
                "its recovery or audit key is not the one in force, or it has none")
        self.judge_reference(manifest)
        sender = self.roster.devices[manifest["sender"]].member
        require(not self.roster.has_role(manifest["member"], "auditor", self.in_force), "not_permitted",
                "nobody writes to an auditor")
        require(self.roster.may_write(sender, manifest["member"], self.in_force) or self.may_answer(manifest, sender),
                "not_permitted", "the policy does not let this sender write to that member")
        listed = [row[0] for row in manifest.rows["to"] + manifest.rows["without"]]
        live = self.roster.live_devices(manifest["member"], self.in_force)
        require(set(listed) == live and len(listed) == len(live) and len(manifest.rows["to"]) <= 256
                and all(row[1:3] == [0, 0] for row in manifest.rows["to"]), "wrong_recipients",
                "its recipients are not exactly the live devices of the member that it addresses, at once")
        require(manifest.rows["alert"][0][0] == ALERT_SIZE and manifest.rows["content"][0][0] in CONTENT_SIZES
                and manifest.rows["capsule"][0][3:4] in ([], [CAPSULE_SIZE]), "wrong_size",
                "a sealed part of it has a size that suite 1 does not give")
        chunks = [divmod(size - 24, ATTACHMENT_CHUNK) for size, _ in manifest.rows["attachment"]]
        require(all(rest == 0 and 1 <= count <= 401 for count, rest in chunks)
                and sum(count for count, _ in chunks) <= 1_024, "wrong_size",
                "its attachments have sizes that suite 1 does not give, or are too much together")
        hashes = [hash for _, hash in manifest.rows["attachment"]]
        require(len(set(hashes)) == len(hashes), "malformed", "an attachment is named twice")

    def note_message(self, manifest: Statement):
        """What it says to carry on counts as far as it is logged before it, so that nothing goes round in a circle."""
        message, sender = manifest["message"], self.roster.devices.get(manifest["sender"])
        self.messages.add(message)
        self.manifests[manifest.hash] = self.by_message[message] = manifest
        carried = self.senders.get(manifest["forward-of"], [])[:8]  # longer is wrong, and would grow with every further one
        self.senders[message] = [sender.member, *carried] if sender else carried
        if manifest["forward-of"] and sender:
            self.forwarders.add((manifest["forward-of"], sender.member))

    def may_answer(self, manifest: Statement, sender: str) -> bool:
        """Who was written to may answer, whatever the policy says."""
        answered = self.by_message.get(manifest["in-reply-to"])
        return bool(answered) and sender == answered["member"] and manifest["member"] in self.senders[answered["message"]]

    def judge_reference(self, manifest: Statement):
        """A reply stays among those whom its message concerns; who carries a message on has it or sent it."""
        message = manifest["in-reply-to"] or manifest["forward-of"]
        if not message:
            return
        referred = self.by_message.get(message)
        require(referred and message != manifest["message"], "bad_reference", "what it refers to is not logged before")
        sender, senders = self.roster.devices[manifest["sender"]].member, self.senders[message]
        if manifest["in-reply-to"]:
            require({sender, manifest["member"]} <= {referred["member"], *senders}, "bad_reference",
                    "it is a reply from or to a member whom its message does not concern")
            return
        require(sender in (referred["member"], *senders[:1]), "bad_reference",
                "it carries on a message that its sender neither has nor sent")
        require(manifest["urgency"] == referred["urgency"] and lifetime(manifest) <= lifetime(referred)
                and len(senders) <= 8, "bad_reference",
                "it carries a message on with another urgency, for longer, or more than 8 times")

    def judge_receipt(self, receipt: Statement, text: bytes, signatures: Signatures):
        device, message, action = receipt["device"], receipt["message"], receipt["action"]
        number, last = self.receipts.get(device, (0, None))
        known = self.roster.devices.get(device)
        if known and known.since < self.in_force:
            check_signatures(text, signatures, [known.key])
            # What a device signed is one of its receipts, whatever else is wrong with it; the furthest counts for what follows.
            if receipt["number"] > number:
                self.receipts[device] = receipt["number"], receipt.hash
        self.roster.live_key(device, self.in_force)
        require((receipt["number"], receipt["previous"]) == (number + 1, last), "broken_chain",
                f"receipt {receipt['number']} of {device} does not follow its receipt {number}")
        require(receipt["reason"] in REASONS.get(action, ("none",)), "malformed", "its reason and action do not fit")
        require(bool(receipt.rows["capsule"]) == (action == "delivered"), "malformed", "capsule and action do not fit")
        require(bool(receipt.rows["filed"]) == (action == "filed"), "malformed", "filed and action do not fit")
        manifest = self.manifests.get(receipt["manifest"])
        require(manifest and manifest["message"] == message, "unknown_manifest",
                "it names no manifest of that message that is logged before it")
        require(any(row[0] == device for row in manifest.rows["to"]), "no_recipient", f"the message is not to {device}")
        require(action != "handed_off" or (message, self.roster.devices[device].member) in self.forwarders,
                "bad_reference", "it hands a message off that nothing of its member's carries on")
        require((device, message) in self.served, "not_served", f"no event says that {device} was served the message")
        require(action != "delivered" or (receipt["capsule"] == "none") == (manifest["capsule"] is None), "untrue_capsule",
                "it denies a capsule that the manifest names, or judges one that it does not name")

    def judge_access(self, access: Statement, text: bytes, signatures: Signatures):
        """An auditor's look: at what is logged, or at what it names by a hash under a key that other auditors can have."""
        signer, subject = access["signer"], access["subject"]
        require([name for name, _ in signatures] == [signer or "recovery"], "bad_signers", "another signed it than it names")
        check_signatures(text, signatures, [self.roster.signing_key(*signatures[0], self.in_force, self.now)])
        require(signer is None or self.roster.has_role(self.roster.devices[signer].member, "auditor", self.in_force),
                "no_right", "only an auditor looks")
        require(subject and subject[:subject.index("-") + 1] in SUBJECTS[access["kind"]]
                or subject is None and None in SUBJECTS[access["kind"]], "malformed", "its kind and subject do not fit")
        if access["kind"] in ("message", "evidence"):
            require(subject in self.messages, "unknown_message", "it is a look at a message that is not logged before it")
        elif subject and subject.startswith("dev-"):
            require(subject == signer, "malformed", "it names another device's key than its signer's")
        elif subject:
            require(self.roster.audit_keys.get(subject, self.in_force) < self.in_force, "unknown_key",
                    "its question is hashed under a key that the roster log had not named the audit key")

    def claimed(self, files: Mapping[str, bytes]) -> str | None:
        """Whose logs these are by their genesis, whatever else is missing or wrong with the copy."""
        try:
            size = re.match(rb"[^\n]*\n([1-9][0-9]{0,15})\n", files["roster/checkpoint"])
            width = min(256, int(size[1])) if size else 0
            _, body = parse_entry(parse_bundle(files["roster/" + tile_path("entries", 0, width)], width)[0])
            text, genesis, signatures = self.parse_body("roster", body)
            require(genesis.type == "genesis", "no_genesis", "")
            organisation = identifier("org-", text)
            logs = {kind: PartLog(kind, Key(f"{genesis['relay']}/{organisation}/{kind}", public))
                    for kind, (public,) in zip(LOGS, genesis.rows["log"])}
            Roster().found(text, genesis, signatures, logs)
        except (KeyError, OSError, IndexError, Refused):
            return None
        return organisation

    def finish(self):
        for place, message in self.mentions:
            if message not in self.messages:
                self.find(Refused("unknown_message", "it is about a message that is not logged"), "activity", place)
        require(self.in_force == self.logs["roster"].size, "roster_unnamed",
                f"the last `roster` event names size {self.in_force}, the roster log has {self.logs['roster'].size}")

    def check_cosigned(self, log: Log):
        """What witnesses cosigned is a part of this history. One of a longer log says nothing about this one."""
        given = self.cosigned.setdefault(log.kind, [])
        for checkpoint in log.cosigned:
            try:
                cosignatures = checkpoint.check(self.roster.witnesses)
                require(cosignatures or checkpoint is log.cosigned[0], "malformed", "it is shown as cosigned, and is not")
                require(checkpoint.size > log.size or log.tree.root(checkpoint.size) == checkpoint.root, "fork",
                        f"another {log.kind} log of {checkpoint.size} entries was signed and cosigned: two histories, proven")
                given += [{"witness": witness.name, "size": checkpoint.size, "seconds": seconds}
                          for witness, seconds in cosignatures if checkpoint.size <= log.size]
            except Refused as refused:
                self.find(refused, log.kind, max(0, checkpoint.size - 1), is_damage=refused.code != "fork")


def hold(goes_on: bool, *checks: Callable[[], None]):
    """Makes checks, and tells the first that fails. Of an activity log all are made: an entry counts for those behind it,
    whatever is wrong with it, or one lie would accuse honest devices."""
    refusals = []
    for check in checks:
        try:
            check()
        except Refused as refused:
            refusals.append(refused)
            if not goes_on:
                break
    if refusals:
        raise refusals[0]


def lifetime(manifest: Statement) -> int:
    return milliseconds(manifest["expires"]) - milliseconds(manifest["at"])


def binding_text(manifest: Statement) -> bytes:
    lines = [
        "nightbell.binding/v1", f"org {manifest['org']}", f"message {manifest['message']}", "suite 1",
        f"sender {manifest['sender']}", f"commit {manifest['commit']}",
        *(f"to {device} {prekey}" for device, _, _, prekey, _ in manifest.rows["to"]),
        f"recovery {manifest['recovery'] or 'none'}",
        f"capsule {' '.join(manifest.rows['capsule'][0][:2]) or 'none'}",
    ]
    return "".join(line + "\n" for line in lines).encode()


def verify(directory: str, organisation: str | None = None) -> Verification:
    result = Verification(organisation)
    try:
        files = Export(directory)
        if organisation and (claimed := result.claimed(files)) not in (None, organisation):
            result.theirs = claimed
        return result.run(files)
    except Refused as refused:
        result.find(refused, is_damage=True)
    except OSError as error:
        result.forbidden = os.fsdecode(error.filename or directory) if isinstance(error, PermissionError) else None
        result.find(Refused("unreadable", f"{ascii(error.filename)}: {error.strerror}"), is_damage=True)
    return result


def utc(seconds: int) -> str:
    """As far as a calendar goes."""
    return datetime.fromtimestamp(min(seconds, 253_402_300_799), timezone.utc).strftime("%Y-%m-%d %H:%M:%S UTC")


def as_json(result: Verification) -> dict:
    report = {"ok": result.ok, "organisation": result.organisation}
    report |= {kind: {"size": log.size, "root": log.root.hex()} for kind, log in result.logs.items()}
    report |= {"cosignatures_demanded": result.roster.cosignatures, "cosigned": result.cosigned}
    return report | {"counts": dict(result.counts), "signatures": result.signatures, "not_judged": "; ".join([NOT_JUDGED, *table_limits()]),
                     "findings": result.findings, "update_needed": result.later}


# What Nightbell's own audit judges besides, as far as the logs show it.
NOT_JUDGED = ("pages and subscriptions, prekeys given out twice, what expired or was given up in silence, late revocations, kept "
              "heads, whether enough admins are left: `nightbell audit verify --export DIR` judges these")


def as_text(result: Verification) -> str:
    lines = []
    for kind, log in result.logs.items():
        counts = ", ".join(f"{result.counts[name]} {name}" for name in TYPES_OF[kind] if result.counts[name])
        lines += [f"{kind:<11} {log.size} entries of {ascii(log.key.name)}", f"{'':<11} root {log.root.hex()}",
                  f"{'':<11} {counts or 'not read'}"]
        for given in result.cosigned.get(kind, []):
            lines.append(f"{'':<11} {given['size']} entries cosigned by {ascii(given['witness'])} at {utc(given['seconds'])}")
    lines.append(f"signatures  {result.signatures} of statements, {len(result.seen)} of checkpoints that they name")
    for finding in result.findings[:20]:
        place = " ".join(str(part) for part in (finding["log"], finding["entry"]) if part is not None)
        lines.append(f"finding     {place}{': ' if place else ''}{finding['sentence']} ({finding['code']})")
    if len(result.findings) > 20:
        lines.append(f"            and {len(result.findings) - 20} more: --json lists all")
    for log, place in result.later.items():
        lines.append(f"unjudged    {log} {place}: a later version wrote it, and nothing from there on was judged")
    if result.ok:
        lines += [f"verified    {result.organisation}: every file, hash, signature, place and chain holds",
                  f"not judged  {NOT_JUDGED}",
                  "next        compare the id with an invitation's, and the roots with `nightbell status` of a member"]
    elif not result.findings:
        lines.append("next        get a newer program: up to there every file, hash, signature, place and chain holds")
    elif any(finding["severity"] == "broken_promise" for finding in result.findings):
        lines.append("FAILED      a promise of the relay was broken, see above: do not rely on this export, keep it as evidence, and "
                     "export from another device")
    else:
        lines.append("FAILED      this copy is damaged, see above, and convicts nobody; a disk can have done it, or whoever held it. "
                     "Keep it, and copy or export it again (`nightbell audit export DIR`)")
    return "\n".join(lines)


def is_export(directory: str) -> bool:
    """Whether a folder of a log is there, and this is not a folder above or below."""
    with os.scandir(directory) as found:
        return any(entry.name in LOGS and entry.is_dir(follow_symlinks=False) for entry in found)


def main(arguments: list[str] | None = None) -> int:
    parser = Parser(prog="nightbell_verify.py", description="Verify an exported Nightbell organisation.",
                    epilog="exit codes: 0 verified, 65 verification failed, 64 usage, or another organisation than --org names, "
                           "66 no export there, 77 no right to read it, 78 too old, or a package is missing, 1 failed")
    parser.add_argument("directory", metavar="DIR", help="what `nightbell audit export DIR` wrote")
    parser.add_argument("--org", help="the organisation's id, known from elsewhere: refuse the export of another one")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args(arguments)
    name = ascii(options.directory)
    if options.org is not None and not re.fullmatch(KINDS["ORG"], options.org):
        parser.error("--org is not an organisation's id (org- and 32 characters)")
    try:
        is_there, forbidden = is_export(options.directory), None
    except OSError as error:
        is_there, forbidden = False, options.directory if isinstance(error, PermissionError) else None
    result = verify(options.directory, options.org) if is_there else None
    if forbidden := result.forbidden if result else forbidden:
        parser.fail(77, f"the export in {name} cannot be read: you have no right to read {ascii(forbidden)}",
                    "ask whoever owns it for the right to read it and to enter its folders")
    if result is None:
        parser.fail(66, f"there is no export in {name}", "name the folder that `nightbell audit export` made: it holds the folders "
                    "roster and activity")
    if result.theirs:
        parser.fail(64, f"the export in {name} is about {result.theirs}, not about {options.org}, which --org names",
                    "compare the id with where you know it from, letter by letter; if it is right, ask for the export of that "
                    "organisation")
    text = json.dumps(as_json(result), indent=2) if options.json else as_text(result)
    return parser.show(text, 0 if result.ok else 65 if result.findings else 78)


if __name__ == "__main__":
    run("nightbell_verify.py", main)
