"""The form of the notebooks: what a reader may rely on in each of them, run or not."""

import ast
import json
import re
from pathlib import Path

import nbformat
import pytest
from IPython.core.inputtransformer2 import TransformerManager

NOTEBOOKS = Path(__file__).resolve().parent.parent / "notebooks"
CHAPTERS = sorted(NOTEBOOKS.glob("[0-9]*.ipynb"))
APPENDICES = sorted(NOTEBOOKS.glob("[A-Z]_*.ipynb"))  # to look things up in: no exercises
SOLUTIONS = sorted(NOTEBOOKS.glob("solutions/*.ipynb"))
FRAME = ["In this chapter you will", "What we learned", "Exercises", "Further reading"]
LONGEST_CELL = 15
# A path of somebody's machine, or the address of an object: neither is the same for the reader.
NOT_PORTABLE = re.compile(r"(?<![\w.~/:-])/(home|root|work|tmp|Users)/|\b[A-Z]:\\\w|0x[0-9a-f]{6,}")


every_notebook = pytest.mark.parametrize(
    "path", CHAPTERS + APPENDICES + SOLUTIONS, ids=lambda p: p.stem
)
every_chapter = pytest.mark.parametrize("path", CHAPTERS, ids=lambda p: p.stem)


def cells(path, kind=None):
    """(where it is, cell) for each cell, or for each cell of one kind."""
    for index, cell in enumerate(nbformat.read(path, as_version=4).cells):
        if kind in (None, cell.cell_type):
            yield f"{path.name}, cell {index}", cell


def outputs(path):
    for where, cell in cells(path, "code"):
        for output in cell.outputs:
            yield where, output


def test_the_course_begins_at_the_start():
    assert (NOTEBOOKS / "00_start_here.ipynb") in CHAPTERS


def test_each_chapter_has_its_solutions_and_each_solution_its_chapter():
    chapters = {path.stem[:2] for path in CHAPTERS} - {"00"}  # 00 has a quiz, not exercises
    solutions = {path.stem.removesuffix("_solutions") for path in SOLUTIONS} - {"00"}
    assert chapters == solutions


@every_notebook
def test_format_is_valid(path):
    notebook = json.loads(path.read_text("utf-8"))  # read and validate mend repeated ids
    ids = [cell["id"] for cell in notebook["cells"]]
    assert len(set(ids)) == len(ids), f"{path.name}: two cells have the same id"
    nbformat.validate(notebook)


@every_notebook
def test_metadata_is_the_same_on_every_machine(path):
    metadata = nbformat.read(path, as_version=4).metadata
    assert set(metadata) == {"kernelspec", "language_info"}, f"{path.name}: {set(metadata)}"
    assert metadata.kernelspec.name == "python3", path.name
    assert "version" not in metadata.language_info, f"{path.name}: saved by hand? make notebooks"


@every_notebook
def test_was_run_from_top_to_bottom(path):
    for number, (where, cell) in enumerate(cells(path, "code"), start=1):
        assert cell.execution_count == number, (
            f"{where} has number {cell.execution_count}, not {number}"
        )


@every_notebook
def test_shows_no_error(path):
    for where, output in outputs(path):
        assert output.output_type != "error", f"{where}: {output.ename}: {output.evalue}"
        assert output.get("name") != "stderr", f"{where}: {output.text}"


@every_notebook
def test_outputs_are_the_same_on_every_machine(path):
    for where, output in outputs(path):
        texts = [t for t in output.get("data", {}).items() if not t[0].startswith("image/png")]
        for kind, text in [*texts, ("text", output.get("text", ""))]:
            found = NOT_PORTABLE.search(text) if isinstance(text, str) else None
            assert not found, f"{where}: {found.group()!r} in {kind}"
            assert "widget-view" not in kind, f"{where}: a saved widget, which shows as an error"


@every_notebook
def test_code_cells_are_short(path):
    for where, cell in cells(path, "code"):
        lines = [line for line in cell.source.splitlines() if line.strip()]
        assert len(lines) <= LONGEST_CELL, f"{where}: {len(lines)} lines, {LONGEST_CELL} at most"


@every_notebook
def test_begins_with_a_title(path):
    where, first = next(cells(path))
    assert first.cell_type == "markdown", where
    assert re.match(r"# \S", first.source), f"{where}: {first.source[:40]!r} is no title"


@every_chapter
def test_has_the_frame_of_a_chapter(path):
    text = "\n".join(cell.source for _, cell in cells(path, "markdown"))
    headings = re.findall(r"^## +(.*)$", text, flags=re.MULTILINE)
    found = [start for heading in headings for start in FRAME if heading.startswith(start)]
    assert found == FRAME, f"{path.name}: the headings are {headings}"


@every_notebook
def test_figures_have_words_beside_them(path):
    every_cell = list(cells(path))
    for index, (where, cell) in enumerate(every_cell):
        if any("image/png" in output.get("data", {}) for output in cell.get("outputs", [])):
            beside = [c for _, c in every_cell[max(index - 2, 0) : index + 3]]
            words = [c.source.split() for c in beside if c.cell_type == "markdown"]
            assert max(map(len, words), default=0) > 4, f"{where}: a figure without words"


@every_notebook
def test_every_picture_is_described_for_those_who_cannot_see_it(path):
    """In the cell's metadata, under `alt`; a `draw_` function prints the words itself."""
    for where, cell in cells(path, "code"):
        if any("image/png" in output.get("data", {}) for output in cell.outputs):
            printed = "figures.draw_" in cell.source and cell.outputs[0].get("text", "")
            words = (cell.metadata.get("alt") or printed or "").split()
            assert len(words) >= 8, f"{where}: a picture without a description"


@every_chapter
def test_compares_at_least_one_output(path):
    tags = [tag for _, cell in cells(path, "code") for tag in cell.metadata.get("tags", [])]
    assert "nbval-check-output" in tags, f"{path.name}: no cell is tagged nbval-check-output"


@every_notebook
def test_every_random_number_has_a_seed(path):
    for where, cell in cells(path, "code"):
        for node in ast.walk(ast.parse(TransformerManager().transform_cell(cell.source))):
            what = ast.unparse(node) if isinstance(node, ast.Call | ast.Attribute) else ""
            assert not re.fullmatch(r"(\w+\.)*default_rng\((seed=)?(None)?\)", what), (
                f"{where}: {what}"
            )
            legacy = re.fullmatch(r"(np|numpy)\.random\.(?!default_rng|Generator)\w+", what)
            assert not legacy, f"{where}: {what} instead of default_rng(seed)"
