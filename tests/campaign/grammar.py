"""Costs from a grammar of their own, with the places where they bend, jump, turn or change fast.

A cost is a sum or a product of chains. A chain is made of links, y -> f(k (y - l)), the first of
them around z; each link can be solved for its argument. So the places of a chain are known: those
of its last link are carried back through the links before it. Nothing here asks gradlib.
"""

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

import mpmath
import numpy as np
from mpmath import mp
from scipy import special

MOST_PLACES = 120  # of one case: more would take the oracle too long
REACH = 16  # in standard deviations, and two more for each exp(eps)


class Floats:
    """The functions of mpmath that links use, on arrays."""

    mpf, pi = float, math.pi
    sin, cos, exp, log, sqrt = np.sin, np.cos, np.exp, np.log, np.sqrt
    tanh, cosh, erf = np.tanh, np.cosh, special.erf

    @staticmethod
    def softplus(x):
        return np.logaddexp(0, x)


class Digits:
    """The same for single numbers of mpmath."""

    def __getattr__(self, name):
        return getattr(mp, name)

    @staticmethod
    def softplus(x):
        return mp.log1p(mp.exp(-abs(x))) + (x > 0) * x


FLOATS, DIGITS = Floats(), Digits()


class Link(NamedTuple):
    """f as text, f and f' as functions of (m, x), with m one of the two above; where f = level.

    `places` are the x where f bends, jumps or turns, and those at which it changes fast, in units
    of 1; all of them, and the solutions, are repeated with the period.
    """

    text: str
    value: Any
    slope: Any
    solve: Any
    places: tuple = ()
    period: Any = None
    last: bool = False  # nothing may be around it
    tame: bool = True  # allowed at an argument of any size


def both(x):
    return [x, -x]


def root(level):
    return both(mp.sqrt(level)) if level >= 0 else []


def only(condition, solution):
    return lambda level: solution(level) if condition(level) else []


def unit(level):
    return 0 < level < 1


AROUND = (-30, -9, -3, -1, 0, 1, 3, 9, 30)  # of what changes around 0
LINKS = {
    "line": Link("{}", lambda m, x: x, lambda m, x: 1 + 0 * x, lambda y: [y]),
    "abs": Link(
        "abs({})",
        lambda m, x: abs(x),
        lambda m, x: 1 * (x > 0) - 1 * (x < 0),
        only(lambda y: y >= 0, both),
        (0,),
    ),
    "max": Link(
        "max({}, 0)",
        lambda m, x: (x > 0) * x,
        lambda m, x: 1 * (x > 0),
        only(lambda y: y > 0, lambda y: [y]),
        (0,),
    ),
    "min": Link(
        "min({}, 1)",
        lambda m, x: (x < 1) * x + 1 * (x >= 1),
        lambda m, x: 1 * (x < 1),
        only(lambda y: y < 1, lambda y: [y]),
        (1,),
    ),
    "step": Link("Heaviside({})", lambda m, x: 1 * (x > 0), lambda m, x: 0 * x, lambda y: [], (0,)),
    "sign": Link(
        "sign({})",
        lambda m, x: 1 * (x > 0) - 1 * (x < 0),
        lambda m, x: 0 * x,
        lambda y: [],
        (0,),
    ),
    "square": Link("({})^2", lambda m, x: x**2, lambda m, x: 2 * x, root, (0,)),
    "cube": Link(
        "({})^3",
        lambda m, x: x**3,
        lambda m, x: 3 * x**2,
        lambda y: [mp.sign(y) * abs(y) ** (mp.one / 3)],
        (0,),
    ),
    "sin": Link(
        "sin({})",
        lambda m, x: m.sin(x),
        lambda m, x: m.cos(x),
        only(lambda y: abs(y) <= 1, lambda y: [mp.asin(y), mp.pi - mp.asin(y)]),
        (0.5, 1.5),
        2,
    ),
    "cos": Link(
        "cos({})",
        lambda m, x: m.cos(x),
        lambda m, x: -m.sin(x),
        only(lambda y: abs(y) <= 1, lambda y: both(mp.acos(y))),
        (0, 1),
        2,
    ),
    "peaks": Link(
        "cos({})^60",
        lambda m, x: m.cos(x) ** 60,
        lambda m, x: -60 * m.sin(x) * m.cos(x) ** 59,
        only(unit, lambda y: both(mp.acos(y ** (mp.one / 60)))),
        (-0.2, -0.1, -0.05, 0, 0.05, 0.1, 0.2, 0.5),
        1,
    ),
    "exp": Link(
        "exp({})",
        lambda m, x: m.exp(x),
        lambda m, x: m.exp(x),
        only(lambda y: y > 0, lambda y: [mp.log(y)]),
        tame=False,
    ),
    "bell": Link(
        "exp(-({})^2)",
        lambda m, x: m.exp(-(x**2)),
        lambda m, x: -2 * x * m.exp(-(x**2)),
        only(unit, lambda y: root(-mp.log(y))),
        (-9, -5, -3, -2, -1, 0, 1, 2, 3, 5, 9),
    ),
    "hill": Link(
        "1/(1 + ({})^2)",
        lambda m, x: 1 / (1 + x**2),
        lambda m, x: -2 * x / (1 + x**2) ** 2,
        only(unit, lambda y: root(1 / y - 1)),
        AROUND,
    ),
    "sech": Link(
        "1/cosh({})",
        lambda m, x: 1 / m.cosh(x),
        lambda m, x: -m.tanh(x) / m.cosh(x),
        only(unit, lambda y: both(mp.acosh(1 / y))),
        AROUND,
    ),
    "tanh": Link(
        "tanh({})",
        lambda m, x: m.tanh(x),
        lambda m, x: 1 / m.cosh(x) ** 2,
        only(lambda y: abs(y) < 1, lambda y: [mp.atanh(y)]),
        AROUND,
    ),
    "sigmoid": Link(
        "sigmoid({})",
        lambda m, x: (1 + m.tanh(x / 2)) / 2,
        lambda m, x: 1 / m.cosh(x / 2) ** 2 / 4,
        only(unit, lambda y: [mp.log(y / (1 - y))]),
        AROUND,
    ),
    "erf": Link(
        "erf({})",
        lambda m, x: m.erf(x),
        lambda m, x: 2 * m.exp(-(x**2)) / m.sqrt(m.pi),
        only(lambda y: abs(y) < 1, lambda y: [mp.erfinv(y)]),
        (-9, -5, -3, -2, -1, 0, 1, 2, 3, 5, 9),
    ),
    "softplus": Link(
        "softplus({})",
        lambda m, x: m.softplus(x),
        lambda m, x: (1 + m.tanh(x / 2)) / 2,
        only(lambda y: y > 0, lambda y: [mp.log(mp.expm1(y))]),
        AROUND,
    ),
    "bow": Link(
        "sqrt(1 + ({})^2)",
        lambda m, x: m.sqrt(1 + x**2),
        lambda m, x: x / m.sqrt(1 + x**2),
        only(lambda y: y >= 1, lambda y: root(y**2 - 1)),
        AROUND,
    ),
    "log": Link(
        "log(1 + ({})^2)",
        lambda m, x: m.log(1 + x**2),
        lambda m, x: 2 * x / (1 + x**2),
        only(lambda y: y >= 0, lambda y: root(mp.expm1(y))),
        AROUND,
    ),
    "pole of log": Link(
        "log(abs({}))",
        lambda m, x: m.log(abs(x)),
        lambda m, x: 1 / x,
        lambda y: both(mp.exp(y)),
        (0,),
        last=True,
    ),
}


def power(p):
    return Link(
        f"abs({{}})^({p})",
        lambda m, x: abs(x) ** m.mpf(p),
        lambda m, x: m.mpf(p) * abs(x) ** (m.mpf(p) - 1) * ((x > 0) - 1.0 * (x < 0)),
        only(lambda y: y > 0, lambda y: both(y ** (1 / mp.mpf(p)))),
        (0,),
        last=p.startswith("-"),
    )


POWERS = {f"power {p}": power(p) for p in ("-0.4", "-0.3", "0.3", "0.6", "0.75", "1.5", "2.5")}
SMOOTH = (
    *("line", "square", "cube", "sin", "cos", "exp", "bell", "hill", "sech", "tanh", "sigmoid"),
    *("erf", "softplus", "bow", "log"),
)
KINKS = "abs", "max", "min"
ORDINARY = (*SMOOTH, *KINKS)
WILD = (*LINKS, *POWERS)
LINKS |= POWERS


class TooMany(Exception):
    """A case with more places than the oracle can look at."""


@dataclass
class Chain:
    """Links with their k and l, decimal numbers as text, from z outwards."""

    links: list

    def text(self, z="z"):
        for name, k, offset in self.links:
            minus = f"+ {offset[1:]}" if offset.startswith("-") else f"- {offset}"
            z = LINKS[name].text.format(f"{k}*({z} {minus})")
        return z

    def at(self, m, z):
        """Value and slope."""
        slope = 1
        for name, k, offset in self.links:
            y = m.mpf(k) * (z - m.mpf(offset))
            z, slope = LINKS[name].value(m, y), slope * m.mpf(k) * LINKS[name].slope(m, y)
        return z, slope

    def places(self, low, high):
        """All z in (low, high) at which one of the links has a place; and r there and at the ends.

        Between two of them every link is monotone.
        """
        found = [mp.mpf(low), mp.mpf(high)]
        for number, (name, k, offset) in enumerate(self.links):
            link, before = LINKS[name], Chain(self.links[:number])
            ends = [before.at(DIGITS, z)[0] for z in found]
            bounds = [mp.mpf(k) * (y - mp.mpf(offset)) for y in ends]
            unit = mp.pi if link.period else 1
            points = repeated([p * unit for p in link.places], link, min(bounds), max(bounds))
            found += before.solved([x / mp.mpf(k) + mp.mpf(offset) for x in points], low, high)
            found = sorted({z for z in found if low <= z <= high})
            if len(found) > MOST_PLACES:
                raise TooMany
        return found

    def solved(self, levels, low, high):
        """All z in (low, high) at which the chain has one of the values."""
        for number in reversed(range(len(self.links))):
            name, k, offset = self.links[number]
            link, before = LINKS[name], Chain(self.links[:number])
            solutions = [x for y in levels for x in link.solve(y)]
            if link.period:
                ends = [before.at(DIGITS, z)[0] for z in before.places(low, high)]
                bounds = [mp.mpf(k) * (y - mp.mpf(offset)) for y in ends]
                solutions = repeated(solutions, link, min(bounds), max(bounds))
            levels = {mp.mpf(x) / mp.mpf(k) + mp.mpf(offset) for x in solutions}
            if len(levels) > 4 * MOST_PLACES:
                raise TooMany
        return levels


def repeated(points, link, low, high):
    """The points, and their repetitions between low and high."""
    if not link.period or not points:
        return points
    period = link.period * mp.pi
    if (high - low) / period * len(points) > 2 * MOST_PLACES:
        raise TooMany
    return [
        x + n * period
        for x in points
        for n in range(int(mp.ceil((low - x) / period)), int(mp.floor((high - x) / period)) + 1)
    ]


@dataclass
class Case:
    """A cost, as a sum or a product of chains with coefficients, and a Gaussian."""

    constant: str
    terms: list  # (coefficient, [chains])
    mu: float
    sigma: float
    growth: float
    ordinary: bool

    @property
    def text(self):
        parts = [self.constant]
        for coefficient, chains in self.terms:
            parts.append("*".join([coefficient, *(chain.text() for chain in chains)]))
        return " + ".join(parts)

    def at(self, m, z):
        """r(z) and r'(z)."""
        value, slope = m.mpf(self.constant), 0
        for coefficient, chains in self.terms:
            product, rise = m.mpf(coefficient), 0
            for chain in chains:
                r, s = chain.at(m, z)
                product, rise = product * r, rise * r + product * s
            value, slope = value + product, slope + rise
        return value + 0 * z, slope + 0 * z

    def edges(self):
        """In eps, sorted: the places of all chains, and the whole numbers."""
        reach = REACH + 2 * math.ceil(self.growth)
        mu, sigma = mp.mpf(self.mu), mp.mpf(self.sigma)
        low, high = mu - reach * sigma, mu + reach * sigma
        places = {z for _, chains in self.terms for one in chains for z in one.places(low, high)}
        if len(places) > MOST_PLACES:
            raise TooMany
        inner = [(z - mu) / sigma for z in places]
        edges = sorted({*map(mp.mpf, range(-reach, reach + 1)), *inner})
        apart = mp.mpf(10) ** (-mp.dps // 2)  # closer together they are one, computed twice
        return [a for a, b in pairwise([*edges, mp.inf]) if b - a > apart]


def decimal(x, digits=3):
    return f"{float(x) if abs(x) > 1e-300 else 0.0:.{digits}g}"  # formulas have no smaller numbers


def make_case(random, ordinary):
    """A case from a random.Random; TooMany if it is too much for the oracle."""
    if ordinary:
        sigma = float(decimal(10 ** random.uniform(-1, 0.7)))
        mu = float(decimal(random.uniform(-4, 4)))
    else:
        sigma = float(decimal(10 ** random.uniform(-6, 4)))
        mu = float(decimal(random.choice([0, 1, 100]) * sigma * random.uniform(-3, 3)))
    case = Case(random.choice(["0", "1", "-2.5"]), [], mu, sigma, 0.0, ordinary)
    with mpmath.workdps(30):
        for _ in range(random.randint(1, 2)):
            chains = [make_chain(random, case) for _ in range(random.choice([1, 1, 2]))]
            case.terms.append((random.choice(["1", "0.3", "2"]), chains))
    return case


def make_chain(random, case):
    """A chain of one to three links whose parts lie where the Gaussian is."""
    names = ORDINARY if case.ordinary else WILD
    chain, depth = Chain([]), random.choice([1, 1, 1, 2, 2, 3])
    for number in range(depth):
        if number == 0:
            z = case.mu + case.sigma * random.choice([0, 0, random.uniform(-2, 2)])
            offset, spread = decimal(z, 6), case.sigma
        else:
            places = chain.places(case.mu - 3 * case.sigma, case.mu + 3 * case.sigma)
            reached = [chain.at(DIGITS, z)[0] for z in places]
            spread = max(reached) - min(reached)
            if not (0 < spread < 1e12):
                break
            offset = decimal(min(reached) + random.uniform(0, 1) * spread, 6)
        powers = (-0.7, 0.7) if case.ordinary else random.choice([(-0.7, 0.7), (-2, 4)])
        size = 10 ** random.uniform(*powers)
        k, name = decimal(size / spread), random.choice(names)
        if name == "exp" and (number or size > 3):
            name = "tanh"
        if name == "exp":
            case.growth += size
        chain.links.append((name, k, offset))
        if LINKS[name].last:
            break
    return chain
