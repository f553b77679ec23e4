"""What each half of EM gives with one classic mistake, for somebody whose own half is to be held against it."""

from __future__ import annotations

from collections.abc import Iterator

from models import Array, Data, Mixture, Model

from .mistakes import Mistake
from .registry import families_maps
from .step import Situation


def wrong_e_steps(mixture: Mixture, model: Model, data: Data) -> Iterator[tuple[Mistake, Array]]:
    """Yield the responsibilities, shape ``(rows, k)``, of each mistake that an E-step of this model can make.

    Parameters
    ----------
    mixture
        The current parameters.
    model
        The model.
    data
        The rows.

    Yields
    ------
    Mistake
        The mistake.
    numpy.ndarray
        The responsibilities that it gives, shape ``(rows, k)``.

    Examples
    --------
    >>> import numpy as np
    >>> from em import wrong_e_steps
    >>> from models import Data, Mixture, Model, Poisson
    >>> mixture = Mixture(np.array([0.3, 0.7]), Poisson(np.array([1.0, 9.0])))
    >>> found = wrong_e_steps(mixture, Model("poisson", 2), Data.of([0, 1, 1, 2, 8, 9, 9, 10]))
    >>> {str(mistake): gamma.shape for mistake, gamma in found}
    {'weights-forgotten': (8, 2), 'hard-assignments': (8, 2), 'wrong-axis': (8, 2)}
    """
    situation = Situation(mixture, model, data)
    for e_step in families_maps[model.family].wrong_e_steps:
        found = e_step.responsibilities(situation)
        if found is not None:
            yield e_step.mistake, found


def wrong_m_steps(mixture: Mixture, model: Model, data: Data) -> Iterator[tuple[Mistake, Mixture]]:
    """Yield where each mistake of an M-step leads that is given the right responsibilities of ``mixture``.

    Parameters
    ----------
    mixture
        The current parameters.
    model
        The model.
    data
        The rows.

    Yields
    ------
    Mistake
        The mistake.
    Mixture
        Where it leads.

    Examples
    --------
    >>> import numpy as np
    >>> from em import wrong_m_steps
    >>> from models import Data, Mixture, Model, Poisson
    >>> mixture = Mixture(np.array([0.3, 0.7]), Poisson(np.array([1.0, 9.0])))
    >>> found = wrong_m_steps(mixture, Model("poisson", 2), Data.of([0, 1, 1, 2, 8, 9, 9, 10]))
    >>> sorted({str(mistake) for mistake, _ in found})[:2]
    ['divided-by-all', 'weights-not-updated']
    """
    situation, maps = Situation(mixture, model, data), families_maps[model.family]
    of_e_steps = {e_step.mistake for e_step in maps.wrong_e_steps}
    for wrong in maps.wrong_maps:
        if wrong.mistake not in of_e_steps:
            yield from ((wrong.mistake, step.mixture) for step in wrong.steps(situation))
