"""Expectations over Z ~ N(mu, sigma^2) in closed form: sums of z^n exp(a z^2 + b z + c).

They are closed under products, and contain sine and cosine through complex b. One rule does it
all, for exp(a z^2 + b z) tilts one Gaussian into another. With A = 1 - 2 a sigma^2,

    E[Z^n exp(a Z^2 + b Z + c)] = E[X^n] exp((a mu^2 + b mu + b^2 sigma^2 / 2)/A + c) / sqrt(A),
    X ~ N((mu + b sigma^2)/A, sigma^2/A).

A sum is a dict {u: p} that stands for the sum of p exp(u). Before the expectation u is at most
quadratic in z and p a polynomial in z; afterwards neither contains z.
"""

from collections import defaultdict
from contextlib import suppress
from functools import partial, reduce
from itertools import product
from math import comb, factorial, prod

import sympy as sp
from sympy import I, Mul, S, cos, exp, log, sin

from gradlib.arguments import shorten
from gradlib.cost import Cost
from gradlib.estimators import pathwise, score_function
from gradlib.formula.parser import parse
from gradlib.gaussian import Gradient
from gradlib.protocol import name_of

MAX_POWER = 200  # of z, also in the square that a variance needs
MAX_TERMS = 60  # c z^n exp(...) in that square: nobody reads more
MAX_WAVY = 8000  # square of z's power, times the number of terms, under one wave
MAX_MONOMIALS = 500  # of a coefficient; one with more is not multiplied out
MAX_TIDIED = 60  # monomials of a coefficient; one with more is not factored
MAX_DEGREE = 12  # of a polynomial in exponentials that is factored
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

    Var[g] = E[g^2] - E[g]^2 for the terms g of `score_function`, of `pathwise`, or of
    partial(score_function, baseline=b), where b is a number, a SymPy expression without z, or a
    `Gradient` of two. Raises ValueError for another estimator or baseline.

    For `expr`, the symbols of the result and errors see `gaussian_expectation`. With exp(a z^2),
    a > 0, it holds for 1 - 4 a sigma^2 > 0; beyond, the variance is infinite.
    """
    cost, given = _read(expr)
    _exponentials(cost)  # names a faulty part as it was given, not as its derivative
    terms, more = _terms(estimator, cost)

    sums = []
    for term in map(_exponentials, terms):
        _refuse_long(2 * _count(term) - 1 > MAX_TERMS)  # its square has so many terms at least
        sums.append((_expectation(_product(term, term)), _minus_square(_expectation(term))))
    return Gradient(*(_write(*pair).xreplace(more | given) for pair in sums))


def _terms(estimator, cost):
    """The estimator's terms for mu and for sigma, and what turns symbols back into given ones."""
    options = {}
    if isinstance(estimator, partial) and not estimator.args:
        estimator, options = estimator.func, estimator.keywords
    noise = (z - mu) / sigma
    if estimator is pathwise and not options:
        slope = cost.diff(z)
        return (slope, slope * noise), {}
    if estimator is score_function and options.keys() <= {"baseline"}:
        baseline = options.get("baseline", 0)
        pair = baseline if isinstance(baseline, Gradient) else (baseline, baseline)
        (b_mu, symbols), (b_sigma, more) = map(_read_baseline, pair)
        score_mu, score_sigma = noise / sigma, (noise**2 - 1) / sigma
        return ((cost - b_mu) * score_mu, (cost - b_sigma) * score_sigma), symbols | more
    raise ValueError(
        "closed forms are known for score_function, partial(score_function, baseline=b) and "
        f"pathwise; received {name_of(estimator)}"
    )


def _read_baseline(baseline):
    with suppress(ValueError):
        expression, given = _read(baseline)
        if not isinstance(baseline, str) and not expression.has(z):
            return expression, given
    raise ValueError(
        "baseline must be a finite number or a SymPy expression without z, or a Gradient of two; "
        f"received {shorten(baseline)}"
    )


def _read(expr):
    """The expression in this module's symbols, and what turns them back into the given ones."""
    try:
        tree = expr.expression if isinstance(expr, Cost) else expr
        tree = parse(tree) if isinstance(tree, str) else sp.sympify(tree, strict=True)
    except (sp.SympifyError, TypeError):  # a TypeError for classes
        tree = None
    if not (isinstance(tree, sp.Expr) and tree.is_scalar):
        raise ValueError(f"expected a SymPy expression or a formula in z; received {shorten(expr)}")
    for symbol in tree.free_symbols:
        if symbol.is_real is False:
            raise ValueError(f"expected real symbols; received {symbol}, declared not real")
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
    _refuse_long(_count(total) > MAX_TERMS or any(p.degree() > MAX_POWER for p in total.values()))
    return total


def _count(exponentials):
    return sum(len(p.terms()) for p in exponentials.values())


def _refuse_long(too_long):
    if too_long:
        raise ValueError(
            f"too long for a closed form: expected at most {MAX_TERMS} terms c z^n exp(...), "
            f"and z^{MAX_POWER} at most, after multiplying out"
        )


def _product(left, right):
    return _sum(*({sp.expand(u + v): p * q} for u, p in left.items() for v, q in right.items()))


def _expectation(exponentials):
    """E of the sum, by the rule at the top of this file: {u: (x, y)} for (x + iy) exp(u).

    1/sqrt(A) is exp(-log(A)/2). x and y are real, and not multiplied out.
    """
    mean = {}
    for u, poly in exponentials.items():
        a, b, c = (u.coeff(z, n) for n in (2, 1, 0))
        A = sp.expand(1 - 2 * a * sigma**2)
        if A.is_nonpositive:
            raise ValueError(f"the expectation of {shorten(exp(u))} is infinite")
        top, bottom = sp.fraction(sp.together(A))
        root = (log(bottom) - log(top)) / 2
        exponent = (a * mu**2 + b * mu + b**2 * sigma**2 / 2) / A + c + root
        shift, turn = _real_and_imaginary(b)
        degree = max(poly.degree(), 0)
        _refuse_long(turn != 0 and degree**2 * len(poly.terms()) > MAX_WAVY)
        x = y = S.Zero
        for (n,), coefficient in poly.terms():
            factor = A ** (degree - n)
            p, q = _real_and_imaginary(coefficient)
            v, w = _moment(n, mu + shift * sigma**2, turn * sigma**2, sigma**2 * A)
            x, y = x + (p * v - q * w) * factor, y + (p * w + q * v) * factor
        u = sp.expand(exponent)
        before = mean.get(u, (S.Zero, S.Zero))
        mean[u] = before[0] + x / A**degree, before[1] + y / A**degree
    return mean


def _real_and_imaginary(e):
    e = sp.expand(e)
    y = e.coeff(I)
    return sp.expand(e - y * I), y


def _moment(n, mean, turn, variance):
    """E[(X + i turn)^n] for X ~ N(mean, variance), its real and its imaginary part."""
    parts = [], []
    for j in range(n // 2 + 1):
        pairs = factorial(n) // (factorial(j) * factorial(n - 2 * j) * 2**j)
        for k in range(n - 2 * j + 1 if turn else 1):
            count = (-1) ** (k // 2) * pairs * comb(n - 2 * j, k)
            parts[k % 2].append(count * mean ** (n - 2 * j - k) * turn**k * variance**j)
    return [sp.Add(*part) for part in parts]


def _minus_square(mean):
    square = defaultdict(lambda: (S.Zero, S.Zero))
    for (u, (a, b)), (v, (c, d)) in product(mean.items(), repeat=2):
        x, y = square[key := sp.expand(u + v)]
        square[key] = x - a * c + b * d, y - a * d - b * c
    return square


def _write(*sums):
    """The real sum of sums, as people write it: sin and cos, its terms apart or with one factor."""
    s = sp.Dummy("s", positive=True)  # sigma^2: nobody writes (2 sigma - 1)(2 sigma + 1)
    parts = defaultdict(lambda: S.Zero)  # {(u, wave): p} for p exp(u) wave, all of them real
    for u, (x, y) in (item for one in sums for item in one.items()):
        exponent, frequency = _real_and_imaginary(u)
        for value, part in (cos(frequency), x), (-sin(frequency), y):
            sign, wave = value.as_coeff_Mul()
            parts[exponent, wave] += sign * part
    in_s = {sigma: sp.sqrt(s)}
    parts = {
        (u.xreplace(in_s), wave.xreplace(in_s)): tidied
        for (u, wave), p in parts.items()
        if (tidied := _multiplied_out(p.xreplace(in_s))) != 0
    }
    apart = sp.Add(*(_term(u, wave, p, s) for (u, wave), p in parts.items()))
    short = sum(map(_monomials, parts.values())) <= MAX_TIDIED and len(str(apart)) <= MAX_FACTORED
    if len(parts) > 1 and short and not any(u.has(log) for u, _ in parts):
        apart = _shorter(_together(parts) or apart, apart)
    return apart.xreplace({s: sigma**2})


def _multiplied_out(p):
    """The sum p, multiplied out over each denominator; a long one is left as it comes."""
    if _monomials(p) > MAX_MONOMIALS:
        return p
    return sp.Add(*(top / bottom for top, bottom in _over_denominators(p)))


def _monomials(e):
    """At most so many terms has e when it is multiplied out."""
    if e.is_Add:
        return sum(map(_monomials, e.args))
    if e.is_Mul:
        return prod(map(_monomials, e.args))
    if e.is_Pow and e.exp.is_Integer and e.exp > 0:
        k = _monomials(e.base) - 1
        return comb(int(e.exp) + k, k)
    return 1


def _over_denominators(p):
    """The sum p as pairs (expanded numerator, denominator)."""
    tops = defaultdict(list)
    for summand in sp.Add.make_args(p):
        top, bottom = sp.fraction(summand)
        tops[bottom].append(top)
    return [(sp.expand(sp.Add(*top)), bottom) for bottom, top in tops.items()]


def _term(u, wave, p, s):
    """p exp(u) wave, factor by factor; a sum of powers of sigma^2 remains a sum."""
    if _monomials(p) > MAX_TIDIED:
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
    if any(abs(n / unit[base]) > MAX_DEGREE for base in powers for n in powers[base]):
        return None
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
