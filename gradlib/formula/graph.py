"""A formula as a list of steps, each computed once: values, slopes and slopes of slopes.

Every distinct subexpression is one step, an operation on earlier steps. A derivative is made of
steps too, so that whatever evaluates a graph (floats here, ranges in `enclosures`, magnitudes in
`tails`) knows derivatives as well, and r and r' at the same points share their work.
"""

from functools import cache, cached_property, partial, reduce

import numpy as np
import scipy.special
import sympy
from sympy.core.relational import Relational

_QUICK_POWERS = {2: np.square, -1: np.reciprocal, 0.5: np.sqrt}


def _power(u, exponent):
    quick = _QUICK_POWERS.get(exponent)
    return quick(u) if quick else u**exponent


def _case(z, *branches, conditions):
    holds = [np.broadcast_to(_condition(when)(z), z.shape) for when in conditions]
    return np.select(holds, branches, default=np.nan)


@cache
def _condition(relation):
    """A condition of a Piecewise, such as z > 0, in NumPy."""
    return sympy.lambdify(tuple(relation.free_symbols) or sympy.Symbol("z"), relation, "numpy")


# What each operation does to floats; it is named like SymPy's function, in lower case. `raise`
# has a varying exponent, `pow` a constant one. `of_max` and `of_min` are the slopes of max and
# min, from the arguments and their slopes; `sech2` and `gate` are those of tanh and sigmoid.
IN_FLOATS = {
    "constant": lambda number: number,
    "add": np.add,
    "mul": np.multiply,
    "pow": _power,
    "raise": np.power,
    "max": np.maximum,
    "min": np.minimum,
    "of_max": lambda a, b, of_a, of_b: np.where(b > a, of_b, of_a),
    "of_min": lambda a, b, of_a, of_b: np.where(b < a, of_b, of_a),
    "case": _case,
    "heaviside": np.heaviside,
    "atan": np.arctan,
    "asinh": np.arcsinh,
    **{f.__name__: f for f in (np.sign, np.sin, np.cos, np.tan, np.sinh, np.cosh, np.tanh)},
    **{f.__name__: f for f in (np.exp, np.log, scipy.special.erf, scipy.special.erfc)},
    "abs": np.abs,
    "sech2": lambda u: np.reciprocal(np.square(np.cosh(u))),
    "sigmoid": scipy.special.expit,
    "gate": lambda u: scipy.special.expit(u) * scipy.special.expit(-u),
    "softplus": partial(np.logaddexp, 0.0),
}

# The slope of each function of one argument, as steps of a graph g.
SLOPES = {
    "abs": lambda g, u: g.step("sign", u),
    "sin": lambda g, u: g.step("cos", u),
    "cos": lambda g, u: g.times(-1.0, g.step("sin", u)),
    "tan": lambda g, u: g.plus(1.0, g.power(g.step("tan", u), 2.0)),
    "sinh": lambda g, u: g.step("cosh", u),
    "cosh": lambda g, u: g.step("sinh", u),
    "tanh": lambda g, u: g.step("sech2", u),
    "sech2": lambda g, u: g.times(-2.0, g.times(g.step("tanh", u), g.step("sech2", u))),
    "exp": lambda g, u: g.step("exp", u),
    "log": lambda g, u: g.power(u, -1.0),
    "erf": lambda g, u: g.times(2 / np.sqrt(np.pi), g.step("exp", g.times(-1.0, g.power(u, 2.0)))),
    "erfc": lambda g, u: g.times(-1.0, SLOPES["erf"](g, u)),
    "atan": lambda g, u: g.power(g.plus(1.0, g.power(u, 2.0)), -1.0),
    "asinh": lambda g, u: g.power(g.plus(1.0, g.power(u, 2.0)), -0.5),
    "sigmoid": lambda g, u: g.step("gate", u),
    "gate": lambda g, u: g.times(g.step("gate", u), g.step("tanh", g.times(-0.5, u))),
    "softplus": lambda g, u: g.step("sigmoid", u),
}


class Graph:
    """Steps (operation, earlier steps, options); step 0 is z. A step is known by its number."""

    def __init__(self):
        self.steps, self.constants = [], {}
        self._numbers, self._slopes, self._orders, self._plans, self._kinks = {}, {}, {}, {}, {}
        self.z = self._new("z", (), ())

    def _new(self, operation, arguments, options):
        key = operation, arguments, options
        if key not in self._numbers:
            self._numbers[key] = len(self.steps)
            self.steps.append(key)
        return self._numbers[key]

    def constant(self, number):
        number = np.float64(number)
        step = self._new("constant", (), (number.tobytes(),))  # nan equals nan, 0 is not -0
        self.constants[step] = number
        return step

    def step(self, operation, *arguments, **options):
        """The step operation(*arguments); a constant where all arguments are."""
        if all(a in self.constants for a in arguments):
            with np.errstate(all="ignore"):
                numbers = (self.constants[a] for a in arguments)
                return self.constant(IN_FLOATS[operation](*numbers, **options))
        return self._new(operation, arguments, tuple(options.items()))

    def plus(self, a, b):
        """a + b of steps or numbers, without zeros."""
        a, b = (self.constant(x) if isinstance(x, float) else x for x in (a, b))
        if self.constants.get(a) == 0 or self.constants.get(b) == 0:
            return b if self.constants.get(a) == 0 else a
        return self.step("add", a, b)

    def times(self, a, b):
        """a * b of steps or numbers: 0 if one of them is 0, even beside what may be infinite."""
        a, b = (self.constant(x) if isinstance(x, float) else x for x in (a, b))
        if self.constants.get(a) == 0 or self.constants.get(b) == 0:
            return self.constant(0.0)
        if self.constants.get(a) == 1 or self.constants.get(b) == 1:
            return b if self.constants.get(a) == 1 else a
        return self.step("mul", a, b)

    def power(self, u, exponent):
        if exponent in (0, 1):
            return u if exponent else self.constant(1.0)
        return self.step("pow", u, exponent=float(exponent))

    def expression(self, r):
        """The step of a SymPy expression in one symbol."""
        if r.is_Symbol:
            return self.z
        if not r.args:
            return self.constant(r)
        if isinstance(r, sympy.Piecewise):
            return self._piecewise(r)
        if isinstance(r, sympy.log) and (inner := r.args[0] - 1).func is sympy.exp:
            return self.step("softplus", self.expression(inner.args[0]))  # never overflows
        arguments = [self.expression(u) for u in r.args]
        if r.is_Pow:
            base, exponent = arguments
            if exponent in self.constants:
                return self.power(base, self.constants[exponent])
            return self.step("raise", base, exponent)
        step = partial(self.step, r.func.__name__.lower())
        return reduce(step, arguments) if r.args[1:] else step(*arguments)

    def _piecewise(self, r):
        branches = [self.expression(u) for u, _ in r.args]
        conditions = tuple(when for _, when in r.args)
        step = self.step("case", self.z, *branches, conditions=conditions)
        relations = r.atoms(Relational)
        self._kinks[step] = [tuple(map(self.expression, (u.lhs, u.rhs))) for u in relations]
        return step

    def order(self, root):
        """The steps that a step needs, itself included, in the order of evaluation."""
        if root not in self._orders:
            needed, waiting = set(), [root]
            while waiting:
                step = waiting.pop()
                if step not in needed:
                    needed.add(step)
                    waiting += self.steps[step][1]
            self._orders[root] = sorted(needed)
        return self._orders[root]

    def slope(self, root):
        """The step of the derivative almost everywhere: no deltas at kinks and steps."""
        for step in self.order(root):
            if step not in self._slopes:
                self._slopes[step] = self._slope(*self.steps[step])
        return self._slopes[root]

    def _slope(self, operation, arguments, options):
        of = [self._slopes[a] for a in arguments]
        if operation == "z":
            return self.constant(1.0)
        if operation in ("constant", "sign", "heaviside"):
            return self.constant(0.0)
        if operation == "add":
            return self.plus(*of)
        if operation == "mul":
            a, b = arguments
            return self.plus(self.times(a, of[1]), self.times(b, of[0]))
        if operation == "pow":
            exponent = options[0][1]
            if self.steps[arguments[0]][0] == "cosh":  # sinh / cosh^2 would be inf / inf far out
                (u,) = self.steps[arguments[0]][1]
                power = self._new(operation, arguments, options)
                inner = self.times(exponent, self.times(power, self.step("tanh", u)))
                return self.times(inner, self._slopes[u])
            inner = self.times(exponent, self.power(arguments[0], exponent - 1))
            return self.times(inner, of[0])
        if operation == "raise":
            base, exponent = arguments
            lower = self.step("raise", base, self.plus(exponent, -1.0))
            by_base = self.times(self.times(exponent, lower), of[0])
            power = self.step("raise", base, exponent)
            by_exponent = self.times(self.times(self.step("log", base), power), of[1])
            return self.plus(by_base, by_exponent)
        if operation in ("max", "min"):
            return of[0] if of[0] == of[1] else self.step(f"of_{operation}", *arguments, *of)
        if operation in ("of_max", "of_min"):
            return self.step(operation, *arguments[:2], *of[2:])
        if operation == "case":
            return self.step("case", self.z, *of[1:], **dict(options))
        return self.times(SLOPES[operation](self, arguments[0]), of[0])

    def kinks(self, root):
        """Pairs of steps: where two are equal, the slope of `root` may jump."""
        zero = self.constant(0.0)
        for step in self.order(root):
            operation, arguments, _ = self.steps[step]
            if operation in ("abs", "sign", "heaviside"):
                yield arguments[0], zero
            elif operation in ("max", "min"):
                yield arguments
            yield from self._kinks.get(step, ())

    def run(self, root, operations, known, keep=()):
        """The result of a step, by these operations.

        `known` has the results for z, and those of other steps. It grows, but what no later step
        needs is dropped at once, unless it is in `keep`: fresh memory takes longer than arithmetic.
        """
        if root not in known:
            for step, (operation, arguments, options), spent in self._plan(root, keep):
                if step in known:
                    continue
                if operation == "constant":
                    known[step] = operations["constant"](self.constants[step])
                    continue
                inputs = [known[a] for a in arguments]
                known[step] = operations[operation](*inputs, **dict(options))
                del inputs
                for a in spent:
                    del known[a]
        return known[root]

    def _plan(self, root, keep):
        """The steps of `order` with what they do, and those that no later one needs."""
        if (root, keep) not in self._plans:
            order = self.order(root)
            last = {a: step for step in order for a in self.steps[step][1]}
            spent = {step: [] for step in order}
            for a, step in last.items():
                if a not in keep and a != self.z:
                    spent[step].append(a)
            self._plans[root, keep] = [(step, self.steps[step], spent[step]) for step in order]
        return self._plans[root, keep]


class Formula:
    """r(z) from a SymPy expression in one symbol, with its first two derivatives as steps."""

    def __init__(self, r):
        self.graph = Graph()
        self.value = self.graph.expression(r)
        self.kinks = list(self.graph.kinks(self.value))

    @cached_property
    def slope(self):
        return self.graph.slope(self.value)

    @cached_property
    def shared(self):
        """The steps that the slope needs, too."""
        roots = [self.slope, *(step for pair in self.kinks for step in pair)]
        return frozenset(step for root in roots for step in self.graph.order(root))

    @cached_property
    def curvature(self):
        return self.graph.slope(self.slope)


class AtPoints:
    """A formula at an array of points z; what value and slopes share is computed once.

    `value` is r(z), nan where r is not real and inf where it overflows, without warnings. `slope`
    and `curvature` are r'(z) and r''(z) almost everywhere, at a kink or step those just to the
    right. All are of z's shape, floats for a float. With `rng` every result, z included, is off by
    one unit of rounding, up or down at random.
    """

    def __init__(self, formula, z, rng=None):
        self.formula, self.z = formula, np.asarray(z, dtype=float)
        self.operations = IN_FLOATS
        if rng:
            self.z = off_by_rounding(self.z, rng)
            self.operations = _Jittered(self.z.shape, rng)
        self._known = {formula.graph.z: self.z}

    @cached_property
    def value(self):
        return self._finished(self._run(self.formula.value, self._known, self.formula.shared))

    @cached_property
    def slope(self):
        return self._derivative(self.formula.slope)

    @cached_property
    def curvature(self):
        return self._derivative(self.formula.curvature)

    def _run(self, step, known, keep=frozenset()):
        with np.errstate(all="ignore"):
            return self.formula.graph.run(step, self.operations, known, keep)

    def _derivative(self, step):
        value, known, keep = self.value, self._known, self.formula.shared
        ties = [
            self._run(a, known, keep) == self._run(b, known, keep) for a, b in self.formula.kinks
        ]
        if any(map(np.any, ties)):
            beside = self.z + 4 * np.spacing(np.maximum(1, np.abs(self.z)))
            known = {self.formula.graph.z: np.where(reduce(np.logical_or, ties), beside, self.z)}
            value = self._run(self.formula.value, known)
        result = self._finished(self._run(step, known))
        unreal = np.isnan(value)
        return np.where(unreal, np.nan, result)[()] if unreal.any() else result

    def _finished(self, result):
        if result is self.z or np.shape(result) != self.z.shape:
            result = np.array(np.broadcast_to(result, self.z.shape))
        return result[()]


class _Jittered:
    """The operations in floats, each result off by rounding."""

    def __init__(self, shape, rng):
        self.shape, self.rng = shape, rng

    def __getitem__(self, operation):
        exact = IN_FLOATS[operation]
        if operation == "constant":
            return exact
        return lambda *arguments, **options: off_by_rounding(
            np.broadcast_to(exact(*arguments, **options), self.shape), self.rng
        )


def off_by_rounding(array, rng):
    """The array with each entry moved by one unit of rounding, up or down at random."""
    signs = 2 * rng.integers(0, 2, np.shape(array)) - 1
    return array * (1 + np.finfo(float).eps * signs)
