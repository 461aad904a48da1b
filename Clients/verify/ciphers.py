"""What libsodium calls crypto_kdf, HChaCha20, XChaCha20-Poly1305 and sodium_unpad, from Python's own BLAKE2b and the package
`cryptography`, which has the cipher with the short nonce alone."""

import hashlib
import struct

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305


def kdf(key: bytes, number: int, context: bytes) -> bytes:
    """crypto_kdf: BLAKE2b with the number as salt and the context as personalisation."""
    return hashlib.blake2b(
        b"", digest_size=32, key=key, salt=struct.pack("<QQ", number, 0), person=context.ljust(16, b"\0")).digest()


def turned(value: int, by: int) -> int:
    return ((value << by) | (value >> (32 - by))) & 0xFFFFFFFF


def chacha_rounds(state: list[int]) -> None:
    def quarter(a, b, c, d):
        for add, other, turn in ((a, d, 16), (c, b, 12), (a, d, 8), (c, b, 7)):
            partner = b if add == a else d
            state[add] = (state[add] + state[partner]) & 0xFFFFFFFF
            state[other] = turned(state[other] ^ state[add], turn)

    for _ in range(10):
        for columns in ((0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15),
                        (0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14)):
            quarter(*columns)


def hchacha20(key: bytes, nonce: bytes) -> bytes:
    state = list(struct.unpack("<16I", b"expand 32-byte k" + key + nonce))
    chacha_rounds(state)
    return struct.pack("<8I", *(state[:4] + state[12:]))


def xchacha20poly1305_open(key: bytes, nonce: bytes, sealed: bytes, bound: bytes) -> bytes | None:
    """The IETF form: a subkey of the first 16 bytes of the nonce, and four zeros before the other eight. `None` when the seal
    does not hold."""
    if len(nonce) != 24:
        return None
    try:
        return ChaCha20Poly1305(hchacha20(key, nonce[:16])).decrypt(bytes(4) + nonce[16:], sealed, bound)
    except InvalidTag:
        return None


def unpadded(padded: bytes, size: int) -> bytes | None:
    """ISO/IEC 7816-4: a byte 0x80, then zeros, to exactly `size` bytes. `None` for what is not padded so."""
    text = padded.rstrip(b"\0")
    return text[:-1] if len(padded) == size and text.endswith(b"\x80") else None
