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
