"""Bits and categories: enumeration, quadrature, Monte Carlo and autograd agree."""

from functools import partial
from itertools import pairwise, product

import numpy as np
import pytest
from scipy import integrate, stats

from gradlib import Cost, Gaussian, QuadratureError, discrete, estimate
from gradlib.discrete import (
    Bernoulli,
    Categorical,
    MultiSample,
    concrete,
    exact_gradient,
    exact_mean,
    exact_value,
    exact_variance,
    leave_one_out,
    monte_carlo,
    optimal_baseline,
    rebar,
    score_function,
    straight_through,
)

TOY = Cost("(z - 0.45)^2")
WAVES = np.array([1.0, 2.0, -1.5])


def waves(d):
    """sin(w . b) + |b - 0.3|^2 with its slope, on R^d: no symmetry helps it."""
    w = WAVES[:d]
    return Cost.from_functions(
        lambda b: np.sin(b @ w) + ((b - 0.3) ** 2).sum(axis=-1),
        lambda b: np.cos(b @ w)[..., np.newaxis] * w + 2 * (b - 0.3),
        "waves",
    )


PROBLEMS = {
    "toy": (TOY, Bernoulli(-0.8)),
    "one bit": (Cost("exp(z) - 2sin(3z)"), Bernoulli(1.7)),
    "two bits": (waves(2), Bernoulli([0.3, -1.2])),
    "two categories": (waves(2), Categorical([0.5, -0.3])),
    "three categories": (waves(3), Categorical([0.3, -1.2, 0.5])),
}
UNBIASED = [score_function, partial(score_function, baseline=0.7), leave_one_out(3)]
UNBIASED += [rebar(0.4), rebar(1.5, scale=-0.6)]
BIASED = [straight_through(), straight_through(0.5), concrete(0.3), concrete(1.0)]
# three noises within a state cannot be integrated
TOO_MANY = [("three categories", one) for one in [*UNBIASED[3:], *BIASED[1:]]]
every_problem = pytest.mark.parametrize("name", PROBLEMS)


def name_of(estimator):
    return getattr(estimator, "__name__", "baseline")


every_estimator = pytest.mark.parametrize("estimator", UNBIASED + BIASED, ids=name_of)
every_unbiased = pytest.mark.parametrize("estimator", UNBIASED, ids=name_of)


def by_hand(cost, q):
    """J and its gradient: every state by itself, differences of the probabilities."""

    def value(logits):
        if isinstance(q, Categorical):
            states, probs = np.eye(len(logits)), np.exp(logits) / np.exp(logits).sum()
        else:
            states = np.array(list(product([0.0, 1.0], repeat=logits.size)))
            p = 1 / (1 + np.exp(-np.atleast_1d(logits)))
            probs = np.where(states == 1, p, 1 - p).prod(axis=1)
        return sum(p * float(cost(s if q.shape else s[0])) for p, s in zip(probs, states))

    return value(q.logits), slopes_of(value, q.logits)


def slopes_of(function, at, h=1e-5):
    moves = h * np.eye(at.size).reshape(-1, *at.shape)
    return np.reshape([(function(at + m) - function(at - m)) / (2 * h) for m in moves], at.shape)


# ---- Exact values


@every_problem
def test_value_and_gradient_are_sums_over_states(name):
    cost, q = PROBLEMS[name]
    if q.shape:  # Evaluated asks for rows
        row = Cost.from_functions(lambda b: cost(b), lambda b: cost.derivative(b), "row")
        value, gradient = by_hand(lambda b: row(b[np.newaxis])[0], q)
    else:
        value, gradient = by_hand(cost, q)
    assert exact_value(cost, q) == pytest.approx(value, rel=1e-12)
    np.testing.assert_allclose(exact_gradient(cost, q), gradient, rtol=1e-7, atol=1e-10)


@every_problem
@every_unbiased
def test_unbiased_estimators_have_the_gradient_as_their_mean(name, estimator):
    cost, q = PROBLEMS[name]
    if (name, estimator) in TOO_MANY:
        return
    mean = exact_mean(estimator, cost, q)
    np.testing.assert_allclose(mean, exact_gradient(cost, q), rtol=0, atol=1e-9)


@every_problem
@every_estimator
def test_monte_carlo_agrees_with_exact_moments(name, estimator):
    cost, q = PROBLEMS[name]
    n, rng = 60_000, np.random.default_rng(1)
    found = monte_carlo(estimator, cost, q, n, rng)
    noise = q.noise(np.random.default_rng(1), getattr(estimator, "draws", 1), n)
    terms = estimator(cost, q, noise if len(noise) > 1 else noise[0])
    np.testing.assert_allclose(found.mean, terms.mean(axis=0), rtol=1e-12)
    if (name, estimator) in TOO_MANY:
        if estimator in UNBIASED:
            away = np.abs(found.mean - exact_gradient(cost, q))
            assert np.all(away < 4.5 * found.standard_error)
        return
    mean, variance = (f(estimator, cost, q) for f in (exact_mean, exact_variance))
    assert np.all(np.abs(found.mean - mean) <= 4.5 * found.standard_error + 1e-12)
    spread = estimate((terms - mean) ** 2)
    assert np.all(np.abs(spread.mean - variance) <= 4.5 * spread.standard_error + 1e-12)


@pytest.mark.parametrize("t", [0.45, 0.499])
@pytest.mark.parametrize("logit", [-2.0, 0.0, 0.9])
def test_the_toy_in_closed_form(t, logit):
    cost, q = Cost(f"(z - {t})^2"), Bernoulli(logit)
    p = 1 / (1 + np.exp(-logit))
    assert exact_gradient(cost, q) == pytest.approx(p * (1 - p) * (1 - 2 * t), rel=1e-9)
    assert exact_mean(straight_through(), cost, q) == pytest.approx(2 * p * (1 - p) * (p - t))
    steady = partial(score_function, baseline=optimal_baseline(cost, q))
    assert optimal_baseline(cost, q) == pytest.approx((1 - p) * (1 - t) ** 2 + p * t**2)
    assert exact_variance(steady, cost, q) < 1e-30  # two states: the best constant leaves no noise
    first, second = (1 - t) ** 2 * (1 - p), -(t**2) * p
    plain = p * (1 - p) * (first - second) ** 2
    assert exact_variance(score_function, cost, q) == pytest.approx(plain)


@pytest.mark.parametrize("m", [2, 3, 6])
@pytest.mark.parametrize("name", ["toy", "two bits", "three categories"])
def test_leave_one_out_has_the_variance_of_a_sample_covariance(name, m):
    cost, q = PROBLEMS[name]
    states, probs = q.states()
    value, score, mean = cost(states), q.score(states), exact_value(cost, q)
    value = value[:, np.newaxis] if q.shape else value
    gradient = exact_gradient(cost, q)
    variances = (
        np.tensordot(probs, ((value - mean) * score) ** 2, 1) - gradient**2,
        np.tensordot(probs, (value - mean) ** 2, 1) * np.tensordot(probs, score**2, 1),
    )
    expected = variances[0] / m + (variances[1] + gradient**2) / (m * (m - 1))
    np.testing.assert_allclose(exact_variance(leave_one_out(m), cost, q), expected, rtol=1e-10)


@pytest.mark.parametrize("name", ["two bits", "two categories", "three categories"])
def test_no_other_constant_beats_the_best_baseline(name):
    cost, q = PROBLEMS[name]
    best = optimal_baseline(cost, q)
    least = exact_variance(partial(score_function, baseline=best), cost, q)
    for shift in (-0.01, 0.01):
        other = exact_variance(partial(score_function, baseline=best + shift), cost, q)
        assert np.all(other > least)


# ---- Relaxed states: against integrals over uniform noise, written as in the papers


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


@pytest.mark.parametrize("temperature", [0.1, 0.7, 3.0])
@pytest.mark.parametrize("name", ["toy", "one bit"])
@pytest.mark.parametrize("hard", [False, True])
def test_relaxed_bits_against_an_integral_over_u(name, temperature, hard):
    cost, q = PROBLEMS[name]
    theta = float(q.logits)

    def term(u):
        z = theta + np.log(u) - np.log1p(-u)
        soft = sigmoid(z / temperature)
        return cost.derivative(float(z > 0) if hard else soft) * soft * (1 - soft) / temperature

    def mean(function):
        jump = sigmoid(-theta)
        points = [0.0, jump, 1.0]
        return sum(
            integrate.quad(function, a, b, epsabs=1e-11, limit=400)[0] for a, b in pairwise(points)
        )

    estimator = straight_through(temperature) if hard else concrete(temperature)
    first = mean(term)
    assert exact_mean(estimator, cost, q) == pytest.approx(first, abs=2e-9)
    second = mean(lambda u: term(u) ** 2)
    assert exact_variance(estimator, cost, q) == pytest.approx(second - first**2, abs=1e-8)


def rebar_by_uniforms(cost, theta, u, v, temperature, scale):
    """One term as Tucker et al. write it, from two uniforms; slopes are taken by differences."""
    h = 1e-5

    def soft(theta, b=None):
        at = u
        p0 = sigmoid(-theta)
        if b is not None:
            at = np.where(b == 1, p0 + v * (1 - p0), v * p0)
        return cost(sigmoid((theta + np.log(at) - np.log1p(-at)) / temperature))

    b = (u > sigmoid(-theta)).astype(float)
    free = (soft(theta + h) - soft(theta - h)) / (2 * h)
    given = (soft(theta + h, b) - soft(theta - h, b)) / (2 * h)
    return (cost(b) - scale * soft(theta, b)) * (b - sigmoid(theta)) + scale * (free - given)


@pytest.mark.parametrize(("temperature", "scale"), [(0.3, 1.0), (1.2, 0.5)])
@pytest.mark.parametrize("name", ["toy", "one bit"])
def test_rebar_has_the_variance_of_the_paper(name, temperature, scale):
    cost, q = PROBLEMS[name]
    theta = float(q.logits)
    nodes, weights = np.polynomial.legendre.leggauss(60)
    cuts = np.array([0, 1e-6, 1e-4, 1e-2, 0.2, 0.5, 0.8, 0.99, 1 - 1e-4, 1 - 1e-6, 1])
    unit = np.concatenate([a + (b - a) * (nodes + 1) / 2 for a, b in pairwise(cuts)])
    mass = np.concatenate([(b - a) * weights / 2 for a, b in pairwise(cuts)])
    jump, first, second = sigmoid(-theta), 0.0, 0.0
    for low, high in ((0, jump), (jump, 1)):
        u, v = low + (high - low) * unit[:, np.newaxis], unit
        terms = rebar_by_uniforms(cost, theta, u, v, temperature, scale)
        both = (high - low) * np.outer(mass, mass)
        first, second = first + (both * terms).sum(), second + (both * terms**2).sum()
    assert first == pytest.approx(exact_gradient(cost, q), abs=1e-6)
    found = exact_variance(rebar(temperature, scale), cost, q)
    assert found == pytest.approx(second - first**2, rel=1e-5)


@pytest.mark.parametrize("name", ["two bits", "three categories"])
def test_rebar_with_scale_0_is_the_score_function(name):
    cost, q = PROBLEMS[name]
    noise = q.noise(np.random.default_rng(2), 2, 50)
    plain = score_function(cost, q, noise[0])
    np.testing.assert_allclose(rebar(0.5, scale=0.0)(cost, q, noise), plain, atol=1e-15)


@pytest.mark.parametrize("q", [Bernoulli([0.3, -1.2]), Categorical([0.3, -1.2])])
def test_the_relaxed_problem_is_what_concrete_differentiates(q):
    cost, temperature = waves(2), 0.6
    points, weights = q.rule(400)
    fresh = np.stack(np.meshgrid(points, points, indexing="ij"), axis=-1).reshape(-1, 2)
    mass = np.outer(weights, weights).ravel()

    def relaxed(logits):
        return mass @ cost(q.soften(logits + fresh, temperature))

    expected = slopes_of(relaxed, q.logits)
    np.testing.assert_allclose(exact_mean(concrete(temperature), cost, q), expected, atol=1e-7)


@pytest.mark.parametrize("temperature", [0.05, 1e-2, 1e-3])
def test_bias_falls_and_variance_rises_with_the_temperature(temperature):
    cost, q = PROBLEMS["toy"]
    bias, variance = (
        [f(concrete(t), cost, q) for t in (temperature, 2 * temperature)]
        for f in (exact_mean, exact_variance)
    )
    errors = np.abs(np.array(bias) - exact_gradient(cost, q))
    assert errors[0] < errors[1] and variance[0] > variance[1] > 0  # never taken for a step


# ---- Distributions


@pytest.mark.parametrize("q", [q for _, q in PROBLEMS.values()], ids=list(PROBLEMS))
def test_states_probabilities_and_scores(q):
    states, probs = q.states()
    assert probs.sum() == pytest.approx(1) and states.shape[1:] == q.shape
    np.testing.assert_allclose(np.exp(q.log_prob(states)), probs)
    np.testing.assert_allclose(np.tensordot(probs, states, 1), q.probs, rtol=1e-12)
    for state in states:
        slopes = slopes_of(lambda logits, state=state: type(q)(logits).log_prob(state), q.logits)
        np.testing.assert_allclose(q.score(state), slopes, atol=1e-8)


@pytest.mark.parametrize("q", [q for _, q in PROBLEMS.values()], ids=list(PROBLEMS))
def test_noise_draws_states_with_their_probabilities(q):
    drawn = q.sample(q.noise(np.random.default_rng(3), 40_000))
    found = estimate(drawn)
    assert np.all(np.abs(found.mean - q.probs) < 4.5 * found.standard_error)


@pytest.mark.parametrize("q", [q for _, q in PROBLEMS.values()], ids=list(PROBLEMS))
def test_the_softest_and_the_hardest_states(q):
    """Far above all differences of z a state is even; far below it is the state itself."""
    z = np.linspace(-1.1, 2.0, q.logits.size).reshape(q.shape)
    even = 1 / q.shape[-1] if isinstance(q, Categorical) else 0.5
    np.testing.assert_allclose(q.soften(z, 1e300), np.full(q.shape, even))
    with np.errstate(over="ignore"):
        np.testing.assert_array_equal(q.soften(z, 5e-324), q.sample(z - q.logits))


@pytest.mark.parametrize("q", [q for _, q in PROBLEMS.values()], ids=list(PROBLEMS))
def test_fresh_noise_given_a_state_is_that_of_the_state(q):
    """It draws the state; mixed over states it has the law of the noise; its slopes are right."""
    rng = np.random.default_rng(4)
    states, probs = q.states()
    mixed = []
    for state, p in zip(states, probs, strict=True):
        count = round(8000 * p)
        fresh = q.noise(rng, count)
        noise = q.noise_given(state, fresh)
        np.testing.assert_array_equal(q.sample(noise), np.broadcast_to(state, noise.shape))
        mixed.append(noise)
        slope, h = rng.normal(size=q.shape), 1e-6
        one = fresh[0]
        moved = slopes_of(
            lambda x, s=state, f=one, w=slope: np.sum(w * type(q)(x).given(s, f)[0]), q.logits, h
        )
        back = q.given(state, one)[1]
        np.testing.assert_allclose(back(slope), moved, rtol=1e-6, atol=1e-8)
    law = stats.logistic if isinstance(q, Bernoulli) else stats.gumbel_r
    for column in np.concatenate(mixed).reshape(-1, max(q.logits.size, 1)).T:
        assert stats.kstest(column, law.cdf).pvalue > 1e-3


def test_probabilities_in_and_out():
    np.testing.assert_allclose(Bernoulli.from_probs([0.2, 0.9]).probs, [0.2, 0.9])
    np.testing.assert_allclose(Categorical.from_probs([0.2, 0.5, 0.3]).probs, [0.2, 0.5, 0.3])
    assert Bernoulli(800.0).probs == 1 and Bernoulli(-800.0).probs == 0  # no overflow, no warning
    assert exact_variance(concrete(0.5), TOY, Bernoulli(30.0)) < 1e-9


def test_a_batch_is_one_distribution_a_row():
    rows, cost = np.array([[0.3, -1.2], [2.0, 0.1], [-0.4, 0.0]]), waves(2)
    q = Bernoulli(rows)
    noise = q.noise(np.random.default_rng(5), 3, 7)
    for estimator in (score_function, straight_through(0.5), concrete(0.5), leave_one_out(3)):
        several = getattr(estimator, "draws", 1) > 1
        terms = estimator(cost, q, noise if several else noise[0])
        for i, row in enumerate(rows):
            alone = (noise if several else noise[0])[..., i, :]
            np.testing.assert_allclose(terms[..., i, :], estimator(cost, Bernoulli(row), alone))


def test_an_estimator_of_several_draws_of_ones_own():
    """The mean of three terms: a third of the variance, and the same mean."""
    cost, q = PROBLEMS["two bits"]

    def terms(cost, q, noise):
        return np.mean([score_function(cost, q, one) for one in noise], axis=0)

    mine = MultiSample(terms, 3, "three")
    assert repr(mine) == mine.__name__ == "three"
    np.testing.assert_allclose(exact_mean(mine, cost, q), exact_gradient(cost, q), atol=1e-12)
    variance = exact_variance(score_function, cost, q)
    np.testing.assert_allclose(exact_variance(mine, cost, q), variance / 3, rtol=1e-12)
    with pytest.raises(ValueError, match="terms must be a function.*received 3"):
        MultiSample(3, 3, "three")
    with pytest.raises(ValueError, match="draws must be a whole number, 1 or more; received 0"):
        MultiSample(terms, 0, "three")


def test_several_estimators_see_the_same_draws():
    cost, q = PROBLEMS["two bits"]
    both = monte_carlo([score_function, leave_one_out(4)], cost, q, 100, np.random.default_rng(6))
    noise = q.noise(np.random.default_rng(6), 4, 100)
    np.testing.assert_array_equal(both[0].mean, score_function(cost, q, noise[0]).mean(axis=0))
    np.testing.assert_array_equal(both[1].mean, leave_one_out(4)(cost, q, noise).mean(axis=0))


# ---- Autograd


@pytest.mark.parametrize("categories", [False, True])
def test_torch_gives_the_same_terms_from_the_same_noise(categories):
    torch = pytest.importorskip("torch")
    q, cost = (Categorical if categories else Bernoulli)([0.3, -1.2, 0.8]), waves(3)
    noise = q.noise(np.random.default_rng(7), 2, 6)
    w, eps = torch.tensor(WAVES), torch.tensor(noise)
    kind = torch.distributions
    law = kind.OneHotCategorical if categories else kind.Bernoulli

    def r(b):
        return torch.sin(b @ w) + ((b - 0.3) ** 2).sum(-1)

    def gradient(loss):
        """One row for each sample, from a loss of (logits, i)."""
        rows = []
        for i in range(6):
            logits = torch.tensor(q.logits, requires_grad=True)
            rows.append(torch.autograd.grad(loss(logits, i), logits)[0].numpy())
        return np.array(rows)

    def soften(z, T):
        return torch.softmax(z / T, -1) if categories else torch.sigmoid(z / T)

    def hard(z):
        z = z.detach()
        return torch.eye(3).double()[z.argmax(-1)] if categories else (z > 0).double()

    def score(logits, i):
        b = hard(logits + eps[0, i])
        return r(b) * law(logits=logits).log_prob(b).sum()

    def through(logits, i, T):
        z = logits + eps[0, i]
        soft = soften(z, T) if T else soften(logits, 1)
        return r(hard(z) + soft - soft.detach())

    def relaxed(logits, i, T):
        return r(soften(logits + eps[0, i], T))

    def fresh(logits, b, noise, T):  # z given b, from uniforms as in the paper
        if not categories:
            u, p0 = torch.sigmoid(noise), torch.sigmoid(-logits)
            u = torch.where(b == 1, p0 + u * (1 - p0), u * p0)
            return soften(logits + torch.log(u) - torch.log1p(-u), T)
        minus_log_v, p = torch.exp(-noise), torch.softmax(logits, -1)
        top = (minus_log_v * b).sum()
        return soften(torch.where(b == 1, -top.log(), -(minus_log_v / p + top).log()), T)

    def control(logits, i, T, scale):
        b = hard(logits + eps[0, i])
        given = r(fresh(logits, b, eps[1, i], T))
        rest = (r(b) - scale * given).detach()
        path = r(soften(logits + eps[0, i], T)) - given
        return rest * law(logits=logits).log_prob(b).sum() + scale * path

    def others(logits, i):  # two draws, each against the other's cost
        pair = [hard(logits + eps[j, i]) for j in (0, 1)]
        centred = [(r(b) - r(o)).detach() for b, o in (pair, pair[::-1])]
        log_probs = [law(logits=logits).log_prob(b).sum() for b in pair]
        return sum(c * log_prob for c, log_prob in zip(centred, log_probs, strict=True)) / 2

    cases = {
        score_function: score,
        leave_one_out(2): others,
        straight_through(): partial(through, T=None),
        straight_through(0.7): partial(through, T=0.7),
        concrete(0.4): partial(relaxed, T=0.4),
        rebar(0.4, 0.8): partial(control, T=0.4, scale=0.8),
    }
    for estimator, loss in cases.items():
        ours = estimator(cost, q, noise if getattr(estimator, "draws", 1) > 1 else noise[0])
        np.testing.assert_allclose(ours, gradient(loss), rtol=1e-9, atol=1e-12)


def test_jax_gives_the_same_gradient_and_the_same_terms():
    jax = pytest.importorskip("jax")
    jnp = jax.numpy
    cost, q = PROBLEMS["two bits"]
    noise = q.noise(np.random.default_rng(8), 5)
    with jax.enable_x64(True):
        w = jnp.array(WAVES[:2])

        def r(b):
            return jnp.sin(b @ w) + ((b - 0.3) ** 2).sum(-1)

        def value(logits):
            states = jnp.array(list(product([0.0, 1.0], repeat=2)))
            p = jax.nn.sigmoid(logits)
            return r(states) @ jnp.where(states == 1, p, 1 - p).prod(axis=1)

        gradient = jax.grad(value)(jnp.array(q.logits))
        np.testing.assert_allclose(exact_gradient(cost, q), gradient, rtol=1e-12)
        rows = jax.vmap(jax.grad(lambda x, e: r(jax.nn.sigmoid((x + e) / 0.4))), in_axes=(None, 0))(
            jnp.array(q.logits), noise
        )
        np.testing.assert_allclose(concrete(0.4)(cost, q, noise), rows, rtol=1e-9)


def test_torch_finds_no_path_through_a_sampled_bit():
    torch = pytest.importorskip("torch")
    logits = torch.tensor(0.3, requires_grad=True)
    assert not torch.distributions.Bernoulli.has_rsample
    bit = torch.distributions.Bernoulli(logits=logits).sample()
    assert not bit.requires_grad  # the loss is a constant; a comparison, likewise
    assert not (logits + 0.1 > 0).float().requires_grad


# ---- Refusals


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Bernoulli(np.nan), "logits must be a finite number.*received nan"),
        (lambda: Bernoulli([0.0, np.inf]), "logits must be a finite number"),
        (lambda: Bernoulli([]), "received shape"),
        (lambda: Bernoulli("one half"), "logits must be a finite number.*'one half'"),
        (lambda: Bernoulli(1j), "logits must be a finite number"),
        (lambda: Bernoulli(np.zeros((2, 2, 2))), "received shape"),
        (lambda: Bernoulli.from_probs(1.2), "probs must lie between 0 and 1; received 1.2"),
        (lambda: Bernoulli.from_probs([0.5, 0.0]), "probs must lie between 0 and 1"),
        (lambda: Categorical(0.3), "2 categories or more"),
        (lambda: Categorical([0.3]), "2 categories or more; received shape"),
        (lambda: Categorical([0.3, np.nan]), "logits must be a finite number"),
        (lambda: Categorical.from_probs([0.5, 0.6]), "have the sum 1; received .*0.6"),
        (lambda: Categorical.from_probs([1.5, -0.5]), "probs must be above 0"),
        (lambda: concrete(0.0), "temperature must be a finite number above 0; received 0.0"),
        (lambda: straight_through(-1), "temperature must be .* above 0; received -1"),
        (lambda: rebar(np.nan), "temperature must be"),
        (lambda: rebar(0.5, np.inf), "scale must be a finite number; received inf"),
        (
            lambda: leave_one_out(3)(TOY, Bernoulli(0.0), np.zeros((2, 4))),
            r"noise must be 3 draws.*received shape \(2, 4\)",
        ),
        (lambda: Bernoulli(0.0).noise_given(0.5, 0.1), "a state is made of 0 and 1; received 0.5"),
        (lambda: leave_one_out(1), "m must be a whole number, 2 or more; received 1"),
        (lambda: Bernoulli(0.0).log_prob(0.5), "a state is made of 0 and 1; received 0.5"),
        (lambda: Categorical([0.0, 1.0]).log_prob([1.0, 1.0]), "one-hot"),
        (lambda: Bernoulli(0.0).score(0.5), "a state is made of 0 and 1; received 0.5"),
        (lambda: Categorical([0.0, 1.0]).score([0.5, 0.5]), "a state is a one-hot vector"),
        (lambda: Bernoulli([0.0, 1.0]).sample([0.1]), r"noise must have shape \(..., 2\)"),
        (lambda: exact_value(TOY, Bernoulli([0.0, 0.0])), "formula is a cost of one bit"),
        (lambda: exact_value(TOY, Gaussian(0, 1)), "q must be a Bernoulli or a Categorical"),
        (lambda: exact_value("z^2", Bernoulli(0.0)), "cost must be a Cost"),
        (lambda: exact_value(waves(3), Bernoulli(np.zeros((2, 3)))), "too many.*monte_carlo"),
        (lambda: exact_value(waves(3), Bernoulli(np.zeros(40))), "too many.*monte_carlo"),
        (lambda: exact_mean(leave_one_out(30), TOY, Bernoulli(0.0)), "states are too many"),
        (lambda: exact_mean(3, TOY, Bernoulli(0.0)), "estimator must be a function"),
        (lambda: exact_mean(lambda c, q, e: 1.0, TOY, Bernoulli(0.0)), "must return an array"),
        (
            lambda: score_function(TOY, Bernoulli(0.0), np.zeros(3), baseline=[1.0, 2.0]),
            "baseline must be a finite number",
        ),
        (
            lambda: monte_carlo(score_function, TOY, Bernoulli(0.0), 0, np.random.default_rng(0)),
            "n must be a whole number",
        ),
        (
            lambda: monte_carlo(score_function, TOY, Bernoulli(0.0), 9, 0),
            "rng must be a Generator",
        ),
    ],
)
def test_wrong_arguments_are_named(make, words):
    with pytest.raises(ValueError, match=words):
        make()


def test_what_cannot_be_integrated_is_refused(monkeypatch):
    monkeypatch.setattr(discrete, "MAX_NODES", 2**14)
    with pytest.raises(ValueError, match="3 noises .*: use monte_carlo"):
        exact_mean(concrete(0.5), waves(3), Bernoulli([0.1, 0.2, 0.3]))
    with pytest.raises(QuadratureError, match="bends too sharply"):
        exact_mean(concrete(0.5), Cost("|z - 0.4|"), Bernoulli(0.3))


@pytest.mark.parametrize("average", [exact_value, exact_gradient, discrete.optimal_baseline])
def test_a_cost_that_is_not_finite_at_a_state_is_refused(average):
    with np.errstate(all="ignore"), pytest.raises(QuadratureError, match="not finite"):
        average(Cost("sqrt(z - 1/2)"), Bernoulli(0.3))


def test_every_public_name_is_there():
    assert all(hasattr(discrete, name) for name in discrete.__all__)
