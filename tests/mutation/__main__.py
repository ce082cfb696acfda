"""python -m mutation [SHARE] [SEED] [MODULES]: make faults in the core, run the fast tests.

A fault is a changed operator, comparison, constant, condition or name. SHARE of the faults of each
module is tried, at random. Each is made in a fork of one process that has collected the tests, and
never in a file. What no test notices is printed; if it is listed in equivalent.txt it changes
nothing.
"""

import sys

import pytest

from mutation.faults import MODULES
from mutation.loop import TESTS, Loop

share, seed, *modules = [*sys.argv[1:], "1", "0"][:2] + sys.argv[3:]
loop = Loop(modules or list(MODULES), float(share), int(seed))
files = dict.fromkeys(name for module in loop.modules for name in MODULES[module])
options = ["-q", "-m", "not slow", "-p", "no:cacheprovider"]
code = pytest.main([*options, *(str(TESTS / f"test_{name}.py") for name in files)], [loop])
print(f"{loop.tried - len(loop.survivors)} of {loop.tried} faults noticed")
sys.exit(int(code) or len(loop.survivors) > 0.1 * loop.tried)
