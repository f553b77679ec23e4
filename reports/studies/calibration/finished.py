"""A finished calibration with its figure, onto axes that are given or onto new ones, which are returned."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...presenting.figures import onto
from .figures import difference
from .page import labels
from .result import CalibrationResult

if TYPE_CHECKING:
    from matplotlib.axes import Axes


class FinishedCalibration(CalibrationResult):
    """What :func:`reports.calibrate` found: ranks, tables, sentences and figures."""

    def plot(self, quantity: str = "log_likelihood", size: int | None = None, *, ax: Axes | None = None) -> Axes:
        """Draw the distribution function of a quantity's ranks less that of uniform ones, in the band where it belongs.

        Raises
        ------
        ValueError
            When there is no such quantity or size; the message names those that there are.
        """
        size = min(self.design.sizes) if size is None else size
        for name, value, known in (("quantity", quantity, self.names()), ("size", size, self.design.sizes)):
            if value not in known:
                raise ValueError(f"{name} must be one of {', '.join(map(str, known))}, got {value!r}.")
        return onto(ax, lambda place: difference(self, size, quantity, labels(self)[quantity], place))
