"""Whole numbers as a user types them, and lists of them: ``1:6``, ``2,3,5``, ``0,3,6-9``."""

from __future__ import annotations

import re
from collections.abc import Iterable

import click

from .errors import BadInputError


class WholeNumber(click.IntRange):
    """One whole number, which click would call a range of integers."""

    name = "whole number"


class Numbers(click.ParamType[tuple[int, ...]]):
    """A list of whole numbers from ``least`` to ``most``, in the order given; a range has both of its ends."""

    name = "numbers"

    def __init__(self, option: str, least: int, most: int, example: str, range_sign: str = ":") -> None:
        self.option, self.least, self.most, self.example = option, least, most, example
        self._piece = re.compile(rf"\s*([0-9]{{1,9}})(?:{range_sign}([0-9]{{1,9}}))?\s*")

    def convert(
        self, value: str | tuple[int, ...], param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, ...]:
        """Return the numbers, once click hands over the text."""
        try:
            return self.parse(value) if isinstance(value, str) else value
        except ValueError as error:
            raise BadInputError(str(error)) from None

    def parse(self, text: str) -> tuple[int, ...]:
        """Return the numbers that ``text`` lists.

        Raises
        ------
        ValueError
            When it is something else, or when a number is out of range.
        """
        numbers: list[int] = []
        for piece in text.split(","):
            found = self._piece.fullmatch(piece)
            first, last = (int(found[1]), int(found[2] or found[1])) if found else (1, 0)
            if not self.least <= first <= last <= self.most:
                raise ValueError(
                    f"{self.option} must be whole numbers from {self.least} to {self.most}, and {self.option} {text!r} is "
                    f"none of these: list them, such as {self.example}."
                )
            numbers += range(first, last + 1)
        return tuple(numbers)


def listed(numbers: Iterable[int]) -> str:
    """Return numbers as a user types them."""
    return ",".join(map(str, numbers))
