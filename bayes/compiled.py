"""A model compiled once, whose data and prior are arguments: every posterior in the suite is sampled from it.

Compiling a PyMC model costs more than sampling from it. Here the distinct observations, how often each occurs, and all
numbers in the prior are inputs of the compiled function, of any number of rows: it is compiled once for a model, and
found again on disk by every other process. The graph is that of ``build``.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytensor
import pytensor.tensor as pt
import xarray as xr
from pymc.logprob.utils import ParameterValueError
from pymc.pytensorf import join_nonshared_inputs

from models import Array, Data, Mixture, Model, Prior

from .build import any_point, bayesian_components, build_around, point, require_whole_weights
from .family import BayesianComponents
from .fused import Counted
from .native import native
from .nuts import Transitions, transitions
from .posterior import posterior_mixture
from .relabel import relabel
from .start import chosen_start
from .unconstrained import Unconstrained

_COMPILING = threading.Lock()


@dataclass(frozen=True)
class Draws:
    """Draws with leading axes ``(chain, draw)``: what a study looks at.

    ``log_likelihood``, shape ``(chain, draw)``, is the total of each draw in nats, ``divergences`` how many transitions
    after tuning diverged, and ``seconds`` how long each stage took.
    """

    mixture: Mixture
    log_likelihood: Array
    divergences: int
    seconds: dict[str, float]


class CompiledModel:
    """A mixture model whose posterior can be sampled for one data set after another.

    ``built`` is the PyMC model, around variables that stand for the data and the prior.
    """

    def __init__(self, model: Model) -> None:
        self.model = model
        self._family: BayesianComponents = bayesian_components[model.family]
        data = _any_data(model.dimension)
        prior = model.prior(data)
        packed = pytensor.shared(self._packed(data, prior), shape=(None,))
        counted, concentration, own = self._unpacked(packed, data, prior)
        components: Any = prior.components
        symbolic = replace(prior, concentration=concentration, components=replace(components, **own))
        self.built = build_around(counted, dict(self._family.coordinates(data)), model, symbolic)
        self._unconstrained = Unconstrained(self.built)
        shown = [*self.built.free_RVs, *self.built.deterministics, *self.built.potentials]
        self._shown = [variable.name for variable in shown]
        log_density = self.built.logp()
        values: Any = self.built.value_vars
        gradients: Any = pytensor.grad(log_density, values)
        gradient = pt.join(0, *[part.ravel() for part in gradients])
        example = self._unconstrained.point(any_point(model, prior))
        with _settings_of_compilers():
            self._log_density = _compiled(self.built, example, [log_density, gradient], packed)
            self._native = native(self._log_density)
            self._expand = _compiled(self.built, example, list(self.built.replace_rvs_by_values(shown)), packed)

    def unconstrained(self, mixture: Mixture, prior: Prior) -> Array:
        """A mixture in the coordinates that it is sampled in, all in one vector."""
        return self._unconstrained(point(mixture, self.model, prior))

    def log_density(self, data: Data, prior: Prior | None = None) -> Callable[[Array], tuple[float, Array]]:
        """Log-density and gradient of all unconstrained values in one vector, safe in many threads.

        The log-density is −∞ where a standard deviation is so far out that it is zero in doubles, which PyMC refuses.

        Raises
        ------
        ValueError
            When a row was seen a broken number of times.
        """
        packed = self._packed(data, prior or self.model.prior(data))

        def log_density(x: Array) -> tuple[float, Array]:
            try:
                value, gradient = self._log_density(x, packed)
            except ParameterValueError:
                return -np.inf, np.full_like(x, np.nan)
            return float(value), gradient

        return log_density

    def transitions(
        self,
        data: Data,
        prior: Prior,
        settings: dict[str, int],
        starts: Mixture | None = None,
        on_draw: Callable[[], None] | None = None,
    ) -> Transitions:
        """The chains in unconstrained values; ``starts`` are mixtures of which each chain draws one to start from.

        Raises
        ------
        ValueError
            As for :meth:`log_density`.
        """
        compressed = data.compress()

        def start(rng: np.random.Generator) -> Array:
            return self.unconstrained(chosen_start(starts, compressed, self.model, rng), prior)

        packed = self._packed(data, prior)
        return transitions(self._native, packed, self.model.free_parameters, start, settings, on_draw)

    def variables(self, unconstrained: Array, data: Data, prior: Prior) -> xr.Dataset:
        """Every variable of each draw, of draws of shape ``(chain, draw, p)``; ``x`` is the total log-likelihood."""
        packed = self._packed(data, prior)
        lead = unconstrained.shape[:2]
        expanded = [self._expand(x, packed) for x in unconstrained.reshape(-1, unconstrained.shape[-1])]
        variables = {}
        for name, values in zip(self._shown, zip(*expanded, strict=True), strict=True):
            dims = tuple(str(dim) for dim in self.built.named_vars_to_dims.get(name, ()))
            variables[name] = (("chain", "draw", *dims), np.array(values).reshape(*lead, *np.shape(values[0])))
        coordinates: dict[str, Any] = {
            "component": range(1, self.model.components + 1),
            **self._family.coordinates(data),
        }
        used = {dim for dims, _ in variables.values() for dim in dims}
        of_draws = {"chain": np.arange(lead[0]), "draw": np.arange(lead[1])}
        return xr.Dataset(
            variables, {**of_draws, **{name: list(coordinates[name]) for name in coordinates if name in used}}
        )

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
        rng, chosen = np.random.default_rng(seed), prior or self.model.prior(data)
        settings = {"draws": draws, "tune": tune, "chains": chains, "cores": cores, "seed": int(rng.integers(2**31))}
        began = time.perf_counter()
        frame = self.model.frame(data)
        framed, its_prior = frame.of_data(data), frame.of_prior(chosen)
        found = self.transitions(framed, its_prior, settings, None if starts is None else frame.of_mixture(starts))
        variables = self.variables(found.x, framed, its_prior)
        mixture = frame.back(posterior_mixture(variables, self.model))
        log_likelihood = variables["x"].to_numpy() + data.size * frame.log_volume
        seconds = {"sampling": time.perf_counter() - began}
        return Draws(mixture, log_likelihood, found.divergences, seconds)

    def _packed(self, data: Data, prior: Prior) -> Array:
        """All inputs besides the unconstrained values in one vector, its length and the number of distinct rows first."""
        require_whole_weights(data)
        counted = self._family.counted(data)
        own = [getattr(prior.components, name) for name in self._family.hyperparameters]
        pieces = [counted.x, counted.multiplicities, counted.offset, prior.concentration, *own]
        values = np.concatenate([np.ravel(piece) for piece in pieces])
        return np.concatenate([[len(values) + 2, len(counted.multiplicities)], values])

    def _unpacked(self, packed: Any, data: Data, prior: Prior) -> tuple[Counted, Any, dict[str, Any]]:
        """The same inputs as variables: data, concentration and the numbers in the components' prior."""
        rows, at = packed[1].astype("int64"), 2
        counted, names = self._family.counted(data), self._family.hyperparameters
        shapes = [(*np.shape(counted.x)[:-1], rows), (rows,), (), ()]
        shapes += [np.shape(getattr(prior.components, name)) for name in names]
        pieces = []
        for shape in shapes:
            size = pt.prod(pt.as_tensor(shape)) if rows in shape else int(np.prod(shape))
            pieces.append(packed[at : at + size].reshape(shape) if shape else packed[at])
            at = at + size
        return Counted(*pieces[:3]), pieces[3], dict(zip(names, pieces[4:], strict=True))


def compiled_model(model: Model) -> CompiledModel:
    """The compiled model, kept for as long as the process lives."""
    with _COMPILING:
        return _compiled_once(model)


@cache
def _compiled_once(model: Model) -> CompiledModel:
    return CompiledModel(model)


def _any_data(dimension: int) -> Data:
    """A simplex with its opposite corner: not constant in any feature, nor are two of them linearly dependent."""
    return Data.of(np.vstack([np.eye(dimension), np.zeros(dimension), 2 + np.arange(dimension)]))


def _compiled(built: Any, example: dict[str, Array], outputs: list[Any], packed: Any) -> Callable[..., Any]:
    """A pure function of all unconstrained values in one vector, shaped as the example, and of what is packed in another."""
    joined_outputs, joined = join_nonshared_inputs(example, outputs, built.value_vars)
    # PyMC lets the length of an axis change; here none does.
    lengths = {
        length: pt.constant(len(built.coords[name]), dtype=length.dtype) for name, length in built.dim_lengths.items()
    }
    given = packed.type()
    replaced: Any = pytensor.graph.clone_replace(joined_outputs, {**lengths, packed: given})
    function: Any = pytensor.function([joined, given], replaced, mode="NUMBA", on_unused_input="ignore")
    return function.vm.jit_fn  # type: ignore[no-any-return]


@contextmanager
def _settings_of_compilers() -> Iterator[None]:
    """Strict arithmetic, and what is generated beside PyTensor's other files: it would be left in the temporary folder.

    Relaxed arithmetic would come to other last digits in the process that compiles than in others (kernels.py).
    """
    config: Any = pytensor.config
    folder = config.generated_src_dir or str(Path(config.compiledir) / "generated")
    with config.change_flags(numba__fastmath=False, generated_src_dir=folder):
        yield
