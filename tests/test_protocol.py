"""The experiment that finds out what an estimator's terms depend on."""

from functools import partial

import numpy as np
import pytest

from gradlib import (
    Cost,
    Gaussian,
    Gradient,
    antithetic,
    batch_mean,
    combination,
    delta,
    exact_variance,
    leave_one_out,
    measure_valued,
    monte_carlo,
    pathwise,
    score_function,
)
from gradlib.protocol import COMPANY, NOISE, dependence, require_own_eps

SHAPES = [(), (1,), (3,), (2, 3)]


def with_baseline(make):
    """Score function with a baseline that is made from the costs of the batch."""

    def estimator(cost, q, eps):
        value, score = cost(q.reparameterize(eps)), q.score_of_noise(eps)
        advantage = value - make(value)
        return Gradient(
            *((advantage[..., np.newaxis] if q.shape else advantage) * s for s in score)
        )

    return estimator


def neighbours(value):
    """The mean of each two: their order matters, and no other sample does."""
    return value.reshape(-1, 2, *value.shape[1:]).mean(axis=1).repeat(2, axis=0)


BATCH_MADE = {
    "mean": with_baseline(lambda r: r.mean(axis=0)),
    "mean of all": with_baseline(np.mean),
    "median": with_baseline(lambda r: np.median(r, axis=0)),
    "earlier samples": with_baseline(
        lambda r: (
            (np.cumsum(r, axis=0) - r) / np.arange(1, len(r) + 1).reshape(-1, *[1] * (r.ndim - 1))
        )
    ),
    "later samples": with_baseline(lambda r: np.cumsum(r[::-1], axis=0)[::-1] - r),
    "the first": with_baseline(lambda r: r[:1]),
    "the last": with_baseline(lambda r: r[-1:]),
    "its neighbour": with_baseline(neighbours),
    "the mirror image": with_baseline(lambda r: r[::-1]),
    "their number": with_baseline(lambda r: len(r)),
    "a small share of the mean": with_baseline(lambda r: 1e-6 * r.mean(axis=0)),
    "leave one out": leave_one_out,
    "pairs of them": antithetic(leave_one_out),
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", BATCH_MADE)
def test_a_baseline_made_from_the_batch_is_found(name, shape):
    assert dependence(BATCH_MADE[name], shape) == COMPANY


def looks_at_the_expression(cost, q, eps):
    """Works for formulas only."""
    return Gradient(eps * cost.expression.count_ops(), eps)


def looks_and_mixes(cost, q, eps):
    return Gradient(eps.mean() + 0 * eps * cost.expression.count_ops(), eps)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(
    "estimator",
    [
        score_function,
        pathwise,
        delta,
        partial(delta, order=1),
        partial(score_function, baseline=2.0),
        partial(combination, weight=0.3),
        antithetic(pathwise),
        lambda cost, q, eps: pathwise(cost, q, eps),
        lambda cost, q, eps: Gradient(0 * eps, np.nan * eps),
        looks_at_the_expression,
    ],
)
def test_terms_of_their_own_eps_are_let_pass(estimator, shape):
    assert dependence(estimator, shape) is None


def test_an_estimator_that_needs_a_formula_is_tried_with_one():
    assert dependence(looks_and_mixes, ()) == COMPANY
    found = exact_variance(looks_at_the_expression, Cost("z^2"), Gaussian(0.0, 1.0))
    assert found == pytest.approx((1, 1))


def test_noise_is_found_and_the_generator_is_not_advanced():
    rng = np.random.default_rng(1)
    before = rng.bit_generator.state
    assert dependence(partial(measure_valued, rng=rng), ()) == NOISE
    assert rng.bit_generator.state == before
    q = Gaussian(0.0, 1.0)
    require_own_eps(partial(measure_valued, rng=rng), q, noise=True)
    with pytest.raises(ValueError, match="random numbers that are not in eps"):
        require_own_eps(partial(measure_valued, rng=rng), q)


def test_randomized_estimators_are_taken_at_their_word():
    for one in (measure_valued, antithetic(measure_valued), batch_mean(leave_one_out, 3)):
        require_own_eps(one, Gaussian(0.0, 1.0))


class Counting:
    """An estimator with a state: the mean cost of the earlier calls is its baseline."""

    baseline, calls = 0.0, 0

    def __call__(self, cost, q, eps):
        terms = score_function(cost, q, eps, baseline=self.baseline)
        self.baseline, self.calls = float(cost(q.reparameterize(eps)).mean()), self.calls + 1
        return terms


def test_a_refusal_does_not_change_the_estimator():
    moving = Counting()
    for average in (
        exact_variance,
        partial(monte_carlo, n=10, rng=np.random.default_rng(0), threads=2),
    ):
        with pytest.raises(ValueError, match="depend on"):
            average(moving, Cost("z^2"), Gaussian(0.0, 1.0))
    assert (moving.baseline, moving.calls) == (0.0, 0)
