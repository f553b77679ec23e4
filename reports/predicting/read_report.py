"""A saved report as what was found: the estimate and the draws, which predict new rows as they did before."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from models import Array, Data, Mixture, Model, Predicts, Shown, families

from ..comparing.memberships import UnderBoth, under_both
from ..presenting.saved_as import DRAWS
from ..reproducing.saved import SavedReport, load_report, printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd


@dataclass(frozen=True)
class SavedMixture(Predicts):
    """A saved estimate, or saved draws with leading axes ``(chain, draw)``; ``predict`` and ``score`` take new rows."""

    model: Model
    mixture: Mixture
    features: tuple[str, ...]
    exposed_by: str | None = None

    @property
    def exposure_column(self) -> str | None:
        """The name of the exposure, ``None`` where there was none."""
        return self.exposed_by

    @property
    def columns(self) -> tuple[str, ...]:
        """A name for each of the d features that were fitted."""
        return self.features


@dataclass(frozen=True, repr=False)
class ReadReport(Shown):
    """A report that was saved, read back.

    ``em`` is the estimate that was compared and ``posterior`` its draws, both as they were, to the last digit;
    ``smallest_log_density`` is the smallest posterior predictive log-density of the rows that were fitted, in nats, and
    ``saved`` the document beside its path.

    Examples
    --------
    >>> from reports import compare, read
    >>> x = [0, 1, 1, 2, 3, 8, 9, 9, 10, 12]
    >>> both = compare(x, "poisson", 2, draws=500, chains=2, starts=10, seed=0)
    >>> found = read(both.save("report").parent)
    >>> (found.posterior.mixture.components.rates == both.posterior.mixture.components.rates).all().item()
    True
    >>> found.predict([0, 15]).columns.to_list()[:3]
    ['row', 'component_em', 'probability_em']
    """

    saved: SavedReport
    em: SavedMixture
    posterior: SavedMixture
    smallest_log_density: float

    @property
    def labels(self) -> tuple[str, ...]:
        """The label of each component that known labels named, empty for the others; none where none was known."""
        named = {each["component"]: each["label"] for each in self.document["data"].get("known", {}).get("labels", ())}
        return tuple(named.get(place, "") for place in range(1, max(named, default=0) + 1))

    @property
    def document(self) -> dict[str, Any]:
        """All that the page shows, as ``report.json`` holds it."""
        return self.saved.document

    def under_both(self, data: Data) -> Iterator[UnderBoth]:
        """Yield what both say of slices of new rows, in their order; the columns are found by name."""
        return under_both(self.em.mixture, self.posterior.mixture, self.em.new_rows(data))

    def predict(self, x: ArrayLike | Data, exposure: ArrayLike | None = None) -> pd.DataFrame:
        """What EM and the posterior say of new rows, one line each, with the columns that ``emvsbayes predict`` writes.

        Raises
        ------
        ValueError
            When the rows are none of this model; the message names column and row.
        """
        import pandas as pd

        rows = self.em.new_rows(x, exposure)
        tables = [
            pd.DataFrame(found.columns(self.smallest_log_density, self.labels)) for found in self.under_both(rows)
        ]
        return pd.concat(tables, ignore_index=True)

    def _said(self) -> Iterator[str]:
        yield f"{self.document['title']}: {self.document['verdict']['front']}"


def read(report: Path | str) -> ReadReport:
    """Read a report back by its folder or by its ``report.json``, with what predicts new rows.

    Parameters
    ----------
    report
        The report's folder, or its ``report.json``.

    Returns
    -------
    ReadReport
        Estimate and draws, which predict new rows.

    Raises
    ------
    ValueError
        When it is no report, or when the draws are not beside it; in one sentence.

    Examples
    --------
    >>> from reports import compare, read
    >>> x = [0, 1, 1, 2, 3, 8, 9, 9, 10, 12]
    >>> both = compare(x, "poisson", 2, draws=500, chains=2, starts=10, seed=0)
    >>> found = read(both.save("report").parent)
    >>> len(found.predict([0, 15]))
    2
    """
    saved = load_report(report)
    document = saved.document
    said, columns = document["model"], tuple(document["data"]["columns"])
    model = Model(said["family"], said["components"], len(columns), said["covariance"], said["mixing"])
    if model.family not in families:
        raise ValueError(f"the report has the family {printable(str(model.family))!r}, which is none of emvsbayes.")
    estimate = document["map" if document["provenance"]["settings"]["estimate"] == "map" else "em"]
    em, exposure = _mixture(estimate, model), document["data"].get("exposure", {}).get("column")
    return ReadReport(
        saved,
        SavedMixture(model, em, columns, exposure),
        SavedMixture(model, _draws(saved.path.parent / DRAWS, em, model), columns, exposure),
        document["memberships"]["smallest_log_density"],
    )


def _mixture(said: dict[str, Any], model: Model) -> Mixture:
    """Return the mixture in a document, once it is one of this model."""
    family = model.family_of_components
    try:
        arrays = {name: np.array(said[name], dtype=float) for name in ["weights", *_names(model)]}
        found = Mixture(arrays.pop("weights"), family(**arrays))
        joint = found.log_joint(np.zeros((1, model.dimension)))
    except (KeyError, TypeError, ValueError, np.linalg.LinAlgError):
        joint = np.empty(0)
    if joint.shape != (1, model.components) or np.isnan(joint).any():
        raise ValueError("the report's estimate is no mixture of the report's model.")
    return found


def _names(model: Model) -> list[str]:
    return [field.name for field in fields(model.family_of_components)]  # type: ignore[arg-type]


def _draws(path: Path, em: Mixture, model: Model) -> Mixture:
    """Return the relabelled draws beside a document; behind chain and draw their arrays are shaped as the estimate's."""
    import xarray as xr

    shown = printable(str(path))
    if not path.is_file():
        raise ValueError(
            f"there is no {shown!r}: the posterior's draws have to lie beside {path.with_name('report.json').name}."
        )
    try:
        with xr.open_dataset(path, group="relabelled_posterior", engine="h5netcdf") as found:
            arrays = {
                name: _like(found[name].to_numpy(), array) for name, array in em.arrays().items() if name in found
            }
    except (OSError, KeyError, ValueError) as error:
        raise ValueError(f"{shown} holds no draws of this report ({printable(str(error))}).") from None
    lead = next(iter(arrays.values())).shape[:2]
    if not model.weights_are_free:
        arrays["weights"] = np.full((*lead, model.components), 1 / model.components)
    missing = [name for name in em.arrays() if name not in arrays]
    if missing or not all(np.isfinite(array).all() for array in arrays.values()):
        raise ValueError(f"{shown} holds no draws of this report.")
    return Mixture(arrays.pop("weights"), model.family_of_components(**arrays))


def _like(draws: Array, estimate: Array) -> Array:
    return np.asarray(draws, dtype=np.float64).reshape(*draws.shape[:2], *estimate.shape)
