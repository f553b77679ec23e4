"""Posterior draws from elsewhere: NetCDF as ArviZ writes it, Stan's CSV files, and what programs hold in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from models import Array, StatedDraws

from .cmdstan import read_cmdstan
from .dictionaries import about_file

_NETCDF = (".nc", ".nc4", ".netcdf", ".h5", ".hdf5")
_CHAINS = ("chain", "draw")
_WHAT = (
    "give a DataTree or InferenceData of ArviZ, a Dataset with the dimensions chain and draw, or a dictionary of arrays of "
    "shape (chain, draw, ...)"
)


def read_posterior(paths: Path | str | Sequence[Path | str]) -> StatedDraws:
    """Read posterior draws from one NetCDF file, or from Stan's CSV files, one for each chain.

    Parameters
    ----------
    paths
        A file, or several. A NetCDF file has the group ``posterior``, as ArviZ, PyMC and ``emvsbayes sample --out`` write
        it, and maybe ``log_likelihood`` and ``sample_stats``.

    Returns
    -------
    StatedDraws
        The variables under their own names, with leading axes ``(chain, draw)``.

    Raises
    ------
    ValueError
        When a file cannot be read, or holds no draws; one sentence that begins with the file.

    Examples
    --------
    >>> from bayes import sample
    >>> from reports import read_posterior
    >>> x = [0, 1, 1, 2, 3, 8, 9, 9, 10, 12]
    >>> sample(x, "poisson", 2, draws=500, chains=2, seed=0).save("draws.nc")
    >>> {name: values.shape for name, values in read_posterior("draws.nc").variables.items()}
    {'weights': (2, 500, 2), 'rates': (2, 500, 2)}
    """
    files = [Path(paths)] if isinstance(paths, (str, Path)) else list(map(Path, paths))
    if not files:
        raise ValueError("posterior must name at least one file.")
    with about_file(*files):
        return _posterior_in(files)


def draws_of(given: Any) -> StatedDraws:
    """Take posterior draws as programs hold them in memory.

    Parameters
    ----------
    given
        A ``DataTree`` or ``InferenceData`` of ArviZ, whose group ``posterior`` has the draws; an xarray ``Dataset`` of them;
        a dictionary of arrays of shape ``(chain, draw, ...)``; or a posterior of this suite.

    Raises
    ------
    ValueError
        When it is none of these.
    """
    if isinstance(given, StatedDraws):
        return given
    tree = getattr(given, "tree", given)
    if isinstance(tree, Mapping) and not isinstance(tree, (xr.DataTree, xr.Dataset)):
        if any(isinstance(value, Mapping) for value in tree.values()):
            raise ValueError(f"the posterior is a dictionary of dictionaries: {_WHAT}.")
        return StatedDraws.of(tree)
    groups = {name: found for name in _GROUPS if (found := _group(tree, name)) is not None}
    if isinstance(tree, xr.Dataset):
        groups["posterior"] = tree
    if "posterior" not in groups:
        raise ValueError(f"the posterior is of type {type(given).__name__}, without a group 'posterior': {_WHAT}.")
    return _of_groups(groups)


# What this suite saves beside the draws as sampled: the same ones, every draw with the labels that fit it best.
_RELABELLED = "relabelled_posterior"
_GROUPS = ("posterior", "log_likelihood", "sample_stats", _RELABELLED)


def _posterior_in(files: list[Path]) -> StatedDraws:
    if files[0].suffix.lower() not in _NETCDF:
        try:
            return read_cmdstan(files)
        except UnicodeDecodeError:
            raise ValueError("this is neither NetCDF, with a name that ends in .nc, nor text.") from None
    if len(files) > 1:
        raise ValueError("a NetCDF file holds all chains: give one.")
    return _netcdf(files[0])


def _netcdf(path: Path) -> StatedDraws:
    # Of a missing file the library below says something that nobody understands.
    path.stat()
    try:
        with xr.open_datatree(path, engine="h5netcdf") as tree:
            return draws_of(tree)
    except OSError:
        raise ValueError("this is no NetCDF file (version 4).") from None


def _group(tree: Any, name: str) -> xr.Dataset | None:
    found = tree.children.get(name) if isinstance(tree, xr.DataTree) else getattr(tree, name, None)
    if isinstance(found, xr.DataTree):
        return found.to_dataset()
    return found if isinstance(found, xr.Dataset) else None


def _of_groups(groups: dict[str, xr.Dataset]) -> StatedDraws:
    posterior = groups["posterior"]
    lacking = [axis for axis in _CHAINS if axis not in posterior.sizes]
    if lacking:
        raise ValueError(f"the group 'posterior' has no dimension {lacking[0]!r}.")
    log_likelihood, at, notes = _log_likelihood(groups.get("log_likelihood"), posterior)
    diverging = groups.get("sample_stats", xr.Dataset()).get("diverging")
    return StatedDraws.of(
        _arrays(groups.get(_RELABELLED, posterior)),
        log_likelihood=log_likelihood,
        at=at,
        divergences=None if diverging is None else int(diverging.sum()),
        notes=notes,
    )


def _arrays(group: xr.Dataset) -> dict[str, NDArray[Any]]:
    return {
        str(name): each.transpose(*_CHAINS, ...).to_numpy()
        for name, each in group.data_vars.items()
        if set(_CHAINS) <= set(each.dims) and each.dtype.kind in "biuf"
    }


def _log_likelihood(
    group: xr.Dataset | None, posterior: xr.Dataset
) -> tuple[Array | None, NDArray[np.intp] | None, tuple[str, ...]]:
    """Return the one log-likelihood, and the draws that it was kept for where these are not all."""
    if group is None:
        return None, None, ()
    found = _arrays(group)
    if len(found) != 1:
        names = ", ".join(map(repr, found)) or "nothing"
        return None, None, (f"the group 'log_likelihood' holds {names}, where one variable is wanted: it is left out.",)
    array = np.asarray(next(iter(found.values())), dtype=np.float64)
    array = array.reshape(*array.shape[:2], -1) if array.ndim > 2 else array
    if array.shape[1] == posterior.sizes["draw"]:
        return array, None, ()
    kept = np.flatnonzero(np.isin(posterior["draw"].to_numpy(), group["draw"].to_numpy()))
    if array.shape[0] != posterior.sizes["chain"] or len(kept) != array.shape[1]:
        return None, None, ("the log-likelihood in the file is of other draws than the posterior's: it is left out.",)
    return array, kept, ()
