"""Claims of chapter 07, against values that owe nothing to it."""

import re

import numpy as np
import pytest
from scipy import integrate, optimize, stats

from gradlib import (
    Cost,
    Gaussian,
    estimate,
    exact_gradient,
    exact_variance,
    pathwise,
    score_function,
)
from gradlib.course import figures

NODES = np.linspace(-12, 12, 6001)  # the trapezoidal rule, all but exact for smooth costs
WEIGHTS = stats.norm.pdf(NODES) / stats.norm.pdf(NODES).sum()


def variances(r, slope, mu, sigma):
    """Of E1 and of E2, each for mu and sigma, by the trapezoidal rule."""
    z, eps = mu + sigma * NODES, NODES
    factors = np.array([np.ones_like(eps), eps])
    score = r(z) * np.array([eps, eps**2 - 1]) / sigma
    return np.array(
        [(t - (t @ WEIGHTS)[:, None]) ** 2 @ WEIGHTS for t in (score, slope(z) * factors)]
    )


def wave(k, mu, shift=0.0):
    """Both variances for cos(kz - shift) at N(mu, 1), from the closed forms of a wave's moments."""
    return variances(lambda z: np.cos(k * z - shift), lambda z: -k * np.sin(k * z - shift), mu, 1.0)


def roots(mu, index, shift=0.0):
    def gap(k):
        score, path = wave(k, mu, shift)
        return (score - path)[index]

    grid = np.linspace(0.1, 3, 600)
    signs = np.sign([gap(k) for k in grid])
    return [optimize.brentq(gap, *grid[j : j + 2]) for j in np.flatnonzero(np.diff(signs))]


def numbers(ch, start):
    """What is printed after this start of a line."""
    line = re.search(rf"^{re.escape(start)}(.*)$", ch.text, flags=re.MULTILINE)[1]
    return [[float(x) for x in part.split()] for part in line.removeprefix(" mu").split("sigma")]


@pytest.mark.parametrize(
    ("start", "mu", "shift"),
    [
        ("cos(kz) at N(1, 1):", 1, 0),
        ("N(1, 1):", 1, 0),
        ("N(10, 1):", 10, 0),
        ("N(20, 1):", 20, 0),
        ("sin(kz) at N(1, 1):", 1, np.pi / 2),
    ],
)
def test_ties_of_waves(ch, start, mu, shift):
    for index, found in enumerate(numbers(ch, start)):
        np.testing.assert_allclose(found, roots(mu, index, shift), atol=6e-5)


def test_ties_that_the_text_names(ch):
    np.testing.assert_allclose(np.ravel(ch["ties"]), [1.0638, 1.2973], atol=5e-5)
    counts = [len(part) for mu in (10, 20) for part in numbers(ch, f"N({mu}, 1):")]
    assert counts == [3, 1, 3, 3]


def test_pathwise_leads_to_the_left_of_the_tie(ch):
    for index, tie in enumerate((1.0638, 1.2973)):
        for k in (0.2, 0.9 * tie, 1.1 * tie, 2.9):
            score, path = wave(k, 1)[:, index]
            assert (path < score) == (k < tie)


@pytest.mark.parametrize(("mu", "sigma"), [(0.4, 0.7), (-1.3, 1.2)])
def test_closed_forms_of_the_gap(ch, mu, sigma):
    score, path = variances(np.cos, lambda z: -np.sin(z), mu, sigma)
    found = [float(g.subs({ch["mu"]: mu, ch["sigma"]: sigma})) for g in ch["gaps"]]
    np.testing.assert_allclose(found, 2 * sigma**2 * (score - path), atol=1e-9)
    score, path = variances(np.sin, np.cos, mu, sigma)  # the fading terms change their sign
    centre = [1 - sigma**2, 2 - sigma**2]
    mirrored = 2 * np.array(centre) - found
    np.testing.assert_allclose(mirrored, 2 * sigma**2 * (score - path), atol=1e-9)


def test_the_lead_of_fast_waves_has_no_bound(ch):
    rows = re.findall(r"k = +(\d+): pathwise / score function (\S+) (\S+)", ch.text)
    assert len(rows) == 5
    for k, mu, sigma in np.array(rows, float)[2:]:
        np.testing.assert_allclose([mu, sigma], [k**2, k**2 / 2], rtol=1e-6)


def test_bands_of_the_ties(ch):
    for index, (low, high) in enumerate([(0.85, 1.11), (1.27, 1.52)]):
        for phase in np.linspace(0, np.pi, 13):
            for kappa in (0.3, low, high, 4):
                score, path = variances(np.cos, lambda z: -np.sin(z), phase, kappa)[:, index]
                assert (path < score) == (kappa <= low)


def test_the_dot_of_the_phase_diagram(ch):
    assert "d/dmu: ratio 0.6663, score function wins. d/dsigma: ratio 1.332, pathwise" in ch.text
    score, path = variances(np.cos, lambda z: -np.sin(z), 1.2, 1.2)
    np.testing.assert_allclose(score / path, [0.6663, 1.332], rtol=4e-4)


def bump(k):
    """Both variances of exp(-k z^2) at N(1, 1) for mu, from Gaussian integrals."""

    def mean(f):
        width = 12 / np.sqrt(2 * k + 1)
        centre = 1 / (1 + 4 * k)
        ends = centre - width, centre + width
        return integrate.quad(
            lambda z: f(z) * stats.norm.pdf(z, 1), *ends, limit=500, epsabs=1e-13, points=[0.0]
        )[0]

    gradient = mean(lambda z: -2 * k * z * np.exp(-k * z**2))
    first = mean(lambda z: (np.exp(-k * z**2) * (z - 1)) ** 2) - gradient**2
    second = mean(lambda z: (2 * k * z * np.exp(-k * z**2)) ** 2) - gradient**2
    return first, second


def test_bumps(ch):
    rows = re.findall(
        r"k = (\S+): (\S+) \(score function\), (\S+) \(pathwise\), ratio (\S+)", ch.text
    )
    rows = np.array(rows, float)
    assert rows[:, 0].tolist() == [0.1, 1, 10, 100, 1000]
    for k, first, second, ratio in rows:
        exact = bump(k)
        np.testing.assert_allclose([first, second], exact, atol=6e-5)
        np.testing.assert_allclose(ratio, exact[1] / exact[0], rtol=1e-3)
    assert 34 < 1 / rows[0, 3] < 35.5 and rows[-1, 3] == 1020
    assert np.all(np.diff(rows[1:, 1]) < 0) and np.all(np.diff(rows[:, 2]) > 0)


@pytest.mark.parametrize(("mu", "sigma"), [(1.0, 1.0), (0.8, 1.3)])
def test_law_of_narrow_bumps(ch, mu, sigma):
    k, q = 1e6, Gaussian(mu, sigma)
    cost = Cost(f"exp(-{k} z^2)")
    first, second = (exact_variance(e, cost, q).mu for e in (score_function, pathwise))
    assert second / first == pytest.approx(k * sigma**4 / mu**2, rel=0.01)


def test_published_curves(ch):
    families = {
        "(z - k)^2": (lambda k: lambda z: (z - k) ** 2, lambda k: lambda z: 2 * (z - k)),
        "exp(-kz^2)": (
            lambda k: lambda z: np.exp(-k * z**2),
            lambda k: lambda z: -2 * k * z * np.exp(-k * z**2),
        ),
        "cos(kz)": (lambda k: lambda z: np.cos(k * z), lambda k: lambda z: -k * np.sin(k * z)),
    }
    assert list(ch["families"]) == list(families)
    for name, (r, slope) in families.items():
        ks, curves = ch["families"][name]
        for j in range(0, len(ks), 6):
            exact = variances(r(ks[j]), slope(ks[j]), 1.0, 1.0)
            np.testing.assert_allclose(curves[:, :, j], exact, rtol=1e-6)
    _, bowls = ch["families"]["(z - k)^2"]
    assert np.all(bowls[0] > bowls[1])


def test_the_order_turns_for_the_hill_where_the_text_says(ch):
    for index, place in enumerate((0.87, 1.0028)):
        (found,) = ch["for_hill"][index]
        assert found == pytest.approx(place, abs=5e-5)
        for k in (0.98 * found, 1.02 * found):
            score, path = variances(
                lambda z, k=k: np.exp(-k * z**2),
                lambda z, k=k: -2 * k * z * np.exp(-k * z**2),
                1.0,
                1.0,
            )[:, index]
            assert (path < score) == (k < found)


def test_law_of_ramps(ch):
    density = stats.norm.pdf(0.5)
    assert f"law [{density:.4f} {density / 6:.4f}]" in ch.text
    rows = re.findall(r"w = (\S+): score function \[(.*?)\], w \* pathwise \[(.*?)\]", ch.text)
    share = stats.norm.cdf(0.5)  # of the samples beyond the step, where E1 is eps
    square = integrate.quad(lambda e: e**2 * stats.norm.pdf(e), -0.5, np.inf)[0]
    assert 0.5 < share < 1
    step = square - density**2
    (*_, (_, first, second)) = rows
    np.testing.assert_allclose([float(x) for x in first.split()], step, atol=1e-3)
    np.testing.assert_allclose(
        [float(x) for x in second.split()], [density, density / 6], atol=2e-4
    )
    area = integrate.quad(lambda u: (np.exp(-u) / (1 + np.exp(-u)) ** 2) ** 2, -40, 40)[0]
    assert area == pytest.approx(1 / 6)


def test_the_chaotic_cost_is_a_wave(ch):
    z = np.linspace(-2, 2.6, 301)
    theta = np.arcsin(np.sqrt(1 / (1 + np.exp(-z))))
    cost = ch["unrolled"](4, 8)
    np.testing.assert_allclose(cost(z), np.sin(2**8 * theta) ** 2, atol=1e-9)
    chain = 2**8 * np.sin(2**9 * theta) * np.sin(2 * theta) / 4  # d theta/dz = sin(2 theta)/4
    np.testing.assert_allclose(cost.derivative(z), chain, atol=1e-8)


def test_chaos(ch):
    spread = integrate.quad(
        lambda z: np.exp(-z) / (1 + np.exp(-z)) ** 2 * stats.norm.pdf(z, 0.3, 0.7), -8, 8
    )[0]
    first, second = ch["runs"][4]
    np.testing.assert_allclose(first[6:], 0.375 / 0.49, rtol=1e-3)
    np.testing.assert_allclose(second[6:], 4.0 ** np.arange(6, 13) * spread / 8, rtol=1e-3)
    assert (second > first).tolist() == [T >= 3 for T in range(13)]
    assert round(second[12] / first[12], -3) == 606_000
    calm = ch["runs"][2.5][1]
    assert calm[1] > 19 * calm[0] and np.all(np.diff(calm[1:]) < 0)
    assert calm[-1] / calm[-2] == pytest.approx(0.25, abs=0.05)


def test_both_estimators_find_the_gradient_in_chaos(ch):
    """For a few steps there is a gradient to find, and for many steps hardly any."""
    cost, start = ch["unrolled"](4, 3), ch["start"]
    eps = np.random.default_rng(64).standard_normal(100_000)
    z = np.linspace(-8, 8, 200_001)
    truth = np.trapezoid(cost(z) * (z - 0.3) / 0.49 * stats.norm.pdf(z, 0.3, 0.7), z)
    for estimator in (score_function, pathwise):
        found = estimate(estimator(cost, start, eps).mu)
        assert abs(found.mean - truth) < 4 * found.standard_error
    assert abs(truth) > 0.03 and abs(exact_gradient(ch["unrolled"](4, 6), start).mu) < 1e-6


def edges(R):
    return (np.sqrt(1 + 1 / R) - 1) ** 2, (np.sqrt(1 + 1 / R) + 1) ** 2


def moments(r, slope, mu=1.0, sigma=1.0):
    """R and m1/m2 by quadrature on a fine grid."""
    z = np.linspace(mu - 16 * sigma, mu + 16 * sigma, 400_001)
    weights = stats.norm.pdf(z, mu, sigma)
    weights /= weights.sum()
    eps = (z - mu) / sigma
    size, first, second = (x**2 @ weights for x in (r(z) / sigma, r(z) * eps / sigma, slope(z)))
    return second / size, first / second


def test_places_on_the_map(ch):
    exact = {
        "z^2 + 10": (lambda z: z**2 + 10, lambda z: 2 * z),
        "abs(z)": (np.abs, np.sign),
        "exp(3z)": (lambda z: np.exp(3 * z), lambda z: 3 * np.exp(3 * z)),
        "cos(4z) + 3": (lambda z: np.cos(4 * z) + 3, lambda z: -4 * np.sin(4 * z)),
        "cos(4z)": (lambda z: np.cos(4 * z), lambda z: -4 * np.sin(4 * z)),
        "tanh(5(z-1))": (lambda z: np.tanh(5 * (z - 1)), lambda z: 5 / np.cosh(5 * (z - 1)) ** 2),
    }
    for name, parts in exact.items():
        np.testing.assert_allclose(ch["places"][name], moments(*parts), rtol=1e-4)


def test_the_map_has_no_cost_in_the_grey(ch):
    costs = ["z^3 - z", "sin(9z)", "exp(-40z^2)", "sigmoid(20z)", "exp(z) - 5", "z exp(-z^2)"]
    more = [ch["place"](Cost(text), Gaussian(0.2, 0.7)) for text in costs]
    for R, ratio in [*ch["places"].values(), *more]:
        low, high = edges(R)
        assert low * (1 - 1e-9) <= ratio <= high * (1 + 1e-9)
        assert R >= 1 / 3 - 1e-9 or ratio > 1
    assert ch["places"]["cos(4z)"][1] < 1 < ch["places"]["cos(4z) + 3"][1]
    assert ch["places"]["exp(3z)"][1] > 2


@pytest.mark.parametrize("t", [0.2, 0.5, 4])
def test_bumps_around_the_centre_lie_on_the_lower_edge(ch, t):
    R, ratio = ch["place"](Cost(f"exp(-{t} (z-1)^2)"), Gaussian(1, 1))
    assert ratio == pytest.approx(edges(R)[0], rel=1e-9)


def test_a_third_is_sharp(ch):
    np.testing.assert_allclose(ch["places"]["exp(-(z-1)^2/2)"], (1 / 3, 1), rtol=1e-9)
    eps = np.linspace(-3, 3, 7)
    hill, q = Cost("exp(-(z-1)^2/2)"), Gaussian(1, 1)
    terms = [e(hill, q, eps).mu for e in (score_function, pathwise)]
    np.testing.assert_allclose(terms[0], -terms[1], atol=1e-15)


def test_pilot_runs_are_fooled_when_no_sample_is_on_the_ramp(ch):
    share = stats.norm.cdf(0.001 - 0.5) - stats.norm.cdf(-0.5)
    fooled = (1 - share) ** 1000
    stated = int(re.search(r"R < 1/3 in (\d+)% of 1,000", ch.text)[1]) / 100
    assert abs(stated - fooled) < 4 * np.sqrt(fooled * (1 - fooled) / 1000) + 0.005
    on_ramp = ((ch["z"] > 0) & (ch["z"] < 0.001)).any(axis=1)
    np.testing.assert_array_equal(ch["R"] < 1 / 3, ~on_ramp)
    assert stated > 2 / 3
    assert "variances: 0.39 (score function), 352 (pathwise)" in ch.text
    gradient = share / 0.001
    assert round(share / 0.001**2 - gradient**2) == 352


def test_the_certified_rule(ch):
    bar = np.sqrt(3) + np.sqrt(2 * np.log(2 / 0.05) / 50)
    stated, passed = re.search(r"the bar is (\S+), passed by (\d+)%", ch.text).groups()
    assert float(stated) == pytest.approx(bar, abs=5e-4)
    spread = np.sqrt((1 - np.exp(-2)) / 2 / 50)  # of the mean of sin z at N(0, 1)
    expected = stats.norm.sf(bar, 2.2, spread)
    assert abs(int(passed) / 100 - expected) < 4 * np.sqrt(expected * (1 - expected) / 1e4) + 0.006
    for M in (50, 1000, 10**6):
        assert ch["bar"](1, 1000, M) > 1  # no value of the ramp is larger


@pytest.mark.parametrize("name", ["cos(z)", "sin(z) + 1", "abs(z)", "exp(-z^2/2)"])
def test_the_concentration_behind_the_certified_rule(ch, name):
    """The mean of M values of a cost with |r'| <= 1 strays as far as the proof allows at most."""
    cost, M, rng = Cost(name), 20, np.random.default_rng(72)
    means = cost(0.3 + rng.standard_normal((20_000, M))).mean(axis=1)
    reach = ch["bar"](1, 1, M) - np.sqrt(3)
    assert np.mean(np.abs(means - means.mean()) >= reach) <= 0.05


def test_the_verdict_on_one_cost(ch):
    assert "score function wins by a factor of 4.338" in ch.text


def test_the_first_statement(ch):
    score, path = variances(lambda z: np.cos(3 * z), lambda z: -3 * np.sin(3 * z), 2.0, 1.0)
    assert f"{score[0]:.4f} (score function), {path[0]:.4f} (pathwise)" in ch.text
    assert round(path[0] / score[0]) == 9


def test_the_map_draws_a_tie_in_black(ch):
    import matplotlib.pyplot as plt

    figures.map_of_costs(ch["places"])
    markers = {line.get_color(): line.get_marker() for line in plt.gca().lines[2:]}
    plt.close("all")
    assert markers == {"black": "D", "#0072B2": "^", "#D55E00": "o"}
