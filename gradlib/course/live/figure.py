"""A live figure as a widget: its controls, its costs, and what a student types."""

import anywidget
import traitlets

from gradlib.course.live.module import css, module
from gradlib.course.live.recipes import recipe

SENTENCE = "Run this cell in JupyterLab to get the live figure."


def number(label, meaning, start, low, high, step):
    """A control for a number: a slider, and a line in which it can be typed."""
    return {"label": label, "meaning": meaning, "start": start, "range": [low, high, step]}


def choice(label, meaning, options):
    """A menu, {value: text}; its first entry is chosen."""
    start = next(iter(options))
    return {"label": label, "meaning": meaning, "start": start, "options": list(options.items())}


def costs(*recipes, label="r(z)"):
    """A menu of costs: texts of formulas, or recipes such as `ramp()`. One can be typed, too."""
    made = [recipe(one) if isinstance(one, str) else one for one in recipes]
    return {"label": label, "meaning": "the cost", "start": made[0]["name"], "recipes": made}


class Live(anywidget.AnyWidget):
    """The figure drawn by the JavaScript file of this name, with these controls.

    Each control is what `number`, `choice` or `costs` returns. `start` gives some of them another
    first value. `data` is anything that JSON can say, for the figure alone. `typing`: may a cost be
    typed; it joins the menu.
    `values` are the current settings; set it to move the figure from Python.
    """

    _esm = module() + "\nexport default { render: stage.renderer(figures) };"
    _css = css()
    figure = traitlets.Unicode().tag(sync=True)
    controls = traitlets.Dict().tag(sync=True)
    data = traitlets.Any().tag(sync=True)
    values = traitlets.Dict().tag(sync=True)
    formula = traitlets.Unicode(allow_none=True).tag(sync=True)  # None: nothing can be typed
    problem = traitlets.Unicode().tag(sync=True)

    def __init__(self, figure, controls, data=None, start=(), typing=True):
        start = dict(start)
        if unknown := start.keys() - controls.keys():
            raise ValueError(f"settings are {', '.join(controls)}; received {sorted(unknown)}")
        controls = {k: c | {"start": start.get(k, c["start"])} for k, c in controls.items()}
        values = {k: c["start"] for k, c in controls.items()}
        formula = "" if typing else None
        super().__init__(
            figure=figure, controls=controls, data=data, values=values, formula=formula
        )

    @traitlets.observe("formula")
    def _read(self, change):
        """Put a typed formula on the menu and choose it, or answer with gradlib's sentence."""
        self.problem = ""
        if not change.new:
            return
        try:
            typed = recipe(change.new)
        except ValueError as error:
            self.problem = str(error)
            return
        menu = self.controls["cost"]
        if typed["name"] not in [known["name"] for known in menu["recipes"]]:
            longer = menu | {"recipes": [*menu["recipes"], typed]}
            self.controls = self.controls | {"cost": longer}
        self.values = self.values | {"cost": typed["name"]}

    def plain(self):
        """All that a page without a kernel needs, as plain data."""
        names = ("figure", "controls", "data", "values")
        return {name: getattr(self, name) for name in names} | {"formula": None}

    def _repr_mimebundle_(self, **kwargs):
        """What is saved with the notebook is a sentence: without a kernel there is no widget."""
        data, metadata = super()._repr_mimebundle_(**kwargs)
        return data | {"text/plain": SENTENCE}, metadata
