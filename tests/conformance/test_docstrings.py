"""The examples of the public names run, and what they print is what they say."""

from __future__ import annotations

import doctest
import inspect
from collections.abc import Callable, Iterator
from contextlib import chdir
from functools import cache, wraps
from pathlib import Path
from typing import Any

import matplotlib as mpl
import pytest

import bayes
import em
import models
import reports

FLAGS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
FOLDERS = (models, em, bayes, reports)
# Their examples sample.
SLOW = ("bayes", "reports")
# Classes that many make themselves, so that they say their parameters as a function does.
CLASSES = ("models.Mixture", "models.Gaussian", "models.Poisson", "models.Model")


def public() -> dict[str, Any]:
    """Every public function and class, and what is made by a method of a class, by its name."""
    found = {}
    for folder in FOLDERS:
        for name in folder.__all__:
            thing = getattr(folder, name)
            # What a cache wraps is a routine, and no function.
            if inspect.isclass(thing) or inspect.isroutine(thing):
                found[f"{folder.__name__}.{name}"] = thing
                if hasattr(thing, "of") and inspect.isclass(thing):
                    found[f"{folder.__name__}.{name}.of"] = thing.of
    return found


def with_examples() -> dict[str, Any]:
    return {name: thing for name, thing in public().items() if ">>>" in (inspect.getdoc(thing) or "")}


def once[**P, R](function: Callable[P, R]) -> Callable[P, R]:
    """Compute what several examples ask for but once."""
    known: dict[str, R] = {}

    @wraps(function)
    def remembered(*arguments: P.args, **named: P.kwargs) -> R:
        key = repr((arguments, sorted(named.items())))
        if key not in known:
            known[key] = function(*arguments, **named)
        return known[key]

    return remembered


@cache
def shared() -> dict[tuple[Any, str], Any]:
    asked = [(bayes, "sample"), *((reports, name) for name in ("compare", "choose", "reproduce", "validate"))]
    asked += [(reports, name) for name in ("validate_draws", "calibrate")]
    return {(folder, name): once(getattr(folder, name)) for folder, name in asked}


@pytest.fixture
def examples(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """A folder of their own, no window, and one posterior for all."""
    for (folder, name), function in shared().items():
        monkeypatch.setattr(folder, name, function, raising=False)
    with chdir(tmp_path), mpl.rc_context({"backend": "agg"}):
        yield


@pytest.mark.usefixtures("examples")
@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[pytest.mark.slow, pytest.mark.xdist_group("docstrings")] if slow else [])
        for name in with_examples()
        for slow in [name.startswith(SLOW)]
    ],
)
def test_an_example_prints_what_it_says(name: str) -> None:
    text = inspect.getdoc(public()[name]) or ""
    example = doctest.DocTestParser().get_doctest(text, {}, name, None, 0)
    assert example.examples
    said: list[str] = []
    doctest.DocTestRunner(optionflags=FLAGS).run(example, out=said.append)
    assert not said, "".join(said)


@pytest.mark.parametrize("folder", [folder.__name__ for folder in FOLDERS])
def test_every_public_name_has_an_example_and_every_function_says_its_parameters(folder: str) -> None:
    known = {name: thing for name, thing in public().items() if name.startswith(f"{folder}.")}
    for name, thing in known.items():
        text = inspect.getdoc(thing) or ""
        assert ">>> " in text, name
        assert "+SKIP" not in text, name
        if name in CLASSES or (not inspect.isclass(thing) and inspect.signature(thing).parameters):
            assert "Parameters\n---" in text, name


def test_a_section_names_parameters_that_there_are() -> None:
    """What numpydoc asks of every public function that says its parameters: that it says them all, and no others."""
    for name, thing in public().items():
        text = inspect.getdoc(thing) or ""
        if inspect.isclass(thing) or "Parameters\n---" not in text:
            continue
        section = text.split("Parameters\n", 1)[1].split("\n", 1)[1]
        section = section.split("\n\n")[0]
        said = [
            each.strip().lstrip("*")
            for line in section.splitlines()
            if line and not line.startswith(" ")
            for each in line.split(",")
        ]
        assert set(said) == set(inspect.signature(thing).parameters), name
