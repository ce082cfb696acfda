"""Estimates judged in standard errors against closed forms."""

import functools
import tracemalloc

import numpy as np
import pytest

from gradlib import Cost, Gaussian, estimate, monte_carlo, pathwise, score_function

MU, SIGMA = 0.4, 0.8
DECAY = np.exp(-(SIGMA**2) / 2)
# cost -> (d/dmu, d/dsigma) of E[r(Z)] in closed form
CLOSED = {
    "z^2": (2 * MU, 2 * SIGMA),
    "z^3": (3 * MU**2 + 3 * SIGMA**2, 6 * MU * SIGMA),
    "exp(z)": (np.exp(MU + SIGMA**2 / 2), SIGMA * np.exp(MU + SIGMA**2 / 2)),
    "sin(z)": (np.cos(MU) * DECAY, -SIGMA * np.sin(MU) * DECAY),
    "cos(2z) + 3": (
        -2 * np.sin(2 * MU) * np.exp(-2 * SIGMA**2),
        -4 * SIGMA * np.cos(2 * MU) * np.exp(-2 * SIGMA**2),
    ),
}


@pytest.mark.parametrize("text", CLOSED)
def test_both_estimators_have_the_true_gradient_as_their_mean(text):
    results = monte_carlo(
        [score_function, pathwise],
        Cost(text),
        Gaussian(MU, SIGMA),
        400_000,
        np.random.default_rng(3),
    )
    for result in results:
        for found, truth in zip(result, CLOSED[text], strict=True):
            assert 0 < found.standard_error < 0.06
            assert abs(found.mean - truth) < 4 * found.standard_error


def test_estimate_is_mean_and_unbiased_variance():
    samples = np.random.default_rng(4).normal(5.0, 2.0, size=1000)
    found = estimate(samples)
    assert found.count == 1000
    np.testing.assert_allclose(found.mean, np.mean(samples))
    np.testing.assert_allclose(found.variance, np.var(samples, ddof=1))
    np.testing.assert_allclose(found.standard_error, np.std(samples, ddof=1) / np.sqrt(1000))


def test_estimate_works_along_the_first_axis():
    samples = np.random.default_rng(5).normal(size=(40, 3))
    np.testing.assert_allclose(estimate(samples).variance, samples.var(axis=0, ddof=1))


def test_one_sample_has_a_mean_and_no_variance():
    found = estimate([2.5])
    assert found.mean == 2.5
    assert np.isnan(found.variance)
    assert np.isnan(found.standard_error)


def test_several_estimators_see_the_same_draws():
    cost, q = Cost("z^2"), Gaussian(2.0, 1.0)
    twice = monte_carlo([pathwise, pathwise], cost, q, 1000, np.random.default_rng(6))
    alone = monte_carlo(pathwise, cost, q, 1000, np.random.default_rng(6))
    assert twice[0] == twice[1] == alone


def test_blocks_do_not_change_the_result():
    cost, q, n = Cost("z^2"), Gaussian(1e4, 1.0), 200_001  # a large mean: sums of squares cancel
    found = monte_carlo(pathwise, cost, q, n, np.random.default_rng(7)).mu
    eps = np.random.default_rng(7).standard_normal(n)
    terms = 2 * (1e4 + eps)
    assert found.count == n
    np.testing.assert_allclose(found.mean, terms.mean(), rtol=1e-13)
    np.testing.assert_allclose(found.variance, terms.var(ddof=1), rtol=1e-9)


def test_memory_does_not_grow_with_n():
    def peak(n):
        tracemalloc.start()
        monte_carlo(score_function, Cost("z^2"), Gaussian(0.0, 1.0), n, np.random.default_rng(8))
        size = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return size

    peak(1000)  # imports
    assert peak(2_000_000) < 1.5 * peak(200_000)


def test_on_r_d_each_coordinate_has_its_estimate():
    d = 5
    cost = Cost.from_functions(lambda z: (z**2).sum(axis=1), lambda z: 2 * z, "squares")
    mu, sigma = np.arange(d) - 2.0, np.linspace(0.5, 1.5, d)
    results = monte_carlo(
        [score_function, pathwise], cost, Gaussian(mu, sigma), 200_000, np.random.default_rng(9)
    )
    for result in results:
        for found, truth in zip(result, (2 * mu, 2 * sigma), strict=True):
            assert found.mean.shape == (d,)
            assert np.all(np.abs(found.mean - truth) < 4.5 * found.standard_error)


def test_any_callable_with_the_signature_is_an_estimator():
    with_baseline = functools.partial(score_function, baseline=5.0)
    found = monte_carlo(
        with_baseline, Cost("z^2 + 5"), Gaussian(MU, SIGMA), 100_000, np.random.default_rng(10)
    )
    plain = monte_carlo(
        score_function, Cost("z^2"), Gaussian(MU, SIGMA), 100_000, np.random.default_rng(10)
    )
    np.testing.assert_allclose(found.mu.mean, plain.mu.mean)


@pytest.mark.parametrize("n", [0, -5, 2.5, 1e5, True, "100", None])
def test_bad_n_is_refused(n):
    with pytest.raises(ValueError, match="n must be a whole number, 1 or more; received"):
        monte_carlo(pathwise, Cost("z"), Gaussian(0.0, 1.0), n, np.random.default_rng(0))


@pytest.mark.parametrize("rng", [0, None, np.random])
def test_bad_rng_is_refused(rng):
    with pytest.raises(ValueError, match=r"rng must be a numpy\.random\.Generator.*received"):
        monte_carlo(pathwise, Cost("z"), Gaussian(0.0, 1.0), 10, rng)


def test_terms_that_are_not_finite_are_refused():
    with pytest.raises(ValueError, match="samples must be finite numbers; received .* of 1000"):
        monte_carlo(pathwise, Cost("log(z)^2"), Gaussian(0.0, 1.0), 1000, np.random.default_rng(0))


@pytest.mark.parametrize("samples", [[], 3.0, np.zeros((0, 4))])
def test_no_samples_are_refused(samples):
    with pytest.raises(ValueError, match=r"samples must have shape .*; received shape"):
        estimate(samples)
