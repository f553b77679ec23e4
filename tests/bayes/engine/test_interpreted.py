"""Interpreted graphs: values are NumPy's, and no array is filled number by number in Python."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytensor
import pytensor.tensor as pt
from pytensor.tensor.elemwise import Elemwise

from bayes.engine import interpreted

X = np.linspace(-1.0, 2.0, 7)


def test_a_sum_and_its_gradient_are_numpys() -> None:
    x = pt.dvector("x")
    value = (3 * pt.exp(x)).sum()
    found, gradient = interpreted([x], [value, pytensor.grad(value, x)])(X)
    np.testing.assert_allclose(found, 3 * np.exp(X).sum(), rtol=1e-15)
    np.testing.assert_allclose(gradient, 3 * np.exp(X), rtol=1e-15)


def test_what_a_sum_gives_back_to_its_terms_is_filled_at_once() -> None:
    """PyTensor's ``second`` runs in Python for each number; the rewriting that replaces it goes by its name."""
    x = pt.dvector("x")
    gradient: Any = pytensor.grad(pt.sqr(x).sum(), x)
    written = [each.owner.op for each in pytensor.graph.ancestors([gradient]) if each.owner]
    assert any(_is_second(op) for op in written)
    function: Any = interpreted([x], [gradient])
    assert not any(_is_second(node.op) for node in function.maker.fgraph.toposort())


def _is_second(op: object) -> bool:
    return isinstance(op, Elemwise) and type(op.scalar_op).__name__ == "Second"
