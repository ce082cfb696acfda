"""Each exam question has one right answer, and each wrong one is the mistake that it names.

The right answers come from here: from gradlib, finite differences, enumeration or quadrature.
"""

import itertools
import re
from dataclasses import dataclass
from pathlib import Path

import mpmath
import numpy as np
import pytest
from scipy.optimize import brentq

from gradlib import (
    Cost,
    Gaussian,
    Gradient,
    antithetic,
    exact_gradient,
    exact_mean,
    exact_value,
    exact_variance,
    gap_kernel,
    optimal_baseline,
    pathwise,
    score_function,
)
from gradlib.course.exercises import EXERCISES

PAGE = (Path(__file__).resolve().parents[1] / "teaching/exam.md").read_text("utf-8")
NAMES = {"log": np.log, "exp": np.exp, "array": np.array}
ESTIMATORS = score_function, pathwise
NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(12)
WEIGHTS = WEIGHTS / np.sqrt(2 * np.pi)


@dataclass
class Question:
    number: int
    chapter: str
    exercise: str | None
    given: dict
    options: dict  # letter: text
    right: str  # letter
    reasons: dict  # letter of a wrong option: why

    def wrong(self):
        return [letter for letter in self.options if letter != self.right]


def items(text):
    return dict(re.findall(r"^- \((\w)\) (.+)$", text, re.MULTILINE))


def read():
    questions, solutions = PAGE.split("\n## Solutions\n")
    solved = re.split(r"^\*\*(\d+)\. \((\w)\)\*\*", solutions, flags=re.MULTILINE)[1:]
    solved = {n: (letter, items(text)) for n, letter, text in zip(*[iter(solved)] * 3)}
    asked = re.split(r"^### (\d+)\. .+$", questions, flags=re.MULTILINE)[1:]
    for n, text in zip(*[iter(asked)] * 2):
        head = re.search(r"\*Chapter (\d\d)(?:, exercise (\d\d\.\d)\. Given: (.+))?\.\*", text)
        given = eval(f"dict({head[3] or ''})", NAMES)
        yield Question(int(n), head[1], head[2], given, items(text), *solved[n])


QUESTIONS = list(read())
COMPUTED = [question for question in QUESTIONS if question.exercise]
JUDGED = [question for question in QUESTIONS if not question.exercise]


def each(questions):
    return pytest.mark.parametrize("question", questions, ids=lambda q: f"question_{q.number}")


def slope(function, x, h=1e-5):
    return (function(x + h) - function(x - h)) / (2 * h)


def variance_of_mean(v, M):
    coins = itertools.product([-np.sqrt(v), np.sqrt(v)], repeat=M)
    return np.var([np.mean(draws) for draws in coins])


def slope_in_phi(phi, d_mu, d_sigma):
    return slope(lambda p: 3 * p * d_mu + np.exp(p / 2) * d_sigma, phi)


def difference(cost, q, eps):
    one, two = score_function(cost, q, eps), pathwise(cost, q, eps)
    return Gradient(one.mu - two.mu, one.sigma - two.sigma)


def error_of_difference(v1, v2, c, M):
    problem = Cost("z^2"), Gaussian(2, 1)
    variances = [exact_variance(e, *problem).mu for e in (score_function, pathwise, difference)]
    assert variances == pytest.approx([v1, v2, v1 + v2 - 2 * c])
    return np.sqrt(variances[2] / M)


def tie_of_wave(c, sigma):
    phases = np.linspace(0, 2 * np.pi, 8, endpoint=False)  # terms with cos k mu average to 0

    def gap(k):
        bells = [Gaussian(phase / k, sigma) for phase in phases]
        wave = Cost(f"cos({k:.15f} z) + {c}")
        one, two = ([exact_variance(e, wave, q).mu for q in bells] for e in ESTIMATORS)
        return np.mean(one) - np.mean(two)

    return brentq(gap, 3, 10, xtol=1e-6)


def second_moment_of_ramp(a, b, w, mu, sigma):
    ramp, q = Cost(f"{a} * max(min((z - {b}) / {w}, 1), 0)"), Gaussian(mu, sigma)
    return exact_variance(pathwise, ramp, q).sigma + exact_mean(pathwise, ramp, q).sigma ** 2


def baseline_from_moments(m0, m2, m4):
    a, b, c = np.linalg.solve([[1, 1, 3], [1, 3, 15], [3, 15, 105]], [m0, m2, m4])
    return optimal_baseline(Cost(f"({a}) + ({b}) z^2 + ({c}) z^4"), Gaussian(0, 1)).sigma


def gain_of_pairs(even, odd):
    def term(cost, q, eps):
        value = np.sqrt(even / 2) * (eps**2 - 1) + np.sqrt(odd) * eps
        return Gradient(value, value)

    problem = Cost("z"), Gaussian(0, 1)
    return exact_variance(antithetic(term), *problem).mu / (exact_variance(term, *problem).mu / 2)


def in_dimensions(d, term):
    """Variance of a polynomial term in d independent noises, by quadrature on a grid."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(5)
    eps = np.stack(np.meshgrid(*[nodes] * d), axis=-1).reshape(-1, d)
    weights = np.prod(np.meshgrid(*[weights / np.sqrt(2 * np.pi)] * d), axis=0).ravel()
    values = term(eps)
    return weights @ (values - weights @ values) ** 2


def share(a, b):
    one, two = mpmath.exp(a), mpmath.exp(b)
    return float(one / (one + two))


RIGHT = {
    "00.3": variance_of_mean,
    "01.1": lambda mu, sigma: exact_value(Cost("exp(z/2)"), Gaussian(mu, sigma)),
    "01.3": slope_in_phi,
    "02.1": lambda z, mu, sigma: slope(lambda s: Gaussian(mu, s).log_prob(z), sigma),
    "02.2": lambda z, phi: slope(lambda p: Gaussian(p, np.exp(p)).log_prob(z), phi),
    "02.3": lambda z1, z2, mu, sigma: np.mean(
        score_function(Cost("z^2"), Gaussian(mu, sigma), (np.array([z1, z2]) - mu) / sigma).mu
    ),
    "03.2": lambda u, k: slope(lambda shape: (-np.log(u)) ** (1 / shape), k),
    "03.3": lambda mu, sigma, a, c: (
        exact_gradient(Cost(f"{a} Heaviside(z - {c})"), Gaussian(mu, sigma)).mu
    ),
    "04.1": error_of_difference,
    "04.2": lambda variance, s: next(n for n in itertools.count(1) if variance / n <= s**2),
    "05.1": lambda c, sigma: exact_variance(score_function, Cost(f"{c}"), Gaussian(0, sigma)).sigma,
    "05.2": lambda mu, sigma: -optimal_baseline(Cost("z^2"), Gaussian(mu, sigma)).sigma,
    "06.1": lambda g_mu, g_sigma, g_cross, phi: (
        np.array([1, np.exp(phi)])
        @ [[g_mu, g_cross], [g_cross, g_sigma]]
        @ np.array([1, np.exp(phi)])
    ),
    "07.1": tie_of_wave,
    "07.2": second_moment_of_ramp,
    "08.1": baseline_from_moments,
    "08.2": lambda costs, scores: np.cov(costs, scores)[0, 1],
    "09.1": gain_of_pairs,
    "10.1": lambda d, sigma: in_dimensions(
        d, lambda eps: (sigma**2 * (eps**2).sum(axis=1)) * eps[:, 0] / sigma
    ),
    "10.3": lambda a, b: (
        in_dimensions(2, lambda eps: (eps + np.array([a, b])).prod(axis=1) * eps.sum(axis=1))
        - in_dimensions(2, lambda eps: (eps + np.array([a, b])).sum(axis=1))
    ),
    "11.2": lambda nll, b, eps, sigma: (
        sigma * score_function(Cost(f"{nll}"), Gaussian(0, sigma), np.array([eps]), b).sigma[0]
    ),
    "12.1": share,
}


def limit_of_common_noise(option):
    eps = NODES
    terms = ((1 + 0.001 + 2 * eps) ** 2 - (1 - 0.001 + 2 * eps) ** 2) / 0.002
    return np.isclose(float(option), WEIGHTS @ (terms - WEIGHTS @ terms) ** 2)


def mean_at_moving_end(option):
    z = np.linspace(0, 3, 3001)
    score = slope(lambda theta: -np.log(theta), 3)
    return np.isclose(float(option), np.trapezoid(z**2 * score / 3, z), rtol=1e-3)


def misleads_pathwise(option):
    cost, q = Cost(option), Gaussian(0.5, 1)
    return not np.isclose(exact_mean(pathwise, cost, q).mu, exact_gradient(cost, q).mu)


def is_biased(option):
    cost, mu, sigma = Cost("z^3"), 0.7, 1.3
    names = {"eps": NODES, "z": mu + sigma * NODES, "mu": mu, "sigma": sigma}
    mean = WEIGHTS @ eval(option, {"r": cost, "dr": cost.derivative}, names)
    return not np.isclose(mean, exact_gradient(cost, Gaussian(mu, sigma)).mu)


def factor_of_narrow_bell(option):
    one, two = (
        exact_variance(score_function, Cost("cos(z) + 2"), Gaussian(0, s)).mu for s in (0.02, 0.01)
    )
    return np.isclose(float(option), two / one, rtol=0.01)


def score_function_wins(option):
    one, two = (exact_variance(e, Cost(option), Gaussian(0, 1)).mu for e in ESTIMATORS)
    return one < two


def kernel_is_negative(option):
    return gap_kernel(Cost("exp(-z^2)"), Gaussian(0, 1), np.array([float(option[4:])]))[0] < 0


def factor_of_fast_wave(option):
    one, two = (exact_variance(e, Cost("cos(20z)"), Gaussian(1, 1)).mu for e in ESTIMATORS)
    return np.isclose(float(option), two / one, rtol=0.01)


IS_RIGHT = {
    4: limit_of_common_noise,
    8: mean_at_moving_end,
    11: misleads_pathwise,
    14: is_biased,
    17: factor_of_narrow_bell,
    19: score_function_wins,
    20: kernel_is_negative,
    23: factor_of_fast_wave,
}


def test_there_are_thirty_questions_over_all_chapters():
    assert [question.number for question in QUESTIONS] == list(range(1, 31))
    chapters = [question.chapter for question in QUESTIONS]
    assert chapters == sorted(chapters)
    assert set(chapters) == {f"{n:02}" for n in range(13)}
    assert {question.right for question in QUESTIONS} == set("ABCD")


@each(QUESTIONS)
def test_four_different_answers_and_a_reason_against_each_wrong_one(question):
    assert list(question.options) == list("ABCD")
    assert len(set(question.options.values())) == 4
    assert list(question.reasons) == question.wrong()


@each(COMPUTED)
def test_the_right_answer_is_right(question):
    right = RIGHT[question.exercise](**question.given)
    rough = 0.01 if question.exercise == "07.2" else 5e-4  # that one asks for a leading term
    assert float(question.options[question.right]) == pytest.approx(right, rel=rough)


@each(COMPUTED)
def test_a_wrong_answer_is_what_its_mistake_gives(question):
    judge = EXERCISES[question.exercise]
    right = float(question.options[question.right])
    for letter in question.wrong():
        number = float(question.options[letter])
        mistake = judge.read(judge.mistakes[question.reasons[letter]])
        assert number == pytest.approx(mistake(*question.given.values()), rel=5e-4)
        assert abs(number - right) > 1e-3 * abs(right)


@each(JUDGED)
def test_one_answer_alone_is_true(question):
    verdict = IS_RIGHT[question.number]
    true = [letter for letter, option in question.options.items() if verdict(option.strip("`"))]
    assert true == [question.right]
