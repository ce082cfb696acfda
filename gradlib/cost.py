"""The cost r(z): from a formula, a SymPy expression or any two functions."""

from copy import copy
from functools import cached_property, partial

import numpy as np

from gradlib.arguments import Once, read_only, real_array, shorten
from gradlib.formula.parser import flaw, parse


class Cost:
    """A cost r(z) with its derivative almost everywhere.

    `Cost("(z - 1)^2 + abs(z)")` reads a formula (see `formula.parser.parse`), `Cost(expression)`
    takes a SymPy expression in one symbol named z; both are costs on R. `Cost.from_functions` takes
    any two callables, also on R^d. Raises ValueError for anything else, and for an expression that
    is not made of finite real numbers and the functions of a formula (or atan, asinh, erfc,
    Piecewise).

    `name` is a text for titles; `expression` and `derivative_expression` are r(z) and r'(z) (almost
    everywhere) as SymPy expressions, None for a cost from functions.
    """

    def __init__(self, expression):
        from gradlib.formula.forward import Forward, sympy

        self.name = " ".join(str(expression).split())
        self.name = self.name if len(self.name) <= 60 else f"{self.name[:57]}..."
        if isinstance(expression, str):
            self.expression = parse(expression)
        elif isinstance(expression, sympy.Expr):
            self.expression = _in_real_z(expression)
        else:
            raise ValueError(
                "a cost must be text, such as 'z^2', or a SymPy expression in z; "
                f"received {shorten(expression)}"
            )
        self._at = partial(Forward, self.expression)

    @classmethod
    def from_functions(cls, value, gradient, name, break_points=()):
        """A cost from any two callables of a float array, called `name`.

        On R both map shape (n,) to (n,). On R^d `value` maps (n, d) to (n,) and `gradient` maps
        (n, d) to (n, d); for a Gaussian of shape (n, d) they get (K, n, d), K points for each row.
        `break_points` are the z where r or r' may jump or change fast, on R: nobody can see them in
        a function. Raises ValueError if the functions are not callable or return another shape.
        """
        for role, function in (("value", value), ("gradient", gradient)):
            if not callable(function):
                raise ValueError(f"{role} must be a function of z; received {shorten(function)}")
        if not isinstance(name, str):
            raise ValueError(f"name must be text; received {shorten(name)}")
        expected = "break_points must be finite numbers, such as [0.0, 1.5]"
        points = np.sort(np.ravel(real_array(break_points, expected)))
        if not np.isfinite(points).all():
            raise ValueError(f"{expected}; received {shorten(break_points)}")
        cost = cls.__new__(cls)
        cost.name, cost.expression = name, None
        cost._at = partial(_Functions, value, gradient, name)
        cost._break_points = lambda low, high: points[(low < points) & (points < high)]
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

        Each is computed when it is first asked for, and what both need is computed once.
        """
        return self._at(real_array(z, "z must be real numbers"))

    def remembering(self):
        """A copy for several estimators at the same points: a read-only z is evaluated once."""
        twin = copy(self)
        twin._at = Once(lambda z: _Shared(self._at(z)))
        return twin

    @cached_property
    def derivative_expression(self):
        if self.expression is None:
            return None
        from gradlib.formula.functions import derivative, sympy

        return derivative(self.expression, sympy.Symbol("z", real=True))

    def break_points(self, low, high):
        """The z in (low, high) where r or r' may jump, be singular or change fast, sorted.

        They are read off the expression (see `formula.breaks.BreakPoints`); of a cost from
        functions, those that were given. Raises ValueError if r changes too fast to locate them.
        """
        if not (np.isfinite([low, high]).all() and low < high):
            raise ValueError(f"low < high must be finite numbers; received {low} and {high}")
        return self._break_points(low, high)

    @cached_property
    def _break_points(self):
        from gradlib.formula.breaks import BreakPoints, sympy

        return BreakPoints(self.expression, sympy.Symbol("z", real=True))


def _in_real_z(expression):
    """The SymPy expression with its symbol z made real; ValueError if it is no cost."""
    from gradlib.formula.functions import sympy, unknown_part

    received = shorten(expression)
    z = sympy.Symbol("z", real=True)
    strangers = sorted({symbol.name for symbol in expression.free_symbols} - {"z"})
    real = expression.xreplace(dict.fromkeys(expression.free_symbols, z))
    if strangers or (unknown := unknown_part(real)):
        raise ValueError(
            "a cost must be built from z, numbers and the functions of a formula; "
            f"received {received} with {', '.join(strangers) or unknown} "
            "(Cost.from_functions takes any cost)"
        )
    if reason := flaw(real):
        raise ValueError(f"{received} {reason}")
    return real


class _Shared:
    """A cost at the points z, for several readers: none can change what the others read."""

    def __init__(self, there):
        self._there = there

    @cached_property
    def value(self):
        return read_only(self._there.value)

    @cached_property
    def slope(self):
        return read_only(self._there.slope)


class _Functions:
    """A cost from functions at the points z; see `Cost.at`."""

    def __init__(self, value, gradient, name, z):
        self._value, self._gradient, self.name, self.z = value, gradient, name, z
        self.points = np.atleast_1d(z)

    @cached_property
    def value(self):
        expected = self.points.shape[:-1] if self.points.ndim > 1 else self.points.shape
        return self._checked(self._value, "value", expected)

    @cached_property
    def slope(self):
        return self._checked(self._gradient, "gradient", self.points.shape)

    def _checked(self, function, role, expected):
        result = real_array(function(self.points), f"the {role} of {self.name} must be numbers")
        if result.shape != expected:
            raise ValueError(
                f"the {role} of {self.name} at z of shape {self.points.shape} must have shape "
                f"{expected}; received {result.shape}"
            )
        return result.reshape(self.z.shape)[()] if self.z.ndim == 0 else result
