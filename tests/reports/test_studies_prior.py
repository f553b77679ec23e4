"""A study under a prior of one's own: the same for every data set, where a name means one that is scaled from each."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from models import Gamma, Mixture, Model, Poisson, Prior
from reports.studies import Design, replicate
from reports.studies.calibration.plan import calibration_of
from reports.studies.subject import subject
from tests.doubles import typed

OWN = {"weights": None, "components": {"name": "Gamma", "shape": 60.0, "rate": 20.0}}
ONE = Mixture(np.array([1.0]), Poisson(np.array([5.0])))
FILE = """\
family = "poisson"
weights = [1.0]
rates = [5.0]
[prior.components]
name = "Gamma"
shape = 60.0
rate = 20.0
"""


def test_every_data_set_is_fitted_under_the_prior_that_is_stated() -> None:
    """The posterior of a rate is Gamma(60 + Σx, 20 + n): MAP is its mode, and the draws have its mean."""
    design = Design("one", "One", ONE, Model("poisson", 1), ("x",), sizes=(30,), replications=1, prior=OWN)
    record = replicate(design, 30, 0)
    x = design.simulate(30, np.random.default_rng(design.seeds(30, 0)[0])).values
    found = record.estimates["rates[1]"]
    shape, rate = 60 + x.sum(), 20 + len(x)
    assert found["map"] == pytest.approx((shape - 1) / rate, rel=1e-6)
    # Five Monte Carlo errors of the mean of so many independent draws; the default's mean, near that of the data, is beyond.
    error = 5 * np.sqrt(shape) / rate / np.sqrt(found["ess"])
    assert abs(found["mean"] - shape / rate) < error < x.mean() - shape / rate
    assert json.loads(json.dumps(design.document()))["prior"] == OWN


def test_a_design_names_what_does_not_fit() -> None:
    for prior, sentence in (
        ({**OWN, "weights": {}}, "leave them out"),
        ("flat", "or a prior's parameters, got 'flat'"),
    ):
        with pytest.raises(ValueError, match=sentence):
            Design("one", "One", ONE, Model("poisson", 1), ("x",), sizes=(30,), replications=1, prior=prior)


def test_a_study_s_file_may_hold_the_prior_and_a_calibration_takes_it(tmp_path: Path) -> None:
    (tmp_path / "one.toml").write_text(FILE)
    about = subject(str(tmp_path / "one.toml"))
    assert calibration_of(about, None, dict(about.settings)).prior == Prior(Gamma(60.0, 20.0), Model("poisson", 1))
    assert calibration_of(about, None, {"prior": OWN}).prior.components == Gamma(60.0, 20.0)


@pytest.mark.slow
def test_the_command_takes_the_file_and_goes_on_with_it(tmp_path: Path) -> None:
    (tmp_path / "one.toml").write_text(FILE)
    (tmp_path / "own.toml").write_text('[components]\nname = "Gamma"\nshape = 60\nrate = 20\n')
    amount = ("--sizes", "20", "--replications", "2", "--judged", "0", "--workers", "1")
    asked = ("study", "one.toml", "--prior", "own.toml", *amount)
    first = typed(*asked, folder=tmp_path)
    assert first.exit_code == 0, first.output
    assert typed(*asked, folder=tmp_path).stdout == first.stdout
