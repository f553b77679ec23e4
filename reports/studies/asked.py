"""Studies as Python asks for them; ``emvsbayes study`` says the same in options."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from em import Fit
from models import usable_cores

from ..running.progress import Progress, Silence
from .calibration.finished import FinishedCalibration
from .coverage.finished import FinishedStudy
from .departing import Departing
from .kinds import CALIBRATION, COVERAGE, OWN_FILES, Kind
from .own_data import fitted_subject
from .running.place import open_store, workplace
from .running.run import Place
from .subject import Subject, stated_subject
from .subject import subject as named_subject

# What a study can be about: a scenario or a file by its name, the entries of such a file, or an estimate on own data.
type About = str | Path | Mapping[str, Any] | Fit


def study(
    subject: About,
    *,
    truth: str | None = None,
    components: int | None = None,
    sizes: Sequence[int] | None = None,
    replications: int | None = None,
    draws: int | None = None,
    tune: int | None = None,
    chains: int | None = None,
    prior: str | Mapping[str, Any] | None = None,
    bootstrap: int | None = None,
    judged: int | None = None,
    seed: int | None = None,
    out: str | Path | None = None,
    workers: int | None = None,
    executor: Callable[[], Executor] | None = None,
    dask: str | None = None,
    limit: float = 120.0,
    progress: Progress | None = None,
) -> FinishedStudy:
    """Simulate data sets from a known truth again and again, and fit each both ways: bias, coverage, agreement.

    The replicates are computed in processes of their own: in a program, call it below ``if __name__ == "__main__":``.

    Parameters
    ----------
    subject
        The name of a simulated scenario, or of a TOML file that states a mixture; the entries of such a file as a
        dictionary; or a maximum-likelihood estimate, which then is the truth, at the size of its data.
    truth
        How the data depart from the model, such as ``"student-t:degrees=3"``.
    components
        How many are fitted, where the truth has more or fewer.
    sizes
        The numbers of observations; 50, 200, 1000 and 5000 unless the subject says otherwise.
    replications
        How many data sets of each size, 1000 unless the subject says otherwise.
    draws, tune, chains
        How each posterior is sampled: 500, 300 and 2 unless the subject says otherwise.
    prior
        The name of a prior, scaled from each data set, or the parameters of one that is the same for all.
    bootstrap
        From how many replicates each bootstrap interval is made; none unless given.
    judged
        On how many data sets of each size the whole verdict is asked for, one in 50 unless given.
    seed
        What every random draw follows from, 0 unless given.
    out
        The study's folder. It keeps every finished data set, so that the same call goes on where it was stopped, and gets
        page and tables at the end. Unless given, nothing is kept.
    workers
        How many processes; one for each core unless given.
    executor
        Makes the executor that the replicates are computed on, in place of processes.
    dask
        The address of the scheduler of a Dask cluster to compute on.
    limit
        The seconds that a replicate may take.
    progress
        Shows the work, as progress bars do.

    Returns
    -------
    FinishedStudy
        The tables and sentences, and figures such as ``plot_coverage``.

    Raises
    ------
    ValueError
        When something cannot be used; the message names it.

    Examples
    --------
    The coverage of intervals around an estimate of one's own, of few data sets, and in threads:

    >>> from concurrent.futures import ThreadPoolExecutor
    >>> from em import fit
    >>> from models import scenario
    >>> from reports import study
    >>> fitted = fit(scenario("horse-kicks").data, family="poisson", components=1)
    >>> found = study(fitted, replications=20, draws=100, tune=100, executor=ThreadPoolExecutor)
    >>> bool(found.values("Wald", "coverage").loc["rates[1]", 200] > 0.7)
    True
    """
    asked = {
        "replications": replications, "draws": draws, "tune": tune, "chains": chains, "prior": prior,
        "bootstrap": bootstrap, "judged": judged, "seed": seed,
    }  # fmt: skip
    departing = None if truth is None else Departing.of_option(truth)
    about = _subject(subject, departing, components)
    place = _place(executor, dask, workers)
    found: FinishedStudy = _carried_out(COVERAGE, subject, about, sizes, asked, out, place, limit, progress)
    return found


def calibrate(
    subject: About,
    *,
    sizes: Sequence[int] | None = None,
    replications: int | None = None,
    draws: int | None = None,
    tune: int | None = None,
    chains: int | None = None,
    prior: str | Mapping[str, Any] | None = None,
    seed: int | None = None,
    out: str | Path | None = None,
    workers: int | None = None,
    executor: Callable[[], Executor] | None = None,
    dask: str | None = None,
    limit: float = 120.0,
    progress: Progress | None = None,
) -> FinishedCalibration:
    """Calibrate the sampler: truths from the prior, data from each, and the truths' ranks among posterior draws.

    Parameters
    ----------
    subject
        As for :func:`reports.study`. Of an estimate on own data the truths come from the posterior of these data.
    sizes
        The numbers of observations; 50, or the size of the data.
    replications, draws, tune, chains, prior, seed, out, workers, executor, dask, limit, progress
        As for :func:`reports.study`.

    Returns
    -------
    FinishedCalibration
        The ranks, a sentence, and ``plot``.

    Raises
    ------
    ValueError
        When something cannot be used; the message names it.

    Examples
    --------
    Few data sets, and in threads:

    >>> from concurrent.futures import ThreadPoolExecutor
    >>> from reports import calibrate
    >>> about = {"name": "one", "family": "poisson", "weights": [1.0], "rates": [4.0]}
    >>> found = calibrate(about, replications=20, draws=200, tune=200, executor=ThreadPoolExecutor)
    >>> found.sentence
    'The ranks of all 5 quantities stay in their bands over 20 simulated data sets: nothing speaks against the sampler. ...'
    """
    asked = {
        "replications": replications, "draws": draws, "tune": tune, "chains": chains, "prior": prior, "seed": seed,
    }  # fmt: skip
    about, place = _subject(subject, None, None), _place(executor, dask, workers)
    found: FinishedCalibration = _carried_out(CALIBRATION, subject, about, sizes, asked, out, place, limit, progress)
    return found


@contextmanager
def _place(executor: Callable[[], Executor] | None, dask: str | None, workers: int | None) -> Iterator[Place]:
    many = workers or usable_cores()
    if executor is not None:
        yield executor, many
        return
    with workplace(dask, many) as place:
        yield place


def _subject(subject: About, departing: Departing | None, components: int | None) -> Subject:
    if isinstance(subject, Mapping):
        return stated_subject(subject, "study", departing, components)
    if not isinstance(subject, Fit):
        return named_subject(str(subject), departing, components)
    about = fitted_subject(subject, subject.data.name)
    if departing is None and components is None:
        return about
    return about.departing(departing or Departing(), components)


def _carried_out(
    kind: Kind,
    subject: About,
    about: Subject,
    sizes: Sequence[int] | None,
    asked: dict[str, Any],
    out: str | Path | None,
    place: AbstractContextManager[Place],
    limit: float,
    progress: Progress | None,
) -> Any:
    settings = {name: value for name, value in asked.items() if value is not None}
    plan = kind.plan_on_own_data if isinstance(subject, Fit) else kind.plan
    design = plan(about, None if sizes is None else tuple(sizes), settings)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()) if out is None else out)
        at, store = stack.enter_context(place), stack.enter_context(open_store(folder, design, OWN_FILES))
        found = kind.run(design, store, at, limit, progress or Silence())
        if out is not None:
            kind.write(found, folder, _call(kind, subject, {**settings, **({"sizes": sizes} if sizes else {})}))
    return found


def _call(kind: Kind, subject: About, said: dict[str, Any]) -> str:
    """Return the call in Python, as the page shows it."""
    what = "fit(…)" if isinstance(subject, Fit) else repr(subject if isinstance(subject, Mapping) else str(subject))
    function = "calibrate" if kind is CALIBRATION else "study"
    return f"reports.{function}({', '.join([what, *(f'{name}={value!r}' for name, value in said.items())])})"
