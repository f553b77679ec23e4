"""Weights that are fractions: EM takes them wherever it is asked, and a posterior refuses them before anything is fitted."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bayes import build_model, exact_posterior, sample
from em import audit, fit
from models import Data
from reports import choose, compare, read_data
from reports.reading.chunks import read_in_chunks
from reports.reading.sources import FileSource, source_document, source_of
from tests.doubles import typed

X = np.array([0.0, 1, 1, 2, 8, 9, 9, 12])
W = np.array([0.5, 1, 2.25, 0, 1.5, 1, 0.75, 2])
WEIGHTED = ("x.csv", "--family", "poisson", "--components", "2", "--column", "x", "--weights-column", "w")
WHY = "a fraction is no number of observations"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rows = "\n".join(f"{x:g},{w:g}" for x, w in zip(X, W, strict=True))
    (tmp_path / "x.csv").write_text(f"x,w\n{rows}\n", encoding="utf-8")
    (tmp_path / "mine.json").write_text('{"weights": [0.5, 0.5], "rates": [1, 9]}', encoding="utf-8")
    return tmp_path


def test_the_weighted_estimate_is_that_of_the_weights_in_any_number() -> None:
    found = fit(X, "poisson", 2, weights=W, starts=5)
    quadrupled = fit(np.repeat(X, (4 * W).astype(int)), "poisson", 2, starts=5)
    # The same maximum, whose log-likelihood is a sum of four times as much; EM stops within 1e-8 nats.
    assert 4 * found.log_likelihood == pytest.approx(quadrupled.log_likelihood, abs=1e-7)
    for name, value in found.parameters.items():
        assert value == pytest.approx(quadrupled.parameters[name], rel=1e-4)


def test_every_way_of_reading_gives_the_same_data(folder: Path) -> None:
    expected = Data.of(X, W)
    found = read_data(folder / "x.csv", ["x"], weights_column="w")
    assert found.sha256 == expected.sha256
    assert read_data(folder / "x.csv", weights_column="w").columns == ("x",)
    chunked = read_in_chunks(folder / "x.csv", ["x"], weights_column="w")
    assert chunked.size == expected.size
    source = FileSource("x.csv", None, {}, "w")
    assert source_of(source_document(source)) == source
    assert source_document(FileSource("x.csv")) == {"file": "x.csv", "counts_column": None}


def test_em_takes_the_column(folder: Path) -> None:
    told = typed("fit", *WEIGHTED, "--starts", "5", "--audit", folder=folder)
    assert told.exit_code == 0, told.output
    assert f"log-likelihood {fit(X, 'poisson', 2, weights=W, starts=5).log_likelihood:.6f}" in told.stdout
    assert "standard errors take them for so many observations, 9 in all" in told.stdout
    options = [*WEIGHTED[:1], *WEIGHTED[5:], "--estimate", "mine.json", "--no-posterior", "--starts", "5"]
    assert typed("validate", *options, folder=folder).exit_code == 0
    whole = audit(fit(X, "poisson", 2, starts=5)).summary()
    assert "fractions" not in whole


@pytest.mark.parametrize("command", ["compare", "sample", "choose", "study", "validate"])
def test_a_posterior_is_refused_in_one_sentence(folder: Path, command: str) -> None:
    options = list(WEIGHTED)
    if command == "choose":
        options[options.index("2")] = "1,2"
    if command == "validate":
        options = [*WEIGHTED[:1], *WEIGHTED[5:], "--estimate", "mine.json"]
    told = typed(command, *options, *(["--on-my-data"] if command == "study" else []), folder=folder)
    assert told.exit_code == 2
    assert WHY in told.stderr
    assert "0.5 (4 fractions in all)" in told.stderr
    assert not (folder / "out").exists()


def test_in_python_it_is_the_same_sentence() -> None:
    for refused in (compare, sample, build_model, exact_posterior):
        with pytest.raises(ValueError, match=WHY):
            refused(X, "poisson", 2, weights=W)
    with pytest.raises(ValueError, match=WHY):
        choose(X, "poisson", [1, 2], weights=W)


def test_bad_columns_are_named(folder: Path) -> None:
    both = typed("fit", *WEIGHTED, "--counts-column", "w", folder=folder)
    assert both.exit_code == 2
    assert "name one of them" in both.stderr
    (folder / "x.csv").write_text("x,w\n1,2\n3,-0.5\n", encoding="utf-8")
    assert "weights column 'w' holds '-0.5' in row 2 (line 3)" in typed("fit", *WEIGHTED, folder=folder).stderr
    (folder / "x.csv").write_text("x,w\n1,0.2\n3,0.5\n5,0.3\n", encoding="utf-8")
    assert "the weights add up to 1, which is less than --components 2" in typed("fit", *WEIGHTED, folder=folder).stderr
    scenario = typed("fit", "poisson-three", "--weights-column", "w", folder=folder)
    assert scenario.exit_code == 2
    assert "--weights-column choose from a file" in scenario.stderr
