"""Builds a file of evidence from a synthetic organisation, for the tests of its readers.

Written from the protocol's page and the plain definitions of RFC 6962; it shares no code with a reader but the ciphers, which
have tests of their own. As a program it
writes one to standard output, for readers in other languages.
"""

import copy
import io
import os
import re
import sys
import tarfile
from datetime import timedelta

from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from ciphers import hchacha20, kdf
from synthetic_export import (HybridKey, Organisation, Practice, Signer, WeakSigner, Witness, b64, hexed, message_id, sha,
                              tree_hash)


def path(entries: list[bytes], index: int, start: int, end: int, memo: dict) -> list[bytes]:
    """PATH(m, D[n]), RFC 6962 section 2.1.1."""
    if end - start == 1:
        return []
    split = start + largest_power(end - start)
    if index < split:
        return path(entries, index, start, split, memo) + [tree_hash(entries, split, end, memo)]
    return path(entries, index, split, end, memo) + [tree_hash(entries, start, split, memo)]


def subproof(entries: list[bytes], old: int, start: int, end: int, whole: bool, memo: dict) -> list[bytes]:
    """SUBPROOF(m, D[n], b), RFC 6962 section 2.1.2."""
    if old == end:
        return [] if whole else [tree_hash(entries, start, end, memo)]
    split = start + largest_power(end - start)
    if old <= split:
        return subproof(entries, old, start, split, whole, memo) + [tree_hash(entries, split, end, memo)]
    return subproof(entries, old, split, end, False, memo) + [tree_hash(entries, start, split, memo)]


def largest_power(count: int) -> int:
    split = 1
    while split * 2 < count:
        split *= 2
    return split


def lines(hashes: list[bytes]) -> str:
    return "".join(b64(hash) + "\n" for hash in hashes)


def parts(organisation: Organisation, message: str, cosigned: dict[str, bytes] | None = None) -> dict[str, bytes]:
    """Every part but the list and the note, by name. Entries are those that name the message. `cosigned` are the checkpoints
    as witnesses cosigned them, by log."""
    files, entries, memo = organisation.export(), organisation.entries["activity"], {}
    files |= {f"{log}/checkpoint": note for log, note in (cosigned or {}).items()}
    size = len(entries)
    roster = organisation.checkpoint("roster").split("\n")
    root = tree_hash(entries, 0, size, memo)
    head = (f"nightbell.head/v1\norg {organisation.id}\ntime {organisation.time()}\n"
            f"roster {roster[1]} {organisation.root('roster').hex()}\nactivity {size} {root.hex()}\ndevice none\n")
    result = {"README.txt": b"by the test\n",
              "head.note": f"{head}\n{organisation.log_keys['activity'].line(head)}".encode()}
    names = [name for name in files if name.startswith("roster/tile/")]
    ordered = sorted(names, key=lambda name: (name.split("/")[2] != "entries", name))
    for name in ["roster/log.vkey", "roster/checkpoint", *ordered, "activity/log.vkey", "activity/checkpoint"]:
        result[name] = files[name]
    about = re.compile(rf"^(?:message|in-reply-to|forward-of|subject message) {message}$", re.M)
    chosen = [index for index, entry in enumerate(entries) if about.search(entry.decode())]
    checkpoint = files["activity/checkpoint"]
    sizes = {int(found[1]) for index in chosen
             for found in [re.search(r"^seen activity ([0-9]+) ", entries[index].decode(), re.M)] if found}
    for old in sorted(sizes):
        proof = lines(subproof(entries, old, 0, size, True, memo))
        result[f"activity/consistency/{old}"] = f"old {old}\n{proof}\n".encode() + checkpoint
    for index in chosen:
        proof = lines(path(entries, index, 0, size, memo))
        result[f"activity/entry/{index}"] = entries[index]
        result[f"activity/proof/{index}.tlog-proof"] = (
            f"c2sp.org/tlog-proof@v1\nindex {index}\n{proof}\n".encode() + checkpoint)
    return result


def seal(organisation: Organisation, message: str, listed: dict[str, bytes], auditor: Signer, edit=None) -> bytes:
    """The archive, with the list of its parts and the auditor's signature."""
    sums = "".join(f"{sha(data).hex()}  {name}\n" for name, data in listed.items())
    text = (f"nightbell.evidence/v1\norg {organisation.id}\n{organisation.seen('roster')}{organisation.seen('activity')}"
            f"message {message}\ndevice {auditor.name}\nat {organisation.time()}\nparts {len(listed)} {sha(sums.encode()).hex()}\n")
    text = edit(text) if edit else text
    output = io.BytesIO()
    with tarfile.open(fileobj=output, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        note = f"{text}\n{auditor.line(text)}".encode()
        for name, data in {"evidence.note": note, "SHA256SUMS": sums.encode(), **listed}.items():
            member = tarfile.TarInfo("nightbell-evidence/" + name)
            member.size, member.mtime = len(data), 315_532_800
            archive.addfile(member, io.BytesIO(data))
        archive.fileobj.write(bytes(1024))
        whole = output.getvalue()
    return whole


# ---------------------------------------------------------------------------------------------------------------- lies

def weak(signer: Signer) -> Signer:
    other = copy.copy(signer)
    other.__class__ = WeakSigner
    return other


def without_end(practice: Practice, count: int) -> Practice:
    """The same, with a roster that lacks its last entries: as it was signed before."""
    older = copy.copy(practice)
    older.entries = practice.entries | {"roster": practice.entries["roster"][:-count]}
    older.memos = practice.memos | {"roster": {}}
    return older


def page(practice: Practice, sender: Signer | None = None, to: Signer | None = None, **more) -> str:
    return practice.manifest("lie", sender or practice.desk, [to or practice.clinician], **more)[0]


def about(practice: Practice, message: str | None = None, auditor: Signer | None = None, drop=()) -> bytes:
    message = message or practice.page[0]
    return seal(practice, message, {name: data for name, data in parts(practice, message).items() if name not in drop},
                auditor or practice.auditor)


def of_the_past(practice: Practice, drop=()) -> bytes:
    """Under a roster that did not know the tablet's revocation yet; the activity log is the newest."""
    return about(without_end(practice, 1), drop=drop)


def acknowledged_by_the_revoked(practice: Practice) -> bytes:
    seen = without_end(practice, 1).seen("roster") + practice.seen("activity")
    practice.receipt(practice.tablet, practice.page, "closed", seen=seen)
    gone = next(place for place, entry in enumerate(practice.entries["activity"]) if b"kind undeliverable" in entry)
    return of_the_past(practice, ("head.note", f"activity/entry/{gone}", f"activity/proof/{gone}.tlog-proof"))


def by_a_revoked_auditor(practice: Practice) -> bytes:
    practice.revoke(practice.auditor.name)
    return of_the_past(practice, ("head.note",))


def closed_weakly(practice: Practice) -> bytes:
    practice.receipt(practice.clinician, practice.page, "closed", signers=[weak(practice.clinician)])
    return about(practice)


def unanswered_twice(practice: Practice) -> bytes:
    message = page(practice)
    practice.clock += timedelta(days=2)
    for _ in range(2):
        practice.event("unanswered", f"message {message}\n")
    return about(practice, message)


def carried_round(practice: Practice) -> bytes:
    """A message that says to carry itself on, served to its sender as notice, and answered."""
    message = page(practice, reference=f"forward-of {message_id('lie')}\n")
    practice.serve(practice.desk, message, "notice")
    practice.manifest("answer", practice.clinician, [practice.desk], reference=f"in-reply-to {message}\n")
    return about(practice, message)


def unsigned_of_a_later_suite(practice: Practice) -> bytes:
    """What only a later version could judge is signed, too; behind it, a receipt of somebody who never had the message."""
    reference = f"in-reply-to {practice.page[0]}\n"
    page(practice, practice.clinician, practice.desk, reference=reference, served=False,
         edit=lambda text: text.replace("suite 1", "suite 2"))
    practice.entries["activity"][-1] = practice.entries["activity"][-1].rpartition(b"\n\n")[0] + b"\n"
    practice.receipt(practice.desk, practice.page, "closed")
    return about(practice)


def receipt_then_no_entry(practice: Practice) -> bytes:
    """A receipt that breaks a rule, and behind it an entry that is none: a file with such a one is not judged at all."""
    practice.receipt(practice.desk, practice.page, "closed")
    practice.event("unanswered", f"message {practice.page[0]}\n", at="2026-02-30T00:00:00.000Z")
    return about(practice)


def undeliverable_to_a_stranger(practice: Practice) -> bytes:
    message = page(practice)
    practice.event("undeliverable", f"device {practice.tablet.name}\nmessage {message}\nreason revoked\n")
    return about(practice, message)


def pushed(practice: Practice, message: str, device: Signer | None = None):
    practice.event("pushed", f"device {(device or practice.clinician).name}\nmessage {message}\ntransport web_push\nattempt 2\n"
                             "outcome accepted\n")


def paged_after(minutes: float, action="acknowledged", reason="calling_now"):
    """A page that goes out after somebody said something."""
    def tell(practice: Practice) -> bytes:
        message = practice.manifest("lie", practice.desk, [practice.clinician])
        practice.receipt(practice.clinician, message, "delivered")
        practice.receipt(practice.clinician, message, action, reason)
        practice.clock += timedelta(minutes=minutes)
        pushed(practice, message[0])
        return about(practice, message[0])
    return tell


def paged_after_expiry(practice: Practice) -> bytes:
    message = page(practice)
    practice.clock += timedelta(days=1, minutes=2)
    pushed(practice, message)
    return about(practice, message)


def paged_to_the_revoked(minutes: float):
    def tell(practice: Practice) -> bytes:
        message = page(practice)
        practice.revoke(practice.clinician.name)
        practice.clock += timedelta(minutes=minutes)
        pushed(practice, message)
        return about(practice, message)
    return tell


def undeliverable(times: int, *, is_delivered=False):
    def tell(practice: Practice) -> bytes:
        message = practice.manifest("lie", practice.desk, [practice.clinician])
        if is_delivered:
            practice.receipt(practice.clinician, message, "delivered")
        practice.revoke(practice.clinician.name)
        for number in range(times):
            practice.event("undeliverable", f"device {practice.clinician.name}\nmessage {message[0]}\nreason revoked\n")
        return about(practice, message[0])
    return tell


def head_of(time: str):
    """The relay's word on the very logs, of another time."""
    def tell(practice: Practice) -> bytes:
        files = parts(practice, practice.page[0])
        text = re.sub(r"^time .*$", f"time {time}", files["head.note"].decode().split("\n\n")[0] + "\n", flags=re.M)
        files["head.note"] = f"{text}\n{practice.log_keys['activity'].line(text)}".encode()
        return seal(practice, practice.page[0], files, practice.auditor)
    return tell


def changed(change) -> bytes:
    """About the page of a practice in which something else was done, too."""
    def tell(practice: Practice) -> bytes:
        change(practice)
        return about(practice)
    return tell


def with_capsule(plaintext: bytes):
    """About a message whose sender sealed these bytes to the auditors."""
    def tell(practice: Practice) -> bytes:
        key, nonce, sealed = sha(b"subkey 3"), sha(b"nonce")[:24], []

        def edit(text: str) -> str:
            line = re.search(r"^capsule (\S+) .*$", text, re.M)
            message = re.search(r"^message (\S+)$", text, re.M)[1]
            capsule = f"{line[1]} {kdf(key, 1, b'nbcapsul').hex()}"
            binding = sha("".join([
                f"nightbell.binding/v1\norg {practice.id}\nmessage {message}\nsuite 1\nsender {practice.desk.name}\n",
                f"commit {hexed('commitlie')}\n",
                *(f"to {device} {prekey}\n" for device, prekey in re.findall(r"^to (\S+) 0 0 (\S+) ", text, re.M)),
                f"recovery {practice.recovery.id}\ncapsule {capsule}\n"]).encode())
            padded = (plaintext + b"\x80").ljust(1024, b"\0")
            sealed.append(nonce + ChaCha20Poly1305(hchacha20(key, nonce[:16])).encrypt(bytes(4) + nonce[16:], padded, binding))
            text = text.replace(line[0], f"capsule {capsule} {hexed('keylie')} 1064 {sha(sealed[0]).hex()}")
            return re.sub(r"^binding .*$", f"binding {binding.hex()}", text, flags=re.M)

        message = page(practice, edit=edit)
        files = parts(practice, message) | {
            "capsule/sealed": sealed[0], "capsule/key": key.hex().encode() + b"\n", "capsule/opened.json": plaintext}
        return seal(practice, message, files, practice.auditor)
    return tell


def capsule(text: str, encoding: str = "utf-8") -> bytes:
    return text.replace("HASH", f'"sha256":"{sha(b"content").hex()}"').encode(encoding)


# What a capsule may be, though it looks odd.
CAPSULES = {
    "all names": capsule('{"record_id":"r","patient":"Alice","practice":"p","category":"c","operator":"o",HASH}'),
    "an empty text": capsule('{"patient":"",HASH}'),
    "blanks around": capsule('\n {\t"patient" : "Alice",HASH}\r\n'),
    "escapes": capsule(r'{"patient":"a\/b \u0000 \ud83d\udd14 \u001b[2J",HASH}'),
    "two forms of one letter": capsule(r'{"patient":"Ali\u00e9","practice":"Alie\u0301",HASH}'),
}

# What some readers of JSON take for one, and each for another.
NO_CAPSULES = {
    "a name twice": capsule('{"patient":"Alice","patient":"Bob",HASH}'),
    "a name twice, once escaped": capsule(r'{"patient":"Alice","p\u0061tient":"Bob",HASH}'),
    "a name twice, once of no text": capsule('{"patient":5,"patient":"Bob",HASH}'),
    "a name twice, once of nothing": capsule('{"patient":"Bob","patient":null,HASH}'),
    "a byte order mark": capsule('{"patient":"Alice",HASH}', "utf-8-sig"),
    "UTF-16": capsule('{"patient":"Alice",HASH}', "utf-16"),
    "UTF-16 without a mark": capsule('{"patient":"Alice",HASH}', "utf-16-be"),
    "half of a pair": capsule(r'{"patient":"\ud800",HASH}'),
    "halves in the wrong order": capsule(r'{"patient":"\udd14\ud83d",HASH}'),
    "a comma at the end": capsule('{"patient":"Alice",HASH,}'),
    "single quotes": capsule("{'patient':'Alice',HASH}"),
    "nothing": capsule('{"patient":null,HASH}'),
    "a form feed": capsule('{"patient":"Alice",HASH}\f'),
    "a wide blank": capsule('{"patient":"Alice",\u00a0HASH}'),
    "a control": capsule('{"patient":"Al\x1bice",HASH}'),
    "no UTF-8": b'{"patient":"\xff",' + capsule("HASH}"),
    "an overlong zero": b'{"patient":"\xc0\x80",' + capsule("HASH}"),
    "half of a pair in UTF-8": b'{"patient":"\xed\xa0\x80",' + capsule("HASH}"),
    "an escape that is none": capsule(r'{"patient":"A\x",HASH}'),
    "a hash in capitals": b'{"sha256":"' + b"AB" * 32 + b'"}',
    "a hash of wide digits": ('{"sha256":"' + "\uff11" * 64 + '"}').encode(),
    "a number that is none": capsule('{"patient":NaN,HASH}'),
}


# What looks like a lie, and is none.
HONEST = {
    "paged within a minute after the answer": paged_after(0.5),
    "paged as its device was revoked": paged_to_the_revoked(0.5),
    "undeliverable once": undeliverable(1),
    "a head that was read before its last entries": head_of("2026-11-23T03:07:00.000Z"),
} | {f"a capsule with {name}": with_capsule(text) for name, text in CAPSULES.items()}

# What somebody does with keys that are good, by name: what both readers must find, and name alike.
LIES = {
    "older roster, no head": lambda p: of_the_past(p, ("head.note",)),
    "older roster, revocation left out": acknowledged_by_the_revoked,
    "older roster, revoked auditor": by_a_revoked_auditor,
    "receipt signed without a nonce": closed_weakly,
    "note signed without a nonce": lambda p: about(p, auditor=weak(p.auditor)),
    "not permitted by the policy": lambda p: about(p, page(p, p.clinician, p.admins[0])),
    "to an auditor": lambda p: about(p, page(p, to=p.auditor)),
    "no capsule under an audit key": lambda p: (setattr(p, "audit", None), about(p, page(p)))[1],
    "a taken name": changed(lambda p: p.member("twin", "provider", name="Desk")),
    "a name with a format character": changed(lambda p: p.member("twin", "provider", name="Desk\U00013439")),
    "a name with a character that nobody assigned": changed(lambda p: p.member("twin", "provider", name="Desk\u0378")),
    "a name with a character of Unicode 15": changed(lambda p: p.member("twin", "provider", name="Desk\U0001fae8")),
    "a name with a character of Unicode 17": changed(lambda p: p.member("twin", "provider", name="Desk\u20c1")),
    "a name that is no character": changed(lambda p: p.member("twin", "provider", name="Desk\ufdd0")),
    "unanswered twice": unanswered_twice,
    "carried round": carried_round,
    "a later suite that nobody signed": unsigned_of_a_later_suite,
    "an entry of no day": receipt_then_no_entry,
    "revoked twice": changed(lambda p: p.revoke(p.tablet.name)),
    "a roster of no time, and one before it": changed(lambda p: (
        p.append("roster", b"noise", at=p.time(60)), p.member("twin", "provider", at=p.time(1)))),
    "a key change in force, voided": changed(lambda p: p.revoke(p.current["admins"])),
    "a recovery key that comes back": changed(lambda p: (
        p.set_admins(audit=p.audit, recovery=(HybridKey("new"), Signer("new", "recovery"))), p.revoke(p.current["admins"]),
        p.set_admins(audit=p.audit, recovery=(HybridKey("new"), Signer("new", "recovery"))))),
    "a quorum that invites out of order": changed(lambda p: p.invite("x", p.desk.member, p.admins[::-1])),
    "a witness of too long a name": changed(lambda p: p.set_admins(
        audit=p.audit, witnesses=[Witness("w", 256 * "\u00e9" + "x")])),
    "undeliverable to a stranger": undeliverable_to_a_stranger,
    "undeliverable to a device that has it": undeliverable(1, is_delivered=True),
    "undeliverable twice": undeliverable(2),
    "paged after the answer": paged_after(2),
    "paged after a refusal": paged_after(2, "declined", "unavailable"),
    "paged after the end": paged_after_expiry,
    "paged to the revoked": paged_to_the_revoked(2),
    "a head from before its entries": head_of("2020-01-01T00:00:00.000Z"),
    "a head of the far future": head_of("9999-01-01T00:00:00.000Z"),
} | {f"a capsule with {name}": with_capsule(text) for name, text in NO_CAPSULES.items()}


def main(arguments: list[str]):
    """Without arguments: an honest file, to standard output. With `suite 2`: one about a message of a later suite. With `later
    kind`: one with a lie, and behind it an event of a later version. With a folder: each lie's file into it, under its name.
    With `honest` and a folder: those that look like one, and are none."""
    if arguments == ["suite 2"]:
        practice = Practice()
        sys.stdout.buffer.write(about(practice, page(practice, edit=lambda text: text.replace("suite 1", "suite 2"))))
    elif arguments == ["later kind"]:
        practice = Practice()
        message = page(practice)
        practice.serve(practice.tablet, message)
        practice.event("served2", f"message {message}\n")
        sys.stdout.buffer.write(about(practice, message))
    elif arguments:
        for name, tell in (HONEST if arguments[0] == "honest" else LIES).items():
            with open(os.path.join(arguments[-1], name), "wb") as file:
                file.write(tell(Practice()))
    else:
        sys.stdout.buffer.write(about(Practice()))


if __name__ == "__main__":
    main(sys.argv[1:])
