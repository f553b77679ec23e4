"""Rounded, binned and repeated values: named where they matter, and never where they do not."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_iris

from em import Fit, Kind, audit, fit, rounding
from em.rounding import common_step
from models import Data, scenario
from tests.known import known
from tests.shared_cases import shared_case

RNG_SEED = 11


def two_groups(step: float, size: int = 400, apart: float = 8.0) -> np.ndarray:
    """Two normals of standard deviation one, recorded in steps."""
    rng = np.random.default_rng(RNG_SEED)
    x = rng.normal(np.repeat([0.0, apart], size // 2), 1)
    return np.asarray(np.rint(x / step) * step) if step else x


def kinds(fitted: Fit) -> list[Kind]:
    return [found.kind for found in rounding(fitted)]


def test_variances_of_coarse_data_are_corrected_to_those_that_were_rounded() -> None:
    """Steps of 1.5 standard deviations add 0.19 to each variance of one."""
    exact = fit(two_groups(0, 4000), "gaussian", 2, starts=5)
    (found,) = rounding(fit(two_groups(1.5, 4000), "gaussian", 2, starts=5))
    assert found.kind is Kind.WIDENED
    assert found.step == pytest.approx(1.5)
    truth = [exact.parameters["variances[1]"], exact.parameters["variances[2]"]]
    # The correction is right to 4 exp(−2π²/1.5²) < .001; the error of rounding differs from its mean, h²/12 of variance
    # in each of 2000 values, by .19·√(2/2000) and the cross term 2·√(.19/2000): three of these together.
    assert found.corrected == pytest.approx(truth, abs=0.08)
    assert np.subtract(found.variances, found.corrected) == pytest.approx(1.5**2 / 12)
    for variance, corrected in zip(found.variances, found.corrected, strict=True):
        assert f"{variance:.3f}" in found.sentence
        assert f"{corrected:.3f}" in found.sentence


@pytest.mark.parametrize("step", [0.0, 1e-6, 0.01, 0.1, 0.3])
@pytest.mark.parametrize("size", [60, 400, 20_000])
def test_no_alarm_where_the_step_is_small(step: float, size: int) -> None:
    """Steps below .35 standard deviations, such as minutes of Old Faithful's, are harmless however many values there are."""
    assert kinds(fit(two_groups(step, size), "gaussian", 2, starts=3)) == []


def test_a_step_of_half_a_deviation_is_harmless_in_few_values_and_not_in_many() -> None:
    """Half a deviation adds 2 % to a variance that is known to 14 % from a hundred values and to 1.4 % from ten thousand."""
    assert kinds(fit(two_groups(0.5, 200), "gaussian", 2, starts=3)) == []
    assert kinds(fit(two_groups(0.5, 20_000), "gaussian", 2, starts=3)) == [Kind.WIDENED]


def test_a_component_between_two_steps_has_no_bound() -> None:
    found = rounding(fit(two_groups(4.0), "gaussian", 2, starts=5))
    assert Kind.UNBOUNDED in [each.kind for each in found]
    assert "densities are unbounded" in found[0].sentence
    assert "steps of 4" in found[0].sentence


def test_counts_and_healthy_data_are_never_warned() -> None:
    poisson = scenario("poisson-three")
    assert kinds(fit(poisson.data, "poisson", 3, starts=3)) == []
    assert kinds(fit([0, 0, 0, 0, 0, 9, 9, 9, 9], "poisson", 2, starts=3)) == []
    gaussian = scenario("gaussian-two")
    assert kinds(fit(gaussian.data, "gaussian", 2, starts=3)) == []


@pytest.mark.parametrize("covariance", ["full", "diagonal", "spherical", "tied"])
def test_every_structure_and_column(covariance: str) -> None:
    """Only the second column is coarse; the names of its variances differ from structure to structure."""
    rng = np.random.default_rng(2)
    x = rng.normal(np.repeat([[0.0], [9.0]], 1000, axis=0), 1, (2000, 2))
    x[:, 1] = np.rint(x[:, 1] / 1.5) * 1.5
    data = Data.of(x, columns=("fine", "coarse"))
    (found,) = rounding(fit(data, "gaussian", 2, covariance=covariance, starts=3))
    assert (found.kind, found.column) == (Kind.WIDENED, "coarse")


@pytest.mark.parametrize(("scale", "shift"), [(1e-9, 0.0), (1e9, 0.0), (-3.0, 7.0), (1.0, 1e6), (2.54, 32.0)])
@pytest.mark.parametrize("step", [0.1, 1.5, 4.0])
def test_no_finding_knows_units(step: float, scale: float, shift: float) -> None:
    x = two_groups(step)
    here = rounding(fit(x, "gaussian", 2, starts=3))
    there = rounding(fit(scale * x + shift, "gaussian", 2, starts=3))
    assert [found.kind for found in here] == [found.kind for found in there]
    for one, other in zip(here, there, strict=True):
        assert other.step == pytest.approx(abs(scale) * known(one.step, float), rel=1e-6)
        # Labels turn round with the sign of the scale.
        assert sorted(other.corrected) == pytest.approx(sorted(scale**2 * np.array(one.corrected)), rel=1e-4)


def test_weights_and_rows_are_one() -> None:
    values, counts = np.unique(two_groups(1.5), return_counts=True)
    whole = rounding(fit(two_groups(1.5), "gaussian", 2, starts=3))
    counted = rounding(fit(values, "gaussian", 2, weights=counts, starts=3))
    assert [found.sentence for found in whole] == [found.sentence for found in counted]


def test_weights_of_values_that_differ_are_no_ties() -> None:
    """Observations that count five each, as in a survey: none stands out of its neighbours, and none lies on a grid."""
    x = two_groups(0, 30)
    assert kinds(fit(x, "gaussian", 1, weights=np.full(30, 5.0))) == []


def test_one_value_many_times() -> None:
    x = np.concatenate([two_groups(0, 200), np.zeros(60)])
    (found,) = rounding(fit(x, "gaussian", 1))
    assert (found.kind, found.step) == (Kind.REPEATED, None)
    assert "0 occurs 60 times in 'x', 23% of the data" in found.sentence
    # Drawn anew with replacement, many values repeat and none stands out.
    again = np.random.default_rng(1).choice(two_groups(0, 200), 200)
    assert kinds(fit(again, "gaussian", 2, starts=3)) == []


def test_the_step_is_the_greatest_common_one() -> None:
    assert common_step(np.array([2.0, 3.0, 5.0])) == pytest.approx(1.0)
    assert common_step(np.array([0.016, 0.017, 0.034, 0.05])) == pytest.approx(0.001)
    assert common_step(np.random.default_rng(0).exponential(size=100)) is None
    assert common_step(np.array([])) is None
    # 0.1 + 0.2 and 0.3 are one value.
    x = np.concatenate([np.full(9, 0.3), [0.1 + 0.2], np.arange(10) / 10])
    assert common_step(np.diff(np.unique(x.round(9)))) == pytest.approx(0.1)
    assert rounding(fit(x, "gaussian", 1)) == rounding(fit(x.round(9), "gaussian", 1))


@pytest.mark.parametrize("components", [1, 2, 3])
def test_old_faithful_and_galaxies_are_harmless(components: int) -> None:
    """Minutes about a standard deviation of six, seconds as minutes with three decimals, and four digits of a velocity."""
    faithful, galaxies = scenario("old-faithful").data.values, scenario("galaxies").data.values
    for data in (faithful, *faithful.T, galaxies):
        assert kinds(fit(data, "gaussian", components, starts=10)) == []


def test_a_column_of_iris_is_named_for_what_it_is() -> None:
    """Petal widths of setosa are a tenth of a centimetre wide and recorded in tenths: a twelfth of their variance."""
    data = Data.of(load_iris().data, columns=("sepal length", "sepal width", "petal length", "petal width"))
    found = rounding(fit(data, "gaussian", 3, starts=10))
    assert {each.column for each in found} <= {"petal width"}
    assert all(each.kind is Kind.WIDENED for each in found)


def test_the_audit_says_it_and_it_goes_into_json() -> None:
    found = audit(fit(two_groups(1.5, 4000), "gaussian", 2, starts=5))
    assert found.rounding[0].sentence in found.summary()
    back = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert back["rounding"][0]["kind"] == "rounded-widened"
    assert back["rounding"][0]["step"] == pytest.approx(1.5)
    assert back["degeneracy"]["findings"] == []  # an audit's finding, and no degenerate solution


@pytest.mark.parametrize(("covariance", "mixing"), [("tied", "free"), ("full", "equal")])
def test_binned_values(covariance: str, mixing: str) -> None:
    """Two normals of variance one at 0 and 4 in bins of two: about 1.300 is found, and about 0.967 is right."""
    table = pd.read_csv(shared_case("binned.csv"))
    fitted = fit(table["mid"], "gaussian", 2, weights=table["n"], covariance=covariance, mixing=mixing, starts=10)
    (found,) = rounding(fitted)
    assert found.kind is Kind.WIDENED
    assert found.step == pytest.approx(2.0)
    # Sheppard's 1/3 leaves a few hundredths where a bin is two deviations wide.
    assert found.corrected == pytest.approx([0.967] * 2, abs=0.04)
    assert "0.333" in found.sentence


def test_binned_values_with_widths_of_their_own() -> None:
    """The maximum is one narrow component and one wide: the narrow one fits between two bins."""
    table = pd.read_csv(shared_case("binned.csv"))
    found = rounding(fit(table["mid"], "gaussian", 2, weights=table["n"], starts=10))
    assert [each.kind for each in found] == [Kind.UNBOUNDED, Kind.WIDENED]


def test_heavy_rounding() -> None:
    x = pd.read_csv(shared_case("heavyround.csv"))["x"]
    assert kinds(fit(x, "gaussian", 1)) == [Kind.WIDENED]
    for components in (2, 3, 4):
        assert Kind.UNBOUNDED in kinds(fit(x, "gaussian", components, starts=10))


@pytest.mark.parametrize("components", [1, 2, 3])
def test_half_of_the_values_are_one(components: int) -> None:
    x = pd.read_csv(shared_case("dupes.csv"))["x"]
    (found,) = rounding(fit(x, "gaussian", components, starts=10))
    assert found.kind is Kind.REPEATED
    assert "0 occurs 120 times in 'x', 48% of the data" in found.sentence
