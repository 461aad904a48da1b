#!/usr/bin/env python3
"""Flip one bit at a time in a copy of an export, and show that the reader refuses every one of these copies.

    flip_bits.py DIR [--limit N]

Flips a bit in every byte of every file when there are at most N bytes (20,000 unless told); else in N of them, evenly
spread, and in the first and last byte of every file. The same export always gets the same flips.
Exit: 0 every flip was detected, 1 some were not, 65 the export does not verify to begin with, 64 usage.
"""

import os
import shutil
import sys
import tempfile

import nightbell_verify
from nightbell_verify import Export, Parser


def positions(sizes: list[tuple[str, int]], limit: int) -> list[tuple[str, int]]:
    """File and offset of the bytes to change."""
    every = [(name, offset) for name, size in sorted(sizes) for offset in range(size)]
    if len(every) <= limit:
        return every
    ends = {(name, offset) for name, size in sizes for offset in {0, size - 1} if size}
    spread = {every[i * len(every) // limit] for i in range(limit)}
    return sorted(ends | spread)


def flip(path: str, offset: int, bit: int):
    """Changes one bit of a file in place; doing it twice changes nothing."""
    with open(path, "r+b") as file:
        file.seek(offset)
        byte = file.read(1)[0]
        file.seek(offset)
        file.write(bytes([byte ^ 1 << bit]))


def undetected(directory: str, limit: int) -> tuple[int, list[str]]:
    """How many flips were made in `directory`, and those that still verified."""
    sizes = [(name, os.path.getsize(os.path.join(directory, name))) for name in Export(directory)]
    flips, missed = positions(sizes, limit), []
    for name, offset in flips:
        path, bit = os.path.join(directory, name), offset % 8
        flip(path, offset, bit)
        if nightbell_verify.verify(directory).ok:
            missed.append(f"{name}, byte {offset}, bit {bit}")
        flip(path, offset, bit)
    return len(flips), missed


def main(arguments: list[str] | None = None) -> int:
    parser = Parser(prog="flip_bits.py", description="Show that no flipped bit of an export goes unnoticed.",
                    epilog="exit codes: 0 all detected, 1 some not, 65 the export does not verify, 64 usage")
    parser.add_argument("directory", metavar="DIR", help="what `nightbell audit export DIR` wrote")
    parser.add_argument("--limit", type=int, default=20_000, metavar="N", help="above N bytes, flip in N (%(default)s)")
    options = parser.parse_args(arguments)
    if not os.path.isdir(options.directory) or options.limit < 1:
        parser.error("DIR must be a directory, and N at least 1")
    if not nightbell_verify.verify(options.directory).ok:
        print("flip_bits: error: the export does not verify as it is\nhint: run nightbell_verify.py", file=sys.stderr)
        return 65
    with tempfile.TemporaryDirectory() as scratch:
        copy = os.path.join(scratch, "export")
        shutil.copytree(options.directory, copy, symlinks=True, copy_function=shutil.copyfile)
        count, missed = undetected(copy, options.limit)
        restored = nightbell_verify.verify(copy).ok
    for line in missed:
        print(f"flip_bits: not detected: {line}", file=sys.stderr)
    if not restored:
        print("flip_bits: error: the copy did not verify after the last flip was undone", file=sys.stderr)
    print(f"flip_bits: {count - len(missed)} of {count} flipped bits detected")
    return 1 if missed or not restored else 0


if __name__ == "__main__":
    sys.exit(main())
