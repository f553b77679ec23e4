"""A data frame is taken as a file is: what is left out is said, and what cannot be used is named."""

import numpy as np
import pandas as pd
import pytest

from models import Data


def test_columns_of_text_and_a_row_index_are_left_out_and_named():
    frame = pd.DataFrame(
        {
            "id": [1, 2, 3],
            "site": ["a", "b", None],
            "x": [0.5, 1.5, 2.5],
            "n": pd.array([1, 2, 3], "Int64"),
            "day": pd.to_datetime(["2020-01-01"] * 3),
            "kind": pd.Categorical(["u", "v", "u"]),
            "kept": [True, False, True],
        }
    )
    with pytest.warns(UserWarning, match="left out") as said:
        data = Data.of(frame)
    assert data.columns == ("x", "n")
    assert data.values.tolist() == [[0.5, 1], [1.5, 2], [2.5, 3]]
    assert [str(each.message) for each in said] == [f"x: {note}" for note in data.notes]
    assert data.notes == (
        "columns 'site', 'day', 'kind', 'kept' hold text and are left out.",
        "column 'id' holds a row index and is left out.",
    )


@pytest.mark.parametrize("unit", ["ns", "us", "s"])
@pytest.mark.parametrize("kind", ["datetime64", "timedelta64"])
def test_times_are_no_numbers_in_whatever_unit(kind, unit):
    times = np.array([1, 2, 3], f"{kind}[{unit}]")
    for cells in (times, pd.Series(list(times), dtype=object)):
        with pytest.warns(UserWarning, match="column 'time' holds text and is left out"):
            data = Data.of(pd.DataFrame({"x": [0.5, 1.5, 4.5], "time": cells}))
        assert data.columns == ("x",)


def test_a_frame_of_numbers_is_taken_without_a_word():
    data = Data.of(pd.DataFrame({"a": [1, 2], "b": np.array([0.5, 1], np.float32)}))
    assert (data.columns, data.notes, data.values.tolist()) == (("a", "b"), (), [[1, 0.5], [2, 1]])
    assert Data.of(pd.DataFrame({"a": [1, 2]}), columns=("deaths",)).columns == ("deaths",)


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (pd.DataFrame({"a": ["1,5", "2"]}), "column 'a' holds '1,5' in row 1"),
        (pd.DataFrame({"a": [1, "x"]}), "column 'a' holds 'x' in row 2"),
        (pd.DataFrame({"a": ["u", "v"]}), "column 'a' holds 'u' in row 1"),
        (pd.DataFrame({"a": [1, None], "b": [1, 2]}), "column 'a' holds nan in row 2"),
        (pd.DataFrame({"a": pd.array([1, None], "Int64"), "b": [1, 2]}), "column 'a' holds nan in row 2"),
        (pd.DataFrame({"a": [10**400, 1], "b": [1, 2]}, dtype=object), "column 'a' holds inf in row 1"),
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), "two columns are called 'a'"),
        (pd.DataFrame(), "x is empty"),
    ],
)
def test_what_cannot_be_used_is_named(frame, message):
    with pytest.raises(ValueError, match=message):
        Data.of(frame)
