"""Data and model as every document of ours states them; nothing of a posterior is imported for it."""

from __future__ import annotations

from typing import Any

from models import Data, Model, Rows
from models.units import per_unit


def data_document(data: Rows) -> dict[str, Any]:
    """Name, size and hash of the data."""
    size = data.size
    return {
        "name": data.name,
        "n": int(size) if size.is_integer() else size,
        "rows": data.rows,
        "d": data.dimension,
        "columns": list(data.columns),
        "sha256": data.sha256,
        **({"exposure": _exposure(data)} if data.is_exposed else {}),
        **({"known": _known_document(data)} if isinstance(data, Data) and data.known is not None else {}),
        **({"notes": list(data.notes)} if data.notes else {}),
    }


def _known_document(data: Data) -> dict[str, Any]:
    """The column of known labels, the label of each component, and how many observations have each."""
    counts = {label: float(part.size) for label, part in data.by_label}
    labels = [{"component": j + 1, "label": data.labels[j], "n": counts.get(j, 0.0)} for j in data.fixed]
    return {"column": data.known_column, "labels": labels}


def _exposure(data: Rows) -> dict[str, Any]:
    return {"column": data.exposure_column, "total": data.total_exposure, "rates": per_unit(data)}


def model_document(model: Model) -> dict[str, Any]:
    """Return the model's own words for itself."""
    return {
        "family": model.family,
        "components": model.components,
        "covariance": model.covariance,
        "mixing": model.mixing,
        "free_parameters": model.free_parameters,
    }
