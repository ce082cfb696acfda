"""Slides and handout are pieces of the notebooks; the build refuses what a class could not read."""

import importlib
import importlib.util
import re
import shutil
import subprocess
import sys
from pathlib import Path

import browser
import pytest

ROOT = Path(__file__).resolve().parents[1]
DOCS, BUILD = ROOT / "docs", ROOT / "build"
CORE = ["00", "01", "02", "03", "04", "05", "06", "07", "08", "10", "11"]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def slides(chromium):
    """The program that builds decks; skipped where make site could not have prepared it."""
    if not (shutil.which("node") and (DOCS / "node_modules").exists()):
        pytest.skip("Node or its packages are missing: make site installs them")
    if not importlib.util.find_spec("mdit_py_plugins"):
        pytest.skip("the Python packages of the site are missing: make site installs them")
    sys.path.insert(0, str(DOCS))
    return importlib.import_module("slides")


@pytest.fixture(scope="module")
def decks(slides):
    """The decks; their build finds one that is too wordy, too short or too long."""
    files, faults = slides.build()
    assert not faults
    return {file.name[:2]: file for file in files}


@pytest.fixture(scope="module")
def reader(slides):
    with browser.offline() as page:
        yield page


@pytest.mark.parametrize("number", CORE)
def test_a_deck_is_legible_and_whole_without_a_network(slides, decks, reader, number):
    assert not slides.measured(reader, decks[number])


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


def test_what_a_deck_may_not_do_is_found(slides, reader, tmp_path):
    deck = tmp_path / "bad.html"
    deck.write_text(
        "<img src='https://example.org/a.png'>"
        "<script>window.measured = () => ['too small']; throw new Error('oh')</script>"
    )
    faults = "\n".join(slides.measured(reader, deck))
    for fault in ("too small", "https://example.org/a.png", "oh"):
        assert fault in faults


def test_a_click_is_a_vote(decks, reader):
    reader.goto(decks["00"].as_uri())
    reader.wait_for_function("window.measured")
    number = reader.evaluate("Reveal.getSlides().findIndex(slide => slide.matches('.vote'))")
    reader.evaluate(f"Reveal.slide({number})")
    card = reader.locator("section.present .votes button").first
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


def test_the_handout_has_two_pages(slides):
    subprocess.run([sys.executable, DOCS / "handout.py"], check=True, cwd=ROOT)
    document = (BUILD / "handout.pdf").read_bytes()
    assert len(re.findall(rb"/Type ?/Page\b", document)) == 2
