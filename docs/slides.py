"""Build the decks: slides are marked in the notebooks, and what they do not show is the notes.

    python docs/slides.py        writes build/slides/index.html

A cell says in its metadata, under `slides`, which slides it makes: "figure: The points move" is one
that shows a piece of the cell (see pieces.py) below a title. Answers to vote for may follow the
title: "predict: A faster wave | E1 wins | E2 wins". The prose up to the next slide is what the
speaker says.
"""

import html
import math
import re
import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path

import cells as nb
from formulas import MODULES, copy_katex, set_formulas
from pieces import SHOWN, SPOKEN, blocks, cards, pieces

sys.path.append(str(nb.ROOT / "tests"))  # for its Chromium
import browser

HERE = Path(__file__).resolve().parent
SLIDES = nb.ROOT / "build" / "slides"
CORE = ["00", "01", "02", "03", "04", "05", "06", "07", "08", "10", "11"]
NOT_SPOKEN = re.compile(r"#+ (Exercises|Further reading|In this chapter you will|How these pages)")
NO_WORDS = re.compile(r"(?s)<(pre|tex-block|tex-inline)>.*?</\1>|<[^>]+>")
SIDE_BY_SIDE = re.compile(r"(?s)<tex-block>((?:(?!aligned|</tex).)*\\qquad.*?)</tex-block>")
STOP = re.compile(r"(?<!\\)\s*[.,](?=\s*(?:\\\\|\\qquad|\\end\{aligned\}|</tex-block>))")
WORDS_A_MINUTE, SECONDS_A_SLIDE, SECONDS_A_VOTE = 150, 20, 30
MOST_WORDS, LEAST_PIXELS = 40, 20

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width">
<link rel="stylesheet" href="assets/reveal.css"><link rel="stylesheet" href="assets/katex.min.css">
<link rel="stylesheet" href="assets/deck.css"></head>
<body><div class="reveal"><div class="slides">
{slides}
</div></div>
<script src="assets/reveal.js"></script><script src="assets/notes.js"></script>
<script src="assets/deck.js"></script>{script}
</body></html>
"""


@dataclass
class Slide:
    """One idea: a title, what is shown for it, and what is said to it."""

    title: str
    body: str
    kind: str
    notes: list = field(default_factory=list)

    @classmethod
    def of(cls, cell, what, title):
        kinds = [one.split()[0] for one in what.split(",")]
        title, *answers = title.split(" | ")
        body = SIDE_BY_SIDE.sub(stacked, STOP.sub("", pieces(cell, what)))
        body += cards(map(SHOWN.renderInline, answers)) if answers else ""
        return cls(title, body, min(kinds, key="text".__eq__))

    @property
    def words(self):
        return len(re.findall(r"\w[\w'.-]*", NO_WORDS.sub(" ", f"{self.title} {self.body}")))

    @property
    def minutes(self):
        seconds = SECONDS_A_VOTE if self.kind in ("vote", "predict") else SECONDS_A_SLIDE
        return len(" ".join(self.notes).split()) / WORDS_A_MINUTE + seconds / 60

    def html(self, chapter):
        title = SHOWN.renderInline(self.title)
        spoken = SPOKEN.render("\n\n".join(self.notes))
        minutes = f"{max(0.5, round(2 * self.minutes) / 2):g}"
        return (
            f'<section class="{self.kind}"><p class="chapter">{chapter}</p><h2>{title}</h2>'
            f'<div class="body">{self.body}</div>'
            f'<aside class="notes"><p><b>About {minutes} minutes.</b></p>{spoken}</aside></section>'
        )


def stacked(formula):
    """Formulas that stand side by side, one below the other, so that they can be larger."""
    lines = re.sub(r"(\\qquad)+", r"\\\\[.6em]", formula[1])
    return rf"<tex-block>\begin{{gathered}}{lines}\end{{gathered}}</tex-block>"


def deck(path):
    """(title, slides) of a chapter."""
    cells = nb.read(path)
    title = re.match(r"# (.*)", cells[0]["source"])[1]
    slides, speaking = [Slide(title, "", "opening")], True
    for cell in cells:
        if "deeper" in cell["metadata"].get("tags", []):
            continue
        planned = [one.split(": ", 1) for one in cell["metadata"].get("slides", [])]
        if cell["cell_type"] == "code":
            found = [Slide.of(cell, *one) for one in planned]
            slides += [slide for slide in found if slide.body]  # without what needs a kernel
            continue
        counts = {}
        for kind, text in blocks(cell["source"]):
            counts[kind] = counts.get(kind, 0) + 1
            here = [one for one in planned if place(one[0]) == (kind, counts[kind])]
            slides += [Slide.of(cell, *one) for one in here]
            planned = [one for one in planned if one not in here]
            if kind == "heading":
                speaking = not NOT_SPOKEN.match(text)
            elif speaking and kind in ("text", "list", "quote") and not here:
                slides[-1].notes.append(text)
        if planned:
            raise ValueError(f"{path.name}: nothing to show for {planned}")
    return title, slides


def place(what):
    """(kind, number) of the block where a slide begins."""
    kind, number, *_ = [*what.split(",")[0].split(), "1"]
    return kind, int(number)


def write(path):
    """Write one deck; return its line in the table of decks, and what is wrong with it."""
    title, slides = deck(path)
    minutes = math.ceil(sum(slide.minutes for slide in slides))
    first = slides[0]
    first.body = (
        f"<p>One gradient, two estimators</p><p>{len(slides)} slides, {minutes} minutes</p>"
    )
    text = "\n".join(slide.html(html.escape(title)) for slide in slides)
    script = nb.live_script() if "data-live=" in text else ""
    page = PAGE.format(title=html.escape(title), slides=text, script=script)
    (SLIDES / f"{path.stem}.html").write_text(page, "utf-8")
    faults = [
        f"{path.stem}: {slide.words} words on {slide.title!r}"
        for slide in slides
        if slide.words > MOST_WORDS
    ]
    if not 15 <= len(slides) <= 25:
        faults.append(f"{path.stem}: {len(slides)} slides")
    link = f'<a href="{path.stem}.html">{html.escape(title)}</a>'
    return f"<tr><td>{link}</td><td>{len(slides)}</td><td>{minutes}</td></tr>", faults


def measured(page, file):
    """What a browser finds wrong with the slides of a deck.

    Letters are too small, something is outside of its slide, missing, or wanted from elsewhere.
    """
    page.asked.clear(), page.errors.clear()
    page.set_viewport_size({"width": 1280, "height": 720})
    page.goto(file.as_uri())
    page.wait_for_function("window.measured")
    found = page.evaluate("measured()") + page.errors + browser.outside(page)
    return [f"{file.stem}: {fault}" for fault in found]


def build():
    """Write all decks; return their files, and what is wrong with their words."""
    shutil.rmtree(SLIDES, ignore_errors=True)
    assets = SLIDES / "assets"
    copy_katex(assets)
    reveal = MODULES / "reveal.js" / "dist"
    for file in (reveal / "reveal.css", reveal / "reveal.js", reveal / "plugin" / "notes.js"):
        shutil.copy(file, assets)
    for file in (HERE / "style").glob("deck.*"):
        shutil.copy(file, assets)
    chapters = [path for path in nb.CHAPTERS if path.name[:2] in CORE]
    rows, faults = zip(*map(write, chapters))
    index = (HERE / "style" / "decks.html").read_text("utf-8")
    (SLIDES / "index.html").write_text(index.replace("ROWS", "\n".join(rows)), "utf-8")
    set_formulas(SLIDES)
    files = [SLIDES / f"{path.stem}.html" for path in chapters]
    return files, [fault for found in faults for fault in found]


def main():
    files, faults = build()
    if browser.CHROMIUM:
        with browser.offline() as page:
            faults += [fault for file in files for fault in measured(page, file)]
    else:
        print("No Chromium: whether the slides are legible was not measured.")
    sys.exit("\n".join(faults) or None)


if __name__ == "__main__":
    main()
