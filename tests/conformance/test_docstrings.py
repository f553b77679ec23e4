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
# Of these every public name has an example, and every function its parameters; of the others what is most used.
COMPLETE = ("models", "em")


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
    return {(bayes, "sample"): once(bayes.sample), (reports, "compare"): once(reports.compare)}


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
def test_what_is_most_used_says_its_parameters_and_has_an_example(folder: str) -> None:
    known = {name: thing for name, thing in public().items() if name.startswith(f"{folder}.")}
    most_used = [
        name
        for name in (
            "models.Data.of", "models.Mixture", "models.Mixture.of", "models.Gaussian", "models.Poisson", "models.Model",
            "models.scenario", "em.fit", "em.audit", "em.standard_errors", "em.bootstrap", "em.criteria", "em.explain",
            "bayes.sample", "bayes.build_model", "bayes.evidence", "bayes.leave_one_out", "bayes.exact_posterior",
            "reports.compare", "reports.choose", "reports.validate", "reports.judge", "reports.read", "reports.read_data",
            "reports.study", "reports.calibrate", "reports.compress", "reports.reproduce", "reports.diff",
        )
        if name.startswith(f"{folder}.")
    ]  # fmt: skip
    functions = [
        name for name, thing in known.items() if not inspect.isclass(thing) and inspect.signature(thing).parameters
    ]
    for name in [*most_used, *(functions if folder in COMPLETE else ())]:
        assert "Parameters\n---" in (inspect.getdoc(known[name]) or ""), name
    for name in [*most_used, *(known if folder in COMPLETE else ())]:
        assert ">>> " in (inspect.getdoc(known[name]) or ""), name


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
