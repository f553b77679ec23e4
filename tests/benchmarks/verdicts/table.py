"""The confusion table: what data were built to be, against what the verdict named."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from scipy import stats

from reports.judging.codes import ALL_CODES, Code

from .recipe import HEALTHY, Recipe
from .run import Outcome

CODES: tuple[str, ...] = (Code.AGREE, *ALL_CODES)
# What is asked of the verdict: so many of the healthy ones agree, so many of each sick kind are named rightly.
HEALTHY_BAR, SICK_BAR = 0.95, 0.9
RIGHT, WRONG, BESIDES = "#0072b2", "#d55e00", "#6e7781"


def confusion(outcomes: Iterable[Outcome], recipes: Iterable[Recipe]) -> pd.DataFrame:
    """For each kind, and all sick ones: data sets, named rightly, share, Wilson interval, bar, and each code's share."""
    known = list(outcomes)
    kinds = list(dict.fromkeys([HEALTHY, *(recipe.kind for recipe in recipes)]))
    rows = {kind: _row([one for one in known if one.kind == kind], kind) for kind in kinds}
    rows["all that are sick"] = _row([one for one in known if one.kind != HEALTHY], "all that are sick")
    table = pd.DataFrame.from_dict({kind: row for kind, row in rows.items() if row}, orient="index")
    return table.rename_axis("built to be")


def _row(outcomes: list[Outcome], kind: str) -> dict[str, object]:
    if not outcomes:
        return {}
    right, n = sum(one.right for one in outcomes), len(outcomes)
    interval = stats.binomtest(right, n).proportion_ci(method="wilson")
    named: dict[str, object] = {code: float(np.mean([code in one.codes.split() for one in outcomes])) for code in CODES}
    bar = HEALTHY_BAR if kind == HEALTHY else SICK_BAR
    return {
        "n": n,
        "right": right,
        "share": right / n,
        "lower": interval.low,
        "upper": interval.high,
        "bar": bar,
    } | named


def line(kind: str, row: pd.Series) -> str:
    """One row as text."""
    met = "met" if row["share"] >= row["bar"] else "MISSED"
    return (
        f"{kind:26} {row['right']:4.0f} of {row['n']:4.0f}  {row['share']:6.1%}  ({row['lower']:.1%} to {row['upper']:.1%})"
        f"  bar {row['bar']:.0%} {met}"
    )


def draw(table: pd.DataFrame, recipes: Iterable[Recipe], path: Path) -> None:
    """The table as a picture: blue where the code is right for the kind, orange where it is wrong, darker the more often."""
    right = {kind: set[str]() for kind in table.index}
    for recipe in recipes:
        right.setdefault(recipe.kind, set()).update(recipe.right)
    shown = table.drop(index="all that are sick")
    figure = Figure(figsize=(16.5, 1.9 + 0.42 * len(shown)), layout="constrained")
    axes = figure.add_subplot()
    for i, (kind, row) in enumerate(shown.iterrows()):
        for j, code in enumerate(CODES):
            wrong = (code == "agree") != (kind == HEALTHY)
            _cell(axes, i, j, row[code], RIGHT if code in right[str(kind)] else WRONG if wrong else BESIDES)
        axes.annotate(
            f"{row['right']:.0f} of {row['n']:.0f}\u2002({row['lower']:.0%}–{row['upper']:.0%})",
            (len(CODES) - 0.4, i),
            va="center",
            fontsize=9,
            color="black" if row["share"] >= row["bar"] else WRONG,
            annotation_clip=False,
        )
    axes.annotate(
        "named rightly\n(95 % interval)", (len(CODES) - 0.4, -0.62), va="bottom", fontsize=9, annotation_clip=False
    )
    axes.set_xlim(-0.5, len(CODES) + 1.3)
    axes.set_ylim(len(shown) - 0.5, -0.5)
    axes.set_xticks(range(len(CODES)), [code.replace("-", "-\n") for code in CODES], fontsize=9)
    axes.set_yticks(range(len(shown)), [str(kind) for kind in shown.index], fontsize=10)
    axes.tick_params(length=0, labeltop=True, labelbottom=False, top=False)
    axes.spines[:].set_visible(False)
    axes.set_ylabel("what the data were built to be", labelpad=12)
    axes.set_title(_headline(table), fontsize=12, loc="left", pad=16)
    figure.text(
        0.01,
        -0.01,
        "Share of the data sets whose verdict names the code. Blue: right; orange: wrong; grey: named besides.\n"
        "Outlined: what the data were built to cause; of several, each is right.",
        fontsize=9,
        va="top",
    )
    figure.savefig(path, bbox_inches="tight")


def _cell(axes: Axes, i: int, j: int, share: float, colour: str) -> None:
    strength = 0.85 * share
    place, width, height = (j - 0.48, i - 0.46), 0.96, 0.92
    axes.add_patch(Rectangle(place, width, height, facecolor=colour, alpha=strength, linewidth=0))
    if colour == RIGHT:
        axes.add_patch(Rectangle(place, width, height, fill=False, edgecolor=RIGHT, linewidth=1.2))
    text = f"{share:.0%}" if share else ""
    axes.text(j, i, text, ha="center", va="center", fontsize=9, color="white" if strength > 0.5 else "black")


def _headline(table: pd.DataFrame) -> str:
    parts = []
    if HEALTHY in table.index:
        row = table.loc[HEALTHY]
        parts.append(f"{row['right']:.0f} of {row['n']:.0f} healthy data sets agree")
    if "all that are sick" in table.index:
        row = table.loc["all that are sick"]
        parts.append(f"{row['right']:.0f} of {row['n']:.0f} sick ones are named rightly")
    return "; ".join(parts)
