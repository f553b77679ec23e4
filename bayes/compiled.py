"""A model compiled once, whose data are arguments: for the same model on thousands of data sets.

Compiling a PyMC model costs more than sampling from it. Here the distinct observations, how often each occurs, and those
parameters of the prior that are scaled from the data are inputs of the compiled function, of any number of rows: it is
compiled once for a model, and found again on disk by every other process. The graph is that of ``build``, and so are
the chains, their starts and their labels those of ``sample``; what is left out is what a study does not look at, the
pointwise log-likelihood and the replicated data.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
import pytensor
import xarray as xr
from pymc.pytensorf import join_nonshared_inputs

from models import Array, Data, Mixture, Model, Prior

from .build import bayesian_components, build_around, point, require_whole_weights
from .family import BayesianComponents
from .fused import Counted
from .nuts import transitions
from .posterior import posterior_mixture
from .relabel import relabel
from .start import chosen_start
from .unconstrained import to_unconstrained

_COMPILING = threading.Lock()


@dataclass(frozen=True)
class Draws:
    """Draws with leading axes ``(chain, draw)``.

    ``log_likelihood``, shape ``(chain, draw)``, is the total of each draw in nats, ``divergences`` how many transitions
    after tuning diverged, and ``seconds`` how long each stage took.
    """

    mixture: Mixture
    log_likelihood: Array
    divergences: int
    seconds: dict[str, float]


class CompiledModel:
    """A mixture model whose posterior can be sampled for one data set after another.

    Parameters
    ----------
    model
        The model.
    data
        Any data that the model can be fitted to; only the number and names of their features matter.
    """

    def __init__(self, model: Model, data: Data) -> None:
        self.model = model
        self._family: BayesianComponents = bayesian_components[model.family]
        self._fixed = self._not_scaled(model.prior(data))
        placeholders = [_placeholder(value, known) for value, known in self._arguments(data, model.prior(data))]
        prior = _with(model.prior(data), dict(zip(self._family.scaled_from_data, placeholders[3:], strict=True)))
        built = build_around(Counted(*placeholders[:3]), dict(self._family.coordinates(data)), model, prior)
        self._to_unconstrained = to_unconstrained(built)
        shown = [*built.free_RVs, *built.deterministics, *built.potentials]
        self._shown = [variable.name for variable in shown]
        log_density = built.logp()
        values: Any = built.value_vars
        gradients: Any = pytensor.grad(log_density, values)
        gradient = pytensor.tensor.join(0, *[part.ravel() for part in gradients])
        self._log_density = _compiled(built, [log_density, gradient], placeholders)
        self._expand = _compiled(built, list(built.replace_rvs_by_values(shown)), placeholders)

    def log_density(self, data: Data, prior: Prior | None = None) -> Callable[[Array], tuple[float, Array]]:
        """Log-density and gradient of all unconstrained values in one vector, safe in many threads.

        Raises
        ------
        ValueError
            When ``prior`` differs from the model's own in more than its scale, or a row was seen a broken number of times.
        """
        require_whole_weights(data)
        chosen = prior or self.model.prior(data)
        if self._not_scaled(chosen) != self._fixed:
            raise ValueError(f"prior must differ in {', '.join(self._family.scaled_from_data)} only.")
        arguments = [np.asarray(value, dtype=np.float64) for value, _ in self._arguments(data, chosen)]

        def log_density(x: Array) -> tuple[float, Array]:
            value, gradient = self._log_density(x, *arguments)
            return float(value), gradient

        return log_density

    def sample(self, data: Data, *, prior: Prior | None = None, **settings: Any) -> Draws:
        """Sample and relabel, as :func:`bayes.sample` does; ``settings`` are those of :meth:`sample_unlabelled`.

        Raises
        ------
        ValueError
            As for :meth:`log_density`.
        """
        sampled = self.sample_unlabelled(data, prior=prior, **settings)
        began = time.perf_counter()
        mixture = relabel(sampled.mixture, data.compress(), sampled.log_likelihood)
        return replace(
            sampled, mixture=mixture, seconds={**sampled.seconds, "relabelling": time.perf_counter() - began}
        )

    def sample_unlabelled(
        self,
        data: Data,
        *,
        prior: Prior | None = None,
        draws: int = 500,
        tune: int = 500,
        chains: int = 2,
        cores: int = 1,
        seed: int | np.random.Generator = 0,
        starts: Mixture | None = None,
    ) -> Draws:
        """Sample, and leave every draw with the labels it came with: for what does not depend on them.

        Raises
        ------
        ValueError
            As for :meth:`log_density`.
        """
        rng = np.random.default_rng(seed)
        chosen, compressed = prior or self.model.prior(data), data.compress()
        settings = {"draws": draws, "tune": tune, "chains": chains, "cores": cores, "seed": int(rng.integers(2**31))}

        def start(of_chain: np.random.Generator) -> Array:
            return self._to_unconstrained(
                point(chosen_start(starts, compressed, self.model, of_chain), self.model, chosen)
            )

        began = time.perf_counter()
        found = transitions(self.log_density(data, chosen), start, settings)
        variables = self._variables(found.x, data, chosen)
        mixture = posterior_mixture(variables, self.model)
        seconds = {"sampling": time.perf_counter() - began}
        return Draws(mixture, variables["x"].to_numpy(), found.divergences, seconds)

    def _variables(self, unconstrained: Array, data: Data, prior: Prior) -> xr.Dataset:
        """Every variable of each draw; ``x`` is the log-likelihood."""
        arguments = [np.asarray(value, dtype=np.float64) for value, _ in self._arguments(data, prior)]
        lead = unconstrained.shape[:2]
        expanded = [self._expand(x, *arguments) for x in unconstrained.reshape(-1, unconstrained.shape[-1])]
        variables = {}
        for name, values in zip(self._shown, zip(*expanded, strict=True), strict=True):
            array = np.array(values).reshape(*lead, *np.shape(values[0]))
            variables[name] = (("chain", "draw", *(f"{name}_{axis}" for axis in range(array.ndim - 2))), array)
        return xr.Dataset(variables)

    def _arguments(self, data: Data, prior: Prior) -> list[tuple[Any, bool]]:
        """The inputs besides the unconstrained values, each with whether its shape is always the same."""
        counted = self._family.counted(data)
        scaled = [(getattr(prior.components, name), True) for name in self._family.scaled_from_data]
        return [(counted.x, False), (counted.multiplicities, False), (counted.offset, True), *scaled]

    def _not_scaled(self, prior: Prior) -> dict[str, Any]:
        of_components = prior.components.parameters()
        kept = {name: value for name, value in of_components.items() if name not in self._family.scaled_from_data}
        return {"concentration": prior.concentration, **kept}


def compiled_model(model: Model, columns: tuple[str, ...]) -> CompiledModel:
    """The compiled model of data with these columns, kept for as long as the process lives."""
    with _COMPILING:
        return _compiled_once(model, columns)


@cache
def _compiled_once(model: Model, columns: tuple[str, ...]) -> CompiledModel:
    # A simplex with its opposite corner: not constant in any feature, nor are two of them linearly dependent.
    rows = np.vstack([np.eye(len(columns)), np.zeros(len(columns)), 2 + np.arange(len(columns))])
    return CompiledModel(model, Data.of(rows, columns=columns))


def _placeholder(value: Any, known: bool) -> Any:
    array = np.asarray(value, dtype=np.float64)
    return pytensor.shared(array, shape=array.shape if known else (None,) * array.ndim)


def _with(prior: Prior, scaled: dict[str, Any]) -> Prior:
    components: Any = prior.components
    return replace(prior, components=replace(components, **scaled))


def _compiled(built: Any, outputs: list[Any], placeholders: list[Any]) -> Callable[..., Any]:
    """A pure function of all unconstrained values in one vector and of what the placeholders stand for."""
    joined_outputs, joined = join_nonshared_inputs(built.initial_point(0), outputs, built.value_vars)
    inputs = [placeholder.type() for placeholder in placeholders]
    # PyMC lets the length of an axis change; here none does.
    lengths = {length: pytensor.tensor.constant(length.eval()) for length in built.dim_lengths.values()}
    known = {**lengths, **dict(zip(placeholders, inputs, strict=True))}
    replaced: Any = pytensor.graph.clone_replace(joined_outputs, known)
    function: Any = pytensor.function([joined, *inputs], replaced, mode="NUMBA", on_unused_input="ignore")
    return function.vm.jit_fn  # type: ignore[no-any-return]
