"""A short walk on a small grid, and the policy gradient with all of its walks listed: chapter 13.

    policy    in the cell s an action a is drawn with probability softmax(logits[s])[a]
    walk      a row of cells and actions; each step earns the reward of the cell that it enters
    J         the mean of the return, the sum of a walk's rewards; it is to be made large

A walk's log-probability is the sum of those of its actions, so its score is the sum of their scores
and REINFORCE is the score function. Walks are few: means and variances are sums over all of them.
Source: Williams (1992).
"""

import itertools
from typing import NamedTuple

import numpy as np

MOVES = {"up": (-1, 0), "down": (1, 0), "left": (0, -1), "right": (0, 1)}


class Walks(NamedTuple):
    """Cells, actions and rewards of n walks of T steps, each of shape (n, T)."""

    cells: np.ndarray
    actions: np.ndarray
    rewards: np.ndarray


def all_walks(rewards, start, steps):
    """The 4^steps `Walks` on a grid of rewards (rows, columns). A wall leaves one where one is."""
    rewards = np.asarray(rewards, dtype=float)
    last = np.array(rewards.shape) - 1
    actions = np.array(list(itertools.product(range(len(MOVES)), repeat=steps)))
    at, cells, earned = np.tile(start, (len(actions), 1)), [], []
    for t in range(steps):
        cells.append(at[:, 0] * rewards.shape[1] + at[:, 1])
        at = np.clip(at + np.array(list(MOVES.values()))[actions[:, t]], 0, last)
        earned.append(rewards[at[:, 0], at[:, 1]])
    return Walks(np.array(cells).T, actions, np.array(earned).T)


def policy(logits):
    """Probabilities of the actions, one row for each cell: softmax of the logits (cells, 4)."""
    weights = np.exp(logits - logits.max(axis=1, keepdims=True))
    return weights / weights.sum(axis=1, keepdims=True)


def probabilities(logits, walks):
    """The probability of each walk, of shape (n,)."""
    return policy(logits)[walks.cells, walks.actions].prod(axis=1)


def scores(logits, walks):
    """Gradient in the logits of each step's log-probability, (n, T, cells, 4): action - policy."""
    found = np.zeros((*walks.cells.shape, *logits.shape))
    n, t = np.indices(walks.cells.shape)
    found[n, t, walks.cells] = -policy(logits)[walks.cells]
    found[n, t, walks.cells, walks.actions] += 1
    return found


def reinforce(logits, walks, baseline=0.0):
    """One term for each walk: (return - baseline) * score of the walk, of shape (n, cells, 4)."""
    gain = walks.rewards.sum(axis=1) - baseline
    return np.einsum("n,ntca->nca", gain, scores(logits, walks))


def reward_to_go(logits, walks, baseline=0.0):
    """The same, but a step's score meets only what is earned from that step on.

    What came before does not depend on the action, so it adds noise and nothing to the mean. The
    baseline is a number, or an array (n, T) of what was to be expected (see `expected_to_go`).
    """
    gain = walks.rewards[:, ::-1].cumsum(axis=1)[:, ::-1] - baseline
    return np.einsum("nt,ntca->nca", gain, scores(logits, walks))


def expected_to_go(logits, walks):
    """E[reward to go | cell and step], of shape (n, T): averages over all walks that pass there."""
    weights = probabilities(logits, walks)
    gain = walks.rewards[:, ::-1].cumsum(axis=1)[:, ::-1]
    found = np.empty_like(gain)
    for t, cells in enumerate(walks.cells.T):
        total, mass = (np.bincount(cells, weights * x) for x in (gain[:, t], 1.0))
        found[:, t] = total[cells] / mass[cells]
    return found


def moments(terms, weights):
    """Mean of terms (n, cells, 4), and the variance of one term summed over all logits."""
    mean = np.tensordot(weights, terms, 1)
    return mean, float(np.tensordot(weights, (terms - mean) ** 2, 1).sum())


def ascend(logits, walks, steps, rate=1.0):
    """The logits after some steps along the exact gradient of J."""
    for _ in range(steps):
        gradient, _ = moments(reinforce(logits, walks), probabilities(logits, walks))
        logits = logits + rate * gradient
    return logits
