"""Monte Carlo: average an estimator's terms over random eps."""

from inspect import signature
from typing import NamedTuple

import numpy as np

from gradlib.arguments import require_whole_number
from gradlib.gaussian import Gradient

CHUNK = 2**16  # numbers held at a time


class Estimate(NamedTuple):
    """A sample mean with what is needed to judge it.

    `variance` is that of ONE sample (divisor count - 1), `standard_error` is
    sqrt(variance / count). Both are nan for a single sample.
    """

    mean: np.ndarray
    standard_error: np.ndarray
    variance: np.ndarray
    count: int


def estimate(samples):
    """`Estimate` of independent samples along the first axis, of shape (n,) or (n, d).

    Raises ValueError if there are none, or if one is not a finite number.
    """
    return _Moments().add(_samples(samples)).estimate()


def monte_carlo(estimator, cost, q, n, rng):
    """Average n terms of an estimator; `Gradient` of `Estimate`s.

    `estimator` is any callable with the signature (cost, q, eps), or (cost, q, eps, rng) if it
    needs more random numbers than eps. Given a list of them, the result is a list in that order,
    and all of them see the same draws eps. The draws are made and forgotten in blocks, so memory
    does not grow with n. `rng` is a numpy.random.Generator.
    Raises ValueError for n < 1, for another kind of rng, and for terms that are not finite.
    """
    require_whole_number("n", n)
    if not isinstance(rng, np.random.Generator):
        raise ValueError(
            "rng must be a numpy.random.Generator such as numpy.random.default_rng(0); "
            f"received {rng!r}"
        )
    estimators = list(estimator) if isinstance(estimator, list | tuple) else [estimator]
    more = [{"rng": rng} if "rng" in signature(one).parameters else {} for one in estimators]
    moments = [Gradient(_Moments(), _Moments()) for _ in estimators]
    rows = max(1, CHUNK // max(1, int(np.prod(q.shape))))
    for start in range(0, n, rows):
        eps = rng.standard_normal((min(rows, n - start), *q.shape))
        for one, extra, totals in zip(estimators, more, moments, strict=True):
            for total, terms in zip(totals, one(cost, q, eps, **extra), strict=True):
                total.add(_samples(terms))
    results = [Gradient(*(total.estimate() for total in totals)) for totals in moments]
    return results if isinstance(estimator, list | tuple) else results[0]


class _Moments:
    """Running count, mean and sum of squared deviations (Chan, Golub and LeVeque 1979)."""

    count, mean, squares = 0, 0.0, 0.0

    def add(self, samples):
        count, mean = len(samples), samples.mean(axis=0)
        squares = ((samples - mean) ** 2).sum(axis=0)
        shift, total = mean - self.mean, self.count + count
        self.squares = self.squares + squares + shift**2 * (self.count * count / total)
        self.mean = self.mean + shift * (count / total)
        self.count = total
        return self

    def estimate(self):
        spread = self.count - 1
        variance = self.squares / spread if spread else np.nan * self.mean
        return Estimate(self.mean, np.sqrt(variance / self.count), variance, self.count)


def _samples(values):
    values = np.asarray(values, dtype=float)
    if values.ndim == 0 or len(values) == 0:
        raise ValueError(f"samples must have shape (n,) or (n, d); received shape {values.shape}")
    wrong = np.count_nonzero(~np.isfinite(values))
    if wrong:
        raise ValueError(
            f"samples must be finite numbers; received {wrong} of {values.size} that are not"
        )
    return values
