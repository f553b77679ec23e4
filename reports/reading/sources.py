"""Where the data of a report come from, so that somebody else can read the same data again."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from models import Data, Mixture, Model, Simulation, scenario, scenarios

from .options import Reading
from .tables import STANDARD_INPUT, read_as


@dataclass(frozen=True)
class ScenarioSource:
    """A reference scenario, simulated from ``seed``, or real, which has none; ``scenario`` is its name.

    Examples
    --------
    >>> from models import Model
    >>> from reports import ScenarioSource
    >>> source = ScenarioSource("poisson-three", seed=1)
    >>> source.read().size
    500.0
    >>> source.truth(Model("poisson", 3)).components.rates.tolist()
    [30.0, 100.0, 150.0]
    >>> ScenarioSource("horse-kicks").read().size
    200.0
    """

    scenario: str
    seed: int | None = None

    def read(self) -> Data:
        """Simulate the data, or read them where they lie in the package."""
        return scenario(self.scenario, self.seed).data

    def truth(self, model: Model) -> Mixture | None:
        """Return what they were drawn from, if it can be held against an estimate of this model."""
        known = scenario(self.scenario, self.seed)
        if not isinstance(known, Simulation):
            return None
        own = known.model
        return known.truth if (own.family, own.components) == (model.family, model.components) else None


@dataclass(frozen=True)
class FileSource:
    r"""A file, by its path, and its columns of counts or weights, exposures and labels; which are features the data say.

    ``reading`` is what was said of how it is written, by the arguments of ``read_data``.

    Examples
    --------
    >>> from pathlib import Path
    >>> from reports import FileSource
    >>> _ = Path("deaths.csv").write_text("deaths,days\n0,109\n1,65\n2,22\n")
    >>> source = FileSource("deaths.csv", counts_column="days")
    >>> source.read(("deaths",)).size
    196.0
    """

    file: str
    counts_column: str | None = None
    reading: dict[str, Any] = field(default_factory=dict)
    exposure_column: str | None = None
    weights_column: str | None = None
    known_column: str | None = None

    @classmethod
    def of(
        cls,
        file: str,
        counts_column: str | None,
        reading: Reading,
        exposure_column: str | None = None,
        weights_column: str | None = None,
        known_column: str | None = None,
    ) -> FileSource:
        """Return the source of data that were read so.

        Parameters
        ----------
        file
            The path, or ``"-"`` for standard input.
        counts_column
            The column that says how often each row was seen, ``None`` where there is none.
        reading
            What was said of how the file is written.
        exposure_column, weights_column, known_column
            The columns of exposures, weights and known labels, ``None`` where there are none.

        Returns
        -------
        FileSource
            The source, of which a report keeps what was said.

        Examples
        --------
        >>> from reports import FileSource
        >>> from reports.reading.options import Reading
        >>> FileSource.of("deaths.csv", "days", Reading.of(decimal=","))
        FileSource(file='deaths.csv', counts_column='days', reading={'decimal': ','}, exposure_column=None,
            weights_column=None, known_column=None)
        """
        return cls(file, counts_column, reading.said, exposure_column, weights_column, known_column)

    @property
    def is_standard_input(self) -> bool:
        """Whether the data came without a file, so that nobody can read them there again."""
        return self.file == STANDARD_INPUT

    def read(self, columns: tuple[str, ...], instead: Path | None = None, **said: Any) -> Data:
        """Read these columns, if need be of a file that took this one's place and is written as ``said``."""
        path = Path(self.file) if instead is None else instead
        reading = Reading.of(**{**self.reading, **said})
        beside = (self.exposure_column, self.weights_column, self.known_column)
        return read_as(reading, path, columns, self.counts_column, *beside)


Source = ScenarioSource | FileSource


def is_scenario(name: str) -> bool:
    """Say whether this names a reference scenario: a file of that name comes first, but a folder does not."""
    return name in scenarios and not Path(name).is_file()


def source_document(source: Source | None) -> dict[str, Any] | None:
    """Return the source as ``report.json`` holds it; ``None`` for data that a Python program brought along."""
    found = None if source is None else asdict(source)
    optional = ("reading", "exposure_column", "weights_column", "known_column")
    return None if found is None else {name: said for name, said in found.items() if said or name not in optional}


def source_of(document: dict[str, Any] | None) -> Source | None:
    """Return the source that a document states."""
    if document is None:
        return None
    return ScenarioSource(**document) if "scenario" in document else FileSource(**document)
