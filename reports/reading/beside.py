"""The columns that stand beside the observations: how often each row was seen, and its exposure."""

from __future__ import annotations

from dataclasses import dataclass

from models import Array, Batch


@dataclass(frozen=True)
class Beside:
    """The names, or the numbers, of the column of counts and of that of exposures; ``None`` where there is none."""

    counts: str | int | None = None
    exposure: str | int | None = None

    def __post_init__(self) -> None:
        if self.counts is not None and self.counts == self.exposure:
            raise ValueError(f"column {self.counts!r} cannot be both the counts and the exposure.")

    @property
    def columns(self) -> tuple[str | int, ...]:
        """The columns that there are beside the features."""
        return tuple(each for each in (self.counts, self.exposure) if each is not None)

    @property
    def names(self) -> tuple[str, ...]:
        """The columns beside the features, as text."""
        return tuple(map(str, self.columns))

    def batch(self, numbers: Array, features: int) -> Batch:
        """Take so many features and the columns beside them, in this order, apart."""
        weights = None if self.counts is None else numbers[:, features]
        return Batch(numbers[:, :features], weights, None if self.exposure is None else numbers[:, -1])
