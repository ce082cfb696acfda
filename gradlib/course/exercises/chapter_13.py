"""Exercises of chapter 13, Beyond the Gaussian."""

import numpy as np

from gradlib.course.judges import Array, FunctionOf, formula, judge, say


@judge(formula)
def wrong_way(cost):
    """A cost of a bit for which straight-through has the wrong sign at every logit.

    Its mean is p (1 - p) (p r'(1) + (1 - p) r'(0)), the truth p (1 - p) (r(1) - r(0)).
    """
    states = np.array([0.0, 1.0])
    values, slopes = cost(states), cost.derivative(states)
    if not np.isfinite([values, slopes]).all():
        return "not yet: r and its slope must be finite at the states 0 and 1."
    rise = values[1] - values[0]
    words = (
        f"r(1) - r(0) = {say(rise)}, and the slopes at 0 and 1 are {say(slopes[0])} and "
        f"{say(slopes[1])}"
    )
    if abs(rise) < 1e-9:
        return f"not yet: {words}. The gradient is 0, so there is no wrong sign."
    wrong = slopes * np.sign(rise) < -1e-9
    if wrong.all():
        return f"right. Here {words}."
    if wrong.any():
        return f"not yet: {words}. The sign is wrong for some logits only; both slopes must be."
    if np.allclose(slopes, rise):
        return f"not yet: {words}. Here straight-through is unbiased: the opposite of what we ask."
    return f"not yet: {words}. Both slopes need the other sign than r(1) - r(0)."


EXERCISES = {
    "13.1": FunctionOf(
        {"p": (0.1, 0.9), "r0": (1, 3), "r1": (4, 6)},
        "(1 - p)*r1 + p*r0",
        {
            "this is J; in the best baseline each value has the OTHER state's weight.": (
                "p*r1 + (1 - p)*r0"
            ),
            "this is best for p = 1/2 only.": "(r0 + r1) / 2",
            "this is the gradient; we ask for the constant that is subtracted.": (
                "p*(1 - p)*(r1 - r0)"
            ),
            "this is E[r s^2]; divide it by E[s^2] = p (1 - p).": "right * p * (1 - p)",
            "the score enters squared; E[r s]/E[s^2] is the slope r1 - r0.": "r1 - r0",
        },
    ),
    "13.2": FunctionOf(
        {"theta": (-2, 2), "t": (0.3, 0.7), "T": (0.3, 2), "noise": (-3, 3)},
        "2*(soft - t) * soft*(1 - soft) / T",
        {
            "the chain rule has one more factor: the slope of theta/T is 1/T.": "right * T",
            "this is the slope of r alone; go on to theta by the chain rule.": "2*(soft - t)",
            "this is the slope at the relaxed point without the sigmoid's own slope.": (
                "2*(soft - t) / T"
            ),
            "this is straight-through: concrete takes the slope of r at the soft bit.": (
                "2*(0.5 + 0.5*sign(theta + noise) - t) * soft*(1 - soft) / T"
            ),
            "divide the sum theta + noise by T, not theta alone.": (
                "2*(half - t) * half*(1 - half) / T"
            ),
            "the derivative of (s - t)^2 has a factor 2.": "right / 2",
        },
        where={
            "soft": "1 / (1 + exp(-(theta + noise) / T))",
            "half": "1 / (1 + exp(-(theta / T + noise)))",
        },
    ),
    "13.3": FunctionOf(
        {"rewards": Array(1, 3), "scores": Array(-2, 2)},
        "sum(scores * (sum(rewards) - cumsum(rewards) + rewards))",
        {
            "this is right on average, but every score meets the whole return; "
            "leave out what was earned before its step.": "sum(rewards) * sum(scores)",
            "these are the rewards up to each step; we want those from it on.": (
                "sum(scores * cumsum(rewards))"
            ),
            "a step's own reward depends on its action; it must stay in.": (
                "sum(scores * (sum(rewards) - cumsum(rewards)))"
            ),
            "each score meets its own reward only; later ones depend on the action, too.": (
                "sum(scores * rewards)"
            ),
            "these are the terms of the steps; return their sum.": (
                "scores * (sum(rewards) - cumsum(rewards) + rewards)"
            ),
            "this is the mean over the steps; a walk's score is the sum of its steps' scores.": (
                "right / size(rewards)"
            ),
        },
    ),
    "13.4": wrong_way,
}
