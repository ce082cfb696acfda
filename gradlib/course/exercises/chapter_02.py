"""Exercises of chapter 02, The score-function identity."""

import numpy as np

from gradlib.course.judges import FunctionOf, judge, normal_density, values


@judge
def density_with_moving_end(attempt):
    """A density on [0, theta]: E1 must be unbiased for r(z) = z, with finite variance."""
    if not callable(attempt):
        return f"expected a function of z, theta; received {attempt!r}."
    theta, t = np.random.default_rng().uniform(0.5, 2), (np.arange(2000) + 0.5) / 2000
    u, weights = t**2 * (3 - 2 * t), 6 * t * (1 - t) / 2000  # on [0, 1], dense at both ends

    def density(points, end):
        return values(attempt, points, np.full(points.shape, end))

    def objective(end):
        return end * u * density(end * u, end) @ weights * end

    step = 1e-7 * theta  # to the right, where a point of the support stays inside
    q, once, twice = (density(theta * u, theta + k * step) for k in range(3))
    e1 = theta * u * (4 * once - 3 * q - twice) / (2 * step) @ weights * theta
    truth = (objective(1.001 * theta) - objective(0.999 * theta)) / (0.002 * theta)
    far, near = density(theta * np.array([1 - 2e-5, 1 - 1e-5]), theta)
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


EXERCISES = {
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
                    ((z - mu) ** 2 - sigma**2) / sigma**3 * normal_density(z, mu, sigma)
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
                    * normal_density(z, phi, np.exp(phi))
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
                    (z1**2 * (z1 - mu) * normal_density(z1, mu, sigma)) / (2 * sigma**2)
                    + (z2**2 * (z2 - mu) * normal_density(z2, mu, sigma)) / (2 * sigma**2)
                )
            ),
            "this is the pathwise estimator E2; E1 uses r and the score.": (
                lambda z1, z2, mu, sigma: z1 + z2 + 0 * (mu + sigma)
            ),
        },
    ),
    "02.4": density_with_moving_end,
}
