import os
import re

# Two processes share the tests, and the matrices are small: a second thread for each only waits.
# Set before NumPy is loaded; workers and the notebooks' kernels inherit it.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import browser
import matplotlib
import pytest
from xdist.scheduler import LoadScopeScheduling

matplotlib.use("Agg")


@pytest.fixture(scope="session")
def chromium():
    """Opens a page of a headless Chromium. Without one the test is skipped, in CI it fails."""
    if browser.CHROMIUM is None:
        reason = "no Chromium found (Debian's package is called chromium)"
        pytest.fail(reason) if os.environ.get("CI") == "true" else pytest.skip(reason)
    return browser.chromium


LONG = (
    "test_rerun",
    "test_symbolic",
    "test_discrete",
    "test_figures",
    "test_frameworks",
    "test_plots",
    "test_widgets",
)


def pytest_collection_modifyitems(items):
    """What runs whole chapters, or takes seconds beside the core, belongs to the full run."""
    for item in items:
        if item.path.parent.name == "claims" or item.path.stem in LONG:
            item.add_marker(pytest.mark.slow)


class ByChapter(LoadScopeScheduling):
    """A file, or a class, to a process, and a chapter's second run to the process of its claims."""

    def _split_scope(self, nodeid):
        number = re.search(r"test_rerun\.py::.*\[(\w+)", nodeid)
        where = f"tests/claims/test_chapter_{number[1]}.py" if number else None
        return where or super()._split_scope(nodeid)


def pytest_xdist_make_scheduler(config, log):
    return ByChapter(config, log) if config.getvalue("dist") == "loadscope" else None
