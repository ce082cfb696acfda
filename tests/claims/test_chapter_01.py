"""Chapter 01: what the text says of finite differences, against independent values."""

import re

import numpy as np
import pytest
from scipy import integrate, stats


def variance_of_cube(mu):
    """Var Z^3 at N(mu, 1), from E[Z^6] and E[Z^3]."""
    return mu**6 + 15 * mu**4 + 45 * mu**2 + 15 - (mu**3 + 3 * mu) ** 2


def variance_with_fresh_draws(h):
    return (variance_of_cube(2 + h) + variance_of_cube(2 - h)) / (4 * h**2)


def mean(f):
    """E[f(eps)] by quadrature."""
    return integrate.quad(lambda e: f(e) * stats.norm.pdf(e), -12, 12, limit=400)[0]


def rows(text):
    """(h, estimate, standard error) of each line that has all three."""
    pattern = r"h = (\S+) +(-?[\d.]+) \+- +([\d.]+)"
    return [tuple(map(float, found)) for found in re.findall(pattern, text)]


def rows_of(ch, question):
    (text,) = (text for text in ch.printed if question in text and "+-" in text)
    return rows(text)


def test_the_average_costs_of_the_first_picture(ch):
    assert re.findall(r"J = (\S+)", ch.printed[0]) == ["2.0", "5.0"]
    assert ch["square"](3.0) == 9


@pytest.mark.parametrize(("mu", "sigma"), [(2.0, 1.0), (-0.7, 1.6)])
def test_closed_forms_of_three_costs(ch, mu, sigma):
    found = ch["J"].subs({ch["mu"]: mu, ch["sigma"]: sigma})
    for value, r in zip(found, (lambda z: z**2, np.sin, lambda z: z**3), strict=True):
        assert float(value) == pytest.approx(mean(lambda e, r=r: r(mu + sigma * e)), abs=1e-8)


def test_the_truth_is_15_and_frozen_samples_give_0(ch):
    slope = mean(lambda e: (2 + e) ** 3 * e)  # Stein's lemma: E[r(Z) eps]/sigma = dJ/dmu
    assert slope == pytest.approx(15, abs=1e-8)
    (text,) = (text for text in ch.printed if text.startswith("slope: "))
    assert text == "slope: 0.0\ntruth: 15.0\n"
    assert ch["frozen_average"](-5) == ch["frozen_average"](5)


def test_fresh_draws_have_the_standard_error_of_the_formula(ch):
    found = rows_of(ch, "which one comes closest to 15")
    assert [h for h, *_ in found] == [1, 0.1, 0.01, 0.001]
    for h, estimate, error in found:
        exact = np.sqrt(variance_with_fresh_draws(h) / 10_000)
        assert error == pytest.approx(exact, rel=0.05)
        assert abs(estimate - (15 + h**2)) <= 4 * exact
    assert min(found, key=lambda row: abs(row[1] - 15))[0] == 0.1
    assert found[-1][2] > 100


def test_variance_of_the_cost(ch):
    assert ch["cost_variance"](2) == pytest.approx(303, rel=1e-9)  # exercise 01.4 names it
    for mu in (-0.5, 2.3):
        assert ch["cost_variance"](mu) == pytest.approx(variance_of_cube(mu), rel=1e-9)


def test_grid_has_four_decimals_and_takes_too_long(ch):
    assert len(ch["points"]) == 20
    slope = (ch["average_on_grid"](2.001) - ch["average_on_grid"](1.999)) / 0.002
    assert abs(slope - 15) < 5e-5
    hours = dict(re.findall(r"d = +(\d+): .* points, +(\S+) hours", ch.text))
    assert 2.7 < float(hours["10"]) < 3
    assert 1e52 < float(hours["50"]) < 1e53


def test_common_random_numbers_keep_their_standard_error(ch):
    found = rows_of(ch, "what does the standard error do")
    assert len(found) == 4
    for h, estimate, error in found:
        assert error == pytest.approx(np.sqrt(162 / 10_000), rel=0.05)
        assert abs(estimate - (15 + h**2)) <= 4 * error
    assert found[0][1] - found[-1][1] == pytest.approx(1, abs=2e-3)  # the bias alone


def test_a_pair_rises_with_common_random_numbers_only(ch):
    up, fresh, common = (
        ch["cost"](2 + d) for d in (0.1 + ch["eps_up"], ch["eps_down"] - 0.1, ch["eps_up"] - 0.1)
    )
    assert np.all(up > common)
    assert 2 < np.sum(up < fresh) < 10


@pytest.mark.parametrize("h", [1.0, 0.3])
def test_bias_and_variance_of_the_cube(ch, h):
    quotient = mean(lambda e: ((2 + h + e) ** 3 - (2 - h + e) ** 3) / (2 * h))
    square = mean(lambda e: (((2 + h + e) ** 3 - (2 - h + e) ** 3) / (2 * h)) ** 2)
    assert quotient - 15 == pytest.approx(h**2, abs=1e-8)
    assert square - quotient**2 == pytest.approx(162, abs=1e-6)
    assert float(ch["bias"].subs(ch["step"], h)) == pytest.approx(h**2)
    assert ch["variance"].subs({ch["mu"]: 2, ch["sigma"]: 1}) == 162


def test_four_standard_errors_are_rare(ch):
    assert float(re.search(r"t = (\S+)", ch.text)[1]) == pytest.approx(-1, abs=0.1)
    once_in = int(re.search(r"once in ([\d,]+) checks", ch.text)[1].replace(",", ""))
    assert once_in == pytest.approx(1 / (2 * (1 - stats.norm.cdf(4))), rel=1e-4)
    assert round(once_in, -3) == 16_000


def test_bias_is_of_second_order(ch):
    def bias(h):  # of sin at N(2, 1): J = e^(-1/2) sin(mu)
        slope = ch["difference"](lambda m: np.exp(-0.5) * np.sin(m), 2, 1, h, 0, 0)
        return slope - np.exp(-0.5) * np.cos(2)

    third = -np.exp(-0.5) * np.cos(2)
    assert bias(0.01) == pytest.approx(0.01**2 / 6 * third, rel=1e-4)


def test_variance_tends_to_that_of_the_slope(ch):
    limit = mean(lambda e: np.cos(2 + e) ** 2) - mean(lambda e: np.cos(2 + e)) ** 2
    found = [float(v) for v in re.findall(r"variance (0\.\d{5})\n", ch.text)]
    exact = [(np.sin(h) / h) ** 2 * limit for h in (1, 0.1, 0.01)]  # sin(z + h) - sin(z - h)
    np.testing.assert_allclose(found, exact, atol=6e-6)
    assert f"Var r'(Z)          {limit:.5f}" in ch.text


def squared_errors(h):
    """Exact mean squared errors of averages of 1000 pairs: fresh draws, common random numbers."""
    return h**4 + variance_with_fresh_draws(h) / 1000, h**4 + 162 / 1000


def test_the_picture_of_both_ways(ch):
    """The curves are exact, and the markers agree with them in standard errors."""
    for curve, exact in zip(("fresh", "common"), squared_errors(ch["fine"]), strict=True):
        np.testing.assert_allclose(ch[f"exact_{curve}"] ** 2, exact, rtol=1e-9)
    for h, *found in zip(ch["steps"], ch["fresh"], ch["common"], strict=True):
        for marker, exact in zip(found, squared_errors(h), strict=True):
            assert abs(marker.mean - exact) <= 4 * marker.standard_error


def test_the_picture_has_the_slopes_that_the_text_names(ch):
    steps, fresh, common = (np.log(ch[name]) for name in ("fine", "exact_fresh", "exact_common"))
    assert np.polyfit(steps[:20], fresh[:20], 1)[0] == pytest.approx(-1, abs=0.01)
    assert np.ptp(common[:20]) < 0.01
    assert fresh[-1] == pytest.approx(common[-1], abs=0.01)
    assert np.argmin(fresh) not in (0, len(fresh) - 1)


def test_a_step(ch):
    density = stats.norm.pdf(0.5)
    assert ch["at_step"] == pytest.approx(density, abs=1e-9)
    found = re.findall(r"h = (\S+) +(\S+) \+- (\S+), variance +(\S+), .* = +(\S+)", ch.text)
    assert len(found) == 3
    for h, estimate, error, variance, predicted in np.array(found, float):
        between = stats.norm.cdf(0.5 + h) - stats.norm.cdf(0.5 - h)
        exact = between * (1 - between) / (4 * h**2)
        assert variance == pytest.approx(exact, rel=0.1)
        assert predicted == pytest.approx(density / (2 * h), abs=0.06)
        assert abs(estimate - between / (2 * h)) <= 4 * error


def test_chain_rule(ch):
    def J(phi):
        return mean(lambda e: (phi**2 + np.exp(phi) * e) ** 2)

    slope = (J(0.501) - J(0.499)) / 0.002
    assert ch["gradient"].along(1.0, np.exp(0.5)) == pytest.approx(slope, abs=1e-4)
    assert f"dJ/dphi = {slope:.4f}, by hand {slope:.4f}" in ch.text
