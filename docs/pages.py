"""Build the site from the notebooks as they are committed: nothing is run.

python docs/pages.py        writes build/site/index.html
"""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import cells as nb
from formulas import copy_katex, set_formulas

HERE = Path(__file__).resolve().parent
BUILD = HERE.parent / "build"
SOURCE, SITE = BUILD / "source", BUILD / "site"

RUN_IT = """
:::{{admonition}} Run this chapter
:class: run
On this page nothing runs. With the course folder on your computer, type `make lab` and open
`{name}`; see [how to run the course](../run.md).
:::

"""
SOLUTION = re.compile(r"(?m)^(?:## |\*\*)(\d\d\.\d)(?:\*\*)?")  # where one begins
PAUSE = re.compile(r"(?<=[_.(=])(?=\w)")  # where code may go on in a new line
IMAGE_SCALE = 0.857  # makes a figure over the whole width as wide as the text
ACCESSIBLE = {  # what axe calls serious in the pages of Sphinx, Furo and myst-nb
    '<p class="caption" role="heading">': '<p class="caption" role="heading" aria-level="2">',
    '<summary aria-label="Toggle hidden content">': "<summary>",
    '<div role="list" class="citation-list">': '<div class="citation-list">',
    '<aside class="sidebar-drawer">': '<aside class="sidebar-drawer" aria-label="Chapters">',
    "<pre>": '<pre tabindex="0">',
    '<div class="table-wrapper': '<div tabindex="0" class="table-wrapper',
}
PROMPTS = {"code_prompt_show": "Show the result", "code_prompt_hide": "Hide the result"}
SHOW = "<details class='solution'><summary>The {}</summary>\n\n"


def chapter(path):
    """The cells of a chapter as a page shows them."""
    cells = nb.read(path)
    for index in sorted(set(nb.results_of_predictions(cells)), reverse=True):
        cell, after = cells[index : index + 2]
        tag(cell, "hide-output", **PROMPTS)
        if after["cell_type"] == "markdown":
            after["source"] = folded_answer(after["source"])
        if asked := nb.questions(cell):  # the next prediction is not part of the result
            cells.insert(index + 2, markdown(votes(asked)))
            cell["outputs"] = [
                one for one in cell["outputs"] if not nb.questions({"outputs": [one]})
            ]
    for cell in cells:
        if cell["cell_type"] == "code":
            page_cell(cell)
    opening = cells[0]["source"].partition("\n## ")
    cells[0]["source"] = opening[0] + RUN_IT.format(name=path.name) + "".join(opening[1:])
    return cells


def folded_answer(text):
    """The text after a result with its first paragraph, which says what came out, folded away.

    A formula in the midst of a sentence belongs to it, and so does a list after it; a heading or a
    question is something new.
    """
    blocks = re.split(r"\n\s*\n", text)
    ends = (i for i, block in enumerate(blocks) if re.search(r"[.?!)*][$\s]*$|\A[-|]", block))
    end = next(ends, 0) + 1
    end += bool(re.match(r"- |1\. ", "".join(blocks[end : end + 1])))
    answer, rest = "\n\n".join(blocks[:end]), "\n\n".join(blocks[end:])
    if answer.startswith("#") or "**Predict.**" in answer:
        return text
    return f"{SHOW.format('answer')}{answer}\n\n</details>\n\n{rest}"


def page_cell(cell):
    """Give a picture its description, and make buttons and live figures work without a kernel."""
    if png := nb.data(cell, "image/png"):
        image = {"alt": nb.description(cell), "width": f"{IMAGE_SCALE * nb.width(png):.0f}px"}
        cell["metadata"].setdefault("mystnb", {})["image"] = image
    if asked := nb.questions(cell):
        show_html(cell, votes(asked))
    elif found := nb.EXPLORABLE.search(cell["source"]):
        if figure := nb.live_figure(found[0]):
            show_html(cell, figure)
        if "hide-output" not in cell["metadata"].get("tags", []):  # one fold is enough
            tag(
                cell,
                "hide-input",
                code_prompt_show="Show the code",
                code_prompt_hide="Hide the code",
            )


def votes(asked):
    return "".join(nb.vote(*one) for one in asked)


def show_html(cell, html):
    data = {"text/html": html}
    cell["outputs"] = [{"output_type": "display_data", "metadata": {}, "data": data}]


def tag(cell, name, **options):
    cell["metadata"].setdefault("tags", []).append(name)
    cell["metadata"]["mystnb"] = options | cell["metadata"].get("mystnb", {})


def solutions(path):
    """The cells of solved exercises: each question as its chapter asks it, the rest folded away."""
    (chapter_path,) = nb.NOTEBOOKS.glob(f"{path.stem[:2]}_*.ipynb")
    asked, shown, closing = exercises(chapter_path), [], ""
    for cell in nb.read(path):
        if cell["cell_type"] == "code":
            page_cell(cell)
        else:
            before, *rest = SOLUTION.split(cell["source"])
            for number, answer in zip(rest[::2], rest[1::2], strict=True):
                before += (
                    f"{closing}## {number}\n\n{asked[number]}\n\n{SHOW.format('solution')}{answer}"
                )
                closing = "\n\n</details>\n\n"
            cell["source"] = before
        shown.append(cell)
    return [*shown, markdown(closing)]


def exercises(path):
    """The questions of a chapter, by number."""
    texts = "\n\n".join(c["source"] for c in nb.read(path) if c["cell_type"] == "markdown")
    found = re.findall(r"(?ms)^\*\*(\d\d\.\d)(\*\*)? (.*?)(?=^\*\*\d\d\.\d|^#|\Z)", texts)
    return {number: text if ended else f"**{text}" for number, ended, text in found}


def markdown(text):
    return {"cell_type": "markdown", "metadata": {}, "source": text}


def write(path, cells):
    """A notebook for Sphinx, at the place that its own links expect."""
    target = SOURCE / path.relative_to(nb.ROOT)
    target.parent.mkdir(parents=True, exist_ok=True)
    for index, cell in enumerate(cells):
        cell["id"] = str(index)
    notebook = json.loads(path.read_text("utf-8")) | {"cells": cells}
    target.write_text(json.dumps(notebook), "utf-8")


def copy_teaching():
    """The pages for those who teach, below the one that introduces them."""
    pages = sorted((nb.ROOT / "teaching").glob("*.md"))
    (SOURCE / "teaching").mkdir()
    for page in pages:
        shutil.copy(page, SOURCE / "teaching")
    names = "\n".join(f"teaching/{page.stem}" for page in pages)
    with (SOURCE / "teach.md").open("a", encoding="utf-8") as file:
        file.write(f"\n```{{toctree}}\n:hidden:\n\n{names}\n```\n")


def finish(page):
    """Make a page readable for those who listen to it or use the keyboard, and its figures live."""
    text = page.read_text("utf-8")
    for found, better in ACCESSIBLE.items():
        text = text.replace(found, better)
    text = re.sub(r"(?s)<t[dh][ >].*?</t[dh]>", breakable, text)
    if "data-live=" in text:
        text = text.replace("</body>", f"{nb.live_script()}</body>")
    page.write_text(text, "utf-8")


def breakable(entry):
    """An entry of a table, with places where a long name in code may be broken."""
    return re.sub(
        r'(?<=<span class="pre">)[^<]{12,}', lambda code: PAUSE.sub("<wbr>", code[0]), entry[0]
    )


def main():
    for folder in (SOURCE, SITE):
        shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(HERE / "source", SOURCE)
    readme = (nb.ROOT / "README.md").read_text("utf-8")  # several pages quote it
    (SOURCE / "README.md").write_text(
        readme.replace("(notebooks/solutions)", "(solutions.md)"), "utf-8"
    )
    shutil.copytree(nb.ROOT / "figures", SOURCE / "figures", ignore=lambda *_: ["make_figures.py"])
    copy_teaching()
    for path in nb.CHAPTERS:
        write(path, chapter(path))
    for path in nb.SOLUTIONS:
        write(path, solutions(path))
    copy_katex(SOURCE / "_static" / "katex")
    sphinx = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-b", "html"]
    subprocess.run([*sphinx, "-d", BUILD / "doctrees", SOURCE, SITE], check=True)
    for page in SITE.rglob("*.html"):
        finish(page)
    set_formulas(SITE)


if __name__ == "__main__":
    main()
