"""Per-sample terms against their definitions: derivatives of log q and of r(mu + sigma*eps)."""

import numpy as np
import pytest

from gradlib import Cost, Gaussian, Gradient, Randomized, pathwise, score_function

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
    "baseline",
    [
        *(np.nan, np.inf, 10**400, "mean", "3", 1j, None, [1.0, 2.0], np.zeros(50)),
        *(Gradient(1.0, np.nan), Gradient(1.0, None), Gradient(np.zeros(3), 0.0)),
        *(np.datetime64("2020-01-01"), np.ma.masked_array(1.0, True), {}, [None]),
    ],
)
def test_bad_baselines_are_refused(baseline):
    with pytest.raises(ValueError, match="baseline must be a finite number.*received"):
        score_function(Cost("z"), Gaussian(0.0, 1.0), EPS, baseline=baseline)


@pytest.mark.parametrize("baseline", [2, np.float32(2), np.int64(2), np.array(2.0), True + True])
def test_baselines_of_other_types_are_numbers_too(baseline):
    cost, q = Cost("z^2"), Gaussian(0.5, 2.0)
    expected = score_function(cost, q, EPS, baseline=2.0)
    np.testing.assert_array_equal(score_function(cost, q, EPS, baseline=baseline), expected)


@pytest.mark.parametrize("estimator", [score_function, pathwise])
@pytest.mark.parametrize(
    ("cost", "q", "eps", "message"),
    [
        ("z^2", Gaussian(0.0, 1.0), EPS, "cost must be a Cost, .*; received 'z"),
        (np.sin, Gaussian(0.0, 1.0), EPS, "cost must be a Cost, .*; received <ufunc 'sin'>"),
        (Cost("z"), (0.0, 1.0), EPS, r"q must be a Gaussian, .*; received \(0.0, 1.0\)"),
        (Cost("z"), Gaussian(0.0, 1.0), None, "eps must be real numbers; received None"),
        (Cost("z"), Gaussian(0.0, 1.0), [1j], r"eps must be real numbers; received \[1j\]"),
        (Cost("z"), Gaussian([0.0], [1.0]), EPS[:, None], r"a formula is a cost on R; .*\(1,\)"),
        (Cost("z"), Gaussian([0.0] * 2, [1.0] * 2), np.zeros((2, 2)), "use Cost.from_functions"),
    ],
)
def test_bad_arguments_are_refused(estimator, cost, q, eps, message):
    with pytest.raises(ValueError, match=message):
        estimator(cost, q, eps)


@pytest.mark.parametrize("estimator", [score_function, pathwise])
@pytest.mark.parametrize("shape", [(), (3,), (2, 3)])
def test_float32_stays_float32(estimator, shape):
    q = Gaussian(np.full(shape, 0.5, "f4")[()], np.full(shape, 2.0, "f4")[()])
    cost = Cost.from_functions(
        lambda z: (z**2).sum(axis=-1) if shape else z**2, lambda z: 2 * z, "squares"
    )
    eps = np.random.default_rng(3).standard_normal((7, *shape), dtype="f4")
    score = q.score(q.reparameterize(eps))
    for array in (q.reparameterize(eps), *score, *estimator(cost, q, eps)):
        assert array.dtype == np.float32
    wide = estimator(cost, Gaussian(q.mu, q.sigma), eps.astype(float))
    np.testing.assert_allclose(estimator(cost, q, eps), wide, rtol=1e-4, atol=1e-4)


def test_samples_of_several_estimates_at_once():
    # (m, n) on R, (m, n, d) on R^d, (m, K, n, d) in a batch: each column is a case of its own
    rows = Cost.from_functions(lambda z: np.einsum("knd,knd->kn", z, z), lambda z: 2 * z, "rows")
    for cost, q in [
        (Cost("z^3"), Gaussian(0.3, 0.7)),
        (coupled(), Gaussian([0.3] * 3, [0.7] * 3)),
        (rows, Gaussian(np.full((2, 3), 0.3), np.full((2, 3), 0.7))),
    ]:
        eps = np.random.default_rng(4).standard_normal((4, 5, *q.shape))
        for estimator in (score_function, pathwise):
            found = estimator(cost, q, eps)
            for j in range(5):
                for terms, alone in zip(found, estimator(cost, q, eps[:, j]), strict=True):
                    np.testing.assert_allclose(terms[:, j], alone, rtol=1e-14)


@pytest.mark.parametrize("estimator", [score_function, pathwise])
def test_noise_of_the_wrong_width_is_refused(estimator):
    with pytest.raises(ValueError, match=r"eps must have shape \(\.\.\., 3\)"):
        estimator(coupled(), Gaussian(np.zeros(3), np.ones(3)), np.zeros((5, 2)))


def test_a_randomized_estimator_needs_a_generator():
    def noisy(cost, q, eps, rng):
        return Gradient(rng.standard_normal(eps.shape), eps)

    one = Randomized(noisy)
    cost, q = Cost("z"), Gaussian(0.0, 1.0)
    expected = noisy(cost, q, EPS, np.random.default_rng(5))
    np.testing.assert_array_equal(one(cost, q, EPS, np.random.default_rng(5)), expected)
    for rng in (None, 7, np.random):
        with pytest.raises(ValueError, match="rng must be a Generator, .*; received"):
            one(cost, q, EPS, rng)
