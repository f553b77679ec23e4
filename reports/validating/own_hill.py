"""The hill that a given estimate lies on: where EM leads from it, and how far that is in nats and in standard errors."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from em import Audit, Fit, Status, audit, e_step, fit
from em.edge import edges_of
from em.m_step import MStep
from models import Data, Given, Mixture


@dataclass(frozen=True)
class OwnHill:
    """Where EM leads from an estimate.

    ``estimate`` has its components in the order of those of the ``top``; ``log_likelihood`` is its own, in nats, and
    ``gain`` what EM's first step gains. ``on_the_edge`` says whether a weight or a rate of it is zero as far as the data
    tell.
    """

    estimate: Mixture
    log_likelihood: float
    top: Fit
    gain: float
    on_the_edge: bool

    @property
    def has_a_top(self) -> bool:
        """Whether EM ends at an interior maximum, and not in a singularity."""
        return self.top.status is not Status.COLLAPSED

    @property
    def below(self) -> float:
        """How far the estimate lies below the top, in nats; infinite where there is none."""
        return max(0.0, self.top.log_likelihood - self.log_likelihood) if self.has_a_top else np.inf

    @cached_property
    def audit(self) -> Audit:
        """What EM says about the top."""
        return audit(self.top)

    @cached_property
    def table(self) -> pd.DataFrame:
        """A row for each parameter: given, top, standard_error at the top, and how many of these it is off."""
        named = self.top.model.scalars(self.estimate, self.top.data.columns)
        errors = self.audit.standard_errors.table
        table = pd.DataFrame(
            {"given": {name: float(value) for name, value in named.items()}, "top": errors["estimate"]}
        )
        table["standard_error"] = errors["standard_error"]
        table["off"] = (table["given"] - table["top"]) / table["standard_error"]
        return table.rename_axis("parameter")

    @property
    def standard_errors_off(self) -> float | None:
        """How many of its standard errors the parameter that is farthest off is off; ``None`` where none has any."""
        off = self.table["off"].abs().to_numpy()
        return float(np.nanmax(off)) if np.isfinite(off).any() else None


def own_hill(given: Given, data: Data) -> OwnHill:
    """Climb from an estimate to the top of its hill.

    Raises
    ------
    ValueError
        When EM cannot start from the estimate.
    """
    top = fit(data, **given.model.specification, start=given.mixture)
    order = np.argsort(top.climb.mixture.components.location(), kind="stable")
    rows, m_step = data.compress(), MStep(given.model, data)
    found = e_step(rows, given.mixture)
    stuck = m_step.collapse(given.mixture, found.statistics) is not None
    after = given.mixture if stuck else m_step(found.statistics, given.mixture)
    gain = e_step(rows, after).log_likelihood - found.log_likelihood
    edge = bool(edges_of(rows, given.mixture, m_step))
    return OwnHill(given.mixture.relabel(order), found.log_likelihood, top, gain, edge)
