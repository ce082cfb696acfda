"""Chapter 02: the score-function identity and its failures, against independent values."""

import re
from itertools import pairwise

import numpy as np
import pytest
import sympy as sp
from scipy import integrate, stats
from sympy.core.function import AppliedUndef

from gradlib.course.predict import QUIZ


def integral(f, low=-np.inf, high=np.inf):
    return integrate.quad(f, low, high, limit=400)[0]


def reports(ch):
    """(mean, standard error, exact, t) of each line that reports an estimate."""
    pattern = r"(-?[\d.]+) \+- ([\d.]+), exact (-?[\d.]+), t = (-?[\d.]+)"
    return [tuple(map(float, found)) for found in re.findall(pattern, ch.text)]


def test_the_difference_quotient_comes_close_in_first_order(ch):
    found = re.findall(r"h = (\S+) +largest distance (\S+)", ch.text)
    z = np.linspace(-4, 4, 4001)
    distances = []
    for h, distance in np.array(found, float):
        quotient = (stats.norm.pdf(z, h) - stats.norm.pdf(z)) / h
        distances.append(np.abs(quotient - z * stats.norm.pdf(z)).max())
        assert distance == pytest.approx(distances[-1], abs=2e-5)
    np.testing.assert_allclose(np.divide(distances[:-1], distances[1:]), 10, rtol=0.05)


@pytest.mark.parametrize(("z", "mu", "sigma"), [(0.5, -0.3, 0.7), (3.1, 1.2, 2.0)])
def test_the_log_derivative_trick_and_the_scores(ch, z, mu, sigma):
    h, place = 1e-5, {ch["z"]: z, ch["mu"]: mu, ch["sigma"]: sigma}
    assert float(ch["density"].subs(place)) == pytest.approx(stats.norm.pdf(z, mu, sigma))
    up = [(mu + h, sigma), (mu, sigma + h)]
    down = [(mu - h, sigma), (mu, sigma - h)]
    noise = {ch["noise"]: (z - mu) / sigma} | place
    for i in range(2):
        score = (stats.norm.logpdf(z, *up[i]) - stats.norm.logpdf(z, *down[i])) / (2 * h)
        slope = (stats.norm.pdf(z, *up[i]) - stats.norm.pdf(z, *down[i])) / (2 * h)
        for found in (ch["scores"][i].subs(place), ch["in_noise"][i].subs(noise)):
            assert float(found) == pytest.approx(score, rel=1e-7)
        assert stats.norm.pdf(z, mu, sigma) * score == pytest.approx(slope, rel=1e-7)
    assert (ch["in_noise"][1].subs(noise) > 0) == (abs(noise[ch["noise"]]) > 1)


def test_the_identity_is_for_an_undefined_cost_and_undefined_parameters(ch):
    lines = ch["identity"].lines
    names = {f.func.__name__ for f in lines[-1].expression.atoms(AppliedUndef)}
    assert {"r", "mu", "sigma"} <= names
    assert f"{len(lines)} lines checked" in ch.text


@pytest.mark.parametrize(
    ("r", "breaks"),
    [
        (lambda z: np.cos(2 * z) + z**3, []),
        (lambda z: np.abs(z - 0.4), [0.4]),
        (lambda z: 2.0 * (z > 0.2), [0.2]),
    ],
    ids=["smooth", "kink", "step"],
)
def test_the_identity_with_numbers(r, breaks):
    """dJ/dphi by finite differences is E[r score], for mu = sin phi and sigma = 1 + phi^2/2."""
    phi, h = 0.8, 1e-4

    def over_line(f):
        ends = [-14, *breaks, 14]
        return sum(integral(f, *pair) for pair in pairwise(ends))

    def log_q(z, p):
        return stats.norm.logpdf(z, np.sin(p), 1 + p**2 / 2)

    def J(p):
        return over_line(lambda z: r(z) * np.exp(log_q(z, p)))

    def term(z):
        score = (log_q(z, phi + h) - log_q(z, phi - h)) / (2 * h)
        return r(z) * score * np.exp(log_q(z, phi))

    assert over_line(term) == pytest.approx((J(phi + h) - J(phi - h)) / (2 * h), abs=1e-6)


def test_two_changes_are_refused_and_the_copy_is_accepted(ch):
    (text,) = (text for text in ch.printed if text.startswith("refused"))
    sign, log, copy, *_ = text.splitlines()
    for refused in (sign, log):
        assert refused.startswith("refused: line 4 ")
    assert copy == "accepted: 6 lines checked"


def test_four_lines_give_the_terms_of_gradlib(ch):
    z = 2 + ch["eps"]
    np.testing.assert_allclose(ch["terms"].mu, z**2 * ch["eps"], rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(ch["terms"].sigma, z**2 * (ch["eps"] ** 2 - 1), atol=1e-9)
    assert "the same terms: True" in ch.text


def test_estimates_agree_with_the_truth(ch):
    gaussian = reports(ch)[:4]
    density = stats.norm.pdf(0.3 / 0.8)
    truths = [4, 2, density / 0.8, -0.3 * density / 0.8**2]
    for (mean, error, exact, t), truth in zip(gaussian, truths, strict=True):
        assert exact == pytest.approx(truth, abs=6e-4)
        assert abs(mean - truth) <= 4 * error
        assert abs(t) <= 4


def test_a_few_large_terms_decide(ch):
    terms = ch["terms"].mu[:14]
    assert np.sort(terms)[-4:].sum() > 0.9 * np.abs(terms.sum())


def test_the_cost_with_a_step_was_never_differentiated(ch):
    with pytest.raises(RuntimeError, match="tried to differentiate"):
        ch["step"].derivative(np.array([0.5]))
    h = 1e-5
    slopes = [
        (stats.norm.cdf((0.3 + h) / 0.8) - stats.norm.cdf((0.3 - h) / 0.8)) / (2 * h),
        (stats.norm.cdf(0.3 / (0.8 + h)) - stats.norm.cdf(0.3 / (0.8 - h))) / (2 * h),
    ]
    assert ch["slope"] == pytest.approx(slopes[0], rel=1e-6)
    assert -ch["slope"] * 0.3 / 0.8 == pytest.approx(slopes[1], rel=1e-6)


def test_the_score_has_mean_zero_and_its_variance_is_the_fisher_information(ch):
    for i, power in ((0, 1), (1, 2)):
        score = ch["scores"][i]
        assert ch["expectation"](score) == 0
        assert sp.simplify(ch["expectation"](score**2) - power / ch["sigma"] ** 2) == 0


@pytest.mark.parametrize("sigma", [0.6, 1.9])
def test_fisher_information_by_quadrature(ch, sigma):
    place = {ch["mu"]: 0.4, ch["sigma"]: sigma}
    for i, exact in enumerate((1 / sigma**2, 2 / sigma**2)):
        score = sp.lambdify(ch["z"], ch["scores"][i].subs(place))
        found = integral(lambda z, f=score: f(z) ** 2 * stats.norm.pdf(z, 0.4, sigma))
        assert found == pytest.approx(exact)


def variances(c):
    """Var of one term of E1 for z^2 + c at N(2, 1), for mu and for sigma, by quadrature."""

    def square_of_terms(e):
        return ((2 + e) ** 2 + c) ** 2 * np.array([e, e**2 - 1]) ** 2 * stats.norm.pdf(e)

    return integrate.quad_vec(square_of_terms, -15, 15)[0] - np.array([4, 2]) ** 2


def test_a_constant_changes_the_variance_of_e1(ch):
    for c, exact in ((0, (87, 346)), (-7, (38, None)), (-9, (None, 184))):
        for found, value in zip(variances(c), exact, strict=True):
            assert value is None or found == pytest.approx(value)
    for i in range(0, len(ch["constants"]), 12):
        found = [values[i] for values in ch["variances"]]
        np.testing.assert_allclose(found, variances(ch["constants"][i]), rtol=1e-7)
    assert "smallest at c = -7.0 -9.0" in ch.text
    for values, best in zip(ch["variances"], (-7, -9), strict=True):
        a, b, _ = np.polyfit(ch["constants"], values, 2)
        assert -b / (2 * a) == pytest.approx(best)


def test_a_constant_never_changes_that_of_the_rival(ch):
    found = re.findall(r"c = +(-?\d+): variance +(\d+) \(score function\), 4 \(pathwise\)", ch.text)
    assert len(found) == 3
    for c, variance in found:
        assert int(variance) == round(variances(int(c))[0])
    assert f"{QUIZ[3]}\nThe answer: true" in ch.text


def test_a_moving_end_turns_the_sign(ch):
    theta = 1.7
    h, J = 1e-4, lambda end: integral(lambda z: z / end, 0, end)
    truth = (J(theta + h) - J(theta - h)) / (2 * h)
    score = (np.log(1 / (theta + h)) - np.log(1 / (theta - h))) / (2 * h)
    e1 = integral(lambda z: z * score / theta, 0, theta)
    assert truth == pytest.approx(0.5)
    assert float(ch["e1_mean"]) == pytest.approx(e1) == -0.5
    assert float(ch["score_mean"].subs(ch["theta"], theta)) == pytest.approx(score)
    assert e1 + theta * (1 / theta) == pytest.approx(truth)  # Leibniz: + r(theta) q(theta)


def test_a_small_standard_error_is_no_proof_of_truth(ch):
    mean, error, exact, t = reports(ch)[4]
    assert exact == 0.5
    assert abs(mean + 0.5) <= 4 * error
    assert t < -300
