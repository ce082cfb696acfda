"""Claims of chapter 08, against values that owe nothing to it."""

import re

import numpy as np
import pytest
import sympy as sp

from gradlib import (
    Cost,
    Gaussian,
    MovingAverage,
    estimate,
    leave_one_out,
    optimal_baseline,
    score_function,
)
from gradlib.course.check import EXERCISES

NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(150)
WEIGHTS = WEIGHTS / WEIGHTS.sum()
SCORES = {"mu": NODES, "sigma": NODES**2 - 1}  # at sigma = 1


def mean(values):
    return WEIGHTS @ values


def variance(values):
    return WEIGHTS @ (values - mean(values)) ** 2


def cost(text, mu=1):
    names = {"cos": np.cos, "exp": np.exp, "z": mu + NODES}
    return eval(text.replace("^", "**"), names)


def best(r, parameter):
    s = SCORES[parameter]
    return mean(r * s**2) / mean(s**2)


def test_no_baseline_moves_the_mean_and_a_bad_one_ruins_the_variance(ch):
    r, s = cost("z^2", mu=2), SCORES["mu"]
    for b in (0, 5, 7, 100):
        assert abs(mean((r - b) * s) - 4) < 1e-9
        assert f"{b} 4.0 {variance((r - b) * s):.1f}\n" in ch.text
    assert abs(best(r, "mu") - 7) < 1e-9  # so that 38 is the least
    assert round(variance((r - 100) * s) / variance(r * s)) == 100


def test_the_lowest_point_of_the_parabola(ch):
    A, B, C, b, g = sp.symbols("A B C b g", real=True)
    assert ch["rise"].equals(C * (b - B / C) ** 2)
    assert ch["parabola"].equals(A - g**2 - B**2 / C + ch["rise"])


@pytest.mark.parametrize("r", ["z^2", "exp(z/2)", "cos(2*z) + 3", "exp(-10*z^2)"])
def test_the_mean_cost_is_not_the_best_baseline(ch, r):
    values, name = cost(r), r.replace("*", "")
    J = mean(values)
    numbers = [J, best(values, "mu"), best(values, "sigma")]
    tolerance = 2e-3 if "10" in r else 6e-4  # printed to three digits
    rows = re.findall(rf"^{re.escape(name)} +\[?(.*?)\]?$", ch.text, flags=re.MULTILINE)
    np.testing.assert_allclose(np.array(rows[0].split(), float), numbers, atol=tolerance)
    for row, parameter in zip(rows[1:3], SCORES, strict=True):
        s = SCORES[parameter]
        three = [variance((values - b) * s) for b in (0, J, best(values, parameter))]
        np.testing.assert_allclose(np.array(row.split(), float), three, rtol=5e-3, atol=2e-4)


def test_the_neat_formula_for_mu():
    """J + sigma dJ/dsigma, with closed forms of J."""
    mu, sigma = sp.symbols("mu sigma", positive=True)
    closed = {
        "z^2": mu**2 + sigma**2,
        "exp(z/2)": sp.exp(mu / 2 + sigma**2 / 8),
        "cos(2*z) + 3": sp.exp(-2 * sigma**2) * sp.cos(2 * mu) + 3,
    }
    for r, J in closed.items():
        neat = (J + sigma * J.diff(sigma)).subs({mu: 1, sigma: 1})
        assert abs(best(cost(r), "mu") - float(neat)) < 1e-9


def test_the_mean_cost_can_be_worse_than_none():
    # E[e^{-a z^2} eps^k] at N(1, 1): a bump of height h at m = 1/(1 + 2a) - 1, variance v
    def moments(a):
        v = 1 / (1 + 2 * a)
        h, m = np.sqrt(v) * np.exp(-a * v), -2 * a * v
        eps2, eps4 = m**2 + v, m**4 + 6 * m**2 * v + 3 * v**2
        eps6 = m**6 + 15 * m**4 * v + 45 * m**2 * v**2 + 15 * v**3
        eps = m, m**3 + 3 * m * v
        return h, h * eps2, h * eps4, h * eps6, eps

    (J, m2, m4, *_), (A0, A2, A4, *_) = moments(10), moments(20)
    none = A4 - 2 * A2 + A0 - (m2 - J) ** 2
    with_J = none - 2 * J * (m4 - 2 * m2 + J) + 2 * J**2
    assert (round(none, 4), round(with_J, 4)) == (0.0090, 0.0392)
    assert 4 < with_J / none < 4.5


def test_the_own_batch_is_too_short(ch):
    found = re.findall(r"M = +(\d+): mean (\S+) \+- (\S+)\n", ch.text)
    assert [int(M) for M, *_ in found] == [2, 5, 10]
    for M, estimated, error in found:
        assert abs(float(estimated) - 4 * (1 - 1 / int(M))) < 4 * float(error)
        assert abs(float(estimated) - 4) > 20 * float(error)


def test_leave_one_out_has_the_variance_of_a_sample_covariance(ch):
    lines = re.findall(r"mean (\S+) \+- (\S+), M Var: (\S+) \+- (\S+), exactly (\S+)", ch.text)
    r, s = cost("z^2", mu=2), SCORES["mu"]
    known, price = variance((r - 5) * s), variance(r) * variance(s) + 4**2
    assert (round(known), round(price)) == (42, 34)
    for M, line in zip((2, 5, 10, 100), lines, strict=True):
        estimated, error, spread, its_error, exact = map(float, line)
        assert abs(exact - (known + price / (M - 1))) < 0.0051
        assert abs(estimated - 4) < 4 * error
        assert abs(spread - exact) < 4 * its_error
    assert lines[0][-1] == "76.00" and lines[2][-1] == "45.78"


def test_the_parts_of_the_deeper_proof():
    """zeta_1 and zeta_2 for z^2 at N(2, 1), on the grid of all pairs of nodes."""
    r, s = cost("z^2", mu=2) - 5, SCORES["mu"]
    h = 0.5 * np.subtract.outer(r, r) * np.subtract.outer(s, s)
    zeta_1, zeta_2 = variance(h @ WEIGHTS), WEIGHTS @ h**2 @ WEIGHTS - 4**2
    V, second = variance(r * s), mean(r**2 * s**2)
    np.testing.assert_allclose(zeta_1, V / 4, rtol=1e-9)
    np.testing.assert_allclose(zeta_2, (second + variance(r) * variance(s)) / 2, rtol=1e-9)
    for M in (2, 7):
        by_pairs = (2 * zeta_2 + 4 * (M - 2) * zeta_1) / (M * (M - 1))
        formula = V / M + (variance(r) * variance(s) + 4**2) / (M * (M - 1))
        np.testing.assert_allclose(by_pairs, formula, rtol=1e-9)


def test_four_baselines_and_no_bias(ch):
    bias, squared = ch["bias"], ch["squared"]
    assert np.all(np.abs(bias.mean) < 4 * bias.standard_error)
    none, moving, known, own = squared.mean
    assert none > 20 * max(moving, own) and known < moving < own
    # exactly, for the best baseline mu^2 + 3 sigma^2 + 10 of z^2 + 10 at sigma = 1/2
    mu = 2 * np.cos(np.arange(4000) / 100)
    exact = np.mean([variance(((m + NODES / 2) ** 2 - m**2 - 0.75) * 2 * NODES) for m in mu]) / 4
    assert abs(known - exact) < 4 * squared.standard_error[2]


def test_the_best_baseline_of_the_swing_in_closed_form():
    for mu in (-2.0, 0.3, 1.7):
        found = optimal_baseline(Cost("z^2 + 10"), Gaussian(mu, 0.5)).mu
        assert found == pytest.approx(mu**2 + 3 * 0.5**2 + 10, rel=1e-10)


@pytest.mark.parametrize(("period", "moving_is_better"), [(100, True), (5, False)])
def test_a_moving_average_lags_behind(period, moving_is_better):
    shifted, moving, squares = Cost("z^2 + 10"), MovingAverage(), []
    rng = np.random.default_rng(8)
    for step in range(12_000):
        q, eps = Gaussian(2 * np.cos(step / period), 0.5), rng.standard_normal(4)
        both = score_function(shifted, q, eps, moving.value), leave_one_out(shifted, q, eps)
        squares.append([(terms.mu.mean() - 2 * q.mu) ** 2 for terms in both])
        moving.update(shifted(q.reparameterize(eps)))
    difference = estimate(np.subtract(*np.transpose(squares)))
    assert (difference.mean < 0) == moving_is_better
    assert abs(difference.mean) > 4 * difference.standard_error


@pytest.mark.parametrize(
    ("family", "parameter", "plain", "fair"),
    [
        ("cos({k}*z)", "mu", 1.0638, 1.0625),
        ("cos({k}*z)", "sigma", 1.2973, 1.2806),
        ("exp(-{k}*z^2)", "mu", 0.8700, 0.3580),
        ("exp(-{k}*z^2)", "sigma", 1.0028, 0.7519),
    ],
)
def test_where_the_lead_changes(ch, family, parameter, plain, fair):
    """The variances of E1 and E2 on either side of the printed k, with slopes by hand."""

    def gap(k, with_baseline):
        r, z, s = cost(family.format(k=k)), 1 + NODES, SCORES[parameter]
        slope = -k * np.sin(k * z) if "cos" in family else -2 * k * z * r
        b = best(r, parameter) if with_baseline else 0
        return variance((r - b) * s) - variance(slope * (NODES if parameter == "sigma" else 1))

    for k, with_baseline in ((plain, False), (fair, True)):
        assert gap(k - 1e-4, with_baseline) > 0 > gap(k + 1e-4, with_baseline)
        assert np.all([gap(x, with_baseline) > 0 for x in np.linspace(0.1, k - 1e-4, 40)])
    name = "wave" if "cos" in family else "bump"
    assert f"{name}, {parameter}: plain [{plain:g}" in ch.text
    assert f"fair {fair:.4f}" in ch.text
    if name == "wave":
        assert abs(best(cost(family.format(k=fair)), parameter)) < 0.12


def test_the_picture_of_the_lead(ch):
    first = {name: ratio[0] for (title, name), ratio in ch["ratios"].items() if "cos" in title}
    assert first["E1"] > 1000 * first["fair E1"] and first["fair E1"] > 1


def test_a_constant_decides_no_more(ch):
    printed = ch.text.split("fair E1       E2")[1]
    rows = dict(re.findall(r"^(.*\S) +(\d\S* +\d\S* +\d\S*)$", printed, re.M))
    table = {r: [float(x) for x in numbers.split()] for r, numbers in rows.items()}
    assert all(table[r][1] > table[r][2] for r in ("(z + 3)^2", "z^2", "(z - 3)^2"))
    waves = [table[r] for r in ("cos(2z)", "cos(2z) + 3", "cos(2z) + 30")]
    assert len({tuple(row[1:]) for row in waves}) == 1 and waves[0][1] < waves[0][2]
    r, s = cost("cos(2*z) + 30"), SCORES["mu"]
    expected = variance(r * s), variance((r - best(r, "mu")) * s)
    np.testing.assert_allclose(table["cos(2z) + 30"][:2], expected, atol=0.0051)
    assert 300 < expected[0] / table["cos(2z) + 30"][2] < 1000


@pytest.mark.parametrize(
    ("attempt", "verdict"),
    [
        ("exp(-10(z - 1)^2)", "right. Here the variance for mu is 0.003809 without"),
        ("1/(1 + 40(z - 1)^2)", "right"),
        ("z^2", "not yet: the variance for mu is 30 without a baseline and 18 with J = 2"),
        ("5", "not yet: .* J must be more than twice the best baseline"),
        ("z^2 - 3", "not yet: r.* is negative"),
        (..., "not answered yet"),
    ],
)
def test_a_cost_whose_mean_is_a_bad_baseline(attempt, verdict):
    assert re.match(verdict, EXERCISES["08.3"](attempt)), EXERCISES["08.3"](attempt)
