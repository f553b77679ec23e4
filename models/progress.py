"""What long work calls while it goes on, whoever does it and whoever listens."""

from __future__ import annotations

from collections.abc import Callable

type Tick = Callable[[], None]
"""What is called after each step of long work."""
