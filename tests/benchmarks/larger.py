"""EM over data larger than a process may hold: the time from file to optimum, and the peak memory, which n must not move.

Each fit runs in a process of its own, whose peak resident set size counts everything: Python, the libraries, the compiler
of the kernel and the rows that are being read. Data are made block by block and removed afterwards.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from em import fit
from models import Array
from reports import read_in_chunks

from .table import Row

WRITTEN_ROWS = 2**20
# Peak memory may differ by this factor between a tenth of the rows and all of them.
SAME_MEMORY = 1.1
CENTRES = np.random.default_rng(1).normal(scale=4, size=(5, 2))
RATES = np.array([3.0, 9.0, 16.0])


def counts(n: int, rng: np.random.Generator) -> dict[str, Array]:
    """Three overlapping Poissons."""
    return {"x": rng.poisson(RATES[rng.integers(0, 3, n)]).astype(np.int32)}


def points(n: int, rng: np.random.Generator) -> dict[str, Array]:
    """Five overlapping Gaussians."""
    x = CENTRES[rng.integers(0, 5, n)] + rng.normal(size=(n, 2))
    return {"x1": x[:, 0], "x2": x[:, 1]}


def write(path: Path, n: int, draw: Callable[[int, np.random.Generator], dict[str, Array]]) -> None:
    """A Parquet file of so many rows, a row group at a time."""
    rng = np.random.default_rng(n)
    writer = None
    for start in range(0, n, WRITTEN_ROWS):
        table = pa.table(draw(min(WRITTEN_ROWS, n - start), rng))
        writer = writer or parquet.ParquetWriter(path, table.schema)
        writer.write_table(table)
    if writer is not None:
        writer.close()


def measured(path: Path, family: str, components: int) -> dict[str, float]:
    """Seconds, peak megabytes and passes of a fit in a process of its own."""
    arguments = [str(path), family, str(components)]
    run = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.larger", *arguments], check=True, capture_output=True, text=True
    )
    found: dict[str, float] = json.loads(run.stdout)
    return found


def peak_megabytes() -> float:
    """The peak resident set of this process; what ``getrusage`` says begins with that of the process which started it."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def larger(repetitions: int, largest: int) -> Iterator[Row]:
    """200 million counts and 50 million points; with a smaller ``largest`` as many as it allows."""
    cases = (
        ("counts, Poisson 3", counts, "poisson", 3, 200_000_000),
        ("2-D points, Gaussian 5", points, "gaussian", 5, 50_000_000),
    )
    for name, draw, family, components, rows in cases:
        n = min(rows, largest)
        few, all_rows = (_case(draw, family, components, size) for size in (n // 10, n))
        case = f"{n:.0e} {name}".replace("e+0", "e")
        note = f"{all_rows['passes']:.0f} passes over a Parquet file of {all_rows['file']:.0f} MB, threads"
        yield Row(f"file to optimum, {case}", "", all_rows["seconds"], None, None, None, note=note)
        ratio = all_rows["megabytes"] / few["megabytes"]
        yield Row(
            f"peak memory, {case}",
            "a tenth of the rows",
            all_rows["megabytes"],
            few["megabytes"],
            ratio,
            SAME_MEMORY,
            at_most=True,
            unit="MB",
            note=f"in memory the rows alone take {8e-6 * n * all_rows['dimension']:.0f} MB",
        )


def _case(
    draw: Callable[[int, np.random.Generator], dict[str, Array]], family: str, components: int, n: int
) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "larger.parquet"
        write(path, n, draw)
        return {**measured(path, family, components), "file": path.stat().st_size / 1e6}


def main() -> None:
    """Fit one file and print what it took."""
    path, family, components = sys.argv[1:]
    passes: set[int] = set()
    began = time.perf_counter()
    data = read_in_chunks(path, on_part=lambda number, _: passes.add(number))
    found = fit(data, family, int(components))
    print(
        json.dumps(
            {
                "seconds": time.perf_counter() - began,
                "megabytes": peak_megabytes(),
                "passes": len(passes),
                "dimension": data.dimension,
                "log_likelihood": found.log_likelihood,
            }
        )
    )


if __name__ == "__main__":
    main()
