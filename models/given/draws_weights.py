"""The weights among somebody else's draws: by name, by their sum of one, or as the one free share of two components."""

from __future__ import annotations

import numpy as np

from ..arrays import Array
from ..model import Model
from .stated_draws import StatedDraws

# CmdStan writes six to eight digits, and some programs compute in single precision.
ROUNDED = 1e-4


def weights_of(stated: StatedDraws, called: dict[str, str], model: Model) -> tuple[Array, tuple[str, ...]]:
    """Return weights of shape ``(chain, draw, k)`` that sum to one, and what is to be said of them.

    Raises
    ------
    ValueError
        When there are none, or when they are no shares of one.
    """
    k = model.components
    if not model.weights_are_free:
        return np.full((*stated.shape, k), 1 / k), ()
    if "weights" in called:
        return _shares(called["weights"], stated.variables[called["weights"]], k), ()
    name = _simplex(stated, called, k)
    note = f"{name!r} sums to one in each draw, and is taken for the weights."
    return _shares(name, stated.variables[name], k), (note,)


def _simplex(stated: StatedDraws, called: dict[str, str], k: int) -> str:
    """Return the one variable that nobody named whose numbers are shares of one in every draw."""
    others = [each for each in stated.variables if each not in called.values()]
    found = [each for each in others if _are_shares(stated.variables[each], k)]
    if len(found) != 1:
        raise ValueError(
            f"the posterior has no weights by any known name; its variables are "
            f"{', '.join(map(repr, stated.variables))}: say which they are with names, such as weights=theta."
        )
    return found[0]


def _shares(name: str, given: Array, k: int) -> Array:
    single = given.reshape(given.shape[:2]) if given.size == given.shape[0] * given.shape[1] else None
    if single is not None and k == 2:
        given = np.stack([single, 1 - single], axis=-1)
    if given.shape[2:] != (k,):
        raise ValueError(f"the posterior's {name} must have the shape (chain, draw, {k}), got {given.shape}.")
    bad = np.argwhere(~np.isfinite(given) | (given < -ROUNDED))
    if bad.size:
        chain, draw, _ = bad[0]
        raise ValueError(
            f"the posterior's {name} must be shares from 0 to 1, got {given[tuple(bad[0])]:g} in draw {draw + 1} of chain "
            f"{chain + 1}: give the weights themselves, not their logits."
        )
    totals = given.sum(axis=-1)
    off = np.abs(totals - 1)
    if off.max() > ROUNDED:
        chain, draw = np.unravel_index(int(np.argmax(off)), off.shape)
        raise ValueError(
            f"the posterior's {name} must sum to 1 in each draw, got {totals[chain, draw]:g} in draw {draw + 1} of chain "
            f"{chain + 1}."
        )
    shares = np.maximum(given, 0.0)
    return np.asarray(shares / shares.sum(axis=-1, keepdims=True))


def _are_shares(given: Array, k: int) -> bool:
    return given.shape[2:] == (k,) and bool((given >= 0).all() and (np.abs(given.sum(axis=-1) - 1) <= ROUNDED).all())
