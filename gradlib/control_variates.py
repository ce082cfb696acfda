"""The same gradient with less variance: baselines, control variates, and a third estimator.

All of these map (cost, q, eps) to per-sample terms, as the two plain estimators do, and compose
with one another, with `monte_carlo` and with the exact functions; `estimators` has the two
conventions for those that need more than eps. Compare methods at equal numbers of cost evaluations.
"""

from functools import partial

import numpy as np

from gradlib.arguments import (
    finite_array,
    real_array,
    require_kind,
    require_whole_number,
    shorten,
)
from gradlib.estimators import Randomized, constants, pathwise, score_function, slopes, values
from gradlib.exact import exact_covariance, exact_gradient, exact_mean, exact_value, expectation
from gradlib.gaussian import Gaussian, Gradient
from gradlib.protocol import COMPANY, dependence, name_of, require_callable, terms_of


def optimal_baseline(cost, q):
    """The constants that minimise the variance of the score function, as a `Gradient` of floats.

    b = E[r(Z) s^2] / E[s^2], with s the score of the parameter in question

    Pass it on as `baseline`. It depends on mu and sigma, never on eps, so it shifts no mean.
    Raises ValueError on R^d, QuadratureError if an expectation is infinite or out of reach.
    """

    def weighted_costs(cost, q, eps):
        return values(cost, q, eps) * np.stack([eps**2, (eps**2 - 1) ** 2 / 2])

    return Gradient(*expectation(weighted_costs, cost, q).tolist())


def leave_one_out(cost, q, eps):
    """Score function whose baseline is the mean cost of the OTHER samples, one term for each eps.

    Approximates  d/dphi E[r(Z)]
    With          (r(z_j) - mean of r(z_i) over i != j) * d/dphi log N(z_j | mu, sigma^2)
    Requires      two samples or more, along the first axis of eps

    `eps` has shape (m,), or (m, n) for m samples of each of n estimates; on R^d (m, d), and
    (m, n, d) for a batch of shape (n, d). The mean of the m terms is the sample covariance of cost
    and score. They are unbiased but not independent: `monte_carlo` and the exact functions refuse
    them. `batch_mean(leave_one_out, m)` is an estimator whose terms are such means.
    Returns a `Gradient` of arrays of eps's shape. Raises ValueError for fewer than two samples.
    """
    value, score = values(cost, q, eps), q.score_of_noise(eps)
    m = len(value) if value.ndim else 0
    if m < 2 or np.ndim(eps) <= len(q.shape):
        raise ValueError(
            f"leave_one_out needs two samples or more; received eps of shape {np.shape(eps)}"
        )
    # r_j - mean of the others = m/(m - 1) * (r_j - mean of all)
    advantage = (value - value.mean(axis=0)) * (m / (m - 1))
    if q.shape:
        advantage = advantage[..., np.newaxis]
    return Gradient(advantage * score.mu, advantage * score.sigma)


def leave_one_out_variance(cost, q, m):
    """Variance of the MEAN of m leave-one-out terms, as a `Gradient` of floats.

    Var[(r - J) s]/m + (Var[r] Var[s] + (dJ/dphi)^2) / (m (m - 1)),  s the score

    This is the variance of a sample covariance: as m grows, that of the baseline J.
    Raises ValueError for m < 2 and on R^d, otherwise as `exact_variance`.
    """
    require_whole_number("m", m, least=2)
    return Gradient(*np.diag(_leave_one_out_covariance(cost, q, m)).tolist())


def _leave_one_out_covariance(cost, q, m):
    """2x2; off the diagonal (dJ/dphi)^2 is the product of two, and the two scores do not covary."""
    mean, gradient = exact_value(cost, q), exact_gradient(cost, q)

    def square(cost, q, eps):
        centred = values(cost, q, eps) - mean
        return centred, centred

    known_mean = exact_covariance(partial(score_function, baseline=mean), cost, q)
    spread = expectation(square, cost, q) * np.diag([1, 2]) / q.sigma**2
    return known_mean / m + (spread + np.outer(gradient, gradient)) / (m * (m - 1))


def batch_mean(estimator, m):
    """The estimator whose one term is the mean of m terms of the given one; it is `Randomized`.

    It makes an estimator of what needs a batch, such as `leave_one_out`: eps is the first sample
    of each batch, the other m - 1 are drawn from rng. The given estimator gets them along the
    first axis, of shape (m, n), or (m, n, d) on R^d, and must not mix the n batches. A term costs m
    of its evaluations. The exact functions know the moments where they know those of the given
    estimator, and for `leave_one_out`.
    Raises ValueError for m < 1, and for an estimator that mixes the batches.
    """
    require_whole_number("m", m)

    def over_batches(cost, q, batches, *rng):
        return Gradient(*(t.mean(axis=0) for t in terms_of(estimator, cost, q, batches, *rng)))

    def terms(cost, q, eps, rng):
        eps = real_array(eps, "eps must be real numbers")
        others = rng.standard_normal((m - 1, *eps.shape))
        own = [rng] if isinstance(estimator, Randomized) else []
        return over_batches(cost, q, np.concatenate([eps[np.newaxis], others]), *own)

    def moments(cost, q):
        if estimator is leave_one_out:
            require_whole_number("m", m, least=2)
            return exact_gradient(cost, q), _leave_one_out_covariance(cost, q, m)
        return exact_mean(estimator, cost, q), exact_covariance(estimator, cost, q) / m

    def made_of_eps(cost, q, eps):
        few = range(min(m, 8))  # of a batch that need not be large to be mixed up
        return over_batches(cost, q, np.stack([eps + np.sin(k * eps) for k in few]))

    if not isinstance(estimator, Randomized) and dependence(made_of_eps, ()) == COMPANY:
        raise ValueError(
            "the m samples of a batch lie along the first axis of eps (take means with axis=0); "
            f"{name_of(estimator)} mixes the batches"
        )
    terms.__name__ = f"batch_mean({name_of(estimator)}, {m})"
    return Randomized(terms, moments)


class MovingAverage:
    """The average cost of EARLIER batches: a baseline that meets no sample of its own.

    `moving = MovingAverage(decay)` is a number that is updated, not an estimator: pass
    `moving.value` as a baseline, then call `moving.update(costs)` with the costs of that batch. The
    value is 0.0 at first, the batch's mean c after the first update, and
    decay * value + (1 - decay) * c after each other.
    Raises ValueError unless 0 <= decay < 1, and for costs that are not finite.
    """

    def __init__(self, decay=0.9):
        number = real_array(decay, expected := "decay must be a number in [0, 1)")
        if number.ndim or not 0 <= number < 1:
            raise ValueError(f"{expected}; received {shorten(decay)}")
        self.decay, self.value, self.updates = float(number), 0.0, 0

    def __repr__(self):
        return f"MovingAverage(decay={self.decay}) at {self.value:.6g} after {self.updates} updates"

    def update(self, costs):
        """Let in the costs of a batch, an array of any shape."""
        costs = finite_array(costs, "costs must be finite numbers, one or more", np.size)
        share = 1 - self.decay if self.updates else 1.0
        self.value = (1 - share) * self.value + share * float(costs.mean())
        self.updates += 1


def antithetic(estimator):
    """The estimator whose term is the mean of the given estimator's terms at eps and at -eps.

    One term costs two evaluations: it is worth its price if its variance is less than half that of
    the given estimator, so if the two terms are negatively correlated. Of a `Randomized` estimator
    it makes a `Randomized` one, whose two terms have noise of their own.
    Raises ValueError for what is not an estimator.
    """
    require_callable(estimator)

    def antithetic_pair(cost, q, eps, *rng):
        eps = real_array(eps, "eps must be real numbers")
        here, there = (terms_of(estimator, cost, q, e, *rng) for e in (eps, -eps))
        return Gradient(*((a + b) / 2 for a, b in zip(here, there, strict=True)))

    return Randomized(antithetic_pair) if isinstance(estimator, Randomized) else antithetic_pair


def delta(cost, q, eps, order=2):
    """Score function with a Taylor polynomial as control variate, one term for each eps.

    Approximates  d/dphi E[r(Z)]
    With          (r(z) - T(z)) * d/dphi log N(z | mu, sigma^2) + d/dphi E[T(Z)]
    Requires      r smooth at mu: next to a kink r'' is useless, take order 1

    T is the Taylor polynomial of r about mu, held fixed, of order 1 or 2. Its gradient is known:
    r'(mu) for mu, and for sigma 0 or r''(mu) sigma (on R^d the diagonal of the Hessian). The second
    derivative is a central difference of r'. Its small error does no harm: the terms are unbiased
    whatever the coefficients are. They cost a few evaluations at mu, whatever the number of eps.
    Where r(z) - T(z) is mere rounding of what it is made of, it is taken as 0.

    Returns a `Gradient` of arrays of eps's shape, which is that of `score_function`.
    Raises ValueError for other orders, and if a coefficient is not finite.
    Source: Paisley, Blei and Jordan (2012); Mohamed et al. (2020), section 7.
    """
    if not (isinstance(order, int | np.integer) and order in (1, 2)):
        raise ValueError(f"order must be 1 or 2; received {shorten(order)}")
    require_kind("q", q, Gaussian, "Gaussian(0.0, 1.0)")
    value, linear, quadratic, rough = _taylor(cost, q, order)
    eps = real_array(eps, "eps must be real numbers")
    here, score = values(cost, q, eps), q.score_of_noise(eps)
    remainder = here - (value + _polynomial(q, eps, linear, quadratic))
    # the sizes of what is added up, and of mu times the slope of T, as z itself is rounded
    reach = np.abs(q.mu / q.sigma)
    size = abs(here) + abs(value) + _polynomial(q, reach, abs(linear), 0 * rough)
    size = size + _polynomial(q, abs(eps), abs(linear) + _bent(q, reach, abs(quadratic)), rough)
    remainder = np.where(abs(remainder) <= 8 * np.finfo(here.dtype).eps * size, 0.0, remainder)
    if q.shape:
        remainder, quadratic = remainder[..., np.newaxis], np.einsum("i...i->...i", quadratic)
    return Gradient(
        remainder * score.mu + linear / q.sigma, remainder * score.sigma + quadratic / q.sigma
    )


def _polynomial(q, eps, linear, quadratic):
    """linear . eps + eps . quadratic . eps / 2, over the last axis on R^d."""
    terms = (linear + _bent(q, eps, quadratic) / 2) * eps
    return terms.sum(axis=-1) if q.shape else terms


def _bent(q, eps, quadratic):
    """eps . quadratic"""
    return np.einsum("...i,i...j->...j", eps, quadratic) if q.shape else quadratic * eps


def _taylor(cost, q, order):
    """r, sigma r' and sigma^2 r'' at mu, and the size of the numbers that r'' is a difference of.

    As functions of eps these are the value and the derivatives of the cost at 0. On R^d their
    shapes are (), (d,) and (d, d), the first axis of r'' for the coordinate that moves.
    """
    nowhere, d = np.zeros((1, *q.shape)), (q.shape or [1])[-1]
    moves = np.eye(d).reshape(d, *[1] * (len(q.shape) - 1), *q.shape[-1:]) + nowhere
    ends = np.finfo(float).eps ** 0.25 * np.concatenate([moves, -moves])
    value, slope = values(cost, q, nowhere)[0], q.sigma * slopes(cost, q, nowhere)[0]
    quadratic = rough = 0 * moves
    if order == 2:
        gap = np.subtract(*np.split(q.standardize(q.reparameterize(ends)), 2))  # as z is rounded
        gap = gap.sum(axis=-1, keepdims=True) if q.shape else gap
        above, below = np.split(q.sigma * slopes(cost, q, ends), 2)
        quadratic, rough = (above - below) / gap, (abs(above) + abs(below)) / gap
    if not all(np.isfinite(x).all() for x in (value, slope, quadratic)):
        raise ValueError(f"delta needs r, r' and r'' finite at mu = {q.mu}; received {cost.name}")
    return value, slope, *((quadratic, rough) if q.shape else (quadratic[0], rough[0]))


def combination(cost, q, eps, weight, baseline=0.0):
    """weight * E1 + (1 - weight) * E2 from the same eps, one term for each.

    Approximates  d/dphi E[r(Z)]
    Requires      what the pathwise estimator requires: a step makes it wrong

    `weight` is a number or a `Gradient` with one for each parameter, such as `optimal_weight`;
    `baseline` is that of E1. A term costs one evaluation of r and one of r'.
    Raises ValueError for a weight that is no finite number, otherwise as `score_function`.
    """
    weights = constants(weight, q, "weight")
    pairs = zip(
        weights, score_function(cost, q, eps, baseline), pathwise(cost, q, eps), strict=True
    )
    return Gradient(*(w * first + (1 - w) * second for w, first, second in pairs))


def optimal_weight(cost, q, baseline=0.0):
    """The weights of E1 that minimise the variance of `combination`, as a `Gradient` of floats.

    w = (Var[E2] - Cov[E1, E2]) / Var[E1 - E2]

    They may lie outside [0, 1]. A parameter for which the two terms are always equal has weight 0.
    Raises ValueError if E1 and E2 differ in the mean, as for a step, and on R^d; otherwise as
    `exact_variance`.
    """

    def both(cost, q, eps):
        """E1 for mu and sigma, E2 for mu and sigma: one row each."""
        return np.stack([*score_function(cost, q, eps, baseline), *pathwise(cost, q, eps)])

    def products(cost, q, eps):
        terms = both(cost, q, eps)
        centred = terms - means[:, np.newaxis]
        rows, columns = [0, 1, 0, 1, 2, 3], [0, 1, 2, 3, 2, 3]
        return centred[rows], centred[columns], terms[rows], terms[columns]

    means = expectation(both, cost, q)
    moments = expectation(products, cost, q).reshape(3, 2).T
    return Gradient(
        *(
            _optimal_weight(cost, *pair, *three)
            for pair, three in zip(means.reshape(2, 2).T, moments, strict=True)
        )
    )


def _optimal_weight(cost, mean, other_mean, first, shared, second):
    if abs(mean - other_mean) > 1e-8 * np.sqrt(first + second + mean**2):
        raise ValueError(
            "only unbiased estimators can be combined; for the cost "
            f"{cost.name} the score function has mean {mean:.6g} and pathwise {other_mean:.6g}"
        )
    distance = first + second - 2 * shared
    return float((second - shared) / distance) if distance > 1e-12 * (first + second) else 0.0


def measure_valued(cost, q, eps, rng):
    """Measure-valued (weak) derivative, coupled: one term for each eps. It is `Randomized`.

    Approximates  d/dphi E[r(Z)]
    With          (r(mu + sigma W) - r(mu - sigma W)) / (sigma sqrt(2 pi))   for mu
                  (r(mu + sigma M) - r(mu + sigma eps)) / sigma              for sigma
    Requires      nothing of r but moments: steps and black boxes are welcome

    W follows a Rayleigh distribution, M a double-sided Maxwell distribution (density proportional
    to x^2 exp(-x^2/2)). M = sign(eps) sqrt(eps^2 + V^2) with V Rayleigh: so M is as far out as a
    normal point of R^3 whose first coordinate is eps, and eps/M is uniform on [0, 1] and
    independent of M (Archimedes). W and V are drawn from `rng`, a numpy.random.Generator;
    `monte_carlo` hands it on, and `exact_variance` averages over eps, W and V exactly.

    A term costs two evaluations for each parameter. On R^d, eps has shape (n, d), and W and M take
    the place of one coordinate at a time. Returns a `Gradient` of arrays of eps's shape.
    Source: Mohamed et al. (2020), sections 6 and 7.2.
    """
    eps = real_array(eps, "eps must be real numbers")
    W, V = rng.rayleigh(size=(2, *eps.shape))
    M = np.copysign(np.hypot(eps, V), eps)

    def moved(noise):
        """r with the noise in one coordinate after the other, of eps's shape."""
        if not q.shape:
            return values(cost, q, noise)
        own = np.eye(eps.shape[-1], dtype=bool)
        columns = [values(cost, q, np.where(here, noise, eps)) for here in own]
        return np.stack(columns, axis=-1)

    value = values(cost, q, eps)
    value = value[..., np.newaxis] if q.shape else value
    mu = (moved(W) - moved(-W)) / np.sqrt(2 * np.pi)
    return Gradient(mu / q.sigma, (moved(M) - value) / q.sigma)


def _measure_valued_moments(cost, q):
    """The true gradient, and a diagonal covariance, as W is independent of eps and V.

    mu:     E[(r(W) - r(-W))^2] = sqrt(pi/2) E[|eps| (r(eps) - r(-eps))^2]
    sigma:  E[(r(M) - r(eps))^2] = E[(eps^2 + 1) r^2 - (eps^2 - 1) R^2],  R' = r and R(0) = 0

    (r as a function of the noise.) Given M, eps is uniform between 0 and M, so the mean of r(eps)
    is R(M)/M; parts then turn 2 E[eps r R] into E[(eps^2 - 1) R^2]. A constant added to r on either
    side of mu changes nothing. Taking the mean off each side keeps the difference from cancelling.
    """

    def sides(cost, q, eps):
        return 2 * values(cost, q, eps) * np.array([eps < 0, eps > 0])

    below, above = expectation(sides, cost, q, edges=[0.0])

    def squares(cost, q, eps):
        def centred(eps):
            return values(cost, q, eps) - np.where(eps < 0, below, above)

        odd = np.sqrt(np.abs(eps)) * (values(cost, q, eps) - values(cost, q, -eps))
        outer, inner = np.sqrt(eps**2 + 1) * centred(eps), _integral_from_zero(centred, eps)
        return np.stack([odd, outer, (eps**2 - 1) * inner]), np.stack([odd, outer, inner])

    odd, outer, inner = expectation(squares, cost, q, edges=[0.0])
    second = np.array([odd / np.sqrt(8 * np.pi), outer - inner]) / q.sigma**2
    mean = exact_gradient(cost, q)
    return mean, np.diag(np.maximum(second - np.square(mean), 0))


def _integral_from_zero(r, points):
    """Integral of r from 0 to each of the points, by Gauss's rule between neighbours."""
    knots, place = np.unique(np.append(points, 0.0), return_inverse=True)
    half = np.diff(knots) / 2
    middle = knots[:-1] + half
    steps = sum(w * r(middle + x * half) for x, w in zip(*np.polynomial.legendre.leggauss(6)))
    steps, zero = steps * half, place[-1]
    outward = [-np.cumsum(steps[:zero][::-1])[::-1], [0.0], np.cumsum(steps[zero:])]
    return np.concatenate(outward)[place[:-1]]


measure_valued = Randomized(measure_valued, _measure_valued_moments)
