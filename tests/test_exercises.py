"""The judges that are not plain functions tell the mistakes apart, too."""

import re
from functools import partial

import numpy as np
import pytest

from gradlib import Gradient, antithetic, leave_one_out, optimal_baseline, pathwise, score_function
from gradlib.course.exercises.chapter_07 import (
    BUMP,
    REPAIRS,
    Q,
    beats_both,
    evaluations,
    repaired_mean,
)

FAIR = partial(score_function, baseline=optimal_baseline(BUMP, Q))


@pytest.mark.parametrize("diagnosis", REPAIRS)
def test_each_repair_of_the_in_sample_mean_gets_its_own_sentence(diagnosis):
    expected = "right." if diagnosis == "right" else f"not yet: {diagnosis}"
    for _ in range(20):
        assert repaired_mean(REPAIRS[diagnosis]) == expected


def test_the_sample_covariance_is_a_repair():
    assert repaired_mean(lambda costs, scores: np.cov(costs, scores)[0, 1]) == "right."


@pytest.mark.parametrize(
    ("attempt", "sentence"),
    [
        (lambda costs, scores: ..., "not answered yet."),
        (lambda costs, scores: 3.0, "not yet: for 10 samples it gives 3, and not "),
        (lambda costs, scores: costs, "not yet: return one number"),
        (lambda costs: 0.0, "not yet: your answer stopped with TypeError"),
        (7, "expected a function of costs, scores; received 7."),
    ],
)
def test_other_repairs_get_a_sentence(attempt, sentence):
    assert repaired_mean(attempt).startswith(sentence)


@pytest.mark.parametrize(
    ("estimator", "count"), [(FAIR, 1), (pathwise, 1), (antithetic(pathwise), 2)]
)
def test_evaluations_are_counted(estimator, count):
    assert evaluations(estimator) == count


@pytest.mark.parametrize(
    ("attempt", "sentence"),
    [
        (lambda cost, q, eps: ..., "not answered yet."),
        (FAIR, "not yet: it is unbiased, but variance times .* 0.07222 x 1 = 0.07222 "),
        (pathwise, "not yet: it is unbiased, but .* 0.2117 x 1 = 0.2117 "),
        (antithetic(score_function), "not yet: it is unbiased, but .* x 2 = 0.08758 "),
        (lambda cost, q, eps: Gradient(eps, eps), "not yet: the mean of its terms is .*-0.27579"),
        (leave_one_out, "not yet: each term must be a function of its own eps alone"),
        (partial(pathwise, 3), "not yet: your answer stopped with TypeError"),
        (3, "expected a function of cost, q, eps; received 3"),
    ],
)
def test_estimators_that_do_not_beat_both_get_a_sentence(attempt, sentence):
    assert re.match(sentence, beats_both(attempt))
