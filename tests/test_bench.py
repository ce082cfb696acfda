"""What the benchmarks time is right: every check passes, at a small size, and some can fail."""

from importlib import import_module
from pathlib import Path

import pytest
from bench import harness

FILES = (Path(__file__).parent / "bench").glob("[a-z]*.py")
MODULES = sorted({file.stem for file in FILES} - {"harness", "widgets"})


@pytest.mark.parametrize("name", MODULES)
@pytest.mark.slow
def test_results_are_right(name):
    cases = list(import_module(f"bench.{name}").cases(small=True))
    assert cases
    for case in cases:
        assert set(harness.faults(case).values()) == {""}, case.title


def test_a_wrong_result_is_not_timed_and_ratios_are_to_the_unit(capsys):
    def check(label, result):
        assert result < 10, f"{result} is too much"

    contenders = {"first": lambda: 3.0, "wrong": lambda: 12.0, "unit": lambda: 2.0}
    assert not harness.show(harness.Case("sums", contenders, check, "unit", "MB"))
    rows = [" ".join(line.split()) for line in capsys.readouterr().out.strip().splitlines()]
    assert rows == [
        "sums",
        "first 3.00 MB 3.00 MB 1.5 1.5 to 1.5",
        "wrong WRONG: 12.0 is too much",
        "unit 2.00 MB 2.00 MB 1 1 to 1",
    ]


@pytest.mark.parametrize(
    ("value", "words"),
    [(12.3, "12.3 s"), (0.0123, "12.3 ms"), (4.5e-7, "0.450 us"), (999, "999 s")],
)
def test_amounts_have_three_digits(value, words):
    assert harness.amount(value) == words
