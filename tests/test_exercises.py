"""The judges that are not plain functions tell the mistakes apart, too."""

import re
from functools import partial
from math import gamma

import numpy as np
import pytest

from gradlib import (
    Cost,
    Gradient,
    antithetic,
    combination,
    exact_gradient,
    leave_one_out,
    measure_valued,
    optimal_baseline,
    optimal_weight,
    pathwise,
    score_function,
)
from gradlib.course.check import EXERCISES
from gradlib.course.exercises.chapter_09 import BUMP, Q
from gradlib.course.exercises.unbiased import evaluations
from gradlib.course.judges import say
from gradlib.estimators import Randomized

NOISE = np.random.default_rng(0)
NOTHING = "not yet: your function returns nothing; is `return` missing?"


def verdict(name, attempt):
    return EXERCISES[name](attempt)


def says(name, attempt, pattern):
    found = verdict(name, attempt)
    assert re.search(pattern, found), found


# ---- numbers in sentences


@pytest.mark.parametrize(
    ("numbers", "text"),
    [
        ((1.23456,), "1.235"),
        ((-0.0,), "0"),
        ((-1.129e-16,), "0"),
        ((12345678,), "12345678"),
        ((np.nan,), "nan"),
        ((0.33332, 1 / 3), "0.33332"),
        ((0.2, 0.2), "0.2"),
        ((0.25, 0.3), "0.25"),
        ((np.array([0.5, -1e-17]),), "[0.5, 0]"),
    ],
)
def test_a_number_is_told_from_its_neighbour_and_rounding_is_nothing(numbers, text):
    assert say(*numbers) == text


# ---- functions whose arguments are of the types that the statement names


@pytest.mark.parametrize("name", ["10.1", "10.2", "00.3"])
def test_a_count_is_a_whole_number(name):
    right = EXERCISES[name].read(EXERCISES[name].right)

    def counts(*arguments):
        whole = dict(zip(EXERCISES[name].arguments, arguments, strict=True)).get
        range(whole("d", whole("M", None)))
        return right(*arguments)

    assert verdict(name, counts) == "right."


def test_the_best_step_is_asked_for_whole_numbers_of_samples():
    assert verdict("01.4", lambda M: (303 / (4 * len(range(M)))) ** (1 / 6)) == "right."


def test_one_sample_too_many_is_seen():
    says("04.2", lambda variance, s: int(variance / s**2) + 1, "takes one too many")


@pytest.mark.parametrize(
    ("name", "attempt", "words"),
    [
        ("00.4", lambda eps, mu, sigma: (mu + sigma * eps) ** 2, "return their average"),
        (
            "01.2",
            lambda e, m, s, h: (np.sin(m + (s + h) * e) - np.sin(m + (s - h) * e)) / 2 * h,
            "in brackets",
        ),
        ("01.3", lambda phi, a, b: a + np.exp(phi / 2) / 2 * b, "factor 3 "),
        ("05.2", lambda mu, sigma: -(mu**2) + 5 * sigma**2, "sign of the sigma.2 term"),
        ("05.2", lambda mu, sigma: mu**2 - 5 * sigma**2, "sign of the mu.2 term"),
        ("10.1", lambda d, sigma: (d + 2) * (d + 4), "sigma.2 is missing"),
        ("10.1", lambda d, sigma: (d**2 + 14) * sigma**2, "cross term .* is missing"),
        ("12.1", lambda a, b: np.exp(a) / (np.exp(a) + np.exp(b)), "subtract first"),
    ],
)
def test_common_mistakes_have_a_diagnosis(name, attempt, words):
    for _ in range(20):
        says(name, attempt, f"^not yet: .*{words}")


@pytest.mark.parametrize("name", ["01.4", "02.4", "04.4", "09.2", "10.4"])
def test_a_forgotten_return_is_named(name):
    assert verdict(name, lambda *arguments: None) == NOTHING


@pytest.mark.parametrize("name", EXERCISES)
@pytest.mark.parametrize("attempt", [None, 7, [], {}, print, object()])
def test_nothing_stops_a_judge(name, attempt):
    found = verdict(name, attempt)
    assert not found.startswith("right")
    assert found.endswith((".", "?"))


# ---- 01.4


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (lambda M: M ** (-1 / 6), "h is too small"),
        (lambda M: 9 * M ** (-1 / 6), "h is too large"),
        (lambda M: M**-0.25, "goes like M.-0.25"),
        (lambda M: -1.0, "must be positive"),
    ],
)
def test_a_step_that_is_not_the_best(step, words):
    says("01.4", step, f"^not yet: .*{words}")


# ---- 02.4: for q ~ (theta - z)^a the mean is right for a > 0, the variance finite for a > 1


def power_density(a):
    return lambda z, theta: (a + 1) * (theta - z) ** a / theta ** (a + 1)


@pytest.mark.parametrize("a", [1.02, 1.05, 1.07, 1.5, 2, 4])
def test_a_density_that_vanishes_faster_than_linearly_is_right(a):
    assert verdict("02.4", power_density(a)) == "right."


@pytest.mark.parametrize("a", [0.05, 0.2, 0.3, 0.5, 0.9, 1])
def test_a_density_that_vanishes_too_slowly_has_infinite_variance(a):
    says("02.4", power_density(a), f"unbiased, but with infinite variance: .*z\\)\\^{a},")


def wall(z, theta):
    return np.exp(-1 / (1 - z / theta)) / (0.14849550677592205 * theta) if z < theta else 0.0


@pytest.mark.parametrize(
    "density",
    [
        wall,  # faster than any power; below the smallest float near the end
        lambda z, theta: 30 * z**2 * (theta - z) ** 2 / theta**5,
        lambda z, theta: 8 / (3 * np.pi) * (theta - z) ** 1.5 * z**-0.5 / theta**2,
    ],
)
def test_other_right_densities(density):
    assert verdict("02.4", density) == "right."


@pytest.mark.parametrize(
    ("density", "words"),
    [
        (lambda z, theta: 1 / theta, "E1 is -0.5, and the truth is 0.5; .* vanish at theta"),
        (power_density(-0.5), "grows without bound at theta"),
        (lambda z, theta: 5 * (theta - z) ** 2 / theta**3, "integrates to 1.667, not 1"),
        (lambda z, theta: -1.0, "expected a positive number"),
        (
            lambda z, t: (1.2 if 2 * z < t else 0.4) * (t - z) ** 2 / t**3 * 3 / 1.1,
            "jumps inside",
        ),
    ],
)
def test_wrong_densities(density, words):
    says("02.4", density, f"^not yet: .*{words}")


# ---- costs: text, an expression or a Cost


@pytest.mark.parametrize(
    ("name", "formula"),
    [
        ("03.4", "z - 3 Heaviside(z)"),
        ("06.2", "1 + cos(2z)"),
        ("06.2", "exp(z) exp(-9z^2)"),
        ("07.3", "cos(0.4(z - 1)^2)"),
        ("07.4", "2 + cos(5z)"),
    ],
)
def test_a_formula_may_be_text_a_cost_or_an_expression(name, formula):
    found = verdict(name, formula)
    assert found.startswith("right")
    assert verdict(name, Cost(formula)) == found
    assert verdict(name, Cost(formula).expression) == found


@pytest.mark.parametrize("name", ["03.4", "06.2", "07.3", "07.4"])
def test_a_cost_from_functions_is_no_formula(name):
    says(name, Cost.from_functions(np.sin, np.cos, "sine"), "^expected a formula")


@pytest.mark.parametrize(
    ("name", "cost", "words"),
    [
        ("03.4", "z^2", "true gradient is 1, and so is the mean of E2"),
        ("03.4", "5", "true gradient is 0, and so is"),
        ("03.4", "z + Heaviside(z)", "does not point the other way"),
        ("06.2", "cos(z)", "must be 0 or more"),
        ("06.2", "1 + cos(9z) - z^4/10^8", "must be 0 or more"),
        ("06.2", "log(z)", "= nan"),
        ("06.2", "Heaviside(z)", "jumps"),
        ("06.2", "z^2", "Where is r r''"),
        ("07.3", "cos(2z)", "wins for mu as well"),
        ("07.3", "cos(1.1z)", "other way round"),
        ("07.3", "z^2", "does not win"),
        ("07.4", "0.999 + z^2", "which is less than 1"),
        ("07.4", "1 + (z-1)^2", "does not bend towards 0 .* is 4,"),
        ("07.4", "1 + exp(3z)", "does not bend towards 0 .* is 2.384e"),
        ("07.4", "3 + cos(3z)", "steep enough, but it bends too little"),
        ("07.4", "1 + 100000 exp(-0.5(z-1)^2)", "R is 0.333325. While R is below 1/3"),
        ("07.4", "1", "R is 0. "),
    ],
)
def test_costs_that_do_not_answer(name, cost, words):
    says(name, cost, f"^not yet: .*{words}")


# ---- 04.3


@pytest.mark.parametrize("letter", ["B", "b", " b "])
def test_the_letter_may_be_small(letter):
    assert verdict("04.3", letter) == "right."


# ---- 05.3


@pytest.mark.parametrize("cost", ["cos(2z) + 1.69701", "1.69701 - cos(2z + pi)"])
def test_costs_that_make_both_equal(cost):
    says("05.3", cost, r"^right\. E1 has variance ")


@pytest.mark.parametrize(
    ("cost", "diagnosis"),
    [
        ("5", "variance of E1 smaller"),
        ("cos(2z)", "variance of E2 smaller"),
        ("cos(2z) + 3", "variance of E1 smaller"),
        ("0z", "both variances are 0"),
        ("Heaviside(z)", "jumps"),
    ],
)
def test_costs_that_do_not_make_both_equal(cost, diagnosis):
    says("05.3", cost, diagnosis)


# ---- 04.4 and 09.2: estimators


def mapped(change):
    """Pathwise terms, changed."""
    return lambda cost, q, eps: Gradient(*(change(t, eps) for t in pathwise(cost, q, eps)))


def exact(cost, q, eps):
    return Gradient(*(np.full(np.shape(eps), g) for g in exact_gradient(cost, q)))


def exact_and_noise(cost, q, eps):
    return Gradient(*(g + 1e-3 * eps for g in exact_gradient(cost, q)))


FAIR = partial(score_function, baseline=optimal_baseline(BUMP, Q))
MIXED = partial(
    combination, weight=optimal_weight(BUMP, Q, FAIR.keywords["baseline"]), **FAIR.keywords
)


@pytest.mark.parametrize("name", ["04.4", "09.2"])
@pytest.mark.parametrize(
    ("attempt", "words"),
    [
        (exact, "do not depend on eps"),
        (exact_and_noise, "quadrature, not sampling"),
        (mapped(lambda t, eps: np.full_like(t, -0.27579)), "do not depend on eps"),
        (leave_one_out, "depend on the other samples"),
        (mapped(lambda t, eps: t + NOISE.normal(size=t.shape)), "random numbers that are not"),
        (lambda cost, q, eps: Gradient(eps, eps), "the mean of your d/dmu is 0, and the true"),
        (mapped(lambda t, eps: 1.0001 * t), "the mean of your d/dmu is"),
        (lambda cost, q, eps: exact_gradient(cost, q), "must return a Gradient|not depend on eps"),
        (partial(pathwise, 3), "your answer stopped with TypeError"),
        (lambda cost, q, eps: 1 / 0, "your answer stopped with ZeroDivisionError"),
        (3, "expected a function of cost, q, eps; received 3"),
        (lambda cost, q, eps: ..., "not answered yet"),
    ],
)
def test_what_is_no_unbiased_estimator_gets_its_reason(name, attempt, words):
    says(name, attempt, words)
    assert "biased" not in verdict(name, attempt)


def test_an_estimator_that_is_right_for_the_bump_only_is_biased():
    def tuned(cost, q, eps):
        return Gradient(*(t + 0.01 * eps for t in exact(BUMP, q, eps)))

    says("09.2", tuned, "the mean of your d/dmu is -0.2758, and the true gradient is")


@pytest.mark.parametrize(("estimator", "name"), [(score_function, "E1"), (pathwise, "E2")])
def test_the_old_estimators_are_not_new(estimator, name):
    says("04.4", estimator, f"this is {name} itself")


@pytest.mark.parametrize(
    ("estimator", "variance"),
    [(antithetic(pathwise), "0"), (partial(score_function, baseline=3.0), "54")],
)
def test_new_estimators_are_praised_with_their_variance(estimator, variance):
    for _ in range(20):  # fresh costs
        says("04.4", estimator, f"^right. Its variance is {variance} for z.2 ")


@pytest.mark.parametrize(
    ("estimator", "count"), [(FAIR, 1), (pathwise, 1), (antithetic(pathwise), 2)]
)
def test_evaluations_are_counted(estimator, count):
    assert evaluations(estimator, BUMP, Q, 1000) == count


@pytest.mark.parametrize(("extra", "sentence"), [(8, "^right"), (9, "at 11 points")])
def test_ten_points_make_a_term(extra, sentence):
    def curious(cost, q, eps):
        cost(np.arange(5.0, 5 + extra))
        return antithetic(pathwise)(cost, q, eps)

    says("04.4", curious, sentence)


@pytest.mark.parametrize(
    ("estimator", "numbers"),
    [
        (FAIR, "0.07222 x 1 = 0.07222 "),
        (pathwise, "0.2117 x 1 = 0.2117 "),
        (antithetic(score_function), "x 2 = 0.08758 "),
    ],
)
def test_estimators_that_do_not_beat_both(estimator, numbers):
    says("09.2", estimator, f"^not yet: it is unbiased, but .*{numbers}")


@pytest.mark.parametrize(
    ("estimator", "numbers"),
    [(MIXED, "0.0243 x 1 = 0.0243 "), (antithetic(MIXED), "0.004009 x 2 = 0.008018 ")],
)
def test_estimators_that_beat_both(estimator, numbers):
    for _ in range(5):
        says("09.2", estimator, f"^right. Unbiased, and .*{numbers}")


@pytest.mark.parametrize("name", ["04.4", "09.2"])
def test_an_estimator_with_noise_of_its_own_is_not_told_a_wrong_reason(name):
    def noisy(cost, q, eps, rng):
        return Gradient(*(t + rng.normal(size=np.shape(eps)) for t in pathwise(cost, q, eps)))

    found = verdict(name, Randomized(noisy))
    assert found.startswith("not yet: ")
    assert "other samples" not in found
    assert "true gradient" not in found


def test_an_estimator_that_knows_its_moments_is_judged_by_them():
    says("04.4", measure_valued, r"^right\. Its variance is 4\.372 for z\^2")
    says("09.2", measure_valued, r"^right\. .* 0\.01257 x 4 = 0\.05027 ")


# ---- 10.4


def along_the_diagonal(function):
    return lambda z: function((z.sum(axis=1) - z.shape[1]) / np.sqrt(z.shape[1]))


@pytest.mark.parametrize(
    "cost",
    [
        along_the_diagonal(np.tanh),
        along_the_diagonal(np.array),
        along_the_diagonal(np.sign),
        along_the_diagonal(np.sin),
        lambda z: np.tanh(z - 1).sum(axis=1) / np.sqrt(z.shape[1]),
        lambda z: np.sign(np.tanh(z - 1).sum(axis=1)),
    ],
)
def test_costs_that_stay_calm_and_keep_their_signal(cost):
    says("10.4", cost, "^right")


@pytest.mark.parametrize(
    ("cost", "words"),
    [
        (lambda z: z.prod(axis=1), "it grows"),
        (lambda z: z.max(axis=1), "it grows"),
        (lambda z: z.sum(axis=1), "it grows"),
        (lambda z: np.sign(z.sum(axis=1)), "must be 1/2 or more"),
        (lambda z: np.tanh(z.sum(axis=1)), "must be 1/2 or more"),
        (lambda z: np.cos(z.mean(axis=1)), "must be 1/2 or more"),
        (lambda z: z.sum(axis=1) > z.shape[1], "must be 1/2 or more"),
        (lambda z: np.exp(-(z**2).sum(axis=1) / 2), "must be 1/2 or more"),
        (lambda z: z[:, 0] - 1, "does not depend on coordinate 2"),
        (lambda z: np.sign(z[:, 1:] - 1).sum(axis=1), "does not depend on coordinate 1"),
        (lambda z: 1 + 0 * z[:, 0], "does not depend on coordinate 1"),
        (lambda z: z, "expected one cost for each row"),
        (lambda z: z.sum(axis=1) - z.sum(axis=1).mean(), "function of that row alone"),
        (lambda z: ..., "not answered yet"),
    ],
)
def test_costs_that_do_not(cost, words):
    says("10.4", cost, words)


def test_the_signal_along_the_diagonal_is_what_bessel_allows():
    """r = tanh(u), u = (sum z - d)/sqrt d: eps_i is u/sqrt d and a rest independent of u."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(200)
    f, weights = np.tanh(nodes), weights / weights.sum()
    signal, spread = (weights @ (f * nodes)) ** 2, weights @ f**2
    for d in (5, 50, 500):
        variance = weights @ (f * nodes) ** 2 / d + spread * (1 - 1 / d) - signal / d
        assert 0.93 < signal / variance < 0.94
    assert signal < spread


# ---- 12.3


class Likelihood:
    def __init__(self, nll, slope):
        self._nll, self._slope = nll, slope

    def nll(self, output, x):
        return self._nll(output - x).sum(axis=-1)

    def slope(self, output, x):
        return self._slope(output - x)


LAPLACE = Likelihood(lambda e: 4 * np.abs(e) - np.log(2), lambda e: 4 * np.sign(e))
CAUCHY = Likelihood(lambda e: np.log(np.pi * (1 + e**2)), lambda e: 2 * e / (1 + e**2))


@pytest.mark.parametrize(("likelihood", "pull"), [(LAPLACE, "1"), (CAUCHY, "0.1")])
def test_a_likelihood_that_forgives_outliers(likelihood, pull):
    says("12.3", likelihood, f"^right. .*pulls {pull} times")


@pytest.mark.parametrize(
    ("likelihood", "words"),
    [
        (
            Likelihood(lambda e: e**2 / 2 + np.log(2 * np.pi) / 2, lambda e: e),
            "does not forgive outliers: .* pulls 10 times",
        ),
        (
            Likelihood(lambda e: np.exp(e) - e, lambda e: np.exp(e) - 1),  # Gumbel's: one side
            "does not forgive outliers",
        ),
        (
            Likelihood(lambda e: np.log(2) - 4 * np.abs(e), lambda e: -4 * np.sign(e)),
            "this is the log-likelihood",
        ),
        (
            Likelihood(
                lambda e: np.abs(e) ** 1.5 + np.log(2 * gamma(5 / 3)),
                lambda e: 1.5 * np.sign(e) * np.abs(e) ** 0.5,
            ),
            "does not forgive outliers: .* pulls 3.162 times",
        ),
        (Likelihood(lambda e: 4 * np.abs(e), LAPLACE._slope), "integral 0.5 .* a constant is"),
        (Likelihood(LAPLACE._nll, lambda e: -4 * np.sign(e)), "sign of the slope is flipped"),
        (Likelihood(LAPLACE._nll, np.sign), "the slope is .* where the NLL has"),
        (Likelihood(LAPLACE._nll, lambda e: 4 * np.sign(e).sum(axis=-1)), "must have shape"),
        (Likelihood, "expected an object with the methods nll and slope"),
    ],
)
def test_likelihoods_that_do_not_answer(likelihood, words):
    says("12.3", likelihood, words)


def test_a_likelihood_that_returns_nothing_or_a_stub():
    class Forgotten(Likelihood):
        def nll(self, output, x):
            self._nll(output - x).sum(axis=-1)

    class Stub:
        def nll(self, output, x):
            return ...

        slope = nll

    assert verdict("12.3", Forgotten(LAPLACE._nll, LAPLACE._slope)) == NOTHING
    assert verdict("12.3", Stub()) == "not answered yet."
