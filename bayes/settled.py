"""When draws are enough: chains that agree, and effective samples enough for what is read off them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from models import Data, Mixture

from .relabel import exchange_costs

if TYPE_CHECKING:
    import pandas as pd

LARGEST_R_HAT = 1.01
SMALLEST_ESS = 400
# A draw whose two closest labels differ by less than log 20 could bear either; a twentieth of such draws is the share at
# which a 95 % interval begins to hold the other component.
CLEAR_LABELS = float(np.log(20))
LARGEST_UNCLEAR = 0.05
# In so many draws that share has a standard error of 0.007.
LABEL_DRAWS = 1000


def places_of(data: Data) -> Data:
    """Return nine places at which a density is looked at: the deciles of the data, or of the rates of exposed counts.

    Parameters
    ----------
    data
        The rows.

    Returns
    -------
    Data
        Nine rows of the same columns, each of weight one; of exposed counts nine of the rows themselves.

    Examples
    --------
    >>> from bayes import places_of
    >>> from models import Data
    >>> places_of(Data.of(range(101))).values[:, 0].tolist()
    [10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 70.0, 80.0, 90.0]
    """
    levels = np.linspace(0.1, 0.9, 9)
    if data.exposure is None:
        places = np.quantile(data.values, levels, axis=0, method="inverted_cdf", weights=data.weights)
        return replace(data, values=places, weights=np.ones(len(places)), notes=())
    order = np.argsort(data.values.sum(axis=1) / data.exposure, kind="stable")
    below = np.cumsum(data.weights[order])
    return data.take(order[np.searchsorted(below, levels * below[-1])])


def unclear_labels(draws: Mixture, data: Data, most: int = LABEL_DRAWS) -> float:
    """Return the share of draws in which some two labels might as well be exchanged.

    Parameters
    ----------
    draws
        The relabelled draws, with leading axes.
    data
        The rows that they are a posterior of.
    most
        How many draws are looked at, at most.

    Returns
    -------
    float
        The share, from zero to one.

    Examples
    --------
    >>> import numpy as np
    >>> from bayes import unclear_labels
    >>> from models import Data, Mixture, Poisson
    >>> draws = Mixture(np.full((2, 2), 0.5), Poisson(np.array([[1.0, 9.0], [4.9, 5.1]])))
    >>> unclear_labels(draws, Data.of([0, 1, 1, 2, 8, 9, 9, 10]))
    0.5
    """
    flat = draws.flatten()
    chosen = flat[:: max(1, int(np.ceil(len(flat.weights) / most)))]
    return float(np.mean(exchange_costs(chosen, data) < CLEAR_LABELS))


def r_hat_of(table: pd.DataFrame) -> float:
    """Return the largest R-hat of a table; a quantity that never moves has none, and is not settled.

    Parameters
    ----------
    table
        A table as :func:`summarise` makes it.

    Returns
    -------
    float
        The R-hat, infinite where a quantity has none.

    Examples
    --------
    >>> import numpy as np
    >>> from bayes import r_hat_of, summarise
    >>> moving = np.random.default_rng(0).normal(size=(4, 500))
    >>> bool(r_hat_of(summarise({"moving": moving})) < 1.01)
    True
    >>> r_hat_of(summarise({"moving": moving, "still": np.ones((4, 500))}))
    inf
    """
    return float(table["r_hat"].fillna(np.inf).max())


def size_of(table: pd.DataFrame) -> float:
    """Return the smallest effective sample size of a table, of the bulk or of the tails."""
    return float(np.nan_to_num(table[["ess_bulk", "ess_tail"]].to_numpy(), nan=0.0).min())
