"""python -m sabotage [CHAPTERS]: make each fault in a process that runs the chapter; see faults.py.

The first thing that notices is printed: a cell that prints something else or fails, or a claim.
"""

import sys

from sabotage.faults import CHAPTERS
from sabotage.trial import first_notice

numbers = sys.argv[1:] or CHAPTERS
unseen = 0
for number in numbers:
    for name in CHAPTERS[number]:
        found = first_notice(number, name)
        unseen += found is None
        print(f"{number}  {name:40}{found or 'NOTHING NOTICED IT'}", flush=True)
print(f"{unseen} of {sum(len(CHAPTERS[n]) for n in numbers)} faults were not noticed")
sys.exit(unseen > 0)
