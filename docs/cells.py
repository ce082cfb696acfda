"""The notebooks as the site, the slides and the handout read them: nothing is written twice."""

import base64
import html
import json
import re
from functools import cache
from pathlib import Path

from gradlib.course import live, widgets
from gradlib.course.predict import FALLBACK

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = ROOT / "notebooks"
CHAPTERS = sorted(NOTEBOOKS.glob("[0-9A-Z]*_*.ipynb"))
SOLUTIONS = sorted(NOTEBOOKS.glob("solutions/*.ipynb"))

EXPLORABLE = re.compile(r"^widgets\.explore_\w+\(.*\)$", re.MULTILINE)
PREDICT = re.compile(r"^predict\((\w+),", re.MULTILINE)


def read(path):
    """The cells of a notebook, with texts as single strings."""
    cells = json.loads(path.read_text("utf-8"))["cells"]
    for cell in cells:
        cell["source"] = "".join(cell["source"])
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            for kind, text in data.items():
                data[kind] = "".join(text)
            if "text" in output:
                output["text"] = "".join(output["text"])
            if "text/latex" in data:
                data["text/latex"] = for_katex(data["text/latex"])
    return cells


FOR_KATEX = {  # what LaTeX has and KaTeX has not; and rows need more room, as in TeX from the strut
    r"\begin{array}[t]": r"\begin{array}",
    r"\\ \displaystyle": r"\\[.8em] \displaystyle",
    r"\\[1ex]": r"\\[1.2em]",
    r"\\[2ex]": r"\\ \\[-.5em]",  # a tall row would swallow the room
    "∼": r"\sim ",
}


def for_katex(tex):
    for ours, theirs in FOR_KATEX.items():
        tex = tex.replace(ours, theirs)
    return re.sub(r"(?s)\\begin\{matrix\}.*?\\end\{matrix\}", larger_entries, tex)


def larger_entries(matrix):
    """Entries that are fractions are set like displayed ones; rows and brackets keep a distance."""
    entries = re.sub(r"(\{matrix\}|&|\\\\)(\s*-?\s*)\\frac", r"\1\2\\dfrac", matrix[0])
    room = "1.3em" if "dfrac" in entries else ".8em"
    return rf"\,{entries}\,".replace(r"\\", rf"\\[{room}]")


def data(cell, kind):
    """The first output of one kind, such as image/png; None without one."""
    found = (output.get("data", {}).get(kind) for output in cell.get("outputs", []))
    return next(filter(None, found), None)


def width(png):
    """In pixels, of a picture as a notebook has it."""
    return int.from_bytes(base64.b64decode(png)[16:20])


def printed(cell):
    """What the cell prints."""
    return "".join(output.get("text", "") for output in cell.get("outputs", []))


def description(cell):
    """The picture of a cell in words: written beside it, or printed by the figure itself."""
    return cell["metadata"].get("alt") or " ".join(printed(cell).split())


LETTERS = {"mu": "μ", "sigma": "σ", "eps": "ε", "phi": "φ", "theta": "θ"}
LETTER = re.compile(rf"(?<![A-Za-z])(d?)({'|'.join(LETTERS)})(?![A-Za-z])")
RAISED = {f"^{k}": sign for k, sign in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")}
RAISED |= {f"_{k}": sign for k, sign in enumerate("₀₁₂₃₄₅₆₇₈₉")}


def with_letters(text):
    """What a button can show as plain text only, with Greek letters: d/dmu_1 becomes d/dμ₁."""
    text = LETTER.sub(lambda found: found[1] + LETTERS[found[2]], text)
    return re.sub(r"[\^_]\d(?!\d)", lambda found: RAISED[found[0]], text)


def questions(cell):
    """(question, options) of each prediction with buttons that the cell asks for."""
    texts = (output.get("data", {}).get("text/plain", "") for output in cell.get("outputs", []))
    asked = (with_letters(text).split("\n") for text in texts if text.endswith(f"\n{FALLBACK}"))
    return [(question, options.split(" / ")) for question, options, _ in asked]


def results_of_predictions(cells):
    """The indices of the cells whose outputs answer a prediction.

    After **Predict.** that is the next cell of code; after buttons, all up to their `recall`; and
    in either case those that follow it at once, up to a new prediction.
    """
    for index, cell in enumerate(cells):
        code = [i for i in range(index + 1, len(cells)) if cells[i]["cell_type"] == "code"]
        if asked := cell["cell_type"] == "code" and PREDICT.search(cell["source"]):
            last = next((i for i in code if f"recall({asked[1]})" in cells[i]["source"]), index)
        elif cell["cell_type"] == "markdown" and "**Predict.**" in cell["source"]:
            last = code[0]
        else:
            continue
        while last > index and last + 1 in code and not PREDICT.search(cells[last + 1]["source"]):
            last += 1
        yield from (i for i in code if i <= last)


def vote(question, options):
    """A prediction as a list of options, one of which can be marked."""
    name = html.escape(question, quote=True)
    buttons = "".join(
        f'<label><input type="radio" name="{name}"> {html.escape(option)}</label>'
        for option in options
    )
    legend = f"<legend><strong>Predict.</strong> {html.escape(question)}</legend>"
    return f'<fieldset class="vote">{legend}{buttons}</fieldset>'


@cache
def live_figure(call):
    """The figure of a call such as widgets.explore_race(), as HTML; None if it needs a kernel."""
    figure = eval(call, {"widgets": widgets})
    return live.fragment(figure) if isinstance(figure, live.Live) else None


def live_script():
    """What a page with live figures needs once, after the last of them."""
    return live.script()
