"""What must hold for every cost and every Gaussian, whichever hypothesis thinks of."""

from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradlib import (
    Cost,
    Gaussian,
    Gradient,
    antithetic,
    batch_mean,
    combination,
    delta,
    estimate,
    exact_covariance,
    exact_gradient,
    exact_mean,
    exact_value,
    exact_variance,
    expectation,
    gap_kernel,
    gap_matrix,
    leave_one_out,
    measure_valued,
    monte_carlo,
    optimal_baseline,
    pathwise,
    score_function,
    symbolic,
    variance_gap,
)

# The same examples each time: new ones are the campaign's business.
settings.register_profile("fixed", deadline=None, derandomize=True, database=None)
fixed = settings.get_profile("fixed")
few, fewer = settings(fixed, max_examples=12), settings(fixed, max_examples=4)

NUMBERS = st.decimals(-3, 3, places=1).map(float)
SCALES = st.decimals("0.2", 3, places=1).map(float)
BELLS = st.builds(Gaussian, NUMBERS, SCALES)
TERMS = st.sampled_from(
    ["z", "z^2", "z^3", "cos(2z)", "sin(z)", "exp(z/2)", "exp(-z^2)", "z sin(z)", "z exp(-z)"]
)
KINKED = st.sampled_from(["abs(z)", "max(z, 1)", "abs(sin(z))", "min(z^2, 2)"])
STEPS = st.sampled_from(["Heaviside(z)", "sign(cos(z))"])


def sums(terms):
    """c0 + c1 t1 + c2 t2 as text."""
    parts = st.tuples(NUMBERS, NUMBERS, terms, NUMBERS, terms)
    return parts.map(lambda p: f"{p[0]} + {p[1]}*{p[2]} + {p[3]}*{p[4]}")


SMOOTH, CONTINUOUS, ANY = sums(TERMS), sums(TERMS | KINKED), sums(TERMS | KINKED | STEPS)
EPS = np.random.default_rng(1).standard_normal(7)


def size(cost, q):
    """Second moments of one term of both estimators, (2, 2): errors are judged by them."""
    return np.array(
        [
            np.add(exact_variance(estimator, cost, q), np.square(exact_mean(estimator, cost, q)))
            for estimator in (score_function, pathwise)
        ]
    )


def close(found, expected, scale):
    """To 3e-10 of a scale (1e-10 for each of some numbers); exactly where the scale is 0."""
    assert np.all(np.abs(np.subtract(found, expected)) <= 3e-10 * np.asarray(scale))


@few
@given(ANY, NUMBERS, BELLS)
def test_a_constant_moves_the_score_function_as_predicted_and_pathwise_not_at_all(text, c, q):
    cost, moved = Cost(text), Cost(f"{text} + {c}")
    np.testing.assert_array_equal(pathwise(moved, q, EPS), pathwise(cost, q, EPS))
    np.testing.assert_allclose(
        score_function(moved, q, EPS),
        np.add(score_function(cost, q, EPS), c * np.array(q.score_of_noise(EPS))),
        rtol=1e-12,
        atol=1e-11 * np.max(np.abs(cost(q.reparameterize(EPS)))) / q.sigma**2 + 1e-12,
    )
    scale = size(cost, q) + c**2 * np.array([[1, 2], [0, 0]]) / q.sigma**2
    # Var[(r + c) s] = Var[r s] + 2c E[r s^2] + c^2 E[s^2], and the optimal baseline b is
    # E[r s^2]/E[s^2]
    b, fisher = np.array(optimal_baseline(cost, q)), np.array([1, 2]) / q.sigma**2
    predicted = np.array(exact_variance(score_function, cost, q)) + fisher * (2 * c * b + c**2)
    close(exact_variance(score_function, moved, q), predicted, 3 * scale[0])
    close(exact_variance(pathwise, moved, q), exact_variance(pathwise, cost, q), scale[1])
    close(exact_gradient(moved, q), exact_gradient(cost, q), np.sqrt(scale[0]))
    close(optimal_baseline(moved, q), b + c, np.sqrt(scale[0] / fisher) + abs(b) + abs(c))


@few
@given(CONTINUOUS, BELLS)
def test_a_mirror_image_turns_the_gradient_for_mu_around(text, q):
    mirrored, there = Cost(text.replace("z", "(-z)")), Gaussian(-q.mu, q.sigma)
    cost = Cost(text)
    for estimator in (score_function, pathwise):
        here, other = estimator(cost, q, EPS), estimator(mirrored, there, -EPS)
        np.testing.assert_allclose(other.mu, -here.mu, rtol=1e-11, atol=1e-11)
        np.testing.assert_allclose(other.sigma, here.sigma, rtol=1e-11, atol=1e-11)
    sign = np.array([[1, -1], [-1, 1]])
    for estimator, second in zip((score_function, pathwise), size(cost, q), strict=True):
        found = exact_covariance(estimator, mirrored, there)
        scale = np.sqrt(np.outer(second, second))
        close(found, sign * exact_covariance(estimator, cost, q), scale)


@few
@given(ANY, BELLS, SCALES, SCALES)
def test_units_of_z_and_of_r_come_out_as_they_should(text, q, unit, factor):
    """r(z) -> factor r(z/unit), mu and sigma -> unit mu and unit sigma."""
    cost, wide = Cost(text), Gaussian(unit * q.mu, unit * q.sigma)
    scaled = Cost(f"{factor}*({text.replace('z', f'(z/{unit})')})")
    ratio = factor / unit
    for estimator, second in zip((score_function, pathwise), size(cost, q), strict=True):
        covariance = ratio**2 * exact_covariance(estimator, cost, q)
        scale = np.sqrt(np.outer(second, second)) * ratio**2
        close(exact_covariance(estimator, scaled, wide), covariance, scale)
        mean = ratio * np.array(exact_mean(estimator, cost, q))
        close(exact_mean(estimator, scaled, wide), mean, np.sqrt(second) * ratio)
    baselines = factor * np.array(optimal_baseline(cost, q))
    close(optimal_baseline(scaled, wide), baselines, factor * (1 + 10 * np.sqrt(second.max())))


@few
@given(CONTINUOUS, NUMBERS, SCALES, NUMBERS, NUMBERS)
def test_along_phi_the_gradient_is_that_of_the_curve(text, mu, sigma, dmu, dsigma):
    """J(mu + h dmu, sigma + h dsigma) by differences of fourth order, against E1 and E2."""
    cost, q, h = Cost(text), Gaussian(mu, sigma), 1e-3

    def J(steps):
        return exact_value(cost, Gaussian(mu + steps * h * dmu, sigma + steps * h * dsigma))

    slope = (8 * (J(1) - J(-1)) - (J(2) - J(-2))) / (12 * h)
    room = 1e-6 * (1 + np.sqrt(size(cost, q).max())) * (1 + abs(dmu) + abs(dsigma)) ** 5
    for estimator in (score_function, pathwise):
        assert abs(exact_mean(estimator, cost, q).along(dmu, dsigma) - slope) < room
        terms = estimator(cost, q, EPS)
        np.testing.assert_array_equal(
            terms.along(dmu, dsigma), terms.mu * dmu + terms.sigma * dsigma
        )


@few
@given(SMOOTH, BELLS)
def test_kernel_weak_form_and_difference_of_variances_are_one_gap(text, q):
    cost, second = Cost(text), size(Cost(text), q)
    difference = exact_covariance(score_function, cost, q) - exact_covariance(pathwise, cost, q)
    scale = 10 * np.sqrt(np.outer(*[second.sum(axis=0)] * 2)) + 1e-300
    close(gap_matrix(cost, q), difference, scale)
    close(variance_gap(cost, q), np.diag(difference), np.diag(scale))

    def weighted(cost, q, eps):
        return gap_kernel(cost, q, eps) * np.stack([np.ones_like(eps), eps, eps**2])

    mu, cross, sigma = expectation(weighted, cost, q)
    close([[mu, cross], [cross, sigma]], difference, 10 * scale)


@few
@given(CONTINUOUS, BELLS)
def test_the_weak_form_holds_at_kinks(text, q):
    cost, second = Cost(text), size(Cost(text), q)
    difference = exact_covariance(score_function, cost, q) - exact_covariance(pathwise, cost, q)
    scale = 10 * np.sqrt(np.outer(*[second.sum(axis=0)] * 2)) + 1e-300
    close(gap_matrix(cost, q), difference, scale)


@pytest.mark.slow
@few
@given(SMOOTH, BELLS, NUMBERS)
def test_closed_forms_are_the_exact_numbers(text, q, b):
    cost, at = Cost(text), {symbolic.mu: q.mu, symbolic.sigma: q.sigma}
    value = symbolic.gaussian_expectation(text).evalf(40, subs=at)
    spread = expectation(lambda cost, q, eps: np.abs(cost(q.reparameterize(eps))) ** 2, cost, q)
    close(exact_value(cost, q), float(value), np.sqrt(spread))
    with_baseline = partial(score_function, baseline=b)
    for estimator, second in (
        (with_baseline, size(Cost(f"{text} - {b}"), q)[0]),
        (pathwise, size(cost, q)[1]),
    ):
        closed = [float(e.evalf(40, subs=at)) for e in symbolic.exact_variance(estimator, text)]
        close(exact_variance(estimator, cost, q), closed, second)


@fewer
@given(CONTINUOUS, BELLS, NUMBERS, NUMBERS)
def test_combinators_keep_the_mean(text, q, weight, baseline):
    cost, gradient = Cost(text), exact_gradient(Cost(text), q)
    scale = np.sqrt(size(cost, q).max(axis=0)) + 1e-300
    mixed = partial(combination, weight=weight, baseline=baseline)
    shifted = partial(score_function, baseline=Gradient(baseline, weight))
    for estimator in (
        shifted,
        mixed,
        antithetic(pathwise),
        antithetic(antithetic(mixed)),
        partial(delta, order=1),
        batch_mean(shifted, 3),
        batch_mean(mixed, 2),
        batch_mean(leave_one_out, 4),
        measure_valued,
    ):
        room = 10 * (1 + abs(weight)) * (1 + abs(baseline) / q.sigma)
        close(exact_mean(estimator, cost, q), gradient, room * (scale + 1e-3))
    variance = np.array(exact_variance(mixed, cost, q))
    tolerance = 1e-9 * (variance + gradient.mu**2 + gradient.sigma**2) + 1e-12
    pairs = exact_variance(antithetic(mixed), cost, q)
    assert np.all(pairs <= variance + tolerance)  # a mean of two varies no more than one
    np.testing.assert_allclose(
        exact_variance(batch_mean(mixed, 5), cost, q), variance / 5, rtol=1e-9
    )


@fewer
@given(st.integers(0, 2**32 - 1), BELLS)
def test_what_needs_random_numbers_keeps_the_mean_too(seed, q):
    """Sampled: within six standard errors of the exact gradient."""
    cost, rng = Cost("z^2 + abs(z) - cos(2z)"), np.random.default_rng(seed)
    gradient = exact_gradient(cost, q)
    several = [antithetic(score_function), batch_mean(leave_one_out, 3), measure_valued]
    for found in monte_carlo([*several, delta], cost, q, 4000, rng):
        for entry, truth in zip(found, gradient, strict=True):
            assert abs(entry.mean - truth) <= 6 * entry.standard_error + 1e-14


SHAPES = st.sampled_from([(), (1,), (3,), (1, 1), (2, 3)])
SQUARE = Cost.from_functions(
    lambda z: (z**2).sum(axis=-1), lambda z: 2 * z, "the sum of the squares"
)


@few
@given(SHAPES, st.sampled_from([np.float32, np.float64]), st.integers(2, 5), st.integers(0, 99))
def test_shapes_and_types_of_all_ranks(shape, kind, n, seed):
    rng = np.random.default_rng(seed)
    mu, sigma = (rng.uniform(0.5, 2, shape).astype(kind) for _ in range(2))
    q, cost = Gaussian(mu, sigma), Cost("z^2") if shape == () else SQUARE
    eps = rng.standard_normal((n, *shape)).astype(kind)
    kind = kind if shape else np.float64  # a formula has double precision
    z = q.reparameterize(eps)
    noisy = [measure_valued, batch_mean(score_function, 2), batch_mean(leave_one_out, 2)]
    for estimator in (
        score_function,
        partial(score_function, baseline=1.5),
        pathwise,
        partial(combination, weight=Gradient(0.25, 2.0)),
        antithetic(score_function),
        leave_one_out,
        delta,
        *(partial(one, rng=np.random.default_rng(0)) for one in noisy),
    ):
        terms = estimator(cost, q, eps)
        for term in terms:
            assert term.shape == (n, *shape)
            own_noise = getattr(estimator, "func", None) in noisy
            assert own_noise or estimator is delta or term.dtype == kind
    # each coordinate by itself is a scalar Gaussian with r + a constant: E2 is the same
    np.testing.assert_allclose(pathwise(cost, q, eps).mu, 2 * z, rtol=1e-5)
    np.testing.assert_allclose(pathwise(cost, q, eps).sigma, 2 * z * eps, rtol=1e-5)
    total = (np.asarray(z, float) ** 2).sum(axis=-1, keepdims=True) if shape else z**2
    score = score_function(cost, q, eps)
    np.testing.assert_allclose(score.mu, total * eps / sigma, rtol=2e-4, atol=1e-5)
    np.testing.assert_allclose(score.sigma, total * (eps**2 - 1) / sigma, rtol=2e-4, atol=1e-4)
    found = monte_carlo(score_function, cost, q, n, np.random.default_rng(seed))
    by_hand = score_function(cost, q, np.random.default_rng(seed).standard_normal((n, *shape)))
    for entry, terms in zip(found, by_hand, strict=True):
        assert np.shape(entry.mean) == np.shape(entry.variance) == shape
        np.testing.assert_allclose(entry.mean, terms.mean(axis=0), rtol=1e-5)
        np.testing.assert_allclose(entry.variance, terms.var(axis=0, ddof=1), rtol=1e-4)


@fixed
@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=30), NUMBERS, SCALES)
def test_an_estimate_follows_shifts_and_units(samples, shift, unit):
    mean, error, variance, count = estimate(samples)
    moved = estimate(shift + unit * np.array(samples))
    room = 1e-9 * (1 + np.max(np.abs(samples)))
    assert moved.mean == pytest.approx(shift + unit * mean, abs=10 * room)
    assert moved.variance == pytest.approx(unit**2 * variance, abs=100 * room**2 + 1e-9, rel=1e-7)
    assert moved.standard_error**2 * count == pytest.approx(moved.variance, rel=1e-12)
    assert error**2 * count == pytest.approx(variance, rel=1e-12)
