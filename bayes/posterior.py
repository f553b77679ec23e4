"""A posterior: the draws as PyMC made them, the draws relabelled, and what they say about every parameter."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr
from arviz_base import rcParams
from arviz_stats.base import array_stats
from numpy.typing import NDArray

from models import Array, Data, Mixture, Model, Predicts, Prior, Shown, in_digits, labels_in_words, number
from models.units import units_in_words
from models.upward import drawn

from .build import bayesian_components
from .settled import LARGEST_R_HAT, LARGEST_UNCLEAR, SMALLEST_ESS, places_of, unclear_labels

if TYPE_CHECKING:
    import pandas as pd

    from models.upward import Axes

    from .hill import Hill

PROBABILITY = 0.95
# Without loss: the first bytes of all numbers come first, which are nearly the same ones.
COMPRESSED = {"compression": "gzip", "compression_opts": 4, "shuffle": True}
# Of a hill with so few draws of each chain, or so small a share of them, no R-hat can be told that would mean anything.
SMALLEST_SIZE, LIGHT = 20, 0.05


@dataclass(frozen=True, repr=False)
class Posterior(Shown, Predicts):
    """Posterior draws; ``predict`` and ``score`` say what they make of new rows, on average.

    ``tree`` holds the groups posterior (as sampled), relabelled_posterior, log_likelihood, posterior_predictive,
    sample_stats and observed_data. ``mixture`` is the relabelled posterior with leading axes ``(chain, draw)``, and
    ``log_likelihood``, shape ``(chain, draw)``, the total log-likelihood of each draw in nats.

    Where there are several ``hills``, the heaviest first, each has its share of every chain, and ``owner``, shape
    ``(draw,)``, says on which each draw lies, in all chains alike. Where there is one, ``hills`` is empty and ``owner``
    is ``None``.

    Examples
    --------
    >>> from bayes import sample
    >>> x = [0, 1, 1, 2, 3, 8, 9, 9, 10, 12]
    >>> posterior = sample(x, "poisson", 2, draws=500, chains=2, seed=0)
    >>> posterior.predict([0, 15]).tolist()
    [0, 1]
    >>> list(posterior.tree["posterior"].data_vars)
    ['weights', 'rates']
    """

    data: Data
    model: Model
    prior: Prior
    tree: xr.DataTree
    mixture: Mixture
    log_likelihood: Array
    hills: tuple[Hill, ...] = ()
    owner: NDArray[np.intp] | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """A name for each of the d features."""
        return self.data.columns

    @property
    def exposure_column(self) -> str | None:
        """The name of the exposure, ``None`` where there was none."""
        return self.data.exposure_column if self.data.is_exposed else None

    @property
    def chains(self) -> int:
        """The number of chains."""
        return int(self.log_likelihood.shape[0])

    @property
    def draws(self) -> int:
        """The number of draws of each chain."""
        return int(self.log_likelihood.shape[1])

    @property
    def divergences(self) -> int:
        """How many transitions after tuning diverged."""
        return int(self.tree["sample_stats"]["diverging"].sum())

    @cached_property
    def scalars(self) -> dict[str, Array]:
        """Every free parameter by its name, each of shape ``(chain, draw)``, after relabelling."""
        return self.model.scalars(self.mixture, self.data.columns)

    @cached_property
    def summary(self) -> pd.DataFrame:
        """The table has each parameter's mean, median, sd, 95 % interval, R-hat, effective sizes and Monte Carlo error."""
        return summarise(self.scalars, self.owner)

    @cached_property
    def label_invariant(self) -> pd.DataFrame:
        """The table of what no relabelling can change: the log-likelihood, and the log-density at nine places."""
        return summarise(self.label_invariant_scalars, self.owner)

    @cached_property
    def to_settle(self) -> list[pd.DataFrame]:
        """The tables of what has to settle: what no labels can change, and where labels are clear the parameters."""
        clear = unclear_labels(self.mixture, self.data) <= LARGEST_UNCLEAR
        return [self.label_invariant, *([self.summary] if clear else [])]

    @cached_property
    def warnings(self) -> list[str]:
        """What keeps the draws from being trusted, one sentence each; empty when nothing does."""
        both = {"parameters": self.summary, "label-invariant quantities": self.label_invariant}
        found = [] if self.divergences == 0 else [f"{self.divergences} transitions diverged after tuning."]
        for what, table in both.items():
            # A quantity that never moves has no R-hat.
            r_hat = table["r_hat"].fillna(np.inf)
            worst, at = r_hat.max(), str(r_hat.idxmax())
            if np.isinf(worst):
                found.append(
                    f"The chains disagree on the {what}: {at} does not vary within them, so that it has no R-hat."
                )
            elif worst > LARGEST_R_HAT:
                found.append(
                    f"The chains disagree on the {what}: R-hat is {worst:.3f} for {at}, above {LARGEST_R_HAT}."
                )
            sizes = table[["ess_bulk", "ess_tail"]].min(axis=1)
            if not sizes.min() >= SMALLEST_ESS:
                found.append(
                    f"The draws carry little information on the {what}: the effective sample size is "
                    f"{sizes.min():.0f} for {sizes.idxmin()}, below {SMALLEST_ESS}."
                )
        return found

    def save(self, path: Path | str) -> None:
        """Write the tree as one NetCDF file, which ``az.from_netcdf`` and xarray read back."""
        # HDF5 itself does not survive a full disk: it ends the process, or goes on without a word.
        written = BytesIO()
        named = {group.path: dict.fromkeys(group.data_vars, COMPRESSED) for group in self.tree.subtree}
        self.tree.to_netcdf(written, engine="h5netcdf", encoding=named)
        Path(path).write_bytes(written.getvalue())

    @cached_property
    def label_invariant_scalars(self) -> dict[str, Array]:
        """Log-likelihood and log-density at nine places by name, each of shape ``(chain, draw)``."""
        places = places_of(self.data)
        density = self.mixture.log_density(places.values, places.exposure)
        named = {f"log_density[{i + 1}]": density[..., i] for i in range(places.rows)}
        return {"log_likelihood": self.log_likelihood, **named}

    def plot(self, feature: int | None = None, *, ax: Axes | None = None) -> Axes:
        """Draw the data and the posterior's density: two features as a scatter, otherwise one, the first unless given.

        Here and below ``ax`` are the axes to draw on, new ones unless given; they are returned. ArviZ draws ``tree``.
        """
        if feature is None and self.model.dimension == 2:
            return drawn(ax, "band_in_the_plane", self)
        return drawn(ax, "band", self, feature or 0)

    def plot_parameters(self, kind: str | None = None, *, ax: Axes | None = None) -> Axes:
        """Draw mean and 95 % interval of a kind of parameters, ``"weights"`` or another; unless given the means or rates.

        Raises
        ------
        ValueError
            When there are no parameters of that kind.
        """
        return drawn(ax, "posterior_intervals", self, kind)

    def plot_traces(self, *, ax: Axes | None = None) -> Axes:
        """Draw the log-likelihood of each chain's draws, one after the other."""
        return drawn(ax, "chain_traces", self)

    def plot_ranks(self, *, ax: Axes | None = None) -> Axes:
        """Draw how each chain's draws of the log-likelihood rank among all draws: level when the chains agree."""
        return drawn(ax, "chain_ranks", self)

    def plot_prior(self, feature: int = 0, *, seed: int = 0, ax: Axes | None = None) -> Axes:
        """Draw what the prior expects of a feature under the data."""
        return drawn(ax, "prior", self, feature, seed)

    def describe(self) -> str:
        """Return one line: model, draws and whether they can be trusted."""
        trust = "no warnings" if not self.warnings else f"{len(self.warnings)} warnings"
        return (
            f"Posterior of a {self.model.components}-component {self.model.family} mixture: "
            f"{self.chains} chains of {self.draws} draws, {trust}"
        )

    def _shown(self) -> pd.DataFrame:
        """Return the summary as text, to the digits that the standard deviations justify."""
        shown = in_digits(self.summary, self.summary["sd"], {"r_hat": 3, "ess_bulk": 0, "ess_tail": 0})
        # An error of a mean that is many times smaller than the sd has two digits of its own.
        shown["mcse_mean"] = [number(error, error) for error in self.summary["mcse_mean"]]
        return shown

    def _said(self) -> Iterator[str | pd.DataFrame]:
        yield self.describe()
        yield from labels_in_words(self.data)
        yield from (f"WARNING: {sentence}" for sentence in self.warnings)
        yield self._shown()
        yield from units_in_words(self.data)


def summarise(scalars: dict[str, Array], owner: NDArray[np.intp] | None = None) -> pd.DataFrame:
    """Return mean, median, sd, 95 % equal-tailed interval, R-hat, ESS and Monte Carlo error of arrays ``(chain, draw)``.

    With an ``owner``, the hill of each draw, R-hat is the largest of those between the chains of one hill.

    Parameters
    ----------
    scalars
        The draws of each quantity by its name, each of shape ``(chain, draw)``.
    owner
        The hill on which each draw lies, shape ``(draw,)``, in all chains alike; ``None`` where there is one hill alone.

    Returns
    -------
    pandas.DataFrame
        A row for each quantity; all but R-hat and the two effective sample sizes are in its own units.

    Examples
    --------
    >>> import numpy as np
    >>> from bayes import summarise
    >>> drawn = np.random.default_rng(0).normal(50, 3, (4, 1000))
    >>> summarise({"height": drawn}).loc["height", ["mean", "sd", "upper"]].round().to_dict()
    {'mean': 50.0, 'sd': 3.0, 'upper': 56.0}
    """
    import pandas as pd

    draws = np.array(list(scalars.values()))
    tail, each = (1 - PROBABILITY) / 2, (1, 2)
    # The functions on arrays are those that `az.summary` comes to, without labels to align for each of them.
    with np.errstate(invalid="ignore"):
        columns = {
            "mean": draws.mean(axis=each),
            "median": np.median(draws, axis=each),
            "sd": draws.std(axis=each, ddof=1),
            "lower": np.quantile(draws, tail, axis=each),
            "upper": np.quantile(draws, 1 - tail, axis=each),
            "mcse_mean": array_stats.mcse(draws, method="mean"),
            "r_hat": _r_hat(draws, owner),
            "ess_bulk": array_stats.ess(draws, method="bulk"),
            "ess_tail": array_stats.ess(draws, method="tail", prob=rcParams["stats.ci_prob"]),
        }
    return pd.DataFrame(columns, index=list(scalars)).rename_axis("parameter")


def _r_hat(draws: Array, owner: NDArray[np.intp] | None) -> Array:
    """Return the R-hat of arrays ``(quantity, chain, draw)``."""
    if owner is None:
        return np.asarray(array_stats.rhat(draws))
    hills, sizes = np.unique(owner, return_counts=True)
    large = hills[sizes >= max(SMALLEST_SIZE, LIGHT * len(owner))]
    if not large.size:  # draws strewn over many hills, on none of which chains can be compared
        return np.asarray(array_stats.rhat(draws))
    return np.max([array_stats.rhat(draws[..., owner == hill]) for hill in large], axis=0)


def posterior_mixture(draws: xr.Dataset, model: Model) -> Mixture:
    """Return the mixture of every draw, with leading axes ``(chain, draw)``.

    Parameters
    ----------
    draws
        The variables of the PyMC model by name, with the dimensions ``chain`` and ``draw``.
    model
        What was sampled.

    Returns
    -------
    Mixture
        The mixtures, under the labels that the draws came with.

    Examples
    --------
    >>> import numpy as np
    >>> from bayes import posterior_mixture, sample
    >>> x = [0, 1, 1, 2, 3, 8, 9, 9, 10, 12]
    >>> posterior = sample(x, "poisson", 2, draws=500, chains=2, seed=0)
    >>> as_sampled = posterior_mixture(posterior.tree["posterior"].to_dataset(), posterior.model)
    >>> np.array_equal(as_sampled.ascending().components.rates, posterior.mixture.ascending().components.rates)
    True
    """
    components = bayesian_components[model.family].components(draws)
    lead = components.location().shape
    weights = draws["weights"].to_numpy() if model.weights_are_free else np.full(lead, 1 / model.components)
    return Mixture(weights, components)
