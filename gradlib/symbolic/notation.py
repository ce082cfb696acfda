"""The symbols of the derivations, and how they are written.

SymPy's own output spells out every argument. Here mu(phi) is written mu and its derivative mu',
the density of Z is q and that of eps is n, and factors stand in the order in which people write
them: number, cost, density, the rest, operators. Where arguments only repeat themselves,
`ExpectationLatex` and `ExpectationText` write E[r] for the integral of r(mu + sigma*eps) n(eps).
"""

from sympy import Add, Derivative, Function, Integral, Mul, Subs, exp, log, oo, pi, sqrt, symbols
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
Z = mu + sigma * eps

# Two coordinates of a diagonal Gaussian on R^d.
z_i, z_j, eps_i, eps_j = symbols("z_i z_j eps_i eps_j", real=True)
mu_i, mu_j = (Function(name)(phi) for name in ("mu_i", "mu_j"))
sigma_i, sigma_j = (Function(name, positive=True)(phi) for name in ("sigma_i", "sigma_j"))
Z_i, Z_j = mu_i + sigma_i * eps_i, mu_j + sigma_j * eps_j

PARAMETERS = (mu, sigma, mu_i, mu_j, sigma_i, sigma_j)


def over(x, integrand):
    """The integral over x from -oo to oo."""
    return Integral(integrand, (x, -oo, oo))


def partial_at(f, x, point):
    """The partial derivative of f with respect to x, taken at a point."""
    return Subs(Derivative(f, x), x, point)


m, s = symbols("mu sigma", positive=True)
score_mu = partial_at(log(Normal(z, m, sigma)), m, mu)
score_sigma = partial_at(log(Normal(z, mu, s)), s, sigma)


NUMBER, COST, DENSITY, REST, SLOPE, NOISE, OPERATOR = range(7)  # the factors of a product


class Notation:
    """What LaTeX and plain text have in common; goes before a SymPy printer."""

    places = (NUMBER, COST, DENSITY, REST, SLOPE, NOISE, OPERATOR)

    def _print_Symbol(self, e):
        return self.names.get(e.name) or super()._print_Symbol(e)

    def _print_Function(self, e, **power):
        if e in PARAMETERS:
            text = self.names[e.name]
        elif isinstance(e, AppliedUndef | Abbreviation):
            names = {Normal: self.density, Velocity: "v"}
            name = "n" if e.args[1:] == (0, 1) else names.get(e.func, e.func.__name__)
            text = self._at(name, e.args if e.func == r else e.args[:1])
        elif e.func.__name__ == "log" and isinstance(e.args[0], Normal) and not power:
            return f"{self.log} {self._print(e.args[0])}"
        else:
            return super()._print_Function(e, **power)
        return f"{text}^{{{power['exp']}}}" if power else text

    _print_log = _print_Function

    def _print_Derivative(self, e):
        if primes := _primes(e):
            return self._at(f"r{primes}", e.expr.args)
        if len(e.variables) != 1:
            return super()._print_Derivative(e)
        if e.expr in (mu, sigma):
            return f"{self._print(e.expr)}'"
        operator = self.total if e.has(Integral) else self.partial
        return operator.format(self._print(e.variables[0])) + self._bracketed(e.expr, Add | Mul)

    def _print_Subs(self, e):
        if primes := _primes(e.expr):
            return self._at(f"r{primes}", e.expr.expr.subs(dict(zip(e.variables, e.point))).args)
        if len(e.variables) != 1:
            return super()._print_Subs(e)
        point = self._print(e.point[0])
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
        if not e.is_Mul:  # 1/sigma
            return super()._print_Mul(e)
        groups = {}
        for factor in e.args:
            groups.setdefault(_place(factor), []).append(factor)
        if {NUMBER, REST} <= set(groups) and not {COST, DENSITY} & set(groups):  # 2/sigma
            groups[NUMBER] += groups.pop(REST)
        if set(groups) <= {NUMBER, REST}:
            return super()._print_Mul(e)
        factors = []
        for place in sorted(groups, key=self.places.index):
            together = place in (NUMBER, REST)
            factors += [Mul(*groups[place])] if together else sorted(groups[place], key=self._print)
        return self.times.join(self._bracketed(factor, Add) for factor in factors)

    def parenthesize(self, item, level, *args, **options):
        """The base of a power: r'(z) and mu' need no brackets, other derivatives do."""
        if item in (dmu, dsigma) or _primes(item.expr if isinstance(item, Subs) else item):
            return self._print(item)
        if isinstance(item, Derivative | Subs):
            return self.bracket.format(self._print(item))
        return super().parenthesize(item, level, *args, **options)

    def _at(self, name, points):
        return f"{name}({', '.join(map(self._print, points))})"

    def _as_ordered_terms(self, e, order=None):
        def place(term):
            return term.could_extract_minus_sign(), term.has(dsigma), term.has(sigma)

        return sorted(super()._as_ordered_terms(e, order), key=place)

    def _bracketed(self, e, kinds):
        return self.bracket.format(self._print(e)) if isinstance(e, kinds) else self._print(e)


class Expectations:
    """E[f] for the integral of f n(eps); goes before Notation. No function shows its argument."""

    places = (NUMBER, COST, DENSITY, SLOPE, REST, NOISE, OPERATOR)

    def _at(self, name, points):
        return name

    def _print_Integral(self, e):
        factors = Mul.make_args(e.function)
        densities = {Normal(x, 0, 1) for x in e.variables} if z not in e.variables else {q}
        if not densities <= set(factors):
            return super()._print_Integral(e)
        return self.mean.format(self._print(Mul(*(f for f in factors if f not in densities))))

    def _as_ordered_terms(self, e, order=None):
        def place(term):  # mu'^2, mu' sigma', sigma'^2; within each, r before its derivatives
            orders = [len(f.variables) for f in term.atoms(Derivative) if f.expr.func == r]
            order = sum(orders), max(orders, default=0)
            return term.has(dsigma), not term.has(dmu), order, term.could_extract_minus_sign()

        return sorted(super()._as_ordered_terms(e, order), key=place)


def _primes(e):
    """What follows the r if e is a derivative of r: "''" on R, "_{ij}" on R^d; else nothing."""
    if isinstance(e, Derivative) and e.expr.func == r:
        if e.variables == e.expr.args * len(e.variables):
            return "'" * len(e.variables)
        if e.expr.args == (z_i, z_j) and set(e.variables) <= {z_i, z_j}:
            index = "".join(x.name[-1] for x in e.variables)
            return f"_{index}" if len(index) == 1 else f"_{{{index}}}"
    return ""


def _place(factor):
    base = factor.as_base_exp()[0]
    if factor.is_number:
        return NUMBER
    if base.func == r or _primes(base) or (isinstance(base, Subs) and _primes(base.expr)):
        return COST
    if isinstance(base, Normal) or (isinstance(base, Subs) and not base.has(Derivative)):
        return DENSITY
    if base in (dmu, dsigma):
        return SLOPE
    if base in (eps, eps_i, eps_j):
        return NOISE
    return OPERATOR if isinstance(base, Derivative | Subs) or base.has(Integral) else REST


GREEK = {"mu": "μ", "sigma": "σ", "phi": "φ", "eps": "ε", "theta": "θ"}
TEX = {name: rf"\{name}" for name in GREEK} | {"eps": r"\varepsilon"}


def _with_indices(names):
    return names | {f"{name}_{k}": f"{short}_{k}" for name, short in names.items() for k in "ij"}


class Latex(Notation, LatexPrinter):
    """LaTeX that fits the width of a notebook."""

    names, density, log = _with_indices(TEX), r"q_\phi", r"\log"
    times, bracket, at = r" \, ", r"\left[ {} \right]", r"\left[ {} \right]_{{{} = {}}}"
    integral = r"\int_{{-\infty}}^{{\infty}} {} \, d{}"
    total, partial = r"\frac{{d}}{{d{}}} ", r"\frac{{\partial}}{{\partial {}}} \, "

    def in_rows(self, e):
        return self.doprint(e)

    def sentence(self, text):
        """Words, with formulas between dollar signs."""
        tex = str.maketrans({letter: TEX[name] + " " for name, letter in GREEK.items()})
        parts = text.split("$")
        parts[::2] = [rf"\text{{{words}}}" if words else "" for words in parts[::2]]
        parts[1::2] = [formula.translate(tex) for formula in parts[1::2]]
        return "".join(parts)


class ExpectationLatex(Expectations, Latex):
    """LaTeX with expectations, and a long sum in rows."""

    bracket, mean = r"\left( {} \right)", r"E\left[ {} \right]"

    def in_rows(self, e, width=90):
        """The expression; if it is too long for a line, one term below the other."""
        if not (e.is_Add and len(ExpectationText().doprint(e)) > width):
            return self.doprint(e)
        terms = [self.doprint(term) for term in self._as_ordered_terms(e)]
        rows = [terms[0]] + [term if term[0] == "-" else f"{{}} + {term}" for term in terms[1:]]
        rows = r" \\ ".join(rf"\displaystyle {row}" for row in rows)
        return rf"\begin{{array}}[t]{{l}} {rows} \end{{array}}"


class Text(Notation, StrPrinter):
    """The same for a terminal."""

    names, density, log = _with_indices(GREEK), "q", "log"
    times, bracket, at, integral = " ", "[{}]", "[{}]_({} = {})", "∫ {} d{}"
    total, partial = "d/d{} ", "∂/∂{} "

    def _print_Pow(self, e, rational=False):
        if e.exp.is_negative and e.exp != -1:
            return f"1/{self._print(1 / e)}"
        return super()._print_Pow(e, rational)

    def sentence(self, text):
        return text.replace("$", "")


class ExpectationText(Expectations, Text):
    """Text with expectations."""

    bracket, mean = "({})", "E[{}]"
