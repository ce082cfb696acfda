"""A cell can be run again at any time: after Run All it prints what it printed before."""

import pytest
from chapters import NOTEBOOKS, chapter

NUMBERS = [path.name.split("_")[0] for path in sorted(NOTEBOOKS.glob("[0-9]*_*.ipynb"))]


@pytest.mark.parametrize("number", NUMBERS)
def test_each_cell_alone_and_all_in_order(number):
    done = chapter(number)
    alone = [done.run_alone(source) for source in done.sources]
    in_order = [done.run(source) for source in done.sources]
    for source, first, *others in zip(done.sources, done.printed, alone, in_order, strict=True):
        assert others == [first, first], f"{number}: another result when run again:\n{source}"
