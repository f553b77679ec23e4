"""What is kept on disk of a kernel is its own source's, and its helpers'."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

KERNEL = """
from .compiling import compiled
from .helper import helped

@compiled
def kernel(x):
    return helped(x)
"""
HELPER = """
from .compiling import inlined

@inlined
def helped(x):
    return x + {added}
"""
PROGRAM = "from models.kernels.kernel import kernel; print(kernel(1.0))"


def printed(folder: Path) -> str:
    """What a process of its own prints, which finds on disk what an earlier one compiled there."""
    done = subprocess.run([sys.executable, "-c", PROGRAM], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_a_helper_in_another_file_that_changes_is_compiled_anew(tmp_path: Path) -> None:
    import models

    package = tmp_path / "models"
    (package / "kernels").mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "kernels" / "__init__.py").touch()
    shutil.copy(Path(models.__file__).parent / "caches.py", package)
    shutil.copy(Path(models.__file__).parent / "kernels" / "compiling.py", package / "kernels")
    (package / "kernels" / "kernel.py").write_text(KERNEL)
    (package / "kernels" / "helper.py").write_text(HELPER.format(added=1.0))
    assert printed(tmp_path) == "2.0"
    assert list((package / "kernels" / "__pycache__").glob("*.nbi")), "nothing was kept, so that nothing could be stale"
    # Of another length: Python takes a file of the same second and length for the one that it has read.
    (package / "kernels" / "helper.py").write_text(HELPER.format(added=10.0))
    assert printed(tmp_path) == "11.0"
