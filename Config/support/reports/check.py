"""Asks for one log's report in every form, and holds the forms against each other and against what was put into the log.

    check.py NIGHTBELL DIR     DIR holds logs/ and told.json, as practice_days.py wrote them

Every check is also held against something that must fail it: a check that lets everything pass would say nothing.
"""

import csv
import json
import os
import subprocess
import sys

from browser import Browser, Page, check_pdf
from audit_events import check_events

DAYS = ["--from", "2026-11-01", "--to", "2026-11-30"]
MARKS = ["declined", "taken_late", "closed_unread"]
OLDER = ["older_unanswered", "older_undeliverable", "older_unexplained", *(f"older_{mark}" for mark in MARKS)]
OUTCOMES = ["closed", "handed_off", "acknowledged", "arrived_reply", "open", "unanswered", "undeliverable", "unexplained"]


class Failed(Exception):
    pass


def expect(found, wanted, what: str):
    if found != wanted:
        raise Failed(f"{what}: {found!r}, and it should be {wanted!r}")


def report(program: str, folder: str, *words: str) -> bytes:
    done = subprocess.run([program, "audit", "report", "--export", f"{folder}/logs", *words], capture_output=True,
                          timeout=120)
    if done.returncode != 0:
        raise Failed(f"audit report {' '.join(words)}: exit {done.returncode}: {done.stderr.decode()}")
    return done.stdout


def spoken(milliseconds: int | None) -> str:
    """How the page writes a span: by its rule in the article Reports, written down a second time."""
    if milliseconds is None:
        return "\u2013"
    def rounded(unit: int) -> int:
        return (milliseconds + unit // 2) // unit

    if rounded(100) < 100:
        return f"{rounded(100) // 10}.{rounded(100) % 10} s"
    seconds, minutes, hours = rounded(1_000), rounded(60_000), rounded(3_600_000)
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 3_600:
        return f"{seconds // 60} min" + (f" {seconds % 60:02} s" if seconds % 60 else "")
    if minutes < 1_440:
        return f"{minutes // 60} h" + (f" {minutes % 60:02} min" if minutes % 60 else "")
    return f"{hours // 24} d {hours % 24} h"


def percent(count: int, of: int) -> int:
    """A half upwards, and yet only all is 100."""
    return min((count * 200 + of) // (of * 2), 100 if count == of else 99)


def check_told(told: dict, found: dict):
    """What the program counts, against what was put in."""
    messages = found["messages"]
    expect(found["ok"], True, "the verdict of an honest log")
    expect(found["organisation"], told["organisation"], "the organisation")
    expect(messages["total"], told["messages"], "messages")
    expect(messages["replies"], told["replies"], "replies")
    for group in ("by_outcome", "by_urgency"):
        expect({key: count for key, count in messages[group].items() if count}, told[group], group)
    expect(messages["marked"], told["marked"], "what is marked")
    expect(all(told["marked"].values()), True, "there is one of every mark")
    for mark in MARKS:
        expect(len(found[mark]), told["marked"][mark], f"the list {mark}")
        expect(sum(day[mark] for day in found["days"]), told["marked"][mark], f"{mark} by day")
    expect(messages["taken_up"], told["taken_up"], "taken up")
    for day in found["days"]:
        expect(sum(day[outcome] for outcome in OUTCOMES), day["messages"], f"what became of the messages of {day['day']}")
    for urgency, figures in found["times"]["acknowledge"]["by_urgency"].items():
        if figures["target_milliseconds"] is not None:
            expect(figures["due"] - figures["met"] >= told["missed_for_ever"][urgency], True, f"missed: {urgency}")
    expect({day["day"]: day["messages"] for day in found["days"]}, told["days"], "messages by day")
    receipts: dict[str, int] = {}
    for one in found["receipts"]:
        receipts[one["action"]] = receipts.get(one["action"], 0) + one["receipts"]
    expect(receipts, told["receipts"], "receipts")
    expect([one["kind"] for one in found["looks"]], told["looks"], "looks")
    expect({one["outcome"]: one["attempts"] for one in found["pages"]["outcomes"]}, told["pages"], "pages")


def check_lists(page: Page, found: dict):
    """What needs a look, of the period and from before."""
    for name in ("unanswered", "open", "older_open", *MARKS, *OLDER):
        listed = [row[0] for row in page.tables.get(name, [])[1:]]
        # What was declined has a list of its own.
        told = [one for one in found[name] if name not in ("open", "older_open") or "declined" not in one["marks"]]
        expect(len(listed), len(told), f"the list {name}")
        for beginning, one in zip(listed, told):
            expect(one["message"].startswith(beginning) and len(beginning) >= 12, True, f"{beginning} for {one['message']}")


def check_page(page: Page, found: dict):
    """What a browser makes of the page, against the object."""
    total = found["messages"]["total"]
    expect(page.figures[0][0], str(total), "the first figure on the page")
    expect(page.figures[-1], ["0", "unexplained"], "the last figure on the page")
    # One number for one thing, whatever was answered late beside it.
    expect(page.figures[2][0], str(found["messages"]["by_outcome"]["unanswered"]), "what expired unanswered")
    rows = page.tables["days"][1:]
    for day, row in zip(found["days"], rows):
        expect(row, [day["day"], str(day["messages"])] + [str(day[one]) for one in OUTCOMES + MARKS], f"the row of {day['day']}")
    whole = found["messages"]["by_outcome"] | found["messages"]["marked"]
    expect(rows[-1], ["all", str(total)] + [str(whole[one]) for one in OUTCOMES + MARKS], "the total")
    rows = page.tables["times"][1:]
    expected = []
    for measure, measured in found["times"].items():
        for urgency, figures in measured["by_urgency"].items():
            target, due = figures["target_milliseconds"], figures["due"]
            share = f"{percent(figures['met'], due)} % ({figures['met']} of {due})" if due else "\u2013"
            expected.append([
                f"Time to {measure}", urgency.replace("_", " "), str(figures["messages"]), str(figures["count"]),
                *(spoken(figures[f"{name}_milliseconds"]) for name in ("median", "p90", "p95", "p99", "max")),
                spoken(target), share])
    expect(rows, expected, "the table of times")
    busy = [hour for hour, count in enumerate(found["hours"]) if count]
    expect(len(page.tables["hours"]) - 1, len(busy), "hours with messages")
    for hour, row in zip(busy, page.tables["hours"][1:]):
        expect(row, [f"{hour:02}", str(found["hours"][hour])] + [
            spoken(measured["by_hour"][hour]["median_milliseconds"]) for measured in found["times"].values()], f"hour {hour}")
    check_lists(page, found)
    receipts = [["saved a file" if one["action"] == "disclosed" else one["action"].replace("_", " "), (one["reason"] or "\u2013").replace("_", " "), str(one["receipts"]),
                 str(one["messages"])] for one in found["receipts"]]
    expect(page.tables["receipts"][1:], receipts, "the table of receipts")
    changes = found["roster_changes"]["list"]
    expect(len(page.tables["roster"]) - 1, len(changes), "rows of devices and invitations")
    for row, change in zip(page.tables["roster"][1:], changes):
        expect(row[5].split(", ")[0], change["by"][0]["name"], f"who did {change['change']} on the page")


def check_csv(folder: str, found: dict, facts: int):
    def table(name: str) -> list[dict]:
        with open(f"{folder}/{name}.csv", encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file, strict=True))
    about = {row["name"]: row["value"] for row in table("report")}
    expect(about["messages"], str(found["messages"]["total"]), "messages of report.csv")
    expect(about["activity_root"], found["activity"]["root"], "the root of report.csv")
    expect([int(row["messages"]) for row in table("days")], [day["messages"] for day in found["days"]], "days.csv")
    messages = table("messages")
    expect(len(messages), found["messages"]["total"], "rows of messages.csv")
    for outcome, count in found["messages"]["by_outcome"].items():
        expect(sum(row["outcome"] == outcome for row in messages), count, f"{outcome} in messages.csv")
    for mark, count in found["messages"]["marked"].items():
        expect(sum(mark in row["marks"].split() for row in messages), count, f"{mark} in messages.csv")
    expect([int(row["messages"]) for row in table("hours")], [count for count in found["hours"] if count], "hours.csv")
    for row in table("times"):
        figures = found["times"][row["measure"]]["by_urgency"][row["urgency"]]
        median = figures["median_milliseconds"]
        expect(row["median_seconds"], "" if median is None else f"{median / 1000:.3f}", "a median of times.csv")
    expect(len(table("facts")), facts, "rows of facts.csv")
    expect([row["signers"].split() for row in table("roster")],
           [[one["signer"] for one in change["by"]] for change in found["roster_changes"]["list"]], "who signed, in roster.csv")
    declined = {row["message"]: (row["declined"], row["declined_by"], row["declined_reason"]) for row in messages}
    for one in found["declined"]:
        told = one["declined"]
        expect(declined[one["message"]], (told["time"], told["name"], told["reason"]), "who declined, in messages.csv")


def check_lines(lines: list[bytes], found: dict) -> int:
    objects = [json.loads(line) for line in lines]
    expect(objects[0]["type"], "report", "the first line")
    expect(objects[0]["activity"], found["activity"], "the log of the first line")
    messages = [one for one in objects if one["type"] == "message"]
    facts = sum(one["type"] == "fact" for one in objects)
    expect(objects[-1], {"type": "end", "roster_changes": len(found["roster_changes"]["list"]), "looks": len(found["looks"]), "messages": len(messages),
                         "facts": facts, "older_messages": sum(one["type"] == "older_message" for one in objects)}, "the last line")
    for outcome, count in found["messages"]["by_outcome"].items():
        expect(sum(one["outcome"] == outcome for one in messages), count, f"{outcome} among the lines")
    return facts


def check_signers(events: list[bytes], found: dict):
    """A change of the roster is the deed of those who signed it: the relay is no agent of it."""
    objects = [json.loads(line) for line in events]
    agents = [[agent["who"]["identifier"]["value"] for agent in event["agent"]] for event in objects
              if event["source"]["observer"]["display"] == "the roster log"]
    changes = found["roster_changes"]["list"]
    expect(agents, [[one["signer"] for one in change["by"]] for change in changes], "the agents of the roster's events")


def refuses(check, *arguments) -> bool:
    try:
        check(*arguments)
    except Failed:
        return True
    return False


def main(program: str, folder: str):
    with open(f"{folder}/told.json", encoding="utf-8") as file:
        told = json.load(file)
    found = json.loads(report(program, folder, *DAYS, "--json"))
    check_told(told, found)
    expect(refuses(check_told, told | {"messages": told["messages"] + 1}, found), True, "a false count is noticed")
    print(f"totals: {told['messages']} messages, their fates, days, urgencies, receipts and pages are those that were put in")

    lines = report(program, folder, *DAYS, "--format", "ndjson").splitlines()
    facts = check_lines(lines, found)
    report(program, folder, *DAYS, "--format", "csv", "--out", f"{folder}/tables")
    check_csv(f"{folder}/tables", found, facts)
    print(f"csv and ndjson: {len(os.listdir(f'{folder}/tables'))} tables and {len(lines)} lines say the same")

    events = report(program, folder, *DAYS, "--format", "fhir").splitlines()
    expect(len(events), found["messages"]["total"] + facts + len(found["roster_changes"]["list"]) + len(found["looks"]), "events")
    print(check_events(events))
    check_signers(events, found)
    spoilt = json.loads(json.dumps(found))
    spoilt["roster_changes"]["list"][0]["by"] = []
    expect(refuses(check_signers, events, spoilt), True, "a false signer is noticed")

    with Browser(folder) as browser:
        for name, words in (("period", DAYS), ("morning", ["--morning", "--to", "2026-11-28"])):
            path = f"{folder}/{name}.html"
            report(program, folder, *words, "--out", path, "--format", "html")
            page = browser.open(path)
            check_lists(page, json.loads(report(program, folder, *words, "--json")))
            if name == "period":
                check_page(page, found)
                spoilt = json.loads(json.dumps(found))
                spoilt["times"]["open"]["by_urgency"]["urgent"]["median_milliseconds"] += 60_000
                expect(refuses(check_page, page, spoilt), True, "a false median is noticed")
            print(browser.check_widths(path))
            for size in ("Letter", "A4"):
                print(check_pdf(name, size, page, browser.print_on(size, path)))
            browser.check_heads(path, page)
        browser.check_policy(f"{folder}/period.html")
        print("policy: the page's own style is let through, and nothing else")


if __name__ == "__main__":
    try:
        main(sys.argv[1], sys.argv[2])
    except (Failed, AssertionError) as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(1)
