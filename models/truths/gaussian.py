r"""Numbers that are no mixture of normal distributions, each about the components of one.

With the Cholesky factor $\Sigma_k = L_k L_k^T$ an observation is $x = \mu_k + L_k u$, where $u$ follows a law that is the
same for every component, and the standard normal distribution where nothing departs. Its density is
$p(u) \, / \, |L_k|$ at $u = L_k^{-1} (x - \mu_k)$.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import scipy
from numpy.typing import NDArray
from scipy import special

from ..arrays import Array, as_rows
from ..gaussian import LOG_TWO_PI, Gaussian
from .checks import require_above, require_share
from .quadrature import line_points, normal_points
from .truth import Departure

# Up to so many degrees of freedom the fourth moment of a t distribution has no end.
FINITE_FOURTH_MOMENT = 4.0


class ShapeDeparture(Departure[Gaussian]):
    """A departure that is known by the law of u."""

    @abstractmethod
    def draws(self, n: int, dimension: int, rng: np.random.Generator) -> Array:
        """Draw u, shape ``(n, d)``."""

    @abstractmethod
    def law_points(self, dimension: int) -> tuple[Array, Array]:
        """Points u of shape ``(m, d)`` and weights of shape ``(m,)``, in one or two dimensions."""

    @abstractmethod
    def law(self, u: Array) -> Array:
        """log p(u) of shape ``(n,)``, in nats."""

    def sample(self, components: Gaussian, labels: NDArray[np.intp], rng: np.random.Generator) -> Array:
        factors = np.linalg.cholesky(components.covariances)
        u = self.draws(len(labels), components.means.shape[1], rng)
        return np.asarray(components.means[labels] + np.einsum("nij,nj->ni", factors[labels], u))

    def points(self, components: Gaussian) -> tuple[Array, Array]:
        k, d = components.means.shape
        u, weights = self.law_points(d)
        factors = np.linalg.cholesky(components.covariances)
        x = components.means[:, None] + u @ np.swapaxes(factors, -1, -2)
        return x.reshape(-1, d), np.asarray(np.kron(np.eye(k), weights[:, None]), dtype=np.float64)

    def log_density(self, components: Gaussian, x: Array) -> Array:
        rows, factors = as_rows(x, components.means.shape[1]), np.linalg.cholesky(components.covariances)
        u = np.linalg.solve(factors, np.swapaxes(rows - components.means[:, None], -1, -2))
        volumes = np.log(np.diagonal(factors, axis1=-2, axis2=-1)).sum(axis=-1)
        return np.stack([self.law(u[k].T) - volumes[k] for k in range(len(u))], axis=-1)


@dataclass(frozen=True)
class NormalGroups(ShapeDeparture):
    """Normal groups after all, of more or fewer components than are fitted, or of another covariance."""

    kind: ClassVar[str] = "mixture"

    def draws(self, n: int, dimension: int, rng: np.random.Generator) -> Array:
        return rng.standard_normal((n, dimension))

    def law_points(self, dimension: int) -> tuple[Array, Array]:
        return normal_points(dimension)

    def law(self, u: Array) -> Array:
        return np.asarray(-0.5 * (np.square(u) + LOG_TWO_PI).sum(axis=-1))

    def statement(self) -> str:
        return "normal"


@dataclass(frozen=True)
class StudentT(ShapeDeparture):
    r"""Heavy tails: the multivariate t distribution with Σ for its scale, so that the covariance is Σ ν / (ν − 2).

    With two degrees of freedom or fewer there is no variance, and no normal mixture is the nearest one.
    """

    degrees: float = 4.0

    kind: ClassVar[str] = "student-t"

    def __post_init__(self) -> None:
        require_above("degrees", self.degrees, 2)

    def draws(self, n: int, dimension: int, rng: np.random.Generator) -> Array:
        normal, squares = rng.standard_normal((n, dimension)), rng.chisquare(self.degrees, (n, 1))
        return np.asarray(normal / np.sqrt(squares / self.degrees))

    def law_points(self, dimension: int) -> tuple[Array, Array]:
        # Beyond it lies a share of 10⁻⁹ of the variance, which falls as the distance to the power 2 − ν.
        u, weights = line_points(dimension, float(np.exp(min(27 / (self.degrees - 2), 27))) + 20)
        return u, weights * np.exp(self.law(u))

    def law(self, u: Array) -> Array:
        d, nu = u.shape[1], self.degrees
        constant = special.gammaln((nu + d) / 2) - special.gammaln(nu / 2) - d / 2 * np.log(nu * np.pi)
        return np.asarray(constant - (nu + d) / 2 * np.log1p(np.square(u).sum(axis=-1) / nu))

    @property
    def caution(self) -> str | None:
        if self.degrees > FINITE_FOURTH_MOMENT:
            return None
        return (
            "With so few degrees of freedom squares have no variance: estimates of variances come near their limit slowly, "
            "and no interval for them keeps its promise, the sandwich’s neither."
        )

    def statement(self) -> str:
        return f"a t distribution with {self.degrees:g} degrees of freedom"


@dataclass(frozen=True)
class Lognormal(ShapeDeparture):
    r"""Skewed groups: u is a lognormal variate less its mean, over its standard deviation, in every direction.

    ``deviation`` is the standard deviation σ of the logarithm; means and covariances stay as they are. The skewness is
    $(e^{\sigma^2} + 2) \sqrt{e^{\sigma^2} - 1}$.
    """

    deviation: float = 0.5

    kind: ClassVar[str] = "lognormal"

    def __post_init__(self) -> None:
        require_above("deviation", self.deviation, 0)
        if self.deviation > 2:
            raise ValueError(f"deviation must be at most 2, got {self.deviation!r}: the tail is then without measure.")

    @property
    def _mean(self) -> float:
        return float(np.exp(self.deviation**2 / 2))

    @property
    def _sd(self) -> float:
        return float(self._mean * np.sqrt(np.expm1(self.deviation**2)))

    @property
    def skewness(self) -> float:
        """The third standardised moment of u."""
        return float((np.exp(self.deviation**2) + 2) * np.sqrt(np.expm1(self.deviation**2)))

    def draws(self, n: int, dimension: int, rng: np.random.Generator) -> Array:
        return self._of_normal(rng.standard_normal((n, dimension)))

    def law_points(self, dimension: int) -> tuple[Array, Array]:
        z, weights = normal_points(dimension)
        return self._of_normal(z), weights

    def law(self, u: Array) -> Array:
        raw = self._mean + self._sd * u
        of_each = scipy.stats.lognorm.logpdf(raw, self.deviation) + np.log(self._sd)
        return np.asarray(of_each.sum(axis=-1))

    def statement(self) -> str:
        return f"lognormal, with a skewness of {self.skewness:.3g}"

    def _of_normal(self, z: Array) -> Array:
        return np.asarray((np.exp(self.deviation * z) - self._mean) / self._sd)


@dataclass(frozen=True)
class ContaminatedNormal(ShapeDeparture):
    """Gross errors: a ``share`` of the observations has ``factor`` times the standard deviation (Tukey 1960)."""

    share: float = 0.02
    factor: float = 5.0

    kind: ClassVar[str] = "contaminated"

    def __post_init__(self) -> None:
        require_share("share", self.share)
        require_above("factor", self.factor, 0)

    def draws(self, n: int, dimension: int, rng: np.random.Generator) -> Array:
        wide = rng.random((n, 1)) < self.share
        return np.where(wide, self.factor, 1.0) * rng.standard_normal((n, dimension))

    def law_points(self, dimension: int) -> tuple[Array, Array]:
        z, weights = normal_points(dimension)
        return np.concatenate([z, self.factor * z]), np.concatenate([(1 - self.share) * weights, self.share * weights])

    def law(self, u: Array) -> Array:
        d, squares = u.shape[1], np.square(u).sum(axis=-1)
        narrow = np.log1p(-self.share) - 0.5 * squares
        wide = np.log(self.share) - 0.5 * squares / self.factor**2 - d * np.log(self.factor)
        return np.asarray(np.logaddexp(narrow, wide) - 0.5 * d * LOG_TWO_PI)

    def statement(self) -> str:
        return f"normal, but {self.share:.3g} of all observations have {self.factor:g} times the standard deviation"


@dataclass(frozen=True)
class HeapedNormal(Departure[Gaussian]):
    """Numbers in one dimension of which a ``share`` is rounded to a multiple of ``step``, such as to whole fives."""

    step: float
    share: float = 0.3

    kind: ClassVar[str] = "heaped"

    def __post_init__(self) -> None:
        require_above("step", self.step, 0)
        require_share("share", self.share)

    def require_components(self, components: Gaussian) -> None:
        if components.means.shape[1] > 1:
            raise ValueError("the truth 'heaped' has one feature: take another kind for several.")

    def sample(self, components: Gaussian, labels: NDArray[np.intp], rng: np.random.Generator) -> Array:
        exact = components.sample(labels, rng)
        heaped = rng.random((len(labels), 1)) < self.share
        return np.where(heaped, self.step * np.round(exact / self.step), exact)

    def points(self, components: Gaussian) -> tuple[Array, Array]:
        x, smooth = NormalGroups().points(components)
        lowest, highest = np.round(x.min() / self.step), np.round(x.max() / self.step)
        heaps = self.step * np.arange(lowest, highest + 1)[:, None]
        edges = np.concatenate([heaps - self.step / 2, heaps[-1:] + self.step / 2])
        below = scipy.stats.norm.cdf(edges, components.means[:, 0], np.sqrt(components.covariances[:, 0, 0]))
        whole = np.diff(below, axis=0)
        return np.concatenate([x, heaps]), np.concatenate([(1 - self.share) * smooth, self.share * whole])

    def log_density(self, components: Gaussian, x: Array) -> None:
        """Return nothing: values that occur many times have no density."""

    def statement(self) -> str:
        return f"normal, but {self.share:.3g} of all observations are rounded to a multiple of {self.step:g}"
