"""Where no cache can be written to, functions are compiled all the same, and it is said once."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPT = """
import numba.core.caching as caching
caching.CacheImpl._locator_classes[:] = [caching.CacheImpl._locator_classes[0]] if {temporary} else []
import tempfile
if not {temporary}:
    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")
    tempfile.mkdtemp = refuse
from em import fit
print(fit([1, 2, 3, 9, 10, 11], "poisson", 2, starts=2).status)
"""


@pytest.mark.slow  # all is compiled anew
@pytest.mark.parametrize("temporary", [True, False])
def test_it_is_compiled_in_a_temporary_folder_or_not_kept_at_all(temporary: bool, tmp_path: Path) -> None:
    """Numba is left the first of its places alone, the folder that the environment names, and it names none; or no place."""
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    environment.pop("NUMBA_CACHE_DIR", None)
    run = subprocess.run(
        [sys.executable, "-c", SCRIPT.format(temporary=temporary)],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert run.stdout == "converged\n"
    said = "are kept in a temporary folder" if temporary else "are not kept"
    assert run.stderr.count(f"Compiled functions {said}, since no cache can be written to") == 1
    assert run.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []  # it goes with the process
