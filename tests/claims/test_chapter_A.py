"""Appendix A: what is said of six public statements, against independent values."""

import re

import numpy as np
import pytest
from scipy import integrate, stats
from scipy.optimize import brentq

from gradlib import Cost, Gaussian, estimate, exact_variance, pathwise, score_function


def mean(f, mu=0.0, sigma=1.0):
    """E[f(Z)] by adaptive quadrature."""
    ends = mu - 12 * sigma, mu + 12 * sigma
    return integrate.quad(lambda z: f(z) * stats.norm.pdf(z, mu, sigma), *ends, limit=2000)[0]


def printed_rows(text, start):
    """The numbers of the lines that begin with `start`."""
    found = re.findall(rf"^{re.escape(start)}((?: +-?[\d.]+)+)$", text, re.MULTILINE)
    return [[float(x) for x in row.split()] for row in found]


@pytest.mark.parametrize(
    ("name", "r"),
    [
        ("10", lambda z: 10),
        ("3z", lambda z: 3 * z),
        ("3z + 10", lambda z: 3 * z + 10),
        ("cos(10z)", lambda z: np.cos(10 * z)),
    ],
)
def test_1_spread_and_mean_both_count(ch, name, r):
    found = printed_rows(ch.printed[1], name)[0]
    e = mean(r)
    spread = mean(lambda z: r(z) ** 2) - e**2
    slope = mean(lambda z: r(z) * z)
    variance = mean(lambda z: (r(z) * z) ** 2) - slope**2
    assert found == pytest.approx([e, spread, variance], abs=0.051)
    assert found[2] == pytest.approx(variance, abs=0.0051)


def test_2_the_variance_of_e2_has_no_bound(ch):
    found = re.findall(r"cos\((\d+)z\): variance of E2 ([\d.]+)", ch.text)
    assert len(found) == 4
    for k, variance in np.array(found, float):
        # E[sin^2] and E[sin] of a wave in closed form
        square = (1 - np.exp(-2 * k**2) * np.cos(k)) / 2
        first = np.exp(-(k**2) / 2) * np.sin(k / 2)
        assert variance == pytest.approx(k**2 * (square - first**2), abs=0.006)
    assert float(found[-1][1]) == pytest.approx(1000**2 / 2)


def test_3_at_a_step_only_one_is_valid(ch):
    truth, e1, e2 = map(
        float,
        re.search(
            r"truth (\S+), mean of score_function (\S+) mean of pathwise (\S+)", ch.text
        ).groups(),
    )
    assert truth == e1 == pytest.approx(stats.norm.pdf(0.5), abs=5e-5)
    assert e2 == 0


def test_3_dz_instead_of_deps_loses_a_factor(ch):
    pattern = r"with d eps: +([\d.]+)\nwith dz: +([\d.]+)"
    right, wrong = map(float, re.search(pattern, ch.text).groups())
    assert right == pytest.approx(1 + 0.25)
    assert wrong == pytest.approx(0.5 * right)


def test_4_an_insensitive_slope_and_the_doubt(ch):
    line, exp, wave = (printed_rows(ch.text, r)[-1] for r in ("3z", "exp(z)", "cos(10z)"))
    assert line == [27, 0, 108, 9]
    assert exp[0] > exp[1] > 1
    assert exp[2] > exp[3] > 1
    e2 = mean(lambda z: np.exp(2 * z), 1) - mean(np.exp, 1) ** 2
    assert exp[1] == pytest.approx(e2, abs=0.006)
    assert wave == pytest.approx([0.5, 50, 1, 50], abs=0.006)


def test_4_the_ties_of_the_wave(ch):
    def gap(k, i):
        fading = np.exp(-2 * k**2) * np.cos(2 * k)
        factor = (1 - 3 * k**2, 2 - 15 * k**2 + 12 * k**4)[i]
        return (1 + i) - k**2 + factor * fading

    ties = [brentq(gap, 0.9, 1.6, args=(i,)) for i in (0, 1)]
    found = re.search(r"ties at k = \[(\S+)\] for mu, \[(\S+)\] for sigma", ch.text).groups()
    assert [float(x) for x in found] == pytest.approx(ties, abs=6e-5)


def mean_without_log(r, mu, sigma, parameter):
    """E[r(Z) dq/dparameter] by quadrature, the derivative by finite differences."""
    h = 1e-5
    dmu, dsigma = (h, 0) if parameter == "mu" else (0, h)

    def slope(z):
        up = stats.norm.pdf(z, mu + dmu, sigma + dsigma)
        return (up - stats.norm.pdf(z, mu - dmu, sigma - dsigma)) / (2 * h)

    return mean(lambda z: r(z) * slope(z), mu, sigma)


@pytest.mark.parametrize(("mu", "sigma"), [(2.0, 1.0), (-0.6, 1.7)])
def test_5_without_the_log_the_mean_is_another(ch, mu, sigma):
    place = {ch["mu"]: mu, ch["sigma"]: sigma}
    exact = mean_without_log(lambda z: z**2, mu, sigma, "mu")
    assert float(ch["mean_printed"].subs(place)) == pytest.approx(exact, abs=1e-7)
    of_one = float(ch["without_log"](1, ch["sigma"]).subs(place))
    assert of_one == pytest.approx(mean_without_log(lambda z: 1, mu, sigma, "sigma"), abs=1e-7)


def test_5_as_printed_it_is_biased_and_less_noisy(ch):
    mean_, error, of_e1 = map(
        float,
        re.search(r"as printed (\S+) \+- (\S+)\nE1: standard error (\S+)\n", ch.text).groups(),
    )
    assert abs(mean_ - 1 / np.sqrt(np.pi)) <= 4 * error + 5e-4
    assert error < of_e1 / 5
    assert abs(mean_ - 4) > 1000 * error


def test_slips_on_the_linear_vae(ch):
    """The gradient from samples of the decoder written out, and the order of the values."""
    q, x, V = ch["posterior"], np.array(ch["image"]), ch["V"]
    z = q.reparameterize(np.random.default_rng(0).standard_normal((200_000, 2)))
    residual = x - z @ V.T - np.array([0.1, -0.2, 0.0])
    found = estimate(-(residual @ V) / 0.25)
    assert np.all(np.abs(found.mean - ch["slope"]) < 4.5 * found.standard_error)
    start, down, printed = map(float, re.findall(r"J = (\S+)", ch.text)[:3])
    assert down < start < printed


def test_slips_the_bound_and_its_parts(ch):
    J, kl, together, evidence = map(
        float, re.search(r"J (\S+), KL (\S+), together (\S+); -log p\(x\) (\S+)", ch.text).groups()
    )
    q, x, V = ch["posterior"], np.array(ch["image"]), ch["V"]
    nodes, weights = np.polynomial.hermite_e.hermegauss(40)
    z = np.stack(np.meshgrid(*(m + s * nodes for m, s in zip(q.mu, q.sigma, strict=True))), -1)
    w = np.outer(weights, weights) / (2 * np.pi)
    residual = x - z @ V.T - np.array([0.1, -0.2, 0.0])
    nll = (residual**2).sum(-1) / 0.5 + 1.5 * np.log(2 * np.pi * 0.25)
    log_q = stats.norm.logpdf(z, q.mu, q.sigma).sum(-1)
    log_p = stats.norm.logpdf(z).sum(-1)
    assert pytest.approx((w * nll).sum(), abs=6e-4) == J
    assert kl == pytest.approx((w * (log_q - log_p)).sum(), abs=6e-4)
    # p(x) as an average of the likelihood over the prior
    grid = np.linspace(-8, 8, 801)
    zz = np.stack(np.meshgrid(grid, grid), -1)
    residual = x - zz @ V.T - np.array([0.1, -0.2, 0.0])
    joint = -(residual**2).sum(-1) / 0.5 - 1.5 * np.log(2 * np.pi * 0.25)
    joint += stats.norm.logpdf(zz).sum(-1)
    assert evidence == pytest.approx(-np.log(np.exp(joint).sum() * 0.02**2), abs=6e-4)
    assert J + 0.5 < evidence < together


def test_6_the_better_informed_one_can_lose(ch):
    found = re.findall(r"k = +(\d+): E1 +(\S+), E2 +(\S+)", ch.text)
    assert [float(e1) < float(e2) for _, e1, e2 in found] == [False, False, True, True]
    for k, e1, e2 in np.array(found, float):

        def r(z, k=k):
            return (0.3 - np.sin(k * z)) ** 2 / 2 + np.log(2 * np.pi) / 2

        def slope(z, k=k):
            return -(0.3 - np.sin(k * z)) * k * np.cos(k * z)

        gradient = mean(slope, 0.5)
        first = mean(lambda z, r=r: (r(z) * (z - 0.5)) ** 2, 0.5) - gradient**2
        second = mean(lambda z, slope=slope: slope(z) ** 2, 0.5) - gradient**2
        assert (e1, e2) == pytest.approx((first, second), abs=6e-4)
    assert 10.5 < float(found[-1][2]) / float(found[-1][1]) < 11.5


def test_numbers_from_the_web_are_unremarkable(ch):
    shares = [float(x) / 100 for x in re.findall(r"is above ([\d.]+)% of our", ch.text)]
    assert len(shares) == 2
    assert all(0.025 < share < 0.975 for share in shares)
    # the pathwise average is normal: its share is that of chi^2
    chi2 = stats.chi2.cdf(100 * ch["web"]["pathwise"][0] / 0.4, 99)
    assert shares[1] == pytest.approx(chi2, abs=4 * np.sqrt(chi2 * (1 - chi2) / 2000))
    outside = sum(
        not stats.chi2.ppf(0.025, 99) < 100 * value * M / exact < stats.chi2.ppf(0.975, 99)
        for values, exact in zip(ch["web"].values(), (87, 4), strict=True)
        for value, M in zip(values, 10.0 ** np.arange(1, 6), strict=True)
    )
    assert f"{outside} of 10 outside; at least one outside by chance: 40%" in ch.text
    assert outside == 1
    for estimator, exact in ((score_function, 87), (pathwise, 4)):
        assert exact_variance(estimator, Cost("z^2"), Gaussian(2, 1)).mu == pytest.approx(exact)
