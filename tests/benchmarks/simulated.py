"""Two hundred healthy comparisons that must all end in a report: ``python -m tests.benchmarks.simulated [how many]``.

Both families, as many components as there are groups, one more and two more; units from 1e-9 to 1e9, origins up to
1e7 spreads away. What the verdict says is not looked at here, only that there is one.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from models import Array
from reports.judging.comparison import Comparison, compare

COUNT = 200
FEW: dict[str, Any] = {"draws": 40, "tune": 60, "chains": 2, "starts": 10}


@dataclass(frozen=True)
class Simulated:
    """Data of ``groups`` groups and the model that is fitted to them."""

    name: str
    x: Array
    family: str
    components: int

    def compare(self, seed: int) -> Comparison:
        """The comparison, with few draws."""
        return compare(self.x, self.family, self.components, seed=seed, **FEW)


def simulated(count: int) -> Iterator[Simulated]:
    """So many data sets, each from a seed of its own."""
    for seed in range(count):
        rng = np.random.default_rng([2026, seed])
        groups, extra, family = int(rng.integers(1, 3)), seed % 3, ("poisson", "gaussian")[seed // 3 % 2]
        n = int(rng.integers(60, 300))
        labels = rng.integers(groups, size=n)
        if family == "poisson":
            x = rng.poisson(np.cumsum(rng.uniform(0.5, 8, groups))[labels]).astype(float)
            said = f"{groups} rates"
        else:
            x = np.cumsum(rng.uniform(2, 7, groups))[labels] + rng.normal(size=n) * rng.uniform(0.5, 2, groups)[labels]
            unit, away = 10.0 ** rng.uniform(-9, 9), rng.choice([-1, 0, 1]) * 10.0 ** rng.uniform(0, 7)
            x = unit * (x + away * x.std())
            said = f"{groups} groups in units of {unit:.1e}, {away:.1e} spreads away"
        yield Simulated(f"{seed}: {said}, K = {groups + extra}", x, family, groups + extra)


def main(count: int = COUNT) -> int:
    """Compare them all, print what went wrong, and say how many ended in a report."""
    began, codes, failed = time.perf_counter(), Counter[str](), 0
    for seed, case in enumerate(simulated(count)):
        try:
            found = case.compare(seed).verdict.codes
        except Exception as error:
            failed += 1
            print(f"{case.name}: {type(error).__name__}: {error}", flush=True)
        else:
            codes.update(found)
            print(f"{case.name}: {', '.join(found)}", file=sys.stderr, flush=True)
    said = ", ".join(f"{code} {times}" for code, times in codes.most_common())
    print(f"{count - failed} of {count} ended in a report in {time.perf_counter() - began:.0f} s ({said})")
    return min(failed, 1)


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
