"""The words beneath a picture state the right numbers; the picture holds what it promises."""

import re

import matplotlib.pyplot as plt
import numpy as np
import pytest
from scipy import integrate, stats

from gradlib import plots


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
