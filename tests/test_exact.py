"""Exact values against closed forms and a fixed rule, and refusals where there is none to give."""

import functools

import numpy as np
import pytest
import reference
from scipy import stats

from gradlib import (
    Cost,
    Gaussian,
    Gradient,
    QuadratureError,
    exact_covariance,
    exact_gradient,
    exact_value,
    exact_variance,
    pathwise,
    score_function,
)

ESTIMATORS = [score_function, pathwise]


COSTS = {  # r and r'
    "z^2": (lambda z: z**2, lambda z: 2 * z),
    "z^3 - 2z + 1": (lambda z: z**3 - 2 * z + 1, lambda z: 3 * z**2 - 2),
    "exp(-2z)": (lambda z: np.exp(-2 * z), lambda z: -2 * np.exp(-2 * z)),
    "sin(5z)": (lambda z: np.sin(5 * z), lambda z: 5 * np.cos(5 * z)),
    "softplus(3z)": (
        lambda z: np.log1p(np.exp(3 * z)),
        lambda z: 3 / (1 + np.exp(-3 * z)),
    ),
    "tanh(z)^2": (
        lambda z: np.tanh(z) ** 2,
        lambda z: 2 * np.tanh(z) * (1 - np.tanh(z) ** 2),
    ),
    "abs(z)": (np.abs, np.sign),
    "max(z, 0)": (lambda z: np.maximum(z, 0), lambda z: 1.0 * (z > 0)),
    "abs(z - 1) z + Heaviside(z + 0.5)": (
        lambda z: abs(z - 1) * z + (z > -0.5),
        lambda z: abs(z - 1) + z * np.sign(z - 1),
    ),
    "exp(-40(z - 0.3)^2)": (
        lambda z: np.exp(-40 * (z - 0.3) ** 2),
        lambda z: -80 * (z - 0.3) * np.exp(-40 * (z - 0.3) ** 2),
    ),
    "cos(1.05 z)": (
        lambda z: np.cos(1.05 * z),
        lambda z: -1.05 * np.sin(1.05 * z),
    ),
    "z exp(-z^2) - 0.2": (
        lambda z: z * np.exp(-(z**2)) - 0.2,
        lambda z: (1 - 2 * z**2) * np.exp(-(z**2)),
    ),
    "1/(1 + z^2)": (lambda z: 1 / (1 + z**2), lambda z: -2 * z / (1 + z**2) ** 2),
}
BREAKS = {"abs(z)": [0], "max(z, 0)": [0], "abs(z - 1) z + Heaviside(z + 0.5)": [1, -0.5]}


@pytest.mark.parametrize("text", COSTS)
@pytest.mark.parametrize(("mu", "sigma"), [(0.3, 1.0), (-1.2, 0.4)])
def test_everything_agrees_with_a_fixed_rule(text, mu, sigma):
    cost, q = Cost(text), Gaussian(mu, sigma)
    value, gradient, *covariances = reference.moments(*COSTS[text], mu, sigma, BREAKS.get(text, ()))
    np.testing.assert_allclose(exact_value(cost, q), value, rtol=1e-11, atol=1e-13)
    np.testing.assert_allclose(exact_gradient(cost, q), gradient, rtol=1e-9, atol=1e-10)
    for estimator, expected in zip(ESTIMATORS, covariances, strict=True):
        found = exact_covariance(estimator, cost, q)
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-10)
        variance = exact_variance(estimator, cost, q)
        np.testing.assert_allclose(variance, np.diag(found), rtol=1e-12)


def test_the_numbers_of_the_first_page():
    cost, q = Cost("z^2"), Gaussian(2.0, 1.0)
    assert exact_variance(score_function, cost, q).mu == pytest.approx(87, rel=1e-12)
    assert exact_variance(pathwise, cost, q).mu == pytest.approx(4, rel=1e-12)
    assert exact_gradient(cost, q) == pytest.approx((4, 2), rel=1e-12)


@pytest.mark.parametrize(("mu", "sigma"), [(0.5, 1.0), (-2.0, 0.3), (1.0, 20.0)])
def test_the_gradient_of_a_step_is_the_density_at_the_step(mu, sigma):
    gradient = exact_gradient(Cost("Heaviside(z)"), Gaussian(mu, sigma))
    density = stats.norm.pdf(mu / sigma) / sigma
    np.testing.assert_allclose(gradient, [density, -density * mu / sigma], rtol=1e-10)
    assert exact_variance(pathwise, Cost("Heaviside(z)"), Gaussian(mu, sigma)) == (0, 0)


@pytest.mark.parametrize("k", [1.0, 20.0, 150.0, 502.6548245743669, 2345.6, 8000.0])
def test_fast_oscillation_is_right(k):
    mu, sigma = 0.3, 0.9
    cost, q = Cost(f"sin({k!r} z)"), Gaussian(mu, sigma)
    damp = np.exp(-((k * sigma) ** 2) / 2)
    double = np.exp(-2 * (k * sigma) ** 2) * np.cos(2 * k * mu)
    assert exact_value(cost, q) == pytest.approx(np.sin(k * mu) * damp, abs=1e-11)
    expected = k**2 * ((1 + double) / 2 - (np.cos(k * mu) * damp) ** 2)
    assert exact_variance(pathwise, cost, q).mu == pytest.approx(expected, rel=1e-10)


def test_many_kinks_are_right():
    # |sin(150 z)|' is +-150 cos(150 z): E[r'^2] is that of sin(150 z), up to exp(-2 150^2)
    cost, q = Cost("abs(sin(150z))"), Gaussian(0.3, 1.0)
    assert exact_value(cost, q) == pytest.approx(2 / np.pi, rel=1e-9)
    variance = exact_variance(pathwise, cost, q).mu
    assert variance + exact_gradient(cost, q).mu ** 2 == pytest.approx(150**2 / 2, rel=1e-9)


@pytest.mark.parametrize("width", [1e-2, 1e-4, 1e-6])
def test_a_narrow_spike_is_not_missed(width):
    cost, q = Cost(f"exp(-((z - 0.3)/{width})^2 / 2)"), Gaussian(0.0, 1.0)
    expected = width * stats.norm.pdf(0.3, scale=np.hypot(1, width)) * np.sqrt(2 * np.pi)
    assert exact_value(cost, q) == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize("sigma", [1e-2, 1e-5])
def test_small_sigma_keeps_its_digits(sigma):
    variance = exact_variance(pathwise, Cost("exp(z)"), Gaussian(0.7, sigma))
    # lognormal variance; the second term is Var(exp(mu + sigma eps) eps) to second order
    expected = np.exp(2 * 0.7 + sigma**2) * np.expm1(sigma**2)
    assert variance.mu == pytest.approx(expected, rel=1e-9)
    assert variance.sigma == pytest.approx(
        np.exp(1.4) * (1 + 5 * sigma**2), rel=40 * sigma**4 + 1e-9
    )


def test_large_values_do_not_overflow_before_they_must():
    cost, q = Cost("exp(12z)"), Gaussian(0.0, 1.0)
    assert exact_value(cost, q) == pytest.approx(np.exp(72), rel=1e-11)
    second = 144 * np.exp(288) - (12 * np.exp(72)) ** 2
    assert exact_variance(pathwise, cost, q).mu == pytest.approx(second, rel=1e-10)


def test_singularities_that_can_be_integrated_are():
    cost, q = Cost("log(abs(z))"), Gaussian(0.0, 1.0)
    assert exact_value(cost, q) == pytest.approx(-(np.euler_gamma + np.log(2)) / 2, rel=1e-10)


def test_a_partial_is_an_estimator():
    cost, q = Cost("z^2 + 5"), Gaussian(2.0, 1.0)
    estimator = functools.partial(score_function, baseline=Gradient(5.0, 5.0))
    assert exact_variance(estimator, cost, q).mu == pytest.approx(87, rel=1e-12)


def test_a_cost_from_functions_is_averaged_too():
    cost = Cost.from_functions(np.cosh, np.sinh, "cosh")
    assert exact_value(cost, Gaussian(0.5, 1.5)) == pytest.approx(np.cosh(0.5) * np.exp(1.125))


@pytest.mark.parametrize(
    ("text", "mu", "sigma"),
    [
        ("exp(z^2)", 0.0, 1.0),
        ("exp(z^2/4)", 0.0, 1.0),  # E[r] is finite, E[r^2] is not
        ("exp(0.3z^2)", 1.0, 1.0),
        ("exp(exp(z))", 0.0, 1.0),
        ("cosh(z^2)", 0.0, 1.0),
        ("1/z", 0.0, 1.0),
        ("1/z", 0.3, 1.0),
        ("1/(z - 0.3)^2", 0.0, 1.0),
        ("abs(z)^(-0.6)", 0.2, 1.0),
        ("tan(z)", 0.0, 1.0),
        ("log(z)", 0.0, 1.0),
        ("sqrt(z)", 3.0, 1.0),
        ("sin(1e7 z)", 0.0, 1.0),
        ("abs(sin(1e6 z))", 0.0, 1.0),
        ("exp(50z)", 0.0, 1.0),
        ("z^100", 0.0, 1e6),
    ],
)
def test_what_cannot_be_vouched_for_is_refused(text, mu, sigma):
    with pytest.raises(QuadratureError, match=r"\w+ \w+ .*"):
        exact_variance(score_function, Cost(text), Gaussian(mu, sigma))


@pytest.mark.parametrize("text", ["sqrt(abs(z))", "log(abs(z))", "abs(z)^0.25", "abs(z)^0.4"])
def test_an_infinite_pathwise_variance_is_refused_where_the_score_function_has_one(text):
    cost, q = Cost(text), Gaussian(0.2, 1.0)
    assert exact_variance(score_function, cost, q).mu > 0
    with pytest.raises(QuadratureError, match="infinite"):
        exact_variance(pathwise, cost, q)


def test_a_finite_mean_with_infinite_variance_has_a_value():
    assert exact_value(Cost("exp(z^2/4)"), Gaussian(0.0, 1.0)) == pytest.approx(np.sqrt(2))


@pytest.mark.parametrize("function", [exact_value, exact_gradient])
def test_r_d_is_referred_to_monte_carlo(function):
    cost = Cost.from_functions(lambda z: z[:, 0], lambda z: z, "first")
    with pytest.raises(ValueError, match=r"received shape \(2,\): use monte_carlo"):
        function(cost, Gaussian([0.0, 0.0], [1.0, 1.0]))
