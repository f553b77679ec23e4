"""Gaussian components: one-dimensional and multivariate, with four structures of covariance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from .arrays import Array, as_rows
from .chunks import sum_over_chunks
from .components import Components, Statistics
from .data import Chunk, Data
from .frame import Frame
from .kernels.arithmetic import log_or_lowest
from .kernels.gaussian import gaussian_average, gaussian_log_density, gaussian_pass
from .rows import Rows

LOG_TWO_PI = float(np.log(2 * np.pi))

# The spread of draws of a variance takes its square, with room for draws far out.
LARGEST_VARIANCE = 1e140
# Rounding to a quantum q widens a variance by q²/12 (Sheppard 1898). With a standard deviation of 2¹⁰ units in the last
# place, or data as far from zero as 4·10¹² of their spreads, that is a share of 10⁻⁷: less than any sample can tell.
SMALLEST_SPREAD = 2**10 * float(np.finfo(float).eps)

# Sums of given responsibilities take so many residuals at a time, and at least so many rows.
NUMBERS_AT_A_TIME = 2**15
LEAST_ROWS = 64


@dataclass(frozen=True)
class GaussianStatistics(Statistics):
    """The sums N = Σγ, Σγ(x−c) and Σγ(x−c)(x−c)ᵀ of each component, about a centre c.

    These are ``counts``, shape ``(k,)``, ``first``, ``(k, d)``, ``second``, ``(k, d, d)``, and ``centres``, ``(k, d)``.
    Moments about a centre near the mean keep the digits that raw moments, Σγxxᵀ/N − μμᵀ, lose as soon as a component is
    narrow or far from the origin.

    Examples
    --------
    >>> import numpy as np
    >>> from models import Gaussian
    >>> one = Gaussian(np.array([[0.0]]), np.array([[[1.0]]]))
    >>> found = one.statistics(np.array([[1.0], [3.0]]), np.ones((2, 1)))
    >>> found.counts.tolist(), found.means.tolist(), found.scatter.tolist()
    ([2.0], [[2.0]], [[[2.0]]])
    """

    counts: Array
    first: Array
    second: Array
    centres: Array

    def __add__(self, other: GaussianStatistics) -> GaussianStatistics:
        if not np.array_equal(self.centres, other.centres):
            raise ValueError("statistics add up only about the same centres.")
        return GaussianStatistics(
            self.counts + other.counts, self.first + other.first, self.second + other.second, self.centres
        )

    @property
    def means(self) -> Array:
        """The weighted mean of each component, shape ``(k, d)``."""
        return np.asarray(self.centres + self.first / self.counts[:, None])

    @property
    def scatter(self) -> Array:
        """Σγ(x−x̄)(x−x̄)ᵀ about each component's weighted mean, shape ``(k, d, d)``."""
        return np.asarray(self.second - self.first[:, :, None] * self.first[:, None, :] / self.counts[:, None, None])


@dataclass(frozen=True)
class Gaussian(Components):
    """k Gaussians: ``means`` of shape ``(..., k, d)`` and ``covariances`` of shape ``(..., k, d, d)``.

    Parameters
    ----------
    means
        The means μ, shape ``(..., k, d)``.
    covariances
        The covariances Σ, shape ``(..., k, d, d)``, in the units of the data squared.

    Examples
    --------
    >>> import numpy as np
    >>> from models import Gaussian
    >>> two = Gaussian(np.array([[0.0], [4.0]]), np.array([[[1.0]], [[2.0]]]))
    >>> two.log_density(np.array([[0.0], [1.0], [5.0]])).round(3)
    array([[ -0.919,  -5.266],
           [ -1.419,  -3.516],
           [-13.419,  -1.516]])
    """

    means: Array
    covariances: Array

    name: ClassVar[str] = "gaussian"
    covariance_structures: ClassVar[tuple[str, ...]] = ("full", "diagonal", "spherical", "tied")

    def log_density(self, x: Array, exposure: Array | None = None) -> Array:
        observations = as_rows(x, self.means.shape[-1])
        *lead, k, d = self.means.shape
        factors = np.linalg.cholesky(self.covariances)
        log_determinants = np.log(np.diagonal(factors, axis1=-2, axis2=-1)).sum(axis=-1)
        found = gaussian_log_density(
            np.ascontiguousarray(observations.T),
            (-log_determinants - 0.5 * d * LOG_TWO_PI).reshape(-1, k),
            self.means.reshape(-1, k, d),
            np.linalg.inv(factors).reshape(-1, k, d, d),
        )
        return np.swapaxes(found.reshape(*lead, k, len(observations)), -1, -2)

    def sample(self, labels: NDArray[np.intp], rng: np.random.Generator, exposure: Array | None = None) -> Array:
        factors = np.linalg.cholesky(self.covariances)
        noise = rng.standard_normal((*labels.shape, self.means.shape[-1]))
        drawn = np.empty_like(noise)
        for j in range(self.means.shape[-2]):
            of_this = self.means[..., j, None, :] + (factors[..., j, None, :, :] @ noise[..., None])[..., 0]
            np.copyto(drawn, of_this, where=labels[..., None] == j)
        return drawn

    def statistics(self, x: Array, responsibilities: Array, exposure: Array | None = None) -> GaussianStatistics:
        # Feature by feature, since sums along rows of two or three numbers take ten times as long, and so few rows at a
        # time that what is in between stays in the cache, and that no product of matrices waits for another core.
        rows = max(LEAST_ROWS, NUMBERS_AT_A_TIME // self.means.size)
        features, shares = np.ascontiguousarray(x.T), np.ascontiguousarray(responsibilities.T)
        first, second = np.zeros_like(self.means), np.zeros_like(self.covariances)
        for start in range(0, len(x), rows):
            residuals = features[:, start : start + rows] - self.means[:, :, None]
            weighted = residuals * shares[:, None, start : start + rows]
            first += weighted.sum(axis=-1)
            second += weighted @ np.swapaxes(residuals, -1, -2)
        return GaussianStatistics(responsibilities.sum(axis=0), first, second, self.means)

    def expectation(self, data: Data, weights: Array) -> tuple[float, GaussianStatistics]:
        k, d = self.means.shape
        factors = np.linalg.cholesky(self.covariances)
        whitening = np.linalg.inv(factors)
        log_determinants = np.log(np.diagonal(factors, axis1=1, axis2=2)).sum(axis=1)
        constants = log_or_lowest(weights) - log_determinants - 0.5 * d * LOG_TWO_PI

        def run(chunk: Chunk) -> tuple[float, Array, Array, Array]:
            return gaussian_pass(chunk.x, chunk.weights, constants, self.means, whitening)

        log_likelihood, counts, first, second = sum_over_chunks(data, k * d * d, run)
        return log_likelihood, GaussianStatistics(counts, first, second, self.means)

    def averages(self, data: Data, weights: Array) -> tuple[Array, Array, Array]:
        factors = np.linalg.cholesky(self.covariances)
        log_determinants = np.log(np.diagonal(factors, axis1=-2, axis2=-1)).sum(axis=-1)
        constants = log_or_lowest(weights) - log_determinants - 0.5 * data.dimension * LOG_TWO_PI
        shares, log_density, spread = gaussian_average(
            np.ascontiguousarray(data.values.T), constants, np.ascontiguousarray(self.means), np.linalg.inv(factors)
        )
        return shares.T, log_density, spread

    def location(self) -> Array:
        return self.means[..., 0]

    def affine(self, before: Array, matrix: Array, after: Array) -> Self:
        return type(self)((self.means - before) @ matrix.T + after, congruent(self.covariances, matrix))

    def size_of_terms(self, x: Array, exposure: Array | None = None) -> Array:
        r"""The terms of ½|r|² with r = L⁻¹(x − μ), of log |L| and of the constant (Higham 2002, sections 3.5 and 8.2).

        x and μ are known to a unit in the last place, which moves r by $|L^{-1}| (|x| + |\mu|)$; solving for r, and a Σ
        that is known as well, move it by $|L^{-1}| |L| |r|$.
        """
        d, factors = self.means.shape[-1], np.linalg.cholesky(self.covariances)
        inverses = np.linalg.inv(factors)
        residuals = np.abs(inverses @ (x.reshape(len(x), d).T - self.means[..., None]))
        places = np.abs(inverses) @ (np.abs(x.reshape(len(x), d).T) + np.abs(self.means[..., None]))
        turned = np.abs(inverses) @ np.abs(factors)
        of_squares = (residuals * places).sum(axis=1) + np.square(np.swapaxes(turned, 1, 2) @ residuals).sum(axis=1)
        of_logarithms = np.abs(np.log(np.diagonal(factors, axis1=1, axis2=2))).sum(axis=1)
        return np.asarray((of_squares + (of_logarithms + np.square(turned).sum(axis=(1, 2)))[:, None] + d).T)

    def marginal(self, feature: int) -> Gaussian:
        only = slice(feature, feature + 1)
        return Gaussian(self.means[..., only], self.covariances[..., only, only])

    def scalars(self, covariance: str | None, columns: tuple[str, ...]) -> dict[str, Array]:
        k, d = self.means.shape[-2:]
        one = d == 1
        named = {
            f"means[{_index(j, None if one else columns[f])}]": self.means[..., j, f]
            for j in range(k)
            for f in range(d)
        }
        for j in range(1 if covariance == "tied" else k):
            component = None if covariance == "tied" else j
            for f in range(1 if covariance == "spherical" else d):
                for g in range(f, d if covariance in ("full", "tied") else f + 1):
                    kind = "variances" if one or covariance in ("diagonal", "spherical") else "covariances"
                    features = (None, None) if one or covariance == "spherical" else (columns[f], columns[g])
                    used = features[:1] if kind == "variances" else features
                    index = _index(component, *used)
                    named[f"{kind}[{index}]" if index else kind] = self.covariances[..., j, f, g]
        return named

    def departures(self, reference: Gaussian, covariance: str | None) -> dict[str, Array]:
        r"""The shift of each mean in the reference's standard deviations, and half the logarithm of its covariance.

        With $\Sigma^0 = L L^T$ these are $L^{-1} (\mu - \mu^0)$ and $\frac12 \log (L^{-1} \Sigma L^{-T})$. Another map of
        the observations turns both, and changes no length. The entries off the diagonal count twice, as in the matrix.
        """
        whitening = np.linalg.inv(np.linalg.cholesky(reference.covariances))
        values, vectors = np.linalg.eigh(congruent_each(self.covariances, whitening))
        logarithms = (vectors * (0.5 * np.log(values))[..., None, :]) @ np.swapaxes(vectors, -1, -2)
        shifts = (whitening @ (self.means - reference.means)[..., None])[..., 0]
        return _blocks(shifts, logarithms, covariance)

    def departures_along(self, reference: Gaussian, covariance: str | None) -> dict[str, Array]:
        whitening = np.linalg.inv(np.linalg.cholesky(reference.covariances))
        shifts = (whitening @ self.means[..., None])[..., 0]
        return _blocks(shifts, 0.5 * congruent_each(self.covariances, whitening), covariance)

    @classmethod
    def check(cls, data: Rows, components: int, covariance: str | None) -> None:
        distinct = data.compress().rows
        if distinct <= components:
            raise ValueError(
                f"components = {components} needs more than {components} distinct observations for family 'gaussian', "
                f"got {distinct}: take fewer components or more data."
            )
        with np.errstate(over="ignore", invalid="ignore"):
            spread = np.diag(data.covariance)
        for name, lowest, highest, variance in zip(data.columns, data.lowest, data.highest, spread, strict=True):
            if lowest == highest:
                raise ValueError(f"column {name!r} is constant ({lowest:g}): leave it out.")
            if not 1 / LARGEST_VARIANCE < variance < LARGEST_VARIANCE:
                raise ValueError(
                    f"column {name!r} has a variance whose square double precision cannot hold: rescale it."
                )
            if np.sqrt(variance) < SMALLEST_SPREAD * max(abs(lowest), abs(highest)):
                raise ValueError(
                    f"column {name!r} varies only in its last digits about {lowest:g}: subtract an offset."
                )
        deviations = np.sqrt(spread)
        correlation = data.covariance / np.outer(deviations, deviations)
        if covariance in ("full", "tied") and np.linalg.eigvalsh(correlation)[0] < 1e-12:
            raise ValueError(
                f"columns {', '.join(map(repr, data.columns))} are linearly dependent: leave one out, or choose the "
                "covariance 'diagonal' or 'spherical'."
            )

    @classmethod
    def free_parameters(cls, components: int, dimension: int, covariance: str | None) -> int:
        full = dimension * (dimension + 1) // 2
        of_covariances = {
            "full": components * full,
            "diagonal": components * dimension,
            "spherical": components,
            "tied": full,
        }
        return components * dimension + of_covariances[covariance or "full"]

    @classmethod
    def around(cls, points: Array, data: Rows, widths: Array | float = 1.0) -> Self:
        share = data.covariance / len(points) ** (2 / data.dimension)
        squares = np.broadcast_to(np.square(widths), len(points))
        return cls(points, squares[:, None, None] * share)

    def structured(self, covariance: str | None) -> Self:
        covariances, d = self.covariances, self.means.shape[-1]
        if covariance == "diagonal":
            covariances = covariances * np.eye(d)
        elif covariance == "spherical":
            covariances = np.trace(covariances, axis1=-2, axis2=-1)[..., None, None] / d * np.eye(d)
        elif covariance == "tied":
            covariances = np.broadcast_to(covariances.mean(axis=-3, keepdims=True), covariances.shape)
        return type(self)(self.means, np.array(covariances))

    @classmethod
    def frame(cls, data: Data, covariance: str | None) -> Frame:
        """The frame with unit spread in which this structure of covariance stays what it is."""
        return {"diagonal": Frame.by_feature, "spherical": Frame.by_scale}.get(covariance or "full", Frame.whitening)(
            data
        )

    @classmethod
    def coordinates(cls, data: Data, covariance: str | None) -> Array:
        """The observations in their frame."""
        return cls.frame(data, covariance).of_rows(data.values)


def congruent(covariances: Array, matrix: Array) -> Array:
    """AΣAᵀ, symmetric to the last digit."""
    found = matrix @ covariances @ matrix.T
    return np.asarray((found + np.swapaxes(found, -1, -2)) / 2)


def congruent_each(covariances: Array, matrices: Array) -> Array:
    """A_k Σ_k A_kᵀ, symmetric to the last digit; ``matrices`` have shape ``(k, d, d)``."""
    found = matrices @ covariances @ np.swapaxes(matrices, -1, -2)
    return np.asarray((found + np.swapaxes(found, -1, -2)) / 2)


def _blocks(shifts: Array, logarithms: Array, covariance: str | None) -> dict[str, Array]:
    """The shift of each mean, and the free entries of each symmetric matrix, as a vector of its length unless spherical."""
    k, d = shifts.shape[-2:]
    rows, columns = np.diag_indices(d) if covariance in ("diagonal", "spherical") else np.tril_indices(d)
    entries = logarithms[..., rows, columns] * np.where(rows == columns, 1.0, np.sqrt(2.0))
    entries = entries[..., :1] if covariance == "spherical" else entries
    means = {f"means[{j + 1}]": shifts[..., j, :] for j in range(k)}
    if covariance == "tied":
        return {**means, "covariances": entries[..., 0, :]}
    return {**means, **{f"covariances[{j + 1}]": entries[..., j, :] for j in range(k)}}


def _index(component: int | None, *features: str | None) -> str:
    parts = [] if component is None else [str(component + 1)]
    return ",".join(parts + [feature for feature in features if feature is not None])
