"""Exercises of chapter 01, The gradient of an expectation."""

import numpy as np

from gradlib.course.judges import POINTS, FunctionOf, function_of, judge, number


@judge(function_of("M"))
def best_step(attempt):
    """A step h(M), for whole M, whose RMS error is within 0.1 % of the smallest one possible."""
    M = (10 ** np.random.default_rng().uniform(3, 6, POINTS)).astype(int)
    h = np.array([number(attempt(int(m))) for m in M])
    if not np.all((h > 0) & np.isfinite(h)):
        return "not yet: h must be positive for each M."

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


EXERCISES = {
    "01.1": FunctionOf(
        {"mu": (-2, 2), "sigma": (0.5, 2)},
        "exp(mu/2 + sigma**2/8)",
        {
            "this is r(E[Z]); the spread of Z raises the mean of a convex cost.": "exp(mu/2)",
            "square the 1/2 of the exponent in the sigma^2 term.": "exp(mu/2 + sigma**2/2)",
            "one factor 1/2 is missing in the sigma^2 term.": "exp(mu/2 + sigma**2/4)",
            "sigma stands where sigma^2 belongs.": "exp(mu/2 + sigma/8)",
            "the sign of the sigma^2 term is flipped.": "exp(mu/2 - sigma**2/8)",
            "this is E[exp(Z)]; the cost is exp(Z/2).": "exp(mu + sigma**2/2)",
            "this is the logarithm of J; take exp of it.": "mu/2 + sigma**2/8",
            "this is dJ/dmu; we want J itself.": "right / 2",
        },
    ),
    "01.2": FunctionOf(
        {"eps": (-3, 3), "mu": (-2, 2), "sigma": (1, 2), "h": (0.1, 0.9)},
        "(up - down) / (2*h)",
        {
            "this moves mu; move sigma by h and -h.": "(sin(z + h) - sin(z - h)) / (2*h)",
            "the two points lie 2h apart; divide by 2h.": "(up - down) / h",
            "Python reads .../2*h as (.../2)*h; put 2*h in brackets.": "(up - down) / 2*h",
            "this is a one-sided difference; step to both sides.": "(up - sin(z)) / h",
            "the sign is flipped; subtract the lower point from the upper one.": "-right",
            "this is the limit for h -> 0; we want the difference at this h.": "cos(z) * eps",
        },
        where={"z": "mu + sigma*eps", "up": "sin(z + h*eps)", "down": "sin(z - h*eps)"},
    ),
    "01.3": FunctionOf(
        {"phi": (-1, 1), "d_mu": (-2, 2), "d_sigma": (-2, 2)},
        "3*d_mu + sigma/2*d_sigma",
        {
            "the factor 1/2 from sigma = exp(phi/2) is missing.": "3*d_mu + sigma*d_sigma",
            "the factor 3 from mu = 3 phi is missing.": "d_mu + sigma/2*d_sigma",
            "exp(phi) is the variance; sigma is exp(phi/2).": "3*d_mu + exp(phi)*d_sigma",
            "the derivative of exp(phi/2) is exp(phi/2)/2.": "3*d_mu + exp(phi)/2*d_sigma",
            "the derivatives of mu(phi) and sigma(phi) are missing.": "d_mu + d_sigma",
            "mu and sigma stand where their derivatives belong.": "3*phi*d_mu + sigma*d_sigma",
            "phi moves sigma too; that term is missing.": "3*d_mu",
            "phi moves mu too; that term is missing.": "sigma/2*d_sigma",
            "the two terms are added, not subtracted.": "3*d_mu - sigma/2*d_sigma",
        },
        where={"sigma": "exp(phi/2)"},
    ),
    "01.4": best_step,
}
