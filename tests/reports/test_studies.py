from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from scipy import special, stats

from bayes import sample
from em import fit, standard_errors
from models import Mixture
from reports.command_line import cli
from reports.studies import Design, Record, Store, parameters, replicate, replicates, run
from reports.studies.coverage.proportion import proportion
from reports.studies.coverage.replicate import estimates
from reports.studies.coverage.study import Study
from reports.studies.running import worker
from reports.studies.running.worker import OutOfTimeError
from reports.studies.subject import subject
from tests.known import known
from tests.reports.studies import Fragile, Here, invented, one_gaussian, two_poissons

SCRIPT = """
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from reports.studies import Store, replicate, run
from tests.reports.studies import one_gaussian
if __name__ == "__main__":
    design = one_gaussian(replications=8)
    with Store.open(Path({folder!r}), design) as store:
        run(replicate, design, store, workers=1, limit=600, executor={executor})
"""
PROCESSES, THREADS = "None", "lambda: ThreadPoolExecutor(2)"


def begun(folder: Path, executor: str = PROCESSES) -> subprocess.Popen[bytes]:
    """The study in a process of its own."""
    script = SCRIPT.format(folder=str(folder), executor=executor)
    return subprocess.Popen([sys.executable, "-c", script], env={**os.environ, "PYTHONPATH": "."})


def tables(design: Design, folder: Path, executor: Any = Here, replicate: Any = invented, **settings: Any) -> Study:
    with Store.open(folder, design) as store:
        run(replicate, design, store, executor=executor, **settings)
        return Study.of(design, store)


def test_a_replicate_is_what_fit_and_sample_say_of_the_same_data() -> None:
    design = two_poissons()
    record = replicate(design, 150, 1)
    assert record == Record.from_json(record.to_json())
    found = pd.DataFrame(record.estimates).T
    data = design.simulate(150, np.random.default_rng(design.seeds(150, 1)[0]))
    for estimate in ("mle", "map"):
        errors = standard_errors(fit(data, "poisson", 2, estimate=estimate, starts=20)).table
        # EM stops 1e-8 nats below its limit, hence 1e-4 standard errors from it.
        assert (np.abs(found[estimate] - errors["estimate"]) < 3e-4 * errors["standard_error"]).all()
        np.testing.assert_allclose(found[f"{estimate}_error"], errors["standard_error"], rtol=1e-3)
    posterior = sample(data, "poisson", 2, chains=2, draws=500, tune=300, seed=8).summary
    # Five Monte Carlo errors: of a mean sd/√ESS on either side, of an sd about as much.
    error = found["sd"] * np.sqrt(1 / found["ess"] + 1 / posterior["ess_bulk"])
    assert (np.abs(found["mean"] - posterior["mean"]) < 5 * error).all()
    assert (np.abs(found["sd"] - posterior["sd"]) < 5 * error).all()
    np.testing.assert_allclose(found["shift"], (found["mle"] - found["mean"]) / found["mle_error"])


def test_intervals_cover_what_students_distribution_says() -> None:
    design, size, repetitions = one_gaussian(), 3, 100
    covered = 0
    for number in range(repetitions):
        of_data, of_em, _ = map(np.random.default_rng, design.seeds(size, number))
        data = design.simulate(size, of_data)
        row = standard_errors(
            estimates(design, data, design.model.chosen_prior(design.prior, data), of_em)[0]
        ).table.loc["means[1]"]
        x = data.values[:, 0]
        half = special.ndtri(0.975) * x.std() / np.sqrt(size)
        np.testing.assert_allclose([row["lower"], row["upper"]], [x.mean() - half, x.mean() + half], rtol=1e-6)
        covered += bool(row["lower"] <= 2.0 <= row["upper"])
    expected = 1 - 2 * stats.t.sf(special.ndtri(0.975) * np.sqrt((size - 1) / size), size - 1)
    # Four Monte Carlo errors; the nominal 95 % is farther away.
    error = np.sqrt(expected * (1 - expected) / repetitions)
    assert abs(covered / repetitions - expected) < 4 * error < 0.95 - expected


def test_tables_by_hand() -> None:
    design = one_gaussian(sizes=(4,), replications=4)
    records = [invented(design, 4, number) for number in range(4)]
    table = parameters(replicates(records, design), design).set_index(["parameter", "method", "quantity"])
    errors = np.array([record.estimates["means[1]"]["mle"] - 2.0 for record in records])
    bias, rmse = table.loc[("means[1]", "MLE", "bias"), :], table.loc[("means[1]", "MLE", "RMSE"), :]
    assert bias["value"] == pytest.approx(errors.mean())
    assert bias["mcse"] == pytest.approx(stats.sem(errors))
    assert rmse["value"] == pytest.approx(np.sqrt(np.mean(errors**2)))
    assert rmse["mcse"] == pytest.approx(stats.sem(errors**2) / (2 * rmse["value"]))
    share = np.mean(np.abs(errors) <= 0.98)
    assert table.loc[("means[1]", "Wald", "coverage"), "value"] == share
    assert table.loc[("means[1]", "credible", "width"), "value"] == pytest.approx(1.96)


def test_replicates_without_an_answer_do_not_count_but_are_counted(tmp_path: Path) -> None:
    design = one_gaussian(sizes=(4,), replications=4)
    with Store.open(tmp_path, design) as store:
        store.add(Record.without_answer(4, 2, "raised", "no luck"))
    study = tables(design, tmp_path)
    assert study.share(4, "raised") == pytest.approx((0.25, proportion(1, 4)[1]))
    assert study.share(4, "timed out") == pytest.approx((0.0, proportion(0, 4)[1]))
    assert study.values("MLE", "bias", "replicates").loc["means[1]", 4] == 3
    assert study.complete


@pytest.mark.slow
def test_killed_and_resumed_on_another_executor_is_the_same(tmp_path: Path) -> None:
    design, folder, whole = one_gaussian(replications=8), tmp_path / "killed", tmp_path / "whole"
    assert begun(whole).wait() == 0
    process = begun(folder)
    try:
        deadline = time.monotonic() + 600
        while _kept(folder) < 3:
            assert process.poll() is None, "the study ended before it could be killed"
            assert time.monotonic() < deadline
            time.sleep(0.02)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert 3 <= _kept(folder) < 16
    assert begun(folder, THREADS).wait() == 0
    with Store.open(folder, design) as store, Store.open(whole, design) as other:
        resumed, expected = Study.of(design, store), Study.of(design, other)
    pd.testing.assert_frame_equal(resumed.parameters, expected.parameters, check_exact=True)
    pd.testing.assert_frame_equal(resumed.replicates, expected.replicates, check_exact=True)
    pd.testing.assert_frame_equal(resumed.shares, expected.shares, check_exact=True)


def _kept(folder: Path) -> int:
    if not (folder / "study.sqlite").exists():
        return 0
    connection = sqlite3.connect(folder / "study.sqlite", timeout=20)
    try:
        return int(connection.execute("SELECT count(*) FROM replicates").fetchone()[0])
    except sqlite3.OperationalError:  # the table is not there yet
        return 0
    finally:
        connection.close()


def test_what_raises_once_is_noted_and_tried_again(tmp_path: Path) -> None:
    failed: list[tuple[int, int]] = []

    def unlucky(design: Design, size: int, number: int) -> Record:
        if number == 1 and (size == 5 or failed.count((size, number)) == 0):
            failed.append((size, number))
            raise RuntimeError("bad luck")
        return invented(design, size, number)

    study = tables(one_gaussian(), tmp_path, replicate=unlucky)
    assert failed == [(5, 1), (12, 1), (5, 1)]
    assert [incident[:3] for incident in study.incidents] == [(5, 1, 1), (5, 1, 2), (12, 1, 1)]
    assert study.share(5, "raised")[0] == pytest.approx(1 / 3)
    assert study.share(12, "ok")[0] == 1
    assert "RuntimeError: bad luck" in study.incident_lines[0]


def test_what_hangs_is_stopped_at_its_limit(tmp_path: Path) -> None:
    def hanging(design: Design, size: int, number: int) -> Record:
        if (size, number) == (5, 0):
            time.sleep(60)
        return invented(design, size, number)

    study = tables(one_gaussian(), tmp_path, limit=0.2, replicate=hanging)
    assert study.share(5, "timed out")[0] == pytest.approx(1 / 3)
    assert study.shares["replicates"].sum() == 6


def test_the_limit_holds_in_threads_too(tmp_path: Path) -> None:
    """Workers of a cluster run tasks in threads, which no signal reaches."""

    def hanging(design: Design, size: int, number: int) -> Record:
        while (size, number) == (5, 0):
            time.sleep(0.01)
        return invented(design, size, number)

    study = tables(one_gaussian(), tmp_path, executor=partial(ThreadPoolExecutor, 2), limit=0.3, replicate=hanging)
    assert study.share(5, "timed out")[0] == pytest.approx(1 / 3)
    assert study.incidents == [(5, 0, attempt, "timed out: more than 0.3 s") for attempt in (1, 2)]
    assert study.shares["replicates"].sum() == 6


@pytest.mark.parametrize("executor", [Here, partial(ThreadPoolExecutor, 1)], ids=["alarm", "thread"])
def test_the_clock_rings_until_it_is_heard(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, executor: Callable[[], Executor]
) -> None:
    """A library may catch whatever is raised in it and go on, as PyTensor does where a rewriting of a graph fails."""
    caught: list[int] = []

    def stubborn(design: Design, size: int, number: int) -> Record:
        while (size, number) == (5, 0):
            try:
                time.sleep(0.01)
            except OutOfTimeError:
                if caught:
                    raise
                caught.append(1)
        return invented(design, size, number)

    monkeypatch.setattr(worker, "AGAIN", 0.05)
    study = tables(one_gaussian(), tmp_path, executor, limit=0.2, replicate=stubborn)
    assert caught
    assert study.share(5, "timed out")[0] == pytest.approx(1 / 3)
    assert study.shares["replicates"].sum() == 6


def test_an_answer_after_the_limit_is_none(tmp_path: Path) -> None:
    """Nor is an error: compiled code that the clock rings in raises one of its own at its own end."""

    def late(design: Design, size: int, number: int) -> Record:
        if (size, number) in [(5, 0), (5, 1)]:
            with suppress(OutOfTimeError):
                time.sleep(60)
        if (size, number) == (5, 1):
            raise SystemError("returned a result with an exception set")
        return invented(design, size, number)

    assert tables(one_gaussian(), tmp_path, limit=0.2, replicate=late).share(5, "timed out")[0] == pytest.approx(2 / 3)


def test_of_a_broken_pool_only_the_guilty_one_is_lost(tmp_path: Path) -> None:
    pools: list[Executor] = []

    def make() -> Executor:
        pools.append(Fragile({(12, 1)}))
        return pools[-1]

    study = tables(one_gaussian(), tmp_path, make)
    assert study.share(12, "worker lost")[0] == pytest.approx(1 / 3)
    assert study.share(5, "ok")[0] == 1
    assert study.shares["replicates"].sum() == 6
    assert len(pools) >= 3


def test_a_damaged_record_is_computed_anew_and_that_is_noted(tmp_path: Path) -> None:
    design = one_gaussian(sizes=(4,), replications=4)
    whole = tables(design, tmp_path / "whole")
    tables(design, tmp_path / "damaged")
    connection = sqlite3.connect(tmp_path / "damaged" / "study.sqlite")
    with connection:
        connection.execute("UPDATE replicates SET record = replace(record, '1', '2') WHERE number = 1")
        connection.execute("UPDATE replicates SET record = '{' WHERE number = 2")
    connection.close()
    again = tables(design, tmp_path / "damaged")
    assert again.incident_lines == [
        f"n = 4, replicate {number}, attempt 0: its record was damaged, and it is computed anew." for number in (1, 2)
    ]
    pd.testing.assert_frame_equal(again.parameters, whole.parameters)


def test_a_store_of_an_earlier_version_has_no_checksums_and_goes_on(tmp_path: Path) -> None:
    design = one_gaussian(sizes=(4,), replications=2)
    tables(design, tmp_path)
    connection = sqlite3.connect(tmp_path / "study.sqlite")
    with connection:
        connection.execute("ALTER TABLE replicates DROP COLUMN checksum")
    connection.close()
    again = tables(design, tmp_path)
    assert again.complete
    assert again.incidents == []


def test_a_store_whose_name_is_a_folder_gets_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "study.sqlite").mkdir()
    arguments = ["study", "poisson-three", "--replications", "1", "--sizes", "50", "--out", str(tmp_path)]
    result = CliRunner().invoke(cli, arguments)
    assert result.exit_code == 2
    assert "study.sqlite' cannot be used (unable to open database file)" in result.output


def test_another_design_in_the_folder_is_refused_in_one_sentence(tmp_path: Path) -> None:
    with Store.open(tmp_path, one_gaussian()):
        pass
    other = Store.open(tmp_path, one_gaussian(seed=1))
    with pytest.raises(ValueError, match=r"another design \(seed 0 there, 1 here\)"), other:
        pass
    arguments = ["study", "poisson-three", "--replications", "1", "--sizes", "50", "--out", str(tmp_path)]
    result = CliRunner().invoke(cli, arguments)
    assert result.exit_code == 2
    assert "holds a study of another design" in result.output
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["nothing.toml"], "there is no file 'nothing.toml'"),
        (["poisson-three", "--sizes", "50,x"], "--sizes must be whole numbers"),
        (["poisson-three", "--sizes", "50,50"], "sizes must be one or more different numbers"),
        (["poisson-three", "--sizes", "2"], "each of the sizes must be a whole number from 4 on"),
    ],
)
def test_what_cannot_be_used_gets_one_sentence(arguments: list[str], sentence: str, tmp_path: Path) -> None:
    result = CliRunner().invoke(cli, ["study", *arguments, "--out", str(tmp_path / "study")])
    assert result.exit_code == 2
    assert sentence in result.output
    assert not (tmp_path / "study").exists()


def test_a_truth_of_ones_own(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text(
        'family = "gaussian"\nweights = [0.75, 0.25]\nmeans = [4, -1]\ncovariances = [1, 2]\n'
        "sizes = [30]\nreplications = 7\n"
    )
    about = subject(str(file))
    assert about.name == "own"
    truth = known(about.truth, Mixture)
    assert truth.weights.tolist() == [0.25, 0.75]
    assert truth.components.location().tolist() == [-1, 4]
    assert about.settings == {"sizes": [30], "replications": 7}
    file.write_text('family = "poisson"\nweights = [0.75, 0.25]\nrates = [4]\n')
    with pytest.raises(ValueError, match="rates must have shape"):
        subject(str(file))
    file.write_text('family = "poisson"\nweights = [0.75, 0.25]\nrates = [4, -4]\n')
    with pytest.raises(ValueError, match="rates must be parameters"):
        subject(str(file))
