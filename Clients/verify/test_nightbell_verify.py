#!/usr/bin/env python3
"""Tests of the independent reader: `python3 -m unittest discover -s Clients/verify`."""

import ast
import base64
import contextlib
import copy
import hashlib
import importlib.util
import io
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import tracemalloc
import unittest
from datetime import timedelta
from unittest import mock

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

import flip_bits
import nightbell_verify
import program
from nightbell_verify import Verification
from roster import Device, Roster
from roster import KeyInForce
from synthetic_evidence import about
from synthetic_export import (HybridKey, Organisation, Practice, Signer, WeakSigner, Witness, b64, hexed, message_id, tiled,
                              tree_hash, write)
from texts import KINDS, Statement, is_plain_text
from tlog import Witness as Witnessed
from tlog import (D, P, SMALL_ORDER, Cosigned, Key, Log, Refused, Tree, add_points, check_signatures, is_valid_point,
                  parse_note, parse_vkey, sha256, tile_path, tiles_of)

HERE = os.path.dirname(os.path.abspath(__file__))


def codes(files: dict[str, bytes], organisation: str | None = None) -> list[str]:
    """What is found, and whether judging ended at what a later version wrote."""
    result = Verification(organisation).run(files)
    return [finding["code"] for finding in result.findings] + ["update_needed"] * bool(result.later)


def flipped(data: bytes, offset: int, bit: int) -> bytes:
    return data[:offset] + bytes([data[offset] ^ 1 << bit]) + data[offset + 1:]


def tree_of(entries: list[bytes]) -> Tree:
    tree = Tree()
    for entry in entries:
        tree.append(entry)
    return tree


def log_of(entries: list[bytes]) -> dict[str, bytes]:
    """The files below x/."""
    key, memo = Signer("log", "example.org/log"), {}
    text = f"{key.name}\n{len(entries)}\n{b64(tree_hash(entries, 0, len(entries), memo))}\n"
    files = {f"x/{path}": data for path, data in tiled(entries, memo).items()}
    return files | {"x/log.vkey": f"{key.vkey}\n".encode(), "x/checkpoint": f"{text}\n{key.line(text)}".encode()}


def large_practice() -> Practice:
    """More than 256 entries in both logs: full tiles, and a level above them."""
    practice = Practice()
    for number in range(260):
        practice.member(f"Vikar {number}", "provider")
    for number in range(25):
        page = practice.manifest(f"large {number}", practice.desk, [practice.clinician])
        practice.receipt(practice.clinician, page, "delivered")
    return practice


class KnownAnswers(unittest.TestCase):
    """Figures published by others: RFC 6962's reference tree, C2SP, Go's note package, Tessera's test log."""

    LEAVES = [bytes.fromhex(leaf) for leaf in (
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")]
    ROOTS = [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ]

    def test_roots_of_every_prefix(self):
        tree = tree_of(self.LEAVES)
        self.assertEqual([tree.root(size).hex() for size in range(1, 9)], self.ROOTS)
        self.assertEqual(b64(tree.root(0)), "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=")

    def test_roots_by_the_plain_definition(self):
        self.assertEqual([tree_hash(self.LEAVES, 0, size, {}).hex() for size in range(1, 9)], self.ROOTS)

    def test_nodes_of_the_inclusion_and_consistency_proofs(self):
        levels = [[b64(node) for node in level] for level in tree_of(self.LEAVES).levels]
        inclusion = [levels[0][4], levels[1][3], levels[2][0]]  # of leaf 5 in 8
        self.assertEqual(levels[0][5], "QnGia+DYqE8L1UyMMC58s6O10fpngKQLzOKHNHfatlg=")
        self.assertEqual(inclusion, [
            "vBoGQ7EuTS18d5GPROD095qDi2z57FtcKD4fTYhZnms=", "yoVOoSjtBQtBs1/8G4e46yveRh6eO1WW7Oa51ZdaCuA=",
            "037kGJdt2VdTwcc4Yrk5j6Kiz5tP8P3+izDNlSCWFLc="])
        self.assertEqual(levels[1][2], "DrxdNDf74tsVi58Sah0RjjCBgQMdCpSfje3t68VY72o=", "consistency 6 to 8")
        self.assertEqual(levels[1][1], "Xwg/ChozygdqlSeYMlgNs+DvRYS9/x9UyKNg9Q3jAx4=", "consistency 2 to 5")
        node = base64.b64decode(levels[0][5])
        for sibling, is_left in zip(map(base64.b64decode, inclusion), (True, False, True)):
            node = sha256(b"\x01" + (sibling + node if is_left else node + sibling))
        self.assertEqual(node.hex(), self.ROOTS[7])

    def test_signed_note_and_every_bit_of_it(self):
        key = parse_vkey("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")
        payload = "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM="
        note = f"This is an example message.\n\n\u2014 example.com/foo {payload}\n".encode()
        check_signatures(*parse_note(note), [key])
        for offset in range(len(note)):
            for bit in range(8):
                with self.assertRaises(Refused):
                    check_signatures(*parse_note(flipped(note, offset, bit)), [key])

    def test_notes_are_plain_and_bounded(self):
        signer = Signer("x", "x")
        for text, good in (("a b\n", True), ("a\tb\n", False), ("a\rb\n", False), ("a" * 64_900 + "\n", False)):
            with self.subTest(text[:9]):
                note = f"{text}\n{signer.line(text)}".encode()
                if good:
                    check_signatures(*parse_note(note), [Key("x", signer.public)])
                else:
                    self.assertRaises(Refused, parse_note, note)

    def test_note_of_the_go_package(self):
        seed = base64.b64decode("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz")[1:]
        public = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        key = Key("PeterNeumann", public)
        self.assertEqual(key.id.hex(), "c74f20a3")
        payload = "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
        text = ("If you think cryptography is the answer to your problem,\n"
                "then you don't know what your problem is.\n")
        check_signatures(*parse_note(f"{text}\n\u2014 PeterNeumann {payload}\n".encode()), [key])

    def test_tesseras_log(self):
        key = parse_vkey("example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx")
        tree = tree_of(b"one two three four five six seven eit nain ten ileven twelf threeten fourten fivten".split())
        self.assertEqual(b64(tree.root(1)), "0Nc2CrefWKseHj/mStd+LqC8B+NrX0btIiPt2SmN+ek=")
        self.assertEqual(b64(tree.root(8)), "bC+VwvrJbalNVjfkdI8kUgs7mJoXrqiXCE7bgnD28pY=")
        payload = "M9e0luh4jTG+UMBqOUo9/q+yAEvx1ilBEniMvjf1zfcBOhg+CKubMt53MvIt/uEWP6zdkdIQzd/fmwlM/dlPWF74ewI="
        note = (f"example.com/log/testdata\n15\nrKbDipCvhuX1GZ7g5BBe8sA6BbJ7ja/1nk427v383cs=\n\n"
                f"\u2014 example.com/log/testdata {payload}\n")
        checkpoint = Cosigned(note.encode(), key)
        self.assertEqual((checkpoint.size, checkpoint.root, checkpoint.others), (15, tree.root(15), []))

    def test_points_of_small_order(self):
        for y in SMALL_ORDER:
            square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
            x = next(x for x in (pow(square, (P + 3) // 8, P) * f % P for f in (1, pow(2, (P - 1) // 4, P)))
                     if (x * x - square) % P == 0)
            point = x, y, 1, x * y % P
            for _ in range(3):
                point = add_points(point, point)
            self.assertEqual((point[0], (point[1] - point[2]) % P), (0, 0))
        self.assertEqual(len(SMALL_ORDER), 5)

    def test_a_signature_without_a_nonce_is_none(self):
        """OpenSSL takes it, for it makes R anew from what it is given and gets the same."""
        weak, note = WeakSigner("x", "x"), b"text\n"
        signature = weak.payload("text\n")[4:]
        Ed25519PublicKey.from_public_bytes(weak.public).verify(signature, note)
        self.assertFalse(Key("x", weak.public).verifies(weak.payload("text\n"), note))
        self.assertTrue(Key("x", weak.public).verifies(Signer("x", "x").payload("text\n"), note))

    def test_tile_names_and_widths(self):
        self.assertEqual(tile_path(2, 1_234_067, 256), "tile/2/x001/x234/067")
        self.assertEqual(tile_path("entries", 5, 17), "tile/entries/005.p/17")
        self.assertEqual(list(tiles_of(256)), [(0, 0, 256), (1, 0, 1)])
        tiles = list(tiles_of(70_000))
        self.assertEqual([tile for tile in tiles if tile[2] < 256], [(0, 273, 112), (1, 1, 17), (2, 0, 1)])
        self.assertEqual(len(tiles), 273 + 1 + 1 + 1 + 1)

    def test_ed25519_points(self):
        """Small, mixed and wrong points, made with the curve's own arithmetic; and the base point."""
        p = 2**255 - 19
        base = 4 * pow(5, -1, p) % p
        self.assertTrue(is_valid_point(base.to_bytes(32, "little")))
        order_8 = bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05")
        bad = {
            "order 1": (1).to_bytes(32, "little"), "order 2": (p - 1).to_bytes(32, "little"), "order 4": bytes(32),
            "order 8": order_8, "base point and order 2": (p - base | 1 << 255).to_bytes(32, "little"),
            "not canonical": (base + p).to_bytes(32, "little") if base + p < 2**255 else (p + 3).to_bytes(32, "little"),
            "not on the curve": (2).to_bytes(32, "little"),
        }
        for name, point in bad.items():
            with self.subTest(name):
                self.assertFalse(is_valid_point(point))


class HonestExports(unittest.TestCase):
    def test_practice_verifies(self):
        result = Verification().run(Practice().export())
        self.assertEqual(result.findings, [])
        self.assertEqual((result.counts["manifest"], result.counts["receipt"], result.counts["enrol"]), (2, 4, 4))
        self.assertEqual(result.logs["roster"].size, 14)

    def test_the_demo_reads_an_export(self):
        """It takes apart what this reader has found: whoever changes one of them must see the other."""
        place = os.path.join(HERE, "..", "..", "Config", "support", "demo", "export.py")
        spec = importlib.util.spec_from_file_location("demo_export", place)
        demo = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(demo)
        practice = Practice()
        with exported(practice) as directory:
            export = demo.Export(directory, practice.id)
        self.assertEqual(len(export.entries), export.sizes["activity"])
        facts = [export.fact(place) for place, (_, _, statement, _) in enumerate(export.entries)
                 if statement.type in ("manifest", "receipt")]
        self.assertEqual({fact["action"] for fact in facts[:2]}, {"manifest", "delivered"})
        self.assertTrue(export.recipients(facts[0]["message"]))
        self.assertGreater(export.milliseconds(0, len(export.entries) - 1), 0)

    def test_more_than_one_tile_verifies(self):
        practice = large_practice()
        files = practice.export()
        full = {"roster/tile/0/000", "roster/tile/1/000.p/1", "activity/tile/entries/000", "activity/tile/1/000.p/1"}
        self.assertLessEqual(full, files.keys())
        self.assertEqual(codes(files, practice.id), [])

    def test_a_log_of_three_levels(self):
        entries = [number.to_bytes(4, "big") for number in range(70_000)]
        files = log_of(entries)
        self.assertEqual(list(Log(files, "x").entries()), entries)
        self.assertIn("x/tile/2/000.p/1", files)
        files["x/tile/1/001.p/17"] = flipped(files["x/tile/1/001.p/17"], 16 * 32, 0)
        with self.assertRaises(Refused) as caught:
            Log(files, "x")
        self.assertEqual(caught.exception.code, "wrong_tile")

    def test_what_is_permitted_besides(self):
        practice = Practice()
        practice.revoke(practice.desk.name, signers=[practice.desk])
        practice.set_admins(audit=practice.audit, signers=[practice.recovery_key])
        new = HybridKey("new recovery"), Signer("new recovery", "recovery")
        practice.set_admins(audit=practice.audit, recovery=new)
        practice.clock += timedelta(hours=72)
        practice.set_admins(audit=practice.audit, recovery=new, signers=[new[1]])
        practice.recovery, practice.recovery_key = new
        practice.invite("by the quorum", practice.desk.member, practice.admins)
        practice.invite("of an admin", practice.admins[0].member, practice.admins[:1])
        member = practice.clinician.member
        practice.roster_statement("member", f"replaces {practice.current[member]}\nmember {member}\n"
                                  f"name Dr. \u017dofie\nroles provider gateway\nstatus suspended\n", practice.admins)
        practice.current[member] = hexed(nth_text(practice, "roster", -1))
        practice.member("Dr. \u017dofie", "provider")
        page = practice.manifest("again", practice.admins[0], [practice.clinician])
        practice.receipt(practice.clinician, page, "declined", "not_mine")
        # A name that nobody bears any more is free.
        practice.member("Dr. \u017dofie", "provider", name="Dr. Z")
        practice.member("Another", "provider", name="Dr. \u017dofie")
        self.assertEqual(codes(practice.export()), [])

    def test_a_key_is_in_force_after_72_hours_or_never(self):
        for hours, is_voided, old in ((71, False, True), (73, False, False), (73, True, True)):
            practice = Practice()
            audit = practice.audit
            practice.set_admins(audit=HybridKey("another"))
            new = practice.audit
            if is_voided:
                practice.revoke(practice.current["admins"])
            practice.clock += timedelta(hours=hours)
            for key in (audit, new, None):
                with self.subTest(hours=hours, is_voided=is_voided, key=key):
                    practice.audit = key
                    one = copy.deepcopy(practice)
                    one.manifest("x", one.desk, [one.clinician])
                    self.assertEqual(codes(one.export()), [] if key is (audit if old else new) else ["unknown_key"])

    def test_pinned_organisation(self):
        practice = Practice()
        self.assertEqual(codes(practice.export(), practice.id), [])
        self.assertEqual(codes(practice.export(), "org-" + 32 * "a"), ["wrong_organisation", "stopped"])


def nth_text(organisation: Organisation, log: str, place: int) -> str:
    """The text of a note that stands in a log."""
    return organisation.entries[log][place].decode().partition("\n")[2].rpartition("\n\n")[0] + "\n"


class SharedVectors(unittest.TestCase):
    """The vectors that the Swift program made. They fix the form of texts; their story need not keep every rule."""

    def setUp(self):
        with open(os.path.join(HERE, "../../Tests/Vectors/protocol.json"), encoding="utf-8") as file:
            self.vectors = json.load(file)
        self.statements = {vector["name"]: vector for vector in self.vectors["statements"]}

    def files(self, kind: str) -> dict[str, bytes]:
        log, entries = self.vectors["logs"][kind], []
        for entry in log["entries"]:
            statement = self.statements[entry["statement"]]
            lines = "".join(f"{line}\n" for line in statement["signatures"])
            body = statement["text"] + (f"\n{lines}" if lines else "")
            entries.append(f"nightbell.entry/v1 {entry['time']}\n{body}".encode())
        files = {f"{kind}/{path}": data for path, data in tiled(entries, {}).items()}
        files[f"{kind}/checkpoint"] = log["checkpoints"][-1]["note"].encode()
        return files | {f"{kind}/log.vkey": f"{log['vkey']}\n".encode()}

    def test_every_text_of_an_entry_parses_and_hashes_alike(self):
        parsed = 0
        for vector in self.statements.values():
            if vector["type"].split(".")[1].split("/")[0] not in ("head", "audit-key"):
                self.assertEqual(Statement(vector["text"].encode()).hash, vector["hash"], vector["name"])
                parsed += 1
        self.assertGreater(parsed, 40)

    def test_logs_checkpoints_and_tiles(self):
        for kind, vectors in self.vectors["logs"].items():
            log = Log(self.files(kind), kind)
            leaves = [entry["leaf"] for entry in vectors["entries"]]
            self.assertEqual([node.hex() for node in log.tree.levels[0]], leaves)
            for checkpoint in vectors["checkpoints"]:
                signed = Cosigned(checkpoint["note"].encode(), log.key)
                size, root = signed.size, signed.root
                self.assertEqual((size, root), (checkpoint["size"], log.tree.root(size)))
        for tile in self.vectors["tiles"]:
            data = self.files(tile["log"])[f"{tile['log']}/{tile['path']}"]
            self.assertEqual((len(data), sha256(data).hex()), (tile["bytes"], tile["sha256"]))

    def test_what_signers_saw_is_of_these_logs(self):
        result = Verification().run(self.files("roster") | self.files("activity"))
        self.assertFalse({"malformed", "fork", "bad_seen", "seen_ahead", "bad_signature", "bad_signers"}
                         & {finding["code"] for finding in result.findings})
        self.assertGreater(len(result.seen), 20)


class FlippedBits(unittest.TestCase):
    def test_one_bit_of_every_byte_of_a_small_export(self):
        files = Practice().export()
        self.assertEqual(codes(files), [])
        for name, data in files.items():
            for offset in range(len(data)):
                if not codes(files | {name: flipped(data, offset, offset % 8)}):
                    self.fail(f"{name}: bit {offset % 8} of byte {offset} flipped unnoticed")

    def test_every_bit_of_what_vouches_for_the_rest(self):
        files = Practice().export()
        for name in ("roster/checkpoint", "roster/log.vkey", "activity/checkpoint", "activity/log.vkey"):
            for offset in range(len(files[name])):
                for bit in range(8):
                    if not codes(files | {name: flipped(files[name], offset, bit)}):
                        self.fail(f"{name}: bit {bit} of byte {offset} flipped unnoticed")

    def test_sample_of_a_large_export(self):
        files = large_practice().export()
        for name, offset in flip_bits.positions([(name, len(data)) for name, data in files.items()], 1500):
            if not codes(files | {name: flipped(files[name], offset, offset % 8)}):
                self.fail(f"{name}: bit {offset % 8} of byte {offset} flipped unnoticed")

    def test_program_flips_all_or_a_spread_with_both_ends(self):
        self.assertEqual(flip_bits.positions([("b", 2), ("a", 1)], 3), [("a", 0), ("b", 0), ("b", 1)])
        some = flip_bits.positions([("a", 1000), ("b", 9000)], 100)
        self.assertLessEqual({("a", 0), ("a", 999), ("b", 0), ("b", 8999)}, set(some))
        self.assertIn(len(some), range(100, 105))

    def test_program_passes_an_export_and_leaves_it_alone(self):
        with exported(Practice()) as directory:
            before = dict(nightbell_verify.Export(directory))
            code, out, _ = run(flip_bits.main, directory, "--limit", "150")
            self.assertEqual(code, 0)
            self.assertRegex(out, r"^flip_bits: (1[56][0-9]) of \1 flipped bits detected\n$")
            self.assertEqual(before, dict(nightbell_verify.Export(directory)))

    def test_program_fails_when_a_reader_overlooks_a_file(self):
        honest = nightbell_verify.verify

        def careless(directory):
            result = honest(directory)
            result.findings = [f for f in result.findings if f["log"] != "roster"]
            return result

        with exported(Practice()) as directory, mock.patch("nightbell_verify.verify", careless):
            code, _, errors = run(flip_bits.main, directory, "--limit", "60")
            self.assertEqual(code, 1)
            self.assertIn("not detected: roster/checkpoint, byte 0, bit 0", errors)

    def test_program_needs_an_export_that_verifies(self):
        practice = Practice()
        practice.member("Hidden", "provider", announce=False)
        with exported(practice) as directory:
            self.assertEqual(run(flip_bits.main, directory)[0], 65)


@contextlib.contextmanager
def exported(organisation: Organisation):
    with tempfile.TemporaryDirectory() as directory:
        write(organisation.export(), directory)
        yield directory


def run(main, *arguments: str) -> tuple[int, str, str]:
    with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.redirect_stderr(io.StringIO()) as errors:
        try:
            code = main(list(arguments))
        except SystemExit as leaving:
            code = leaving.code
    return code, out.getvalue(), errors.getvalue()


class Versions(unittest.TestCase):
    """What held after so many entries of the roster is looked up, and not looked for."""

    def test_of_any_size(self):
        class Unwalked(list):
            def __iter__(self):
                raise AssertionError("somebody walks through all versions")
            __reversed__ = __iter__

        chance = random.Random(1)
        for _ in range(200):
            roster, statuses = Roster(), []
            for place in sorted(chance.sample(range(30), chance.randrange(8))):
                status = chance.choice(("active", "suspended"))
                if status != "active" and roster.is_active("m", place):
                    roster.pauses.setdefault("m", []).append((place,))
                statuses.append((place, status))
                roster.status["m"] = Unwalked(statuses)
            roster.roles["m"] = Unwalked([(place, {status}) for place, status in statuses])
            roster.devices["d"] = Device("m", None, chance.randrange(10), chance.choice((None, *range(10, 30))))
            live = [size for size in range(32) if roster.is_live("d", size)]
            for size in range(32):
                then = ([status for place, status in statuses if place < size] or [None])[-1]
                self.assertEqual(roster.is_active("m", size), then == "active")
                self.assertEqual(roster.has_role("m", "active", size), then == "active")
                self.assertEqual(roster.last_live("d", size), max([one for one in live if one <= size], default=0))

    def test_a_member_that_ceases_to_be_active(self):
        practice = Practice()
        member = practice.clinician.member
        places = []
        for status in ("suspended", "suspended", "active", "suspended"):
            places.append(len(practice.entries["roster"]))
            practice.member("Dr. \u017dofie", "provider", status=status)
        result = Verification().run(practice.export())
        self.assertEqual(result.findings, [])
        self.assertEqual(result.roster.pauses[member], [(places[0],), (places[3],)])
        self.assertEqual(result.roster.last_live(practice.clinician.name, places[3] + 1), places[3])
        self.assertEqual(result.roster.last_live(practice.clinician.name, places[2] + 1), places[2] + 1)
        self.assertEqual(result.roster.last_live(practice.clinician.name, places[2]), places[0])


class Counting(dict):
    """Files that know which of them were read."""

    def __init__(self, files: dict[str, bytes]):
        super().__init__(files)
        self.names: list[str] = []

    def __getitem__(self, name: str) -> bytes:
        self.names.append(name)
        return super().__getitem__(name)


class Files(unittest.TestCase):
    """Nothing may be missing, be there besides, or be anything but a plain file."""

    def refused(self, code: str, change):
        with exported(Practice()) as directory:
            self.assertTrue(nightbell_verify.verify(directory).ok)
            change(directory)
            result = nightbell_verify.verify(directory)
            self.assertIn(code, [finding["code"] for finding in result.findings])

    def test_every_file_is_needed(self):
        for name in Practice().export():
            with self.subTest(name):
                self.refused("missing_file", lambda directory: rename_away(directory, name))

    def test_nothing_else_may_be_there(self):
        for name in ("README", "roster/notes.txt", "roster/tile/0/000.p/13", "activity/tile/1/000.p/1",
                     "activity/tile/entries/001.p/1", "roster/\x1b[2J", "other/checkpoint", "roster/checkpoint~"):
            with self.subTest(ascii(name)):
                self.refused("unexpected_file", lambda directory: write({name: b"x"}, directory))

    def test_only_plain_files_and_directories_with_files(self):
        def link(directory):
            os.rename(f"{directory}/roster/checkpoint", f"{directory}.real")
            os.symlink(f"{directory}.real", f"{directory}/roster/checkpoint")
            self.addCleanup(os.unlink, f"{directory}.real")

        def linked_directory(directory):
            os.rename(f"{directory}/roster", f"{directory}.roster")
            os.symlink(f"{directory}.roster", f"{directory}/roster")
            self.addCleanup(shutil.rmtree, f"{directory}.roster")

        self.refused("unexpected_file", link)
        self.refused("unexpected_file", linked_directory)
        self.refused("unexpected_file", lambda directory: os.mkfifo(f"{directory}/roster/pipe"))
        self.refused("unexpected_file", lambda directory: os.makedirs(f"{directory}/roster/empty"))
        self.refused("unexpected_file", lambda directory: os.truncate(f"{directory}/roster/checkpoint", 2**40))

    def test_a_file_that_becomes_a_pipe_is_not_waited_for(self):
        with exported(Practice()) as directory:
            export = nightbell_verify.Export(directory)
            os.unlink(f"{directory}/roster/checkpoint")
            os.mkfifo(f"{directory}/roster/checkpoint")
            self.assertEqual([(finding["code"], finding["severity"]) for finding in Verification().run(export).findings],
                             [("unexpected_file", "damaged_copy")])

    def test_bundles_are_compared_one_by_one_and_not_kept(self):
        entries = [b"%d" % place + bytes(4_000) for place in range(256 * 8)]
        files = log_of(entries)
        read = Counting(files)
        tracemalloc.start()
        log = Log(read, "x")
        self.assertEqual(sum(1 for _ in log.entries()), len(entries))
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        self.assertLess(peak, 4 << 20)  # all of them: 8 MiB

        read = Counting(files | {"x/tile/0/001": bytes(32 * 256)})
        with self.assertRaises(Refused):
            Log(read, "x")
        self.assertNotIn("x/tile/entries/002", read.names)

    def test_an_entry_that_changes_while_it_is_read(self):
        files = Practice().export()
        name = next(name for name in files if name.startswith("activity/tile/entries/"))

        class Changing(Counting):
            def __getitem__(self, wanted):
                data = super().__getitem__(wanted)
                return flipped(data, len(data) - 1, 0) if wanted == name and self.names.count(name) > 1 else data
        self.assertEqual([(finding["code"], finding["severity"]) for finding in Verification().run(Changing(files)).findings],
                         [("wrong_tile", "damaged_copy")])

    def test_checkpoint_and_key_in_their_one_form(self):
        practice = Practice()
        files, key = practice.export(), practice.log_keys["roster"]
        text, line = (part.decode() for part in (files["roster/checkpoint"].split(b"\n\n")))
        size = len(practice.entries["roster"])
        extended, smaller = text + "\nextension\n", practice.checkpoint("roster", size - 1)
        other = practice.log_keys["activity"]
        loose = line[:-3] + chr(ord(line[-3]) + 1) + line[-2:]  # the unused bits of the last character
        self.assertEqual(base64.b64decode(loose.split(" ")[2]), base64.b64decode(line.split(" ")[2]))
        for name, checkpoint in {
            "extension line": f"{extended}\n{key.line(extended)}", "cosignature": f"{text}\n\n{line}{other.line(text)}",
            "twice signed": f"{text}\n\n{line}{line}", "no signature": f"{text}\n", "CR LF": f"{text}\r\n\n{line}",
            "another log's key": f"{text}\n\n{other.line(text)}", "loose base64": f"{text}\n\n{loose}",
            "trailing byte": f"{text}\n\n{line} ", "smaller size": f"{smaller}\n{key.line(smaller)}", "empty": "",
            "leading zero": f"{(zero := text.replace(str(size), '0' + str(size)) + chr(10))}\n{key.line(zero)}",
            "the other log's": files["activity/checkpoint"].decode(),
            "another origin": f"{(renamed := text.replace('relay', 'yaler') + chr(10))}\n{key.line(renamed)}",
        }.items():
            with self.subTest(name):
                self.assertNotEqual(codes(files | {"roster/checkpoint": checkpoint.encode()}), [])
        vkey = files["roster/log.vkey"]
        small = Signer("x", key.name)
        small.public = bytes(32)
        self.assertEqual(codes(files | {"roster/log.vkey": f"{small.vkey}\n".encode()}), ["bad_key"])
        for name, lines in {"two keys": vkey + vkey, "no LF": vkey[:-1], "empty line": vkey + b"\n", "empty": b"",
                            "the other log's": files["activity/log.vkey"], "not UTF-8": b"\xff" + vkey}.items():
            with self.subTest(name):
                self.assertNotEqual(codes(files | {"roster/log.vkey": lines}), [])

    def test_a_size_that_the_files_cannot_hold_is_not_counted_up_to(self):
        practice = Practice()
        text = practice.checkpoint("roster", 10**7)
        checkpoint = f"{text}\n{practice.log_keys['roster'].line(text)}".encode()
        result = Verification().run(practice.export() | {"roster/checkpoint": checkpoint})
        self.assertIn("too few files", result.findings[0]["sentence"])

    def test_root_of_the_entries(self):
        practice = Practice()
        text = practice.checkpoint("roster", root=sha256(b"another history"))
        checkpoint = f"{text}\n{practice.log_keys['roster'].line(text)}".encode()
        self.assertEqual(codes(practice.export() | {"roster/checkpoint": checkpoint}), ["wrong_root"])

    def test_empty_logs(self):
        for log in ("roster", "activity"):
            practice = Practice()
            practice.entries[log].clear()
            self.assertIn("empty_log", codes(practice.export()))

    def test_bundles_to_the_last_byte(self):
        files = Practice().export()
        name = "roster/tile/entries/000.p/14"
        for change in (files[name] + b"\0", files[name][:-1], files[name] + b"\0\0", b"", b"\xff\xff", b"\0"):
            self.assertEqual(codes(files | {name: change}), ["bad_bundle"])

    def test_logs_changed_places(self):
        files = Practice().export()
        swapped = {name.replace("roster", "x").replace("activity", "roster").replace("x/", "activity/"): data
                   for name, data in files.items()}
        self.assertEqual(codes(swapped), ["wrong_log", "stopped"])


def rename_away(directory: str, name: str):
    os.unlink(os.path.join(directory, name))
    with contextlib.suppress(OSError):
        os.removedirs(os.path.dirname(os.path.join(directory, name)))


class Program(unittest.TestCase):
    PATH = os.path.join(HERE, "nightbell_verify.py")

    def start(self, *arguments: str, **environment: str):
        return subprocess.run([sys.executable, self.PATH, *arguments], capture_output=True, text=True,
                              env=os.environ | environment)

    def test_good_export(self):
        practice = Practice()
        with exported(practice) as directory:
            done = self.start(directory, "--org", practice.id, "--json")
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            report = json.loads(done.stdout)
            self.assertEqual({key: report[key] for key in ("ok", "organisation", "findings")},
                             {"ok": True, "organisation": practice.id, "findings": []})
            self.assertEqual(report["roster"], {"size": 14, "root": practice.root("roster").hex()})
            self.assertEqual(report["activity"]["size"], len(practice.entries["activity"]))
            text = self.start(directory).stdout
            self.assertIn("verified", text)
            self.assertIn("not judged  pages and subscriptions, ", text)
            self.assertLess(text.count("\n"), 14)

    def test_bad_export(self):
        practice = Practice()
        practice.receipt(practice.desk, practice.reply, "read", number=3)
        with exported(practice) as directory:
            done = self.start(directory, "--json")
            self.assertEqual(done.returncode, 65)
            finding, = json.loads(done.stdout)["findings"]
            place = len(practice.entries["activity"]) - 1
            self.assertEqual((finding["code"], finding["log"], finding["entry"]), ("broken_chain", "activity", place))
            self.assertEqual(finding["severity"], "broken_promise")
            text = self.start(directory)
            self.assertEqual(text.returncode, 65)
            self.assertIn(f"activity {place}: receipt 3 of {practice.desk.name}", text.stdout)
            self.assertIn("keep it as evidence", text.stdout)

    def test_usage(self):
        with tempfile.TemporaryDirectory() as directory:
            for arguments in ([], [directory, "--org", "x"], [directory, "--loud"]):
                with self.subTest(arguments):
                    done = self.start(*arguments)
                    self.assertEqual((done.returncode, done.stdout), (64, ""))
                    self.assertIn("hint:", done.stderr)

    def test_where_no_export_is(self):
        with exported(Practice()) as directory:
            os.symlink(directory, link := f"{directory}.link")
            self.addCleanup(os.unlink, link)
            self.assertEqual(self.start(link).returncode, 0)
            os.mkdir(empty := f"{directory}.empty")
            self.addCleanup(os.rmdir, empty)
            for other in (f"{directory}/activity", os.path.dirname(directory), empty, f"{directory}/none", __file__, "",
                          f"{directory}/no\udcff"):
                with self.subTest(other):
                    done = self.start(other)
                    self.assertEqual((done.returncode, done.stdout), (66, ""))
                    self.assertEqual(done.stderr, f"nightbell_verify: error: there is no export in {ascii(other)}\nhint: name the "
                                     "folder that `nightbell audit export` made: it holds the folders roster and activity\n")

    def test_another_organisation_is_no_evidence_of_anything(self):
        """Nor is it of a copy that is damaged: whoever mistyped the id learns that first."""
        practice, other = Practice(), "org-" + 32 * "a"
        with exported(practice) as directory:
            for name in (None, "activity/checkpoint", "roster/log.vkey"):
                if name:
                    rename_away(directory, name)
                done = self.start(directory, "--org", other, "--json")
                self.assertEqual((done.returncode, done.stdout), (64, ""))
                self.assertIn(f"is about {practice.id}, not about {other}, which --org names\nhint: compare the id", done.stderr)
            rename_away(directory, "roster/tile/entries/000.p/14")
            self.assertEqual(self.start(directory, "--org", other).returncode, 65, "whose it is nobody knows")

    def test_a_damaged_copy_convicts_nobody(self):
        def end(directory: str, name: str):
            with open(f"{directory}/{name}", "r+b") as file:
                file.truncate(os.path.getsize(file.name) - 1)

        changes = {"not all of it": lambda directory: shutil.rmtree(f"{directory}/activity"),
                   "no file": lambda directory: rename_away(directory, "roster/checkpoint"),
                   "half a file": lambda directory: end(directory, "activity/tile/entries/000.p/34"),
                   "another file": lambda directory: write({"README": b"x"}, directory),
                   "an empty folder": lambda directory: os.mkdir(f"{directory}/x"),
                   "another key": lambda directory: shutil.copy(f"{directory}/roster/log.vkey", f"{directory}/activity/log.vkey")}
        for name, change in changes.items():
            with self.subTest(name), exported(Practice()) as directory:
                change(directory)
                self.damaged(directory)

    def damaged(self, directory: str):
        done = self.start(directory, "--json")
        self.assertEqual((done.returncode, done.stderr), (65, ""))
        self.assertEqual({finding["severity"] for finding in json.loads(done.stdout)["findings"]}, {"damaged_copy"})
        text = self.start(directory).stdout
        self.assertIn("FAILED      this copy is damaged, see above, and convicts nobody", text)
        self.assertNotIn("keep it as evidence", text)

    def test_halves_of_two_moments_convict_nobody(self):
        practice = Practice()
        older = practice.export()
        practice.member("Dr. New", "provider")
        page = practice.manifest("later", practice.desk, [practice.clinician])
        practice.receipt(practice.clinician, page, "delivered")
        newer = practice.export()
        for newer_log in ("roster", "activity"):
            with self.subTest(newer_log), tempfile.TemporaryDirectory() as directory:
                write({name: data for files, is_newer in ((older, False), (newer, True)) for name, data in files.items()
                       if name.startswith(newer_log) == is_newer}, directory)
                self.damaged(directory)

    def test_no_right_to_read(self):
        with exported(Practice()) as directory:
            for place in (directory, f"{directory}/activity", f"{directory}/activity/checkpoint"):
                scandir, os_open = os.scandir, os.open

                def forbidden(real, name, *rest):
                    if os.path.normpath(name) == os.path.normpath(place):
                        raise PermissionError(13, "Permission denied", name)
                    return real(name, *rest)

                with (self.subTest(place), mock.patch("os.scandir", lambda name: forbidden(scandir, name)),
                      mock.patch("os.open", lambda name, *rest: forbidden(os_open, name, *rest)),
                      contextlib.redirect_stderr(err := io.StringIO()), self.assertRaises(SystemExit) as end):
                    nightbell_verify.main([directory])
                self.assertEqual(end.exception.code, 77)
                self.assertIn("you have no right to read", err.getvalue())

    def test_what_cannot_be_shown(self):
        """By both programs, of what holds and of what does not; `--help` as well."""
        practice = Practice()
        evidence = about(practice)
        with exported(practice) as directory, tempfile.TemporaryDirectory() as scratch:
            write({"good": evidence, "bad": evidence.replace(b"by the test", b"by the text")}, scratch)
            shutil.copytree(directory, f"{scratch}/half")
            rename_away(f"{scratch}/half", "roster/checkpoint")
            for name, subject, status in (("verify", directory, 0), ("verify", f"{scratch}/half", 65), ("verify", "--help", 0),
                                          ("evidence", f"{scratch}/good", 0), ("evidence", f"{scratch}/bad", 65),
                                          ("evidence", "--help", 0)):
                path = os.path.join(HERE, f"nightbell_{name}.py")
                for words, cause in ((">/dev/full", "the disk is full"), (">&-", "it is closed"), ("| true", "")):
                    with self.subTest(name, subject=subject, words=words):
                        # A pipe whose reader has ended before anything is written.
                        shell = f'"$@" {words}' if cause else f'{{ sleep 0.3; "$@"; echo $? >&2; }} {words}'
                        done = subprocess.run(["bash", "-c", shell, "-", sys.executable, path, subject], capture_output=True,
                                              text=True)
                        if cause:
                            self.assertEqual(done.returncode, status or 1)
                            self.assertEqual(done.stderr, f"nightbell_{name}: error: what is to be shown cannot be written to "
                                             f"standard output: {cause}\nhint: mend that, or write elsewhere, and look again\n")
                        else:
                            self.assertEqual(done.stderr, f"{status}\n")

    def test_nobody_hears_of_an_error(self):
        for words in ("2>&-", "2>/dev/full"):
            done = subprocess.run(["sh", "-c", f'"$@" {words}', "-", sys.executable, self.PATH, "/no/such"], capture_output=True)
            self.assertEqual((done.returncode, done.stdout), (66, b""))

    def test_interrupted(self):
        """Ctrl-C ends it, as it ends any program."""
        evidence = os.path.join(HERE, "nightbell_evidence.py")
        process = subprocess.Popen([sys.executable, "-X", "importtime", evidence, "-"], stdin=subprocess.PIPE,
                                   stderr=subprocess.PIPE)
        said = b""
        while not said.rstrip().endswith(b" roster"):  # the modules are told one by one, when they were read
            line = process.stderr.readline()
            self.assertTrue(line, "it ended")
            said += line
        time.sleep(1)
        process.send_signal(signal.SIGINT)
        _, rest = process.communicate()
        self.assertEqual(process.returncode, -signal.SIGINT)
        self.assertNotIn(b"Traceback", rest)

    def test_too_little_memory(self):
        code = f"import sys; sys.path.insert(0, {HERE!r}); import program; program.run('x.py', lambda: bytearray(1 << 62))"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stderr.split("\n")[0]),
                         (1, "x: error: there is not enough memory to read all of it"))

    def test_another_encoding(self):
        """A name in an argument that the terminal cannot show."""
        done = self.start("\u017d", PYTHONIOENCODING="ascii")
        self.assertEqual((done.returncode, "Traceback" in done.stderr), (66, False))

    def test_a_later_version_has_an_exit_code_of_its_own(self):
        practice = Practice()
        practice.event("later", "x y\n")
        with exported(practice) as directory:
            done = self.start(directory, "--json")
            self.assertEqual(done.returncode, 78)
            report = json.loads(done.stdout)
            self.assertEqual((report["ok"], report["findings"]), (False, []))
            self.assertEqual(report["update_needed"], {"activity": len(practice.entries["activity"]) - 1})
            self.assertIn("nothing from there on was judged", self.start(directory).stdout)

    def test_missing_package(self):
        with tempfile.TemporaryDirectory() as directory:
            write({"cryptography/__init__.py": b"raise ImportError"}, directory)
            for name in ("nightbell_verify", "nightbell_evidence"):
                done = subprocess.run([sys.executable, os.path.join(HERE, name + ".py"), "x"], capture_output=True, text=True,
                                      env=os.environ | {"PYTHONPATH": directory})
                self.assertEqual(done.returncode, 78)
                self.assertIn(f"{name}: error: the Python package `cryptography` is missing", done.stderr)
                self.assertIn("python3-cryptography", done.stderr)

    def test_a_program_copied_without_the_others(self):
        for name in ("nightbell_verify", "nightbell_evidence"):
            with tempfile.TemporaryDirectory() as directory:
                shutil.copy(os.path.join(HERE, name + ".py"), directory)
                done = subprocess.run([sys.executable, f"{directory}/{name}.py", "x"], capture_output=True, text=True)
                self.assertEqual((done.returncode, done.stdout), (78, ""))
                self.assertEqual(done.stderr, f"{name}: error: program.py is missing beside this program\n"
                                 "hint: copy the whole folder Clients/verify\n")

    def test_an_older_python(self):
        for name in ("nightbell_verify", "nightbell_evidence"):
            code = f"import sys; sys.version_info = (3, 9, 2); sys.path.insert(0, {HERE!r}); import {name}"
            done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
            self.assertEqual(done.returncode, 78)
            self.assertTrue(done.stderr.startswith("error: Python 3.11 is needed, and this is 3.9\nhint: "), done.stderr)
            # It comes so far.
            for file in (name, "program"):
                with open(os.path.join(HERE, file + ".py"), encoding="utf-8") as source:
                    ast.parse(source.read(), feature_version=(3, 8))


class Lies(unittest.TestCase):
    """Exports whose trees and checkpoints are perfect, for the relay or a device signs what is not so."""

    def lie(self, code: str, tell, *more: str):
        with self.subTest(tell.__name__):
            practice = Practice()
            tell(practice)
            self.assertEqual(codes(practice.export()), [code, *more])

    def edited(self, code: str, method: str, *arguments, old: str, new: str, count=1, **more):
        """A lie in one line of a statement, signed nevertheless."""
        def edit(text: str) -> str:
            self.assertIn(old, text)
            return text.replace(old, new, count)

        def tell(practice: Practice):
            getattr(practice, method)(*(a(practice) if callable(a) else a for a in arguments), edit=edit, **more)

        tell.__name__ = f"{method}: {old!r} as {new!r}"
        self.lie(code, tell)

    def founded(self, code: str, old: str, new: str):
        def edit(text: str) -> str:
            self.assertIn(old, text)
            return text.replace(old, new, 1)

        organisation = Organisation()
        organisation.found(edit=edit)
        with self.subTest(old):
            self.assertEqual(codes(organisation.export()), [code, "stopped"])

    def test_genesis(self):
        first = Practice().admins[0]
        self.founded("wrong_origin", "relay relay.example:8443", "relay other.example:8443")
        self.founded("wrong_log_key", b64(Signer("log activity").public), b64(Signer("other").public))
        self.founded("wrong_identifier", f"admin {first.name}", f"admin dev-{32 * 'a'}")
        self.founded("bad_quorum", "quorum 2", "quorum 3")
        self.founded("malformed", "lifespan 86400 604800", "lifespan 0 604800")
        self.founded("malformed", "lifespan 86400 604800", "lifespan 604801 604800")
        self.founded("malformed", "T03:07:09.250Z", "T24:00:00.000Z")
        organisation = Organisation()
        organisation.found(edit=lambda text: text.replace("audit none", "audit " + HybridKey("audit").fields))
        self.assertEqual(codes(organisation.export()), ["update_needed"])
        self.founded("wrong_identifier", HybridKey("recovery").id, HybridKey("other").id)
        for code, old, new in (("wrong_identifier", first.name, "dev-" + 32 * "a"), ("bad_key", b64(first.public), b64(bytes(32))),
                               ("bad_key", b64(Signer("log roster").public), b64(bytes(32))),
                               ("wrong_identifier", HybridKey("recovery").id, HybridKey("other").id)):
            organisation = Organisation()
            organisation.found(edit=lambda text: text.replace("audit none", "audit later").replace(old, new, 1))
            self.assertEqual(codes(organisation.export()), [code, "stopped"])

        organisation = Organisation()
        organisation.found()
        organisation.entries["roster"][0] = organisation.entries["roster"][0].rpartition("\u2014".encode())[0]
        self.assertEqual(codes(organisation.export()), ["bad_signers", "stopped"])

        self.founded("unknown_member", f"{first.name} {first.member}", f"{first.name} mem-{16 * 'a'}")

        for relay in ("relay.example:70000", "a..b:1", "-a:1", "a-:1", ".a:1", "a.:1", "-", ".", "[1]", "[:]:1", "[....]:1",
                      "[:::::::::]", "[00000::1]", "[::1", 64 * "a", 64 * "abc.", "a:0", "a:01", "a_b"):
            organisation = Organisation(relay)
            organisation.found()
            self.assertEqual(codes(organisation.export()), ["malformed", "stopped"], relay)
        for relay in ("a", "a-b.c:65535", "1.2.3.4", "[::1]:8443", "[::ffff:1.2.3.4]", 63 * "a" + ".b"):
            organisation = Organisation(relay)
            organisation.found()
            self.assertEqual(codes(organisation.export()), [], relay)

        practice = Practice()
        del practice.entries["roster"][0]
        self.assertEqual(codes(practice.export()), ["no_genesis", "stopped"])

        organisation = Organisation()
        organisation.found(name_logs=False)
        self.assertNotEqual(codes(organisation.export()), [])

        def genesis_again(practice):
            text = nth_text(practice, "roster", 0).replace("Nordbyen", "Sydbyen")
            text = text.replace("2026-11-23T03:07:09.250Z", practice.time())
            practice.log("roster", text, practice.admins)
            practice.announce()
        self.lie("misplaced_genesis", genesis_again)

    def test_members(self):
        self.lie("no_right", lambda p: p.member("Ghost", "provider", signers=[p.clinician]))
        self.lie("no_right", lambda p: p.member("Ghost", "auditor", signers=p.admins[:1]))
        self.lie("bad_signers", lambda p: p.member("Ghost", "provider", signers=p.admins[:1] * 2))
        self.lie("name_taken", lambda p: p.member("Ghost", "provider", name="Desk"))
        self.lie("name_taken", lambda p: p.member("Dr. \u017dofie", "provider", name="Desk"))
        self.lie("malformed", lambda p: p.member("Ghost", "provider", name="Desk\U00013439"))
        self.lie("not_current", lambda p: p.member("Desk", "provider", replaces=hexed("other")))
        self.lie("not_current", lambda p: p.member("Desk", "provider", replaces="none"))
        self.lie("bad_signer", lambda p: p.member("Ghost", "provider", signers=[Signer("nobody")]))
        self.lie("no_right", lambda p: p.member("Ghost", "provider", signers=p.admins))
        self.lie("wrong_organisation", lambda p: p.member(
            "New", "none", edit=lambda text: text.replace(p.id, "org-" + 32 * "a")))

    def test_invitations(self):
        self.lie("no_right", lambda p: p.invite("x", p.clinician.member, p.admins[:1]))
        self.lie("no_right", lambda p: p.invite("x", p.clinician.member, [p.clinician]))
        self.lie("no_right", lambda p: p.invite("x", p.clinician.member, [p.clinician, p.admins[0]]))
        self.lie("no_right", lambda p: p.invite("x", p.member("N", "none"), p.admins))
        self.lie("unknown_member", lambda p: p.invite("x", "mem-" + 16 * "a"))
        self.lie("unknown_member", lambda p: p.invite("x", p.member("N", "none", status="suspended")))
        for member in (lambda p: p.desk.member, lambda p: p.admins[0].member):  # two admins, not ordered as a quorum is
            self.lie("bad_signers", lambda p: p.invite("x", member(p), sorted(p.admins, key=lambda s: s.name, reverse=True)))
        self.lie("bad_expiry", lambda p: p.invite("x", p.member("N", "none"), expires=p.time(8 * 86_400)))
        self.lie("key_used_twice", lambda p: [p.invite("x", member) for member in [p.member("N", "none")] * 2])
        self.lie("wrong_identifier", lambda p: p.invite("x", p.member("N", "none"), edit=lambda text: text.replace(
            b64(Signer("invitation x").public), b64(Signer("y").public))))

    def test_enrolments(self):
        def join(practice, lie):
            invitation = practice.invite("n", practice.member("New", "provider"))
            lie(practice, invitation)

        def lie(code, tell):
            self.lie(code, lambda practice: join(practice, tell))

        lie("unknown_invitation", lambda p, i: p.enrol("g", Signer("made up", prefix="inv-"), member=p.desk.member))
        lie("wrong_member", lambda p, i: p.enrol("g", i, member=p.clinician.member))
        lie("bad_signers", lambda p, i: p.enrol("g", i, signers=[Signer("device g")]))
        lie("bad_signers", lambda p, i: p.enrol("g", i, signers=[i, Signer("device g")]))
        lie("bad_signature", lambda p, i: p.enrol("g", i, signers=[Signer("h", Signer("device g").name), i]))
        lie("bad_signature", lambda p, i: p.enrol("g", i, signers=[Signer("device g"), Signer("h", i.name)]))
        lie("wrong_identifier", lambda p, i: p.enrol("g", i, device=Signer("g", p.desk.name)))
        lie("unknown_member", lambda p, i: (p.member("New", "provider", status="suspended"), p.enrol("g", i)))
        lie("spent_invitation", lambda p, i: (p.revoke(i.name), p.enrol("g", i)))
        lie("spent_invitation", lambda p, i: (p.enrol("g", i), p.enrol("h", i)))
        lie("key_used_twice", lambda p, i: (p.enrol("g", i), p.enrol(
            "g", p.invite("again", i.member, [p.admins[0], Signer("device g")]))))
        lie("bad_key", lambda p, i: p.enrol("g", i, edit=lambda text: text.replace(
            b64(Signer("device g").public), b64(bytes(32)))))

        def late(practice, _):
            invitation = practice.invite("short", practice.member("Late", "none"), expires=practice.time(60))
            practice.clock += timedelta(seconds=90)
            practice.enrol("late", invitation)
        lie("expired_invitation", late)

    def test_revocations(self):
        self.lie("no_right", lambda p: p.revoke(p.desk.name, signers=[p.clinician]))
        self.lie("unknown_target", lambda p: p.revoke(hexed("nothing")))
        self.lie("unknown_target", lambda p: p.revoke("dev-" + 32 * "a"))
        self.lie("unknown_target", lambda p: p.revoke(p.tablet.name))
        self.lie("unknown_target", lambda p: p.revoke(Signer("invitation tablet", prefix="inv-").name))
        invite = lambda p: p.invite("x", p.desk.member, [p.admins[0], p.desk])
        self.lie("unknown_target", lambda p: [p.revoke(target) for target in [invite(p).name] * 2])
        self.lie("no_right", lambda p: p.revoke(invite(p).name, [p.recovery_key]))
        self.lie("unknown_target", lambda p: p.revoke(p.current["admins"]))  # its key counted at once
        self.lie("unknown_target", lambda p: (
            p.set_admins(audit=HybridKey("other")), setattr(p, "clock", p.clock + timedelta(hours=73)),
            p.revoke(p.current["admins"])))
        self.lie("bad_signer", lambda p: p.manifest("x", p.tablet, [p.desk], served=False))
        self.lie("bad_signer", lambda p: (p.revoke(p.admins[1].name), p.member("N", "none", signers=p.admins[1:])))
        self.lie("bad_signer", lambda p: (p.member("Desk", "intake", status="suspended"),
                                          p.receipt(p.desk, p.reply, "read")))

    def test_admins(self):
        self.lie("no_right", lambda p: p.set_admins(signers=p.admins[:1]))
        self.lie("no_right", lambda p: p.set_admins(signers=[p.admins[0], p.clinician]))
        self.lie("bad_signature", lambda p: p.set_admins(signers=[Signer("thief", "recovery")]))
        new = HybridKey("new"), Signer("new", "recovery")
        self.lie("bad_signature", lambda p: (p.set_admins(recovery=new), setattr(p, "clock", p.clock + timedelta(hours=71)),
                                             p.set_admins(signers=[new[1]])))
        self.lie("bad_quorum", lambda p: p.set_admins(quorum=3))
        self.lie("bad_admin", lambda p: p.set_admins([*p.admins, p.tablet]))
        self.lie("key_used_twice", lambda p: p.set_admins(
            recovery=(HybridKey("new"), Signer("device Desk", "recovery"))))
        old, new = (HybridKey("recovery"), Signer("recovery", "recovery")), (HybridKey("new"), Signer("new", "recovery"))
        self.lie("key_used_twice", lambda p: (p.set_admins(recovery=new, signers=[old[1]]),
                                              p.set_admins(recovery=old, signers=[new[1]])))
        self.lie("key_used_twice", lambda p: (p.set_admins(recovery=new), p.revoke(p.current["admins"]),
                                              p.set_admins(recovery=new)))
        self.lie("key_used_twice", lambda p: p.set_admins(recovery=(new[0], old[1]), signers=[old[1]]))
        for half in ("x25519", "mlkem"):
            self.lie("key_used_twice", lambda p: p.set_admins(audit=HybridKey("new").with_half(half, p.recovery)))
        self.lie("key_used_twice", lambda p: p.set_admins(audit=new[0], recovery=new))
        self.lie("key_used_twice", lambda p: p.set_admins(audit=p.audit, recovery=(p.audit, new[1]), signers=[old[1]]))
        self.lie("key_used_twice", lambda p: (p.set_admins(audit=HybridKey("next")),
                                              p.set_admins(recovery=(HybridKey("next"), new[1]))))
        self.lie("key_used_twice", lambda p: (p.set_admins(audit=p.audit, recovery=new), p.revoke(p.current["admins"]),
                                              p.set_admins(audit=new[0])))
        self.lie("wrong_identifier", lambda p: p.set_admins(edit=lambda text: text.replace(p.recovery.id, p.audit.id)))
        self.edited("update_needed", "set_admins", old="next-log roster none", new="next-log roster later")
        self.edited("malformed", "set_admins", old="next-log roster none", new="next-log activity later")
        # What is wrong before the line that only a later version could read is wrong in every version.
        later = lambda old, new: lambda text: text.replace("next-log roster none", "next-log roster later").replace(old, new, 1)
        recovery = b64(Signer("recovery", "recovery").public)
        self.lie("wrong_identifier", lambda p: p.set_admins(edit=later(p.recovery.id, HybridKey("other").id)))
        self.lie("wrong_identifier", lambda p: p.set_admins(audit=p.audit, edit=later(p.audit.id, HybridKey("other").id)))
        self.lie("bad_key", lambda p: p.set_admins(edit=later(recovery, b64(bytes(32)))))
        self.lie("no_right", lambda p: (p.set_admins(p.admins[:1], quorum=1),
                                        p.member("N", "none", signers=p.admins[1:])))

    def test_a_key_named_at_the_end_of_time_is_never_in_force(self):
        last = "9999-12-31T23:59:59.999Z"
        key = KeyInForce("old")
        key.name("new", 5, last, "statement", False)
        self.assertEqual(key.key(6, last), "old")
        self.assertTrue(key.void("statement", 6, last))

    def test_times_are_of_a_day(self):
        pattern = re.compile(KINDS["TIME"])
        self.assertTrue(pattern.fullmatch("2026-11-23T23:59:59.999Z"))
        for clock in ("24:00:00", "24:00:01", "30:00:00", "23:60:00", "23:59:60"):
            self.assertFalse(pattern.fullmatch(f"2026-11-23T{clock}.000Z"), clock)

    def test_checkpoints_that_signers_saw(self):
        other = sha256(b"another history")
        for log in ("roster", "activity"):
            both = lambda p, lie: (p.seen("roster") + lie) if log == "activity" else (lie + p.seen("activity"))
            self.lie("fork", lambda p: p.receipt(p.desk, p.reply, "read", seen=both(p, p.seen(log, 3, other))))
            self.lie("seen_ahead", lambda p: p.receipt(p.desk, p.reply, "read", seen=both(p, p.seen(log, 90, other))))
            self.lie("bad_seen", lambda p: p.receipt(
                p.desk, p.reply, "read", seen=both(p, p.seen(log).replace(p.root(log).hex(), other.hex()))))
        self.lie("fork", lambda p: p.member("N", "none", seen=p.seen("roster", 3, other)))
        self.lie("seen_ahead", lambda p: (p.member("N", "none", announce=False), p.receipt(p.desk, p.reply, "read"),
                                          p.announce()))

    def test_an_entry_taken_out_of_either_log_afterwards(self):
        for log, words in (("roster", b"revoke/v1"), ("roster", b"status active"), ("activity", b"action delivered"),
                           ("activity", b"what envelope"), ("activity", b"manifest/v1")):
            with self.subTest(words):
                practice = Practice()
                entries = practice.entries[log]
                del entries[next(place for place, entry in enumerate(entries) if words in entry)]
                self.assertTrue({"fork", "bad_roster_event"} & set(codes(practice.export())))

    def test_roster_events(self):
        self.lie("roster_unnamed", lambda p: p.member("Hidden", "provider", announce=False))
        self.lie("bad_roster_event", lambda p: p.announce())
        self.lie("bad_roster_event", lambda p: p.event("roster", f"roster 15 {p.root('roster').hex()}\n"))
        self.lie("bad_roster_event", lambda p: (p.member("N", "none", announce=False), p.event(
            "roster", f"roster 15 {hexed('another')}\n")))
        practice = Practice()
        del practice.entries["activity"][0]
        self.assertIn("bad_roster_event", codes(practice.export()))

    def test_manifests(self):
        page = lambda p, **more: p.manifest("x", p.desk, [p.clinician], served=False, **more)
        edit = lambda old, new: lambda text: text.replace(old, new, 1)
        self.lie("wrong_binding", lambda p: page(p, edit=edit(hexed("commitx"), hexed("other"))))
        self.lie("wrong_binding", lambda p: page(p, edit=edit(p.audit.id, p.recovery.id)))
        self.lie("unknown_key", lambda p: (setattr(p, "recovery", HybridKey("made up")), page(p)))
        self.lie("unknown_key", lambda p: (setattr(p, "audit", None), page(p)))
        self.lie("not_permitted", lambda p: p.manifest("x", p.desk, [p.auditor], served=False))
        self.lie("not_permitted", lambda p: p.manifest("x", p.clinician, [p.admins[0]], served=False))
        self.lie("not_permitted", lambda p: (p.member("Desk", "none"), page(p)))
        self.lie("update_needed", lambda p: page(p, edit=edit("suite 1", "suite 2")))
        self.lie("message_twice", lambda p: (page(p), page(p)))
        self.lie("stale_roster", lambda p: (seen := p.seen("roster"), p.member("N", "none"), page(
            p, seen=seen + p.seen("activity"))))
        self.lie("wrong_recipients", lambda p: p.manifest("x", p.desk, [p.clinician, p.tablet], served=False))
        self.lie("wrong_recipients", lambda p: p.manifest(
            "x", p.desk, [p.clinician, p.desk], served=False, member=p.clinician.member))
        self.lie("wrong_recipients", lambda p: p.manifest(
            "x", p.clinician, [p.desk], served=False, member=p.clinician.member))
        self.lie("wrong_recipients", lambda p: p.manifest(
            "x", p.desk, [p.clinician], served=False, without={p.clinician.name: "no_prekey"}))
        self.lie("wrong_recipients", lambda p: p.manifest(
            "x", p.clinician, [p.admins[0]], served=False, member=p.desk.member))
        self.lie("wrong_recipients", lambda p: page(p, edit=edit(" 0 0 pk-", " 1 0 pk-")))
        self.lie("wrong_recipients", lambda p: page(p, edit=edit(" 0 0 pk-", " 0 300 pk-")))
        self.lie("wrong_size", lambda p: page(p, edit=edit("content 552", "content 553")))
        self.lie("wrong_size", lambda p: page(p, edit=edit("alert 552", "alert 2088")))
        self.lie("wrong_size", lambda p: page(p, edit=edit(" 1064 ", " 552 ")))
        for size in (0, 24, 65_553, 65_578, 24 + 402 * 65_553):
            self.lie("wrong_size", lambda p: page(p, edit=edit("attachment 65577", f"attachment {size}")))
        more = [f"attachment {24 + 401 * 65_553} {hexed(f'more {i}')}\n" for i in range(10)]
        self.lie("wrong_size", lambda p: page(p, edit=edit("attachment 65577", "".join(more[:3]) + "attachment 65577")))
        self.lie("malformed", lambda p: page(p, edit=edit("attachment 65577", "".join(more) + "attachment 65577")))
        self.lie("malformed", lambda p: page(p, edit=edit(
            "attachment 65577", f"attachment 131130 {hexed('attachmentx')}\nattachment 65577")))
        self.lie("bad_expiry", lambda p: page(p, edit=lambda text: text.replace(p.time(86_400), p.time())))
        self.lie("bad_expiry", lambda p: page(p, edit=lambda text: text.replace(p.time(86_400), p.time(604_801))))
        self.lie("malformed", lambda p: page(p, reference=f"in-reply-to {p.page[0]}\nforward-of {p.page[0]}\n"))
        self.lie("bad_signer", lambda p: p.manifest("x", Signer("nobody"), [p.clinician], served=False))
        self.lie("bad_signer", lambda p: p.manifest("y", p.clinician, [p.desk], served=False, reference="in-reply-to " + p.manifest(
            "x", Signer("nobody"), [p.clinician], served=False)[0] + "\n"), "bad_reference")
        # It stands there all the same, as does what is said of it.
        self.lie("bad_signers", lambda p: p.serve(p.clinician, page(p, signers=[p.clinician])[0]))
        self.lie("bad_signers", lambda p: page(p, signers=[p.desk, p.clinician]))
        self.lie("bad_signature", lambda p: page(p, signers=[Signer("x", p.desk.name)]))

    def test_references(self):
        def forward(p, sender, to, page, label="y", **more):
            return p.manifest(label, sender, [to], reference=f"forward-of {page[0]}\n", **more)

        practice = Practice()
        other = practice.join("Dr. N", "provider")
        handed = forward(practice, practice.clinician, other, practice.page)
        practice.receipt(practice.clinician, practice.page, "handed_off")
        # The one who has it now answers both the one who handed it on and the one who sent it.
        for number, to in enumerate((practice.clinician, practice.desk)):
            practice.manifest(f"answer {number}", other, [to], reference=f"in-reply-to {handed[0]}\n")
        forward(practice, other, practice.clinician, handed, "z")
        self.assertEqual(codes(practice.export()), [])

        self.lie("bad_reference", lambda p: forward(p, p.clinician, p.desk, (message_id("none"),)))
        self.lie("bad_reference", lambda p: p.manifest(
            "y", p.clinician, [p.desk], reference=f"in-reply-to {message_id('y')}\n"))
        self.lie("bad_reference", lambda p: forward(p, p.auditor, p.desk, p.page))
        self.lie("bad_reference", lambda p: p.manifest(
            "y", p.auditor, [p.desk], reference=f"in-reply-to {p.page[0]}\n"))
        self.lie("bad_reference", lambda p: p.manifest(
            "y", p.desk, [p.auditor], reference=f"in-reply-to {p.page[0]}\n"))
        self.lie("bad_reference", lambda p: forward(
            p, p.clinician, p.desk, p.page, edit=lambda text: text.replace("urgency urgent", "urgency routine")))
        self.lie("bad_reference", lambda p: forward(
            p, p.clinician, p.desk, p.page, edit=lambda text: text.replace(p.time(86_400), p.time(86_401))))
        self.lie("bad_reference", lambda p: p.receipt(p.clinician, p.page, "handed_off"))

        def round_and_round(p):
            page = p.page
            for number in range(9):
                page = forward(p, *((p.clinician, p.desk) if number % 2 else (p.desk, p.clinician)), page, f"{number}")

        self.lie("bad_reference", round_and_round)

        practice = Practice()
        page = practice.page
        for number in range(30):  # goes on, though it is wrong from the ninth on
            pair = (practice.clinician, practice.desk) if number % 2 else (practice.desk, practice.clinician)
            page = forward(practice, *pair, page, f"{number}")
        result = Verification().run(practice.export())
        self.assertEqual([finding["code"] for finding in result.findings], 22 * ["bad_reference"])
        self.assertLessEqual(max(map(len, result.senders.values())), 9)
        # What goes round in a circle, and somebody who answers it: nobody follows it for ever.
        self.lie("bad_reference", lambda p: (mine := forward(p, p.desk, p.clinician, (message_id("y"),)), p.manifest(
            "z", p.clinician, [p.desk], reference=f"in-reply-to {mine[0]}\n")))
        self.lie("bad_reference", lambda p: forward(p, p.clinician, p.desk, forward(
            p, p.desk, p.clinician, (message_id("z"),)), "z"))

    def test_receipts(self):
        other = ("msg-" + 26 * "a", hexed("none"))
        self.lie("broken_chain", lambda p: p.receipt(p.desk, p.reply, "read", number=3))
        self.lie("broken_chain", lambda p: p.receipt(p.desk, p.reply, "read", previous=hexed("other")))
        self.lie("broken_chain", lambda p: (p.receipts.clear(), p.receipt(p.desk, p.reply, "closed")))
        self.lie("unknown_manifest", lambda p: p.receipt(p.desk, (p.reply[0], p.page[1]), "read"))
        self.lie("unknown_manifest", lambda p: p.receipt(p.desk, other, "read"))
        self.lie("no_recipient", lambda p: p.receipt(p.auditor, p.reply, "read"))
        self.lie("not_served", lambda p: p.receipt(
            p.clinician, p.manifest("x", p.desk, [p.clinician], served=False), "read"))
        self.lie("bad_signers", lambda p: p.receipt(p.desk, p.reply, "read", signers=[p.clinician]))
        self.edited("untrue_capsule", "receipt", lambda p: p.clinician, lambda p: p.page, "delivered", old="capsule agrees",
                    new="capsule none")

        def of_no_capsule(p):
            p.set_admins(audit=None)
            p.clock += timedelta(hours=73)
            p.receipt(p.clinician, p.manifest("x", p.desk, [p.clinician]), "delivered")
        self.lie("untrue_capsule", of_no_capsule)
        for action, reason in (("read", "not_mine"), ("acknowledged", "none"), ("declined", "seal"), ("closed", "x")):
            self.lie("malformed", lambda p: p.receipt(p.desk, p.reply, action, reason))
        self.edited("malformed", "receipt", lambda p: p.desk, lambda p: p.reply, "read", old="reason none\n",
                    new="reason none\ncapsule agrees\n")
        self.edited("malformed", "receipt", lambda p: p.clinician, lambda p: p.page, "delivered",
                    old="capsule agrees\n", new="")
        self.edited("malformed", "receipt", lambda p: p.desk, lambda p: p.reply, "filed",
                    old=f"filed {hexed('an id in another system')}\n", new="")
        self.edited("malformed", "receipt", lambda p: p.desk, lambda p: p.reply, "disclosed", old="reason none\n",
                    new=f"reason none\nfiled {hexed('x')}\n")
        practice = Practice()
        for action in ("filed", "disclosed", "closed"):
            practice.receipt(practice.desk, practice.reply, action)
        self.assertEqual(codes(practice.export()), [])

    def test_accesses(self):
        query = f"query {HybridKey('audit').id} {hexed('question')}"
        for subject, kind in ((query, "message"), ("none", "patient"), (f"message msg-{26 * 'a'}", "patient"),
                              (query, "report"), (query, "capsules")):
            self.lie("malformed", lambda p: p.access(p.auditor, kind, subject))
        self.lie("malformed", lambda p: p.access(p.auditor, "breach", f"query {p.desk.name} {hexed('x')}"))
        self.lie("malformed", lambda p: p.access(p.auditor, "patient", f"query {p.auditor.name} {hexed('x')}"))
        self.lie("malformed", lambda p: p.access(p.auditor, "patient", query, edit=lambda text: text.replace(
            "routine_review", "curiosity")))
        self.lie("no_right", lambda p: p.access(p.desk, "patient", query))
        self.lie("no_right", lambda p: p.access(p.admins[0], "report", "none"))
        self.lie("bad_signers", lambda p: p.access(p.auditor, "report", "none", signers=[p.desk]))
        self.lie("bad_signers", lambda p: p.access(p.auditor, "report", "none", signer="recovery"))
        self.lie("bad_signer", lambda p: (p.revoke(p.auditor.name), p.access(p.auditor, "report", "none")))
        self.lie("no_right", lambda p: (p.member("Revisor", "provider", signers=p.admins),
                                        p.access(p.auditor, "report", "none")))
        self.lie("unknown_message", lambda p: p.access(p.auditor, "message", f"message msg-{26 * 'a'}"))
        self.lie("unknown_key", lambda p: p.access(p.auditor, "patient", f"query {HybridKey('own').id} {hexed('x')}"))
        self.lie("unknown_key", lambda p: p.access(p.auditor, "patient", f"query {p.recovery.id} {hexed('x')}"))
        self.lie("time_apart", lambda p: p.access(p.auditor, "report", "none", at=p.time(3600)))
        for log in ("roster", "activity"):
            self.lie("fork", lambda p: p.access(p.auditor, "report", "none", seen="".join(
                p.seen(kind, 3, sha256(b"other")) if kind == log else p.seen(kind) for kind in ("roster", "activity"))))
        practice = Practice()
        for kind in ("device", "member", "breach"):
            practice.access(practice.auditor, kind, f"query {practice.auditor.name} {hexed(kind)}")
        self.assertEqual(codes(practice.export()), [])

    def test_the_hash_of_a_question(self):
        """Protocol.md's formula, by another library's BLAKE2b: crypto_kdf puts the subkey's number and the context there."""
        with open(os.path.join(HERE, "..", "..", "Tests", "Vectors", "protocol.json")) as file:
            vectors = json.load(file)
        secret = b"".join(base64.b64decode(vectors["audit"][part]) for part in ("x25519-private", "mlkem768-seed"))
        root = hashlib.blake2b(secret, digest_size=32).digest()
        key = hashlib.blake2b(key=root, digest_size=32, salt=(1).to_bytes(16, "little"), person=b"nbaccess".ljust(16, b"\0"))
        for query in vectors["queries"]:
            text = f"nightbell.query/v1\n{query['org']}\n{query['kind']}\n{query['query']}".encode()
            hash = hashlib.blake2b(text, key=key.digest(), digest_size=32).hexdigest()
            self.assertEqual(hash, query["hash"])

    def test_events(self):
        self.lie("unknown_device", lambda p: p.serve(Signer("nobody"), p.page[0]))
        self.lie("unknown_message", lambda p: p.serve(p.desk, "msg-" + 26 * "a"))
        self.lie("unknown_message", lambda p: p.event("unanswered", f"message msg-{26 * 'a'}\n"))
        pushed = "transport fcm\nattempt 2\noutcome gone\n"
        self.lie("unknown_message", lambda p: p.event("pushed", f"device {p.desk.name}\nmessage msg-{26 * 'a'}\n{pushed}"))
        self.lie("unknown_device", lambda p: p.event(
            "pushed", f"device {Signer('nobody').name}\nmessage {p.page[0]}\n{pushed}"))
        self.lie("unknown_device", lambda p: p.event(
            "subscription", f"device {Signer('nobody').name}\ntransport apns\nchange dropped\n"))
        self.lie("malformed", lambda p: p.event(
            "subscription", f"device {p.desk.name}\ntransport pigeon\nchange dropped\n"))
        practice = Practice()
        practice.event("unanswered", f"message {practice.page[0]}\n", at="2026-11-23T03:07:10.250Z")
        practice.entries["activity"].insert(0, practice.entries["activity"].pop())
        self.assertEqual(codes(practice.export())[0], "no_roster")

    def test_entries(self):
        self.lie("time_runs_back", lambda p: p.event("unanswered", f"message {p.page[0]}\n", at=p.time(-2)))
        self.lie("logged_twice", lambda p: p.entries["activity"].append(p.entries["activity"][-1]))
        self.lie("time_apart", lambda p: p.member("N", "none", at=p.time(3600)))
        self.lie("time_apart", lambda p: p.member("N", "auditor", at=p.time(8 * 86_400)))
        self.lie("wrong_log", lambda p: p.log("activity", nth_text(p, "roster", 1), p.admins[:1]))
        self.lie("update_needed", lambda p: p.log("activity", "nightbell.disposal/v1\nx y\nz z\n", [p.desk]))
        self.lie("update_needed", lambda p: p.log("activity", "nightbell.event/v11\nx y\n", []))
        self.lie("update_needed", lambda p: p.event("released", "x y\n"))
        self.lie("update_needed", lambda p: p.event("none", ""))
        self.lie("update_needed", lambda p: p.event("later", "name \U0001fae8\n"))  # of Unicode 15
        self.lie("update_needed", lambda p: p.receipt(
            p.desk, p.reply, "read", edit=lambda text: text.replace("/v1", "/v2")))
        for body in (b"", b"\n", b"nightbell.event/v1\n", b"x\n\n\xe2\x80\x94 a b\n"):
            self.lie("malformed", lambda p: p.append("activity", body))
        self.lie("malformed", lambda p: p.entries["activity"].append(b""))
        self.lie("malformed", lambda p: p.entries["activity"].append(b"nightbell.entry/v1 2026-11-23T03:07:09Z\nx"))

    def test_what_is_refused_changes_nothing(self):
        def refused_then_honest(p):
            before = p.current["admins"]
            p.set_admins(quorum=3)
            p.current["admins"] = before
            p.set_admins(audit=HybridKey("audit"))
        self.lie("bad_quorum", refused_then_honest)

        def refused_then_again(p):
            p.current.pop(p.member("N", "none", signers=[p.clinician]))
            p.member("N", "none")
        self.lie("no_right", refused_then_again)

    def test_one_wrong_entry_of_the_activity_log_accuses_no_other(self):
        def other(p):
            return p.seen("roster") + p.seen("activity", 5, sha256(b"another history"))

        def sent_and_answered(p, **more):
            message = p.manifest("m", p.desk, [p.clinician], **more)
            p.receipt(p.clinician, message, "delivered")
            p.receipt(p.clinician, message, "read")
            p.access(p.auditor, "message", f"message {message[0]}")

        def shown_another_log(p):
            p.receipt(p.desk, p.reply, "read", seen=other(p))
            p.receipt(p.desk, p.reply, "closed")
        self.lie("fork", shown_another_log)
        self.lie("fork", lambda p: sent_and_answered(p, seen=other(p)))

        def clock(p):
            at = p.time(-360)
            sent_and_answered(p, edit=lambda text: re.sub("^at .*$", f"at {at}", text, flags=re.M))
        self.lie("time_apart", clock)
        self.lie("wrong_organisation", lambda p: sent_and_answered(
            p, edit=lambda text: text.replace(p.id, "org-" + 32 * "a")))

        def logged_again(p):
            entries = p.entries["activity"]
            again = [entry for entry in entries if f"device {p.clinician.name}".encode() in entry and b"receipt/v1" in entry]
            p.append("activity", again[0].partition(b"\n")[2])
            p.receipt(p.clinician, p.page, "filed")
        self.lie("logged_twice", logged_again)

        def before_its_time(p):
            """The event of a roster, in which a member is that writes."""
            p.clock += timedelta(seconds=1)
            p.member("N", "none", announce=False)
            p.event("roster", f"roster {len(p.entries['roster'])} {p.root('roster').hex()}\n", at=p.time(-60))
            p.clock += timedelta(seconds=1)
            p.manifest("m", p.desk, [p.clinician])
        self.lie("time_runs_back", before_its_time)

        def false_root(p):
            p.member("N", "none", announce=False)
            p.event("roster", f"roster {len(p.entries['roster'])} {hexed('another')}\n")
            p.manifest("m", p.desk, [p.clinician])
        self.lie("bad_roster_event", false_root)

    def test_the_time_of_what_is_refused_counts(self):
        for log in ("roster", "activity"):
            def back(p):
                noise = b"nightbell.noise\n"
                p.append(log, noise, at=p.time(3600))
                p.append(log, noise, at=p.time(1800))
                p.append(log, noise, at=p.time(1800))
                p.member("N", "none", at=p.time(60)) if log == "roster" else p.event(
                    "unanswered", f"message {p.page[0]}\n", at=p.time(60))
            self.lie("malformed", back, "malformed", "malformed", "time_runs_back")

    def test_what_a_later_version_wrote_hides_nothing_before_it(self):
        def lie_then_later(p):
            p.receipt(p.desk, p.reply, "read", number=1)
            p.event("servex", "x y\n")
            p.receipt(p.desk, p.reply, "read", number=1)
        self.lie("broken_chain", lie_then_later, "update_needed")

        def roster_then_lie(p):
            p.revoke(p.tablet.name, edit=lambda text: text.replace("/v1", "/v2"))
            p.receipt(p.desk, p.reply, "read", number=1)
        self.lie("update_needed", roster_then_lie)

        def lie_then_roster(p):
            p.receipt(p.desk, p.reply, "read", number=1)
            p.set_admins(edit=lambda text: text.replace("next-log roster none", "next-log roster non"))
        self.lie("broken_chain", lie_then_roster, "update_needed")

    def test_what_no_version_writes_asks_for_no_update(self):
        for kind in ("served ", " served", "subscription\r", "ser\u200bved", "x\u2028", "", 2049 * "x"):
            self.lie("malformed", lambda p: p.event(kind, "x y\n"))
        for lines in ("x\n", "X y\n", "x  y\n", "x y \n", "\n", "x y"):
            self.lie("malformed", lambda p: p.event("later", lines))
        for type_ in ("nightbell.event/v01", "nightbell.event/v0", "nightbell.event/v", "nightbell.Event/v2", "nightbell.entry/v1",
                      "nightbell.disposal/v1 ", "nightbell.disposal/v1234567890"):
            self.lie("malformed", lambda p: p.append("activity", f"{type_}\norg {p.id}\n".encode()))
        # Nobody signs, and nobody may leave that out, in the roster log.
        self.lie("malformed", lambda p: p.log("roster", "nightbell.disposal/v1\nx y\n", []), "roster_unnamed")

        # Nor of a type that is known, in whatever form: what stands behind is judged.
        def unsigned_of_a_later_suite(p):
            p.manifest("x", p.desk, [p.clinician], edit=lambda text: text.replace("suite 1", "suite 2"), served=False)
            p.entries["activity"][-1] = p.entries["activity"][-1].rpartition(b"\n\n")[0] + b"\n"
            p.receipt(p.auditor, p.reply, "read")
        self.lie("malformed", unsigned_of_a_later_suite, "no_recipient")
        event = lambda p: f"nightbell.event/v1\norg {p.id}\nkind later\nsalt {b64(bytes(16))}\n"
        for signed in (False, True):
            self.lie("wrong_log", lambda p: (p.log("roster", event(p), [p.desk] * signed), p.announce()))

        def manifest_of_a_later_suite(p):
            place = next(place for place, entry in enumerate(p.entries["activity"]) if b"manifest/v1" in entry)
            p.log("roster", nth_text(p, "activity", place).replace("suite 1", "suite 2"), [p.desk])
            p.announce()
        self.lie("wrong_log", manifest_of_a_later_suite)

    def test_texts_have_one_form(self):
        def member(old, new):
            self.edited("malformed", "member", "New", "provider intake", old=old, new=new)

        def receipt(old, new):
            self.edited("malformed", "receipt", lambda p: p.desk, lambda p: p.reply, "read", old=old, new=new)

        for name in ("e\u0301", " x", "x ", "\u00a0x", "x\u200b", "x\u2028", 257 * "x", 129 * "\u00f8", "x\x7f", "x\r"):
            member("name New", f"name {name}")
        member("provider intake", "intake provider")
        member("provider intake", "provider provider")
        member("provider intake", "provider admin")
        member("provider intake", "provider  intake")
        member("status active", "status Active")
        member("status active\n", "status active\nstatus active\n")
        member("status active\n", "status active\n\n")
        member("status active\n", "")
        member("name New\n", "")
        member("name New\n", "name New\nname New\n")
        member("nightbell.member/v1\n", "nightbell.member/v1 \n")
        member("nightbell.member", "Nightbell.member")
        member("replaces none", "replaces None")
        member("replaces none", "replaces")
        receipt("action read", "action filed")
        receipt("action read", "action handed-off")
        receipt("number 2", "number 02")
        receipt("number 2", "number +2")
        receipt("number 2", "number 9007199254740992")
        receipt("number 2", "number \u0662")
        receipt("at 2026-11-23", "at 2026-11-31")
        receipt("at 2026-11-23", "at 1926-11-23")
        receipt(".250Z\nnumber", ".250z\nnumber")
        receipt("seen roster ", "seen roster 0")
        receipt("message msg-", "message msg-A")

        def unordered(text):
            first, second = [line for line in text.split("\n") if line.startswith("to ")]
            return text.replace(f"{first}\n{second}", f"{second}\n{first}")
        self.lie("malformed", lambda p: p.manifest("x", p.clinician, p.admins, edit=unordered, served=False))

    def test_nonsense_is_refused_and_never_stumbled_over(self):
        practice, chance, tries, accepted = Practice(), random.Random(2), 0, 0
        texts = [entry.split(b"\n", 1)[1] for entries in practice.entries.values() for entry in entries]
        texts = [text.rpartition(b"\n\n")[0] + b"\n" if b"\n\n" in text else text for text in texts]
        for text in texts:
            Statement(text)
            for _ in range(100):
                lines = text.split(b"\n")
                place, other = chance.randrange(len(lines)), chance.randrange(len(lines))
                lines[place:place + 1] = chance.choice([
                    [], [lines[other]], [lines[place], lines[place]], [lines[place].rpartition(b" ")[0]],
                    [lines[place] + b" " + lines[other]], [lines[place][:chance.randrange(9)]], [b"\xff"],
                    [lines[place].replace(b"2", b"\xd9\xa2")], [lines[place].partition(b" ")[0] + b" none"]])
                if (changed := b"\n".join(lines)) != text:
                    tries += 1
                    with contextlib.suppress(Refused):  # any other exception is a failure
                        Statement(changed)
                        accepted += 1  # `audit none`, a text with another end: good texts too
        self.assertGreater(tries, 3000)
        self.assertLess(accepted, tries // 10)

    def test_plain_text(self):
        for text in ("x", "\u00c5ngstr\u00f6m", "a b", 256 * "x", "\U0001f514"):
            self.assertTrue(is_plain_text(text))
        for text in ("", "x\U00013439", "A\u030angstrom", "\t", "\u202ex", "\u3000x", 257 * "x", 65 * "\U0001f514"):
            self.assertFalse(is_plain_text(text))


class Cosignatures(unittest.TestCase):
    """What witnesses cosigned goes along with an export, and is verified in it."""

    def setUp(self):
        self.practice, self.one, self.two = Practice(), Witness("one", "one.example/w"), Witness("two", "two.example/w")
        self.practice.set_admins(witnesses=[self.one, self.two])
        self.size = len(self.practice.entries["activity"])
        self.files = self.practice.export()
        self.files["activity/checkpoint"] = self.practice.cosigned("activity", self.one)
        self.files["activity/cosigned"] = self.practice.cosigned("activity", self.two, 7) + b"\n"

    def test_honest_ones_are_told(self):
        result = Verification().run(self.files)
        self.assertEqual(result.findings, [])
        self.assertEqual([(given["witness"], given["size"]) for given in result.cosigned["activity"]],
                         [("one.example/w", self.size), ("two.example/w", 7)])
        report = nightbell_verify.as_json(result)
        self.assertEqual((report["cosignatures_demanded"], report["cosigned"]["roster"]), (2, []))
        self.assertIn("7 entries cosigned by 'two.example/w' at 2027-01-15 08:00:00 UTC", nightbell_verify.as_text(result))

    def test_the_published_cosignature(self):
        """c2sp.org/tlog-cosignature as Sunlight's mirror makes them."""
        text = b"rome2026h1.example.org\n300\ngw31yQrqZZCcEOPrzX+bpy3nJ6QgngTKn8G1m0i62uU=\n"
        payload = base64.b64decode("P7FI7wAAAABpVGeAjA1S4pJm6MbcXjX7UUImu4azZtrfcVW2uyr/LXIYlwEJzXC0N0EiZkbqfLdXt/4gVEEu"
                                   "GmxJjAfXKMCISpsJAg==")
        key = Witnessed("mirror.example.org+3fb148ef+BAAjjch9GyYz0sJsJx7ALhbdAtz2ov0unbzSl1vMp94O")
        self.assertEqual(key.time_of(payload, text), 1_767_139_200)
        for offset in range(len(payload)):
            self.assertIsNone(key.time_of(flipped(payload, offset, 0), text))

    def test_every_bit_counts(self):
        for name in ("activity/checkpoint", "activity/cosigned"):
            for offset in range(len(self.files[name])):
                changed = self.files | {name: flipped(self.files[name], offset, offset % 8)}
                self.assertNotEqual(codes(changed), [], f"{name} at {offset}")

    def test_lies_are_found(self):
        practice, stranger, fork = self.practice, Witness("stranger", "one.example/w"), sha256(b"fork")
        text, log_line = practice.checkpoint("activity"), practice.log_keys["activity"].line(practice.checkpoint("activity"))
        noted = practice.cosigned("activity", self.two, 7)
        for name, (file, data, code) in {
            "a stranger's": ("checkpoint", practice.cosigned("activity", stranger), "bad_cosignature"),
            "of another text": ("checkpoint", f"{text}\n{log_line}{self.one.line('x')}".encode(), "bad_cosignature"),
            "out of order": ("checkpoint", f"{text}\n{log_line}{self.two.line(text)}{self.one.line(text)}".encode(),
                             "bad_cosignature"),
            "twice": ("checkpoint", f"{text}\n{log_line}{self.one.line(text)}{self.one.line(text)}".encode(),
                      "bad_cosignature"),
            "of no time": ("checkpoint", practice.cosigned("activity", self.one, seconds=0), "bad_cosignature"),
            "before the log's": ("checkpoint", f"{text}\n{self.one.line(text)}{log_line}".encode(), "bad_signers"),
            "not the log's": ("cosigned", f"{text}\n{self.one.line(text)}\n".encode(), "bad_signers"),
            "another history": ("cosigned", practice.cosigned("activity", self.two, 7, fork) + b"\n", "fork"),
            "of this size": ("cosigned", practice.cosigned("activity", self.two, self.size, fork) + b"\n", "fork"),
            "not cosigned": ("cosigned", f"{text}\n{log_line}\n".encode(), "malformed"),
            "nothing": ("cosigned", b"", "malformed"), "no end": ("cosigned", noted, "malformed"),
            "more": ("cosigned", noted + b"\n\n", "malformed"),
        }.items():
            with self.subTest(name):
                self.assertEqual(codes(self.files | {f"activity/{file}": data}), [code])
        # A longer log is not the one at hand: nothing can be said of it.
        longer = practice.cosigned("activity", self.two, self.size + 1, fork) + b"\n"
        self.assertEqual(codes(self.files | {"activity/cosigned": longer}), [])

    def test_who_may_be_a_witness(self):
        def later(name: str, *before: str):
            lines = "".join(f"witness {vkey}\n" for vkey in (*before, f"{name}+00000000+{b64(bytes([5]) + bytes(40))}"))
            return lambda text: text.replace("witness none\n", f"{lines}cosignatures 1\n")

        many = sorted(Witness(f"w{i}", f"n{i}").vkey for i in range(17))
        desk = Witness("device Desk", "desk.example/w")  # the desk's signing key
        self.assertEqual(desk.public, self.practice.desk.public)
        for name, arguments, code in (
                ("a device's key", {"witnesses": [desk]}, "key_used_twice"),
                ("one key twice", {"witnesses": [self.one, Witness("one", "z.example/w")]}, "malformed"),
                ("one name and key id twice", {"witnesses": [Witness(f"alike {i}", "witness.example") for i in (44074, 56392)]},
                 "malformed"),
                ("more demanded than named", {"witnesses": [self.one], "demanded": 2}, "malformed"),
                ("demanded of none", {"edit": lambda text: text + "cosignatures 0\n"}, "malformed"),
                ("a name of 513 bytes", {"witnesses": [Witness("w", 256 * "\u00e9" + "x")]}, "malformed"),
                ("a key of a later type", {"edit": later("x")}, "update_needed"),
                ("such a key under a name of 513 bytes", {"edit": later(256 * "\u00e9" + "x")}, "malformed"),
                ("such a key behind a wrong one", {"edit": later("x", self.one.vkey.replace("+", "x+", 1))}, "bad_vkey"),
                ("such a key behind none", {"edit": later("x", "none")}, "malformed"),
                ("such a key as the 18th", {"edit": later("x", *many)}, "malformed")):
            with self.subTest(name):
                practice = Practice()
                practice.set_admins(**arguments)
                self.assertEqual(codes(practice.export()), [code])


if __name__ == "__main__":
    unittest.main()
