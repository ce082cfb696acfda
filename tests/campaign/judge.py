"""What gradlib says of a case, beside the oracle."""

from dataclasses import dataclass
from random import Random

import numpy as np

from campaign.grammar import TooMany, make_case
from campaign.oracle import in_digits, in_floats
from gradlib import (
    Cost,
    Gaussian,
    QuadratureError,
    exact_covariance,
    exact_gradient,
    exact_value,
    gap_matrix,
    pathwise,
    score_function,
)

PROMISE = 1e-10
UPPER = [0, 0, 1], [0, 1, 1]


def case_of(random, ordinary):
    """The first case that is not too much for the oracle, and its edges."""
    while True:
        try:
            case = make_case(random, ordinary)
            return case, case.edges()
        except TooMany:
            pass


def case_of_seed(seed):
    """Every other one is ordinary."""
    return case_of(Random(seed), ordinary=seed % 2 == 0)


def gradlib_says(text, mu, sigma):
    """Each quantity as a list of numbers, the sentence that refuses it, or what it raised."""
    cost, q = Cost(text), Gaussian(mu, sigma)
    questions = {
        "value": lambda: [exact_value(cost, q)],
        "gradient": lambda: list(exact_gradient(cost, q)),
        "score function": lambda: exact_covariance(score_function, cost, q)[UPPER].tolist(),
        "pathwise": lambda: exact_covariance(pathwise, cost, q)[UPPER].tolist(),
        "gap": lambda: gap_matrix(cost, q)[UPPER].tolist(),
    }
    found = {}
    for name, question in questions.items():
        try:
            found[name] = question()
        except QuadratureError as error:
            found[name] = str(error)
        except Exception as error:
            jump = name == "gap" and isinstance(error, ValueError)  # which that theorem rules out
            found[name] = str(error) if jump else error
    return found


@dataclass
class Verdict:
    """Of one quantity: "right", "refused", "wrong" or "undecided", with its error or the reason."""

    kind: str
    error: float = 0.0
    reason: str = ""


def judged(case, edges, thorough=False):
    """{quantity: Verdict}. Where floats do not confirm gradlib, 30 digits decide."""
    said = gradlib_says(case.text, case.mu, case.sigma)
    verdicts, open_ones = {}, {}
    quick = in_floats(case, edges)
    for name, answer in said.items():
        if isinstance(answer, str):
            verdicts[name] = Verdict("refused", reason=answer)
        elif isinstance(answer, Exception):
            verdicts[name] = Verdict("wrong", np.inf, repr(answer))
        elif (error := quick.error(name, answer)) <= PROMISE / 4 and not thorough:
            verdicts[name] = Verdict("right", error)
        else:
            open_ones[name] = answer
    if open_ones:
        verdicts |= decided(case, open_ones)
    return {name: verdicts[name] for name in said}


def decided(case, answers):
    truth = in_digits(case, 30 if "^(" not in case.text and "log(abs" not in case.text else 100)
    verdicts = {}
    for name, answer in answers.items():
        error = truth.error(name, answer)
        known = np.isfinite(error)
        kind = "right" if error <= PROMISE else "wrong" if known else "undecided"
        verdicts[name] = Verdict(kind, error)
    return verdicts
