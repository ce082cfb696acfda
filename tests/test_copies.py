"""What a reader did in work/ is never lost, and a fresh copy is one command away."""

import importlib.util
from pathlib import Path

import nbformat
import pytest

FILE = Path(__file__).resolve().parents[1] / "notebooks" / "copies.py"
spec = importlib.util.spec_from_file_location("copies", FILE)
copies = importlib.util.module_from_spec(spec)
spec.loader.exec_module(copies)


def test_each_notebook_is_copied_once_without_results(tmp_path):
    made = copies.copy_missing(tmp_path)
    assert [path.relative_to(tmp_path) for path in made] == [
        path.relative_to(FILE.parent) for path in copies.notebooks()
    ]
    for path in made:
        cells = nbformat.read(path, as_version=4).cells
        assert not any(cell.get("outputs") or cell.get("execution_count") for cell in cells)
    assert copies.copy_missing(tmp_path) == []


def test_work_is_never_overwritten(tmp_path):
    mine = tmp_path / "00_start_here.ipynb"
    mine.write_text("mine")
    copies.copy_missing(tmp_path)
    names = [copies.fresh("00", tmp_path).name for _ in range(2)]
    assert mine.read_text() == "mine"
    assert names == ["00_start_here_2.ipynb", "00_start_here_3.ipynb"]


def test_a_fresh_copy_of_what_is_not_there_yet_has_its_own_name(tmp_path):
    assert copies.fresh("00", tmp_path).name == "00_start_here.ipynb"


@pytest.mark.parametrize("number", ["99", "3", "", "solutions"])
def test_an_unknown_chapter_is_refused(tmp_path, number):
    with pytest.raises(ValueError, match=f"NB must be one of 00, 01, .*; received '{number}'"):
        copies.fresh(number, tmp_path)
