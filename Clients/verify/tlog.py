"""C2SP transparency logs, read from their files: Ed25519 keys, signed notes, checkpoints, RFC 6962 trees, tiles.

Formats: c2sp.org/signed-note, tlog-checkpoint, tlog-tiles. Stricter than these where a flipped bit could hide: base64
in its one canonical form, exactly the log key's signature, exactly the files that a tree of the checkpoint's size has.
"""

import base64
import binascii
import functools
import hashlib
import re
import sys
from collections.abc import Iterator, Mapping

try:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
except ImportError:
    print("nightbell_verify: error: the Python package `cryptography` is missing\n"
          "hint: apt-get install python3-cryptography, or pip install cryptography", file=sys.stderr)
    sys.exit(78)


class Refused(Exception):
    """A check that failed: a stable code, and a sentence for a person, with nothing unescaped from the export in it."""

    def __init__(self, code: str, sentence: str):
        super().__init__(sentence)
        self.code, self.sentence = code, sentence


def require(condition, code: str, sentence: str):
    if not condition:
        raise Refused(code, sentence)


# --------------------------------------------------------------------------------------------------------------- bytes

def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def from_base64(text: str) -> bytes:
    """RFC 4648 section 4 with padding; one canonical form, for a lenient decoder would let unused bits be flipped."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Refused("malformed", "a base64 value does not decode") from None
    require(base64.b64encode(data).decode() == text, "malformed", "a base64 value is not in its canonical form")
    return data


def decoded(data: bytes) -> str:
    """UTF-8 without control bytes other than LF, as signed notes demand."""
    require(not re.search(rb"[\x00-\x09\x0b-\x1f]", data), "malformed", "a control character stands in a text")
    try:
        return data.decode("utf-8", "strict")
    except UnicodeDecodeError:
        raise Refused("malformed", "a text is not UTF-8") from None


# ---------------------------------------------------------------------------------------------------------------- keys

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P


def add_points(a, b):
    """RFC 8032 section 5.1.4, extended coordinates."""
    m, n = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    c, d = 2 * D * a[3] * b[3] % P, 2 * a[2] * b[2] % P
    e, f, g, h = n - m, d - c, d + c, n + m
    return e * f % P, g * h % P, f * g % P, e * h % P


@functools.cache
def is_valid_point(public: bytes) -> bool:
    """Canonical, on the curve and of order L: under a key of small order, anybody's signature can verify."""
    y = int.from_bytes(public, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if y >= P or (x * x - square) % P or x == 0:
        return False
    x = x if x & 1 == sign else P - x
    total, point = (0, 1, 1, 0), (x, y, 1, x * y % P)
    for bit in range(L.bit_length()):
        if L >> bit & 1:
            total = add_points(total, point)
        point = add_points(point, point)
    return total[0] == 0 and (total[1] - total[2]) % P == 0


class Key:
    """A named Ed25519 public key (signed-note, type byte 0x01)."""

    def __init__(self, name: str, public: bytes):
        require(len(public) == 32 and is_valid_point(public), "bad_key", "a public key is no valid Ed25519 key")
        self.name, self.public = name, public
        self.id = sha256(name.encode() + b"\n\x01" + public)[:4]
        self.ed25519 = Ed25519PublicKey.from_public_bytes(public)

    def verifies(self, payload: bytes, text: bytes) -> bool:
        """Whether `payload` is this key's id and its signature over `text`."""
        if len(payload) != 68 or payload[:4] != self.id:
            return False
        try:
            self.ed25519.verify(payload[4:], text)
        except InvalidSignature:
            return False
        return True


def parse_vkey(line: str) -> Key:
    """`name+key id+base64(0x01 ‖ public key)`."""
    parts = line.split("+", 2)
    require(len(parts) == 3 and re.fullmatch(KEY_NAME, parts[0]), "bad_vkey", "log.vkey is not a line name+id+key")
    data = from_base64(parts[2])
    require(len(data) == 33 and data[0] == 1, "bad_vkey", "the key in log.vkey is not an Ed25519 key")
    key = Key(parts[0], data[1:])
    require(key.id.hex() == parts[1], "bad_vkey", "the key id in log.vkey is not that of its name and key")
    return key


# -------------------------------------------------------------------------------------------------------- signed notes

KEY_NAME = r"[^\s+]{1,512}"
SIGNATURE_LINE = re.compile(rf"\u2014 ({KEY_NAME}) ([A-Za-z0-9+/]{{91}}=)")  # key id and Ed25519: 68 bytes


def parse_note(note: bytes) -> tuple[bytes, list[tuple[str, bytes]]]:
    """A text, an empty line, lines `— name base64(key id ‖ signature)`. Checks no signature."""
    require(len(note) <= 65_000, "malformed", "a note is longer than 65,000 bytes")
    decoded(note)
    split = note.rfind(b"\n\n")
    require(split > 0 and note.endswith(b"\n"), "malformed", "a note has no empty line before its signatures")
    lines = [SIGNATURE_LINE.fullmatch(line) for line in note[split + 2:-1].decode().split("\n")]
    require(all(lines) and len(lines) <= 64, "malformed", "a signature line of a note is malformed")
    return note[:split + 1], [(line[1], from_base64(line[2])) for line in lines]


def check_signatures(text: bytes, signatures: list[tuple[str, bytes]], keys: list[Key]):
    """Exactly these keys' signatures, in this order, and all verify."""
    require([name for name, _ in signatures] == [key.name for key in keys], "bad_signers",
            "it does not carry exactly the signatures that it needs")
    for key, (_, payload) in zip(keys, signatures, strict=True):
        require(key.verifies(payload, text), "bad_signature", f"the signature of {ascii(key.name)} does not verify")


def checkpoint_text(origin: str, size: int, root: bytes) -> bytes:
    return f"{origin}\n{size}\n{base64.b64encode(root).decode()}\n".encode()


def parse_checkpoint(note: bytes, key: Key) -> tuple[int, bytes]:
    """Size and root of a checkpoint without extension lines, signed by the log's key and by nobody else."""
    text, signatures = parse_note(note)
    lines = text.decode().split("\n")
    require(len(lines) == 4 and re.fullmatch(r"0|[1-9][0-9]{0,15}", lines[1]), "bad_checkpoint",
            "the checkpoint is not exactly origin, size and root")
    size, root = int(lines[1]), from_base64(lines[2])
    require(len(root) == 32 and text == checkpoint_text(key.name, size, root), "bad_checkpoint",
            "the checkpoint's origin is not the name of the log's key, or its root is not 32 bytes")
    check_signatures(text, signatures, [key])
    return size, root


# ------------------------------------------------------------------------------------------------------------ the tree

class Tree:
    """RFC 6962 section 2.1. `levels[h][i]` is the hash of the complete subtree over leaves i·2^h ..< (i+1)·2^h, so the
    root of any prefix takes one hash per bit of its size."""

    def __init__(self):
        self.levels: list[list[bytes]] = [[]]

    def append(self, entry: bytes):
        node = sha256(b"\x00" + entry)
        for level in self.levels:
            level.append(node)
            if len(level) % 2:
                return
            node = sha256(b"\x01" + level[-2] + level[-1])
        self.levels.append([node])

    def root(self, size: int) -> bytes:
        """Of the first `size` leaves: their complete subtrees, folded from the right."""
        root = None
        for height, level in enumerate(self.levels):
            if size >> height & 1:
                left = level[(size >> height) - 1]
                root = left if root is None else sha256(b"\x01" + left + root)
        return sha256(b"") if root is None else root

    def tile(self, level: int, index: int) -> bytes:
        """Up to 256 hashes of complete subtrees of height 8·level."""
        return b"".join(self.levels[8 * level][256 * index:256 * (index + 1)])


def tile_path(level: int | str, index: int, width: int) -> str:
    """1234067 is written x001/x234/067; a partial tile ends in .p/<width>."""
    path = f"{index % 1000:03}"
    while index >= 1000:
        index //= 1000
        path = f"x{index % 1000:03}/{path}"
    return f"tile/{level}/{path}" + (f".p/{width}" if width < 256 else "")


def tiles_of(size: int) -> Iterator[tuple[int, int, int]]:
    """Level, index and width of every tile that a tree of `size` leaves has, and of no other."""
    level = 0
    while count := size >> 8 * level:
        for index in range((count + 255) // 256):
            yield level, index, min(256, count - 256 * index)
        level += 1


def parse_bundle(data: bytes, width: int) -> list[bytes]:
    """`width` times a 16-bit big-endian length and an entry, and nothing after."""
    entries, position = [], 0
    for _ in range(width):
        start = position + 2
        position = start + int.from_bytes(data[position:start], "big")
        entries.append(data[start:position])
    require(position == len(data), "bad_bundle", "an entry bundle does not end with its last entry")
    return entries


class Log:
    """The files below `<kind>/`. Once made, they are exactly those of the tree that the key signed, byte for byte."""

    def __init__(self, files: Mapping[str, bytes], kind: str):
        names = {name.removeprefix(kind + "/") for name in files if name.startswith(kind + "/")}
        for name in ("log.vkey", "checkpoint"):
            require(name in names, "missing_file", f"{kind}/{name} is missing")
        vkey = decoded(files[f"{kind}/log.vkey"])
        require(vkey.endswith("\n") and vkey.count("\n") == 1, "bad_vkey", "log.vkey is not exactly one line")
        self.kind, self.key = kind, parse_vkey(vkey[:-1])
        self.size, self.root = parse_checkpoint(files[f"{kind}/checkpoint"], self.key)
        # Before anything counts up to a size that somebody else chose.
        require(self.size <= 256 * len(names), "missing_file", f"{kind}/ has too few files for {self.size} entries")

        tiles = list(tiles_of(self.size))
        bundles = [(tile_path("entries", index, width), width) for level, index, width in tiles if level == 0]
        expected = {"log.vkey", "checkpoint", *(path for path, _ in bundles), *(tile_path(*tile) for tile in tiles)}
        for name in sorted(expected - names):
            raise Refused("missing_file", f"{kind}/{name} is missing for {self.size} entries")
        for name in sorted(names - expected):
            raise Refused("unexpected_file", f"{ascii(f'{kind}/{name}')} has no place in a log of {self.size} entries")

        self.tree, self.entries = Tree(), []
        for path, width in bundles:
            for entry in parse_bundle(files[f"{kind}/{path}"], width):
                self.entries.append(entry)
                self.tree.append(entry)
        for level, index, width in tiles:
            path = f"{kind}/{tile_path(level, index, width)}"
            require(files[path] == self.tree.tile(level, index), "wrong_tile", f"{path} is not of these entries")
        require(self.tree.root(self.size) == self.root, "wrong_root", "the entries' root is not the checkpoint's")
