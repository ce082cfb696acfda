"""The words beneath a picture state the right numbers; the picture holds what it promises."""

import re
import time

import matplotlib.pyplot as plt
import numpy as np
import pytest
from scipy import integrate, stats
from test_formula import REFUSED

from gradlib import Cost, Gaussian, exact_variance, pathwise, plots, score_function


@pytest.fixture
def figure():
    plots.use_house_style()
    figure = plt.figure()
    yield figure
    plt.close(figure)


def moments(r, slope, mu, sigma):
    """d/dmu of E[r(Z)], and the variances of both estimators of it, by SciPy's quadrature."""

    def mean(f):
        return integrate.quad(
            lambda e: f(mu + sigma * e, e) * stats.norm.pdf(e), -12, 12, limit=400, epsabs=1e-12
        )[0]

    truth = mean(lambda z, e: r(z) * e / sigma)
    score = mean(lambda z, e: (r(z) * e / sigma) ** 2) - truth**2
    path = mean(lambda z, e: slope(z) ** 2) - truth**2
    return truth, score, path


@pytest.mark.parametrize(("mu", "sigma"), [(2.0, 1.0), (-3.0, 0.1), (3.0, 2.0)])
@pytest.mark.parametrize(
    ("text", "r", "slope"),
    [
        ("z^2 + 10", lambda z: z**2 + 10, lambda z: 2 * z),
        ("cos(3z)", lambda z: np.cos(3 * z), lambda z: -3 * np.sin(3 * z)),
    ],
)
def test_histograms_state_both_variances_and_the_winner(figure, text, r, slope, mu, sigma):
    words = plots.draw_histograms(figure, text, mu, sigma)
    _, score, path = moments(r, slope, mu, sigma)
    stated = re.search(r"variance (\S+) \(score function\), (\S+) \(pathwise\)", words).groups()
    np.testing.assert_allclose([float(text) for text in stated], [score, path], rtol=1e-3)
    winner = "score function" if score < path else "pathwise"
    factor = float(
        re.search(rf"{winner} wins by a factor of (\d+(\.\d+)?(e\+\d+)?)", words).group(1)
    )
    np.testing.assert_allclose(factor, max(score, path) / min(score, path), rtol=1e-2)


@pytest.mark.parametrize(
    ("pair", "words"),
    [
        ((87.0, 4.0), "pathwise wins by a factor of 21.75"),
        ((1.0, 2.5), "score function wins by a factor of 2.5"),
        ((1.0, 1.0), "a draw"),
        ((1.0, 0.0), "pathwise wins"),
        ((0.0, 0.0), "a draw"),
    ],
)
def test_compare_names_the_winner(pair, words):
    assert plots.compare(*pair).endswith(words)


def test_curves_state_every_crossing_in_sigma(figure):
    words = plots.draw_variances(figure, "cos(2z)", 0, 0.5, 1)
    found = re.search(r"for d/dmu at sigma = (\S+), for d/dsigma at sigma = (\S+)\.$", words)

    def gap(sigma, k=2, mu=0.5):  # smooth form of the gap theorem for cos(kz), d/dmu, by hand
        double = np.cos(2 * k * mu) * np.exp(-2 * (k * sigma) ** 2)
        return (1 + double) / 2 / sigma**2 + k**2 * (1 - double) / 2 - k**2 * (1 + double)

    at = float(found.group(1))
    assert gap(at - 1e-4) > 0 > gap(at + 1e-4)
    assert len(figure.axes[0].lines[-1].get_xdata()) == 1  # its mark


def test_terms_state_the_gap(figure):
    words = plots.draw_verdict(figure, "z^2", 2, 1)
    assert "r'(z) = 2 z, Z ~ N(2, 1^2)" in words
    assert "d/dmu = 4: variance 87 (score function), 4 (pathwise): pathwise wins" in words
    # E[z^4] = 43, E[4 z^2] = 20, 2 E[2 z^3 eps] = 4 E[3 z^2] = 60
    assert "d/dmu: (43) + (-20) + (60) = 83" in words
    assert len(figure.axes[3].patches) == 8


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("2 +", "unexpected end at position 4"),
        ("__import__('os')", "unknown name"),
        ("exp(z^2)", "terms that are not finite at z ="),
        ("Heaviside(z)", "without jumps; .* biased"),
        ("log(z)", "not finite at z ="),
    ],
)
def test_a_cost_that_fails_gets_a_sentence(figure, text, sentence):
    words = plots.draw_verdict(figure, text, 0.5, 1)
    assert re.search(sentence, words)
    assert "Traceback" not in words


def test_every_broken_formula_gets_one_sentence_within_a_second(figure):
    assert len(REFUSED) >= 100
    for text, part in REFUSED:
        start = time.perf_counter()
        words = plots.draw_verdict(figure, text, 0.5, 1)
        assert time.perf_counter() - start < 1
        assert part in words
        assert words.endswith(".")
        assert not re.search(r"\n|(?<!\.)\. ", words)  # one line, one sentence
        assert not any(ax.lines for ax in figure.axes)


@pytest.mark.parametrize("text", ["cos(z)", "exp(-z^2)", "z^3 - z"])
def test_the_phase_diagram_is_that_of_the_exact_variances(figure, text):
    mu, sigma, c = 0.7, 0.8, 0.5
    words = plots.draw_phase(figure, text, c, mu, sigma)
    cost, q = Cost(f"{text} + {c}"), Gaussian(mu, sigma)
    ratios = np.divide(*(exact_variance(f, cost, q) for f in (score_function, pathwise)))
    stated = [float(number) for number in re.findall(r"ratio (\S+),", words)]
    np.testing.assert_allclose(stated, ratios, rtol=1e-3)
    maps = [ax.images[0] for ax in figure.axes[:2]]
    for ratio, picture in zip(ratios, maps, strict=True):
        values, (left, right, low, high) = picture.get_array(), picture.get_extent()
        row = int((mu - low) / (high - low) * values.shape[0])
        column = int((sigma - left) / (right - left) * values.shape[1])
        np.testing.assert_allclose(values[row, column], np.log10(ratio), atol=0.03)
