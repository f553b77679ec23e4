"""Validate somebody else's estimate: judge it by EM, and hold it against the posterior of the same model."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from numpy.typing import ArrayLike

from models import Data, Given, Shown, observed, require_no_labels

from ..judging.comparison import Comparison, compare
from ..presenting.document import document as report_document
from ..presenting.given import GivenEstimate
from ..presenting.write import write_report
from ..running.progress import Progress
from .beside_posterior import BesidePosterior
from .document import shown
from .judgement import Judgement, judged
from .meant import meant
from .own_hill import own_hill

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, repr=False)
class Validation(Shown):
    """A ``judgement`` of a given estimate by EM alone, and a ``comparison`` in which the estimate stands beside EM's own.

    Examples
    --------
    >>> from reports import validate
    >>> x = [0, 1, 1, 2, 3, 8, 9, 9, 10, 12]
    >>> given = {"weights": [0.49, 0.51], "rates": [1.37, 9.44]}
    >>> found = validate(x, given, draws=500, chains=2, starts=10)
    >>> found.comparison.parameters["given"].to_dict()
    {'weights[1]': 0.49, 'weights[2]': 0.51, 'rates[1]': 1.37, 'rates[2]': 9.44}
    """

    judgement: Judgement
    comparison: Comparison

    @cached_property
    def beside(self) -> BesidePosterior:
        """The given estimate held against the posterior."""
        return BesidePosterior(self.comparison)

    @cached_property
    def shown(self) -> GivenEstimate:
        """What the report says of the estimate."""
        return shown(self.judgement, self.beside)

    def document(self) -> dict[str, Any]:
        """Return everything that the page shows, as ``report.json`` holds it."""
        return report_document(self.comparison, self.shown)

    def save(self, folder: Path | str, figures: str | None = None) -> Path:
        """Write the report into a folder, whole or not at all, and return the path of its page.

        An earlier report there gives way; other files stay, and a file of another's that is in the way is a ``ValueError``.
        ``figures`` may name a format, ``"svg"`` or ``"png"``, to have every figure as a file of its own as well.
        """
        return write_report(self.comparison, Path(folder), figures, self.shown)

    def _said(self) -> Iterator[str | pd.DataFrame]:
        yield from self.judgement._said()
        yield ""
        yield self.beside.sentence
        yield from self.comparison._said()


def validate(
    x: ArrayLike | Data,
    given: Any,
    *,
    weights: ArrayLike | None = None,
    exposure: ArrayLike | None = None,
    covariance: str | None = None,
    mixing: str | None = None,
    seed: int = 0,
    starts: int = 100,
    progress: Progress | None = None,
    **settings: Any,
) -> Validation:
    """Judge somebody's estimate of a mixture, and hold it against the posterior.

    Parameters
    ----------
    x
        Observations of shape ``(n,)`` or ``(n, d)``.
    given
        The estimate, in any form that :meth:`models.Given.of` reads.
    weights
        How often each observation was seen, shape ``(n,)``.
    exposure
        How long each count was watched, shape ``(n,)``, in a unit of the user's own; one each unless given.
    covariance, mixing
        What was meant, where the estimate's own numbers would also be those of a simpler model.
    seed, starts
        The seed of every random draw, and how many starts EM gets.
    progress
        Shows every stage of the work.
    **settings
        The other settings of :func:`reports.compare`, such as ``draws`` and ``prior``.

    Returns
    -------
    Validation
        The ``judgement``, the ``comparison`` that has the estimate in it, and ``save("folder")``.

    Raises
    ------
    ValueError
        When the data or the estimate cannot be used; the message says why.

    Examples
    --------
    >>> from reports import validate
    >>> x = [0, 1, 1, 2, 3, 8, 9, 9, 10, 12]
    >>> given = {"weights": [0.49, 0.51], "rates": [1.37, 9.44]}
    >>> validate(x, given, draws=500, chains=2, starts=10).judgement.status
    <Status.MAXIMUM: 'maximum'>
    """
    data = observed(x, weights, exposure)
    require_no_labels(data.labels, "the judgement of an estimate")
    read = meant(Given.of(given, data), data, covariance, mixing)
    hill = own_hill(read, data)
    specification = read.model.specification
    comparison = compare(
        data, **specification, given=read.mixture, seed=seed, starts=starts, progress=progress, **settings
    )
    return Validation(judged(read, hill, comparison.mle), comparison)
