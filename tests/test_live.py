"""The live figures' JavaScript, in a browser, with gradlib as the oracle."""

import re

import numpy as np
import pytest
from live_page import NUMBERS, exact, read, show
from scipy import stats

from gradlib import Cost, Gaussian, estimate, pathwise, score_function
from gradlib.course import live, widgets
from gradlib.course.live.module import module
from gradlib.course.live.recipes import ramp, recipe

pytestmark = pytest.mark.slow
EXACT = """
([recipe, values, name]) => {
    const found = numbers.exact(numbers.prepare(recipe, values), values, name);
    const state = ({ mean, variance }) => [mean, variance].map(String);
    return [state(found.score), state(found.pathwise)];
}
"""
SETTINGS = [(2.0, 1.0), (-2.9, 0.1), (0.3, 2.0)]
FORMULAS = [
    *("z^2", "z^2 + 10", "z^3 - z", "z", "3", "exp(z/2)", "exp(z)", "cos(3z)", "sin(z)", "2^z"),
    *("abs(z) + 1", "Heaviside(z)", "sign(z - 1)", "softplus(3z)", "sigmoid(20z)", "z abs(z)"),
    *("max(z, 1 - z)", "min(z^2, 1)", "erf(3z)", "tanh(4z)", "z exp(-100(z-1)^2)", "cosh(z)"),
    *("sqrt(abs(z))", "abs(z)^1.5", "abs(sin(5z))", "1/(0.01 + z^2)", "1/z", "tan(z)", "log(z)"),
    *("sqrt(z)", "exp(z^2/20)", "exp(z^2)", "exp(z^3)", "abs(z)^0.2", "z^20", "exp(12z)"),
    *("1e16 (1 - cos(1e-8 z))", "exp(-1e6 (z - 0.3)^2)", "1e100 z", "abs(z - abs(z - 1))"),
]
STATED = {  # what only costs with a flaw, or with an infinite variance, may leave open
    **dict.fromkeys(["1/z", "tan(z)", "log(z)", "sqrt(z)", "exp(z^2)", "exp(z^3)"], 0),
    **{"1e16 (1 - cos(1e-8 z))": 0, "exp(12z)": 12},
}


@pytest.fixture(scope="module")
def page(chromium):
    """One page for all; nothing may come from a network, and its console stays silent."""
    with chromium() as page:
        page.context.route(re.compile("^http"), lambda route: route.abort())
        yield page
        assert page.errors == []


@pytest.fixture(scope="module")
def numbers(page):
    """The page, with all functions that need no page at hand."""
    page.set_content(f'<script type="module">{module()}\nwindow.numbers = {NUMBERS};</script>')
    page.wait_for_function("window.numbers")
    return page


def stated(page, cost, mu, sigma, name="mu", **more):
    """[truth, variance of the score function, of pathwise], as the browser computes them."""
    values = {"mu": mu, "sigma": sigma} | more
    (truth, score), (_, path) = page.evaluate(EXACT, [cost, values, name])
    return np.array([truth, score, path], dtype=float)


def compare(found, expected, message=""):
    """No wrong number: what is stated agrees with gradlib, which states it too."""
    size = np.nanmax(np.abs(expected), initial=0)
    known = ~np.isnan(found)
    np.testing.assert_allclose(
        found[known], expected[known], rtol=1e-7, atol=1e-9 * size, err_msg=message
    )


@pytest.mark.parametrize("formula", FORMULAS)
def test_no_figure_states_a_wrong_number(numbers, formula):
    cost, found, possible = recipe(formula), 0, 0
    for mu, sigma in SETTINGS:
        for name in ("mu", "sigma"):
            values = stated(numbers, cost, mu, sigma, name)
            if STATED.get(formula) == 0 and np.isnan(values).all():
                continue  # gradlib may take long to refuse, too
            expected = exact(formula, mu, sigma, name)
            compare(values, expected, f"N({mu}, {sigma}^2), {name}: {values}, {expected}")
            found += np.isfinite(values).sum()
            possible += np.isfinite(expected).sum()
    assert found >= STATED.get(formula, possible - 3)


@pytest.mark.parametrize("k", [1, 20, 39.7, 150, 1000, 3000, 1e6, 1e9])
@pytest.mark.parametrize("shape", ["cos({k} z)", "cos({k} z) + z^2", "abs(cos({k} z))"])
def test_waves_are_right_or_refused(numbers, shape, k):
    formula = shape.format(k=f"{k:.1f}")
    cost = recipe(formula)
    for sigma in (0.5, 1.7):
        values = stated(numbers, cost, 1.0, sigma)
        if np.isfinite(values).any():
            compare(values, exact(formula, 1.0, sigma, "mu"))
    assert k > 40 or shape.startswith("abs") or np.isfinite(values).all()


def test_a_ramp_is_that_of_gradlib_and_its_end_is_a_step(numbers):
    for w in (2.0, 0.3, 0.05):
        text = f"max(0, min(1, z/{w} + 1/2))"
        for name in ("mu", "sigma"):
            compare(stated(numbers, ramp(), 0.4, 0.9, name, w=w), exact(text, 0.4, 0.9, name))
    step = stated(numbers, ramp(), 0.4, 0.9, w=0)
    compare(step, exact("Heaviside(z)", 0.4, 0.9, "mu"))
    assert step[2] == 0


def test_samples_are_standard_normal(numbers):
    eps = np.array(numbers.evaluate("Array.from(numbers.normals(7, 20000))"))
    assert stats.kstest(eps, "norm").pvalue > 1e-3
    assert abs(np.corrcoef(eps[1:], eps[:-1])[0, 1]) < 4 / np.sqrt(20_000)


def test_running_means_are_those_of_gradlib(numbers):
    terms = np.random.default_rng(3).standard_normal(50) + 5
    found = numbers.evaluate(
        "terms => numbers.running(terms).map(({ mean, error }) => [mean, error])", terms.tolist()
    )
    for n in (2, 3, 50):
        np.testing.assert_allclose(found[n - 1], estimate(terms[:n])[:2], rtol=1e-12)


@pytest.mark.parametrize(
    ("x", "text"),
    [(0, "0"), (-1.23456, "−1.235"), (87, "87"), (2.5e-7, "2.5·10⁻⁷"), (1e6, "1·10⁶"), (None, "—")],
)
def test_numbers_in_words(numbers, x, text):
    assert numbers.evaluate("x => numbers.digits(x ?? NaN)", x) == text


# ---- figures on a page without a kernel


@pytest.fixture(scope="module")
def opened(page, tmp_path_factory):
    """Opens a page with figures, from a file; gives the figures."""

    def open_page(*figures, **media):
        return show(page, tmp_path_factory.mktemp("page"), *figures, **media)

    return open_page


@pytest.fixture
def figure(opened):
    return opened(widgets.explore_bell())[0]


def check(figure):
    """The numbers that the figure states are those of gradlib."""
    figure.rest()
    values = figure.values()
    formula, (mu, sigma) = values["cost"], (values["mu"], values["sigma"])
    if formula == "ramp of width w":
        w = values["w"]
        formula = f"max(0, min(1, z/{w} + 1/2))" if w else "Heaviside(z)"
    expected = exact(formula, mu, sigma, values["parameter"])
    np.testing.assert_allclose(
        figure.numbers(), expected, rtol=6e-4, atol=1e-9, err_msg=str(values)
    )
    assert figure.verdict.startswith({"mu": "d/dμ: ", "sigma": "d/dσ: "}[values["parameter"]])
    if formula == "Heaviside(z)":
        assert "pathwise is biased: its mean is 0" in figure.verdict
    elif not np.isclose(*expected[1:], rtol=1e-8):
        better = "pathwise" if expected[2] < expected[1] else "score function"
        assert f"{better} wins" in figure.verdict, (figure.verdict, expected)


def test_every_control_moves_the_figure_and_its_numbers_are_right(figure):
    check(figure)
    first, axes, settings = figure.verdict, figure.axes, figure.values()
    for menu in figure.root.locator("select").all():
        for option in menu.locator("option").all_inner_texts()[::-1]:
            menu.select_option(label=option)
            check(figure)
    for slider in figure.sliders.values():
        if slider.count() == 0 or not slider.is_visible():
            continue
        for key in ("Home", "End", "ArrowLeft"):
            before = figure.values()
            slider.focus()
            figure.page.keyboard.press(key)
            check(figure)
            assert figure.values() != before
    figure.root.get_by_role("button", name="Reset").click()
    figure.rest()
    assert (figure.values(), figure.verdict, figure.axes) == (settings, first, axes)


def test_a_value_can_be_typed_and_is_kept_within_its_range(figure):
    typed = figure.root.get_by_label("σ, standard deviation of Z, typed")
    for text, taken in (("0.73", 0.73), ("99", 2.0)):
        typed.fill(text)
        typed.press("Enter")
        check(figure)
        assert float(typed.input_value()) == taken
    typed.fill("")
    typed.press("Enter")
    figure.rest()
    assert float(typed.input_value()) == 2.0


def test_the_race_states_what_the_samples_say(opened):
    (figure,) = opened(widgets.explore_race(cost="z^2", mu=1.0))  # at once, as nothing may move
    eps = np.array(normals(figure.page))
    for kind, estimator in (("score", score_function), ("pathwise", pathwise)):
        found = estimate(estimator(Cost("z^2"), Gaussian(1, 1), eps).mu)
        text = figure.root.locator(f".legend .{kind}").inner_text()
        mean, error = re.search(r": (\S+) ± (\S+)$", text).groups()
        np.testing.assert_allclose(read(mean), found.mean, rtol=6e-4)
        np.testing.assert_allclose(read(error), 2 * found.standard_error, rtol=6e-2)


def normals(page):
    """The race's first thousand samples."""
    page.add_script_tag(content=f"{module()}\nwindow.numbers = {NUMBERS};", type="module")
    page.wait_for_function("window.numbers")
    return page.evaluate("Array.from(numbers.normals(1, 1000))")


def test_the_race_plays_pauses_and_starts_anew(opened):
    (figure,) = opened(widgets.explore_race(speed=250), reduced_motion="no-preference")
    root, standing = figure.root, figure.root.locator(".legend .score")
    figure.page.wait_for_timeout(500)
    root.get_by_role("button", name="Pause").click()
    figure.rest()
    paused = standing.inner_text()
    assert "±" in paused
    figure.page.wait_for_timeout(300)
    assert standing.inner_text() == paused
    root.get_by_role("button", name="Play").click()
    figure.page.wait_for_timeout(300)
    assert standing.inner_text() != paused
    root.get_by_role("button", name="New samples").click()
    figure.rest()
    assert root.get_by_role("button", name="Pause").count() == 1


def test_the_bell_is_dragged_by_mouse_and_by_touch(opened):
    (figure,) = opened(widgets.explore_bell())
    page, knobs = figure.page, figure.root.locator("circle")
    box = knobs.first.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 30, y, steps=4)
    page.mouse.up()
    check(figure)
    dragged = figure.values()["mu"]
    assert dragged > 1.2
    box = knobs.first.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    finger = page.context.new_cdp_session(page)
    for kind, points in (
        ("touchStart", [{"x": x, "y": y}]),
        ("touchMove", [{"x": x - 40, "y": y}]),
        ("touchEnd", []),
    ):
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    check(figure)
    assert figure.values()["mu"] < dragged - 0.5


def test_a_nudge_comes_and_goes(opened):
    (figure,) = opened(widgets.explore_bell(), reduced_motion="no-preference")
    picture = figure.root.locator(".picture svg").first
    before = picture.inner_html()
    figure.root.get_by_role("button", name="Nudge").click()
    for moved in (True, False):
        for _ in range(100):
            if (picture.inner_html() != before) == moved:
                break
            figure.page.wait_for_timeout(100)
        assert (picture.inner_html() != before) == moved


def test_figures_on_one_page_share_one_module_and_nothing_else(opened):
    pair = widgets.explore_histograms(), widgets.explore_histograms(mu=0.0)
    first, second = opened(*pair)
    assert live.page("Live", *pair).count("<script") == 1
    before = second.verdict
    first.sliders["mu"].focus()
    first.page.keyboard.press("End")
    check(first)
    check(second)
    assert second.verdict == before
    assert first.root.locator("input[type=text]").count() == 0  # no kernel, no formula


def test_the_figure_follows_python_and_refuses_formulas_with_gradlibs_words():
    figure = widgets.explore_race(mu=1.0)
    assert figure.values["mu"] == 1.0
    figure.formula = "cos(2z) + z"
    assert figure.controls["cost"]["recipes"][-1]["name"] == "cos(2z) + z"
    assert figure.values["cost"] == "cos(2z) + z" and figure.problem == ""
    known = figure.controls
    for figure.formula in ("z^2", "cos(2z)  + z"):
        assert figure.controls == known, "what is on the menu joins it again"
    figure.formula = "foo(z)"
    with pytest.raises(ValueError) as error:
        Cost("foo(z)")
    assert figure.problem == str(error.value)
    assert figure.values["cost"] == "cos(2z) + z"
    with pytest.raises(ValueError, match=r"settings are cost, .*received \['nu'\]"):
        widgets.explore_race(nu=1.0)


def test_a_step_far_out_is_no_victory_of_pathwise(opened):
    (figure,) = opened(widgets.explore_race(cost="Heaviside(z)", mu=-1.0, sigma=0.1))
    assert "pathwise is biased: its mean is 0, not 7.69" in figure.verdict
    (figure,) = opened(widgets.explore_race(cost="z^2", mu=0.0, sigma=0.1))
    assert "pathwise wins" in figure.verdict
