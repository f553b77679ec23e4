r"""A comparison graded against the exact posterior, where there is one.

Whatever NUTS estimates from its draws has a Monte Carlo standard error. With $\hat q$ the estimate, $s$ this error and $q$
the exact value,

$$z = (\hat q - q) / s$$

is about standard normal when the sampler samples the posterior. Four is passed by chance once in sixteen thousand
quantities, so that a report of a few dozen has a larger one with a probability below one per cent.

Graded are what no labelling changes, the evidence by bridge sampling and the posterior predictive density at the data's
deciles, $\log \mathrm{E}[p(y \mid \theta) \mid x]$ (its error by the delta method: that of the mean density over the
density); the share of the mass of each hill, where there are several, against that of independent draws of the exact
posterior, which has an error of its own; and, where the parameters have an exact distribution by name, their means and
standard deviations. There the components *ascend* by location, both in the exact posterior and in the draws, which may
differ from the relabelled ones in the rest of the report where components overlap.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import xarray as xr
from arviz_stats import mcse

from bayes import Evidence, ExactPosterior, Posterior, evidence, exact_posterior, hills_of, places_of
from em import Fit
from models import AnyPrior, Array, Data, Model, Prior, Shown

LARGEST_Z = 4.0
# What is done unasked takes less than five seconds. The table of sums of two rates has no more cells than n times the total,
# and each costs a tenth of a microsecond, under the weak prior two; grading costs three microseconds for each state.
MOST_CELLS, MOST_STATES = 1e7, 5e5

# Of them the exact share of a hill has an error of a hundredth at most.
EXACT_DRAWS = 4000


class NoExactPosteriorError(ValueError):
    """There is no exact posterior of this model and these data, or it is out of reach.

    Examples
    --------
    >>> from reports import NoExactPosteriorError, compare
    >>> try:
    ...     compare([0, 1, 1, 2, 3, 8, 9, 9, 10, 12], "poisson", 3, exact=True)
    ... except NoExactPosteriorError as error:
    ...     print(error)
    exact does not apply: ...
    """


@dataclass(frozen=True, repr=False)
class ExactGrade(Shown):
    """What the sampler and EM have to show beside the exact posterior.

    ``parameters`` has a row for each parameter, of components that ascend: exact mean and sd, those of the draws with
    their Monte Carlo errors and z, the MLE and the exact probability below it; it is ``None`` where parameters have no
    exact distribution by name, and ``problem`` says so. ``predictive`` has a row for each place, and ``hills`` one for each
    hill: its share and the exact one with their errors, and z. ``evidence`` is that by bridge sampling, ``None`` where there
    is none, and ``exact_evidence`` the exact one, both log p(x) in nats.

    Examples
    --------
    >>> from reports import compare
    >>> x = [0, 1, 1, 2, 3, 8, 9, 9, 10, 12]
    >>> both = compare(x, "poisson", 2, draws=500, chains=2, starts=10, seed=0)
    >>> both.exact.passed
    True
    >>> bool(abs(both.exact.parameters["z_mean"]).max() < 4)
    True
    """

    exact_evidence: float
    evidence: Evidence | None
    evidence_problem: str | None
    parameters: pd.DataFrame | None
    problem: str | None
    predictive: pd.DataFrame
    hills: pd.DataFrame = field(default_factory=pd.DataFrame)

    def _said(self) -> Iterator[str]:
        yield self.sentence
        if self.problem:
            yield self.problem

    @property
    def z(self) -> dict[str, float]:
        """How far each graded quantity is from the exact one, in Monte Carlo standard errors."""
        found = {f"log-density at {place}": value for place, value in self.predictive["z"].items()}
        found |= {f"share of hill {number}": row["z"] for number, row in self.hills.iterrows()}
        if self.evidence is not None:
            found["log evidence"] = (self.evidence.log_evidence - self.exact_evidence) / self.evidence.standard_error
        if self.parameters is not None:
            for what in ("mean", "sd"):
                column = self.parameters[f"z_{what}"].dropna()
                found |= {f"{what} of {name}": value for name, value in column.items()}
        return {name: float(value) for name, value in found.items()}

    @property
    def passed(self) -> bool:
        """Whether every graded quantity is within four Monte Carlo standard errors."""
        return all(abs(value) <= LARGEST_Z for value in self.z.values())

    @property
    def sentence(self) -> str:
        """The result in words."""
        z = self.z
        worst = max(z, key=lambda name: abs(z[name]))
        figure = f"{abs(z[worst]):.1f} Monte Carlo standard errors from the exact value"
        if self.passed:
            return f"The sampler passes: all {len(z)} graded quantities are at most {figure} ({worst})."
        beyond = sum(abs(value) > LARGEST_Z for value in z.values())
        return (
            f"The sampler fails: {beyond} of {len(z)} graded quantities are more than {LARGEST_Z:g} Monte Carlo standard "
            f"errors from the exact value; the {worst} is {figure}."
        )


def exact_of(data: Data, model: Model, prior: AnyPrior | None) -> ExactPosterior:
    """Compute the exact posterior, or raise :class:`NoExactPosteriorError` when there is none within reach.

    Unless given, the prior is one under which there is one.

    Raises
    ------
    NoExactPosteriorError
        When there is none, in one sentence.
    """
    try:
        return exact_posterior(
            data, model.family, model.components, covariance=model.covariance, mixing=model.mixing, prior=prior
        )
    except ValueError as error:
        raise NoExactPosteriorError(f"exact does not apply: {error}") from None


def exact_at_once(data: Data, model: Model, prior: Prior) -> ExactPosterior | None:
    """Return the exact posterior where there is one, and it takes less than five seconds by the number of its states."""
    if model.counts and data.size * float(data.values[:, 0] @ data.weights) > MOST_CELLS:
        return None
    try:
        found = exact_of(data, model, prior)
    except NoExactPosteriorError:
        return None
    return found if len(found.states.probabilities) <= MOST_STATES else None


def grade(posterior: Posterior, exact: ExactPosterior, mle: Fit, rng: np.random.Generator) -> ExactGrade:
    """Hold draws and the maximum-likelihood estimate against the exact posterior of the same data, model and prior."""
    bridged = _evidence(posterior, rng)
    rng_hills = rng.spawn(1)[0]
    parameters = _parameters(posterior, exact, mle)
    return ExactGrade(
        exact.evidence,
        None if isinstance(bridged, str) else bridged,
        bridged if isinstance(bridged, str) else None,
        None if isinstance(parameters, str) else parameters,
        parameters if isinstance(parameters, str) else None,
        _predictive(posterior, exact),
        _hills(posterior, exact, rng_hills),
    )


def _evidence(posterior: Posterior, rng: np.random.Generator) -> Evidence | str:
    try:
        return evidence(posterior, rng)
    except ValueError as error:
        return str(error)


def _parameters(posterior: Posterior, exact: ExactPosterior, mle: Fit) -> pd.DataFrame | str:
    try:
        marginals = exact.marginals
    except ValueError as error:
        return str(error)
    model, columns = posterior.model, posterior.data.columns
    draws = model.scalars(posterior.mixture.ascending(), columns)
    estimates = model.scalars(mle.mixture.ascending(), columns)
    rows = {}
    for name, marginal in marginals.items():
        estimate = float(estimates[name])
        rows[name] = {
            "exact_mean": marginal.mean,
            "exact_sd": marginal.sd,
            **_graded(draws[name], marginal.mean, marginal.sd),
            "mle": estimate,
            "share_below_mle": marginal.distribution(estimate),
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("parameter")


def _graded(draws: Array, mean: float, sd: float) -> dict[str, float]:
    """Return mean and standard deviation of draws ``(chain, draw)``, their Monte Carlo errors, and how far off they are."""
    found = {"mean": float(draws.mean()), "sd": float(draws.std(ddof=1))}
    # Without a variance neither has an error that could be told.
    finite = np.isfinite(sd)
    for what, value in (("mean", mean), ("sd", sd)):
        error = float(mcse(draws, method=what)) if finite else np.nan
        found |= {f"mcse_{what}": error, f"z_{what}": (found[what] - value) / error}
    return found


def _predictive(posterior: Posterior, exact: ExactPosterior) -> pd.DataFrame:
    """Return the predictive density at the deciles of the data, equal ones once."""
    deciles = places_of(posterior.data).distinct()
    places, exposure = deciles.values, deciles.exposure
    density = xr.DataArray(np.exp(posterior.mixture.log_density(places, exposure)), dims=("chain", "draw", "place"))
    mean = density.mean(("chain", "draw")).to_numpy()
    error = mcse(density.to_dataset(name="density"), method="mean")["density"].to_numpy() / mean
    known = exact.log_density(places, exposure)
    named = [", ".join(f"{value:.4g}" for value in place) for place in places]
    return pd.DataFrame(
        {"exact": known, "estimate": np.log(mean), "mcse": error, "z": (np.log(mean) - known) / error},
        index=pd.Index(named, name="place"),
    )


def _hills(posterior: Posterior, exact: ExactPosterior, rng: np.random.Generator) -> pd.DataFrame:
    """Return the share of each hill and the exact one; no rows where there is one hill alone."""
    if not posterior.hills:
        return pd.DataFrame()
    owner = hills_of(posterior, exact.sample(EXACT_DRAWS, rng))
    exact_share = np.bincount(owner, minlength=len(posterior.hills)) / EXACT_DRAWS
    # One draw more on either side keeps the error of none from being nothing.
    smoothed = (exact_share * EXACT_DRAWS + 1) / (EXACT_DRAWS + 2)
    exact_error = np.sqrt(smoothed * (1 - smoothed) / EXACT_DRAWS)
    share, error = (np.array([getattr(hill, name) for hill in posterior.hills]) for name in ("share", "share_error"))
    return pd.DataFrame(
        {
            "exact": exact_share,
            "exact_error": exact_error,
            "share": share,
            "error": error,
            "z": (share - exact_share) / np.hypot(error, exact_error),
        },
        index=pd.RangeIndex(1, len(share) + 1, name="hill"),
    )
