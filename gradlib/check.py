"""Exercises check themselves: an answer is judged by its values at fresh random points.

`answer(name, attempt)` says in one sentence that nothing was answered yet, that the answer is
right, or which well-known mistake it looks like. EXERCISES names every exercise of the course.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from gradlib.cost import Cost
from gradlib.estimators import pathwise, score_function
from gradlib.exact import QuadratureError, exact_gradient, exact_value
from gradlib.gaussian import Gaussian, Gradient

POINTS = 50


def answer(name, attempt):
    """Print the verdict on an attempt at the exercise `name`, such as "02.1".

    An attempt is `...` (not answered yet), or what the exercise asks for: a function of the
    arguments named there, or a value. Raises ValueError for an unknown name.
    """
    if name not in EXERCISES:
        raise ValueError(f"unknown exercise {name!r}; expected one of {', '.join(EXERCISES)}")
    print(f"{name}: {EXERCISES[name](attempt)}")


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
        if attempt is ...:
            return "not answered yet."
        if not callable(attempt):
            return f"expected a function of {', '.join(self.ranges)}; received {attempt!r}."
        rng = np.random.default_rng()
        points = [rng.uniform(low, high, POINTS) for low, high in self.ranges.values()]
        try:
            values = [attempt(*point) for point in zip(*points, strict=True)]
            if any(value is ... for value in values):
                return "not answered yet."
            values = np.array(values, dtype=float)
        except Exception as error:  # whatever a student's function may do
            return f"your function stopped with {type(error).__name__}: {error}."
        if values.shape != (POINTS,):
            return f"expected one number for each point; received shape {values.shape[1:]}."
        if _agree(values, self.right(*points)):
            return "right."
        for diagnosis, mistake in self.mistakes.items():
            if _agree(values, mistake(*points)):
                return f"not yet: {diagnosis}"
        worst = np.argmax(np.abs(values - self.right(*points)))
        where = ", ".join(f"{k} = {p[worst]:.3g}" for k, p in zip(self.ranges, points, strict=True))
        return f"not yet: at {where} it gives {values[worst]:.4g}, which is not the answer."


def _agree(values, others):
    return np.allclose(values, others, rtol=1e-7, atol=1e-9)


# One table for each chapter: exercise -> judge. A judge takes an attempt and returns a sentence.


class FunctionOfDraws(FunctionOf):
    """Judge of a function whose first argument is an array eps of draws; it is tried on four."""

    def __call__(self, attempt):
        if not callable(attempt):
            return super().__call__(attempt)

        def of_numbers(function):
            return lambda *numbers: function(np.array(numbers[:4]), *numbers[4:])

        (_, reach), *others = self.ranges.items()
        judge = FunctionOf(
            {f"eps[{i}]": reach for i in range(4)} | dict(others),
            np.vectorize(of_numbers(self.right)),
            {words: np.vectorize(of_numbers(f)) for words, f in self.mistakes.items()},
        )
        return judge(of_numbers(attempt))


CHAPTER_00 = {
    "00.1": FunctionOf(
        {"z": (-3, 3)},
        lambda z: 2 * z,
        {
            "the factor 2 is missing.": lambda z: z,
            "this is the cost r itself; we want its derivative.": lambda z: z**2,
            "the sign is flipped.": lambda z: -2 * z,
            "the power goes down by one: z^2 becomes 2z.": lambda z: 2 * z**2,
        },
    ),
    "00.2": FunctionOf(
        {"mu": (-2, 2), "sigma": (0.5, 2), "eps": (-2, 2)},
        lambda mu, sigma, eps: np.cos(mu + sigma * eps) * eps,
        {
            "the inner derivative eps is missing; this is the derivative with respect to mu.": (
                lambda mu, sigma, eps: np.cos(mu + sigma * eps)
            ),
            "the inner derivative is that of sigma*eps with respect to sigma, which is eps.": (
                lambda mu, sigma, eps: np.cos(mu + sigma * eps) * sigma
            ),
            "sin itself stands where its derivative belongs.": (
                lambda mu, sigma, eps: np.sin(mu + sigma * eps) * eps
            ),
            "the sign is flipped; the derivative of sin is +cos.": (
                lambda mu, sigma, eps: -np.cos(mu + sigma * eps) * eps
            ),
            "the derivative of sin is needed at mu + sigma*eps, not at eps.": (
                lambda mu, sigma, eps: np.cos(eps) * eps
            ),
        },
    ),
    "00.3": FunctionOf(
        {"v": (0.5, 5), "M": (2, 50)},
        lambda v, M: v / M,
        {
            "this is the standard error; the variance is its square.": (
                lambda v, M: np.sqrt(v / M)
            ),
            "the square root belongs to the standard error, not to the variance.": (
                lambda v, M: v / np.sqrt(M)
            ),
            "this is the variance of the sum; the mean is the sum divided by M.": (
                lambda v, M: v * M
            ),
            "dividing by M divides the variance by M^2, but first there are M variances to add.": (
                lambda v, M: v / M**2
            ),
            "this is the variance of one draw; a mean of several scatters less.": lambda v, M: v,
            "the divisor M - 1 serves to estimate v; here v is known.": lambda v, M: v / (M - 1),
        },
    ),
    "00.4": FunctionOfDraws(
        {"eps": (-2, 2), "mu": (-2, 2), "sigma": (0.5, 2)},
        lambda eps, mu, sigma: np.mean((mu + sigma * eps) ** 2),
        {
            "this is the sum; the average divides it by the number of draws.": (
                lambda eps, mu, sigma: np.sum((mu + sigma * eps) ** 2)
            ),
            "this is the square of the average; we want the average of the squares.": (
                lambda eps, mu, sigma: np.mean(mu + sigma * eps) ** 2
            ),
            "the cost z^2 is missing; this is the average of z.": (
                lambda eps, mu, sigma: np.mean(mu + sigma * eps)
            ),
            "sigma itself multiplies eps, not its square.": (
                lambda eps, mu, sigma: np.mean((mu + sigma**2 * eps) ** 2)
            ),
            "this is the average of eps^2; the draws are z = mu + sigma*eps.": (
                lambda eps, mu, sigma: np.mean(eps**2)
            ),
            "this is the exact value mu^2 + sigma^2; we want the average over these draws.": (
                lambda eps, mu, sigma: mu**2 + sigma**2
            ),
        },
    ),
}


def best_step(attempt):
    """Judge of 01.4: a step h(M) whose RMS error is within 0.1 % of the smallest one possible."""
    if attempt is ...:
        return "not answered yet."
    if not callable(attempt):
        return f"expected a function of M; received {attempt!r}."
    M = 10 ** np.random.default_rng().uniform(3, 6, POINTS)
    try:
        steps = [attempt(m) for m in M]
        if any(step is ... for step in steps):
            return "not answered yet."
        h = np.array(steps, dtype=float)
    except Exception as error:  # whatever a student's function may do
        return f"your function stopped with {type(error).__name__}: {error}."
    if h.shape != M.shape or not np.all((h > 0) & np.isfinite(h)):
        return "not yet: h must be one positive number for each M."

    def variance(mu):  # of z^3 under N(mu, 1)
        return 9 * mu**4 + 36 * mu**2 + 15

    def squared_error(h):
        return h**4 + (variance(2 + h) + variance(2 - h)) / (4 * h**2 * M)

    best = (variance(2) / (4 * M)) ** (1 / 6)  # exact to leading order; here that is enough
    if np.all(squared_error(h) <= 1.002 * squared_error(best)):
        return "right."
    power = np.polyfit(np.log(M), np.log(h), 1)[0]
    if abs(power + 1 / 6) > 0.01:
        return f"not yet: your h goes like M^{power:.2f}, which does not balance bias and variance."
    if np.mean(h) > np.mean(best):
        return "not yet: the power of M is right, but h is too large, so that the bias costs more."
    return "not yet: the power of M is right, but h is too small, so that the variance costs more."


CHAPTER_01 = {
    "01.1": FunctionOf(
        {"mu": (-2, 2), "sigma": (0.5, 2)},
        lambda mu, sigma: np.exp(mu / 2 + sigma**2 / 8),
        {
            "this is r(E[Z]); the spread of Z raises the mean of a convex cost.": (
                lambda mu, sigma: np.exp(mu / 2)
            ),
            "the factor 1/2 in the exponent has to be squared for the sigma^2 term.": (
                lambda mu, sigma: np.exp(mu / 2 + sigma**2 / 2)
            ),
            "complete the square once more: one factor 1/2 is missing in the sigma^2 term.": (
                lambda mu, sigma: np.exp(mu / 2 + sigma**2 / 4)
            ),
            "sigma stands where sigma^2 belongs.": lambda mu, sigma: np.exp(mu / 2 + sigma / 8),
            "the sign of the sigma^2 term is flipped.": (
                lambda mu, sigma: np.exp(mu / 2 - sigma**2 / 8)
            ),
            "this is E[exp(Z)]; the cost is exp(Z/2).": (
                lambda mu, sigma: np.exp(mu + sigma**2 / 2)
            ),
            "this is the logarithm of J; take exp of it.": lambda mu, sigma: mu / 2 + sigma**2 / 8,
            "this is dJ/dmu; we want J itself.": (
                lambda mu, sigma: 0.5 * np.exp(mu / 2 + sigma**2 / 8)
            ),
        },
    ),
    "01.2": FunctionOf(
        {"eps": (-3, 3), "mu": (-2, 2), "sigma": (1, 2), "h": (0.1, 0.9)},
        lambda eps, mu, sigma, h: (
            (np.sin(mu + (sigma + h) * eps) - np.sin(mu + (sigma - h) * eps)) / (2 * h)
        ),
        {
            "this moves mu; here sigma has to move by h and -h.": (
                lambda eps, mu, sigma, h: (
                    (np.sin(mu + h + sigma * eps) - np.sin(mu - h + sigma * eps)) / (2 * h)
                )
            ),
            "the two points lie 2h apart; divide by 2h.": (
                lambda eps, mu, sigma, h: (
                    (np.sin(mu + (sigma + h) * eps) - np.sin(mu + (sigma - h) * eps)) / h
                )
            ),
            "this is a one-sided difference, with a bias of order h; step to both sides.": (
                lambda eps, mu, sigma, h: (
                    (np.sin(mu + (sigma + h) * eps) - np.sin(mu + sigma * eps)) / h
                )
            ),
            "the sign is flipped; subtract the lower point from the upper one.": (
                lambda eps, mu, sigma, h: (
                    (np.sin(mu + (sigma - h) * eps) - np.sin(mu + (sigma + h) * eps)) / (2 * h)
                )
            ),
            "this is the limit for h -> 0; we want the difference at the h that is given.": (
                lambda eps, mu, sigma, h: np.cos(mu + sigma * eps) * eps
            ),
        },
    ),
    "01.3": FunctionOf(
        {"phi": (-1, 1), "d_mu": (-2, 2), "d_sigma": (-2, 2)},
        lambda phi, d_mu, d_sigma: 3 * d_mu + 0.5 * np.exp(phi / 2) * d_sigma,
        {
            "the factor 1/2 from sigma = exp(phi/2) is missing.": (
                lambda phi, d_mu, d_sigma: 3 * d_mu + np.exp(phi / 2) * d_sigma
            ),
            "exp(phi) is the variance; the derivative of sigma = exp(phi/2) is needed.": (
                lambda phi, d_mu, d_sigma: 3 * d_mu + np.exp(phi) * d_sigma
            ),
            "the derivative of exp(phi/2) is exp(phi/2)/2: the exponent stays.": (
                lambda phi, d_mu, d_sigma: 3 * d_mu + 0.5 * np.exp(phi) * d_sigma
            ),
            "the derivatives of mu(phi) and sigma(phi) are missing.": (
                lambda phi, d_mu, d_sigma: d_mu + d_sigma
            ),
            "the values of mu and sigma stand where their derivatives belong.": (
                lambda phi, d_mu, d_sigma: 3 * phi * d_mu + np.exp(phi / 2) * d_sigma
            ),
            "phi moves sigma too; that term is missing.": lambda phi, d_mu, d_sigma: 3 * d_mu,
            "phi moves mu too; that term is missing.": (
                lambda phi, d_mu, d_sigma: 0.5 * np.exp(phi / 2) * d_sigma
            ),
            "the two terms are added, not subtracted.": (
                lambda phi, d_mu, d_sigma: 3 * d_mu - 0.5 * np.exp(phi / 2) * d_sigma
            ),
        },
    ),
    "01.4": best_step,
}


def density_with_moving_end(attempt):
    """Judge of a density on [0, theta]: E1 must be unbiased for r(z) = z, with finite variance."""
    if attempt is ...:
        return "not answered yet."
    if not callable(attempt):
        return f"expected a function of z, theta; received {attempt!r}."
    theta, t = np.random.default_rng().uniform(0.5, 2), (np.arange(2000) + 0.5) / 2000
    u, weights = t**2 * (3 - 2 * t), 6 * t * (1 - t) / 2000  # on [0, 1], dense at both ends

    def density(points, end):
        return np.array([attempt(point, end) for point in points], dtype=float)

    def objective(end):
        return end * u * density(end * u, end) @ weights * end

    try:
        if attempt(0.5 * theta, theta) is ...:
            return "not answered yet."
        step = 1e-7 * theta  # to the right, where a point of the support stays inside
        q, once, twice = (density(theta * u, theta + k * step) for k in range(3))
        e1 = theta * u * (4 * once - 3 * q - twice) / (2 * step) @ weights * theta
        truth = (objective(1.001 * theta) - objective(0.999 * theta)) / (0.002 * theta)
        far, near = density(theta * np.array([1 - 2e-5, 1 - 1e-5]), theta)
    except Exception as error:  # whatever a student's function may do
        return f"your function stopped with {type(error).__name__}: {error}."
    if not np.all(np.isfinite(q)) or np.any(q < 0) or np.any(q[100:-100] == 0):
        return "not yet: expected a positive number at every point inside (0, theta)."
    total = q @ weights * theta
    if not np.isclose(total, 1, rtol=0, atol=1e-3):
        return f"not yet: for theta = {theta:.3g} your density integrates to {total:.4g}, not 1."
    if not np.isclose(e1, truth, rtol=0, atol=2e-3):
        return (
            f"not yet: for theta = {theta:.3g} the mean of E1 is {e1:.3g}, and the truth is "
            f"{truth:.3g}; your density must vanish at theta, and jump nowhere."
        )
    if far < 2.1 * near:  # for q ~ (theta - z)^a, q*score^2 ~ (theta - z)^(a - 2): needs a > 1
        return "not yet: unbiased, but with infinite variance; vanish faster than linearly."
    return "right."


CHAPTER_02 = {
    "02.1": FunctionOf(
        {"z": (-3, 3), "mu": (-2, 2), "sigma": (0.5, 2)},
        lambda z, mu, sigma: ((z - mu) ** 2 - sigma**2) / sigma**3,
        {
            "the sign is flipped.": lambda z, mu, sigma: (sigma**2 - (z - mu) ** 2) / sigma**3,
            "this is the score for log sigma; the one for sigma has another 1/sigma.": (
                lambda z, mu, sigma: ((z - mu) ** 2 - sigma**2) / sigma**2
            ),
            "this is the score for the variance sigma^2; we want the one for sigma.": (
                lambda z, mu, sigma: ((z - mu) ** 2 - sigma**2) / (2 * sigma**4)
            ),
            "the factor 1/sigma of the density depends on sigma too; its log adds a term.": (
                lambda z, mu, sigma: (z - mu) ** 2 / sigma**3
            ),
            "the log is missing; this is the derivative of the density itself.": (
                lambda z, mu, sigma: (
                    ((z - mu) ** 2 - sigma**2) / sigma**3 * _normal_density(z, mu, sigma)
                )
            ),
            "this is the score for mu; we want the one for sigma.": (
                lambda z, mu, sigma: (z - mu) / sigma**2
            ),
        },
    ),
    "02.2": FunctionOf(
        {"z": (-3, 3), "phi": (-1, 1)},
        lambda z, phi: (z - phi + (z - phi) ** 2) * np.exp(-2 * phi) - 1,
        {
            "the sign is flipped.": (
                lambda z, phi: 1 - (z - phi + (z - phi) ** 2) * np.exp(-2 * phi)
            ),
            "this is the part that enters through mu; phi enters through sigma as well.": (
                lambda z, phi: (z - phi) * np.exp(-2 * phi)
            ),
            "this is the part that enters through sigma; phi enters through mu as well.": (
                lambda z, phi: (z - phi) ** 2 * np.exp(-2 * phi) - 1
            ),
            "the score for sigma must be multiplied by dsigma/dphi = exp(phi).": (
                lambda z, phi: (
                    (z - phi) * np.exp(-2 * phi) + (z - phi) ** 2 * np.exp(-3 * phi) - np.exp(-phi)
                )
            ),
            "the factor 1/sigma of the density depends on phi too; its log adds a term.": (
                lambda z, phi: (z - phi + (z - phi) ** 2) * np.exp(-2 * phi)
            ),
            "the log is missing; this is the derivative of the density itself.": (
                lambda z, phi: (
                    ((z - phi + (z - phi) ** 2) * np.exp(-2 * phi) - 1)
                    * _normal_density(z, phi, np.exp(phi))
                )
            ),
        },
    ),
    "02.3": FunctionOf(
        {"z1": (-3, 3), "z2": (-3, 3), "mu": (-2, 2), "sigma": (0.5, 2)},
        lambda z1, z2, mu, sigma: (z1**2 * (z1 - mu) + z2**2 * (z2 - mu)) / (2 * sigma**2),
        {
            "this is the product of two means; E1 is the mean of the products.": (
                lambda z1, z2, mu, sigma: (z1**2 + z2**2) * (z1 + z2 - 2 * mu) / (4 * sigma**2)
            ),
            "this is the sum over the draws; E1 is the mean.": (
                lambda z1, z2, mu, sigma: (z1**2 * (z1 - mu) + z2**2 * (z2 - mu)) / sigma**2
            ),
            "the sign is flipped.": (
                lambda z1, z2, mu, sigma: (z1**2 * (mu - z1) + z2**2 * (mu - z2)) / (2 * sigma**2)
            ),
            "the score for mu has sigma squared in the denominator.": (
                lambda z1, z2, mu, sigma: (z1**2 * (z1 - mu) + z2**2 * (z2 - mu)) / (2 * sigma)
            ),
            "the log is missing; the density itself was differentiated.": (
                lambda z1, z2, mu, sigma: (
                    (z1**2 * (z1 - mu) * _normal_density(z1, mu, sigma)) / (2 * sigma**2)
                    + (z2**2 * (z2 - mu) * _normal_density(z2, mu, sigma)) / (2 * sigma**2)
                )
            ),
            "this is the pathwise estimator E2; E1 uses r and the score.": (
                lambda z1, z2, mu, sigma: z1 + z2 + 0 * (mu + sigma)
            ),
        },
    ),
    "02.4": density_with_moving_end,
}


def misleads_pathwise(attempt):
    """Judge of a cost's text: at N(0.5, 1) the mean of E2 must have the wrong sign, for mu."""
    if attempt is ...:
        return "not answered yet."
    q = Gaussian(0.5, 1.0)
    try:
        cost = Cost(attempt)
        truth = exact_gradient(cost, q).mu
        mean = exact_value(Cost(cost.derivative_expression), q)
    except (ValueError, QuadratureError) as error:
        return f"not yet: {error}."
    numbers = f"the true gradient is {truth:.4g}, and E2 averages {mean:.4g}"
    if np.isclose(mean, truth, rtol=1e-7, atol=1e-9):
        return f"not yet: {numbers}. E2 is right here; what breaks the bridge?"
    if mean * truth > -1e-9:
        return f"not yet: {numbers}. E2 is wrong here, but it does not point the other way."
    return f"right. Here {numbers}."


def _normal_density(z, mu, sigma):
    return np.exp(-0.5 * ((z - mu) / sigma) ** 2) / (sigma * np.sqrt(2 * np.pi))


CHAPTER_03 = {
    "03.1": FunctionOf(
        {"eps": (-3, 3), "mu": (-2, 2), "sigma": (0.5, 2)},
        lambda eps, mu, sigma: np.cos(mu + sigma * eps) * eps,
        {
            "the factor eps = dz/dsigma is missing; this is the gradient for mu.": (
                lambda eps, mu, sigma: np.cos(mu + sigma * eps)
            ),
            "r itself stands where its derivative r' belongs.": (
                lambda eps, mu, sigma: np.sin(mu + sigma * eps) * eps
            ),
            "this is the score-function term E1; E2 differentiates r along the path.": (
                lambda eps, mu, sigma: np.sin(mu + sigma * eps) * (eps**2 - 1) / sigma
            ),
            "the point is z = mu + sigma*eps, with sigma, not its square.": (
                lambda eps, mu, sigma: np.cos(mu + sigma**2 * eps) * eps
            ),
            "this is the gradient for the variance sigma^2; we want the one for sigma.": (
                lambda eps, mu, sigma: np.cos(mu + sigma * eps) * eps / (2 * sigma)
            ),
            "the factor is dz/dsigma = eps; sigma is dz/deps.": (
                lambda eps, mu, sigma: np.cos(mu + sigma * eps) * sigma
            ),
            "the sign is flipped; the derivative of sin is +cos.": (
                lambda eps, mu, sigma: -np.cos(mu + sigma * eps) * eps
            ),
        },
    ),
    "03.2": FunctionOf(
        {"u": (0.05, 0.95), "k": (0.5, 3)},
        lambda u, k: -((-np.log(u)) ** (1 / k)) * np.log(-np.log(u)) / k**2,
        {
            "the sign is flipped; the derivative of 1/k is -1/k^2.": (
                lambda u, k: (-np.log(u)) ** (1 / k) * np.log(-np.log(u)) / k**2
            ),
            "the derivative of 1/k is -1/k^2; one factor 1/k is missing.": (
                lambda u, k: -((-np.log(u)) ** (1 / k)) * np.log(-np.log(u)) / k
            ),
            "the log is missing; the derivative of a^x is a^x log(a).": (
                lambda u, k: -((-np.log(u)) ** (1 / k)) / k**2
            ),
            "the factor z is missing; the derivative of a^x is a^x log(a).": (
                lambda u, k: -np.log(-np.log(u)) / k**2
            ),
            "this is the derivative for the base -log(u); here the exponent 1/k moves.": (
                lambda u, k: (-np.log(u)) ** (1 / k - 1) / k
            ),
            "this is the path z itself; we want its derivative dz/dk.": (
                lambda u, k: (-np.log(u)) ** (1 / k)
            ),
        },
    ),
    "03.3": FunctionOf(
        {"mu": (-2, 2), "sigma": (0.5, 2), "a": (0.5, 3), "c": (-2, 2)},
        lambda mu, sigma, a, c: a * _normal_density(c, mu, sigma),
        {
            "the sign is flipped; an upward step adds to the gradient.": (
                lambda mu, sigma, a, c: -a * _normal_density(c, mu, sigma)
            ),
            "the height a is missing.": lambda mu, sigma, a, c: _normal_density(c, mu, sigma),
            "1/sigma is missing; the density at c is that of N(mu, sigma^2).": (
                lambda mu, sigma, a, c: a * _normal_density((c - mu) / sigma, 0, 1)
            ),
            "the spread is sigma, not its square.": (
                lambda mu, sigma, a, c: a * _normal_density(c, mu, sigma**2)
            ),
            "this is the correction for sigma; for mu the speed dz/dmu is 1.": (
                lambda mu, sigma, a, c: a * _normal_density(c, mu, sigma) * (c - mu) / sigma
            ),
            "the density is wanted at the step c, not at 0.": (
                lambda mu, sigma, a, c: a * _normal_density(0, mu, sigma)
            ),
        },
    ),
    "03.4": misleads_pathwise,
}


def wrong_estimator(attempt):
    """Judge of 04.3: the letter of the one biased estimator."""
    if attempt is ...:
        return "not answered yet."
    return {
        "A": "not yet: A only subtracts a constant from r, and the mean of the score is 0.",
        "B": "right.",
        "C": "not yet: C is the mean of E1 at eps and E1 at -eps, so it is as unbiased as E1.",
    }.get(str(attempt), f"expected 'A', 'B' or 'C'; received {attempt!r}.")


def unbiased_estimator(attempt):
    """Judge of a new estimator: at quadrature nodes its mean must be the true gradient."""
    if attempt is ...:
        return "not answered yet."
    if not callable(attempt):
        return f"expected a function of cost, q, eps; received {attempt!r}."
    nodes, weights = np.polynomial.hermite_e.hermegauss(60)
    weights = weights / weights.sum()
    old = {"E1": score_function, "E2": pathwise}
    for cost, q in [(Cost("sin(z)"), Gaussian(-0.4, 0.6)), (Cost("z^2"), Gaussian(2, 1))]:
        try:
            terms = attempt(cost, q, nodes)
            if terms is ...:
                return "not answered yet."
            terms = np.array([np.asarray(part, dtype=float) for part in terms])
        except Exception as error:  # whatever a student's function may do
            return f"your function stopped with {type(error).__name__}: {error}."
        if terms.shape != (2, nodes.size):
            return "expected a Gradient of two arrays, each of the shape of eps."
        for name, estimator in old.items():
            if _agree(terms, estimator(cost, q, nodes)):
                return f"not yet: this is {name} itself; change the terms and keep their mean."
        for parameter, mean, truth in zip(
            Gradient._fields, terms @ weights, exact_gradient(cost, q), strict=True
        ):
            if not _agree(mean, truth):
                return (
                    f"not yet: for {cost.name} at N({q.mu:g}, {q.sigma:g}^2) the mean of your "
                    f"d/d{parameter} is {mean:.4g}, and the true gradient is {truth:.4g}."
                )
    variance = round(weights @ (terms[0] - weights @ terms[0]) ** 2, 6)
    return f"right. Its variance is {variance:g} for z^2 at N(2, 1^2), d/dmu (E1: 87, E2: 4)."


CHAPTER_04 = {
    "04.1": FunctionOf(
        {"v1": (10, 90), "v2": (1, 4), "c": (-2, 2), "M": (10, 1000)},
        lambda v1, v2, c, M: np.sqrt((v1 + v2 - 2 * c) / M),
        {
            "the same draws make the averages correlated; the covariance c is missing.": (
                lambda v1, v2, c, M: np.sqrt((v1 + v2) / M)
            ),
            "this is for the sum; for a difference the sign of c is flipped.": (
                lambda v1, v2, c, M: np.sqrt((v1 + v2 + 2 * c) / M)
            ),
            "the covariance counts twice.": lambda v1, v2, c, M: np.sqrt((v1 + v2 - c) / M),
            "variances add, also for a difference.": (
                lambda v1, v2, c, M: np.sqrt((v1 - v2 - 2 * c) / M)
            ),
            "this is the variance; the standard error is its square root.": (
                lambda v1, v2, c, M: (v1 + v2 - 2 * c) / M
            ),
            "this is the spread of one sample's difference; M of them are averaged.": (
                lambda v1, v2, c, M: np.sqrt(v1 + v2 - 2 * c)
            ),
            "M belongs under the root.": lambda v1, v2, c, M: np.sqrt(v1 + v2 - 2 * c) / M,
            "standard errors do not add; variances do, with the covariance.": (
                lambda v1, v2, c, M: np.sqrt(v1 / M) + np.sqrt(v2 / M)
            ),
            "standard errors do not subtract; add the variances, with the covariance.": (
                lambda v1, v2, c, M: np.sqrt(v1 / M) - np.sqrt(v2 / M)
            ),
            "the divisor M - 1 serves to estimate variances; here they are known.": (
                lambda v1, v2, c, M: np.sqrt((v1 + v2 - 2 * c) / (M - 1))
            ),
        },
    ),
    "04.2": FunctionOf(
        {"variance": (1, 100), "s": (0.05, 0.5)},
        lambda variance, s: np.ceil(variance / s**2),
        {
            "M is a whole number: round up.": lambda variance, s: variance / s**2,
            "rounded down, M is one too small: round up.": (
                lambda variance, s: np.floor(variance / s**2)
            ),
            "rounded to the nearest, M is sometimes one too small: round up.": (
                lambda variance, s: np.round(variance / s**2)
            ),
            "s has to be squared: solve sqrt(variance / M) = s for M.": (
                lambda variance, s: np.ceil(variance / s)
            ),
            "the square root is still there: solve sqrt(variance / M) = s for M.": (
                lambda variance, s: np.ceil(np.sqrt(variance) / s)
            ),
            "the variance is a square already: do not square it again.": (
                lambda variance, s: np.ceil((variance / s) ** 2)
            ),
        },
    ),
    "04.3": wrong_estimator,
    "04.4": unbiased_estimator,
}

EXERCISES = CHAPTER_00 | CHAPTER_01 | CHAPTER_02 | CHAPTER_03 | CHAPTER_04
