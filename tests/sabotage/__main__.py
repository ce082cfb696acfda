"""python -m sabotage [CHAPTERS]: make each fault in a process that runs the chapter; see faults.py.

The first thing that notices is printed: a cell that prints something else or fails, or a claim.
"""

import sys

from sabotage.faults import CHAPTERS
from sabotage.trial import by_a_cell, first_notice, in_a_fork

numbers = sys.argv[1:] or CHAPTERS
unseen = 0
for number in numbers:
    if found := in_a_fork(by_a_cell, number, "none"):
        sys.exit(f"{number} has {found}, without any fault")
    for name in CHAPTERS[number]:
        found = first_notice(number, name)
        unseen += found is None
        print(f"{number}  {name:40}{found or 'NOTHING NOTICED IT'}", flush=True)
print(f"{unseen} of {sum(len(CHAPTERS[n]) for n in numbers)} faults were not noticed")
sys.exit(unseen > 0)
