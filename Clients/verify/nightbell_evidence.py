#!/usr/bin/env python3
"""Check a file of evidence about one Nightbell message with nothing of Nightbell's own code.

    nightbell_evidence.py FILE [--org org-…] [--json]

FILE is what `nightbell audit evidence MSG FILE` wrote, or - for standard input: a ustar archive of the entries about one message
with their proofs, the roster log, both checkpoints and the auditor's signature. Everything is recomputed; no stored hash is
believed.
Needs Python 3.11 and the package `cryptography`.
Exit: 0 verified, 65 verification failed, or another organisation's than --org names, 64 usage, 66 no such file, 77 no right to
read it, 78 the package is missing, or this program is too old, 1 what was found could not be written.

In reading order: program.py (how it ends), tlog.py (hashes, notes), texts.py (statements), roster.py (who may sign), ciphers.py (for a capsule), this file. The rules of
manifests are those of nightbell_verify.py.
"""

import base64
import bisect
import contextlib
import errno
import io
import json
import os
import re
import stat
import sys
import tarfile
from collections.abc import Iterator

try:
    from program import Parser, run  # first: it says which Python is needed
    from nightbell_verify import REASONS, Signatures, Verification, parse_entry, utc as utc_of
    from ciphers import kdf, unpadded, xchacha20poly1305_open
    from texts import KINDS, MINUTE, Statement, UnknownType, identifier, milliseconds, table_limits
    from tlog import (ANY_LINE, Cosigned, Key, PartLog, Refused, Tree, check_signatures, checkpoint_text, from_base64, parse_bundle,
                      parse_note, require, sha256, tile_path, tiles_of)
except ModuleNotFoundError as missing:
    print("nightbell_evidence: error: %s.py is missing beside this program\nhint: copy the whole folder Clients/verify"
          % missing.name, file=sys.stderr)
    sys.exit(78)

FOLDER = "nightbell-evidence/"
MAXIMUM = 128 << 20  # bytes of a file
MOST_FILES = 65_536
PACKED = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd", b"PK\x03\x04")  # how compressed files begin
NAME = r"(?!\.\.?(?:/|$))[A-Za-z0-9._-]+(?:/(?!\.\.?(?:/|$))[A-Za-z0-9._-]+)*"
NUMBER = "(0|[1-9][0-9]{0,15})"  # and less than 2^53
ANSWERS = ("acknowledged", "handed_off", "closed")
CAPSULE = ("capsule/sealed", "capsule/key", "capsule/opened.json")
NAMES = {"record_id", "patient", "practice", "category", "operator", "sha256"}  # what a capsule may have


# --------------------------------------------------------------------------------------------------------- the archive

def unpack(data: bytes) -> list[tuple[str, bytes]]:
    """The plain files of a POSIX ustar archive in the one form that it has: every header is made anew and compared."""
    files, names, position = [], set(), 0
    while True:
        block = data[position:position + 512]
        require(len(block) == 512, "archive_malformed", "the archive is cut off")
        if not any(block):
            require(data[position:] == bytes(1024), "archive_malformed", "the archive does not end as it must")
            return files
        name, size = block[:100].split(b"\0")[0].decode("ascii", "replace"), block[124:135]
        sound = re.fullmatch(NAME, name) and re.fullmatch(rb"[0-7]{11}", size) and int(size, 8) < 1 << 31
        require(sound and block == header(name, int(size, 8)), "archive_malformed",
                f"the header of file {len(files) + 1} of the archive is not of the one form")
        require(name not in names and len(files) < MOST_FILES, "archive_malformed",
                f"file {len(files) + 1} of the archive bears the name of another, or is one too many")
        position, count = position + 512, int(size, 8)
        end = position + count + -count % 512
        require(end <= len(data), "archive_malformed", "the archive is cut off")
        require(not any(data[position + count:end]), "archive_malformed", "something stands between two files")
        names.add(name)
        files.append((name, data[position:position + count]))
        position = end


def is_evidence(data: bytes) -> bool:
    """Whether a header names the one folder: any header, for the first may be what was changed."""
    return any(data.startswith(FOLDER.encode(), place) for place in range(0, len(data), 512))


def kind(data: bytes) -> str:
    """What is wrong with what was never evidence, as far as its first bytes tell."""
    if not data:
        return "it is empty"
    return "it is compressed: unpack it first" if data.startswith(PACKED) else "it does not begin as one does"


def header(name: str, size: int) -> bytes:
    info = tarfile.TarInfo(name)
    info.size, info.mtime, info.mode = size, 315_532_800, 0o644  # 1980, for every file
    return info.tobuf(tarfile.USTAR_FORMAT)


def parse_sums(data: bytes) -> list[tuple[str, str]]:
    """`<hash>  <name>` a line, as sha256sum writes it."""
    # No list is longer than one line for each file of an archive: more would be millions of lines.
    require(len(data) <= MOST_FILES * 167 and data.count(b"\n") <= MOST_FILES, "part_malformed",
            "it is not a list of hashes and names")
    lines = data.decode("ascii", "replace").split("\n")
    found = [re.fullmatch(rf"([0-9a-f]{{64}})  ({NAME})", line) for line in lines[:-1]]
    require(lines[-1] == "" and found and all(found) and all(len(line[2]) <= 100 for line in found),
            "part_malformed", "it is not a list of hashes and names")
    return [(line[2], line[1]) for line in found]


def parts_of(roster: int, has_capsule: bool, sizes: list[int], entries: list[int]) -> Iterator[str]:
    """The names of all parts that SHA256SUMS lists, in their order."""
    tiles = list(tiles_of(roster))
    yield from ("README.txt", "head.note", "roster/log.vkey", "roster/checkpoint")
    yield from ("roster/" + tile_path("entries", index, width) for level, index, width in tiles if level == 0)
    yield from ("roster/" + tile_path(*tile) for tile in tiles)
    yield from ("activity/log.vkey", "activity/checkpoint")
    yield from (f"activity/consistency/{size}" for size in sizes)
    for index in entries:
        yield from (f"activity/entry/{index}", f"activity/proof/{index}.tlog-proof")
    if has_capsule:
        yield from CAPSULE


# -------------------------------------------------------------------------------------------------------------- proofs

def node(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right)


def is_included(leaf: bytes, index: int, size: int, root: bytes, path: list[bytes]) -> bool:
    """RFC 9162 section 2.1.3.2."""
    if index >= size:
        return False
    f, s, r = index, size - 1, leaf
    for p in path:
        if s == 0:
            return False
        if f & 1 or f == s:
            r = node(p, r)
            while not f & 1 and f:
                f, s = f >> 1, s >> 1
        else:
            r = node(r, p)
        f, s = f >> 1, s >> 1
    return s == 0 and r == root


def is_consistent(old: int, old_root: bytes, size: int, root: bytes, path: list[bytes]) -> bool:
    """RFC 9162 section 2.1.4.2, for 0 < old < size."""
    if not 0 < old < size or not path:
        return False
    path = [old_root, *path] if old & (old - 1) == 0 else path
    f, s = old - 1, size - 1
    while f & 1:
        f, s = f >> 1, s >> 1
    a = b = path[0]
    for c in path[1:]:
        if s == 0:
            return False
        if f & 1 or f == s:
            a, b = node(c, a), node(c, b)
            while not f & 1 and f:
                f, s = f >> 1, s >> 1
        else:
            b = node(b, c)
        f, s = f >> 1, s >> 1
    return s == 0 and a == old_root and b == root


def parse_proof(data: bytes, first: str) -> tuple[int, list[bytes], bytes]:
    """Lines before the number, the number, hashes, an empty line, a checkpoint: of a tlog-proof, and of what a witness is
    told."""
    text, empty, checkpoint = data.partition(b"\n\n")
    lines = text.decode("ascii", "replace").split("\n")
    head, lines = lines[:first.count("\n") + 1], lines[first.count("\n") + 1:]
    number = re.fullmatch(re.escape(first) + NUMBER, "\n".join(head))
    require(empty and number and len(lines) <= 64, "part_malformed", "it is no proof")
    hashes = [from_base64(line) for line in lines]
    require(all(len(hash) == 32 for hash in hashes) and int(number[1]) < 2**53, "part_malformed", "it is no proof")
    return int(number[1]), hashes, checkpoint


def parse_capsule(data: bytes) -> dict[str, str] | None:
    """One JSON object of texts. The module `json` takes a name twice and half of a surrogate pair: here nobody does."""
    def once(pairs: list[tuple[str, object]]) -> dict:
        if len(names := dict(pairs)) != len(pairs):
            raise ValueError
        return names

    try:
        names = json.loads(data.decode(), object_pairs_hook=once)
        "".join([text for pair in names.items() for text in pair]).encode()  # no half of a surrogate pair can be
    except (ValueError, TypeError, AttributeError, RecursionError):
        return None
    return names if NAMES.issuperset(names) and re.fullmatch("[0-9a-f]{64}", names.get("sha256", "")) else None


# -------------------------------------------------------------------------------------------------------------- a check

class Stop(Exception):
    """What comes after cannot be judged."""


class Evidence(Verification):
    """One file of evidence. `findings` stays empty if and only if everything holds."""

    def __init__(self, organisation: str | None = None):
        super().__init__(organisation)
        self.parts: dict[str, bytes] = {}
        self.order: list[str] = []
        self.statement: Statement | None = None
        self.head: Statement | None = None
        self.update = ""  # a part that this program is too old for
        self.times: list[str] = []  # of the roster's entries; of one that lies before another, the time of that
        self.roster_time = ""  # of the roster's entry before
        self.consistency: dict[int, list[bytes]] = {}
        self.used: set[int] = set()
        self.carried: set[str] = set()
        self.numbers: dict[str, list[tuple[int, str]]] = {}  # a device's receipts: number and hash
        self.served_to: set[str] = set()
        self.answered = self.unanswered = False
        self.delivered: set[str] = set()  # devices whose own word it is that they have the message
        self.given_up: set[str] = set()  # those of which the relay said that they never will
        self.over: str | None = None  # when it was answered or turned down: then its pages are over
        self.events: list[tuple[int, str, Statement]] = []  # index, time, statement
        self.hashes: set[str] = set()
        self.last_time = ""
        self.capsule: dict[str, str] | None = None  # what the message's capsule names

    @property
    def ok(self) -> bool:
        return not self.findings and not self.update

    def wrong(self, part: str, code: str, sentence: str, entry: int | None = None):
        if len(self.findings) < 1000:
            self.findings.append({"code": code, "part": part, "entry": entry, "sentence": sentence})

    def need(self, condition, part: str, code: str, sentence: str):
        if not condition:
            self.wrong(part, code, sentence)
            raise Stop

    def check(self, data: bytes) -> "Evidence":
        try:
            self.open(data)
            self.read_logs()
            self.check_auditor()
            self.check_head()
            self.judge_all(self.prove_all())
            self.check_head_time()
            self.check_capsule()
        except Stop:
            pass
        return self

    # The parts

    def open(self, data: bytes):
        try:
            files = unpack(data)
        except Refused as refused:
            self.need(False, "archive", refused.code, refused.sentence)
        for name, _ in files:
            self.need(name.startswith(FOLDER), name, "part_misplaced", "it lies outside the archive's one folder")
        files = [(name.removeprefix(FOLDER), data) for name, data in files]
        for place, name in enumerate(("evidence.note", "SHA256SUMS")):
            self.need(len(files) > 1 and files[place][0] == name, name, "part_misplaced", "it is not at its place")
        self.read_note(files[0][1])
        count, sums = self.statement.rows["parts"][0]
        self.need(sha256(files[1][1]).hex() == sums, "SHA256SUMS", "part_changed", "it is not the list that was signed")
        try:
            listed = parse_sums(files[1][1])
        except Refused as refused:
            self.need(False, "SHA256SUMS", refused.code, refused.sentence)
        self.need(len(listed) == count, "SHA256SUMS", "part_malformed", "it does not list as many parts as was signed")
        found = [name for name, _ in files[2:]]
        self.same(found, [name for name, _ in listed], "SHA256SUMS")
        for (name, data), (_, hash) in zip(files[2:], listed):
            self.parts[name] = data
            if sha256(data).hex() != hash:
                self.wrong(name, "part_changed", "it is not what the auditor's device listed: its hash is another")
        if not self.ok:
            raise Stop
        self.check_layout(found)

    def same(self, found: list[str], wanted: list[str], otherwise: str):
        """Both lists are one, or the first name that is missing, or has no place, is told."""
        if found == wanted:
            return
        there, needed = set(found), set(wanted)
        missing = next((name for name in wanted if name not in there), None)
        more = next((name for name in found if name not in needed), None)
        moved = next((b for a, b in zip(wanted, found) if a != b), None) if otherwise == "" else otherwise
        self.need(False, missing or more or moved, "part_misplaced", "it is missing" if missing else "it has no place here")

    def read_note(self, note: bytes):
        first = note.split(b"\n")[0]
        if re.fullmatch(rb"nightbell\.evidence/v[1-9][0-9]{0,8}", first) and first != b"nightbell.evidence/v1":
            self.update = "evidence.note"
            raise Stop
        try:
            self.note = parse_note(note)
            self.statement = Statement(self.note[0])
            require(self.statement.type == "evidence", "part_malformed", "it is no statement of evidence")
            require(self.statement.rows["parts"][0][0] > 0, "part_malformed", "it lists nothing")
            require(all(row[0] > 0 for row in self.statement.rows["seen"]), "part_malformed", "it had seen an empty log")
        except Refused as refused:
            self.need(False, "evidence.note", "part_malformed", refused.sentence)

    def check_layout(self, found: list[str]):
        patterns = rf"README\.txt|head\.note|(?:roster|activity)/(?:log\.vkey|checkpoint)|roster/tile/[0-9a-z/.]+" \
                   rf"|activity/(?:consistency/{NUMBER}|entry/{NUMBER}|proof/{NUMBER}\.tlog-proof)" \
                   rf"|capsule/(?:sealed|key|opened\.json)"
        for name in found:
            part = re.fullmatch(patterns, name)
            self.need(part and all(int(number) < 2**53 for number in part.groups() if number), name, "part_misplaced",
                      "no part of evidence has this name")
        size = self.claimed_size("roster")
        self.need(size and size <= 256 * len(found), "roster/checkpoint", "part_malformed", "it is no checkpoint of these tiles")

        def numbers(kind: str) -> list[int]:
            return sorted(int(name.rpartition("/")[2]) for name in found if name.startswith(f"activity/{kind}/"))

        has_capsule = any(name in found for name in CAPSULE)
        self.same(found, list(parts_of(size, has_capsule, numbers("consistency"), numbers("entry"))), "")
        self.order = found

    def claimed_size(self, kind: str) -> int | None:
        """What a checkpoint says before its key is known."""
        try:
            text, _ = parse_note(self.parts.get(f"{kind}/checkpoint", b""), ANY_LINE)
            lines = text.decode().split("\n")
            require(len(lines) == 4 and lines[0] and re.fullmatch(NUMBER, lines[1]) and int(lines[1]) < 2**53
                    and len(from_base64(lines[2])) == 32, "", "")
            return int(lines[1])
        except Refused:
            return None

    # The logs

    def read_logs(self):
        for kind in ("roster", "activity"):
            self.need(self.claimed_size(kind), f"{kind}/checkpoint", "checkpoint_invalid", "it is no checkpoint of a log")
        entries = self.read_tiles(self.claimed_size("roster"))
        for place, entry in enumerate(entries):
            try:
                self.replay(place, entry)
            except Refused as refused:
                if isinstance(refused, UnknownType):
                    self.update = f"entry {place} of the roster log"
                    raise Stop from None
                width = min(256, len(entries) - place // 256 * 256)
                self.wrong("roster/" + tile_path("entries", place // 256, width), refused.code,
                           f"entry {place} of the roster log: {refused.sentence}", place)
                if self.organisation is None:
                    raise Stop from None
            self.times.append(max([self.roster_time, *self.times[-1:]]))
        fatal = False
        for kind, log in self.logs.items():
            if self.parts[f"{kind}/log.vkey"] != vkey(log.key):
                self.wrong(f"{kind}/log.vkey", "wrong_log_key", "it is not the key that genesis names")
                fatal = True
        for kind, log in self.logs.items():
            part = f"{kind}/checkpoint"
            try:
                checkpoint = Cosigned(self.parts[part], log.key)
            except Refused:
                self.need(False, part, "checkpoint_invalid", "it is not signed by the key in genesis")
            log.size, log.root = checkpoint.size, checkpoint.root
            try:
                self.cosigned[kind] = [{"witness": witness.name, "vkey": witness.vkey, "at": utc_of(seconds)}
                                       for witness, seconds in checkpoint.check(self.roster.witnesses)]
            except Refused as refused:
                self.need(False, part, "cosignature_invalid", refused.sentence)
        if fatal:
            raise Stop

    def read_tiles(self, size: int) -> list[bytes]:
        entries, tree, tiles = [], Tree(), list(tiles_of(size))
        for name, width in ((tile_path("entries", index, width), width) for level, index, width in tiles if level == 0):
            try:
                entries += parse_bundle(self.parts["roster/" + name], width)
            except Refused as refused:
                self.need(False, "roster/" + name, "part_malformed", refused.sentence)
        for entry in entries:
            tree.append(entry)
        for tile in tiles:
            name = "roster/" + tile_path(*tile)
            if self.parts[name] != tree.tile(tile[0], tile[1]):
                self.wrong(name, "tile_differs", "it is not what the entries give")
        text, _ = parse_note(self.parts["roster/checkpoint"], ANY_LINE)
        if from_base64(text.decode().split("\n")[2]) != tree.root(size):
            self.wrong("roster/checkpoint", "root_differs", "the entries do not give its root")
        if not self.ok:
            raise Stop
        self.tree = tree
        return entries

    def replay(self, place: int, entry: bytes):
        """One roster entry, by the rules that hold for whole exports."""
        time, body = parse_entry(entry)
        before, self.roster_time = self.roster_time, time  # also of what is refused: the next one is held against it
        text, statement, signatures = self.parse_body("roster", body)
        if place == 0:
            require(statement.type == "genesis", "no_genesis", "the first entry is no genesis")
            origin = f"{statement['relay']}/{identifier('org-', text)}"
            self.logs = {kind: PartLog(kind, Key(f"{origin}/{kind}", public))
                         for kind, (public,) in zip(("roster", "activity"), statement.rows["log"])}
            self.logs["roster"].tree, self.logs["roster"].size = self.tree, self.claimed_size("roster")
        require(time >= before, "time_order", "its time lies before that of the entry before it")
        require(statement.hash not in self.hashes, "duplicate", "the same statement stands earlier in this log")
        self.judge(self.logs["roster"], place, time, text, statement, signatures)
        self.hashes.add(statement.hash)
        self.signatures += len(signatures)

    def check_auditor(self):
        note, size = self.statement, self.logs["roster"].size
        self.need(note["org"] == self.organisation, "evidence.note", "wrong_organisation", "it names another organisation")
        seen = [[log.size, log.root.hex(), payload] for kind, log in self.logs.items()
                for _, payload in parse_note(self.parts[f"{kind}/checkpoint"], ANY_LINE)[1][:1]]
        self.need(note.rows["seen"] == seen, "evidence.note", "other_checkpoint",
                  "the auditor's device had verified other checkpoints than those in the file")
        device = note["device"]
        self.need(self.roster.is_live(device, size) and self.roster.has_role(self.roster.devices[device].member, "auditor", size),
                  "evidence.note", "not_an_auditor", f"{device} signed it, which is no live device of an auditor")
        try:
            check_signatures(*self.note, [self.roster.devices[device].key])
        except Refused:
            self.need(False, "evidence.note", "bad_signature", f"its signature is not that of {device}")
        self.signatures += 1

    def check_head(self):
        """Nothing else binds the roster to the activity log: without it an older roster, whole and signed, hides a revocation."""
        roster, activity = self.logs.values()
        try:
            text, signatures = parse_note(self.parts["head.note"])
            check_signatures(text, signatures, [activity.key])
            self.head = Statement(text)
            require(self.head.type == "head", "", "")
            device, queue, left = (bool(self.head.rows[key] and self.head.rows[key][0]) for key in ("device", "queue", "one-time"))
            require(device == queue == left, "", "")
        except Refused:
            self.need(False, "head.note", "bad_signature", "it is no head that the activity log's key signed")
        trees = [self.head.rows["roster"][0], self.head.rows["activity"][0]]
        self.need(self.head["org"] == self.organisation and trees == [[log.size, log.root.hex()] for log in (roster, activity)],
                  "head.note", "other_head", "the relay said it of other trees than the checkpoints are of")

    def check_head_time(self):
        """The relay says when it was of both logs: not long before anything that stands in them, nor after the auditor took it."""
        time, newest = self.head["time"], max([*self.times, *(logged for _, logged, _ in self.events)])
        if milliseconds(newest) - milliseconds(time) > MINUTE:  # it is read before what it says
            self.wrong("head.note", "time_order", f"the relay says that it is of {time}, and an entry that it covers is of {newest}")
        elif milliseconds(time) - milliseconds(self.statement["at"]) > 5 * MINUTE:
            self.wrong("head.note", "clock", f"the relay says that it is of {time}, more than 5 minutes after the auditor signed")

    # The entries

    def prove_all(self) -> list[tuple[int, str, bytes]]:
        """The entries, each with its place and time. Those that are none are told before any is judged."""
        log, checkpoint, entries = self.logs["activity"], self.parts["activity/checkpoint"], []
        for name in self.order:
            kind, number = name.rpartition("/")[0], name.rpartition("/")[2]
            if kind == "activity/consistency":
                try:
                    old, hashes, covered = parse_proof(self.parts[name], "old ")
                    require(old == int(number) and covered == checkpoint and 0 < old < log.size, "", "")
                    self.consistency[old] = hashes
                except Refused:
                    self.wrong(name, "part_malformed", "it is no consistency proof to the checkpoint in the file")
            elif kind == "activity/entry":
                place, proof = int(number), f"activity/proof/{number}.tlog-proof"
                try:
                    index, hashes, covered = parse_proof(self.parts[proof], "c2sp.org/tlog-proof@v1\nindex ")
                    require(index == place and covered == checkpoint, "", "")
                except Refused:
                    self.wrong(proof, "part_malformed", f"it is no proof of entry {place} under the checkpoint", place)
                    continue
                if not is_included(sha256(b"\x00" + self.parts[name]), place, log.size, log.root, hashes):
                    self.wrong(name, "proof_failed", f"it is not what the log holds at {place}", place)
                    continue
                try:
                    entries.append((place, *parse_entry(self.parts[name])))
                except Refused as refused:
                    self.wrong(name, refused.code, refused.sentence, place)
        if not self.ok:
            raise Stop
        return entries

    def judge_all(self, entries: list[tuple[int, str, bytes]]):
        self.hashes, subject = set(), self.statement["message"]
        self.find_carried(entries, subject)
        for place, time, body in entries:
            part = f"activity/entry/{place}"
            try:
                self.judge_entry(place, time, body, subject)
            except UnknownType:
                self.update = f"entry {place} of the activity log"
                return  # what was not judged may be what is missing
            except Refused as refused:
                # A proof that does not lead from what somebody had seen is a part of its own.
                self.wrong(getattr(refused, "part", part), refused.code, refused.sentence, place)
        if subject not in self.messages:
            self.wrong("evidence.note", "unknown_message", "the manifest of its message is not in the file")
        for size in sorted(set(self.consistency) - self.used):
            self.wrong(f"activity/consistency/{size}", "not_about_it", "no signer had seen a log of this size")

    def check_capsule(self):
        """What the sender sealed to the auditors, opened with the key of this one capsule."""
        manifest = next((statement for _, _, statement in self.events
                         if statement.type == "manifest" and statement["message"] == self.statement["message"]), None)
        if CAPSULE[0] not in self.parts or manifest is None:
            return
        sealed, key, opened = (self.parts[name] for name in CAPSULE)
        row = manifest.rows["capsule"][0]
        self.need(row, CAPSULE[0], "not_about_it", "the message carries no capsule")
        self.need([len(sealed), sha256(sealed).hex()] == row[3:5], CAPSULE[0], "capsule_changed",
                  "it is not the capsule whose size and hash the manifest states")
        self.need(re.fullmatch(rb"[0-9a-f]{64}\n", key), CAPSULE[1], "part_malformed", "it is no key")
        key = bytes.fromhex(key.decode())
        self.need(kdf(key, 1, b"nbcapsul").hex() == row[1], CAPSULE[1], "capsule_commitment",
                  "it is not the key that the manifest commits to")
        padded = xchacha20poly1305_open(key, sealed[:24], sealed[24:], bytes.fromhex(manifest["binding"]))
        plaintext = None if padded is None else unpadded(padded, 1024)
        self.need(plaintext is not None, CAPSULE[0], "capsule_unopened", "it does not open with the key that belongs to it")
        self.need(opened == plaintext, CAPSULE[2], "capsule_untrue", "it is not what the sealed capsule holds")
        names = parse_capsule(plaintext)
        self.need(names is not None, CAPSULE[2], "capsule_malformed",
                  "what the sender sealed to the auditors is no capsule")
        self.capsule = names

    def find_carried(self, entries: list[tuple[int, str, bytes]], subject: str):
        """What the message answers or carries on, and what that carries on."""
        manifests = {}
        for _, _, body in entries:
            try:
                _, statement, _ = self.parse_body("activity", body)
            except Refused:
                continue
            if statement.type == "manifest":
                manifests[statement["message"]] = statement
        next_, first = manifests.get(subject), True
        while next_:
            target = (next_["in-reply-to"] if first else None) or next_["forward-of"]
            if not target or target in self.carried:
                break
            self.carried.add(target)
            next_, first = manifests.get(target), False

    def sizes_in_force(self, time: str) -> tuple[int, int]:
        """The rosters that may have been in force then: entries of this very millisecond are in doubt."""
        upper = bisect.bisect_right(self.times, time)
        require(upper > 0, "time_order", "its time lies before the organisation's founding")
        return max(1, bisect.bisect_left(self.times, time)), upper

    def judge_entry(self, place: int, time: str, body: bytes, subject: str):
        text, statement, signatures = self.parse_body("activity", body)
        require(time >= self.last_time, "time_order", "its time lies before that of an entry that stands before it")
        self.last_time = self.now = time
        lower, upper = self.sizes_in_force(time)
        self.events.append((place, time, statement))
        self.signatures += len(signatures)
        require(statement.hash not in self.hashes, "duplicate", "the same statement stands in the log before it")
        self.hashes.add(statement.hash)
        if statement.type == "manifest":
            targets = (statement["in-reply-to"], statement["forward-of"])
            require(statement["message"] in (subject, *self.carried) or subject in targets, "not_about_it",
                    "it is the manifest of a message that has nothing to do with this one")
            self.in_force = statement.rows["seen"][0][0]
            if not lower <= self.in_force <= upper:
                self.messages.add(statement["message"])
                raise Refused("stale", "the roster that its sender had seen is not the one in force at its time")
            self.judge_manifest(statement, text, signatures)
            require(abs(milliseconds(time) - milliseconds(statement["at"])) <= 5 * MINUTE, "clock",
                    "its own time and that of its entry lie too far apart")
        elif statement.type == "receipt":
            require(statement["message"] == subject, "not_about_it", "it is a receipt of another message")
            self.judge_numbers(statement)
            self.judge_receipt_of(statement, text, signatures, lower, upper)
        elif statement.type == "access":
            require(statement["kind"] in ("message", "evidence") and statement["subject"] == subject, "not_about_it",
                    "it is an auditor's look at something else")
            self.in_force = upper if self.roster.is_live(statement["signer"] or "", upper) else lower
            self.judge_access(statement, text, signatures)
            require(abs(milliseconds(time) - milliseconds(statement["at"])) <= 5 * MINUTE, "clock",
                    "its own time and that of its entry lie too far apart")
        else:
            self.judge_relay(statement, time, lower, upper, subject)
            return
        require(statement["org"] == self.organisation, "wrong_organisation", "it names another organisation")
        self.in_force = upper
        for kind, row in zip(("roster", "activity"), statement.rows["seen"]):
            self.check_seen_here(self.logs[kind], *row, upper if kind == "roster" else place)
        if statement.type == "receipt":
            self.judge_action(statement)

    def check_seen_here(self, log: PartLog, size: int, root: str, payload: bytes, limit: int):
        if log.kind == "roster":
            return self.check_seen(log, size, root, payload, limit)
        require(log.key.verifies(payload, checkpoint_text(log.key.name, size, bytes.fromhex(root))), "bad_seen",
                "the signature of the activity checkpoint that it names does not verify")
        require(0 < size <= limit, "seen_ahead", "its signer had seen an activity log that was longer than its place")
        part = f"activity/consistency/{size}"
        if size not in self.consistency:
            raise at(part, "part_misplaced", "the file does not show that the log that a signer had seen is of this history")
        self.used.add(size)
        if not is_consistent(size, bytes.fromhex(root), log.size, log.root, self.consistency[size]):
            raise at(part, "fork", "it does not lead from the signed log that a signer had seen to the checkpoint: two "
                                   "histories, or a proof that whoever made the file changed")

    def judge_reference(self, manifest: Statement):
        if not self.answers_elsewhere(manifest):
            super().judge_reference(manifest)

    def answers_elsewhere(self, manifest: Statement) -> bool:
        """Of other messages than the subject, what they answer need not be in the file: the whole log tells of that."""
        subject, message, answered = self.statement["message"], manifest["message"], manifest["in-reply-to"]
        is_known = answered in self.by_message and answered != message
        return bool(answered) and subject not in (message, answered) and not is_known

    def may_answer(self, manifest: Statement, sender: str) -> bool:
        return self.answers_elsewhere(manifest) or super().may_answer(manifest, sender)

    def judge_numbers(self, receipt: Statement):
        earlier = self.numbers.setdefault(receipt["device"], [])
        number, last = earlier[-1] if earlier else (0, None)
        earlier.append((receipt["number"], receipt.hash))
        require(self.statement["message"] in self.messages, "unknown_message", "its manifest is not logged before it")
        follows = receipt["number"] == number + 1
        require(not last or receipt["number"] > number and follows == (receipt["previous"] == last), "broken_chain",
                f"it does not follow receipt {number} of {receipt['device']}")
        require((receipt["number"] == 1) == (receipt["previous"] is None) and receipt["number"] > 0, "malformed",
                "its number and the receipt before it do not fit")

    def judge_receipt_of(self, receipt: Statement, text: bytes, signatures: Signatures, lower: int, upper: int):
        device, action = receipt["device"], receipt["action"]
        size = upper if self.roster.is_live(device, upper) else lower
        check_signatures(text, signatures, [self.roster.live_key(device, size)])
        manifest = self.manifests.get(receipt["manifest"])
        require(receipt["reason"] in REASONS.get(action, ("none",)), "malformed", "its reason and action do not fit")
        require(bool(receipt.rows["capsule"]) == (action == "delivered"), "malformed", "capsule and action do not fit")
        require(bool(receipt.rows["filed"]) == (action == "filed"), "malformed", "filed and action do not fit")
        require(manifest and manifest["message"] == receipt["message"], "wrong_message", "it names another manifest")
        require(any(row[0] == device for row in manifest.rows["to"]), "wrong_message", f"the message is not to {device}")
        require(action != "handed_off" or (receipt["message"], self.roster.devices[device].member) in self.forwarders,
                "bad_reference", "it hands a message off that nothing of its member's carries on")

    def judge_action(self, receipt: Statement):
        is_reply = self.by_message[receipt["message"]]["in-reply-to"]
        if receipt["action"] in ANSWERS or receipt["action"] == "delivered" and is_reply:
            self.answered = True
        if receipt["action"] == "delivered":
            self.delivered.add(receipt["device"])
        if self.answered or receipt["action"] == "declined":
            self.over = self.over or self.last_time
        require(receipt["device"] in self.served_to, "not_served",
                f"no event before it says that {receipt['device']} was served the message")

    def judge_relay(self, event: Statement, time: str, lower: int, upper: int, subject: str):
        require(event["org"] == self.organisation, "wrong_organisation", "it names another organisation")
        require("message" in event.rows and event["message"] == subject, "not_about_it", "it is about something else")
        kind = event.type.removeprefix("event ")
        device = event["device"] if "device" in event.rows else None
        record = self.roster.devices.get(device)
        known = device is None or record is not None and record.since < upper
        if kind == "fallback":
            require(known, "unknown_device", "it names a device that never enrolled")
            return
        require(subject in self.by_message, "unknown_message", "its manifest is not logged before it")
        require(known, "unknown_device", "it names a device that never enrolled")
        manifest = self.by_message[subject]
        recipient = any(row[0] == device for row in manifest.rows["to"])
        if kind == "served":
            require(self.roster.is_live(device, upper) or self.roster.is_live(device, lower), "served_to_revoked",
                    f"the relay let it out to {device}, which was revoked or suspended")
            is_meant = recipient if event["what"] == "envelope" else record.member in self.senders[subject]
            require(is_meant, "served_to_stranger", f"the relay let it out to {device}, whom it does not concern")
            if event["what"] == "envelope":
                self.served_to.add(device)
        elif kind == "pushed":
            require(recipient, "served_to_stranger", f"the relay pushed its page to {device}, to which it was not sealed")
            self.judge_page(manifest, device, time, upper)
        elif kind == "undeliverable":
            reason = event["reason"]
            ended = recipient and record.revoked is not None and record.revoked < upper and device not in self.delivered
            is_true = ended if reason == "revoked" else [device, reason] in manifest.rows["without"]
            require(is_true and device not in self.given_up, "undeliverable_untrue",
                    f"the relay says that it cannot reach {device}: nothing says why, or that device has it, or it was said before")
            self.given_up.add(device)
        elif kind == "unanswered":
            require(not self.answered and not self.unanswered and time >= manifest["expires"], "unanswered_untrue",
                    "the relay says that nobody answered, and somebody did, or there was still time, or it said so before")
            self.unanswered = True


    def judge_page(self, manifest: Statement, device: str, time: str, upper: int):
        """A page to a device to which the message was sealed. Subscriptions are no entries about a message."""
        first = max(1, bisect.bisect_left(self.times, milliseconds(time) - MINUTE, key=milliseconds))
        require(self.roster.last_live(device, upper) >= first, "served_to_revoked",
                f"the relay pushed its page to {device}, which was revoked or suspended for more than a minute")
        end = min(self.over or manifest["expires"], manifest["expires"])
        # What was on its way when the device was revoked is told by that rule alone.
        is_late = milliseconds(time) - milliseconds(end) > MINUTE
        require(not is_late or not self.roster.is_live(device, upper), "paged_after_end",
                f"the relay pushed its page to {device}, and it was answered, turned down or expired at {end}: its pages were over")


def at(part: str, code: str, sentence: str) -> Refused:
    refused = Refused(code, sentence)
    refused.part = part
    return refused


def vkey(key: Key) -> bytes:
    return f"{key.name}+{key.id.hex()}+{base64.b64encode(bytes([1]) + key.public).decode()}\n".encode()


# ------------------------------------------------------------------------------------------------------------- in words

LIMITS = (
    "that nothing else was logged about the message: only the whole activity log shows that",
    "that a page went where a subscription was proven, that a prekey was used once, that a device without a key was left out with "
    "reason: other entries tell that",
    "that the relay showed everybody the same logs: compare sizes and roots with other members' devices",
    "who held a device in the hand: a signature is a device's, and the roster says whose device it is",
    "the true time: an entry's is the relay's word, a statement's its device's; their order in the log is proven",
    "what happened after the checkpoint",
)


def marks(result: Evidence) -> dict[int, str]:
    """What an answer's entry does not say itself, by its index: that it came late, or that nobody had read what was closed."""
    marks, expired, opened = {}, False, False
    for place, _, statement in result.events:
        expired = expired or statement.type == "event unanswered"
        if statement.type == "receipt":
            action = statement["action"]
            if action == "closed" and not opened:
                marks[place] = ", UNREAD: nobody had read it or taken it up"
            if action in ANSWERS and expired:
                marks[place] = marks.get(place, "") + ", LATE: it had expired unanswered"
            opened = opened or action in ("read", "acknowledged", "handed_off")
    return marks


def withdrawn(result: Evidence) -> dict[str, str]:
    """Of the devices that the entries name, those that count no more, and why."""
    ids = [result.statement["device"]] if result.statement else []
    for _, _, statement in result.events:
        ids += [row[0] for key in ("sender", "device", "signer", "to", "without") for row in statement.rows.get(key, [])]
    found = {}
    for id in dict.fromkeys(ids):
        device = result.roster.devices.get(id)
        if device and device.revoked is not None:
            found[id] = f"REVOKED {utc(result.times[device.revoked])}"
        elif device and not result.roster.is_live(id, len(result.times)):
            found[id] = "its member is suspended"
    return found


# What Nightbell's own check judges besides.
NOT_JUDGED = (
    "whether README.txt is the text that Nightbell writes: follow none that you have not from elsewhere",
    "whether a suspension or revocation left enough admins: `nightbell audit check` does",
)


def limits(result: Evidence) -> list[str]:
    """With a capsule it is told whom the message is about, as its sender wrote it."""
    about = ("what the message said, and about whom: it is sealed, and only its recipients open it",
             "what the message said: it is sealed, and only its recipients open it; and whether what its sender wrote into the "
             "capsule is true")
    return [*LIMITS[:3], about[result.capsule is not None], *LIMITS[3:]]


def utc(time: str) -> str:
    return time.replace("T", " ").replace("Z", " UTC")


def words(result: Evidence, time: str, statement: Statement) -> str:
    """One entry as a sentence. Nothing in it comes from the file but names and closed words; names are those at its place."""
    size = bisect.bisect_right(result.times, time)

    def member(id: str) -> str:
        return ascii(result.roster.name_at(id, size)).strip("'")

    def device(id: str) -> str:
        known = result.roster.devices.get(id)
        return f"{member(known.member)} ({id})" if known else f"the unknown device {id}"

    kind = statement.type.removeprefix("event ")
    if kind == "manifest":
        message = statement["message"]
        sent = f"by {device(statement['sender'])} to {member(statement['member'])}"
        if message == result.statement["message"]:
            to = ", ".join(row[0] for row in statement.rows["to"])
            left = "".join(f"; not to {id} ({reason})" for id, reason in statement.rows["without"])
            return f"SENT {sent}, {statement['urgency']}: sealed to {to}{left}; signed at {utc(statement['at'])} by its own clock"
        if result.statement["message"] == statement["in-reply-to"]:
            return f"answered {sent}, with {message}"
        return f"{'carried on' if result.statement['message'] == statement['forward-of'] else 'an earlier message'} {sent}: {message}"
    if kind == "receipt":
        reason = "" if statement["reason"] == "none" else f" ({statement['reason']})"
        return (f"{statement['action'].upper().replace('_', ' ')}{reason} by {device(statement['device'])}; signed at "
                f"{utc(statement['at'])} by its own clock, receipt {statement['number']}")
    if kind == "access":
        signer = device(statement["signer"]) if statement["signer"] else "the holder of the recovery key"
        what = "made evidence of it, to be given away" if statement["kind"] == "evidence" else "looked at whom it is about"
        return f"{signer} {what}; reason: {statement['reason']}; signed at {utc(statement['at'])} by its own clock"
    rest = " ".join(str(row[0]) for key, rows in statement.rows.items() for row in rows
                    if key in ("what", "reason", "transport", "attempt", "outcome"))
    about = f" to {device(statement['device'])}" if "device" in statement.rows else ""
    return f"the relay recorded: {kind.upper() if kind in ('unanswered', 'undeliverable') else kind}{about} {rest}".rstrip()


def as_json(result: Evidence) -> dict:
    made = result.statement and {"device": result.statement["device"], "at": result.statement["at"]}
    report = {"ok": result.ok, "organisation": result.organisation, "organisation_pinned": result.pinned is not None,
              "message": result.statement and result.statement["message"], "made_by": made,
              "head": result.head and result.head["time"]}
    report |= {kind: {"size": log.size, "root": log.root.hex()} for kind, log in result.logs.items() if log.root}
    report |= {"cosignatures_demanded": result.roster.cosignatures, "cosigned": result.cosigned}
    said = marks(result)
    entries = [{"index": place, "logged": time, "type": statement.type,
                "sentence": words(result, time, statement) + said.get(place, "")} for place, time, statement in result.events]
    return report | {"signatures": result.signatures, "entries": entries, "withdrawn": withdrawn(result), "capsule": result.capsule,
                     "cannot_show": limits(result), "not_judged": NOT_JUDGED + table_limits(), "findings": result.findings,
                     "update_needed": result.update or None}


def as_text(result: Evidence) -> str:
    lines = []
    if result.statement:
        lines.append(f"evidence about {result.statement['message']}, signed by {result.statement['device']} at "
                     f"{utc(result.statement['at'])} by its own clock")
    if result.organisation:
        lines += [f"organisation {result.organisation}", "  it is the one that you named" if result.pinned else
                  "  COMPARE this id by telephone, or with an invitation on paper: everything hangs on it"]
        lines.append(f"as of {utc(result.head['time'])}, as the relay signed it" if result.head else
                     "as of two checkpoints; no signed word of the relay that could be read says that they belong together")
        lines += [f"{kind} log: {log.size} entries, root {log.root.hex()}" for kind, log in result.logs.items()]
        for kind, given in result.cosigned.items():
            by = ", ".join(f"{ascii(one['witness'])} at {one['at']}" for one in given) or "nobody"
            if result.roster.witnesses:
                lines.append(f"{kind} log cosigned by {by} ({result.roster.cosignatures} demanded)")
    said = marks(result)
    lines += [f"  {place:>6}  {utc(time)}  {words(result, time, statement)}{said.get(place, '')}"
              for place, time, statement in result.events]
    lines += [f"  of {device}: {why}" for device, why in withdrawn(result).items()]
    for device, numbers in result.numbers.items():
        last = numbers[-1][0]
        gaps = (f"none below {last} is missing" if last == len(numbers) else
                "lower ones that are not here may be about other messages")
        lines.append(f"  of {device}: receipts {', '.join(str(number) for number, _ in numbers)}; {gaps}; later ones may exist")
    if result.capsule:
        named = ", ".join(f"{name} {ascii(text)}" for name, text in result.capsule.items())
        lines.append(f"its capsule, as the sender sealed it to the auditors: {named}")
    lines += ["cannot show:"] + [f"  - {limit}" for limit in limits(result)]
    lines += ["not judged here:"] + [f"  - {one}" for one in NOT_JUDGED + table_limits()]
    for finding in result.findings[:20]:
        entry = "" if finding["entry"] is None else f", entry {finding['entry']}"
        lines.append(f"FINDING {ascii(finding['part'])}{entry}: {finding['sentence']} ({finding['code']})")
    if result.update:
        lines.append(f"a later version wrote {result.update}: nothing from there on was judged; get a newer program")
    lines.append(f"ok: every part, place, signature and right holds ({result.signatures} signatures)" if result.ok else
                 not_ok(result) if result.findings else "NOT JUDGED TO THE END")
    return "\n".join(lines)


def not_ok(result: Evidence) -> str:
    """What it comes to, and what to do."""
    if result.theirs:
        return (f"NOT OK: the file is of {result.theirs}, not of the one you named: check what you typed, or ask for the file of that "
                "organisation. Nothing in it was found changed, and the rest of it was not looked at")
    ask = ("ask whoever made it for the file again, and compare its sha256 by telephone: `nightbell audit evidence` printed one")
    if result.findings[0]["code"] == "archive_malformed":
        ask = ("The archive is not as it was written: unpacked and packed again, or sent as something else than a file, it is no "
               f"proof any more. So {ask}")
    return f"NOT OK: something in this file was changed, or breaks a rule: do not rely on it. {ask[0].upper()}{ask[1:]}"


def read_file(name: str) -> bytes:
    """Waits for what somebody writes into a pipe, and not for somebody who may never come to write."""
    with open(os.open(name, os.O_RDONLY | os.O_NONBLOCK), "rb", buffering=0) as file:
        begin = file.read(1)  # `None`: a writer is there, and has written nothing yet
        if begin == b"" and stat.S_ISFIFO(os.fstat(file.fileno()).st_mode):
            raise BrokenPipeError(errno.EPIPE, "it is a pipe, and nobody writes into it")
        os.set_blocking(file.fileno(), True)
        return (begin or b"") + io.BufferedReader(file).read(MAXIMUM)


def read_input() -> bytes:
    if sys.stdin is None:  # closed
        return b""
    with contextlib.suppress(io.UnsupportedOperation):
        os.set_blocking(sys.stdin.fileno(), True)  # some shells leave it so that reading does not wait
    return sys.stdin.buffer.read(MAXIMUM + 1)


def main(arguments: list[str] | None = None) -> int:
    parser = Parser(prog="nightbell_evidence.py", description="Check a file of evidence about one Nightbell message.",
                    epilog="exit codes: 0 verified, 65 verification failed, or another organisation's than --org names, 64 usage, "
                           "66 no such file, 77 no right to read it, 78 too old, or a package is missing, 1 failed")
    parser.add_argument("file", metavar="FILE", help="what `nightbell audit evidence MSG FILE` wrote; - for standard input")
    parser.add_argument("--org", "--organisation", dest="organisation", metavar="ORG",
                        help="the organisation's id, known from elsewhere")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args(arguments)
    if options.organisation is not None and not re.fullmatch(KINDS["ORG"], options.organisation):
        parser.error("--org is not an organisation's id (org- and 32 characters)")
    name, other = ascii(options.file), "name the file that `nightbell audit evidence MSG FILE` made"
    try:
        data = read_input() if options.file == "-" else read_file(options.file)
    except IsADirectoryError:
        parser.fail(64, f"{name} is no file of evidence: it is a folder", other)
    except PermissionError:
        parser.fail(77, f"the evidence cannot be read from {name}: you have no right to read it",
                    "ask whoever owns it for the right to read it and to enter its folders")
    except OSError as error:
        hint = "start what writes into it first, or name a file" if isinstance(error, BrokenPipeError) else "check the path"
        parser.fail(66, f"the evidence cannot be read from {name}: {error.strerror}", hint)
    if len(data) > MAXIMUM:
        parser.fail(64, f"the evidence has more than {MAXIMUM >> 20} MiB", other)
    if not is_evidence(data):
        parser.fail(64, f"{name} is no file of evidence: {kind(data)}", other)
    result = Evidence(options.organisation).check(data)
    text = json.dumps(as_json(result), indent=2) if options.json else as_text(result)
    return parser.show(text, 0 if result.ok else 65 if result.findings else 78)


if __name__ == "__main__":
    run("nightbell_evidence.py", main)
