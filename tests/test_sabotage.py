"""One fault of gradlib under each chapter is noticed by a printed number; `make sabotage` has five.

None is noticed in a chapter that nobody has broken: nbval sees to that.
"""

import pytest

CHEAP = {  # a fault that a cell near the beginning notices
    "00": "estimators swapped",
    "01": "standard error of one sample",
    "02": "score with the wrong sign",
    "03": "estimators swapped",
    "04": "estimators swapped",
    "05": "estimators swapped",
    "06": "gap: + E[r'^2]",
    "07": "crossings: mu and sigma exchanged",
    "08": "score function meets r + b",
    "09": "pair of eps and eps",
    "10": "estimators swapped",
    "11": "estimators swapped",
    "13": "bits: score with the wrong sign",
}


@pytest.mark.slow
@pytest.mark.parametrize("number", CHEAP)
def test_a_chapter_notices_a_fault(number):
    pytest.importorskip("resource", reason="it needs fork")
    from sabotage import trial

    found = trial.in_a_fork(trial.by_a_cell, number, CHEAP[number])
    assert found and found.endswith("prints something else")
