"""What an estimator prints while it fits, where ``verbose`` asks for it: scikit-learn's lines."""

from __future__ import annotations

from dataclasses import dataclass, field
from time import perf_counter


@dataclass
class Talk:
    """Lines on standard output: with ``verbose`` 1 how far the fit is, with 2 times and changes as well."""

    verbose: int
    interval: int
    _began: float = field(default=0.0, init=False)
    _last: float = field(default=0.0, init=False)

    def begin(self, init: int) -> None:
        """Say that a start, counted from zero, is tried."""
        self._began = self._last = perf_counter()
        if self.verbose:
            print(f"Initialization {init}")

    def step(self, number: int, change: float) -> None:
        """Say that so many steps were taken, and how far the last one changed the mean log-likelihood."""
        if not self.verbose or number % self.interval:
            return
        now = perf_counter()
        details = f"\t time lapse {now - self._last:.5f}s\t ll change {change:.5f}" if self.verbose > 1 else ""
        print(f"  Iteration {number}{details}")
        self._last = now

    def end(self, lower_bound: float, converged: bool) -> None:
        """Say how the start ended."""
        if not self.verbose:
            return
        ended = "converged" if converged else "did not converge"
        elapsed = perf_counter() - self._began
        details = f" time lapse {elapsed:.5f}s\t lower bound {lower_bound:.5f}." if self.verbose > 1 else ""
        print(f"Initialization {ended}.{details}")
