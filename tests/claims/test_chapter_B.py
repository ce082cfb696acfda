"""Appendix B: its proofs have a second check here, by other means than in the chapter."""

import re

import numpy as np
import pytest
import sympy as sp
from scipy import integrate, stats
from scipy.special import erfcx

from gradlib import Cost, Gaussian, gap_matrix


def mean(f, low=-np.inf, high=np.inf):
    """E[f(eps)] over an interval, by adaptive quadrature."""
    return integrate.quad(lambda e: f(e) * stats.norm.pdf(e), low, high, limit=400)[0]


def test_common_random_numbers_have_the_variance_of_the_slope(ch):
    found = [float(x) for x in re.findall(r"Var D_h (\S+)", ch.text)]
    (limit,) = re.findall(r"Var\(r'\(Z\) eps\) +(\S+)", ch.text)
    limit = float(limit)
    second = mean(lambda e: (np.cos(2 + e) * e) ** 2)
    assert limit == pytest.approx(second - mean(lambda e: np.cos(2 + e) * e) ** 2, abs=6e-6)
    distances = np.abs(np.array(found) - limit)
    assert distances[0] > 50 * distances[1] > 50 * distances[2]


def test_one_constant_dominates_only_above_every_sigma(ch):
    found = {
        (float(s), int(reach)): float(ratio)
        for s, reach, ratio in re.findall(r"s_0 = (\S+), reach (\d+): (\S+)", ch.text)
    }
    assert found[1.3, 10] == found[1.3, 30]
    assert found[1.05, 30] > 1e10 * found[1.05, 10]


def test_mills_bound_holds_and_is_useless_near_0(ch):
    for ratio in re.findall(r"tail over bound at most (\S+)", ch.text):
        assert 0.9 < float(ratio) < 1
    assert stats.norm.pdf(0.1) / 0.1 > 1


def test_what_e2_misses_is_the_jump(ch):
    """The gradient of E[z^2 + |z| + 3 1{z > 1}], from normal distribution functions."""

    def J(mu, sigma):
        folded = sigma * np.sqrt(2 / np.pi) * np.exp(-(mu**2) / (2 * sigma**2))
        folded += mu * (1 - 2 * stats.norm.cdf(-mu / sigma))
        return mu**2 + sigma**2 + folded + 3 * stats.norm.sf(1, mu, sigma)

    h = 1e-5
    slopes = [
        (J(0.3 + h, 0.8) - J(0.3 - h, 0.8)) / (2 * h),
        (J(0.3, 0.8 + h) - J(0.3, 0.8 - h)) / (2 * h),
    ]
    for start in ("mean of E2 plus jump:", "exact gradient:"):
        row = re.search(re.escape(start) + r" +\[(.*)\]", ch.text)[1].split()
        assert [float(x) for x in row] == pytest.approx(slopes, abs=2e-6)


def test_the_cantor_function(ch):
    cantor = ch["cantor"]
    x = np.random.default_rng(1).uniform(0, 1, 1000)
    np.testing.assert_allclose(cantor(x / 3), cantor(x) / 2, atol=1e-8)
    np.testing.assert_allclose(cantor(1 - x), 1 - cantor(x), atol=1e-8)
    assert np.all(cantor(np.array([0.4, 0.5, 0.6])) == 0.5)
    e1, error, exact = map(
        float, re.search(r"E1 (\S+) \+- (\S+), E2 0, exact (\S+)", ch.text).groups()
    )
    assert abs(e1 - exact) < 4 * error
    # dJ/dmu as a limit of J's differences, J by the trapezoidal rule
    z = np.linspace(-3, 4, 700_001)

    def J(mu):
        return np.trapezoid(cantor(z) * stats.norm.pdf(z, mu, 0.5), z) + stats.norm.sf(4, mu, 0.5)

    assert exact == pytest.approx((J(0.701) - J(0.699)) / 0.002, abs=2e-4)


def test_the_kernel_needs_the_mass_of_the_kink(ch):
    kernel, mass, total = map(
        float, re.search(r"kernel (\S+) \+ mass (\S+) = (\S+)", ch.text).groups()
    )
    weak, variances = map(float, re.search(r"weak form (\S+), variances (\S+)", ch.text).groups())

    def second_moment(term):
        return mean(term, -20, -0.3) + mean(term, -0.3, 20)

    def e1(e):
        return ((abs(0.3 + e) + 1) * (e - 2 * (e**2 - 1))) ** 2

    gap = second_moment(e1) - second_moment(lambda e: (1 - 2 * e) ** 2)
    assert total == pytest.approx(gap, abs=2e-5)
    assert weak == variances == pytest.approx(gap, abs=2e-5)
    assert mass > 1
    assert kernel + mass == pytest.approx(total, abs=2e-5)


@pytest.mark.parametrize(("b", "w1"), [(0.7, -1.3), (2.4, -3.0), (-1.1, 0.2)])
def test_one_hinge_carries_its_mass(b, w1):
    def speed(e):
        return w1 + e

    def second_derivative(e):  # (v^2 n)'' / n
        s = e * speed(e) - 1
        return 2 * s**2 - (1 + e**2) * speed(e) ** 2

    found = mean(lambda e: (e - b) * second_derivative(e), b, 30)
    assert found == pytest.approx(speed(b) ** 2 * stats.norm.pdf(b), abs=1e-9)


class TestSharpFactor:
    """D(b) = P m^2 + Q m + R > 0 for every b, in three parts: see the chapter."""

    b, mills, u, kappa = sp.symbols("b m u kappa")

    @pytest.fixture
    def parts(self, ch):
        """P, Q, R as the chapter derives them, in this class's symbols, for kappa = 1.3884925."""
        names = {ch["b"]: self.b, ch["kappa"]: sp.Rational(13884925, 10**7)}
        return [part.subs(names) for part in ch["quarter"].all_coeffs()]

    def polynomial(self, parts):
        P, Q, R = parts
        return P * self.mills**2 + Q * self.mills + R

    def all_positive(self, expression, shifted):
        for part in sp.fraction(sp.together(expression)):
            polynomial = sp.Poly(sp.expand(part.subs(self.b, shifted)), self.u)
            if not all(c > 0 for c in polynomial.all_coeffs()):
                return False
        return True

    def test_the_form_is_that_of_the_moments(self, parts):
        kappa = 1.3884925
        for b, a in [(2.79, -1.17), (0.4, 2.0), (-1.5, 0.3)]:
            w1 = a - b

            def term(e, w1=w1, b=b):
                return (e - b) ** 2 * (e * (w1 + e) - 1) ** 2 - kappa * (w1 + e) ** 2

            def form(a, b=b):
                return mean(
                    lambda e: (e - b) ** 2 * (e * (a - b + e) - 1) ** 2 - kappa * (a - b + e) ** 2,
                    b,
                    30,
                ) / stats.norm.pdf(b)

            assert form(a) == pytest.approx(mean(term, b, 30) / stats.norm.pdf(b), rel=1e-9)
            second = (form(1) + form(-1)) / 2 - form(0)
            first = (form(1) - form(-1)) / 2
            m = np.sqrt(np.pi / 2) * erfcx(b / np.sqrt(2))
            D = float(self.polynomial(parts).subs({self.b: b, self.mills: m}))
            assert pytest.approx(second * form(0) - first**2 / 4, rel=1e-5, abs=1e-8) == D

    def test_far_to_the_left(self, parts):
        assert all(self.all_positive(part, -6 - self.u) for part in parts)

    def test_far_to_the_right(self, parts):
        P, Q, _ = parts
        lower = self.b
        for i in range(5, 0, -1):
            lower = self.b + i / lower
        lower = 1 / lower
        g = sp.factor(self.b * lower - 1 - lower.diff(self.b))
        b = self.b
        assert sp.simplify(g + 720 / (b**6 + 15 * b**4 + 45 * b**2 + 15) ** 2) == 0
        D = self.polynomial(parts).subs(self.mills, lower)
        for expression in (P, 2 * P * lower + Q, D):
            assert self.all_positive(expression, 9 + self.u)

    @pytest.mark.parametrize(
        ("low", "high", "pieces"), [(-6, 2.7, 400_000), (2.7, 2.9, 200_000), (2.9, 9, 1_500_000)]
    )
    def test_in_between(self, parts, low, high, pieces):
        b, mills = self.b, self.mills
        D = self.polynomial(parts)

        def along(expression):  # d/db, with m' = b m - 1
            return sp.expand(expression.diff(b) + expression.diff(mills) * (b * mills - 1))

        x = np.linspace(low, high, pieces + 1)
        m = np.sqrt(np.pi / 2) * erfcx(x / np.sqrt(2))
        values = sp.lambdify((b, mills), D)(x, m)
        largest = np.maximum(np.abs(x[1:]), np.abs(x[:-1]))
        terms = sp.Poly(along(along(D)), b, mills).terms()
        bound = sum(abs(float(c)) * largest**i * m[:-1] ** j for (i, j), c in terms)
        lowest = np.minimum(values[1:], values[:-1]) - (x[1] - x[0]) ** 2 / 8 * bound
        assert lowest.min() > 8e-9

    def test_a_larger_factor_fails(self, ch):
        ratio = float(re.search(r"m1 / m2 = (\S+)", ch.text)[1])
        assert 1.3884925 <= ratio < 1.388493
        b, w1 = 2.79149, -3.96267
        first = mean(lambda e: ((e - b) * (e * (w1 + e) - 1)) ** 2, b, 30)
        assert ratio == pytest.approx(first / mean(lambda e: (w1 + e) ** 2, b, 30), abs=2e-7)


def test_quadratics_have_a_positive_definite_gap_matrix(ch):
    rng = np.random.default_rng(5)
    for alpha, beta, gamma in rng.normal(size=(40, 3)):
        place = {ch["alpha"]: alpha, ch["beta"]: beta, ch["g"]: gamma + 5 * alpha}
        found = np.array(ch["G"].subs(place), float)
        cost = Cost(f"({alpha:.12f}) z^2 + ({beta:.12f}) z + ({gamma:.12f})")
        np.testing.assert_allclose(found, gap_matrix(cost, Gaussian(0, 1)), rtol=1e-8, atol=1e-8)
        assert np.linalg.eigvalsh(found)[0] > 0
    assert min(ch["p1"].subs(ch["t_"], end) for end in (ch["left"], ch["right"])) > 0
    for t in np.linspace(-0.08, 0.5, 59):
        assert ch["disc"].eval(float(t)) < 0
        assert ch["p0"].subs(ch["t_"], t) > 0


@pytest.mark.parametrize("power", [1, 2, 3, 0.55])
def test_a_narrow_bell_has_these_limits(ch, power):
    def moment(f):
        return 2 * mean(f, 1e-12, 30)

    for limit, first, second in [
        (ch["for_mu"], lambda e: e ** (2 * power + 2), lambda e: e ** (2 * power - 2)),
        (ch["for_sigma"], lambda e: e ** (2 * power) * (e**2 - 1) ** 2, lambda e: e ** (2 * power)),
    ]:
        found = moment(first) / (power**2 * moment(second))
        # the moment for 0.55 is nearly singular at 0
        tolerance = 0.1 if power < 0.6 else 1e-6
        assert float(limit.subs(ch["p"], power)) == pytest.approx(found, rel=tolerance)
        if power >= 1:
            assert limit.subs(ch["p"], power) >= 3


def test_the_bands_are_those_of_all_phases(ch):
    """Just inside a band some phase turns the verdict; just outside none does."""

    def gaps(kappa, phase):
        fading = np.exp(-2 * kappa**2) * np.cos(2 * phase)
        for_mu = 1 - kappa**2 + (1 - 3 * kappa**2) * fading
        return for_mu, 2 - kappa**2 + (2 - 15 * kappa**2 + 12 * kappa**4) * fading

    phases = np.linspace(0, np.pi, 1001)
    bands = re.findall(r"(?:mu|sigma): ([\d.]+) to ([\d.]+), one interval: True", ch.text)
    assert len(bands) == 2
    for i, (low, high) in enumerate(np.array(bands, float)):
        for kappa, turns in [
            (low - 1e-3, False),
            (low + 1e-3, True),
            (high - 1e-3, True),
            (high + 1e-3, False),
        ]:
            signs = np.sign(gaps(kappa, phases)[i])
            assert (signs.min() < signs.max()) == turns


def test_the_slope_rule_for_sigma_is_sharp():
    e = np.linspace(-12, 12, 24_001)
    r, slope = e * np.exp(-(e**2) / 2), (1 - e**2) * np.exp(-(e**2) / 2)
    np.testing.assert_allclose(r * (e**2 - 1), -slope * e, atol=1e-15)
    ratio = (slope**2 * e**2) @ stats.norm.pdf(e) / ((r**2 * e**2) @ stats.norm.pdf(e))
    assert ratio == pytest.approx(2 / 3, rel=1e-9)


@pytest.mark.parametrize(("c", "above_1"), [(1.85, (False, True)), (2.37, (True, True))])
def test_a_bounded_slope_needs_no_samples(ch, c, above_1):
    A = 2 * mean(lambda e: (c - e) ** 2 * e**2, 0, c)
    B = 2 * mean(lambda e: (c - e) ** 2 * (e**2 - 1) ** 2, 0, c)
    assert f"c = {c}: A = {A:.4f}, B = {B:.4f}" in ch.text
    assert (A > 1, B > 1) == above_1


def test_chaos_is_a_wave(ch):
    """The formula is the logistic map unrolled, and its slope is the product of the factors."""
    z = np.linspace(-3, 3, 601)
    for T in (1, 4):
        x = 1 / (1 + np.exp(-z))
        slope = x * (1 - x)
        for _ in range(T):
            x, slope = 4 * x * (1 - x), 4 * (1 - 2 * x) * slope
        cost = ch["unrolled"](T)
        np.testing.assert_allclose(cost(z), x, atol=1e-12)
        np.testing.assert_allclose(cost.derivative(z), slope, atol=1e-10)
    e1, limit1, e2, limit2 = map(
        float,
        re.search(r"T = 8: E1 (\S+) \(limit (\S+)\), E2 (\S+) \(limit (\S+)\)", ch.text).groups(),
    )
    assert (e1, e2) == pytest.approx((limit1, limit2), rel=1e-4)


def test_the_identity_of_the_joint_directions(ch):
    assert re.search(r"^1 0\n2 0\n3 0$", ch.text, re.MULTILINE)


@pytest.mark.parametrize("seed", range(4))
def test_convex_costs_on_the_plane_by_quadrature(seed):
    """Means only, scales only, one common scale, separable sums: the four claims."""
    rng = np.random.default_rng(seed)
    nodes, weights = np.polynomial.hermite_e.hermegauss(60)
    x = np.stack(np.meshgrid(nodes, nodes), -1).reshape(-1, 2)
    w = np.outer(weights, weights).ravel() / (2 * np.pi)
    slope, shift = rng.normal(size=2) * 0.6, rng.normal()
    u = x @ slope + shift
    joint = np.exp(u), np.exp(u)[:, None] * slope  # convex, positive
    separable = np.exp(slope * x).sum(-1), slope * np.exp(slope * x)

    def moments(cost, a, c):
        value, gradient = cost
        v = a + c * x
        e1 = value * (x * v - c).sum(-1)
        return w @ e1**2, w @ (gradient * v).sum(-1) ** 2, w @ value**2

    a, c, one = rng.normal(size=2), rng.normal(size=2), rng.normal()
    first, second, size = moments(joint, a, np.zeros(2))
    assert first >= 2 * second + a @ a * size
    first, second, size = moments(joint, np.zeros(2), c)
    assert first >= 2 * second + 2 * c @ c * size
    first, second, _ = moments(joint, a, np.full(2, one))
    assert first > second
    first, second, _ = moments(separable, a, c)
    assert first > second


def quadratic_gap(f, direction):
    """E[E1^2] - E[E2^2] on exact nodes, for f = (m, beta, Q) and direction = (a, c)."""
    (m, beta, Q), (a, c) = f, direction
    d = len(a)
    nodes, weights = np.polynomial.hermite_e.hermegauss(5)
    x = np.stack(np.meshgrid(*[nodes] * d, indexing="ij"), -1).reshape(-1, d)
    w = np.prod(np.stack(np.meshgrid(*[weights] * d, indexing="ij"), -1).reshape(-1, d), axis=1)
    value = m + x @ beta + np.einsum("ni,ij,nj->n", x, Q, x) - np.trace(Q)
    v = a + c * x
    e1, e2 = value * (x * v - c).sum(1), ((beta + 2 * x @ Q) * v).sum(1)
    return (w @ e1**2 - w @ e2**2) / (2 * np.pi) ** (d / 2)


def sum_of_forms(ch, f, direction):
    """The sum in the chapter's table."""
    (m, beta, Q), (a, c) = f, direction
    q, places = np.diag(Q), range(len(a))
    off = Q - np.diag(q)

    def form(name, *x):
        return np.array(x) @ np.array(ch[name], float) @ np.array(x)

    total = form("both_sums", beta @ a, q @ c)
    for i in places:
        first = m * a[i] + 2 * beta[i] * c[i] + 2 * Q[i] @ a
        total += form("one", first, beta[i] * c[i], q[i] * a[i])
        total += form("own", m * c[i], beta[i] * a[i], q[i] * c[i])
        for j in places:
            if j != i:
                total += form("pair", beta[i] * c[j], q[j] * a[i], Q[i, j] * a[j])
                total += 4 * c[i] ** 2 * q[j] ** 2
            if j > i:
                mixed = off[i, j] * c[i], off[i, j] * c[j]
                total += form("both", beta[i] * a[j], beta[j] * a[i], *mixed)
                others = [k for k in places if k not in (i, j)]
                total += off[i, j] ** 2 * sum(4 * a[k] ** 2 + 8 * c[k] ** 2 for k in others)
    return total


def polarised(size):
    """Unit vectors and their sums in pairs: a quadratic form is determined by its values there."""
    unit = np.eye(size)
    return [unit[i] + (unit[j] if j > i else 0) for i in range(size) for j in range(i, size)]


@pytest.mark.parametrize("d", [1, 2, 3])
def test_quadratics_in_many_dimensions_are_a_sum_of_positive_forms(ch, d):
    upper = np.triu_indices(d)
    for coefficients in polarised(1 + d + len(upper[0])):
        Q = np.zeros((d, d))
        Q[upper] = coefficients[1 + d :]
        f = coefficients[0], coefficients[1 : 1 + d], np.triu(Q) + np.triu(Q, 1).T
        for direction in polarised(2 * d):
            pair = direction[:d], direction[d:]
            assert sum_of_forms(ch, f, pair) == pytest.approx(quadratic_gap(f, pair), abs=1e-9)
    assert "positive definite: [True, True, True, True, True]" in ch.text
    for name in ("one", "own", "both_sums", "pair", "both"):
        assert np.linalg.eigvalsh(np.array(ch[name], float))[0] > 0.005


def test_the_coupling_has_the_moments_of_maxwell_and_uniform(ch):
    found = re.findall(r"E\[\S+\]: (\S+) \+- (\S+)", ch.text)
    assert len(found) == 4
    for (value, error), exact in zip(np.array(found, float), (3, 15, 1 / 2, 1 / 3), strict=True):
        assert abs(value - exact) < 4.5 * error + 1e-4
