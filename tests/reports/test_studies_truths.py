"""Studies of truths outside the model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from em import nearest
from models import Data, Mixture, Model
from models.truths import NegativeBinomial, StudentT, Truth
from reports.studies import Design, Store
from reports.studies.calibration.plan import calibration_of, posterior_calibration_of
from reports.studies.coverage.plan import design_of
from reports.studies.departing import Departing
from reports.studies.own_data import own_subject
from reports.studies.subject import subject
from tests.doubles import typed

COUNTS = 'family = "poisson"\nweights = [0.4, 0.6]\nrates = [3.0, 12.0]\n'
OVERDISPERSED = COUNTS + '[truth]\nkind = "negative-binomial"\nshape = 4\n'
THREE = 'family = "poisson"\nweights = [0.3, 0.4, 0.3]\nrates = [5.0, 30.0, 80.0]\n'


def written(folder: Path, text: str) -> str:
    file = folder / "own.toml"
    file.write_text(text, encoding="utf-8")
    return str(file)


def test_a_table_says_how_the_truth_departs(tmp_path: Path) -> None:
    about = subject(written(tmp_path, OVERDISPERSED))
    assert isinstance(about.truth, Truth)
    assert about.truth.departure == NegativeBinomial(4.0)
    assert about.model == Model("poisson", 2)
    design = design_of(about, (50,), {"replications": 1})
    expected = nearest(about.truth, about.model).mixture
    assert design.true_values == {
        "weights[1]": expected.weights[0],
        "weights[2]": expected.weights[1],
        "rates[1]": expected.components.location()[0],
        "rates[2]": expected.components.location()[1],
    }
    # Varying rates spread each group; what is nearest lies elsewhere than the rates they vary about.
    assert abs(design.true_values["rates[2]"] - 12) > 1
    # The data are the truth's, not those of what is nearest: mean 8.4, variance 8.4 + E[λ²]/4 + var λ.
    values = design.simulate(20_000, np.random.default_rng(1)).values
    assert values.var() == pytest.approx(8.4 + 90 / 4 + 0.24 * 81, rel=0.05)


def test_the_parameters_of_the_truth_may_stand_in_its_table(tmp_path: Path) -> None:
    inside = (
        'family = "poisson"\n[truth]\nkind = "negative-binomial"\nshape = 4\nweights = [0.4, 0.6]\nrates = [3, 12]\n'
    )
    documents = [subject(written(tmp_path, text)).truth.document() for text in (inside, OVERDISPERSED)]  # type: ignore[union-attr]
    assert documents[0] == documents[1]


def test_fewer_components_are_fitted_than_there_are(tmp_path: Path) -> None:
    about = subject(written(tmp_path, "components = 2\n" + THREE + "[truth]\n"))
    assert isinstance(about.truth, Truth)
    assert about.model.components == 2
    design = design_of(about, (50,), {})
    assert list(design.true_values) == ["weights[1]", "weights[2]", "rates[1]", "rates[2]"]
    again = subject("poisson-three", components=2)
    assert again.model.components == 2
    assert isinstance(again.truth, Truth)
    assert again.name == "poisson-three-mixture"


def test_the_option_takes_the_place_of_the_table(tmp_path: Path) -> None:
    asked = Departing.of_option("zero-inflated:zeros=0.2")
    about = subject(written(tmp_path, OVERDISPERSED), asked)
    assert isinstance(about.truth, Truth)
    assert about.truth.document()["kind"] == "zero-inflated"
    assert about.truth.document()["zeros"] == 0.2


def test_a_truth_that_does_not_depart_is_the_mixture(tmp_path: Path) -> None:
    plain = subject(written(tmp_path, COUNTS))
    said = subject(written(tmp_path, COUNTS + '[truth]\nkind = "mixture"\n'))
    assert isinstance(said.truth, Mixture)
    assert said.truth.weights.tolist() == plain.truth.weights.tolist()  # type: ignore[union-attr]
    assert design_of(plain, None, {}).nearest is None
    assert design_of(plain, None, {}).document() == design_of(said, None, {}).document()


def test_an_estimate_may_depart_too() -> None:
    data = Data.of(np.random.default_rng(3).normal(size=60), columns=("x",), name="numbers")
    about = own_subject(data, Model("gaussian", 1, covariance="full"), "Numbers", seed=0)
    departed = about.departing(Departing.of_option("student-t:degrees=3"))
    assert isinstance(departed.truth, Truth)
    assert departed.truth.departure == StudentT(3.0)
    assert departed.settings == {"sizes": (60,)}
    # Three degrees of freedom: three times the variance.
    nearby = design_of(departed, None, {}).true_values
    assert nearby["variances[1]"] == pytest.approx(3 * np.var(data.values), rel=1e-6)


def test_a_store_is_of_one_kind_of_truth(tmp_path: Path) -> None:
    def design(text: str) -> Design:
        return design_of(subject(written(tmp_path, text)), (50,), {"replications": 1})

    with Store.open(tmp_path / "study", design(OVERDISPERSED)):
        pass
    for other in (COUNTS, OVERDISPERSED.replace("shape = 4", "shape = 5"), COUNTS + '[truth]\nkind = "zero-inflated"\n'):
        with (
            pytest.raises(ValueError, match=r"another design \(truth .*there"),
            Store.open(tmp_path / "study", design(other)),
        ):
            pass


def test_a_calibration_wants_the_model(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"leave out --truth, \[truth\] and another number of components"):
        calibration_of(subject(written(tmp_path, OVERDISPERSED)), None, {})
    about = own_subject(Data.of([3.0, 5.0, 4.0, 9.0], columns=("x",)), Model("poisson", 1), "Four", seed=0)
    with pytest.raises(ValueError, match="leave out --truth"):
        posterior_calibration_of(about.departing(Departing("zero-inflated")), None, {})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (COUNTS + 'truth = "negative-binomial"\n', r"truth must be a table, as \[truth\] begins one"),
        (COUNTS + "[truth]\nkind = 3\n", "kind of the truth must be a word"),
        (COUNTS + '[truth]\nkind = "student-t"\n', "must be one of mixture, negative-binomial"),
        (COUNTS + '[truth]\nkind = "negative-binomial"\nshap = 3\n', "'shap' is no parameter of the truth"),
        (COUNTS + "[truth]\nrates = [1, 2]\n", "rates stands in the file twice"),
        ("components = 0\n" + COUNTS, "components must be a whole number from 1 on"),
        ("components = 1.5\n" + COUNTS, "components must be a whole number from 1 on"),
        (COUNTS + "kid = 3\n", "'kid' is no entry of a study: choose among .*truth"),
    ],
)
def test_what_the_file_cannot_say_is_named(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=message):
        subject(written(tmp_path, text))


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--truth", "negative-binomial:shape"), "--truth must be a kind and its numbers"),
        (("--truth", "student-t"), "must be one of mixture, negative-binomial"),
        (("--truth", "zero-inflated:zeros=2"), "zeros must be a share between 0 and 1"),
        (("--truth", "zero-inflated", "--calibrate"), "leave out --truth"),
    ],
)
def test_what_the_option_cannot_say_gets_one_sentence(options: Any, sentence: str, tmp_path: Path) -> None:
    done = typed("study", "poisson-three", *options, "--out", "study", folder=tmp_path)
    assert done.exit_code == 2
    assert sentence in done.stderr
    assert not (tmp_path / "study").exists()
