"""What a test knows of an answer beyond its declared type: said where it is used, and asserted."""

from __future__ import annotations


def known[Kind](value: object, kind: type[Kind]) -> Kind:
    """The value itself, which is of that kind."""
    assert isinstance(value, kind), value
    return value
