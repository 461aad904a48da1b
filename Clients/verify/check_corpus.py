#!/usr/bin/env python3
"""Hold the independent reader against a corpus of lies.

    check_corpus.py DIR [--list]

DIR is what `nightbell-lies --write DIR` made: folders with `export/` and `expected.json`. Whatever shows in an export
must be found here, too, at one of the entries that ours names; honest exports must verify. What the reader does not judge
(README.md says what) must not be found by accident either: then the description is out of date.
Exit: 0 both readers agree, 65 they do not, 64 usage.
"""

import argparse
import json
import pathlib
import sys

from nightbell_verify import verify


def disagreement(folder: pathlib.Path, expected: dict) -> str | None:
    """What the two readers do not agree on."""
    result = verify(str(folder / "export"), expected["organisation"])
    if result.ok == expected["shows_in_export"]:
        return "it is not found here" if result.ok else f"it is found here: {result.findings[0]}"
    if result.ok:
        return None
    places = {
        (finding.get("log"), entry)
        for finding in expected["findings"] if finding["severity"] == "broken_promise"
        for entry in finding["entries"]
    }
    found = {(finding["log"], finding["entry"]) for finding in result.findings}
    # What is wrong with a file or a tree as a whole stands at no entry.
    if places and not places & found and all(entry is not None for _, entry in found):
        return f"it is found at {sorted(found, key=str)}, and not at {sorted(places, key=str)}"
    return None


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Hold the independent reader against a corpus of lies.")
    parser.add_argument("directory", metavar="DIR", help="what `nightbell-lies --write DIR` made")
    parser.add_argument("--list", action="store_true", help="name every kind that only Nightbell's own audit judges")
    options = parser.parse_args(arguments)
    names = sorted(pathlib.Path(options.directory).rglob("expected.json"))
    if not names:
        print(f"check_corpus: error: {options.directory} holds no corpus", file=sys.stderr)
        return 64
    wrong, found, ours = 0, 0, set()
    for name in names:
        expected = json.loads(name.read_text(encoding="utf-8"))
        if why := disagreement(name.parent, expected):
            wrong += 1
            print(f"{name.parent}: {why}")
        elif expected["shows_in_export"]:
            found += 1
        elif expected["name"] != "honest":
            ours.add(expected["name"])
    if options.list:
        print("\n".join(sorted(ours)))
    print(f"{len(names)} exports: {found} found by both readers, {len(ours)} kinds left to Nightbell's own, {wrong} differ")
    return 65 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
