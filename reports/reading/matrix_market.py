"""Matrix Market files (``.mtx``): a sparse matrix as text, and the names of its columns in a file beside it."""

from __future__ import annotations

import gzip
import warnings
from pathlib import Path
from typing import Any

from .arrays import first_line
from .survey import default_names

SUFFIXES = (".mtx.gz", ".mtx")


def stem_of(path: Path) -> str | None:
    """Return the name of a Matrix Market file without its suffix, and ``None`` of another file."""
    found = next((suffix for suffix in SUFFIXES if path.name.lower().endswith(suffix)), None)
    return None if found is None else path.name[: -len(found)]


def matrix_and_names(path: Path) -> tuple[Any, tuple[str, ...]]:
    """Return the matrix, a row for each observation, and a name for each of its columns.

    They are in ``STEM.features.tsv`` or else ``features.tsv`` beside the file (or ``.txt``, or gzipped), one to a line up to
    a tab; without such a file they are called x1, x2, ….

    Raises
    ------
    ValueError
        When the file cannot be read, or there are more or fewer names than columns.
    """
    from scipy import io, sparse

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # on what will be returned by default: either becomes an array here
            matrix = sparse.csr_array(io.mmread(path))
    except FileNotFoundError:
        raise ValueError("the file does not exist; check the path.") from None
    except Exception as error:  # a broken file raises whatever the reader happens to trip over
        raise ValueError(f"this is not a readable Matrix Market file ({first_line(error)}).") from None
    if matrix.dtype.kind not in "iuf":
        raise ValueError("the matrix holds no real numbers; save counts as integers.")
    return matrix, _names(path, *matrix.shape)


def _names(path: Path, rows: int, width: int) -> tuple[str, ...]:
    beside = _names_file(path)
    if beside is None:
        return default_names(width)
    open_text = gzip.open if beside.suffix == ".gz" else open
    try:
        with open_text(beside, "rt", encoding="utf-8") as file:
            names = tuple(line.partition("\t")[0].strip() for line in file if line.strip())
    except (OSError, UnicodeDecodeError, EOFError) as error:
        raise ValueError(f"the names of its columns in {beside.name} cannot be read ({first_line(error)}).") from None
    if len(names) == width:
        return names
    advice = "names and columns must be as many"
    if len(names) == rows:
        advice = "it may have a row for each of these and a column for each observation: write its transpose"
    raise ValueError(f"the matrix has {width} columns and {beside.name} beside it {len(names)} names; {advice}.")


def _names_file(path: Path) -> Path | None:
    """Return the file of names beside a matrix, if there is one."""
    stems = [f"{stem_of(path)}.features", "features"]
    places = [
        path.with_name(f"{stem}{suffix}{zipped}")
        for stem in stems
        for suffix in (".tsv", ".txt")
        for zipped in ("", ".gz")
    ]
    return next((place for place in places if place.is_file()), None)
