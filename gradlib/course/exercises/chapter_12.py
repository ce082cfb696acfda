"""Exercises of chapter 12, Training a VAE."""

import numpy as np

from gradlib.arguments import shorten
from gradlib.course.judges import Array, FunctionOf, Verdict, agree, careful, judge, say


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
    "12.1": FunctionOf(
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
    "12.2": FunctionOf(
        {"a": Array(24, 26), "b": Array(24, 26)},
        "m / sqrt(v / n)",
        {
            "the sign is flipped: we ask for b - a.": "-right",
            "this divides by the standard deviation; that of a mean is smaller by sqrt(n).": (
                "m / sqrt(v)"
            ),
            "this divides by the variance; take its square root.": "m / (v / n)",
            "the variance is divided by n - 1, as it is about a sampled mean.": (
                "m / sqrt(v * (n - 1) / n**2)"
            ),
            "this treats a and b as independent; take the variance of the differences b - a.": (
                "m / sqrt((sum((a - sum(a) / n)**2) + sum((b - sum(b) / n)**2)) / (n * (n - 1)))"
            ),
            "this is the mean difference; divide it by its standard error.": "m",
            "this is the standard error; we ask how many of them the mean is away from 0.": (
                "sqrt(v / n)"
            ),
        },
        where={
            "n": "size(a)",
            "m": "sum(b - a) / n",
            "v": "sum((b - a - m)**2) / (n - 1)",
        },
    ),
    "12.3": forgiving_likelihood,
}
