"""The words beneath a picture state the right numbers; the picture holds what it promises."""

import re

import matplotlib.pyplot as plt
import numpy as np
import pytest
import reference
from counting import at_most
from scipy import stats
from test_formula import REFUSED

from gradlib import (
    Cost,
    Gaussian,
    Gradient,
    exact_variance,
    leave_one_out,
    pathwise,
    score_function,
)
from gradlib.course import figures, vae


@pytest.fixture
def figure():
    figures.use_house_style()
    figure = plt.figure()
    yield figure
    plt.close(figure)


@pytest.mark.parametrize(("mu", "sigma"), [(2.0, 1.0), (-3.0, 0.1), (3.0, 2.0)])
@pytest.mark.parametrize(
    ("text", "r", "slope"),
    [
        ("z^2 + 10", lambda z: z**2 + 10, lambda z: 2 * z),
        ("cos(3z)", lambda z: np.cos(3 * z), lambda z: -3 * np.sin(3 * z)),
    ],
)
def test_histograms_state_both_variances_and_the_winner(figure, text, r, slope, mu, sigma):
    words = figures.draw_histograms(figure, text, mu, sigma)
    score, path = (matrix[0, 0] for matrix in reference.moments(r, slope, mu, sigma)[2:])
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
        ((1.0, 1.0), "a tie"),
        ((1.0, 0.0), "pathwise wins"),
        ((0.0, 0.0), "a tie"),
    ],
)
def test_the_winner_is_named(pair, words):
    assert figures.winner(*pair) == words


def test_curves_state_every_crossing_in_sigma(figure):
    words = figures.draw_variances(figure, "cos(2z)", 0, 0.5, 1)
    assert words.startswith("d/dmu: score function wins by a factor of ")
    found = re.search(r"for d/dmu at sigma = (\S+), for d/dsigma at sigma = (\S+)\.$", words)

    def gap(sigma, k=2, mu=0.5):  # smooth form of the gap theorem for cos(kz), d/dmu, by hand
        double = np.cos(2 * k * mu) * np.exp(-2 * (k * sigma) ** 2)
        return (1 + double) / 2 / sigma**2 + k**2 * (1 - double) / 2 - k**2 * (1 + double)

    at = float(found.group(1))
    assert gap(at - 1e-4) > 0 > gap(at + 1e-4)
    assert len(figure.axes[0].lines[-1].get_xdata()) == 1  # its mark


def test_the_kernel_states_the_gap_and_has_it_as_its_area(figure):
    words = figures.draw_verdict(figure, "z^2", 2, 1).splitlines()
    assert words[0].startswith("d/dmu: pathwise wins by a factor of 21.75. d/dsigma: pathwise")
    assert "r'(z) = 2 z, Z ~ N(2, 1^2)" in words[1]
    assert "d/dmu = 4: variance 87 (score function), 4 (pathwise)." in words
    assert words[4].startswith("Gap of the variances: 83 for d/dmu, ")
    ax = figure.axes[3]
    assert ax.get_title() == "area = gap = 83"
    z, height = ax.lines[0].get_data()
    # k q = (2 z^2 + (1 + eps^2) z^4 / 2) q, drawn relative to its peak
    kernel = 2 * z**2 + (1 + (z - 2) ** 2) * z**4 / 2
    shape = kernel * np.exp(-((z - 2) ** 2) / 2) / np.sqrt(2 * np.pi)
    np.testing.assert_allclose(height, shape / shape.max(), atol=1e-12)
    np.testing.assert_allclose(np.trapezoid(shape, z), 83, rtol=1e-6)


@pytest.mark.parametrize(("text", "at", "height"), [("abs(z - 1) + 2", 1, 2), ("abs(z)", 0, 0)])
def test_a_kink_states_its_point_mass(figure, text, at, height):
    mu, sigma = 0.5, 0.8
    words = figures.draw_verdict(figure, text, mu, sigma)
    mass = height * 2 * stats.norm.pdf(at, mu, sigma)  # r times the rise of r' times the density
    stated = re.search(rf"for d/dmu (\S+) comes from the kink at z = {at}\.", words).group(1)
    np.testing.assert_allclose(float(stated), mass, rtol=1e-3)
    # with it the kernel, (1 + eps^2) r^2 / (2 sigma^2) elsewhere, makes up the gap
    rest = reference.mean(
        lambda z, e: (1 + e**2) * (np.abs(z - at) + height) ** 2 / (2 * sigma**2), mu, sigma, [at]
    )
    gap = float(re.search(r"variances: (\S+) for d/dmu", words).group(1))
    np.testing.assert_allclose(gap, rest + mass, rtol=1e-3)


def test_a_step_gets_its_verdict_first_and_no_kernel(figure):
    words = figures.draw_verdict(figure, "Heaviside(z)", 0.5, 1).splitlines()
    assert words[0].startswith("d/dmu: pathwise is biased, its mean is 0. d/dsigma: pathwise is")
    assert words[1].startswith("the gap theorem needs a cost without jumps")
    assert not figure.axes[3].lines


def limits(figure):
    return [(ax.get_xlim(), ax.get_ylim()) for ax in figure.axes]


def test_a_constant_changes_the_left_histogram_and_no_axis(figure):
    pictures = []
    for text in ("z^2", "z^2 + 10"):
        figures.draw_histograms(figure, text, 2, 1)
        lines = [ax.lines[0].get_ydata() for ax in figure.axes]
        pictures.append((limits(figure), *lines))
    (before, *first), (after, *second) = pictures
    assert before == after
    assert np.abs(first[0] - second[0]).max() > 5  # percent
    np.testing.assert_allclose(first[1], second[1], atol=1e-9)


def test_four_times_the_samples_halve_the_bars_on_the_screen(figure):
    heights = []
    for n in (100, 400):
        words = figures.draw_samples(figure, "z^2", 1, 1, n, 0)
        means = figure.axes[1]
        caps = (container.lines[1] for container in means.containers)
        ends = [low.get_ydata()[0] - high.get_ydata()[0] for low, high in caps]
        heights.append(np.abs(ends) / np.ptp(means.get_ylim()))
        errors = re.search(r"d/dmu: truth.*?error (\S+)\).*error (\S+)\)", words).groups()
        np.testing.assert_allclose(np.abs(ends), [4 * float(x) for x in errors], rtol=1e-3)
    ratios = heights[1] / heights[0]
    assert np.all((ratios > 0.35) & (ratios < 0.7)), ratios
    assert heights[0].max() < 0.6


def test_dots_outside_of_the_picture_are_counted(figure):
    words = figures.draw_samples(figure, "z^2", 2, 2, 200, 3)
    eps = np.random.default_rng(3).standard_normal(200)
    z = 2 + 2 * eps
    terms = {0: (z**2 * eps / 2, 2 * z), 2: (z**2 * (eps**2 - 1) / 2, 2 * z * eps)}
    outside = 0
    for panel, pair in terms.items():
        (left, right), (low, high) = limits(figure)[panel]
        outside += sum(np.sum((eps < left) | (eps > right) | (t < low) | (t > high)) for t in pair)
    assert outside > 0
    assert f"{outside} of the 800 dots lie outside of the picture." in words


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("2 +", "unexpected end at position 4"),
        ("__import__('os')", "unknown name"),
        ("exp(z^2)", "terms that are not finite at z ="),
        ("Heaviside(z)", "without jumps; .* biased"),
        ("log(z)", "(not finite at z =|log.z. under .* does not exist: .* at z =)"),
    ],
)
def test_a_cost_that_fails_gets_a_sentence(figure, text, sentence):
    words = figures.draw_verdict(figure, text, 0.5, 1)
    assert re.search(sentence, words)
    assert "Traceback" not in words


def test_every_broken_formula_gets_one_sentence_at_once(figure):
    assert len(REFUSED) >= 100
    for text, part in REFUSED:
        with at_most(1_000_000):
            words = figures.draw_verdict(figure, text, 0.5, 1)
        assert part in words
        assert words.endswith(".")
        assert not re.search(r"\n|(?<!\.)\. ", words)  # one line, one sentence
        assert not any(ax.lines for ax in figure.axes)


@pytest.mark.parametrize("text", ["cos(z)", "exp(-z^2)", "z^3 - z"])
def test_the_phase_diagram_is_that_of_the_exact_variances(figure, text):
    mu, sigma, c = 0.7, 0.8, 0.5
    words = figures.draw_phase(figure, text, c, mu, sigma)
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


def test_a_baseline_and_what_it_saves(figure):
    # r = z^2, N(2, 1): 87 - 7^2 for mu at the best baseline 2^2 + 3, and 1 more for each unit^2
    words = figures.draw_baseline(figure, "z^2", 2, 1, 5)
    assert words.startswith("Best baseline: d/dmu: pathwise wins by a factor of 9.5. ")
    assert "d/dmu: score function 87 without a baseline, 42 with b = 5, 38 with the best" in words
    assert "the best one, b = 7; pathwise 4." in words
    # for sigma 346 - 2 * 9^2 at 2^2 + 5, and 2 more for each unit^2
    assert "346 without a baseline, 216 with b = 5, 184 with the best one, b = 9;" in words
    for ax, lowest, steepness in zip(figure.axes, [(7, 38), (9, 184)], [1, 2], strict=True):
        curve = ax.lines[0]
        away = curve.get_xdata() - lowest[0]
        np.testing.assert_allclose(curve.get_ydata(), lowest[1] + steepness * away**2, rtol=1e-9)


def test_a_fair_baseline_turns_the_verdict(figure):
    words = figures.draw_baseline(figure, "cos(2z) + 3", 1, 1, 0)
    assert words.splitlines()[0].count("score function wins") == 2
    # cos(2z) + c: only b - c counts, so the best baseline is 3 more than that of cos(2z)
    best = [
        3 + reference.mean(lambda z, e, w=w: np.cos(2 * z) * w(e), 1, 1)
        for w in (lambda e: e**2, lambda e: (e**2 - 1) ** 2 / 2)
    ]
    stated = [float(number) for number in re.findall(r"best one, b = (\S+);", words)]
    np.testing.assert_allclose(stated, best, rtol=1e-3)


@pytest.mark.parametrize("family", figures.COSTS_IN_DIMENSIONS)
@pytest.mark.parametrize(
    ("text", "r", "slope"),
    [
        ("z^2", lambda z: z**2, lambda z: 2 * z),
        ("cos(2z)", lambda z: np.cos(2 * z), lambda z: -2 * np.sin(2 * z)),
    ],
)
def test_dimensions_state_what_a_grid_in_three_dimensions_gives(figure, family, text, r, slope):
    mu, sigma, d = 0.7, 0.6, 3
    eps, w = reference.normal_grid(30, d)
    z = (mu / np.sqrt(d) if family == "ridge" else mu) + sigma * eps
    u = z.sum(axis=1) / np.sqrt(d)
    value, first = {
        "sum": (r(z).sum(axis=1), slope(z[:, 0])),
        "ridge": (r(u), slope(u) / np.sqrt(d)),
        "product": (r(z).prod(axis=1), slope(z[:, 0]) * r(z[:, 1:]).prod(axis=1)),
    }[family]
    truth, best = (np.average(f, weights=w) for f in (first, value * eps[:, 0] ** 2))
    terms = value * eps[:, 0] / sigma, (value - best) * eps[:, 0] / sigma, first
    variances = np.array([np.average((t - truth) ** 2, weights=w) for t in terms])
    words = figures.draw_dimensions(figure, family, text, mu, sigma, np.log10(d))
    numbers = re.findall(r"(\S+) \(", words.split("Variance")[1])
    np.testing.assert_allclose([float(x) for x in numbers], variances, rtol=1e-3)
    samples = words.split("ratio of 1: ")[1].rstrip(".").split(", ")
    np.testing.assert_allclose([float(x) for x in samples], variances / truth**2, rtol=1e-3)
    setting, stated = re.search("d = 3, (.*); d/dmu_1 = (.*) in size", words).groups()
    assert setting == "mu = 0.7, sigma = 0.6"
    assert float(stated) == pytest.approx(abs(truth), rel=1e-3)
    for row, variance in enumerate(variances):  # the point at d lies on its curve
        height = figure.axes[0].lines[2 * row + 1].get_ydata()
        np.testing.assert_allclose(10**height, variance, rtol=1e-3)


def test_dimensions_go_beyond_the_range_of_floats(figure):
    words = figures.draw_dimensions(figure, "product", "exp(-z^2/2)", 1, 1, 3)
    # E[r^2] = exp(-1/3)/sqrt(3) and E[r] = exp(-1/4)/sqrt(2), to the power of 999
    power = 999 * np.log10(np.exp(-1 / 3) / np.sqrt(3))
    stated = re.search(r"(\d\.\d+)e(-\d+) \(pathwise\)", words).groups()
    # one dimension: E[r'^2] = E[z^2 exp(-z^2)] = (1/3 + 1/9) exp(-1/3)/sqrt(3)
    exact = power + np.log10(4 / 9 * np.exp(-1 / 3) / np.sqrt(3))
    np.testing.assert_allclose(np.log10(float(stated[0])) + int(stated[1]), exact, atol=1e-3)


@pytest.mark.parametrize("network", ["trained", "untrained"])
@pytest.mark.parametrize(
    ("baseline", "estimator"),
    [("none", score_function), ("leave-one-out", leave_one_out), ("none", pathwise)],
)
@pytest.mark.slow
def test_dots_are_the_gradients_of_two_encoder_weights(figure, network, baseline, estimator):
    digit, K = 4, 3
    images, labels, model = figures.digits_vae(network)
    image = images[np.argmax(labels == digit)]
    assert labels.size == 297 and image.max() == 1
    eps = np.random.default_rng(0).standard_normal((16, 300, 8))[:K]
    q, decoded = vae.forward(model, np.tile(image, (300, 1)), eps)
    terms, one = estimator(decoded.cost, q, eps), vae.forward(model, image, np.zeros((1, 8)))
    dots = []
    for draw in range(300):  # the way back through the encoder, once for each dot
        latent = Gradient(*(part[:, draw].mean(axis=0) for part in terms))
        dots.append(vae.backward(*one, latent, count=1).W1[image.argmax(), :2])
    kind = "pathwise" if estimator is pathwise else "score function"
    words = figures.draw_vae(figure, network, baseline, kind, digit, K)
    (cloud,) = (line for line in figure.axes[0].lines if line.get_label() == kind)
    if kind == "score function":
        np.testing.assert_allclose(cloud.get_xydata(), dots, rtol=1e-9)
    stated = re.search(rf"{kind}: (\S+) \(s.e. \S+ and (\S+) \(s", words).groups()
    np.testing.assert_allclose([float(v) for v in stated], np.var(dots, axis=0, ddof=1), rtol=1e-3)
    np.testing.assert_array_equal(figure.axes[2].images[0].get_array(), image.reshape(8, 8))


def test_the_best_constant_is_best_among_constants(figure):
    figures.draw_vae(figure, "trained", "best constant", "both", 2, 1)
    best = figure.axes[0].lines[0].get_xydata()
    figures.draw_vae(figure, "trained", "none", "both", 2, 1)
    plain = figure.axes[0].lines[0].get_xydata()
    assert np.all(best.var(axis=0) < plain.var(axis=0) / 10)


def test_leave_one_out_needs_company(figure):
    words = [
        figures.draw_vae(figure, "trained", b, "both", 1, 1) for b in ("none", "leave-one-out")
    ]
    plain, alone = (lines.splitlines() for lines in words)
    assert plain[::2] == alone[::2] and plain[3] == alone[3]
    assert "none (leave-one-out needs K >= 2)" in words[1]


def test_the_race_ends_at_the_means_of_all_samples():
    eps = np.random.default_rng(5).standard_normal(30)
    figures.race(Cost("z^2"), Gaussian(2, 1), eps)
    (ax,) = plt.gcf().axes
    z = 2 + eps
    for line, terms in zip(ax.lines, (z**2 * eps, 2 * z), strict=False):
        n, means = line.get_data()
        np.testing.assert_allclose(means[[0, -1]], [terms[:2].mean() - 4, terms.mean() - 4])
        assert list(n) == list(range(2, 31))
    for band, terms in zip(ax.collections, (z**2 * eps, 2 * z), strict=True):
        corners = band.get_paths()[0].vertices
        ends = corners[corners[:, 0] == 30, 1]
        error = terms.std(ddof=1) / np.sqrt(30)
        np.testing.assert_allclose(
            [ends.min(), ends.max()], terms.mean() - 4 + [-2 * error, 2 * error]
        )
    plt.close("all")
