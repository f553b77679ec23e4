"""A finished calibration, or as much of one as there is: its tables, and what it says in one sentence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models import Shown, as_text

from ..coverage.tables import shares
from ..running.outcome import CHAINS_DISAGREE, OK
from ..running.store import Store
from ..simulated import exposed_in_words
from .bands import Band, counts_below, p_value, simultaneous_band
from .design import Calibration
from .record import Ranking

HIGHER, LOWER, NARROW, WIDE = "too low", "too high", "too narrow", "too wide"
MEANING = {
    LOWER: "the truth is too often below the draws: they lie too high",
    HIGHER: "the truth is too often above the draws: they lie too low",
    NARROW: "the truth is too often at their ends: the draws are too narrow",
    WIDE: "the truth is too rarely at their ends: the draws are too wide",
}


@dataclass(frozen=True, repr=False)
class CalibrationResult(Shown):
    """The ranks, a row for each size, replicate and quantity; a table of the ``quantities``; shares of statuses; incidents.

    ``quantities`` has for each size and quantity the number of ``replicates``, the ``p_value`` of uniform ranks, whether
    their curve stays ``inside`` its band, and in what they differ the most from uniform ones, ``draws_are``.
    """

    design: Calibration
    ranks: pd.DataFrame
    quantities: pd.DataFrame
    shares: pd.DataFrame
    again: int
    incidents: list[tuple[int, int, int, str]]

    @classmethod
    def of(cls, design: Calibration, store: Store[Ranking]) -> Self:
        """Make the tables of what the store holds.

        Parameters
        ----------
        design
            What is simulated and computed.
        store
            The finished replicates, all of them or those that there are.

        Returns
        -------
        FinishedCalibration
            The calibration, or as much of it as is done.

        Raises
        ------
        ValueError
            When there is no replicate with ranks yet.

        Examples
        --------
        >>> from concurrent.futures import ThreadPoolExecutor
        >>> from pathlib import Path
        >>> from reports import FinishedCalibration, calibrate
        >>> from reports.studies import Store
        >>> about = {"name": "one", "family": "poisson", "weights": [1.0], "rates": [4.0]}
        >>> asked = {"replications": 20, "draws": 200, "tune": 200, "executor": ThreadPoolExecutor}
        >>> found = calibrate(about, **asked, out="one")
        >>> with Store.open(Path("one"), found.design) as store:
        ...     print(FinishedCalibration.of(found.design, store).sentence == found.sentence)
        True
        """
        records = list(store.records())
        ranks = _ranks(records)
        if ranks.empty:
            raise ValueError("the calibration has no replicate with ranks yet, so that there is nothing to report.")
        table = _quantities(ranks, design)
        again = sum(record.attempts > 1 for record in records)
        return cls(design, ranks, table, shares(records, design), again, store.incidents())

    @property
    def complete(self) -> bool:
        """Whether every replicate has been computed."""
        return int(self.shares["replicates"].sum()) == self.design.replications * len(self.design.sizes)

    @property
    def replicates(self) -> int:
        """How many data sets have ranks."""
        return len(self.ranks[["size", "replicate"]].drop_duplicates())

    @property
    def without_ranks(self) -> int:
        """How many data sets have no ranks, whatever the reason."""
        return int(self.shares["replicates"].sum()) - self.replicates

    @property
    def unsettled(self) -> int:
        """How many have been counted though their chains had not settled after the last attempt."""
        return int(self.shares.loc[self.shares["status"] == CHAINS_DISAGREE, "replicates"].sum())

    @property
    def level_of_each(self) -> float:
        """The level of every single band, so that all of them together have the design's (Bonferroni)."""
        return _level_of_each(self.design, len(self.quantities))

    @property
    def passed(self) -> bool:
        """Whether every quantity stays in its band."""
        return bool(self.quantities["inside"].all())

    def names(self) -> list[str]:
        """Return the quantities, in the model's order."""
        return list(dict.fromkeys(self.quantities["quantity"]))

    def row(self, size: int, quantity: str) -> pd.Series:
        """Return the quantity's row in the table."""
        table = self.quantities
        return table[(table["size"] == size) & (table["quantity"] == quantity)].iloc[0]

    def curve(self, size: int, quantity: str) -> tuple[NDArray[np.int64], Band]:
        """Return how many ranks are below each point, and their band."""
        chosen = self.ranks[(self.ranks["size"] == size) & (self.ranks["quantity"] == quantity)]
        counts = counts_below(chosen["rank"].to_numpy(), self.design.ranked)
        return counts, simultaneous_band(len(chosen), self.design.ranked, self.level_of_each)

    def curves(self) -> pd.DataFrame:
        """Tabulate the ranks' distribution function at points ``z``, and the ends of its band, by size and quantity."""
        rows = []
        for size, quantity in self.quantities[["size", "quantity"]].itertuples(index=False):
            counts, band = self.curve(size, quantity)
            total = self.row(size, quantity)["replicates"]
            columns = {"z": band.z, "ecdf": counts / total, "lower": band.lower / total, "upper": band.upper / total}
            rows.append(pd.DataFrame({"size": size, "quantity": quantity, **columns}))
        return pd.concat(rows, ignore_index=True)

    @property
    def sentence(self) -> str:
        """Which quantities leave their band, and what that means."""
        number, level = len(self.quantities), f"{self.design.level:.0%}"
        over = f"over {self.replicates:,} simulated data sets"
        if self.passed:
            return (
                f"The ranks of all {number} quantities stay in their bands {over}: nothing speaks against the sampler. "
                f"One that is right stays in all of them with {level} probability."
            )
        left = self.quantities[~self.quantities["inside"]].sort_values("p_value", kind="stable")
        several = len(self.design.sizes) > 1
        named = [
            f"{row.quantity}{f' at n = {row.size}' if several else ''} ({MEANING[str(row.draws_are)]})"
            for row in left.itertuples()
        ]
        return (
            f"{len(left)} of {number} quantities leave their bands {over}: {'; '.join(named)}. A sampler that is right "
            f"stays in all bands with {level} probability: what leaves its band under another seed, too, is wrong."
        )

    @property
    def caveat(self) -> str:
        """What was done about chains that had not settled, and how many data sets have no rank."""
        parts = [f"{self.again} data sets were sampled again with more draws, since their chains had not settled"]
        parts.append(f"{self.unsettled} had not settled even then and are counted as they are")
        if self.without_ranks:
            parts.append(f"{self.without_ranks} have no rank (see the statuses)")
        return "; ".join(parts) + "."

    @property
    def about_the_exposures(self) -> list[str]:
        """What the rows are exposed to where that is not one unit each."""
        return exposed_in_words(self.design.exposures)

    @property
    def incident_lines(self) -> list[str]:
        """What went wrong on the way, one sentence for each."""
        return [f"n = {size}, replicate {number}, attempt {at}: {what}." for size, number, at, what in self.incidents]

    def to_text(self) -> str:
        """Write the sentence, and the quantities as a table."""
        return as_text(self._said())

    def _said(self) -> Iterator[str | pd.DataFrame]:
        yield from (self.sentence, *self.about_the_exposures, self.caveat, "")
        yield self.quantities.assign(p_value=self.quantities["p_value"].map("{:.3g}".format)).set_index("size")


def _ranks(records: Iterable[Ranking]) -> pd.DataFrame:
    rows = [
        (record.size, record.number, name, rank, record.status == OK)
        for record in records
        for name, rank in record.ranks.items()
    ]
    return pd.DataFrame(rows, columns=["size", "replicate", "quantity", "rank", "settled"])


def _level_of_each(design: Calibration, bands: int) -> float:
    return 1 - (1 - design.level) / bands


def _quantities(ranks: pd.DataFrame, design: Calibration) -> pd.DataFrame:
    groups = list(ranks.groupby(["size", "quantity"], sort=False))
    level = _level_of_each(design, len(groups))
    rows = [(*key, len(found), *_verdict(found["rank"].to_numpy(), design.ranked, level)) for key, found in groups]
    columns = ["size", "quantity", "replicates", "p_value", "inside", "draws_are"]
    return pd.DataFrame(rows, columns=columns).sort_values("size", kind="stable", ignore_index=True)


def _verdict(ranks: NDArray[np.int64], ranked: int, level: float) -> tuple[float, bool, str]:
    """Return the p-value, whether the curve is inside its band, and in what the ranks differ most from uniform ones."""
    counts, band = counts_below(ranks, ranked), simultaneous_band(len(ranks), ranked, level)
    inside = bool(((band.lower <= counts) & (counts <= band.upper)).all())
    return p_value(ranks, ranked), inside, _departure(ranks, ranked)


def _departure(ranks: NDArray[np.int64], ranked: int) -> str:
    """Return mean and spread of the ranks in standard errors of uniform ones: the one that is farther off decides."""
    from_middle = (ranks + 0.5) / (ranked + 1) - 0.5
    shift = from_middle.mean() * np.sqrt(12 * len(ranks))
    # The squared deviation of a uniform number on (0, 1) has mean 1/12 and variance 1/180.
    spread = (from_middle.var() - 1 / 12) * np.sqrt(180 * len(ranks))
    if abs(shift) >= abs(spread):
        return HIGHER if shift > 0 else LOWER
    return NARROW if spread > 0 else WIDE
