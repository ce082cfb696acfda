"""Claims of chapter 04, against values that owe nothing to it."""

import re

import numpy as np
import pytest
from scipy import stats

from gradlib import Cost, Gaussian, exact_gradient, pathwise, score_function


def test_the_first_check(ch):
    eps = np.random.default_rng(40).standard_normal(1000)
    for estimator, off in ((score_function, -0.09), (pathwise, -0.72)):
        terms = estimator(Cost("z^2"), Gaussian(2, 1), eps).mu
        error = terms.std(ddof=1) / np.sqrt(1000)
        assert f"{terms.mean():.3f} +- {error:.3f}, t = {off:.2f}" in ch.text
    assert np.round(np.sqrt([0.087, 0.004]), 2).tolist() == [0.29, 0.06]


def test_two_million_draws_agree(ch):
    lines = re.findall(r"^(4\.\d+|3\.\d+) \+- (0\.\d{4})$", ch.text, flags=re.MULTILINE)[:2]
    for (mean, error), variance in zip(lines, (87, 4), strict=True):
        assert abs(float(mean) - 4) < 4 * float(error)
        assert abs(float(error) / np.sqrt(variance / 2e6) - 1) < 0.02


@pytest.mark.parametrize(
    ("r", "gradient"),
    [
        ("z^2", (2, 1)),
        ("z^3 - z", (3 * 1.25 - 1, 6 * 0.5)),
        ("exp(z)", (np.exp(1.125), 0.5 * np.exp(1.125))),
        ("sin(z)", (np.cos(1) * np.exp(-0.125), -0.5 * np.sin(1) * np.exp(-0.125))),
    ],
)
def test_the_referee_is_right(ch, r, gradient):
    np.testing.assert_allclose(ch["truth"][r], gradient, atol=1e-9)


def test_exact_gradient_agrees_with_all_ten(ch):
    for r, gradient in ch["truth"].items():
        np.testing.assert_allclose(exact_gradient(Cost(r), Gaussian(1, 0.5)), gradient, atol=1e-8)


def test_quadrature_nodes_give_the_truth(ch):
    assert "[87.  4. 63.]" in ch.text
    means = [ch["weights"] @ ch[name] for name in ("e1", "e2")]
    np.testing.assert_allclose(means, 4, rtol=1e-12)


def test_twenty_comparisons(ch):
    assert ch["off"].shape == (5, 2, 2)
    assert np.abs(ch["off"]).max() < 4


def test_chances_of_a_false_alarm(ch):
    assert "4.55% lie beyond 2, on average 0.91 of 20" in ch.text
    assert f"at most {40 * stats.norm.sf(4):.2%}" in ch.text
    assert round(40 * stats.norm.sf(4), 4) == 0.0013
    assert round(2000 * stats.norm.sf(2)) == 46


def test_the_bug_passes_a_tolerance_and_fails_the_standard_error(ch):
    # E[r'] = 2.75 stands where E[r' eps] = 3 belongs
    percent, errors = re.search(r"wrong by (-?[\d.]+)%: t = (-?\d+)", ch.text).groups()
    assert abs(float(percent) - 100 * (2.75 / 3 - 1)) < 0.5
    assert -90 < int(errors) < -70


def test_heavy_tails_lean_to_the_left(ch):
    counts = {(t, n): int(sum(abs(d) > 2)) for t, by in ch["runs"].items() for n, d in by.items()}
    spread = 4 * np.sqrt(1000 * 0.0455 * 0.9545)
    for name in ("score function", "pathwise"):
        assert abs(counts["gentle", name] - 45.5) < spread
    assert counts["wild", "score function"] > 45.5 + spread
    for name, off in ch["runs"]["wild"].items():
        low, high = np.sum(off < -2), np.sum(off > 2)
        assert low > high + 2 * np.sqrt(low + high), name
    assert min(ch["runs"]["wild"]["score function"]) < min(ch["runs"]["gentle"]["score function"])


@pytest.mark.parametrize(("name", "variance"), [("score function", 87), ("pathwise", 4)])
def test_the_error_falls_like_one_over_the_root_of_m(ch, name, variance):
    relative = ch["rms"][name] * np.sqrt(ch["sizes"] / variance)
    large = ch["sizes"] >= 100  # where the averages are nearly normal
    assert np.abs(relative[large] - 1).max() < 4 / np.sqrt(2 * 300)
    slope = np.polyfit(np.log(ch["sizes"]), np.log(ch["rms"][name]), 1)[0]
    assert abs(slope + 0.5) < 4 * 0.0075


def test_one_parameter_behind_both(ch):
    # r s along (1, 1/2) for z^2 at N(1, 1/4), by Gauss-Hermite quadrature
    nodes, weights = np.polynomial.hermite_e.hermegauss(30)
    weights = weights / weights.sum()
    z = 1 + 0.5 * nodes
    terms = z**2 * (nodes / 0.5 + 0.5 * (nodes**2 - 1) / 0.5)
    variance = weights @ (terms - weights @ terms) ** 2
    assert abs(weights @ terms - 2.5) < 1e-12
    assert f"exact standard error {np.sqrt(variance / 1e5):.4f}" in ch.text
