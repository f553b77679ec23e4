"""From a recipe and a seed to a verdict, and a line for each in a file that a later run goes on with."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from bayes import Draws, Posterior, compiled_model, relabel, sample
from em import fit
from models import Data, Mixture, Model, Prior
from reports.comparing.hills import optima_of
from reports.comparing.side_by_side import Settings, SideBySide, side_by_side
from reports.judging.comparison import Comparison, judged
from reports.judging.difference import is_near
from tests.reports.gibbs import nothing_proved

from .recipe import Case, Recipe

# What `compare` takes unless told otherwise, but for starts and tuning, of which data of this size need less.
SETTINGS = Settings(starts=20, tune=500)
type Enough = Callable[[Posterior], bool]


@dataclass(frozen=True)
class Outcome:
    """What the verdict said of one data set; ``codes`` are separated by spaces."""

    recipe: str
    kind: str
    seed: int
    status: str
    codes: str
    right: bool
    seconds: float


def judge(recipe: Recipe, seed: int) -> Outcome:
    """Make the data set of that seed, fit and sample it, and ask for the verdict."""
    began = time.perf_counter()
    of_data, of_fits = np.random.default_rng([seed, *recipe.name.encode()]).spawn(2)
    found = compared(recipe.make(of_data), of_fits).verdict
    seconds = round(time.perf_counter() - began, 2)
    right = recipe.named_rightly(found.codes)
    return Outcome(recipe.name, recipe.kind, seed, found.status, " ".join(found.codes), right, seconds)


def compared(case: Case, rng: np.random.Generator, settings: Settings = SETTINGS) -> Comparison:
    """What ``compare`` comes to, without its proof that both sides are one model, on a model that is compiled once."""
    of_mle, of_map, of_posterior = rng.spawn(3)
    model, prior = case.model, case.prior or case.model.prior(case.data)
    what: dict[str, Any] = {"covariance": model.covariance, "mixing": model.mixing, "starts": settings.starts}
    mle = fit(case.data, model.family, model.components, **{**what, "seed": of_mle, **case.em})
    mode = fit(case.data, model.family, model.components, **what, estimate="map", prior=prior, seed=of_map)

    def both(posterior: Posterior) -> SideBySide:
        return side_by_side(mle, mode, posterior, nothing_proved(mle), settings)

    def enough(posterior: Posterior) -> bool:
        return not is_near(both(posterior))

    return judged(both(_posterior(case, model, prior, settings, optima_of(mle, mode), enough, of_posterior)))


def _posterior(
    case: Case,
    model: Model,
    prior: Prior,
    settings: Settings,
    optima: Mixture | None,
    enough: Enough,
    rng: np.random.Generator,
) -> Posterior:
    compiled = compiled_model(model, prior.called)
    sampling: dict[str, Any] = {"prior": prior, "draws": settings.draws, "tune": settings.tune}
    if case.modes is None:
        more: dict[str, Any] = {
            "chains": settings.chains,
            "seed": rng,
            "optima": optima,
            "max_draws": settings.most_draws,
            "until": enough,
        }
        return sample(case.data, **model.specification, **sampling, **more)
    halves = [
        compiled.sample(case.data, **sampling, chains=settings.chains // 2, seed=rng, starts=mode[None])
        for mode in case.modes
    ]
    return _as_posterior(_together(halves, case.data), case.data, model, prior)


def _together(halves: list[Draws], data: Data) -> Draws:
    """Chains that were sampled apart, relabelled as one posterior."""
    log_likelihood = np.concatenate([half.log_likelihood for half in halves])
    arrays = [half.mixture.arrays() for half in halves]
    joined = {name: np.concatenate([half[name] for half in arrays]) for name in arrays[0]}
    components = type(halves[0].mixture.components)
    mixture = Mixture(joined.pop("weights"), components(**joined))
    mixture = relabel(mixture, data.compress(), log_likelihood)
    return Draws(mixture, log_likelihood, sum(half.divergences for half in halves), {})


def _as_posterior(draws: Draws, data: Data, model: Model, prior: Prior) -> Posterior:
    diverging = np.zeros(draws.log_likelihood.size, bool)
    diverging[: draws.divergences] = True
    statistics = xr.Dataset({"diverging": (("chain", "draw"), diverging.reshape(draws.log_likelihood.shape))})
    tree = xr.DataTree.from_dict({"sample_stats": statistics})
    return Posterior(data, model, prior, tree, draws.mixture, draws.log_likelihood)


def judge_all(recipe: Recipe, seeds: range, path: Path) -> None:
    """Judge every data set that the file has no line for yet, and add one as soon as it is known."""
    done = {known.seed for known in read(path) if known.recipe == recipe.name}
    for seed in seeds:
        if seed not in done:
            add(judge(recipe, seed), path)


def read(path: Path) -> list[Outcome]:
    """Every outcome in the file; none when there is no file."""
    if not path.exists():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    exact: dict[str, Callable[[str], Any]] = {"seed": int, "right": lambda text: text == "True", "seconds": float}
    return [Outcome(**{name: exact.get(name, str)(text) for name, text in row.items()}) for row in rows]


def add(outcome: Outcome, path: Path) -> None:
    """One line more, in one write, so that two processes do not mix theirs."""
    line = io.StringIO()
    writer = csv.writer(line, lineterminator="\n")
    if not path.exists():
        writer.writerow([field.name for field in fields(Outcome)])
    writer.writerow(asdict(outcome).values())
    with path.open("a", newline="", encoding="utf-8") as file:
        file.write(line.getvalue())
