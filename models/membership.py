r"""Which component each row belongs to, and how dense the mixture is there: of an estimate, or of draws on average.

Of draws these are $E[\gamma_{ik}]$ and $E[p(x_i \mid \theta)]$, the averages over the draws, and not what $\gamma$ and $p$
are at the average parameters: the posterior predictive probability that the next observation, should it be $x_i$, comes from
component $k$, and the density of that observation. How sure the density is the standard deviation of its logarithm over
the draws says. An estimate is a single draw, which has none.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .known import UNKNOWN
from .parallel import in_order
from .shown import Shown

if TYPE_CHECKING:
    import pandas as pd

    from .arrays import Array
    from .data import Data
    from .mixture import Mixture

# The most draws that averages over the posterior are taken of; evenly spaced ones of all chains.
DRAWS = 400
# Equal rows among so many are looked at once, and no more memory is taken than they need.
SLICE_ROWS = 2**14
# As many rows are printed.
MOST_SHOWN = 10


@dataclass(frozen=True, repr=False)
class Membership(Shown):
    """What a mixture says of rows, on average over its draws.

    ``probabilities``, shape ``(rows, k)``, are those of each component given the row. Of shape ``(rows,)`` and in nats:
    ``log_density``, the logarithm of the average density, and ``spread``, the standard deviation of the log-density over
    the draws.

    Examples
    --------
    >>> import numpy as np
    >>> from models import Data, Mixture, Poisson, membership
    >>> mixture = Mixture(np.array([0.3, 0.7]), Poisson(np.array([2.0, 9.0])))
    >>> found = membership(mixture, Data.of([1, 5, 12]))
    >>> found.probabilities.round(2).tolist(), found.component.tolist()
    ([[0.99, 0.01], [0.2, 0.8], [0.0, 1.0]], [0, 1, 1])
    """

    probabilities: Array
    log_density: Array
    spread: Array

    def _said(self) -> Iterator[str | pd.DataFrame]:
        import pandas as pd

        rows, k = self.probabilities.shape
        few = self.probabilities[:MOST_SHOWN]
        yield f"Memberships of {rows} rows in {k} components" + (f", the first {len(few)}:" if len(few) < rows else ":")
        table = pd.DataFrame(few, columns=[f"component {each + 1}" for each in range(k)])
        table["log-density"] = self.log_density[:MOST_SHOWN]
        yield table.rename(index=lambda row: row + 1).rename_axis("row").map("{:.4g}".format)

    @property
    def component(self) -> NDArray[np.intp]:
        """The likeliest component of each row, counted from zero, shape ``(rows,)``."""
        return np.argmax(self.probabilities, axis=1)

    @property
    def probability(self) -> Array:
        """The probability of that component, shape ``(rows,)``."""
        return np.asarray(self.probabilities.max(axis=1))


def membership(mixture: Mixture, data: Data) -> Membership:
    """What the mixture, an estimate or draws of which at most 400 are taken, says of each row.

    Parameters
    ----------
    mixture
        An estimate, or draws with leading axes.
    data
        The rows.

    Returns
    -------
    Membership
        Probabilities of the components, log-density and its spread over the draws, of each row.

    Raises
    ------
    ValueError
        When a row lies so far out that double precision has no density for it.

    Examples
    --------
    >>> import numpy as np
    >>> from models import Data, Mixture, Poisson, membership
    >>> mixture = Mixture(np.array([0.3, 0.7]), Poisson(np.array([2.0, 9.0])))
    >>> membership(mixture, Data.of([1, 5, 12])).component
    array([0, 1, 1])
    """
    return joined(memberships(mixture, data))


def memberships(mixture: Mixture, data: Data) -> Iterator[Membership]:
    """What :func:`membership` says of slices of the rows, in their order; see there.

    Parameters
    ----------
    mixture
        An estimate, or draws with leading axes.
    data
        The rows.

    Returns
    -------
    iterator of Membership
        What is said of each slice.

    Raises
    ------
    ValueError
        When a row lies so far out that double precision has no density for it.

    Examples
    --------
    >>> import numpy as np
    >>> from models import Data, Mixture, Poisson, memberships
    >>> mixture = Mixture(np.array([0.3, 0.7]), Poisson(np.array([2.0, 9.0])))
    >>> [part.component.tolist() for part in memberships(mixture, Data.of([1, 5, 12]))]
    [[0, 1, 1]]
    """
    return in_order(partial(_of_slice, mixture.thinned(DRAWS)), data.slices(SLICE_ROWS), None)


def joined(parts: Iterator[Membership]) -> Membership:
    """What is said of slices, as one."""
    each = [(part.probabilities, part.log_density, part.spread) for part in parts]
    return Membership(*(np.concatenate(arrays) for arrays in zip(*each, strict=True)))


def _of_slice(draws: Mixture, data: Data) -> Membership:
    distinct, index = data.grouped()
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        probabilities, log_density, spread = draws.components.averages(distinct, draws.weights)
    lost = np.flatnonzero(~np.isfinite(log_density + probabilities.sum(axis=1))[index])
    if lost.size:
        row = int(lost[0])
        values = ", ".join(f"{value:g}" for value in data.values[row])
        raise ValueError(
            f"row {data.row_numbers[row]} ({values}) lies so far out that double precision has no density for it: "
            "correct or remove it."
        )
    return Membership(_with_known(probabilities[index], data), log_density[index], spread[index])


def _with_known(probabilities: Array, data: Data) -> Array:
    """The probabilities, of which a known label leaves one."""
    if data.known is None:
        return probabilities
    return np.where(
        data.known[:, None] == UNKNOWN, probabilities, data.known[:, None] == np.arange(probabilities.shape[1])
    )
