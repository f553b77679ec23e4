"""Data larger than memory: Parquet, text, a ``.npy`` file or a Dask array as parts that are read one at a time."""

from __future__ import annotations

import itertools
import mmap
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from models import Batch, ChunkedData, Part
from models.given_numbers import EXPOSURE
from models.parts import BATCH_ROWS, Task
from models.suggestion import suggestion
from models.table import INDEX_NAMES

from .arrays import first_line, require_npy
from .beside import Beside
from .coordinates import is_in_coordinates
from .options import Reading
from .tables import require_one_weighing

# Of each column, while it is read: a row group may be as large as its file.
BUFFER_BYTES = 2**20
PARQUET = (".parquet", ".pq")
_NO_TEXT = (".npy", ".npz", ".gz", ".xlsx", ".xlsm", ".xls", ".ods")
# A gigabyte of doubles: from here on the command line reads in parts.
LARGE = 2**27
_INDEX_WRITTEN_BY_PANDAS = "__index_level_0__"


def read_in_chunks(
    source: Any,
    columns: Sequence[str] | None = None,
    counts_column: str | None = None,
    exposure_column: str | None = None,
    *,
    weights_column: str | None = None,
    executor: Executor | None = None,
    on_part: Callable[[int, int], None] | None = None,
    **written: Any,
) -> ChunkedData:
    r"""Read data that need not fit in memory, for ``em.fit``; one pass checks every value at once.

    Parameters
    ----------
    source
        A Parquet file, a folder of them, a text, or a ``.npy`` file of shape ``(n,)`` or ``(n, d)``; an array that
        ``numpy.load(..., mmap_mode="r")`` returned; or a Dask array with known chunks.
    columns
        The features, in this order: the names of Parquet columns, all that hold numbers unless given; of an array ``x``
        or ``x1``, ``x2``, ….
    counts_column
        The column that says how often each row was seen; rows seen 0 times do not count.
    exposure_column
        The column that says how long, or how much, was watched for each count.
    weights_column
        The column of observation weights, which may be fractions, in place of counts.
    executor
        Where the parts are read and summed: as many threads as there are cores unless given. Its workers must see the
        files. A Dask array is computed where Dask computes, by the current ``Client`` if there is one.
    on_part
        Called after each part in every pass, with the number of the pass and how many parts there are.
    **written
        How a text is written, by the arguments of ``read_data``: ``decimal``, ``thousands``, ``header``, ``encoding``. What
        its numbers mean, its first thousand rows decide.

    Raises
    ------
    ValueError
        When the source cannot be used; the message names file, column and row.

    Examples
    --------
    >>> from pathlib import Path
    >>> from em import fit
    >>> from reports import read_in_chunks
    >>> _ = Path("counts.csv").write_text("count\n" + "0\n1\n9\n10\n" * 50)
    >>> fit(read_in_chunks("counts.csv"), "poisson", 2, starts=10).mixture.components.rates.round(1)
    array([0.5, 9.5])
    """
    require_one_weighing(counts_column, weights_column)
    beside = Beside(counts_column if weights_column is None else weights_column, exposure_column)
    if hasattr(source, "to_delayed"):
        if executor is not None:
            raise ValueError("executor must be left out for a Dask array, which is computed where Dask computes.")
        names, parts = _of_dask(source, columns, beside)
        return ChunkedData(parts, names, run=partial(_on_dask, source), on_part=on_part)
    notes: tuple[str, ...] = ()
    reading = Reading.of(**written)
    if reading.exposure_file is not None:
        raise ValueError("data that are read in parts take their exposures from a column: leave out the exposure file.")
    if reading.rows is not None:
        raise ValueError("rows are drawn from data in memory, and these are read in parts: leave one out.")
    if isinstance(source, np.memmap):
        name, (names, parts) = Path(str(source.filename)).stem, _of_map(source, columns, beside)
    elif isinstance(source, (str, Path)) and _is_text(Path(source)):
        name, (names, parts, notes) = Path(source).stem, _of_text(Path(source), columns, beside, reading)
    elif isinstance(source, (str, Path)):
        name, (names, parts) = Path(source).stem, _of_path(Path(source), columns, beside)
    else:
        raise ValueError(
            "source must be a path, a memory-mapped array or a Dask array, got "
            f"{type(source).__name__}: what is in memory already goes to fit itself."
        )
    try:
        return ChunkedData(
            parts,
            names,
            name,
            executor=executor,
            on_part=on_part,
            notes=notes,
            exposure_column=exposure_column or EXPOSURE,
            counts_column=counts_column,
        )
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None


def numbers_in(path: Path, columns: Sequence[str] | None = None) -> int:
    """Return how many numbers a file would put into memory; zero when it is none that could be read in parts."""
    from pyarrow import ArrowException, parquet

    if is_in_coordinates(path):
        return 0
    try:
        if path.suffix.lower() == ".npy":
            return int(_mapped(path).size)
        if path.suffix.lower() in PARQUET:
            metadata = parquet.read_metadata(path)
            return int(metadata.num_rows) * (metadata.num_columns if columns is None else len(columns))
    except (OSError, ValueError, EOFError, ArrowException):  # whoever reads it then says what is wrong with it
        return 0
    return 0


@dataclass(frozen=True)
class ParquetPart:
    """A row group of a Parquet file."""

    path: str
    group: int
    first: int
    rows: int
    columns: tuple[str, ...]
    beside: Beside

    def batches(self) -> Iterator[Batch]:
        """Yield the columns as doubles; a missing value is NaN.

        Raises
        ------
        ValueError
            When the file is damaged there.
        """
        from pyarrow import ArrowException, parquet

        used = [*self.columns, *self.beside.names]
        try:
            with parquet.ParquetFile(self.path, buffer_size=BUFFER_BYTES) as file:
                for batch in file.iter_batches(BATCH_ROWS, row_groups=[self.group], columns=used, use_threads=False):
                    numbers = [
                        np.asarray(batch.column(name).to_numpy(zero_copy_only=False), dtype=np.float64) for name in used
                    ]
                    yield self.beside.batch(np.stack(numbers).T, len(self.columns))
        except (ArrowException, OSError) as error:  # a damaged page is found when it is decoded
            raise ValueError(
                f"row group {self.group + 1} of this Parquet file cannot be read ({first_line(error)})."
            ) from None


@dataclass(frozen=True)
class ArrayPart:
    """Some rows of an array that lies in a file, read as numbers and not mapped, which would count as memory."""

    path: str
    offset: int
    dtype: str
    shape: tuple[int, int]
    by_columns: bool
    first: int
    rows: int
    features: tuple[int, ...]

    def batches(self) -> Iterator[Batch]:
        """Yield the rows, which are one batch."""
        n, d = self.shape
        if self.by_columns:
            read = np.stack([self._read(j * n + self.first, self.rows) for j in self.features]).T
        else:
            read = self._read(self.first * d, self.rows * d).reshape(self.rows, d)[:, self.features]
        yield Batch(read.astype(np.float64))

    def _read(self, at: int, count: int) -> Any:
        dtype = np.dtype(self.dtype)
        return np.fromfile(self.path, dtype, count, offset=self.offset + at * dtype.itemsize)


@dataclass(frozen=True)
class DaskPart:
    """A chunk of a Dask array, or what it was computed to."""

    chunk: Any
    first: int
    rows: int
    features: tuple[int, ...]

    def batches(self) -> Iterator[Batch]:
        """Yield the rows of the part, a batch at a time."""
        computed = self.chunk.compute() if hasattr(self.chunk, "compute") else self.chunk
        for start in range(0, self.rows, BATCH_ROWS):
            batch = np.asarray(computed[start : start + BATCH_ROWS], dtype=np.float64)
            yield Batch(batch.reshape(len(batch), -1)[:, self.features])


type _Found = tuple[tuple[str, ...], list[Any]]


def _of_path(path: Path, columns: Sequence[str] | None, beside: Beside) -> _Found:
    if path.is_dir():
        files = sorted(file for suffix in PARQUET for file in path.rglob(f"*{suffix}"))
        if not files:
            raise ValueError(f"{path}: the folder holds no Parquet file (.parquet, .pq).")
        return _of_parquet(files, columns, beside)
    if not path.is_file():
        raise ValueError(f"{path}: the file does not exist; check the path.")
    if is_in_coordinates(path):
        raise ValueError(f"{path}: a sparse file (row, column, count) is read whole: leave out the reading in parts.")
    if path.suffix.lower() in PARQUET:
        return _of_parquet([path], columns, beside)
    if path.suffix.lower() == ".npy":
        return _of_map(_mapped(path), columns, beside)
    raise ValueError(f"{path}: only Parquet (.parquet, .pq, or a folder of them), text and .npy are read in chunks.")


def _is_text(path: Path) -> bool:
    return path.is_file() and path.suffix.lower() not in (*PARQUET, *_NO_TEXT)


def _of_text(
    path: Path, columns: Sequence[str] | None, beside: Beside, reading: Reading
) -> tuple[tuple[str, ...], list[Any], tuple[str, ...]]:
    from .parts import text_parts

    try:
        return text_parts(path, columns, beside, reading)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None


def _mapped(path: Path) -> Any:
    """Return the array in a .npy file."""
    with path.open("rb") as file:
        first_bytes = file.read(6)
    try:
        require_npy(first_bytes)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None
    try:
        return np.lib.format.open_memmap(path, mode="r")
    except Exception as error:  # a broken header raises whatever it happens to trip over
        raise ValueError(f"{path}: this is not a .npy file of numbers ({first_line(error)}).") from None


def _of_parquet(files: list[Path], columns: Sequence[str] | None, beside: Beside) -> _Found:
    """Make a part of every row group."""
    from pyarrow import parquet

    names: tuple[str, ...] = ()
    parts: list[ParquetPart] = []
    first = 0
    for file in files:
        try:
            metadata = parquet.read_metadata(file)
            schema = metadata.schema.to_arrow_schema()
        except Exception as error:  # a broken file raises whatever the decoder happens to trip over
            raise ValueError(f"{file}: this is not a readable Parquet file ({str(error).splitlines()[0]}).") from None
        try:
            names = names or _features(schema, columns, beside)
            _require_numbers(schema, [*names, *beside.names])
        except ValueError as error:
            raise ValueError(f"{file}: {error}") from None
        for group in range(metadata.num_row_groups):
            rows = metadata.row_group(group).num_rows
            if rows:
                parts.append(ParquetPart(str(file.absolute()), group, first, rows, names, beside))
            first += rows
    return names, parts


def _features(schema: Any, columns: Sequence[str] | None, beside: Beside) -> tuple[str, ...]:
    if columns is not None:
        return _picked(columns, beside)
    if schema.names and schema.names[0].casefold() in INDEX_NAMES:
        raise ValueError(f"the first column, {schema.names[0]!r}, may be a row index; name the columns to use.")
    left_out = (*beside.names, _INDEX_WRITTEN_BY_PANDAS)
    found = tuple(field.name for field in schema if field.name not in left_out and _holds_numbers(field))
    if not found:
        raise ValueError("no column of numbers is left to fit; name the columns to use.")
    return found


def _picked(columns: Sequence[str], beside: Beside) -> tuple[str, ...]:
    picked = (columns,) if isinstance(columns, str) else tuple(columns)
    if not picked or len({*picked, *beside.names}) < len(picked) + len(beside.names):
        raise ValueError(
            f"columns must name different columns, none of them the counts or the exposure, got {list(picked)!r}."
        )
    return picked


def _require_numbers(schema: Any, names: Sequence[str]) -> None:
    for name in names:
        if name not in schema.names:
            raise ValueError(f"there is no column {name!r}{suggestion(name, schema.names)}")
        if not _holds_numbers(schema.field(name)):
            raise ValueError(
                f"column {name!r} holds {schema.field(name).type}, not numbers; name other columns to use."
            )


def _holds_numbers(field: Any) -> bool:
    from pyarrow import types

    return bool(types.is_integer(field.type) or types.is_floating(field.type))


def _of_map(array: Any, columns: Sequence[str] | None, beside: Beside) -> _Found:
    """Make parts of so many rows each of an array in a file."""
    if not isinstance(array, np.memmap) or not isinstance(array.base, mmap.mmap):
        raise ValueError(
            "source must be a whole array of numbers in a file; save the part that you mean as a .npy file."
        )
    names, features = _columns_of_array(array, columns, beside)
    rows, width = len(array), array.size // max(1, len(array))
    place = str(array.filename), array.offset, array.dtype.str, (rows, width), not array.flags.c_contiguous
    starts = range(0, rows, BATCH_ROWS)
    return names, [ArrayPart(*place, start, min(BATCH_ROWS, rows - start), features) for start in starts]


def _of_dask(array: Any, columns: Sequence[str] | None, beside: Beside) -> _Found:
    """Make a part of every chunk of rows."""
    names, features = _columns_of_array(array, columns, beside)
    if not all(isinstance(rows, int) for rows in array.chunks[0]):
        raise ValueError("source must be a Dask array with known chunks: call its compute_chunk_sizes() before.")
    chunks = (array if array.ndim == 1 else array.rechunk({1: -1})).to_delayed().ravel()
    starts = itertools.accumulate(array.chunks[0], initial=0)
    sized = zip(chunks, starts, array.chunks[0], strict=False)
    return names, [DaskPart(chunk, start, rows, features) for chunk, start, rows in sized if rows]


def _columns_of_array(
    array: Any, columns: Sequence[str] | None, beside: Beside
) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """Return the names of the features, and where they are."""
    if beside.names:
        raise ValueError(
            f"{'counts' if beside.counts else 'exposure'}_column applies to Parquet, whose columns have names: leave it out."
        )
    if array.ndim not in (1, 2) or array.dtype.kind not in "iuf" or 0 in array.shape:
        raise ValueError(
            f"source must hold numbers in the shape (n,) or (n, d), got {array.dtype} in the shape {array.shape}."
        )
    width = 1 if array.ndim == 1 else array.shape[1]
    names = ("x",) if width == 1 else tuple(f"x{j + 1}" for j in range(width))
    picked = names if columns is None else _picked(columns, beside)
    unknown = [name for name in picked if name not in names]
    if unknown:
        raise ValueError(f"there is no column {unknown[0]!r}{suggestion(unknown[0], names)}")
    return picked, tuple(names.index(name) for name in picked)


def _on_dask(array: Any, task: Task, parts: Sequence[Part]) -> Iterator[Any]:
    """Yield the task on each chunk, where Dask has or makes it; while the array is held, so is what was computed of it."""
    from dask.base import compute
    from dask.delayed import delayed

    computed = delayed(_on_chunk, traverse=False)
    chunks: Any = parts
    return iter(compute(*(computed(task, part.chunk, part.first, part.rows, part.features) for part in chunks)))


def _on_chunk(task: Task, chunk: Any, *place: Any) -> Any:
    return task(DaskPart(chunk, *place))
