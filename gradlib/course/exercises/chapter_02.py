"""Exercises of chapter 02, The score-function identity."""

import numpy as np

from gradlib.course.judges import FunctionOf, function_of, judge, number, say


@judge(function_of("z, theta"))
def density_with_moving_end(attempt):
    """A density on [0, theta]: E1 must be unbiased for r(z) = z, with finite variance.

    The mean of E1 misses theta q(theta). So q must vanish at the end, like (theta - z)^a with
    a > 0; then q score^2 goes like (theta - z)^(a - 2), whose integral is finite for a > 1.
    """
    theta, s = np.random.default_rng().uniform(0.5, 2), np.linspace(-30, 16, 8001)
    u, rest = 1 / (1 + np.exp(-s)), 1 / (1 + np.exp(s))  # z = theta*u, dense at both ends
    weights = u * rest * (s[1] - s[0])

    def density(points, ends):
        pairs = np.broadcast(points, ends)
        return np.array([number(attempt(float(z), float(end))) for z, end in pairs])

    def objective(end):
        return end * u * density(end * u, end) @ weights * end

    q = density(theta * u, theta)
    if not np.all(np.isfinite(q)) or np.any(q < 0) or np.any(q[np.abs(s) < 4] == 0):
        return "not yet: expected a positive number at every point inside (0, theta)."
    total = q @ weights * theta
    if not np.isclose(total, 1, rtol=0, atol=1e-3):
        return f"not yet: for theta = {say(theta)} your density integrates to {say(total)}, not 1."

    ends = theta * (1 + np.outer([1e-6, -1e-6], rest))  # the nearer to the end, the smaller a step
    up, down = (density(theta * u, end) for end in ends)
    score_terms = theta * u * (up - down) / (ends[0] - ends[1])
    last = np.flatnonzero(q)[-1]  # far away from the end for one that vanishes very fast
    power = np.log(q[last - 800] / q[last]) / np.log(rest[last - 800] / rest[last])
    beyond = theta * q[-1] if power > 0.01 else 0.0  # between the last point and the end
    e1 = score_terms @ weights * theta + beyond
    truth = (objective(1.001 * theta) - objective(0.999 * theta)) / (0.002 * theta)
    if power < -0.01:
        return "not yet: your density grows without bound at theta, and must vanish there."
    if not np.isclose(e1, truth, rtol=0, atol=3e-3):
        if power > 0.01:
            return "not yet: your density jumps inside, so that E1 is biased; let it be continuous."
        return (
            f"not yet: for theta = {say(theta)} the mean of E1 is {e1:.3g}, and the truth is "
            f"{truth:.3g}; your density must vanish at theta."
        )
    if power < 1.001:
        return (
            "not yet: unbiased, but with infinite variance: near theta it goes like "
            f"(theta - z)^{power:.2g}, and must vanish faster."
        )
    return "right."


EXERCISES = {
    "02.1": FunctionOf(
        {"z": (-3, 3), "mu": (-2, 2), "sigma": (0.5, 2)},
        "((z - mu)**2 - sigma**2) / sigma**3",
        {
            "the sign is flipped.": "-right",
            "this is the score for log sigma; we want the one for sigma.": "right * sigma",
            "this is the score for sigma^2; we want the one for sigma.": "right / (2*sigma)",
            "the factor 1/sigma of the density adds a term.": "(z - mu)**2 / sigma**3",
            "the log is missing; this is the derivative of the density.": "right * q",
            "this is the score for mu; we want the one for sigma.": "(z - mu) / sigma**2",
        },
        where={"q": "normal_density(z, mu, sigma)"},
    ),
    "02.2": FunctionOf(
        {"z": (-3, 3), "phi": (-1, 1)},
        "eps / sigma + eps**2 - 1",
        {
            "the sign is flipped.": "-right",
            "this is the part through mu; phi enters through sigma as well.": "eps / sigma",
            "this is the part through sigma; phi enters through mu as well.": "eps**2 - 1",
            "multiply the score for sigma by dsigma/dphi.": "eps / sigma + (eps**2 - 1) / sigma",
            "the factor 1/sigma of the density adds a term.": "eps / sigma + eps**2",
            "the log is missing; this is the derivative of the density.": "right * q",
        },
        where={
            "sigma": "exp(phi)",
            "eps": "(z - phi) / sigma",
            "q": "normal_density(z, phi, sigma)",
        },
    ),
    "02.3": FunctionOf(
        {"z1": (-3, 3), "z2": (-3, 3), "mu": (-2, 2), "sigma": (0.5, 2)},
        "(z1**2 * s1 + z2**2 * s2) / 2",
        {
            "this multiplies two means; average the products.": "(z1**2 + z2**2) * (s1 + s2) / 4",
            "this is the sum over the draws; E1 is the mean.": "2 * right",
            "the sign is flipped.": "-right",
            "the score for mu has sigma squared in the denominator.": "right * sigma",
            "the log is missing in the derivative of log q.": (
                "(z1**2 * s1 * q1 + z2**2 * s2 * q2) / 2"
            ),
            "this is the pathwise estimator E2; E1 uses r and the score.": "z1 + z2",
        },
        where={
            "s1": "(z1 - mu) / sigma**2",
            "s2": "(z2 - mu) / sigma**2",
            "q1": "normal_density(z1, mu, sigma)",
            "q2": "normal_density(z2, mu, sigma)",
        },
    ),
    "02.4": density_with_moving_end,
}
