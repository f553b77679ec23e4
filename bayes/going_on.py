"""Sampling goes on until the answer stands: the same chains, longer, as long as what is read off them has not settled.

A longer run begins anew from the same seed, and its first draws are those of the shorter one: so the answer is that of
so many draws from the start, whatever the speed of the machine. Effective sample sizes grow with the draws, and what
R-hat is above one falls with them (Vehtari and others 2021, section 3): from the first batch it can be told about how
long a run has to be, and the runs between are left out.
"""

from __future__ import annotations

from collections.abc import Callable

from models import Tick, require_whole

from .posterior import Posterior
from .settled import LARGEST_R_HAT, SMALLEST_ESS, r_hat_of, size_of


def is_settled(posterior: Posterior) -> bool:
    """Check whether the chains agree, and the draws are worth enough independent ones for all that is read off them.

    Parameters
    ----------
    posterior
        A posterior.

    Returns
    -------
    bool
        Whether it can be trusted.

    Examples
    --------
    Thirty draws in all are not worth 400 independent ones:

    >>> from bayes import is_settled, sample
    >>> is_settled(sample([0, 1, 1, 2, 3, 8, 9, 9, 10, 12], "poisson", 2, draws=15, chains=2, seed=0))
    False
    """
    return largest_r_hat(posterior) <= LARGEST_R_HAT and smallest_size(posterior) >= SMALLEST_ESS


def largest_r_hat(posterior: Posterior) -> float:
    """Return the largest R-hat of all quantities that have to be settled.

    Parameters
    ----------
    posterior
        A posterior.

    Returns
    -------
    float
        The R-hat.

    Examples
    --------
    >>> from bayes import largest_r_hat, sample
    >>> x = [0, 1, 1, 2, 3, 8, 9, 9, 10, 12]
    >>> posterior = sample(x, "poisson", 2, draws=500, chains=2, seed=0)
    >>> largest_r_hat(posterior) < 1.1
    True
    """
    return max(map(r_hat_of, posterior.to_settle))


def smallest_size(posterior: Posterior) -> float:
    """Return the smallest effective sample size of all quantities that have to be settled.

    Parameters
    ----------
    posterior
        A posterior.

    Returns
    -------
    float
        The effective sample size.

    Examples
    --------
    >>> from bayes import sample, smallest_size
    >>> x = [0, 1, 1, 2, 3, 8, 9, 9, 10, 12]
    >>> posterior = sample(x, "poisson", 2, draws=500, chains=2, seed=0)
    >>> smallest_size(posterior) > 50
    True
    """
    return min(map(size_of, posterior.to_settle))


def most_draws(draws: int, given: int | None) -> int:
    """Return how many draws a chain may take at most.

    Raises
    ------
    ValueError
        When ``max_draws`` is no whole number, or smaller than ``draws``.
    """
    if given is None:
        return draws
    require_whole("max_draws", given, draws)
    return given


def until_enough(
    sampled: Callable[[int, Tick | None], Posterior],
    draws: int,
    most: int,
    until: Callable[[Posterior], bool] | None,
    on_draw: Tick | None,
    on_longer: Callable[[int], Tick] | None = None,
) -> Posterior:
    """Sample so many draws, and as many more, doubling, as it takes for the posterior to settle and ``until`` to be true."""
    posterior = sampled(draws, on_draw)
    while draws < most:
        settled = is_settled(posterior)
        if settled and (until is None or until(posterior)):
            break
        draws = min(most, 2 * draws if settled else _enough(posterior, draws))
        posterior = sampled(draws, None if on_longer is None else on_longer(draws))
    return posterior


def _enough(posterior: Posterior, draws: int) -> int:
    """Return the smallest number of draws, doubled again and again, at which the posterior may be expected to settle."""
    size, excess = smallest_size(posterior), largest_r_hat(posterior) - 1
    factor = max(SMALLEST_ESS / max(size, 1.0), excess / (LARGEST_R_HAT - 1), 1.0 + 1e-9)
    enough = draws
    while enough < factor * draws and enough < 2**40:
        enough *= 2
    return enough
