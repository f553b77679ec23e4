"""Known labels at the command line and in a report: read, refused, named, and certain where they are known."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from models import Data, Model
from reports import read, read_data, validate
from reports.comparing.memberships import Memberships
from reports.judging.comparison import Comparison
from reports.presenting.document import document
from reports.presenting.inputs import data_document
from reports.presenting.membership_rows import write_memberships
from reports.presenting.page import render
from tests.doubles import invented, typed

RNG = np.random.default_rng(8)
LABELS = RNG.integers(0, 2, 60)
COUNTS = RNG.poisson(np.array([9.0, 2.0])[LABELS])
KINDS = np.array(["busy & <b>", "calm"], dtype=object)[LABELS]
SEEN = np.where(RNG.random(60) < 0.4, KINDS, "")


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("known") / "calls.csv"
    with path.open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["kind", "calls"])
        writer.writerows(zip(SEEN, COUNTS, strict=True))
    return path


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    data = Data.of(COUNTS, known=SEEN, known_column="kind", name="calls")
    return invented(data, Model("poisson", 2))


def test_a_column_of_labels_is_read_beside_the_features(file: Path) -> None:
    data = read_data(file, known_column="kind")
    assert data.columns == ("calls",)
    assert data.labels == ("busy & <b>", "calm")
    assert data.known_column == "kind"
    assert data.known is not None
    np.testing.assert_array_equal(data.known, np.where(SEEN == "", -1, LABELS))


def test_a_row_without_a_label_is_no_row_with_a_missing_cell(file: Path) -> None:
    assert read_data(file, known_column="kind", missing="drop").rows == 60


def test_a_column_without_labels_changes_no_byte(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("calls,kind\n" + "".join(f"{count},\n" for count in COUNTS))
    model = ("--family", "poisson", "--components", "2", "--starts", "5", "--json")
    plain = typed("fit", str(path), "--columns", "calls", *model, folder=tmp_path)
    unknown = typed("fit", str(path), "--columns", "calls", "--known", "kind", *model, folder=tmp_path)
    assert unknown.exit_code == 0
    assert unknown.stdout == plain.stdout


def test_fit_says_which_component_has_which_label(file: Path) -> None:
    model = ("--family", "poisson", "--components", "2", "--starts", "5", "--known", "kind")
    shown = typed("fit", str(file), *model, folder=file.parent)
    assert shown.exit_code == 0, shown.output
    assert f"The labels of {(SEEN != '').sum()} of 60 observations are known (column 'kind'):" in shown.stdout
    known = json.loads(typed("fit", str(file), *model, "--json", folder=file.parent).stdout)["data"]["known"]
    assert known["column"] == "kind"
    assert [each["label"] for each in known["labels"]] == ["busy & <b>", "calm"]
    assert sum(each["n"] for each in known["labels"]) == (SEEN != "").sum()


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (("fit", "calls.csv", "--components", "1"), "holds 2 labels"),
        (("choose", "calls.csv", "--components", "1:3"), "holds 2 labels"),
        (
            ("fit", "calls.csv", "--components", "2", "--chunked"),
            "known labels do not apply to data that are read part",
        ),
        (("fit", "calls.csv", "--components", "2", "--column", "kind"), "cannot be both"),
        (("fit", "calls.csv", "--components", "2", "--counts-column", "kind"), "cannot be both"),
    ],
)
def test_what_cannot_take_known_labels_says_so(file: Path, said: tuple[str, ...], sentence: str) -> None:
    found = typed(*said, "--family", "poisson", "--known", "kind", folder=file.parent)
    assert found.exit_code == 2
    assert sentence in found.stderr
    assert "Traceback" not in found.output


def test_a_scenario_has_no_column_of_labels(tmp_path: Path) -> None:
    found = typed("fit", "poisson-three", "--known", "kind", folder=tmp_path)
    assert found.exit_code == 2
    assert "--known names a column of a file" in found.stderr


def test_judgements_refuse_known_labels() -> None:
    data = Data.of(COUNTS, known=SEEN)
    with pytest.raises(ValueError, match="known does not apply to the judgement of an estimate"):
        validate(data, {"weights": [0.5, 0.5], "rates": [2.0, 9.0]})


def test_rows_of_known_label_have_it_with_certainty(comparison: Comparison, tmp_path: Path) -> None:
    found = Memberships.of(comparison.em.mixture, comparison.posterior.mixture, comparison.data)
    seen = SEEN != ""
    np.testing.assert_array_equal(found.em[seen], LABELS[seen])
    np.testing.assert_array_equal(found.em_probability[seen], 1)
    np.testing.assert_array_equal(found.posterior_probability[seen], 1)
    assert not found.in_doubt[seen].any()
    assert (found.em_probability[~seen] < 1).any()
    write_memberships(found, tmp_path)
    with (tmp_path / "memberships.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    assert [row["label_em"] for row, known in zip(rows, seen, strict=True) if known] == list(KINDS[seen])
    assert {row["label_posterior"] for row in rows} == {"busy & <b>", "calm"}


def test_the_page_names_the_labels_and_nothing_in_them_is_markup(comparison: Comparison) -> None:
    page = render(comparison)
    assert "component 1 is &#39;busy &amp; &lt;b&gt;&#39;" in page
    assert "busy & <b>" not in page
    assert "from which is known of some" in page
    assert "component 2 (calm)" in page
    assert "λ₂ (calm)" in page


def test_the_document_says_what_is_known(comparison: Comparison) -> None:
    known = document(comparison)["data"]["known"]
    assert [each["component"] for each in known["labels"]] == [1, 2]
    assert "known" not in data_document(comparison.data.unlabelled)


@pytest.mark.slow
def test_compare_reproduce_and_predict_of_known_labels(file: Path) -> None:
    folder = file.parent
    model = ("--family", "poisson", "--components", "3", "--known", "kind", "--starts", "10")
    amount = ("--draws", "200", "--tune", "300", "--chains", "2", "--max-draws", "200", "--out", "report")
    made = typed("compare", str(file), *model, *amount, folder=folder)
    assert made.exit_code == 0, made.output
    report = read(folder / "report")
    assert report.labels == ("busy & <b>", "calm")
    assert report.document["data"]["source"]["known_column"] == "kind"
    again = typed("reproduce", "report", folder=folder)
    assert again.exit_code == 0, again.output
    (folder / "new.csv").write_text("calls\n0\n30\n9\n")
    said = typed("predict", "report", "new.csv", folder=folder)
    assert said.exit_code == 0, said.output
    rows = list(csv.DictReader(said.stdout.splitlines()))
    assert rows[0]["label_em"] in ("calm", "")
    assert all(row["label_em"] == ("busy & <b>", "calm", "")[int(row["component_em"]) - 1] for row in rows)
