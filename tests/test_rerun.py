"""A cell can be run again at any time: after Run All it prints what it printed before.

Alone it finds what later cells have left behind. Run in order, each cell finds what it found at
first, because no cell asks whether a name exists.
"""

import re

import pytest
from chapters import NOTEBOOKS, chapter

from gradlib.course import vae

NUMBERS = [path.name.split("_")[0] for path in sorted(NOTEBOOKS.glob("[0-9]*_*.ipynb"))]
every_chapter = pytest.mark.parametrize("number", NUMBERS)


@every_chapter
def test_each_cell_alone(number):
    done = chapter(number)
    for source, first in zip(done.sources, done.printed, strict=True):
        assert done.run_alone(source) == first, (
            f"{number}: another result when run again:\n{source}"
        )


@every_chapter
def test_no_cell_asks_whether_a_name_exists(number):
    for source in chapter(number).sources:
        assert not re.search(r"\b(globals|locals|vars|dir)\(|\b(NameError|global)\b", source)


@pytest.mark.parametrize("number", ["12"])
def test_a_training_that_was_interrupted_can_be_run_again(number, monkeypatch):
    done, gradient, calls = chapter(number), vae.elbo_gradient, []
    (k,) = (k for k, source in enumerate(done.sources) if source.startswith("networks = {0:"))
    last = max(done["networks"])
    weights = done["networks"][last].flat.copy()

    def interrupted(*arguments, **options):
        calls.append(arguments)
        if len(calls) == 150:
            raise KeyboardInterrupt
        return gradient(*arguments, **options)

    with monkeypatch.context() as stop:
        stop.setattr(vae, "elbo_gradient", interrupted)
        with pytest.raises(KeyboardInterrupt):
            done.run(done.sources[k])
    assert last not in done["networks"]
    assert done.run(done.sources[k]) == done.printed[k]
    assert (done["networks"][last].flat == weights).all()
