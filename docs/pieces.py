"""Pieces of a cell as HTML, for slides and the handout: a cell says in its metadata what to show.

"figure" is the picture of a cell, "formula 2" its second displayed formula, "list 1 2-3" two items
of its first list, "text 3 1" the first sentence of its third paragraph; commas separate pieces.
Kinds: figure, live, vote, code, output, formula, derivation; formula, table, list, predict, text.
"""

import html
import re

import cells as nb
from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin


def formula(tex, options):
    kind = "block" if options["display_mode"] else "inline"
    return f"<tex-{kind}>{html.escape(tex, quote=False)}</tex-{kind}>"


def spoken_formula(tex, options):
    return f"<tex-plain>{html.escape(tex, quote=False)}</tex-plain>"


def markdown(renderer):
    dollars = {"allow_space": True, "double_inline": True, "renderer": renderer}
    return MarkdownIt("commonmark").enable("table").use(dollarmath_plugin, **dollars)


SHOWN, SPOKEN = markdown(formula), markdown(spoken_formula)
KINDS = {  # how a block of Markdown begins
    "heading": r"#",
    "formula": r"\$\$",
    "table": r"\|",
    "list": r"(-|\d\.) ",
    "quote": r">",
    "predict": r"\*\*Predict\.",
    "text": r"",
}


def blocks(source):
    """(kind, text) of each block of a Markdown cell."""
    for text in re.split(r"\n\s*\n", source.strip()):
        yield next((kind, text) for kind, start in KINDS.items() if re.match(start, text))


def render(text):
    """Markdown as HTML; links to other notebooks lose their address, which leads nowhere here."""
    return SHOWN.render(re.sub(r"\[([^]]+)\]\((?!https?:)[^)]+\)", r"\1", text))


def pieces(cell, what):
    """The HTML of what is to be shown of a cell. Raises ValueError for what it does not have."""
    return "".join(piece(cell, *one.split()) for one in what.split(","))


def piece(cell, kind, number="1", rows=None):
    if cell["cell_type"] == "code":
        return CODE[kind](cell, rows, int(number))
    found = [text for one, text in blocks(cell["source"]) if one == kind]
    if int(number) > len(found):
        raise ValueError(f"no {kind} {number} in the cell {cell['source'][:60]!r}")
    text = re.sub(r"\*\*Predict\.\*\* *", "", found[int(number) - 1])
    return render(chosen(kind, text, rows))


def chosen(kind, text, rows):
    """Rows of a table (below its head), items of a list, sentences of a text: "2-3" or "1+4"."""
    if rows is None:
        return text
    if kind in ("text", "predict"):
        return " ".join(within(re.split(r"(?<=[.?!]) +(?=[A-Z$*(])", text), rows))
    if kind == "list":
        return "\n".join(within(re.split(r";?\n(?=- |\d\. )", text), rows))
    lines = text.splitlines()
    return "\n".join(lines[:2] + within(lines[2:], rows))


def within(lines, rows):
    """Some of the lines, counted from 1: "2-3" or "1+4"."""
    ends = [part.partition("-") for part in rows.split("+")]
    return [line for low, _, high in ends for line in lines[int(low) - 1 : int(high or low)]]


def figure(cell, rows, number):
    picture = nb.data(cell, "image/png").replace("\n", "")
    words = html.escape(nb.description(cell), quote=True)
    return f'<img class="figure" alt="{words}" src="data:image/png;base64,{picture}">'


def live(cell, rows, number):
    """Nothing for a figure that needs a kernel."""
    return nb.live_figure(nb.EXPLORABLE.search(cell["source"])[0]) or ""


def vote(cell, rows, number):
    asked, options = nb.questions(cell)[number - 1]
    return f"<p>{html.escape(asked)}</p>{cards(map(html.escape, options))}"


def cards(options):
    """Answers that count the clicks on them."""
    buttons = "".join(f"<button>{option} <b></b></button>" for option in options)
    return f'<div class="votes">{buttons}</div>'


def code(cell, rows, number):
    lines = cell["source"].splitlines()
    return preformatted(within(lines, rows) if rows else lines)


def output(cell, rows, number):
    """What a cell prints; where it ends by settling a prediction, without the question."""
    lines = nb.printed(cell).rstrip().splitlines() or nb.data(cell, "text/plain").splitlines()
    return preformatted(within(lines, rows) if rows else lines)


def preformatted(lines):
    return f"<pre>{html.escape(chr(10).join(lines), quote=False)}</pre>"


def latex(cell, rows, number):
    """A formula that a cell shows."""
    return block(nb.data(cell, "text/latex").strip("$"))


STEP = re.compile(r"(?s)(\(\d+\)) (.*?) & (.*) & \\small (.*?)(?:\\\\\[1\.2em\]\s*)?$")


def derivation(cell, rows, number):
    """The lines of a derivation, each above its reason, without the conditions at the end.

    The first one that is shown says what all of them are equal to. A single one has no number.
    """
    tex = nb.data(cell, "text/latex").partition("Conditions")[0]
    start, end = r"\begin{array}{lll}", r"\end{array}"
    lines = re.split(r"\\displaystyle (?=\(\d+\))", tex[tex.index(start) : tex.rindex(end)])[1:]
    steps = [STEP.match(line).groups() for line in lines]
    left, shown = steps[0][1], within(steps, rows) if rows else steps
    return "".join(
        step(number if len(shown) > 1 else "", "" if index else left, right, reason)
        for index, (number, _, right, reason) in enumerate(shown)
    )


def step(number, left, right, reason):
    why = formula(reason, {"display_mode": False})
    return f'<div class="step">{block(f"{number} {left} {right}")}<p>{why}</p></div>'


def block(tex):
    return formula(tex, {"display_mode": True})


CODE = {
    "figure": figure,
    "live": live,
    "vote": vote,
    "code": code,
    "output": output,
    "formula": latex,
    "derivation": derivation,
}
