"""EM audits its own answer: whether it is a maximum, how near, how well determined, and the best that is known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from models import Data, Shown, SparseData
from models.units import units_in_words
from models.upward import drawn

from .atlas import Atlas, atlas
from .convergence import Convergence, convergence
from .degeneracy import NO_SIGN, Degeneracy, degeneracy, lone_rows
from .fitted import Fit
from .loop import Status
from .rounding import Rounded, rounding
from .standard_errors import StandardErrors, information_of, standard_errors_from

if TYPE_CHECKING:
    import pandas as pd

    from models.upward import Axes

# As near its limit as a fit has to be, unless told otherwise, in nats.
NEAR = 1e-8
# So many columns of a row are named in a sentence.
MOST_NAMED = 12


@dataclass(frozen=True, repr=False)
class Audit(Shown):
    """What EM can say by itself about an estimate, ``fitted``.

    ``standard_errors`` are those of its parameters. ``convergence`` says how near its limit EM is, ``None`` where the
    likelihood is unbounded and has no information. ``degeneracy`` says how much hangs on few observations, ``atlas`` where
    all starts ended, and ``rounding`` what the rounding of the data does to the estimate.

    Examples
    --------
    >>> from em import audit, fit
    >>> x = [0, 1, 1, 2, 3, 8, 9, 9, 10, 12]
    >>> found = audit(fit(x, "poisson", 2, starts=10))
    >>> round(found.convergence.rate, 3), found.degeneracy.findings
    (0.175, ())
    """

    fitted: Fit
    standard_errors: StandardErrors
    convergence: Convergence | None
    degeneracy: Degeneracy
    atlas: Atlas
    rounding: tuple[Rounded, ...] = ()

    def summary(self) -> str:
        """The audit in plain sentences, one finding to a line."""
        rounded = [found.sentence for found in self.rounding]
        return "\n".join(
            [
                *self._of_convergence(),
                *self._of_degeneracy(),
                *rounded,
                self.atlas.summary(),
                *self._of_errors(),
                *self._of_weights(),
                *self._of_rows(),
            ]
        )

    def _of_convergence(self) -> list[str]:
        found = self.convergence
        if found is None:
            return [f"EM collapsed: {self.fitted.climb.reason or 'a covariance is singular'}."]
        if not np.isfinite(found.remaining):
            return ["The estimate is no maximum: the log-likelihood still rises in some direction."]
        ended = "EM converged" if self.fitted.status is Status.CONVERGED else f"EM ended {self.fitted.status}"
        where = f"{ended}, {found.remaining:.2g} nats below its limit (gradient {found.gradient_norm:.2g} in natural units)."
        # In a flat direction no number of EM's own steps would do.
        if found.remaining > NEAR and np.isfinite(found.steps_to(NEAR)):
            where += f" {found.steps_to(NEAR):.0f} more of EM's own steps would bring it to within {NEAR:g} nats."
        if self.fitted.model.components == 1:
            return [where, "With one component no label is unseen: the estimate has a closed form."]
        return [
            where,
            f"Each of EM's own steps leaves {found.rate:.6g} of an error: the unseen labels take away that share of the "
            f"information in the least determined direction, {found.least_determined} (condition number "
            f"{found.condition:.3g}).",
        ]

    def _of_degeneracy(self) -> list[str]:
        if self.degeneracy.findings:
            return [f"Suspicious: {finding.sentence}" for finding in self.degeneracy.findings]
        if self.convergence is None:
            return []
        edge = self.standard_errors.on_the_edge
        if edge:
            lies = "lies" if len(edge) == 1 else "lie"
            return [f"On the boundary: {', '.join(edge)} {lies} on the edge of the range. No other sign of degeneracy."]
        return [NO_SIGN]

    def _of_errors(self) -> list[str]:
        return [self.standard_errors.problem] if self.standard_errors.problem else []

    def _of_weights(self) -> list[str]:
        data = self.fitted.rows
        if np.array_equal(data.weights, np.floor(data.weights)):
            return []
        return [
            f"The weights are fractions: standard errors take them for so many observations, {data.size:g} in all. Where "
            "they are not, as in a survey, the intervals are too narrow or too wide."
        ]

    def _of_rows(self) -> list[str]:
        return [
            f"Row {row + 1} ({row_in_words(self.fitted.rows, row)}) is a component by itself, far from all others."
            for row in lone_rows(self.fitted)
        ]

    def plot(self, kind: str | None = None, *, ax: Axes | None = None) -> Axes:
        """Draw the estimates of a kind of parameters with their intervals, one row each, and return the axes.

        Parameters
        ----------
        kind
            ``"weights"``, ``"means"``, ``"rates"`` and so on; unless given, the means or the rates.
        ax
            The axes to draw on; new ones unless given.

        Raises
        ------
        ValueError
            When there are no parameters of that kind.
        """
        return drawn(ax, "em_intervals", self, kind)

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain numbers, strings, lists and dictionaries for JSON; what is not finite is ``None``."""
        whole: dict[str, Any] = _plain(
            {
                "status": str(self.fitted.status),
                "log_likelihood": self.fitted.log_likelihood,
                "standard_errors": {
                    "level": self.standard_errors.level,
                    "problem": self.standard_errors.problem,
                    "parameters": self.standard_errors.table.to_dict(orient="index"),
                    "covariance": self.standard_errors.covariance.to_numpy(),
                },
                "convergence": self._convergence_to_dict(),
                "degeneracy": asdict(self.degeneracy),
                "rounding": [asdict(found) for found in self.rounding],
                "atlas": self._atlas_to_dict(),
                "summary": self.summary().splitlines(),
            }
        )
        return whole

    def _convergence_to_dict(self) -> dict[str, Any] | None:
        if self.convergence is None:
            return None
        derived = ("rate", "remaining", "least_determined")
        return {**asdict(self.convergence), **{name: getattr(self.convergence, name) for name in derived}}

    def _atlas_to_dict(self) -> dict[str, Any]:
        model, columns = self.fitted.model, self.fitted.columns
        optima = [
            {
                "log_likelihood": optimum.log_likelihood,
                "objective": optimum.objective,
                "gap": optimum.gap,
                "hits": optimum.hits,
                "parameters": model.scalars(optimum.mixture, columns),
            }
            for optimum in self.atlas.optima
        ]
        statuses = {str(status): count for status, count in self.atlas.statuses.items()}
        return {"optima": optima, "statuses": statuses, "reported": self.atlas.reported, "share": self.atlas.share}

    def _said(self) -> Iterator[str | pd.DataFrame]:
        yield self.fitted.summary()
        yield self.standard_errors.shown
        yield from units_in_words(self.fitted.observations)
        yield from self.summary().splitlines()


def row_in_words(data: Data | SparseData, row: int) -> str:
    """The values of a row by the names of their columns.

    Parameters
    ----------
    data
        The rows.
    row
        The place of one of them, counted from zero.

    Returns
    -------
    str
        Its values with the names of the columns; of many columns the first values that are not zero.

    Examples
    --------
    >>> from em import row_in_words
    >>> from models import Data
    >>> row_in_words(Data.of([[1.5, 20.0], [2.5, 30.0]], columns=("length", "weight")), 1)
    'length = 2.5, weight = 30'
    """
    values = data.take(slice(row, row + 1)).values[0]
    named = list(zip(data.columns, values, strict=True))
    if len(named) > MOST_NAMED:
        named = [(name, value) for name, value in named if value]
    shown = [f"{name} = {value:.15g}" for name, value in named[:MOST_NAMED]]
    return ", ".join([*shown, "…"] if len(shown) < len(values) else shown)


def audit(fitted: Fit, level: float = 0.95) -> Audit:
    """Hold an estimate against what EM itself can know: information, convergence, degeneracy and the other optima.

    Parameters
    ----------
    fitted
        An estimate with the record of its starts.
    level
        The coverage of the intervals.

    Returns
    -------
    Audit
        Standard errors, convergence, signs of degeneracy and the atlas of optima, in sentences; ``plot()`` draws it.

    Raises
    ------
    ValueError
        When the level is not between zero and one.

    Examples
    --------
    >>> from em import audit, fit
    >>> x = [0, 1, 1, 2, 3, 8, 9, 9, 10, 12]
    >>> audit(fit(x, family="poisson", components=2, starts=10)).standard_errors
               estimate standard_error lower upper  scale
    parameter
    weights[1]     0.49           0.16  0.21  0.77  logit
    weights[2]     0.51           0.16  0.23  0.79  logit
    rates[1]       1.37           0.54  0.63  2.97    log
    rates[2]        9.4            1.4   7.0  12.7    log
    """
    found = information_of(fitted)
    errors = standard_errors_from(fitted, found, level)
    return Audit(
        fitted,
        errors,
        None if found is None else convergence(fitted, found),
        degeneracy(fitted, found),
        atlas(fitted),
        rounding(fitted, errors),
    )


def _plain(value: Any) -> Any:
    """Return the value in what JSON has: no arrays, no NaN, no infinity."""
    if isinstance(value, dict):
        return {str(name): _plain(entry) for name, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(entry) for entry in value]
    if isinstance(value, np.ndarray) and value.dtype.kind == "f" and np.isfinite(value).all():
        return value.tolist()
    if isinstance(value, (np.ndarray, np.generic)):
        return _plain(value.tolist())
    if isinstance(value, float) and not np.isfinite(value):
        return None
    return value
