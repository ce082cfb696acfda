"""Exact values against closed forms and a fixed rule, and refusals where there is none to give."""

import functools
import itertools
import warnings

import mpmath
import numpy as np
import pytest
import reference
from scipy import integrate, special, stats

from gradlib import (
    Cost,
    Gaussian,
    Gradient,
    QuadratureError,
    exact_covariance,
    exact_gradient,
    exact_mean,
    exact_value,
    exact_variance,
    expectation,
    leave_one_out,
    pathwise,
    score_function,
    variance_curve,
)
from gradlib.estimators import Randomized, values

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
    assert type(exact_value(cost, q)) is float


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


@pytest.mark.filterwarnings("ignore:.* is a cost from functions:UserWarning")
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


def absolute_moment(a):
    """E|eps|^a for eps ~ N(0, 1)."""
    return 2 ** (a / 2) * special.gamma((1 + a) / 2) / np.sqrt(np.pi)


@pytest.mark.parametrize("a", [0.605, 0.55, 0.7])
def test_a_power_singularity_at_mu_is_integrated_to_its_end(a):
    cost, q = Cost(f"abs(z)^{a}"), Gaussian(0.0, 1.0)
    expected = a**2 * absolute_moment(2 * a - 2)
    assert exact_variance(pathwise, cost, q).mu == pytest.approx(expected, rel=1e-11)
    value = exact_value(Cost(f"abs(z)^({2 * a - 2})"), q)
    assert value == pytest.approx(absolute_moment(2 * a - 2), rel=1e-11)


@pytest.mark.parametrize("power", ["-0.99", "-1", "-1.01"])
def test_a_power_that_is_not_integrable_or_nearly_so_is_refused(power):
    with pytest.raises(QuadratureError):
        exact_value(Cost(f"abs(z)^({power})"), Gaussian(0.0, 1.0))


def test_a_gaussian_that_is_a_point_in_floats():
    q = Gaussian(1.0, 1e-17)
    assert exact_value(Cost("5"), q) == pytest.approx(5, rel=1e-14)
    assert exact_variance(score_function, Cost("z^2"), q).mu == pytest.approx(1e34, rel=1e-12)
    with pytest.raises(QuadratureError, match="too narrow to tell z from a break point"):
        exact_value(Cost("abs(z - 1)"), q)


@pytest.mark.parametrize("text", ["cos(2z)", "abs(z)", "exp(12z)", "log(abs(z))"])
def test_floating_point_errors_that_do_no_harm_are_not_raised(text):
    cost, q = Cost(text), Gaussian(0.3, 1.0)
    expected = exact_covariance(score_function, cost, q)
    with np.errstate(all="raise"):
        np.testing.assert_array_equal(exact_covariance(score_function, Cost(text), q), expected)


@pytest.mark.parametrize("text", ["(1 - cos(z))/z^2", "sqrt(1 + 1e-20z^2) - 1", "sign(1 - erf(z))"])
def test_what_rounding_inside_the_cost_spoils_is_refused(text):
    with pytest.raises(QuadratureError, match="is spoilt by rounding inside the cost"):
        exact_value(Cost(text), Gaussian(0.3, 1.0))


def up_and_down(first, period):
    """Jumps up and down of a square wave around 1e8."""
    turns = range(int(1e8 / period) - 12, int(1e8 / period) + 13)
    return [(sign, first + (k + half) * period) for k in turns for sign, half in PHASES]


PHASES = (1, 0), (-1, mpmath.mpf(0.5))
with mpmath.workdps(30):
    FAR_STEPS = {
        "Heaviside(cos(z))": (1e8, up_and_down(-mpmath.pi / 2, 2 * mpmath.pi)),
        "Heaviside(sin(2z + 1))": (1e8, up_and_down(-mpmath.mpf(0.5), mpmath.pi)),
        "Heaviside(z^2 - 2e16)": (141421356.0, [(1, mpmath.sqrt(2) * 10**8)]),
        "Heaviside(z - 1e8)": (1e8, [(1, 10**8)]),
    }


@pytest.mark.parametrize("text", FAR_STEPS)
def test_a_step_between_two_floats_is_not_rounded_to_one(text):
    mu, steps = FAR_STEPS[text]
    with mpmath.workdps(30):
        value = sum(sign * mpmath.ncdf(mu - z) for sign, z in steps)
        slope = sum(sign * mpmath.npdf(z - mu) for sign, z in steps)
    cost, q = Cost(text), Gaussian(mu, 1.0)
    assert exact_value(cost, q) == pytest.approx(float(value), abs=1e-11)
    assert exact_gradient(cost, q).mu == pytest.approx(float(slope), abs=1e-11)


@pytest.mark.parametrize("pole", [0, 1])
def test_a_pole_that_no_float_comes_near_is_refused_with_the_distance(pole):
    with pytest.raises(QuadratureError, match=rf"near z = {pole}, and closer than \de-1[56] to it"):
        exact_value(Cost(f"1/sqrt(abs(z - {pole}))"), Gaussian(0.4, 1.0))


@pytest.mark.parametrize(
    ("text", "mu"), [("exp(z^3/1000)", 0), ("1/(z - 39)^2", 0), ("1/z", 100), ("log(z)", 50)]
)
def test_trouble_beyond_the_reach_is_refused_by_its_form(text, mu):
    with pytest.raises(QuadratureError, match="does not exist: "):
        exact_value(Cost(text), Gaussian(mu, 1.0))


def batch_baseline(cost, q, eps):
    return score_function(cost, q, eps, baseline=float(values(cost, q, eps).mean()))


@pytest.mark.parametrize("text", ["max(z - 3, 0)", "z^2", "Heaviside(z - 5)", "1"])
@pytest.mark.parametrize("estimator", [batch_baseline, leave_one_out])
@pytest.mark.parametrize("function", [exact_mean, exact_variance, exact_covariance])
def test_terms_that_depend_on_one_another_are_refused_for_every_cost(function, estimator, text):
    with pytest.raises(ValueError, match="depend on the other samples"):
        function(estimator, Cost(text), Gaussian(0.0, 1.0))


def noisy(cost, q, eps, rng):
    return score_function(cost, q, eps + rng.standard_normal(eps.shape))


def test_a_randomized_estimator_is_asked_for_its_moments():
    cost, q = Cost("z"), Gaussian(0.0, 1.0)
    known = Randomized(noisy, lambda cost, q: (Gradient(1.0, 2.0), np.array([[3.0, 1], [1, 4]])))
    assert exact_mean(known, cost, q) == (1, 2)
    assert exact_variance(known, cost, q) == (3, 4)
    np.testing.assert_array_equal(exact_covariance(known, cost, q), [[3, 1], [1, 4]])
    for function in (exact_mean, exact_variance, exact_covariance):
        with pytest.raises(ValueError, match="noisy .* does not know its moments: use monte_carlo"):
            function(Randomized(noisy), cost, q)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((score_function, "z^2", Gaussian(0.0, 1.0)), "cost must be a Cost, .* received 'z"),
        ((score_function, Cost("z"), (0.0, 1.0)), "q must be a Gaussian, .* received"),
        ((score_function, Gaussian(0.0, 1.0), Cost("z")), "cost must be a Cost"),
        ((None, Cost("z"), Gaussian(0.0, 1.0)), "estimator must be a function .* received None"),
        ((lambda cost, q, eps: eps, Cost("z"), Gaussian(0.0, 1.0)), "must return a Gradient"),
    ],
)
def test_wrong_kinds_of_arguments_get_a_sentence(arguments, sentence):
    for function in (exact_mean, exact_variance, exact_covariance):
        with pytest.raises(ValueError, match=sentence):
            function(*arguments)
    if arguments[0] is score_function:
        for function in (exact_value, exact_gradient):
            with pytest.raises(ValueError, match=sentence):
                function(*arguments[1:])


def bump(width):
    return (
        lambda z: np.exp(-(((z - 0.3) / width) ** 2) / 2),
        lambda z: -(z - 0.3) / width**2 * np.exp(-(((z - 0.3) / width) ** 2) / 2),
        f"a bump of width {width}",
    )


@pytest.mark.parametrize("width", [0.5, 0.01])
def test_a_cost_from_functions_comes_with_a_warning_and_a_closer_look(width):
    cost, q = Cost.from_functions(*bump(width)), Gaussian(0.0, 1.0)
    with pytest.warns(UserWarning, match="a bump of width .* sampled points only.* break_points"):
        value = exact_value(cost, q)
    expected = width * stats.norm.pdf(0.3, scale=np.hypot(1, width)) * np.sqrt(2 * np.pi)
    assert value == pytest.approx(expected, rel=1e-10)


def test_break_points_show_what_is_narrow_and_there_is_no_warning():
    width, q = 1e-6, Gaussian(0.0, 1.0)
    cost = Cost.from_functions(*bump(width), break_points=[0.3])
    expected = width * stats.norm.pdf(0.3, scale=np.hypot(1, width)) * np.sqrt(2 * np.pi)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert exact_value(cost, q) == pytest.approx(expected, rel=1e-10)
        exact_variance(pathwise, Cost("z^2"), q)


@pytest.mark.filterwarnings("ignore:.* is a cost from functions:UserWarning")
def test_a_kink_that_nobody_declared_is_refused():
    cost = Cost.from_functions(lambda z: np.abs(z - 0.1234), lambda z: np.sign(z - 0.1234), "kink")
    with pytest.raises(QuadratureError, match="does not settle"):
        exact_value(cost, Gaussian(0.0, 1.0))


def test_an_expectation_of_rows_pairs_and_small_differences():
    cost, q = Cost("z + 1e6"), Gaussian(0.0, 1.0)

    def rows(cost, q, eps):
        return np.array([values(cost, q, eps), eps**2])

    def square(cost, q, eps):
        r = values(cost, q, eps)
        return r - 1e6, r - 1e6, r, r

    np.testing.assert_allclose(expectation(rows, cost, q), [1e6, 1], rtol=1e-12)
    assert expectation(square, cost, q) == pytest.approx(1, abs=1e-10 * 1e12)
    assert expectation(lambda *at: (values(*at), values(*at)), cost, q, centred=True) == (
        pytest.approx(1, abs=1e-10 * 1e12)
    )
    edge = expectation(lambda cost, q, eps: np.maximum(eps - 0.3, 0), cost, q, edges=[0.3])
    assert edge == pytest.approx(stats.norm.pdf(0.3) - 0.3 * stats.norm.sf(0.3), rel=1e-12)


CURVES = ["z^2", "cos(2z)", "exp(z/2)", "softplus(z)", "abs(z)", "max(z-1,0)", "abs(z)+sin(3z)"]


def by_scipy(r, slope, mu, sigma, points):
    """Variances of the score function and of pathwise, for mu and sigma, by SciPy."""

    ends = [-14.0, *sorted((p - mu) / sigma for p in points if abs(p - mu) < 14 * sigma), 14.0]

    def mean(f):
        def integrand(e):
            return f(mu + sigma * e, e) * stats.norm.pdf(e)

        return sum(
            integrate.quad(integrand, a, b, limit=200, epsabs=1e-13)[0]
            for a, b in itertools.pairwise(ends)
        )

    def variance(term):
        return mean(lambda z, e: term(z, e) ** 2) - mean(term) ** 2

    score = [lambda z, e: r(z) * e / sigma, lambda z, e: r(z) * (e * e - 1) / sigma]
    path = [lambda z, e: slope(z), lambda z, e: slope(z) * e]
    return [[variance(term) for term in terms] for terms in (score, path)]


def test_a_curve_agrees_with_another_quadrature():
    mus, c = np.array([-0.7, 0.4]), 1.5
    curves = variance_curve([score_function, pathwise], Cost("abs(z)+sin(3z)"), mus, 0.8, c)
    for j, mu in enumerate(mus):
        expected = by_scipy(
            lambda z: abs(z) + np.sin(3 * z) + c,
            lambda z: np.sign(z) + 3 * np.cos(3 * z),
            mu,
            0.8,
            [0.0],
        )
        np.testing.assert_allclose(np.array(curves)[:, :, j], expected, rtol=1e-9)


@pytest.mark.parametrize("text", CURVES)
def test_a_curve_is_its_points(text):
    cost, baseline = Cost(text), Gradient(0.7, -0.2)
    mu, sigma = np.array([[-1.0], [0.0], [1.3]]), np.geomspace(1e-3, 4, 7)
    estimators = [score_function, pathwise, functools.partial(score_function, baseline=baseline)]
    curves = variance_curve(estimators, cost, mu, sigma)
    for estimator, curve in zip(estimators, curves, strict=True):
        assert curve.mu.shape == curve.sigma.shape == (3, 7)
        for i, j in np.ndindex(3, 7):
            q = Gaussian(float(mu[i, 0]), float(sigma[j]))
            alone = exact_variance(estimator, cost, q)
            second = np.add(alone, np.square(exact_mean(estimator, cost, q)))
            away = np.abs(np.subtract([curve.mu[i, j], curve.sigma[i, j]], alone))
            assert (away <= 1e-10 * second).all()


def test_a_curve_over_a_constant_is_a_parabola_for_the_score_function():
    # 87 + 2 * 7c + c^2: r = z^2 at N(2, 1) has the best baseline 7 and there the variance 38
    c = np.linspace(-10, 10, 5)
    score, path = variance_curve([score_function, pathwise], Cost("z^2"), 2.0, 1.0, c)
    np.testing.assert_allclose(score.mu, 38 + (c + 7) ** 2, rtol=1e-12)
    np.testing.assert_allclose(path.mu, 4, rtol=1e-12)
    assert variance_curve(score_function, Cost("z^2"), 2.0, 1.0).mu == pytest.approx(87, rel=1e-12)


def test_a_curve_has_gaps_where_a_variance_is_infinite():
    sigma = np.array([0.5, 0.9, 0.95, 1.0, 1.01, 2.0])  # E[exp(z^2/2)] is finite below 1
    curve = variance_curve(score_function, Cost("exp(z^2/4)"), 0.0, sigma)
    np.testing.assert_array_equal(np.isnan(curve.mu), sigma >= 1)
    np.testing.assert_array_equal(np.isnan(curve.sigma), sigma >= 1)
    nowhere = variance_curve(pathwise, Cost("log(z)"), 0.0, sigma)
    np.testing.assert_array_equal(nowhere, np.full((2, 6), np.nan))


def test_a_curve_of_a_cost_from_functions():
    cost = Cost.from_functions(np.abs, np.sign, "kink", break_points=[0.0])
    for mine, theirs in zip(
        variance_curve([score_function, pathwise], cost, [0.3, -2.0], 1.0),
        variance_curve([score_function, pathwise], Cost("abs(z)"), [0.3, -2.0], 1.0),
        strict=True,
    ):
        np.testing.assert_allclose(mine, theirs, rtol=1e-12)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((leave_one_out, Cost("z"), [0.0, 1.0], 1.0), "depend on the other samples"),
        ((Randomized(noisy), Cost("z"), 0.0, 1.0), "noisy has no curves: use exact_variance"),
        ((score_function, "z", 0.0, 1.0), "cost must be a Cost"),
        ((score_function, Cost("z"), "a", 1.0), "mu must be real numbers; received 'a'"),
        ((score_function, Cost("z"), 0.0, [1.0, -1.0]), "sigma must be greater than 0"),
        ((score_function, Cost("z"), 0.0, 1.0, np.nan), "constant must be finite"),
        ((score_function, Cost("z"), [0.0, 1.0], [1.0, 2.0, 3.0]), "broadcast"),
        ((lambda c, q, eps: Gradient(eps[:, 0], eps), Cost("z"), 0.0, 1.0), "eps's shape"),
    ],
)
def test_curves_of_other_things_are_refused(arguments, sentence):
    with pytest.raises(ValueError, match=sentence):
        variance_curve(*arguments)
