"""What the literature says of a real data set, with our own numbers beside its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from models import Classic, Published, classics

from ..judging.comparison import Comparison
from ..reading.sources import ScenarioSource


@dataclass(frozen=True)
class Held:
    """A published number as it is printed, the ``unit`` of its last digit, and EM's and (of a parameter) the posterior's."""

    name: str
    printed: str
    unit: float
    em: float
    mean: float | None
    sd: float | None

    @property
    def off(self) -> float | None:
        """EM's number minus the printed one; ``None`` where no printed digit tells them apart."""
        off = self.em - float(self.printed)
        return None if abs(off) <= self.unit else off


@dataclass(frozen=True)
class Answer:
    """What was published of the model of a comparison: where, and each number beside ours."""

    citation: str
    numbers: tuple[Held, ...]


def classic_of(comparison: Comparison) -> Classic | None:
    """Return the real data set that a comparison is about, if it is one of the scenarios."""
    source = comparison.source
    if not isinstance(source, ScenarioSource) or source.scenario not in classics:
        return None
    return classics[source.scenario]()


def answers(comparison: Comparison, classic: Classic) -> tuple[Answer, ...]:
    """Return what the literature says of this model, with the maximum-likelihood estimate and the posterior beside it."""
    return tuple(_answer(comparison, published) for published in classic.published(comparison.model))


def _answer(comparison: Comparison, published: Published) -> Answer:
    own = {"log_likelihood": comparison.mle.log_likelihood, **comparison.parameters["mle"]}
    summary = comparison.parameters[["mean", "sd"]].to_dict("index")
    held = []
    for name, printed in published.numbers.items():
        posterior = summary.get(name, {"mean": None, "sd": None})
        held.append(Held(name, printed, published.unit(name), float(own[name]), posterior["mean"], posterior["sd"]))
    return Answer(published.citation, tuple(held))


def literature_document(comparison: Comparison) -> dict[str, Any] | None:
    """Return source, licence, lesson and published answers as ``report.json`` holds them; ``None`` for other data."""
    classic = classic_of(comparison)
    if classic is None:
        return None
    return {
        "source": classic.source,
        "licence": classic.licence,
        "lesson": classic.lesson,
        "finding": classic.finding,
        "published": [
            {
                "citation": answer.citation,
                "numbers": [{"name": each.name, "printed": each.printed, "em": each.em} for each in answer.numbers],
            }
            for answer in answers(comparison, classic)
        ],
    }
