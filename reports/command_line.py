"""The command ``emvsbayes`` as a module to run: ``python -m reports.command_line``."""

from __future__ import annotations

from .commands.group import cli
from .program import main

__all__ = ["cli", "main"]

if __name__ == "__main__":
    main()
