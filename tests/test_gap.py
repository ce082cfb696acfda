"""The gap theorem against the two variances, which are computed another way, and the crossings."""

import re

import numpy as np
import pytest

from gradlib import (
    Cost,
    Gaussian,
    QuadratureError,
    crossings,
    exact_covariance,
    expectation,
    gap_kernel,
    gap_matrix,
    pathwise,
    score_function,
    variance_gap,
)
from gradlib.estimators import values

COSTS = [
    "3",
    "z",
    "z^2 - 4z",
    "z^3 - z + 2",
    "exp(2z)",
    "exp(8z)",
    "cos(3z) + 0.5",
    "sin(150z)",
    "exp(-30(z - 0.2)^2)",
    "abs(z) + 1",
    "max(z, 0) z - 1",
    "max(1 - abs(z), 0)",
    "abs(sin(5z))",
    "softplus(40z)",
    "tanh(z)",
    "1/(0.01 + z^2)",
]


@pytest.mark.parametrize("text", COSTS)
@pytest.mark.parametrize(("mu", "sigma"), [(0.3, 1.0), (-1.2, 0.05), (2.0, 1.7)])
def test_the_theorem_predicts_the_gap_of_the_variances(text, mu, sigma):
    cost, q = Cost(text), Gaussian(mu, sigma)
    first, second = (exact_covariance(e, cost, q) for e in (score_function, pathwise))
    deviations = np.sqrt(np.diag(first) + np.diag(second)) + 1e-150
    matrix = gap_matrix(cost, q)
    np.testing.assert_array_less(
        np.abs(matrix - (first - second)), 1e-9 * np.outer(deviations, deviations)
    )
    assert variance_gap(cost, q) == pytest.approx(np.diag(matrix), rel=1e-15)


def test_numbers_in_print():
    assert variance_gap(Cost("z^2"), Gaussian(2, 1)).mu == pytest.approx(83, rel=1e-12)
    kink = Cost("abs(z) + 1"), Gaussian(0.3, 1)
    assert variance_gap(*kink).mu == pytest.approx(6.283, abs=5e-4)
    matrix = gap_matrix(Cost("cos(1.05 z)"), Gaussian(0.967, 1))
    assert (np.diag(matrix) > 0).all()
    assert np.linalg.eigvalsh(matrix)[0] < 0


def test_along_a_parameter_the_gap_is_a_quadratic_form():
    cost, q, w = Cost("cos(1.05 z)"), Gaussian(0.967, 1.0), np.array([1.0, -0.5])
    variances = (w @ exact_covariance(e, cost, q) @ w for e in (score_function, pathwise))
    assert w @ gap_matrix(cost, q) @ w == pytest.approx(np.subtract(*variances), rel=1e-9)


def test_convex_costs_are_won_by_pathwise_in_every_direction_that_was_tried():
    rng = np.random.default_rng(4)
    for _ in range(60):
        hinges = zip(rng.exponential(size=4), rng.choice([-1, 1], 4), 2 * rng.normal(size=4))
        text = " + ".join(f"{a:.3f} max({s} * (z - ({k:.3f})), 0)" for a, s, k in hinges)
        cost, q = Cost(f"{rng.exponential():.3f} + {text}"), Gaussian(0.0, 1.0)
        assert np.linalg.eigvalsh(gap_matrix(cost, q))[0] > 0
        first, second = (exact_covariance(e, cost, q) for e in (score_function, pathwise))
        assert (np.diag(first) >= 2 * np.diag(second)).all()


def kernel_matrix(cost, q):
    """E[k (1, eps)^T (1, eps)], and the second moments that its error is judged against."""

    def entries(cost, q, eps):
        return gap_kernel(cost, q, eps) * np.array([eps**0, eps, eps**2])

    def squares(cost, q, eps):
        r = values(cost, q, eps)
        score = r * eps / q.sigma, r * (eps**2 - 1) / q.sigma
        return np.array(score), np.array(score)

    first, shared, second = expectation(entries, cost, q)
    return np.array([[first, shared], [shared, second]]), max(expectation(squares, cost, q))


SMOOTH = ["3", "z^2 - 4z", "z^3 - z + 2", "exp(2z)", "cos(3z) + 0.5", "tanh(z)", "softplus(4z)"]


@pytest.mark.parametrize("text", SMOOTH)
@pytest.mark.parametrize(("mu", "sigma"), [(0.3, 1.0), (-1.2, 0.05), (2.0, 1.7)])
def test_the_mean_of_the_kernel_is_the_gap_of_a_smooth_cost(text, mu, sigma):
    cost, q = Cost(text), Gaussian(mu, sigma)
    matrix, size = kernel_matrix(cost, q)
    np.testing.assert_allclose(matrix, gap_matrix(cost, q), rtol=0, atol=1e-10 * size)


@pytest.mark.parametrize(
    ("text", "kinks"),  # where r' rises, and by how much
    [
        ("abs(z) + 1", [(0.0, 2.0)]),
        ("max(1 - abs(z), 0)", [(-1.0, 1.0), (0.0, -2.0), (1.0, 1.0)]),
        ("z^2 + 3 max(z - 0.7, 0)", [(0.7, 3.0)]),
    ],
)
def test_a_kink_adds_a_point_mass(text, kinks):
    cost, q = Cost(text), Gaussian(0.3, 1.3)
    matrix, size = kernel_matrix(cost, q)
    for z, rise in kinks:
        v = np.array([1, q.standardize(z)])
        matrix += cost(z) * rise * np.exp(q.log_prob(z)) * np.outer(v, v)
    np.testing.assert_allclose(matrix, gap_matrix(cost, q), rtol=0, atol=1e-10 * size)


def test_the_kernel_alone_misses_the_kink():
    cost, q = Cost("abs(z) + 1"), Gaussian(0.3, 1.0)
    assert kernel_matrix(cost, q)[0][0, 0] == pytest.approx(5.520, abs=5e-4)
    assert gap_matrix(cost, q)[0, 0] == pytest.approx(6.283, abs=5e-4)


def test_the_kernel_at_points():
    eps = np.array([[0.0, 1.0, -2.0]])
    kernel = gap_kernel(Cost("z^2"), Gaussian(1.0, 0.5), eps)  # r r'' = 2 z^2
    z = 1 + 0.5 * eps
    np.testing.assert_allclose(kernel, 2 * z**2 + 2 * (1 + eps**2) * z**4, rtol=1e-14)
    assert kernel.shape == eps.shape


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("z", Gaussian(0.0, 1.0), np.ones(2)), "cost must be a Cost"),
        ((Cost("z"), 3, np.ones(2)), "q must be a Gaussian"),
        ((Cost("z"), Gaussian(0.0, 1.0), "a"), "eps must be real numbers"),
        (
            (Cost.from_functions(np.sin, np.cos, "sine"), Gaussian(0.0, 1.0), np.ones(2)),
            "sine is a cost from functions: it has no second derivative",
        ),
    ],
)
def test_a_kernel_of_something_else_is_refused(arguments, sentence):
    with pytest.raises(ValueError, match=sentence):
        gap_kernel(*arguments)


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("Heaviside(z - 0.5) + z^2", "0.5"),
        ("sign(z)", "0"),
        ("1e6 z^2 + Heaviside(z)", "0"),
        ("z^2 + 1e-6 Heaviside(z - 3)", "3"),
        ("max(Heaviside(z + 2), 0.5)", "-2"),
        ("z Heaviside(sin(z) - 2) + sign(abs(z) - 1)", "-1"),
    ],
)
def test_a_step_is_refused_with_the_reason(text, where):
    with pytest.raises(ValueError, match=rf"without jumps; .* jumps at z = {where}: .* biased"):
        gap_matrix(Cost(text), Gaussian(0.3, 1.0))


@pytest.mark.parametrize(
    ("place", "mu", "sigma"), [(97, 100, 1), (-97, -100, 1), (200, 0, 100), (-200, 0, 100)]
)
def test_a_step_is_found_wherever_the_bell_is(place, mu, sigma):
    with pytest.raises(ValueError, match=rf"jumps at z = {place}:"):
        variance_gap(Cost(f"Heaviside(z - ({place}))"), Gaussian(mu, sigma))


@pytest.mark.parametrize("sigma", [1e-3, 1.0, 1e3])
def test_a_small_step_is_seen_at_any_sigma(sigma):
    with pytest.raises(ValueError, match="jumps at z = 0:"):
        variance_gap(Cost("1 + 1e-7 sign(z)"), Gaussian(0.0, sigma))


@pytest.mark.parametrize("text", ["sign(z)^2", "z Heaviside(z)", "sign(z) sin(z)"])
def test_a_step_that_does_not_jump_is_welcome(text):
    assert variance_gap(Cost(text), Gaussian(0.3, 1.0)).mu > 0


@pytest.mark.filterwarnings("ignore:.* is a cost from functions:UserWarning")
def test_a_wrong_derivative_is_refused():
    cost = Cost.from_functions(np.sin, np.sin, "sin with itself as its derivative")
    with pytest.raises(ValueError, match="received sin with itself.*mean gradients differ"):
        variance_gap(cost, Gaussian(0.3, 1.0))


@pytest.mark.filterwarnings("ignore:.* is a cost from functions:UserWarning")
def test_a_derivative_that_is_wrong_for_sigma_alone_is_refused_with_both_means():
    cost = Cost.from_functions(lambda z: z**2, lambda z: 3 * z, "z^2")
    with pytest.raises(ValueError, match="mean gradients differ") as error:
        variance_gap(cost, Gaussian(0.0, 1.0))
    numbers = re.findall(r"\(([^()]*)\) \((\w+)", str(error.value))
    for (pair, name), sigma in zip(numbers, (2, 3), strict=True):
        mean = [float(number) for number in pair.split(",")]
        np.testing.assert_allclose(mean, [0, sigma], atol=1e-9, err_msg=name)


@pytest.mark.parametrize("text", ["exp(z^2)", "sqrt(abs(z))", "1/z"])
def test_infinite_variances_have_no_gap(text):
    with pytest.raises(QuadratureError):
        variance_gap(Cost(text), Gaussian(0.3, 1.0))


def cosine(k):
    return Cost(f"cos({k!r} z)"), Gaussian(1.0, 1.0)


@pytest.mark.slow
@pytest.mark.slow
def test_the_crossings_of_the_cosine():
    found = crossings(cosine, (0.5, 5))
    assert found.mu == pytest.approx([1.0638], abs=5e-5)
    assert found.sigma == pytest.approx([1.2973], abs=5e-5)

    def gap(k):  # of cos(kz) at mu = sigma = 1 for d/dmu, by hand from the smooth form
        double = np.cos(2 * k) * np.exp(-2 * k**2)
        return (1 + double) / 2 + k**2 * (1 - double) / 2 - k**2 * (1 + double)

    (k,) = found.mu
    assert gap(k - 1e-9) > 0 > gap(k + 1e-9)


def test_several_crossings_are_found_in_order():
    def problem(mu):
        return Cost("cos(z)"), Gaussian(mu, 0.95)

    found = crossings(problem, (0, 7), resolution=100)
    assert len(found.mu) > 2
    np.testing.assert_array_less(0, np.diff(found.mu))
    for k in found.mu:
        low, high = (variance_gap(*problem(k + step)).mu for step in (-1e-8, 1e-8))
        assert low * high < 0


def test_a_crossing_on_a_grid_point_is_found_once():
    found = crossings(cosine, (0.5, 5), resolution=40)
    at = float(found.mu[0])
    again = crossings(cosine, (at - 0.1, at + 0.1), resolution=2)
    assert again.mu == pytest.approx([at], abs=1e-9)


def test_convex_costs_have_no_crossings():
    found = crossings(lambda k: (Cost(f"(z - {k!r})^2"), Gaussian(1.0, 1.0)), (-3, 3), 50)
    assert [len(roots) for roots in found] == [0, 0]


def test_neighbours_that_share_a_cost_are_computed_at_once():
    cost, calls = Cost("cos(z)"), []

    def count(z):
        calls.append(len(z))
        return cost(z)

    shared = Cost.from_functions(count, cost.derivative, "wave", break_points=[0.0])
    found = crossings(lambda mu: (shared, Gaussian(mu, 0.95)), (0.2, 1), 50)
    grid = max(calls)
    alone = crossings(lambda mu: (Cost("cos(z)"), Gaussian(mu, 0.95)), (0.2, 1), 50)
    assert found.mu == pytest.approx(alone.mu, abs=1e-9)
    assert grid > 10 * calls[-1]


@pytest.mark.parametrize(
    ("problem", "sentence"),
    [
        (3, "problem must be a function of k; received 3"),
        (lambda k: None, r"problem\(k\) must return \(cost, q\); received None"),
        (lambda k: ("z", Gaussian(0.0, 1.0)), "cost must be a Cost"),
        (lambda k: (Cost("z"), Gaussian([0.0], [1.0])), "need a scalar Gaussian"),
    ],
)
def test_a_bad_problem_is_refused(problem, sentence):
    with pytest.raises(ValueError, match=sentence):
        crossings(problem, (0, 1), 3)


def test_an_infinite_variance_on_the_way_is_refused():
    cost = Cost("exp(z^2/4)")
    with pytest.raises(QuadratureError, match="expectation of exp"):
        crossings(lambda sigma: (cost, Gaussian(0.0, sigma)), (0.5, 1.5), 4)


@pytest.mark.parametrize("interval", [(1, 1), (2, 1), (0, np.inf), (0, np.nan), 3, (1, 2, 3), "ab"])
def test_a_bad_interval_is_refused(interval):
    with pytest.raises(ValueError, match="interval must be .*; received"):
        crossings(cosine, interval)


def test_the_resolution_may_be_numpys():
    assert crossings(cosine, (0.9, 1.2), np.int64(3)).mu.size == 1


@pytest.mark.parametrize("resolution", [0, -3, 2.5, True, "many"])
def test_a_bad_resolution_is_refused(resolution):
    with pytest.raises(ValueError, match="resolution must be .*; received"):
        crossings(cosine, (0.5, 5), resolution)
