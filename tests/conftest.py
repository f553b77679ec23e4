"""The order of the tests: who takes long comes first, so that no worker is left with it when the others have ended."""

from __future__ import annotations

import pytest

LONGEST_FIRST = ("reports", "bayes")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    def rank(item: pytest.Item) -> int:
        folder = item.path.relative_to(config.rootpath / "tests").parts[0]
        return LONGEST_FIRST.index(folder) if folder in LONGEST_FIRST else len(LONGEST_FIRST)

    items.sort(key=rank)
