"""The kernels that compiled operations call by address."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
# By itself: no operation, and nothing of PyTensor's, is compiled.
VALUE = """
import ctypes, sys
sys.path.insert(0, ".")
import numpy as np
from bayes.engine import poisson
assert poisson.__file__.startswith(sys.argv[1])
doubles = ctypes.POINTER(ctypes.c_double)
arrays = [np.array(each) for each in ([3.0, 5.0], [1.0, 1.0], [-1.0, -2.0], [0.5, 1.0], [0.0, 0.0], [0.0, 0.0])]
of_x, *others = (each.ctypes.data_as(doubles) for each in arrays)
print(poisson.provide().ctypes(of_x, *others[:3], 2, 2, *others[3:]))
"""


@pytest.mark.slow
def test_a_kernel_that_was_changed_is_not_the_one_found_on_disk(tmp_path: Path) -> None:
    for folder in ("models", "bayes"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    flags = f"{os.environ.get('PYTENSOR_FLAGS', '')},base_compiledir={tmp_path / 'pytensor'}".strip(",")
    fresh = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path / "numba"), "PYTENSOR_FLAGS": flags}

    def value() -> float:
        command = [sys.executable, "-c", VALUE, str(tmp_path)]
        run = subprocess.run(command, cwd=tmp_path, env=fresh, capture_output=True, text=True, check=True)
        return float(run.stdout)

    before = value()
    source = tmp_path / "models" / "kernels" / "poisson.py"
    text = source.read_text(encoding="utf-8")
    changed = text.replace(
        "return log_likelihood * LOG_2, counts, sums", "return 2 * log_likelihood * LOG_2, counts, sums"
    )
    assert changed != text
    source.write_text(changed, encoding="utf-8")
    assert value() == pytest.approx(2 * before, rel=1e-14)
