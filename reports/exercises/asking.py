"""Ask somebody's function on fresh data, and say what is wrong with its answers."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
type Answer = tuple[Array, ...]
type Function = Callable[..., Any]
# A floor under a density, or a ridge that keeps a matrix invertible, changes no conclusion; a mistake changes much more.
RELATIVE, ABSOLUTE = 1e-5, 1e-7
EMPTY = "It returns nothing: write its body between the two comments."


class UnusableError(Exception):
    """An answer that cannot be held against the right one; its text says why."""


@dataclass(frozen=True)
class Wrong:
    """An answer that a known mistake gives; with an empty ``reason`` it follows from the mistakes in other parts."""

    reason: str
    answer: Answer


@dataclass(frozen=True)
class Problem:
    """Arguments with the right answer.

    Parameters
    ----------
    arguments
        What the function is called with.
    right
        The right answer, an array for each part.
    wrong
        Given the answer of a function, what known mistakes would have answered.
    """

    arguments: tuple[Any, ...]
    right: Answer
    wrong: Callable[[Answer], Iterable[Wrong]]

    @classmethod
    def with_known(cls, arguments: tuple[Any, ...], right: Answer, wrong: Sequence[Wrong]) -> Problem:
        """Return a problem whose mistakes do not depend on somebody's answer."""
        return cls(arguments, right, lambda _: wrong)


def what_is_wrong(function: Function, parts: Sequence[str], problems: Sequence[Problem]) -> str:
    """Return in words what is wrong with a function, or nothing where it is right.

    Parameters
    ----------
    function
        What somebody wrote.
    parts
        What each part of an answer is called, such as ``("weights", "means")``.
    problems
        What it is asked. A mistake is named when it explains a part of all answers.
    """
    try:
        answers = [_answer(function, parts, problem) for problem in problems]
    except UnusableError as error:
        return str(error)
    known = [list(problem.wrong(answer)) for problem, answer in zip(problems, answers, strict=True)]
    reasons = [
        _reason(part, index, problems, answers, known)
        for index, part in enumerate(parts)
        if not all(_close(a[index], p.right[index]) for a, p in zip(answers, problems, strict=True))
    ]
    return " ".join(dict.fromkeys(filter(None, reasons)))


def called(function: Function, arguments: tuple[Any, ...]) -> Any:
    """Call somebody's function with arguments of its own.

    Raises
    ------
    UnusableError
        When it raises an exception, returns nothing, or changes what it was given.
    """
    # Arrays are copied, and a generator is not: it has to go on.
    given = tuple(a if isinstance(a, np.random.Generator) else copy.deepcopy(a) for a in arguments)
    try:
        with np.errstate(all="ignore"):
            answer = function(*given)
    except NotImplementedError:
        raise UnusableError(EMPTY) from None
    except Exception as error:
        raise UnusableError(f"It raises {type(error).__name__}: {error}.") from None
    if answer is None or answer is Ellipsis:
        raise UnusableError(EMPTY)
    if any(_changed(before, after) for before, after in zip(arguments, given, strict=True)):
        raise UnusableError(
            "It changes an array that it was given: work on a copy, or the next step starts from other data."
        )
    return answer


def _changed(before: Any, after: Any) -> bool:
    return isinstance(before, np.ndarray) and not np.array_equal(before, after)


def numbers(answer: Any, shape: tuple[int, ...], name: str) -> Array:
    """Return one part of an answer as an array of the shape that was asked for.

    Raises
    ------
    UnusableError
        When it is no array of finite numbers of this shape.
    """
    try:
        found = np.asarray(answer, dtype=np.float64)
    except (TypeError, ValueError):
        raise UnusableError(f"Its {name} are not numbers but {type(answer).__name__}.") from None
    if found.shape != shape and _without_ones(found.shape) == _without_ones(shape):
        found = found.reshape(shape)
    if found.shape != shape:
        turned = " It is transposed." if found.shape == shape[::-1] else ""
        raise UnusableError(f"Its {name} have shape {found.shape}, and {shape} is asked for.{turned}")
    if not np.isfinite(found).all():
        raise UnusableError(f"Its {name} hold {_oddest(found)}.")
    return found


def _without_ones(shape: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(size for size in shape if size != 1)


def _oddest(found: Array) -> str:
    return "values that are not numbers (nan), as 0/0 gives" if np.isnan(found).any() else "an infinite value"


def _answer(function: Function, parts: Sequence[str], problem: Problem) -> Answer:
    answer = called(function, problem.arguments)
    if len(parts) == 1:
        pieces = (answer,)
    elif isinstance(answer, Mapping) and set(answer) == set(parts):
        pieces = tuple(answer[part] for part in parts)
    elif isinstance(answer, (tuple, list)) and len(answer) == len(parts):
        pieces = tuple(answer)
    else:
        raise UnusableError(f"It has to return {len(parts)} things: {', '.join(parts)}.")
    return tuple(numbers(*piece) for piece in zip(pieces, (part.shape for part in problem.right), parts, strict=True))


def _close(found: Array, expected: Array) -> bool:
    size = float(np.abs(expected).max(initial=0.0))
    return bool(np.allclose(found, expected, rtol=RELATIVE, atol=max(ABSOLUTE, RELATIVE * size)))


def _reason(
    part: str, index: int, problems: Sequence[Problem], answers: Sequence[Answer], known: Sequence[Sequence[Wrong]]
) -> str:
    explained = [
        [wrong.reason for wrong in wrongs if _close(answer[index], wrong.answer[index])]
        for answer, wrongs in zip(answers, known, strict=True)
    ]
    shared = [reason for reason in explained[0] if all(reason in others for others in explained)]
    if shared:
        return "" if "" in shared else shared[0]
    return f"Its {part} {_by_example(answers[0][index], problems[0].right[index])}."


def _by_example(found: Array, expected: Array) -> str:
    """Show the entry that is furthest off."""
    where = tuple(int(i) for i in np.unravel_index(int(np.abs(found - expected).argmax()), found.shape))
    place = f" at {where if len(where) > 1 else where[0]}" if where else ""
    return f"are wrong: on a small example{place} it has {found[where]:.6g}, where {expected[where]:.6g} is right"


def reasons_of(answers: Iterable[tuple[str, Any]]) -> Iterator[Wrong]:
    """Yield the answers of one part that known mistakes give."""
    for reason, answer in answers:
        yield Wrong(reason, (np.asarray(answer, dtype=np.float64),))
