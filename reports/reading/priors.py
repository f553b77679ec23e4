"""A file with a prior in it: JSON or TOML, the same dictionary as ``model.prior`` in ``report.json``; or such a report."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from models import Model, Prior

from ..files.documents import GENERATOR
from .dictionaries import about_file, begins_with, read_json, read_toml


def read_prior(path: Path | str) -> dict[str, Any]:
    """Read the parameters of a prior from a JSON or TOML file, such as ``emvsbayes prior`` writes, or from a report.json.

    They are what every argument ``prior`` takes; whether they fit a model is said there.

    Parameters
    ----------
    path
        A JSON file, or a ``report.json``, whose prior is then taken.

    Returns
    -------
    dict
        The parameters of the prior, as ``prior=`` takes them.

    Raises
    ------
    ValueError
        When the file cannot be read, or is neither; one sentence that begins with the file.

    Examples
    --------
    >>> import json
    >>> from pathlib import Path
    >>> from models import Data, Model
    >>> from reports import read_prior
    >>> prior = Model("poisson", 2).prior(Data.of([0, 1, 9, 10]), "conjugate")
    >>> _ = Path("prior.json").write_text(json.dumps(prior.parameters()))
    >>> read_prior("prior.json") == prior.parameters()
    True
    """
    path = Path(path)
    with about_file(path):
        is_json = path.suffix.lower() == ".json" or (path.suffix.lower() != ".toml" and begins_with(b"{", path))
        found = read_json(path) if is_json else read_toml(path)
        if not isinstance(found, dict):
            raise ValueError("this is no prior, which has the parts weights and components.")
        return _of_report(found) if found.get("generator") == GENERATOR else found


def _of_report(document: dict[str, Any]) -> dict[str, Any]:
    try:
        found = document["model"]["prior"]
    except (KeyError, TypeError):
        found = None
    if not isinstance(found, dict):
        raise ValueError("this document has no prior: give the report.json of a comparison.")
    return found


def prior_from(path: Path | str, model: Model) -> Prior:
    """Read a prior from a file, and make sure that it is one of this model.

    Raises
    ------
    ValueError
        When it cannot be read, or is the prior of another model; one sentence that begins with the file.
    """
    found = read_prior(path)
    with about_file(Path(path)):
        return Prior.of(found, model)
