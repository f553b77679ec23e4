r"""The inverse Wishart by Bartlett's decomposition, as PyTensor operations with gradients of their own.

When $B$ is lower triangular with $B_{ii}^2 \sim \chi^2(\nu - d + i)$ and $B_{ij} \sim N(0, 1)$ below the diagonal, all
independent, then $B^T B \sim \mathrm{Wishart}(\nu, I)$ (Bartlett 1933, with the order of the features reversed). With the
Cholesky factor $\Psi = L L^T$,

$$\Sigma = (L B^{-1}) (L B^{-1})^T \sim \mathrm{InvWishart}(\nu, \Psi) ,$$

whose Cholesky factor is $L B^{-1}$, and the inverse of that, which whitens a residual, is simply $A = B L^{-1}$: sampling
needs no inverse at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytensor.tensor as pt
from numba import njit
from pytensor.gradient import DisconnectedType
from pytensor.graph.basic import Apply
from pytensor.graph.op import Op

from models import Array, caching

from .private import compiled_by_numba
from .version import version_of

VERSION = version_of(__file__)
# Relaxed arithmetic would come to other last digits where PyTensor's code has taken these in (addresses.py).
strictly_compiled: Any = njit(nogil=True, cache=caching(), error_model="numpy")


@strictly_compiled
def _whitening(diagonal: Array, below: Array, inverse_scale: Array) -> Array:
    """Return A = B L⁻¹ for each component; ``below`` runs through the rows of the lower triangle."""
    k, d = diagonal.shape
    whitening = np.zeros((k, d, d))
    for j in range(k):
        first = 0
        for f in range(d):
            for g in range(f + 1):
                entry = np.sqrt(diagonal[j, f]) if g == f else below[j, first + g]
                for h in range(g + 1):
                    whitening[j, f, h] += entry * inverse_scale[g, h]
            first += f
    return whitening


@strictly_compiled
def _gradient(diagonal: Array, below: Array, inverse_scale: Array, of_whitening: Array) -> tuple[Array, Array]:
    """Turn the gradient in A into those in B's squared diagonal and in what is below it."""
    k, d = diagonal.shape
    of_diagonal, of_below = np.zeros(diagonal.shape), np.zeros(below.shape)
    for j in range(k):
        first = 0
        for f in range(d):
            for g in range(f + 1):
                total = 0.0
                for h in range(g + 1):
                    total += of_whitening[j, f, h] * inverse_scale[g, h]
                if g == f:
                    of_diagonal[j, f] = 0.5 * total / np.sqrt(diagonal[j, f])
                else:
                    of_below[j, first + g] = total
            first += f
    return of_diagonal, of_below


@strictly_compiled
def _covariances(whitening: Array) -> Array:
    """Return Σ = A⁻¹A⁻ᵀ for each component, the inverse by forward substitution."""
    k, d, _ = whitening.shape
    covariances, factor = np.zeros((k, d, d)), np.zeros((d, d))
    for j in range(k):
        for column in range(d):
            for f in range(d):
                value = 1.0 if f == column else 0.0
                for g in range(f):
                    value -= whitening[j, f, g] * factor[g, column]
                factor[f, column] = value / whitening[j, f, f]
        for f in range(d):
            for g in range(d):
                for h in range(d):
                    covariances[j, f, g] += factor[f, h] * factor[g, h]
    return covariances


class Whitening(Op):
    """(diagonal of B squared ``(k, d)``, below it ``(k, pairs)``, L⁻¹ ``(d, d)``) → A ``(k, d, d)``."""

    __props__ = ()

    def make_node(self, *given: Any) -> Apply[Any]:
        """Take doubles."""
        return Apply(self, [pt.as_tensor(value, dtype="float64") for value in given], [pt.dtensor3()])

    def perform(self, node: Apply[Any], inputs: Sequence[Any], outputs: Any) -> None:
        """Run the kernel: the fallback of every back end but Numba's."""
        outputs[0][0] = _whitening(*(np.ascontiguousarray(value) for value in inputs))

    def pullback(self, inputs: Any, outputs: Any, cotangents: Any) -> list[Any]:
        """Take the gradient by an operation of its own, :class:`WhiteningGradient`."""
        of_diagonal, of_below = WhiteningGradient().make_node(*inputs, cotangents[0]).outputs
        return [of_diagonal, of_below, DisconnectedType()()]

    def connection_pattern(self, node: Apply[Any]) -> list[list[bool]]:
        """Say that there is no gradient in the scale of the prior, which is a constant."""
        return [[True], [True], [False]]


class WhiteningGradient(Op):
    """The arguments of :class:`Whitening` and a gradient in A → the gradients in its first two."""

    __props__ = ()

    def make_node(self, *given: Any) -> Apply[Any]:
        """Take doubles."""
        inputs = [pt.as_tensor(value, dtype="float64") for value in given]
        return Apply(self, inputs, [pt.dmatrix(), pt.dmatrix()])

    def perform(self, node: Apply[Any], inputs: Sequence[Any], outputs: Any) -> None:
        """Run the kernel: the fallback of every back end but Numba's."""
        outputs[0][0], outputs[1][0] = _gradient(*(np.ascontiguousarray(value) for value in inputs))


class Covariances(Op):
    """A ``(k, d, d)`` → Σ = A⁻¹A⁻ᵀ ``(k, d, d)``."""

    __props__ = ()

    def make_node(self, *given: Any) -> Apply[Any]:
        """Take doubles."""
        return Apply(self, [pt.as_tensor(value, dtype="float64") for value in given], [pt.dtensor3()])

    def perform(self, node: Apply[Any], inputs: Sequence[Any], outputs: Any) -> None:
        """Run the kernel: the fallback of every back end but Numba's."""
        outputs[0][0] = _covariances(np.ascontiguousarray(inputs[0]))

    def pullback(self, inputs: Any, outputs: Any, cotangents: Any) -> list[Any]:
        """Take the gradient: dΣ = −A⁻¹ dA Σ − Σ dAᵀ A⁻ᵀ and A⁻ᵀ = AΣ, so that of G it is −AΣ(G + Gᵀ)Σ."""
        covariances, of_covariances = outputs[0], cotangents[0]
        return [-inputs[0] @ covariances @ (of_covariances + of_covariances.transpose(0, 2, 1)) @ covariances]


@compiled_by_numba(Whitening, VERSION)
def _whitening_in_numba() -> Any:
    def run(diagonal, below, inverse_scale):  # type: ignore[no-untyped-def]
        return _whitening(diagonal, below, inverse_scale)

    return run


@compiled_by_numba(WhiteningGradient, VERSION)
def _whitening_gradient_in_numba() -> Any:
    def run(diagonal, below, inverse_scale, of_whitening):  # type: ignore[no-untyped-def]
        return _gradient(diagonal, below, inverse_scale, of_whitening)

    return run


@compiled_by_numba(Covariances, VERSION)
def _covariances_in_numba() -> Any:
    def run(whitening):  # type: ignore[no-untyped-def]
        return _covariances(whitening)

    return run
