"""Given draws: what somebody else's posterior is as a mixture with leading axes ``(chain, draw)``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..arrays import Array
from ..components import Components
from ..data import Data
from ..mixture import Mixture
from ..model import Model
from .choosing import MANY_TIMES, SETTLES, chosen, log_likelihood
from .draws_weights import weights_of
from .reading import Reading
from .registry import readers
from .stated_draws import StatedDraws
from .words import own_word

# Enough for an average of log-likelihoods that is to be right within a nat or so.
LOOKED_AT = 100


@dataclass(frozen=True)
class GivenDraws:
    """Somebody else's posterior draws.

    Parameters
    ----------
    mixture
        The mixture of every draw, with leading axes ``(chain, draw)``, labelled as they came.
    stated
        What their program states beside the parameters.
    called
        The name of each piece in their program.
    notes
        What is to be said of how they were read; a sentence each.
    doubt
        Under which other name the same numbers would fit the data far better, such as standard deviations that were given
        as variances; a sentence, or ``None``.
    others
        What the same numbers would be under other names, such as ``"standard deviations"``.

    Examples
    --------
    >>> import numpy as np
    >>> from models import Data, GivenDraws, Model, StatedDraws
    >>> stated = StatedDraws.of({"weights": np.full((2, 50, 2), 0.5), "rates": np.tile([2.0, 9.0], (2, 50, 1))})
    >>> found = GivenDraws.of(stated, Model("poisson", 2), Data.of([1, 2, 8, 9]))
    >>> found.mixture.weights.shape, found.called
    ((2, 50, 2), {'weights': 'weights', 'rates': 'rates'})
    """

    mixture: Mixture
    stated: StatedDraws
    called: dict[str, str]
    notes: tuple[str, ...] = ()
    doubt: str | None = None
    others: tuple[tuple[str, Mixture], ...] = ()

    @classmethod
    def of(cls, stated: StatedDraws, model: Model, data: Data, names: Mapping[str, str] | None = None) -> GivenDraws:
        """Read the draws of a model's parameters, on their own scale: weights, not their logits.

        Parameters
        ----------
        stated
            The draws by the names of their program.
        model
            The model that they are draws of.
        data
            The data of the posterior.
        names
            The name in their program for a piece, such as ``{"weights": "theta", "sds": "sigma"}``. A piece that it leaves
            out is the variable of a name that is known for it, and weights are also found by their sum of one.

        Returns
        -------
        GivenDraws
            The mixture of every draw, and what is to be said of how they were read.

        Raises
        ------
        ValueError
            When a piece is missing, or no draw of such a mixture; the sentence names it.

        Examples
        --------
        >>> import numpy as np
        >>> from models import Data, GivenDraws, Model, StatedDraws
        >>> stated = StatedDraws.of({"p": np.full((1, 50, 2), 0.5), "level": np.tile([2.0, 9.0], (1, 50, 1))})
        >>> found = GivenDraws.of(stated, Model("poisson", 2), Data.of([1, 2, 8, 9]), names={"rates": "level"})
        >>> found.mixture.components.rates.shape
        (1, 50, 2)
        """
        called = _called(stated, model, dict(names or {}))
        weights, notes = weights_of(stated, called, model)
        flat = weights.reshape(-1, model.components)
        pieces = {own: _flat(stated.variables[name]) for own, name in called.items() if own != "weights"}
        readings = readers[model.family].draws(pieces, called, model)
        reading, choice = _chosen(readings, flat, data)

        def mixture(components: Components) -> Mixture:
            return Mixture(weights, components.map(lambda array: array.reshape(*stated.shape, *array.shape[1:])))

        others = tuple((name, mixture(other)) for name, other in reading.others)
        all_notes = (*stated.notes, *notes, *choice)
        return cls(mixture(reading.components), stated, called, all_notes, _doubt(reading, flat, data), others)

    @property
    def remarks(self) -> tuple[str, ...]:
        """The notes, and the doubt if there is one: all that is to be said."""
        return self.notes if self.doubt is None else (*self.notes, self.doubt)


def _called(stated: StatedDraws, model: Model, names: dict[str, str]) -> dict[str, str]:
    """Return the variable that each piece of the model is, as far as it has one."""
    pieces = ("weights", *readers[model.family].pieces)
    for own, name in names.items():
        if own not in pieces:
            raise ValueError(f"names must be of {', '.join(pieces)}, got {own!r}.")
        if name not in stated.variables:
            raise ValueError(f"names has {own}={name}, but the posterior's variables are {_listed(stated)}.")
    found = dict(names)
    for own in pieces:
        own_names = [name for name in stated.variables if own_word(name) == own and name not in found.values()]
        if own in found or not own_names:
            continue
        if own in own_names:
            found[own] = own
        elif len(own_names) == 1:
            found[own] = own_names[0]
        else:
            raise ValueError(
                f"the posterior has {' and '.join(map(repr, own_names))}, which may both be the {own}: say which with "
                f"names, such as {own}={own_names[0]}."
            )
    if not set(found) - {"weights"}:
        raise ValueError(
            f"the posterior has no {readers[model.family].pieces[0]} by any known name; its variables are "
            f"{_listed(stated)}: say with names which is what."
        )
    # What is named says which of several that say the same is meant; else the first, the most complete of them, is.
    return {own: found[own] for own in (*names, *pieces) if own in found}


def _chosen(readings: list[Reading], weights: Array, data: Data) -> tuple[Reading, tuple[str, ...]]:
    """Let one draw in the middle decide, as an estimate would: there are whole factors between what can be meant."""
    if len(readings) == 1:
        return readings[0], ()
    middle = len(weights) // 2
    at_middle = [replace(each, components=each.components.map(lambda array: array[middle])) for each in readings]
    found, notes = chosen(at_middle, weights[middle], data)
    place = next(i for i, each in enumerate(at_middle) if each is found)
    return readings[place], tuple(note.replace("the estimate is", "the posterior is") for note in notes)


def _doubt(reading: Reading, weights: Array, data: Data) -> str | None:
    """Say under which other name the draws fit the data far better.

    A posterior is centred near the top of the likelihood: a constant power of all scales takes it away from there. The best
    of the draws has to say so as well, on which a step of EM leaves the widths alone when they are read as what they are.
    """
    if reading.misfit is None or not reading.others:
        return None
    some = np.linspace(0, len(weights) - 1, min(LOOKED_AT, len(weights))).astype(np.intp)
    compressed = data.compress()

    def looked_at(components: Any) -> tuple[float, Mixture]:
        mixture = Mixture(weights[some], components.map(lambda array: array[some]))
        heights = [log_likelihood(mixture[i], compressed) for i in range(len(some))]
        return float(np.mean(heights)), mixture[int(np.argmax(heights))]

    height, best = looked_at(reading.components)
    misfit, doubt = reading.misfit(best, compressed), None
    for name, components in reading.others:
        other_height, other_best = looked_at(components)
        gain = other_height - height
        if gain >= SETTLES and misfit > MANY_TIMES * reading.misfit(other_best, compressed):
            height, doubt = (
                other_height,
                (
                    f"with the same numbers as {name} the log-likelihood of the draws is {gain:.3g} nats higher on average: "
                    f"they seem to be {name}"
                ),
            )
    return doubt


def _flat(array: Array) -> Array:
    return array.reshape(-1, *array.shape[2:])


def _listed(stated: StatedDraws) -> str:
    return ", ".join(map(repr, stated.variables))
