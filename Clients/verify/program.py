"""How the programs here begin and end: what they say of what is missing, and what becomes of what they cannot show.

Imported before everything else; older versions of Python can read it, too.
"""

import sys

if sys.version_info < (3, 11):
    print("error: Python 3.11 is needed, and this is %d.%d\nhint: run it with a newer one, such as python3.11"
          % sys.version_info[:2], file=sys.stderr)
    sys.exit(78)

import argparse
import errno
import os
import signal
from collections.abc import Callable
from typing import NoReturn

FULL = {errno.ENOSPC: "the disk is full", errno.EDQUOT: "the disk is full", errno.EBADF: "it is closed",
        errno.EFBIG: "the file may not grow any more"}


def fail(program: str, status: int, message: str, hint: str) -> NoReturn:
    if sys.stderr:
        try:
            print(f"{program.removesuffix('.py')}: error: {message}\nhint: {hint}", file=sys.stderr, flush=True)
        except OSError:
            pass  # nobody can be told
    sys.exit(status)


class Parser(argparse.ArgumentParser):
    """Reads arguments, and writes results and errors."""

    def fail(self, status: int, message: str, hint: str) -> NoReturn:
        fail(self.prog, status, message, hint)

    def error(self, message: str) -> NoReturn:
        self.fail(64, message, f"{self.prog} --help")

    def print_help(self, file=None):
        self.show(self.format_help().rstrip("\n"), 0)

    def show(self, text: str, status: int) -> int:
        """Writes a result, and says how to end. Whoever reads no further, as in `| head`, has what they wanted; of what cannot
        be written nobody may think that it was shown."""
        try:
            if sys.stdout is None:
                raise OSError(errno.EBADF, "")
            print(text, flush=True)
        except OSError as error:
            if sys.stdout:  # else Python tries it again at its end
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            if not isinstance(error, BrokenPipeError):
                self.fail(status or 1, "what is to be shown cannot be written to standard output: "
                          + FULL.get(error.errno, str(error.strerror)), "mend that, or write elsewhere, and look again")
        return status


def run(program: str, main: Callable[[], int]) -> NoReturn:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # nothing is half done: Ctrl-C ends it without a word
    for stream in (sys.stdout, sys.stderr):
        if stream:
            stream.reconfigure(errors="backslashreplace")  # a terminal that is not of UTF-8
    try:
        status = main()
    except MemoryError:
        status = None  # outside of here what took the memory is given back
    if status is None:
        fail(program, 1, "there is not enough memory to read all of it", "use a machine with more of it")
    sys.exit(status)
