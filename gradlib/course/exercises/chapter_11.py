"""Exercises of chapter 11, The NLL gradient of a VAE."""

from gradlib.cost import Cost
from gradlib.course.judges import FunctionOf, formula, judge, say
from gradlib.estimators import pathwise, score_function
from gradlib.exact import exact_variance
from gradlib.gap import variance_gap
from gradlib.gaussian import Gaussian

Q = Gaussian(0.5, 1.0)


@judge(formula)
def decoder_where_the_score_function_wins(decoder):
    """A decoder g(z) without sine and cosine: for the NLL of x = 0.3 under N(g(z), 1) the score
    function must win for mu."""
    import sympy as sp

    if decoder.expression.has(sp.sin, sp.cos):
        return "not yet: this decoder has a sine or a cosine; we ask for one without."
    nll = Cost((sp.Rational(3, 10) - decoder.expression) ** 2 / 2 + sp.log(2 * sp.pi) / 2)
    variance_gap(nll, Q)  # refuses a step: there the pathwise estimator is biased
    score, path = (exact_variance(f, nll, Q).mu for f in (score_function, pathwise))
    words = f"the variances for mu are {say(score, path)} (E1) and {say(path, score)} (E2)."
    if score < path:
        return f"right. Here {words}"
    return f"not yet: {words} Pathwise is no worse; a steeper g, with a small NLL, would hurt it."


EXERCISES = {
    "11.1": FunctionOf(
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
    "11.2": FunctionOf(
        {"nll": (10, 30), "b": (10, 30), "eps": (-2, 2), "sigma": (0.3, 0.8)},
        "(nll - b) * (eps**2 - 1)",
        {
            "this is for sigma; d/d(log sigma) = sigma d/dsigma.": "right / sigma",
            "sigma cancels, as d/d(log sigma) = sigma d/dsigma; drop it.": "right * sigma",
            "this is for mu; the score for sigma has eps^2 - 1.": "(nll - b) * eps / sigma",
            "the baseline is to be subtracted from the NLL.": "(nll + b) * (eps**2 - 1)",
            "the baseline is missing.": "nll * (eps**2 - 1)",
            "the -1 of the score is missing; so its mean is not 0.": "(nll - b) * eps**2",
            "the sign is flipped: this is the gradient of the log-likelihood.": "-right",
        },
    ),
    "11.3": decoder_where_the_score_function_wins,
}
