"""Every exercise praises its right answer, and tells each of its known mistakes from the others."""

import numpy as np
import pytest

from gradlib.course import check
from gradlib.course.judges import FunctionOf

FUNCTIONS = {k: v for k, v in check.EXERCISES.items() if isinstance(v, FunctionOf)}


@pytest.mark.parametrize("name", check.EXERCISES)
def test_an_unanswered_exercise_says_so(name, capsys):
    check.answer(name, ...)
    assert capsys.readouterr().out == f"{name}: not answered yet.\n"


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_stub_function_is_not_answered_yet(name, capsys):
    check.answer(name, lambda *arguments: ...)
    assert capsys.readouterr().out == f"{name}: not answered yet.\n"


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_right_function_is_praised(name):
    for _ in range(20):  # fresh points each time
        assert FUNCTIONS[name](FUNCTIONS[name].right).startswith("right.")


@pytest.mark.parametrize(
    ("name", "diagnosis"), [(n, d) for n, judge in FUNCTIONS.items() for d in judge.mistakes]
)
def test_each_mistake_gets_its_own_diagnosis(name, diagnosis):
    for _ in range(20):
        verdict = FUNCTIONS[name](FUNCTIONS[name].mistakes[diagnosis])
        assert verdict == f"not yet: {diagnosis}"


@pytest.mark.parametrize("name", FUNCTIONS)
def test_an_unknown_mistake_gets_a_point_where_it_is_wrong(name):
    right = FUNCTIONS[name].right
    verdict = FUNCTIONS[name](lambda *x: right(*map(np.asarray, x)) * 1.01 + 0.123)
    assert verdict.startswith("not yet: at ")
    assert " = " in verdict


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize(
    ("attempt", "words"),
    [
        (3.0, "expected a function of"),
        (lambda *x: 1 / 0, "stopped with ZeroDivisionError"),
        (lambda: 0.0, "stopped with TypeError"),
        (lambda *x: [1.0, 2.0], r"expected one number for each point; received shape (2,)"),
        (lambda *x: "text", "stopped with ValueError"),
        (lambda *x: np.nan, "not yet: "),
    ],
)
def test_any_other_attempt_gets_a_sentence(name, attempt, words):
    assert words in FUNCTIONS[name](attempt)


def test_unknown_exercise_is_refused():
    with pytest.raises(ValueError, match=r"unknown exercise '99\.1'; expected one of 0"):
        check.answer("99.1", ...)
