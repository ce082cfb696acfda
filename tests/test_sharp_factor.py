"""The sharp factor of chapter 06, certified: E[E1^2] >= kappa E[E2^2] for convex r >= 0, every phi.

One hinge decides (appendix B). For the hinge (eps - b)_+ and w = (w1, w2), with A = w1 + w2 b,
E[E1^2] - kappa E[E2^2] is n(b) times a quadratic form a A^2 + 2 h A w2 + c w2^2 whose coefficients
are tail moments T_j = integral of t^j n(b + t) dt/n(b). It is positive definite if and only if
a > 0 and D = a c - h^2 > 0. As T_0 = M is Mills' ratio, D = P M^2 + Q M + R with polynomials in b.
All numbers are exact or enclosed: D > 0 for kappa = 1.3884925 and every b, but not for 1.388493.
"""

from functools import cache, reduce

import numpy as np
import pytest
import sympy as sp
from mpmath import iv, mp

from gradlib import Cost, Gaussian, exact_mean, pathwise, score_function
from gradlib.estimators import Gradient

LOW, HIGH = sp.Rational("1.3884925"), sp.Rational("1.388493")
b, M, kappa = sp.symbols("b M kappa", real=True)


def tail_moments(upto):
    """T_0, T_1, ... as polynomials in b and M, by T_j = (j - 1) T_{j-2} - b T_{j-1}."""
    moments = [M, 1 - b * M]
    for j in range(2, upto + 1):
        moments.append(sp.expand((j - 1) * moments[j - 2] - b * moments[j - 1]))
    return moments


def form(k):
    """a, h, c of the quadratic form in (A, w2)."""
    t0, t1, t2, t3, t4 = tail_moments(4)
    return (2 - k) * t0 + t2, (4 - k) * t1 + t3, (7 - k) * t2 + t4


@cache
def D(k):
    """P, Q, R of D = P M^2 + Q M + R, as polynomials in b."""
    first, mixed, last = form(k)
    return sp.Poly(sp.expand(first * last - mixed**2), M).all_coeffs()


def positive_from(polynomial, start):
    """Certainly positive for b >= start: shifted there, it has no negative coefficient."""
    shifted = sp.Poly(sp.expand(polynomial.subs(b, b + start)), b).all_coeffs()
    return min(shifted) >= 0 and shifted[-1] > 0


def test_the_form_is_that_of_the_estimators():
    t, w1, w2 = sp.symbols("t w1 w2")
    # E[f^2 s^2] - kappa E[f'^2 v^2] over eps = b + t, in the monomials of t: moments by recurrence
    v = w1 + w2 * (b + t)
    score = (b + t) * v - w2
    integrand = sp.Poly(sp.expand(t**2 * score**2 - kappa * v**2), t)
    moments = tail_moments(integrand.degree())
    direct = sum(factor * moments[j] for (j,), factor in integrand.terms())
    a, h, c = form(kappa)
    A = w1 + w2 * b
    assert sp.expand(direct - (a * A**2 + 2 * h * A * w2 + c * w2**2)) == 0


def test_the_polynomials_are_those_of_the_text():
    expected = (
        2 * b**4 - 3 * kappa * b**2 + kappa**2 - 13 * kappa + 30,
        -(kappa + 2) * b**3 + (kappa**2 - 10 * kappa + 38) * b,
        kappa * b**2 - kappa**2 + 12 * kappa - 36,
    )
    for found, polynomial in zip(D(kappa), expected):
        assert sp.expand(found - polynomial) == 0


def test_the_first_coefficient_is_positive():
    # a = (3 - kappa + b^2) M - b; for b <= 0 both terms are, for b > 0 since M > b/(1 + b^2)
    assert sp.expand(form(LOW)[0] - ((3 - LOW + b**2) * M - b)) == 0
    assert LOW < 2


def test_far_to_the_left():
    P, Q, R = (f.subs(b, -b) for f in D(LOW))
    assert all(positive_from(f, 6) for f in (P, Q, R))  # and M > 0


def test_far_to_the_right():
    """D grows with M beyond a lower bound of M, and is positive there: b >= 4."""
    fraction = b
    for numerator in range(13, 0, -1):
        fraction = sp.together(b + numerator / fraction)
    bound, below = sp.fraction(sp.cancel(1 / fraction))  # an even convergent: below M
    P, Q, R = D(LOW)
    assert positive_from(P, 4)
    assert positive_from(bound, 4)
    assert positive_from(below, 4)
    assert positive_from(2 * P * bound + Q * below, 4)
    assert positive_from(P * bound**2 + Q * bound * below + R * below**2, 4)


# In the middle, interval arithmetic.


@cache
def mills(x):
    """An enclosure of Mills' ratio at the exact number x, from mpmath's erfc with 40 digits."""
    with mp.workdps(40):
        value = mp.sqrt(mp.pi / 2) * mp.exp(mp.mpf(x) ** 2 / 2) * mp.erfc(mp.mpf(x) / mp.sqrt(2))
        return iv.mpf([value * (1 - mp.mpf(10) ** -30), value * (1 + mp.mpf(10) ** -30)])


def horner(polynomial):
    """The polynomial in b as a function of an interval."""
    rationals = map(sp.Rational, sp.Poly(polynomial, b).all_coeffs())
    factors = [iv.mpf(int(c.p)) / int(c.q) for c in rationals]
    return lambda x: reduce(lambda value, factor: value * x + factor, factors)


@pytest.fixture
def digits():
    """Intervals with 40 digits."""
    before, iv.dps = iv.dps, 40
    yield
    iv.dps = before


@pytest.mark.slow
@pytest.mark.usefixtures("digits")
def test_between():
    P, Q, R = map(horner, D(LOW))
    dP, dQ, dR = (horner(f.diff(b)) for f in D(LOW))

    def certified(low, high):
        """D > 0 on [low, high], by its value in the middle and an enclosure of its slope."""
        middle, x = (low + high) / 2, iv.mpf([low, high])
        m = iv.mpf([mills(high).a, mills(low).b])  # M falls
        dm = x * m - 1
        slope = dP(x) * m**2 + 2 * P(x) * m * dm + dQ(x) * m + Q(x) * dm + dR(x)
        at, y = mills(middle), iv.mpf(middle)
        value = P(y) * at**2 + Q(y) * at + R(y)
        return (value + slope * (x - y)).a > 0

    left = [(i / 8, (i + 1) / 8) for i in range(-48, 32)]  # exact in binary
    while left:
        low, high = left.pop()
        if not certified(low, high):
            assert high - low > 1e-6, f"D may vanish near b = {low}"
            middle = (low + high) / 2
            left += [(low, middle), (middle, high)]


@pytest.mark.usefixtures("digits")
def test_a_hinge_attains_it():
    """At kappa = 1.388493 the hinge at 2.79149 has a direction with a negative form."""
    P, Q, R = (horner(f)(iv.mpf(2.79149)) for f in D(HIGH))
    m = mills(2.79149)
    assert (P * m**2 + Q * m + R).b < 0


@pytest.mark.parametrize("hinge", [0.0, 2.79149])
def test_against_the_estimators(hinge):
    w, q, cost = (-3.96267, 1.0), Gaussian(0, 1), Cost(f"max(z - {hinge}, 0)")

    def second_moment(estimator):
        def squared(cost, q, eps):
            square = estimator(cost, q, eps).along(*w) ** 2
            return Gradient(square, square)

        return exact_mean(squared, cost, q).mu

    ratio = second_moment(score_function) / second_moment(pathwise)
    assert ratio >= float(LOW)
    if hinge:
        assert ratio == pytest.approx(1.3884926, abs=2e-6)
    assert np.isfinite(ratio)
