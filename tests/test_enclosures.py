"""Bounds on whole cells: no value may lie outside, on the real line and beside it."""

import numpy as np
import pytest

from gradlib.cost import Cost
from gradlib.formula.enclosures import in_disks, in_intervals
from gradlib.formula.graph import IN_FLOATS

SMOOTH = [
    *("z^2 - 3z + 1", "(z-1)^3 z", "1/(z^2+0.3)", "z^-3", "exp(-z^2)", "sin(5z)cos(z)"),
    *("tan(z)", "sinh(z) + cosh(2z)", "1/cosh(3z)", "tanh(2z)", "log(2+sin(z))", "erf(2z)"),
    *("sigmoid(3z)", "softplus(4z)", "(1+z^2)^0.3", "(2+cos(z))^z", "1/(1+exp(-z))"),
    *("((1+cos(z)^20)/2)^20", "exp(sin(3z)) z", "log(1+exp(2z))", "sqrt(z^2+0.01)", "z^0.5"),
]
PIECEWISE = [
    *("abs(z-1)", "abs(sin(5z))^1.5", "max(z, z^2, 1)", "min(exp(z), 1)", "sign(z) z + 1"),
    *("Heaviside(z-0.5) cos(z)", "abs(z - abs(z))", "max(sin(z), cos(2z))^3", "log(abs(z))"),
]


def cells(count, widest, seed=1):
    rng = np.random.default_rng(seed)
    centre = rng.uniform(-4, 4, count)
    return centre, widest * 10.0 ** rng.uniform(-5, 0, count), rng


@pytest.mark.parametrize("text", SMOOTH + PIECEWISE)
def test_no_value_or_slope_lies_outside_its_interval(text):
    cost = Cost(text)
    centre, half, rng = cells(500, 2.0)
    formula = cost.at(0.0).formula
    inside = centre + half * rng.uniform(-1, 1, (40, 500))
    inside[:2] = centre - half, centre + half
    for step, values in ((formula.value, cost(inside)), (formula.slope, cost.derivative(inside))):
        ((low, high, whole),) = in_intervals(formula.graph, (step,), centre - half, centre + half)
        real = np.isfinite(values)
        assert ((low <= values) & (values <= high))[real].all()
        assert not np.isnan(values[:, whole]).any()
        if step == formula.value:  # small cells are not bounded by anything huge
            small = whole & (half < 1e-4)
            spread = np.ptp(values[:, small], axis=0)
            assert np.median((high - low)[small] / (spread + 1e-9)) < 10


COMPLEX = {
    **IN_FLOATS,
    "sigmoid": lambda u: 1 / (1 + np.exp(-u)),
    "softplus": lambda u: np.log1p(np.exp(u)),
}


@pytest.mark.parametrize("text", SMOOTH)
def test_no_continuation_lies_outside_its_disk(text):
    formula = Cost(text).at(0.0).formula
    graph = formula.graph
    centre, radius, rng = cells(500, 2.0)
    shift = radius * np.sqrt(rng.uniform(size=(60, 500)))
    inside = centre + shift * np.exp(2j * np.pi * rng.uniform(size=(60, 500)))
    with np.errstate(all="ignore"):
        values = graph.run(formula.value, COMPLEX, {graph.z: inside})
    disk = in_disks(graph, formula.value, centre, radius)
    known = np.isfinite(disk.most) & np.isfinite(disk.centre)
    assert known[radius < 1e-3].mean() > (0.4 if text == "z^0.5" else 0.9)
    slack = 1e-12 * (1 + np.abs(disk.centre))
    outside = np.abs(values - disk.centre) > disk.radius + slack
    size = np.abs(values)
    outside |= (size > disk.most * (1 + 1e-12) + slack) | (size < disk.least - slack)
    assert not outside[:, known].any()
