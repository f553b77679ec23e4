"""The posterior by plain PyMC alone: what :class:`CompiledModel` comes to, compiled anew for every data set."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from pymc.logprob.utils import ParameterValueError

from models import DEFAULT_PRIOR, Array, Data, Mixture, Model, Prior, Tick

from .build import any_data, build, point
from .engine import Sampling, Unconstrained, plain_chains
from .engine import plain as by_pymc
from .posterior import posterior_mixture
from .sampler import PosteriorSampler, total_log_likelihood
from .start import chosen_start


class PlainModel(PosteriorSampler):
    """A mixture model as the textbook writes it, sampled by PyMC: it needs no private name of any library."""

    def __init__(
        self, model: Model, called: str = DEFAULT_PRIOR, exposed: bool = False, labelled: bool = False
    ) -> None:
        self.model, self.called = model, called
        data = any_data(model.dimension, exposed, labelled)
        self.built = build(data, model, model.prior(data, called), "textbook")
        self._unconstrained = Unconstrained(self.built)

    def log_density(self, data: Data, prior: Prior | None = None) -> Callable[[Array], tuple[float, Array]]:
        built = build(data, self.model, prior or self.model.prior(data, self.called), "textbook")
        function = built.logp_dlogp_function(ravel_inputs=True, **by_pymc.COMPILED)
        function.set_extra_values({})
        alone = Lock()

        def log_density(x: Array) -> tuple[float, Array]:
            try:
                with alone:
                    value, gradient = function(x)
            except ParameterValueError:
                return -np.inf, np.full_like(x, np.nan)
            return float(value), np.array(gradient)

        return log_density

    def variables(self, unconstrained: Array, data: Data, prior: Prior) -> xr.Dataset:
        built = build(data, self.model, prior, "textbook")
        shown = [variable for variable in built.unobserved_value_vars if variable not in built.value_vars]
        function = built.compile_fn(shown, inputs=built.value_vars, point_fn=False, **by_pymc.COMPILED)
        shapes = [np.shape(value) for value in built.initial_point(0).values()]
        ends = np.cumsum([int(np.prod(shape)) for shape in shapes])[:-1]

        def values(x: Array) -> list[Array]:
            parts = np.split(x, ends)
            found: list[Array] = function(*[part.reshape(shape) for part, shape in zip(parts, shapes, strict=True)])
            return found

        lead, rows = unconstrained.shape[:2], unconstrained.reshape(-1, unconstrained.shape[-1])
        names = [str(variable.name) for variable in shown]
        columns = [np.array(column) for column in zip(*map(values, rows), strict=True)]
        dims = {name: tuple(map(str, built.named_vars_to_dims.get(name, ()))) for name in names}
        return xr.Dataset(
            {
                name: (("chain", "draw", *dims[name]), column.reshape(*lead, *column.shape[1:]))
                for name, column in zip(names, columns, strict=True)
            }
        )

    def run(
        self, data: Data, prior: Prior, sampling: Sampling, starts: Mixture | None, on_draw: Tick | None
    ) -> tuple[xr.Dataset, dict[str, NDArray[Any]]]:
        built = build(data, self.model, prior, "textbook")
        rng, compressed = np.random.default_rng(sampling.seed), data.compress()
        chosen = [chosen_start(starts, compressed, self.model, rng) for _ in range(sampling.chains)]
        places = [point(start, self.model, prior) for start in chosen]
        variables, statistics = plain_chains(built, places, sampling, on_draw)
        log_likelihood = total_log_likelihood(posterior_mixture(variables, self.model), data)
        return variables.assign(x=(("chain", "draw"), log_likelihood)), statistics
