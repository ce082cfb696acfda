"""Expectations over Z ~ N(mu, sigma^2) in closed form: sums of z^n exp(a z^2 + b z + c).

They are closed under products, and contain sine and cosine through complex b. One rule does it
all, for exp(a z^2 + b z) tilts one Gaussian into another. With A = 1 - 2 a sigma^2,

    E[Z^n exp(a Z^2 + b Z + c)] = E[X^n] exp((a mu^2 + b mu + b^2 sigma^2 / 2)/A + c) / sqrt(A),
    X ~ N((mu + b sigma^2)/A, sigma^2/A).

A sum is a dict {u: p} that stands for the sum of p exp(u). Before the expectation u is at most
quadratic in z and p a polynomial in z; afterwards neither contains z.
"""

from collections import defaultdict
from functools import reduce
from math import factorial

import sympy as sp
from sympy import I, Mul, S, cos, exp, log, sin

from gradlib.arguments import shorten
from gradlib.formula.parser import parse
from gradlib.gaussian import Gaussian, Gradient

MAX_POWER = 200  # of z, also in the square that a variance needs
MAX_TERMS = 60  # c z^n exp(...) in that square: nobody reads more
MAX_TIDIED = 1500  # characters of a coefficient; a longer one is left as it comes
MAX_FACTORED = 300  # characters of a result; a shorter one is also tried as one product

z, mu = sp.symbols("z mu", real=True)
sigma = sp.Symbol("sigma", positive=True)


def gaussian_expectation(expr):
    """E[expr] over Z ~ N(mu, sigma^2), as a SymPy expression in mu and sigma.

    `expr` is a SymPy expression, a formula as text or a `Cost`: sums and products of powers of z,
    exp(linear or quadratic in z), and sin, cos, sinh, cosh of something linear in z. Symbols are
    recognised by name: z, mu, sigma, and eps for (z - mu)/sigma; any other is a real constant. The
    symbols of the result are those that were given; where `expr` has none, mu is
    Symbol("mu", real=True) and sigma is Symbol("sigma", positive=True).

    With exp(a z^2), a > 0, it holds for 1 - 2 a sigma^2 > 0; beyond, the expectation is infinite.
    Raises ValueError, naming the part, for anything else.
    """
    expr, given = _read(expr)
    return _write(_expectation(_exponentials(expr))).xreplace(given)


def exact_variance(estimator, expr):
    """Variance of one term of an estimator for the cost `expr`: a `Gradient` of closed forms.

    Var[g] = E[g^2] - E[g]^2, with the terms g that the estimator itself returns when cost,
    q = N(mu, sigma^2) and eps = (z - mu)/sigma are symbols. `estimator` is `score_function`,
    `pathwise`, or any (cost, q, eps) -> Gradient that only does arithmetic with them, such as
    partial(score_function, baseline=b) with a number or a SymPy expression b without z.

    For `expr`, the symbols of the result and errors see `gaussian_expectation`. With exp(a z^2),
    a > 0, it holds for 1 - 4 a sigma^2 > 0; beyond, the variance is infinite.
    """
    expr, given = _read(expr)
    _exponentials(expr)  # names a faulty part as it was given, not as its derivative
    terms = estimator(_SymbolicCost(expr), _SymbolicGaussian(mu, sigma), (z - mu) / sigma)

    def variance(term):
        term, symbols = _read(term)
        term = _exponentials(term)
        mean = _expectation(term)
        minus_square = _product({S.Zero: S.NegativeOne}, _product(mean, mean))
        sums = _sum(_expectation(_product(term, term)), minus_square)
        return _write(sums).xreplace(symbols | given)

    return Gradient(*map(variance, terms))


class _SymbolicCost:
    """r(z) and r'(z), as an estimator asks for them."""

    def __init__(self, expression):
        self.expression = expression

    def __call__(self, point):
        return self.expression.subs(z, point)

    def derivative(self, point):
        return self.expression.diff(z).subs(z, point)


class _SymbolicGaussian(Gaussian):
    """A Gaussian whose formulas are left as they are: nothing is converted to floats."""

    def __post_init__(self):
        pass

    def _points(self, name, points):
        return points


def _read(expr):
    """The expression in this module's symbols, and what turns them back into the given ones."""
    try:
        tree = parse(expr) if isinstance(expr, str) else getattr(expr, "expression", expr)
        tree = sp.sympify(tree, strict=True)
    except sp.SympifyError:
        tree = None
    if not (isinstance(tree, sp.Expr) and tree.is_scalar):
        raise ValueError(f"expected a SymPy expression or a formula in z; received {shorten(expr)}")
    names = {"z": z, "mu": mu, "sigma": sigma, "eps": (z - mu) / sigma}
    strangers = {s for s in tree.free_symbols if s.name not in names}
    constants = {s: sp.Symbol(s.name, real=True) for s in strangers if not s.is_real}
    named = {s: names[s.name] for s in tree.free_symbols if s.name in names}
    tree = sp.nsimplify(tree.xreplace(constants | named), rational=True)
    for part in sp.preorder_traversal(tree):
        if part.is_real is False or part is S.NaN:
            raise ValueError(f"expected real and finite constants; received {shorten(part)}")
    return tree, {
        **{ours: given for given, ours in named.items() if ours in (mu, sigma)},
        **{real: given for given, real in constants.items()},
    }


def _exponentials(e):
    """A real expression in z as a sum of exponentials."""
    if e == z or not e.has(z):
        return {S.Zero: sp.Poly(e, z, field=True)}
    if e.is_Add:
        return _sum(*map(_exponentials, e.args))
    if e.is_Mul:
        return reduce(_product, map(_exponentials, e.args))
    base, power = e.as_base_exp()
    if base.is_positive and not base.has(z) and _degree(power) <= 2:
        return {sp.expand(power * log(base)): sp.Poly(1, z, field=True)}
    if isinstance(e, sin | cos | sp.sinh | sp.cosh) and _degree(e.args[0]) <= 1:
        return _exponentials(e.rewrite(exp, deep=False))
    if e.is_Pow and power.is_Integer and 0 < power <= MAX_POWER:
        return reduce(_product, [_exponentials(base)] * int(power))
    raise ValueError(
        f"no closed form for {shorten(e)}; expected powers of z (at most z^{MAX_POWER}), "
        "exp(linear or quadratic in z), or sin, cos, sinh, cosh of something linear in z"
    )


def _degree(e):
    """The degree in z, infinite for what is no polynomial."""
    poly = e.as_poly(z)
    return sp.oo if poly is None else poly.degree()


def _sum(*sums):
    total = {}
    for u, p in (item for one in sums for item in one.items()):
        total[u] = total[u] + p if u in total else p
    polys = [p for p in total.values() if p.is_Poly]
    if sum(len(p.terms()) for p in polys) > MAX_TERMS or any(p.degree() > MAX_POWER for p in polys):
        raise ValueError(
            f"too long for a closed form: expected at most {MAX_TERMS} terms c z^n exp(...), "
            f"and z^{MAX_POWER} at most, after multiplying out"
        )
    return total


def _product(left, right):
    return _sum(*({sp.expand(u + v): p * q} for u, p in left.items() for v, q in right.items()))


def _expectation(exponentials):
    """E of the sum, by the rule at the top of this file, with 1/sqrt(A) as exp(-log(A)/2)."""
    mean = {}
    for u, poly in exponentials.items():
        a, b, c = (u.coeff(z, n) for n in (2, 1, 0))
        A = sp.expand(1 - 2 * a * sigma**2)
        if A.is_nonpositive:
            raise ValueError(f"the expectation of {shorten(exp(u))} is infinite")
        top, bottom = sp.fraction(sp.together(A))
        root = (log(bottom) - log(top)) / 2
        exponent = (a * mu**2 + b * mu + b**2 * sigma**2 / 2) / A + c + root
        degree = max(poly.degree(), 0)
        moments = (
            coefficient * _moment(n, mu + b * sigma**2, sigma**2 * A) * A ** (degree - n)
            for (n,), coefficient in poly.terms()
        )
        mean = _sum(mean, {sp.expand(exponent): sp.expand(sp.Add(*moments)) / A**degree})
    return mean


def _moment(n, mean, variance):
    """E[X^n] for X ~ N(mean, variance)."""
    pairs = range(n // 2 + 1)
    count = [factorial(n) // (factorial(j) * factorial(n - 2 * j) * 2**j) for j in pairs]
    return sp.Add(*(count[j] * mean ** (n - 2 * j) * variance**j for j in pairs))


def _write(exponentials):
    """A real sum without z, as people write it: sin and cos, its terms apart or with one factor."""
    s = sp.Dummy("s", positive=True)  # sigma^2: nobody writes (2 sigma - 1)(2 sigma + 1)
    parts = defaultdict(lambda: S.Zero)  # {(u, wave): p} for p exp(u) wave, all of them real
    for u, p in exponentials.items():
        u, p = u.subs(sigma, sp.sqrt(s)), p.subs(sigma, sp.sqrt(s))
        frequency = u.coeff(I)
        exponent = sp.expand(u - I * frequency)
        for top, bottom in _over_denominators(p):
            imaginary = top.coeff(I)
            real = sp.expand(top - I * imaginary)
            for value, part in (cos(frequency), real), (-sin(frequency), imaginary):
                sign, wave = value.as_coeff_Mul()
                parts[exponent, wave] += sign * part / bottom
    parts = {key: p for key, p in parts.items() if p != 0}
    apart = sp.Add(*(_term(u, wave, p, s) for (u, wave), p in parts.items()))
    if len(parts) > 1 and len(str(apart)) <= MAX_FACTORED and not any(u.has(log) for u, _ in parts):
        apart = _shorter(_together(parts), apart)
    return apart.subs(s, sigma**2)


def _over_denominators(p):
    """The sum p as pairs (expanded numerator, denominator)."""
    tops = defaultdict(list)
    for summand in sp.Add.make_args(p):
        top, bottom = sp.fraction(summand)
        tops[bottom].append(top)
    return [(sp.expand(sp.Add(*top)), bottom) for bottom, top in tops.items()]


def _term(u, wave, p, s):
    """p exp(u) wave, factor by factor; a sum of powers of sigma^2 remains a sum."""
    if len(str(p)) > MAX_TIDIED:
        return p * exp(u) * wave
    if u == 0 and wave == 1:
        return sp.collect(sp.expand(p), s, sp.factor)
    factors = Mul.make_args(sp.factor(p))
    factors = [_shorter(factor, sp.collect(factor, s, sp.factor)) for factor in factors]
    roots = sp.Add(*(summand for summand in sp.Add.make_args(u) if summand.has(log)))
    rest = u - roots
    return Mul(*factors, exp(roots), exp(rest if rest.is_polynomial(s) else sp.factor(rest)), wave)


def _together(parts):
    """The sum, factored as a polynomial also in its exponentials and waves."""
    monomials = {u: [term.as_coeff_Mul() for term in sp.Add.make_args(u)] for u, _ in parts}
    powers = defaultdict(list)
    for power, base in (monomial for u in monomials if u != 0 for monomial in monomials[u]):
        powers[base].append(power)
    unit = {base: sp.gcd_list(n) * (sp.sign(sum(n)) or 1) for base, n in powers.items()}
    name = {base: sp.Dummy(positive=True) for base in unit}  # for exp(unit * base)
    total = sp.Add(
        *(
            p * wave * Mul(*(name[base] ** (n / unit[base]) for n, base in monomials[u] if n))
            for (u, wave), p in parts.items()
        )
    )
    factors = Mul.make_args(sp.factor(total))
    factors = [sp.collect(factor, list(name.values()), sp.factor) for factor in factors]
    sums = [factor for factor in factors if factor.is_Add]
    if sums and factors[0].is_negative:  # 1 - exp(-s) rather than -(exp(-s) - 1)
        inner = max(sums, key=lambda f: sum(term.could_extract_minus_sign() for term in f.args))
        factors = [-f if f in (inner, factors[0]) else f for f in factors]
    product = Mul(*factors).xreplace({name[base]: exp(unit[base] * base) for base in name})
    return sp.powsimp(product, deep=True, combine="exp")


def _shorter(first, second):
    """The first of two forms, unless the second one is clearly shorter."""
    return second if len(str(second)) < 0.85 * len(str(first)) else first
