"""Somebody else's draws as a posterior: relabelled, summarised and diagnosed as the suite's own are."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from models import Array, Data, GivenDraws, Model, Prior

from .posterior import Posterior
from .relabel import relabel
from .sampler import total_log_likelihood

AXES = ("chain", "draw")


@dataclass(frozen=True)
class GivenPosterior:
    """Draws of another program.

    ``draws`` are as they came. ``posterior`` has them relabelled, with their log-likelihood by this suite's density. Its
    prior is the one that they are held against, and their own only if ``prior_is_stated``.

    Examples
    --------
    The second of four draws came with other labels than the rest:

    >>> import numpy as np
    >>> from bayes import given_posterior
    >>> from models import Data, GivenDraws, Model, StatedDraws
    >>> rates = np.array([[[1.0, 9.0], [9.5, 1.5], [1.2, 8.0], [0.8, 10.0]]])
    >>> data, model = Data.of([0, 1, 1, 2, 8, 9, 9, 10]), Model("poisson", 2)
    >>> stated = StatedDraws.of({"weights": np.full((1, 4, 2), 0.5), "rates": rates})
    >>> given = given_posterior(GivenDraws.of(stated, model, data), data, model, model.prior(data), False)
    >>> given.orders[0].tolist(), given.switched
    ([[0, 1], [1, 0], [0, 1], [0, 1]], 0.25)
    """

    draws: GivenDraws
    posterior: Posterior
    prior_is_stated: bool

    @cached_property
    def as_given(self) -> dict[str, Array]:
        """Every parameter by its name, each of shape ``(chain, draw)``, under the labels that it came with."""
        return self.posterior.model.scalars(self.draws.mixture, self.posterior.data.columns)

    @cached_property
    def orders(self) -> NDArray[np.intp]:
        """For each draw the label that each component came with, shape ``(chain, draw, k)``."""
        # The components of a draw are the same ones before and after, so that they have the same ranks by location.
        before = np.argsort(self.draws.mixture.components.location(), axis=-1, kind="stable")
        ranks = np.argsort(np.argsort(self.posterior.mixture.components.location(), axis=-1, kind="stable"), axis=-1)
        return np.take_along_axis(before, ranks, axis=-1)

    @cached_property
    def usual_order(self) -> NDArray[np.intp]:
        """The labels that most draws came with, shape ``(k,)``."""
        orders, counts = np.unique(self.orders.reshape(-1, self.orders.shape[-1]), axis=0, return_counts=True)
        return np.asarray(orders[int(np.argmax(counts))])

    @property
    def switched(self) -> float:
        """The share of draws that came with other labels than most."""
        return float((self.orders != self.usual_order).any(axis=-1).mean())

    @cached_property
    def switched_chains(self) -> NDArray[np.float64]:
        """The share of such draws in each chain."""
        return np.asarray((self.orders != self.usual_order).any(axis=-1).mean(axis=1))

    @property
    def came_ascending(self) -> bool:
        """Whether the components of every draw came in ascending order, as a constraint makes them."""
        location = self.draws.mixture.components.location()
        return bool((np.diff(location, axis=-1) >= 0).all())


def given_posterior(draws: GivenDraws, data: Data, model: Model, prior: Prior, prior_is_stated: bool) -> GivenPosterior:
    """Relabel draws of another program, and recompute their log-likelihood.

    Parameters
    ----------
    draws
        The draws as they came, with leading axes ``(chain, draw)``.
    data, model
        What they are draws for.
    prior
        The prior that they are held against.
    prior_is_stated
        Whether it is the one that they were sampled under.

    Returns
    -------
    GivenPosterior
        The draws as they came, and as a posterior of this suite.

    Raises
    ------
    ValueError
        When the data are impossible under a draw.

    Examples
    --------
    >>> import numpy as np
    >>> from bayes import given_posterior
    >>> from models import Data, GivenDraws, Model, StatedDraws
    >>> rates = np.array([[[1.0, 9.0], [9.5, 1.5], [1.2, 8.0], [0.8, 10.0]]])
    >>> data, model = Data.of([0, 1, 1, 2, 8, 9, 9, 10]), Model("poisson", 2)
    >>> stated = StatedDraws.of({"weights": np.full((1, 4, 2), 0.5), "rates": rates})
    >>> given = given_posterior(GivenDraws.of(stated, model, data), data, model, model.prior(data), False)
    >>> given.posterior.mixture.components.rates[0].tolist()
    [[1.0, 9.0], [1.5, 9.5], [1.2, 8.0], [0.8, 10.0]]
    """
    log_likelihood = total_log_likelihood(draws.mixture, data)
    if not np.isfinite(log_likelihood).all():
        chain, draw = np.argwhere(~np.isfinite(log_likelihood))[0]
        raise ValueError(f"the data have no density under draw {draw + 1} of chain {chain + 1} of the posterior.")
    mixture = relabel(draws.mixture, data, log_likelihood)
    diverging = np.zeros(log_likelihood.shape, dtype=bool)
    # Nobody says where: what counts is how many.
    diverging.flat[: draws.stated.divergences or 0] = True
    of_draws = {"chain": np.arange(len(log_likelihood)), "draw": np.arange(log_likelihood.shape[1])}
    tree = xr.DataTree.from_dict({"sample_stats": xr.Dataset({"diverging": (AXES, diverging)}, of_draws)})
    posterior = Posterior(data, model, prior, tree, mixture, log_likelihood)
    return GivenPosterior(draws, posterior, prior_is_stated)
