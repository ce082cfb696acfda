"""A class takes a chapter in 45 minutes, and a student would type its cells."""

import math
import re
import statistics

import pytest
from style import CHAPTERS, Chapter

MOST_MINUTES, MOST_CELLS, MOST_LINES, MEDIAN_LINES = 45, 40, 10, 5
chapters = [Chapter.read(path) for path in CHAPTERS]
classes = [chapter for chapter in chapters if not chapter.is_appendix]
appendices = [chapter for chapter in chapters if chapter.is_appendix]


def for_each(kind):
    return pytest.mark.parametrize("chapter", kind, ids=lambda c: c.path.stem)


every_chapter, every_class = for_each(chapters), for_each(classes)
every_appendix = for_each(appendices)


@every_class
def test_fits_one_class(chapter):
    assert chapter.minutes <= MOST_MINUTES


@every_chapter
def test_has_few_cells(chapter):
    assert len(chapter.cells) <= MOST_CELLS


@every_class
def test_states_its_minutes(chapter):
    assert chapter.stated_minutes == 5 * math.ceil(chapter.minutes / 5)


@every_chapter
def test_cells_are_what_a_student_would_type(chapter):
    assert statistics.median(chapter.code_lengths) <= MEDIAN_LINES
    assert max(chapter.code_lengths) <= MOST_LINES
    code = [cell.source for cell in chapter.cells if cell.cell_type == "code"]
    assert not [source for source in code if ":=" in source]


@every_class
def test_needs_the_chapters_that_it_speaks_of(chapter):
    """What it needs is stated at the start: each earlier chapter that the body refers to."""
    earlier = {n for n in re.findall(r"chapters? (\d\d)", chapter.prose) if n < chapter.number}
    needs = re.search(r"minutes.*?needs? (.*?)\.\s", chapter.opening, flags=re.DOTALL)
    assert needs, "the start says what the chapter needs"
    assert earlier <= set(re.findall(r"\d\d", needs[1]))


@every_chapter
def test_what_is_deeper_says_so_and_nothing_else_does(chapter):
    for cell in chapter.cells:
        if cell.cell_type == "markdown":
            says = re.match(r"(#+ |\*\*)Deeper\b", cell.source) is not None
            assert says <= ("deeper" in cell.metadata.get("tags", [])), cell.source[:60]


@every_class
def test_ends_with_the_next_chapter(chapter):
    assert re.search(r"\*\*Next:\*\* \[[^]]+\]\(\w+\.ipynb\)", chapter.cells[-1].source)


@every_appendix
def test_an_appendix_leads_back_to_the_start(chapter):
    back = "**Back:** [00. Start here](00_start_here.ipynb)"
    assert chapter.cells[-1].source.splitlines()[-1] == back
