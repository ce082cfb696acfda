"""Does an estimator keep the protocol? It is found out by experiment.

Each term must be a function of its own eps alone: only then is the mean over quadrature nodes
exact, and the spread of the terms the error of their mean.
"""

import math
from copy import deepcopy
from functools import lru_cache
from types import FunctionType

import numpy as np

from gradlib.arguments import read_only, real_array, require_function, shorten
from gradlib.cost import Cost
from gradlib.estimators import Randomized
from gradlib.gaussian import Gaussian, Gradient

NOISE = "random numbers that are not in eps: use monte_carlo with threads=1, or Randomized"
COMPANY = "the other samples: batch_mean(estimator, m) makes the mean of m terms one term"
PART = slice(27, 3, -3)  # of 32 samples: eight of the middle, backwards, no two neighbours


def terms_of(estimator, cost, q, eps, *rng):
    """The terms of an estimator, with a ValueError unless they are two arrays of eps's shape.

    The estimator gets eps read-only: others may need it after it.
    """
    require_callable(estimator)
    terms = estimator(cost, q, read_only(eps), *rng)
    if isinstance(terms, tuple):
        expected = f"the terms of {name_of(estimator)} must be real numbers"
        terms = [real_array(term, expected) for term in terms]
        shapes = [term.shape for term in terms]
    else:
        shapes = shorten(terms)
    if shapes != [np.shape(eps)] * 2:
        raise ValueError(
            f"an estimator must return a Gradient of two arrays of eps's shape {np.shape(eps)}; "
            f"{name_of(estimator)} returned {shapes}"
        )
    return Gradient(*terms)


def require_callable(estimator):
    """ValueError for what cannot be an estimator."""
    if not callable(estimator):
        raise ValueError(
            "estimator must be a function such as score_function or pathwise; "
            f"received {shorten(estimator)}"
        )


def parts_of(function, cost, q, eps):
    """What a function to be averaged returns, with a ValueError unless it fits eps."""
    require_function("function", function, " of (cost, q, eps)")
    found = function(cost, q, eps)
    parts = found if isinstance(found, tuple) else (found,)
    parts = tuple(real_array(part, "function must return real numbers") for part in parts)
    for part in parts:
        if part.size == 0 or part.shape[-1:] != eps.shape:
            raise ValueError(
                f"function must return arrays of eps's shape {eps.shape}, or of one such row or "
                f"more; received shape {part.shape}"
            )
    return parts if isinstance(found, tuple) else parts[0]


def name_of(estimator):
    """What to call it in a sentence."""
    return getattr(estimator, "__name__", None) or shorten(estimator)


def require_own_eps(estimator, q, noise=False):
    """ValueError if a term depends on other samples, or on random numbers that are not in eps.

    With `noise`, an estimator that holds a generator of its own is let pass. A `Randomized` one is
    taken at its word.
    """
    if isinstance(estimator, Randomized):
        return
    plain = isinstance(estimator, FunctionType) and estimator.__closure__ is None
    found = (_remembered if plain else dependence)(estimator, q.shape)
    if found == COMPANY or (found == NOISE and not noise):
        raise ValueError(
            "each term must be a function of its own eps alone; those of "
            f"{name_of(estimator)} depend on {found}"
        )


def dependence(estimator, shape):
    """COMPANY or NOISE if a term depends on one of them, or None.

    No term may change when the estimator is called again, nor when it gets a part of the samples in
    another order. What fails with the experiment's costs has shown nothing, and is let pass.
    """
    for formula in (False,) if shape else (False, True):
        cost, q, eps = _experiment(shape, formula)
        try:
            one = deepcopy(estimator)  # the experiment must not advance its generator
            with np.errstate(all="ignore"):
                together, again, part = (
                    np.stack(terms_of(one, cost, q, e)) for e in (eps, eps, eps[PART])
                )
        except Exception:
            continue
        if not np.array_equal(together, again, equal_nan=True):
            return NOISE
        size = np.max(np.abs(together), where=np.isfinite(together), initial=0.0)
        same = np.allclose(together[:, PART], part, rtol=0, atol=1e-9 * size, equal_nan=True)
        return None if same else COMPANY
    return None


_remembered = lru_cache(maxsize=64)(dependence)  # of a function that has no state


def _experiment(shape, formula):
    """A cost that nowhere vanishes, on R also as a formula, a Gaussian, and 32 eps in no order."""

    def value(z):
        wave = np.sin(1 + 2 * z) + 2
        return wave.sum(axis=-1) if shape else wave

    wave = "sin(1 + 2z) + 2"
    functions = Cost.from_functions(value, lambda z: 2 * np.cos(1 + 2 * z), wave)
    eps = 4 * np.sin(np.arange(1.0, 32 * math.prod(shape) + 1) ** 2).reshape(32, *shape)
    return Cost(wave) if formula else functions, Gaussian(np.zeros(shape), np.ones(shape)), eps
