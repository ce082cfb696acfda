"""The policy gradient: exact gradients by differences and by dynamic programming; variances."""

import numpy as np
import pytest

from gradlib import estimate
from gradlib.course import gridworld
from gradlib.course.gridworld import (
    all_walks,
    expected_to_go,
    moments,
    policy,
    probabilities,
    reinforce,
    reward_to_go,
    scores,
)

REWARDS = np.array([[0.0, 0.3, 1.0], [0.2, -1.0, 0.0]])
START, STEPS = (1, 0), 4
WALKS = all_walks(REWARDS, START, STEPS)
LOGITS = np.random.default_rng(0).normal(size=(6, 4))


def values(logits):
    """J by dynamic programming, backwards from the last step: knows no walks."""
    moves, value = ((-1, 0), (1, 0), (0, -1), (0, 1)), np.zeros((STEPS + 1, 2, 3))
    for t in reversed(range(STEPS)):
        for row, column in np.ndindex(2, 3):
            p = np.exp(logits[3 * row + column])
            for weight, (down, right) in zip(p / p.sum(), moves, strict=True):
                to = min(max(row + down, 0), 1), min(max(column + right, 0), 2)
                value[t, row, column] += weight * (REWARDS[to] + value[t + 1][to])
    return value


def difference_gradient(h=1e-5):
    found = np.empty_like(LOGITS)
    for index in np.ndindex(LOGITS.shape):
        move = np.zeros_like(LOGITS)
        move[index] = h
        ends = (values(LOGITS + sign * move)[0][START] for sign in (1, -1))
        found[index] = np.subtract(*ends) / (2 * h)
    return found


def test_the_mean_return_is_that_of_dynamic_programming():
    weights = probabilities(LOGITS, WALKS)
    assert len(weights) == 4**STEPS and weights.sum() == pytest.approx(1)
    returns = WALKS.rewards.sum(axis=1)
    assert weights @ returns == pytest.approx(values(LOGITS)[0][START])


def test_the_value_is_that_of_dynamic_programming():
    expected = values(LOGITS)[np.arange(STEPS), WALKS.cells // 3, WALKS.cells % 3]
    np.testing.assert_allclose(expected_to_go(LOGITS, WALKS), expected, atol=1e-12)


@pytest.mark.parametrize(
    "terms",
    [
        reinforce(LOGITS, WALKS),
        reinforce(LOGITS, WALKS, baseline=3.0),
        reward_to_go(LOGITS, WALKS),
        reward_to_go(LOGITS, WALKS, expected_to_go(LOGITS, WALKS)),
    ],
)
def test_every_form_is_unbiased(terms):
    weights = probabilities(LOGITS, WALKS)
    mean, variance = moments(terms, weights)
    np.testing.assert_allclose(mean, difference_gradient(), atol=1e-8)
    drawn = np.random.default_rng(1).choice(len(weights), 40_000, p=weights)
    spread = estimate(((terms[drawn] - mean) ** 2).sum(axis=(1, 2)))
    assert abs(spread.mean - variance) < 4.5 * spread.standard_error


def test_scores_are_slopes_of_log_probabilities():
    h, some = 1e-6, slice(0, 256, 37)
    found = scores(LOGITS, WALKS).sum(axis=1)[some]
    for index in np.ndindex(LOGITS.shape):
        move = np.zeros_like(LOGITS)
        move[index] = h
        ends = (np.log(probabilities(LOGITS + s * move, WALKS))[some] for s in (1, -1))
        np.testing.assert_allclose(found[:, *index], np.subtract(*ends) / (2 * h), atol=1e-7)


def test_a_wall_leaves_one_where_one_is():
    up = WALKS.actions[:, 0] == list(gridworld.MOVES).index("left")
    assert set(WALKS.cells[up, 1]) == {3} and set(WALKS.rewards[up, 0]) == {0.2}


def test_ascent_climbs():
    logits, before = np.zeros((6, 4)), -np.inf
    for _ in range(10):
        value = probabilities(logits, WALKS) @ WALKS.rewards.sum(axis=1)
        assert value > before
        logits, before = gridworld.ascend(logits, WALKS, steps=1, rate=0.5), value
    np.testing.assert_allclose(policy(logits).sum(axis=1), 1)
