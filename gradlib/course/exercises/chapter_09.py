"""Exercises of chapter 09, The gradient of a VAE's negative log-likelihood."""

import numpy as np

from gradlib.arguments import shorten
from gradlib.course.judges import FunctionOf, Verdict, agree, careful, judge, say


def methods(attempt):
    """The nll and the slope of a likelihood."""
    found = [getattr(attempt, name, None) for name in ("nll", "slope")]
    if isinstance(attempt, type) or not all(map(callable, found)):
        raise Verdict(
            "expected an object with the methods nll and slope, such as MyLikelihood(); "
            f"received {shorten(attempt)}."
        )
    return map(careful, found)


@judge(methods)
def forgiving_likelihood(both):
    """An object with `nll` and `slope`: exp(-nll) is a density in x, the slope its derivative in
    the output, and an outlier's pull |slope| does not grow with its distance."""
    nll, slope = both
    rng, h = np.random.default_rng(), 1e-5
    output, x = rng.normal(size=(2, 7, 3))
    found = nll(output, x), slope(output, x)
    shapes = [np.shape(f) for f in found]
    if shapes != [(7,), (7, 3)]:
        return (
            "not yet: for 7 images of 3 pixels nll must have shape (7,) and slope (7, 3); "
            f"received {shapes[0]} and {shapes[1]}."
        )
    step = h * np.array([1.0, 0.0, 0.0])
    difference = (nll(output + step, x) - nll(output - step, x)) / (2 * h)
    ours = found[1][:, 0]
    if not np.allclose(ours, difference, rtol=1e-4, atol=1e-6):
        if np.allclose(ours, -difference, rtol=1e-4, atol=1e-6):
            return "not yet: the sign of the slope is flipped; it is the derivative in the output."
        off = np.argmax(np.abs(ours - difference))
        return (
            f"not yet: the slope is {say(ours[off], difference[off])} where the NLL has "
            f"{say(difference[off], ours[off])}, by differences in the output."
        )
    t = np.linspace(-9.5, 9.5, 100_001)  # x = sinh(t): far out for heavy tails
    line = output[0, 0] + np.sinh(t)[:, np.newaxis]
    log_density = -nll(np.full_like(line, output[0, 0]), line)
    total, mirrored = (np.trapezoid(np.exp(sign * log_density) * np.cosh(t), t) for sign in (1, -1))
    if not abs(total - 1) < 1e-3:
        if abs(mirrored - 1) < 1e-3:
            return "not yet: this is the log-likelihood; the NLL is minus that."
        return (
            f"not yet: the density of one pixel has the integral {say(total)} and must have 1; "
            "a constant is missing in nll, or added once for an image instead of each pixel."
        )
    two = nll(np.zeros((1, 2)), np.array([[1.0, -2.0]]))
    apart = nll(np.zeros((2, 1)), np.array([[1.0], [-2.0]])).sum()
    if not agree(two, [apart]):
        return "not yet: the NLL of two pixels must be the sum of their NLLs, constants included."
    outliers = np.array([[100.0], [-100.0], [1000.0], [-1000.0]])
    near, far = np.abs(slope(np.zeros((4, 1)), outliers)).reshape(2, 2)
    ratio = np.max(far / near)  # of the side where it is worse
    words = f"a pixel 1000 away pulls {say(ratio)} times as hard as a pixel 100 away"
    if not ratio <= 1.01:
        return f"not yet: this is a density, but it does not forgive outliers: {words}."
    return f"right. It forgives outliers: {words}."


EXERCISES = {
    "09.1": FunctionOf(
        {"x": (1, 2), "w": (-1, 1), "sigma": (1, 2), "v": (1, 2), "s": (0.3, 0.8), "eps": (-2, 2)},
        "x * v * (v*z - x) / s**2",
        {
            "the sign is flipped: this is the gradient of log p, and the NLL is -log p.": "-right",
            "this stops at mu; the last step, from mu = w x to w, gives a factor x.": "right / x",
            "the way back through the decoder gives a factor v.": "right / v",
            "the noise scale s has to be squared.": "right * s",
            "the noise scale s is missing.": "right * s**2",
            "this is the slope at z = mu; put z = mu + sigma*eps.": "x * v * (v*w*x - x) / s**2",
            "the factor eps belongs to sigma; mu moves all z alike.": "right * eps",
            "the 1/2 of the NLL removes the factor 2.": "2 * right",
        },
        where={"z": "w*x + sigma*eps"},
    ),
    "09.2": FunctionOf(
        {"nll": (10, 30), "b": (10, 30), "eps": (-2, 2), "sigma": (0.3, 0.8)},
        "(nll - b) * (eps**2 - 1)",
        {
            "this is for sigma; as sigma = exp(s), d/ds = sigma d/dsigma.": "right / sigma",
            "sigma cancels in d/ds = sigma d/dsigma; this has one too many.": "right * sigma",
            "this is for mu; the score for sigma has eps^2 - 1.": "(nll - b) * eps / sigma",
            "the baseline is to be subtracted from the NLL.": "(nll + b) * (eps**2 - 1)",
            "the baseline is missing.": "nll * (eps**2 - 1)",
            "the -1 of the score is missing; so its mean is not 0.": "(nll - b) * eps**2",
            "the sign is flipped: this is the gradient of the log-likelihood.": "-right",
        },
    ),
    "09.3": FunctionOf(
        {"a": [(-2, 0), (-1002, -1000)], "b": [(-2, 0), (-1002, -1000)]},
        "1 / (1 + exp(b - a))",
        {
            "np.exp(-1000) is 0: subtract first, only a - b matters.": "exp(a) / (exp(a) + exp(b))",
            "this is the weight itself; divide by the sum of both.": "exp(a)",
            "this is the share of the second sample.": "1 - right",
            "these are shares of the log weights; take np.exp of them first.": "a / (a + b)",
            "this is the ratio of the two weights; divide by the sum of both.": "exp(a - b)",
            "this is the logarithm of the share.": "a - logaddexp(a, b)",
        },
    ),
    "09.4": forgiving_likelihood,
}
