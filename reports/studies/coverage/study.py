"""A finished study, or as much of one as there is: its tables, and what it says in a few sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Self

import pandas as pd

from models import Shown, as_text

from ...presenting.names import number, significant
from ..running.store import Store
from .answers import answers
from .design import Design
from .judging import AGREEMENT, Judged
from .proportion import proportion
from .record import Record
from .sentences import about_the_exposures, about_the_truth, agreement, caution, coverage, noticed
from .tables import BOOTSTRAP, CREDIBLE, INTERVALS, SANDWICH, WALD, parameters, replicates, shares, verdicts


@dataclass(frozen=True, repr=False)
class Study(Shown):
    """The tables of a study, the incidents, and how long each stage of a replicate took on average."""

    design: Design
    replicates: pd.DataFrame
    parameters: pd.DataFrame
    shares: pd.DataFrame
    verdicts: pd.DataFrame
    answers: pd.DataFrame
    incidents: list[tuple[int, int, int, str]]
    seconds: dict[str, float]

    @classmethod
    def of(cls, design: Design, store: Store[Record], judged: Sequence[Judged] = ()) -> Self:
        """Make the tables of what the store holds, and of the whole verdicts on some of the data sets.

        Parameters
        ----------
        design
            What is simulated and computed.
        store
            The finished replicates, all of them or those that there are.
        judged
            The whole verdicts.

        Returns
        -------
        FinishedStudy
            The study, or as much of it as is done.

        Raises
        ------
        ValueError
            When there is no replicate with an estimate yet.

        Examples
        --------
        What the folder of a study holds, even while others are computing the rest of it:

        >>> from concurrent.futures import ThreadPoolExecutor
        >>> from pathlib import Path
        >>> from reports import FinishedStudy, study
        >>> from reports.studies import Store
        >>> truth = {"name": "two", "family": "poisson", "weights": [0.4, 0.6], "rates": [2.0, 11.0]}
        >>> asked = {"sizes": (100,), "replications": 5, "draws": 100, "tune": 100, "executor": ThreadPoolExecutor}
        >>> design = study(truth, **asked, out="two").design
        >>> with Store.open(Path("two"), design) as store:
        ...     print(FinishedStudy.of(design, store).complete)
        True
        """
        records = list(store.records())
        table = replicates(records, design)
        if table.empty:
            raise ValueError("the study has no replicate with an estimate yet, so that there is nothing to report.")
        seconds = pd.DataFrame([record.seconds for record in records if record.seconds]).mean()
        return cls(
            design,
            table,
            parameters(table, design),
            shares(records, design),
            verdicts(records, design),
            answers(judged),
            store.incidents(),
            {str(stage): float(value) for stage, value in seconds.items()},
        )

    @property
    def incident_lines(self) -> list[str]:
        """What went wrong on the way, one sentence for each."""
        return [
            f"n = {size}, replicate {number}, attempt {attempt}: {what}."
            for size, number, attempt, what in self.incidents
        ]

    @property
    def complete(self) -> bool:
        """Whether every replicate has been computed."""
        return int(self.shares["replicates"].sum()) == self.design.replications * len(self.design.sizes)

    def values(self, method: str, quantity: str, column: str = "value") -> pd.DataFrame:
        """Return one quantity, a row for each parameter and a column for each size."""
        chosen = self.parameters[(self.parameters["method"] == method) & (self.parameters["quantity"] == quantity)]
        wide = chosen.pivot(index="parameter", columns="size", values=column)
        return wide.loc[list(self.design.true_values), list(self.design.sizes)]

    def share(self, size: int, status: str) -> tuple[float, float]:
        """Return the share of replicates with that status, and its Monte Carlo error."""
        return _share(self.shares, size, status)

    def verdict_share(self, size: int, verdict: str) -> tuple[float, float]:
        """Return the share of replicates with that verdict, and its Monte Carlo error."""
        return _share(self.verdicts, size, verdict)

    @property
    def sentences(self) -> list[str]:
        """What the study says, in the order in which it is to be read."""
        return [
            coverage(self.parameters, self.design),
            *about_the_exposures(self.design),
            *about_the_truth(self.design),
            agreement(self.verdicts),
            *noticed(self.answers),
            *caution(self.design),
        ]

    @property
    def methods(self) -> list[str]:
        """The kinds of interval that the records hold."""
        known = set(self.parameters["method"])
        return [method for method in INTERVALS if method in known]

    @property
    def questions(self) -> dict[str, list[str]]:
        """The questions that the whole verdicts answer, and all their answers; *code* for the codes of the reasons."""
        found = self.answers.groupby("question", sort=False)["answer"].unique()
        return {str(question): list(given) for question, given in found.items()}

    @property
    def judged(self) -> int:
        """How many data sets have a whole verdict, at the size with most of them."""
        of_first = self.answers[self.answers["question"] == AGREEMENT]
        return int(of_first.groupby("size")["replicates"].sum().max()) if len(of_first) else 0

    def answer_share(self, size: int, question: str, answer: str) -> tuple[float, float]:
        """Return the share of judged data sets with that answer, and its Monte Carlo error."""
        of_size = self.answers[self.answers["size"] == size]
        total = int(of_size.loc[of_size["question"] == AGREEMENT, "replicates"].sum())
        found = of_size[(of_size["question"] == question) & (of_size["answer"] == answer)]
        return proportion(int(found["replicates"].sum()), total)

    @property
    def shown(self) -> list[tuple[str, str]]:
        """The methods and quantities of the tables that people read."""
        known = set(self.parameters["method"])
        return [pair for pair in SHOWN if pair[0] in known]

    def to_text(self) -> str:
        """Write the main quantities of each size as a table, each value with its Monte Carlo error."""
        return as_text(self._said())

    def _said(self) -> Iterator[str | pd.DataFrame]:
        yield from self.sentences
        for size in self.design.sizes:
            yield from ("", f"n = {size:,}", self._table(size))
        for table, column in ((self.shares, "status"), (self.verdicts, "verdict")):
            wide = table.pivot(index=column, columns="size", values="share").fillna(0.0)
            yield from ("", f"Share of replicates by {column}", wide.map("{:.1%}".format))
        if self.judged:
            wide = self.answers.pivot(index=["question", "answer"], columns="size", values="share").fillna(0.0)
            wide = wide.loc[list(dict.fromkeys(zip(self.answers["question"], self.answers["answer"], strict=True)))]
            yield from ("", f"Of {self.judged} data sets of each size a report says", wide.map("{:.1%}".format))

    def _table(self, size: int) -> pd.DataFrame:
        columns = {
            f"{quantity} ({method})": [
                f"{number(value, error)} ±{significant(error, 1)}"
                for value, error in zip(
                    self.values(method, quantity)[size], self.values(method, quantity, "mcse")[size], strict=True
                )
            ]
            for method, quantity in self.shown
        }
        table = pd.DataFrame(columns, index=pd.Index(list(self.design.true_values), name="parameter"))
        return table.rename(columns=lambda name: name.removesuffix(" (large-sample meter)"))


def _share(table: pd.DataFrame, size: int, answer: str) -> tuple[float, float]:
    of_size = table[table["size"] == size]
    found = of_size[of_size.iloc[:, 1] == answer]
    return proportion(int(found["replicates"].sum()), int(of_size["replicates"].sum()))


SHOWN = (
    ("MLE", "bias"),
    ("MLE", "RMSE"),
    ("posterior mean", "RMSE"),
    (WALD, "coverage"),
    (SANDWICH, "coverage"),
    (BOOTSTRAP, "coverage"),
    (CREDIBLE, "coverage"),
    (WALD, "width"),
    (SANDWICH, "width"),
    (BOOTSTRAP, "width"),
    (CREDIBLE, "width"),
    ("large-sample meter", "shift"),
    ("large-sample meter", "sd ratio"),
    ("large-sample meter", "Wasserstein"),
)
