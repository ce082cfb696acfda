"""How an exercise is judged: by values, with a diagnosis for each well-known mistake.

A judge takes an attempt and returns a sentence: "not answered yet.", "right." (more may follow),
or what is wrong with it, kindly.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps

import numpy as np

POINTS = 50


class NotAnsweredError(Exception):
    """The attempt is, or returns, the `...` of a stub."""


def judge(rule):
    """Turn a rule (attempt -> sentence) into a judge that no attempt can bring to a stop."""

    @wraps(rule)
    def verdict(attempt):
        try:
            if attempt is ...:
                raise NotAnsweredError
            return rule(attempt)
        except NotAnsweredError:
            return "not answered yet."
        except Exception as error:  # whatever a student's function may do
            return f"not yet: your answer stopped with {type(error).__name__}: {error}."

    return verdict


def values(attempt, *points):
    """An attempted function at each of the points, one array for each argument: shape (n,)."""
    found = [attempt(*point) for point in zip(*points, strict=True)]
    if any(value is ... for value in found):
        raise NotAnsweredError
    found = np.array(found, dtype=float)
    if found.ndim != 1:
        raise ValueError(f"expected one number for each point; received shape {found.shape[1:]}")
    return found


def agree(found, expected):
    """Equal up to rounding?"""
    return np.allclose(found, expected, rtol=1e-7, atol=1e-9)


def normal_density(z, mu, sigma):
    """Density of N(mu, sigma^2) at z, for parameters that may be arrays."""
    return np.exp(-0.5 * ((z - mu) / sigma) ** 2) / (sigma * np.sqrt(2 * np.pi))


@dataclass(frozen=True)
class FunctionOf:
    """Judge of a function: compared with the right one at random points of the given ranges.

    `ranges` maps each argument to (low, high). `right` and the functions in `mistakes` take one
    array for each argument; the keys of `mistakes` are the diagnoses.
    """

    ranges: dict
    right: Callable
    mistakes: dict = field(default_factory=dict)

    def __call__(self, attempt):
        return judge(self.compare)(attempt)

    def compare(self, attempt):
        if not callable(attempt):
            return f"expected a function of {', '.join(self.ranges)}; received {attempt!r}."
        rng = np.random.default_rng()
        points = [rng.uniform(low, high, POINTS) for low, high in self.ranges.values()]
        found, right = values(attempt, *points), self.right(*points)
        if agree(found, right):
            return "right."
        for diagnosis, mistake in self.mistakes.items():
            if agree(found, mistake(*points)):
                return f"not yet: {diagnosis}"
        worst = np.argmax(np.abs(found - right))
        where = ", ".join(f"{k} = {p[worst]:.3g}" for k, p in zip(self.ranges, points, strict=True))
        return f"not yet: at {where} it gives {found[worst]:.4g}, which is not the answer."
