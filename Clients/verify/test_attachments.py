"""Opens the attachments of Tests/Vectors/protocol.json without libsodium: its secretstream is ChaCha20 and Poly1305.

    python3 -m unittest test_attachments
"""

import base64
import hashlib
import json
import os
import struct
import unittest

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms
from cryptography.hazmat.primitives.poly1305 import Poly1305

from ciphers import hchacha20, kdf

VECTORS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "Tests", "Vectors", "protocol.json")
CHUNK, OVERHEAD, HEADER = 65_536, 17, 24
MESSAGE, FINAL = 0, 3


def subkey(key: bytes, number: int) -> bytes:
    return kdf(key, number, b"nbseal01")


class Stream:
    """The reading side of crypto_secretstream_xchacha20poly1305."""

    def __init__(self, key: bytes, header: bytes):
        self.key = hchacha20(key, header[:16])
        self.counter, self.nonce = 1, header[16:]

    def xor(self, data: bytes, block: int) -> bytes:
        nonce = struct.pack("<II", block, self.counter) + self.nonce
        return Cipher(algorithms.ChaCha20(self.key, nonce), None).encryptor().update(data)

    def open(self, sealed: bytes, bound: bytes) -> tuple[int, bytes]:
        first, text, mac = sealed[:1], sealed[1:-16], sealed[-16:]
        block = self.xor(bytes(64), 1)
        tag = first[0] ^ block[0]
        poly = Poly1305(self.xor(bytes(32), 0))
        poly.update(bound + bytes(-len(bound) % 16))
        poly.update(first + block[1:])
        # The library pads by the length and not to a multiple; whole chunks are the same either way.
        poly.update(text + bytes(len(text) % 16))
        poly.update(struct.pack("<QQ", len(bound), 64 + len(text)))
        poly.verify(mac)
        plain = self.xor(text, 2)
        self.nonce = bytes(a ^ b for a, b in zip(self.nonce, mac))
        self.counter += 1
        return tag, plain


def opened(sealed: bytes, key: bytes, index: int, binding: bytes) -> bytes:
    stream = Stream(subkey(key, 16 + index), sealed[:HEADER])
    chunks, rest = divmod(len(sealed) - HEADER, CHUNK + OVERHEAD)
    assert rest == 0 and chunks > 0
    file = b""
    for number in range(chunks):
        start = HEADER + number * (CHUNK + OVERHEAD)
        tag, plain = stream.open(sealed[start:start + CHUNK + OVERHEAD], b"" if number else binding + bytes([index]))
        assert tag == (FINAL if number == chunks - 1 else MESSAGE)
        file += plain
    body, mark, zeros = file.rpartition(b"\x80")
    assert mark and not zeros.strip(b"\0") and len(zeros) < CHUNK
    return body


class Attachments(unittest.TestCase):
    def setUp(self):
        with open(VECTORS, encoding="utf-8") as file:
            vectors = json.load(file)
        self.key = base64.b64decode(vectors["sealing"]["message-key"])
        self.binding = bytes.fromhex(vectors["binding"]["hash"])
        self.vectors = vectors["sealing"]["attachments"]
        self.manifest = next(s for s in vectors["statements"] if s["name"] == "manifest")["text"]
        self.subkeys = vectors["sealing"]["subkeys"]

    def test_each_opens_to_its_file(self):
        for index, vector in enumerate(self.vectors):
            sealed = base64.b64decode(vector["sealed"])
            file = opened(sealed, self.key, index, self.binding)
            self.assertEqual(len(file), vector["bytes"])
            self.assertEqual(hashlib.sha256(file).hexdigest(), vector["sha256"])
            self.assertIn(f"attachment {len(sealed)} {hashlib.sha256(sealed).hexdigest()}\n", self.manifest)
            self.assertEqual(subkey(self.key, 16 + index).hex(), self.subkeys[str(16 + index)])
        self.assertEqual(len(self.vectors), 2)

    def test_none_opens_elsewhere(self):
        sealed = base64.b64decode(self.vectors[1]["sealed"])
        for index, binding in ((0, self.binding), (1, bytes(32))):
            with self.assertRaises(InvalidSignature):
                opened(sealed, self.key, index, binding)
        with self.assertRaises(InvalidSignature):
            opened(sealed[:-1] + bytes([sealed[-1] ^ 1]), self.key, 1, self.binding)


if __name__ == "__main__":
    unittest.main()
