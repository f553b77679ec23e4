"""What rates are per, by the name of the column of exposures."""

from __future__ import annotations

import numpy as np
import pytest

from models import Data, Poisson
from models.units import per_unit, unit_of, units_in_words
from reports.presenting.figures import prior_predictive
from reports.presenting.names import rate_of, symbols_with_units
from tests.cases import exposed

WATCH = Data.of([3, 8, 0], exposure=[1, 4, 0.5], exposure_column="hours", columns=("events",))
PLAIN = Data.of([3, 8, 0], columns=("events",))


@pytest.mark.parametrize(
    ("column", "unit"),
    [
        ("hours", "hour"),
        ("Hours", "Hour"),
        ("hour", "hour"),
        ("person_years", "person year"),
        ("trap nights", "trap night"),
        ("km2", "km2"),
        ("h", "h"),
        ("exposure", "unit of exposure"),
        ("effort", "unit of effort"),
        # Only the last word is a unit, and only the words that are known.
        ("hours of sun", "unit of hours of sun"),
        ("gas", "unit of gas"),
        ("x\nhours", "x\nhour"),
    ],
)
def test_a_unit_is_read_from_the_name(column: str, unit: str) -> None:
    assert unit_of(column) == unit


def test_tables_say_it_where_there_are_exposures_alone() -> None:
    assert (per_unit(WATCH), per_unit(PLAIN)) == ("per hour", "")
    assert list(units_in_words(WATCH)) == ["Rates are per hour."]
    assert not list(units_in_words(PLAIN))


def test_axes_and_symbols_say_it() -> None:
    assert (rate_of(WATCH, 0), rate_of(PLAIN, 0)) == ("events per hour", "events")
    case = exposed()
    names = symbols_with_units(case.model, case.mixture, case.data)
    assert names["rates[2]"] == "λ₂ per unit of exposure"
    assert names["weights[2]"] == "π₂"


def test_the_priors_figure_is_that_of_rates() -> None:
    case = exposed()
    prior = case.model.prior(case.data)
    assert "With exposures that mean is a rate" in prior.statement_about(case.data)
    drawn = prior.sample(np.random.default_rng(0), (50,))
    assert isinstance(drawn.components, Poisson)
    (axes,) = prior_predictive(case.data, drawn, [0]).axes
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("x per unit of exposure", "density among exposure")
