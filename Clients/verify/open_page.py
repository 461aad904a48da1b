"""Opens a page as a phone does, with none of Nightbell's own code: from the bytes that a push service brought to the alert.

    python3 open_page.py < FILE
        {"page": base64, "x25519": base64, "mlkem768": base64}  ->  {"message", "prekey", "binding", "alert"}
        or {"challenge": {"subscription", "secret"}}, or {"connect": why}

"page" are the 2,048 bytes of the field (base64url there) or of the opened body of Web Push; "x25519" is the prekey's
scalar (32 bytes) and "mlkem768" its seed (64 bytes). "alert" is the plaintext, base64; its signature is the reader's to check.
Needs Python 3.11 and `cryptography` 46 or later, for ML-KEM.
"""

import base64
import hashlib
import json
import struct
import sys

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import mlkem
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.poly1305 import Poly1305

from ciphers import kdf, turned, unpadded, xchacha20poly1305_open

SIZE, BOX, CIPHERTEXT, WRAPPED, ALERT = 2_048, 80, 1_088, 48, 552
SEALED_KEY = BOX + CIPHERTEXT + WRAPPED


class Closed(Exception):
    """It does not open: a reason to connect."""


def opened_seal(key: bytes, nonce: bytes, sealed: bytes, bound: bytes) -> bytes:
    plaintext = xchacha20poly1305_open(key, nonce, sealed, bound)
    if plaintext is None:
        raise Closed("a seal does not hold")
    return plaintext


def salsa_rounds(state: list[int]) -> None:
    for _ in range(10):
        for a, b, c, d in ((0, 4, 8, 12), (5, 9, 13, 1), (10, 14, 2, 6), (15, 3, 7, 11),
                           (0, 1, 2, 3), (5, 6, 7, 4), (10, 11, 8, 9), (15, 12, 13, 14)):
            for to, left, right, turn in ((b, a, d, 7), (c, b, a, 9), (d, c, b, 13), (a, d, c, 18)):
                state[to] ^= turned((state[left] + state[right]) & 0xFFFFFFFF, turn)


def salsa_state(key: bytes, block: bytes) -> list[int]:
    words, keys, middle = struct.unpack("<4I", b"expand 32-byte k"), struct.unpack("<8I", key), struct.unpack("<4I", block)
    return [words[0], *keys[:4], words[1], *middle, words[2], *keys[4:], words[3]]


def hsalsa20(key: bytes, block: bytes) -> bytes:
    state = salsa_state(key, block)
    salsa_rounds(state)
    return struct.pack("<8I", *(state[place] for place in (0, 5, 10, 15, 6, 7, 8, 9)))


def salsa20(key: bytes, nonce: bytes, count: int) -> bytes:
    stream = b""
    for block in range((count + 63) // 64):
        state = salsa_state(key, nonce + struct.pack("<Q", block))
        worked = list(state)
        salsa_rounds(worked)
        stream += struct.pack("<16I", *((a + b) & 0xFFFFFFFF for a, b in zip(state, worked)))
    return stream[:count]


def sealed_box_open(box: bytes, private: X25519PrivateKey, public: bytes) -> bytes:
    """libsodium's `crypto_box_seal`: X25519, HSalsa20, XSalsa20-Poly1305, the nonce BLAKE2b-192 of both public keys."""
    sender, tag, text = box[:32], box[32:48], box[48:]
    try:
        shared = private.exchange(X25519PublicKey.from_public_bytes(sender))
    except ValueError:
        raise Closed("the box has no key") from None
    nonce = hashlib.blake2b(sender + public, digest_size=24).digest()
    key = hsalsa20(hsalsa20(shared, bytes(16)), nonce[:16])
    stream = salsa20(key, nonce[16:], 32 + len(text))
    try:
        Poly1305.verify_tag(stream[:32], text, tag)
    except InvalidSignature:
        raise Closed("the box does not open") from None
    return bytes(a ^ b for a, b in zip(text, stream[32:]))


def open_sealed_key(sealed: bytes, scalar: bytes, seed: bytes, binding: bytes) -> bytes:
    box, ciphertext, wrapped = sealed[:BOX], sealed[BOX:BOX + CIPHERTEXT], sealed[BOX + CIPHERTEXT:]
    private = X25519PrivateKey.from_private_bytes(scalar)
    public = private.public_key().public_bytes_raw()
    quantum = mlkem.MLKEM768PrivateKey.from_seed_bytes(seed)
    encapsulation = quantum.public_key().public_bytes_raw()
    wrap = hashlib.blake2b(
        b"nightbell.wrap/v1" + sealed_box_open(box, private, public) + quantum.decapsulate(ciphertext) + box + ciphertext
        + public + hashlib.sha256(encapsulation).digest() + binding, digest_size=32).digest()
    return opened_seal(wrap, bytes(24), wrapped, binding)


def identifier(prefix: str, data: bytes) -> str:
    return prefix + base64.b32encode(data).decode().lower().rstrip("=")


def opened(page: bytes, scalar: bytes, seed: bytes) -> dict:
    if len(page) != SIZE:
        return {"connect": "it has not 2,048 bytes"}
    if page[0] == 2:
        return {"challenge": {
            "subscription": identifier("sub-", page[1:17]), "secret": base64.b64encode(page[17:49]).decode()}}
    if page[0] != 1 or any(page[69 + SEALED_KEY + ALERT:]):
        return {"connect": "it is no page of version 1"}
    binding, sealed_key = page[37:69], page[69:69 + SEALED_KEY]
    alert = page[69 + SEALED_KEY:69 + SEALED_KEY + ALERT]
    try:
        key = open_sealed_key(sealed_key, scalar, seed, binding)
        text = unpadded(opened_seal(kdf(key, 2, b"nbseal01"), alert[:24], alert[24:], binding), 512)
        if text is None:
            raise Closed("the padding is not that of an alert")
    except Closed as why:
        return {"connect": str(why)}
    return {
        "message": identifier("msg-", page[1:17]), "prekey": identifier("pk-", page[17:37]), "binding": binding.hex(),
        "alert": base64.b64encode(text).decode()}


if __name__ == "__main__":
    given = json.load(sys.stdin)
    print(json.dumps(opened(*(base64.b64decode(given[name]) for name in ("page", "x25519", "mlkem768")))))
