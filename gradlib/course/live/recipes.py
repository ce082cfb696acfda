"""Costs as JavaScript: SymPy prints r, r' and r'' from the one parsed formula."""

import numpy as np
import sympy
from sympy.printing.jscode import JavascriptCodePrinter

from gradlib.cost import Cost
from gradlib.course.families import SYMBOLS, log10_formulas
from gradlib.estimators import pathwise, score_function
from gradlib.formula.functions import Z, derivative
from gradlib.gaussian import Gradient

FARTHEST = 150.0  # |z| that an exact value may look at: |mu| + 38 sigma for what controls allow
MOST_BREAKS = 2000
SEEN = np.linspace(-6, 6, 400)  # where rounding inside the cost is looked at
OWN = ("erf", "sigmoid", "softplus", "Heaviside")  # the LIBRARY of estimators.js
W = sympy.Symbol("w", real=True)


class _Printer(JavascriptCodePrinter):
    def _print_Pow(self, power):
        if power.exp == sympy.Rational(1, 3):  # Math.cbrt would be real for a negative z
            return f"Math.pow({self._print(power.base)}, 1/3)"
        return super()._print_Pow(power)


PRINTER = _Printer({"user_functions": {name: name.lower() for name in OWN}})


def javascript(expression):
    """A SymPy expression in JavaScript, on one line."""
    return " ".join(PRINTER.doprint(expression).split())


def recipe(formula):
    """A cost for estimators.js, from the text of a formula; ValueError if it is none.

    `flaw` is a sentence about "it", or None: why no exact value of this cost can be stated.
    """
    cost = Cost(formula)
    flaw, breaks = _flaw(cost), []
    try:
        breaks = cost.break_points(-FARTHEST, FARTHEST).tolist()
    except ValueError as error:
        flaw = str(error)
    if len(breaks) > MOST_BREAKS:
        flaw, breaks = "it has too many kinks and peaks to be drawn while it moves", []
    name = " ".join(formula.split())  # in full: costs are known by it
    return _recipe(name, cost.expression, breaks) | {"flaw": flaw}


def ramp():
    """A step that is w wide; a true step for w = 0. It needs a control called w."""
    rising = sympy.Max(0, sympy.Min(1, Z / W + sympy.Rational(1, 2)))
    r = sympy.Piecewise((sympy.Heaviside(Z), sympy.Eq(W, 0)), (rising, True))
    return _recipe("ramp of width w", r, "[-w / 2, w / 2]", needs=["w"])


def log_ratios(formula):
    """log10(variance of score function / pathwise) of the cost plus c, in JavaScript, by parameter.

    Both are functions of mu, sigma and c; ValueError for a cost without closed forms.
    """
    from gradlib.symbolic.closed_forms import exact_variance

    cost = Cost(formula).expression + sympy.Symbol("c", real=True)
    pairs = zip(*(exact_variance(f, cost) for f in (score_function, pathwise)), strict=True)
    ratios = [javascript(sympy.log(first / second) / sympy.log(10)) for first, second in pairs]
    functions = (f"(mu, sigma, c) => {ratio}" for ratio in ratios)
    return dict(zip(Gradient._fields, functions, strict=True))


def in_dimensions(family):
    """What `families.log10_formulas` says, in JavaScript: a function of the moments and of d."""
    names = ("score", "best", "pathwise", "gradient")
    pairs = zip(names, map(javascript, log10_formulas(family)), strict=True)
    moments = ", ".join(symbol.name for symbol in SYMBOLS[:-1])
    found = ", ".join(f"{name}: {formula}" for name, formula in pairs)
    return f"({{ {moments} }}, d) => ({{ {found} }})"


def _recipe(name, r, breaks, needs=()):
    slope = derivative(r)
    parts = {"r": r, "slope": slope, "bend": derivative(slope)}
    functions = ", ".join(f"{key}: (z) => {javascript(part)}" for key, part in parts.items())
    source = f"({{ {', '.join(needs)} }}) => ({{ {functions}, breaks: {breaks} }})"
    constant = float(r.as_coeff_Add()[0])
    return {
        "name": name,
        "source": source,
        "needs": list(needs),
        "constant": constant,
        "flaw": None,
    }


def _flaw(cost):
    """What makes expectations infinite or undefined, wherever the bell is, or not computable."""
    far = FARTHEST
    for low, high in ((-far, far), (far, 3 * far), (-3 * far, -far)):
        if flaw := cost.flaw_beyond(low, high):
            return flaw
    shaken = cost.jittered(np.random.default_rng(0))
    for f, g in ((cost, shaken), (cost.derivative, shaken.derivative)):
        exact, noisy = f(SEEN), g(SEEN)
        if not np.abs(noisy - exact).max() <= 1e-10 * np.abs(exact).max():
            return "it is spoilt by rounding inside the cost"
    return None
