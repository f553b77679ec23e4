"""Each check names the mistake of a wrong function, and accuses no right one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import special, stats

from reports.exercises import exercise
from tests.reports.exercises.hand_ins import RIGHT, WRONG, HandIn


def function_of(hand_in: HandIn) -> Callable[..., Any]:
    names: dict[str, Any] = {"np": np, "stats": stats, "special": special}
    exec(hand_in.code, names)
    function: Callable[..., Any] = names[hand_in.blank]
    return function


def named(hand_ins: tuple[HandIn, ...]) -> list[str]:
    return [f"{hand_in.exercise}-{hand_in.blank}-{number}" for number, hand_in in enumerate(hand_ins)]


@pytest.mark.parametrize("hand_in", WRONG, ids=named(WRONG))
def test_a_wrong_function_is_told_what_is_wrong(hand_in: HandIn) -> None:
    found = exercise(hand_in.exercise).check(function_of(hand_in))
    assert not found.right
    assert found.points == 0
    assert hand_in.words in found.reason


@pytest.mark.parametrize("hand_in", RIGHT, ids=named(RIGHT))
def test_a_right_function_in_any_style_is_right(hand_in: HandIn) -> None:
    found = exercise(hand_in.exercise).check(function_of(hand_in))
    assert found.right, found.reason
    assert found.points == found.most > 0
