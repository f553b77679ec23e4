"""Where the data of a report come from, so that somebody else can read the same data again."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from models import Data, Mixture, Model, scenario, scenarios

from .options import Reading
from .tables import STANDARD_INPUT, read_as


@dataclass(frozen=True)
class ScenarioSource:
    """A reference scenario, simulated from ``seed``."""

    scenario: str
    seed: int

    def read(self) -> Data:
        """Simulate the data."""
        return scenario(self.scenario, self.seed).data

    def truth(self, model: Model) -> Mixture | None:
        """Return what they were drawn from, if it can be held against an estimate of this model."""
        known = scenario(self.scenario, self.seed)
        own = known.model
        return known.truth if (own.family, own.components) == (model.family, model.components) else None


@dataclass(frozen=True)
class FileSource:
    """A file, by the path that it had, its columns of counts and of exposures; which columns are features the data say.

    ``reading`` is what was said of how it is written, by the arguments of ``read_data``.
    """

    file: str
    counts_column: str | None = None
    reading: dict[str, Any] = field(default_factory=dict)
    exposure_column: str | None = None

    @classmethod
    def of(
        cls, file: str, counts_column: str | None, reading: Reading, exposure_column: str | None = None
    ) -> FileSource:
        """Return the source of data that were read so."""
        return cls(file, counts_column, reading.said, exposure_column)

    @property
    def is_standard_input(self) -> bool:
        """Whether the data came without a file, so that nobody can read them there again."""
        return self.file == STANDARD_INPUT

    def read(self, columns: tuple[str, ...], instead: Path | None = None, **said: Any) -> Data:
        """Read these columns, if need be of a file that took this one's place and is written as ``said``."""
        path = Path(self.file) if instead is None else instead
        return read_as(Reading.of(**{**self.reading, **said}), path, columns, self.counts_column, self.exposure_column)


Source = ScenarioSource | FileSource


def is_scenario(name: str) -> bool:
    """Say whether this names a reference scenario: a file of that name comes first, but a folder does not."""
    return name in scenarios and not Path(name).is_file()


def source_document(source: Source | None) -> dict[str, Any] | None:
    """Return the source as ``report.json`` holds it; ``None`` for data that a Python program brought along."""
    found = None if source is None else asdict(source)
    if found is not None and not found.get("reading", True):
        del found["reading"]
    if found is not None and found.get("exposure_column", "") is None:
        del found["exposure_column"]
    return found


def source_of(document: dict[str, Any] | None) -> Source | None:
    """Return the source that a document states."""
    if document is None:
        return None
    return ScenarioSource(**document) if "scenario" in document else FileSource(**document)
