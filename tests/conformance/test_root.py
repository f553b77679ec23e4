"""The root of the repository stays small, and every dependency is pinned by name and version."""

import re
import subprocess
from fnmatch import fnmatch
from pathlib import Path

ROOT = Path(__file__).parents[2]
ALLOWED = {
    ".ci",
    ".gitignore",
    ".pre-commit-config.yaml",
    ".python-version",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "LICENSE",
    "Makefile",
    "README.md",
    "bayes",
    "constraints.txt",
    "em",
    "models",
    "pyproject.toml",
    "reports",
    "tests",
}


def entries_of_the_root() -> set[str]:
    """What git tracks; in an unpacked archive, which git knows nothing of, whatever .gitignore does not name."""
    try:
        tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True).stdout
    except FileNotFoundError:
        tracked = ""
    if tracked:
        return {path.split("/")[0] for path in tracked.split("\0") if path}
    ignored = [".git", *(line.rstrip("/") for line in (ROOT / ".gitignore").read_text().splitlines())]
    return {path.name for path in ROOT.iterdir() if not any(fnmatch(path.name, pattern) for pattern in ignored)}


def test_the_root_holds_nothing_unexpected() -> None:
    assert entries_of_the_root() - ALLOWED == set()


def test_constraints_are_exact_versions_and_no_addresses() -> None:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    assert lines
    assert [line for line in lines if not re.fullmatch(r"[\w.-]+==[\w.+!]+", line)] == []
