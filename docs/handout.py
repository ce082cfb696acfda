"""Build the handout: two pages of what the notebooks have marked for it, printed by Chromium.

    python docs/handout.py        writes build/handout.pdf

A cell says in its metadata, under `handout`, what it gives: "formula 1: The bridge" is a piece of
the cell (see pieces.py) below a heading.
"""

import shutil
import sys
from pathlib import Path

import cells as nb
from formulas import copy_katex, set_formulas
from pieces import SHOWN, pieces

sys.path.append(str(nb.ROOT / "tests"))  # for its Chromium
import browser

HERE = Path(__file__).resolve().parent
BUILD = nb.ROOT / "build"
WORK = BUILD / "handout"


def parts():
    """(heading, HTML) of each part, in the order of the course."""
    for path in nb.CHAPTERS:
        for cell in nb.read(path):
            for one in cell["metadata"].get("handout", []):
                what, heading = one.split(": ", 1)
                yield SHOWN.renderInline(heading), pieces(cell, what)


def main():
    shutil.rmtree(WORK, ignore_errors=True)
    copy_katex(WORK)
    shutil.copy(HERE / "style" / "handout.css", WORK)
    sections = "\n".join(f"<section><h2>{head}</h2>{body}</section>" for head, body in parts())
    page = (HERE / "style" / "handout.html").read_text("utf-8").replace("SECTIONS", sections)
    (WORK / "index.html").write_text(page, "utf-8")
    set_formulas(WORK)
    with browser.chromium() as page:
        page.goto((WORK / "index.html").as_uri())
        page.pdf(path=BUILD / "handout.pdf", prefer_css_page_size=True, tagged=True)


if __name__ == "__main__":
    main()
