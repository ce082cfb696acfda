"""The functions a formula may use, as SymPy functions, and the derivative of what they make."""

import mpmath
import sympy
from sympy.functions.elementary.piecewise import ExprCondPair
from sympy.logic.boolalg import Boolean

Z = sympy.Symbol("z", real=True)  # that of every cost


class _Elementary(sympy.Function):
    """A short name for an elementary expression, positive and smooth for a real argument.

    `.doit()` and `.rewrite(exp)` write the expression out. `lambdify` with NumPy, SciPy or mpmath
    gives code that neither overflows nor cancels.
    """

    def doit(self, deep=True, **hints):
        (u,) = self.args
        return self.written_out(u.doit(deep=deep, **hints) if deep else u)

    def _eval_rewrite_as_exp(self, u, **hints):
        return self.written_out(u)

    def _eval_is_positive(self):
        return self.args[0].is_real or None


class sigmoid(_Elementary):
    """sigmoid(u) = 1/(1 + exp(-u)), with derivative sigmoid(u) sigmoid(-u)."""

    @staticmethod
    def written_out(u):
        return 1 / (1 + sympy.exp(-u))

    def fdiff(self, argindex=1):
        (u,) = self.args
        return sigmoid(u) * sigmoid(-u)

    def _eval_mpmath(self):
        return lambda u: 1 / (1 + mpmath.exp(-u)), self.args

    def _mpmathcode(self, printer):
        exp = printer._module_format("mpmath.exp")
        return f"(1/(1 + {exp}({printer._print(-self.args[0])})))"

    def _numpycode(self, printer):
        exp, logaddexp = map(printer._module_format, ("numpy.exp", "numpy.logaddexp"))
        return f"{exp}(-{logaddexp}(0, {printer._print(-self.args[0])}))"


class softplus(_Elementary):
    """softplus(u) = log(1 + exp(u)), with derivative sigmoid(u)."""

    @staticmethod
    def written_out(u):
        return sympy.log(1 + sympy.exp(u))

    def fdiff(self, argindex=1):
        return sigmoid(self.args[0])

    def _eval_mpmath(self):
        return lambda u: mpmath.log1p(mpmath.exp(u)), self.args

    def _mpmathcode(self, printer):
        log1p, exp = map(printer._module_format, ("mpmath.log1p", "mpmath.exp"))
        return f"{log1p}({exp}({printer._print(self.args[0])}))"

    def _numpycode(self, printer):
        logaddexp = printer._module_format("numpy.logaddexp")
        return f"{logaddexp}(0, {printer._print(self.args[0])})"


def _with_slope(name, slope):
    """A function whose derivative is `slope` of its first argument."""
    return type(name, (sympy.Function,), {"fdiff": lambda self, argindex=1: slope(self.args[0])})


# SymPy leaves the slope of Abs open where it cannot prove u real, and gives a step a delta.
STAND_INS = {
    sympy.Abs: _with_slope("_abs", sympy.sign),
    sympy.sign: _with_slope("_sign", lambda u: sympy.S.Zero),
    sympy.Heaviside: _with_slope("_step", lambda u: sympy.S.Zero),
}


def derivative(r):
    """r'(z) almost everywhere, as an expression: no delta at a step."""
    for function, stand_in in STAND_INS.items():
        r = r.replace(function, stand_in)
    slope = r.diff(Z)
    for function, stand_in in STAND_INS.items():
        slope = slope.replace(stand_in, function)
    return slope


BY_NAME = {
    "sin": sympy.sin,
    "cos": sympy.cos,
    "tan": sympy.tan,
    "sinh": sympy.sinh,
    "cosh": sympy.cosh,
    "tanh": sympy.tanh,
    "exp": sympy.exp,
    "log": sympy.log,
    "ln": sympy.log,
    "sqrt": sympy.sqrt,
    "abs": sympy.Abs,
    "max": sympy.Max,
    "min": sympy.Min,
    "sign": sympy.sign,
    "heaviside": sympy.Heaviside,
    "erf": sympy.erf,
    "sigmoid": sigmoid,
    "softplus": softplus,
}

KNOWN = (
    *(function for function in BY_NAME.values() if isinstance(function, type)),
    *(sympy.asinh, sympy.atan, sympy.erfc, sympy.Piecewise, ExprCondPair, Boolean),
    *(sympy.Add, sympy.Mul, sympy.Pow, sympy.Symbol),
)


def unknown_part(expression):
    """The first part of an expression that a cost may not be built from; None if there is none."""
    for part in sympy.preorder_traversal(expression):
        if not isinstance(part, KNOWN) and (part.args or not part.is_number):
            return part
    return None
