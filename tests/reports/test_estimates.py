"""Files with somebody else's estimate: every format gives the same mixture, and what is wrong is one sentence."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from reports import read_estimate
from tests.shared_cases import shared_case

JSON = '{"weights": [0.4, 0.6], "means": [[0, 1], [3, 4]], "covariances": [[[2, 0.5], [0.5, 1]], [[1, 0.1], [0.1, 3]]]}'
TOML = """
weights = [0.4, 0.6]
means = [[0, 1], [3, 4]]
covariances = [[[2, 0.5], [0.5, 1]], [[1, 0.1], [0.1, 3]]]
"""
CSV = """
component,weight,mean_1,mean_2,cov_1_1,cov_1_2,cov_2_2
one,0.4,0,1,2,0.5,1
two,0.6,3,4,1,0.1,3
"""
RECORDS = """
[[components]]
weight = 0.4
mean = [0, 1]
covariance = [[2, 0.5], [0.5, 1]]

[[components]]
weight = 0.6
mean = [3, 4]
covariance = [[1, 0.1], [0.1, 3]]
"""
FILES = {
    "a.json": JSON,
    "mark.json": "\ufeff" + JSON,
    "a.txt": "\n " + JSON,
    "a.toml": TOML,
    "records.toml": RECORDS,
    "a.csv": CSV.strip(),
    "excel.csv": "sep=;\n" + CSV.strip().replace(",", ";").replace(".", ","),
    "index.csv": CSV.strip().replace("component,", ",").replace("one,", "1,").replace("two,", "2,"),
    "a.tsv": CSV.strip().replace(",", "\t"),
}


@pytest.mark.parametrize("name", FILES)
def test_every_format_gives_the_same_mixture(name, tmp_path):
    path = tmp_path / name
    path.write_text(FILES[name], encoding="utf-8")
    expect(read_estimate(path).mixture.arrays())


def expect(arrays: dict[str, np.ndarray]) -> None:
    for key, value in json.loads(JSON).items():
        np.testing.assert_array_equal(arrays[key], value)


def test_an_archive_of_numpy(tmp_path):
    arrays: dict[str, Any] = {name: np.array(value) for name, value in json.loads(JSON).items()}
    np.savez(tmp_path / "a.npz", **arrays)
    expect(read_estimate(tmp_path / "a.npz").mixture.arrays())


WRONG = {
    "not-there.json": (None, "the file does not exist"),
    "a.pkl": ("", "a pickle can run programs.* as JSON"),
    "a.rds": ("", "only R reads this"),
    "cut.json": (JSON[:-5], "this is no JSON"),
    "deep.json": ("[" * 100_000, "nested too deeply|no JSON"),
    "twice.json": ('{"weights": [1], "weights": [1]}', "'weights' stands there twice"),
    "infinite.json": ('{"weights": [1], "rates": [Infinity]}', "Infinity is not a finite number"),
    "a.toml": ("weights = ", "this is no TOML"),
    "a.npz": ("PK", "this is no archive"),
    "empty.csv": ("", "the file is empty"),
    "header.csv": ("weight,mean,sd\n", "no rows|no names"),
    "nameless.csv": ("0.4,1.5,2.5\n0.6,3.5,4.5\n", "no names"),
    "text.csv": ("weight,mean,sd\n0.4,1,2\n0.6,x,3\n0.5,1,1\n", "'mean'"),
    "number.json": ("3", "is of type int"),
    "sentence.csv": ("weight,mean,sd\n0.4,1,2\n0.6,2,-3\n", "sd must be positive, got -3 in component 2"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_with_a_file_is_one_sentence(name, tmp_path):
    content, sentence = WRONG[name]
    path = tmp_path / name
    if content is not None:
        path.write_text(content)
    with pytest.raises(ValueError, match=sentence) as error:
        read_estimate(path)
    assert str(error.value).startswith(str(path))
    assert "\n" not in str(error.value)


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(ValueError, match="this is a folder"):
        read_estimate(tmp_path)


@pytest.mark.parametrize("name", ["flexmix_deaths", "mclust_faithful_vvv2", "mclust_galaxies_v3"])
def test_exports_of_r(name):
    given = read_estimate(shared_case(f"estimates/{name}.json"))
    assert given.notes == ()
    assert given.log_likelihood == json.loads(Path(shared_case(f"estimates/{name}.json")).read_text())["loglik"]
