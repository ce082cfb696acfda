"""Slides and handout are pieces of the notebooks; the build refuses what a class could not read."""

import importlib.util
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
DOCS, BUILD = ROOT / "docs", ROOT / "build"
CORE = ["00", "01", "02", "03", "04", "05", "06", "07", "08", "10", "11"]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def run(chromium):
    """Runs one of the build's programs; skipped where make site could not have prepared them."""
    if not (shutil.which("node") and (DOCS / "node_modules").exists()):
        pytest.skip("Node or its packages are missing: make site installs them")
    if not importlib.util.find_spec("mdit_py_plugins"):
        pytest.skip("the Python packages of the site are missing: make site installs them")
    return lambda name: subprocess.run(
        [sys.executable, DOCS / name], cwd=ROOT, capture_output=True, text=True
    )


@pytest.fixture(scope="module")
def decks(run):
    """The decks; their build fails if one is illegible, too wordy, or asks for a network."""
    made = run("slides.py")
    assert made.returncode == 0, made.stderr
    return {file.name[:2]: file for file in (BUILD / "slides").glob("[0-9]*.html")}


def test_each_chapter_of_the_core_has_a_deck(decks):
    assert sorted(decks) == CORE


def test_slides_have_titles_notes_and_minutes(decks):
    for file in decks.values():
        slides = re.findall(r"(?s)<section.*?</section>", file.read_text("utf-8"))
        assert 15 <= len(slides) <= 25, file.name
        for slide in slides:
            assert re.search(r"<h2>.+?</h2>", slide), slide[:200]
            assert re.search(r"About [\d.]+ minutes\.", slide), slide[:200]


def test_every_prediction_has_a_slide_with_a_title_of_its_own(decks):
    titles = []
    for file in decks.values():
        votes = re.findall(r'class="(?:vote|predict)".*?<h2>(.*?)</h2>', file.read_text("utf-8"))
        assert len(votes) >= 3, file.name
        assert file.read_text("utf-8").count('class="votes"') == len(votes), file.name
        titles += [(file.name, title) for title in votes]
    assert len(set(titles)) == len(titles)


def test_the_build_refuses_what_a_deck_may_not_do(run, tmp_path):
    sys.path.insert(0, str(DOCS))
    import slides

    deck = tmp_path / "bad.html"
    deck.write_text(
        "<img src='https://example.org/a.png'>"
        "<script>window.measured = () => ['too small']; throw new Error('oh')</script>"
    )
    faults = "\n".join(slides.measured([deck]))
    for fault in ("too small", "https://example.org/a.png", "oh"):
        assert fault in faults


def test_a_click_is_a_vote(decks, chromium):
    with chromium() as page:
        page.set_viewport_size({"width": 1280, "height": 720})
        page.goto(decks["00"].as_uri())
        page.wait_for_function("window.measured")
        number = page.evaluate("Reveal.getSlides().findIndex(slide => slide.matches('.vote'))")
        page.evaluate(f"Reveal.slide({number})")
        card = page.locator("section.present .votes button").first
        card.click(), card.click()
        assert card.locator("b").text_content() == "2"


def test_what_a_slide_asks_for_must_be_there():
    sys.path.insert(0, str(DOCS))
    pieces = pytest.importorskip("pieces")
    cell = {"cell_type": "markdown", "source": "One. Two, in $x$.\n\n- a\n- b\n\n$$y$$"}
    assert pieces.pieces(cell, "list 1 2").count("<li>") == 1
    second = pieces.pieces(cell, "text 1 2")
    assert second.startswith("<p>Two, in") and "<tex-inline>x</tex-inline>" in second
    assert pieces.nb.with_letters("d/dmu_1 of z^2, sigma' eps") == "d/dμ₁ of z², σ' ε"
    with pytest.raises(ValueError, match="no formula 2"):
        pieces.pieces(cell, "formula 2")


def test_the_handout_has_two_pages(run):
    made = run("handout.py")
    assert made.returncode == 0, made.stderr
    document = (BUILD / "handout.pdf").read_bytes()
    assert len(re.findall(rb"/Type ?/Page\b", document)) == 2
