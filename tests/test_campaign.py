"""A small part of the campaign: right to the promise, or refused, and ordinary costs never refused.

`make campaign` goes on for an hour.
"""

import pytest
from campaign.grammar import TooMany, make_case
from campaign.judge import PROMISE, judged
from hypothesis import HealthCheck, assume, given, seed, settings
from hypothesis import strategies as st

RANDOM = st.randoms(use_true_random=False)
small = {
    "deadline": None,
    "database": None,
    "suppress_health_check": list(HealthCheck),
}


def verdicts(random, ordinary):
    try:
        case = make_case(random, ordinary)
        edges = case.edges()
    except TooMany:
        assume(False)
    found = judged(case, edges)
    wrong = {name: one for name, one in found.items() if one.kind in ("wrong", "undecided")}
    assert not wrong, f"{case.text} at N({case.mu!r}, {case.sigma!r})"
    assert all(one.error <= PROMISE for one in found.values())
    return case, found


@seed(1)  # the same cases each time: `make campaign` looks for new ones
@settings(max_examples=10, **small)
@given(RANDOM)
def test_ordinary_costs_are_right_and_never_refused(random):
    case, found = verdicts(random, ordinary=True)
    refused = {name: one.reason for name, one in found.items() if one.kind == "refused"}
    assert not refused, f"{case.text} at N({case.mu!r}, {case.sigma!r})"


@pytest.mark.slow
@seed(1)
@settings(max_examples=12, **small)
@given(RANDOM)
def test_wild_costs_are_right_or_refused(random):
    verdicts(random, ordinary=False)
