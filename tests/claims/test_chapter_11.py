"""Claims of chapter 11, against values that owe nothing to it."""

import numpy as np
import pytest
from scipy import integrate, stats

from gradlib import Cost, Gaussian, estimate, exact_variance, pathwise, score_function
from gradlib.course import vae

V = np.array([[1.0, 0.3], [0.5, -0.8], [0.2, 1.0]])
W = np.array([[0.6, 0.3, 0.1], [0.1, -0.4, 0.5]])
X, B, C = np.array([1.0, -0.5, 0.8]), np.array([0.2, -0.1]), np.array([0.1, -0.2, 0.0])
SIGMA = np.array([0.4, 0.3])
DRAWS = 400_000


def standard_errors(samples, truth=0.0):
    found = estimate(samples)
    with np.errstate(invalid="ignore"):  # 0/0 where a pixel is 0 in all images
        return np.abs((found.mean - truth) / found.standard_error)


@pytest.fixture(scope="module")
def terms():
    """NLL and both estimators of the linear VAE, (draws, 4): written out, from fresh draws."""
    eps = np.random.default_rng(1111).standard_normal((DRAWS, 2))
    residual = X - (W @ X + B + SIGMA * eps) @ V.T - C
    nll = stats.norm.logpdf(residual, scale=0.5).sum(axis=1) * -1
    slope = -residual @ V / 0.5**2
    score = np.hstack([eps / SIGMA, (eps**2 - 1) / SIGMA])
    return nll, score, np.hstack([slope, slope * eps])


@pytest.mark.parametrize("constant", [0.0, 100.0, "-J"])
def test_variances_of_the_linear_vae(ch, terms, constant):
    nll, score, path = terms
    r, q = ch["quadratic"], ch["posterior"]
    constant = -r.value(q) if constant == "-J" else constant
    truth = np.hstack(r.gradient(q))
    for found, exact in (
        ((nll + constant)[:, np.newaxis] * score, r.score_function_variance(q, -constant)),
        (path, r.pathwise_variance(q)),
    ):
        assert standard_errors(found, truth).max() < 4.5
        assert standard_errors((found - truth) ** 2, np.hstack(exact)).max() < 4.5
    ratios = np.divide(r.score_function_variance(q, -constant), r.pathwise_variance(q))
    assert ratios.min() > 2


def test_pathwise_wins_for_the_best_constants_and_every_direction(ch, terms):
    nll, score, path = terms
    best = (nll[:, np.newaxis] * score**2).mean(axis=0) / (score**2).mean(axis=0)
    one = ((nll[:, np.newaxis] - best) * score).var(axis=0)
    assert np.all(one > 1.5 * path.var(axis=0))
    r, q = ch["quadratic"], ch["posterior"]
    gap = r.gap_matrix_of_means(q)
    assert np.linalg.eigvalsh(gap).min() > 30
    truth = r.gradient(q).mu
    for v in ([1, 0], [0, 1], [1, 1], [1, -1]):
        one = (nll * (score[:, :2] @ v) - truth @ v) ** 2
        two = (path[:, :2] @ v - truth @ v) ** 2
        assert standard_errors(one - two, v @ gap @ v) < 4.5


def test_the_square_is_completed(ch):
    r, q = ch["quadratic"], ch["posterior"]
    J, beta, M = r.value(q), SIGMA * r.gradient(q).mu, r.A * np.outer(SIGMA, SIGMA)
    noise, one = beta @ beta + 2 * np.trace(M @ M), np.eye(2)
    three_terms = (J**2 + noise) * one + np.outer(beta, beta) + 4 * M @ M + 4 * J * M
    root = J * one + 2 * M
    squares = noise * one + np.outer(beta, beta) + root @ root
    np.testing.assert_allclose(three_terms, squares)
    np.testing.assert_allclose(squares / np.outer(SIGMA, SIGMA), r.gap_matrix_of_means(q))


def variances_of_wave(k):
    """Both variances for mu by quadrature, z = 0.5 + eps."""

    def mean(f):
        grid = np.linspace(-12, 12, 200_001)
        return integrate.simpson(f(grid) * stats.norm.pdf(grid), x=grid)

    def nll(e):
        return -stats.norm.logpdf(0.3, np.sin(k * (0.5 + e)))

    def slope(e):
        z = 0.5 + e
        return (np.sin(k * z) - 0.3) * k * np.cos(k * z)

    truth = mean(slope)
    return (mean(lambda e: (nll(e) * e) ** 2) - truth**2, mean(lambda e: slope(e) ** 2) - truth**2)


def test_the_better_informed_loses(ch):
    for k in (1, 3, 4, 10):
        one, two = variances_of_wave(k)
        assert (one < two) == (k >= 4)
        assert f"k = {k:2}: E1 {one:6.3f}, E2 {two:6.3f}" in ch.text
    (turn,) = ch["crossings"](ch["wavy"], (2, 4), resolution=20).mu
    one, two = variances_of_wave(turn)
    assert 3 < turn < 3.5 and abs(one - two) < 1e-6


def test_gradient_by_hand_agrees_with_differences(ch):
    net, x, eps = ch["untrained"], ch["x"], ch["eps"]
    gradient = vae.elbo_gradient(net, x, eps)[1].flat
    for index in np.random.default_rng(94).choice(net.flat.size, 5, replace=False):
        start, ends = net.flat[index], []
        for h in (1e-5, -1e-5):
            net.flat[index] = start + h
            ends.append(vae.elbo_gradient(net, x, eps)[0])
        net.flat[index] = start
        difference = (ends[0] - ends[1]) / 2e-5
        assert np.isclose(difference, gradient[index], rtol=1e-5, atol=1e-8)


def test_score_function_never_asks_for_a_slope(ch):
    decoded = vae.forward(ch["untrained"], ch["x"], ch["eps"])[1]
    score_function(decoded.cost, ch["q"], ch["eps"])
    assert "slope" not in vars(decoded)
    pathwise(decoded.cost, ch["q"], ch["eps"])
    assert "slope" in vars(decoded)


def test_ratios_are_thousands_before_and_hundreds_after_training(ch):
    gradients = {
        name: [ch["encoder_gradients"](ch[name], f) for f in (score_function, pathwise)]
        for name in ("untrained", "trained")
    }
    one, two = gradients["untrained"]
    apart = standard_errors(one - two)[np.any(one != two, axis=0)]
    assert apart[-16:].max() < 4 and 0.85 < np.sqrt(np.nanmean(apart**2)) < 1.2
    for name, low, high in (("untrained", 4000, 16_000), ("trained", 300, 2000)):
        one, two = (g.var(axis=0) for g in gradients[name])
        for layer in ch["layers"].values():
            assert low < one[layer].sum() / two[layer].sum() < high


def test_the_theorem_explains_the_gap_for_mu_and_sigma(ch):
    r, slope, sigma = (np.asarray(part) for part in (ch["r"], ch["slope"], ch["sigma"]))
    eps = ch["many"]
    for score, dz, by_parts, factor in (
        (eps, 1, eps, 1),
        (eps**2 - 1, eps, eps**3 + eps, 2),
    ):
        square = (r * score / sigma) ** 2
        theorem = factor * (r / sigma) ** 2 + 2 * r * slope * by_parts / sigma
        assert standard_errors((square - theorem).mean(axis=(1, 2))) < 4
        parts = [factor * (r.mean(axis=0) / sigma) ** 2, factor * r.var(axis=0) / sigma**2]
        parts += [np.broadcast_to((slope * dz) ** 2, eps.shape)]
        first, *others = (part.mean() for part in parts)
        assert first > 5 * max(others)
        assert first > 5 * (2 * r * slope * by_parts / sigma).mean()


def test_three_layers_of_the_ratio(ch):
    for kind, rest in (("mu", (2, 3.5)), ("sigma", (3, 6))):
        none, best, _, alone = ch["peeled"][kind].values()
        assert 20 < none / best < 200
        assert 3 < best / alone < 5
        assert rest[0] < alone < rest[1]


def test_subtracting_what_others_do_keeps_the_mean(ch):
    eps, sigma, slope = ch["many"], ch["sigma"], ch["slope"]
    for score, dz in ((eps, 1), (eps**2 - 1, eps)):
        difference = ch["alone"] * score / sigma - slope * dz
        assert standard_errors(difference.mean(axis=(1, 2))) < 4
        assert np.sqrt(np.mean(standard_errors(difference) ** 2)) < 1.4  # heavy tails for sigma


def test_unused_variables_have_the_largest_ratio(ch):
    scales, slopes = ch["sigma"].mean(axis=0), (ch["slope"] ** 2).mean(axis=(0, 1))
    idle = np.argmax(scales)
    assert 0.9 < scales[idle] < 1.1 and slopes[idle] < 0.2 * np.median(slopes)
    for ratios in ch["of_variables"].values():
        assert np.argmax(ratios) == idle and ratios[idle] > 5000


def test_a_decoder_without_waves_can_answer_the_open_exercise():
    nll = Cost("(0.3 - (0.3 + 3 exp(-30 (z - 0.5)^2)))^2/2 + log(2 pi)/2")
    one, two = (exact_variance(f, nll, Gaussian(0.5, 1)).mu for f in (score_function, pathwise))
    assert one < two
