"""C2SP transparency logs, read from their files: Ed25519 keys, signed notes, checkpoints, RFC 6962 trees, tiles.

Formats: c2sp.org/signed-note, tlog-checkpoint, tlog-tiles. Stricter than these where a flipped bit could hide: base64
in its one canonical form, exactly the log key's signature, exactly the files that a tree of the checkpoint's size has.
"""

import base64
import binascii
import functools
import hashlib
import os
import re
import sys
from collections.abc import Iterator, Mapping

from program import fail

try:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
except ImportError:
    fail(os.path.basename(sys.argv[0]), 78, "the Python package `cryptography` is missing",
         "apt-get install python3-cryptography, or pip install cryptography")


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


# y of the eight points whose order divides 8: neutral, of order 2, 4 (two), 8 (four, by the sign of x).
SMALL_ORDER_8 = 0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7
SMALL_ORDER = {0, 1, P - 1, SMALL_ORDER_8, P - SMALL_ORDER_8}


def is_signed(key: Ed25519PublicKey, signature: bytes, message: bytes) -> bool:
    """RFC 8032, and R canonical and of no small order, as libsodium demands: a signature without a secret nonce gives its
    key away, and what one reader refuses the other must not believe."""
    y = int.from_bytes(signature[:32], "little") & (1 << 255) - 1
    if y >= P or y in SMALL_ORDER:
        return False
    try:
        key.verify(signature, message)  # makes R anew and compares bytes: one that is not on the curve is no result
    except InvalidSignature:
        return False
    return True


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
        return is_signed(self.ed25519, payload[4:], text)


def parse_vkey(line: str) -> Key:
    """`name+key id+base64(0x01 ‖ public key)`."""
    parts = line.split("+", 2)
    require(len(parts) == 3 and is_key_name(parts[0]), "bad_vkey", "log.vkey is not a line name+id+key")
    data = from_base64(parts[2])
    require(len(data) == 33 and data[0] == 1, "bad_vkey", "the key in log.vkey is not an Ed25519 key")
    key = Key(parts[0], data[1:])
    require(key.id.hex() == parts[1], "bad_vkey", "the key id in log.vkey is not that of its name and key")
    return key


class Witness:
    """A witness's named Ed25519 key (c2sp.org/tlog-cosignature, type byte 0x04), from `name+key id+base64(0x04 ‖ key)`."""

    def __init__(self, vkey: str):
        name, id, key = vkey.split("+", 2)
        data = from_base64(key)
        require(len(data) == 33 and data[0] == 4 and is_valid_point(data[1:]), "bad_key", "a witness's key is no Ed25519 key")
        self.vkey, self.name, self.public = vkey, name, data[1:]
        self.id = sha256(name.encode() + b"\n" + data)[:4]
        require(self.id.hex() == id, "bad_vkey", "the key id of a witness is not that of its name and key")
        self.ed25519 = Ed25519PublicKey.from_public_bytes(self.public)

    def time_of(self, payload: bytes, text: bytes) -> int | None:
        """The seconds since 1970 that its cosignature of a checkpoint's text names; `None` if the payload is none."""
        seconds = int.from_bytes(payload[4:12], "big")
        if len(payload) != 76 or payload[:4] != self.id or not 0 < seconds < 2**63:
            return None
        return seconds if is_signed(self.ed25519, payload[12:], b"cosignature/v1\ntime %d\n" % seconds + text) else None


# -------------------------------------------------------------------------------------------------------- signed notes

KEY_NAME = r"[^\s+]{1,512}"  # and no more bytes
SIGNATURE_LINE = re.compile(rf"\u2014 ({KEY_NAME}) ([A-Za-z0-9+/]{{91}}=)")  # key id and Ed25519: 68 bytes
ANY_LINE = re.compile(rf"\u2014 ({KEY_NAME}) ([A-Za-z0-9+/]{{7,}}={{0,2}})")  # 5 bytes or more: of a witness, or of a later version


def is_key_name(name: str) -> bool:
    return bool(re.fullmatch(KEY_NAME, name)) and len(name.encode()) <= 512


def parse_note(note: bytes, line_form: re.Pattern = SIGNATURE_LINE) -> tuple[bytes, list[tuple[str, bytes]]]:
    """A text, an empty line, lines `— name base64(key id ‖ signature)`. Checks no signature."""
    require(len(note) <= 65_000, "malformed", "a note is longer than 65,000 bytes")
    decoded(note)
    split = note.rfind(b"\n\n")
    require(split > 0 and note.endswith(b"\n"), "malformed", "a note has no empty line before its signatures")
    lines = [line_form.fullmatch(line) for line in note[split + 2:-1].decode().split("\n")]
    require(all(line and is_key_name(line[1]) for line in lines) and len(lines) <= 64, "malformed",
            "a signature line of a note is malformed")
    return note[:split + 1], [(line[1], from_base64(line[2])) for line in lines]


def parse_notes(file: bytes) -> list[bytes]:
    """The notes of a file that has one at least, each followed by an empty line."""
    parts = file.split(b"\n\n")
    require(len(parts) > 2 and len(parts) % 2 == 1 and all(parts[:-1]) and not parts[-1], "malformed",
            "a file of notes is none")
    return [text + b"\n\n" + signatures + b"\n" for text, signatures in zip(parts[:-1:2], parts[1::2])]


def check_signatures(text: bytes, signatures: list[tuple[str, bytes]], keys: list[Key]):
    """Exactly these keys' signatures, in this order, and all verify."""
    require([name for name, _ in signatures] == [key.name for key in keys], "bad_signers",
            "it does not carry exactly the signatures that it needs")
    for key, (_, payload) in zip(keys, signatures, strict=True):
        require(key.verifies(payload, text), "bad_signature", f"the signature of {ascii(key.name)} does not verify")


def checkpoint_text(origin: str, size: int, root: bytes) -> bytes:
    return f"{origin}\n{size}\n{base64.b64encode(root).decode()}\n".encode()


class Cosigned:
    """A checkpoint without extension lines, signed by the log's key, with whatever other lines it carries."""

    def __init__(self, note: bytes, key: Key):
        self.text, signatures = parse_note(note, ANY_LINE)
        lines = self.text.decode().split("\n")
        require(len(lines) == 4 and re.fullmatch(r"0|[1-9][0-9]{0,15}", lines[1]) and int(lines[1]) < 2**53,
                "bad_checkpoint", "the checkpoint is not exactly origin, size and root")
        self.size, self.root = int(lines[1]), from_base64(lines[2])
        require(len(self.root) == 32 and self.text == checkpoint_text(key.name, self.size, self.root), "bad_checkpoint",
                "the checkpoint's origin is not the name of the log's key, or its root is not 32 bytes")
        check_signatures(self.text, signatures[:1], [key])
        self.others = signatures[1:]

    def check(self, witnesses: list[Witness]) -> list[tuple[Witness, int]]:
        """Every other line is a cosignature of a named witness, in the order of these, each once; with its time."""
        given, last = [], -1
        for name, payload in self.others:
            place = next((place for place, witness in enumerate(witnesses)
                          if (witness.name, witness.id) == (name, payload[:4])), None)
            require(place is not None, "bad_cosignature", "a checkpoint carries a line of a key that is neither the log's "
                    "nor a witness's whom the roster names")
            seconds = witnesses[place].time_of(payload, self.text)
            require(seconds is not None and place > last, "bad_cosignature", f"the cosignature of {ascii(name)} does not "
                    "verify, or is not at its place")
            last = place
            given.append((witnesses[place], seconds))
        return given


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
        checkpoint = Cosigned(files[f"{kind}/checkpoint"], self.key)
        self.size, self.root = checkpoint.size, checkpoint.root
        # Who may cosign, the roster says. The file need not be there.
        notes = parse_notes(files[f"{kind}/cosigned"]) if "cosigned" in names else []
        self.cosigned = [checkpoint] + [Cosigned(note, self.key) for note in notes]
        # Before anything counts up to a size that somebody else chose.
        require(self.size <= 256 * len(names), "missing_file", f"{kind}/ has too few files for {self.size} entries")

        tiles = list(tiles_of(self.size))
        bundles = [(tile_path("entries", index, width), width) for level, index, width in tiles if level == 0]
        expected = {"log.vkey", "checkpoint", *(path for path, _ in bundles), *(tile_path(*tile) for tile in tiles)}
        for name in sorted(expected - names):
            raise Refused("missing_file", f"{kind}/{name} is missing for {self.size} entries")
        for name in sorted(names - expected - {"cosigned"}):
            raise Refused("unexpected_file", f"{ascii(f'{kind}/{name}')} has no place in a log of {self.size} entries")

        self.files, self.tree = files, Tree()
        for level, index, width in tiles:  # all bundles' first: each is compared before the next is read
            if level == 0:
                for entry in self.bundle(index, width):
                    self.tree.append(entry)
            path = f"{kind}/{tile_path(level, index, width)}"
            require(files[path] == self.tree.tile(level, index), "wrong_tile", f"{path} is not of these entries")
        require(self.tree.root(self.size) == self.root, "wrong_root", "the entries' root is not the checkpoint's")

    def bundle(self, index: int, width: int) -> list[bytes]:
        return parse_bundle(self.files[f"{self.kind}/{tile_path('entries', index, width)}"], width)

    def entries(self) -> Iterator[bytes]:
        """Read anew, for all together may be larger than memory; and held against the tree, for files can change meanwhile."""
        for index in range((self.size + 255) // 256):
            for place, entry in enumerate(self.bundle(index, min(256, self.size - 256 * index)), 256 * index):
                require(sha256(b"\x00" + entry) == self.tree.levels[0][place], "wrong_tile",
                        f"entry {place} of the {self.kind} log was changed while this program read it")
                yield entry


class PartLog:
    """What judging asks of a log of which not everything is there."""

    def __init__(self, kind: str, key: Key):
        self.kind, self.key, self.tree, self.size, self.root = kind, key, Tree(), 0, b""
