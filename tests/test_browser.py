"""Live figures in a real JupyterLab and a real browser, moved by keyboard.

The VAE's is drawn by the kernel: the numbers it states are computed here a second time. The others
are drawn by the browser (test_live_figures.py); what they need JupyterLab for is here.
"""

import re

import browser
import nbformat
import numpy as np
import pytest
from scipy import stats

from gradlib import Cost, Gaussian, exact_variance, pathwise, score_function
from gradlib.course import figures

pytestmark = pytest.mark.slow
LIVE = ".gradlib-live"


@pytest.fixture(scope="module")
def laboratory(tmp_path_factory, chromium):
    folder = tmp_path_factory.mktemp("lab")
    with browser.jupyterlab(folder) as address, chromium() as page:
        address.folder = folder
        yield page, address


def numbers_of_vae(network, baseline, _show, digit, K):
    """What the words under the figure must state; gradients by finite differences."""
    images, labels, net = figures.digits_vae(network)  # the weights; all else anew
    x, K = images[np.argmax(labels == int(digit))], int(K)
    eps = np.random.default_rng(0).standard_normal((16, 300, 8))[:K]

    def encoder(step):
        change = np.zeros_like(net.W1)
        change[x.argmax(), :2] = step
        head = np.tanh(x @ (net.W1 + change) + net.b1) @ net.W2 + net.b2
        return head[:8], np.exp(head[8:])

    def nll(z):
        output = np.tanh(z @ net.V1 + net.c1) @ net.V2 + net.c2
        return (np.logaddexp(0, output) - x * output).sum(axis=-1)

    mu, sigma = encoder(0)
    z, expected = mu + sigma * eps, {}
    for j, step in enumerate(1e-5 * np.eye(2)):
        ends = encoder(step), encoder(-step)
        log_q = [stats.norm.logpdf(z, m, s).sum(axis=-1) for m, s in ends]
        score = (log_q[0] - log_q[1]) / 2e-5
        path = np.subtract(*(nll(m + s * eps) for m, s in ends)) / 2e-5
        values, b = nll(z), 0
        if baseline == "leave-one-out" and K > 1:
            b = np.stack([np.delete(values, k, axis=0).mean(axis=0) for k in range(K)])
        elif baseline == "best constant":
            b = (values * score**2).mean() / (score**2).mean()
        for name, terms in (("score function", (values - b) * score), ("pathwise", path)):
            head = rf"{name}: " + j * r"\S+ \(s\.e\. \S+\) and "
            expected[head + r"(\S+) \(s"] = terms.mean(axis=0).var(ddof=1)
    return expected


class Live:
    """The live figure on a page: its controls, its picture and its words."""

    def __init__(self, page, index=0):
        self.page, self.root = page, page.locator(LIVE).nth(index)
        self.root.scroll_into_view_if_needed()
        self.sliders = self.root.get_by_role("slider").all()
        self.menus = self.root.locator("select").all()

    def state(self):
        image = self.root.locator("img")
        words = self.root.locator(".widget-html-content").all_inner_texts()
        return image.get_attribute("src"), "\n".join(words)

    def settings(self):
        texts = [menu.locator("option:checked").inner_text() for menu in self.menus]
        texts = [text.replace("\xa0", " ") for text in texts]
        readouts = self.root.locator(".widget-readout").all_inner_texts()
        return [*texts, *(float(readout.replace("−", "-")) for readout in readouts)]

    def after(self, action):
        """The new state, once it has changed and come to rest."""
        before = self.state()
        action()
        for _ in range(100):
            self.page.wait_for_timeout(100)
            state = self.state()
            if state[0] != before[0] and state == self.settled():
                return state
        raise AssertionError(f"nothing changed at {self.settings()}: {self.state()[1]!r}")

    def drag(self, slider):
        """Move a slider to and fro by mouse, faster than pictures can follow."""
        box = slider.bounding_box()
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        self.page.mouse.move(x, y)
        self.page.mouse.down()
        for step in range(60):
            self.page.mouse.move(x + 40 * np.sin(step / 5) - 1, y)
        self.page.mouse.up()

    def settled(self):
        """The state after a while without work for the kernel."""
        self.page.wait_for_timeout(300)
        self.page.get_by_text("| Idle").first.wait_for(timeout=60_000)
        return self.state()


def check(live, state):
    words = state[1]
    assert "Error" not in words, words  # where the kernel's errors in a redraw are reported
    for pattern, value in numbers_of_vae(*live.settings()).items():
        found = re.search(pattern, words)
        assert found, f"{pattern} is not in {words!r}"
        np.testing.assert_allclose(
            float(found.group(1)), value, rtol=1e-3, atol=6e-4, err_msg=f"{words!r}: {pattern}"
        )


def write(folder, name, *sources):
    """A notebook with these cells."""
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    book = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
    nbformat.write(book, folder / name)


@pytest.fixture(scope="module")
def vae_page(laboratory):
    """The page of a notebook that shows the VAE's figure."""
    page, address = laboratory
    write(address.folder, "vae.ipynb", "from gradlib.course import widgets\nwidgets.explore_vae()")
    browser.run_all(page, address("vae.ipynb"))
    return page


@pytest.fixture
def vae(vae_page):
    """The figure; no error stands on the page or in its console afterwards."""
    vae_page.errors.clear()
    live = Live(vae_page)
    check(live, live.settled())
    yield live
    errors = vae_page.locator(".jp-OutputArea-output[data-mime-type$='error'], .jp-mod-error")
    assert errors.count() == 0
    assert vae_page.errors == []


def test_every_slider_reset_and_a_drag_move_the_vae_to_the_right_numbers(vae):
    first = vae.state()
    for slider in vae.sliders:
        slider.focus()
        for key in ("End", "Home"):
            check(vae, vae.after(lambda key=key: vae.page.keyboard.press(key)))
    reset = vae.after(vae.root.get_by_role("button", name="Reset").click)
    assert reset[1] == first[1], "Reset does not lead back"
    check(vae, vae.after(lambda: vae.drag(vae.sliders[0])))


def test_every_entry_of_every_menu_moves_the_vae_to_the_right_numbers(vae):
    for menu in vae.menus:
        for option in menu.locator("option").all_inner_texts()[1:]:
            check(vae, vae.after(lambda menu=menu, option=option: menu.select_option(label=option)))


SENTENCE = "unknown name 'foo' at position 1 of 'foo(z)'"
MOVING = """
from gradlib.course import widgets
figure = widgets.explore_race(speed=250)
figure
"""


def test_a_figure_that_moves_in_the_browser(laboratory):
    """Formulas through the kernel, keys that are its own, two views, and a kernel that is gone."""
    page, address = laboratory
    page.errors.clear()
    write(address.folder, "moving.ipynb", MOVING.strip(), "figure", "1 + 1")
    browser.run_all(page, address("moving.ipynb"))
    first = page.locator(".gradlib-stage").first
    verdicts = page.locator(".gradlib-stage .verdict")

    def wait_for(text):
        first.locator(".verdict, .problem").filter(has_text=text).first.wait_for()

    line = first.get_by_label("your own cost")
    line.fill("cos(2z) + z^2 + 1")
    line.press("Enter")
    wait_for(rf"wins by a factor of {ratio('cos(2z) + z^2 + 1', 2, 1):.3f}"[:-1])
    line.fill("foo(z)")
    line.press("Enter")
    wait_for(SENTENCE)
    slider = first.get_by_role("slider", name="μ, mean of Z")
    slider.focus()
    for key in ("d", "d", "x", "Home"):  # to the notebook they would delete the cell
        page.keyboard.press(key)
    page.get_by_text("| Idle").first.wait_for()
    page.wait_for_timeout(300)
    assert page.locator(".gradlib-stage").count() == 2
    assert slider.input_value() == "-3"
    assert len(set(verdicts.all_inner_texts())) == 1, "two views of one figure differ"
    page.get_by_role("menuitem", name="Kernel", exact=True).click()
    page.locator("#jp-mainmenu-kernel").get_by_text("Shut Down Kernel", exact=True).click()
    page.wait_for_timeout(1500)
    before = verdicts.first.inner_text()
    slider.focus()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    page.wait_for_timeout(500)
    assert verdicts.first.inner_text() != before, "without a kernel the figure stands still"
    expected = re.compile("kernel|could not send widget sync message", re.IGNORECASE)
    assert [text for text in page.errors if not expected.search(text)] == []


def ratio(text, mu, sigma):
    e1, e2 = (
        exact_variance(f, Cost(text), Gaussian(mu, sigma)).mu for f in (score_function, pathwise)
    )
    return max(e1 / e2, e2 / e1)
