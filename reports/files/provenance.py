"""Where numbers come from: the versions and the machine that they were computed with."""

from __future__ import annotations

import platform
from importlib.metadata import version

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
    """Python and what the numbers depend on."""
    return {"python": platform.python_version(), **{name: version(name) for name in _PACKAGES}}


def machine() -> str:
    """The system and the kind of processor, for which Numba compiles: on another one the last digits may be others."""
    from llvmlite import binding

    return f"{platform.system()} {platform.machine()} {binding.get_host_cpu_name()}"
