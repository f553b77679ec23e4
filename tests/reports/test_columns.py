"""Counts in many columns on the page: what tells components apart, tables that fold, and the checks of the fit by blocks."""

from __future__ import annotations

import re

import numpy as np
import pytest
from scipy import special, stats

from em import fit
from em.degeneracy import degeneracy
from models import Data, Mixture, Model, PoissonProduct
from models.factorials import LARGEST_TABULATED, log_factorials
from reports.checking.levels import gap_of_levels
from reports.judging.comparison import Comparison
from reports.presenting import figures
from reports.presenting.page import render
from tests.doubles import invented

APART = (13, 4, 9)


def made(n: int, d: int, exposed: bool = False) -> tuple[Data, Mixture]:
    """Counts of which three columns alone tell two components apart, each less than the one before it."""
    rates = np.tile(np.linspace(1.0, 3.0, d), (2, 1))
    for column, factor in zip(APART, (8.0, 5.0, 3.0), strict=True):
        rates[1, column] *= factor
    mixture, rng = Mixture(np.array([0.4, 0.6]), PoissonProduct(rates)), np.random.default_rng(2)
    exposure = rng.gamma(4.0, 50.0, n) if exposed else None
    return Data.of(mixture.sample(n, rng, exposure)[0], exposure=exposure, exposure_column="hours"), mixture


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    data, _ = made(150, 20)
    return invented(data, Model.of(data, "poisson", 2))


def test_columns_come_in_the_order_in_which_they_tell_components_apart(comparison: Comparison) -> None:
    assert [each.feature for each in comparison.apart[:3]] == [13, 4, 9]
    assert figures.shown_features(comparison)[:3] == [13, 4, 9]
    assert len(figures.shown_features(comparison)) == figures.MOST_FEATURES
    data = Data.of(np.random.default_rng(0).normal(size=(40, 2)))
    assert invented(data, Model.of(data, "gaussian", 1)).apart == []


def test_long_tables_fold_and_the_rates_do_not(comparison: Comparison) -> None:
    page = render(comparison)
    summaries = re.findall(r'<details class="folded"><summary>([^<]+)</summary>', page)
    assert summaries == [
        "All 42 parameters in a table",
        "The prior’s influence on each of 42 parameters",
        "The standard errors of all 42 parameters",
    ]
    assert page.index('id="columns"') < page.index('id="data"')
    first = page[page.index('id="columns"') : page.index("All rates")]
    assert re.search(r"x14.*x5.*x10", first, re.DOTALL)
    assert "The 6 of 20 columns that tell the components apart best are shown." in page


def test_few_observations_of_many_columns_hold_a_component_up(comparison: Comparison) -> None:
    """Each rate has a column of its own: 60 observations tell 20 of them as well as one."""
    assert comparison.audit.degeneracy.findings == ()
    assert comparison.audit.degeneracy.counts.min() < 2 * 40
    x = np.vstack([made(60, 5 + APART[0])[0].values, np.full(5 + APART[0], 60.0)])
    start = Mixture(np.array([0.98, 0.02]), PoissonProduct(np.vstack([x[:-1].mean(axis=0), x[-1]])))
    alone = fit(x, "poisson", 2, start=start)
    (count,) = [each for each in degeneracy(alone, alone.information).findings if each.code == "count"]
    assert count.sentence == "One component holds 1 observations, for a rate in each column."


@pytest.mark.parametrize("exposed", [False, True])
def test_levels_by_blocks_are_those_of_all_rows_at_once(exposed: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    data, mixture = made(200, 20, exposed)
    whole = gap_of_levels(data, mixture, 3000)
    monkeypatch.setattr("reports.checking.levels.MOST_NUMBERS", 20 * 700)
    assert gap_of_levels(data, mixture, 3000) == pytest.approx(whole, abs=1e-12)
    # Data of the model itself are as near it as Kolmogorov's distribution says, one of a thousand times farther; the
    # simulated levels, fifteen times as many, add little to that.
    assert np.sqrt(200) * whole < stats.kstwobign.isf(1e-3)


def test_logarithms_of_factorials_are_the_gamma_functions() -> None:
    rng = np.random.default_rng(0)
    for counts in (
        rng.poisson(3.0, (40, 50)).astype(float),
        np.array([0.0, 1.0, 2.0 * LARGEST_TABULATED]),
        np.array([]),
        np.array([[0.5, 3.0]] * 20),
        np.array([-1.5, 2.0]),
        np.array([np.nan, 2.0, 1.0, 1.0]),
    ):
        np.testing.assert_array_equal(log_factorials(counts), special.gammaln(counts + 1))


def test_a_column_in_which_a_component_has_no_event_leaves_the_others_to_be_compared() -> None:
    data, _ = made(150, 20)
    values = data.values.copy()
    # The components are far apart in x14, so that its small counts are those of the first.
    values[values[:, 13] < 8, 0] = 0.0
    cleaned = Data.of(values)
    own = invented(cleaned, Model.of(cleaned, "poisson", 2))
    assert own.mle.mixture.arrays()["rates"][0, 0] == 0
    assert {each.block: each.size for each in own.departures} == {"weights": 1, "rates[1]": 19, "rates[2]": 20}
