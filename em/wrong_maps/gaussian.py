r"""Mistakes with the covariances of Gaussian components, and how far a step moves them.

With $S_k = \sum_i w_i \gamma_{ik} (x_i - \mu_k)(x_i - \mu_k)^T$ the right M-step is $\Sigma_k = S_k / N_k$.

- **Nearest mean** (k-means): $\gamma_{ik} = 1$ for the smallest $|x_i - \mu_k|$.
- **Divided by all:** $S_k / n$.
- **Unbiased covariance:** $S_k / (N_k - 1)$; or $S_k / (N_k - \sum_i w_i \gamma_{ik}^2 / N_k)$, as R's ``cov.wt`` has it; or
  $S_k / N_k \cdot n / (n - 1)$, as a weighted regression has it. Tied: $\sum_k S_k / (n - K)$.
- **Ridge:** $S_k / N_k + \varepsilon I$. With $D_k = \Sigma_k - S_k / N_k$ the $\varepsilon$ that explains an estimate
  best is the least-squares one in the metric below, $\sum_k N_k \mathrm{tr}(P_k D_k P_k) / \sum_k N_k \mathrm{tr}(P_k P_k)$.
- **Deviation for variance:** the E-step takes $\sigma^2$ for the standard deviation, so that $\sigma^4$ stands where
  $\sigma^2$ belongs; or it takes $\sigma$ for the variance; or the M-step stores $\sqrt{S_k / N_k}$ as the variance.
- **Pooled covariance:** $\sum_k S_k / n$ for all. **Diagonal kept:** $\mathrm{diag}(S_k / N_k)$.

A step is measured in the information of the complete data (``em/gaussian_chart.py``): with $P_k = \Sigma_k^{-1}$,
$N_k \, \Delta \mu_k^T P_k \Delta \mu_k + \tfrac{N_k}{2} \mathrm{tr}(P_k \Delta \Sigma_k P_k \Delta \Sigma_k)$.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import numpy as np

from models import Array, Gaussian, Mixture

from .mistakes import Mistake
from .step import Situation, Step, WrongEStep, WrongMap, one_each


def squared_change(components: Gaussian, moved: Gaussian) -> Array:
    """The squared standard errors that means and covariances move, for one observation of each component, ``(k,)``."""
    precisions, shift = np.linalg.inv(components.covariances), moved.means - components.means
    of_means = np.einsum("ki,kij,kj->k", shift, precisions, shift)
    turned = precisions @ (moved.covariances - components.covariances)
    return np.asarray(of_means + 0.5 * np.einsum("kij,kji->k", turned, turned))


def squared_rounding(components: Gaussian, relative: float) -> Array:
    """The squared standard errors that rounding moves means and covariances, on average and for one observation, ``(k,)``.

    A unit is that of the largest number among the means of a feature, and of the variances: smaller numbers may have as many
    decimals and not as many digits.
    """
    precisions = np.diagonal(np.linalg.inv(components.covariances), axis1=1, axis2=2)
    variances = np.diagonal(components.covariances, axis1=1, axis2=2)
    of_means = (precisions * (relative * np.abs(components.means).max(axis=0)) ** 2).sum(axis=1)
    # Of a standard deviation's relative error the variance has twice as much.
    units = 2 * relative * np.sqrt(variances[:, :, None] * variances[:, None, :])
    of_covariances = 0.5 * (precisions[:, :, None] * precisions[:, None, :] * units**2).sum(axis=(1, 2))
    return np.asarray((of_means + of_covariances) / 3)


def _nearest(situation: Situation) -> Array:
    components = cast(Gaussian, situation.mixture.components)
    distances = np.square(situation.data.values[:, None] - components.means).sum(axis=2)
    return one_each(distances.argmin(axis=1), situation.model.components)


def _right(situation: Situation) -> tuple[Mixture, Gaussian, Array] | None:
    """The right step, its components, and N of each."""
    statistics = situation.statistics(situation.responsibilities)
    if statistics is None:
        return None
    found = situation.m_step(statistics)
    return found, cast(Gaussian, found.components), statistics.counts


def _with(found: Mixture, covariances: Array) -> Mixture:
    return Mixture(found.weights, Gaussian(cast(Gaussian, found.components).means, covariances))


def _divided_by_all(situation: Situation) -> Iterator[Step]:
    right = _right(situation)
    if right is not None and situation.model.covariance != "tied":
        found, components, counts = right
        yield Step(_with(found, components.covariances * (counts / counts.sum())[:, None, None]))


def _unbiased(situation: Situation) -> Iterator[Step]:
    right = _right(situation)
    if right is None:
        return
    found, components, counts = right
    n, k = counts.sum(), len(counts)
    if situation.model.covariance == "tied":
        if n > k:
            yield Step(_with(found, components.covariances * (n / (n - k))))
        return
    squares = situation.data.weights @ situation.responsibilities**2
    for lost, detail in (
        (np.ones(k), "one less than its own observations"),
        (squares / counts, "R's cov.wt"),
        (counts / n, "one less than all observations"),
    ):
        if (counts > lost).all():
            yield Step(_with(found, components.covariances * (counts / (counts - lost))[:, None, None]), detail)


def _ridge(situation: Situation) -> Iterator[Step]:
    right = _right(situation)
    if right is None:
        return
    found, components, counts = right
    given = cast(Gaussian, situation.mixture.components).covariances
    precisions = np.linalg.inv(given)
    added = precisions @ (given - components.covariances) @ precisions
    of_trace = (counts * np.trace(added, axis1=1, axis2=2)).sum()
    size = of_trace / (counts * np.square(precisions).sum(axis=(1, 2))).sum()
    if size > 0:
        yield Step(_with(found, components.covariances + size * np.eye(given.shape[-1])), f"the ridge is {size:.3g}")


def _deviation_for_variance(situation: Situation) -> Iterator[Step]:
    mixture, d = situation.mixture, situation.model.dimension
    components = cast(Gaussian, mixture.components)
    if d > 1 and situation.model.covariance not in ("diagonal", "spherical"):
        return
    for power, detail in (
        (2.0, "in its E-step, for the deviation"),
        (0.5, "in its E-step, for the variance"),
    ):
        confused = Mixture(mixture.weights, Gaussian(components.means, _powers(components.covariances, power)))
        found = situation.step(confused.responsibilities(situation.data.values))
        if found is not None:
            yield Step(found, detail)
    right = _right(situation)
    if right is not None:
        yield Step(_with(right[0], _powers(right[1].covariances, 0.5)), "in its M-step")


def _powers(covariances: Array, power: float) -> Array:
    """Every variance to that power; what is beside the diagonal is zero and stays so."""
    return np.asarray(np.where(np.eye(covariances.shape[-1]), np.abs(covariances) ** power, 0.0))


def _pooled(situation: Situation) -> Iterator[Step]:
    right = _right(situation)
    if right is not None and situation.model.covariance != "tied" and situation.model.components > 1:
        found, components, counts = right
        pooled = np.einsum("k,kij->ij", counts / counts.sum(), components.covariances)
        yield Step(_with(found, np.broadcast_to(pooled, components.covariances.shape)))


def _diagonal_kept(situation: Situation) -> Iterator[Step]:
    right = _right(situation)
    if right is not None and situation.model.dimension > 1 and situation.model.covariance in ("full", "tied"):
        yield Step(_with(right[0], right[1].covariances * np.eye(situation.model.dimension)))


WRONG_E_STEPS = (WrongEStep(Mistake.HARD_ASSIGNMENTS, _nearest),)
WRONG_MAPS = (
    *(e_step.wrong_map for e_step in WRONG_E_STEPS),
    WrongMap(Mistake.DIVIDED_BY_ALL, _divided_by_all),
    WrongMap(Mistake.UNBIASED_COVARIANCE, _unbiased),
    WrongMap(Mistake.DEVIATION_FOR_VARIANCE, _deviation_for_variance),
    WrongMap(Mistake.POOLED_COVARIANCE, _pooled),
    WrongMap(Mistake.DIAGONAL_KEPT, _diagonal_kept),
    # Last, since it has a number to fit an estimate with.
    WrongMap(Mistake.RIDGE, _ridge),
)
