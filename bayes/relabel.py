"""Undo label switching: give every posterior draw the labels under which its responsibilities agree best.

The algorithm is that of Stephens (2000, section 4): with Q the average of the relabelled responsibilities, each draw
takes the permutation that minimises the Kullback–Leibler divergence from its own responsibilities P to Q,

    cost[j, l] = Σ_i w_i P_ij (log P_ij − log Q_il),

an assignment problem; then Q is averaged anew, until no draw changes its labels. The pivot that Q starts from is the
posterior's own: the draw with the highest log-likelihood.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models import Array, Data, Mixture, ascending_order, assigned, free_of

MOST_ROWS = 1000
MOST_ITERATIONS = 50


def relabel(draws: Mixture, data: Data, log_likelihood: Array) -> Mixture:
    """Relabel draws with leading axes ``(chain, draw)``; the components then ascend by their mean location.

    Those that a known label names have their places, and stay there.

    Of many observations an even selection decides, which is plenty to tell components apart.

    Parameters
    ----------
    draws
        The mixtures, with leading axes ``(chain, draw)``.
    data
        The rows that they are a posterior of.
    log_likelihood
        That of each draw in nats, shape ``(chain, draw)``: it picks the pivot.

    Returns
    -------
    Mixture
        The same draws, each with the labels that fit it best.

    Examples
    --------
    >>> import numpy as np
    >>> from bayes import relabel, total_log_likelihood
    >>> from models import Data, Mixture, Poisson
    >>> data = Data.of([0, 1, 1, 2, 8, 9, 9, 10])
    >>> draws = Mixture(np.full((1, 3, 2), 0.5), Poisson(np.array([[[1.0, 9.0], [9.5, 1.5], [1.2, 8.0]]])))
    >>> relabel(draws, data, total_log_likelihood(draws, data)).components.rates.tolist()
    [[[1.0, 9.0], [1.5, 9.5], [1.2, 8.0]]]
    """
    flat = draws.flatten()
    chosen = _selection(data)
    orders = stephens(_responsibilities(flat, chosen), chosen.weights, int(np.argmax(log_likelihood)), data.fixed)
    relabelled = flat.relabel(orders)
    ascending = ascending_order(relabelled.components.location().mean(axis=0), data.fixed)
    orders = orders[:, ascending]
    return draws.relabel(orders.reshape(draws.weights.shape))


def stephens(
    responsibilities: NDArray[np.floating], weights: Array, pivot: int, fixed: tuple[int, ...] = ()
) -> NDArray[np.intp]:
    """Return the order of components for each draw, from responsibilities (Stephens 2000, section 4).

    Parameters
    ----------
    responsibilities
        Those of each draw and row, shape ``(draws, rows, k)``.
    weights
        How often each row was seen, shape ``(rows,)``.
    pivot
        The number of the draw whose labels the others are first brought to.
    fixed
        The components that stay in their places.

    Returns
    -------
    numpy.ndarray
        For each draw the old component at each place, shape ``(draws, k)``.

    Examples
    --------
    >>> import numpy as np
    >>> from bayes import stephens
    >>> one = np.array([[0.9, 0.1], [0.8, 0.2], [0.1, 0.9]])
    >>> stephens(np.array([one, one[:, ::-1], one]), np.ones(3), 0).tolist()
    [[0, 1], [1, 0], [0, 1]]
    """
    draws, _, k = responsibilities.shape
    # No order of anything: the labels as they are may be the best for the pivot, but not yet for the average.
    orders = np.full((draws, k), -1)
    average = responsibilities[pivot]
    for _ in range(MOST_ITERATIONS):
        found = _best_orders(responsibilities, weights, average, fixed)
        if np.array_equal(found, orders):
            break
        orders = found
        average = _average(responsibilities, orders)
    return orders


def exchange_costs(draws: Mixture, data: Data) -> Array:
    """Return what it would cost each relabelled draw, in nats, to exchange the two labels that are easiest to exchange.

    The cost above is a log-odds: a draw with a cost of c fits the average responsibilities exp(c) times better as it is
    than with two of its labels exchanged. Near zero nobody can say which component is which. With one component it is
    infinite, and so it is where known labels leave no two to exchange.

    Parameters
    ----------
    draws
        The relabelled draws, with leading axes.
    data
        The rows that they are a posterior of.

    Returns
    -------
    numpy.ndarray
        The cost of each draw in nats, in the shape of the leading axes.

    Examples
    --------
    >>> import numpy as np
    >>> from bayes import exchange_costs
    >>> from models import Data, Mixture, Poisson
    >>> draws = Mixture(np.full((2, 2), 0.5), Poisson(np.array([[1.0, 9.0], [4.9, 5.1]])))
    >>> (exchange_costs(draws, Data.of([0, 1, 1, 2, 8, 9, 9, 10])) > np.log(20)).tolist()
    [True, False]
    """
    flat, free = draws.flatten(), free_of(data.fixed, draws.weights.shape[-1])
    if len(free) < 2:
        return np.full(draws.weights.shape[:-1], np.inf)
    chosen = _selection(data)
    responsibilities = _responsibilities(flat, chosen)
    costs = _costs(responsibilities, chosen.weights * (data.size / chosen.weights.sum()), responsibilities.mean(axis=0))
    own = np.diagonal(costs, axis1=1, axis2=2)
    extra = costs + np.swapaxes(costs, 1, 2) - own[:, :, None] - own[:, None, :]
    first, second = free[np.array(np.triu_indices(len(free), 1))]
    return np.asarray(extra[:, first, second].min(axis=1), dtype=np.float64).reshape(draws.weights.shape[:-1])


def _best_orders(
    responsibilities: NDArray[np.floating], weights: Array, average: NDArray[np.floating], fixed: tuple[int, ...]
) -> NDArray[np.intp]:
    costs = _costs(responsibilities, weights, average)
    return np.array([assigned(cost.T, fixed) for cost in costs])


def _costs(
    responsibilities: NDArray[np.floating], weights: Array, average: NDArray[np.floating]
) -> NDArray[np.floating]:
    # Σ P log P is the same under every permutation, hence only the cross term decides.
    log_average = np.log(np.maximum(average, np.finfo(np.float32).tiny)) * weights[:, None]
    return np.asarray(-np.swapaxes(responsibilities, 1, 2) @ log_average.astype(responsibilities.dtype))


def _average(responsibilities: NDArray[np.floating], orders: NDArray[np.intp]) -> NDArray[np.floating]:
    total = np.zeros(responsibilities.shape[1:])
    for draw, order in zip(responsibilities, orders, strict=True):
        total += draw[:, order]
    return np.asarray(total / len(orders))


def _selection(data: Data) -> Data:
    rows = len(data.values)
    if rows <= MOST_ROWS:
        return data
    chosen = np.linspace(0, rows - 1, MOST_ROWS).astype(np.intp)
    return data.take(chosen)


def _responsibilities(draws: Mixture, data: Data) -> NDArray[np.float32]:
    """Evaluate responsibilities in single precision: ample for choosing among permutations, at half the memory."""
    return np.concatenate(
        [
            block.responsibilities(data.values, data.exposure, data.known).astype(np.float32)
            for block in draws.in_blocks(data.rows)
        ]
    )
