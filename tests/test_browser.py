"""Every live figure, in a real JupyterLab and a real browser, moved by keyboard.

The numbers it states are computed here a second time, without gradlib.
"""

import re
import shutil
from itertools import pairwise

import browser
import numpy as np
import pytest
from scipy import integrate, stats

LIVE = ".gradlib-live"
COSTS = {  # text in a menu -> r and r'
    "z^2": (lambda z: z**2, lambda z: 2 * z),
    "z^2 + 10": (lambda z: z**2 + 10, lambda z: 2 * z),
    "z^3 - z": (lambda z: z**3 - z, lambda z: 3 * z**2 - 1),
    "exp(z)": (np.exp, np.exp),
    "exp(z/2)": (lambda z: np.exp(z / 2), lambda z: np.exp(z / 2) / 2),
    "sin(z)": (np.sin, np.cos),
    "cos(z)": (np.cos, lambda z: -np.sin(z)),
    "cos(3z)": (lambda z: np.cos(3 * z), lambda z: -3 * np.sin(3 * z)),
    "softplus(z)": (lambda z: np.logaddexp(0, z), lambda z: 1 / (1 + np.exp(-z))),
    "Heaviside(z)": (lambda z: np.heaviside(z, 0.5), lambda z: 0 * z),
}


@pytest.fixture(scope="module")
def laboratory(tmp_path_factory, chromium):
    folder = tmp_path_factory.mktemp("lab")  # JupyterLab saves what it shows
    shutil.copytree(browser.NOTEBOOKS, folder, dirs_exist_ok=True)
    with browser.jupyterlab(folder) as address, chromium() as page:
        yield page, address


def mean(f, mu, sigma):
    """E[f(Z, eps)] by SciPy's adaptive quadrature; 0 is where a step or kink may be."""

    def integrand(e):
        return f(mu + sigma * e, e) * stats.norm.pdf(e)

    edges = [-12, *([-mu / sigma] if abs(mu / sigma) < 12 else []), 12]
    parts = [integrate.quad(integrand, a, b, limit=500)[0] for a, b in pairwise(edges)]
    return sum(parts)


def numbers_of_histograms(text, mu, sigma):
    """What the words under chapter 00's figure must state."""
    r, slope = COSTS[text]
    truth = mean(lambda z, e: r(z) * e / sigma, mu, sigma)
    score = mean(lambda z, e: (r(z) * e / sigma) ** 2, mu, sigma) - truth**2
    path = mean(lambda z, e: slope(z) ** 2, mu, sigma) - truth**2
    return {r"variance (\S+) \(score": score, r"\), (\S+) \(pathwise\)": path}


def numbers_of_samples(text, mu, sigma, n, seed):
    """What the words under chapter 04's figure must state."""
    r, slope = COSTS[text]
    eps = np.random.default_rng(int(seed)).standard_normal(int(n))
    z = mu + sigma * eps
    terms = {
        "mu": (r(z) * eps / sigma, slope(z)),
        "sigma": (r(z) * (eps**2 - 1) / sigma, slope(z) * eps),
    }
    scores = {
        "mu": lambda z, e: r(z) * e / sigma,
        "sigma": lambda z, e: r(z) * (e**2 - 1) / sigma,
    }
    slopes = {
        "mu": lambda z, e: slope(z),
        "sigma": lambda z, e: slope(z) * e,
    }
    expected = {}
    for name, pair in terms.items():
        truth = mean(scores[name], mu, sigma)
        expected[rf"d/d{name}: truth (\S+), "] = truth
        exactly = rf"d/d{name}, exactly: "
        if text == "Heaviside(z)":
            expected[exactly + r"pathwise is biased, its mean is (\S+)\."] = 0.0
        else:
            score = mean(lambda z, e, f=scores[name]: f(z, e) ** 2, mu, sigma) - truth**2
            path = mean(lambda z, e, f=slopes[name]: f(z, e) ** 2, mu, sigma) - truth**2
            expected[exactly + r"variance (\S+) \(score function\)"] = score
            expected[exactly + r".*?, (\S+) \(pathwise\)"] = path
        for label, values in zip(("score function", "pathwise"), pair, strict=True):
            head = rf"d/d{name}: .*?{label} "
            expected[head + r"(\S+) \("] = values.mean()
            expected[head + r"\S+ \(standard error (\S+?)\)"] = values.std(ddof=1) / np.sqrt(
                len(eps)
            )
    return expected


WIDGETS = {
    "00_start_here": numbers_of_histograms,
    "04_monte_carlo_check": numbers_of_samples,
}


class Live:
    """The live figure on a page: its controls, its picture and its words."""

    def __init__(self, page):
        self.page, self.root = page, page.locator(LIVE)
        self.root.scroll_into_view_if_needed()
        self.sliders = self.root.get_by_role("slider").all()
        self.menus = self.root.locator("select").all()

    def state(self):
        image = self.root.locator("img")
        return image.get_attribute("src"), self.root.locator(".widget-html-content").inner_text()

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
        self.page.wait_for_timeout(300)
        return self.state()


def check(live, state, expected):
    words = state[1]
    assert "Error" not in words, words  # where the kernel's errors in a redraw are reported
    for pattern, value in expected(*live.settings()).items():
        found = re.search(pattern, words)
        assert found, f"{pattern} is not in {words!r}"
        np.testing.assert_allclose(
            float(found.group(1)), value, rtol=1e-3, atol=6e-4, err_msg=f"{words!r}: {pattern}"
        )


@pytest.mark.parametrize("name", WIDGETS)
def test_every_control_moves_the_picture_and_the_right_numbers(name, laboratory):
    page, address = laboratory
    page.errors.clear()
    browser.run_all(page, address(f"{name}.ipynb"))
    live, expected = Live(page), WIDGETS[name]
    check(live, live.settled(), expected)
    first = live.state()
    for slider in live.sliders:
        slider.focus()
        for key in ("End", "Home"):
            state = live.after(lambda key=key: page.keyboard.press(key))
            check(live, state, expected)
    reset = live.after(live.root.get_by_role("button", name="Reset").click)
    assert reset[1] == first[1], "Reset does not lead back"
    check(live, live.after(lambda: live.drag(live.sliders[0])), expected)
    for menu in live.menus:
        for option in menu.locator("option").all_inner_texts()[1:]:
            state = live.after(lambda menu=menu, option=option: menu.select_option(label=option))
            check(live, state, expected)
    errors = page.locator(".jp-OutputArea-output[data-mime-type$='error'], .jp-mod-error")
    assert errors.count() == 0
    assert page.errors == []
