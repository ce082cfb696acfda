"""The cost r(z): from a formula, a SymPy expression or any two functions."""

from functools import cached_property, partial

import numpy as np

from gradlib.formula import flaw, parse, shorten


class Cost:
    """A cost r(z) with its derivative almost everywhere.

    `Cost("(z - 1)^2 + abs(z)")` reads a formula (see `formula.parse`), `Cost(expression)` takes a
    SymPy expression in one symbol named z; both are costs on R. `Cost.from_functions` takes any two
    callables, also on R^d. Raises ValueError for anything else, and for an expression that is not
    made of finite real numbers and the functions of a formula (or atan, asinh, erfc, Piecewise).

    `name` is a text for titles; `expression` and `derivative_expression` are r(z) and r'(z) (almost
    everywhere) as SymPy expressions, None for a cost from functions.
    """

    def __init__(self, expression):
        from gradlib.forward import slope, sympy, value

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
        self._value = partial(value, self.expression)
        self._derivative = partial(slope, self.expression)

    @classmethod
    def from_functions(cls, value, gradient, name):
        """A cost from any two callables of a float array, called `name`.

        On R both map shape (n,) to (n,). On R^d `value` maps (n, d) to (n,) and `gradient` maps
        (n, d) to (n, d). Raises ValueError if they are not callable or return another shape.
        """
        for role, function in (("value", value), ("gradient", gradient)):
            if not callable(function):
                raise ValueError(f"{role} must be a function of z; received {shorten(function)}")
        if not isinstance(name, str):
            raise ValueError(f"name must be text; received {shorten(name)}")
        cost = cls.__new__(cls)
        cost.name, cost.expression = name, None
        cost._value = partial(_checked, value, f"the value of {name}", 1)
        cost._derivative = partial(_checked, gradient, f"the gradient of {name}", 2)
        return cost

    def __repr__(self):
        return f"Cost({self.name!r})"

    def __call__(self, z):
        """r(z): of z's shape on R, a float for a float; on R^d (n,) for z of shape (n, d).

        An expression gives nan where it is not real and inf where it overflows.
        """
        return self._value(z)

    def derivative(self, z):
        """r'(z) almost everywhere, of z's shape; on R^d the gradient.

        An expression gives the derivative from the right at a kink, and no delta at a step.
        """
        return self._derivative(z)

    @cached_property
    def derivative_expression(self):
        if self.expression is None:
            return None
        from gradlib.functions import derivative, sympy

        return derivative(self.expression, sympy.Symbol("z", real=True))

    def break_points(self, low, high):
        """The z in (low, high) where r or r' may jump, be singular or change fast, sorted.

        They are read off the expression (see `breaks.BreakPoints`); none are known of a cost from
        functions. Raises ValueError if r changes too fast to locate them.
        """
        if not (np.isfinite([low, high]).all() and low < high):
            raise ValueError(f"low < high must be finite numbers; received {low} and {high}")
        return np.empty(0) if self.expression is None else self._break_points(low, high)

    @cached_property
    def _break_points(self):
        from gradlib.breaks import BreakPoints, sympy

        return BreakPoints(self.expression, sympy.Symbol("z", real=True))


def _in_real_z(expression):
    """The SymPy expression with its symbol z made real; ValueError if it is no cost."""
    from gradlib.functions import sympy, unknown_part

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


def _checked(function, role, rank, z):
    """function(z) as floats; for z of shape (n, d) the result must have that many axes."""
    z = np.asarray(z, dtype=float)
    if z.ndim > 2:
        raise ValueError(f"{role} expects z of shape (n,) or (n, d); received {z.shape}")
    points = np.atleast_1d(z)
    expected = points.shape[:rank]
    result = np.asarray(function(points), dtype=float)
    if result.shape != expected:
        raise ValueError(
            f"{role} at z of shape {points.shape} must have shape {expected}; "
            f"received {result.shape}"
        )
    return result.reshape(z.shape)[()] if z.ndim == 0 else result
