"""Live figures on a page without a kernel, and what gradlib says in their place."""

import re
from decimal import Decimal

import numpy as np

from gradlib import Cost, Gaussian, Gradient, exact_variance, pathwise, score_function
from gradlib.course import live
from gradlib.exact import exact_mean
from gradlib.quadrature import QuadratureError

NUMBERS = "{ ...scales, ...quadrature, ...estimators, ...words }"  # what needs no page
# Give each control of a figure the values in turn, as a hand would, and see what it says then.
DRIVE = """
async (root, settings) => {
    const frames = () => new Promise(done =>
        requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))));
    const labels = [...root.querySelectorAll("label:has(select, [type=range])")];
    const change = (label, value) => {
        const select = label.querySelector("select");
        const input = select ?? label.querySelector("[type=range]");
        if (select) select.selectedIndex = value;
        else input.value = value;
        input.dispatchEvent(new Event(select ? "change" : "input"));
    };
    const found = [];
    for (const values of settings) {
        values.forEach((value, i) => value !== null && change(labels[i], value));
        await frames();
        const legend = [...root.querySelectorAll(".legend span")];
        found.push({
            verdict: root.querySelector(".verdict").textContent,
            axes: [...root.querySelectorAll("g text")].map(text => text.textContent),
            legend: Object.fromEntries(legend.map(entry => [entry.className, entry.textContent])),
            typed: labels.map(label => label.querySelector("[type=number]")?.valueAsNumber ?? null),
        });
    }
    return found;
}
"""


def exact(formula, mu, sigma, name):
    """[truth, variance of the score function, of pathwise]; nan where gradlib refuses."""
    cost, q = Cost(formula), Gaussian(mu, sigma)

    def only(estimator):  # the other parameter's variance may be infinite
        return lambda *arguments: Gradient(*[getattr(estimator(*arguments), name)] * 2)

    def or_nan(function, estimator):
        try:
            return function(only(estimator), cost, q).mu
        except QuadratureError:
            return np.nan

    pairs = (
        (exact_mean, score_function),
        (exact_variance, score_function),
        (exact_variance, pathwise),
    )
    return np.array([or_nan(*pair) for pair in pairs])


def read(text, number=float):
    """A number of a figure."""
    text = text.replace("−", "-").translate(str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-"))
    return np.nan if text == "—" else number(text.replace("·10", "e"))


def number(text, before, number=float):
    """The number after these words."""
    return read(re.search(rf"{before} (\S+?)(?=[,:;)]|\s|$)", text)[1], number)


def log10(text):
    """log10 of a number that may be beyond the range of floats."""
    return float(Decimal(text).log10())


class Figure:
    """A figure on a page: its controls and its words."""

    def __init__(self, page, root, made):
        self.page, self.root, self.controls, self.made = page, root, made.controls, made
        label = "input[type=range][aria-label^='{label},']".format
        self.sliders = {
            name: root.locator(label(**control))
            for name, control in made.controls.items()
            if "range" in control
        }

    def rest(self):
        """Wait for the next frames."""
        self.page.evaluate("new Promise(done => requestAnimationFrame(() => setTimeout(done, 30)))")

    @property
    def verdict(self):
        return self.root.locator(".verdict").inner_text()

    @property
    def axes(self):
        return self.root.locator("g text").all_text_contents()

    def options(self, name):
        """The values of a menu."""
        control = self.controls[name]
        recipes = control.get("recipes", ())
        return [value for value, _ in control.get("options", ())] or [r["name"] for r in recipes]

    def values(self):
        """The settings that the controls show."""
        menus = iter(self.root.locator("select").all())
        found = {}
        for name in self.controls:
            if name in self.sliders:
                typed = self.sliders[name].locator("xpath=../input[@type='number']")
                found[name] = float(typed.input_value())
            else:
                index = next(menus).evaluate("menu => menu.selectedIndex")
                found[name] = self.options(name)[index]
        return found

    def drive(self, settings):
        """What the figure says at each of these settings, dictionaries of all values."""
        rows = [
            [s[n] if n in self.sliders else self.options(n).index(s[n]) for n in self.controls]
            for s in settings
        ]
        found = self.root.evaluate(DRIVE, rows)
        for row, one in zip(rows, found, strict=True):
            np.testing.assert_allclose(
                [x for x, n in zip(row, self.controls) if n in self.sliders],
                [x for x in one["typed"] if x is not None],
            )
        return found

    def reset(self):
        self.root.get_by_role("button", name="Reset").click()
        self.rest()

    def numbers(self):
        """[truth, variance of the score function, of pathwise] as the legend states them."""
        words = {"exact": "gradient", "score": "variance", "pathwise": "variance"}
        return [
            number(self.root.locator(f".legend .{kind}").inner_text(), before)
            for kind, before in words.items()
        ]


def show(page, folder, *figures, width=900, height=720, **media):
    """Open a page with these figures, from a file; gives the figures."""
    (folder / "page.html").write_text(live.page("Live", *figures), "utf-8")
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(**{"color_scheme": "light", "reduced_motion": "reduce"} | media)
    page.goto((folder / "page.html").as_uri())
    roots = page.locator(".gradlib-stage").all()
    found = [Figure(page, root, made) for root, made in zip(roots, figures, strict=True)]
    found[-1].rest()
    return found
