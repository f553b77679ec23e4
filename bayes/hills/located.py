"""On which hill of a posterior a mixture lies."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models import Mixture

from ..compiled import compiled_for
from ..hill import NEGLIGIBLE
from ..posterior import Posterior
from .importance import about, owners
from .mode import Mode, curvature
from .target import Target


def hills_of(posterior: Posterior, mixtures: Mixture) -> NDArray[np.intp]:
    """Return the number of the hill of a posterior on which each mixture lies.

    The border runs as it does where the hills are weighed (``importance.py``), with a hill's share for its size. All lie on
    the first where there is one hill alone.

    Parameters
    ----------
    posterior
        A posterior.
    mixtures
        Mixtures of its model, with one leading axis.

    Returns
    -------
    numpy.ndarray
        The number of each mixture's hill among ``posterior.hills``, counted from zero, shape ``(n,)``.

    Examples
    --------
    >>> import numpy as np
    >>> from bayes import hills_of, sample
    >>> from models import Mixture, Poisson
    >>> x = np.repeat([1, 2, 3, 10, 12, 14, 28, 30, 32], 6)
    >>> optima = Mixture(np.array([[0.3, 0.7], [0.7, 0.3]]), Poisson(np.array([[2.0, 21.0], [7.0, 30.0]])))
    >>> posterior = sample(x, "poisson", 2, draws=500, chains=2, seed=0, optima=optima)
    >>> hills_of(posterior, optima).tolist()
    [1, 0]
    """
    if not posterior.hills:
        return np.zeros(len(mixtures.weights), dtype=np.intp)
    data, prior = posterior.data, posterior.prior
    target = Target.of(compiled_for(data, posterior.model, prior.called), data, prior)
    tops = [target.points(hill.mode[None])[0] for hill in posterior.hills]
    proposals = [about(Mode(top, float(target.density(top)[0]), curvature(target, top)), target) for top in tops]
    points = target.points(mixtures)
    log_shares = np.log([max(hill.share, NEGLIGIBLE) for hill in posterior.hills])
    return owners(np.array([proposal.log_density(points) for proposal in proposals]), log_shares)
