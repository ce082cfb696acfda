"""Per-sample terms against their definitions: derivatives of log q and of r(mu + sigma*eps)."""

import numpy as np
import pytest

from gradlib import Cost, Gaussian, Gradient, pathwise, score_function

EPS = np.random.default_rng(0).normal(size=50)
COSTS = ["z^2", "z^3 - 2z", "exp(z/2)", "sin(3z)", "softplus(2z)", "abs(z)", "7"]


def coupled():
    """r(z) = z0^2 + z0 z1 + sin(z2) on R^3."""
    return Cost.from_functions(
        lambda z: z[:, 0] ** 2 + z[:, 0] * z[:, 1] + np.sin(z[:, 2]),
        lambda z: np.stack([2 * z[:, 0] + z[:, 1], z[:, 0], np.cos(z[:, 2])], axis=1),
        "coupled",
    )


@pytest.mark.parametrize("text", COSTS)
def test_pathwise_terms_are_derivatives_along_the_path(text):
    cost, mu, sigma, h = Cost(text), 0.3, 1.4, 1e-5
    terms = pathwise(cost, Gaussian(mu, sigma), EPS)
    slope = (cost(mu + h + sigma * EPS) - cost(mu - h + sigma * EPS)) / (2 * h)
    np.testing.assert_allclose(terms.mu, slope, rtol=1e-7, atol=1e-7)
    slope = (cost(mu + (sigma + h) * EPS) - cost(mu + (sigma - h) * EPS)) / (2 * h)
    np.testing.assert_allclose(terms.sigma, slope, rtol=1e-7, atol=1e-7)


@pytest.mark.parametrize("text", [*COSTS, "Heaviside(z)"])
def test_score_function_terms_are_cost_times_derivative_of_log_density(text):
    cost, mu, sigma, h = Cost(text), 0.3, 1.4, 1e-5
    z = mu + sigma * EPS
    terms = score_function(cost, Gaussian(mu, sigma), EPS)
    slope = (Gaussian(mu + h, sigma).log_prob(z) - Gaussian(mu - h, sigma).log_prob(z)) / (2 * h)
    np.testing.assert_allclose(terms.mu, cost(z) * slope, rtol=1e-7, atol=1e-7)
    slope = (Gaussian(mu, sigma + h).log_prob(z) - Gaussian(mu, sigma - h).log_prob(z)) / (2 * h)
    np.testing.assert_allclose(terms.sigma, cost(z) * slope, rtol=1e-7, atol=1e-7)


def test_terms_on_r_d_are_derivatives_too():
    cost, h = coupled(), 1e-5
    mu, sigma = np.array([0.3, -1.0, 2.0]), np.array([0.5, 1.5, 1.0])
    eps = np.random.default_rng(1).normal(size=(20, 3))
    q = Gaussian(mu, sigma)
    path, score = pathwise(cost, q, eps), score_function(cost, q, eps)
    for i, step in enumerate(h * np.eye(3)):
        for index, (more, less) in enumerate(
            [
                (Gaussian(mu + step, sigma), Gaussian(mu - step, sigma)),
                (Gaussian(mu, sigma + step), Gaussian(mu, sigma - step)),
            ]
        ):
            slope = (cost(more.reparameterize(eps)) - cost(less.reparameterize(eps))) / (2 * h)
            np.testing.assert_allclose(path[index][:, i], slope, rtol=1e-6, atol=1e-6)
            z = q.reparameterize(eps)
            slope = (more.log_prob(z) - less.log_prob(z)) / (2 * h)
            np.testing.assert_allclose(score[index][:, i], cost(z) * slope, rtol=1e-6, atol=1e-6)


def test_baseline_is_subtracted_from_the_cost():
    cost, q = Cost("z^2"), Gaussian(0.5, 2.0)
    plain, score = score_function(cost, q, EPS), q.score_of_noise(EPS)
    for baseline, b in [(3.0, (3.0, 3.0)), (Gradient(1.0, -2.0), (1.0, -2.0))]:
        terms = score_function(cost, q, EPS, baseline=baseline)
        for index in (0, 1):
            np.testing.assert_allclose(terms[index], plain[index] - b[index] * score[index])


def test_baseline_on_r_d_may_differ_by_coordinate():
    q, eps = (
        Gaussian([0.0, 1.0, 2.0], [1.0, 2.0, 0.5]),
        np.random.default_rng(2).normal(size=(9, 3)),
    )
    b = Gradient(np.array([1.0, 2.0, 3.0]), np.array([-1.0, 0.0, 5.0]))
    plain, score = score_function(coupled(), q, eps), q.score_of_noise(eps)
    terms = score_function(coupled(), q, eps, baseline=b)
    for index in (0, 1):
        np.testing.assert_allclose(terms[index], plain[index] - b[index] * score[index])


@pytest.mark.parametrize(
    "baseline", [np.nan, np.inf, "mean", [1.0, 2.0], Gradient(1.0, np.nan), None]
)
def test_bad_baselines_are_refused(baseline):
    with pytest.raises(ValueError, match="baseline must be a finite number.*received"):
        score_function(Cost("z"), Gaussian(0.0, 1.0), EPS, baseline=baseline)


@pytest.mark.parametrize("estimator", [score_function, pathwise])
def test_noise_of_the_wrong_width_is_refused(estimator):
    with pytest.raises(ValueError, match=r"eps must have shape \(\.\.\., 3\)"):
        estimator(coupled(), Gaussian(np.zeros(3), np.ones(3)), np.zeros((5, 2)))
