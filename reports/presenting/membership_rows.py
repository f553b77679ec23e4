"""The file beside a report that says of each row which component it belongs to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..comparing.memberships import Memberships, UnderBoth
from ..files.rows import Block, rows_in, table_name

MEMBERSHIPS = "memberships"
# Its name when there are a million rows at most, and when there are more.
NAMES = (f"{MEMBERSHIPS}.csv", f"{MEMBERSHIPS}.parquet")
BLOCK_ROWS = 2**17


def memberships_name(found: Memberships) -> str:
    """Return the name of the file for so many rows."""
    return table_name(MEMBERSHIPS, len(found.numbers))


def write_memberships(found: Memberships, folder: Path) -> None:
    """Write the file into a folder, block by block: one line for each row of the data as they were given."""
    with rows_in(folder / memberships_name(found)) as write:
        for start in range(0, len(found.numbers), BLOCK_ROWS):
            block = slice(start, start + BLOCK_ROWS)
            write(
                columns(
                    found.numbers[block],
                    (found.em[block], found.em_probability[block]),
                    (found.posterior[block], found.posterior_probability[block]),
                    found.in_doubt[block],
                )
            )


def new_row_columns(rows: UnderBoth, smallest: float) -> Block:
    """Return what is written of new rows, by its column; ``smallest`` is that of the rows that were fitted."""
    em, posterior = rows.em, rows.posterior
    return {
        **columns(
            rows.numbers,
            (em.component, em.probability),
            (posterior.component, posterior.probability),
            rows.in_doubt,
        ),
        "log_density_em": em.log_density,
        "log_density_posterior": posterior.log_density,
        "log_density_sd": posterior.spread,
        "unlike_seen": rows.is_unlike(smallest),
    }


type _Likeliest = tuple[NDArray[Any], NDArray[np.float64]]


def columns(
    numbers: NDArray[np.intp], em: _Likeliest, posterior: _Likeliest, in_doubt: NDArray[np.bool_]
) -> dict[str, NDArray[Any]]:
    """Return the likeliest component and its probability under both, by column; components count from one."""
    return {
        "row": numbers,
        "component_em": em[0] + 1,
        "probability_em": em[1],
        "component_posterior": posterior[0] + 1,
        "probability_posterior": posterior[1],
        "in_doubt": in_doubt,
    }
