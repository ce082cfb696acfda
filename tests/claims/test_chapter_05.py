"""Claims of chapter 05, against values that owe nothing to it."""

import re
from itertools import pairwise

import numpy as np
import pytest
from scipy import integrate, stats

from gradlib import Cost, Gaussian, exact_variance, pathwise, score_function


def variance(term, mu=0.0, sigma=1.0):
    """Variance of term(z, eps) by adaptive quadrature."""

    def mean(f):
        parts = np.linspace(-10, 10, 81)
        return sum(
            integrate.quad(lambda e: f(mu + sigma * e, e) * stats.norm.pdf(e), *ends)[0]
            for ends in pairwise(parts)
        )

    return mean(lambda z, e: term(z, e) ** 2) - mean(term) ** 2


def test_nodes(ch):
    assert "2 nodes: 25.000  3 nodes: 81.000  4 nodes: 87.000  5 nodes: 87.000" in ch.text
    wave = variance(lambda z, e: np.cos(10 * z) * e, 2)
    assert abs(wave - 0.5) < 1e-6
    found = re.search(r"20 nodes: (\S+)  40 nodes: (\S+)  80 nodes: (\S+)", ch.text).groups()
    assert min(abs(float(x) - wave) for x in found) > 1e-3  # silently wrong


@pytest.mark.parametrize(("mu", "sigma"), [(2.0, 1.0), (-0.4, 1.3)])
def test_closed_form_of_the_square(ch, mu, sigma):
    at = {ch["mu"]: mu, ch["sigma"]: sigma}
    e1, e2 = (
        ch["sp"].factor(ch["mean"](term**2) - ch["mean"](term) ** 2).subs(at)
        for term in ch["terms"]
    )
    by_quadrature = variance(lambda z, e: z**2 * e / sigma, mu, sigma)
    assert float(e1) == pytest.approx(by_quadrature, rel=1e-8)
    assert float(e2) == pytest.approx(4 * sigma**2)
    assert 2**4 + 14 * 2**2 + 15 == 87


def test_sixteen_comparisons(ch):
    assert "16 comparisons, all within 1e-8: True" in ch.text
    assert len(ch["errors"]) == 8


def test_a_constant(ch):
    (constants, square), (shifts, wave) = ch["parabolas"].values()
    first = square["score function"]
    assert constants[np.argmin(first)] == pytest.approx(-7)
    assert min(first) == pytest.approx(38)
    np.testing.assert_allclose(square["pathwise"], 4)
    lead = np.interp([0, 2], shifts, np.subtract(wave["score function"], wave["pathwise"]))
    assert lead[0] < 0 < lead[1]


def test_the_best_constant():
    # c* = -E[r s^2]/E[s^2] with s = eps, for z^2 at N(2, 1)
    z = np.polynomial.Polynomial([2, 1])
    moments = [1, 0, 1, 0, 3, 0, 15]
    mean = sum(c * m for c, m in zip((z**2 * np.polynomial.Polynomial([0, 0, 1])).coef, moments))
    assert mean == pytest.approx(7)


@pytest.mark.parametrize("name", ["score function", "pathwise"])
def test_limits_of_a_narrow_bell(ch, name):
    for exact, limit in zip(ch["exact"][name], ch["limits"][name]):
        assert exact[0] == pytest.approx(limit[0], rel=1e-3)
        slope = np.polyfit(np.log(ch["bells"][:4]), np.log(exact[:4]), 1)[0]
        expected = np.polyfit(np.log(ch["bells"][:4]), np.log(limit[:4]), 1)[0]
        assert slope == pytest.approx(expected, abs=0.01)


@pytest.mark.parametrize(("r", "k"), [("sin(z)", 1), ("1 - cos(z)", 2), ("z - sin(z)", 3)])
def test_zero_at_mu_does_not_rescue_the_score_function(ch, r, k):
    row = rf"^{re.escape(r)} +E1/E2 for mu (\S+), for sigma (\S+)$"
    mu, sigma = map(float, re.search(row, ch.text, re.MULTILINE).groups())
    # limits, from the moments of eps^k: mean 0 of the terms is not subtracted where it vanishes
    cost = (lambda e: e, lambda e: e**2 / 2, lambda e: e**3 / 6)[k - 1]
    slope = (lambda e: 1 + 0 * e, lambda e: e, lambda e: e**2 / 2)[k - 1]
    first = variance(lambda z, e: cost(e) * (e**2 - 1))
    assert sigma == pytest.approx(first / variance(lambda z, e: slope(e) * e), rel=1e-3)
    if k > 1:
        ratio = variance(lambda z, e: cost(e) * e) / variance(lambda z, e: slope(e))
        assert mu == pytest.approx(ratio, rel=1e-3)
    assert mu > 1
    assert sigma > 1


def test_a_steep_cost(ch):
    printed = re.findall(r"^cos\((\d+)z\) +E1 (\S+), E2 (\S+)$", ch.text, re.MULTILINE)
    assert len(printed) == 3
    for k, e1, e2 in (map(float, line) for line in printed):
        assert e2 == pytest.approx(k**2 * variance(lambda z, e, k=k: np.sin(k * z), 0.5), abs=6e-4)
        if k > 1:
            assert e2 == pytest.approx(k**2 / 2)
            assert e1 == pytest.approx(0.5)


def test_coefficients(ch):
    e1, e2 = ch["terms_of"](ch["coefficients"]("z^2", Gaussian(2, 1), 6)).values()
    np.testing.assert_allclose(e1**2, [16, 49, 32, 6, 0], atol=1e-9)
    np.testing.assert_allclose(e2**2, [16, 4, 0, 0, 0], atol=1e-9)


@pytest.mark.parametrize("r", ["z^2", "cos(3z)"])
def test_sums_of_squares_are_the_variances(ch, r):
    terms = ch["terms_of"](ch["coefficients"](r, Gaussian(2, 1), 40))
    for name, estimator in (("score function", score_function), ("pathwise", pathwise)):
        total = sum(terms[name][1:] ** 2)
        assert total == pytest.approx(exact_variance(estimator, Cost(r), Gaussian(2, 1)).mu)


def test_most_bars_of_the_wave_are_smaller(ch):
    first, second = ch["panels"][r"$r = \cos 3z$"].values()
    visible = np.maximum(first**2, second**2)[1:] > 1e-3
    assert np.mean((first**2 < second**2)[1:][visible]) > 0.6


def test_gap_by_coefficients(ch):
    lines = re.findall(r"squares +(\S+), two apart +(\S+), together +(\S+)", ch.text)
    for r, line in zip(["z^2", "exp(z)", "cos(3z)", "cos(10z)"], lines, strict=True):
        cost, q = Cost(r), Gaussian(2, 0.5)
        e1, e2 = (exact_variance(e, cost, q).mu for e in (score_function, pathwise))
        squares, apart, together = map(float, line)
        assert together == pytest.approx(e1 - e2, abs=0.006)
        assert squares > 0
        assert (apart < 0) == r.startswith("cos")


@pytest.mark.parametrize(
    ("r", "cost", "slope"),
    [
        ("10", lambda z: 10 + 0 * z, lambda z: 0 * z),
        ("3z", lambda z: 3 * z, lambda z: 3 + 0 * z),
        ("cos(10z)", lambda z: np.cos(10 * z), lambda z: -10 * np.sin(10 * z)),
    ],
)
def test_public_explanations(ch, r, cost, slope):
    row = rf"^{re.escape(r)} +([\d.]+) +([\d.]+) +([\d.]+) +([\d.]+)$"
    terms = (
        lambda z, e: cost(z) * e,
        lambda z, e: slope(z),
        lambda z, e: cost(z) * (e**2 - 1),
        lambda z, e: slope(z) * e,
    )
    for found, term in zip(re.search(row, ch.text, re.MULTILINE).groups(), terms, strict=True):
        assert float(found) == pytest.approx(variance(term, 0.5), abs=0.0051)


def test_one_setting_of_the_live_figure(ch):
    assert "variance 30 (score function), 4 (pathwise)" in ch.text
    assert "variance 136 (score function), 12 (pathwise)" in ch.text
    # the bullets: E1 stays above E2 for z^2 with the best constant, and cos(2z) + 2 at N(1, 1)
    assert variance(lambda z, e: (z**2 - 4) * e, 1) > 4  # c* = -(mu^2 + 3 sigma^2)
