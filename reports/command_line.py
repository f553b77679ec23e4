"""The command ``emvsbayes``. Everything heavy is imported inside the commands, so that ``--help`` answers at once."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from em import Fit
    from models import Data, Mixture, Model
    from reports.comparison import Comparison
    from reports.source import Source
    from reports.studies.scenarios import Subject

INTERRUPTED = 130
# The example among the reports: fewer colours, and the posterior of fewer pixels, than the command itself takes.
IMAGE_COLOURS, IMAGE_PIXELS = (2, 5, 10, 20, 30), 3000
DIFFERENT = 1
FAILED = 3
COVARIANCES = ("full", "diagonal", "spherical", "tied")
STARTS = ("poor", "quantiles", "k-means++", "k-means++-partition", "random-responsibilities", "random-parameters")
# In reports.verdict, too, which is too heavy to import here; a test holds the two together.
REASON_CODES = (
    "em-not-converged",
    "local-optimum",
    "degenerate",
    "chains-disagree",
    "labels-unresolved",
    "weakly-identified",
    "prior-dominated",
    "non-normal-posterior",
)
_DATA_HELP = """
DATA is the name of a reference scenario (see `emvsbayes scenarios`) or a file: CSV with or without a header and with any
delimiter, Parquet, or .npy. Columns of a file without a header are called x, or x1, x2, … when there are several.
"""


@dataclass(frozen=True)
class Task:
    """What to fit: data, model, and for simulated data the truth."""

    data: Data
    model: Model
    truth: Mixture | None
    title: str
    source: Source


def _stacked(*options: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def decorate(command: Any) -> Any:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


_family_option = click.option("--family", type=click.Choice(["gaussian", "poisson"]), help="What the components are.")
_data_argument = _stacked(click.argument("data"), _family_option)
# What `study --on-my-data` hands on to the reading of the file.
_ABOUT_DATA = ("family", "components", "columns", "column", "counts_column", "covariance", "mixing")
_components_option = click.option("--components", type=click.IntRange(min=1), help="How many components.")
_file_options = _stacked(
    click.option("--columns", help="The features, separated by commas; all numeric columns unless given."),
    click.option("--column", multiple=True, help="One feature; may be repeated, and may contain commas."),
    click.option("--counts-column", help="The column that says how often each row was seen."),
    click.option("--covariance", type=click.Choice(COVARIANCES), help="Gaussians only.  [default: full]"),
    click.option(
        "--mixing", type=click.Choice(["free", "equal"]), help="Weights free or fixed at 1/k.  [default: free]"
    ),
)
_structure_options = _stacked(
    _file_options,
    click.option("--data-seed", type=int, help="The seed that a scenario's data are simulated from."),
    click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Every other random draw."),
)
_model_options = _stacked(_data_argument, _components_option, _structure_options)
_chunked_option = click.option(
    "--chunked/--in-memory",
    default=None,
    help="Read DATA (Parquet, a folder of Parquet files, .npy) part by part in each pass, for what is larger than memory. "
    "[default: chunked for a folder and above a gigabyte of numbers]",
)
_starts_option = click.option(
    "--starts", type=click.IntRange(min=1), default=100, show_default=True, help="EM's starting points."
)
_em_options = _stacked(
    _starts_option,
    click.option(
        "--estimate",
        type=click.Choice(["mle", "map"]),
        default="mle",
        show_default=True,
        help="Maximum likelihood, or the mode under the prior.",
    ),
)
_sampling_options = _stacked(
    click.option("--draws", type=click.IntRange(min=4), default=1000, show_default=True, help="Draws of each chain."),
    click.option("--tune", type=click.IntRange(min=1), default=1000, show_default=True, help="Draws spent on tuning."),
    click.option("--chains", type=click.IntRange(min=1), default=4, show_default=True, help="Independent chains."),
)
_workers_option = click.option(
    "--workers", type=click.IntRange(min=1), default=2, show_default=True, help="Processes that compute at a time."
)
_json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="emvsbayes")
def cli() -> None:
    """Fit a mixture by EM and by Bayesian inference, and say whether the two agree, and if not, why not."""


@cli.command(epilog=_DATA_HELP)
@_model_options
@_em_options
@_sampling_options
@click.option("--out", type=click.Path(path_type=Path), help="The report's folder.  [default: out/NAME]")
@click.option("--figures", type=click.Choice(["svg", "png"]), help="Write every figure as a file of its own, too.")
@click.option(
    "--fail-on",
    metavar="CODE,…",
    callback=lambda _context, _option, value: _codes(value),
    help="End with exit status 3 when the verdict has one of these reasons (any for all of them): "
    f"{', '.join(REASON_CODES)}.",
)
@click.option("--exact", is_flag=True, help="Grade both sides against the exact posterior, where there is one.")
@_json_option
def compare(
    out: Path | None,
    figures: str | None,
    fail_on: tuple[str, ...],
    exact: bool,
    as_json: bool,
    seed: int,
    draws: int,
    tune: int,
    chains: int,
    starts: int,
    estimate: str,
    **chosen: Any,
) -> None:
    """Fit DATA both ways, compare, and write the report."""
    with _input_errors():
        task = _task(**chosen)
        folder = out or Path("out") / task.data.name
        _check_folder(folder)
    settings: dict[str, Any] = {
        "seed": seed, "draws": draws, "tune": tune, "chains": chains, "starts": starts, "estimate": estimate,
    }  # fmt: skip
    settings |= {"exact": True} if exact else {}
    comparison = _compare(task, settings, _command(chosen, settings))
    page = comparison.save(folder, figures)
    if as_json:
        _print_json(comparison.document())
    else:
        click.echo(_shown(comparison))
    click.echo(f"The report is in {page}", err=as_json)
    _fail_on(fail_on, comparison.verdict.codes)


@cli.command(epilog=_DATA_HELP)
@_model_options
@_chunked_option
@_em_options
@click.option("--audit", is_flag=True, help="Add standard errors, and what EM itself can say about its answer.")
@_json_option
def fit(seed: int, starts: int, estimate: str, audit: bool, as_json: bool, chunked: bool | None, **chosen: Any) -> None:
    """Fit DATA by EM alone and print the estimate."""
    with _progress() as progress:
        with _input_errors():
            task = _task(**chosen, chunked=chunked, on_part=progress.passes("reading"))
            if audit:
                task.data.compress().values  # noqa: B018 - raises where the rows are never all in memory
        from em import audit as audit_of
        from em import fit as fit_by_em
        from em import rounding
        from models import ChunkedData

        step = progress.stage("EM", starts)
        found = fit_by_em(
            task.data,
            **task.model.specification,
            estimate=estimate,
            starts=starts,
            seed=seed,
            on_start=lambda _: step(),
        )
    audited = audit_of(found) if audit else None
    if as_json:
        from .document import data_document, fit_document

        added = {} if audited is None else {"audit": audited.to_dict()}
        _print_json({"data": data_document(found.data), **fit_document(found), **added})
    else:
        # The audit says it itself; rows that are never all in memory are not looked at one by one.
        silent = audit or isinstance(found.data, ChunkedData)
        rounded = () if silent else rounding(found)
        click.echo("\n".join([*(f"WARNING: {each.sentence}" for each in rounded), repr(audited or found)]))


@cli.command(epilog=_DATA_HELP)
@_model_options
@_sampling_options
@click.option("--out", type=click.Path(path_type=Path), help="Save the draws to this NetCDF file.")
@_json_option
def sample(seed: int, draws: int, tune: int, chains: int, out: Path | None, as_json: bool, **chosen: Any) -> None:
    """Sample the posterior of DATA alone and print its summary."""
    with _input_errors():
        task = _task(**chosen)
        _check_new_file(out)
    from bayes import sample as sample_posterior

    with _progress() as progress:
        step = progress.stage("NUTS", chains * (draws + tune))
        posterior = sample_posterior(
            task.data, **task.model.specification, draws=draws, tune=tune, chains=chains, seed=seed, on_draw=step
        )
    if out is not None:
        posterior.save(out)
    if as_json:
        from .document import data_document, posterior_document

        _print_json({"data": data_document(posterior.data), **posterior_document(posterior)})
    else:
        click.echo(repr(posterior))


@cli.command(epilog=_DATA_HELP)
@_data_argument
@click.option(
    "--components",
    "numbers",
    default="1:6",
    show_default=True,
    help="The numbers of components to choose from: 1:6, or 2,3,5, or both.",
)
@_structure_options
@_starts_option
@_sampling_options
@click.option("--out", type=click.Path(path_type=Path), help="The page's folder.  [default: out/NAME-choice]")
@_json_option
def choose(
    numbers: str,
    out: Path | None,
    as_json: bool,
    seed: int,
    draws: int,
    tune: int,
    chains: int,
    starts: int,
    **chosen: Any,
) -> None:
    """Choose how many components DATA have: AIC, BIC, ICL, leave-one-out score and evidence, side by side."""
    from .choice.numbers import parse_numbers

    with _input_errors():
        components = parse_numbers(numbers)
        task = _task(**chosen, components=max(components))
        folder = out or Path("out") / f"{task.data.name}-choice"
        from .choice.write import check_choice_folder

        check_choice_folder(folder)
    settings: dict[str, Any] = {"seed": seed, "draws": draws, "tune": tune, "chains": chains, "starts": starts}
    from .choice.model_choice import choose as choose_components

    with _progress() as progress:
        found = choose_components(
            task.data,
            **{**task.model.specification, "components": components},
            **settings,
            title=task.title,
            command=_command({**chosen, "components": numbers}, settings, "choose"),
            progress=progress,
        )
    page = found.save(folder)
    if as_json:
        _print_json(found.document())
    else:
        click.echo(repr(found))
    click.echo(f"The page is in {page}", err=as_json)


@cli.command(epilog=_DATA_HELP)
@_model_options
@click.option(
    "--start",
    type=click.Choice(STARTS),
    default="poor",
    show_default=True,
    help="Where EM starts; poor is the lowest of twenty random starts that lead to the highest end.",
)
@click.option("--steps", help="The steps to draw, such as 0,3,6-9; 0 is the start.  [default: 0,3,6,9]")
@click.option("--form", type=click.Choice(["svg", "png"]), default="svg", show_default=True, help="The files' format.")
@click.option(
    "--posterior/--no-posterior",
    default=True,
    show_default=True,
    help="Of one feature, sample the posterior and draw its band, too.",
)
@click.option("--out", type=click.Path(path_type=Path), help="The pictures' folder.  [default: out/NAME-pictures]")
def pictures(
    seed: int, start: str, steps: str | None, form: str, posterior: bool, out: Path | None, **chosen: Any
) -> None:
    """Draw for teaching: DATA, the steps of EM from a poor start, and the clusters and density that it finds."""
    from .pictures import check_pictures, parse_steps, steps_to_show, write_pictures
    from .pictures import pictures as pictures_of
    from .start import RANDOM_STARTS, climb_from

    with _input_errors():
        asked = None if steps is None else parse_steps(steps)
        task = _task(**chosen)
        folder = out or Path("out") / f"{task.data.name}-pictures"
        check_pictures(folder, [])
    with _progress() as progress:
        on_start = progress.stage("starts", RANDOM_STARTS) if start == "poor" else None
        fit = climb_from(task.data, task.model, start, seed, on_start)
        draws = partial(_posterior_draws, task, seed, progress) if posterior else None
        with _input_errors():
            shown = steps_to_show(fit, asked)
            drawings = pictures_of(fit, shown, task.truth, draws)
            check_pictures(folder, [f"{name}.{form}" for name in drawings])
        paths = write_pictures(fit, drawings, folder, form, progress.stage("pictures", len(drawings)))
    click.echo(_steps_table(fit))
    for path in paths:
        click.echo(path)


@cli.command()
@click.argument("image", required=False, type=click.Path(path_type=Path))
@click.option("--components", default="2,5,10,20,30", show_default=True, help="Numbers of colours, up to 256.")
@click.option("--covariance", type=click.Choice(COVARIANCES), default="spherical", show_default=True)
@click.option("--starts", type=click.IntRange(min=1), default=8, show_default=True, help="EM's starting points.")
@click.option("--posterior", type=int, help="Sample it for so many colours, 0 for none.  [default: the most up to 5]")
@click.option("--pixels", type=int, default=10_000, show_default=True, help="The most that the posterior is of.")
@click.option("--draws", type=click.IntRange(min=4), default=1000, show_default=True, help="Draws of each chain.")
@click.option("--tune", type=click.IntRange(min=1), default=300, show_default=True, help="Draws spent on tuning.")
@click.option("--chains", type=click.IntRange(min=1), default=4, show_default=True, help="Independent chains.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Every random draw.")
@click.option("--out", type=click.Path(path_type=Path), default=Path("out/compress"), show_default=True)
def compress(image: Path | None, components: str, out: Path, **settings: Any) -> None:
    """Compress IMAGE to a few colours found by EM, with honest sizes, and sample the posterior of a small palette.

    IMAGE is a PNG, JPEG, WebP, GIF or BMP file; without one, a photograph that comes with matplotlib is taken.
    """
    with _input_errors():
        numbers = _numbers_of_colours(components)
        from .images.write import check_folder

        check_folder(out, numbers)
        chosen = {"components": components, "out": out, **settings}
        from .images.compression import compress as compress_image

        with _progress() as progress:
            compression = compress_image(
                image, numbers, **settings, progress=progress, command=_compress_command(image, chosen)
            )
    page = compression.save(out)
    warnings = [] if compression.posterior is None else compression.posterior.warnings
    notes = [f"Note: {sentence}" for sentence in compression.picture.notes]
    click.echo("\n".join([*(f"WARNING: {sentence}" for sentence in warnings), *notes, repr(compression)]))
    click.echo(f"The page is in {page}")


def _numbers_of_colours(text: str) -> tuple[int, ...]:
    try:
        return tuple(int(word) for word in text.split(","))
    except ValueError:
        raise ValueError(
            f"--components must be whole numbers separated by commas, such as 2,5,10, got {text!r}."
        ) from None


def _compress_command(image: Path | None, chosen: dict[str, Any]) -> str:
    options = [word for name, value in chosen.items() if value is not None for word in (f"--{name}", str(value))]
    return shlex.join(["emvsbayes", "compress", *([] if image is None else [str(image)]), *options])


@cli.command()
@click.argument("subject")
@click.option(
    "--on-my-data",
    is_flag=True,
    help="SUBJECT is a data file: simulate from the estimate on it, or with --calibrate from its posterior.",
)
@_family_option
@_components_option
@_file_options
@click.option("--replications", type=click.IntRange(min=1), help="Data sets of each size.  [default: 1000]")
@click.option(
    "--sizes",
    help="Numbers of observations, separated by commas.  [default: 50,200,1000,5000; calibrating 50; or your data's]",
)
@click.option("--draws", type=click.IntRange(min=4), help="Draws of each chain.  [default: 500]")
@click.option("--tune", type=click.IntRange(min=1), help="Draws spent on tuning.  [default: 300]")
@click.option("--bootstrap", type=click.IntRange(min=2), help="Bootstrap intervals, too, each from so many replicates.")
@click.option("--chains", type=click.IntRange(min=1), help="Independent chains.  [default: 2]")
@click.option("--seed", type=click.IntRange(min=0), help="Every random draw.  [default: 0]")
@_workers_option
@click.option(
    "--limit",
    type=click.FloatRange(min=0.1),
    default=120.0,
    show_default=True,
    help="Seconds a replicate may take.",
)
@click.option(
    "--dask", metavar="ADDRESS", help="Compute on the Dask cluster with this scheduler, such as tcp://host:8786."
)
@click.option(
    "--calibrate",
    is_flag=True,
    help="Calibrate the sampler instead: truths from the prior, and their ranks among posterior draws.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="The study's folder.  [default: out/NAME-study, out/NAME-calibration]",
)
def study(
    subject: str,
    workers: int,
    limit: float,
    dask: str | None,
    calibrate: bool,
    on_my_data: bool,
    out: Path | None,
    sizes: str | None,
    **asked: Any,
) -> None:
    """Simulate from a known truth again and again: bias, coverage, and where EM and the posterior come to agree.

    SUBJECT is a reference scenario (see `emvsbayes scenarios`) or a TOML file that states family, weights and the
    components' parameters; with --on-my-data it is a data file, and the options about data and model are those of
    `emvsbayes compare`. Every finished data set is kept at once: the same command goes on where it was stopped.
    """
    from .studies.calibration.command import calibration_of, posterior_calibration_of, run_calibration
    from .studies.calibration.write import write_calibration
    from .studies.command import design_of, open_store, run_study, workplace
    from .studies.write import write_study

    plan, compute, write, what = (
        (posterior_calibration_of if on_my_data else calibration_of, run_calibration, write_calibration, "calibration")
        if calibrate
        else (design_of, run_study, write_study, "study")
    )
    about_data = {name: asked.pop(name) for name in _ABOUT_DATA}
    chosen = {name: value for name, value in asked.items() if value is not None}
    with ExitStack() as stack:
        with _input_errors():
            about = _study_subject(subject, on_my_data, about_data, chosen.get("seed", 0))
            design: Any = plan(about, sizes, chosen)
            folder = out or Path("out") / f"{design.name}-{what}"
            place = stack.enter_context(workplace(dask, workers))
            store = stack.enter_context(open_store(folder, design))
        words = [*(f"--{name}={value}" for name, value in chosen.items()), *([f"--sizes={sizes}"] if sizes else [])]
        words += [f"--{word}" for word, given in (("calibrate", calibrate), ("on-my-data", on_my_data)) if given]
        words += [
            f"--{name.replace('_', '-')}={value}"
            for name, given in about_data.items()
            for value in (given if isinstance(given, tuple) else [given])
            if value is not None
        ]
        with _progress() as progress:
            found: Any = compute(design, store, place, limit, progress)
        page = write(found, folder, shlex.join(["emvsbayes", "study", subject, *words]))
    click.echo(found.to_text())
    for line in found.incident_lines:
        click.echo(line, err=True)
    click.echo(f"The {what} is in {page}")


def _study_subject(subject: str, on_my_data: bool, about_data: dict[str, Any], seed: int) -> Subject:
    """What the study is about: a scenario, a TOML file, or the estimate on a data file."""
    if on_my_data:
        task = _task(subject, **about_data)
        from .studies.own_data import own_subject

        return own_subject(task.data, task.model, task.title, seed)
    given = [name for name, value in about_data.items() if value]
    if given:
        raise ValueError(f"--{given[0].replace('_', '-')} says how to read a data file: it needs --on-my-data.")
    from .studies.scenarios import subject as subject_of

    return subject_of(subject)


@cli.command()
def scenarios() -> None:
    """List the reference scenarios."""
    from models import scenarios as known

    width = max(map(len, known))
    for name, title in known.items():
        click.echo(f"{name:<{width}}  {title}")


@cli.command()
@click.argument("report", type=click.Path(path_type=Path))
@click.option("--data", type=click.Path(path_type=Path), help="The file of the data, when it lies elsewhere now.")
def verify(report: Path, data: Path | None) -> None:
    """Compute REPORT again from the data, seed and settings that it names, and say what differs.

    REPORT is the folder of a report, or its report.json. The exit status is 0 when everything is reproduced, 1 when
    something differs, and 2 when the report or its data cannot be used.
    """
    from .exact import NoExactPosteriorError
    from .recipe import recipe_of
    from .saved import load_report
    from .verification import verify_recipe

    with _input_errors():
        recipe = recipe_of(load_report(report), data)
    try:
        with _progress() as progress:
            verification = verify_recipe(recipe, progress)
    except NoExactPosteriorError as error:
        raise BadInputError(str(error)) from None
    click.echo(verification.to_text())
    sys.exit(0 if verification.reproduced else DIFFERENT)


@cli.command()
@click.argument("first", metavar="A", type=click.Path(path_type=Path))
@click.argument("second", metavar="B", type=click.Path(path_type=Path))
def diff(first: Path, second: Path) -> None:
    """Compare the reports A and B: their data, models and settings, estimates, posteriors and verdicts.

    Each is the folder of a report, or its report.json. The exit status is 0 when they are the same apart from timings, 1
    when they differ, and 2 when one cannot be used.
    """
    from .report_diff import diff as diff_of

    with _input_errors():
        found = diff_of(first, second)
    click.echo(found.to_text())
    sys.exit(0 if found.same else DIFFERENT)


@cli.command()
@_sampling_options
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Every random draw.")
@_workers_option
@click.option("--out", type=click.Path(path_type=Path), default=Path("out"), show_default=True, help="The folder.")
def report(seed: int, workers: int, out: Path, **sampling: int) -> None:
    """Compare EM and Bayes on all reference scenarios, write the lessons and the image example, and a front page."""
    from concurrent.futures import BrokenExecutor

    from models import scenario
    from models import scenarios as known

    from .images.write import check_folder as check_image
    from .index import write_comparison, write_example, write_index
    from .lessons.write import check_lessons, write_lessons
    from .processes import compute_parts, processes

    with _input_errors():
        for name in known:
            _check_folder(out / name)
        check_lessons(out / "lessons")
        check_image(out / "compress", IMAGE_COLOURS)
    settings = {"seed": seed, **sampling, "starts": 100, "estimate": "mle"}
    image = f"emvsbayes compress --components {','.join(map(str, IMAGE_COLOURS))} --pixels {IMAGE_PIXELS} --seed {seed}"
    parts: dict[str, Callable[[], Any]] = {
        name: partial(write_comparison, name, settings, _command({"data": name}, settings), out)
        for name in sorted(known, key=lambda name: -scenario(name).data.values.size)  # what takes longest first
    }
    parts["lessons"] = partial(write_lessons, out / "lessons", seed)
    parts["image"] = partial(write_example, IMAGE_COLOURS, IMAGE_PIXELS, seed, image, out)
    try:
        with _progress() as progress, processes(workers) as executor:
            found = compute_parts(parts, executor, workers, progress)
            entries = [found[name] for name in known]
            index = executor.submit(write_index, entries, found["lessons"], found["image"], out).result()
    except BrokenExecutor:
        raise click.ClickException("a process was ended from outside; --workers 1 needs the least memory.") from None
    except RuntimeError as error:
        from .equivalence import EquivalenceError  # which is slow to import, and here by now if that is what it is

        if not isinstance(error, EquivalenceError):
            raise
        raise click.ClickException(str(error)) from None
    for name, entry in zip(known, entries, strict=True):
        click.echo(f"{name}: {entry.sentence}")
    click.echo(f"Start with {index}")


class _Lessons(click.Command):
    """Names the lessons in its help, which click's own wrapping would run together."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        from .lessons import titles

        with formatter.section("Lessons"):
            formatter.write_dl(list(titles.items()))


@cli.command(cls=_Lessons)
@click.argument("name")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Every random draw.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("out/lessons"),
    show_default=True,
    help="A folder, or a file that ends in .html.",
)
def lesson(name: str, seed: int, out: Path) -> None:
    """Write the lesson NAME: one page with something live in it, which needs nothing but a browser."""
    from .lessons.write import write_lesson

    with _input_errors(), _progress() as progress:
        path = write_lesson(name, out, seed, progress)
    click.echo(f"The lesson is in {path}")


@cli.command(cls=_Lessons)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Every random draw.")
@click.option(
    "--out", type=click.Path(path_type=Path), default=Path("out/lessons"), show_default=True, help="The folder."
)
def lessons(seed: int, out: Path) -> None:
    """Write all lessons, the derivations in full, and an index page."""
    from .lessons.write import INDEX, write_lessons

    with _input_errors(), _progress() as progress:
        write_lessons(out, seed, progress)
    click.echo(f"The lessons are in {out / INDEX}")


def main() -> None:
    """Run the command, with one sentence and no traceback for what a user can do something about."""
    from click.exceptions import Abort, ClickException

    try:
        cli.main(standalone_mode=False)
    except ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (Abort, KeyboardInterrupt) as interrupt:
        # click puts its own exception around the interrupt, whose words say what was kept.
        click.echo(f"Interrupted: {str(interrupt.__cause__ or interrupt) or 'nothing was written.'}", err=True)
        sys.exit(INTERRUPTED)


class BadInputError(click.ClickException):
    """Something the user can put right."""

    exit_code = 2


@contextmanager
def _input_errors() -> Iterator[None]:
    """Turn the ``ValueError`` of bad input into one sentence and exit status 2."""
    try:
        yield
    except ValueError as error:
        raise BadInputError(str(error)) from None


def _task(
    data: str,
    family: str | None = None,
    components: int | None = None,
    columns: str | None = None,
    column: tuple[str, ...] = (),
    counts_column: str | None = None,
    covariance: str | None = None,
    mixing: str | None = None,
    data_seed: int | None = None,
    chunked: bool | None = False,
    on_part: Callable[[int, int], None] | None = None,
) -> Task:
    """The data and the model that the arguments name."""
    from models import DEFAULT_SEED, Model, scenario

    from .source import FileSource, ScenarioSource, is_scenario

    if is_scenario(data):
        if columns or column or counts_column:
            raise ValueError(
                f"--columns and --counts-column choose from a file, and {data!r} is a scenario: leave them out."
            )
        source = ScenarioSource(data, DEFAULT_SEED if data_seed is None else data_seed)
        known = scenario(data, source.seed)
        own = known.model
        same_family = family in (None, own.family)
        structure = covariance or (own.covariance if same_family else None)
        model = Model.of(
            known.data, family or own.family, components or own.components, structure, mixing or own.mixing
        )
        return Task(known.data, model, source.truth(model), known.title, source)
    if data_seed is not None:
        raise ValueError(f"--data-seed applies to scenarios, and {data!r} is none: leave it out.")
    from .chunks import LARGE, numbers_in, read_in_chunks
    from .read import read_data

    features = [*column, *(columns.split(",") if columns else [])] or None
    path = _existing(data)
    if chunked is None:
        chunked = path.is_dir() or numbers_in(path, features) > LARGE
    if chunked:
        read: Data = read_in_chunks(path, features, counts_column, on_part=on_part)
    else:
        read = read_data(path, features, counts_column)
    if family is None or components is None:
        raise ValueError("a file needs to be told its model: give --family gaussian or poisson, and --components.")
    model = Model.of(read, family, components, covariance, mixing or "free")
    return Task(read, model, None, read.name, FileSource(data, counts_column))


def _existing(data: str) -> Path:
    from models import scenarios

    path = Path(data)
    if not path.exists():
        raise ValueError(f"there is no file {data!r}, and no scenario of that name ({', '.join(scenarios)}).")
    return path


def _compare(task: Task, settings: dict[str, Any], command: str) -> Comparison:
    from .comparison import compare as compare_both
    from .equivalence import EquivalenceError
    from .exact import NoExactPosteriorError

    try:
        with _progress() as progress:
            return compare_both(
                task.data,
                **task.model.specification,
                **settings,
                truth=task.truth,
                source=task.source,
                title=task.title,
                command=command,
                progress=progress,
            )
    except EquivalenceError as error:
        raise click.ClickException(str(error)) from None
    except NoExactPosteriorError as error:
        raise BadInputError(f"--{error}") from None


def _codes(given: str | None) -> tuple[str, ...]:
    """The reasons that --fail-on names."""
    asked = tuple(code.strip() for code in given.split(",")) if given is not None else ()
    unknown = [code for code in asked if code not in (*REASON_CODES, "any")]
    if unknown:
        raise BadInputError(f"--fail-on has no code {unknown[0]!r}: choose among {', '.join(REASON_CODES)}, or any.")
    return REASON_CODES if "any" in asked else asked


def _fail_on(codes: tuple[str, ...], found: tuple[str, ...]) -> None:
    """End with a status of its own when the verdict has one of the codes."""
    named = [code for code in found if code in codes]
    if named:
        click.echo(f"The verdict has {', '.join(named)}, which --fail-on asked to fail on.", err=True)
        sys.exit(FAILED)


def _check_folder(folder: Path) -> None:
    from .write import check_folder

    check_folder(folder)


def _check_new_file(path: Path | None) -> None:
    if path is None:
        return
    if path.exists():
        raise ValueError(f"--out {str(path)!r} exists already: choose another name.")
    if not path.absolute().parent.is_dir():
        raise ValueError(f"--out {str(path)!r} lies in a folder that does not exist.")


def _command(chosen: dict[str, Any], settings: dict[str, Any], name: str = "compare") -> str:
    """The exact command that computes the same again."""
    words = ["emvsbayes", name, str(chosen["data"])]
    for argument, value in {**chosen, **settings}.items():
        if argument == "data" or value is None:
            continue
        option = "--" + argument.replace("_", "-")
        for one in value if isinstance(value, tuple) else (value,):
            words += [option] if one is True else [option, str(one)]
    return shlex.join(words)


def _shown(comparison: Comparison) -> str:
    rounded = [found.sentence for found in comparison.audit.rounding]
    warnings = [f"WARNING: {sentence}" for sentence in [*comparison.posterior.warnings, *rounded]]
    reasons = [
        f"- {reason.code}: {reason.explanation}\n  What to do: {reason.advice}" for reason in comparison.verdict.reasons
    ]
    sentence, _, table = repr(comparison).partition("\n")
    graded = [] if comparison.exact is None else [comparison.exact.sentence]
    return "\n".join([*warnings, sentence, *reasons, *graded, table])


def _posterior_draws(task: Task, seed: int, progress: Any) -> Mixture:
    from bayes import sample as sample_posterior

    draws, tune, chains = 1000, 1000, 4
    step = progress.stage("NUTS", chains * (draws + tune))
    posterior = sample_posterior(
        task.data, **task.model.specification, draws=draws, tune=tune, chains=chains, seed=seed, on_draw=step
    )
    for sentence in posterior.warnings:
        click.echo(f"WARNING: {sentence}", err=True)
    return posterior.mixture


def _steps_table(fit: Fit) -> str:
    """What EM reached after each step, and how it started and ended."""
    rows = [f"{step:4d}  {value:18.6f}" for step, value in enumerate(fit.climb.log_likelihood)]
    reason = f": {fit.climb.reason}" if fit.climb.reason else ""
    return "\n".join(
        [
            f"start: {fit.starts[0].kind}",
            "step      log-likelihood",
            *rows,
            f"{fit.status} after {fit.steps} steps{reason}",
        ]
    )


def _print_json(whole: dict[str, Any]) -> None:
    from .document import finite
    from .write import as_json

    click.echo(as_json(finite(whole)), nl=False)


@contextmanager
def _progress() -> Iterator[Any]:
    from .progress import progress_bars

    with progress_bars() as bars:
        yield bars
