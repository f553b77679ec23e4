"""On one replicate: the verdict, the distance from the large-sample limit, and bootstrap intervals."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from em import Status, bootstrap, fit
from models import Data, Mixture, Poisson
from reports.judging.shares import unclear_labels
from reports.studies import Record, verdicts
from reports.studies.coverage.distance import wasserstein_from_normal
from reports.studies.coverage.replicate import _bootstrap
from reports.studies.coverage.verdict import verdict
from tests.reports.studies import invented, one_gaussian, two_poissons

APART = Mixture(np.full((50, 2), 0.5), Poisson(np.tile([2.0, 60.0], (50, 1))))
ALIKE = Mixture(np.full((50, 2), 0.5), Poisson(np.tile([9.0, 9.1], (50, 1))))
DATA = Data.of([1.0, 3.0, 55.0, 61.0])


@pytest.mark.parametrize("draws", [1, 7, 900])
def test_the_distance_is_the_area_between_the_quantile_functions(draws: int) -> None:
    z = np.random.default_rng(draws).normal(0.3, 1.4, draws)
    fine = stats.norm.ppf((np.arange(400_000) + 0.5) / 400_000)
    # The grid's steps are 2.5e-6 of probability; its ends, at 4.6, leave out a tail of less than 1e-6.
    assert wasserstein_from_normal(z) == pytest.approx(stats.wasserstein_distance(z, fine), abs=1e-5)


def test_a_shift_of_the_limit_is_its_distance() -> None:
    z = stats.norm.ppf((np.arange(20_000) + 0.5) / 20_000) + 0.7
    # Every quantile is moved alike; the midpoints' own error is below a step of probability times the range.
    assert wasserstein_from_normal(z) == pytest.approx(0.7, abs=1e-3)


def row(**changed: float) -> pd.DataFrame:
    values = {"mle": 2.0, "mle_error": 0.1, "mean": 2.0, "sd": 0.1, "lower": 1.8, "upper": 2.2, "sd_ratio": 1.0}
    return pd.DataFrame([values | changed], index=["rates[1]"])


@pytest.mark.parametrize(
    ("table", "status", "settled", "draws", "expected"),
    [
        (row(), Status.CONVERGED, True, APART, "agree"),
        (row(mean=2.04), Status.CONVERGED, True, APART, "agree"),
        (row(mean=2.06), Status.CONVERGED, True, APART, "differ in place"),
        (row(lower=2.01), Status.CONVERGED, True, APART, "differ in place"),
        (row(sd_ratio=1.6), Status.CONVERGED, True, APART, "differ in width"),
        (row(sd_ratio=0.6), Status.CONVERGED, True, APART, "differ in width"),
        (row(), Status.CONVERGED, True, ALIKE, "no answer: labels-unresolved"),
        (row(), Status.CONVERGED, False, ALIKE, "no answer: chains-disagree"),
        (row(mle_error=np.nan), Status.CONVERGED, False, APART, "no answer: degenerate"),
        (row(), Status.COLLAPSED, True, APART, "no answer: degenerate"),
        (row(), Status.OUT_OF_STEPS, True, APART, "no answer: em-not-converged"),
    ],
)
def test_the_first_verdict_that_applies(
    table: pd.DataFrame, status: Status, settled: bool, draws: Mixture, expected: str
) -> None:
    assert verdict(table, status, settled, draws, DATA) == expected


def test_labels_are_unclear_where_components_are_alike() -> None:
    assert unclear_labels(APART, DATA) == 0
    assert unclear_labels(ALIKE, DATA) == 1


def test_shares_of_verdicts() -> None:
    design = one_gaussian(sizes=(4,), replications=4)
    records = [invented(design, 4, number) for number in range(3)]
    records.append(Record.without_answer(4, 3, "raised", "no luck"))
    table = verdicts(records, design).set_index("verdict")["replicates"]
    assert table.to_dict() == {"agree": 3, "no answer: no data set": 1}


def test_bootstrap_intervals_are_those_of_em_bootstrap_and_there_on_request_only() -> None:
    design = two_poissons(bootstrap=30)
    found = fit(design.simulate(150, np.random.default_rng(1)), "poisson", 2, starts=5)
    table = _bootstrap(design, found, np.random.default_rng(7))
    expected = bootstrap(found, replicates=30, seed=np.random.default_rng(7)).table()
    np.testing.assert_array_equal(table.to_numpy(), expected[["lower", "upper"]].to_numpy())
    assert table.columns.tolist() == ["bootstrap_lower", "bootstrap_upper"]
    assert _bootstrap(two_poissons(), found, np.random.default_rng(7)).shape == (0, 0)
