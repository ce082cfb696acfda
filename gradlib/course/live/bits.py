"""Exact moments of the estimators for one bit, over logits and temperatures, for temperature.js.

With the cost (z - t)^2 means and variances are polynomials in t: a few coefficients say all.
"""

import numpy as np

from gradlib.cost import Cost
from gradlib.discrete import (
    Bernoulli,
    concrete,
    exact_gradient,
    exact_mean,
    exact_variance,
    leave_one_out,
    rebar,
    score_function,
    straight_through,
)

COSTS = {t: Cost(f"(z - {t})^2") for t in np.linspace(0, 1, 5)}
LOGITS = (-2.0, -1.0, 0.0, 1.0, 2.0)
KINDS = (  # with their evaluations of the cost for a term
    ("score", "score function", 1),
    ("loo", "leave-one-out", 2),
    ("straight", "straight-through", 1),
    ("concrete", "concrete", 1),
    ("rebar", "REBAR", 4),
)
LOG10_TEMPERATURES = np.linspace(-1.5, 0.5, 9).round(2).tolist()


def bits():
    """{"kinds", "steps", "logits": {logit: {"gradient", "bias", "variance"}}}, steps in log10 T.

    Biases and variances are by estimator, a list over the temperatures. Each number is a list of
    the coefficients of its polynomial in t, the highest power first.
    """
    kinds = [dict(zip(("kind", "name", "price"), one, strict=True)) for one in KINDS]
    logits = {f"{x:g}": _one(Bernoulli(x)) for x in LOGITS}
    return {"kinds": kinds, "steps": LOG10_TEMPERATURES, "logits": logits}


def _one(q):
    def over_t(function, degree):
        ts = np.linspace(0, 1, degree + 1)
        return np.polyfit(ts, [float(function(COSTS[t], q)) for t in ts], degree).tolist()

    def bias(estimator):
        return over_t(
            lambda *problem: exact_mean(estimator, *problem) - exact_gradient(*problem), 1
        )

    def variance(estimator, degree=2):
        return over_t(lambda *problem: exact_variance(estimator, *problem), degree)

    makers = {"straight": straight_through, "concrete": concrete, "rebar": rebar}
    soft = {name: [make(10**log) for log in LOG10_TEMPERATURES] for name, make in makers.items()}
    unbiased = [[0.0]] * len(LOG10_TEMPERATURES)
    hard = {"score": variance(score_function, 4), "loo": variance(leave_one_out(2))}
    return {
        "gradient": over_t(exact_gradient, 1),
        "bias": {name: list(map(bias, soft[name])) for name in ("straight", "concrete")}
        | dict.fromkeys(("score", "loo", "rebar"), unbiased),
        "variance": {name: list(map(variance, made)) for name, made in soft.items()}
        | {name: [values] * len(LOG10_TEMPERATURES) for name, values in hard.items()},
    }
