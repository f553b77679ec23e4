"""The blanks that are the same for every kind of mixture: when to stop, where to start, and which component is which."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations, product
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from .asking import EMPTY, Array, Function, UnusableError, called, numbers
from .exercise import Blank

TOLERANCE = 1e-3
HISTORIES: tuple[tuple[float, ...], ...] = (
    (-900.0,),
    (-900.0, -500.0),
    (-900.0, -500.0, -499.9),
    (-900.0, -500.0, -499.9, -499.89995),
    (-900.0, -899.99995, -500.0),
    (-9e6, -5e6, -5e6 + 0.5),
    (-2e-3, -1e-3, -0.5e-6),
    (30.0, 40.0, 40.00001),
)

STOPPING = Blank(
    name="has_converged",
    task=(
        "**When to stop.** EM's log-likelihood never falls, and gains less and less. `log_likelihoods` is the list of the "
        "total log-likelihoods so far, the newest last. Return `True` when the last step gained less than `tolerance` nats, "
        "and `False` as long as there is only one value."
    ),
    signature="def has_converged(log_likelihoods, tolerance):",
    solution=(
        "if len(log_likelihoods) < 2:\n    return False\nreturn log_likelihoods[-1] - log_likelihoods[-2] < tolerance"
    ),
    check=lambda function, rng: (_stopping(function), ""),
    points=1,
)


def _gain(history: tuple[float, ...]) -> float:
    return history[-1] - history[-2]


# What each wrong rule says of a history; those with a single value are asked apart.
WRONG_RULES: tuple[tuple[str, Callable[[tuple[float, ...], float], bool]], ...] = (
    ("It is the wrong way round: it stops while the log-likelihood still gains much.", lambda h, t: not _gain(h) < t),
    ("It never says that EM has converged.", lambda h, t: False),
    ("It always says that EM has converged.", lambda h, t: True),
    (
        "It takes the gain relative to the log-likelihood; a gain in nats is asked for, which does not depend on n.",
        lambda h, t: _gain(h) < t * abs(h[-2]) or _gain(h) < t * abs(h[-1]),
    ),
    ("It compares the newest value with the first one: compare the last two.", lambda h, t: h[-1] - h[0] < t),
    ("It compares the first two values: compare the last two.", lambda h, t: h[1] - h[0] < t),
    ("It takes the gain with the wrong sign: newer values are larger.", lambda h, t: h[-2] - h[-1] < t),
    ("It compares the log-likelihood itself with the tolerance, not its gain.", lambda h, t: h[-1] < t),
    ("It compares the size of the log-likelihood with the tolerance, not its gain.", lambda h, t: abs(h[-1]) < t),
    ("It asks for no gain at all: it ignores the tolerance.", lambda h, t: _gain(h) <= 0),
)


def _stopping(function: Function) -> str:
    answers = []
    for history in HISTORIES:
        try:
            answer = called(function, (list(history), TOLERANCE))
        except UnusableError as error:
            if len(history) > 1 or str(error) == EMPTY:
                raise
            return f"With a single value, after the first step, it fails: {error}"
        try:
            answers.append(bool(answer))
        except ValueError:
            return "It has to return True or False."
    if answers[0] and not all(answers):
        return "With a single value, after the first step, it says that EM has converged: nothing can be said yet."
    longer = [history for history in HISTORIES if len(history) > 1]
    if answers[1:] == [_gain(history) < TOLERANCE for history in longer]:
        return ""
    for reason, rule in WRONG_RULES:
        if answers[1:] == [rule(history, TOLERANCE) for history in longer]:
            return reason
    wrong = next(h for h, a in zip(longer, answers[1:], strict=True) if a != (_gain(h) < TOLERANCE))
    return (
        f"For {list(wrong)} and a tolerance of {TOLERANCE:g} it says {_gain(wrong) >= TOLERANCE}: the gain "
        f"is {_gain(wrong):.4g}."
    )


def k_means_plus_plus(values: Callable[[Array], Array], points: Array) -> Blank:
    """Return the blank that draws the first centres.

    Parameters
    ----------
    values
        How the exercise writes rows of shape ``(n, d)``.
    points
        Distinct rows, shape ``(n, d)``, from which three centres are drawn again and again by the check.
    """
    one_column = values(points).ndim == 1
    difference = (
        "squared = np.min([(x - centre) ** 2 for centre in centres], axis=0)"
        if one_column
        else "squared = np.min([((x - centre) ** 2).sum(axis=1) for centre in centres], axis=0)"
    )
    return Blank(
        name="k_means_plus_plus",
        task=(
            "**Where to start: k-means++** (Arthur and Vassilvitskii 2007). Return `k` observations as "
            "centres. The first is "
            "drawn uniformly from the observations. Each further one is drawn with a probability that is "
            "proportional to the "
            "*squared* distance between an observation and the *nearest* centre so far. Draw with `rng`, a "
            "`numpy.random.Generator`."
        ),
        signature="def k_means_plus_plus(x, k, rng):",
        solution=(
            "centres = [x[rng.integers(len(x))]]\nwhile len(centres) < k:\n"
            f"    {difference}\n"
            "    centres.append(x[rng.choice(len(x), p=squared / squared.sum())])\nreturn np.array(centres)"
        ),
        check=lambda function, rng: (_far_apart(function, values(points), points, rng), ""),
        points=2,
    )


CENTRES = 3
# A right function is turned away once in a million.
LEVEL = 1e-6
DRAWS = 1500


def _far_apart(function: Function, x: Array, points: Array, rng: np.random.Generator) -> str:
    chosen = np.empty((DRAWS, CENTRES), dtype=int)
    for draw in range(DRAWS):
        answer = called(function, (x, CENTRES, rng))
        shape = (CENTRES, *x.shape[1:])
        if np.shape(answer) == (CENTRES,) and x.ndim > 1:
            return "It returns row numbers: return the rows themselves, x[rows]."
        centres = numbers(answer, shape, "centres").reshape(CENTRES, -1)
        same = (centres[:, None] == points).all(axis=2)
        if not same.any(axis=1).all():
            return "Its centres are not observations: draw rows of x."
        chosen[draw] = same.argmax(axis=1)
    return _rule_of(chosen, points)


def _rule_of(chosen: NDArray[np.intp], points: Array) -> str:
    first = np.bincount(chosen[:, 0], minlength=len(points))
    if stats.chisquare(first).pvalue < LEVEL:
        if (first > 0).sum() == 1:
            return "Its first centre is always the same observation: draw it uniformly from all observations."
        return "Its first centre is not drawn uniformly from the observations."
    twice = np.mean([len(set(row)) < CENTRES for row in chosen]) > 0.01
    squared = np.square(points[:, None] - points).sum(axis=2)
    if _agrees(chosen, squared, lambda d: d.min(axis=0)):
        return ""
    for reason, rule in WRONG_CHANCES:
        if _agrees(chosen, squared, rule):
            return reason
    return ("It draws the same observation twice. " if twice else "") + (
        "Its further centres are not drawn with probabilities proportional to the squared distance to the "
        "nearest centre so far."
    )


# The chances up to a factor, given the squared distances from the centres so far, shape (centres, points).
WRONG_CHANCES: tuple[tuple[str, Callable[[Array], Array]], ...] = (
    ("It draws with the distance itself: square it.", lambda d: np.sqrt(d).min(axis=0)),
    ("It draws all centres uniformly: far observations have to be drawn more often.", lambda d: np.ones(d.shape[1])),
    (
        "It draws uniformly from the observations that are no centre yet: far ones have to be drawn more often.",
        lambda d: (d.min(axis=0) > 0).astype(float),
    ),
    (
        "It takes the observation that is farthest away: draw it, with probability proportional to the squared distance.",
        lambda d: (d.min(axis=0) == d.min(axis=0).max()).astype(float),
    ),
    ("It looks at the newest centre only: take the distance to the nearest centre so far.", lambda d: d[-1]),
    ("It looks at the first centre only: take the distance to the nearest centre so far.", lambda d: d[0]),
    ("It takes the distance to the farthest centre: take the nearest one.", lambda d: d.max(axis=0)),
    ("It adds up the squared distances to all centres: take the nearest one.", lambda d: d.sum(axis=0)),
    ("It adds up the distances to all centres: take the square of the nearest one.", lambda d: np.sqrt(d).sum(axis=0)),
    (
        "It draws near observations more often than far ones: the probability grows with the squared distance.",
        lambda d: np.where(d.min(axis=0) > 0, 1 / np.maximum(d.min(axis=0), 1e-300), 0.0),
    ),
)


def _agrees(chosen: NDArray[np.intp], squared: Array, rule: Callable[[Array], Array]) -> bool:
    """Say whether the second and third centres could have been drawn with these chances (Pearson's test)."""
    statistic, freedom = 0.0, 0
    for length in range(1, CENTRES):
        for before in product(range(len(squared)), repeat=length):
            rows = chosen[(chosen[:, :length] == before).all(axis=1), length]
            if len(rows) == 0:
                continue
            chances = rule(squared[list(before)])
            if chances.sum() == 0:
                return False
            expected = len(rows) * chances / chances.sum()
            seen = np.bincount(rows, minlength=len(squared))
            if seen[expected == 0].any():
                return False
            possible = expected > 0
            statistic += float(((seen - expected)[possible] ** 2 / expected[possible]).sum())
            freedom += int(possible.sum()) - 1
    return freedom == 0 or bool(stats.chi2.sf(statistic, freedom) > LEVEL)


def relabel(parameter: str, examples: tuple[tuple[Array, Array], ...]) -> Blank:
    """Return the blank that puts components in the order of a reference.

    Parameters
    ----------
    parameter
        What is compared, such as ``"means"``.
    examples
        Pairs of estimates and references, each of shape ``(k,)`` or ``(k, d)``.
    """
    column = examples[0][0].ndim == 1
    squared = (
        f"({parameter}[:, None] - reference) ** 2"
        if column
        else f"(({parameter}[:, None] - reference) ** 2).sum(axis=2)"
    )
    return Blank(
        name="relabel",
        task=(
            f"**Which component is which.** The labels of a mixture mean nothing: two runs may number the same components "
            f"differently. Return the order (`k` whole numbers, each once) for which the {parameter} in that order, "
            f"`{parameter}[order]`, fit `reference` best: the sum of squared distances is smallest. "
            "`scipy.optimize.linear_sum_assignment` may be used."
        ),
        signature=f"def relabel({parameter}, reference):",
        solution=(
            "from scipy.optimize import linear_sum_assignment\n\n"
            f"squared = {squared}\n"
            "_, order = linear_sum_assignment(squared.T)\nreturn order"
        ),
        check=lambda function, rng: (_order(function, parameter, examples), ""),
        points=1,
    )


def _order(function: Function, parameter: str, examples: tuple[tuple[Array, Array], ...]) -> str:
    answers, known = [], []
    for own, reference in examples:
        answer = np.asarray(called(function, (own, reference)))
        k, orders = len(own), _orders(own, reference)
        if answer.shape == own.shape and np.array_equal(answer, own[orders["right"]]):
            answer = orders["right"]  # the parameters themselves, in the right order
        if answer.shape != (k,):
            return f"It returns shape {answer.shape}: return the order, {k} whole numbers."
        if sorted(answer.tolist()) != list(range(k)):
            return (
                f"It returns {answer.tolist()}, which is no order of {k} components: each occurs once. "
                "The nearest component of the reference may be the same for two."
            )
        answers.append(answer)
        known.append(orders)
    if all(np.array_equal(a, o["right"]) for a, o in zip(answers, known, strict=True)):
        return ""
    for name, reason in WRONG_ORDERS.items():
        if all(np.array_equal(a, o[name]) for a, o in zip(answers, known, strict=True)):
            return reason.format(parameter=parameter)
    return f"For some {parameter} its order is not the one with the smallest sum of squared distances to the reference."


WRONG_ORDERS = {
    "inverse": "It returns the inverse of the order: for each component its place, where for each place the "
    "component is asked.",
    "sorted": "It sorts the {parameter}: they have to come in the order of the reference, whatever that is.",
    "unchanged": "It leaves the order as it is.",
    "greedy": (
        "It gives each component of the reference the nearest one that is left, one after the other. That may "
        "leave a far one "
        "for the last: look for the smallest sum."
    ),
}


def _orders(own: Array, reference: Array) -> dict[str, Any]:
    """Return the right order by trying all of them, and those of known mistakes."""
    k = len(own)
    squared = np.square(own.reshape(k, 1, -1) - reference.reshape(1, k, -1)).sum(axis=2)
    right = np.array(min(permutations(range(k)), key=lambda order: float(squared[list(order), range(k)].sum())))
    greedy: list[int] = []
    for place in range(k):
        greedy.append(min((j for j in range(k) if j not in greedy), key=lambda j: float(squared[j, place])))
    return {
        "right": right,
        "inverse": np.argsort(right),
        "sorted": np.argsort(own.reshape(k, -1)[:, 0]),
        "unchanged": np.arange(k),
        "greedy": np.array(greedy),
    }
