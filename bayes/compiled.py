"""A model compiled once, whose data and prior are arguments: every posterior in the suite is sampled from it.

Compiling a PyMC model costs more than sampling from it. Here the distinct observations, how often each occurs, and all
numbers in the prior are inputs of the compiled function, of any number of rows: it is compiled once for a model, and
found again on disk by every other process. The graph is that of ``build``.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import fields, replace
from functools import cache
from typing import Any

import numpy as np
import pytensor
import pytensor.tensor as pt
import xarray as xr
from numpy.typing import NDArray

from models import DEFAULT_PRIOR, Array, Data, Mixture, Model, Prior, Tick, require_whole_weights

from .build import any_data, any_point, bayesian_components, build_around
from .engine import CompiledGraph, Counted, Moved, Sampling, Transitions, Unconstrained, say_that_it_is_slower
from .family import BayesianComponents
from .labelled import counted_by_label
from .plain import PlainModel
from .sampler import PosteriorSampler
from .start import chosen_start, sloping

_COMPILING = threading.Lock()


class CompiledModel(PosteriorSampler):
    """A mixture model whose posterior can be sampled for one data set after another, compiled once.

    ``built`` is the PyMC model, around variables that stand for the data and the prior. :func:`compiled_model` makes it, and
    falls back on plain PyMC where this class cannot be made.

    Parameters
    ----------
    model
        What is sampled.
    called
        The name of the prior.
    exposed, labelled
        Whether the counts have exposures, and whether the labels of some rows are known.

    Raises
    ------
    Moved
        When a private name that the engine rides on is gone.

    Examples
    --------
    >>> from bayes import CompiledModel
    >>> from models import Data, Model
    >>> compiled = CompiledModel(Model("poisson", 1), "conjugate")
    >>> drawn = [compiled.sample(Data.of(x)).mixture.components.rates for x in ([3, 3, 6], [13, 13, 16])]
    >>> [round(float(rates.mean())) for rates in drawn]
    [4, 14]
    """

    def __init__(
        self, model: Model, called: str = DEFAULT_PRIOR, exposed: bool = False, labelled: bool = False
    ) -> None:
        self.model, self.called = model, called
        self._family: BayesianComponents = bayesian_components[model.family]
        data = any_data(model.dimension, exposed, labelled)
        prior = model.prior(data, called)
        packed = pytensor.shared(self._packed(data, prior), shape=(None,))
        counted, concentration, own = self._unpacked(packed, data, prior)
        components: Any = prior.components
        symbolic = replace(prior, concentration=concentration, components=replace(components, **own))
        self.built = build_around(counted, dict(self._family.coordinates(data)), model, symbolic)
        self._unconstrained = Unconstrained(self.built)
        self._graph = CompiledGraph(self.built, packed, self._unconstrained.point(any_point(model, prior)))

    def log_density(self, data: Data, prior: Prior | None = None) -> Callable[[Array], tuple[float, Array]]:
        packed = self._packed(data, self.model.chosen_prior(prior or self.called, data))
        return lambda x: self._graph.log_density(x, packed)

    def run(
        self, data: Data, prior: Prior, sampling: Sampling, starts: Mixture | None, on_draw: Tick | None
    ) -> tuple[xr.Dataset, dict[str, NDArray[Any]]]:
        found = self.transitions(data, prior, sampling, starts, on_draw)
        unconstrained = xr.Variable(("chain", "draw", "coordinate"), found.x)
        return self.variables(found.x, data, prior).assign(unconstrained=unconstrained), found.statistics

    def transitions(
        self,
        data: Data,
        prior: Prior,
        sampling: Sampling,
        starts: Mixture | None = None,
        on_draw: Tick | None = None,
    ) -> Transitions:
        """Run the chains, in unconstrained values; ``starts`` are mixtures of which each chain draws one to start from.

        Raises
        ------
        ValueError
            When a row was seen a broken number of times.
        """
        compressed, packed = data.compress(), self._packed(data, prior)

        def start(rng: np.random.Generator) -> Array:
            chosen = self.unconstrained(chosen_start(starts, compressed, self.model, rng), prior)
            return sloping(chosen, lambda x: self._graph.log_density(x, packed)[1], rng)

        return self._graph.transitions(packed, self.model.free_parameters, start, sampling, on_draw)

    def variables(self, unconstrained: Array, data: Data, prior: Prior) -> xr.Dataset:
        """Return every variable of each draw, for draws ``(chain, draw, p)``; ``x`` is the total log-likelihood."""
        packed = self._packed(data, prior)
        lead = unconstrained.shape[:2]
        of_chains = [self._graph.variables(chain, packed) for chain in unconstrained]
        variables = {}
        for name, values in zip(self._graph.names, zip(*of_chains, strict=True), strict=True):
            dims = tuple(str(dim) for dim in self.built.named_vars_to_dims.get(name, ()))
            variables[name] = (("chain", "draw", *dims), np.stack(values))
        coordinates: dict[str, Any] = {
            "component": range(1, self.model.components + 1),
            **self._family.coordinates(data),
        }
        used = {dim for dims, _ in variables.values() for dim in dims}
        of_draws = {"chain": np.arange(lead[0]), "draw": np.arange(lead[1])}
        return xr.Dataset(
            variables, {**of_draws, **{name: list(coordinates[name]) for name in coordinates if name in used}}
        )

    def _packed(self, data: Data, prior: Prior) -> Array:
        """Pack all inputs but the unconstrained values in one vector: its length, the number of distinct rows, the rest."""
        require_whole_weights(data)
        counted = counted_by_label(data, self.model.components, self._family)
        own = [getattr(prior.components, name) for name in _numbers_of(prior)]
        pieces = [counted.x, counted.multiplicities, counted.offset, *counted.rows, prior.concentration, *own]
        values = np.concatenate([np.ravel(piece) for piece in pieces])
        return np.concatenate([[len(values) + 2, len(counted.multiplicities)], values])

    def _unpacked(self, packed: Any, data: Data, prior: Prior) -> tuple[Counted, Any, dict[str, Any]]:
        """Take a packed vector apart: data, concentration and the numbers in the components' prior, as variables."""
        rows, at = packed[1].astype("int64"), 2
        counted, names = counted_by_label(data, self.model.components, self._family), _numbers_of(prior)
        shapes = [(*np.shape(counted.x)[:-1], rows), (rows,), (), *[() for _ in counted.rows], ()]
        shapes += [np.shape(getattr(prior.components, name)) for name in names]
        pieces = []
        for shape in shapes:
            size = pt.prod(pt.as_tensor(shape)) if rows in shape else int(np.prod(shape))
            pieces.append(packed[at : at + size].reshape(shape) if shape else packed[at])
            at = at + size
        own = 3 + len(counted.rows)
        of_labels = tuple(piece.astype("int64") for piece in pieces[3:own])
        x, multiplicities, offset = pieces[:3]
        return (
            Counted(x, multiplicities, offset, of_labels),
            pieces[own],
            dict(zip(names, pieces[own + 1 :], strict=True)),
        )


def _numbers_of(prior: Prior) -> list[str]:
    """Return the names of the numbers in the components' prior."""
    components: Any = prior.components
    return [field.name for field in fields(components) if field.name != "structure"]


def compiled_model(
    model: Model, called: str = DEFAULT_PRIOR, exposed: bool = False, labelled: bool = False
) -> PosteriorSampler:
    """Compile a model with the prior of that name once, for as long as the process lives.

    It is one for counts with exposures or not, and for data with known labels or not. Where the engine cannot do it, plain
    PyMC samples it.

    Parameters
    ----------
    model
        What is sampled.
    called
        The name of the prior.
    exposed, labelled
        Whether the counts have exposures, and whether the labels of some rows are known.

    Returns
    -------
    PosteriorSampler
        What samples the posterior for one data set after another; the same one whenever it is asked for.

    Examples
    --------
    >>> from bayes import compiled_model
    >>> from models import Data, Model
    >>> compiled = compiled_model(Model("poisson", 2))
    >>> for x in ([0, 1, 1, 8, 9, 9], [2, 3, 2, 14, 15, 11, 12]):
    ...     draws = compiled.sample(Data.of(x), draws=200, tune=200)
    ...     print(draws.log_likelihood.shape)
    (2, 200)
    (2, 200)
    >>> compiled_model(Model("poisson", 2)) is compiled
    True
    """
    with _COMPILING:
        return _compiled_once(model, called, exposed, labelled)


def compiled_for(data: Data, model: Model, called: str = DEFAULT_PRIOR) -> PosteriorSampler:
    """Return the :func:`compiled_model` that such data need."""
    return compiled_model(model, called, data.is_exposed, data.known is not None)


@cache
def _compiled_once(model: Model, called: str, exposed: bool, labelled: bool) -> PosteriorSampler:
    try:
        return CompiledModel(model, called, exposed, labelled)
    except Moved as moved:
        say_that_it_is_slower(str(moved))
        return PlainModel(model, called, exposed, labelled)
