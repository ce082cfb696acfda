"""Claims of chapter 13. What is said of the VAE holds for its own network, which differs a little
from machine to machine, so it is tested with wide margins."""

import re

import numpy as np
import pytest
from scipy import stats
from scipy.optimize import brentq

from gradlib import Cost, Gaussian, discrete, exact_mean, exact_variance, gap_matrix, pathwise
from gradlib.course import binary_vae, distributions, gridworld

P = 1 / (1 + np.exp(1.0))
TRUTH = P * (1 - P) * 0.1
TOY = Cost("(z - 0.45)^2")


def test_sampling_sees_no_slope(ch):
    assert "bits that changed: 0 of 10000" in ch.text
    assert "slope seen by sampling: 0.0" in ch.text
    assert f"exact slope:            {TRUTH:.6f}" in ch.text
    assert not np.array_equal(ch["bits"], np.where(ch["theta"] + 1 + ch["noise"] > 0, 1.0, 0.0))


def test_both_are_the_formulas_of_gradlib(ch):
    assert ch.text.count("the same: True") == 2
    spread = P * (1 - P) * (0.3025 * (1 - P) + 0.2025 * P) ** 2
    assert f"exact_variance {spread:.6f}" in ch.text
    assert np.sqrt(spread) / TRUTH == pytest.approx(6.2, abs=0.05)  # six times the gradient


def test_baselines_of_a_bit(ch):
    assert ch["best"] == pytest.approx((1 - P) * 0.3025 + P * 0.2025)
    assert "best constant    0.000000" in ch.text and "none             0.014934" in ch.text
    # two draws differ with probability 2p(1 - p); then the term is half the difference of costs
    loo = 2 * P * (1 - P) * (0.1 / 2) ** 2 - TRUTH**2
    assert f"leave-one-out, 2 {2 * loo:.6f} (times 2)" in ch.text and round(2 * loo, 4) == 0.0012


def test_where_descents_end(ch):
    def crossing(estimator):
        means = [
            discrete.exact_mean(estimator, TOY, discrete.Bernoulli.from_probs(p))
            for p in np.linspace(0.02, 0.98, 96)
        ]
        assert np.count_nonzero(np.diff(np.sign(means))) == 1 and means[0] < 0 < means[-1]
        return brentq(
            lambda p: discrete.exact_mean(estimator, TOY, discrete.Bernoulli.from_probs(p)),
            0.1,
            0.9,
        )

    assert crossing(discrete.straight_through()) == pytest.approx(0.45)
    assert crossing(discrete.concrete(0.5)) == pytest.approx(0.36, abs=0.01)  # close by
    assert "straight_through() mean -0.0712" in ch.text
    assert "concrete(0.5)      mean -0." in ch.text and "concrete(0.1)      mean +0." in ch.text


def test_bias_and_variance_against_temperature(ch):
    q, plain = ch["q"], discrete.exact_variance(discrete.score_function, TOY, ch["q"])
    for make in (discrete.concrete, discrete.straight_through):
        bias, variance = (
            np.array([f(make(T), TOY, q) for T in (0.01, 0.02)])
            for f in (discrete.exact_mean, discrete.exact_variance)
        )
        assert np.divide(*(bias - TRUTH)) == pytest.approx(0.5, rel=0.02)  # like T
        assert np.divide(*variance) == pytest.approx(2, rel=0.05)  # like 1/T
        for T in ch["temperatures"]:  # there is no good one
            if discrete.exact_variance(make(T), TOY, q) < plain:
                assert abs(discrete.exact_mean(make(T), TOY, q) - TRUTH) > TRUTH


def test_rebar_is_unbiased_and_no_bargain_here(ch):
    found = re.findall(r"scale = \S+: mean (\S+), variance (\S+)", ch.text)
    assert len(found) == 4
    assert all(float(mean) == round(TRUTH, 6) for mean, _ in found)
    assert all(float(variance) > 0.0149 for _, variance in found)
    # unbiased part by part: score function for the bit and pathwise within it
    q, scaled = ch["q"], discrete.rebar(0.7, 1.0)
    assert discrete.exact_mean(scaled, TOY, q) == pytest.approx(TRUTH, abs=1e-10)


def test_the_fair_fight(ch):
    errors = {}
    for line in ch.text.splitlines():
        if line.startswith("r = "):
            name = line[4:].split(":")[0]
            errors[name] = {}
        elif "RMS error" in line:
            key, mean, error = re.match(r" *(\S+.*?) +mean +(\S+), RMS error (\S+)", line).groups()
            errors[name][key] = float(mean), float(error)
    assert list(errors) == ["(z - 0.45)^2", "(z - 0.499)^2", "exp(z/2)"]
    first, second, third = errors.values()
    for one in (first, second):
        order = sorted((error, key) for key, (_, error) in one.items())
        assert order[0][1] == "leave_one_out(4)" and order[1][0] > 4 * order[0][0]
    assert second["leave_one_out(4)"][1] < first["leave_one_out(4)"][1] / 40
    assert second["score_function"][1] > 0.9 * first["score_function"][1]
    assert min(third, key=lambda key: third[key][1]) == "straight_through()"
    truth = P * (1 - P) * (np.exp(0.5) - 1)
    assert abs(third["straight_through()"][0] / truth - 1) < 0.1
    exact = [P * (1 - P) * x for x in (0.1, 0.002)]
    assert exact[0] / exact[1] == pytest.approx(50)
    assert first["score_function"][0] == pytest.approx(exact[0], abs=1e-5)


def test_a_step_of_the_vae(ch):
    line = r"(\S+.*?) +off by (\S+) \(chance (\S+)\), noise +(\S+)"
    rows = {name: tuple(map(float, rest)) for name, *rest in re.findall(line, ch.text)}
    assert len(rows) == 6
    for name in ("score_function", "leave_one_out(4)", "rebar(0.5, 1)"):
        off, chance, _ = rows[name]
        assert off < 2 * chance
    noise = {name: row[2] for name, row in rows.items()}
    quiet = sorted(noise, key=noise.get)[:2]
    assert set(quiet) == {"straight_through()", "concrete(1)"}
    for name in quiet:
        assert rows[name][0] > 0.5 and rows[name][0] > 5 * rows[name][1]
    assert noise["score_function"] > 10 * noise["leave_one_out(4)"]
    assert noise["concrete(0.1)"] > noise["leave_one_out(4)"]
    assert rows["concrete(0.1)"][0] < 0.5
    # straight-through's bias without chance: a sum over all states
    net, x = ch["net"], ch["x"]
    q, states = binary_vae.encode(net, x), binary_vae.all_states(net, x)
    noise = q.noise_given(states, np.zeros(states.shape))
    terms = discrete.straight_through()(binary_vae.Decoding(net, x, states).cost, q, noise)
    mean = (np.exp(q.log_prob(states))[..., np.newaxis] * terms).sum(axis=0)
    off = np.linalg.norm(mean - ch["truth"]) / np.linalg.norm(ch["truth"])
    assert rows["straight_through()"][0] == pytest.approx(off, abs=0.1)


def test_the_policy_gradient(ch):
    assert len(ch["walks"].cells) == 4**5 == 1024
    lines = re.findall(r"same gradient: True +(.*)", ch.text)
    plain, bonus = (np.array(line.split(), float) for line in lines)
    assert np.all(np.diff(plain) < 0)  # each remedy helps
    np.testing.assert_allclose(bonus[[1, 3]], plain[[1, 3]])
    assert np.all(bonus[[0, 2]] > 1000 * plain[[0, 2]])
    np.testing.assert_array_equal(ch["terms"], gridworld.reinforce(np.zeros((9, 4)), ch["walks"]))


def test_the_agent_goes_around_the_middle(ch):
    policy, cell, seen = gridworld.policy(ch["learned"]), (2, 0), []
    moves = list(gridworld.MOVES.values())
    for _ in range(4):
        down, right = moves[policy[3 * cell[0] + cell[1]].argmax()]
        cell = cell[0] + down, cell[1] + right
        seen.append(cell)
    assert (1, 1) not in seen and seen[-1] == (0, 2)
    assert (
        gridworld.probabilities(ch["learned"], ch["walks"]) @ ch["returns"] > 1.75
        and ch["returns"].max() == 2
    )


def test_policies_with_a_path(ch):
    parabola, ramp, step = (
        Cost(r) for r in ("-(z - 1)^2", "sigmoid(100(z - 1))", "Heaviside(z - 1)")
    )
    action = Gaussian(0.5, 0.5)
    assert exact_variance(pathwise, parabola, action).mu == pytest.approx(1)
    fair, path = (float(x) for x in re.findall(r"variance (\d+\.\d+)", ch.text)[-6:][2:4])
    assert path == pytest.approx(exact_variance(pathwise, ramp, action).mu, abs=1e-4)
    assert 9 < path / fair < 13  # a factor of about ten
    half = exact_variance(pathwise, Cost("sigmoid(200(z - 1))"), action).mu
    assert half / path == pytest.approx(2, rel=0.1)  # of the order of one over the width
    assert exact_mean(pathwise, step, action).mu == 0
    with pytest.raises(ValueError, match="jumps"):
        gap_matrix(step, action)


def test_which_laws_have_a_path(ch):
    law, h = stats.gamma, 1e-5
    slope = (law(2 + h).ppf(ch["u"]) - law(2 - h).ppf(ch["u"])) / (2 * h)
    np.testing.assert_allclose(ch["implicit"], slope, rtol=1e-6)
    wrong = {"score function": [], "pathwise": []}
    for family in distributions.FAMILIES:
        found = distributions.result(family, Cost("exp(-z^2)"))
        for name, mean in (("score function", found.score_function), ("pathwise", found.pathwise)):
            if abs(mean - found.exact) > 1e-6:
                wrong[name].append(family)
    (end,) = wrong["score function"]
    assert end.name == "uniform" and end.theta == 1  # misses r(theta)/theta
    off = distributions.result(end, Cost("exp(-z^2)"))
    assert off.score_function - off.exact == pytest.approx(-np.exp(-1), abs=1e-9)
    assert wrong["pathwise"] == [f for f in distributions.FAMILIES if f.is_discrete]
    assert len(distributions.FAMILIES) == 12 and len(wrong["pathwise"]) == 3
