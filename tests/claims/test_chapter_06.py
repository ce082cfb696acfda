"""Claims of chapter 06, against values that owe nothing to it."""

import re
from itertools import pairwise

import numpy as np
import pytest
import sympy as sp
from scipy import integrate, stats

from gradlib import (
    Cost,
    Gaussian,
    exact_variance,
    gap_matrix,
    pathwise,
    score_function,
    symbolic,
    variance_gap,
)

EPS, WEIGHTS = np.polynomial.hermite_e.hermegauss(120)
WEIGHTS = WEIGHTS / WEIGHTS.sum()


def moments(cost, slope, mu, sigma):
    """Matrices of second moments of both estimators' terms for (mu, sigma), of a smooth cost."""
    z = mu + sigma * EPS
    first = cost(z) * np.array([EPS, EPS**2 - 1]) / sigma
    second = slope(z) * np.array([np.ones_like(EPS), EPS])
    return WEIGHTS * first @ first.T, WEIGHTS * second @ second.T


def gaps(cost, slope, mu, sigma):
    """The gap matrix: the means are equal, so that the second moments are enough."""
    return np.subtract(*moments(cost, slope, mu, sigma))


def test_both_derivations_hold(ch):
    assert ch.text.count("4 lines checked: each is equal to the one above") == 2
    assert "sigma checked: 5 lines checked\nmu, sigma checked: 5 lines checked" in ch.text


def test_broken_on_purpose(ch):
    assert "Broken on purpose: line 4" in ch.text


def test_the_trap_at_a_kink(ch):
    def mean(f):
        ends = [-12, -0.3, 12]  # the kink, in eps
        parts = list(pairwise(ends))
        return sum(
            integrate.quad(lambda e: f(0.3 + e, e) * stats.norm.pdf(e), *p)[0] for p in parts
        )

    shortcut = mean(lambda z, e: (abs(z) + 1) ** 2) + 1
    gap = mean(lambda z, e: (abs(z) + 1) ** 2 * e**2) - 1
    mass = 4 * stats.norm.pdf(0.3)
    assert shortcut + mass == pytest.approx(gap, abs=1e-8)
    assert f"shortcut {shortcut:.3f}, variances {gap:.3f}, shortcut + mass {gap:.3f}" in ch.text
    assert f"weak form {gap:.3f}" in ch.text


def test_theorem_against_variances(ch):
    rows = re.findall(
        r"^\S.* (-?[\d.]+) +(-?[\d.]+) +(-?[\d.]+) +(-?[\d.]+)$", ch.text, re.MULTILINE
    )
    assert len(rows) >= 3
    for mu, mu_again, sigma, sigma_again in rows[:3]:
        assert mu == mu_again
        assert sigma == sigma_again
    square = gaps(lambda z: z**2, lambda z: 2 * z, 2, 1)
    np.testing.assert_allclose(np.diag(square), np.array(rows[0][::2], float))
    assert float(rows[2][0]) < 0 > float(rows[2][2])


def test_the_identity_of_the_density(ch):
    eps, w1, w2 = 0.7, -0.4, 1.3

    def weight(e):
        return (w1 + w2 * e) ** 2 * stats.norm.pdf(e)

    h = 1e-4
    bend = (weight(eps + h) - 2 * weight(eps) + weight(eps - h)) / h**2
    v = w1 + w2 * eps
    right = (2 * (eps * v - w2) ** 2 - (1 + eps**2) * v**2) * stats.norm.pdf(eps)
    assert bend == pytest.approx(right, abs=1e-6)


@pytest.mark.parametrize(
    ("name", "cost", "slope"),
    [
        ("z^2", lambda z: z**2, lambda z: 2 * z),
        ("cos(2z)", lambda z: np.cos(2 * z), lambda z: -2 * np.sin(2 * z)),
        ("cos(2z) + 2", lambda z: np.cos(2 * z) + 2, lambda z: -2 * np.sin(2 * z)),
    ],
)
def test_the_area_is_the_gap(ch, name, cost, slope):
    mu, sigma = np.diag(gaps(cost, slope, 0.5, 1))
    pattern = rf"{re.escape(name)} +mu +(\S+) +(\S+) +sigma +(\S+) +(\S+)$"
    printed = re.search("^" + pattern, ch.text, re.MULTILINE).groups()
    np.testing.assert_allclose(np.array(printed, float), [mu, mu, sigma, sigma], atol=6e-5)


def test_where_the_kernel_is_negative():
    eps = np.linspace(-6, 6, 2001)
    z = 0.5 + eps
    wave = -4 * np.cos(2 * z) ** 2 + (1 + eps**2) / 2 * np.cos(2 * z) ** 2
    inside = (abs(eps) < np.sqrt(7) - 0.01) & (abs(np.cos(2 * z)) > 1e-6)
    assert (wave[inside] < 0).all()
    assert (wave[abs(eps) > np.sqrt(7) + 0.01] >= 0).all()
    crest = 3 * -4 + (1 + 0.25) / 2 * 9  # cos(2z) + 2 at z = 0
    assert crest < -4 + (1 + 0.25) / 2  # deeper than cos(2z) there


@pytest.mark.parametrize("r", ["z^2", "abs(z)", "max(z - 1, 0)", "exp(z)", "sinh(z)", "z abs(z)"])
@pytest.mark.parametrize(("mu", "sigma"), [(0.3, 1.0), (-1.2, 0.6)])
def test_convex_in_every_direction(r, mu, sigma):
    """The matrix of the gap minus E[r^2 (1 + eps^2) v^2]/(2 sigma^2) is not negative."""
    cost, q = Cost(r), Gaussian(mu, sigma)
    eps = np.linspace(-12, 12, 200_001)
    weight = cost(q.reparameterize(eps)) ** 2 * (1 + eps**2) * stats.norm.pdf(eps)
    bound = [[np.trapezoid(weight * eps ** (i + j), eps) for i in (0, 1)] for j in (0, 1)]
    matrix = gap_matrix(cost, q)
    assert np.linalg.eigvalsh(matrix - np.array(bound) / (2 * sigma**2)).min() > -1e-6
    assert np.linalg.eigvalsh(matrix).min() > 0


def test_second_moments_of_hinges(ch):
    for a, mu, sigma in re.findall(r"^a = +(\S+): mu and sigma \[ *(\S+) +(\S+?)\]", ch.text, re.M):
        a, mu, sigma = map(float, (a, mu, sigma))
        tail = [
            integrate.quad(lambda t, a=a, k=k: t**k * np.exp(-a * t - t * t / 2), 0, 40)[0]
            for k in range(3)
        ]
        z_squared = tail[2] + 2 * a * tail[1] + a * a * tail[0]
        assert mu == pytest.approx(2 + tail[2] / tail[0], abs=6e-5)
        assert sigma == pytest.approx(2 + (2 * tail[2] + 6 * tail[0]) / z_squared, abs=6e-5)
    least = [float(x) for x in re.findall(r"least over all phi (\S+)", ch.text)]
    assert len(least) == 6
    assert min(least) == 1.3885
    assert all(x < 2 for x in least)


@pytest.mark.parametrize("entry", ["mu", "sigma"])
def test_twice_the_second_moment(entry):
    assert "lines checked" in symbolic.convex_corollary(entry).check()


def test_shares_of_variance(ch):
    assert len(ch["shares"]) == 7
    for pairs in ch["shares"].values():
        assert pairs.shape == (12, 2)
        assert pairs.max() < 0.5


@pytest.mark.parametrize("r", ["abs(z) - 1", "tanh(z)^2"])
def test_what_to_try_leaves_the_square(ch, r):
    pairs = [
        [exact_variance(e, Cost(r), q) for e in (pathwise, score_function)] for q in ch["settings"]
    ]
    assert max(np.divide(*pair).max() for pair in pairs) > 0.5


def test_quadratics(ch):
    assert "equal: True" in ch.text
    matrix = sp.lambdify([ch["a"], ch["b"], ch["g"]], ch["nice"])
    found = matrix(0.7, -1.1, 0.4 + 5 * 0.7)
    expected = gaps(lambda e: 0.7 * e**2 - 1.1 * e + 0.4, lambda e: 1.4 * e - 1.1, 0, 1)
    np.testing.assert_allclose(found, expected, rtol=1e-10)
    draws = np.random.default_rng(52).normal(size=(1000, 3))
    assert min(np.linalg.eigvalsh(matrix(*draw))[0] for draw in draws) > 0


def test_narrow_bell(ch):
    rows = re.findall(r"for mu: (\S+), limit (\S+)", ch.text)
    assert len(rows) == 4
    for ratio, limit in rows:
        assert float(ratio) == pytest.approx(float(limit), rel=1e-3)
    assert [float(limit) for _, limit in rows[:3]] == [3.0, 3.75, 3.8889]
    assert float(rows[3][0]) < 1


@pytest.mark.parametrize("p", [1, 2, 3, 4, 7])
def test_limits_of_a_narrow_bell(p):
    m1, m2 = moments(lambda e: e**p, lambda e: p * e ** (p - 1), 0, 1)
    assert abs(m1[0, 1]) < 1e-6 * m1[1, 1]
    ratio = np.diag(m1) / np.diag(m2)
    np.testing.assert_allclose(ratio, [4 - 1 / p**2, 4 + 4 / p + 2 / p**2])
    assert min(ratio) >= 3 - 1e-9


def test_fast_waves(ch):
    for gap, limit, level in zip(ch["gaps"], ch["limits"], (1, np.sqrt(2)), strict=True):
        assert gap[-1] == pytest.approx(limit[-1], abs=1e-3)
        assert (gap[ch["omega"] > level + 0.1] < 0).all()
    assert ch["gaps"].mu[-1] == pytest.approx(variance_gap(Cost("cos(3z)"), Gaussian(0.5, 1)).mu)


def test_a_negative_direction(ch):
    matrix = gaps(lambda z: np.cos(1.05 * z), lambda z: -1.05 * np.sin(1.05 * z), 0.967, 1)
    np.testing.assert_allclose(ch["matrix"], matrix, atol=1e-9)
    assert min(np.diag(matrix)) > 0 > np.linalg.eigvalsh(matrix)[0]
    w = np.array([-0.96, 0.27])
    assert w @ matrix @ w < 0


def test_a_negative_direction_by_chance(ch):
    """A million draws along the first eigenvector: the difference of the squares is the gap."""
    w, wave, q = ch["vectors"][:, 0], ch["wave"], ch["q_wave"]
    eps = np.random.default_rng(53).standard_normal(1_000_000)
    e1, e2 = (f(wave, q, eps).along(*w) for f in (score_function, pathwise))
    difference = e1**2 - e2**2  # the means are equal
    error = difference.std() / 1000
    assert abs(difference.mean() - ch["values"][0]) < 4 * error
    assert difference.mean() < -4 * error


def test_why_both_variances():
    """|z|^(1/2) at N(0, 1): for sigma finite, E[r'^2] = E[1/(4|z|)] infinite."""
    near = [
        2 * integrate.quad(lambda z: stats.norm.pdf(z) / (4 * z), d, 10)[0] for d in (1e-4, 1e-8)
    ]
    assert near[1] - near[0] == pytest.approx(np.log(1e4) / (2 * np.sqrt(2 * np.pi)), rel=1e-3)
    finite = 2 * integrate.quad(lambda z: z**2 * stats.norm.pdf(z) / (4 * z), 0, 10)[0]
    assert finite == pytest.approx(1 / (2 * np.sqrt(2 * np.pi)))
