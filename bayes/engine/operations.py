r"""The marginal likelihood as one PyTensor operation, whose value and gradient come from EM's own E-step.

By Fisher's identity the gradient of the log-likelihood is the expected gradient of the complete-data log-likelihood,

$$\nabla \log p(x \mid \theta) = \mathrm{E} \bigl[ \nabla \log p(x, z \mid \theta) \bigm| x, \theta \bigr] ,$$

hence a function of the same expected statistics. The operations take a component as what its log-joint is made of; all
that leads there from the model's parameters is left to PyTensor's own derivatives.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pytensor.tensor as pt
from pytensor.gradient import DisconnectedType
from pytensor.graph.basic import Apply
from pytensor.graph.op import Op


@dataclass(frozen=True)
class Counted:
    """Data as the operations for the sum take them: arrays, or the PyTensor variables that stand for them.

    ``x`` holds the distinct observations, ``multiplicities`` how often each occurs, and ``offset`` the part of the
    log-likelihood that no parameter changes. Where labels are known ``rows`` says how many rows have none, and how many that
    of each component; they follow one another in this order.
    """

    x: Any
    multiplicities: Any
    offset: Any
    rows: tuple[Any, ...] = ()

    def log_likelihood(self, total: Total, *parameters: Any) -> Any:
        """Return the log-likelihood of all observations, by an operation for the sum.

        Under a known label it is that of one component by itself.
        """
        if not self.rows:
            return total.make_node(self.x, self.multiplicities, *parameters).outputs[0] + self.offset
        log_likelihood, start = self.offset, 0
        for component, rows in enumerate(self.rows, start=-1):
            those = slice(None) if component < 0 else slice(component, component + 1)
            here = slice(start, start + rows)
            given = self.x[..., here], self.multiplicities[here], *(parameter[those] for parameter in parameters)
            log_likelihood += total.make_node(*given).outputs[0]
            start += rows
        return log_likelihood


class Total(Op):
    """(x, weights, constants, parameters…) → (log-likelihood, its gradient in the constants and each parameter…)."""

    __props__ = ()
    kernel: ClassVar[Callable[..., Any]]
    gradients: ClassVar[tuple[Any, ...]]

    def make_node(self, *given: Any) -> Apply[Any]:
        """Take doubles."""
        inputs = [pt.as_tensor(value, dtype="float64") for value in given]
        return Apply(self, inputs, [pt.dscalar(), *(kind() for kind in self.gradients)])

    def perform(self, node: Apply[Any], inputs: Sequence[Any], outputs: Any) -> None:
        """Run the kernel: the fallback of every back end but Numba's."""
        results = type(self).kernel(*(np.ascontiguousarray(value) for value in inputs))
        for storage, value in zip(outputs, results, strict=True):
            storage[0] = np.asarray(value)

    def pullback(self, inputs: Any, outputs: Any, cotangents: Any) -> list[Any]:
        """Scale the gradients that the same pass has found; data and weights have none."""
        scaled = [cotangents[0] * gradient for gradient in outputs[1:]]
        return [DisconnectedType()(), DisconnectedType()(), *scaled]

    def connection_pattern(self, node: Apply[Any]) -> list[list[bool]]:
        """Say that only the log-likelihood can be differentiated, and not in data or weights."""
        others = [False] * (len(node.outputs) - 1)
        return [[i > 1, *others] for i in range(len(node.inputs))]
