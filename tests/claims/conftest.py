"""What the prose of a chapter claims, asserted against the chapter's own values."""

import pytest
from chapters import chapter


@pytest.fixture(scope="module")
def ch(request):
    """The chapter of this test file, test_chapter_NN.py, after Run All."""
    return chapter(request.module.__name__.removeprefix("test_chapter_"))
