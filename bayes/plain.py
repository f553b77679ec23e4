"""The posterior by plain PyMC alone: what :class:`CompiledModel` comes to, compiled anew for every data set."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from pymc.logprob.utils import ParameterValueError

from models import DEFAULT_PRIOR, Array, Data, Mixture, Model, Prior

from .build import any_data, build, point
from .engine import Sampling, Tick, Unconstrained, plain_chains
from .engine import plain as by_pymc
from .posterior import posterior_mixture
from .sampler import PosteriorSampler, total_log_likelihood
from .start import chosen_start


class PlainModel(PosteriorSampler):
    """A mixture model as the textbook writes it, sampled by PyMC: it needs no private name of any library."""

    def __init__(self, model: Model, called: str = DEFAULT_PRIOR) -> None:
        self.model, self.called = model, called
        data = any_data(model.dimension)
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
