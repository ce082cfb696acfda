"""python -m campaign MINUTES [SEED]: one case after the other, from SEED on; 0 minutes is one case.

Each case begins with its seed: python -m campaign 0 SEED repeats it, always by 30 digits. It fails
if a number is wrong, or if more than one in fifty is refused for ordinary costs.
"""

import sys
import time
from collections import Counter

from campaign.judge import case_of_seed, judged


def main(minutes, first):
    counts, refusals, wrong = Counter(), Counter(), []
    until = time.monotonic() + 60 * minutes
    seed = first
    while seed == first or time.monotonic() < until:
        case, edges = case_of_seed(seed)
        kind = "ordinary" if case.ordinary else "wild"
        print(f"{seed} {kind} N({case.mu!r}, {case.sigma!r}) {case.text}", flush=True)
        for name, verdict in judged(case, edges, thorough=not minutes or seed % 50 == 0).items():
            counts[kind, verdict.kind] += 1
            told = verdict.reason or f"error {verdict.error:.1e} of its size"
            print(f"    {name:15} {verdict.kind:10} {told}", flush=True)
            if verdict.kind == "refused":
                refusals[kind, reason_without_numbers(verdict.reason)] += 1
            if verdict.kind == "wrong":
                wrong.append((seed, name, verdict.error, case.text, case.mu, case.sigma))
        seed += 1
    report(counts, refusals, wrong, seed - first)
    asked = sum(n for (kind, _), n in counts.items() if kind == "ordinary")
    return wrong or counts["ordinary", "refused"] > 0.02 * asked


def reason_without_numbers(reason):
    for sign in ("does not exist", "does not settle", "spoilt", "may be infinite", "not finite"):
        if sign in reason:
            return sign
    return "a jump" if "jumps" in reason else reason[:60]


def report(counts, refusals, wrong, cases):
    print(f"\n{cases} cases")
    for kind in ("ordinary", "wild"):
        total = sum(n for (k, _), n in counts.items() if k == kind)
        shares = (f"{v} {n} ({n / total:.2%})" for (k, v), n in counts.most_common() if k == kind)
        print(f"{kind}: {total} numbers asked for; {', '.join(shares)}")
    for (kind, reason), n in refusals.most_common():
        print(f"    refused, {kind}: {n} x {reason}")
    for seed, name, error, text, mu, sigma in wrong:
        print(f"WRONG by {error:.2e}: {name} of {text!r} at N({mu!r}, {sigma!r}), seed {seed}")


minutes, *rest = [*map(float, sys.argv[1:])] or [60.0]
sys.exit(bool(main(minutes, int(rest[0]) if rest else time.time_ns() // 10**9)))
