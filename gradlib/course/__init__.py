"""What only the notebooks show: figures, live figures, exercises and their judges, autoencoders.

Its modules are loaded when they are first used; the library above it never imports from here.
"""

import importlib

__all__ = ["check", "figures", "linear_vae", "predict", "vae", "widgets"]


def __getattr__(name):
    if name in __all__:
        return importlib.import_module(f"gradlib.course.{name}")
    raise AttributeError(f"module 'gradlib.course' has no attribute {name!r}")
