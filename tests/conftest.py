import os

import browser
import matplotlib
import pytest

matplotlib.use("Agg")


@pytest.fixture(scope="session")
def chromium():
    """Opens a page of a headless Chromium. Without one the test is skipped, in CI it fails."""
    if browser.CHROMIUM is None:
        reason = "no Chromium found (Debian's package is called chromium)"
        pytest.fail(reason) if os.environ.get("CI") == "true" else pytest.skip(reason)
    return browser.chromium


def pytest_collection_modifyitems(items):
    """What runs whole chapters belongs to the full run."""
    for item in items:
        if item.path.parent.name == "claims" or item.path.name == "test_rerun.py":
            item.add_marker(pytest.mark.slow)
