"""What needs PyTorch and JAX is run only where they are installed."""

from pathlib import Path

from run import NEEDS, missing

left_out = [f"{name}.ipynb" for name in NEEDS if missing(name)]
collect_ignore = [str(Path(__file__).parent / name) for name in left_out]


def pytest_report_header():
    return [f"left out: {name}, as PyTorch or JAX is missing (make reference)" for name in left_out]
