"""EM as the derivations read: the E-step with all responsibilities at once, and the loop around it.

Nothing here is fast, and everything else in this folder is held against it.
"""

from __future__ import annotations

import numpy as np
from scipy import special

from models import Data, Expectation, Mixture

from .m_step import MStep


def textbook_e_step(data: Data, mixture: Mixture) -> Expectation:
    """Do the E-step as its derivation reads; this holds all responsibilities at once, shape ``(rows, k)``.

    Parameters
    ----------
    data
        The rows.
    mixture
        The current parameters, without leading axes.

    Returns
    -------
    Expectation
        As of :func:`em.e_step`.

    Examples
    --------
    >>> import numpy as np
    >>> from em import textbook_e_step
    >>> from models import Data, Mixture, Poisson
    >>> mixture = Mixture(np.array([0.5, 0.5]), Poisson(np.array([2.0, 9.0])))
    >>> round(textbook_e_step(Data.of([0, 1, 9, 10]), mixture).log_likelihood, 3)
    -10.232
    """
    log_joint = mixture.log_joint(data.values, data.exposure, data.known)
    log_density = special.logsumexp(log_joint, axis=1, keepdims=True)
    responsibilities = np.exp(log_joint - log_density) * data.weights[:, None]
    statistics = mixture.components.statistics(data.values, responsibilities, data.exposure)
    return Expectation(float(np.sum(data.weights * log_density[:, 0])), statistics)


def textbook_climb(data: Data, start: Mixture, m_step: MStep, steps: int) -> list[tuple[Mixture, float]]:
    """Take so many steps of EM from a start.

    Returns every mixture on the way, the start first, each with its own total log-likelihood in nats.

    Parameters
    ----------
    data
        The rows.
    start
        Where EM starts.
    m_step
        The M-step of the model.
    steps
        How many steps are taken.

    Returns
    -------
    list of (Mixture, float)
        Every visited mixture with its log-likelihood in nats, the start first.

    Examples
    --------
    >>> import numpy as np
    >>> from em import MStep, textbook_climb
    >>> from models import Data, Mixture, Model, Poisson
    >>> data = Data.of([0, 1, 9, 10])
    >>> start = Mixture(np.array([0.5, 0.5]), Poisson(np.array([2.0, 6.0])))
    >>> [round(value, 3) for _, value in textbook_climb(data, start, MStep(Model("poisson", 2), data), 3)]
    [-11.867, -8.606, -8.595, -8.595]
    """
    mixture, visited = start, []
    for _ in range(steps + 1):
        expectation = textbook_e_step(data, mixture)
        visited.append((mixture, expectation.log_likelihood))
        mixture = m_step(expectation.statistics, mixture)
    return visited
