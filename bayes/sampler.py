"""What samples a model's posterior for one data set after another, whichever way the chains are run."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pymc as pm
import xarray as xr
from numpy.typing import NDArray

from models import Array, Data, Mixture, Model, Prior, Tick

from .build import point
from .engine import Sampling, Unconstrained
from .posterior import posterior_mixture
from .relabel import relabel


@dataclass(frozen=True)
class Draws:
    """Draws with leading axes ``(chain, draw)``: what a study looks at.

    ``mixture`` is the mixture of each draw, ``log_likelihood``, shape ``(chain, draw)``, its total in nats, ``divergences``
    how many transitions after tuning diverged, and ``seconds`` how long each stage took.

    Examples
    --------
    >>> from bayes import compiled_model
    >>> from models import Data, Model
    >>> data = Data.of([0, 1, 1, 2, 3, 8, 9, 9, 10, 12])
    >>> draws = compiled_model(Model("poisson", 2)).sample(data, draws=200, tune=200)
    >>> draws.mixture.components.rates.shape
    (2, 200, 2)
    >>> list(draws.seconds)
    ['sampling', 'relabelling']
    """

    mixture: Mixture
    log_likelihood: Array
    divergences: int
    seconds: dict[str, float]


@dataclass(frozen=True)
class Chains:
    """The chains after tuning, with the labels that they came with; leading axes are ``(chain, draw)``.

    ``variables`` are those of the PyMC model by name, ``mixture`` the mixture of every draw, ``log_likelihood`` its total
    in nats, all in the units of the data, and ``statistics`` those of the transitions. ``points``, shape
    ``(chain, draw, p)``, are where they were sampled, in the frame of the data, as far as the sampler says.
    """

    variables: xr.Dataset
    mixture: Mixture
    log_likelihood: Array
    statistics: dict[str, NDArray[Any]]
    points: Array | None = None

    @property
    def divergences(self) -> int:
        """The number of transitions that diverged."""
        return int(self.statistics["diverging"].sum())


class PosteriorSampler(ABC):
    """A mixture model whose posterior can be sampled for one data set after another; ``built`` is the PyMC model.

    ``model`` is what is sampled, and ``called`` is the name of the prior that it has.

    Examples
    --------
    The log-density that is sampled from, and its gradient, at a mixture:

    >>> import numpy as np
    >>> from bayes import compiled_model
    >>> from models import Data, Mixture, Model, Poisson
    >>> data, sampler = Data.of([0, 1, 1, 2, 8, 9]), compiled_model(Model("poisson", 2))
    >>> prior, mixture = sampler.model.prior(data), Mixture(np.array([0.6, 0.4]), Poisson(np.array([1.0, 9.0])))
    >>> value, gradient = sampler.log_density(data, prior)(sampler.unconstrained(mixture, prior))
    >>> gradient.shape
    (3,)
    """

    model: Model
    called: str
    built: pm.Model
    _unconstrained: Unconstrained

    def unconstrained(self, mixture: Mixture, prior: Prior) -> Array:
        """Return a mixture in the coordinates that it is sampled in, all in one vector."""
        return self._unconstrained(point(mixture, self.model, prior))

    @abstractmethod
    def log_density(self, data: Data, prior: Prior | None = None) -> Callable[[Array], tuple[float, Array]]:
        """Return log-density and gradient of all unconstrained values in one vector, safe in many threads.

        The log-density is −∞ where a standard deviation is so far out that it is zero in doubles, which PyMC refuses.

        Raises
        ------
        ValueError
            When a row was seen a broken number of times.
        """

    @abstractmethod
    def run(
        self, data: Data, prior: Prior, sampling: Sampling, starts: Mixture | None, on_draw: Tick | None
    ) -> tuple[xr.Dataset, dict[str, NDArray[Any]]]:
        """Run NUTS; return every variable after tuning, ``x`` being the total log-likelihood, and the statistics.

        ``unconstrained`` may be among the variables: the values that were sampled.
        """

    @abstractmethod
    def variables(self, unconstrained: Array, data: Data, prior: Prior) -> xr.Dataset:
        """Return every variable of each draw, for draws ``(chain, draw, p)``."""

    def chains(
        self,
        data: Data,
        prior: Prior,
        sampling: Sampling,
        starts: Mixture | None = None,
        on_draw: Tick | None = None,
    ) -> Chains:
        """Sample: this is the one path to every posterior of the suite.

        It runs in the frame of the data, where neither their units nor their origin can trouble the sampler.
        ``starts`` are mixtures of which each chain draws one to start from. ``on_draw`` is called for each draw of each
        chain, tuning included.

        Raises
        ------
        ValueError
            When a row was seen a broken number of times.
        """
        frame = self.model.frame(data)
        framed_starts = None if starts is None else frame.of_mixture(starts)
        framed, statistics = self.run(frame.of_data(data), frame.of_prior(prior), sampling, framed_starts, on_draw)
        mixture = frame.back(posterior_mixture(framed, self.model))
        log_likelihood = framed["x"].to_numpy() + data.size * frame.log_volume
        points = framed["unconstrained"].to_numpy() if "unconstrained" in framed else None
        variables = framed.drop_vars([*self.potentials, "unconstrained"], errors="ignore")
        written = variables if frame.is_identity else self.as_written(variables, mixture, prior)
        return Chains(written, mixture, log_likelihood, statistics, points)

    @property
    def potentials(self) -> list[str]:
        """The names of what is no variable: the log-likelihood, and densities that have no variable of their own."""
        return [str(potential.name) for potential in self.built.potentials] or ["x"]

    def as_written(self, framed: xr.Dataset, mixture: Mixture, prior: Prior) -> xr.Dataset:
        """Return variables from the frame as they are in the units of the data, where ``mixture`` holds the same draws."""
        named = {**mixture.arrays(), **point(mixture, self.model, prior)}
        return framed.assign(
            {name: (each.dims, np.reshape(named[str(name)], each.shape)) for name, each in framed.items()}
        )

    def sample(self, data: Data, *, prior: Prior | None = None, **settings: Any) -> Draws:
        """Sample and relabel, as :func:`bayes.sample` does; ``settings`` are those of :meth:`sample_unlabelled`.

        Raises
        ------
        ValueError
            When a row was seen a broken number of times.
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
            When a row was seen a broken number of times, or ``draws``, ``tune`` or ``chains`` are too few.
        """
        sampling = Sampling(draws, tune, chains, cores, own_seed(np.random.default_rng(seed)))
        began = time.perf_counter()
        found = self.chains(data, self.model.chosen_prior(prior or self.called, data), sampling, starts)
        seconds = {"sampling": time.perf_counter() - began}
        return Draws(found.mixture, found.log_likelihood, found.divergences, seconds)


def own_seed(rng: np.random.Generator) -> int:
    """Draw a seed for the sampler, which takes no generator."""
    return int(rng.integers(2**31))


def total_log_likelihood(mixture: Mixture, data: Data) -> Array:
    """Return the total log-likelihood of each draw in nats.

    Parameters
    ----------
    mixture
        Draws with leading axes.
    data
        The rows.

    Returns
    -------
    numpy.ndarray
        The total log-likelihood of each draw, in nats, in the shape of the leading axes.

    Examples
    --------
    >>> import numpy as np
    >>> from bayes import total_log_likelihood
    >>> from models import Data, Mixture, Poisson
    >>> draws = Mixture(np.full((3, 2), 0.5), Poisson(np.array([[1.0, 9.0], [2.0, 8.0], [3.0, 12.0]])))
    >>> total_log_likelihood(draws, Data.of([0, 1, 9, 10])).round(2)
    array([ -8.93, -10.46, -12.33])
    """
    flat, compressed = mixture.flatten(), data.compress()
    each = [flat[draw].expectation(compressed).log_likelihood for draw in range(len(flat.weights))]
    return np.reshape(each, mixture.weights.shape[:-1])
