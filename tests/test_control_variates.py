"""Control variates against closed forms, 1-D and 2-D Gauss rules, and Monte Carlo."""

from functools import partial

import numpy as np
import pytest
import reference
from scipy.optimize import brentq

from gradlib import (
    Cost,
    Gaussian,
    Gradient,
    MovingAverage,
    QuadratureError,
    Randomized,
    antithetic,
    batch_mean,
    combination,
    delta,
    estimate,
    exact_covariance,
    exact_gradient,
    exact_mean,
    exact_variance,
    leave_one_out,
    leave_one_out_variance,
    measure_valued,
    monte_carlo,
    optimal_baseline,
    optimal_weight,
    pathwise,
    score_function,
)

NINE = {
    "(z + 3)^2": lambda z: (z + 3) ** 2,
    "z^2": lambda z: z**2,
    "(z - 3)^2": lambda z: (z - 3) ** 2,
    "exp(-0.1 z^2)": lambda z: np.exp(-0.1 * z**2),
    "exp(-z^2)": lambda z: np.exp(-(z**2)),
    "exp(-10 z^2)": lambda z: np.exp(-10 * z**2),
    "cos(0.5z)": lambda z: np.cos(0.5 * z),
    "cos(1.58z)": lambda z: np.cos(1.58 * z),
    "cos(5z)": lambda z: np.cos(5 * z),
}
ROUGH = {  # the function, its derivative, and where it kinks or jumps
    "abs(z - 0.7)": (lambda z: abs(z - 0.7), lambda z: np.sign(z - 0.7), [0.7]),
    "Heaviside(z)": (lambda z: 1.0 * (z > 0), lambda z: 0 * z, [0]),
    "max(z, 0)^2 - abs(z + 1)": (
        lambda z: np.maximum(z, 0) ** 2 - abs(z + 1),
        lambda z: 2 * np.maximum(z, 0) - np.sign(z + 1),
        [0, -1],
    ),
    "Heaviside(z - 0.31) + exp(z)": (lambda z: (z > 0.31) + np.exp(z), np.exp, [0.31]),
}
PLACES = [Gaussian(0.3, 1.0), Gaussian(-1.2, 0.4)]


def measure_valued_reference(r, q, breaks=()):
    """Mean and variance of the terms: W by a 1-D rule, Maxwell M and uniform U by a 2-D one."""
    b = (np.array(breaks) - q.mu) / q.sigma
    edges = np.unique([*np.linspace(-13, 13, 53), *b, *-b])
    w, weights = reference.gauss_rule(edges[edges >= 0])
    weights = weights * w * np.exp(-(w**2) / 2)
    terms = (r(q.reparameterize(w)) - r(q.reparameterize(-w))) / q.sigma / np.sqrt(2 * np.pi)
    mu = weights @ terms, weights @ terms**2
    sigma = np.zeros(2)
    m, weights = reference.gauss_rule(edges)
    for one, weight in zip(m, weights * m**2 * np.exp(-(m**2) / 2), strict=True):
        inside = (x for x in b / one if 0 < x < 1)
        u, inner = reference.gauss_rule(np.unique([0, 0.3, 0.6, 1, *inside]))
        terms = (r(q.reparameterize(one)) - r(q.reparameterize(one * u))) / q.sigma
        sigma += weight / np.sqrt(2 * np.pi) * np.array([inner @ terms, inner @ terms**2])
    means, squares = np.transpose([mu, sigma])
    return means, squares - means**2


@pytest.mark.parametrize("text", NINE)
def test_the_nine_costs(text):
    cost, q = Cost(text), Gaussian(1.0, 1.0)
    eps, weights = reference.normal_rule(q.mu, q.sigma)
    r = NINE[text](1 + eps)
    baseline = optimal_baseline(cost, q)
    variance = exact_variance(partial(score_function, baseline=baseline), cost, q)
    for score, b, found in zip((eps, eps**2 - 1), baseline, variance, strict=True):
        best = weights @ (r * score**2) / (weights @ score**2)
        terms = (r - best) * score
        assert b == pytest.approx(best, rel=1e-9, abs=1e-12)
        assert found == pytest.approx(weights @ terms**2 - (weights @ terms) ** 2, rel=1e-9)
    means, variances = measure_valued_reference(NINE[text], q)
    np.testing.assert_allclose(exact_mean(measure_valued, cost, q), means, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(exact_variance(measure_valued, cost, q), variances, rtol=1e-9)


@pytest.mark.parametrize("k", [-3.0, 0.0, 3.0])
def test_quadratics_in_closed_form(k):
    cost, q, m = Cost(f"(z - ({k}))^2"), Gaussian(1.0, 1.0), 1 - k  # r = (m + eps)^2
    assert optimal_baseline(cost, q) == pytest.approx((m**2 + 3, m**2 + 5))
    baselined = partial(score_function, baseline=optimal_baseline(cost, q))
    expected = 8 * m**2 + 6, 40 * m**2 + 24
    assert exact_variance(baselined, cost, q) == pytest.approx(expected, rel=1e-10)
    expected = (16 / np.pi - 4) * m**2, 4 * m**2 + 4
    assert exact_variance(measure_valued, cost, q) == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize(
    ("text", "near_mu", "near_sigma"),
    [("cos({} z)", 1.0625, 1.2806), ("exp(-{} z^2)", 0.3580, 0.7519)],
)
def test_a_fair_baseline_moves_the_crossings(text, near_mu, near_sigma):
    q = Gaussian(1.0, 1.0)

    def gap(k, index):
        cost = Cost(text.format(k))
        fair = partial(score_function, baseline=optimal_baseline(cost, q))
        return exact_variance(fair, cost, q)[index] - exact_variance(pathwise, cost, q)[index]

    for index, near in enumerate((near_mu, near_sigma)):
        crossing = brentq(gap, near - 0.01, near + 0.01, args=(index,), xtol=1e-7)
        assert crossing == pytest.approx(near, abs=6e-5)


def test_any_other_baseline_costs_its_distance_squared():
    cost, q = Cost("exp(z) + abs(z)"), Gaussian(0.2, 0.7)
    best = optimal_baseline(cost, q)
    least = exact_variance(partial(score_function, baseline=best), cost, q)
    other = Gradient(best.mu + 0.3, best.sigma - 0.5)
    more = exact_variance(partial(score_function, baseline=other), cost, q)
    assert more.mu - least.mu == pytest.approx(0.3**2 / 0.7**2, rel=1e-8)
    assert more.sigma - least.sigma == pytest.approx(0.5**2 * 2 / 0.7**2, rel=1e-8)


@pytest.mark.parametrize("q", PLACES)
@pytest.mark.parametrize("text", ROUGH)
def test_measure_valued_terms_of_kinks_and_steps(text, q):
    r, _, breaks = ROUGH[text]
    means, variances = measure_valued_reference(r, q, breaks)
    np.testing.assert_allclose(exact_mean(measure_valued, Cost(text), q), means, rtol=1e-10)
    covariance = exact_covariance(measure_valued, Cost(text), q)
    np.testing.assert_allclose(covariance, np.diag(variances), rtol=1e-10)


def test_a_step_near_mu_keeps_its_digits():
    # P(mu + sigma W or M crosses the step, its partner does not): two small numbers
    b, cost, q = 1e-4, Cost("Heaviside(z - 1e-4)"), Gaussian(0.0, 1.0)
    found = exact_variance(measure_valued, cost, q)
    assert found.mu == pytest.approx((np.exp(-(b**2) / 2) - np.exp(-(b**2))) / (2 * np.pi))
    # P(eps < b < M) = P(0 < eps < b) - P(0 < M < b), the mean is b/sqrt(2 pi) to first order
    assert found.sigma == pytest.approx(b / np.sqrt(2 * np.pi) - b**2 / (2 * np.pi), rel=1e-7)


@pytest.mark.parametrize("text", ["exp(z^2/4)", "1/(z - 0.2)", "abs(z)^(-0.6)", "tan(z)"])
def test_an_infinite_measure_valued_variance_is_refused(text):
    with pytest.raises(QuadratureError):
        exact_variance(measure_valued, Cost(text), Gaussian(0.1, 1.0))


def test_large_values_do_not_overflow_before_they_must():
    found = exact_variance(measure_valued, Cost("exp(12z)"), Gaussian(0.0, 1.0)).sigma
    # E[exp(12 M) exp(12 M U)] is negligible against E[exp(24 M)] = (1 + 24^2) exp(24^2/2)
    squares = np.exp(288) * (1 + 24**2 + 1)
    assert found == pytest.approx(squares, rel=2 / 24)


def test_measure_valued_terms_are_the_paper_s():
    cost, q, eps = Cost("sin(z) + z"), Gaussian(0.4, 1.5), np.linspace(-2, 2, 8)
    found = measure_valued(cost, q, eps, np.random.default_rng(3))
    w, v = np.random.default_rng(3).rayleigh(size=(2, 8))
    maxwell = np.sign(eps) * np.sqrt(eps**2 + v**2)
    scale = 1.5 * np.sqrt(2 * np.pi)
    np.testing.assert_allclose(found.mu, (cost(0.4 + 1.5 * w) - cost(0.4 - 1.5 * w)) / scale)
    np.testing.assert_allclose(
        found.sigma, (cost(0.4 + 1.5 * maxwell) - cost(0.4 + 1.5 * eps)) / 1.5
    )


METHODS = {
    "optimal baseline": None,
    "leave-one-out": batch_mean(leave_one_out, 4),
    "mean of 3": batch_mean(pathwise, 3),
    "antithetic score function": antithetic(score_function),
    "antithetic pathwise": antithetic(pathwise),
    "delta, order 1": partial(delta, order=1),
    "delta, order 2": delta,
    "measure-valued": measure_valued,
    "combination": partial(combination, weight=Gradient(0.3, -0.2), baseline=1.5),
}


@pytest.mark.parametrize(
    ("text", "mu"), [("exp(-z^2) + 2", 0.4), ("abs(z - 0.5) + z^2", 0.1), ("sin(3z)", -0.7)]
)
def test_every_method_is_unbiased(text, mu):
    cost, q = Cost(text), Gaussian(mu, 0.8)
    optimal = partial(score_function, baseline=optimal_baseline(cost, q))
    methods = METHODS | {"optimal baseline": optimal}
    results = monte_carlo(list(methods.values()), cost, q, 150_000, np.random.default_rng(8))
    truth = exact_gradient(cost, q)
    for name, result in zip(methods, results, strict=True):
        for found, true in zip(result, truth, strict=True):
            assert abs(found.mean - true) < 4 * found.standard_error < 0.3, name
        assert exact_mean(methods[name], cost, q) == pytest.approx(truth, rel=1e-8, abs=1e-10)
        variances = exact_variance(methods[name], cost, q)
        assert [e.variance for e in result] == pytest.approx(list(variances), rel=0.04)


def test_measure_valued_second_moments_in_standard_errors():
    cost, q = Cost("abs(z - 0.7) + cos(2z)"), Gaussian(0.2, 1.3)

    def squares(cost, q, eps, rng):
        return Gradient(*(terms**2 for terms in measure_valued(cost, q, eps, rng)))

    found = monte_carlo(Randomized(squares), cost, q, 400_000, np.random.default_rng(9))
    exact = np.array(exact_variance(measure_valued, cost, q)) + np.square(exact_gradient(cost, q))
    for one, expected in zip(found, exact, strict=True):
        assert one.standard_error < 0.01 * expected
        assert abs(one.mean - expected) < 4 * one.standard_error


COUPLED = Cost.from_functions(
    lambda z: (z**2).sum(axis=1) + z[:, 0] * z[:, 1] + 5,
    lambda z: 2 * z + np.stack([z[:, 1], z[:, 0], 0 * z[:, 0]], axis=1),
    "coupled",
)
Q3 = Gaussian([0.5, -1.0, 2.0], [0.7, 1.2, 0.4])
GRADIENT3 = Gradient(np.array([0.0, -1.5, 4.0]), np.array([1.4, 2.4, 0.8]))


@pytest.mark.parametrize(
    "method",
    [
        batch_mean(leave_one_out, 3),
        antithetic(score_function),
        antithetic(measure_valued),
        measure_valued,
        delta,
    ],
)
def test_methods_on_r_d(method):
    found = monte_carlo(method, COUPLED, Q3, 60_000, np.random.default_rng(10))
    for one, true in zip(found, GRADIENT3, strict=True):
        assert one.mean.shape == (3,)
        assert np.all(np.abs(one.mean - true) < 4 * one.standard_error + 1e-8)


def test_delta_is_exact_for_quadratics():
    eps = np.random.default_rng(11).standard_normal((50, 3))
    for terms, true in zip(delta(COUPLED, Q3, eps), GRADIENT3, strict=True):
        np.testing.assert_allclose(terms, np.broadcast_to(true, (50, 3)), atol=1e-8)
    for text, mu in [("3z^2 - z + 7", 1.3), ("(z - 0.3)^2", 0.3), ("3z + 2", 0.3)]:
        cost, q = Cost(text), Gaussian(mu, 0.8)
        assert exact_mean(delta, cost, q) == pytest.approx(exact_gradient(cost, q), abs=1e-9)
        assert max(exact_variance(delta, cost, q)) < 1e-18


def test_delta_leaves_the_remainder():
    mu, sigma = 0.9, 0.7
    q = Gaussian(mu, sigma)
    cubic = exact_variance(delta, Cost("z^3 - 4z^2 + 1"), q)  # the remainder is sigma^3 eps^3
    assert cubic == pytest.approx((96 * sigma**4, 750 * sigma**4), rel=1e-8)
    square = exact_variance(partial(delta, order=1), Cost("z^2 + 5"), q)
    assert square == pytest.approx((15 * sigma**2, 74 * sigma**2), rel=1e-9)


@pytest.mark.parametrize("q", PLACES)
@pytest.mark.parametrize("text", ROUGH)
def test_antithetic_pairs_of_kinks_and_steps(text, q):
    r, slope, breaks = ROUGH[text]
    eps, weights = reference.normal_rule(q.mu, q.sigma, breaks)

    def score_terms(e):
        return np.array([r(q.mu + q.sigma * e) * s / q.sigma for s in (e, e**2 - 1)])

    def path_terms(e):
        return np.array([slope(q.mu + q.sigma * e) * dz for dz in (1 + 0 * e, e)])

    for estimator, terms in ((score_function, score_terms), (pathwise, path_terms)):
        pair = (terms(eps) + terms(-eps)) / 2
        centred = pair - (pair @ weights)[:, np.newaxis]
        found = exact_covariance(antithetic(estimator), Cost(text), q)
        np.testing.assert_allclose(found, (centred * weights) @ centred.T, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("text", ["(z - 0.3)^2", "abs(z - 0.3)", "exp(-(z - 0.3)^2)"])
@pytest.mark.parametrize("estimator", [score_function, pathwise])
def test_antithetic_pairs_of_an_even_cost_have_no_variance_for_mu(estimator, text):
    variance = exact_variance(antithetic(estimator), Cost(text), Gaussian(0.3, 1.0))
    assert 0 <= variance.mu < 1e-25
    assert variance.sigma > 0.01


def test_leave_one_out_leaves_one_out():
    cost, q, eps = Cost("z^3 + 1"), Gaussian(0.4, 0.8), np.array([0.5, -1.0, 2.0, 0.1])
    found = leave_one_out(cost, q, eps)
    for j in range(4):
        others = cost(q.reparameterize(np.delete(eps, j))).mean()
        alone = score_function(cost, q, eps[j : j + 1], baseline=others)
        np.testing.assert_allclose([found.mu[j], found.sigma[j]], np.ravel(alone), rtol=1e-12)


@pytest.mark.parametrize("m", [2, 3, 30])
def test_leave_one_out_variance_in_closed_form(m):
    # r = z: the mean of the terms for mu is the sample variance of eps
    found = leave_one_out_variance(Cost("z"), Gaussian(2.0, 1.7), m)
    assert found.mu == pytest.approx(2 / (m - 1), rel=1e-10)
    # sample covariance of eps and eps^2 - 1: moments 10 and 1 * 2, covariance 0
    assert found.sigma == pytest.approx(10 / m + 2 / (m * (m - 1)), rel=1e-10)


def test_leave_one_out_variance_in_standard_errors():
    cost, q, m = Cost("tanh(2z) + abs(z)"), Gaussian(0.2, 0.7), 4
    eps = np.random.default_rng(12).standard_normal((m, 200_000))
    expected = leave_one_out_variance(cost, q, m)
    truth = exact_gradient(cost, q)
    for terms, variance, true in zip(leave_one_out(cost, q, eps), expected, truth, strict=True):
        means = terms.mean(axis=0)
        for found, value in ((estimate(means), true), (estimate((means - true) ** 2), variance)):
            assert found.standard_error < 0.03 * abs(value)
            assert abs(found.mean - value) < 4 * found.standard_error


def test_leave_one_out_is_the_same_however_the_cost_was_made():
    # m = 4 samples of each of n = 5 estimates
    q, eps = Gaussian(0.4, 0.8), np.random.default_rng(16).standard_normal((4, 5))
    functions = Cost.from_functions(lambda z: z**3 + 1, lambda z: 3 * z**2, "functions")
    for terms in zip(
        *(leave_one_out(c, q, eps) for c in (Cost("z^3 + 1"), functions)), strict=True
    ):
        np.testing.assert_allclose(*terms, rtol=1e-12)
    for j in range(5):
        column = leave_one_out(functions, q, eps[:, j])
        np.testing.assert_allclose(leave_one_out(functions, q, eps).mu[:, j], column.mu)


def test_leave_one_out_of_a_batch_of_gaussians():
    # K = 6 samples for each of n = 2 rows: each row is a case on R^3
    q = Gaussian(np.stack([Q3.mu, -Q3.mu]), np.stack([Q3.sigma, 2 * Q3.sigma]))
    cost = Cost.from_functions(
        lambda z: (z**3).sum(axis=-1), lambda z: 3 * z**2, "cubes, for rows and batches"
    )
    eps = np.random.default_rng(17).standard_normal((6, 2, 3))
    found = leave_one_out(cost, q, eps)
    for row in (0, 1):
        alone = leave_one_out(cost, Gaussian(q.mu[row], q.sigma[row]), eps[:, row])
        np.testing.assert_allclose(found.mu[:, row], alone.mu)
        np.testing.assert_allclose(found.sigma[:, row], alone.sigma)


def sample_covariance_moments(r, m, points=7):
    """Mean and 2x2 covariance of the sample covariances of r with the scores of N(0, 1)."""
    eps, weights = reference.normal_grid(points, m)
    grid = eps.T
    value = r(grid)
    pair = [
        ((value - value.mean(axis=0)) * (s - s.mean(axis=0))).sum(axis=0) / (m - 1)
        for s in (grid, grid**2 - 1)
    ]
    mean = np.array(pair) @ weights
    centred = np.array(pair) - mean[:, np.newaxis]
    return mean, (centred * weights) @ centred.T


@pytest.mark.parametrize("m", [2, 3, 4])
def test_the_covariance_of_leave_one_out_means(m):
    q, cost = Gaussian(0.0, 1.0), Cost("z^2 - z + 1")
    mean, covariance = sample_covariance_moments(lambda z: z**2 - z + 1, m)
    batch = batch_mean(leave_one_out, m)
    np.testing.assert_allclose(exact_mean(batch, cost, q), mean, rtol=1e-9)
    np.testing.assert_allclose(exact_covariance(batch, cost, q), covariance, rtol=1e-9)


def test_batch_means_of_other_estimators():
    cost, q = Cost("sin(2z) + z"), Gaussian(0.3, 0.7)
    for one in (pathwise, measure_valued):
        batch = batch_mean(one, 5)
        assert exact_mean(batch, cost, q) == pytest.approx(exact_mean(one, cost, q), rel=1e-12)
        np.testing.assert_allclose(
            exact_covariance(batch, cost, q), exact_covariance(one, cost, q) / 5, rtol=1e-12
        )
    with pytest.raises(ValueError, match="antithetic_pair"):
        exact_mean(batch_mean(antithetic(leave_one_out), 4), cost, q)


def test_the_first_sample_of_a_batch_is_eps():
    cost, q, eps = Cost("z^3"), Gaussian(0.3, 0.7), np.linspace(-1, 1, 5)
    others = np.random.default_rng(18).standard_normal((3, 5))
    terms = leave_one_out(cost, q, np.stack([eps, *others]))
    found = batch_mean(leave_one_out, 4)(cost, q, eps, np.random.default_rng(18))
    np.testing.assert_allclose(found, [t.mean(axis=0) for t in terms], rtol=1e-14)


def in_sample(cost, q, eps):
    return score_function(cost, q, eps, baseline=cost(q.reparameterize(eps)).mean())


def in_sample_columns(cost, q, eps):
    value = cost(q.reparameterize(eps))
    score = q.score_of_noise(eps)
    return Gradient(*((value - value.mean(axis=0)) * s for s in score))


def test_a_batch_of_batches_is_not_mixed():
    with pytest.raises(ValueError, match="first axis of eps .*; in_sample mixes the batches"):
        batch_mean(in_sample, 4)
    # means along the first axis are right, and short by the factor 1 - 1/m
    found = monte_carlo(
        batch_mean(in_sample_columns, 4), Cost("z"), Gaussian(0.0, 1.0), 40_000, rng(19)
    )
    assert abs(found.mu.mean - 0.75) < 4 * found.mu.standard_error < 0.02


def rng(seed):
    return np.random.default_rng(seed)


@pytest.mark.parametrize(
    "method", [leave_one_out, antithetic(leave_one_out), in_sample, in_sample_columns]
)
@pytest.mark.parametrize("text", ["z^2", "max(z - 3, 0)", "Heaviside(z - 5)", "0"])
def test_terms_that_share_samples_are_refused(method, text):
    for average in (exact_mean, exact_variance, partial(monte_carlo, n=100, rng=rng(0))):
        with pytest.raises(ValueError, match=r"other samples: batch_mean\(estimator, m\)"):
            average(method, Cost(text), Gaussian(0.0, 1.0))


def test_the_moving_average_is_that_of_earlier_batches():
    draws, moving, baseline = rng(13), MovingAverage(decay=0.8), 0.0
    for batch in range(6):
        costs = draws.standard_normal(5) + 10
        assert moving.value == pytest.approx(baseline, rel=1e-12)
        baseline = costs.mean() if batch == 0 else 0.8 * baseline + 0.2 * costs.mean()
        moving.update(costs)
    assert moving.value == pytest.approx(baseline, rel=1e-12)


def test_a_moving_average_without_a_memory_is_the_last_mean():
    moving = MovingAverage(0)
    for costs in ([1.0, 5.0], [2.0]):
        moving.update(costs)
        assert moving.value == np.mean(costs)


def test_a_moving_average_is_no_estimator():
    moving = MovingAverage()
    moving.update([3.0])
    for average in (exact_mean, exact_variance, partial(monte_carlo, n=10, rng=rng(0))):
        with pytest.raises(ValueError, match="estimator must be .*; received MovingAverage"):
            average(moving, Cost("z^2"), Gaussian(0.0, 1.0))
    assert (moving.value, moving.updates) == (3.0, 1)


def leave_one_out_step(cost, q, eps, moving):
    return leave_one_out(cost, q, eps)


def moving_step(cost, q, eps, moving):
    terms = score_function(cost, q, eps, baseline=moving.value)
    moving.update(cost(q.reparameterize(eps)))
    return terms


@pytest.mark.parametrize("step", [leave_one_out_step, moving_step])
def test_baselines_over_many_updates(step):
    # the parameters move from update to update, and with them the true gradient (2 mu, 2 sigma)
    cost, draws, moving, errors = Cost("z^2 + 10"), rng(14), MovingAverage(), []
    for update in range(3000):
        q = Gaussian(2 * np.cos(update / 100), 0.5 + 0.4 * np.sin(update / 70))
        terms = step(cost, q, draws.standard_normal(4), moving)
        errors.append([terms.mu.mean() - 2 * q.mu, terms.sigma.mean() - 2 * q.sigma])
    found = estimate(np.array(errors))
    assert np.all(np.abs(found.mean) < 4 * found.standard_error)
    plain = exact_variance(score_function, cost, Gaussian(0.0, 0.5))
    assert np.all(found.variance < 0.25 * np.array(plain))  # a fourth for the batch of 4


def test_the_optimal_weight_in_closed_form():
    # r = z^2, N(2, 1), d/dmu: variances 87 and 4, covariance 14
    weight = optimal_weight(Cost("z^2"), Gaussian(2.0, 1.0))
    assert weight.mu == pytest.approx(-10 / 63, rel=1e-10)
    best = exact_variance(partial(combination, weight=weight), Cost("z^2"), Gaussian(2.0, 1.0))
    assert best.mu == pytest.approx(4 - 10**2 / 63, rel=1e-10)


@pytest.mark.parametrize("baseline", [0.0, Gradient(0.4, 0.2)])
def test_no_other_weight_does_better(baseline):
    cost, q = Cost("cos(1.2z) + abs(z)"), Gaussian(0.8, 1.0)
    weight = optimal_weight(cost, q, baseline)

    def variance(w):
        return np.array(exact_variance(partial(combination, weight=w, baseline=baseline), cost, q))

    best = variance(weight)
    for step in (-0.1, 0.1):
        assert np.all(variance(Gradient(weight.mu + step, weight.sigma + step)) > best)
    assert np.all(best < variance(0.0))
    assert np.all(best < variance(1.0))
    np.testing.assert_allclose(variance(0.0), exact_variance(pathwise, cost, q), rtol=1e-10)


def test_two_equal_terms_need_no_weight():
    assert optimal_weight(Cost("5"), Gaussian(0.3, 1.0), baseline=5.0) == (0, 0)


def test_a_step_cannot_be_combined():
    with pytest.raises(ValueError, match=r"unbiased .* Heaviside\(z\) .* 0.398942 and pathwise 0$"):
        optimal_weight(Cost("Heaviside(z)"), Gaussian(0.0, 1.0))
    with pytest.raises(ValueError, match=r"unbiased .* -0.398942 and pathwise 0$"):
        optimal_weight(Cost("-Heaviside(z)"), Gaussian(0.0, 1.0))


def test_antithetic_pairs_of_randomized_terms():
    cost, q, eps = Cost("exp(z)"), Gaussian(0.3, 0.7), np.linspace(-2, 2, 7)
    pair = antithetic(measure_valued)
    assert isinstance(pair, Randomized)
    shared = rng(20)
    here, there = (measure_valued(cost, q, e, shared) for e in (eps, -eps))
    np.testing.assert_allclose(pair(cost, q, eps, rng(20)), np.add(here, there) / 2, rtol=1e-14)
    with pytest.raises(ValueError, match="antithetic_pair"):  # its moments are not known
        exact_variance(pair, cost, q)


def test_a_bound_generator_makes_measure_valued_a_plain_estimator():
    cost, q, eps = Cost("exp(z)"), Gaussian(0.3, 0.7), np.linspace(-2, 2, 7)
    mine = partial(measure_valued, rng=rng(21))
    np.testing.assert_array_equal(mine(cost, q, eps), measure_valued(cost, q, eps, rng(21)))
    with pytest.raises(ValueError, match="random numbers that are not in eps"):
        exact_variance(mine, cost, q)
    untouched = partial(measure_valued, rng=rng(21))(cost, q, eps)
    np.testing.assert_array_equal(untouched, measure_valued(cost, q, eps, rng(21)))


def test_a_variance_is_never_negative():
    for text, mu in [("z^2", 0.0), ("cos(pi z)", 1.0), ("5", 0.3), ("exp(-(z - 0.3)^2)", 0.3)]:
        variance = exact_variance(measure_valued, Cost(text), Gaussian(mu, 1.0))
        assert min(variance) >= 0
        assert variance.mu < 1e-20


def test_measure_valued_variances_take_few_evaluations():
    # the integral R of r is as exact as the nodes allow: it calls for no further ones
    points = []
    cost = Cost.from_functions(
        lambda z: points.append(z.size) or np.sin(3 * z) + z, lambda z: 0 * z, "counted", [0.0]
    )
    exact_variance(measure_valued, cost, Gaussian(0.0, 1.0))
    few, plain = sum(points), Cost("sin(3z) + z")
    points.clear()
    exact_variance(score_function, cost, Gaussian(0.0, 1.0))
    assert few < 12 * sum(points)  # six for R, three for the others, and the sides of mu
    found = exact_variance(measure_valued, cost, Gaussian(0.0, 1.0))
    assert found == pytest.approx(exact_variance(measure_valued, plain, Gaussian(0.0, 1.0)))


def test_weights_of_numpy_s_types():
    cost, q, eps = Cost("z^2"), Gaussian(0.3, 0.7), np.linspace(-1, 1, 5)
    expected = combination(cost, q, eps, weight=0.25)
    for weight in (np.float32(0.25), np.float64(0.25), np.array(0.25), Gradient(0.25, 0.25)):
        np.testing.assert_allclose(combination(cost, q, eps, weight=weight), expected)
    each = Gradient(np.array([0.5, 1.0, 2.0]), np.zeros(3))
    found = combination(COUPLED, Q3, np.ones((4, 3)), weight=each)
    score, path = (f(COUPLED, Q3, np.ones((4, 3))) for f in (score_function, pathwise))
    np.testing.assert_allclose(found.mu, each.mu * score.mu + (1 - each.mu) * path.mu)
    np.testing.assert_allclose(found.sigma, path.sigma)


@pytest.mark.parametrize("d", [1, 3])
def test_delta_in_a_batch_of_gaussians(d):
    q = Gaussian(np.linspace(-1, 1, 2 * d).reshape(2, d), np.linspace(0.5, 1, 2 * d).reshape(2, d))
    cost = Cost.from_functions(
        lambda z: np.exp(z.sum(axis=-1)),
        lambda z: np.exp(z.sum(axis=-1, keepdims=True)) + 0 * z,
        "exp of a sum",
    )
    eps = rng(22).standard_normal((5, 2, d))
    for order in (1, 2):
        found = delta(cost, q, eps, order)
        for row in (0, 1):
            alone = delta(cost, Gaussian(q.mu[row], q.sigma[row]), eps[:, row], order)
            np.testing.assert_allclose(found.mu[:, row], alone.mu, rtol=1e-9)
            np.testing.assert_allclose(found.sigma[:, row], alone.sigma, rtol=1e-9)


def test_delta_is_zero_where_only_rounding_is_left():
    quadratics = [("z^2", 0.0), ("3z^2 - z + 7", 1.3), ("z^2", 1e3), ("3z + 2", 0.3)]
    more = [("(z - 0.3)^2", 0.3), ("(z - 1000)^2", 1e3), ("z^2 + 1e6 z", 0.3)]
    for text, mu in [*quadratics, *more]:
        q, eps = Gaussian(mu, 0.8), np.linspace(-5, 5, 101)
        for terms in delta(Cost(text), q, eps):
            assert np.ptp(terms) == 0, text
    assert max(exact_variance(delta, Cost("z^2"), Gaussian(0.0, 1.0))) < 1e-30


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda c, q: leave_one_out(c, q, np.array([0.5])), r"two samples.*received.*\(1,\)"),
        (lambda c, q: leave_one_out(c, q, 0.5), r"two samples.*received.*\(\)"),
        (lambda c, q: leave_one_out_variance(c, q, 1), "m must be .* received 1"),
        (lambda c, q: MovingAverage(1.0), "decay must be .* received 1.0"),
        (lambda c, q: MovingAverage("high"), "decay must be .* received 'high'"),
        (lambda c, q: MovingAverage(np.nan), "decay must be .* received nan"),
        (lambda c, q: MovingAverage().update([]), "costs must be finite numbers"),
        (lambda c, q: MovingAverage().update([np.nan, 1.0]), "costs must be .* received"),
        (lambda c, q: batch_mean(pathwise, 0), "m must be .* received 0"),
        (
            lambda c, q: exact_variance(batch_mean(leave_one_out, 1), c, q),
            "m must be .* received 1",
        ),
        (lambda c, q: delta(c, q, np.zeros(3), order=3), "order must be 1 or 2; received 3"),
        (lambda c, q: delta(Cost("1/z"), q, np.zeros(3)), r"at mu = 0.0; received 1/z"),
        (lambda c, q: combination(c, q, np.zeros(3), weight="half"), "weight .* received 'half'"),
        (lambda c, q: combination(c, q, np.zeros(3), weight=np.nan), "weight .* received nan"),
        (lambda c, q: combination(c, q, np.zeros(3), weight=1j), "weight .* received 1j"),
        (lambda c, q: combination(c, q, np.zeros(3), weight=None), "weight .* received None"),
        (
            lambda c, q: combination(c, q, np.zeros(3), weight=np.ones(3)),
            r"weight .*\[1., 1., 1.\]",
        ),
        (lambda c, q: delta(c, q, 1j), "eps must be real numbers; received 1j"),
        (lambda c, q: measure_valued(c, q, None, rng(0)), "eps must be real numbers"),
        (lambda c, q: leave_one_out("z", q, np.zeros(3)), "cost must be a Cost, .*; received 'z'"),
        (lambda c, q: optimal_baseline("z", q), "cost must be a Cost, .*; received 'z'"),
        (lambda c, q: optimal_weight(c, 3), "q must be a Gaussian, .*; received 3"),
        (lambda c, q: optimal_baseline(COUPLED, Q3), "use monte_carlo"),
        (lambda c, q: optimal_weight(COUPLED, Q3), "use monte_carlo"),
        (lambda c, q: exact_variance(measure_valued, COUPLED, Q3), "use monte_carlo"),
        (lambda c, q: leave_one_out_variance(COUPLED, Q3, 4), "use monte_carlo"),
        (lambda c, q: measure_valued(c, q, np.zeros(3), 7), "rng must be .* received 7"),
        (lambda c, q: antithetic("pathwise"), "estimator must be .* received 'pathwise'"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call(Cost("z^2"), Gaussian(0.0, 1.0))


def test_delta_needs_a_finite_value_at_mu():
    pole = Cost.from_functions(lambda z: np.where(z == 0, np.inf, z), lambda z: 1 + 0 * z, "pole")
    with pytest.raises(ValueError, match="finite at mu = 0.0; received pole"):
        delta(pole, Gaussian(0.0, 1.0), np.ones(2))
