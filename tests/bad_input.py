"""Every argument of the public functions, and the odd things that it may receive.

An argument is a function of the odd thing, which puts it into an otherwise right call. The odd
things come with the plain value that they stand for, or without one.
"""

import functools
from decimal import Decimal
from fractions import Fraction
from importlib.util import find_spec

import numpy as np
import sympy

from gradlib import (
    Cost,
    Gaussian,
    Gradient,
    MovingAverage,
    Randomized,
    antithetic,
    batch_mean,
    combination,
    compare,
    crossings,
    delta,
    estimate,
    exact_covariance,
    exact_gradient,
    exact_mean,
    exact_value,
    exact_variance,
    expectation,
    gap_kernel,
    gap_matrix,
    gap_terms,
    leave_one_out,
    leave_one_out_variance,
    measure_valued,
    monte_carlo,
    optimal_baseline,
    optimal_weight,
    pathwise,
    score_function,
    symbolic,
    variance_curve,
    variance_gap,
)
from gradlib import discrete as bits
from gradlib.course import check, predict
from gradlib.discrete import Bernoulli, Categorical
from gradlib.estimators import values
from gradlib.frameworks import from_jax, from_torch

COST, BELL, EPS = Cost("z^2"), Gaussian(0.5, 2.0), np.array([0.5, -1.0, 2.0])
PLANE = Cost.from_functions(lambda z: (z**2).sum(axis=-1), lambda z: 2 * z, "square")
PAIR, PAIRS = Gaussian([0.5, 1.0], [2.0, 1.0]), np.array([[0.5, -1.0], [1.0, 2.0], [0.0, 1.0]])
KINK = Cost("|z - 1| + |z|")
BIT, DIE, LOGITS = Bernoulli(0.5), Categorical([0.5, -1.0, 0.0]), np.array([[0.5, -1.0, 2.0]])
FROM = {"from_torch": ("torch", from_torch), "from_jax": ("jax", from_jax)}
FROM = {name: function for name, (needs, function) in FROM.items() if find_spec(needs)}
COMPARED = compare(COST, BELL)
PARABOLA = symbolic.score_function_identity()


def rng():
    return np.random.default_rng(0)


def a_function(z):
    return z


class Floating:
    """It says which number it is."""

    def __float__(self):
        return 0.25


KINDS = {  # no numbers
    "None": None,
    "text": "spam",
    "text of a number": "2",
    "empty text": "",
    "bytes": b"2",
    "an object": object(),
    "a dict": {},
    "a set": {1.0},
    "an ellipsis": ...,
    "a class": int,
    "a function": a_function,
    "a generator": (x for x in [1.0]),
    "a module": np,
    "complex": 1 + 2j,
    "complex array": np.array([1 + 2j, 1.0, 2.0]),
    "a date": np.datetime64("2020-01-01"),
    "a duration": np.timedelta64(3, "D"),
    "masked array": np.ma.masked_array([0.5, -1.0, 2.0], [True, False, False]),
    "array of text": np.array(["a", "b", "c"]),
    "array of None": np.array([None, 1.0, 2.0]),
    "records": np.array([(1.0, 2.0)], dtype=[("a", float), ("b", float)]),
    "ragged": [[1.0], [1.0, 2.0]],
    "a symbol": sympy.Symbol("a"),
    "an imaginary constant": sympy.I,
    "a cost": COST,
    "a Gaussian": BELL,
    "too large": 10**400,
    "a list of None": [None],
    "nested text": [["2"]],
}
NUMBERS = {  # that are numbers, but not always right
    "nan": np.nan,
    "inf": np.inf,
    "-inf": -np.inf,
    "minus one": -1.0,
    "zero": 0.0,
    "minus zero": -0.0,
    "huge": 1e308,
    "tiny": 5e-324,
    "a half": 0.5,
    "a thousand": 1000,
    "empty": [],
    "empty array": np.zeros((0, 3)),
    "one in a list": [1.0],
    "two": np.array([1.0, 2.0]),
    "three": np.array([0.5, 1.0, 2.0]),
    "five axes": np.ones((1, 1, 1, 1, 1)),
    "array with nan": np.array([0.5, np.nan, 2.0]),
    "array with inf": np.array([0.5, np.inf, 2.0]),
    "decimal nan": Decimal("nan"),
}


def still(array):
    array.flags.writeable = False
    return array


WRAPPED = {  # the same numbers, otherwise kept: {name: (the odd thing, what it stands for)}
    "True": (True, 1.0),
    "NumPy's True": (np.True_, 1.0),
    "an int": (1, 1.0),
    "NumPy's int": (np.int8(1), 1.0),
    "unsigned": (np.uint8(1), 1.0),
    "half precision": (np.float16(0.5), 0.5),
    "a fraction": (Fraction(1, 2), 0.5),
    "a decimal": (Decimal("0.5"), 0.5),
    "SymPy's half": (sympy.Rational(1, 2), 0.5),
    "says its float": (Floating(), 0.25),
    "array of no axes": (np.array(0.5), 0.5),
    "long double": (np.longdouble(0.5), 0.5),
    "a list": ([0.5, -1.0, 2.0], EPS),
    "a tuple": ((0.5, -1.0, 2.0), EPS),
    "objects": (EPS.astype(object), EPS),
    "read-only": (still(EPS.copy()), EPS),
    "every other": (np.array([0.5, 9.0, -1.0, 9.0, 2.0])[::2], EPS),
    "backwards": (EPS[::-1].copy()[::-1], EPS),
    "another byte order": (EPS.astype(">f8"), EPS),
    "bools": (np.array([True, False, True]), np.array([1.0, 0.0, 1.0])),
    "small ints": (np.array([100, 1, 2], dtype="i1"), np.array([100.0, 1.0, 2.0])),
    "unsigned ints": (np.array([200, 1, 2], dtype="u1"), np.array([200.0, 1.0, 2.0])),
    "a matrix": (PAIRS[:2].view(np.matrix), PAIRS[:2]),
    "by columns": (np.asfortranarray(PAIRS), PAIRS),
    "a transposed view": (PAIRS.T.copy().T, PAIRS),
}

ARGUMENTS = {  # of numbers
    "cost(z)": COST,
    "cost.derivative(z)": COST.derivative,
    "cost.second_derivative(z)": COST.second_derivative,
    "cost from functions(z)": PLANE,
    "cost.at(z)": lambda x: COST.at(x).value,
    "cost.break_points(low)": lambda x: COST.break_points(x, 5.0),
    "cost.break_points(high)": lambda x: COST.break_points(-5.0, x),
    "cost.break_points(origin)": lambda x: KINK.break_points(-5.0, 5.0, x),
    "Cost.from_functions(break_points)": lambda x: Cost.from_functions(
        a_function, a_function, "line", x
    ).break_points(-5, 5),
    "Gaussian(mu)": lambda x: Gaussian(x, 1.0).mu,
    "Gaussian(sigma)": lambda x: Gaussian(0.0, x).sigma,
    "Gaussian(both)": lambda x: Gaussian(x, x).sigma,
    "q.log_prob(z)": BELL.log_prob,
    "q.score(z)": BELL.score,
    "q.score_of_noise(eps)": BELL.score_of_noise,
    "q.reparameterize(eps)": BELL.reparameterize,
    "q.standardize(z)": BELL.standardize,
    "q on R^2.log_prob(z)": PAIR.log_prob,
    "q on R^2.reparameterize(eps)": PAIR.reparameterize,
    "Gradient.along(dmu)": lambda x: Gradient(1.0, 2.0).along(x, 1.0),
    "Gradient.along(dsigma)": lambda x: Gradient(1.0, 2.0).along(1.0, x),
    "score_function(eps)": lambda x: score_function(COST, BELL, x),
    "score_function(baseline)": lambda x: score_function(COST, BELL, EPS, x),
    "score_function(baseline.mu)": lambda x: score_function(COST, BELL, EPS, Gradient(x, 1.0)),
    "score_function on R^2(eps)": lambda x: score_function(PLANE, PAIR, x),
    "score_function on R^2(baseline)": lambda x: score_function(PLANE, PAIR, PAIRS, x),
    "pathwise(eps)": lambda x: pathwise(COST, BELL, x),
    "pathwise on R^2(eps)": lambda x: pathwise(PLANE, PAIR, x),
    "combination(eps)": lambda x: combination(COST, BELL, x, 0.5),
    "combination(weight)": lambda x: combination(COST, BELL, EPS, x),
    "combination(baseline)": lambda x: combination(COST, BELL, EPS, 0.5, x),
    "leave_one_out(eps)": lambda x: leave_one_out(COST, BELL, x),
    "delta(eps)": lambda x: delta(COST, BELL, x),
    "delta(order)": lambda x: delta(COST, BELL, EPS, x),
    "measure_valued(eps)": lambda x: measure_valued(COST, BELL, x, rng()),
    "measure_valued on R^2(eps)": lambda x: measure_valued(PLANE, PAIR, x, rng()),
    "antithetic(...)(eps)": lambda x: antithetic(pathwise)(COST, BELL, x),
    "batch_mean(m)": lambda x: batch_mean(pathwise, x)(COST, BELL, EPS, rng()),
    "batch_mean(...)(eps)": lambda x: batch_mean(pathwise, 2)(COST, BELL, x, rng()),
    "MovingAverage(decay)": lambda x: MovingAverage(x).decay,
    "MovingAverage.update(costs)": lambda x: updated(x),
    "estimate(samples)": estimate,
    "monte_carlo(n)": lambda x: monte_carlo(pathwise, COST, BELL, x, rng()),
    "monte_carlo(threads)": lambda x: monte_carlo(pathwise, COST, BELL, 9, rng(), x),
    "expectation(edges)": lambda x: expectation(values, COST, BELL, x),
    "gap_kernel(eps)": lambda x: gap_kernel(COST, BELL, x),
    "leave_one_out_variance(m)": lambda x: leave_one_out_variance(COST, BELL, x),
    "optimal_weight(baseline)": lambda x: optimal_weight(COST, BELL, x),
    "variance_curve(mu)": lambda x: variance_curve(pathwise, COST, x, 1.0),
    "variance_curve(sigma)": lambda x: variance_curve(pathwise, COST, 0.0, x),
    "variance_curve(constant)": lambda x: variance_curve(score_function, COST, 0.0, 1.0, x),
    "crossings(interval)": lambda x: crossings(lambda k: (COST, BELL), x, 3),
    "crossings(low)": lambda x: crossings(lambda k: (COST, BELL), (x, 2.0), 3),
    "crossings(high)": lambda x: crossings(lambda k: (COST, BELL), (0.0, x), 3),
    "crossings(resolution)": lambda x: crossings(lambda k: (COST, BELL), (0.0, 1.0), x),
    "compare(n)": lambda x: compared(COST, BELL, x, rng()),
    "compare(price)": lambda x: compared(COST, BELL, 9, rng(), x),
    "compare(slope_bound)": lambda x: compared(COST, BELL, 9, rng(), 1, x),
    "Bernoulli(logits)": lambda x: Bernoulli(x).probs,
    "Bernoulli.from_probs": lambda x: Bernoulli.from_probs(x).logits,
    "Categorical(logits)": lambda x: Categorical(x).probs,
    "Categorical.from_probs": lambda x: Categorical.from_probs(x).logits,
    **{f"bit.{f.__name__}": f for f in (BIT.perturb, BIT.sample, BIT.score, BIT.log_prob)},
    **{f"die.{f.__name__}": f for f in (DIE.perturb, DIE.sample, DIE.score, DIE.log_prob)},
    "bit.noise_given(state)": lambda x: BIT.noise_given(x, 0.5),
    "bit.noise_given(fresh)": lambda x: BIT.noise_given(1.0, x),
    "die.noise_given(fresh)": lambda x: DIE.noise_given(np.array([0.0, 1.0, 0.0]), x),
    "bit.given(state)": lambda x: BIT.given(x, 0.5)[0],
    "bit.given(fresh)": lambda x: BIT.given(1.0, x)[0],
    "die.given(fresh)": lambda x: DIE.given(np.array([0.0, 1.0, 0.0]), x)[0],
    "bit.pull_back(soft)": lambda x: BIT.pull_back(x, 1.0),
    "bit.pull_back(slope)": lambda x: BIT.pull_back(0.5, x),
    "die.pull_back(slope)": lambda x: DIE.pull_back(DIE.probs, x),
    "bit.rule(count)": lambda x: BIT.rule(x)[0],
    "die.rule(count)": lambda x: DIE.rule(x)[0],
    "bit.noise(count)": lambda x: BIT.noise(rng(), x),
    "bit.soften(z)": lambda x: BIT.soften(x, 0.5),
    "bit.soften(temperature)": lambda x: BIT.soften(0.5, x),
    "die.soften(z)": lambda x: DIE.soften(x, 0.5),
    "die.soften(temperature)": lambda x: DIE.soften(DIE.logits, x),
    "discrete.score_function(noise)": lambda x: bits.score_function(COST, BIT, x),
    "discrete.score_function(noise of a die)": lambda x: bits.score_function(PLANE, DIE, x),
    "discrete.score_function(baseline)": lambda x: bits.score_function(COST, BIT, EPS, x),
    "discrete.score_function(baseline for a die)": lambda x: bits.score_function(
        PLANE, DIE, LOGITS, x
    ),
    "discrete.MultiSample(draws)": lambda x: bits.MultiSample(a_function, x, "own").draws,
    "discrete.leave_one_out(m)": lambda x: bits.exact_mean(bits.leave_one_out(x), COST, BIT),
    "discrete.leave_one_out(...)(noise)": lambda x: bits.leave_one_out(2)(COST, BIT, x),
    "discrete.straight_through(temperature)": lambda x: bits.straight_through(x)(COST, BIT, EPS),
    "discrete.straight_through(...)(noise)": lambda x: bits.straight_through()(COST, BIT, x),
    "discrete.concrete(temperature)": lambda x: bits.concrete(x)(COST, BIT, EPS),
    "discrete.concrete(...)(noise)": lambda x: bits.concrete(0.5)(COST, BIT, x),
    "discrete.concrete(...)(noise of a die)": lambda x: bits.concrete(0.5)(PLANE, DIE, x),
    "discrete.rebar(temperature)": lambda x: bits.rebar(x)(COST, BIT, LOGITS[[0, 0]]),
    "discrete.rebar(scale)": lambda x: bits.rebar(0.5, x)(COST, BIT, LOGITS[[0, 0]]),
    "discrete.rebar(...)(noise)": lambda x: bits.rebar(0.5)(COST, BIT, x),
    "discrete.monte_carlo(n)": lambda x: bits.monte_carlo(bits.score_function, COST, BIT, x, rng()),
    **{f"{name}(...)(z)": f(lambda z: z**2) for name, f in FROM.items()},
    **{f"{name}(...).derivative(z)": f(lambda z: z**2).derivative for name, f in FROM.items()},
    "symbolic.exact_variance(baseline)": lambda x: symbolic.exact_variance(
        functools.partial(score_function, baseline=x), "z"
    ).mu.evalf(),
    "Derivation.replace(expression)": lambda x: PARABOLA.replace(0, x).lines[0].expression.evalf(),
}


def updated(costs):
    moving = MovingAverage()
    moving.update(costs)
    return moving.value


def compared(*arguments):
    """The numbers of a comparison."""
    found = compare(*arguments)
    return [tuple(row.variance + row.at_equal_cost) for row in found.rows.values()]


QUESTIONS = (exact_value, exact_gradient, gap_matrix, gap_terms, variance_gap)
QUESTIONS += optimal_baseline, optimal_weight
ASKED = exact_mean, exact_variance, exact_covariance
ESTIMATORS = score_function, pathwise, delta, leave_one_out
OF_BITS = {
    "score_function": bits.score_function,
    "leave_one_out(...)": bits.leave_one_out(2),
    "straight_through(...)": bits.straight_through(),
    "concrete(...)": bits.concrete(0.5),
    "rebar(...)": bits.rebar(0.5),
    "exact_value": lambda cost, q, _: bits.exact_value(cost, q),
    "exact_gradient": lambda cost, q, _: bits.exact_gradient(cost, q),
    "optimal_baseline": lambda cost, q, _: bits.optimal_baseline(cost, q),
    "exact_mean": lambda cost, q, _: bits.exact_mean(bits.score_function, cost, q),
    "exact_variance": lambda cost, q, _: bits.exact_variance(bits.score_function, cost, q),
    "monte_carlo": lambda cost, q, _: bits.monte_carlo(bits.score_function, cost, q, 9, rng()),
}

OTHERS = {  # arguments that are no numbers
    "Cost": Cost,
    "Cost.from_functions(value)": lambda x: Cost.from_functions(x, a_function, "line")(EPS),
    "Cost.from_functions(gradient)": lambda x: Cost.from_functions(
        a_function, x, "line"
    ).derivative(EPS),
    "Cost.from_functions(name)": lambda x: Cost.from_functions(a_function, a_function, x),
    **{f"{e.__name__}(cost)": lambda x, e=e: e(x, BELL, EPS) for e in ESTIMATORS},
    **{f"{e.__name__}(q)": lambda x, e=e: e(COST, x, EPS) for e in ESTIMATORS},
    "combination(cost)": lambda x: combination(x, BELL, EPS, 0.5),
    "combination(q)": lambda x: combination(COST, x, EPS, 0.5),
    "measure_valued(cost)": lambda x: measure_valued(x, BELL, EPS, rng()),
    "measure_valued(q)": lambda x: measure_valued(COST, x, EPS, rng()),
    "measure_valued(rng)": lambda x: measure_valued(COST, BELL, EPS, x),
    "batch_mean(...)(rng)": lambda x: batch_mean(pathwise, 2)(COST, BELL, EPS, x),
    "Randomized(terms)": lambda x: Randomized(x)(COST, BELL, EPS, rng()),
    "Randomized(moments)": lambda x: exact_variance(Randomized(a_function, x), COST, BELL),
    "antithetic": lambda x: antithetic(x)(COST, BELL, EPS),
    "batch_mean(estimator)": lambda x: batch_mean(x, 2)(COST, BELL, EPS, rng()),
    "monte_carlo(estimator)": lambda x: monte_carlo(x, COST, BELL, 9, rng()),
    "monte_carlo([estimator])": lambda x: monte_carlo([pathwise, x], COST, BELL, 9, rng()),
    "monte_carlo(cost)": lambda x: monte_carlo(pathwise, x, BELL, 9, rng()),
    "monte_carlo(q)": lambda x: monte_carlo(pathwise, COST, x, 9, rng()),
    "monte_carlo(rng)": lambda x: monte_carlo(pathwise, COST, BELL, 9, x),
    **{f"{f.__name__}(cost)": lambda x, f=f: f(x, BELL) for f in QUESTIONS},
    **{f"{f.__name__}(q)": lambda x, f=f: f(COST, x) for f in QUESTIONS},
    **{f"{f.__name__}(estimator)": lambda x, f=f: f(x, COST, BELL) for f in ASKED},
    **{f"{f.__name__}(cost)": lambda x, f=f: f(pathwise, x, BELL) for f in ASKED},
    **{f"{f.__name__}(q)": lambda x, f=f: f(pathwise, COST, x) for f in ASKED},
    "expectation(function)": lambda x: expectation(x, COST, BELL),
    "expectation(cost)": lambda x: expectation(values, x, BELL),
    "expectation(q)": lambda x: expectation(values, COST, x),
    "expectation(what the function returns)": lambda x: expectation(
        lambda cost, q, eps: x, COST, BELL
    ),
    "exact_variance(what the estimator returns)": lambda x: exact_variance(
        lambda cost, q, eps: x, COST, BELL
    ),
    "exact_variance(an entry)": lambda x: exact_variance(
        lambda cost, q, eps: Gradient(x, eps), COST, BELL
    ),
    "monte_carlo(an entry)": lambda x: monte_carlo(
        lambda cost, q, eps: Gradient(eps, x), COST, BELL, 9, rng()
    ),
    "gap_kernel(cost)": lambda x: gap_kernel(x, BELL, EPS),
    "gap_kernel(q)": lambda x: gap_kernel(COST, x, EPS),
    "leave_one_out_variance(cost)": lambda x: leave_one_out_variance(x, BELL, 2),
    "leave_one_out_variance(q)": lambda x: leave_one_out_variance(COST, x, 2),
    "variance_curve(estimator)": lambda x: variance_curve(x, COST, 0.0, 1.0),
    "variance_curve(cost)": lambda x: variance_curve(pathwise, x, 0.0, 1.0),
    "crossings(problem)": lambda x: crossings(x, (0.0, 1.0), 3),
    "crossings(a problem)": lambda x: crossings(lambda k: x, (0.0, 1.0), 3),
    "crossings(a cost)": lambda x: crossings(lambda k: (x, BELL), (0.0, 1.0), 3),
    "crossings(a Gaussian)": lambda x: crossings(lambda k: (COST, x), (0.0, 1.0), 3),
    "compare(cost)": lambda x: compared(x, BELL, 9, rng()),
    "compare(q)": lambda x: compared(COST, x, 9, rng()),
    "compare(rng)": lambda x: compared(COST, BELL, 9, x),
    **{f"discrete.{n}(cost)": lambda x, f=f: f(x, BIT, LOGITS[[0, 0]]) for n, f in OF_BITS.items()},
    **{f"discrete.{n}(q)": lambda x, f=f: f(COST, x, LOGITS[[0, 0]]) for n, f in OF_BITS.items()},
    "discrete.exact_mean(estimator)": lambda x: bits.exact_mean(x, COST, BIT),
    "discrete.exact_variance(estimator)": lambda x: bits.exact_variance(x, COST, BIT),
    "discrete.exact_mean(what the estimator returns)": lambda x: bits.exact_mean(
        lambda cost, q, noise: x, PLANE, DIE
    ),
    "discrete.monte_carlo(estimator)": lambda x: bits.monte_carlo(x, COST, BIT, 9, rng()),
    "discrete.monte_carlo([estimator])": lambda x: bits.monte_carlo(
        [bits.score_function, x], COST, BIT, 9, rng()
    ),
    "discrete.monte_carlo(rng)": lambda x: bits.monte_carlo(bits.score_function, COST, BIT, 9, x),
    "discrete.MultiSample(terms)": lambda x: bits.MultiSample(x, 2, "own"),
    "discrete.MultiSample(name)": lambda x: bits.MultiSample(a_function, 2, x),
    "discrete.MultiSample(parts)": lambda x: bits.MultiSample(a_function, 2, "own", x),
    "Comparison.ranking(parameter)": lambda x: COMPARED.ranking(x),
    "bit.noise(rng)": lambda x: BIT.noise(x, 2),
    "die.noise(rng)": lambda x: DIE.noise(x, 2),
    **{f"{name}(function)": lambda x, f=f: f(x).name for name, f in FROM.items()},
    **{f"{name}(what it returns)": lambda x, f=f: f(lambda z: x)(EPS) for name, f in FROM.items()},
    **{
        f"{name}(what it differentiates)": lambda x, f=f: f(lambda z: x).derivative(EPS)
        for name, f in FROM.items()
    },
    **{f"{name}(name)": lambda x, f=f: f(abs, x) for name, f in FROM.items()},
    "symbolic.gaussian_expectation": symbolic.gaussian_expectation,
    "symbolic.exact_variance(estimator)": lambda x: symbolic.exact_variance(x, "z^2"),
    "symbolic.exact_variance(expr)": lambda x: symbolic.exact_variance(pathwise, x),
    "symbolic.gap_theorem": symbolic.gap_theorem,
    "symbolic.convex_corollary": symbolic.convex_corollary,
    "Derivation.replace(i)": lambda x: PARABOLA.replace(x, 1),
    "check.answer(name)": lambda x: check.answer(x, ...),
    "predict.predict(question)": lambda x: predict.predict(x, ["yes", "no"]),
    "predict.predict(options)": lambda x: predict.predict("Is it?", x),
    "predict.recall(question)": lambda x: predict.recall(x),
}

A_FUNCTION = "a class", "a function", "a cost"
A_TEXT = "text", "text of a number", "empty text"
A_FORMULA = "text of a number", "a symbol", "a cost", "too large", "an imaginary constant"
TAKEN = {  # kinds of things that an argument takes
    "Cost": ("text of a number",),
    "Cost.from_functions(value)": A_FUNCTION,
    "Cost.from_functions(gradient)": A_FUNCTION,
    "Cost.from_functions(name)": A_TEXT,
    "cost.break_points(origin)": ("None",),
    "compare(slope_bound)": ("None",),
    "discrete.straight_through(temperature)": ("None",),
    "discrete.exact_mean(estimator)": A_FUNCTION,
    "discrete.exact_variance(estimator)": A_FUNCTION,
    "discrete.monte_carlo(estimator)": A_FUNCTION,
    "discrete.monte_carlo([estimator])": A_FUNCTION,
    "discrete.MultiSample(terms)": A_FUNCTION,
    "discrete.MultiSample(name)": A_TEXT,
    **{f"{name}(function)": A_FUNCTION for name in FROM},
    **{f"{name}(name)": A_TEXT for name in FROM},
    "Randomized(terms)": A_FUNCTION,
    "Randomized(moments)": ("None", *A_FUNCTION),
    "antithetic": A_FUNCTION,
    "batch_mean(estimator)": A_FUNCTION,
    "monte_carlo(estimator)": A_FUNCTION,
    "monte_carlo([estimator])": A_FUNCTION,
    "variance_curve(estimator)": A_FUNCTION,
    "expectation(function)": A_FUNCTION,
    **{f"{f.__name__}(estimator)": A_FUNCTION for f in ASKED},
    "symbolic.gaussian_expectation": A_FORMULA,
    "symbolic.exact_variance(expr)": A_FORMULA,
    "symbolic.exact_variance(baseline)": A_FORMULA,
    "Derivation.replace(expression)": ("complex", *A_FORMULA),
    "predict.predict(question)": ("text", "text of a number", "a cost"),
    "predict.recall(question)": ("text", "text of a number"),
}
TAKEN |= {name: ("a cost",) for name in OTHERS if name.endswith(("(cost)", "(a cost)"))}
TAKEN |= {name: ("a Gaussian",) for name in OTHERS if name.endswith(("(q)", "(a Gaussian)"))}
