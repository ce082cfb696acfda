"""Every live figure, in a real JupyterLab and a real browser, moved by keyboard.

The numbers it states are computed here a second time, without gradlib.
"""

import re
import shutil

import browser
import mpmath
import nbformat
import numpy as np
import pytest
import reference
from scipy import stats

from gradlib import Cost, Gaussian, exact_variance, pathwise, score_function
from gradlib.course import figures

pytestmark = pytest.mark.slow
LIVE = ".gradlib-live"
COSTS = {  # text in a menu -> r and r'
    "z^2": (lambda z: z**2, lambda z: 2 * z),
    "z^3 - z": (lambda z: z**3 - z, lambda z: 3 * z**2 - 1),
    "exp(z/2)": (lambda z: np.exp(z / 2), lambda z: np.exp(z / 2) / 2),
    "cos(z)": (np.cos, lambda z: -np.sin(z)),
    "softplus(z)": (lambda z: np.logaddexp(0, z), lambda z: 1 / (1 + np.exp(-z))),
    "abs(z)": (np.abs, np.sign),
    "exp(-z^2/2)": (lambda z: np.exp(-(z**2) / 2), lambda z: -z * np.exp(-(z**2) / 2)),
    "cos(2z)": (lambda z: np.cos(2 * z), lambda z: -2 * np.sin(2 * z)),
    "cos(2z) + 3": (lambda z: np.cos(2 * z) + 3, lambda z: -2 * np.sin(2 * z)),
    "exp(-z^2)": (lambda z: np.exp(-(z**2)), lambda z: -2 * z * np.exp(-(z**2))),
    "z exp(-z^2)": (
        lambda z: z * np.exp(-(z**2)),
        lambda z: (1 - 2 * z**2) * np.exp(-(z**2)),
    ),
}


@pytest.fixture(scope="module")
def laboratory(tmp_path_factory, chromium):
    folder = tmp_path_factory.mktemp("lab")  # JupyterLab saves what it shows
    shutil.copytree(browser.NOTEBOOKS, folder, dirs_exist_ok=True)
    with browser.jupyterlab(folder) as address, chromium() as page:
        address.folder = folder
        yield page, address


def mean(f, mu, sigma):
    """E[f(Z, eps)]; 0 is where a step or kink may be."""
    return reference.mean(f, mu, sigma, points=[0])


def variances(text, c, mu, sigma):
    """For d/dmu and d/dsigma the true gradient, and the variances of both estimators, of r + c."""
    r, slope = COSTS[text]
    for score, velocity in (
        (lambda e: e / sigma, lambda e: 1),
        (lambda e: (e**2 - 1) / sigma, lambda e: e),
    ):
        truth = mean(lambda z, e, s=score: r(z) * s(e), mu, sigma)
        first = mean(lambda z, e, s=score: ((r(z) + c) * s(e)) ** 2, mu, sigma)
        second = mean(lambda z, e, v=velocity: (slope(z) * v(e)) ** 2, mu, sigma)
        yield truth, first - truth**2, second - truth**2


def numbers_of_variances(text, c, mu, sigma):
    """What the words under chapter 05's figure must state."""
    expected = {}
    for name, (_, score, path) in zip(("mu", "sigma"), variances(text, c, mu, sigma), strict=True):
        expected[rf"d/d{name}: variance (\S+) \(score"] = score
        expected[rf"d/d{name}: variance \S+ \(score function\), (\S+) \(path"] = path
        expected[rf"Gap of .*?(\S+) for d/d{name}"] = score - path
    return expected


def numbers_of_phase(text, c, mu, sigma):
    """What the words under the phase diagram of chapter 06 must state."""
    return {
        rf"d/d{name}: ratio (\S+), ": score / path
        for name, (_, score, path) in zip(
            ("mu", "sigma"), variances(text, c, mu, sigma), strict=True
        )
    }


def numbers_of_cost(text, mu, sigma):
    """What the words under the explorer of any cost must state."""
    expected = numbers_of_variances(text, 0, mu, sigma)
    expected = {k.replace(": variance", r" = \S+: variance"): v for k, v in expected.items()}
    for name, (truth, _, _) in zip(("mu", "sigma"), variances(text, 0, mu, sigma), strict=True):
        expected[rf"d/d{name} = (\S+): "] = truth
    return expected


def numbers_of_baseline(text, mu, sigma, b):
    """What the words under chapter 07's figure must state."""
    r, expected = COSTS[text][0], {}
    weights = {"mu": lambda e: e**2, "sigma": lambda e: (e**2 - 1) ** 2 / 2}
    for index, (name, weight) in enumerate(weights.items()):
        best = mean(lambda z, e, w=weight: r(z) * w(e), mu, sigma)
        without, with_b, least = (
            list(variances(text, -baseline, mu, sigma))[index] for baseline in (0, b, best)
        )
        line = rf"d/d{name}: score function "
        expected[line + r"(\S+) without"] = without[1]
        expected[line + r".*?, (\S+) with b ="] = with_b[1]
        expected[line + r".*?, (\S+) with the best"] = least[1]
        expected[line + r".*? best one, b = (\S+);"] = best
        expected[line + r".*?; pathwise (\S+)\.(?:\s|$)"] = without[2]
    return expected


def numbers_of_dimensions(family, text, mu, sigma, log_d):
    """What the words under chapter 08's figure must state; beyond floats they are 0 or inf."""
    r, slope = COSTS[text]
    d, (m, square, g, best) = (
        round(10**log_d),
        (
            mpmath.mpf(mean(f, mu, sigma))
            for f in (
                lambda z, e: r(z),
                lambda z, e: r(z) ** 2,
                lambda z, e: slope(z),
                lambda z, e: r(z) * e**2,
            )
        ),
    )
    first = mpmath.mpf(mean(lambda z, e: (r(z) * e / sigma) ** 2, mu, sigma))
    second = mpmath.mpf(mean(lambda z, e: slope(z) ** 2, mu, sigma))
    n = d - 1
    if family == "sum":  # E[(r(z_1) + R)^2 eps^2], with E[R] = n m and Var[R] = n (square - m^2)
        rest = n * (square - m**2) + (n * m) ** 2
        first, best = first + (2 * best * n * m + rest) / sigma**2, best + n * m
    elif family == "ridge":
        first = (first + n * square / sigma**2) / d
        second, g, best = second / d, g / mpmath.sqrt(d), (best + n * m) / d
    else:
        first, second = first * square**n, second * square**n
        g, best = g * m**n, best * m**n
    variances = first - g**2, first - g**2 - (best / sigma) ** 2, second - g**2
    samples = [float(v / g**2) for v in variances]
    names = "score function", "with the best constant", "pathwise"
    expected = {rf"(\S+) \({k}\)": float(v) for k, v in zip(names, variances, strict=True)}
    starts = "ratio of 1: ", r"ratio of 1: \S+, ", r"ratio of 1: \S+, \S+, "
    expected |= {rf"{k}(\S+)[,.](?:\s|$)": v for k, v in zip(starts, samples, strict=True)}
    return expected | {r"d/dmu_1 = (\S+) in size": float(abs(g)), r"d = (\d+),": d}


def numbers_of_vae(network, baseline, _show, digit, K):
    """What the words under chapter 09's figure must state; gradients by finite differences."""
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


WIDGETS = {
    "05_exact_variance": [numbers_of_variances],
    "07_when_the_score_function_wins": [numbers_of_phase, numbers_of_cost],
    "08_baselines": [numbers_of_baseline],
    "10_many_dimensions": [numbers_of_dimensions],
    "11_vae_nll_gradient": [numbers_of_vae],
}


class Live:
    """The live figure on a page: its controls, its picture and its words."""

    def __init__(self, page, index=0):
        self.page, self.root = page, page.locator(LIVE).nth(index)
        self.root.scroll_into_view_if_needed()
        self.sliders = self.root.get_by_role("slider").all()
        self.menus = self.root.locator("select").all()
        self.boxes = self.root.locator(".widget-text input").all()

    def state(self):
        image = self.root.locator("img")
        words = self.root.locator(".widget-html-content").all_inner_texts()
        return image.get_attribute("src"), "\n".join(words)

    def settings(self):
        texts = [menu.locator("option:checked").inner_text() for menu in self.menus]
        texts = [text.replace("\xa0", " ") for text in texts]
        texts += [box.input_value() for box in self.boxes]
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


def check(live, state, expected):
    words = state[1]
    assert "Error" not in words, words  # where the kernel's errors in a redraw are reported
    for pattern, value in expected(*live.settings()).items():
        found = re.search(pattern, words)
        assert found, f"{pattern} is not in {words!r}"
        np.testing.assert_allclose(
            float(found.group(1)), value, rtol=1e-3, atol=6e-4, err_msg=f"{words!r}: {pattern}"
        )


def check_chapter(name, laboratory):
    page, address = laboratory
    page.errors.clear()
    browser.run_all(page, address(f"{name}.ipynb"))
    for index, expected in enumerate(WIDGETS[name]):
        move_everything(Live(page, index), expected)
    assert page.locator(LIVE).count() == len(WIDGETS[name])
    errors = page.locator(".jp-OutputArea-output[data-mime-type$='error'], .jp-mod-error")
    assert errors.count() == 0
    assert page.errors == []


# Two classes, because pytest-xdist gives each class to one process.
class TestOneHalfOfTheChapters:
    @pytest.mark.parametrize("name", list(WIDGETS)[::2])
    def test_every_control_moves_the_picture_and_the_right_numbers(self, name, laboratory):
        check_chapter(name, laboratory)


class TestTheOtherHalf:
    @pytest.mark.parametrize("name", list(WIDGETS)[1::2])
    def test_every_control_moves_the_picture_and_the_right_numbers(self, name, laboratory):
        check_chapter(name, laboratory)


def move_everything(live, expected):
    """Every slider to both ends, Reset, a drag, every entry of every menu, a typed formula."""
    check(live, live.settled(), expected)
    first = live.state()
    for slider in live.sliders:
        slider.focus()
        for key in ("End", "Home"):
            state = live.after(lambda key=key: live.page.keyboard.press(key))
            check(live, state, expected)
    reset = live.after(live.root.get_by_role("button", name="Reset").click)
    assert reset[1] == first[1], "Reset does not lead back"
    check(live, live.after(lambda: live.drag(live.sliders[0])), expected)
    for menu in live.menus:
        for option in menu.locator("option").all_inner_texts()[1:]:
            state = live.after(lambda menu=menu, option=option: menu.select_option(label=option))
            check(live, state, expected)
    for box in live.boxes:
        for text in ("z^3 - z", "abs(z)"):
            check(live, live.after(lambda box=box, text=text: type_in(box, text)), expected)
        words = live.after(lambda box=box: type_in(box, "__import__('os')"))[1]
        assert words.startswith("unknown name '__import__'"), words


def type_in(box, text):
    box.fill(text)
    box.press("Enter")


SENTENCE = "unknown name 'foo' at position 1 of 'foo(z)'"
MOVING = """
from gradlib.course import widgets
figure = widgets.explore_race(speed=250)
figure
"""


def test_a_figure_that_moves_in_the_browser(laboratory, tmp_path):
    """Formulas through the kernel, keys that are its own, two views, and a kernel that is gone."""
    page, address = laboratory
    page.errors.clear()
    cells = [nbformat.v4.new_code_cell(source) for source in (MOVING.strip(), "figure", "1 + 1")]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    book = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
    nbformat.write(book, address.folder / "moving.ipynb")
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
    assert [text for text in page.errors if "kernel" not in text.lower()] == []


def ratio(text, mu, sigma):
    e1, e2 = (
        exact_variance(f, Cost(text), Gaussian(mu, sigma)).mu for f in (score_function, pathwise)
    )
    return max(e1 / e2, e2 / e1)
