r"""The weak prior of Gaussian components: one unknown scale that they share (Richardson and Green 1997; Stephens 2000).

Nobody knows how wide the groups are before the data are seen, but they are alike in kind: one common scale, learned from
the data, from which each may depart by a large factor. The centres may lie anywhere that the data reach. With the mean
$m$ and the covariance $S_0$ of the data (divisor n) and the farthest observation at
$c = \max_i (x_i - m)^T S_0^{-1} (x_i - m) / d$,

$$B \sim \mathrm{Wishart}(d, S_0 / d) , \qquad \Sigma_k \mid B \sim \mathrm{InvWishart}(d, B) , \qquad
  \mu_k \sim N(m, c \, S_0) ,$$

independent given $B$. In one dimension the scale $\beta = \sqrt B$ is half-normal with the data's standard deviation, and
$\sigma_k = \beta / |z_k|$ with standard normal $z_k$: each is half-Cauchy, and they share $\beta$. For *diagonal*
covariances every feature has such a scale, for *spherical* ones there is one, with $S_0$ its mean variance; *tied*
components have one $\Sigma$.

**The scale integrates out.** The density of $B$ and all $\Sigma_k$ is, as a function of $B$, a Wishart density with
$(K + 1) d$ degrees of freedom. With $A = d \, S_0^{-1}$, $P_k = \Sigma_k^{-1}$ and the multivariate gamma function
$\Gamma_d$,

$$p(\Sigma) = \frac{\Gamma_d((K + 1) d / 2)}{\Gamma_d(d/2)^{K+1}} \, |A|^{d/2} \prod_k |\Sigma_k|^{-d - 1/2}
  \; \Bigl| A + \sum_k P_k \Bigr|^{-(K + 1) d / 2} ,
  \qquad \mathrm{E}[B \mid \Sigma] = (K + 1) \, d \, \Bigl( A + \sum_k P_k \Bigr)^{-1} .$$

**Resolution.** A component that draws together on one observation has mass near zero but an unbounded density, and where
values repeat, because they were rounded, that mass may beat the right answer. So the density is multiplied by
$\prod_k e^{-\mathrm{tr}(R P_k) / 2}$ with $R = 10^{-9} S_0$ plus, where values of a column repeat, the square of the
smallest gap between its values. Given $B$ each factor has the expectation $(|B| / |B + R|)^{d/2}$, so that the constant is

$$Z = \mathrm{E}_B \Bigl[ (|B| / |B + R|)^{K d / 2} \Bigr] ,$$

and a draw comes from $B$, kept with that probability, and $\Sigma_k \mid B \sim \mathrm{InvWishart}(d, B + R)$.

**The mode** is taken with respect to the measure $\prod_k |\Sigma_k|^{-(d+1)/2} \, d\Sigma_k$ (for variances
$d\sigma^2 / \sigma^2$), which is the same in all units and for covariances and precisions: in the plain one it runs into
collapsed components when K is one too many.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

import numpy as np
from scipy import special

from ..arrays import Array
from ..components import ComponentPrior
from ..gaussian import Gaussian
from ..rows import Rows
from .gaussian_extent import farthest, steps_of
from .gaussian_scale import draws_of_covariances, log_normaliser, shares_of
from .gaussian_structures import MOST_WRITTEN, as_matrices, moved, part_of, shape_of
from .stated import require_parameters, require_positive

# The resolution, as a share of the data's covariance: a thirty-thousandth of a standard deviation.
SMALLEST_SHARE = 1e-9


@dataclass(frozen=True)
class SharedScale(ComponentPrior):
    """Covariances that share one unknown scale, and means anywhere that the data reach.

    By ``structure``, ``spread`` S₀, ``reach`` c·S₀ and ``resolution`` R have shape ``(d, d)`` for *full* and *tied*,
    ``(d,)`` for *diagonal* and ``()`` for *spherical*, in squared units of the data; ``location``, shape ``(d,)``, is in
    their units. ``log_constant`` is log Z, which depends on the number of components.

    Examples
    --------
    >>> from models import Data, Model
    >>> prior = Model("gaussian", 2, covariance="full").prior(Data.of([0.0, 1.0, 9.0, 10.0])).components
    >>> prior.location.tolist(), prior.spread.tolist(), prior.reach.round(3).tolist()
    ([5.0], [[20.5]], [[25.0]])
    """

    location: Array
    spread: Array
    reach: Array
    resolution: Array
    log_constant: float
    structure: str

    called: ClassVar[str] = "weak"
    title: ClassVar[str] = "shared scale"
    meanings: ClassVar[dict[str, str]] = {
        "location": "Where the means are expected, in the units of the data.",
        "spread": "Of what order the covariances are (variances, where there are no more), in squared units of the data. "
        "The scale that all share may be far from it, and the data tell it.",
        "reach": "How far from the location a mean may be: its covariance (its variance), in squared units of the data.",
        "resolution": "How narrow a component may be, in squared units of the data: where values repeat it is the square of "
        "the smallest gap between two.",
        "structure": "The structure of the covariances, which is the model's.",
    }

    @classmethod
    def scaled(cls, data: Rows, components: int, covariance: str | None) -> Self:
        """The prior with mean, covariance, reach and resolution of the data."""
        structure = covariance or "full"
        spread = part_of(data.covariance, structure)
        resolution = SMALLEST_SHARE * spread + part_of(np.diag(np.square(steps_of(data))), structure)
        reach = np.asarray(farthest(data, spread) * spread)
        return cls._with(data.mean, spread, reach, resolution, components, structure)

    @classmethod
    def of(cls, parameters: dict[str, Any], components: int, dimension: int, covariance: str | None) -> Self:
        """The prior with these numbers.

        Parameters
        ----------
        parameters
            ``name``, which is ``"shared scale"``, ``location``, ``spread``, ``reach``, ``resolution`` and ``structure``.
        components
            How many components there are, on which the constant depends.
        dimension
            How many features there are, d.
        covariance
            The structure of the covariances, *full* unless given.

        Returns
        -------
        SharedScale
            The prior.

        Raises
        ------
        ValueError
            Names the parameter that does not fit.

        Examples
        --------
        >>> from models import SharedScale
        >>> given = {"name": "shared scale", "location": [5.0], "spread": 20.0, "reach": 25.0, "resolution": 1.0}
        >>> prior = SharedScale.of({**given, "structure": "spherical"}, components=2, dimension=1, covariance="spherical")
        >>> round(float(prior.log_constant), 2)
        -0.27
        """
        structure, d = covariance or "full", dimension
        shapes = {"location": (d,), **dict.fromkeys(("spread", "reach", "resolution"), shape_of(structure, d))}
        require_parameters(parameters, cls.title, shapes, structure=structure)
        given = {name: np.array(parameters[name], dtype=float) for name in shapes}
        for name in ("spread", "reach", "resolution"):
            require_positive(name, given[name])
        return cls._with(**given, components=components, structure=structure)

    @classmethod
    def _with(
        cls, location: Array, spread: Array, reach: Array, resolution: Array, components: int, structure: str
    ) -> Self:
        """The prior of so many components, its constant worked out."""
        shares = shares_of(resolution, spread)
        alike = 1 if structure == "tied" else components
        if np.ndim(spread) == 2:
            log_constant = log_normaliser(tuple(float(share) for share in shares), alike)
        else:
            log_constant = sum(log_normaliser((float(share),), alike) for share in shares)
        return cls(location, spread, reach, resolution, log_constant, structure)

    def log_density(self, components: Gaussian) -> Array:
        means = Gaussian(self.location[None, :], self._as_matrix(self.reach)[None]).log_density
        lead = components.means.shape[:-2]
        of_means = means(components.means.reshape(-1, len(self.location)))[..., 0].reshape(*lead, -1).sum(axis=-1)
        return np.asarray(of_means + self._covariance_log_density(components.covariances))

    def log_measure(self, components: Gaussian) -> Array:
        matrices = self._own(components.covariances)
        half = 0.5 * (matrices.shape[-1] + 1)
        return np.asarray(half * np.linalg.slogdet(matrices)[1].sum(axis=(-1, -2)))

    def expected_scale(self, covariances: Array) -> Array:
        """E[B | Σ] + R, what takes the place of a scatter seen before; the shape is that of ``spread``.

        ``covariances`` have shape ``(k, d, d)``.
        """
        own = self._own(covariances)
        inverse = self._inverse_spread()
        degrees = (own.shape[-3] + 1) * own.shape[-1]
        expected = degrees * np.linalg.inv(inverse + np.linalg.inv(own).sum(axis=-3))
        return np.asarray(expected.reshape(np.shape(self.spread)) + self.resolution)

    def affine(self, before: Array, matrix: Array, after: Array) -> Self:
        return replace(
            self,
            location=(self.location - before) @ matrix.T + after,
            spread=moved(self.spread, matrix, self.structure),
            reach=moved(self.reach, matrix, self.structure),
            resolution=moved(self.resolution, matrix, self.structure),
        )

    def sample(self, components: int, rng: np.random.Generator, draws: tuple[int, ...] = ()) -> Gaussian:
        d, count = len(self.location), int(np.prod(draws, dtype=int))
        alike = 1 if self.structure == "tied" else components
        spread, resolution = (as_matrices(value) for value in (self.spread, self.resolution))
        features = [draws_of_covariances(count, alike, spread[f], resolution[f], rng) for f in range(len(spread))]
        own = np.stack(features, axis=-3) if self.structure != "spherical" else features[0][..., None, :, :]
        covariances = np.broadcast_to(self._lifted(own), (count, components, d, d))
        noise = rng.standard_normal((*draws, components, d))
        means = self.location + noise @ np.linalg.cholesky(self._as_matrix(self.reach)).T
        return Gaussian(means, np.array(covariances).reshape(*draws, components, d, d))

    def parameters(self) -> dict[str, Any]:
        values = {
            name: np.asarray(getattr(self, name)).tolist() for name in ("location", "spread", "reach", "resolution")
        }
        return {"name": self.title, **values, "structure": self.structure}

    def widened(self, factor: float) -> dict[str, Any]:
        wider = {name: (factor**2 * getattr(self, name)).tolist() for name in ("spread", "reach")}
        return {**self.parameters(), **wider}

    def statement(self) -> str:
        d = len(self.location)
        if d == 1:
            reach, scale = (float(np.sqrt(np.squeeze(value))) for value in (self.reach, self.spread))
            place = rf"\mathrm{{N}}({_rounded(self.location, self.spread)[0]:.4g}, {reach:.4g}^2)$"
            widths, of_scale = self._widths(), rf"\beta \sim \mathrm{{HalfNormal}}({scale:.4g})$"
            means = rf"Each mean has the prior $\mu_k \sim {place}"
            return f"{means}, and {widths}, ${of_scale}, one scale for all, which the data tell."
        centre = self._numbers("m", _rounded(self.location, self.spread))
        means = rf"Each mean has the prior $\mu_k \sim \mathrm{{N}}(m, V)${centre}"
        covariances = {
            "full": r"each covariance is $\Sigma_k \sim \mathrm{InvWishart}(d, B)$ with one unknown scale for all, $B \sim "
            r"\mathrm{Wishart}(d, S_0 / d)$",
            "tied": r"the common covariance is $\Sigma \sim \mathrm{InvWishart}(d, B)$ with an unknown scale $B \sim "
            r"\mathrm{Wishart}(d, S_0 / d)$",
            "diagonal": r"each standard deviation is $\sigma_{kj} = \beta_j / |z_{kj}|$ with a standard normal $z_{kj}$ and "
            r"one unknown scale for each feature, $\beta_j \sim \mathrm{HalfNormal}(s_j)$",
            "spherical": self._widths() + r" and the same for all, $\beta \sim \mathrm{HalfNormal}(s)$",
        }[self.structure]
        return f"{means}, and {covariances}{self._scale()}; the data tell the scale."

    def _widths(self) -> str:
        """The standard deviations where each component has one."""
        own, one = ("each", "_k") if self.structure != "tied" else ("the common", "")
        return (
            rf"{own} standard deviation is $\sigma{one} = \beta / |z{one}|$, $z{one}$ standard normal, $\beta$ unknown"
        )

    def origin(self) -> str:
        return (
            "Centre, spread and reach of the means (as far as the farthest observation) are those of these data, which are "
            "used twice, for little: a place and a unit. With one component the posterior mean of the location is the "
            "maximum-likelihood estimate by symmetry, which is no evidence for either."
        )

    def _numbers(self, name: str, values: Array) -> str:
        """The values in numbers where they are few."""
        few = len(values) <= MOST_WRITTEN
        return f" with ${name} = ({', '.join(f'{value:.4g}' for value in values)})$" if few else ""

    def _scale(self) -> str:
        """The scale in numbers where they are few."""
        if len(self.location) > MOST_WRITTEN:
            return ""
        if self.structure == "spherical":
            return f" with $s = {float(np.sqrt(self.spread)):.4g}$"
        if self.structure == "diagonal":
            return self._numbers("(s_j)", np.sqrt(self.spread))
        rows = ("(" + ", ".join(f"{value:.4g}" for value in row) + ")" for row in self.spread)
        return f" with $S_0 = {', '.join(rows)}$ row by row"

    def _covariance_log_density(self, covariances: Array) -> Array:
        own = self._own(covariances)
        k, d = own.shape[-3], own.shape[-1]
        precisions, inverse = np.linalg.inv(own), self._inverse_spread()
        total = inverse + precisions.sum(axis=-3)
        resolution = as_matrices(self.resolution)
        constant = (
            special.multigammaln(0.5 * (k + 1) * d, d)
            - (k + 1) * special.multigammaln(0.5 * d, d)
            + 0.5 * d * np.linalg.slogdet(inverse)[1]
        )
        each = (
            constant
            - (d + 0.5) * np.linalg.slogdet(own)[1].sum(axis=-1)
            - 0.5 * (k + 1) * d * np.linalg.slogdet(total)[1]
            - 0.5 * np.einsum("fij,...fkji->...f", resolution, precisions)
        )
        return np.asarray(each.sum(axis=-1) - self.log_constant)

    def _inverse_spread(self) -> Array:
        """A = d S₀⁻¹ of each scale, shape ``(scales, d, d)``."""
        spread = as_matrices(self.spread)
        return np.asarray(spread.shape[-1] * np.linalg.inv(spread))

    def _own(self, covariances: Array) -> Array:
        """The covariances that have a prior of their own, by the scale that they share: ``(..., scales, k, d, d)``."""
        if self.structure == "tied":
            return covariances[..., None, :1, :, :]
        if self.structure == "full":
            return covariances[..., None, :, :, :]
        variances = np.swapaxes(np.diagonal(covariances, axis1=-2, axis2=-1), -1, -2)
        return (variances if self.structure == "diagonal" else variances[..., :1, :])[..., None, None]

    def _lifted(self, own: Array) -> Array:
        """Whole covariances ``(n, k, d, d)`` from those that share a scale, ``(n, k, scales, d, d)``."""
        if self.structure in ("full", "tied"):
            return own[:, :, 0]
        return np.asarray(own[..., 0] * np.eye(len(self.location)))

    def _as_matrix(self, value: Array) -> Array:
        return value if np.ndim(value) == 2 else np.asarray(value * np.eye(len(self.location)))


def _rounded(location: Array, spread: Array) -> Array:
    """The location with zero in place of what is nothing beside the spread, for a sentence."""
    deviations = np.sqrt(np.diag(spread) if np.ndim(spread) == 2 else spread)
    return np.where(np.abs(location) < SMALLEST_SHARE * deviations, 0.0, location)
