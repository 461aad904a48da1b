"""What the demo claims: each claim is checked before it is made, and the first that does not hold ends the demo."""

import json


class Broken(Exception):
    """A claim that does not hold."""


def hold(condition: object, claim: str, *evidence: object):
    """Goes on only if it is so."""
    if condition:
        return
    shown = "".join(f"\n  {item if isinstance(item, str) else json.dumps(item, indent=1)[:2000]}" for item in evidence)
    raise Broken(claim + shown)


class Proven:
    """The lines of the end: said only of what was checked."""

    def __init__(self):
        self.lines: list[str] = []

    def say(self, line: str):
        self.lines.append(line)

    def print(self):
        for number, line in enumerate(self.lines, 1):
            print(f"{number:>3}  {line}")
