"""The posterior density in the coordinates that it is sampled in, all constants included, of one data set and prior."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import xarray as xr

from models import Array, Data, Mixture, Prior
from models.frame import Frame

from ..labellings import Labellings
from ..posterior import posterior_mixture
from ..sampler import PosteriorSampler


@dataclass(frozen=True)
class Target:
    """p(x | θ) p(θ) at points of the unconstrained space, in the frame of the data; ``data`` and ``prior`` are in it.

    ``written`` and ``written_prior`` are as they were written.
    """

    sampler: PosteriorSampler
    written: Data
    written_prior: Prior
    frame: Frame
    data: Data
    prior: Prior
    labellings: Labellings
    density: Callable[[Array], tuple[float, Array]]

    @classmethod
    def of(cls, sampler: PosteriorSampler, data: Data, prior: Prior) -> Target:
        """Prepare the density for data and a prior as they were written."""
        frame = sampler.model.frame(data)
        framed, framed_prior = frame.of_data(data), frame.of_prior(prior)
        labellings = Labellings.of(sampler.built, sampler.model.components, data.fixed)
        return cls(
            sampler, data, prior, frame, framed, framed_prior, labellings, sampler.log_density(framed, framed_prior)
        )

    @property
    def log_volume(self) -> float:
        """By how much the log-density of the data is higher as they were written, in nats."""
        return self.data.size * self.frame.log_volume

    def log_density(self, points: Array) -> Array:
        """Return the log-density in the frame at points of shape ``(n, p)``, −∞ where there is none."""
        with np.errstate(all="ignore"):
            found = np.array([self.density(point)[0] for point in points])
        return np.asarray(np.nan_to_num(found, nan=-np.inf, posinf=-np.inf))

    def points(self, mixtures: Mixture) -> Array:
        """Return mixtures with any leading axes as points, shape ``(n, p)``."""
        framed = self.frame.of_mixture(mixtures.flatten())
        each = [self.sampler.unconstrained(framed[i], self.prior) for i in range(len(framed.weights))]
        return np.array(each)

    def chains(self, points: Array) -> tuple[xr.Dataset, Mixture]:
        """Return points of shape ``(chain, draw, p)`` as variables of PyMC and mixtures, as the data were written."""
        framed = self.sampler.variables(points, self.data, self.prior).drop_vars(
            self.sampler.potentials, errors="ignore"
        )
        mixture = self.frame.back(posterior_mixture(framed, self.sampler.model))
        same = self.frame.is_identity
        return (framed if same else self.sampler.as_written(framed, mixture, self.written_prior)), mixture

    def mixtures(self, points: Array) -> Mixture:
        """Return points of shape ``(n, p)`` as mixtures with one leading axis, as the data were written."""
        return self.chains(points[None])[1][0]
