"""Vectors of doubles as values: for loops that the compiler by itself does not turn into what the processor can do.

LLVM makes vectors of the innermost loop over an array, and keeps sums in registers there only. In a product of matrices each
number that is loaded should serve several sums, and these should stay in registers. So a kernel may name its vectors: a
*vector* fills one register, a *panel* four, whose additions need not wait for one another. They are added, subtracted and
multiplied as numbers are, with a number as well.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np
from llvmlite import binding, ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic, lower_builtin, models, register_model, type_callable

from .arithmetic import SMALLEST_EXPONENT, TO_INTEGER, Array, fraction_of_power
from .compiling import inlined

# Of sixteen registers a product of panels would leave too few: where vectors have four doubles, panels have sixteen.
WIDTH = 8 if binding.get_host_cpu_features().get("avx512f") else 4
ROWS = 4 * WIDTH
CACHE_LINE = 64


class Lanes(types.Type):
    """So many doubles side by side."""

    def __init__(self, count: int) -> None:
        self.count = count
        super().__init__(name=f"Lanes({count})")


VECTOR, PANEL = Lanes(WIDTH), Lanes(ROWS)


@register_model(Lanes)
class _LanesModel(models.PrimitiveModel):
    def __init__(self, manager: Any, lanes: Lanes) -> None:
        super().__init__(manager, lanes, ir.VectorType(ir.DoubleType(), lanes.count))  # type: ignore[no-untyped-call]


def _spread(builder: Any, value: Any, count: int) -> Any:
    """A vector of ``count`` times the same number; a vector is left as it is."""
    if isinstance(value.type, ir.VectorType):
        return value
    one = ir.Constant(ir.VectorType(value.type, count), ir.Undefined)
    first = builder.insert_element(one, value, ir.Constant(ir.IntType(32), 0))
    return builder.shuffle_vector(first, one, _places([0] * count))


def _places(places: list[int]) -> Any:
    return ir.Constant(ir.VectorType(ir.IntType(32), len(places)), places)


def _define(operation: Callable[..., Any], instruction: str) -> None:
    """Let an operator take two vectors alike, or a vector and a number."""

    @type_callable(operation)
    def _typed(context: Any) -> Any:
        def typer(left: Any, right: Any) -> Any:
            if isinstance(left, Lanes) and (right == left or isinstance(right, types.Float)):
                return left
            return None

        return typer

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        right = _spread(builder, arguments[1], signature.return_type.count)
        return getattr(builder, instruction)(arguments[0], right)

    lower_builtin(operation, Lanes, Lanes)(generate)
    lower_builtin(operation, Lanes, types.Float)(generate)


for _operation, _instruction in ((operator.add, "fadd"), (operator.sub, "fsub"), (operator.mul, "fmul")):
    _define(_operation, _instruction)


def _filled(lanes: Lanes) -> Any:
    @intrinsic
    def filled(context: Any, value: Any) -> Any:
        return lanes(types.float64), lambda c, builder, s, arguments: _spread(builder, arguments[0], lanes.count)

    return filled


def _pointer(context: Any, builder: Any, signature: Any, arguments: Any, to: Any) -> Any:
    """The address of an entry of the array that is the first argument, whose index is the second, as one of vectors."""
    array_type, index_type = signature.args[:2]
    index = [arguments[1]] if isinstance(index_type, types.Integer) else cgutils.unpack_tuple(builder, arguments[1])
    array = context.make_array(array_type)(context, builder, arguments[0])
    place = cgutils.get_item_pointer(context, builder, array_type, array, index, wraparound=False)
    return builder.bitcast(place, to.as_pointer())


def _loaded(lanes: Lanes) -> Any:
    @intrinsic
    def loaded(context: Any, array: Any, index: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            kind = context.get_value_type(lanes)
            return builder.load(_pointer(context, builder, signature, arguments, kind), align=8)

        return lanes(array, index), generate

    return loaded


panel: Callable[[float], Any] = _filled(PANEL)
"""A panel of equal numbers."""
vector: Callable[[float], Any] = _filled(VECTOR)
"""A vector of equal numbers."""
panel_at: Callable[[Array, Any], Any] = _loaded(PANEL)
"""The panel that begins at an entry of an array."""
vector_at: Callable[[Array, Any], Any] = _loaded(VECTOR)
"""The vector that begins at an entry of an array."""


@intrinsic
def put(context: Any, array: Any = None, index: Any = None, value: Any = None) -> Any:
    """Store a vector or panel from an entry of an array on."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        builder.store(arguments[2], _pointer(context, builder, signature, arguments, arguments[2].type), align=8)
        return context.get_dummy_value()

    return types.void(array, index, value), generate


@intrinsic
def reaches(context: Any, values: Any = None, floor: Any = None) -> Any:
    """Say whether any value is not below its floor; what is no number is not below anything."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        each = builder.fcmp_unordered(">=", *arguments)
        bits = ir.IntType(signature.args[0].count)
        return builder.icmp_unsigned("!=", builder.bitcast(each, bits), ir.Constant(bits, 0))

    return types.boolean(values, floor), generate


@intrinsic
def larger(context: Any, values: Any = None, others: Any = None) -> Any:
    """The larger of each pair."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.select(builder.fcmp_ordered(">", *arguments), *arguments)

    return values(values, others), generate


def _sum_neighbours(builder: Any, left: Any, right: Any, step: int) -> Any:
    """Add each ``step`` lanes to the next, and lay those of two vectors in turn."""
    count = left.type.count
    even = [first + lane for at in range(0, count, 2 * step) for first in (at, count + at) for lane in range(step)]
    odd = [place + step for place in even]
    return builder.fadd(
        builder.shuffle_vector(left, right, _places(even)), builder.shuffle_vector(left, right, _places(odd))
    )


def _folded(builder: Any, values: Any, count: int) -> Any:
    """Add the upper half of the lanes to the lower until so many are left."""
    while values.type.count > count:
        half = values.type.count // 2
        low, high = (_places(list(range(begin, begin + half))) for begin in (0, half))
        values = builder.fadd(builder.shuffle_vector(values, values, low), builder.shuffle_vector(values, values, high))
    return values


@intrinsic
def add_sums(
    context: Any, array: Any = None, index: Any = None, a: Any = None, b: Any = None, c: Any = None, d: Any = None
) -> Any:
    """Add the sums of the lanes of four vectors to four entries of an array, from an entry on."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        first = _sum_neighbours(builder, arguments[2], arguments[3], 1)
        sums = _sum_neighbours(builder, first, _sum_neighbours(builder, arguments[4], arguments[5], 1), 2)
        sums = _folded(builder, sums, 4)
        place = _pointer(context, builder, signature, arguments, sums.type)
        builder.store(builder.fadd(builder.load(place, align=8), sums), place, align=8)
        return context.get_dummy_value()

    return types.void(array, index, a, b, c, d), generate


@intrinsic
def total(context: Any, values: Any = None) -> Any:
    """The sum of the lanes."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.extract_element(_folded(builder, arguments[0], 1), ir.Constant(ir.IntType(32), 0))

    return types.float64(values), generate


@intrinsic
def _rounded(context: Any, values: Any = None) -> Any:
    """The nearest whole numbers."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        kind = arguments[0].type
        name = f"llvm.rint.v{kind.count}f64"
        function = cgutils.get_or_insert_function(builder.module, ir.FunctionType(kind, [kind]), name)
        return builder.call(function, arguments)

    return values(values), generate


@intrinsic
def _times_power(context: Any, fraction: Any = None, whole: Any = None) -> Any:
    """The fraction times 2 to the whole number: added to the bits of its exponent."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        kind = arguments[0].type
        bits = ir.VectorType(ir.IntType(64), kind.count)
        places = builder.bitcast(builder.fadd(arguments[1], ir.Constant(kind, [TO_INTEGER] * kind.count)), bits)
        shifted = builder.shl(places, ir.Constant(bits, [52] * kind.count))
        return builder.bitcast(builder.add(builder.bitcast(arguments[0], bits), shifted), kind)

    return fraction(fraction, whole), generate


@intrinsic
def _above(context: Any, values: Any = None, floor: Any = None, given: Any = None) -> Any:
    """What is given where the values are above the floor, a number, and zero elsewhere."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        values, floor, given = arguments
        above = builder.fcmp_ordered(">", values, _spread(builder, floor, given.type.count))
        return builder.select(above, given, ir.Constant(given.type, [0.0] * given.type.count))

    return given(values, floor, given), generate


@inlined
def powers(exponents: Any) -> Any:
    """2 to exponents of at most zero, as ``exp2`` of each."""
    whole: Any = _rounded(exponents)
    return _above(exponents, SMALLEST_EXPONENT, _times_power(fraction_of_power(exponents - whole), whole))


@inlined
def aligned(rows: int, columns: int) -> Array:
    """Zeros whose rows begin where a cache line does, so that no vector of them lies in two lines."""
    store = np.zeros(rows * columns + CACHE_LINE // 8)
    ahead = -(store.ctypes.data // 8) % (CACHE_LINE // 8)
    return store[ahead : ahead + rows * columns].reshape(rows, columns)
