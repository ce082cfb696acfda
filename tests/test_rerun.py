"""A cell can be run again at any time: after Run All it prints what it printed before.

Alone, it finds what later cells have left behind. In order, from the top of the kernel that is
already full, it finds what the cells above have made anew. A costly cell is not run a third time:
in order, the cells below get the names that it bound when it ran alone, so that what it has
computed anew, printed or not, is compared all the same. It would differ only if it read a name
that a cell below binds to something else, and then it has differed alone.
"""

import re
from functools import cache

import pytest
from chapters import NOTEBOOKS, chapter

from gradlib.course import vae

NUMBERS = [path.name.split("_")[0] for path in sorted(NOTEBOOKS.glob("[0-9]*_*.ipynb"))]
PARTS = 3  # of a chapter
COSTLY = 0.5  # seconds of processor time
ASKS = re.compile(r"\b(globals|locals)\(|\b(vars|dir)\(\)|\b(NameError|global)\b")
every_chapter = pytest.mark.parametrize("number", NUMBERS)


@cache
def alone(number, k):
    """(what it prints, the names that it binds) for cell k, run alone after Run All."""
    done = chapter(number)
    return done.run_alone(done.sources[k])


@pytest.mark.parametrize("part", range(PARTS))
@every_chapter
def test_each_cell_alone(number, part):
    done = chapter(number)
    for k in range(len(done.sources))[part::PARTS]:
        printed, _ = alone(number, k)
        assert printed == done.printed[k], f"{number}, run alone:\n{done.sources[k]}"


@every_chapter
def test_all_cells_in_order(number):
    done = chapter(number)
    for k, source in enumerate(done.sources):
        if done.seconds[k] > COSTLY:
            done.names.update(alone(number, k)[1])
        else:
            assert done.run(source) == done.printed[k], f"{number}, run in order:\n{source}"


@every_chapter
def test_no_cell_asks_whether_a_name_exists(number):
    for source in chapter(number).sources:
        assert not ASKS.search(source)


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
