"""What stands in for the real thing: a posterior invented about EM's answer, names that do harm, a command typed here."""

from __future__ import annotations

from contextlib import chdir
from dataclasses import asdict
from functools import cached_property
from pathlib import Path

import numpy as np
import xarray as xr
from click.testing import CliRunner, Result
from scipy import stats

from bayes import Posterior, total_log_likelihood
from em import Fit, Status, fit
from models import Components, Data, Gaussian, Mixture, Model, Poisson, PoissonProduct
from reports.command_line import cli
from reports.comparing.equivalence import Equivalence
from reports.comparing.side_by_side import Settings
from reports.judging.comparison import Comparison
from reports.presenting.saved_as import OWN_FILES

# The files of a report of at most a million rows.
REPORT_FILES = tuple(name for name in OWN_FILES if name != "memberships.parquet")
HOSTILE_NAMES = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "$x$ \\frac{1}{2}",
    "a_b, c]",
    "long " * 60,
    "line\nfeed \x00\u202e 身長 🦉 &amp;",
)


class Invented(Comparison):
    """A comparison that compiles no model for the Pareto k of the normal distribution about the MLE: it is a sound one."""

    @cached_property
    def pareto_k(self) -> float:
        has_none = self.standard_errors.on_the_edge or self.mle.status is Status.COLLAPSED
        return float("nan") if has_none else 0.3


def typed(*arguments: str, folder: Path) -> Result:
    """What the command answers in a folder, without a process of its own, whose imports take longer than most answers."""
    with chdir(folder):
        return CliRunner().invoke(cli, arguments)


def invented(
    data: Data,
    model: Model,
    *,
    truth: Mixture | None = None,
    title: str | None = None,
    command: str | None = None,
    draws: int = 120,
    starts: int = 4,
    mle: Fit | None = None,
) -> Invented:
    """A comparison whose posterior is drawn around EM's answer, about as wide as a real one would be."""
    specification = {name: value for name, value in asdict(model).items() if name != "dimension"}
    mle = mle or fit(data, **specification, starts=starts)
    mode = fit(data, **specification, starts=starts, estimate="map")
    prior = model.prior(data)
    return Invented(
        data=data,
        model=model,
        prior=prior,
        mle=mle,
        map=mode,
        posterior=_posterior(data, model, mle, draws),
        equivalence=Equivalence((mle.log_likelihood, -9e4), (mle.log_likelihood, -9e4), 1e-9, 1e-5),
        truth=truth,
        settings=Settings(draws=draws, chains=2),
        seconds={"em": 0.1, "posterior": 1.0},
        title=title or data.name,
        command=command,
    )


def _posterior(data: Data, model: Model, mle: Fit, draws: int) -> Posterior:
    rng = np.random.default_rng(3)
    counts = mle.mixture.weights * data.size
    shape = (2, draws)
    weights = (
        rng.dirichlet(counts, size=shape) if model.weights_are_free else np.full((*shape, len(counts)), 1 / len(counts))
    )
    mixture = Mixture(weights, _components(mle.mixture.components, counts, shape, rng))
    tree = xr.DataTree.from_dict(
        {
            "sample_stats": xr.Dataset({"diverging": (("chain", "draw"), np.zeros(shape, bool))}),
            "relabelled_posterior": xr.Dataset(
                {
                    name: (("chain", "draw", *(f"{name}_{axis}" for axis in range(array.ndim - 2))), array)
                    for name, array in mixture.arrays().items()
                }
            ),
        }
    )
    return Posterior(data, model, model.prior(data), tree, mixture, total_log_likelihood(mixture, data))


def _components(around: Components, counts: np.ndarray, shape: tuple[int, int], rng: np.random.Generator) -> Components:
    if isinstance(around, Poisson):
        return Poisson(rng.gamma(around.rates * counts, 1 / counts, size=(*shape, len(counts))))
    if isinstance(around, PoissonProduct):
        seen = counts[:, None]
        return PoissonProduct(rng.gamma(around.rates * seen, 1 / seen, size=(*shape, *around.rates.shape)))
    assert isinstance(around, Gaussian)
    d = around.means.shape[1]
    means = np.stack(
        [
            rng.multivariate_normal(m, c / n, size=shape)
            for m, c, n in zip(around.means, around.covariances, counts, strict=True)
        ],
        axis=2,
    )
    covariances = np.stack(
        [
            stats.wishart(n + d, c / (n + d)).rvs(shape[0] * shape[1], random_state=rng).reshape(*shape, d, d)
            for c, n in zip(around.covariances, counts, strict=True)
        ],
        axis=2,
    )
    if np.all(around.covariances[0] == np.diag(np.diag(around.covariances[0]))):
        covariances = covariances * np.eye(d)
    return Gaussian(means, covariances)
