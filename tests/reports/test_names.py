import numpy as np
import pytest

from models import Data, Model
from reports.judging.comparison import Comparison
from reports.presenting.names import number, parameter_names, power_of_ten, shortened, significant
from tests.doubles import HOSTILE_NAMES, invented


def test_parameters_have_the_symbols_that_readers_expect(
    poisson_comparison: Comparison, plane_comparison: Comparison
) -> None:
    assert list(parameter_names(poisson_comparison).values()) == ["π₁", "π₂", "π₃", "λ₁", "λ₂", "λ₃"]
    names = parameter_names(plane_comparison)
    assert names["means[2,east]"] == "μ₂ (east)"
    assert names["covariances[1,east,north]"] == "Σ₁ (east, north)"


@pytest.mark.parametrize(
    ("covariance", "last"),
    [("diagonal", "σ²₂ (x, y)"), ("spherical", "σ²₂"), ("tied", "Σ (x, y)")],
)
def test_every_structure_is_named_although_a_column_holds_a_comma(covariance: str, last: str) -> None:
    x = np.random.default_rng(0).normal(size=(40, 2)) + np.repeat([[0.0], [9.0]], 20, axis=0)
    data = Data.of(x, columns=("a", "x, y"))
    comparison = invented(data, Model.of(data, "gaussian", 2, covariance))
    names = parameter_names(comparison)
    assert len(names) == len(comparison.parameters)
    assert list(names.values())[-1].replace("(a, x, y)", "(x, y)").replace("(x, y, x, y)", "(x, y)") == last


def test_columns_may_have_any_name(hostile_comparison: Comparison) -> None:
    names = parameter_names(hostile_comparison)
    assert len(names) == len(hostile_comparison.parameters)
    assert names[f"means[1,{HOSTILE_NAMES[0]}]"] == "μ₁ (<script>alert(1)</scrip…)"


def test_a_single_variance_has_no_index() -> None:
    data = Data.of(np.random.default_rng(0).normal(size=40) + np.repeat([0.0, 9.0], 20))
    comparison = invented(data, Model.of(data, "gaussian", 2, "tied", "equal"))
    assert list(parameter_names(comparison).values()) == ["μ₁", "μ₂", "σ²"]


def test_short_names_print() -> None:
    assert shortened("a\nb\u202ec\ud800") == "a�b�c�"
    assert shortened("x" * 30, 10) == "x" * 9 + "…"


@pytest.mark.parametrize(
    ("value", "sd", "written"),
    [
        (-12.3456, 0.123, "−12.35"),
        (-0.0004, 0.1, "0.00"),
        (99.884, 0.71, "99.88"),
        (12345.6, 321.0, "12346"),
        (1.5e12, 2e11, "1.5e+12"),
        (float("nan"), 1.0, "–"),
        (2.0, 0.0, "2"),
    ],
)
def test_numbers_have_two_digits_of_their_standard_deviation(value: float, sd: float, written: str) -> None:
    assert number(value, sd) == written


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0.0, "0"),
        (-2343.83129, "−2,344"),
        (1573.0, "1,573"),
        (0.00031234, "0.0003123"),
        (3.14e-10, "3.140·10⁻¹⁰"),
        (None, "–"),
    ],
)
def test_significant_digits(value: float | None, written: str) -> None:
    assert significant(value) == written


def test_powers_of_ten() -> None:
    assert power_of_ten(1e-9, 1) == "10⁻⁹"
    assert power_of_ten(-2.5e12) == "−2.5·10¹²"
