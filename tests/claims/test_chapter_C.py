"""Appendix C: the names of its tables exist, and its numbers are right."""

import re

import numpy as np
import pytest

import gradlib
from gradlib import Cost, Gaussian, symbolic


def test_names_in_the_notation_table_exist(ch):
    import nbformat

    table = nbformat.read(ch.path, as_version=4).cells[0].source
    rows = [row.split(" | ")[1] for row in table.splitlines() if row.count(" | ") == 2]
    names = {name for row in rows for name in re.findall(r"`([a-z_]+)`", row)}
    assert {"score_function", "pathwise", "gap_kernel", "gap_terms"} <= names
    for name in names - {"eps", "z", "n", "baseline"}:  # arguments
        assert hasattr(gradlib, name), name
    for owner, name in [(Cost("z"), "derivative"), (Cost("z"), "second_derivative")]:
        assert f"`.{name}`" in table
        assert hasattr(owner, name)
    for name in ("log_prob", "score"):
        assert f"`q.{name}(z)`" in table
        assert hasattr(Gaussian(0, 1), name)
    assert symbolic.bridge().lines


def test_all_of_it_for_one_cost(ch):
    """z^2 at N(2, 1), from moments of the noise by Gauss-Hermite."""
    e, w = np.polynomial.hermite_e.hermegauss(20)
    w = w / np.sqrt(2 * np.pi)
    r, slope = (2 + e) ** 2, 2 * (2 + e)
    one, two = np.array([r * e, r * (e**2 - 1)]), np.array([slope, slope * e])
    gradient = two @ w
    c1, c2 = ((t * w) @ t.T - np.outer(gradient, gradient) for t in (one, two))
    found = [float(x) for x in re.findall(r"[\d.]+", ch.printed[0])]
    squared = np.array([e, e**2 - 1]) ** 2
    best = (squared * r) @ w / (squared @ w)
    assert found == pytest.approx([r @ w, *gradient, *best])
    found = [float(x) for x in re.findall(r"(?<![a-z])[\d.]+", ch.printed[1])]
    assert found == pytest.approx([*np.diag(c1), *np.diag(c2), *(c1 - c2).ravel()])
