"""The log-density of each observation as one PyTensor operation, for what PyMC derives from a model by itself.

PyMC asks for the pointwise log-likelihood and sums it. A rewrite puts the operation for the sum in place of summing: one
pass over the data then yields value and gradient together. Only ``build_model`` needs this; what is compiled once for
all data sets takes the sum from the beginning.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import numpy as np
import pytensor.tensor as pt
from numpy.typing import NDArray
from pytensor.gradient import DisconnectedType
from pytensor.graph.basic import Apply
from pytensor.graph.op import Op
from pytensor.graph.rewriting.basic import node_rewriter
from pytensor.tensor.math import Sum
from pytensor.tensor.rewriting.basic import register_canonicalize
from pytensor.tensor.variable import TensorConstant

from models import Array, Data

from .operations import Total


class Pointwise(Op):
    """(x, index, multiplicities, offsets, constants, parameters…) → the log-density of each observation.

    ``x`` holds the distinct observations, ``offsets`` the part of their log-density that no parameter changes, ``index``
    says for every observation which of them it is, and ``multiplicities`` how often each occurs.
    """

    __props__ = ()
    kernel: ClassVar[Callable[..., Any]]
    total: ClassVar[Total]

    def make_node(self, *given: Any) -> Apply[Any]:
        """Take doubles, and integers for the index."""
        x, index, *others = given
        doubles = [pt.as_tensor(value, dtype="float64") for value in others]
        inputs = [pt.as_tensor(x, dtype="float64"), pt.as_tensor(index, dtype="int64"), *doubles]
        return Apply(self, inputs, [pt.dvector()])

    def perform(self, node: Apply[Any], inputs: Sequence[Any], outputs: Any) -> None:
        """Run the kernel: the fallback of every back end but Numba's."""
        x, index, _, offsets, *parameters = (np.ascontiguousarray(value) for value in inputs)
        outputs[0][0] = (type(self).kernel(x, *parameters) + offsets)[index]

    def pullback(self, inputs: Any, outputs: Any, cotangents: Any) -> list[Any]:
        """Take the gradient of the sum, in which the cotangent of an observation is its weight."""
        x, index, multiplicities, _, *parameters = inputs
        weights = pt.zeros_like(multiplicities)[index].inc(cotangents[0])
        _, *gradients = self.total.make_node(x, weights, *parameters).outputs
        return [*(DisconnectedType()() for _ in range(4)), *gradients]

    def connection_pattern(self, node: Apply[Any]) -> list[list[bool]]:
        """Say that there is a gradient in everything but the data."""
        return [[i > 3] for i in range(len(node.inputs))]


def random_labels(weights: Array, rng: np.random.Generator, size: tuple[int, ...] | None) -> NDArray[np.intp]:
    """Return a component for each observation, shape ``size``; ``weights`` may have axes of observations in front."""
    lead = weights.shape[:-1] if size is None else tuple(size)
    cumulative = np.cumsum(weights, axis=-1)
    uniform = rng.random(lead)[..., None] * cumulative[..., -1:]
    return np.asarray((uniform >= cumulative).sum(axis=-1))


def of_labels(parameter: Array, labels: NDArray[np.intp], axis: int) -> Array:
    """Return the parameter of each label: ``axis``, counted from the end, is that of the components."""
    each = np.broadcast_to(parameter, labels.shape + parameter.shape[axis:])
    return np.take_along_axis(each, labels.reshape(labels.shape + (1,) * -axis), axis=axis).squeeze(axis)


def shared(parameter: Any, axes: int) -> Any:
    """Return the parameter without the axes of length one that PyMC puts in front, one for each axis of observations."""
    return parameter[(0,) * (parameter.ndim - axes)]


def distinct(value: Any) -> tuple[Any, Any, Any]:
    """Return the distinct rows, which of them each row is, and how often each occurs; found out only for observed data."""
    if isinstance(value, TensorConstant) and _repeats(value.data):
        rows, index, multiplicities = np.unique(value.data, axis=0, return_inverse=True, return_counts=True)
        return (
            pt.constant(rows.astype(np.float64)),
            pt.constant(index.ravel()),
            pt.constant(multiplicities.astype(np.float64)),
        )
    rows = value.astype("float64")
    return rows, pt.arange(rows.shape[0]), pt.ones((rows.shape[0],))


def _repeats(observed: NDArray[Any]) -> bool:
    """Return whether enough rows repeat that it pays to look for the distinct ones; counts always do."""
    return observed.ndim == 1 or len(Data.of(observed).compress().values) < len(observed)


@register_canonicalize
@node_rewriter([Sum])
def sum_in_one_pass(fgraph: Any, node: Apply[Any]) -> list[Any] | None:
    """Replace a sum of pointwise values by the operation for the sum, which takes one pass over the data."""
    inner = node.inputs[0].owner
    if inner is None or not isinstance(inner.op, Pointwise):
        return None
    x, _, multiplicities, offsets, *parameters = inner.inputs
    log_likelihood = inner.op.total.make_node(x, multiplicities, *parameters).outputs[0]
    return [log_likelihood + pt.dot(multiplicities, offsets)]
