"""The two estimators of d/dphi E[r(Z)], as per-sample terms.

The course's one idea: an estimator maps (cost, q, eps) to one gradient for each eps. Give it
random eps and the average is a Monte Carlo estimate (`montecarlo`); give it quadrature nodes and
the weighted average is exact (`exact`). The functions below do not know which it is.

Any function (cost, q, eps) -> `Gradient` of two arrays of eps's shape is an estimator, if each term
is a function of its own eps alone; partials such as partial(score_function, baseline=b) are, too.
What needs more has one convention each:
- Random numbers of its own: a `Randomized` estimator, called as (cost, q, eps, rng).
- The whole batch, such as `leave_one_out`: it is called like an estimator, but its terms depend on
  one another, so that `monte_carlo` and the exact functions refuse it (`protocol` finds it out).
  `batch_mean` makes the mean of m of its terms one term of a `Randomized` estimator.
"""

import math
from contextlib import suppress

import numpy as np

from gradlib.arguments import real_array, require_function, require_kind, shorten
from gradlib.cost import Cost
from gradlib.gaussian import Gaussian, Gradient


def score_function(cost, q, eps, baseline=0.0):
    """Score-function estimator (REINFORCE, likelihood ratio), one term for each eps.

    Approximates  d/dphi E[r(Z)]
    With          (r(z) - baseline) * d/dphi log N(z | mu, sigma^2),  z = mu + sigma*eps
    Requires      nothing of r but moments: steps and black boxes are welcome

    `eps` has shape (n,), or (n, d) on R^d, or (K, n, d) for a batch of shape (n, d). `baseline` is
    a number that does not depend on eps, or a `Gradient` with one for each parameter. On R^d it may
    be one for each coordinate, of shape (d,), in a batch one for each row, (n, 1). As
    E[score] = 0 it shifts no mean.
    Returns a `Gradient` of arrays of eps's shape. Raises ValueError for other arguments.
    Source: Williams (1992).
    """
    value, score = values(cost, q, eps), q.score_of_noise(eps)
    if q.shape:
        value = value[..., np.newaxis]  # one cost for all d coordinates of a sample
    mu, sigma = constants(baseline, q, "baseline")
    return Gradient((value - mu) * score.mu, (value - sigma) * score.sigma)


def pathwise(cost, q, eps):
    """Pathwise (reparameterization) estimator, one term for each eps.

    Approximates  d/dphi E[r(Z)]
    With          d/dphi r(mu + sigma*eps) = r'(z) * (1 for mu, eps for sigma)
    Requires      r locally absolutely continuous: a kink does no harm, a step makes it wrong

    Shapes and errors are those of `score_function`.
    Source: Kingma and Welling (2013); Rezende, Mohamed and Wierstra (2014).
    """
    slope = slopes(cost, q, eps)
    return Gradient(slope, slope * real_array(eps, "eps must be real numbers"))


class Randomized:
    """An estimator that needs random numbers of its own: it is called as (cost, q, eps, rng).

    `terms(cost, q, eps, rng)` are its per-sample terms. `monte_carlo` hands it a generator that no
    other estimator shares. A partial that binds rng is an estimator like any other.
    `moments(cost, q)`, where it is known, returns (mean, 2x2 covariance) of one term, averaged over
    eps and its own noise: the exact functions ask for it.
    """

    def __init__(self, terms, moments=None):
        require_function("terms", terms)
        require_function("moments", terms if moments is None else moments)
        self.terms, self.moments = terms, moments
        self.__name__, self.__doc__ = getattr(terms, "__name__", shorten(terms)), terms.__doc__

    def __call__(self, cost, q, eps, rng=None):
        require_kind("rng", rng, np.random.Generator, "numpy.random.default_rng(0)")
        return self.terms(cost, q, eps, rng)

    def __repr__(self):
        return self.__name__


def values(cost, q, eps):
    """r(z) at z = mu + sigma*eps, one for each point: eps's shape, on R^d without its last axis.

    Raises ValueError unless cost is a `Cost` for the dimension of q, a `Gaussian`.
    """
    return _ask(cost, q, eps, Cost.__call__, slice(-1))


def slopes(cost, q, eps):
    """r'(z) at z = mu + sigma*eps, of eps's shape. Raises ValueError as `values` does."""
    return _ask(cost, q, eps, Cost.derivative, slice(None))


def _ask(cost, q, eps, question, coordinates):
    require_kind("cost", cost, Cost, "Cost('z^2')")
    require_kind("q", q, Gaussian, "Gaussian(0.0, 1.0)")
    if q.shape and cost.expression is not None:
        raise ValueError(
            f"a formula is a cost on R; received {cost.name} with a Gaussian of shape {q.shape}: "
            "use Cost.from_functions"
        )
    z = q.reparameterize(eps)
    if z.ndim > len(q.shape) + 1:  # functions expect (n,), (n, d) and (K, n, d)
        flat = question(cost, z.reshape(-1, *q.shape))
        return flat.reshape(z.shape[coordinates] if q.shape else z.shape)
    return question(cost, z)


def constants(value, q, name):
    """A number, or a `Gradient` of two, as a `Gradient` of what goes with arrays of q's shape.

    Raises ValueError, which begins with the name, for what is not finite or of another shape.
    """
    pair = value if isinstance(value, Gradient) else Gradient(value, value)
    return Gradient(*(_constant(one, q, name) for one in pair))


def _constant(value, q, name):
    if isinstance(value, float) and math.isfinite(value):
        return float(value)
    expected = f"{name} must be a finite number, or a Gradient with one for each parameter"
    array = real_array(value, expected)
    with suppress(ValueError):
        if np.isfinite(array).all() and np.broadcast_shapes(array.shape, q.shape) == q.shape:
            return array if array.ndim else float(array)
    raise ValueError(f"{expected}; received {shorten(value)} for a Gaussian of shape {q.shape}")
