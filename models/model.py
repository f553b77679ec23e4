"""Which mixture is meant, the family, how many components and what is fixed about them, and its prior."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from scipy import linalg, special

from .arguments import require_one_of, require_whole
from .arrays import Array
from .components import ComponentPrior, Components
from .data import Data
from .families import families, of_several_columns
from .fittable import require_fittable
from .frame import Frame
from .mixture import Mixture
from .priors import named_priors, prior_entitled, prior_named, require_parameters, require_parts, require_positive
from .rows import Rows

mixings = ("free", "equal")
DEFAULT_PRIOR = "weak"
# A prior as a caller may give it: itself, its parameters, or its name.
type AnyPrior = Prior | Mapping[str, Any] | str
# Sums of the same numbers in another order agree to so many digits, and more.
ROUNDING = 1e-9


@dataclass(frozen=True)
class Model:
    """A mixture model: ``family``, number of ``components``, ``dimension`` d, ``covariance`` structure and ``mixing``.

    ``covariance`` is ``None`` for a family that has none. ``mixing`` is ``"free"`` or ``"equal"`` (weights fixed at
    1/k); with one component the weight is one, and nothing about it is free.

    Parameters
    ----------
    family
        The name of the components' family, a key of ``models.families``.
    components
        How many components there are, k.
    dimension
        How many features the data have, d.
    covariance
        For Gaussians ``"full"``, ``"diagonal"``, ``"spherical"`` or ``"tied"``.
    mixing
        ``"free"``, or ``"equal"`` for weights fixed at 1/k.

    Examples
    --------
    >>> from models import Model
    >>> Model("gaussian", 3, dimension=2, covariance="full").free_parameters
    17
    >>> Model("poisson", 2).specification
    {'family': 'poisson', 'components': 2, 'covariance': None, 'mixing': 'free'}
    """

    family: str
    components: int
    dimension: int = 1
    covariance: str | None = None
    mixing: str = "free"

    @classmethod
    def of(
        cls,
        data: Rows,
        family: str,
        components: int,
        covariance: str | None = None,
        mixing: str = "free",
    ) -> Model:
        """Check that this model can be fitted to the data.

        A family of one column becomes that of several columns where there are several.

        Parameters
        ----------
        data
            The rows.
        family
            ``"gaussian"``, ``"poisson"`` or ``"poisson-product"``.
        components
            The number of components k.
        covariance
            For Gaussians ``"full"`` (unless told otherwise), ``"diagonal"``, ``"spherical"`` or ``"tied"``.
        mixing
            ``"free"``, or ``"equal"`` for weights fixed at 1/k.

        Returns
        -------
        Model
            The model, with the dimension of the data.

        Raises
        ------
        ValueError
            Names the argument or the column that does not fit, and what it may be.

        Examples
        --------
        >>> from models import Data, Model
        >>> Model.of(Data.of([[1, 4], [3, 6], [2, 9]]), "poisson", 2).family
        'poisson-product'
        >>> Model.of(Data.of([0.5, 1.5, 7.0]), "poisson", 2)
        Traceback (most recent call last):
        ValueError: column 'x' holds 0.5 in row 1: family 'poisson' takes counts, ...
        """
        require_one_of("family", family, tuple(families))
        if data.dimension > 1:
            family = of_several_columns.get(family, family)
        require_one_of("mixing", mixing, mixings)
        require_whole("components", components, least=1)
        structures = families[family].covariance_structures
        if covariance is None and structures:
            covariance = structures[0]
        if covariance is not None:
            if not structures:
                raise ValueError(f"covariance does not apply to family {family!r}: leave it out.")
            require_one_of("covariance", covariance, structures)
        require_fittable(data, families[family], int(components), covariance)
        return cls(family, int(components), data.dimension, covariance, mixing)

    @property
    def specification(self) -> dict[str, Any]:
        """The model as keyword arguments of ``Model.of``, in their order, and of all that takes data and a model."""
        return {
            "family": self.family,
            "components": self.components,
            "covariance": self.covariance,
            "mixing": self.mixing,
        }

    @property
    def family_of_components(self) -> type[Components]:
        """The class of the components."""
        return families[self.family]

    @property
    def counts(self) -> bool:
        """Whether the observations are counts, so that their distribution has probabilities and not a density."""
        return self.family_of_components.counts

    @property
    def weights_are_free(self) -> bool:
        """Whether the weights are parameters of the model."""
        return self.mixing == "free" and self.components > 1

    @property
    def free_parameters(self) -> int:
        """The number of free parameters."""
        of_components = self.family_of_components.free_parameters(self.components, self.dimension, self.covariance)
        return of_components + (self.components - 1) * self.weights_are_free

    def prior(self, data: Rows, called: str = DEFAULT_PRIOR) -> Prior:
        """The prior of that name, scaled from the data, that MAP-EM and the posterior share: *weak* or *conjugate*.

        Raises
        ------
        ValueError
            When there is no prior of that name.
        """
        require_one_of("prior", called, named_priors)
        return Prior(prior_named(self.family, called).scaled(data, self.components, self.covariance), self)

    def chosen_prior(self, given: AnyPrior | None, data: Rows) -> Prior:
        """The prior that a caller gave, checked, or that with these parameters.

        By its name, *weak* or *conjugate*, or where none is given, it is scaled from the data.

        Raises
        ------
        ValueError
            When it is the prior of another model, or when no prior has its parameters or its name.
        """
        if given is None or isinstance(given, str):
            return self.prior(data, DEFAULT_PRIOR if given is None else given)
        if isinstance(given, Mapping):
            return Prior.of(given, self)
        if not isinstance(given, Prior):
            raise ValueError(
                "prior must be a Prior, its parameters {'weights': {…}, 'components': {…}}, or a name, got "
                f"{type(given).__name__}."
            )
        if given.model != self:
            differing = [name for name, value in vars(self).items() if getattr(given.model, name) != value]
            own, other = (
                ", ".join(f"{name} {getattr(model, name)!r}" for name in differing) for model in (self, given.model)
            )
            raise ValueError(f"prior must be one of this model, with {own}, got one with {other}.")
        return Prior.of(given.parameters(), self)

    def frame(self, data: Data) -> Frame:
        """Coordinates in which data, mixtures and the prior are the same whatever the units of the data."""
        return self.family_of_components.frame(data, self.covariance)

    def scalars(self, mixture: Mixture, columns: tuple[str, ...]) -> dict[str, Array]:
        """Every free parameter by its name, such as ``weights[1]``, each with the mixture's leading axes."""
        weights = {f"weights[{k + 1}]": mixture.weights[..., k] for k in range(self.components)}
        components = mixture.components.scalars(self.covariance, columns)
        return {**(weights if self.weights_are_free else {}), **components}

    def departures(self, mixture: Mixture, reference: Mixture) -> dict[str, Array]:
        """How far a mixture is from a reference, by block, on scales that no unit, origin or axes change: ``(..., q)``.

        The block of the weights is that of log π/π⁰, centred so that it lies among the k − 1 directions that are free.
        """
        weights = {}
        if self.weights_are_free:
            with np.errstate(divide="ignore", invalid="ignore"):
                weights = {"weights": _centred(np.log(mixture.weights) - np.log(reference.weights))}
        return {**weights, **mixture.components.departures(reference.components, self.covariance)}

    def departures_along(self, tangents: Mixture, reference: Mixture) -> dict[str, Array]:
        """The derivatives of :meth:`departures` at the reference, ``tangents`` being the derivatives of the mixture."""
        weights = {}
        if self.weights_are_free:
            with np.errstate(divide="ignore", invalid="ignore"):
                weights = {"weights": _centred(tangents.weights / reference.weights)}
        return {**weights, **tangents.components.departures_along(reference.components, self.covariance)}


def _centred(logarithms: Array) -> Array:
    """Log-ratios of weights in k − 1 orthonormal coordinates, which leave out what all have in common (Egozcue 2003)."""
    return np.asarray(logarithms @ linalg.helmert(logarithms.shape[-1]).T)


@dataclass(frozen=True)
class Prior:
    """The prior of a mixture: Dirichlet(``concentration``, …) weights, and independent of them that of the components.

    Parameters
    ----------
    components
        The prior of the components.
    model
        The model that it is a prior of.
    concentration
        The parameter of the symmetric Dirichlet distribution of the weights.

    Examples
    --------
    >>> import numpy as np
    >>> from models import Data, Model
    >>> prior = Model("poisson", 2).prior(Data.of([0, 1, 9, 10]))
    >>> prior.sample(np.random.default_rng(0), (5,)).weights.shape
    (5, 2)
    """

    components: ComponentPrior
    model: Model
    concentration: float = field(default=1.0)

    @classmethod
    def of(cls, parameters: Mapping[str, Any], model: Model) -> Prior:
        """The prior with these :meth:`parameters`.

        Parameters
        ----------
        parameters
            ``{"weights": …, "components": …}``, each with the name of its distribution and its numbers; ``weights`` may be
            left out where they are fixed.
        model
            The model that it is a prior of.

        Returns
        -------
        Prior
            The prior.

        Raises
        ------
        ValueError
            When they describe no prior of this model.

        Examples
        --------
        >>> from models import Model, Prior
        >>> weights, components = {"name": "Dirichlet", "concentration": 2.0}, {"name": "Gamma", "shape": 1.5, "rate": 0.3}
        >>> prior = Prior.of({"weights": weights, "components": components}, Model("poisson", 2))
        >>> prior.called, prior.concentration
        ('conjugate', 2.0)
        """
        require_parts(parameters, model.weights_are_free)
        components = dict(parameters["components"])
        kind = prior_entitled(model.family, components)
        of_components = kind.of(components, model.components, model.dimension, model.covariance)
        if not model.weights_are_free:
            return cls(of_components, model)
        require_parameters(parameters["weights"], "Dirichlet", {"concentration": ()})
        concentration = float(parameters["weights"]["concentration"])
        require_positive("concentration", concentration)
        return cls(of_components, model, concentration)

    def log_density(self, mixture: Mixture) -> Array:
        """log p(θ) at the weights and the components' own parameters, shape ``(...)``, in nats."""
        of_components = self.components.log_density(mixture.components)
        return np.asarray(of_components + self._weights_log_density(mixture.weights))

    def log_mode_density(self, mixture: Mixture) -> Array:
        """What is maximised beside the log-likelihood: log p(θ) in the measure in which the mode is taken, in nats."""
        return np.asarray(self.log_density(mixture) + self.components.log_measure(mixture.components))

    def affine(self, before: Array, matrix: Array, after: Array) -> Prior:
        """The prior of the mixture of ``matrix (x − before) + after``."""
        return replace(self, components=self.components.affine(before, matrix, after))

    @property
    def called(self) -> str:
        """The name of its kind: *weak* or *conjugate*."""
        return self.components.called

    def _weights_log_density(self, weights: Array) -> Array:
        if not self.model.weights_are_free:
            return np.zeros(weights.shape[:-1])
        alpha, k = self.concentration, self.model.components
        constant = special.gammaln(k * alpha) - k * special.gammaln(alpha)
        return np.asarray(constant + special.xlogy(alpha - 1, weights).sum(axis=-1))

    def sample(self, rng: np.random.Generator, draws: tuple[int, ...] = ()) -> Mixture:
        """A mixture drawn from the prior; many with the leading axes ``draws``."""
        k = self.model.components
        free = self.model.weights_are_free
        weights = rng.dirichlet(np.full(k, self.concentration), draws) if free else np.full((*draws, k), 1 / k)
        return Mixture(weights, self.components.sample(k, rng, draws))

    def parameters(self) -> dict[str, Any]:
        """The prior's own parameters, as plain numbers and lists."""
        weights = {"name": "Dirichlet", "concentration": self.concentration} if self.model.weights_are_free else None
        return {"weights": weights, "components": self.components.parameters()}

    def widened(self, factor: float) -> Prior:
        """The prior whose components are so many times as wide; the weights' stays."""
        return Prior.of({**self.parameters(), "components": self.components.widened(factor)}, self.model)

    def is_like(self, other: Prior) -> bool:
        """Whether two priors of one model are the same but for rounding."""
        if self.called != other.called:
            return False
        pairs = zip(_leaves(self.parameters()), _leaves(other.parameters()), strict=True)
        return all(a == b or (isinstance(a, float) and math.isclose(a, b, rel_tol=ROUNDING)) for a, b in pairs)

    def is_scaled_from(self, data: Rows) -> bool:
        """Whether the prior is, but for rounding, the one of its name that is made from these data."""
        return self.is_like(self.model.prior(data, self.called))

    def statement_about(self, data: Rows) -> str:
        """The prior in words, and how it was made from these data if it was."""
        made = f" {self.origin_in(data)}" if self.is_scaled_from(data) else ""
        return self.statement() + made

    def origin_in(self, data: Rows) -> str:
        """How a prior of its name is made from these data, in words; with exposures, what the mean of counts then is."""
        if not data.is_exposed:
            return self.components.origin()
        return f"{self.components.origin()} With exposures that mean is a rate: all events by all of the exposure."

    def statement(self) -> str:
        """The prior in words, with mathematics between dollar signs."""
        if self.model.weights_are_free:
            ones = rf"\mathrm{{Dirichlet}}({self.concentration:g}, \dots, {self.concentration:g})"
            uniform = ", uniform over all weights that sum to one" if self.concentration == 1 else ""
            weights = rf"The weights have the prior $\pi \sim {ones}${uniform}. "
        else:
            weights = r"The weights are fixed at $\pi_k = 1/K$ and have no prior. "
        return weights + self.components.statement()


def _leaves(whole: Any) -> Iterator[Any]:
    """The numbers and names at the ends of dictionaries and lists, in order."""
    if isinstance(whole, (dict, list)):
        for part in whole.values() if isinstance(whole, dict) else whole:
            yield from _leaves(part)
    else:
        yield whole
