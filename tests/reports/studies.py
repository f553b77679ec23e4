"""Small studies: of one Gaussian, where everything is known in closed form, and of records that were made up."""

from __future__ import annotations

from concurrent.futures import BrokenExecutor, Executor, Future
from typing import Any

import numpy as np

from models import Gaussian, Mixture, Model, Poisson
from reports.studies import Design, Record

ONE = Mixture(np.array([1.0]), Gaussian(np.array([[2.0]]), np.array([[[9.0]]])))
TWO = Mixture(np.array([0.4, 0.6]), Poisson(np.array([2.0, 11.0])))
KEYS = ("mle_error", "map_error", "sd")


def one_gaussian(**settings: Any) -> Design:
    chosen: dict[str, Any] = {"sizes": (5, 12), "replications": 3, "draws": 20, "tune": 30, **settings}
    return Design("one", "One Gaussian", ONE, Model("gaussian", 1, 1, "full"), ("x",), **chosen)


def two_poissons(**settings: Any) -> Design:
    chosen: dict[str, Any] = {"sizes": (150,), "replications": 2, **settings}
    return Design("two", "Two Poissons", TWO, Model("poisson", 2), ("x",), **chosen)


def invented(design: Design, size: int, number: int) -> Record:
    """Normal estimates with the standard error 1/√n, and intervals of 1.96 of them; no sampling."""
    rng = np.random.default_rng(design.seeds(size, number)[0])
    error = 1 / np.sqrt(size)
    estimates = {}
    for name, truth in design.true_values.items():
        at = truth + error * rng.standard_normal()
        low, high = at - 1.96 * error, at + 1.96 * error
        row = {"mle": at, "map": at, "mean": at + error / 10, "wald_lower": low, "wald_upper": high}
        row |= {"sandwich_standard_error": error, "sandwich_lower": low, "sandwich_upper": high}
        row |= {
            "lower": low,
            "upper": high,
            "r_hat": 1.0,
            "ess": 500.0,
            "shift": -0.1,
            "sd_ratio": 1.0,
            "wasserstein": 0.1,
        }
        estimates[name] = row | dict.fromkeys(KEYS, error)
    return Record(size, number, "ok", None, True, True, 0, estimates, {"EM": 0.01}, "agree")


class Here(Executor):
    """Runs what it is given in this very thread."""

    def submit(self, task: Any, /, *arguments: Any, **named: Any) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_result(task(*arguments, **named))
        return future


class Fragile(Here):
    """Breaks, as a process pool does, whenever it is given one of the guilty: all that is under way is lost with it."""

    def __init__(self, guilty: set[tuple[int, int]]) -> None:
        self.guilty = guilty
        self.broken = False

    def submit(self, task: Any, /, *arguments: Any, **named: Any) -> Future[Any]:
        if self.broken:
            raise BrokenExecutor
        if arguments[2:4] not in self.guilty:
            return super().submit(task, *arguments, **named)
        self.broken = True
        future: Future[Any] = Future()
        future.set_exception(BrokenExecutor("a worker died"))
        return future
