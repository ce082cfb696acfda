"""Exercises check themselves, and so does the installation."""

import sys
from importlib import metadata

from packaging.requirements import Requirement

from gradlib.arguments import shorten
from gradlib.course.exercises import EXERCISES


def installation():
    """Print that all is well, or what the course misses here, and the cure."""
    faults = [fault for text in metadata.requires("gradlib") for fault in _faults(text)]
    cure = f"Type `make lab` in the course folder and use its page; this one runs {sys.executable}."
    print("\n".join(["The course cannot run here.", *faults, cure] if faults else ["All is well."]))


def _faults(text):
    """What is wrong with one requirement, in words; nothing if it is met or not needed."""
    needed = Requirement(text)
    if needed.marker and not needed.marker.evaluate({"extra": "lab"}):
        return
    try:
        version = metadata.version(needed.name)
    except metadata.PackageNotFoundError:
        yield f"{needed.name} is not installed."
    else:
        if version not in needed.specifier:
            yield f"{needed.name} {version} does not do: {needed.specifier} is needed."


def answer(name, attempt):
    """Print, in one sentence, the verdict on an attempt at the exercise `name`, such as "02.1".

    The attempt is `...` (not answered yet), or what the exercise asks for. It is judged by its
    values at fresh random points, never by its text. Raises ValueError for an unknown name.
    """
    if not isinstance(name, str) or name not in EXERCISES:
        known = ", ".join(EXERCISES)
        raise ValueError(f"unknown exercise {shorten(name)}; expected one of {known}")
    print(f"{name}: {EXERCISES[name](attempt)}")
