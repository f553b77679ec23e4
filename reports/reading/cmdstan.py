"""Stan's CSV files, one for each chain: a line of names, a line for each draw, and comments that begin with #.

CmdStan Guide, appendix "Stan CSV File Format": an element of a container has its indices after its name, ``mu.2`` or
``Sigma.1.2``, and what the sampler says of itself ends in two underscores. Programs that write the same draws with R's
posterior package have ``mu[2]``.
"""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from models import Array, StatedDraws

_ELEMENT = re.compile(r"(?P<name>.+?)(?:\.(?P<dots>\d+(?:\.\d+)*)|\[(?P<comma>\d+(?:\s*,\s*\d+)*)\])?")
_SETTING = re.compile(r"#\s*(save_warmup|num_warmup|thin)\s*=\s*(\w+)")
_TRUE = ("1", "true")
# Columns that number chains and draws, where somebody put them beside the variables.
_NUMBERING = (".chain", ".iteration", ".draw")


def read_cmdstan(paths: Sequence[Path]) -> StatedDraws:
    """Read chains from files of Stan, a chain from each.

    Raises
    ------
    ValueError
        When a file holds no draws, a broken line, or other variables than the first; the sentence names it.
    """
    read = [_chain(path) for path in paths]
    names = read[0][0]
    for path, (own, _, _) in zip(paths, read, strict=True):
        if own != names:
            differing = sorted(set(own) ^ set(names)) or ["their order"]
            raise ValueError(f"{path.name} has other columns than {paths[0].name}: they differ in {differing[0]}.")
    chains = [draws for _, draws, _ in read]
    notes = tuple(dict.fromkeys(note for _, _, of_chain in read for note in of_chain))
    shortest = min(map(len, chains))
    if any(len(chain) != shortest for chain in chains):
        notes = (*notes, f"the chains differ in their lengths: the first {shortest} draws of each are taken.")
    whole = np.stack([chain[:shortest] for chain in chains])
    columns = {name: whole[..., i] for i, name in enumerate(names)}
    diverged = columns.get("divergent__")
    return StatedDraws.of(
        _containers({name: values for name, values in columns.items() if not _is_beside(name)}),
        divergences=None if diverged is None else int(diverged.sum()),
        notes=notes,
    )


def _chain(path: Path) -> tuple[list[str], Array, list[str]]:
    """Return the names of the columns, the draws after warm-up, shape ``(draw, column)``, and what is to be said."""
    lines = path.read_text(encoding="utf-8").splitlines()
    # Comments stand between the draws, too, whole lines of them.
    settings = {found[1]: found[2] for line in lines if (found := _SETTING.match(line)) is not None}
    rows = list(csv.reader(line for line in lines if line.strip() and not line.startswith("#")))
    if len(rows) < 2:
        raise ValueError(f"{path.name} holds no draws: a line of names and a line for each draw are wanted.")
    draws = np.array([_numbers(row, i + 1, rows, path) for i, row in enumerate(rows[1:])])
    warm = _warm_up(settings)
    return rows[0], draws[warm:], [f"{warm} draws of warm-up are left out."] if warm else []


def _numbers(row: list[str], draw: int, rows: list[list[str]], path: Path) -> list[float]:
    if len(row) != len(rows[0]):
        if draw == len(rows) - 1:
            raise ValueError(f"{path.name} ends in the middle of a draw: remove its last line.")
        raise ValueError(f"draw {draw} of {path.name} has {len(row)} numbers, where {len(rows[0])} are wanted.")
    try:
        return list(map(float, row))
    except ValueError:
        raise ValueError(f"draw {draw} of {path.name} holds something that is no number.") from None


def _is_beside(name: str) -> bool:
    return name.endswith("__") or name in _NUMBERING


def _warm_up(settings: dict[str, str]) -> int:
    if settings.get("save_warmup", "0") not in _TRUE:
        return 0
    return math.ceil(int(settings.get("num_warmup", 0)) / int(settings.get("thin", 1)))


def _containers(columns: dict[str, Array]) -> dict[str, Array]:
    """Put the elements ``(chain, draw)`` of each variable at their indices, which count from one."""
    elements: dict[str, dict[tuple[int, ...], Array]] = {}
    for column, values in columns.items():
        found = _ELEMENT.fullmatch(column)
        assert found is not None  # any name that is not empty matches
        indices = re.findall(r"\d+", found["dots"] or found["comma"] or "")
        elements.setdefault(found["name"], {})[tuple(int(index) - 1 for index in indices)] = values
    return {name: _array(name, own) for name, own in elements.items()}


def _array(name: str, elements: dict[tuple[int, ...], Array]) -> Array:
    places = list(elements)
    if len({len(place) for place in places}) != 1:
        raise ValueError(f"the posterior's {name} has elements with different numbers of indices.")
    shape = tuple(int(axis) + 1 for axis in np.max(places, axis=0)) if places[0] else ()
    if len(places) != math.prod(shape):
        raise ValueError(f"the posterior's {name} has {len(places)} elements, which do not fill the shape {shape}.")
    array = np.empty((*elements[places[0]].shape, *shape))
    for place, values in elements.items():
        array.reshape(*values.shape, -1)[..., np.ravel_multi_index(place, shape) if shape else 0] = values
    return array
