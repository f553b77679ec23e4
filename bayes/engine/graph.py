"""A PyMC model around a vector of inputs: what changes from one data set to the next is an argument.

The log-density is compiled. All draws as variables are one evaluation by NumPy: to compile it took as long as to compile the
log-density (10 of 21 s, once for each model), and to evaluate it a draw at a time no shorter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from threading import Lock
from typing import Any

import numpy as np
import pymc as pm
import pytensor
import pytensor.tensor as pt
from pymc.pytensorf import join_nonshared_inputs

from models import Array, Tick

from .interpreted import interpreted
from .native import in_python, native
from .nuts import Transitions, transitions
from .private import jit_function, require, settings_of_compilers
from .sampling import Sampling


class CompiledGraph:
    """The log-density of a PyMC model with its gradient, compiled, and all its variables, as functions of two vectors.

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
            self._native = native(_compiled(built, example, [log_density, gradient], packed))
        self._log_density = in_python(self._native)
        # What is interpreted keeps its arguments in one place.
        self._alone = Lock()
        self._variables = _of_many(*_function_of_vectors(built, example, built.replace_rvs_by_values(shown), packed))

    def log_density(self, x: Array, packed: Array) -> tuple[float, Array]:
        """Return log-density and gradient; −∞ where it is no number.

        PyMC refuses a standard deviation that is zero in doubles; where nobody does, the logarithm of zero less that of
        zero is not a number, either.
        """
        value, gradient = self._log_density(x, packed)
        return (-np.inf if np.isnan(value) else value), gradient

    def variables(self, x: Array, packed: Array) -> list[Array]:
        """Return the values of every variable at points of shape ``(n, p)``, in the order of ``names``; n leads."""
        with self._alone, np.errstate(all="ignore"):
            return list(self._variables(x, packed))

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


def _function_of_vectors(
    built: Any, example: dict[str, Array], outputs: Iterable[Any], packed: Any
) -> tuple[list[Any], list[Any]]:
    """Return two vectors and the outputs that follow from them: all unconstrained values, and the packed one."""
    joined_outputs, joined = join_nonshared_inputs(example, list(outputs), built.value_vars)
    # PyMC lets the length of an axis change; here none does.
    lengths = {
        length: pt.constant(len(built.coords[name]), dtype=length.dtype) for name, length in built.dim_lengths.items()
    }
    given = packed.type()
    replaced: Any = pytensor.graph.clone_replace(joined_outputs, {**lengths, packed: given})
    return [joined, given], replaced


def _compiled(built: Any, example: dict[str, Array], outputs: list[Any], packed: Any) -> Callable[..., Any]:
    """Return a pure function of all unconstrained values in one vector, shaped as the example, and of a packed one."""
    inputs, replaced = _function_of_vectors(built, example, outputs, packed)
    function: Any = pytensor.function(inputs, replaced, mode="NUMBA", on_unused_input="ignore")
    return jit_function(function)  # type: ignore[no-any-return]


def _of_many(inputs: list[Any], outputs: list[Any]) -> Callable[..., Any]:
    """Return the outputs at many points in one evaluation by NumPy, which nothing has to be compiled for."""
    joined, packed = inputs
    points = pt.dmatrix("points")
    at_points: Any = pytensor.graph.vectorize_graph(outputs, {joined: points})
    return interpreted([points, packed], at_points)
