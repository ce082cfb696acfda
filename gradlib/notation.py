"""The symbols of the derivations, and how they are written.

SymPy's own output spells out every argument. Here mu(phi) is written mu and its derivative mu',
the density of Z is q and that of eps is n, and factors stand in the order in which people write
them: number, cost, density, the rest, operators.
"""

from sympy import Add, Derivative, Function, Integral, Mul, Subs, exp, pi, sqrt, symbols
from sympy.core.function import AppliedUndef
from sympy.printing.latex import LatexPrinter
from sympy.printing.str import StrPrinter


class Abbreviation(Function):
    """A function that keeps its short name until `.doit()` writes it out."""

    def _eval_derivative(self, x):
        return self.doit().diff(x)

    def _eval_evalf(self, prec):
        return self.doit()._eval_evalf(prec)


class Normal(Abbreviation):
    """The density N(z | mu, sigma^2)."""

    nargs = 3

    def doit(self, **hints):
        z, mu, sigma = (arg.doit(**hints) for arg in self.args)
        return exp(-((z - mu) ** 2) / (2 * sigma**2)) / (sqrt(2 * pi) * sigma)


class Velocity(Abbreviation):
    """v(z) = dz/dphi at fixed eps: how fast a sample that is at z moves when phi grows."""

    nargs = 4

    def doit(self, **hints):
        z, mu, sigma, phi = (arg.doit(**hints) for arg in self.args)
        return mu.diff(phi) + sigma.diff(phi) * (z - mu) / sigma


z, eps, phi = symbols("z eps phi", real=True)
r = Function("r")
mu = Function("mu")(phi)
sigma = Function("sigma", positive=True)(phi)
dmu, dsigma = Derivative(mu, phi), Derivative(sigma, phi)
q = Normal(z, mu, sigma)  # the density of Z
n = Normal(eps, 0, 1)  # the density of eps
v = Velocity(z, mu, sigma, phi)


class Notation:
    """What LaTeX and plain text have in common; goes before a SymPy printer."""

    def _print_Symbol(self, e):
        return self.names.get(e.name) or super()._print_Symbol(e)

    def _print_Function(self, e, **power):
        if e in (mu, sigma):
            text = self.names[e.name]
        elif isinstance(e, AppliedUndef | Abbreviation):
            names = {Normal: self.density, Velocity: "v"}
            name = "n" if e.args[1:] == (0, 1) else names.get(e.func, e.func.__name__)
            text = f"{name}({self._print(e.args[0])})"
        elif e.func.__name__ == "log" and isinstance(e.args[0], Normal) and not power:
            return f"{self.log} {self._print(e.args[0])}"
        else:
            return super()._print_Function(e, **power)
        return f"{text}^{{{power['exp']}}}" if power else text

    _print_log = _print_Function

    def _print_Derivative(self, e):
        if primes := _primes(e):
            return f"r{primes}({self._print(e.variables[0])})"
        if len(e.variables) != 1:
            return super()._print_Derivative(e)
        if e.expr in (mu, sigma):
            return f"{self._print(e.expr)}'"
        operator = self.total if e.has(Integral) else self.partial
        return operator.format(self._print(e.variables[0])) + self._bracketed(e.expr, Add | Mul)

    def _print_Subs(self, e):
        if len(e.variables) != 1:
            return super()._print_Subs(e)
        point = self._print(e.point[0])
        if primes := _primes(e.expr):
            return f"r{primes}({point})"
        if isinstance(e.expr, Derivative) and e.point[0] in (mu, sigma):
            return self._print(e.expr)
        return self.at.format(self._print(e.expr), self._print(e.variables[0]), point)

    def _print_Integral(self, e):
        if len(e.variables) != 1:
            return super()._print_Integral(e)
        body, x = self._bracketed(e.function, Add), self._print(e.variables[0])
        return self.integral.format(body, x)

    def _print_Mul(self, e):
        if e.as_coeff_Mul()[0].is_negative:
            return "-" + self._print(-e)
        groups = {}
        for factor in e.args:
            groups.setdefault(_place(factor), []).append(factor)
        if len(groups) == 1:
            return super()._print_Mul(e)
        factors = [Mul(*groups[place]) for place in sorted(groups)]
        return self.times.join(self._bracketed(factor, Add) for factor in factors)

    def _as_ordered_terms(self, e, order=None):
        def place(term):
            return term.could_extract_minus_sign(), term.has(dsigma), term.has(sigma)

        return sorted(super()._as_ordered_terms(e, order), key=place)

    def _bracketed(self, e, kinds):
        return self.bracket.format(self._print(e)) if isinstance(e, kinds) else self._print(e)


def _primes(e):
    """A prime for each derivative if e is one of r(x) with respect to x, else nothing."""
    if isinstance(e, Derivative) and e.expr.func == r and set(e.variables) == set(e.expr.args):
        return "'" * len(e.variables)
    return ""


def _place(factor):
    """Number, cost, density, the rest, mu' and sigma', eps, operators."""
    base = factor.as_base_exp()[0]
    if factor.is_number:
        return 0
    if base in (mu, sigma):
        return 3
    if base.func == r or _primes(base) or (isinstance(base, Subs) and _primes(base.expr)):
        return 1
    if isinstance(base, Normal) or (isinstance(base, Subs) and not base.has(Derivative)):
        return 2
    if base in (dmu, dsigma):
        return 4
    if base == eps:
        return 5
    return 6 if isinstance(base, Derivative | Subs | Integral) else 3


GREEK = {"mu": "μ", "sigma": "σ", "phi": "φ", "eps": "ε", "theta": "θ"}
TEX = {name: rf"\{name}" for name in GREEK} | {"eps": r"\varepsilon"}


class Latex(Notation, LatexPrinter):
    """LaTeX that fits the width of a notebook."""

    names, density, log = TEX, r"q_\phi", r"\log"
    times, bracket, at = r" \, ", r"\left[ {} \right]", r"\left[ {} \right]_{{{} = {}}}"
    integral = r"\int_{{-\infty}}^{{\infty}} {} \, d{}"
    total, partial = r"\frac{{d}}{{d{}}} ", r"\frac{{\partial}}{{\partial {}}} \, "

    def sentence(self, text):
        """Words, with formulas between dollar signs."""
        tex = str.maketrans({letter: TEX[name] + " " for name, letter in GREEK.items()})
        parts = text.split("$")
        parts[::2] = [rf"\text{{{words}}}" if words else "" for words in parts[::2]]
        parts[1::2] = [formula.translate(tex) for formula in parts[1::2]]
        return "".join(parts)


class Text(Notation, StrPrinter):
    """The same for a terminal."""

    names, density, log = GREEK, "q", "log"
    times, bracket, at, integral = " ", "[{}]", "[{}]_({} = {})", "∫ {} d{}"
    total, partial = "d/d{} ", "∂/∂{} "

    def sentence(self, text):
        return text.replace("$", "")
