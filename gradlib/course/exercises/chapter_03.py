"""Exercises of chapter 03, The reparameterization identity."""

import numpy as np

from gradlib.course.judges import FunctionOf, formula, judge, say
from gradlib.estimators import pathwise
from gradlib.exact import exact_gradient, exact_mean
from gradlib.gaussian import Gaussian


@judge(formula)
def misleads_pathwise(cost):
    """A cost: at N(0.5, 1) the mean of E2 must have the wrong sign, for mu."""
    q = Gaussian(0.5, 1.0)
    truth, mean = exact_gradient(cost, q).mu, exact_mean(pathwise, cost, q).mu
    if np.isclose(mean, truth, rtol=1e-7, atol=1e-9):
        return (
            f"not yet: the true gradient is {say(truth)}, and so is the mean of E2. E2 is right "
            "here; what breaks the bridge?"
        )
    numbers = f"the true gradient is {say(truth, mean)}, and E2 averages {say(mean, truth)}"
    if mean * truth > -1e-9:
        return f"not yet: {numbers}. E2 is wrong here, but it does not point the other way."
    return f"right. Here {numbers}."


EXERCISES = {
    "03.1": FunctionOf(
        {"eps": (-3, 3), "mu": (-2, 2), "sigma": (0.5, 2)},
        "cos(z) * eps",
        {
            "the factor eps = dz/dsigma is missing; this is the gradient for mu.": "cos(z)",
            "r itself stands where its derivative r' belongs.": "sin(z) * eps",
            "this is a term of E1; E2 differentiates r.": "sin(z) * (eps**2 - 1) / sigma",
            "the point is mu + sigma*eps, with sigma itself.": "cos(mu + sigma**2 * eps) * eps",
            "this is the gradient for sigma^2; we want the one for sigma.": "right / (2*sigma)",
            "the factor is dz/dsigma = eps; sigma is dz/deps.": "cos(z) * sigma",
            "the sign is flipped; the derivative of sin is +cos.": "-right",
        },
        where={"z": "mu + sigma*eps"},
    ),
    "03.2": FunctionOf(
        {"u": (0.05, 0.95), "k": (0.5, 3)},
        "-z * log(a) / k**2",
        {
            "the sign is flipped; the derivative of 1/k is -1/k^2.": "-right",
            "the derivative of 1/k is -1/k^2; one factor 1/k is missing.": "right * k",
            "the log is missing; the derivative of a^x is a^x log(a).": "-z / k**2",
            "the factor z is missing; the derivative of a^x is a^x log(a).": "-log(a) / k**2",
            "this is for a base that moves; here the exponent 1/k moves.": "a ** (1/k - 1) / k",
            "this is the path z itself; we want its derivative dz/dk.": "z",
        },
        where={"a": "-log(u)", "z": "a ** (1/k)"},
    ),
    "03.3": FunctionOf(
        {"mu": (-2, 2), "sigma": (0.5, 2), "a": (0.5, 3), "c": (-2, 2)},
        "a * normal_density(c, mu, sigma)",
        {
            "the sign is flipped; an upward step adds to the gradient.": "-right",
            "the height a is missing.": "right / a",
            "1/sigma is missing; the density at c is that of N(mu, sigma^2).": "right * sigma",
            "the spread is sigma, not its square.": "a * normal_density(c, mu, sigma**2)",
            "this is the correction for sigma; for mu, dz/dmu is 1.": "right * (c - mu) / sigma",
            "the density is wanted at the step c, not at 0.": "a * normal_density(0, mu, sigma)",
        },
    ),
    "03.4": misleads_pathwise,
}
