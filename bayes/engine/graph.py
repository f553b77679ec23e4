"""A PyMC model compiled around a vector of inputs: what changes from one data set to the next is an argument."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pymc as pm
import pytensor
import pytensor.tensor as pt
from pymc.logprob.utils import ParameterValueError
from pymc.pytensorf import join_nonshared_inputs

from models import Array, Tick

from .native import native
from .nuts import Transitions, transitions
from .private import jit_function, require, settings_of_compilers
from .sampling import Sampling


class CompiledGraph:
    """The log-density of a PyMC model, its gradient, and all its variables, as compiled functions of two vectors.

    The first holds all unconstrained values, whose shapes ``example`` gives; the second, ``packed``, is the variable that
    the model was built around, and begins with its own length.

    Raises
    ------
    Moved
        When a private name that this rides on is gone.
    """

    def __init__(self, built: pm.Model, packed: Any, example: dict[str, Array]) -> None:
        require()
        shown = [*built.free_RVs, *built.deterministics, *built.potentials]
        self.names = [str(variable.name) for variable in shown]
        log_density = built.logp()
        values: Any = built.value_vars
        gradients: Any = pytensor.grad(log_density, values)
        gradient = pt.join(0, *[part.ravel() for part in gradients])
        with settings_of_compilers():
            self._log_density = _compiled(built, example, [log_density, gradient], packed)
            self._native = native(self._log_density)
            self._expand = _compiled(built, example, list(built.replace_rvs_by_values(shown)), packed)

    def log_density(self, x: Array, packed: Array) -> tuple[float, Array]:
        """Return log-density and gradient; −∞ where a standard deviation is zero in doubles, which PyMC refuses.

        Where it is refused by nobody, the logarithm of zero less that of zero is not a number: no density either.
        """
        try:
            value, gradient = self._log_density(x, packed)
        except ParameterValueError:
            return -np.inf, np.full_like(x, np.nan)
        return (-np.inf if np.isnan(value) else float(value)), gradient

    def variables(self, x: Array, packed: Array) -> tuple[Array, ...]:
        """Return the value of every variable, in the order of ``names``."""
        return tuple(self._expand(x, packed))

    def transitions(
        self,
        packed: Array,
        dimension: int,
        start: Callable[[np.random.Generator], Array],
        sampling: Sampling,
        on_draw: Tick | None = None,
    ) -> Transitions:
        """Return the chains of NUTS on this log-density, as :func:`nuts.transitions` runs them."""
        return transitions(self._native, packed, dimension, start, sampling, on_draw)


def _compiled(built: Any, example: dict[str, Array], outputs: list[Any], packed: Any) -> Callable[..., Any]:
    """Return a pure function of all unconstrained values in one vector, shaped as the example, and of a packed one."""
    joined_outputs, joined = join_nonshared_inputs(example, outputs, built.value_vars)
    # PyMC lets the length of an axis change; here none does.
    lengths = {
        length: pt.constant(len(built.coords[name]), dtype=length.dtype) for name, length in built.dim_lengths.items()
    }
    given = packed.type()
    replaced: Any = pytensor.graph.clone_replace(joined_outputs, {**lengths, packed: given})
    function: Any = pytensor.function([joined, given], replaced, mode="NUMBA", on_unused_input="ignore")
    return jit_function(function)  # type: ignore[no-any-return]
