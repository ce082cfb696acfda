"""Estimators of d/dlogits E[r(state)], when the state is discrete and has no path.

The one idea stands: an estimator maps (cost, q, noise) to one gradient for each noise. Random noise
makes the average a Monte Carlo estimate. Here all states can be listed as well, and the noise be
integrated within each, so that means and variances are exact. `states` has the distributions.

A state jumps as its logits move, so nobody can differentiate through it (chapter 03). Estimators
ask for the score alone, or pretend that the state was soft, or do both.

An estimator is a function (cost, q, noise) with noise of shape (n, *q.shape), which returns terms
of that shape; partials such as partial(score_function, baseline=b) are, too. One that needs several
draws for a term is a `MultiSample` estimator. Costs are those of `gradlib`: formulas for one bit,
Cost.from_functions on R^d.
"""

import numpy as np

from gradlib.arguments import (
    finite_array,
    real_array,
    require_function,
    require_kind,
    require_positive,
    require_whole_number,
    shorten,
)
from gradlib.cost import Cost
from gradlib.montecarlo import estimate
from gradlib.quadrature import QuadratureError
from gradlib.states import Bernoulli, Categorical, Discrete

__all__ = [
    "Bernoulli",
    "Categorical",
    "MultiSample",
    "concrete",
    "exact_gradient",
    "exact_mean",
    "exact_value",
    "exact_variance",
    "leave_one_out",
    "monte_carlo",
    "optimal_baseline",
    "rebar",
    "score_function",
    "straight_through",
]

MAX_NODES = 2**21
TOLERANCE = 1e-9  # between two rules: the finer one is far better than that
# Where terms are compared within a state: a relaxed one, of whatever temperature, would change.
PLACES = (-32.0, -16.0, -8.0, -6.0, -4.0, -3.0, -2.0, -1.0, 0.0, 1.0, 3.0, 8.0)


# ---- Estimators ----


class MultiSample:
    """An estimator whose term is made of several draws: noise has shape (draws, n, *q.shape).

    `terms(cost, q, noise)` are its terms, of shape (n, *q.shape).
    `parts`, where they are known, are functions (cost, q, state, noise) whose sum is a term, and
    which are independent given the state: the first one gets the noise that made the state, the
    others fresh noise. The exact functions ask for them.
    """

    def __init__(self, terms, draws, name, parts=()):
        require_function("terms", terms)
        require_whole_number("draws", draws)
        if not isinstance(name, str):
            raise ValueError(f"name must be text; received {shorten(name)}")
        if not isinstance(parts, tuple) or not all(map(callable, parts)):
            raise ValueError(f"parts must be a tuple of functions; received {shorten(parts)}")
        self.terms, self.draws, self.parts = terms, draws, parts
        self.__name__, self.__doc__ = name, terms.__doc__

    def __call__(self, cost, q, noise):
        return self.terms(cost, q, noise)

    def __repr__(self):
        return self.__name__


def score_function(cost, q, noise, baseline=0.0):
    """Score-function estimator (REINFORCE), one term for each noise. Unbiased.

    With      (r(state) - baseline) * (state - probs)
    Requires  values of r at the states

    `baseline` is a number, or an array of q's shape with one for each logit.
    Raises ValueError for arguments of other kinds and shapes. Source: Williams (1992).
    """
    state = _sample(cost, q, noise)
    expected = f"baseline must be a finite number, or one for each logit, of shape {q.shape}"
    b = finite_array(baseline, expected, lambda b: b.shape in ((), q.shape))
    return (_values(cost, q, state) - b) * q.score(state)


def leave_one_out(m):
    """The estimator whose term is the mean over m draws, each against the mean cost of the others.

    With      the sample covariance of r(state) and score, with the divisor m - 1
    Requires  values of r at m states

    Unbiased, as no draw meets its own cost. Raises ValueError for m < 2, and for noise of another
    number of draws.
    Source: Kool, van Hoof and Welling (2019).
    """
    require_whole_number("m", m, least=2)

    def terms(cost, q, noise):
        _require(cost, q)
        state = q.sample(_draws_in(q, noise, m))
        value = _values(cost, q, state)
        return ((value - value.mean(axis=0)) * q.score(state)).sum(axis=0) / (m - 1)

    return MultiSample(terms, m, f"leave_one_out({m})")


def straight_through(temperature=None):
    """The estimator that takes the slope of r at the state, as if the state was soft. Biased.

    With      r'(state) * dprobs/dlogits, or r'(state) * dsoft/dlogits with a temperature
    Requires  a slope of r at the states

    The second form is called straight-through Gumbel-softmax. Raises ValueError for a temperature
    that is not above 0.
    Source: Bengio, Leonard and Courville (2013); Jang, Gu and Poole (2017).
    """
    if temperature is not None:
        temperature = require_positive("temperature", temperature)

    def terms(cost, q, noise):
        slope = _slopes(cost, q, _sample(cost, q, noise))
        if temperature is None:
            return q.pull_back(q.probs, slope)
        return q.pull_back(q.soften(q.perturb(noise), temperature), slope) / temperature

    chosen = "" if temperature is None else f"{temperature:g}"
    return _named(terms, f"straight_through({chosen})")


def concrete(temperature):
    """Pathwise estimator of a relaxed problem, with soft states in place of states. Biased.

    With      r'(soft) * dsoft/dlogits
    Requires  r between its states, with a slope

    Also called Gumbel-softmax. As the temperature falls, so does the bias, and the variance rises.
    Raises ValueError for a temperature that is not above 0.
    Source: Maddison, Mnih and Teh (2017); Jang, Gu and Poole (2017).
    """
    temperature = require_positive("temperature", temperature)

    def terms(cost, q, noise):
        _require(cost, q)
        return _path(cost, q, q.perturb(noise), temperature)

    return _named(terms, f"concrete({temperature:g})")


def rebar(temperature, scale=1.0):
    """Score function with the relaxed cost as a control variate. Unbiased for any two numbers.

    With      scale * dr(soft)/dlogits
              + (r(state) - scale * r(other)) * score - scale * dr(other)/dlogits
    Requires  r between its states, with a slope; two values and two slopes a term

    soft is made of the z that made the state, other of a fresh z given that state. The parts with
    other have, averaged, the mean of dr(soft)/dlogits, which they cancel.
    Raises ValueError for a temperature that is not above 0, and a scale that is not finite.
    Source: Tucker, Mnih, Maddison, Lawson and Sohl-Dickstein (2017).
    """
    temperature = require_positive("temperature", temperature)
    scale = float(finite_array(scale, "scale must be a finite number", lambda x: x.ndim == 0))

    def own(cost, q, state, noise):
        return scale * _path(cost, q, q.perturb(noise), temperature)

    def fresh(cost, q, state, noise):
        z, back = q.given(state, noise)
        rest = _values(cost, q, state) - scale * _values(cost, q, q.soften(z, temperature))
        return rest * q.score(state) - scale * back(_path(cost, q, z, temperature))

    def terms(cost, q, noise):
        _require(cost, q)
        noise = _draws_in(q, noise, 2)
        state = q.sample(noise[0])
        return own(cost, q, state, noise[0]) + fresh(cost, q, state, noise[1])

    return MultiSample(terms, 2, f"rebar({temperature:g}, {scale:g})", (own, fresh))


def _path(cost, q, z, temperature):
    """dr(soft)/dz"""
    soft = q.soften(z, temperature)
    return q.pull_back(soft, _slopes(cost, q, soft)) / temperature


def _named(terms, name):
    terms.__name__ = name
    return terms


# ---- Averages ----


def monte_carlo(estimator, cost, q, n, rng):
    """`Estimate` of n terms, of q's shape. Given a list of estimators, a list from the same draws.

    Raises ValueError for arguments of other kinds, n < 1, and terms of another shape or not finite.
    """
    _require(cost, q)
    require_whole_number("n", n)
    require_kind("rng", rng, np.random.Generator, "numpy.random.default_rng(0)")
    several = isinstance(estimator, list | tuple)
    estimators = list(estimator) if several else [estimator]
    noise = q.noise(rng, max(map(_draws, estimators), default=1), n)
    found = [estimate(_terms(one, cost, q, noise[: _draws(one)])) for one in estimators]
    return found if several else found[0]


def exact_value(cost, q):
    """J = E[r(state)] as a float: the sum over all states.

    Raises ValueError if they are many, QuadratureError if r is not finite at one of them.
    """
    states, probs = _states(cost, q)
    return _plain(probs @ _values(cost, q, states).ravel())


def exact_gradient(cost, q):
    """Gradient of J in the logits, of q's shape: the sum of r * probability * score."""
    states, probs = _states(cost, q)
    return _plain(np.tensordot(probs, _values(cost, q, states) * q.score(states), 1))


def optimal_baseline(cost, q):
    """The constants, of q's shape, that minimise the variance of the score function.

    b = E[r(state) score^2] / E[score^2]
    """
    states, probs = _states(cost, q)
    value, squares = _values(cost, q, states), q.score(states) ** 2
    return _plain(np.tensordot(probs, value * squares, 1) / np.tensordot(probs, squares, 1))


def exact_mean(estimator, cost, q):
    """Mean of one term, of q's shape. Its distance from `exact_gradient` is the bias.

    It is a sum over states where the terms depend on the states alone. Otherwise the noise within
    each state is integrated by trapezoid rules, which are refined until two agree to 1e-9 of the
    root of the second moment; for a smooth cost the finer one is then better than 1e-10.
    Raises QuadratureError if they do not settle, ValueError if there is too much to sum: many
    states, or a relaxed state of more than two coordinates.
    """
    return _plain(_moments(estimator, cost, q)[0])


def exact_variance(estimator, cost, q):
    """Variance of one term, of q's shape. Computed as `exact_mean` is, and raises what it does."""
    return _plain(_moments(estimator, cost, q)[1])


def _moments(estimator, cost, q):
    """Mean and variance of one term."""
    states, probs = _states(cost, q)
    draws = _draws(estimator)
    parts = estimator.parts if isinstance(estimator, MultiSample) else ()
    if not parts:
        if len(states) ** draws > MAX_NODES // len(PLACES):
            raise ValueError(f"{len(states)}^{draws} states are too many: use monte_carlo")
        index = np.indices([len(states)] * draws).reshape(draws, -1)
        first, *others = (
            _terms(estimator, cost, q, q.noise_given(states[index], np.full(q.shape, place)))
            for place in PLACES
        )
        if all(np.array_equal(first, other) for other in others):
            weights = probs[index].prod(axis=0)
            mean = np.tensordot(weights, first, 1)
            return mean, np.tensordot(weights, (first - mean) ** 2, 1)
        if draws > 1:
            raise ValueError(
                f"{_name(estimator)} depends on more of its {draws} draws than their states: "
                "use monte_carlo"
            )
        parts = (lambda cost, q, state, noise: _terms(estimator, cost, q, noise[np.newaxis]),)
    return _integrated(parts, cost, q, states, probs)


def _integrated(parts, cost, q, states, probs):
    """Mean and variance of a sum of parts, which are independent given the state.

    The first part gets the noise that made the state, another one fresh noise.
    """
    previous, count, axes = None, 64, q.logits.size
    if axes > 2:
        raise ValueError(
            f"relaxed states with logits of shape {q.shape} have {axes} noises within each state, "
            "and 2 at most can be integrated: use monte_carlo"
        )
    while count**axes <= MAX_NODES:
        points, weights = q.rule(count)
        grid = np.stack(np.meshgrid(*[points] * axes, indexing="ij"), axis=-1)
        fresh, mass = grid.reshape(-1, *q.shape), weights
        for _ in range(axes - 1):
            mass = np.outer(mass, weights).ravel()
        means, variances = np.zeros((2, len(states), *q.shape))
        for k, state in enumerate(states):
            for index, part in enumerate(parts):
                noise = fresh if index else q.noise_given(state, fresh)
                terms = part(cost, q, state + 0 * fresh, noise)
                mean = np.tensordot(mass, terms, 1)
                means[k] += mean
                variances[k] += np.tensordot(mass, (terms - mean) ** 2, 1)
        mean = np.tensordot(probs, means, 1)
        variance = np.tensordot(probs, variances + (means - mean) ** 2, 1)
        if previous is not None:
            size = np.sqrt(variance + mean**2)
            moved = np.abs(np.subtract(previous, (mean, variance)))
            if (moved <= TOLERANCE * np.array([size, size**2])).all():
                return mean, variance
        previous, count = (mean, variance), count * 5 // 4
    raise QuadratureError(
        f"an average of {cost.name} over relaxed states does not settle with {MAX_NODES} points: "
        "the cost bends too sharply, or the temperature is too low"
    )


# ---- What estimators and averages ask ----


def _terms(estimator, cost, q, noise):
    """Terms for noise of shape (draws, n, *q.shape); ValueError unless they are (n, *q.shape)."""
    terms = estimator(cost, q, noise if isinstance(estimator, MultiSample) else noise[0])
    terms = real_array(terms, f"the terms of {_name(estimator)} must be real numbers")
    if terms.shape != noise.shape[1:]:
        raise ValueError(
            f"an estimator must return an array of shape {noise.shape[1:]}; {_name(estimator)} "
            f"returned {terms.shape}"
        )
    return terms


def _draws_in(q, noise, draws):
    """The noise as an array; ValueError unless its shape is (draws, n, *q.shape)."""
    array = real_array(noise, expected := f"noise must be {draws} draws of real numbers")
    if array.ndim <= len(q.shape) or len(array) != draws:
        raise ValueError(f"{expected}, of shape ({draws}, n, ...); received shape {array.shape}")
    return array


def _draws(estimator):
    """How many draws a term of this estimator is made of."""
    if not callable(estimator):
        raise ValueError(
            "estimator must be a function such as discrete.score_function; "
            f"received {shorten(estimator)}"
        )
    return estimator.draws if isinstance(estimator, MultiSample) else 1


def _name(estimator):
    return getattr(estimator, "__name__", None) or shorten(estimator)


def _require(cost, q):
    require_kind("cost", cost, Cost, "Cost('z^2')")
    if not isinstance(q, Discrete):
        raise ValueError(
            f"q must be a Bernoulli or a Categorical, such as Bernoulli(0.0); received {shorten(q)}"
        )
    if q.shape and cost.expression is not None:
        raise ValueError(
            f"a formula is a cost of one bit; received {cost.name} with logits of shape {q.shape}: "
            "use Cost.from_functions"
        )


def _states(cost, q):
    _require(cost, q)
    return q.states()


def _sample(cost, q, noise):
    _require(cost, q)
    return q.sample(noise)


def _values(cost, q, points):
    """r at the points, in a shape that goes with the score: one r for all logits of a state."""
    value = cost(_rows(q, points)).reshape(points.shape[:-1] if q.shape else points.shape)
    return value[..., np.newaxis] if q.shape else value


def _slopes(cost, q, points):
    return cost.derivative(_rows(q, points)).reshape(points.shape)


def _rows(q, points):
    """As functions expect them: (n,) or (n, d), and (K, n, d) for a batch."""
    return points if len(q.shape) == 2 else points.reshape(-1, *q.shape)


def _plain(array):
    if not np.isfinite(array).all():
        raise QuadratureError(f"the average is {array}: r is not finite at each of the states")
    return array if np.ndim(array) else float(array)
