"""Somebody else's posterior draws as their program named them, before anybody asked what they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..arrays import Array
from .words import own_word

# Split chains, without which there is no R-hat, have to have two draws each.
FEWEST_DRAWS = 4


@dataclass(frozen=True)
class StatedDraws:
    """Draws by the names that their program gave them.

    Parameters
    ----------
    variables
        Each of shape ``(chain, draw, ...)``.
    log_likelihood
        What their program says that the log-likelihood is, in nats: of each draw, ``(chain, draw)``, or of each draw and
        observation, ``(chain, draw, n)``; ``None`` where it says nothing.
    at
        The draws of each chain that ``log_likelihood`` belongs to, where it was kept for some of them alone.
    divergences
        How many transitions diverged, ``None`` where nobody says.
    notes
        What is to be said of how they were read; a sentence each.

    Examples
    --------
    >>> import numpy as np
    >>> from models import StatedDraws
    >>> stated = StatedDraws({"mu": np.zeros((4, 100, 2))}, divergences=3)
    >>> stated.shape, stated.divergences
    ((4, 100), 3)
    """

    variables: dict[str, Array]
    log_likelihood: Array | None = None
    at: NDArray[np.intp] | None = None
    divergences: int | None = None
    notes: tuple[str, ...] = ()

    @classmethod
    def of(cls, variables: Mapping[str, Any], **known: Any) -> StatedDraws:
        """Check a dictionary of arrays; a log-likelihood among them is set apart.

        Parameters
        ----------
        variables
            The draws of each variable by its name, of shape ``(chain, draw, ...)``.
        **known
            What else is known of them, by the names of the fields: ``log_likelihood``, ``at``, ``divergences``, ``notes``.

        Returns
        -------
        StatedDraws
            The draws, in double precision.

        Raises
        ------
        ValueError
            When there are none, when one has no axes of chains and draws, or when their lengths differ.

        Examples
        --------
        >>> import numpy as np
        >>> from models import StatedDraws
        >>> stated = StatedDraws.of({"mu": np.zeros((4, 100, 2)), "log_lik": np.zeros((4, 100, 30))})
        >>> list(stated.variables), stated.log_likelihood.shape
        (['mu'], (4, 100, 30))
        """
        arrays = {str(name): _array(str(name), value) for name, value in variables.items()}
        if not arrays:
            raise ValueError("the posterior holds no variables.")
        first = next(iter(arrays))
        for name, array in arrays.items():
            if array.shape[:2] != arrays[first].shape[:2]:
                raise ValueError(
                    f"the posterior's {name} has {_size(array)}, but {first} has {_size(arrays[first])}: every variable "
                    "must have the shape (chain, draw, ...)."
                )
        if arrays[first].shape[1] < FEWEST_DRAWS:
            raise ValueError(
                f"the posterior has {_size(arrays[first])}: at least {FEWEST_DRAWS} of each chain are wanted."
            )
        stated = [name for name in arrays if own_word(name) == "log_likelihood"]
        if stated and known.get("log_likelihood") is None:
            known["log_likelihood"] = arrays[stated[0]]
        return cls({name: array for name, array in arrays.items() if name not in stated}, **known)

    @property
    def shape(self) -> tuple[int, int]:
        """The number of chains, and of the draws of each."""
        chains, draws = next(iter(self.variables.values())).shape[:2]
        return int(chains), int(draws)


def _array(name: str, value: Any) -> Array:
    try:
        found = np.asarray(value)
        if found.dtype.kind not in "biuf":
            raise ValueError
    except ValueError:
        raise ValueError(
            f"the posterior's {name} must be numbers in an array of shape (chain, draw, ...), got {type(value).__name__}."
        ) from None
    if found.ndim < 2 or not found.size:
        raise ValueError(
            f"the posterior's {name} must have the shape (chain, draw, ...), got {found.shape}: a single chain has a "
            "first axis of length 1."
        )
    return found.astype(np.float64)


def _size(array: Array) -> str:
    chains, draws = array.shape[:2]
    return f"{chains} chain{'s' * (chains != 1)} of {draws} draw{'s' * (draws != 1)}"
