"""The figures of a comparison, each onto axes that are given or onto new ones, which are returned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from models.arguments import require_one_of
from models.upward import drawn

from ..comparing.side_by_side import SideBySide

if TYPE_CHECKING:
    from models.upward import Axes


@dataclass(frozen=True, kw_only=True)
class Drawn(SideBySide):
    """Both fits side by side, and their figures; those of one side alone are ``em.plot…`` and ``posterior.plot…``."""

    def plot(self, *, ax: Axes | None = None) -> Axes:
        """Draw the data and both fits: two features as a scatter, otherwise the first."""
        return self.plot_plane(ax=ax) if self.data.dimension == 2 else self.plot_density(ax=ax)

    def plot_density(self, feature: int = 0, *, ax: Axes | None = None) -> Axes:
        """Draw a histogram of one feature with EM's density, the posterior's 95 % band and, when known, the truth."""
        return drawn(ax, "density", self, feature)

    def plot_plane(self, *, ax: Axes | None = None) -> Axes:
        """Draw two features with each component's 90 % region by EM and outlines of the posterior density.

        Raises
        ------
        ValueError
            When the data have another number of features.
        """
        if self.data.dimension != 2:
            raise ValueError(f"a plane has two features, and these data have {self.data.dimension}: use plot_density.")
        return drawn(ax, "scatter", self)

    def plot_parameters(self, *, ax: Axes | None = None) -> Axes:
        """Draw every parameter's estimates in posterior standard deviations from its posterior mean, one row each."""
        return drawn(ax, "forest", self)

    def plot_parameter(self, name: str, *, ax: Axes | None = None) -> Axes:
        """Draw the posterior of one parameter, such as ``"means[1,eruptions]"``, with every estimate marked.

        Raises
        ------
        ValueError
            When there is no parameter of that name.
        """
        names = list(self.parameters.index)
        require_one_of("name", name, names)
        return drawn(ax, "posterior", self, name)

    def plot_predictive(self, feature: int = 0, *, ax: Axes | None = None) -> Axes:
        """Draw how many observations lie in each bin, and how many the model leads to expect (a rootogram)."""
        return drawn(ax, "predictive", self, feature)

    def plot_distribution_function(self, *, ax: Axes | None = None) -> Axes:
        """Draw by how much the data's distribution function is above the model's, with the band in which it stays."""
        return drawn(ax, "distribution_function", self)

    def plot_tails(self, *, ax: Axes | None = None) -> Axes:
        """Draw each observation's place in the model as a normal value, against the one that it should have (a Q–Q plot)."""
        return drawn(ax, "tails", self)

    def plot_meter(self, *, ax: Axes | None = None) -> Axes:
        """Draw shift and width of every parameter's posterior in EM's standard errors."""
        return drawn(ax, "meter", self)

    def plot_memberships(self, *, ax: Axes | None = None) -> Axes:
        """Draw EM's responsibilities against the posterior's probabilities of membership."""
        return drawn(ax, "memberships", self)

    def plot_membership_curves(self, *, ax: Axes | None = None) -> Axes:
        """Draw which component a value of a single feature belongs to, by EM and by the posterior with its 95 % band.

        Raises
        ------
        ValueError
            When there are several features.
        """
        if self.data.dimension > 1:
            raise ValueError(f"such curves are of one feature, and these data have {self.data.dimension}.")
        return drawn(ax, "membership_curves", self)

    def plot_columns(self, *, ax: Axes | None = None) -> Axes:
        """Draw how many nats for each row the columns of counts tell of the label, the most first.

        Raises
        ------
        ValueError
            When the data are not counts in several columns.
        """
        return drawn(ax, "apart", self)
