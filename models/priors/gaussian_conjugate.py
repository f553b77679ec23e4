"""The conjugate prior of Gaussian components: the normal–inverse-Wishart."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

import numpy as np
import scipy
from scipy import special

from ..arrays import Array
from ..components import ComponentPrior
from ..gaussian import Gaussian
from ..rows import Rows
from .gaussian_structures import MOST_WRITTEN, moved, part_of, shape_of
from .stated import require_parameters, require_positive


@dataclass(frozen=True)
class NormalInverseWishart(ComponentPrior):
    r"""The conjugate prior of a Gaussian component (Fraley and Raftery 2007, section 3).

    Given the covariance, every mean is normal about ``location`` with covariance Σ/``strength``. The covariance follows,
    by ``structure``: *full*, an inverse Wishart for each component; *tied*, one inverse Wishart for all; *diagonal*, an
    inverse gamma(ν/2, scale/2) for each component and feature; *spherical*, one for each component. In one dimension
    the inverse Wishart is that inverse gamma. ν is ``degrees_of_freedom``; ``scale`` has shape ``(d, d)``, for
    *diagonal* ``(d,)``, for *spherical* ``()``.

    Examples
    --------
    >>> from models import Data, Model
    >>> prior = Model("gaussian", 2, covariance="full").prior(Data.of([0.0, 1.0, 9.0, 10.0]), "conjugate").components
    >>> prior.location.tolist(), prior.scale.round(3).tolist(), prior.degrees_of_freedom
    ([5.0], [[5.125]], 3.0)
    """

    location: Array
    strength: float
    degrees_of_freedom: float
    scale: Array
    structure: str

    called: ClassVar[str] = "conjugate"
    is_conjugate: ClassVar[bool] = True
    title: ClassVar[str] = "normal-inverse-Wishart"
    meanings: ClassVar[dict[str, str]] = {
        "location": "Where the means are expected, in the units of the data.",
        "strength": "So many observations the location is worth: the covariance of a mean is that of its component, divided "
        "by it.",
        "degrees_of_freedom": "About so many observations the scale is worth; it has to be more than d − 1.",
        "scale": "A covariance (a variance, where there is no more) is of the order of the scale / degrees_of_freedom, in "
        "squared units of the data.",
        "structure": "The structure of the covariances, which is the model's.",
    }

    @classmethod
    def scaled(cls, data: Rows, components: int, covariance: str | None) -> Self:
        """Fraley and Raftery (2007, section 3): κ = 0.01, ν = d + 2 and an even share of the data's covariance."""
        structure, d = covariance or "full", data.dimension
        share = data.covariance / components ** (2 / d)
        return cls(data.mean, 0.01, d + 2.0, part_of(share, structure), structure)

    @classmethod
    def of(cls, parameters: dict[str, Any], components: int, dimension: int, covariance: str | None) -> Self:
        """The prior with these numbers.

        Parameters
        ----------
        parameters
            ``name``, which is ``"normal-inverse-Wishart"``, and every field of the prior by its name.
        components
            How many components there are, which makes no difference.
        dimension
            How many features there are, d.
        covariance
            The structure of the covariances, *full* unless given.

        Returns
        -------
        NormalInverseWishart
            The prior.

        Raises
        ------
        ValueError
            Names the parameter that does not fit.

        Examples
        --------
        >>> from models import NormalInverseWishart
        >>> given = {"name": "normal-inverse-Wishart", "location": [5.0], "strength": 0.01, "degrees_of_freedom": 3.0}
        >>> given |= {"scale": 4.0, "structure": "spherical"}
        >>> prior = NormalInverseWishart.of(given, components=2, dimension=1, covariance="spherical")
        >>> prior.strength, float(prior.scale)
        (0.01, 4.0)
        """
        structure, d = covariance or "full", dimension
        shapes = {"location": (d,), "strength": (), "degrees_of_freedom": (), "scale": shape_of(structure, d)}
        require_parameters(parameters, cls.title, shapes, structure=structure)
        location, scale = np.array(parameters["location"], dtype=float), np.array(parameters["scale"], dtype=float)
        strength, degrees = float(parameters["strength"]), float(parameters["degrees_of_freedom"])
        require_positive("strength", strength)
        require_positive("scale", scale)
        if not degrees > d - 1:
            raise ValueError(f"the prior's degrees_of_freedom must be more than d − 1 = {d - 1}, got {degrees:g}.")
        return cls(location, strength, degrees, scale, structure)

    def log_density(self, components: Gaussian) -> Array:
        covariances = components.covariances
        means_given_covariances = Gaussian(components.means, covariances / self.strength)
        at_location = means_given_covariances.log_density(self.location[None, :])[..., 0, :].sum(axis=-1)
        return np.asarray(at_location + self._covariance_log_density(covariances))

    def _covariance_log_density(self, covariances: Array) -> Array:
        if self.structure == "full":
            return np.asarray(self._inverse_wishart(covariances).sum(axis=-1))
        if self.structure == "tied":
            return self._inverse_wishart(covariances[..., 0, :, :])
        variances = np.diagonal(covariances, axis1=-2, axis2=-1)
        if self.structure == "diagonal":
            return np.asarray(self._inverse_gamma(variances).sum(axis=(-1, -2)))
        return np.asarray(self._inverse_gamma(variances[..., 0]).sum(axis=-1))

    def _inverse_wishart(self, covariance: Array) -> Array:
        degrees, d = self.degrees_of_freedom, len(self.location)
        log_determinant = np.linalg.slogdet(covariance)[1]
        trace = np.trace(np.linalg.solve(covariance, np.broadcast_to(self.scale, covariance.shape)), axis1=-2, axis2=-1)
        constant = (
            0.5 * degrees * np.linalg.slogdet(self.scale)[1]
            - 0.5 * degrees * d * np.log(2)
            - special.multigammaln(0.5 * degrees, d)
        )
        return np.asarray(constant - 0.5 * (degrees + d + 1) * log_determinant - 0.5 * trace)

    def _inverse_gamma(self, variances: Array) -> Array:
        shape, scale = 0.5 * self.degrees_of_freedom, 0.5 * self.scale
        constant = shape * np.log(scale) - special.gammaln(shape)
        return np.asarray(constant - (shape + 1) * np.log(variances) - scale / variances)

    def affine(self, before: Array, matrix: Array, after: Array) -> Self:
        scale = moved(self.scale, matrix, self.structure)
        return replace(self, location=(self.location - before) @ matrix.T + after, scale=scale)

    def sample(self, components: int, rng: np.random.Generator, draws: tuple[int, ...] = ()) -> Gaussian:
        covariances = self._sample_covariances((*draws, components), rng)
        factors = np.linalg.cholesky(covariances / self.strength)
        noise = rng.standard_normal((*draws, components, len(self.location), 1))
        return Gaussian(self.location + (factors @ noise)[..., 0], covariances)

    def _sample_covariances(self, lead: tuple[int, ...], rng: np.random.Generator) -> Array:
        d = len(self.location)
        if self.structure in ("full", "tied"):
            own = (*lead[:-1], 1) if self.structure == "tied" else lead
            drawn = scipy.stats.invwishart.rvs(self.degrees_of_freedom, self.scale, int(np.prod(own)), random_state=rng)
            return np.array(np.broadcast_to(np.reshape(drawn, (*own, d, d)), (*lead, d, d)))
        shape = (*lead, d) if self.structure == "diagonal" else (*lead, 1)
        variances = 0.5 * self.scale / rng.gamma(0.5 * self.degrees_of_freedom, size=shape)
        return np.asarray(variances[..., None] * np.eye(d))

    def parameters(self) -> dict[str, Any]:
        return {
            "name": self.title,
            "location": np.asarray(self.location).tolist(),
            "strength": self.strength,
            "degrees_of_freedom": self.degrees_of_freedom,
            "scale": np.asarray(self.scale).tolist(),
            "structure": self.structure,
        }

    def widened(self, factor: float) -> dict[str, Any]:
        return {**self.parameters(), "scale": (factor**2 * self.scale).tolist()}

    def statement(self) -> str:
        nu, kappa = f"{self.degrees_of_freedom:g}", f"{self.strength:g}"
        one_dimensional = len(self.location) == 1
        covariance = {
            "full": rf"each covariance $\Sigma_k \sim \mathrm{{InvWishart}}({nu}, \Psi)$",
            "tied": rf"the common covariance $\Sigma \sim \mathrm{{InvWishart}}({nu}, \Psi)$",
            "diagonal": rf"each variance $\sigma^2_{{kj}} \sim \mathrm{{InvGamma}}({nu}/2, \psi_j/2)$",
            "spherical": rf"each variance $\sigma^2_k \sim \mathrm{{InvGamma}}({nu}/2, \psi/2)$",
        }[self.structure]
        if one_dimensional:
            whose = "the common variance" if self.structure == "tied" else "each variance"
            covariance = rf"{whose} $\sigma^2 \sim \mathrm{{InvGamma}}({nu}/2, {float(self.scale.squeeze()):.4g}/2)$"
        spread = r"\sigma^2" if one_dimensional else r"\Sigma_k"
        return (
            rf"Given its spread each mean has the prior $\mu_k \sim \mathrm{{N}}(m, {spread}/{kappa})${self._location()}, "
            f"and {covariance}{self._scale()}."
        )

    def _location(self) -> str:
        if len(self.location) > MOST_WRITTEN:
            return ""
        numbers = ", ".join(f"{value:.4g}" for value in self.location)
        return f" with $m = {numbers if len(self.location) == 1 else f'({numbers})'}$"

    def _scale(self) -> str:
        """The scale in numbers where they are few and were not said yet."""
        if len(self.location) == 1 or len(self.location) > MOST_WRITTEN:
            return ""
        if self.structure == "spherical":
            return rf" with $\psi = {float(self.scale):.4g}$"
        rows = ("(" + ", ".join(f"{value:.4g}" for value in row) + ")" for row in np.atleast_2d(self.scale))
        name = r"(\psi_j)" if self.structure == "diagonal" else r"\Psi"
        return f" with ${name} = {', '.join(rows)}$" + ("" if self.structure == "diagonal" else " row by row")

    def origin(self) -> str:
        return (
            "The location is the mean of the data, and the scale is the data's own covariance divided by "
            r"$K^{2/d}$, an even share for each of the K components (Fraley and Raftery 2007)."
        )
