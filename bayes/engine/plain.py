"""Plain PyMC in place of the engine: any model, no private name, and slower."""

from __future__ import annotations

import warnings
from functools import cache
from typing import Any

import pymc as pm
import xarray as xr

from models import Array, Tick

from .nuts import CAREFUL_TARGET_ACCEPT, STATISTICS, TARGET_ACCEPT
from .sampling import Sampling

COMPILED: dict[str, Any] = {}
"""How PyMC's functions are compiled, as ``pm.sample`` takes it: as PyTensor does it by default."""


@cache
def say_that_it_is_slower(moved: str) -> None:
    """Warn, once for as long as the process lives, that a private name has moved."""
    warnings.warn(
        f"{moved} is not where emvsbayes looks for it: plain PyMC samples in place of the fast engine. The posterior is "
        "the same and takes longer; the versions in constraints.txt are fast.",
        stacklevel=2,
    )


def plain_chains(
    built: pm.Model, starts: list[dict[str, Array]], sampling: Sampling, on_draw: Tick | None = None
) -> tuple[xr.Dataset, dict[str, Array]]:
    """Run PyMC's own NUTS; return every variable of each draw after tuning, and the statistics of the transitions.

    ``starts`` has the values of the free variables where each chain begins. ``on_draw`` is called for each draw of each
    chain, tuning included; what it raises, an interrupt above all, ends all chains.
    """
    found = _run(built, starts, sampling, TARGET_ACCEPT, on_draw)
    if found["sample_stats"]["diverging"].any():
        found = _run(built, starts, sampling, CAREFUL_TARGET_ACCEPT, None)
    statistics = {name: found["sample_stats"][name].to_numpy() for name in STATISTICS.values()}
    return found["posterior"].to_dataset(), statistics


def _run(
    built: pm.Model,
    starts: list[dict[str, Array]],
    sampling: Sampling,
    target_accept: float,
    on_draw: Tick | None,
) -> Any:
    raised: list[BaseException] = []

    def tell(**_: Any) -> None:
        try:
            if on_draw is not None and not raised:
                on_draw()
        except BaseException as error:
            raised.append(error)
            raise

    # In one process: PyMC would fork beside the threads of others, or run the caller's script anew in each.
    with built:
        found = pm.sample(
            draws=sampling.draws,
            tune=sampling.tune,
            chains=sampling.chains,
            cores=1,
            random_seed=sampling.seed,
            initvals=starts,
            init="adapt_diag",
            nuts_sampler="pymc",
            target_accept=target_accept,
            callback=tell,
            progressbar=False,
            quiet=True,
            compute_convergence_checks=False,
            compile_kwargs=COMPILED,
        )
    # PyMC takes an interrupt for the wish to go on with the draws that it has.
    if raised:
        raise raised[0]
    if found["posterior"].sizes["draw"] < sampling.draws or found["posterior"].sizes["chain"] < sampling.chains:
        raise KeyboardInterrupt
    return found
