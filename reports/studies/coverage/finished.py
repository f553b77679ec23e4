"""A finished study with its figures, each onto axes that are given or onto new ones, which are returned."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from models.arguments import require_one_of

from ...presenting.figures import onto
from . import figures, truth_figure
from .study import Study
from .tables import WALD

if TYPE_CHECKING:
    from matplotlib.axes import Axes


class FinishedStudy(Study):
    """What :func:`reports.study` found: tables, sentences and figures.

    ``parameters`` has a row for each size, parameter, method and quantity, such as the coverage of ``"Wald"`` intervals,
    with its Monte Carlo error; ``values`` picks one quantity. ``replicates`` has all that was recorded, a row for each data
    set and parameter, in the parameter's units; ``shares`` and ``verdicts`` say how often each status and verdict came, and
    ``answers`` what the whole verdicts were. ``incidents`` went wrong on the way, and ``seconds`` are those of each stage of
    a replicate, on average.

    Examples
    --------
    >>> from concurrent.futures import ThreadPoolExecutor
    >>> from reports import study
    >>> truth = {"name": "two", "family": "poisson", "weights": [0.4, 0.6], "rates": [2.0, 11.0]}
    >>> found = study(truth, sizes=(100,), replications=5, draws=100, tune=100, executor=ThreadPoolExecutor)
    >>> bias = found.values("MLE", "bias")[100]
    >>> bool(abs(bias["rates[2]"]) < 2)
    True
    """

    def plot_coverage(self, parameter: str, *, ax: Axes | None = None) -> Axes:
        """Draw the share of intervals that hold the true value against n, with 95 % intervals of that share."""
        return onto(ax, partial(figures.coverage, self, self._known(parameter)))

    def plot_bias(self, parameter: str, *, ax: Axes | None = None) -> Axes:
        """Draw the size of the bias of each estimate against n on logarithmic axes."""
        return onto(ax, partial(figures.slopes, self, "bias", self._known(parameter)))

    def plot_rmse(self, parameter: str, *, ax: Axes | None = None) -> Axes:
        """Draw the root mean squared error of each estimate against n on logarithmic axes."""
        return onto(ax, partial(figures.slopes, self, "RMSE", self._known(parameter)))

    def plot_meter(self, parameter: str, *, ax: Axes | None = None) -> Axes:
        """Draw the spread of the posterior over the standard error against n."""
        return onto(ax, partial(figures.meter, self, self._known(parameter)))

    def plot_distance(self, parameter: str, *, ax: Axes | None = None) -> Axes:
        """Draw the Wasserstein distance of the posterior from its large-sample limit against n."""
        return onto(ax, partial(figures.distance, self, self._known(parameter)))

    def plot_intervals(
        self, parameter: str, size: int | None = None, method: str = WALD, *, ax: Axes | None = None
    ) -> Axes:
        """Draw all intervals of a parameter at one size, the smallest unless given: the zip plot of Morris et al. (2019).

        Raises
        ------
        ValueError
            When there is no such parameter, size or method; the message names those that there are.
        """
        size = min(self.design.sizes) if size is None else size
        if size not in self.design.sizes:
            raise ValueError(f"size must be one of {', '.join(map(str, self.design.sizes))}, got {size!r}.")
        methods = [each for each in figures.INTERVALS if each in self.methods]
        require_one_of("method", method, methods)
        return onto(ax, partial(figures.zip_plot, self, size, method, self._known(parameter)))

    def plot_truth(self, feature: int = 0, *, ax: Axes | None = None) -> Axes:
        """Draw a truth outside the model beside the mixture of the model that is nearest to it.

        Raises
        ------
        ValueError
            When the truth is of the model.
        """
        if self.design.nearest is None:
            raise ValueError("the truth is a mixture of the model, and is itself the nearest one.")
        return onto(ax, partial(truth_figure.truth_beside_nearest, self.design, feature))

    def _known(self, parameter: str) -> str:
        names = list(self.design.true_values)
        require_one_of("parameter", parameter, names)
        return parameter
