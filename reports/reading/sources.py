"""Where the data of a report come from, so that somebody else can read the same data again."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from models import Data, Mixture, Model, scenario, scenarios

from .tables import read_data


@dataclass(frozen=True)
class ScenarioSource:
    """A reference scenario, simulated from ``seed``."""

    scenario: str
    seed: int

    def read(self) -> Data:
        """Simulate the data."""
        return scenario(self.scenario, self.seed).data

    def truth(self, model: Model) -> Mixture | None:
        """What they were drawn from, if it can be held against an estimate of this model."""
        known = scenario(self.scenario, self.seed)
        own = known.model
        return known.truth if (own.family, own.components) == (model.family, model.components) else None


@dataclass(frozen=True)
class FileSource:
    """A file, by the path that it had, and its column of counts; which columns are the features the data say."""

    file: str
    counts_column: str | None = None

    def read(self, columns: tuple[str, ...], instead: Path | None = None) -> Data:
        """Read these columns, if need be of a file that took this one's place."""
        return read_data(Path(self.file) if instead is None else instead, columns, self.counts_column)


Source = ScenarioSource | FileSource


def is_scenario(name: str) -> bool:
    """Whether this names a reference scenario: a file of that name comes first, but not a folder, as of its reports."""
    return name in scenarios and not Path(name).is_file()


def source_document(source: Source | None) -> dict[str, Any] | None:
    """The source as ``report.json`` holds it; ``None`` for data that a Python program brought along."""
    return None if source is None else asdict(source)


def source_of(document: dict[str, Any] | None) -> Source | None:
    """The same back from the document."""
    if document is None:
        return None
    return ScenarioSource(**document) if "scenario" in document else FileSource(**document)
