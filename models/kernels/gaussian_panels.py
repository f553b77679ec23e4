"""One pass over the data for Gaussian components of three and more features.

A panel of rows stays in registers while the features of a component go by, two at a time, and so do the products of two
features with four while the rows go by: each number that is loaded serves several sums. At 10, 20 and 100 features and 10
components that takes 1/2, 2/5 and 1/3 of the time of loops in which the compiler chooses what stays in registers.

**What is left out.** In many dimensions nearly all responsibilities are far below what doubles can hold beside the others.
Each feature only lowers the log-joint of a component with a row, so that it need not be finished once it is ``reach`` below
that of another component. Panels leave out components as a whole: rows are sorted before, by the component that seems
nearest.

A component that is left out in a row has less than 2⁻¹²⁸ of it. Of Σγz², with z in its standard deviations, the row is then
less than 2⁻⁷⁵, because beyond z² = 2⁵³ the rounding of z² alone is a nat and no digit of γ is known. A component with more
than 2⁻²⁰ of all rows thus loses less than 2⁻⁵⁵ of its sums, which is below their rounding. For one that has less, such as a
start far from all data, the pass is repeated and leaves out only what counts as zero anyway.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .arithmetic import BLOCK, LOWEST, SMALLEST_EXPONENT, Array, find_largest, weigh
from .averaging import BELOW_ALL
from .compiling import inlined, pasted
from .vectors import (
    ROWS,
    WIDTH,
    add_sums,
    aligned,
    larger,
    panel,
    panel_at,
    powers,
    put,
    reaches,
    total,
    vector,
    vector_at,
)

Places = NDArray[np.int64]

REACH = 128.0
LEAST_SHARE = 2.0**-20
EVERYTHING = -SMALLEST_EXPONENT
# Of groups 20 standard deviations apart a pass with sorting took .96 to .60 of the time at 10 features, .73 to .63 at 16 and
# .56 to .34 at 50; of groups that overlap 1.08, 1.05 and 1.02.
SORTED_FROM = 16
SORTED_BLOCK = 4 * BLOCK
# By so many features, or a quarter where that is more, rows are sorted.
LEADING = 8
# If more than three quarters of the panels were needed, the next so many blocks are not sorted.
REST = 15


@inlined
def panel_joint(
    rows: Array, i: int, d: int, j: int, offsets: Array, means: Array, factors: Array, residuals: Array, floor: Any
) -> Any:
    """The log-joint of component j with the panel of rows from i on, of which the first ``d`` features count.

    It is left unfinished, and too high, once all of it is below the ``floor``. The ``residuals``, shape ``(d, ROWS)``, are
    filled on the way.
    """
    joint = panel(offsets[j])
    if d % 2 == 1:
        residual = panel_at(rows, (0, i)) - means[j, 0]
        put(residuals, (0, 0), residual)
        z = residual * factors[j, 0, 0]
        joint = joint - z * z
    for f in range(d % 2, d, 2):
        if not reaches(joint, floor):
            break
        upper, lower = panel_at(rows, (f, i)) - means[j, f], panel_at(rows, (f + 1, i)) - means[j, f + 1]
        put(residuals, (f, 0), upper)
        put(residuals, (f + 1, 0), lower)
        y = upper * factors[j, f, f]
        z = upper * factors[j, f + 1, f] + lower * factors[j, f + 1, f + 1]
        for g in range(f):
            residual = panel_at(residuals, (g, 0))
            y = y + residual * factors[j, f, g]
            z = z + residual * factors[j, f + 1, g]
        joint = joint - y * y - z * z
    return joint


@inlined
def copy_rows(x: Array, start: int, size: int, rows: Array) -> int:
    """Copy a block, and its last row until the last panel is full; return how many rows that makes."""
    whole = (size + ROWS - 1) // ROWS * ROWS
    for f in range(len(x)):
        for i in range(0, size - ROWS + 1, ROWS):
            put(rows, (f, i), panel_at(x, (f, start + i)))
        for i in range(size - size % ROWS, whole):
            rows[f, i] = x[f, start + min(i, size - 1)]
    return whole


@inlined
def _order(joint: Array, size: int, largest: Array, nearest: Places, ends: Places, order: Places) -> None:
    """Order the rows of a block by the component whose log-joint is largest, its place in ``nearest``."""
    k = len(joint)
    find_largest(joint, size, BELOW_ALL, largest)
    for i in range(size):
        nearest[i] = 0
    for j in range(1, k):
        for i in range(size):
            nearest[i] = j if joint[j, i] == largest[i] else nearest[i]
    for j in range(k + 1):
        ends[j] = 0
    for i in range(size):
        ends[nearest[i] + 1] += 1
    for j in range(k):
        ends[j + 1] += ends[j]
    for i in range(size):
        order[ends[nearest[i]]] = i
        ends[nearest[i]] += 1


@inlined
def _sort_rows(x: Array, weights: Array, start: int, size: int, order: Places, rows: Array, seen: Array) -> None:
    """Copy a block and its weights in an order; what fills the last panel has no weight."""
    for f in range(len(x)):
        column = x[f, start : start + size]
        for i in range(size):
            rows[f, i] = column[order[i]]
        for i in range(size, (size + ROWS - 1) // ROWS * ROWS):
            rows[f, i] = rows[f, size - 1]
    column = weights[start : start + size]
    for i in range(size):
        seen[i] = column[order[i]]


@inlined
def _fill_powers(
    rows: Array,
    i: int,
    lead: int,
    offsets: Array,
    means: Array,
    factors: Array,
    reach: float,
    residuals: Array,
    joint: Array,
    largest: Array,
    sums: Array,
    counting: Array,
) -> int:
    """Fill the powers of a panel, relative to their largest, and their sums; say how many components count in it.

    The component ``lead`` is the first, since only what comes after a large log-joint can be left out.
    """
    k, d = means.shape
    top, found = panel(BELOW_ALL), 0
    for turn in range(lead, lead + k):
        j = turn if turn < k else turn - k
        floor = top - reach
        value = panel_joint(rows, i, d, j, offsets, means, factors, residuals, floor)
        counting[j, i // ROWS] = 0.0
        if reaches(value, floor):
            put(joint, (j, i), value)
            top = larger(value, top)
            counting[j, i // ROWS] = 1.0
            found += 1
    of_all = panel(0.0)
    for j in range(k):
        if counting[j, i // ROWS] > 0.0:
            power = powers(panel_at(joint, (j, i)) - top)
            put(joint, (j, i), power)
            of_all = of_all + power
    put(largest, i, top)
    put(sums, i, of_all)
    return found


@inlined
def _add_products(packed: Array, d: int, size: int, j: int, first: Array, second: Array) -> None:
    """Add Σγr and the lower triangle of Σγrrᵀ over packed residuals, whose last row are γ; four rows before are scratch."""
    gamma = len(packed) - 1
    for g in range(0, d, 4):
        a = b = c = e = vector(0.0)
        for i in range(0, size, WIDTH):
            share = vector_at(packed, (gamma, i))
            wa, wb = vector_at(packed, (g, i)) * share, vector_at(packed, (g + 1, i)) * share
            wc, we = vector_at(packed, (g + 2, i)) * share, vector_at(packed, (g + 3, i)) * share
            put(packed, (gamma - 4, i), wa)
            put(packed, (gamma - 3, i), wb)
            put(packed, (gamma - 2, i), wc)
            put(packed, (gamma - 1, i), we)
            a, b, c, e = a + wa, b + wb, c + wc, e + we
        add_sums(first, (j, g), a, b, c, e)
        for f in range(g, d, 2):
            a = b = c = e = p = q = r = s = vector(0.0)
            for i in range(0, size, WIDTH):
                upper, lower = vector_at(packed, (f, i)), vector_at(packed, (f + 1, i))
                wa, wb = vector_at(packed, (gamma - 4, i)), vector_at(packed, (gamma - 3, i))
                wc, we = vector_at(packed, (gamma - 2, i)), vector_at(packed, (gamma - 1, i))
                a, b, c, e = a + wa * upper, b + wb * upper, c + wc * upper, e + we * upper
                p, q, r, s = p + wa * lower, q + wb * lower, r + wc * lower, s + we * lower
            add_sums(second, (j, f, g), a, b, c, e)
            add_sums(second, (j, f + 1, g), p, q, r, s)


@inlined
def _add_moments(
    rows: Array,
    whole: int,
    means: Array,
    joint: Array,
    weighing: Array,
    counting: Array,
    packed: Array,
    counts: Array,
    first: Array,
    second: Array,
) -> None:
    """Add what a block contributes to the statistics: of each component the panels in which it counts, side by side.

    The weighted responsibilities are the powers ``joint`` times ``weighing``, as :func:`weigh` leaves it.
    """
    k, d = means.shape
    for j in range(k):
        size, count = 0, panel(0.0)
        for i in range(0, whole, ROWS):
            if counting[j, i // ROWS] > 0.0:
                shares = panel_at(joint, (j, i)) * panel_at(weighing, i)
                count = count + shares
                put(packed, (len(packed) - 1, size), shares)
                for f in range(d):
                    put(packed, (f, size), panel_at(rows, (f, i)) - means[j, f])
                size += ROWS
            if size == BLOCK or (size > 0 and i + ROWS == whole):
                _add_products(packed, d, size, j, first, second)
                size = 0
        counts[j] += total(count)


@pasted
def _add_up(
    x: Array,
    weights: Array,
    offsets: Array,
    means: Array,
    factors: Array,
    reach: float,
    counts: Array,
    first: Array,
    second: Array,
) -> float:
    """Add up the statistics; return the log-likelihood, to the base 2."""
    (d, n), k = x.shape, len(offsets)
    sorts, rest, log_likelihood = reach < EVERYTHING, 0, 0.0
    block = min(SORTED_BLOCK if sorts else BLOCK, (n // ROWS + 1) * ROWS)
    rows, residuals = aligned(d + 3, block), aligned(d, min(ROWS, block))
    joint, counting = aligned(k, block), aligned(k, block // ROWS)
    seen, largest, sums = rows[d], rows[d + 1], rows[d + 2]
    packed = aligned(first.shape[1] + 5, min(BLOCK, block))
    places = np.empty((3, block + k), np.int64)
    nearest, ends, order = places[0], places[1], places[2]
    for start in range(0, n, block):
        size = min(block, n - start)
        whole = copy_rows(x, start, size, rows)
        for i in range(whole):
            seen[i] = weights[start + i] if i < size else 0.0
        sorting = sorts and rest == 0
        if sorting:
            leading = max(LEADING, d // 4)
            for i in range(0, whole, ROWS):
                for j in range(k):
                    floor = panel(-np.inf)
                    put(joint, (j, i), panel_joint(rows, i, leading, j, offsets, means, factors, residuals, floor))
            _order(joint, size, largest, nearest, ends, order)
            _sort_rows(x, weights, start, size, order, rows, seen)
        found = 0
        for i in range(0, whole, ROWS):
            lead = nearest[order[i]] if sorting else 0
            found += _fill_powers(
                rows, i, lead, offsets, means, factors, reach, residuals, joint, largest, sums, counting
            )
        if sorting:
            rest = REST if 4 * found > 3 * k * (whole // ROWS) else 0
        elif rest > 0:
            rest -= 1
        log_likelihood += weigh(seen, largest, sums, whole)
        _add_moments(rows, whole, means, joint, sums, counting, packed, counts, first, second)
    return log_likelihood


@pasted
def panels_pass(
    x: Array, weights: Array, offsets: Array, means: Array, factors: Array, counts: Array, first: Array, second: Array
) -> float:
    """Fill the statistics, whose second moments are lower triangles; return the log-likelihood, to the base 2."""
    k, d = means.shape
    features = (d + 3) // 4 * 4
    firsts, seconds = np.zeros((k, features)), np.zeros((k, features, features))
    reach, log_likelihood = REACH if d >= SORTED_FROM and k > 1 else EVERYTHING, 0.0
    while reach > 0.0:
        counts[:] = 0.0
        firsts[:] = 0.0
        seconds[:] = 0.0
        log_likelihood = _add_up(x, weights, offsets, means, factors, reach, counts, firsts, seconds)
        all_rows = 0.0
        for j in range(k):
            all_rows += counts[j]
        fewest = all_rows
        for j in range(k):
            fewest = min(fewest, counts[j]) if offsets[j] > LOWEST else fewest
        reach = EVERYTHING if reach < EVERYTHING and fewest < LEAST_SHARE * all_rows else 0.0
    for j in range(k):
        for f in range(d):
            first[j, f] = firsts[j, f]
            for g in range(f + 1):
                second[j, f, g] = seconds[j, f, g]
    return log_likelihood
