"""A guess is remembered, changed and met again; nothing is written outside the reader's folder."""

import json
import re
from pathlib import Path

import nbformat
import pytest

from gradlib.course import predict as guesses
from gradlib.course.answers import ANSWERS
from gradlib.course.predict import predict, recall

NOTEBOOKS = sorted((Path(__file__).resolve().parent.parent / "notebooks").glob("*.ipynb"))
QUESTION = "Will both be symmetric?"


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    monkeypatch.setattr(guesses, "guesses", {})
    monkeypatch.setitem(ANSWERS, QUESTION, "no")
    return tmp_path


def test_a_guess_is_met_again_after_the_result(capsys):
    predict(QUESTION, ["yes", "no"]).buttons.value = "yes"
    recall(QUESTION)
    assert capsys.readouterr().out == f"{QUESTION}\nYou said: yes. The answer: no.\n"


def test_without_a_guess_only_the_answer_is_told(capsys):
    predict(QUESTION, ["yes", "no"])
    recall(QUESTION)
    assert capsys.readouterr().out == f"{QUESTION}\nThe answer: no.\n"


def test_a_guess_outlives_the_kernel_and_stays_when_the_cell_runs_again(monkeypatch):
    predict(QUESTION, ["yes", "no"]).buttons.value = "yes"
    monkeypatch.setattr(guesses, "guesses", {})
    assert predict(QUESTION, ["yes", "no"]).buttons.value == "yes"
    predict("Another?", ["a", "b"]).buttons.value = "b"
    assert json.loads(Path("predictions.json").read_text()) == {QUESTION: "yes", "Another?": "b"}


def test_elsewhere_nothing_is_written(folder, monkeypatch, capsys):
    monkeypatch.chdir(folder)
    predict(QUESTION, ["yes", "no"]).buttons.value = "yes"
    recall(QUESTION)
    assert "You said: yes." in capsys.readouterr().out
    assert [path.name for path in folder.rglob("*")] == ["work"]


def test_what_is_saved_says_the_same_in_words():
    bundle = predict(QUESTION, ["yes", "no"])._repr_mimebundle_()
    assert bundle["text/plain"].splitlines() == [QUESTION, "yes / no", guesses.FALLBACK]


@pytest.mark.parametrize("options", [["yes"], ["yes", "yes"], [], ["yes", 3], ["yes", ""]])
def test_other_options_are_refused(options):
    with pytest.raises(ValueError, match="two or more different texts; received 'Will both"):
        predict(QUESTION, options)


def test_every_answer_is_that_of_a_question_that_a_chapter_asks_and_recalls():
    sources = [cell.source for path in NOTEBOOKS for cell in nbformat.read(path, 4).cells]
    asked = {q for source in sources for q in re.findall(r'^\w+ = "(.+)"$', source, re.MULTILINE)}
    assert {*ANSWERS} - {QUESTION} <= asked | {*guesses.QUIZ}
    assert {*guesses.QUIZ} <= {*ANSWERS}
    recalled = [name for source in sources for name in re.findall(r"recall\((.+)\)", source)]
    assert len(recalled) == len(ANSWERS) - 1


def test_a_question_that_no_chapter_asks_is_refused():
    with pytest.raises(ValueError, match=r"question must be one .*received 'Who is it\?'"):
        recall("Who is it?")
