"""Numbers show the digits that their standard deviation justifies."""

import numpy as np
import pandas as pd
import pytest

from models import in_digits, number, plain

ROWS = [
    (999_995.68, 71.0, "999996"),
    (1_010_003.2, 71.0, "1010003"),
    (-12.3456, 0.123, "-12.35"),
    (0.0195341, 0.0049, "0.0195"),
    (1.23456789e-9, 1.3e-12, "1.2346e-09"),
    (2440000.5, 1e-3, "2440000.5000"),
    (np.nan, 1.0, "–"),
    (1_000_012.3, np.nan, "1000012"),
]


@pytest.mark.parametrize(("value", "sd", "written"), ROWS)
def test_a_number_ends_at_the_second_digit_of_its_sd(value, sd, written):
    assert number(value, sd) == written


def test_a_difference_larger_than_its_error_is_read_out():
    for scale in 10.0 ** np.arange(-12, 13, 3):
        one, other, sd = 1.0 * scale, 1.01 * scale, 1e-4 * scale
        assert float(number(one, sd)) < float(number(other, sd))


def test_plain_numbers_keep_all_digits_before_the_point():
    assert [plain(value, 3) for value in (1_000_012.3, 5.0, 1.23456e-7, np.inf)] == ["1000012", "5", "1.23e-07", "–"]


def test_a_table_has_units_of_its_own_in_some_columns():
    table = pd.DataFrame({"mean": [1e6], "sd": [123.0], "r_hat": [1.00123], "scale": ["log"]})
    assert list(in_digits(table, table["sd"], {"r_hat": 3}).iloc[0]) == ["1000000", "123", "1.001", "log"]
