"""What opens a capsule, held against Tests/Vectors/protocol.json: libsodium made those.

    python3 -m unittest test_ciphers
"""

import base64
import json
import os
import unittest

from ciphers import kdf, unpadded, xchacha20poly1305_open

VECTORS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "Tests", "Vectors", "protocol.json")


class Ciphers(unittest.TestCase):
    def setUp(self):
        with open(VECTORS, encoding="utf-8") as file:
            vectors = json.load(file)
        self.sealing, self.binding = vectors["sealing"], bytes.fromhex(vectors["binding"]["hash"])
        self.key = bytes.fromhex(self.sealing["subkeys"]["3"])
        self.sealed = base64.b64decode(self.sealing["capsule"]["sealed"])

    def test_the_capsules_key_and_its_commitment(self):
        message_key = base64.b64decode(self.sealing["message-key"])
        self.assertEqual(kdf(message_key, 3, b"nbseal01"), self.key)
        self.assertEqual(kdf(self.key, 1, b"nbcapsul").hex(), self.sealing["capsule-commitment"])

    def test_a_capsule_opens_and_nothing_else_does(self):
        padded = xchacha20poly1305_open(self.key, self.sealed[:24], self.sealed[24:], self.binding)
        self.assertEqual(unpadded(padded, 1024).decode(), self.sealing["capsule"]["plaintext"])
        for place in (0, 24, 500, len(self.sealed) - 1):
            changed = bytearray(self.sealed)
            changed[place] ^= 1
            self.assertIsNone(xchacha20poly1305_open(self.key, bytes(changed[:24]), bytes(changed[24:]), self.binding))
        self.assertIsNone(xchacha20poly1305_open(self.key, self.sealed[:24], self.sealed[24:], bytes(32)))
        self.assertIsNone(xchacha20poly1305_open(self.binding, self.sealed[:24], self.sealed[24:], self.binding))

    def test_padding(self):
        self.assertEqual(unpadded(b"a\x80" + bytes(6), 8), b"a")
        self.assertEqual(unpadded(b"a\x80\x80" + bytes(5), 8), b"a\x80")
        for padded in (b"a\x80" + bytes(5), b"a" + bytes(7), bytes(8), b"a\x80" + bytes(5) + b"\x01"):
            self.assertIsNone(unpadded(padded, 8))


if __name__ == "__main__":
    unittest.main()
