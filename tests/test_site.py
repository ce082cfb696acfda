"""The site as a reader without a network meets it, in both themes."""

import importlib.util
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag

import browser
import pytest

import gradlib

ROOT = Path(__file__).resolve().parents[1]
DOCS, SITE = ROOT / "docs", ROOT / "build" / "site"
AXE = DOCS / "node_modules" / "axe-core" / "axe.min.js"
PARTS = 8  # of the pages

pytestmark = pytest.mark.slow

# What stands on the page as it was typed although it is TeX; what is wider than its frame.
LOOK = """() => {
  const text = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), raw = [];
  while (text.nextNode()) {
    const node = text.currentNode;
    if (!node.parentElement.closest("script, style, code, pre, annotation, .sig")
        && /\\$|\\\\[a-zA-Z]+/.test(node.data)) raw.push(node.data.trim().slice(0, 80));
  }
  document.querySelectorAll("details").forEach((fold) => fold.open = true);
  const frames = "body, .math, pre, td, .cell_output, fieldset, .table-wrapper";
  const wide = [...document.querySelectorAll(frames)]
    .filter((frame) => frame.scrollWidth > frame.clientWidth + 1 && frame.clientWidth)
    .map((frame) => `${frame.tagName} ${frame.className}: ${frame.textContent.slice(0, 60)}`);
  const mute = [...document.querySelectorAll("article img")]
    .filter((image) => image.alt.split(" ").length < 5).map((image) => image.src);
  return {raw, wide, mute};
}"""
# Elements cost axe its time: of formulas words are left, of code one word in each colour. What has
# just been opened must not be fading in.
LIGHTEN = """() => {
  const still = "<style>* { animation: none !important; transition: none !important }</style>";
  document.head.insertAdjacentHTML("beforeend", still);
  document.querySelectorAll(".katex").forEach((formula) => formula.replaceWith("formula"));
  const colours = new Set();
  for (const span of document.querySelectorAll(".highlight pre span")) {
    if (colours.has(span.className)) span.replaceWith(span.textContent);
    colours.add(span.className);
  }
}"""
SERIOUS = """async (rules) =>
  (await axe.run(document,
    {preload: false, selectors: false, resultTypes: ["violations"], ...rules})).violations
  .filter((found) => ["serious", "critical"].includes(found.impact))
  .map((found) => `${found.id}: ${found.nodes[0].html.slice(0, 120)}`)"""


@pytest.fixture(scope="session")
def site():
    """The folder of the site, built anew; skipped where make site could not have prepared it."""
    if not (shutil.which("node") and AXE.exists() and importlib.util.find_spec("furo")):
        pytest.skip("Node, its packages or Sphinx are missing: make site installs them")
    subprocess.run([sys.executable, DOCS / "pages.py"], check=True, cwd=ROOT)
    return SITE


@pytest.fixture(scope="session")
def pages(site):
    return sorted(site.rglob("*.html"))


@pytest.fixture(scope="module")
def offline(chromium):
    with browser.offline() as page:
        yield page


@pytest.mark.parametrize("part", range(PARTS))
def test_no_page_has_a_fault(pages, offline, part):
    """Requests elsewhere, errors, raw TeX, clipping, pictures without words, axe's findings."""
    found = {file.name: faults(offline, file) for file in pages[part::PARTS]}
    assert found
    assert not {name: seen for name, seen in found.items() if any(seen.values())}


def faults(page, file):
    """What a browser sees on a page: a dictionary of lists."""
    page.asked.clear(), page.errors.clear()
    page.emulate_media(color_scheme="light")
    page.goto(file.as_uri())
    seen = page.evaluate(LOOK)
    page.evaluate(LIGHTEN)
    page.add_script_tag(path=AXE)
    seen["light"] = page.evaluate(SERIOUS, {})
    page.emulate_media(color_scheme="dark")  # where nothing changes but colours
    if page.locator("[data-live]").count():
        page.wait_for_timeout(300)  # live figures follow a frame later
    seen["dark"] = page.evaluate(SERIOUS, {"runOnly": ["color-contrast"]})
    return seen | {"outside": browser.outside(page), "errors": list(page.errors)}


class Anchors(HTMLParser):
    def __init__(self, file):
        super().__init__()
        self.ids, self.links = set(), []
        self.feed(file.read_text("utf-8"))

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.ids.add(attributes.get("id"))
        self.links += [attributes[name] for name in ("href", "src") if attributes.get(name)]


def test_internal_links_lead_somewhere(pages):
    parsed = {file: Anchors(file) for file in pages}
    broken, count = [], 0
    for file, anchors in parsed.items():
        for link in anchors.links:
            if re.match(r"[a-z]+:", link):
                continue
            address, fragment = urldefrag(re.sub(r"\?v=\w+$", "", unquote(link)))
            target = (file.parent / address).resolve() if address else file
            count += 1
            if not target.is_file() or (
                fragment and target in parsed and fragment not in parsed[target].ids
            ):
                broken.append(f"{file.name}: {link}")
    assert count > 1000 and not broken


def test_search_finds_a_chapter_without_a_network(site, offline):
    offline.goto((site / "search.html").as_uri() + "?q=leave-one-out")
    offline.locator("ul.search").get_by_text("08. Baselines").first.wait_for()


def test_every_notebook_has_its_page(site):
    for notebook in (ROOT / "notebooks").rglob("*.ipynb"):
        if "checkpoints" not in str(notebook):
            page = site / notebook.relative_to(ROOT).with_suffix(".html")
            assert page.exists(), page


def test_every_cited_paper_is_in_the_bibliography(site):
    listed = (site / "bibliography.html").read_text("utf-8")
    for notebook in (ROOT / "notebooks").glob("*.ipynb"):
        for number in re.findall(r"arxiv\.org/abs/([\d.]+)", notebook.read_text("utf-8")):
            assert number in listed, f"{notebook.name}: arXiv:{number}"


def test_the_reference_has_every_public_name(site):
    reference = (site / "api.html").read_text("utf-8")
    assert not [name for name in gradlib.__all__ if f'id="gradlib.{name}"' not in reference]


def test_no_prediction_is_lost_or_folded_away(site):
    sys.path.insert(0, str(DOCS))
    notebooks = pytest.importorskip("cells")
    for path in notebooks.CHAPTERS:
        page = (site / "notebooks" / path.stem).with_suffix(".html").read_text("utf-8")
        asked = sum(len(notebooks.questions(cell)) for cell in notebooks.read(path))
        shown = re.sub(r"(?s)<details.*?</details>", "", page)
        assert shown.count('<fieldset class="vote">') == asked, path.name


def test_every_solution_is_folded_below_its_question(site):
    for page in (site / "notebooks" / "solutions").glob("*.html"):
        text = page.read_text("utf-8")
        numbers = re.findall(r"<h2>(\d\d\.\d)", text)
        assert numbers and text.count("<details class='solution'>") == len(numbers), page.name
        assert ": right" not in re.sub(r"(?s)<details.*?</details>", "", text), page.name


def test_an_answer_is_folded_away():
    sys.path.insert(0, str(DOCS))
    folded = pytest.importorskip("pages").folded_answer
    answer, rest = folded("It is\n\n$$4 .$$\n\nThe reason.").split("</details>")
    assert "$$4 .$$" in answer and "The answer" in answer and rest.strip() == "The reason."
    answer, rest = folded("Two things.\n\n- one\n- two\n\nMore.").split("</details>")
    assert "- two" in answer and rest.strip() == "More."
    for kept in ("## A new topic\n\nText.", "So far.  **Predict.** What now?"):
        assert folded(kept) == kept
