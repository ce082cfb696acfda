"""Closed forms of Gaussian expectations by gradlib's one rule, by `sympy.stats` and `integrate`.

SymPy is told that k > 0. The last expressions are squares of score-function terms: what a variance
needs. Each form is found in a process of its own, for SymPy remembers, and may be stopped.
"""

from functools import partial

from bench.harness import Case, NoResult, fresh_process
from gradlib import Cost, Gaussian, exact_value

LIMIT = 20  # seconds, with the start of Python
EXPRESSIONS = [
    "z**6",
    "cos(k*z)",
    "exp(-k*z**2)",
    "(z**2*(z - mu)/sigma**2)**2",
    "(cos(k*z)*(z - mu)/sigma**2)**2",
]
SETTING = {"mu": 0.7, "sigma": 0.9, "k": 0.6}
CODE = """
import json, time
import sympy as sp, sympy.stats
from gradlib.symbolic import gaussian_expectation, mu, sigma, z
symbols = {{"z": z, "mu": mu, "sigma": sigma, "k": sp.Symbol("k", positive=True)}}
expression = sp.sympify({text!r}, locals=symbols)
density = sp.exp(-(z - mu)**2 / (2 * sigma**2)) / (sp.sqrt(2 * sp.pi) * sigma)
start = time.perf_counter()
form = {method}
seconds = time.perf_counter() - start
assert not form.has(sp.Integral), "no closed form"
at = {{symbols[name]: number for name, number in {setting}.items()}}
value = complex(form.subs(at).evalf(20))
print(json.dumps([seconds, value.real, value.imag]))
"""
METHODS = {
    "gradlib": "gaussian_expectation(expression)",
    "sympy.stats": "sympy.stats.E(expression.subs(z, sympy.stats.Normal('Z', mu, sigma)))",
    "sympy.integrate": "sp.integrate(expression * density, (z, -sp.oo, sp.oo))",
}


def cases(small=False):
    q = Gaussian(SETTING["mu"], SETTING["sigma"])
    for text in EXPRESSIONS[:1] if small else EXPRESSIONS:
        formula = text
        for name, number in SETTING.items():
            formula = formula.replace(name, str(number))
        expected, values = exact_value(Cost(formula), q), {}

        def check(label, result, text=text, expected=expected, values=values):
            error = abs(values[label] - expected)
            assert error <= 1e-9 * abs(expected), f"{text} is {expected}, not {values[label]}"

        contenders = {label: partial(found, label, text, values) for label in METHODS}
        yield Case(f"E[{text}] in closed form", contenders, check, measured="s")


def found(label, text, values):
    """Seconds that a method takes; its value in the setting goes into `values`."""
    code = CODE.format(method=METHODS[label], text=text, setting=SETTING)
    seconds, real, imaginary = fresh_process(code, LIMIT)
    if abs(imaginary) > 1e-9:
        raise NoResult("a form that is not real")
    values[label] = real
    return seconds
