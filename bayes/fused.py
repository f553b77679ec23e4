r"""The marginal likelihood as one PyTensor operation, whose value and gradient come from EM's own E-step.

By Fisher's identity the gradient of the log-likelihood is the expected gradient of the complete-data log-likelihood,

$$\nabla \log p(x \mid \theta) = \mathrm{E} \bigl[ \nabla \log p(x, z \mid \theta) \bigm| x, \theta \bigr] ,$$

hence a function of the same expected statistics. The operations take a component as what its log-joint is made of; all
that leads there from the model's parameters is left to PyTensor's own derivatives. With $r = x - \mu_k$ and the inverse
Cholesky factor $A_k$ of the covariance, a Gaussian component has
$a_{ik} = c_k - \frac12 |A_k r|^2$, where $c_k = \log \pi_k + \log |A_k| - \frac d2 \log 2 \pi$, and

$$\frac{\partial \ell}{\partial c_k} = \sum_i \gamma_{ik} , \qquad
  \frac{\partial \ell}{\partial \mu_k} = A_k^T A_k \sum_i \gamma_{ik} r , \qquad
  \frac{\partial \ell}{\partial A_k} = - A_k \sum_i \gamma_{ik} \, r r^T .$$

A Poisson component has $a_{ik} = c_k + x_i \eta_k$ with $c_k = \log \pi_k - \lambda_k$ and $\eta_k = \log \lambda_k$, and
$\partial \ell / \partial \eta_k = \sum_i \gamma_{ik} x_i$.

Every family has two operations: one with a value for each observation, for PyMC's pointwise log-likelihood, and one for
the sum, which a rewrite puts in place of summing the first: a single pass then yields value and gradient together.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pytensor.tensor as pt
from numpy.typing import NDArray
from pytensor.gradient import DisconnectedType
from pytensor.graph.basic import Apply
from pytensor.graph.op import Op
from pytensor.graph.rewriting.basic import node_rewriter
from pytensor.link.numba.dispatch.basic import numba_njit, register_funcify_default_op_cache_key
from pytensor.tensor.math import Sum
from pytensor.tensor.rewriting.basic import register_canonicalize
from pytensor.tensor.variable import TensorConstant

from models import Array, Data, kernel
from models.kernel import gaussian_pointwise, gaussian_value_and_gradient, poisson_pointwise, poisson_value_and_gradient

from . import kernels
from .version import version_of

VERSION = version_of(__file__, kernel.__file__, kernels.__file__)


@dataclass(frozen=True)
class Counted:
    """Data as the operations for the sum take them: arrays, or the PyTensor variables that stand for them.

    ``x`` holds the distinct observations, ``multiplicities`` how often each occurs, and ``offset`` the part of the
    log-likelihood that no parameter changes.
    """

    x: Any
    multiplicities: Any
    offset: Any

    def log_likelihood(self, total: Total, *parameters: Any) -> Any:
        """Of all observations."""
        return total.make_node(self.x, self.multiplicities, *parameters).outputs[0] + self.offset


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
        """Only the log-likelihood can be differentiated, and not in data or weights."""
        others = [False] * (len(node.outputs) - 1)
        return [[i > 1, *others] for i in range(len(node.inputs))]


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
        """A cotangent of each observation is nothing but its weight."""
        x, index, multiplicities, _, *parameters = inputs
        weights = pt.zeros_like(multiplicities)[index].inc(cotangents[0])
        _, *gradients = self.total.make_node(x, weights, *parameters).outputs
        return [*(DisconnectedType()() for _ in range(4)), *gradients]

    def connection_pattern(self, node: Apply[Any]) -> list[list[bool]]:
        """Differentiable in everything but the data."""
        return [[i > 3] for i in range(len(node.inputs))]


class GaussianTotal(Total):
    """x ``(d, n)``, weights ``(n,)``, constants ``(k,)``, means ``(k, d)``, whitening ``(k, d, d)``."""

    kernel = staticmethod(gaussian_value_and_gradient)
    gradients = (pt.dvector, pt.dmatrix, pt.dtensor3)


class PoissonTotal(Total):
    """x ``(n,)``, weights ``(n,)``, constants ``(k,)``, log_rates ``(k,)``; the statistics are the gradient."""

    kernel = staticmethod(poisson_value_and_gradient)
    gradients = (pt.dvector, pt.dvector)


class GaussianPointwise(Pointwise):
    """x ``(d, n)``, constants ``(k,)``, means ``(k, d)``, whitening ``(k, d, d)``."""

    kernel = staticmethod(gaussian_pointwise)
    total = GaussianTotal()


class PoissonPointwise(Pointwise):
    """x ``(n,)``, constants ``(k,)``, log_rates ``(k,)``."""

    kernel = staticmethod(poisson_pointwise)
    total = PoissonTotal()


def gaussian_log_density(value: Any, weights: Any, means: Any, whitening: Any) -> Any:
    """The log-density of each row of ``value``, shape ``(n, d)`` or ``(n,)``, under a mixture of Gaussians.

    ``whitening``, shape ``(k, d, d)``, holds inverse Cholesky factors of the covariances.
    """
    weights, means, whitening = _shared(weights, 1), _shared(means, 2), _shared(whitening, 3)
    rows, index, multiplicities = _distinct(value)
    x = rows.T if rows.ndim == 2 else rows[None, :]
    offsets = pt.zeros((x.shape[1],))
    return GaussianPointwise()(x, index, multiplicities, offsets, *gaussian_parameters(weights, means, whitening))


def gaussian_parameters(weights: Any, means: Any, whitening: Any) -> tuple[Any, Any, Any]:
    """What the operations on Gaussians take: constants, means and whitening."""
    diagonal = pt.diagonal(whitening, axis1=1, axis2=2)
    constants = pt.log(weights) + pt.log(diagonal).sum(axis=1) - 0.5 * means.shape[1] * np.log(2 * np.pi)
    return constants, means, whitening


def poisson_log_probability(value: Any, weights: Any, rates: Any) -> Any:
    """The log-probability of each count, shape ``(n,)``, under a mixture of Poissons."""
    weights, rates = _shared(weights, 1), _shared(rates, 1)
    x, index, multiplicities = _distinct(value)
    return PoissonPointwise()(x, index, multiplicities, -pt.gammaln(x + 1), *poisson_parameters(weights, rates))


def poisson_parameters(weights: Any, rates: Any) -> tuple[Any, Any]:
    """What the operations on Poissons take: constants and log-rates."""
    return pt.log(weights) - rates, pt.log(rates)


def random_labels(weights: Array, rng: np.random.Generator, size: tuple[int, ...] | None) -> NDArray[np.intp]:
    """A component for each observation, shape ``size``; ``weights`` may have axes of observations in front."""
    lead = weights.shape[:-1] if size is None else tuple(size)
    cumulative = np.cumsum(weights, axis=-1)
    uniform = rng.random(lead)[..., None] * cumulative[..., -1:]
    return np.asarray((uniform >= cumulative).sum(axis=-1))


def of_labels(parameter: Array, labels: NDArray[np.intp], axis: int) -> Array:
    """The parameter of each label: ``axis``, counted from the end, is that of the components."""
    each = np.broadcast_to(parameter, labels.shape + parameter.shape[axis:])
    return np.take_along_axis(each, labels.reshape(labels.shape + (1,) * -axis), axis=axis).squeeze(axis)


def _shared(parameter: Any, axes: int) -> Any:
    """The parameter without the axes of length one that PyMC puts in front, one for each axis of observations."""
    return parameter[(0,) * (parameter.ndim - axes)]


def _distinct(value: Any) -> tuple[Any, Any, Any]:
    """The distinct rows, which of them each row is, and how often each occurs; found out only for observed data."""
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
    """Whether enough rows repeat that it pays to look for the distinct ones; counts always do."""
    return observed.ndim == 1 or len(Data.of(observed).compress().values) < len(observed)


@register_canonicalize
@node_rewriter([Sum])
def sum_in_one_pass(fgraph: Any, node: Apply[Any]) -> list[Any] | None:
    """Σ pointwise → total: value and gradient then come from one pass over the data."""
    inner = node.inputs[0].owner
    if inner is None or not isinstance(inner.op, Pointwise):
        return None
    x, _, multiplicities, offsets, *parameters = inner.inputs
    log_likelihood = inner.op.total.make_node(x, multiplicities, *parameters).outputs[0]
    return [log_likelihood + pt.dot(multiplicities, offsets)]


@register_funcify_default_op_cache_key(GaussianTotal)
def _compile_gaussian_total(op: GaussianTotal, node: Apply[Any], **_: Any) -> Any:
    @numba_njit
    def run(x, weights, constants, means, whitening):  # type: ignore[no-untyped-def]
        (d, n), k = x.shape, len(constants)
        of_constants, of_means, of_whitening = np.empty(k), np.empty((k, d)), np.empty((k, d, d))
        log_likelihood = kernels.gaussian_total(
            np.ascontiguousarray(x).ctypes,
            np.ascontiguousarray(weights).ctypes,
            np.ascontiguousarray(constants).ctypes,
            np.ascontiguousarray(means).ctypes,
            np.ascontiguousarray(whitening).ctypes,
            n,
            d,
            k,
            of_constants.ctypes,
            of_means.ctypes,
            of_whitening.ctypes,
        )
        return np.asarray(log_likelihood), of_constants, of_means, of_whitening

    kernels.provide_gaussian()
    return run, VERSION


@register_funcify_default_op_cache_key(PoissonTotal)
def _compile_poisson_total(op: PoissonTotal, node: Apply[Any], **_: Any) -> Any:
    @numba_njit
    def run(x, weights, constants, log_rates):  # type: ignore[no-untyped-def]
        n, k = len(x), len(constants)
        of_constants, of_log_rates = np.empty(k), np.empty(k)
        log_likelihood = kernels.poisson_total(
            np.ascontiguousarray(x).ctypes,
            np.ascontiguousarray(weights).ctypes,
            np.ascontiguousarray(constants).ctypes,
            np.ascontiguousarray(log_rates).ctypes,
            n,
            k,
            of_constants.ctypes,
            of_log_rates.ctypes,
        )
        return np.asarray(log_likelihood), of_constants, of_log_rates

    kernels.provide_poisson()
    return run, VERSION


@register_funcify_default_op_cache_key(GaussianPointwise)
def _compile_gaussian_pointwise(op: GaussianPointwise, node: Apply[Any], **_: Any) -> Any:
    @numba_njit
    def run(x, index, multiplicities, offsets, constants, means, whitening):  # type: ignore[no-untyped-def]
        return (gaussian_pointwise(x, constants, means, whitening) + offsets)[index]

    return run, VERSION


@register_funcify_default_op_cache_key(PoissonPointwise)
def _compile_poisson_pointwise(op: PoissonPointwise, node: Apply[Any], **_: Any) -> Any:
    @numba_njit
    def run(x, index, multiplicities, offsets, constants, log_rates):  # type: ignore[no-untyped-def]
        return (poisson_pointwise(x, constants, log_rates) + offsets)[index]

    return run, VERSION
