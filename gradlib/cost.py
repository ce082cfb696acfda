"""The cost r(z): from a formula, a SymPy expression or any two functions."""

from copy import copy
from functools import cached_property, partial

import numpy as np

from gradlib.arguments import Once, finite_array, interval, real_array, require_function, shorten
from gradlib.evaluations import Evaluated, Shared


class Cost:
    """A cost r(z) with its derivatives almost everywhere.

    `Cost("(z - 1)^2 + |z|")` reads a formula, `Cost(expression)` takes a SymPy expression in one
    symbol named z; both are costs on R. `Cost.from_functions` takes any two callables, also on R^d.

    A formula is made of (`formula.parser` has the grammar and all limits)
    - z, decimal numbers, pi, e, and brackets;
    - + - * / and powers, ^ or **: -z^2 is -(z^2), z^2^3 is z^(2^3), constant exponents up to 100;
    - implied products, which bind like *: 2z, (z-1)(z+1), z sin(z); 1/2z is z/2;
    - sin cos tan sinh cosh tanh exp log ln sqrt abs sign heaviside erf sigmoid softplus, each with
      its brackets, max and min of two or more, in either case; |z| is abs(z), also 2|z| and
      |z - |z-1||.
    A SymPy expression may also have atan, asinh, erfc and Piecewise. Anything else raises a
    ValueError that names the part: unknown names (log10, x), sin^2(z) for sin(z)^2, comparisons,
    constants that are not finite real numbers, formulas beyond 500 characters. Where r is not real
    at some z (log(z) at -1) it is nan there.

    `name` is a text for titles; `expression` and `derivative_expression` are r(z) and r'(z) (almost
    everywhere) as SymPy expressions, None for a cost from functions.
    """

    def __init__(self, expression):
        from gradlib.formula.graph import AtPoints, Formula
        from gradlib.formula.parser import read

        self.name = " ".join(str(expression).split())
        self.name = self.name if len(self.name) <= 60 else f"{self.name[:57]}..."
        self.expression = read(expression)
        self._formula = Formula(self.expression)
        self._at = partial(AtPoints, self._formula)

    @classmethod
    def from_functions(cls, value, gradient, name, break_points=()):
        """A cost from any two callables of a float array, called `name`.

        On R both map shape (n,) to (n,). On R^d `value` maps (n, d) to (n,) and `gradient` maps
        (n, d) to (n, d); for a Gaussian of shape (n, d) they get (K, n, d), K points for each row.
        `break_points` are the z where r or r' may jump or change fast, on R: nobody can see them in
        a function. Raises ValueError if the functions are not callable or return another shape.
        """
        require_function("value", value, " of z")
        require_function("gradient", gradient, " of z")
        if not isinstance(name, str):
            raise ValueError(f"name must be text; received {shorten(name)}")
        expected = "break_points must be finite numbers, such as [0.0, 1.5]"
        points = np.sort(np.ravel(finite_array(break_points, expected)))
        cost = cls.from_evaluation(partial(Evaluated, value, gradient, name), name)
        cost._break_points = lambda low, high: points[(low < points) & (points < high)]
        return cost

    @classmethod
    def from_evaluation(cls, at, name):
        """A cost from a function `at(z)` that returns what `Cost.at` does, called `name`.

        For a value and a slope that share work. Shapes are those of `from_functions`, unchecked.
        """
        cost = cls.__new__(cls)
        cost.name, cost.expression, cost._at = name, None, at
        cost._break_points = lambda low, high: np.array([])
        return cost

    def __repr__(self):
        return f"Cost({self.name!r})"

    def __call__(self, z):
        """r(z): of z's shape on R, a float for a float; on R^d (n,) for z of shape (n, d).

        An expression gives nan where it is not real and inf where it overflows.
        """
        return self.at(z).value

    def derivative(self, z):
        """r'(z) almost everywhere, of z's shape; on R^d the gradient.

        An expression gives the derivative from the right at a kink, and no delta at a step.
        """
        return self.at(z).slope

    def at(self, z):
        """The cost at the points z: an object with `.value` and `.slope`, r(z) and r'(z).

        Each is computed when it is first asked for, and what both need is computed once. The arrays
        are shared: change none of them.
        """
        return self._at(real_array(z, "z must be real numbers"))

    def remembering(self):
        """A copy for several estimators at the same points: a read-only z is evaluated once."""
        twin = copy(self)
        twin._at = Once(lambda z: Shared(self._at(z)))
        return twin

    def second_derivative(self, z):
        """r''(z) almost everywhere, of z's shape, on R: no deltas at kinks and steps.

        ValueError for a cost from functions: they do not say what it is.
        """
        if self.expression is None:
            raise ValueError(f"{self.name} is a cost from functions: it has no second derivative")
        return self.at(z).curvature

    def flaw_beyond(self, low, high):
        """Why E[r(Z)] is infinite or undefined for what r does outside (low, high), or None.

        A sentence about "it": a pole, a place where r is not a real number, or growth faster than
        any exp(c z^2). They are read off the expression where that is possible: powers and
        logarithms of polynomials on the whole line, growth at 1e12 and 1e24. Of other powers and
        logarithms, and of tan, the line is searched as far as the interval is wide on either side.
        None for a cost from functions.
        """
        return self._tails.flaw(low, high) if self.expression is not None else None

    @cached_property
    def _tails(self):
        from gradlib.formula.tails import Tails

        return Tails(self._formula, self.expression)

    def jittered(self, rng):
        """A copy whose every intermediate result, z included, is off by one unit of rounding.

        The signs are random, and fresh for each array of points.
        How far the copy's results lie from the cost's shows what rounding does to them. Of a cost
        from functions only z is moved: nobody can see inside.
        """
        from gradlib.formula.graph import AtPoints, off_by_rounding

        twin = copy(self)
        if self.expression is None:
            twin._at = lambda z: self._at(off_by_rounding(z, rng))
        else:
            twin._at = partial(AtPoints, self._formula, rng=rng)
        return twin

    @cached_property
    def derivative_expression(self):
        if self.expression is None:
            return None
        from gradlib.formula.functions import derivative

        return derivative(self.expression)

    def break_points(self, low, high, origin=None):
        """The z in (low, high) where r or r' may jump, be singular or change fast, sorted.

        With `origin` their distances z - origin, which have digits that z has no room for.

        They are read off the expression (see `formula.breaks.BreakPoints`); of a cost from
        functions, those that were given. Raises ValueError if r changes too fast to locate them.

        What is checked: kinks, jumps and singularities are found by interval arithmetic, down to
        what rounding can tell apart. Between them a bound on r in the complex plane says how narrow
        a feature can be, as far as a Gaussian with the interval as its reach (mean +- 38 sigma)
        would feel it; where it may be narrow, points are added, until panels are not much wider.
        That a quadrature then sees all is not proved: what is narrow and smaller than about 1e-5 of
        the |r| around it may still be missed.
        """
        low, high = interval([low, high], "low < high must be two finite numbers")
        points = self._break_points(low, high)
        if origin is None:
            return points
        origin = finite_array(origin, "origin must be a finite number", lambda x: x.ndim == 0)
        exact = self.expression is None or np.spacing(max(-low, high)) < 1e-16 * (high - low)
        return points - origin + (0 if exact else self._break_points.beyond_floats(points))

    @cached_property
    def _break_points(self):
        from gradlib.formula.breaks import BreakPoints

        return BreakPoints(self._formula, self.expression)
