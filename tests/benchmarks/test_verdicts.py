"""The benchmark of the verdict counts rightly, its recipes are what they say, its textbook data those of the textbooks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from em import Status, fit
from models import Data
from reports.judging.codes import CODES
from tests.known import known

from .verdicts import healthy, misfit, sick, stability, textbook
from .verdicts.recipe import HEALTHY, Recipe
from .verdicts.run import Outcome, add, judge, judge_all, read
from .verdicts.table import confusion, draw, line

RECIPES = (*textbook.RECIPES, *healthy.RECIPES, *misfit.RECIPES, *sick.RECIPES)


def test_there_are_enough_of_each_kind() -> None:
    sizes = {kind: sum(r.replicates for r in RECIPES if r.kind == kind) for kind in {r.kind for r in RECIPES}}
    assert sizes.pop(HEALTHY) >= 100
    assert sizes.pop(textbook.KIND) == 6
    misfits = [sizes.pop(kind) for kind in {recipe.kind for recipe in misfit.RECIPES}]
    assert min(misfits) >= 10
    assert min(sizes.values()) >= 25
    assert {code for recipe in (*sick.RECIPES, *healthy.RECIPES) for code in recipe.right} == {*CODES, "imprecise"}
    assert len({recipe.name for recipe in RECIPES}) == len(RECIPES)


@pytest.mark.parametrize("recipe", [r for r in RECIPES if r.make is not sick.chains_in_two_modes], ids=lambda r: r.name)
def test_one_seed_makes_one_data_set_that_its_model_fits(recipe: Recipe) -> None:
    first, second = (recipe.make(np.random.default_rng(5)) for _ in range(2))
    assert first.data.values.tobytes() == second.data.values.tobytes()
    model = first.model
    assert type(model).of(first.data, model.family, model.components, model.covariance, model.mixing) == model


@pytest.mark.parametrize(
    ("recipe", "components", "published", "decimals"),
    [
        # Zucchini and MacDonald (2009), independent mixtures fitted to the earthquakes.
        (textbook.earthquakes, 1, -391.9189, 4),
        (textbook.earthquakes, 2, -360.3690, 4),
        (textbook.earthquakes, 3, -356.8489, 4),
        (textbook.earthquakes, 4, -356.7337, 4),
        # Hasselblad (1969): -1989.946.
        (textbook.deaths, 2, -1989.946, 3),
        # mclust (Scrucca and others 2016): -180.1858, by its own stopping rule.
        (textbook.iris, 3, -180.1858, 3),
    ],
)
def test_textbook_data_have_the_published_maxima(recipe, components, published, decimals) -> None:
    case = recipe(np.random.default_rng(0))
    found = fit(case.data, case.model.family, components, starts=10)
    assert found.status is Status.CONVERGED
    assert found.log_likelihood == pytest.approx(published, abs=0.6 * 10.0**-decimals)


def outcome(kind: str, seed: int, codes: str, right: bool) -> Outcome:
    return Outcome("recipe", kind, seed, "differ", codes, right, 1.5)


def test_the_table_counts_and_its_intervals_are_those_of_wilson(tmp_path: Path) -> None:
    kind = sick.RECIPES[0].kind
    judged = [outcome(HEALTHY, seed, "agree", True) for seed in range(19)]
    judged += [outcome(HEALTHY, 19, "local-optimum degenerate", False), outcome(kind, 0, "em-not-converged", True)]
    table = confusion(judged, RECIPES)
    row = known(table.loc[HEALTHY], pd.Series)
    assert (row["n"], row["right"], row["agree"], row["degenerate"]) == (20, 19, 0.95, 0.05)
    # Wilson (1927): (p + z²/2n ± z √(p(1−p)/n + z²/4n²)) / (1 + z²/n).
    p, n, z = 0.95, 20, 1.959964
    ends = (p + z**2 / (2 * n) + np.array([-1, 1]) * z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))) / (1 + z**2 / n)
    np.testing.assert_allclose([row["lower"], row["upper"]], ends.astype(float), rtol=1e-6)
    assert list(table.index) == [HEALTHY, kind, "all that are sick"]
    assert line(HEALTHY, row).split() == [
        "healthy",
        "19",
        "of",
        "20",
        "95.0%",
        "(76.4%",
        "to",
        "99.1%)",
        "bar",
        "95%",
        "met",
    ]
    draw(table, RECIPES, tmp_path / "confusion.svg")
    # Matplotlib writes a comment beside each text that it draws as paths.
    assert "19 of 20 healthy data sets agree; 1 of 1 sick ones" in (tmp_path / "confusion.svg").read_text()


def test_outcomes_are_read_as_they_were_written(tmp_path: Path) -> None:
    written = [outcome(HEALTHY, 3, "agree", True), outcome("overlap, with a comma", 4, "agree degenerate", False)]
    for one in written:
        add(one, tmp_path / "verdicts.csv")
    assert read(tmp_path / "verdicts.csv") == written


def test_what_was_judged_is_not_judged_again(tmp_path: Path) -> None:
    recipe = sick.RECIPES[0]
    known = Outcome(recipe.name, recipe.kind, 0, "differ", "agree", False, 1.0)
    add(known, tmp_path / "verdicts.csv")
    judge_all(recipe, range(1), tmp_path / "verdicts.csv")
    assert read(tmp_path / "verdicts.csv") == [known]


@pytest.mark.parametrize("name", ["stopped early", "rare events", "Poisson, 2 components"])
def test_a_small_part_of_the_benchmark(name: str) -> None:
    """One model, compiled once, for one data set of each."""
    (recipe,) = (recipe for recipe in RECIPES if recipe.name == name)
    assert judge(recipe, 7).right


def test_seeds_that_contradict_one_another_are_counted(tmp_path: Path) -> None:
    path, fits = tmp_path / "stability.csv", "fits,precise"
    path.write_text(f"plane; 2 full,0,agree,{fits}\nplane; 2 full,1,agree,{fits}\nplane; 2 full,2,undecided,{fits}\n")
    assert stability.read(path)["plane, 2 full"][2] == ("undecided", "fits", "precise")
    assert (
        list(stability.said_of(stability.read(path), 3))[-1] == "66.7% of 3 alike; agree against differ in 0 data sets"
    )
    path.write_text(f"a,0,agree,{fits}\na,1,differ,{fits}\nb,0,agree,{fits}\nb,1,agree,{fits}\n")
    *lines, last = stability.said_of(stability.read(path), 2)
    assert lines[0].split()[1:4] == ["1", "of", "2"]
    assert last == "75.0% of 4 alike; agree against differ in 1 data sets"
    assert len(stability.CHOSEN) == 30


def test_near_tied_hills_have_the_masses_that_were_enumerated() -> None:
    case = sick.near_tied_hills(np.random.default_rng(3))
    below, above = sick.exact_shares(case.data)
    assert below + above == pytest.approx(1)
    assert min(below, above) > 0.1
    # One group by itself has no second hill.
    assert sick.exact_shares(Data.of(np.random.default_rng(1).poisson(np.repeat([3.0, 40.0], 30)).astype(float))) == (
        0.0,
        1.0,
    )
