"""How an exercise is judged: by values, with a diagnosis for each well-known mistake.

A judge takes an attempt and returns a sentence: "not answered yet.", "right." (more may follow),
or what is wrong with it, kindly: "not yet: ...".
"""

from copy import copy
from dataclasses import dataclass, field
from functools import cache, wraps
from typing import NamedTuple

import numpy as np

from gradlib.arguments import real_array, shorten
from gradlib.cost import Cost
from gradlib.estimators import Randomized

NOT_ANSWERED = "not answered yet."
POINTS = 50


class Verdict(Exception):
    """The sentence that ends the judging at once."""


def judge(read):
    """Turn a rule into a judge that no attempt can bring to a stop.

    `read(attempt)` is what the rule takes. Both may raise `Verdict`; the rule returns the sentence.
    """

    def decorate(rule):
        @wraps(rule)
        def verdict(attempt):
            if attempt is ...:
                return NOT_ANSWERED
            try:
                with np.errstate(all="ignore"):
                    return rule(read(attempt))
            except Verdict as sentence:
                return str(sentence)
            except (ValueError, ArithmeticError) as error:  # in gradlib's words
                return f"not yet: {error}."
            except Exception as error:
                return stopped(error)

        return verdict

    return decorate


def stopped(error):
    """The sentence on an attempt that raises an error."""
    return f"not yet: your answer stopped with {type(error).__name__}: {error}."


def asked(answer):
    """What a function answered; a `Verdict` if it is the `...` of a stub, or nothing."""
    if answer is ...:
        raise Verdict(NOT_ANSWERED)
    if answer is None:
        raise Verdict("not yet: your function returns nothing; is `return` missing?")
    return answer


def function_of(arguments):
    """How a judge reads an attempt that must be a function of these arguments."""

    def read(attempt):
        if not callable(attempt):
            raise Verdict(f"expected a function of {arguments}; received {shorten(attempt)}.")
        return attempt if isinstance(attempt, Randomized) else careful(attempt)

    return read


def careful(function):
    """The function, with a `Verdict` where it stops with an error, or returns no answer."""

    @wraps(function)
    def ask(*arguments):
        try:
            answer = function(*arguments)
        except Exception as error:  # whatever a student's function may do
            raise Verdict(stopped(error)) from None
        return asked(answer)

    ask.__name__ = getattr(function, "__name__", "your answer")
    return ask


def number(answer):
    """The answer as a float; ValueError or `Verdict` if it is not one number."""
    answer = real_array(answer, "your function must return a number")
    if answer.ndim:
        raise Verdict(f"not yet: expected one number; it gives an array of shape {answer.shape}.")
    return float(answer)


def formula(attempt):
    """How a judge reads a cost: text, a SymPy expression, or a `Cost` made of one."""
    cost = attempt if isinstance(attempt, Cost) else Cost(attempt)
    if cost.expression is None:
        raise Verdict("expected a formula as text, such as 'z^2'; received a cost from functions.")
    return cost


def lowest(cost):
    """The z where a formula's value is lowest, and that value: on a fine grid about 0, and far out.

    A value that is not a number counts as the lowest, but far out, where it may be an overflow.
    """
    near = np.union1d(np.linspace(-40, 40, 80_001), cost.break_points(-40, 40))
    far = np.outer([-1, 1], np.geomspace(40, 1e6, 2000)).ravel()
    z = np.concatenate([near, far[np.isfinite(cost(far))]])
    at = np.argmin(cost(z))
    return z[at], cost(z[at])


def say(value, *others):
    """A number, or an array of them, for a sentence.

    It has four digits, or up to nine to tell it from the others; rounding noise is 0.
    """
    if np.ndim(value):
        return f"[{', '.join(map(say, value))}]"
    value, *others = (0 if abs(x) < 1e-12 else x for x in (value, *others))
    if isinstance(value, int):
        return str(value)
    texts = ([f"{x:.{digits}g}" for x in (value, *others)] for digits in range(4, 10))
    return next((text for text, *rest in texts if text not in rest), f"{value:.4g}")


def agree(found, expected):
    """Equal up to rounding, and of the same shape, at each point?"""
    same_shape = list(map(np.shape, found)) == list(map(np.shape, expected))
    return same_shape and np.allclose(
        np.hstack(found), np.hstack(expected), rtol=1e-7, atol=1e-9, equal_nan=True
    )


def normal_density(z, mu, sigma):
    """Density of N(mu, sigma^2) at z."""
    return np.exp(-0.5 * ((z - mu) / sigma) ** 2) / (sigma * np.sqrt(2 * np.pi))


# What the formulas below may use: these functions of NumPy, and the normal density.
WORDS = "abs ceil cos cumsum exp floor log logaddexp mean pi round sign sin size sqrt sum"
NAMES = {word: getattr(np, word) for word in WORDS.split()} | {"normal_density": normal_density}


@cache
def compiled(text):
    return compile(text, text, "eval")


class Array(NamedTuple):
    """An argument that is an array of two to four floats."""

    low: float
    high: float


def sample(kind, turn, rng):
    """A random argument of one kind, at the point number `turn`.

    It is a float in (low, high), a whole number of a range, an `Array`, or a number as it stands. A
    list of kinds takes turns, in step with other lists of its length; so do the sizes of arrays.
    """
    match kind:
        case Array(low, high):
            return rng.uniform(low, high, 2 + turn % 3)
        case range():
            return int(rng.choice(kind))
        case list():
            return sample(kind[turn % len(kind)], turn, rng)
        case low, high:
            return float(rng.uniform(low, high))
    return kind


@dataclass(frozen=True)
class FunctionOf:
    """Judge of a function: compared with the right one at random points.

    `arguments` maps each argument to what may be asked for (see `sample`). `right` is a formula in
    them that NumPy reads; it may use the names in `where`, which stand for formulas too. `mistakes`
    maps a diagnosis to the formula that it fits, in which `right` is the right value.
    """

    arguments: dict
    right: str
    mistakes: dict = field(default_factory=dict)
    where: dict = field(default_factory=dict)

    def __call__(self, attempt):
        return judge(function_of(", ".join(self.arguments)))(self.compare)(attempt)

    def read(self, text):
        """The function of the arguments that a formula stands for."""

        def function(*values):
            names = NAMES | dict(zip(self.arguments, values, strict=True))
            for name, meaning in (self.where | {"right": self.right, "": text}).items():
                names[name] = eval(compiled(meaning), {"__builtins__": {}}, names)
            return names[""]

        return function

    def points(self):
        """Fresh random points, each a list of one value for each argument."""
        rng = np.random.default_rng()
        kinds = self.arguments.values()
        return [[sample(kind, turn, rng) for kind in kinds] for turn in range(POINTS)]

    def compare(self, attempt):
        points = self.points()

        def ask(function):
            answers = [function(*map(copy, point)) for point in points]
            return [real_array(a, "your function must return a number") for a in answers]

        found, right = ask(attempt), ask(self.read(self.right))
        if agree(found, right):
            return "right."
        for diagnosis, mistake in self.mistakes.items():
            if agree(found, ask(self.read(mistake))):
                return f"not yet: {diagnosis}"
        worst = np.argmax([abs(number(a) - b) for a, b in zip(found, right, strict=True)])
        where = ", ".join(
            f"{name} = {say(x)}" for name, x in zip(self.arguments, points[worst], strict=True)
        )
        return f"not yet: at {where} it gives {say(found[worst])}, which is not the answer."
