r"""Hold an estimate against the right step and all wrong ones: the mistake whose step does not move it is named.

**How far a step goes** is measured in the information $I_c$ of the complete data: in standard errors, had the labels been
seen. Near a maximum $\theta^*$ of the likelihood, EM's step from $\theta$ is $I_c^{-1} I (\theta^* - \theta)$ (Dempster,
Laird and Rubin 1977, section 3), and $I \le I_c$: the right step is no longer than the estimate is off. Rounding that moved
the estimate by $r$ therefore explains a right step up to $r$, and nothing else need be looked for.

**A mistake is named** when the right step is longer than what rounding explains, and than what matters; when the wrong step
is a tenth of it or less; and rounding and early stopping do not explain the estimate as well. An early stop leaves a step in
some direction of its own. It would have to undo a wrong step to nine tenths in all parameters at the same time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from models import Data, Mixture, Model, Shown, require_no_labels

from .mistakes import WHAT_IT_DOES, Mistake
from .registry import FamilyMaps, families_maps
from .step import Situation, Step

# In standard errors of the complete data: a shorter right step moves no conclusion.
MATTERS = 1e-3
# The wrong step is so much shorter than the right one.
BY_FAR = 10.0
# Errors of rounding are half a unit at most, which is √3 times as large as they are on average.
ROUNDING_SLACK = 2.0
# Two mistakes whose steps are this alike cannot be told apart: the one that is listed first is named.
ALIKE = 3.0
# As many as a double has.
ALL_DIGITS = 17


@dataclass(frozen=True, repr=False)
class Explanation(Shown):
    """What an estimate is a fixed point of.

    Parameters
    ----------
    mistake
        The mistake that explains the estimate, or ``None``.
    detail
        What of the mistake is a number or a variant, such as how large a ridge is.
    right_step
        How far the right step of EM moves the estimate, in standard errors of the complete data.
    wrong_steps
        The same for every mistake that can be made with this model, the shortest of its variants.
    rounding
        How far rounding to the digits of the estimate may have moved it, in the same unit.

    Examples
    --------
    >>> import numpy as np
    >>> from em import explain
    >>> from models import Data, Mixture, Model, Poisson
    >>> by_k_means = Mixture(np.array([0.5, 0.5]), Poisson(np.array([1.4, 9.6])))
    >>> found = explain(by_k_means, Model("poisson", 2), Data.of([0, 1, 1, 2, 3, 8, 9, 9, 10, 12]))
    >>> str(found.mistake), round(found.right_step, 2)
    ('hard-assignments', 0.12)
    """

    mistake: Mistake | None
    detail: str
    right_step: float
    wrong_steps: dict[Mistake, float]
    rounding: float

    @property
    def sentence(self) -> str | None:
        """What is to be said of the mistake, or ``None``."""
        if self.mistake is None:
            return None
        detail = f" ({self.detail})" if self.detail else ""
        return f"This is where EM ends that {WHAT_IT_DOES[self.mistake]}{detail}."

    def _said(self) -> Iterator[str]:
        yield self.sentence or "No known mistake ends here."
        yield f"The right step of EM moves it by {self.right_step:.2g} standard errors of the complete data."


def explain(mixture: Mixture, model: Model, data: Data, digits: int = ALL_DIGITS) -> Explanation:
    """Say which classic mistake an estimate is a fixed point of, if it is of one and not of EM itself.

    Parameters
    ----------
    mixture
        The estimate, without leading axes.
    model
        The model that was meant.
    data
        The observations.
    digits
        How many significant digits the estimate was written with.

    Returns
    -------
    Explanation
        The mistake, or ``None``, and how far right and wrong steps move the estimate.

    Raises
    ------
    ValueError
        When labels are known.

    Examples
    --------
    >>> from em import explain, fit
    >>> x = [0, 1, 1, 2, 3, 8, 9, 9, 10, 12]
    >>> fitted = fit(x, family="poisson", components=2, starts=10)
    >>> explain(fitted.mixture, fitted.model, fitted.data).mistake is None
    True
    """
    require_no_labels(data.labels, "the search for classic mistakes")
    maps = families_maps[model.family]
    situation = Situation(mixture, model, data)
    right = situation.step(situation.responsibilities)
    right_step = _length(mixture, Step(right), model, data, maps) if right is not None else np.inf
    rounding = _rounding(mixture, model, data, maps, digits)
    shortest: dict[Mistake, tuple[float, str]] = {}
    for wrong in maps.wrong_maps:
        for step in wrong.steps(situation):
            length = _length(mixture, step, model, data, maps)
            if wrong.mistake not in shortest or length < shortest[wrong.mistake][0]:
                shortest[wrong.mistake] = length, step.detail
    lengths = {mistake: length for mistake, (length, _) in shortest.items()}
    named = _named(right_step, lengths, rounding)
    return Explanation(named, shortest[named][1] if named else "", right_step, lengths, rounding)


def _named(right_step: float, lengths: dict[Mistake, float], rounding: float) -> Mistake | None:
    if not np.isfinite(right_step) or right_step <= max(MATTERS, ROUNDING_SLACK * rounding) or not lengths:
        return None
    least = min(lengths.values())
    if least * BY_FAR > right_step:
        return None
    alike = [mistake for mistake, length in lengths.items() if length <= ALIKE * max(least, rounding)]
    return next((mistake for mistake in alike if lengths[mistake] * BY_FAR <= right_step), None)


def _length(mixture: Mixture, step: Step, model: Model, data: Data, maps: FamilyMaps) -> float:
    moved = step.mixture
    of_components = mixture.weights @ maps.squared_change(mixture.components, moved.components)
    # Δπ²/π for a small step, and finite where a weight is zero.
    of_weights = 4 * np.square(np.sqrt(moved.weights) - np.sqrt(mixture.weights)).sum() * model.weights_are_free
    return float(np.sqrt(data.size * (of_components + of_weights)))


def _rounding(mixture: Mixture, model: Model, data: Data, maps: FamilyMaps, digits: int) -> float:
    relative = 0.5 * 10.0 ** (1 - digits)
    of_components = mixture.weights @ maps.squared_rounding(mixture.components, relative)
    # With units between those of each weight and of the largest: relative √(π max π).
    of_weights = len(mixture.weights) * relative**2 * mixture.weights.max() / 3 * model.weights_are_free
    return float(np.sqrt(data.size * (of_components + of_weights)))
