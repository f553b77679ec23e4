"""A given estimate: what somebody else's numbers are as a mixture, and of which model."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..arrays import Array
from ..data import Data
from ..mixture import Mixture, reader_of_estimates
from ..model import Model
from .choosing import chosen, doubt_about
from .forms import pieces_of
from .reading import Reading
from .registry import family_of, readers
from .stated import Stated
from .weights import normalised


@dataclass(frozen=True)
class Given:
    """Somebody else's point estimate.

    Parameters
    ----------
    mixture
        The estimate, without leading axes.
    model
        The model that it is an estimate of: family, components, dimension, structure of covariance, and mixing.
    log_likelihood
        The log-likelihood that its program states, if any, in whatever convention the program has.
    digits
        How many significant digits its numbers were written with, as far as they show; all that a double has are 17.
    notes
        What is to be said of how it was read; a sentence each.
    doubt
        Under which other name the same numbers would fit the data far better, such as standard deviations that were given
        as variances; a sentence, or ``None``.

    Examples
    --------
    >>> from models import Given
    >>> found = Given.of({"weights": [0.3, 0.7], "rates": [2.1, 9.4]})
    >>> found.model.family, found.digits
    ('poisson', 1)
    """

    mixture: Mixture
    model: Model
    log_likelihood: float | None = None
    digits: int = 17
    notes: tuple[str, ...] = ()
    doubt: str | None = None

    @classmethod
    def of(cls, given: Any, x: ArrayLike | Data | None = None) -> Given:
        """Read an estimate in any form that people and programs have.

        Parameters
        ----------
        given
            A dictionary with ``weights``, ``means`` and one of ``covariances``, ``variances``, ``sds``, ``precisions``
            or ``cholesky``, or with ``weights`` and ``rates``; a list of such dictionaries, or a data frame, with a row for
            each component; a fitted mixture of scikit-learn, StepMix or pomegranate; mclust's ``parameters``, or flexmix's
            ``prior()`` and ``parameters()``, as R's jsonlite writes them; a :class:`Mixture`, or a fit that has one.
        x
            The data that it is an estimate from, shape ``(n,)`` or ``(n, d)``. They settle what shapes leave open.

        Returns
        -------
        Given
            The mixture, its model, and what is to be said of how it was read.

        Raises
        ------
        ValueError
            When it is no mixture, or can be two, or is none of these data; the sentence names the piece.

        Examples
        --------
        >>> from models import Given
        >>> found = Given.of({"weights": [0.3, 0.7], "means": [0.0, 4.0], "sds": [1.0, 2.0]})
        >>> found.mixture.components.covariances.ravel().tolist()
        [1.0, 4.0]
        """
        data = x if x is None or isinstance(x, Data) else Data.of(x)
        ready = _ready(given)
        if ready is not None:
            return _checked(ready, data)
        stated = pieces_of(given, data)
        weights, notes = _weights(stated)
        family = family_of(stated, len(weights))
        readings = readers[family].readings(stated, len(weights), None if data is None else data.dimension)
        if any(len(reading.components.location()) != len(weights) for reading in readings):
            raise ValueError(
                f"the estimate has {len(weights)} weights, but {len(readings[0].components.location())} components."
            )
        reading, choice = chosen(readings, weights, data)
        found = Given(
            Mixture(weights, reading.components),
            _model(reading, len(weights), stated, data),
            stated.log_likelihood,
            stated.digits,
        )
        if data is not None:
            _require_possible(found.mixture, data)
        doubt = None if data is None else doubt_about(reading, weights, data)
        return replace(found, notes=(*stated.notes, *notes, *choice, *reading.notes), doubt=doubt)

    @property
    def remarks(self) -> tuple[str, ...]:
        """The notes, and the doubt if there is one: all that is to be said."""
        return self.notes if self.doubt is None else (*self.notes, self.doubt)


@reader_of_estimates
def _mixture_of(given: Any, x: ArrayLike | Data | None) -> tuple[Mixture, tuple[str, ...]]:
    found = Given.of(given, x)
    return found.mixture, found.remarks


def _ready(given: Any) -> Given | None:
    """What has a mixture and a model already: a given estimate, or a fit of the suite's own."""
    if isinstance(given, Given):
        return given
    mixture, model = getattr(given, "mixture", None), getattr(given, "model", None)
    return Given(mixture, model) if isinstance(mixture, Mixture) and isinstance(model, Model) else None


def _checked(ready: Given, data: Data | None) -> Given:
    if data is not None:
        Model.of(data, **ready.model.specification)
    return ready


def _weights(stated: Stated) -> tuple[Array, tuple[str, ...]]:
    """The weights; a single component needs none, and equal ones need only be said to be equal."""
    given, k = stated.pieces.get("weights"), stated.components
    if given is None:
        largest = max(array.size for array in stated.pieces.values())
        if k is None and largest == 1:
            k = 1
        if k is None or (k > 1 and stated.mixing != "equal"):
            raise ValueError("the estimate has no weights: give one for each component (equal ones as well).")
        return np.full(k, 1 / k), ()
    if given.size != max(given.shape, default=1):
        raise ValueError(f"the estimate's {stated.called['weights']} must have one axis, got the shape {given.shape}.")
    if k is not None and k != given.size:
        raise ValueError(
            f"the estimate's {stated.called['components']} is {k}, but it has {given.size} {stated.called['weights']}."
        )
    try:
        weights, notes = normalised(given.ravel())
    except ValueError as error:
        raise ValueError(f"the estimate's {error}") from None
    if stated.mixing == "equal" and np.ptp(weights) > 1e-6:
        raise ValueError("the estimate's mixing is 'equal', but its weights differ.")
    return weights, notes


def _model(reading: Reading, k: int, stated: Stated, data: Data | None) -> Model:
    family, mixing = reading.components.name, stated.mixing or "free"
    if data is None:
        return Model(family, k, reading.dimension, reading.covariance, mixing)
    return Model.of(data, family, k, reading.covariance, mixing)


def _require_possible(mixture: Mixture, data: Data) -> None:
    impossible = np.flatnonzero(~np.isfinite(mixture.log_density(data.values, data.exposure)))
    if impossible.size:
        row = int(impossible[0])
        values = ", ".join(f"{value:g}" for value in data.values[row])
        raise ValueError(
            f"the estimate cannot have given the data: row {row + 1} ({values}) has no density under any of its components."
        )
