"""Reference data sets: simulated from a known truth, or real, with their source and what the literature finds.

A real data set is a CSV file in this folder, and a function that says where it comes from.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..suggestion import suggestion
from .counts import earthquakes, horse_kicks, times_deaths
from .kinds import Classic, Published, Scenario, Simulation
from .measurements import acidity, galaxies, iris, old_faithful
from .simulated import counts_many, gaussian_five, gaussian_two, poisson_exposure, poisson_three

__all__ = [
    "DEFAULT_SEED",
    "REPORTED",
    "Classic",
    "Published",
    "Scenario",
    "Simulation",
    "classics",
    "scenario",
    "scenarios",
    "simulation",
    "simulations",
]

DEFAULT_SEED = 2026

simulations: dict[str, Callable[[np.random.Generator], Simulation]] = {
    "poisson-three": poisson_three,
    "gaussian-five": gaussian_five,
    "gaussian-two": gaussian_two,
    "counts-many": counts_many,
    "poisson-exposure": poisson_exposure,
}
classics: dict[str, Callable[[], Classic]] = {
    "old-faithful": old_faithful,
    "galaxies": galaxies,
    "acidity": acidity,
    "iris": iris,
    "horse-kicks": horse_kicks,
    "times-deaths": times_deaths,
    "earthquakes": earthquakes,
}
scenarios = (*simulations, *classics)
# What `emvsbayes report` shows unasked.
REPORTED = ("poisson-three", "gaussian-five", "gaussian-two")


def scenario(name: str, seed: int | None = None) -> Scenario:
    """Return the reference data set of that name; of a simulated one, the same bits for one seed.

    Parameters
    ----------
    name
        A key of ``models.scenarios``.
    seed
        The seed that simulated data are drawn from; unless given, the one of the reference.

    Returns
    -------
    Scenario
        With ``data``, ``model`` and ``lesson``; of simulated data also ``truth`` and ``labels``, of real ones ``source``.

    Raises
    ------
    ValueError
        When there is no scenario of that name, or a seed is given for real data.

    Examples
    --------
    >>> from models import scenario
    >>> faithful = scenario("old-faithful")
    >>> faithful.data.rows, faithful.data.columns
    (272, ('eruptions', 'waiting'))
    """
    if name in simulations:
        return simulations[name](np.random.default_rng(DEFAULT_SEED if seed is None else seed))
    if name not in classics:
        raise ValueError(f"there is no scenario {name!r}{suggestion(name, scenarios)}")
    if seed is not None:
        raise ValueError(f"seed is for data that are simulated, and {name!r} is real: leave it out.")
    return classics[name]()


def simulation(name: str, seed: int | None = None) -> Simulation:
    """Return the simulated data set of that name, with the truth it was drawn from.

    Parameters
    ----------
    name
        A key of ``models.simulations``.
    seed
        The seed that the data are drawn from; unless given, the one of the reference.

    Returns
    -------
    Simulation
        The data, the model to fit and the truth.

    Raises
    ------
    ValueError
        When there is no scenario of that name, or its data are real, so that nobody knows their truth.

    Examples
    --------
    >>> from models import simulation
    >>> three = simulation("poisson-three")
    >>> three.truth.components.rates
    array([ 30., 100., 150.])
    """
    found = scenario(name, seed)
    if not isinstance(found, Simulation):
        raise ValueError(
            f"{name!r} is a real data set, of which nobody knows the truth: choose one that is simulated, "
            f"{', '.join(map(repr, simulations))}."
        )
    return found
