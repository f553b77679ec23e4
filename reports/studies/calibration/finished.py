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
    """What :func:`reports.calibrate` found: ranks, tables, sentences and figures.

    ``ranks`` has a row for each size, replicate and quantity, the rank being a whole number from 0 to ``design.ranked``;
    ``quantities`` has a row for each size and quantity, and says whether its ranks stay ``inside`` their band. ``shares``
    are those of the statuses, ``again`` is how many data sets were sampled again with more draws, and ``incidents`` went
    wrong on the way.

    Examples
    --------
    >>> from concurrent.futures import ThreadPoolExecutor
    >>> from reports import calibrate
    >>> about = {"name": "one", "family": "poisson", "weights": [1.0], "rates": [4.0]}
    >>> found = calibrate(about, replications=20, draws=200, tune=200, executor=ThreadPoolExecutor)
    >>> found.names()
    ['rates[1]', 'log_likelihood', 'log_density[1]', 'log_density[2]', 'log_density[3]']
    >>> found.passed
    True
    """

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
