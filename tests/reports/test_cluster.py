"""A real Dask cluster of two worker processes: the same study as anywhere else, and the same bits of EM."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from em import e_step
from models import Gaussian, Mixture
from reports import read_in_chunks
from reports.command_line import cli
from reports.studies import Record, Store, replicate, run
from reports.studies.coverage.study import Study
from reports.studies.running.cluster import Cluster, cluster
from tests.reports.studies import Here, one_gaussian

distributed = pytest.importorskip("distributed", reason="needs the extra dask")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.xdist_group("cluster"),
    pytest.mark.filterwarnings("ignore"),  # of Dask's own, while workers come and go
]
MIXTURE = Mixture(np.full(2, 0.5), Gaussian(np.array([[-1.0, 0.0], [1.0, 0.0]]), np.array([np.eye(2)] * 2)))


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    import dask

    # A task may lose one worker, and then comes back as lost: Dask's default of three more takes three more restarts.
    with (
        dask.config.set({"distributed.scheduler.allowed-failures": 0}),
        distributed.LocalCluster(2, threads_per_worker=1, processes=True, dashboard_address=None) as local,
    ):
        yield local.scheduler_address


def study(folder: Path, executor: Callable[[], Executor]) -> Study:
    design = one_gaussian()
    with Store.open(folder, design) as store:
        run(replicate, design, store, executor=executor)
        return Study.of(design, store)


def assert_same(found: Study, expected: Study) -> None:
    pd.testing.assert_frame_equal(found.parameters, expected.parameters, check_exact=True)
    pd.testing.assert_frame_equal(found.replicates, expected.replicates, check_exact=True)
    pd.testing.assert_frame_equal(found.shares, expected.shares, check_exact=True)


def deadly(mark: Path, task: Callable[..., Record], *arguments: Any) -> Record:
    """The first time that it comes to one of the replicates, the end of the process that runs it."""
    if arguments[2:4] == (12, 1) and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return task(*arguments)


class Deadly(Cluster):
    def __init__(self, mark: Path, client: Any) -> None:
        super().__init__(client)
        self._mark = mark

    def submit(self, task: Any, /, *arguments: Any, **named: Any) -> Future[Any]:
        return super().submit(deadly, self._mark, task, *arguments, **named)


def test_a_study_is_the_same_on_a_cluster_also_when_a_worker_is_killed(address: str, tmp_path: Path) -> None:
    expected = study(tmp_path / "here", Here)
    with cluster(address) as (make, threads):
        assert threads == 2
        quiet = study(tmp_path / "quiet", make)
        client = make.args[0]  # type: ignore[attr-defined]
        loud = study(tmp_path / "loud", partial(Deadly, tmp_path / "killed", client))
    assert_same(quiet, expected)
    assert quiet.incidents == []
    assert (tmp_path / "killed").exists()
    assert_same(loud, expected)
    assert (12, 1, 1, "worker lost: its worker ended") in loud.incidents


def test_a_replicate_ends_at_its_limit_on_a_cluster(address: str, tmp_path: Path) -> None:
    design = one_gaussian(draws=1_000_000, replications=1, sizes=(5,))
    with Store.open(tmp_path, design) as store, cluster(address) as (make, _):
        run(replicate, design, store, executor=make, limit=1.0)
        assert [record.status for record in store.records()] == ["timed out"]
        assert len(store.incidents()) == 2


def test_em_has_the_same_bits_on_a_cluster(address: str, tmp_path: Path) -> None:
    path = tmp_path / "x.npy"
    np.save(path, np.random.default_rng(0).normal(size=(600_000, 2)))
    expected = e_step(read_in_chunks(path), MIXTURE)
    with distributed.Client(address, set_as_default=False) as client:
        found = e_step(read_in_chunks(path, executor=client.get_executor()), MIXTURE)
    assert found.log_likelihood == expected.log_likelihood
    np.testing.assert_array_equal(found.statistics.second, expected.statistics.second)  # type: ignore[attr-defined]


def test_a_dask_array_is_computed_where_dask_computes(address: str) -> None:
    from dask import array

    x = np.random.default_rng(0).normal(size=(5000, 2))
    chunked = array.from_array(x, chunks=(900, 1))
    here = e_step(read_in_chunks(chunked), MIXTURE)
    with distributed.Client(address):
        there = e_step(read_in_chunks(chunked), MIXTURE)
        kept = e_step(read_in_chunks(chunked.persist()), MIXTURE)
    assert here.log_likelihood == there.log_likelihood == kept.log_likelihood
    # Rounding of a sum of 5000 terms.
    assert here.log_likelihood == pytest.approx(float(MIXTURE.log_likelihood(x)), rel=1e-12)
    assert read_in_chunks(chunked, ["x2"]).mean == pytest.approx(x[:, 1:].mean(axis=0), rel=1e-10)


def test_nobody_there_is_one_sentence(tmp_path: Path) -> None:
    arguments = ["study", "poisson-three", "--dask", "tcp://127.0.0.1:9", "--out", str(tmp_path / "study")]
    result = CliRunner().invoke(cli, arguments)
    assert result.exit_code == 2
    assert "no scheduler answers at 'tcp://127.0.0.1:9'" in result.output
    assert not (tmp_path / "study").exists()
