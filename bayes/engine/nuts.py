"""The No-U-Turn Sampler (Hoffman and Gelman 2014) of nutpie, on the log-density that PyMC derives from a model.

PyMC's own sampler spends a millisecond a draw on Python and on pipes between processes; nutpie's, in Rust, spends next to
nothing besides the log-density. It calls the very function that PyTensor compiled, which is found again on disk, where
nutpie's own way of compiling would begin anew in every process.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import pyarrow
from numpy.typing import NDArray

from models import Array, Tick

from .native import identity
from .private import nutpie_draws, nutpie_model, nutpie_sample
from .sampling import Sampling

POLL_SECONDS = 0.02
# The usual 0.8 makes the shortest trees. Small data with long-tailed variances let a handful of transitions diverge at it:
# these are sampled again with smaller steps.
TARGET_ACCEPT = 0.8
CAREFUL_TARGET_ACCEPT = 0.95
STATISTICS = {
    "diverging": "diverging",
    "n_steps": "n_steps",
    "depth": "tree_depth",
    "mean_tree_accept": "acceptance_rate",
    "step_size": "step_size",
    "energy": "energy",
    "logp": "lp",
}


@dataclass(frozen=True)
class Transitions:
    """Chains in unconstrained values ``x``, shape ``(chain, draw, dimension)``, and ``statistics`` ``(chain, draw)``."""

    x: Array
    statistics: dict[str, NDArray[Any]]

    @property
    def divergences(self) -> int:
        """How many transitions diverged."""
        return int(self.statistics["diverging"].sum())


def transitions(
    log_density: Any,
    packed: Array,
    dimension: int,
    start: Callable[[np.random.Generator], Array],
    sampling: Sampling,
    on_draw: Tick | None = None,
) -> Transitions:
    """Run the chains, and return their transitions after tuning.

    ``log_density`` is what :func:`native.native` returns, of points of this ``dimension``, and ``packed`` its second
    argument; ``start`` draws where one chain begins. ``on_draw`` is called for each draw of each chain, tuning included;
    what it raises, an interrupt above all, ends all chains.
    """

    def start_of_chain(of_chain: int) -> Array:
        return start(np.random.default_rng(of_chain))

    model = nutpie_model(
        compiled_logp_func=log_density,
        compiled_expand_func=identity(),
        initial_point_func=start_of_chain,
        user_data=packed,
        shared_data={},
        shared_var_keys={},
        n_expanded=dimension,
        shape_info=(["x"], [slice(0, dimension)], [(dimension,)]),
        logp_func=None,
        expand_func=None,
        dims={},
        _n_dim=dimension,
        _shapes={"x": (dimension,)},
        _coords={},
    )
    found = _run(model, sampling, TARGET_ACCEPT, on_draw)
    return found if found.divergences == 0 else _run(model, sampling, CAREFUL_TARGET_ACCEPT, None)


def _run(model: Any, sampling: Sampling, target_accept: float, on_draw: Tick | None) -> Transitions:
    done = [0] * sampling.chains

    def count(progress: list[Any]) -> None:
        done[:] = [chain.finished_draws for chain in progress]

    at_once = replace(sampling, cores=min(sampling.cores, sampling.chains))
    sampler = nutpie_sample(
        model,
        **asdict(at_once),
        target_accept=target_accept,
        return_raw_trace=True,
        progress_bar=False,
        progress_callback=count,
        progress_rate=100,
        blocking=False,
    )
    told = 0
    raw: Any = None
    try:
        while raw is None:
            try:
                raw = sampler.wait(timeout=POLL_SECONDS)
            except TimeoutError:
                told += _tell(sum(done) - told, on_draw)
        _tell(sampling.transitions - told, on_draw)
    except BaseException:
        sampler.cancel()
        raise
    return _transitions(*nutpie_draws(raw))


def _transitions(draws: list[Any], statistics: list[Any]) -> Transitions:
    """Read Arrow batches, one for each chain, and leave out the draws spent on tuning."""
    after = [~_column(batch, "tuning") for batch in statistics]
    x = [_column(batch, "x").reshape(len(kept), -1)[kept] for batch, kept in zip(draws, after, strict=True)]
    named = {
        ours: np.array([_column(batch, theirs)[kept] for batch, kept in zip(statistics, after, strict=True)])
        for theirs, ours in STATISTICS.items()
    }
    return Transitions(np.array(x), named)


def _column(batch: Any, name: str) -> NDArray[Any]:
    column = pyarrow.record_batch(batch).column(name)
    nested = pyarrow.types.is_list(column.type) or pyarrow.types.is_large_list(column.type)
    flat = column.flatten() if nested or pyarrow.types.is_fixed_size_list(column.type) else column
    return np.asarray(flat.to_numpy(zero_copy_only=False))


def _tell(draws: int, on_draw: Tick | None) -> int:
    for _ in range(draws):
        if on_draw is not None:
            on_draw()
    return draws
