"""Fit a mixture by EM and by Bayesian inference, hold the two side by side, and judge."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from bayes import ExactPosterior, Posterior, Sampling, require_draws_for_scores, sample
from em import Fit, beside, fit, require_estimate, starts_of
from models import (
    AnyPrior,
    Data,
    GivenLabels,
    Mixture,
    Model,
    Shown,
    in_digits,
    labels_in_words,
    observed,
    require_effort,
    require_whole_weights,
    usable_cores,
)
from models.units import units_in_words
from models.upward import report_document, write_report

from ..comparing.equivalence import prove_for
from ..comparing.exact import exact_at_once, exact_of, grade
from ..comparing.hills import optima_of
from ..comparing.sensitivity import other_priors
from ..comparing.side_by_side import MEASURES, Settings, SideBySide, side_by_side
from ..comparing.streams import streams
from ..reading.sources import Source
from ..running.patience import MOST_MINUTES, require_patience
from ..running.progress import Progress, Silence
from .difference import is_near
from .drawn import Drawn
from .verdict import Verdict, verdict


@dataclass(frozen=True, kw_only=True, repr=False)
class Comparison(Shown, Drawn):
    """Both fits side by side, and the verdict on them.

    ``mle`` and ``map`` are EM's estimates, ``em`` the one of them that is compared, and ``posterior`` has the draws;
    ``parameters`` is a table with a row for each free parameter, in its own units. ``equivalence`` is the proof that both
    work on one model, and ``exact`` the grade against the exact posterior, where there is one.

    ``seconds`` says how long each stage took; ``source`` says where the data can be read again, and ``command`` what makes
    the comparison again. What else follows from the fits is computed when it is first asked for; :func:`compare` asks for
    all that takes long.

    Examples
    --------
    >>> from reports import compare
    >>> x = [0, 1, 1, 2, 3, 8, 9, 9, 10, 12]
    >>> both = compare(x, "poisson", 2, draws=500, chains=2, starts=10, seed=0)
    >>> both.parameters.loc["rates[2]", ["mle", "mean", "sd"]].round().to_dict()
    {'mle': 9.0, 'mean': 9.0, 'sd': 1.0}
    >>> both.document()["verdict"]["status"] == both.verdict.status
    True
    """

    seconds: dict[str, float] = field(default_factory=dict)
    title: str = ""
    command: str | None = None
    source: Source | None = None

    @cached_property
    def verdict(self) -> Verdict:
        """Whether EM and Bayes agree, whether the model fits, and how much the data and the prior say."""
        return verdict(self)

    def document(self) -> dict[str, Any]:
        """Return everything that the page shows, as ``report.json`` holds it."""
        return report_document(self)

    def save(self, folder: Path | str, figures: str | None = None) -> Path:
        """Write the report into a folder, whole or not at all, and return the path of its page.

        An earlier report there gives way; other files stay, and a file of another's that is in the way is a ``ValueError``.
        ``figures`` may name a format, ``"svg"`` or ``"png"``, to have every figure as a file of its own as well.
        """
        return write_report(self, Path(folder), figures)

    def _shown(self) -> pd.DataFrame:
        """Return the table as text, to the digits that the posterior's standard deviations justify."""
        columns = ("truth", "given", "mle", "map", "mean", "sd", "lower", "upper", "r_hat", "shift")
        table = self.parameters[[column for column in columns if column in self.parameters]]
        return in_digits(table, table["sd"], {"r_hat": 3, "shift": 2})

    def in_words(self, phrased: Callable[[str], str] = str) -> Iterator[str | pd.DataFrame]:
        """Yield warnings, the answers with reasons and advice, and the table; ``phrased`` puts advice in other terms."""
        rounded = [found.sentence for found in self.audit.rounding]
        yield from (f"WARNING: {sentence}" for sentence in [*self.posterior.warnings, *rounded])
        yield from (self.verdict.front, "")
        yield from self.verdict.answers(phrased)
        if self.exact is not None:
            yield self.exact.sentence
        yield from labels_in_words(self.data)
        yield from ("", self._shown())
        yield from units_in_words(self.data)

    def _said(self) -> Iterator[str | pd.DataFrame]:
        yield from self.in_words()


def compare(
    x: ArrayLike | Data,
    family: str,
    components: int,
    *,
    covariance: str | None = None,
    mixing: str = "free",
    weights: ArrayLike | None = None,
    exposure: ArrayLike | None = None,
    known: GivenLabels | None = None,
    prior: AnyPrior | None = None,
    estimate: str = "mle",
    seed: int = 0,
    draws: int = 1000,
    tune: int = 1000,
    chains: int = 4,
    starts: int = 100,
    max_draws: int | None = None,
    max_minutes: float = MOST_MINUTES,
    truth: Mixture | None = None,
    given: Mixture | None = None,
    start: Any = None,
    title: str | None = None,
    command: str | None = None,
    exact: bool = False,
    source: Source | None = None,
    progress: Progress | None = None,
) -> Comparison:
    """Fit a mixture by EM and by Bayesian inference and compare the two.

    Parameters
    ----------
    x
        Observations of shape ``(n,)`` or ``(n, d)``.
    family, components, covariance, mixing, weights, exposure, known, prior
        The model, as in ``em.fit`` and ``bayes.sample``; both sides and the MAP estimate share one prior, given as
        such, by its parameters as ``report.json`` has them under ``model.prior``, or by its name, ``"weak"`` or
        ``"conjugate"``.
    estimate
        Which EM estimate is held against the posterior, ``"mle"`` or ``"map"``. Both are computed.
    seed
        The one seed that every random draw follows from.
    draws, tune, chains, starts
        How much to sample, and how many starts EM gets.
    max_draws
        While the draws are not enough, the chains go on, to this many draws of each at most; 16 times ``draws`` unless
        given.
    max_minutes
        How long the chains may be expected to take, in minutes; what takes longer has to be allowed.
    truth
        The mixture the data were simulated from, when it is known.
    given
        Somebody else's estimate, which tables and figures show beside EM's own; :func:`reports.validate` judges it.
    start
        Where EM starts, in any form that :meth:`models.Mixture.of` reads. Each estimate is then the end of the one run
        from there, and the report says how it stands to the best of the search over ``starts``.
    title, command
        What the report is called, and the command that makes it again.
    exact
        Whether to grade both sides against the exact posterior, which must be within reach. The prior is then, unless
        given, one that has an exact posterior: for Gaussians the conjugate one. Where the exact posterior takes less
        than five seconds this is done unasked.
    source
        Where the data can be read again, which :func:`reproduce` does.
    progress
        Shows every stage of the work, as progress bars do.

    Returns
    -------
    Comparison
        Both fits, the ``verdict``, figures such as ``plot_density()``, and ``save("folder")``, which writes the report.

    Raises
    ------
    ValueError
        When an argument or the data cannot be used; the message names it.
    reports.NoExactPosteriorError
        A ``ValueError``, before anything is fitted: ``exact`` was asked for, and the posterior is out of reach.
    models.UnfeasibleError
        A ``ValueError``, before anything is fitted: memory does not hold it, or it would take more than ``max_minutes``.
    reports.EquivalenceError
        When EM and PyMC turn out not to be the same model.

    Examples
    --------
    >>> from reports import compare
    >>> x = [0, 1, 1, 2, 3, 8, 9, 9, 10, 12]
    >>> both = compare(x, "poisson", 2, draws=500, chains=2, starts=10, seed=0)
    >>> both.verdict.status in ("agree", "differ", "undecided")
    True
    >>> both.equivalence.holds
    True
    >>> both.save("report").name
    'report.html'
    """
    data = observed(x, weights, exposure, known)
    model = Model.of(data, family, components, covariance, mixing)
    require_whole_weights(data)
    require_estimate(estimate)
    settings = Settings(seed, draws, tune, chains, starts, estimate, max_draws)
    require_effort(model.free_parameters, draws, tune, chains)
    require_draws_for_scores(draws, chains)
    progress = progress or Silence()
    require_patience(data, [model], Sampling(draws, tune, chains, usable_cores(), seed), max_minutes, progress)
    own = start if start is None or isinstance(start, Mixture) else Mixture.of(start, data)
    rng = streams(seed)
    seconds: dict[str, float] = {}
    solved: ExactPosterior | None = None
    if exact:
        with _timed("exact", seconds):
            solved = exact_of(data, model, prior)
    chosen = solved.prior if solved else model.chosen_prior(prior, data)
    specification = model.specification
    with _timed("em", seconds):
        step = progress.stage("EM: maximum likelihood", starts_of(model, starts))
        mle = _estimated(data, model, own, starts=starts, seed=rng.mle, on_start=lambda _: step())
        step = progress.stage("EM: maximum a posteriori", starts_of(model, starts))
        under = {"estimate": "map", "prior": chosen}
        mode = _estimated(data, model, own, **under, starts=starts, seed=rng.map, on_start=lambda _: step())
    with _timed("equivalence", seconds):
        step = progress.stage("Proof that both are one model", 1)
        equivalence = prove_for(mle, rng.equivalence)
        step()
    with _timed("posterior", seconds):
        step = progress.stage("NUTS", chains * (draws + tune))
        posterior = sample(
            data,
            **specification,
            prior=chosen,
            draws=draws,
            tune=tune,
            chains=chains,
            optima=optima_of(mle, mode),
            max_draws=settings.most_draws,
            until=lambda posterior: not is_near(side_by_side(mle, mode, posterior, equivalence, settings)),
            seed=rng.posterior,
            on_draw=step,
            on_longer=lambda more: progress.stage(f"NUTS, {more} draws", chains * (more + tune)),
        )
    if solved is None:
        with _timed("exact", seconds):
            solved = exact_at_once(data, model, chosen)
    graded = None
    if solved is not None:
        with _timed("exact grade", seconds):
            graded = grade(posterior, solved, mle, rng.grade)
    both = replace(side_by_side(mle, mode, posterior, equivalence, settings, truth, graded, given), start=own)
    with _timed("other priors", seconds):
        both = replace(both, under_others=_under_others(both, progress, rng.others))
    comparison = judged(both, seconds=seconds, title=title or data.name, command=command, source=source)
    with _timed("audit", seconds):
        step = progress.stage("Audit", len(MEASURES) + 1)
        for part in (*MEASURES, "verdict"):
            getattr(comparison, part)
            step()
    return comparison


def _estimated(data: Data, model: Model, start: Mixture | None, **said: Any) -> Fit:
    """Return the best of a search over starts, or the end of the run from a given start, beside that search."""
    if start is None:
        return fit(data, **model.specification, **said)
    of_estimate = {name: said[name] for name in ("estimate", "prior") if name in said}
    from_there = fit(data, **model.specification, **of_estimate, start=start)
    return beside(from_there, fit(data, **model.specification, **said))


def _under_others(both: SideBySide, progress: Progress, rng: np.random.Generator) -> dict[str, Posterior]:
    """Sample the posterior under another prior where the draws, weighted, do not bear to stand for it."""
    found: dict[str, Posterior] = {}
    weighed = both.sensitivity.alternatives if both.sensitivity is not None else ()
    wanted = {other.name for other in weighed if not other.is_reliable}
    settings = both.settings
    for name, prior in other_priors(both.posterior).items():
        if name in wanted:
            step = progress.stage(f"NUTS, prior {name}", settings.chains * (settings.draws + settings.tune))
            found[name] = sample(
                both.data,
                **both.model.specification,
                prior=prior,
                draws=settings.draws,
                tune=settings.tune,
                chains=settings.chains,
                seed=rng,
                on_draw=step,
            )
    return found


def judged(both: SideBySide, **told: Any) -> Comparison:
    """Return both fits with a verdict; ``told`` are the fields that a comparison has of its own."""
    return Comparison(
        **{each.name: getattr(both, each.name) for each in fields(both)}, **{"title": both.data.name, **told}
    )


@contextmanager
def _timed(stage: str, seconds: dict[str, float]) -> Iterator[None]:
    began = time.perf_counter()
    yield
    seconds[stage] = time.perf_counter() - began
