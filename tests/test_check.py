"""Every exercise praises its right answer, and tells each of its known mistakes from the others."""

import numpy as np
import pytest

from gradlib.course import check
from gradlib.course.judges import FunctionOf

FUNCTIONS = {k: v for k, v in check.EXERCISES.items() if isinstance(v, FunctionOf)}


def right(name):
    return FUNCTIONS[name].read(FUNCTIONS[name].right)


@pytest.mark.parametrize("name", check.EXERCISES)
def test_an_unanswered_exercise_says_so(name, capsys):
    check.answer(name, ...)
    assert capsys.readouterr().out == f"{name}: not answered yet.\n"


@pytest.mark.parametrize("name", check.EXERCISES)
def test_each_judge_says_what_is_asked(name):
    assert check.EXERCISES[name].__doc__


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_stub_function_is_not_answered_yet(name, capsys):
    check.answer(name, lambda *arguments: ...)
    assert capsys.readouterr().out == f"{name}: not answered yet.\n"


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_right_function_is_praised(name):
    for _ in range(20):  # fresh points each time
        assert FUNCTIONS[name](right(name)) == "right."


@pytest.mark.parametrize(
    ("name", "diagnosis"), [(n, d) for n, judge in FUNCTIONS.items() for d in judge.mistakes]
)
@pytest.mark.slow
def test_each_mistake_gets_its_own_diagnosis(name, diagnosis):
    mistake = FUNCTIONS[name].read(FUNCTIONS[name].mistakes[diagnosis])
    for _ in range(10):
        assert FUNCTIONS[name](mistake) == f"not yet: {diagnosis}"


@pytest.mark.parametrize("name", FUNCTIONS)
def test_an_unknown_mistake_gets_a_point_where_it_is_wrong(name):
    verdict = FUNCTIONS[name](lambda *x: right(name)(*x) * 1.01 + 0.123)
    assert verdict.startswith("not yet: at ")
    assert all(f"{argument} = " in verdict for argument in FUNCTIONS[name].arguments)


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize(
    ("attempt", "words"),
    [
        (3.0, "expected a function of"),
        (None, "expected a function of"),
        (lambda *x: None, "your function returns nothing; is `return` missing?"),
        (lambda *x: 1 / 0, "stopped with ZeroDivisionError"),
        (lambda: 0.0, "stopped with TypeError"),
        (lambda *x: [1.0, 2.0], "expected one number; it gives an array of shape (2,)"),
        (lambda *x: "text", "your function must return a number; received 'text'"),
        (lambda *x: np.nan, "it gives nan"),
    ],
)
def test_any_other_attempt_gets_a_sentence(name, attempt, words):
    assert words in FUNCTIONS[name](attempt)


def test_points_are_fresh_each_time():
    judge = FUNCTIONS["00.1"]
    assert judge.points() != judge.points()


def test_arguments_are_what_the_statement_names():
    kinds = {name: set() for name in ("M", "eps", "mu", "variance", "d")}
    for name in ("00.3", "00.4", "04.2", "10.1"):
        for point in FUNCTIONS[name].points():
            for argument, value in zip(FUNCTIONS[name].arguments, point, strict=True):
                kinds.get(argument, set()).add(type(value))
    assert kinds == {
        "M": {int},
        "eps": {np.ndarray},
        "mu": {float},
        "variance": {int, float},
        "d": {int},
    }


def test_a_function_that_changes_its_array_in_place_is_judged_by_what_it_returns():
    def in_place(eps, mu, sigma):
        eps *= sigma
        eps += mu
        return np.mean(eps**2)

    assert FUNCTIONS["00.4"](in_place) == "right."


def test_unknown_exercise_is_refused():
    with pytest.raises(ValueError, match=r"unknown exercise '99\.1'; expected one of 0"):
        check.answer("99.1", ...)
