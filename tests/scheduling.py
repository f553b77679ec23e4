"""Which tests one worker runs one after the other, so that what they share is sampled once.

What xdist's own ``loadgroup`` appends to the name of a test is lost from pytest 9.2 on, and with it every group: here the
groups are read from the files.
"""

from __future__ import annotations

import re
from typing import Any

from xdist.scheduler import LoadScopeScheduling

GROUP = re.compile(r'xdist_group\("(\w+)"\)')
# What takes ten seconds to sample and to draw: of the fast tests, the files that look at it are one group.
COMPARED = re.compile(r"\b(poisson|plane|hostile)_comparison\b")


class Together(LoadScopeScheduling):  # type: ignore[misc] # xdist carries no types
    """Give each worker a file at a time, or each of the slow tests by itself, and a group always as one."""

    def __init__(self, config: Any, log: Any) -> None:
        super().__init__(config, log)
        self.by_file = config.getvalue("dist") == "loadfile"
        self.groups: dict[str, str | None] = {}

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.partition("::")[0]
        if path not in self.groups:
            self.groups[path] = self._group((self.config.rootpath / path).read_text(encoding="utf-8"))
        return self.groups[path] or (path if self.by_file else nodeid)

    def _group(self, text: str) -> str | None:
        if self.by_file:
            return "compared" if looks_at_a_comparison(text) else None
        found = GROUP.search(text)
        return found and found[1]


def looks_at_a_comparison(text: str) -> bool:
    """Whether the tests of a file, of which this is the text, look at a comparison that the session made."""
    return COMPARED.search(text) is not None
