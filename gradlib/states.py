"""Distributions whose states can be listed: bits and categories, with logits as parameters.

    z = logits + noise        noise: logistic for bits, Gumbel for categories
    state = 1{z > 0}          for each bit; of categories the one-hot vector of the largest z
    soft = sigmoid(z / T)     a relaxed bit at temperature T > 0; softmax(z / T) for categories

The noise knows nothing of the logits, as eps does of mu and sigma. But the state jumps as z moves.
"""

import itertools
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from gradlib.arguments import (
    parameter,
    real_array,
    require_kind,
    require_positive,
    require_whole_number,
    shorten,
)

REACH = 40.0  # of the noise in a rule: beyond it there is less than 1e-17


@dataclass(frozen=True, eq=False)
class Discrete:
    """What `Bernoulli` and `Categorical` share."""

    logits: Any

    def __post_init__(self):
        object.__setattr__(self, "logits", parameter("logits", self.logits))

    @cached_property
    def shape(self):
        """That of the logits, and of one state."""
        return self.logits.shape

    def perturb(self, noise):
        """z = logits + noise, for noise of shape (..., *shape)."""
        return self.logits + self._points("noise", noise)

    def score(self, state):
        """Gradient of log_prob(state) in the logits: state - probs."""
        return self._state(state) - self.probs

    def noise_given(self, state, fresh):
        """Noise with which this state is drawn, made of fresh noise: independent of all else."""
        return self.given(state, fresh)[0] - self.origin

    def given(self, state, fresh):
        """z given the state, made of fresh noise, and what turns dr/dz into dr/dlogits.

        Of categories it is z - log sum exp(logits).
        """
        return self._given(self._state(state), self._points("fresh", fresh))

    def pull_back(self, soft, slope):
        """dr/dx for soft = sigmoid(x) or softmax(x), given slope = dr/dsoft."""
        return self._pulled_back(self._points("soft", soft), self._points("slope", slope))

    def soften(self, z, temperature):
        """The relaxed state, of z's shape."""
        temperature = require_positive("temperature", temperature)
        return self._softened(self._points("z", z), temperature)

    def noise(self, rng, *count):
        """Noise from a numpy.random.Generator, of shape (*count, *shape)."""
        require_kind("rng", rng, np.random.Generator, "numpy.random.default_rng(0)")
        for number in count:
            require_whole_number("count", number)
        return getattr(rng, self.law)(size=(*count, *self.shape))

    def _points(self, name, value):
        points = real_array(value, f"{name} must be real numbers")
        if self.shape and points.shape[-len(self.shape) :] != self.shape:
            raise ValueError(
                f"{name} must have shape (..., {', '.join(map(str, self.shape))}) for logits of "
                f"shape {self.shape}; received {points.shape}"
            )
        return points

    def _refuse_long_lists(self, count):
        if self.logits.ndim > 1 or count > 2**20:
            raise ValueError(
                f"the states for logits of shape {self.shape} are too many to be listed: "
                "use monte_carlo"
            )


class Bernoulli(Discrete):
    """A bit, or independent bits, each 1 with probability sigmoid(logit).

    `logits` is a finite number, or an array of shape (d,), or (n, d) for n rows of d bits (a
    batch). States are made of 0.0 and 1.0. Raises ValueError for anything else.
    """

    law = "logistic"  # of the noise

    @classmethod
    def from_probs(cls, probs):
        """The same from probabilities, each between 0 and 1, ends excluded."""
        p = parameter("probs", probs)
        if not ((p > 0) & (p < 1)).all():
            raise ValueError(f"probs must lie between 0 and 1; received {shorten(probs)}")
        return cls(np.log(p) - np.log1p(-p))

    @cached_property
    def probs(self):
        return sigmoid(self.logits)

    @property
    def origin(self):
        """Where z is without noise."""
        return self.logits

    def sample(self, noise):
        """The state for this noise, of its shape."""
        return (self.perturb(noise) > 0).astype(float)

    def _softened(self, z, temperature):
        return sigmoid(z / temperature)

    def _pulled_back(self, soft, slope):
        return soft * (1 - soft) * slope

    def _given(self, state, fresh):
        """softplus(fresh + softplus(logits)) given the state 1; given 0 all signs are turned."""
        sign = 2 * state - 1
        inner = sign * fresh + softplus(sign * self.logits)
        rate = sigmoid(inner) * sigmoid(sign * self.logits)
        return sign * softplus(inner), lambda slope: rate * slope

    def log_prob(self, state):
        """log of the probability of a state; of d bits the sum, of shape state.shape[:-1]."""
        b = self._state(state)
        terms = b * self.logits - softplus(self.logits)
        return terms.sum(axis=-1) if self.shape else terms

    def _state(self, state):
        b = self._points("state", state)
        if not ((b == 0) | (b == 1)).all():
            raise ValueError(f"a state is made of 0 and 1; received {shorten(state)}")
        return b

    def states(self):
        """All states, of shape (2^d, d), or (2,) for one bit, and their probabilities."""
        self._refuse_long_lists(2.0**self.logits.size)
        bits = np.array(list(itertools.product([0.0, 1.0], repeat=self.logits.size)))
        bits = bits.reshape(-1, *self.shape)
        return bits, np.exp(self.log_prob(bits))

    def rule(self, count):
        """The trapezoid rule for logistic noise: points and weights."""
        require_whole_number("count", count, least=2)
        points, step = np.linspace(-REACH, REACH, count, retstep=True)
        return points, step * sigmoid(points) * sigmoid(-points)


class Categorical(Discrete):
    """One of k categories, with probabilities softmax(logits). A state is a one-hot vector of R^k.

    `logits` are finite numbers of shape (k,), or (n, k) for n of them (a batch), with k >= 2.
    Raises ValueError for anything else. The methods are those of `Bernoulli`.
    """

    law = "gumbel"

    def __post_init__(self):
        super().__post_init__()
        if self.logits.ndim == 0 or self.shape[-1] < 2:
            raise ValueError(
                "a Categorical needs logits of 2 categories or more; "
                f"received shape {self.logits.shape}"
            )

    @classmethod
    def from_probs(cls, probs):
        """The same from probabilities above 0 whose sum is 1."""
        p = parameter("probs", probs)
        sums = p.sum(axis=-1) if p.ndim else p
        if not (p > 0).all() or not np.allclose(sums, 1, rtol=0, atol=1e-9):
            raise ValueError(f"probs must be above 0 and have the sum 1; received {shorten(probs)}")
        return cls(np.log(p))

    @cached_property
    def probs(self):
        return np.exp(self.origin)

    @cached_property
    def origin(self):
        """The logarithms of the probabilities, which are logits, too."""
        return self.logits - np.logaddexp.reduce(self.logits, axis=-1, keepdims=True)

    def sample(self, noise):
        """The state for this noise (the Gumbel-max trick)."""
        return np.eye(self.shape[-1])[self.perturb(noise).argmax(axis=-1)]

    def _softened(self, z, temperature):
        x = (z - z.max(axis=-1, keepdims=True)) / temperature  # the largest one cannot overflow
        return np.exp(x - np.logaddexp.reduce(x, axis=-1, keepdims=True))

    def _pulled_back(self, soft, slope):
        return soft * (slope - (soft * slope).sum(axis=-1, keepdims=True))

    def _given(self, state, fresh):
        """The largest is Gumbel; another is -log(exp(-largest) + exp(-(origin + fresh)))."""
        largest = (state * fresh).sum(axis=-1, keepdims=True)
        free = self.origin + fresh
        z = np.where(state == 1, largest, -np.logaddexp(-largest, -free))
        rate = np.where(state == 1, 0.0, np.exp(z - free))

        def back(slope):
            moved = rate * slope
            return moved - self.probs * moved.sum(axis=-1, keepdims=True)

        return z, back

    def log_prob(self, state):
        """log of the probability of a state, of shape state.shape[:-1]."""
        return (self._state(state) * self.origin).sum(axis=-1)

    def _state(self, state):
        b = self._points("state", state)
        if not (((b == 0) | (b == 1)).all() and (b.sum(axis=-1) == 1).all()):
            raise ValueError(f"a state is a one-hot vector; received {shorten(state)}")
        return b

    def states(self):
        """The k one-hot vectors, of shape (k, k), and their probabilities."""
        self._refuse_long_lists(self.logits.size)
        return np.eye(self.shape[-1]), self.probs

    def rule(self, count):
        """The trapezoid rule for Gumbel noise: points and weights."""
        require_whole_number("count", count, least=2)
        points, step = np.linspace(-4.0, REACH, count, retstep=True)
        return points, step * np.exp(-points - np.exp(-points))


def sigmoid(x):
    """1 / (1 + exp(-x)), without overflow."""
    return np.exp(-softplus(-x))


def softplus(x):
    """log(1 + exp(x)), without overflow."""
    return np.logaddexp(0.0, x)
