"""Estimates judged in standard errors against closed forms."""

import tracemalloc
from functools import partial

import numpy as np
import pytest

from gradlib import (
    Cost,
    Gaussian,
    Gradient,
    MovingAverage,
    antithetic,
    batch_mean,
    estimate,
    leave_one_out,
    measure_valued,
    monte_carlo,
    montecarlo,
    pathwise,
    protocol,
    score_function,
)

MU, SIGMA = 0.4, 0.8
DECAY = np.exp(-(SIGMA**2) / 2)
# cost -> (d/dmu, d/dsigma) of E[r(Z)] in closed form
CLOSED = {
    "z^2": (2 * MU, 2 * SIGMA),
    "z^3": (3 * MU**2 + 3 * SIGMA**2, 6 * MU * SIGMA),
    "exp(z)": (np.exp(MU + SIGMA**2 / 2), SIGMA * np.exp(MU + SIGMA**2 / 2)),
    "sin(z)": (np.cos(MU) * DECAY, -SIGMA * np.sin(MU) * DECAY),
    "cos(2z) + 3": (
        -2 * np.sin(2 * MU) * np.exp(-2 * SIGMA**2),
        -4 * SIGMA * np.cos(2 * MU) * np.exp(-2 * SIGMA**2),
    ),
}


@pytest.mark.parametrize("text", CLOSED)
def test_both_estimators_have_the_true_gradient_as_their_mean(text):
    results = monte_carlo(
        [score_function, pathwise],
        Cost(text),
        Gaussian(MU, SIGMA),
        400_000,
        np.random.default_rng(3),
    )
    for result in results:
        for found, truth in zip(result, CLOSED[text], strict=True):
            assert 0 < found.standard_error < 0.06
            assert abs(found.mean - truth) < 4 * found.standard_error


def test_estimate_is_mean_and_unbiased_variance():
    samples = np.random.default_rng(4).normal(5.0, 2.0, size=1000)
    found = estimate(samples)
    assert found.count == 1000
    np.testing.assert_allclose(found.mean, np.mean(samples))
    np.testing.assert_allclose(found.variance, np.var(samples, ddof=1))
    np.testing.assert_allclose(found.standard_error, np.std(samples, ddof=1) / np.sqrt(1000))


def test_estimate_works_along_the_first_axis():
    samples = np.random.default_rng(5).normal(size=(40, 3))
    np.testing.assert_allclose(estimate(samples).variance, samples.var(axis=0, ddof=1))


def test_two_samples_have_a_variance():
    assert estimate([1.0, 3.0]).variance == 2.0
    assert estimate([1.0, 3.0]).standard_error == 1.0


@pytest.mark.filterwarnings("error")
def test_one_sample_has_a_mean_and_no_variance():
    found = estimate([2.5])
    assert found.mean == 2.5
    assert np.isnan(found.variance)
    assert np.isnan(found.standard_error)


def test_several_estimators_see_the_same_draws():
    cost, q = Cost("z^2"), Gaussian(2.0, 1.0)
    twice = monte_carlo([pathwise, pathwise], cost, q, 1000, np.random.default_rng(6))
    alone = monte_carlo(pathwise, cost, q, 1000, np.random.default_rng(6))
    assert twice[0] == twice[1] == alone


def streams(seed, n, shape=()):
    """The draws by hand: the first block from rng itself, the others from its children."""
    rng = np.random.default_rng(seed)
    rows = montecarlo.BLOCK // max(1, int(np.prod(shape)))
    sizes = [min(rows, n - start) for start in range(0, n, rows)]
    generators = [rng] if len(sizes) == 1 else [rng, *rng.spawn(len(sizes))[1:]]
    draws = [one.standard_normal((k, *shape)) for k, one in zip(sizes, generators, strict=True)]
    return np.concatenate(draws)


def test_one_block_is_what_one_draws_by_hand():
    cost, q, n = Cost("z^2 + abs(z)"), Gaussian(0.3, 0.8), 50_000
    eps = np.random.default_rng(7).standard_normal(n)
    for estimator in (score_function, pathwise):
        expected = Gradient(*map(estimate, estimator(cost, q, eps)))
        assert monte_carlo(estimator, cost, q, n, np.random.default_rng(7)) == expected


def test_blocks_do_not_change_the_result():
    cost, q, n = Cost("z^2"), Gaussian(1e4, 1.0), 200_001  # a large mean: sums of squares cancel
    found = monte_carlo(pathwise, cost, q, n, np.random.default_rng(7)).mu
    terms = 2 * (1e4 + streams(7, n))
    assert found.count == n
    np.testing.assert_allclose(found.mean, terms.mean(), rtol=1e-13)
    np.testing.assert_allclose(found.variance, terms.var(ddof=1), rtol=1e-9)


def squares(d):
    cost = Cost.from_functions(lambda z: (z**2).sum(axis=1), lambda z: 2 * z, "squares")
    return cost, Gaussian(np.arange(d) - 2.0, np.linspace(0.5, 1.5, d))


def test_threads_do_not_change_a_bit():
    methods = [score_function, measure_valued, pathwise, batch_mean(leave_one_out, 3)]
    for cost, q, n in [(Cost("sin(3z)"), Gaussian(0.3, 0.8), 300_001), (*squares(5), 70_000)]:
        one, *others = (
            monte_carlo(methods, cost, q, n, np.random.default_rng(8), threads=threads)
            for threads in (1, 2, 3, 8)
        )
        for other in others:
            np.testing.assert_array_equal(flat(one), flat(other))


def flat(results):
    return np.concatenate([np.ravel(x) for result in results for e in result for x in e])


def test_a_further_estimator_changes_nobody_s_draws():
    cost, q, n = Cost("z^2 + abs(z)"), Gaussian(0.3, 0.8), 150_000
    first, second = batch_mean(leave_one_out, 2), antithetic(measure_valued)
    alone = [monte_carlo(one, cost, q, n, np.random.default_rng(9)) for one in (pathwise, first)]
    methods = [second, measure_valued, pathwise, first]
    together = monte_carlo(methods, cost, q, n, np.random.default_rng(9))
    assert together[2:] == alone


def test_two_calls_with_one_generator_are_independent():
    cost, q, rng = Cost("z"), Gaussian(0.0, 1.0), np.random.default_rng(10)
    pairs = np.array(
        [
            [(e.mean - 1) / e.standard_error for e in (one.mu, two.mu)]
            for one, two in (
                [monte_carlo(score_function, cost, q, n, rng) for _ in range(2)]
                for n in [100] * 300 + [70_000] * 20
            )
        ]
    )
    assert abs(np.corrcoef(pairs[:300].T)[0, 1]) < 4 / np.sqrt(300)
    assert abs(np.corrcoef(pairs[300:].T)[0, 1]) < 4 / np.sqrt(20)
    assert len(np.unique(pairs)) == pairs.size


def test_cost_and_slope_are_asked_once_for_all_estimators():
    asked = []
    cost = Cost.from_functions(
        lambda z: asked.append("r") or z**2, lambda z: asked.append("r'") or 2 * z, "counted"
    )
    methods = [score_function, pathwise, partial(score_function, baseline=2.0), pathwise]
    for one in methods:
        protocol.require_own_eps(one, Gaussian(0.0, 1.0))
    asked.clear()
    monte_carlo(methods, cost, Gaussian(0.3, 0.8), 100_000, np.random.default_rng(11))
    assert sorted(asked) == ["r", "r", "r'", "r'"]  # once in each of the two blocks


def test_what_is_shared_cannot_be_changed():
    def clipped(cost, q, eps):
        terms = pathwise(cost, q, eps)
        np.clip(terms.mu, -1, 1, out=terms.mu)
        return terms

    cost, q = Cost("z^2"), Gaussian(0.0, 1.0)
    with pytest.raises(ValueError, match="read-only"):
        monte_carlo([clipped, pathwise], cost, q, 1000, np.random.default_rng(12))


def test_points_that_an_estimator_changes_are_evaluated_anew():
    def moved(cost, q, eps):
        z = q.reparameterize(eps).copy()
        before = cost(z)
        z += 1
        return Gradient(cost(z) - before, eps)

    cost, q = Cost("3z"), Gaussian(0.0, 1.0)
    found = monte_carlo(moved, cost, q, 1000, np.random.default_rng(13)).mu
    assert found.mean == pytest.approx(3, rel=1e-12)


def peak(n, **options):
    tracemalloc.start()
    rng = np.random.default_rng(8)
    monte_carlo(score_function, Cost("z^2"), Gaussian(0.0, 1.0), n, rng, **options)
    size = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return size


@pytest.mark.parametrize("threads", [1, 2])
def test_memory_does_not_grow_with_n(threads):
    peak(1000)  # imports
    assert peak(2_000_000, threads=threads) < 1.5 * threads * peak(200_000)  # one block a thread


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.slow
def test_memory_does_not_grow_with_the_number_of_blocks(threads, monkeypatch):
    monkeypatch.setattr(montecarlo, "BLOCK", 64)
    peak(64 * 1000, threads=threads)  # fills the lists of freed tuples that Python keeps
    # a generator takes more than 1,000 bytes: 900 of them would show
    assert peak(64 * 1000, threads=threads) < peak(64 * 100, threads=threads) + 100_000


def test_threads_inherit_how_numpy_treats_errors():
    cost = Cost.from_functions(lambda z: z / (z * 0), lambda z: z, "0/0")
    for threads in (1, 2):
        with np.errstate(invalid="raise", divide="raise"), pytest.raises(FloatingPointError):
            monte_carlo(
                score_function,
                cost,
                Gaussian(0.0, 1.0),
                200_000,
                np.random.default_rng(0),
                threads=threads,
            )


def test_a_generator_that_an_estimator_holds_is_used():
    cost, q, n = Cost("sin(z) + z"), Gaussian(0.4, 1.5), 1000
    mine = partial(measure_valued, rng=np.random.default_rng(3))
    found = monte_carlo(mine, cost, q, n, np.random.default_rng(4))
    eps = np.random.default_rng(4).standard_normal(n)
    terms = measure_valued(cost, q, eps, np.random.default_rng(3))
    assert found == Gradient(*map(estimate, terms))


def standard_scores(estimator, cost, q, n, truth, repeats):
    """(mean - truth)/standard error for mu and sigma, in each of many runs."""
    rng = np.random.default_rng(14)
    runs = [monte_carlo(estimator, cost, q, n, rng) for _ in range(repeats)]
    return np.array(
        [
            [(e.mean - true) / e.standard_error for e, true in zip(run, truth, strict=True)]
            for run in runs
        ]
    )


@pytest.mark.parametrize(
    "estimator", [pathwise, measure_valued, *(batch_mean(leave_one_out, m) for m in (2, 10))]
)
def test_standard_errors_are_right(estimator):
    cost, q = Cost("sin(z) + z"), Gaussian(MU, SIGMA)
    truth = 1 + np.cos(MU) * DECAY, -SIGMA * np.sin(MU) * DECAY
    scores = standard_scores(estimator, cost, q, 2000, truth, repeats=400)
    for found, expected in ((estimate(scores), 0), (estimate(scores**2), 1)):
        assert np.all(np.abs(found.mean - expected) < 4 * found.standard_error)
        assert np.all(found.standard_error < 0.1)


def test_on_r_d_each_coordinate_has_its_estimate():
    d = 5
    cost = Cost.from_functions(lambda z: (z**2).sum(axis=1), lambda z: 2 * z, "squares")
    mu, sigma = np.arange(d) - 2.0, np.linspace(0.5, 1.5, d)
    results = monte_carlo(
        [score_function, pathwise], cost, Gaussian(mu, sigma), 200_000, np.random.default_rng(9)
    )
    for result in results:
        for found, truth in zip(result, (2 * mu, 2 * sigma), strict=True):
            assert found.mean.shape == (d,)
            assert np.all(np.abs(found.mean - truth) < 4.5 * found.standard_error)


def test_any_callable_with_the_signature_is_an_estimator():
    with_baseline = partial(score_function, baseline=5.0)
    found = monte_carlo(
        with_baseline, Cost("z^2 + 5"), Gaussian(MU, SIGMA), 100_000, np.random.default_rng(10)
    )
    plain = monte_carlo(
        score_function, Cost("z^2"), Gaussian(MU, SIGMA), 100_000, np.random.default_rng(10)
    )
    np.testing.assert_allclose(found.mu.mean, plain.mu.mean)


def too_short(cost, q, eps):
    return Gradient(eps[:3], eps[:3])


def in_place(cost, q, eps):
    eps *= 2
    return pathwise(cost, q, eps)


def in_sample(cost, q, eps):
    return score_function(cost, q, eps, baseline=float(cost(q.reparameterize(eps)).mean()))


def no_gradient(cost, q, eps):
    return eps


def complex_terms(cost, q, eps):
    return Gradient(eps * 1j, eps)


NOISY = partial(measure_valued, rng=np.random.default_rng(0))
GOOD = {
    "estimator": pathwise,
    "cost": Cost("z^2"),
    "q": Gaussian(0.0, 1.0),
    "n": 10,
    "rng": np.random.default_rng(0),
}


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        *(({"n": n}, "n must be a whole number, 1 or more; received") for n in (0, -5, 2.5, 1e5)),
        *(({"n": n}, "n must be a whole number") for n in (True, "100", None)),
        *(({"threads": n}, "threads must be a whole number") for n in (0, -1, 1.5, True, None)),
        *(({"rng": rng}, "rng must be a Generator, .*; received") for rng in (0, None, np.random)),
        ({"cost": lambda z: z**2}, "cost must be a Cost, .*; received <function"),
        ({"cost": "z^2"}, "cost must be a Cost, .*; received 'z"),
        ({"q": (0.0, 1.0)}, r"q must be a Gaussian, .*; received \(0.0"),
        ({"estimator": "pathwise"}, "estimator must be a function .*; received 'pathwise'"),
        ({"estimator": [pathwise, None]}, "estimator must be a function .*; received None"),
        ({"estimator": MovingAverage()}, "estimator must be a function .*; received MovingAverage"),
        ({"estimator": leave_one_out}, r"leave_one_out depend on .*: batch_mean\(estimator, m\)"),
        ({"estimator": antithetic(leave_one_out)}, "antithetic_pair depend on the other samples"),
        ({"estimator": in_sample}, "in_sample depend on the other samples"),
        ({"estimator": NOISY, "threads": 2}, "random numbers that are not in eps.*threads=1"),
        ({"estimator": partial(measure_valued)}, "rng must be a Generator, .*; received None"),
        ({"estimator": too_short}, r"eps's shape \(10,\); too_short returned \[\(3,\), \(3,\)\]"),
        ({"estimator": no_gradient}, "no_gradient returned array"),
        (
            {"estimator": complex_terms},
            "terms of complex_terms must be real numbers; received array",
        ),
        ({"estimator": in_place}, "read-only"),
        ({"cost": Cost("log(z)^2"), "n": 1000}, "samples must be finite numbers; .* of 1000"),
    ],
)
def test_bad_arguments_are_refused(bad, message):
    with pytest.raises(ValueError, match=message):
        monte_carlo(**GOOD | bad)


def test_an_error_in_a_thread_is_the_caller_s():
    with pytest.raises(ValueError, match="samples must be finite numbers"):
        monte_carlo(**GOOD | {"cost": Cost("log(z)^2"), "n": 300_000, "threads": 2})


@pytest.mark.parametrize("samples", [[], 3.0, np.zeros((0, 4))])
def test_no_samples_are_refused(samples):
    with pytest.raises(ValueError, match=r"samples must have shape .*; received shape"):
        estimate(samples)


@pytest.mark.parametrize(
    "samples", [None, "text", [1j], [None, 1.0], np.ma.masked_array([1.0, 2.0], [True, False])]
)
def test_samples_that_are_no_real_numbers_are_refused(samples):
    with pytest.raises(ValueError, match="samples must be real numbers; received"):
        estimate(samples)


def test_samples_too_large_to_square_have_a_mean():
    assert estimate([1e200, 3e200]).mean == 2e200


@pytest.mark.parametrize("samples", [[1.0, np.nan], [np.inf, 1.0], [[1.0, 2.0], [3.0, -np.inf]]])
def test_one_sample_that_is_not_finite_is_enough(samples):
    with pytest.raises(ValueError, match="received 1 of [24] that are not"):
        estimate(samples)
