"""Claims of chapter 09, against values that owe nothing to it."""

import re
from functools import partial
from itertools import pairwise
from math import pi, sqrt

import numpy as np
import pytest
from scipy import integrate, stats
from scipy.stats import norm, qmc

from gradlib import (
    Cost,
    Gaussian,
    delta,
    exact_gradient,
    exact_mean,
    exact_variance,
    measure_valued,
    monte_carlo,
    pathwise,
    score_function,
)

Q = Gaussian(1, 1)
EPS = np.linspace(-12, 12, 240_001)  # an odd number of points: 0 is one of them
BELL = norm.pdf(EPS) * (EPS[1] - EPS[0])
COSTS = {  # at N(1, 1): value, slope
    "z^2": (lambda z: z**2, lambda z: 2 * z),
    "exp(z/2)": (lambda z: np.exp(z / 2), lambda z: np.exp(z / 2) / 2),
    "abs(z)": (np.abs, np.sign),
    "exp(-z^2)": (lambda z: np.exp(-(z**2)), lambda z: -2 * z * np.exp(-(z**2))),
    "cos(3z)": (lambda z: np.cos(3 * z), lambda z: -3 * np.sin(3 * z)),
    "cos(1.58z)": (lambda z: np.cos(1.58 * z), lambda z: -1.58 * np.sin(1.58 * z)),
    "cos(5z)": (lambda z: np.cos(5 * z), lambda z: -5 * np.sin(5 * z)),
    "Heaviside(z)": (lambda z: np.heaviside(z, 0.5), None),
}
SCORES = EPS, EPS**2 - 1


def mean(t):
    return BELL @ t


def var(t, other=None):
    other = t if other is None else other
    return BELL @ ((t - mean(t)) * (other - mean(other)))


def e1(r, parameter, baseline=0.0):
    return (COSTS[r][0](1 + EPS) - baseline) * SCORES[parameter]


def e2(r, parameter):
    return COSTS[r][1](1 + EPS) * EPS**parameter


def best_baseline(r, parameter):
    return mean(e1(r, parameter) * SCORES[parameter]) / (1 + parameter)


def fair(r, parameter):
    return e1(r, parameter, best_baseline(r, parameter))


def pair(t):
    return (t + t[::-1]) / 2


def row(ch, name):
    return [float(x) for x in re.search(rf"^{re.escape(name)} +(.*)$", ch.text, re.M)[1].split()]


# ---- mirrored samples


@pytest.mark.parametrize("r", ["z^2", "exp(z/2)", "abs(z)", "exp(-z^2)", "cos(1.58z)", "cos(5z)"])
def test_pairs(ch, r):
    terms = [e1(r, 0), e1(r, 1), e2(r, 0), e2(r, 1)]
    np.testing.assert_allclose(row(ch, r), [2 * var(pair(t)) / var(t) for t in terms], atol=2e-4)


def test_a_pair_halves_the_even_part_and_loses_the_odd():
    for t in (e1("exp(z/2)", 0), e2("exp(-z^2)", 1)):
        even, odd = pair(t), (t - t[::-1]) / 2
        assert abs(var(t) - var(even) - var(odd)) < 1e-9 * var(t)
        # two independent samples: half the variance of one
        assert abs(2 * var(even) / var(t) - var(pair(t)) / (0.5 * (var(even) + var(odd)))) < 1e-9


@pytest.mark.parametrize("r", ["z^2", "exp(z/2)", "abs(z)"])
def test_pairs_never_hurt_pathwise_for_convex_costs_and_mu(r):
    assert 2 * var(pair(e2(r, 0))) <= var(e2(r, 0)) * (1 + 1e-9)


# ---- Taylor polynomials and mixtures


def taylor(r, order, h=1e-3):
    """Terms of the delta method for mu, by derivatives of the value alone."""
    value = COSTS[r][0]
    slope = (value(1 + h) - value(1 - h)) / (2 * h)
    bend = (value(1 + h) - 2 * value(1.0) + value(1 - h)) / h**2 * (order - 1)
    T = value(1.0) + slope * EPS + bend * EPS**2 / 2
    return (value(1 + EPS) - T) * EPS + slope


@pytest.mark.parametrize("r", ["z^2", "exp(z/2)", "exp(-z^2)", "cos(5z)"])
def test_the_delta_method(ch, r):
    printed = re.findall(rf"^{re.escape(r)} +((?:\d+\.\d{{4}} ?\s*){{5}})$", ch.text, re.M)
    expected = [var(t) for t in (e1(r, 0), fair(r, 0), taylor(r, 1), taylor(r, 2), e2(r, 0))]
    found = np.array(printed[0].split(), float)
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-3)
    if r in ("z^2", "exp(z/2)"):
        assert found[3] < found[4]
    else:
        assert found[3] > 10 * found[0]


@pytest.mark.parametrize(("r", "text"), [("exp(-z^2)", "0.1313"), ("cos(5z)", "0.5000")])
def test_the_best_coefficient(ch, r, text):
    plain, control = e1(r, 0), e1(r, 0) - taylor(r, 2)
    least = var(plain) - var(plain, control) ** 2 / var(control)
    assert f"{least:.4f}" == text
    a, variance = re.search(rf"{re.escape(r)} +a\* = (\S+), variance (\S+)", ch.text).groups()
    assert variance == text and abs(float(a) - var(plain, control) / var(control)) < 1e-3
    assert least > var(fair("exp(-z^2)", 0)) and f"{var(fair('exp(-z^2)', 0)):.4f}" == "0.0722"


def test_the_mixture(ch):
    for r in ("exp(z/2)", "abs(z)", "exp(-z^2)", "cos(3z)"):
        first, second = e1(r, 0), e2(r, 0)
        weight = (var(second) - var(first, second)) / var(first - second)
        mixed = var(weight * first + (1 - weight) * second)
        found = re.search(rf"^{re.escape(r)} +weight +(\S+), variances +(.*)$", ch.text, re.M)
        assert abs(float(found[1]) - weight) < 2e-4
        expected = [var(first), var(second), mixed]
        np.testing.assert_allclose(np.array(found[2].split(), float), expected, atol=2e-4)
    first, second = (2 + EPS) ** 2 * EPS, 2 * (2 + EPS)  # z^2 at N(2, 1)
    assert round(var(first - second), 6) == 63 and round(var(first, second), 6) == 14
    weight = (4 - 14) / 63
    assert f"weight {weight:.4f}, variances  87.0000   4.0000   {4 - 63 * weight**2:.4f}" in ch.text


# ---- measure-valued


def test_the_two_parts_have_the_areas_that_the_text_says():
    assert abs(mean(np.maximum(EPS, 0)) - 1 / sqrt(2 * pi)) < 1e-6
    assert abs(mean(EPS**2) - 1) < 1e-9
    # the product of a uniform U and a double-sided Maxwell V has the moments of a normal variable
    of_V = np.array([mean(EPS**4), mean(EPS**6)])  # E[V^2] and E[V^4]
    of_U = np.array([1 / 3, 1 / 5])
    np.testing.assert_allclose(of_V * of_U, [mean(EPS**2), mean(EPS**4)], rtol=1e-9)


def test_coupling_does_not_always_help(ch):
    lines = re.findall(r"(independent|coupled) +(\S+) \+- (\S+), variance (\S+)", ch.text)
    assert [name for name, *_ in lines] == ["independent", "coupled"] * 3
    for (_, *pair), r in zip(lines, np.repeat(["z^2", "exp(-z^2)", "exp(z/2)"], 2), strict=True):
        estimated, error, _ = map(float, pair)
        assert abs(estimated - mean(e1(r, 0))) < 4 * error
    variances = [float(line[3]) for line in lines]
    assert variances[1] < 0.7 * variances[0] and variances[5] > 1.3 * variances[4]


def test_a_step_is_no_obstacle(ch):
    truth = norm.pdf(1)
    fair_variance = var(fair("Heaviside(z)", 0))
    # 1 + W > 0 always, 1 - W > 0 unless W > 1: the difference is 1 with the Rayleigh tail at 1
    p, c = np.exp(-0.5), 1 / sqrt(2 * pi)
    expected = c**2 * p * (1 - p)
    assert f"step, fair E1         mean {truth:.4f}, variance {fair_variance:.4f}" in ch.text
    assert f"step, measure-valued  mean {truth:.4f}, variance {expected:.4f}" in ch.text
    assert 0.17 < expected / fair_variance < 0.23  # "a fifth"


def test_the_published_figures(ch):
    ks, squares = ch["curves"]["$(z - k)^2$"]
    np.testing.assert_allclose(squares[:, 2, 0], (16 / pi - 4) * (ks - 1) ** 2, atol=1e-8)
    np.testing.assert_allclose(squares[:, 3, 0], 4, rtol=1e-9)
    for evaluations, reach in ((1, 1.913), (4, 0.957)):
        assert round(sqrt(4 / (evaluations * (16 / pi - 4))), 3) == reach
    ks, bumps = ch["curves"]["$e^{-kz^2}$"]
    assert abs(ks[-1] - 10) < 1e-9 and 12 < bumps[-1, 2, 1] / bumps[-1, 1, 1] < 14
    assert exact_variance(measure_valued, Cost("cos(pi z)"), Q).mu < 1e-10
    lowest = np.concatenate([v.argmin(axis=1).ravel() for _, v in ch["curves"].values()])
    assert np.mean(lowest == 2) > 0.5 and len(set(lowest)) > 1  # often, not always


# ---- Sobol points


def test_sobol_points_fill_each_part(ch):
    full = str(np.arange(8))
    assert f"{full} {full} {full}" in ch.text


@pytest.mark.parametrize(
    ("r", "name", "f"),
    [
        ("z^2", "pathwise", lambda e: 2 * (1 + e)),
        ("exp(-z^2)", "score function", lambda e: np.exp(-((1 + e) ** 2)) * e),
    ],
)
def test_the_variance_of_sobol_points_is_that_within_the_parts(ch, r, name, f):
    """Adaptive quadrature part by part, and a simulation of 6,000 scramblings."""
    M, total = 64, 0.0
    ends = np.clip(norm.ppf(np.arange(M + 1) / M), -40, 40)
    for a, b in pairwise(ends):
        first, second = (
            M * integrate.quad(lambda e, n=n: f(e) ** n * norm.pdf(e), a, b, epsabs=1e-13)[0]
            for n in (1, 2)
        )
        total += (second - first**2) / M
    exact = ch["exact"][r, name][list(ch["sizes"]).index(M)]
    assert abs(M * exact / total - 1) < 0.01
    u = qmc.Sobol(6000, rng=np.random.default_rng(9)).random_base2(6)
    means = f(norm.ppf(u)).mean(axis=0)
    squares = (means - mean(f(EPS))) ** 2
    assert abs(squares.mean() - total / M) < 4 * squares.std() / sqrt(6000)


def test_slopes(ch):
    found = dict(re.findall(r"^(\S+ +(?:score function|pathwise)) +slope (\S+)$", ch.text, re.M))
    slopes = {tuple(key.split(maxsplit=1)): float(value) for key, value in found.items()}
    assert len(slopes) == 4
    for (r, _), slope in slopes.items():
        assert abs(slope - (-1.5 if r == "exp(-z^2)" else -1)) < (0.02 if "exp" in r else 0.1)
    for key, by_run in ch["errors"].items():  # the simulation follows the exact lines
        squares = by_run**2 / np.array(ch["exact"][key])[:, np.newaxis]
        off = (squares.mean(axis=1) - 1) / (squares.std(axis=1) / sqrt(200))
        assert np.abs(off).max() < 4.5, key


# ---- the table


def measure_valued_variances(r):
    """By integrals over W, and over V and U, each on a grid."""
    value = COSTS[r][0]
    w = (np.arange(40_000) + 0.5) / 4000
    rayleigh = w * np.exp(-(w**2) / 2) / 4000
    d = (value(1 + w) - value(1 - w)) / sqrt(2 * pi)
    v = (np.arange(-2400, 2400) + 0.5) / 300
    maxwell = v**2 * norm.pdf(v) / 300
    u = (np.arange(400) + 0.5)[:, np.newaxis] / 400
    difference = value(1 + v) - value(1 + u * v)
    weights = np.broadcast_to(maxwell / 400, difference.shape)
    pairs = ((d, rayleigh), (difference, weights))
    return [np.sum(p * t**2) - np.sum(p * t) ** 2 for t, p in pairs]


@pytest.mark.parametrize("r", ["z^2", "exp(z/2)", "abs(z)", "exp(-z^2)", "cos(3z)", "Heaviside(z)"])
def test_the_table(ch, r):
    table, J = ch["table"], mean(COSTS[r][0](1 + EPS))
    spread = var(COSTS[r][0](1 + EPS))
    for p in (0, 1):
        gradient = mean(e1(r, p))
        known = var(e1(r, p, J))
        expected = {
            "score function": var(e1(r, p)),
            "baseline J": known,
            "leave-one-out of 10": known + (spread * (1 + p) + gradient**2) / 9,
            "best constant": var(fair(r, p)),
            "best constant in pairs": 2 * var(pair(fair(r, p))),
            "measure-valued": 4 * measure_valued_variances(r)[p],
        }
        if COSTS[r][1]:
            first, second = e1(r, p), e2(r, p)
            w = (var(second) - var(first, second)) / var(first - second)
            expected |= {
                "pathwise": var(second),
                "pathwise in pairs": 2 * var(pair(second)),
                "best mixture": var(w * first + (1 - w) * second),
            }
        for name, value in expected.items():
            assert abs(table[name, r][p] - value) < 4e-3 * abs(value) + 1e-6, (name, p)
    assert ("best mixture", r) in table or r == "Heaviside(z)"


def test_who_is_lowest(ch):
    table, values, six = ch["table"], ch["values"], ch["six"]
    assert not any(word in name for name in values for word in ("delta", "Sobol", "path", "mix"))
    lowest = [[min(values, key=lambda n: table[n, r][p]) for r in six] for p in (0, 1)]
    assert lowest[0].count("measure-valued") == 5
    assert sorted(lowest[1]) == sorted(
        ["best constant in pairs"] * 3 + ["measure-valued"] * 2 + ["best constant"]
    )
    slopes = ["pathwise", "pathwise in pairs", "best mixture"]
    for r in ch["five"]:
        for p in (0, 1):
            assert any(table[n, r][p] <= table["pathwise", r][p] for n in slopes[1:])
            assert table["best mixture", r][p] <= table["pathwise", r][p] + 1e-9
    of_one_sample = [n for n, r in table if r == "cos(3z)" and "Sobol" not in n]
    assert max(of_one_sample, key=lambda n: table[n, "cos(3z)"][0]) == "delta of order 2"
    assert table["delta of order 2", "z^2"] == (0, 0)


def test_exceptions_to_the_rule_that_plain_e1_should_retire(ch):
    table = ch["table"]
    for name in ("baseline J", "leave-one-out of 10"):
        assert table[name, "exp(-z^2)"][1] > table["score function", "exp(-z^2)"][1]
    assert all(
        np.greater(table["leave-one-out of 10", "cos(3z)"], table["score function", "cos(3z)"])
    )
    assert abs(mean(COSTS["cos(3z)"][0](1 + EPS))) < 0.02


def test_the_price_of_a_slope(ch):
    """The printed counts, and where the leads are."""
    best, own = ch["best"], ch["with_slopes"]
    counts = {(n, k): int(np.sum(k * t < best)) for n, t in own.items() for k in (1, 3)}
    assert counts == {
        ("pathwise", 1): 5,
        ("pathwise", 3): 1,
        ("best mixture", 1): 8,
        ("best mixture", 3): 4,
    }
    for (name, price), count in counts.items():
        assert f"{name}, a slope counts {price}: leads in {count} of 10" in ch.text
    assert np.argwhere(3 * own["pathwise"] < best).tolist() == [[1, 0]]  # exp(z/2), mu


def test_numbers_of_the_summary():
    assert f"{var(taylor('cos(5z)', 2)):.0f}" == "229" and f"{var(e1('cos(5z)', 0)):.1f}" == "0.5"
    for f, r, expected in [(pathwise, "exp(z/2)", 0.248), (score_function, "cos(5z)", 0.5)]:
        assert abs(exact_variance(f, Cost(r), Q).mu - expected) < 5e-4
    assert stats.norm.pdf(1) == pytest.approx(0.2420, abs=5e-5)


def test_the_third_estimator_has_the_true_mean_and_the_exact_variance():
    """The chapter prints exact numbers only, which ask for the moments and not for the terms."""
    cost, q = Cost("z^2 + sin(2z)"), Gaussian(0.7, 1.4)
    found = monte_carlo(measure_valued, cost, q, 100_000, np.random.default_rng(91))
    exact = exact_gradient(cost, q), exact_variance(measure_valued, cost, q)
    for estimate, truth, variance in zip(found, *exact, strict=True):
        assert abs(estimate.mean - truth) < 5 * estimate.standard_error
        assert abs(estimate.variance / variance - 1) < 0.05


@pytest.mark.parametrize("order", [1, 2])
def test_the_polynomial_moves_no_mean(order):
    cost, q = Cost("exp(z/2) + sin(2z)"), Gaussian(0.7, 1.4)
    found = exact_mean(partial(delta, order=order), cost, q)
    np.testing.assert_allclose(found, exact_gradient(cost, q), rtol=1e-7)
