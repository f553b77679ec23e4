"""Where numbers come from: the versions and the machine that they were computed with."""

from __future__ import annotations

import hashlib
import platform
from importlib.metadata import version
from typing import Any

_PACKAGES = (
    "emvsbayes",
    "numpy",
    "scipy",
    "pandas",
    "pymc",
    "pytensor",
    "arviz",
    "arviz-stats",
    "numba",
    "nutpie",
    "matplotlib",
)


def versions() -> dict[str, str]:
    """Return the versions of Python and of what the numbers depend on."""
    return {"python": platform.python_version(), **{name: version(name) for name in _PACKAGES}}


def machine() -> str:
    """Name system and processor, Numba's target and the kernels of linear algebra: on others the digits move."""
    import numba
    from llvmlite import binding

    config: Any = numba.config
    name = config.CPU_NAME or binding.get_host_cpu_name()
    features = config.CPU_FEATURES or binding.get_host_cpu_features().flatten()
    told = f"{features} {config.ENABLE_AVX} {config.OPT}"
    target = f"{name} {hashlib.sha256(told.encode()).hexdigest()[:8]}"
    return ", ".join([f"{platform.system()} {platform.machine()} {target}", *_linear_algebra()])


def _linear_algebra() -> list[str]:
    """Name the libraries that NumPy and SciPy call, with versions and the kernels that they chose for this processor."""
    from scipy import linalg  # noqa: F401 - loads SciPy's own
    from threadpoolctl import threadpool_info

    found = [library for library in threadpool_info() if library["user_api"] == "blas"]
    words = ("internal_api", "version", "architecture")
    return sorted({" ".join(str(library[word]) for word in words if library.get(word)) for library in found})
