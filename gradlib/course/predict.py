"""Guess before you run: a question with buttons, and the guess again after the result.

In the folder `work` of the course guesses are kept in a file, so that a later chapter finds them;
elsewhere they last as long as the kernel.
"""

import json
from pathlib import Path

import ipywidgets as widgets

from gradlib.arguments import shorten
from gradlib.course.answers import ANSWERS

FALLBACK = "Run this cell in JupyterLab to click on your guess."
QUIZ = (  # asked in chapter 00; a later chapter settles each
    "The pathwise estimator always has the lower variance.",
    "It has lower variance because only eps is random in it, and eps has variance 1.",
    "If r is continuous, both estimators are unbiased.",
    "Adding a constant to r can change the variance of only one of the two.",
    "If r has a step, both estimators fail.",
    "For r(z) = z^2 the pathwise estimator wins at every mu and sigma.",
)
guesses = {}  # question -> the option that was clicked


def predict(question, options):
    """Show a question with one button for each option, and remember which one is clicked.

    A guess can be changed until the result is there, and it stays when the cell runs again.
    Raises ValueError unless there are two or more different options, all of them text.
    """
    several = isinstance(options, list | tuple) and len(options) > 1
    if not (several and _are_texts(question, *options) and len(set(options)) == len(options)):
        raise ValueError(
            "predict needs a question and a list of two or more different texts; received "
            f"{shorten(question)}, {shorten(options)}"
        )
    return Question(question, list(options))


def recall(question):
    """Print the answer to a chapter's question, beside what was guessed, if anything was.

    Raises ValueError for a question that no chapter asks.
    """
    if not (_are_texts(question) and question in ANSWERS):
        raise ValueError(f"question must be one of a chapter's; received {shorten(question)}")
    guess = (_read() | guesses).get(question)
    said = f"You said: {guess}. " if guess else ""
    print(f"{question}\n{said}The answer: {ANSWERS[question]}.")


class Question(widgets.VBox):
    """The question above its buttons."""

    def __init__(self, question, options):
        self.question = question
        value = (_read() | guesses).get(question)
        self.buttons = widgets.ToggleButtons(
            options=options,
            value=value if value in options else None,
            style={"button_width": f"{max(18, *map(len, options))}ch"},  # no text is cut off
        )
        self.buttons.observe(self._remember, names="value")
        super().__init__([widgets.HTML(f"<b>Predict.</b> {question}"), self.buttons])

    def _remember(self, change):
        guesses[self.question] = change.new
        if file := _file():
            file.write_text(json.dumps(_read() | guesses, indent=1), "utf-8")

    def _repr_mimebundle_(self, **kwargs):
        """Without a kernel there are no buttons: what is saved says the same in words."""
        text = f"{self.question}\n{' / '.join(self.buttons.options)}\n{FALLBACK}"
        return super()._repr_mimebundle_(**kwargs) | {"text/plain": text}


def _are_texts(*things):
    return all(isinstance(thing, str) and thing for thing in things)


def _file():
    """Where guesses are kept: only in the reader's own folder is anything written."""
    return Path("predictions.json") if Path.cwd().name == "work" else None


def _read():
    file = _file()
    return json.loads(file.read_text("utf-8")) if file and file.exists() else {}
