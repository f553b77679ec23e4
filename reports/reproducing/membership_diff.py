"""The files of memberships beside two reports: how many rows have another component in one than in the other."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..presenting.saved_as import MEMBERSHIPS


def membership_diff(first: Path, second: Path) -> str | None:
    """Return it in a sentence, for the folders of two reports; ``None`` where one has no such file, or nothing differs."""
    a, b = _read(first), _read(second)
    if a is None or b is None:
        return None
    if len(a) != len(b) or (a["row"] != b["row"]).any():
        return "memberships: A and B have other rows."
    moved = {side: int((a[f"component_{side}"] != b[f"component_{side}"]).sum()) for side in ("em", "posterior")}
    doubt = int((a["in_doubt"] != b["in_doubt"]).sum())
    if not doubt and not any(moved.values()):
        return None
    return (
        f"memberships: of {len(a):,} rows {moved['em']:,} have another component by EM and {moved['posterior']:,} by the "
        f"posterior; {doubt:,} are in doubt in one report alone."
    )


def _read(folder: Path) -> Any:
    """Return the file as a table; ``None`` where there is none that can be read."""
    import pandas as pd

    wanted = ["row", "component_em", "component_posterior", "in_doubt"]
    readers: tuple[Callable[[Path], Any], ...] = (pd.read_csv, pd.read_parquet)
    for name, read in zip(MEMBERSHIPS, readers, strict=True):
        try:
            found: Any = read(folder / name)
            return found[wanted]
        except (OSError, ValueError, KeyError):
            continue
    return None
