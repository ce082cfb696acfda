"""Claims of chapter 03, against values that owe nothing to it."""

import numpy as np
import pytest
from scipy import stats

from gradlib import estimate, exact_variance, pathwise, score_function


def standard_errors(samples, truth):
    found = estimate(samples)
    return abs(found.mean - truth) / found.standard_error


def test_the_estimator_in_code_is_right(ch):
    # E[3 Z^2] and E[3 Z^2 eps] at N(0.5, 0.8^2)
    assert standard_errors(ch["slope"], 3 * (0.5**2 + 0.8**2)) < 4
    eps = (ch["z"] - 0.5) / 0.8
    assert standard_errors(ch["slope"] * eps, 6 * 0.5 * 0.8) < 4


def test_differences_of_a_cube_are_off_by_h_squared(ch):
    for h in (1.0, 0.1, 0.01):
        difference = ((ch["z"] + h) ** 3 - (ch["z"] - h) ** 3) / (2 * h)
        np.testing.assert_allclose(difference - ch["slope"], h**2, rtol=1e-6)


def test_the_check_notices_the_forgotten_factor(ch):
    assert "Broken on purpose: line 7" in ch.text
    assert "differ by r'(μ + σ ε) n(ε) [ε - 1] σ'" in ch.text


def test_pathwise_is_silent_at_a_step(ch):
    truth, q = stats.norm.pdf(0.5), ch["q"]
    assert (q.mu, q.sigma) == (0.5, 1.0)
    assert exact_variance(pathwise, ch["step"], q) == (0, 0)
    eps = np.random.default_rng(32).standard_normal(100_000)
    assert standard_errors(score_function(ch["step"], q, eps).mu, truth) < 4
    assert f"exact           {truth:.4f}" in ch.text


@pytest.mark.parametrize(
    ("name", "mean"),
    [("abs(z)", 2 * stats.norm.cdf(0.3) - 1), ("max(z, 0)", stats.norm.cdf(0.3))],
)
def test_kinks_do_no_harm(ch, name, mean):
    assert f"{name:10} true gradient {mean:.6f}, mean of E2 {mean:.6f}" in ch.text


def test_the_variance_of_a_ramp_grows_like_one_over_its_width(ch):
    density = stats.norm.pdf(0.5)
    second, widths = np.array(ch["second"]), np.array(ch["widths"])
    inside = stats.norm.cdf(widths - 0.5) - stats.norm.cdf(-0.5)  # P(0 < Z < w)
    np.testing.assert_allclose(second, inside * (1 - inside) / widths**2, rtol=1e-9)
    assert abs(widths[-1] * second[-1] / density - 1) < 1e-3
    assert 9.9 < second[-1] / second[-2] < 10.1
    assert max(ch["first"]) < 0.4 and abs(ch["first"][-1] - ch["first"][-2]) < 1e-3


def test_no_sample_hits_the_narrow_ramp(ch):
    assert "w = 0.0001: E2 = 0.0 +- 0.0" in ch.text


@pytest.mark.parametrize(
    ("family", "means"),
    [("exponential", (-0.25, -0.25)), ("uniform", (-0.5, 0.5)), ("Bernoulli", (3, None))],
)
def test_other_families(ch, family, means):
    first, second = ch["terms"][family]
    assert standard_errors(first, means[0]) < 4
    if means[1] is None:
        assert not second.any()
    else:
        assert standard_errors(second, means[1]) < 4
