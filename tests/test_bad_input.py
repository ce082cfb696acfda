"""Whatever the public functions receive: the right answer, or a sentence that says what was wrong.

The table is in `bad_input`. A function of the caller's that fails does so with its own error.
"""

import contextlib
import traceback
import warnings

import numpy as np
import pytest
from bad_input import A_FUNCTION, ARGUMENTS, KINDS, NUMBERS, OTHERS, TAKEN, WRAPPED

import gradlib
from gradlib import discrete, symbolic
from gradlib.discrete import Bernoulli, Categorical

EVERY = ARGUMENTS | OTHERS
SEVERAL = "monte_carlo(estimator)", "variance_curve(estimator)"
COUNT = len(EVERY) * (len(KINDS) + len(NUMBERS) + len(WRAPPED))
NAMES = "received", "returned", "expected", "not finite at", "not a real number", "does not know"
NAMES += "are too many", "not finite"


@pytest.fixture(autouse=True)
def quiet():
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def answer(argument, thing):
    """What the function returns; None if it refuses, with a sentence of gradlib's."""
    try:
        return (EVERY[argument](thing),)
    except (ValueError, ArithmeticError, IndexError) as error:
        assert "gradlib" in traceback.extract_tb(error.__traceback__)[-1].filename
        assert any(name in str(error) for name in NAMES)
        assert len(str(error)) < 700
        return None


def numbers_in(found):
    """All numbers in an answer, in one array."""
    if isinstance(found, tuple | list):
        return np.concatenate([np.empty(0), *map(numbers_in, found)])
    if isinstance(found, np.ndarray) or np.isscalar(found):
        return np.ravel(found).astype(float)
    return np.empty(0)


@pytest.mark.parametrize("argument", EVERY)
def test_what_is_no_number_is_refused(argument):
    for kind, thing in KINDS.items():
        if kind not in TAKEN.get(argument, ()):
            assert answer(argument, thing) is None, kind
        elif kind in A_FUNCTION:
            with contextlib.suppress(TypeError):  # it takes other arguments
                answer(argument, thing)
        else:
            answer(argument, thing)


@pytest.mark.parametrize("argument", ARGUMENTS)
def test_a_number_is_refused_or_has_an_answer_in_numbers(argument):
    for kind, thing in NUMBERS.items():
        found = answer(argument, thing)
        if found and not {"nan", "inf", "huge"} & set(kind.replace("-", "").split()):
            estimates = "monte_carlo" in argument or argument == "estimate(samples)"
            assert estimates or not np.isnan(numbers_in(found)).any(), kind


@pytest.mark.parametrize("argument", OTHERS)
def test_a_number_is_refused_where_none_is_expected(argument):
    if argument in TAKEN and "a symbol" in TAKEN[argument]:
        return  # a constant cost
    for kind, thing in NUMBERS.items():
        several = argument.removeprefix("discrete.") in SEVERAL
        assert answer(argument, thing) is None or (several and kind == "empty"), kind


@pytest.mark.parametrize("argument", EVERY)
def test_the_same_numbers_have_the_same_answer_however_they_are_kept(argument):
    for kind, (thing, plain) in WRAPPED.items():
        found = answer(argument, thing)
        expected = answer(argument, plain)
        if found and expected:
            np.testing.assert_array_equal(numbers_in(found), numbers_in(expected), kind)
            types = [type(x) for x in found], [type(x) for x in expected]
            assert types[0] == types[1] or "Derivation" in argument or "symbolic" in argument
        elif found:  # as a count it must be a whole number, as text or a cost it is an expression
            assert kind in ("True", "an int", "NumPy's int", "unsigned", "SymPy's half"), kind


@pytest.mark.parametrize("count", [COUNT], ids=[f"{COUNT} calls"])
def test_the_table_is_about_everything_that_is_public(count):
    assert count > 9000
    elsewhere = {  # what is no function, or returned by others
        *("Estimate", "QuadratureError", "Gradient", "Gaussian", "MovingAverage", "Randomized"),
        *("Comparison", "Derivation", "DerivationError", "Line", "bridge"),
        *("score_function_identity", "reparameterization_identity"),
    }
    text = " ".join(EVERY)
    for module in (gradlib, symbolic):
        for name in {*module.__all__} - elsewhere:
            assert name in text or not callable(getattr(module, name))
    for name in {*discrete.__all__} - {"Bernoulli", "Categorical"}:
        assert f"discrete.{name}" in text
    for kind, instance in (Bernoulli, "bit"), (Categorical, "die"):
        methods = {name for name in dir(kind) if name[0] != "_" and callable(getattr(kind, name))}
        for name in methods - {"states", "from_probs"}:
            assert f"{instance}.{name}(" in text or f"{instance}.{name} " in f"{text} "
