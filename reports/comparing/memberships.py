"""Which component each row belongs to, by EM and by the posterior, and of which rows that is in doubt.

By EM the probability of a component is the responsibility at the estimate, by the posterior the average of responsibilities
over the draws, in which doubt about the parameters counts as well. A row is *in doubt* unless both give the same component a
probability of at least 95 %.

A new row is *unlike anything seen* when the posterior predictive density is smaller there than at every row that was fitted.
Of n + 1 rows that come from the same any one is as likely to have the smallest, so that about one new row in n + 1 is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models import Array, Data, Membership, Mixture, memberships
from models.membership import DRAWS

SURE = 0.95
# The density of a row that was seen comes back to rounding only.
ROUNDING = 1e-9


@dataclass(frozen=True)
class UnderBoth:
    """What EM and the posterior say of some rows, whose ``numbers``, shape ``(rows,)``, count from one."""

    numbers: NDArray[np.intp]
    em: Membership
    posterior: Membership

    @cached_property
    def in_doubt(self) -> NDArray[np.bool_]:
        """Whether either is less than 95 % sure of its component, or the other names another one, shape ``(rows,)``."""
        same = self.em.component == self.posterior.component
        return np.asarray(~same | (self.em.probability < SURE) | (self.posterior.probability < SURE))

    def is_unlike(self, smallest: float) -> NDArray[np.bool_]:
        """Whether the predictive log-density is below the smallest of the rows that were fitted, shape ``(rows,)``."""
        return np.asarray(self.posterior.log_density < smallest - ROUNDING * max(1.0, abs(smallest)))

    def columns(self, smallest: float, labels: tuple[str, ...] = ()) -> dict[str, NDArray[Any]]:
        """What is written of new rows, by its column; ``smallest`` is that of the rows that were fitted.

        Where ``labels`` name some of the components, so do two more columns.
        """
        ours, theirs = self.em, self.posterior
        likeliest = columns(
            self.numbers,
            (ours.component, ours.probability),
            (theirs.component, theirs.probability),
            self.in_doubt,
        )
        return {
            **likeliest,
            **labels_of(ours.component, theirs.component, labels),
            "log_density_em": ours.log_density,
            "log_density_posterior": theirs.log_density,
            "log_density_sd": theirs.spread,
            "unlike_seen": self.is_unlike(smallest),
        }


def under_both(em: Mixture, posterior: Mixture, data: Data) -> Iterator[UnderBoth]:
    """Yield what an estimate and draws say of slices of the rows, in their order."""
    at, numbers = 0, data.row_numbers
    for ours, theirs in zip(memberships(em, data), memberships(posterior, data), strict=True):
        rows = len(ours.log_density)
        yield UnderBoth(numbers[at : at + rows], ours, theirs)
        at += rows


type Likeliest = tuple[NDArray[np.intp], Array]


def columns(
    numbers: NDArray[np.intp], em: Likeliest, posterior: Likeliest, in_doubt: NDArray[np.bool_]
) -> dict[str, NDArray[Any]]:
    """Return the likeliest component and its probability under both, by column; components count from one."""
    return {
        "row": numbers,
        "component_em": em[0] + 1,
        "probability_em": em[1],
        "component_posterior": posterior[0] + 1,
        "probability_posterior": posterior[1],
        "in_doubt": in_doubt,
    }


def labels_of(
    em: NDArray[np.intp], posterior: NDArray[np.intp], labels: tuple[str, ...]
) -> dict[str, NDArray[np.object_]]:
    """Return the labels of the likeliest components, by column; no column where none has one."""
    if not labels:
        return {}
    named = np.array([*labels, *[""] * (1 + max(em.max(), posterior.max()))], dtype=object)
    return {"label_em": named[em], "label_posterior": named[posterior]}


@dataclass(frozen=True)
class Memberships:
    """Which component each row of the data belongs to, by EM and by the posterior, each counted from zero.

    All arrays have shape ``(rows,)``. ``draws`` is over how many the posterior's are averages, ``largest_difference`` that
    of any probability between the two, and ``smallest_log_density`` the smallest posterior predictive log-density of the
    rows, in nats. ``labels`` name the components that known labels name.
    """

    numbers: NDArray[np.intp]
    em: NDArray[np.intp]
    em_probability: Array
    posterior: NDArray[np.intp]
    posterior_probability: Array
    in_doubt: NDArray[np.bool_]
    weights: Array
    draws: int
    largest_difference: float
    smallest_log_density: float
    labels: tuple[str, ...] = ()

    @property
    def share_in_doubt(self) -> float:
        """The share of the observations of which it is in doubt, each as often as it was seen."""
        return float(self.weights @ self.in_doubt / self.weights.sum())

    @property
    def share_alike(self) -> float:
        """The share of the observations that have the same likeliest component under both."""
        return float(self.weights @ (self.em == self.posterior) / self.weights.sum())

    @classmethod
    def of(cls, em: Mixture, posterior: Mixture, data: Data) -> Memberships:
        """Look at all rows, of which no more is kept than stands here."""
        draws = posterior.thinned(DRAWS)
        kept: list[tuple[NDArray[np.intp], Array, NDArray[np.intp], Array, NDArray[np.bool_]]] = []
        difference, smallest = 0.0, float("inf")
        for rows in under_both(em, draws, data):
            ours, theirs = rows.em, rows.posterior
            kept.append((ours.component, ours.probability, theirs.component, theirs.probability, rows.in_doubt))
            difference = max(difference, float(np.abs(rows.em.probabilities - rows.posterior.probabilities).max()))
            smallest = min(smallest, float(rows.posterior.log_density.min()))
        em_is, em_probability, posterior_is, posterior_probability, in_doubt = zip(*kept, strict=True)
        return cls(
            data.row_numbers,
            np.concatenate(em_is),
            np.concatenate(em_probability),
            np.concatenate(posterior_is),
            np.concatenate(posterior_probability),
            np.concatenate(in_doubt),
            data.weights,
            len(draws.weights),
            difference,
            smallest,
            data.labels,
        )
