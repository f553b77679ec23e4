"""The judgement of a given estimate: what was found of it, with its words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any

from numpy.typing import ArrayLike

from em import Fit, fit
from em.information import WORTH_NOTHING
from em.wrong_maps import Explanation, explain
from em.wrong_maps.explain import ROUNDING_SLACK
from models import Data, Given, Shown, as_text, observed, require_no_labels

from ..comparing.streams import streams
from .best_found import best_found
from .claims import claim_of
from .findings import Findings
from .meant import meant
from .modes import mode_of
from .own_hill import OwnHill, own_hill
from .words import parts, sentence

if TYPE_CHECKING:
    import pandas as pd


class Judgement(Shown, Findings):
    """What :func:`judge` found of a given estimate, and what it is, in words.

    ``status`` says what it is. ``given`` is the estimate as it was read, ``hill`` the one that it lies on, ``found`` the
    best that a search found, and ``explanation`` the step of EM, right or wrong, that leaves it where it is; ``mode_under``
    names the prior under which it is a mode, and ``claimed`` says what the stated log-likelihood was found to be.
    Log-likelihoods and the distances ``below_own_top`` and ``below_best`` are in nats.

    Examples
    --------
    >>> from reports import judge
    >>> x = [0, 1, 1, 2, 3, 8, 9, 9, 10, 12]
    >>> found = judge(x, {"weights": [0.512, 0.488], "rates": [2.013, 8.987]}, starts=10)
    >>> found.status, round(found.below_own_top, 1)
    (<Status.NOT_A_MAXIMUM: 'not-a-maximum'>, 0.6)
    """

    @cached_property
    def sentence(self) -> str:
        """What the estimate is, first of all."""
        return sentence(self)

    def to_text(self) -> str:
        """Return the sentence, and then the figures."""
        return as_text(self._said())

    def _said(self) -> Iterator[str | pd.DataFrame]:
        yield from parts(self)


def judge(
    x: ArrayLike | Data,
    given: Any,
    *,
    weights: ArrayLike | None = None,
    exposure: ArrayLike | None = None,
    covariance: str | None = None,
    mixing: str | None = None,
    starts: int = 100,
    seed: int = 0,
    on_start: Callable[[int], None] | None = None,
) -> Judgement:
    """Judge somebody's estimate of a mixture by EM alone.

    Parameters
    ----------
    x
        The observations that it is an estimate from, shape ``(n,)`` or ``(n, d)``.
    given
        The estimate, in any form that :meth:`models.Given.of` reads.
    weights
        How often each observation was seen, shape ``(n,)``.
    exposure
        How long each count was watched, shape ``(n,)``, in a unit of the user's own; one each unless given.
    covariance, mixing
        What was meant, where the estimate's own numbers would also be those of a simpler model.
    starts, seed
        How many starts the search for the best optimum has, and its seed.
    on_start
        Called with the number of starts done so far.

    Returns
    -------
    Judgement
        What the estimate is, in a ``sentence``, and the figures.

    Raises
    ------
    ValueError
        When the data or the estimate cannot be used; the message says why.

    Examples
    --------
    >>> from reports import judge
    >>> x = [0, 1, 1, 2, 3, 8, 9, 9, 10, 12]
    >>> judge(x, {"weights": [0.49, 0.51], "rates": [1.37, 9.44]}, starts=10).status
    <Status.MAXIMUM: 'maximum'>
    """
    data = observed(x, weights, exposure)
    require_no_labels(data.labels, "the judgement of an estimate")
    given = meant(Given.of(given, data), data, covariance, mixing)
    hill, rng = own_hill(given, data), streams(seed).mle
    searched = fit(data, **given.model.specification, starts=starts, seed=rng, on_start=on_start)
    return judged(given, hill, searched)


def judged(given: Given, hill: OwnHill, searched: Fit) -> Judgement:
    """Judge an estimate of which the own hill is known, and what a search over starts found."""
    data = searched.data
    explanation = explain(given.mixture, given.model, data, given.digits)
    rounding = nats_of_rounding(explanation)
    off = explanation.mistake is not None or hill.below > WORTH_NOTHING
    mode = mode_of(given, data, hill.below, max(WORTH_NOTHING, rounding)) if off and hill.has_a_top else None
    claimed = claim_of(given, hill, data, rounding)
    return Judgement(given, data, hill, best_found(hill, searched), explanation, mode, claimed)


def nats_of_rounding(explanation: Explanation) -> float:
    """How far rounding may have moved the estimate below its top, in nats."""
    return 0.5 * (ROUNDING_SLACK * explanation.rounding) ** 2
