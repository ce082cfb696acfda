"""Exercises of chapter 09, The gradient of a VAE's negative log-likelihood."""

import numpy as np

from gradlib.course.judges import FunctionOf, NotAnsweredError, agree, judge


def _share(a, b):
    return 1 / (1 + np.exp(b - a))


SHARE = FunctionOf(
    {"a": (-32, -30), "b": (-32, -30)},
    _share,
    {
        "this is the weight itself; divide by the sum of both.": lambda a, b: np.exp(a) + 0 * b,
        "this is the share of the second sample.": lambda a, b: _share(b, a),
        "these are shares of the log weights; take np.exp of them first.": (
            lambda a, b: a / (a + b)
        ),
        "this is the ratio of the two weights; divide by the sum of both.": (
            lambda a, b: np.exp(a - b)
        ),
        "this is the logarithm of the share.": lambda a, b: np.log(_share(a, b)),
    },
)


@judge
def share_of_tiny_weights(attempt):
    """The first of two importance weights over their sum, from logarithms far below zero."""
    verdict = SHARE.compare(attempt)
    if verdict != "right.":
        return verdict
    with np.errstate(all="ignore"):
        found = float(attempt(-1001.0, -1000.0))
    if not agree(found, _share(-1001.0, -1000.0)):
        return (
            f"not yet: at a = -1001, b = -1000 it gives {found:.4g}, because np.exp(-1000) is 0; "
            "only the difference of a and b matters, so subtract first."
        )
    return verdict


@judge
def likelihood(attempt):
    """A class with `nll` and `slope`: exp(-nll) is a density in x, the slope its derivative."""
    rng, h = np.random.default_rng(), 1e-5
    output, x = rng.normal(size=(2, 7, 3))
    nll, slope = attempt.nll(output, x), attempt.slope(output, x)
    if nll is ... or slope is ...:
        raise NotAnsweredError
    if np.shape(nll) != (7,) or np.shape(slope) != (7, 3):
        return (
            "not yet: for 7 images of 3 pixels nll must have shape (7,) and slope (7, 3); "
            f"received {np.shape(nll)} and {np.shape(slope)}."
        )
    step = h * np.array([1.0, 0.0, 0.0])
    difference = (attempt.nll(output + step, x) - attempt.nll(output - step, x)) / (2 * h)
    off = np.argmax(np.abs(slope[:, 0] - difference))
    if not np.allclose(slope[:, 0], difference, rtol=1e-4, atol=1e-6):
        return (
            f"not yet: the slope is {slope[off, 0]:.4g} where the NLL has {difference[off]:.4g}, "
            "by differences in the output."
        )
    t = np.linspace(-9.5, 9.5, 100_001)  # x = sinh(t): far out for heavy tails
    line = output[0, 0] + np.sinh(t)
    density = np.exp(-attempt.nll(np.full((t.size, 1), output[0, 0]), line[:, np.newaxis]))
    total = np.trapezoid(density * np.cosh(t), t)
    if not abs(total - 1) < 1e-3:
        return (
            f"not yet: the density of one pixel has the integral {total:.4g} and must have 1; "
            "a constant is missing in nll, or added once for an image instead of each pixel."
        )
    two = attempt.nll(np.zeros((1, 2)), np.array([[1.0, -2.0]]))
    apart = attempt.nll(np.zeros((2, 1)), np.array([[1.0], [-2.0]])).sum()
    if not agree(two, apart):
        return "not yet: the NLL of two pixels must be the sum of their NLLs, constants included."
    far = attempt.slope(np.zeros((2, 1)), np.array([[1.0], [10.0]]))[:, 0]
    pull = abs(far[1] / far[0])
    words = "it forgives outliers" if pull < 5 else "it does not forgive outliers yet"
    return f"right. A pixel 10 away pulls {pull:.3g} times as hard as a pixel 1 away: {words}."


EXERCISES = {
    "09.1": FunctionOf(
        {
            "x": (0.5, 2),
            "w": (-1, 1),
            "sigma": (0.5, 2),
            "v": (0.5, 2),
            "s": (0.3, 0.8),
            "eps": (-2, 2),
        },
        lambda x, w, sigma, v, s, eps: x * v * (v * (w * x + sigma * eps) - x) / s**2,
        {
            "the sign is flipped: this is the gradient of log p, and the NLL is -log p.": (
                lambda x, w, sigma, v, s, eps: -x * v * (v * (w * x + sigma * eps) - x) / s**2
            ),
            "this stops at mu; the last step, from mu = w x to w, gives a factor x.": (
                lambda x, w, sigma, v, s, eps: v * (v * (w * x + sigma * eps) - x) / s**2
            ),
            "the way back through the decoder gives a factor v.": (
                lambda x, w, sigma, v, s, eps: x * (v * (w * x + sigma * eps) - x) / s**2
            ),
            "the noise scale s has to be squared.": (
                lambda x, w, sigma, v, s, eps: x * v * (v * (w * x + sigma * eps) - x) / s
            ),
            "the noise scale s is missing.": (
                lambda x, w, sigma, v, s, eps: x * v * (v * (w * x + sigma * eps) - x)
            ),
            "this is the slope at z = mu; one sample has z = mu + sigma*eps.": (
                lambda x, w, sigma, v, s, eps: x * v * (v * w * x - x) / s**2 + 0 * sigma * eps
            ),
            "this has the extra factor eps, which belongs to sigma; mu moves all z alike.": (
                lambda x, w, sigma, v, s, eps: x * v * (v * (w * x + sigma * eps) - x) / s**2 * eps
            ),
            "the square's derivative gives a factor 2, which the 1/2 of the NLL removes.": (
                lambda x, w, sigma, v, s, eps: 2 * x * v * (v * (w * x + sigma * eps) - x) / s**2
            ),
        },
    ),
    "09.2": FunctionOf(
        {"nll": (10, 30), "b": (10, 30), "eps": (-2, 2), "sigma": (0.3, 0.8)},
        lambda nll, b, eps, sigma: (nll - b) * (eps**2 - 1) + 0 * sigma,
        {
            "this is for sigma; as sigma = exp(s), d/ds = sigma d/dsigma.": (
                lambda nll, b, eps, sigma: (nll - b) * (eps**2 - 1) / sigma
            ),
            "d/ds = sigma d/dsigma: the sigma cancels, and here it was multiplied twice.": (
                lambda nll, b, eps, sigma: (nll - b) * (eps**2 - 1) * sigma
            ),
            "this is for mu; the score for sigma has eps^2 - 1.": (
                lambda nll, b, eps, sigma: (nll - b) * eps / sigma
            ),
            "the baseline is to be subtracted from the NLL.": (
                lambda nll, b, eps, sigma: (nll + b) * (eps**2 - 1) + 0 * sigma
            ),
            "the baseline is missing.": (
                lambda nll, b, eps, sigma: nll * (eps**2 - 1) + 0 * sigma * b
            ),
            "the -1 of the score for sigma is missing; without it the mean is not 0.": (
                lambda nll, b, eps, sigma: (nll - b) * eps**2 + 0 * sigma
            ),
            "the sign is flipped: this is the gradient of the log-likelihood.": (
                lambda nll, b, eps, sigma: -(nll - b) * (eps**2 - 1) + 0 * sigma
            ),
        },
    ),
    "09.3": share_of_tiny_weights,
    "09.4": likelihood,
}
