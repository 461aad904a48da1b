"""Tests of nightbell_evidence.py on files that another writer made. What `nightbell` writes, and more than a hundred changed
files, are put before both programs by the Swift tests (`EvidenceTests`)."""

import base64
import contextlib
import io
import os
import tempfile
import threading
import tracemalloc
import unittest
import unittest.mock
from datetime import timedelta

import nightbell_evidence
from nightbell_evidence import FOLDER, Evidence, is_consistent, is_included
from synthetic_evidence import (CAPSULES, HONEST, LIES, NO_CAPSULES, about, page, parts, path, seal, subproof, with_capsule,
                                without_end)
from roster import Roster
from synthetic_export import Practice, Witness, sha, tree_hash
from tlog import Refused


def first(data: bytes, organisation: str | None = None):
    found = Evidence(organisation).check(data).findings
    return (found[0]["part"], found[0]["code"]) if found else None


class Proofs(unittest.TestCase):
    def test_every_proof_of_small_trees_and_no_other(self):
        entries, memo = [bytes([i]) for i in range(20)], {}
        for size in range(1, 21):
            root = tree_hash(entries, 0, size, memo)
            for index in range(size):
                leaf, proof = sha(b"\x00" + entries[index]), path(entries, index, 0, size, memo)
                self.assertTrue(is_included(leaf, index, size, root, proof))
                self.assertFalse(is_included(leaf, index + 1, size, root, proof))
                self.assertFalse(is_included(leaf, index, size, root, proof + [root]))
                self.assertFalse(is_included(sha(leaf), index, size, root, proof))
            for old in range(1, size):
                old_root, proof = tree_hash(entries, 0, old, memo), subproof(entries, old, 0, size, True, memo)
                self.assertTrue(is_consistent(old, old_root, size, root, proof))
                self.assertFalse(is_consistent(old, sha(old_root), size, root, proof))
                self.assertFalse(is_consistent(old, old_root, size, root, proof[:-1]))
                self.assertFalse(is_consistent(old, old_root, size, root, proof + [root]))


class Files(unittest.TestCase):
    def setUp(self):
        self.practice = Practice()
        self.message = self.practice.page[0]
        self.parts = parts(self.practice, self.message)
        self.file = seal(self.practice, self.message, self.parts, self.practice.auditor)

    def test_an_honest_file(self):
        result = Evidence(self.practice.id).check(self.file)
        self.assertEqual(result.findings, [])
        self.assertEqual([event.type.split(" ")[-1] for _, _, event in result.events][:4],
                         ["fallback", "manifest", "served", "served"])
        self.assertIn("manifest", [event.type for _, _, event in result.events][5:])  # the reply

    def test_a_page_costs_no_walk_through_the_roster(self):
        practice = Practice()
        message = practice.manifest("m", practice.desk, [practice.clinician])
        practice.revoke(practice.clinician.name)
        for number in range(50):
            practice.member(f"Vikar {number}", "provider")
        practice.event("pushed", f"device {practice.clinician.name}\nmessage {message[0]}\ntransport fcm\nattempt 1\n"
                       "outcome accepted\n")
        file, asked = about(practice, message[0]), []
        is_live = Roster.is_live

        def counted(roster, device, size):
            asked.append(size)
            return is_live(roster, device, size)
        with unittest.mock.patch.object(Evidence, "judge_page", autospec=True, side_effect=Evidence.judge_page) as judge:
            def judging(*arguments):
                with unittest.mock.patch.object(Roster, "is_live", counted):
                    return original(*arguments)
            original, judge.side_effect = judge.side_effect, judging
            Evidence(practice.id).check(file)
        self.assertEqual(judge.call_count, 1)
        self.assertLess(len(asked), 4)

    def test_a_list_of_empty_lines_costs_nothing(self):
        for data in (b"\n" * (12 << 20), b"\n" * (1 << 20)):
            tracemalloc.start()
            with self.assertRaises(Refused) as raised:
                nightbell_evidence.parse_sums(data)
            peak = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
            self.assertEqual(raised.exception.code, "part_malformed")
            self.assertLess(peak, 1 << 20)

    def test_one_bit_anywhere(self):
        for offset in range(0, len(self.file), 211):
            changed = self.file[:offset] + bytes([self.file[offset] ^ 4]) + self.file[offset + 1:]
            result = Evidence().check(changed)
            self.assertTrue(result.findings or result.update, f"byte {offset}")

    def test_every_length(self):
        for length in range(0, len(self.file), 1013):
            self.assertEqual(first(self.file[:length]), ("archive", "archive_malformed"))
        self.assertEqual(first(self.file + bytes(512)), ("archive", "archive_malformed"))

    def test_who_may_sign(self):
        for signer in (self.practice.desk, self.practice.admins[0], self.practice.tablet):
            self.assertEqual(first(seal(self.practice, self.message, self.parts, signer)), ("evidence.note", "not_an_auditor"))

    def test_every_part_is_needed_and_no_other(self):
        for name in self.parts:
            less = {other: data for other, data in self.parts.items() if other != name}
            self.assertIsNotNone(first(seal(self.practice, self.message, less, self.practice.auditor)), name)
        for number in ("007", "9007199254740992", "9999999999999999"):
            for name in (f"activity/entry/{number}", f"activity/consistency/{number}", f"activity/proof/{number}.tlog-proof"):
                more = {name: b"x"} | self.parts
                self.assertEqual(first(seal(self.practice, self.message, more, self.practice.auditor)), (name, "part_misplaced"))
        # One that could be is told by what is missing beside it.
        more = {"activity/entry/9007199254740991": b"x"} | self.parts
        self.assertEqual(first(seal(self.practice, self.message, more, self.practice.auditor)),
                         ("activity/proof/9007199254740991.tlog-proof", "part_misplaced"))

    def test_cosignatures(self):
        practice, one, two = self.practice, Witness("one", "one.example/w"), Witness("two", "two.example/w")
        practice.set_admins(audit=practice.audit, witnesses=[one, two])
        log_line = practice.log_keys["activity"].line(text := practice.checkpoint("activity"))

        def made(*lines: str) -> bytes:
            notes = {"activity": f"{text}\n{log_line}{''.join(lines)}".encode(), "roster": practice.cosigned("roster", one)}
            return seal(practice, self.message, parts(practice, self.message, notes), practice.auditor)

        result = Evidence(practice.id).check(made(one.line(text), two.line(text)))
        self.assertEqual(result.findings, [])
        report = nightbell_evidence.as_json(result)
        self.assertEqual([given["witness"] for given in report["cosigned"]["activity"]], ["one.example/w", "two.example/w"])
        self.assertEqual((report["cosigned"]["roster"][0]["vkey"], report["cosignatures_demanded"]), (one.vkey, 2))
        self.assertIn("roster log cosigned by 'one.example/w' at 2027-01-15 08:00:00 UTC (2 demanded)",
                      nightbell_evidence.as_text(result))
        self.assertEqual(Evidence().check(made()).findings, [])
        for name, lines in {
            "out of order": [two.line(text), one.line(text)], "twice": [one.line(text), one.line(text)],
            "of another text": [one.line(practice.checkpoint("roster"))],
            "a stranger's": [one.line(text), Witness("stranger", "three.example/w").line(text)],
            "another key of that name": [Witness("stranger", "one.example/w").line(text)],
            "no cosignature": [practice.log_keys["roster"].line(text)],
        }.items():
            with self.subTest(name):
                self.assertEqual(first(made(*lines)), ("activity/checkpoint", "cosignature_invalid"))

    def test_lies(self):
        found = {name: first(tell(Practice())) for name, tell in LIES.items()}
        lie = "activity/entry/34"
        roster = next(name for name in self.parts if name.startswith("roster/tile/entries/")).rpartition("/")[0]
        self.assertEqual(found, {
            "older roster, no head": ("head.note", "part_misplaced"),
            "older roster, revocation left out": ("head.note", "part_misplaced"),
            "older roster, revoked auditor": ("head.note", "part_misplaced"),
            "receipt signed without a nonce": (lie, "bad_signature"),
            "note signed without a nonce": ("evidence.note", "bad_signature"),
            "not permitted by the policy": (lie, "not_permitted"),
            "to an auditor": (lie, "not_permitted"),
            "no capsule under an audit key": (lie, "unknown_key"),
            "a taken name": (f"{roster}/15", "name_taken"),
            "a name with a format character": (f"{roster}/15", "malformed"),
            "a name with a character that nobody assigned": (f"{roster}/15", "malformed"),
            "a name with a character of Unicode 15": (f"{roster}/15", "malformed"),
            "a name with a character of Unicode 17": (f"{roster}/15", "malformed"),
            "a name that is no character": (f"{roster}/15", "malformed"),
            "carried round": (lie, "bad_reference"),
            "a later suite that nobody signed": (lie, "malformed"),
            "an entry of no day": ("activity/entry/35", "malformed"),
            "revoked twice": (f"{roster}/15", "unknown_target"),
            "a roster of no time, and one before it": (f"{roster}/16", "malformed"),
            "a key change in force, voided": (f"{roster}/15", "unknown_target"),
            "a recovery key that comes back": (f"{roster}/17", "key_used_twice"),
            "a quorum that invites out of order": (f"{roster}/15", "bad_signers"),
            "a witness of too long a name": (f"{roster}/15", "malformed"),
            "unanswered twice": ("activity/entry/37", "unanswered_untrue"),
            "undeliverable to a stranger": ("activity/entry/36", "undeliverable_untrue"),
            "undeliverable to a device that has it": ("activity/entry/38", "undeliverable_untrue"),
            "undeliverable twice": ("activity/entry/38", "undeliverable_untrue"),
            "paged after the answer": ("activity/entry/38", "paged_after_end"),
            "paged after a refusal": ("activity/entry/38", "paged_after_end"),
            "paged after the end": ("activity/entry/36", "paged_after_end"),
            "paged to the revoked": ("activity/entry/37", "served_to_revoked"),
            "a head from before its entries": ("head.note", "time_order"),
            "a head of the far future": ("head.note", "clock"),
        } | {f"a capsule with {name}": ("capsule/opened.json", "capsule_malformed") for name in NO_CAPSULES})

    def test_what_looks_like_a_lie(self):
        for name, tell in HONEST.items():
            with self.subTest(name):
                self.assertEqual(Evidence().check(tell(Practice())).findings, [])

    def test_what_a_capsule_may_be(self):
        for name, text in CAPSULES.items():
            with self.subTest(name):
                result = Evidence().check(with_capsule(text)(Practice()))
                self.assertEqual(result.findings, [])
                self.assertIn("sha256", result.capsule)
                self.assertIn("its capsule, as the sender sealed it", nightbell_evidence.as_text(result))

    def test_a_head_of_other_trees(self):
        """That an auditor kept one of an older roster does not help."""
        older = without_end(self.practice, 1)
        parts_ = parts(older, self.message) | {"head.note": self.parts["head.note"]}
        self.assertEqual(first(seal(older, self.message, parts_, older.auditor)), ("head.note", "other_head"))

    def test_a_head_says_all_of_a_device_or_nothing(self):
        key, head = self.practice.log_keys["activity"], self.parts["head.note"].decode().rpartition("\n\n")[0] + "\n"
        left = f"queue 0 0 {64 * '0'}\n"
        device = f"device {self.practice.desk.name}\n"
        for text in (head + left, head.replace("device none\n", device), head.replace("device none\n", device + left),
                     head + "one-time 3\n"):
            note = f"{text}\n{key.line(text)}".encode()
            changed = seal(self.practice, self.message, self.parts | {"head.note": note}, self.practice.auditor)
            self.assertEqual(first(changed), ("head.note", "bad_signature"))

    def test_an_unknown_line_under_a_checkpoint(self):
        for payload in (b"12345", bytes(68), bytes(76), bytes(100)):
            note = self.parts["roster/checkpoint"] + f"\u2014 somebody {base64.b64encode(payload).decode()}\n".encode()
            changed = seal(self.practice, self.message, self.parts | {"roster/checkpoint": note}, self.practice.auditor)
            self.assertEqual(first(changed), ("roster/checkpoint", "cosignature_invalid"))

    def test_what_a_later_version_wrote_hides_nothing_before_it(self):
        practice = Practice()
        message = practice.manifest("x", practice.desk, [practice.clinician])
        practice.event("served2", f"message {message[0]}\n")
        result = Evidence().check(about(practice, message[0]))
        self.assertEqual((bool(result.update), result.findings, result.ok), (True, [], False))
        practice.serve(practice.tablet, message[0])
        result = Evidence().check(about(practice, message[0]))
        self.assertEqual((bool(result.update), result.findings), (True, []))

        practice = Practice()
        message = practice.manifest("x", practice.desk, [practice.clinician])
        practice.serve(practice.tablet, message[0])
        practice.event("served2", f"message {message[0]}\n")
        result = Evidence().check(about(practice, message[0]))
        self.assertTrue(result.update and result.findings)

    def test_a_later_suite(self):
        practice = Practice()
        message = page(practice, edit=lambda text: text.replace("suite 1", "suite 2"))
        result = Evidence().check(about(practice, message))
        self.assertEqual((result.update, result.findings), ("entry 34 of the activity log", []))

    def test_names_are_those_at_an_entrys_place(self):
        self.practice.member("Dr. \u017dofie", "provider", name="Dr. Scapegoat")
        text = nightbell_evidence.as_text(result := Evidence().check(about(self.practice)))
        self.assertEqual(result.findings, [])
        device = self.practice.clinician.name
        self.assertIn(f"ACKNOWLEDGED (calling_now) by Dr. \\u017dofie (now called Dr. Scapegoat) ({device})", text)
        self.practice.receipt(self.practice.clinician, self.practice.page, "closed")
        text = nightbell_evidence.as_text(Evidence().check(about(self.practice)))
        self.assertIn(f"CLOSED by Dr. Scapegoat ({device})", text)

    def test_what_is_not_said(self):
        text = nightbell_evidence.as_text(Evidence().check(self.file))
        self.assertIn("none below 3 is missing; later ones may exist", text)
        self.assertIn("not judged here:\n  - whether README.txt is the text that Nightbell writes", text)

    def test_an_answer_says_that_it_came_late_or_unread(self):
        message = self.practice.manifest("late", self.practice.desk, [self.practice.clinician])
        self.practice.receipt(self.practice.clinician, message, "delivered")
        self.practice.clock += timedelta(days=1)
        self.practice.event("unanswered", f"message {message[0]}\n")
        self.practice.receipt(self.practice.clinician, message, "closed")
        result = Evidence().check(about(self.practice, message[0]))
        self.assertEqual(result.findings, [])
        self.assertIn(", UNREAD: nobody had read it or taken it up, LATE: it had expired unanswered", nightbell_evidence.as_text(result))
        told = [entry["sentence"] for entry in nightbell_evidence.as_json(result)["entries"]]
        self.assertEqual([sentence for sentence in told if "LATE" in sentence], told[-1:])
        page = nightbell_evidence.as_text(Evidence().check(self.file))
        self.assertFalse("LATE" in page or "UNREAD" in page)

    def test_a_device_that_counts_no_more_is_said_to_be_revoked(self):
        result = Evidence().check(self.file)
        self.assertIn(f"  of {self.practice.tablet.name}: REVOKED 20", nightbell_evidence.as_text(result))
        self.assertEqual(list(nightbell_evidence.as_json(result)["withdrawn"]), [self.practice.tablet.name])

    def test_what_to_do_with_a_file_that_does_not_hold(self):
        for changed, words in ((self.file.replace(b"by the test", b"by the text"), "on it. Ask whoever made it for the file again"),
                               (bytes([self.file[0] ^ 1]) + self.file[1:], "packed again")):
            text = nightbell_evidence.as_text(Evidence().check(changed))
            self.assertIn(words, text)
            self.assertIn("compare its sha256", text)

    def test_another_organisation(self):
        part, code = first(self.file, "org-" + "a" * 32)
        self.assertEqual((part.split(".")[0], code), ("roster/tile/entries/000", "wrong_organisation"))
        text = nightbell_evidence.as_text(Evidence("org-" + "a" * 32).check(self.file))
        self.assertIn(f"the file is of {self.practice.id}, not of the one you named: check what you typed", text)
        self.assertNotIn("do not rely", text)

    def test_the_program(self):
        def run(*arguments: str) -> tuple[int, str, str]:
            out, err = io.StringIO(), io.StringIO()
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                try:
                    status = nightbell_evidence.main(list(arguments))
                except SystemExit as end:
                    status = end.code
            return status, out.getvalue(), err.getvalue()

        def write(descriptor: int):
            with open(descriptor, "wb") as pipe:
                pipe.write(self.file)

        with tempfile.TemporaryDirectory() as directory:
            name = os.path.join(directory, "evidence.tar")
            with open(name, "wb") as file:
                file.write(self.file)
            status, out, _ = run(name)
            self.assertEqual(status, 0)
            for words in (self.practice.id, "COMPARE", "SENT by Desk", "ACKNOWLEDGED (calling_now)", "cannot show"):
                self.assertIn(words, out)
            for option in ("--org", "--organisation"):
                self.assertEqual(run(name, option, "org-" + "a" * 32)[0], 65)
                self.assertEqual(run(name, option, "org-a")[0], 64)
            with unittest.mock.patch("sys.stdin", io.TextIOWrapper(io.BytesIO(self.file))):
                self.assertEqual(run("-")[0], 0)
            with unittest.mock.patch("sys.stdin", None):  # closed
                status, _, err = run("-")
                self.assertEqual((status, "it is empty" in err), (64, True))
            status, _, err = run(name + "x\udcff")
            self.assertEqual(status, 66)
            self.assertIn(f"the evidence cannot be read from {ascii(name + 'x' + chr(0xdcff))}: No such file", err)
            with unittest.mock.patch("os.open", side_effect=PermissionError(13, "Permission denied", name)):
                status, _, err = run(name)
                self.assertEqual((status, "you have no right to read it" in err), (77, True))
            with unittest.mock.patch("nightbell_evidence.MAXIMUM", len(self.file) - 1):
                status, _, err = run(name)
                self.assertEqual((status, "the evidence has more than" in err), (64, True))
            later = self.file.replace(b"nightbell.evidence/v1", b"nightbell.evidence/v2")
            with open(name, "wb") as file:
                file.write(later)
            self.assertEqual(run(name)[0], 78)
            for other, cause in ((b"something else", "does not begin"), (b"", "is empty"), (b"\x1f\x8b\x08", "unpack")):
                with open(name, "wb") as file:
                    file.write(other)
                status, _, err = run(name)
                self.assertEqual(status, 64)
                self.assertIn(cause, err)
                self.assertIn("hint: name the file that `nightbell audit evidence MSG FILE` made", err)
            status, _, err = run(directory)
            self.assertEqual((status, "it is a folder" in err), (64, True))
            os.mkfifo(pipe := os.path.join(directory, "pipe"))
            status, _, err = run(pipe)
            self.assertEqual((status, "nobody writes into it" in err), (66, True))
            for delay in (0, 0.2):  # somebody writes, at once or soon
                reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
                writer = os.open(pipe, os.O_WRONLY)
                threading.Timer(delay, write, [writer]).start()
                self.assertEqual(run(pipe)[0], 0)
                os.close(reader)
            with open(name, "wb") as file:
                file.write(bytes([self.file[0] ^ 1]) + self.file[1:])  # the name in the first header
            status, out, _ = run(name)
            self.assertEqual((status, "archive_malformed" in out), (65, True))
        self.assertTrue(self.file.startswith(FOLDER.encode()))


if __name__ == "__main__":
    unittest.main()
