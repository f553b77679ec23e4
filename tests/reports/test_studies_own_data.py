"""Studies around the estimate on data of one's own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from scipy import stats

from em import fit
from models import Data, Mixture, Model
from reports.command_line import cli
from reports.studies.calibration.plan import posterior_calibration_of
from reports.studies.calibration.posterior_truths import posterior_truths
from reports.studies.calibration.replicate import ranking
from reports.studies.coverage.plan import design_of
from reports.studies.own_data import own_subject
from tests.known import known

TWO = Data.of(np.repeat([1.0, 2.0, 3.0, 20.0, 22.0, 25.0], [6, 9, 5, 4, 4, 2]), columns=("calls",), name="calls")
ONE = Data.of([3.0, 5.0, 4.0, 9.0], columns=("x",), name="four")


def test_the_truth_is_the_estimate_at_the_size_of_the_data() -> None:
    about = own_subject(TWO, Model("poisson", 2), "Calls", seed=0)
    found = fit(TWO, "poisson", 2, starts=10).mixture.ascending()
    # Two ends of EM on the same hill are within 1e-4 standard errors of each other.
    truth = known(about.truth, Mixture)
    np.testing.assert_allclose(truth.components.location(), found.components.location(), rtol=1e-4)
    assert design_of(about, None, {}).sizes == (30,)
    assert design_of(about, (60, 90), {}).sizes == (60, 90)


def test_without_a_maximum_there_is_no_truth() -> None:
    data = Data.of([0.0, 0.0, 0.0, 1.0, 2.0], columns=("x",), name="zeros")
    with pytest.raises(ValueError, match="EM found no maximum on 'zeros'"):
        own_subject(data, Model("gaussian", 2, covariance="full"), "zeros", seed=0)


def test_truths_are_draws_from_the_posterior_of_the_data() -> None:
    about = own_subject(ONE, Model("poisson", 1), "Four", seed=0)
    prior = about.model.prior(ONE)
    truths = posterior_truths(about, prior, 200, seed=3)
    rates = truths.draws.components.location()[:, 0]
    exact = stats.gamma(1.0 + ONE.values.sum(), scale=1 / (1 / ONE.mean[0] + 4))
    # 200 nearly independent draws: the test would refuse one right seed in a thousand.
    assert stats.kstest(rates, exact.cdf).pvalue > 1e-3
    again = posterior_truths(about, prior, 200, seed=3)
    assert again.document() == truths.document()


def test_ranks_around_ones_own_data_are_those_of_the_joint_posterior() -> None:
    about = own_subject(ONE, Model("poisson", 1), "Four", seed=0)
    design = posterior_calibration_of(about, None, {"replications": 100, "draws": 100, "tune": 100})
    assert design.sizes == (4,)
    size, ranks, exact = 4, [], []
    for number in range(12):
        of_data = np.random.default_rng(design.seeds(size, number)[0])
        truth = design.truths.truth(number, of_data)
        values, _ = truth.sample(size, of_data)
        posterior = stats.gamma(1.0 + ONE.values.sum() + values.sum(), scale=1 / (1 / ONE.mean[0] + 8))
        exact.append(posterior.cdf(truth.components.location()[0]))
        ranks.append(ranking(design, size, number).ranks["rates[1]"] / design.ranked)
    # The share of 63 draws below the truth, a binomial one: five of its largest standard errors.
    np.testing.assert_allclose(ranks, exact, atol=5 * 0.5 / np.sqrt(63))


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["poisson-three", "--family", "poisson"], "--family says how to read a data file: it needs --on-my-data"),
        (["nothing.csv", "--on-my-data", "--family", "poisson", "--components", "2"], "nothing.csv"),
    ],
)
def test_what_cannot_be_used_gets_one_sentence(arguments: list[str], sentence: str, tmp_path: Path) -> None:
    found = CliRunner().invoke(cli, ["study", *arguments, "--out", str(tmp_path / "out")])
    assert found.exit_code == 2
    assert sentence in found.output
    assert not (tmp_path / "out").exists()
