"""The same gradient with less variance: baselines, control variates, and a third estimator.

All of these map (cost, q, eps) to per-sample terms, as the two plain estimators do. So
`exact_variance` and `monte_carlo` apply to them, except that `exact_variance` refuses the two whose
terms depend on other samples: leave-one-out and the moving average. Compare methods at equal
numbers of cost evaluations.
"""

from functools import partial

import numpy as np

from gradlib.arguments import require_whole_number
from gradlib.estimators import pathwise, score_function, values
from gradlib.exact import (
    exact_covariance,
    exact_gradient,
    exact_mean,
    exact_value,
    exact_variance,
    expectation,
)
from gradlib.gaussian import Gradient


def optimal_baseline(cost, q):
    """The constants that minimise the variance of the score function, as a `Gradient` of floats.

    b = E[r(Z) s^2] / E[s^2], with s the score of the parameter in question

    Pass it on as `baseline`. It depends on mu and sigma, never on eps, so it shifts no mean.
    Raises ValueError on R^d, QuadratureError if an expectation is infinite or out of reach.
    """

    def weighted_costs(cost, q, eps):
        value = cost(q.reparameterize(eps))
        return Gradient(value * eps**2, value * (eps**2 - 1) ** 2 / 2)

    return exact_mean(weighted_costs, cost, q)


def leave_one_out(cost, q, eps):
    """Score function whose baseline is the mean cost of the OTHER samples, one term for each eps.

    Approximates  d/dphi E[r(Z)]
    With          (r(z_j) - mean of r(z_i) over i != j) * d/dphi log N(z_j | mu, sigma^2)
    Requires      two samples or more, along the first axis of eps

    The mean of the terms is the sample covariance of cost and score. The terms are unbiased but not
    independent: `exact_variance` refuses them, `leave_one_out_variance` has the exact variance of
    their mean, and `monte_carlo` takes each block of its draws as one set of samples.
    Returns a `Gradient` of arrays of eps's shape. Raises ValueError for fewer than two samples.
    """
    eps = np.asarray(eps, dtype=float)
    if eps.ndim <= len(q.shape) or len(eps) < 2:
        raise ValueError(
            f"leave_one_out needs two samples or more; received eps of shape {eps.shape}"
        )
    value = cost(q.reparameterize(eps))
    # r_j - mean of the others = M/(M - 1) * (r_j - mean of all)
    advantage = (value - value.mean(axis=0)) * (len(eps) / (len(eps) - 1))
    score = q.score_of_noise(eps)
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
    mean = exact_value(cost, q)

    def spread(cost, q, eps):
        square = ((cost(q.reparameterize(eps)) - mean) / q.sigma) ** 2
        return Gradient(square, 2 * square)  # Var[s] is 1/sigma^2 and 2/sigma^2

    centred = exact_variance(partial(score_function, baseline=mean), cost, q)
    parts = zip(centred, exact_mean(spread, cost, q), exact_gradient(cost, q), strict=True)
    return Gradient(*(v / m + (s + g**2) / (m * (m - 1)) for v, s, g in parts))


class MovingAverage:
    """Score function with the average cost of EARLIER batches as its baseline.

    `moving = MovingAverage(decay)` is called like an estimator, once for each batch of eps. Its
    `baseline` is None at first: the first batch has none. After each batch with mean cost c it
    becomes decay * baseline + (1 - decay) * c, or c after the first. No term meets its own sample.
    As it changes from call to call, `exact_variance` refuses it.
    Raises ValueError unless 0 <= decay < 1.
    """

    def __init__(self, decay=0.9):
        if not (isinstance(decay, int | float) and 0 <= decay < 1):
            raise ValueError(f"decay must be a number in [0, 1); received {decay!r}")
        self.decay, self.baseline = decay, None

    def __call__(self, cost, q, eps):
        value, before = cost(q.reparameterize(eps)), self.baseline
        now = float(np.mean(value))
        self.baseline = now if before is None else self.decay * before + (1 - self.decay) * now
        return score_function(lambda z: value, q, eps, baseline=before or 0.0)


def antithetic(estimator):
    """The estimator whose term is the mean of the given estimator's terms at eps and at -eps.

    One term costs two evaluations: it is worth its price if its variance is less than half that of
    the given estimator, so if the two terms are negatively correlated.
    Raises ValueError for what is not an estimator.
    """
    if not callable(estimator):
        raise ValueError(
            "estimator must be a function such as score_function or pathwise; "
            f"received {estimator!r}"
        )

    def antithetic_pair(cost, q, eps):
        here, there = estimator(cost, q, eps), estimator(cost, q, -eps)
        return Gradient(*((a + b) / 2 for a, b in zip(here, there, strict=True)))

    return antithetic_pair


def delta(cost, q, eps, order=2):
    """Score function with a Taylor polynomial as control variate, one term for each eps.

    Approximates  d/dphi E[r(Z)]
    With          (r(z) - T(z)) * d/dphi log N(z | mu, sigma^2) + d/dphi E[T(Z)]
    Requires      r smooth at mu: next to a kink r'' is useless, take order 1

    T is the Taylor polynomial of r about mu, held fixed, of order 1 or 2. Its gradient is known:
    r'(mu) for mu, and for sigma 0 or r''(mu) sigma (on R^d the diagonal of the Hessian). The second
    derivative is a central difference of r'. Its small error does no harm: the terms are unbiased
    whatever the coefficients are. They cost a few evaluations at mu, whatever the number of eps.

    `eps` has shape (n,), or (n, d) on R^d. Returns a `Gradient` of arrays of eps's shape.
    Raises ValueError for other orders, and if a coefficient is not finite.
    Source: Paisley, Blei and Jordan (2012); Mohamed et al. (2020), section 7.
    """
    if order not in (1, 2):
        raise ValueError(f"order must be 1 or 2; received {order!r}")
    value, slope, hessian = _taylor_coefficients(cost, q, order)

    def remainder(z):
        x = (z - q.mu).reshape(-1, slope.size)
        taylor = value + x @ slope + 0.5 * ((x @ hessian) * x).sum(axis=1)
        return cost(z) - taylor.reshape(z.shape[: z.ndim - len(q.shape)])

    terms = score_function(remainder, q, eps)
    return Gradient(
        terms.mu + slope.reshape(q.shape),
        terms.sigma + hessian.diagonal().reshape(q.shape) * q.sigma,
    )


def _taylor_coefficients(cost, q, order):
    """r, r' and r'' at mu, of shapes (), (d,) and (d, d); d = 1 for a scalar Gaussian."""
    mu = np.atleast_1d(q.mu)
    steps = np.finfo(float).eps ** (1 / 3) * np.atleast_1d(q.sigma)
    points = np.vstack([mu, mu + np.diag(steps), mu - np.diag(steps)])  # d steps either way
    points = points if q.shape else points[:, 0]
    value = cost(points[:1])[0]
    slope, *slopes = cost.derivative(points).reshape(-1, mu.size)
    above, below = np.split(np.array(slopes), 2)
    hessian = (above - below) / (2 * steps[:, np.newaxis]) if order == 2 else 0 * above
    if not (np.isfinite(value) and np.isfinite(slope).all() and np.isfinite(hessian).all()):
        raise ValueError(f"delta needs r, r' and r'' finite at mu = {q.mu}; received {cost.name}")
    return value, slope, hessian


def combination(cost, q, eps, weight, baseline=0.0):
    """weight * E1 + (1 - weight) * E2 from the same eps, one term for each.

    Approximates  d/dphi E[r(Z)]
    Requires      what the pathwise estimator requires: a step makes it wrong

    `weight` is a number or a `Gradient` with one for each parameter, such as `optimal_weight`;
    `baseline` is that of E1. A term costs one evaluation of r and one of r'.
    """
    weight = weight if isinstance(weight, Gradient) else Gradient(weight, weight)
    if not all(isinstance(w, int | float | np.ndarray) for w in weight):
        raise ValueError(
            f"weight must be a number or a Gradient of numbers; received {weight.mu!r}"
        )
    pairs = zip(weight, score_function(cost, q, eps, baseline), pathwise(cost, q, eps), strict=True)
    return Gradient(*(w * first + (1 - w) * second for w, first, second in pairs))


def optimal_weight(cost, q, baseline=0.0):
    """The weights of E1 that minimise the variance of `combination`, as a `Gradient` of floats.

    w = (Var[E2] - Cov[E1, E2]) / Var[E1 - E2]

    They may lie outside [0, 1]. A parameter for which the two terms are always equal has weight 0.
    Raises ValueError if E1 and E2 differ in the mean, as for a step, and on R^d; otherwise as
    `exact_variance`.
    """
    return Gradient(*(_optimal_weight(cost, q, baseline, index) for index in (0, 1)))


def _optimal_weight(cost, q, baseline, index):
    def both(cost, q, eps):
        terms = score_function(cost, q, eps, baseline), pathwise(cost, q, eps)
        return Gradient(*(pair[index] for pair in terms))

    means, covariance = exact_mean(both, cost, q), exact_covariance(both, cost, q)
    (first, shared), (_, second) = covariance
    if abs(means.mu - means.sigma) > 1e-8 * np.sqrt(first + second + means.mu**2):
        raise ValueError(
            "only unbiased estimators can be combined; for the cost "
            f"{cost.name} the score function has mean {means.mu:.6g} and pathwise {means.sigma:.6g}"
        )
    distance = first + second - 2 * shared
    return float((second - shared) / distance) if distance > 1e-12 * (first + second) else 0.0


def measure_valued(cost, q, eps, rng):
    """Measure-valued (weak) derivative, coupled: one term for each eps.

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
    if not isinstance(rng, np.random.Generator):
        raise ValueError(f"rng must be a numpy.random.Generator; received {rng!r}")
    eps = np.asarray(eps, dtype=float)
    W, V = rng.rayleigh(size=(2, *eps.shape))
    M = np.copysign(np.hypot(eps, V), eps)

    def moved(noise):
        """r with the noise in one coordinate after the other, of eps's shape."""
        if not q.shape:
            return cost(q.reparameterize(noise))
        own = np.eye(eps.shape[-1], dtype=bool)
        columns = [cost(q.reparameterize(np.where(here, noise, eps))) for here in own]
        return np.stack(columns, axis=-1)

    value = cost(q.reparameterize(eps))
    value = value[..., np.newaxis] if q.shape else value
    mu = (moved(W) - moved(-W)) / np.sqrt(2 * np.pi)
    return Gradient(mu / q.sigma, (moved(M) - value) / q.sigma)


def _measure_valued_covariance(cost, q):
    """Diagonal, as W is independent of eps and V.

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
    return np.diag(np.maximum(second - np.square(exact_gradient(cost, q)), 0))


def _integral_from_zero(r, points):
    """Integral of r from 0 to each of the points, by Gauss's rule between neighbours."""
    knots, place = np.unique(np.append(points, 0.0), return_inverse=True)
    half = np.diff(knots) / 2
    middle = knots[:-1] + half
    steps = sum(w * r(middle + x * half) for x, w in zip(*np.polynomial.legendre.leggauss(6)))
    steps, zero = steps * half, place[-1]
    outward = [-np.cumsum(steps[:zero][::-1])[::-1], [0.0], np.cumsum(steps[zero:])]
    return np.concatenate(outward)[place[:-1]]


measure_valued.exact_mean = exact_gradient  # the weak derivative of q is score * q
measure_valued.exact_covariance = _measure_valued_covariance
