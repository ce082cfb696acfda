"""The instructor's guide keeps to the chapters: links, minutes, numbers, votes and answers."""

import contextlib
import io
import re
from functools import cache
from pathlib import Path

import pytest
from style import CHAPTERS, Chapter

from gradlib.course.answers import ANSWERS
from gradlib.course.exercises import EXERCISES

TEACHING = Path(__file__).resolve().parents[1] / "teaching"
PAGES = {path.name: path.read_text("utf-8") for path in sorted(TEACHING.glob("*.md"))}
NUMBERS = {path.name.split("_")[0]: path for path in CHAPTERS}
CLASSES = [number for number in NUMBERS if number.isdigit()]
SECTION_LINK = r'\[(\w+), "(.+?)"\]\(\.\./notebooks/(\w+\.ipynb)\)'
CHAPTER_LINK = r"\[(\w\w)\. [^]]+\]\(\.\./notebooks/\w+\.ipynb\)"


def rows(text):
    """The cells of each row of the tables in a text, heads left out."""
    body = re.sub(r"^ *\| .+ \|\n *\|[:|-]+\|$", "", text, flags=re.MULTILINE)
    lines = re.findall(r"^ *\| (.+) \|$", body, re.MULTILINE)
    return [[cell.strip() for cell in line.split(" | ")] for line in lines]


def parts(text, heading=r"^#+ (.+)$"):
    """(heading, what stands below it) for each heading of a Markdown text."""
    found = re.split(heading, text, flags=re.MULTILINE)[1:]
    return list(zip(found[::2], found[1::2]))


@cache
def sections(number):
    """heading -> the Chapter that its cells alone would make."""
    chapter, found, heading = Chapter.read(NUMBERS[number]), {}, None
    for cell in chapter.cells:
        if cell.cell_type == "code":
            found[heading].cells.append(cell)
            continue
        before, *_ = re.split(r"^#+ .+$", cell.source, maxsplit=1, flags=re.MULTILINE)
        pieces = [(heading, before)] if before.strip() else []
        for heading, text in pieces + parts(cell.source):
            piece = cell.copy() | {"source": text}
            found.setdefault(heading, Chapter(chapter.path, [])).cells.append(type(cell)(piece))
    return found


def code_cells(section):
    return [cell for cell in section.cells if cell.cell_type == "code"]


def numbers_in(section):
    """Every number that stands in the text of a section, in its code or in what it prints."""
    texts = [cell.source for cell in section.cells]
    for cell in code_cells(section):
        texts += [output.get("text", "") for output in cell.outputs]
    return {float(number) for number in re.findall(r"\d+(?:\.\d+)?", "\n".join(texts))}


def section_links(text):
    return [(number, heading) for number, heading, _ in re.findall(SECTION_LINK, text)]


def exercises_in(text):
    """The names in "02.1 to 02.3, 03.1"."""
    names = []
    for first, last in re.findall(r"\b(\d\d\.\d)\b(?: to (\d\d\.\d))?", text):
        end = int((last or first)[-1])
        names += [f"{first[:3]}{n}" for n in range(int(first[-1]), end + 1)]
    return names


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_somewhere(page):
    for target, anchor in re.findall(r"\]\(([\w./-]*)#?([\w-]*)\)", PAGES[page]):
        assert not target or (TEACHING / target).exists(), target
        if anchor:
            headings = [heading for heading, _ in parts(PAGES[target or page])]
            assert anchor in [heading.lower().replace(" ", "-") for heading in headings]


@pytest.mark.parametrize("page", PAGES)
def test_every_section_that_is_named_exists(page):
    for number, heading, file in re.findall(SECTION_LINK, PAGES[page]):
        assert NUMBERS[number].name == file
        assert heading in sections(number), f"{file} has no section {heading!r}"
    named = re.findall(r"\[\w+, .+?\]\(\.\./notebooks/", PAGES[page])
    assert len(named) == len(section_links(PAGES[page])), 'links look like this: [03, "Heading"]'


@pytest.mark.parametrize("page", ["README.md", "plans.md"])
def test_every_exercise_that_is_named_exists(page):
    assert exercises_in(PAGES[page])
    assert set(exercises_in(PAGES[page])) <= set(EXERCISES)


def test_the_minutes_of_each_plan_add_up():
    plans = [
        (int(re.search(r"\((\d+) minutes\)", heading)[1]), rows(text))
        for heading, text in parts(PAGES["plans.md"])
        if re.search(r"\(\d+ minutes\)", heading)
    ]
    assert len(plans) == 6
    for total, table in plans:
        assert sum(int(minutes) for minutes, *_ in table) == total


def test_a_whole_chapter_gets_the_minutes_that_it_states():
    chapters = [
        (int(row[0]), re.match(CHAPTER_LINK, row[1])[1])
        for row in rows(PAGES["plans.md"])
        if re.match(CHAPTER_LINK, row[1])
    ]
    chapters += [
        (int(row[1]), re.match(CHAPTER_LINK, row[0])[1])
        for row in rows(PAGES["README.md"])
        if re.match(CHAPTER_LINK, row[0])
    ]
    assert len(chapters) == 7 + 11 + len(CLASSES)
    for minutes, number in chapters:
        assert minutes == Chapter.read(NUMBERS[number]).stated_minutes, number


def test_an_excerpt_names_cells_that_can_be_run_in_its_minutes():
    excerpts = [row for row in rows(PAGES["plans.md"]) if section_links(row[1])]
    assert len(excerpts) == 12
    for minutes, where, run, _ in excerpts:
        ((number, heading),) = section_links(where)
        section, named = sections(number)[heading], re.findall("`(.+?)`", run)
        for snippet in named:
            assert any(snippet in cell.source for cell in code_cells(section)), (heading, snippet)
        cells = [c for c in code_cells(section) if any(text in c.source for text in named)]
        assert Chapter(section.path, cells).minutes <= int(minutes), (heading, minutes)


def test_the_outcomes_name_all_exercises_and_exam_questions():
    table = [row for row in rows(PAGES["README.md"]) if re.match(CHAPTER_LINK, row[0])]
    asked = re.findall(r"^### (\d+)\. .+\n\n\*Chapter (\d\d)", PAGES["exam.md"], re.MULTILINE)
    assert [re.match(CHAPTER_LINK, row[0])[1] for row in table] == CLASSES
    for number, (*_, exercises, questions) in zip(CLASSES, table, strict=True):
        assert exercises_in(exercises) == [name for name in EXERCISES if name[:2] == number]
        named, own = re.findall(r"\d+", questions), [n for n, of in asked if of == number]
        assert (named[:1], named[-1:]) == (own[:1], own[-1:]), number


def test_every_number_that_cures_a_misconception_is_printed_there():
    table = rows(PAGES["misconceptions.md"])
    assert len(table) == 25
    for _, cure, where in table:
        ((number, heading),) = section_links(where)
        stated = {float(text) for text in re.findall(r"\d+(?:\.\d+)?", cure)}
        assert stated <= numbers_in(sections(number)[heading]), (heading, stated)


def test_every_live_figure_has_its_sentence_for_a_dead_kernel():
    table = [row for row in rows(PAGES["README.md"]) if section_links(row[0])]
    live = [
        (number, heading)
        for number in NUMBERS
        for heading, section in sections(number).items()
        if any("widgets.explore_" in cell.source for cell in code_cells(section))
    ]
    assert [section_links(where)[0] for where, *_ in table] == live


def test_the_votes_are_those_of_the_chapters():
    votes = [row for row in rows(PAGES["README.md"]) if len(row) == 5 and section_links(row[1])]
    assert len(votes) == 12
    for question, where, right, tempting, _ in votes:
        ((number, heading),) = section_links(where)
        sources = [cell.source for cell in code_cells(sections(number)[heading])]
        (source,) = [source for source in sources if f'"{question}"' in source]
        name = re.search(rf'^(\w+) = "{re.escape(question)}"', source, re.MULTILINE)[1]
        options = re.findall(r'"(.+?)"', re.search(rf"predict\({name}, \[(.+?)\]\)", source)[1])
        assert right in options and tempting in options and right != tempting
        assert any(f"recall({name})" in source for source in sources)
        answer = ANSWERS[question]
        assert re.match(re.escape(right) + r"(?![\w.])", answer), (right, answer)


def test_one_vote_takes_its_five_minutes():
    steps = [row for row in rows(PAGES["README.md"]) if len(row) == 3 and row[0].isdigit()]
    assert sum(int(minutes) for minutes, *_ in steps) == 5
    sources = [c.source for c in code_cells(sections("03")["Where it fails: a step"])]
    for snippet in re.findall("`(.+?)`", " ".join(you for _, you, _ in steps)):
        assert any(snippet in source for source in sources), snippet
    (question,) = re.findall('"(E2 .+?)"', steps[0][1])
    assert any(question in source for source in sources)


def test_the_answers_to_open_exercises_get_the_verdicts_that_stand_beside_them():
    names, answered = {}, parts(PAGES["open_exercises.md"])
    code = r"```python\n(.*?)```\n(?:\n```text\n(.*?)```)?"
    for heading, text in answered:
        for source, expected in re.findall(code, text, re.DOTALL):
            with contextlib.redirect_stdout(io.StringIO()) as printed:
                exec(source, names)
            assert printed.getvalue() == expected
            exercise = heading.split()[0]
            assert not expected or expected.startswith(f"{exercise}: right.")
    last = {name[:2]: name for name in EXERCISES}.values()
    assert [heading.split()[0] for heading, _ in answered[1:]] == list(last)
