r"""The M-step of scikit-learn's ``GaussianMixture``: EM's own, and a ridge on the diagonal of every covariance.

With ``reg_covar`` $\varepsilon$ it is $\Sigma_k = S_k / N_k + \varepsilon I$ (``em/gaussian.py`` has $S_k$). With
$\varepsilon = 0$ this is EM. With a ridge the step no longer maximises $Q$, and the log-likelihood may fall: what it
maximises in place of $Q_k$ is

$$Q_k(\mu_k, \Sigma_k) - \frac{N_k}{2} \, \varepsilon \, \mathrm{tr}(\Sigma_k^{-1}) ,$$

which is $Q_k$ of observations each blurred by noise with covariance $\varepsilon I$, while the E-step is that of the sharp
ones. No function is known that both steps climb. It is no floor, either: it widens every variance by $\varepsilon$, those
that need none as well, and by a share that depends on the units. What it does is to keep a component that collapses at a
variance of $\varepsilon$, where the likelihood has no maximum: the estimate there is that of the ridge and not of the data.
Hence a component counts as collapsed when its covariance *without* the ridge is singular, by the same bounds as elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import cast

import numpy as np

from models import Array, Gaussian, Mixture

from ..gaussian import CONDITION, FLOOR, GaussianMStep
from ..kernels.gaussian import GaussianUpdate
from .m_step import UnendingMStep


@dataclass(frozen=True)
class RidgedGaussianMStep(GaussianMStep):
    """Maximises Q over means and covariances, without a floor, and adds the ridge to every variance."""

    ridge: float = 0.0

    @cached_property
    def _scales(self) -> Array:
        """The units of a covariance, in which a feature that is constant has one, too."""
        variances = np.diag(self.data.covariance)
        variances = np.where(variances > 0, variances, 1.0)
        return np.sqrt(np.outer(variances, variances))

    @cached_property
    def _update(self) -> GaussianUpdate:
        return super()._update._replace(ridge=self.ridge, floor=0.0, condition=0.0)

    def _lift(self, covariances: Array) -> Array:
        return np.asarray(covariances + self.ridge * np.eye(self.model.dimension))

    def has_collapsed(self, components: Gaussian) -> bool:
        """Whether a covariance is singular without the ridge, as far as rounding lets it be seen."""
        with_ridge = components.covariances / self._scales
        values = np.linalg.eigvalsh(with_ridge - self.ridge * np.eye(self.model.dimension) / self._scales)
        rounding = 8 * np.finfo(float).eps * np.abs(with_ridge).max(axis=(-1, -2))
        bound = np.maximum(np.maximum(2 * FLOOR, 2 * CONDITION * values.max(axis=-1)), rounding)
        return bool((values.min(axis=-1) <= bound).any())


@dataclass(frozen=True)
class RidgedMStep(UnendingMStep):
    """The M-step of a whole mixture, with the ridge."""

    ridge: float = 0.0

    def has_collapsed(self, mixture: Mixture) -> bool:
        """Whether a component is empty, or has a covariance that is singular without the ridge."""
        return self.has_empty(mixture) or self._of_components.has_collapsed(cast(Gaussian, mixture.components))

    @cached_property
    def _of_components(self) -> RidgedGaussianMStep:
        return RidgedGaussianMStep(self.model, self.data, self.prior, self.ridge)
