"""A page in headless Chromium: what it makes of it, and what it prints."""

import json
import os
import re
import shutil
import subprocess
import tempfile
from html import unescape
from html.parser import HTMLParser

# From the edge of the sheet, in points: what lies beyond was cut, or would be by a printer.
MARGIN = 28

# Of windows, in pixels: half a laptop's screen, most of it, and a desk's.
WIDTHS = (800, 1_100, 1_600)

# The first line of a page has letters of 10 points and is higher than this. A browser makes all of a sheet smaller when
# something on it is too wide.
LETTERS = 11

# Puts into the title which tables are wider than their places, and how wide the window is.
MEASURE = """<script>
document.title = JSON.stringify([...document.querySelectorAll(".scroll")]
  .filter(place => place.scrollWidth > place.clientWidth + 1).map(place => place.querySelector("table").id).concat(innerWidth))
</script>"""


def without_policy(path: str) -> str:
    """A page that may be changed: its policy lets nothing but its own style through."""
    with open(path, encoding="utf-8") as file:
        return re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", file.read())


class Page(HTMLParser):
    """The tables, figures and titles of a page, as the browser's own document has them."""

    def __init__(self, document: str):
        super().__init__()
        self.tables: dict[str, list[list[str]]] = {}
        self.figures: list[list[str]] = []
        self.drawings: list[str] = []
        self.scripts = 0
        self._table: list[list[str]] | None = None
        self._text: list[str] | None = None
        self._figure = False
        self.feed(document)

    def handle_starttag(self, tag, attributes):
        named = dict(attributes)
        if tag == "table":
            self._table = self.tables[named["id"]] = []
        elif tag == "tr":
            self._table.append([])
        elif tag in ("td", "th", "desc"):
            self._text = []
        elif tag == "ul" and named.get("class") == "figures":
            self._figure = True
        elif tag == "li" and self._figure:
            self.figures.append([])
            self._text = []
        elif tag == "script":
            self.scripts += 1

    def handle_data(self, data):
        if self._text is not None:
            self._text.append(data)

    def handle_endtag(self, tag):
        if tag in ("td", "th"):
            self._table[-1].append("".join(self._text))
        elif tag == "desc":
            self.drawings.append("".join(self._text))
        elif tag == "b" and self._figure:
            self.figures[-1].append("".join(self._text))
            self._text = []
            return
        elif tag == "li" and self._figure:
            self.figures[-1].append("".join(self._text).strip())
        elif tag == "ul":
            self._figure = False
        else:
            return
        self._text = None


class Browser:
    def __init__(self, folder: str):
        self.folder = folder

    def __enter__(self):
        self.profile = tempfile.mkdtemp()
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.profile, ignore_errors=True)

    def run(self, *words: str) -> subprocess.CompletedProcess:
        # As root it refuses its own sandbox; the pages are ours.
        sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
        return subprocess.run(
            ["chromium", "--headless=new", *sandbox, "--disable-gpu", "--disable-dev-shm-usage",
             f"--user-data-dir={self.profile}", "--enable-logging=stderr", *words],
            capture_output=True, timeout=120, check=True)

    def open(self, path: str) -> Page:
        done = self.run("--dump-dom", f"file://{os.path.abspath(path)}")
        assert b"CONSOLE" not in done.stderr, f"the browser complains about {path}: {done.stderr.decode()}"
        page = Page(done.stdout.decode())
        assert page.scripts == 0 and page.tables, path
        self.run("--hide-scrollbars", "--window-size=1000,2400", f"--screenshot={path}.png", f"file://{os.path.abspath(path)}")
        return page

    def print(self, path: str) -> str:
        self.run("--no-pdf-header-footer", f"--print-to-pdf={path}.pdf", f"file://{os.path.abspath(path)}")
        return f"{path}.pdf"

    def print_on(self, size: str, path: str) -> str:
        """On sheets of a size: the page itself leaves it to the printer."""
        changed = without_policy(path).replace("@page{", f"@page{{size:{size};")
        with open(f"{path}.{size}.html", "w", encoding="utf-8") as file:
            file.write(changed)
        return self.print(f"{path}.{size}.html")

    def check_widths(self, path: str) -> str:
        """In windows of three widths no table is wider than its place; where long words may not be divided, one is."""
        for width in WIDTHS:
            wide = self.wider(path, width)
            assert not wide, f"in a window of {width} pixels these tables of {path} are cut: {wide}"
        assert self.wider(path, WIDTHS[0], "th,td{white-space:nowrap}"), "a table that is cut was not seen"
        return f"screen: {os.path.basename(path)} is whole in windows of {', '.join(str(width) for width in WIDTHS)} pixels"

    def wider(self, path: str, width: int, rule: str = "") -> list[str]:
        """The tables that are wider than their place, with one more rule of style, by a script that the page itself forbids."""
        changed = without_policy(path).replace("</style>", f"{rule}</style>").replace("</body>", MEASURE + "</body>")
        with open(f"{path}.widths.html", "w", encoding="utf-8") as file:
            file.write(changed)
        done = self.run(f"--window-size={width},2400", "--dump-dom", f"file://{os.path.abspath(path)}.widths.html")
        os.remove(f"{path}.widths.html")
        found = json.loads(unescape(re.search(r"<title>(.*?)</title>", done.stdout.decode(), re.S)[1]))
        assert found.pop() == width, f"the window was to have {width} pixels"
        return found

    def check_heads(self, path: str, page: Page):
        """Without the rule that repeats a table's head on each sheet, the check of the rows must fail."""
        document = without_policy(path)
        changed = document.replace("thead{display:table-header-group}", "thead{display:table-row-group}")
        assert changed != document
        with open(f"{path}.heads.html", "w", encoding="utf-8") as file:
            file.write(changed)
        sheets = words_of(self.print(f"{path}.heads.html"))
        assert misses(page, sheets), "a table went over to another sheet without its head, and that was not seen"

    def check_policy(self, path: str):
        """One byte of the style changed, or a script put in: the page's policy must refuse both, and say so."""
        with open(path, encoding="utf-8") as file:
            page = file.read()
        for name, changed in (("style", page.replace("line-height:1.2", "line-height:9.2", 1)),
                              ("script", page.replace("</main>", "<script>document.title='x'</script></main>", 1))):
            assert changed != page
            with open(f"{path}.{name}", "w", encoding="utf-8") as file:
                file.write(changed)
            os.rename(f"{path}.{name}", f"{path}.{name}.html")
            done = self.run("--dump-dom", f"file://{os.path.abspath(path)}.{name}.html")
            assert b"Content Security Policy" in done.stderr, f"a foreign {name} was let through"
            os.remove(f"{path}.{name}.html")


def words_of(path: str) -> list[list[tuple[str, float, float, float, float]]]:
    """The words of every sheet, and where they stand; the foot of the sheet is left out."""
    done = subprocess.run(["pdftotext", "-bbox", path, "-"], capture_output=True, check=True, text=True)
    sheets = []
    for sheet in re.findall(r"<page[^>]*>.*?</page>", done.stdout, re.S):
        width, height = (float(one) for one in re.match(r'<page width="([\d.]+)" height="([\d.]+)"', sheet).groups())
        words = re.findall(r'<word xMin="([-\d.]+)" yMin="([-\d.]+)" xMax="([-\d.]+)" yMax="([-\d.]+)">(.*?)</word>', sheet)
        found = []
        for left, top, right, bottom, text in words:
            assert float(left) >= MARGIN and float(right) <= width - MARGIN, f"{text} is cut off at the side"
            assert float(top) >= MARGIN / 2 and float(bottom) <= height - MARGIN / 2, f"{text} is cut off above or below"
            found.append((unescape(text), float(left), float(top), float(right), float(bottom)))
        sheets.append(found)
    return sheets


def check_rows(page: Page, sheets):
    """Every row of every table stands whole on one sheet, and the table's head on each sheet that has rows of it."""
    letters = ["".join(word[0] for word in words) for words in sheets]
    for name, table in page.tables.items():
        head, rows = table[0], table[1:]
        at = 0
        for row in rows:
            wanted = [re.sub(r"\s", "", cell) for cell in row if not re.search("[\u0590-\u08ff]", cell)]
            # The sheets only go forward: what was found on one is not looked for on those before.
            while at < len(sheets) and not holds(sheets[at], wanted):
                at += 1
            assert at < len(sheets), f"a row of {name} is on no sheet as a whole: {row}"
            for cell in head:
                # A narrow column divides a long word at its soft hyphen.
                parts = re.split(r"[\s\u00ad]+", cell)
                assert all(part in letters[at] for part in parts), f"sheet {at + 1} has rows of {name} and not its head"


def holds(words, cells: list[str]) -> bool:
    """Whether there is a row of these cells: a first word of each, in one line, and what a cell goes on with below it."""
    first = cells[0]
    for start in (word for word in words if first.startswith(word[0]) or word[0] == first):
        top, bottom = start[2] - 3, start[4] + 3
        line = [word for word in words if word[2] >= top and word[4] <= bottom]
        if all(any(cell.startswith(word[0]) for word in line) and goes_on(cell, words, line) for cell in cells):
            return True
    return False


def goes_on(cell: str, words, line) -> bool:
    """The cell's letters, from a word of the line on and down its column."""
    for start in (word for word in line if cell.startswith(word[0])):
        column = sorted((word for word in words if word[1] >= start[1] - 2 and start[2] - 2 <= word[2] <= start[2] + 60),
                        key=lambda word: (round(word[2]), word[1]))
        # A word of another column may look like the next one of this: with each that fits and without it.
        rests = {cell}
        for word in column:
            rests |= {rest[len(word[0]):] for rest in rests if rest.startswith(word[0])}
        if "" in rests:
            return True
    return False


def misses(page: Page, sheets) -> bool:
    try:
        check_rows(page, sheets)
    except AssertionError:
        return True
    return False


def check_pdf(name: str, size: str, page: Page, path: str) -> str:
    info = subprocess.run(["pdfinfo", path], capture_output=True, check=True, text=True).stdout
    pages = int(re.search(r"^Pages:\s+(\d+)", info, re.M)[1])
    sheets = words_of(path)
    assert len(sheets) == pages and pages > 1, info
    _, _, top, _, bottom = sheets[0][0]
    assert bottom - top > LETTERS, f"{path} was made smaller to fit: its first line is {bottom - top} points high"
    check_rows(page, sheets)
    # A row that was never printed must be missed.
    table = next(table for table in page.tables.values() if len(table) > 1)
    table.append(["this row", "was never", "printed"])
    assert misses(page, sheets), "a row that was never printed was found"
    table.pop()
    rows = sum(len(table) - 1 for table in page.tables.values())
    return f"paper: {name}.html is {pages} sheets of {size}; each of {rows} rows stands whole on one, under its head, within the margins"
