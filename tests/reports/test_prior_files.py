"""A prior as a file: written and read without a digit lost, with words that are true, and the same numbers as by name."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from models import Data, Model, NormalInverseWishart, Poisson, Prior
from reports import read_prior
from reports.comparing.side_by_side import mixtures_of_prior
from reports.files.toml import as_toml
from reports.presenting.figures import prior_predictive
from reports.presenting.figures.prior import MOST_BESIDE
from reports.presenting.prior_file import DRAWS, prior_file
from tests.cases import CASES, Case
from tests.doubles import HOSTILE_NAMES, typed
from tests.effort import EFFORT
from tests.known import known
from tests.stated import stated_priors

DEATHS = "deaths,n\n" + "\n".join(f"{k},{n}" for k, n in enumerate([162, 267, 271, 185, 111, 61, 27, 8, 3, 1])) + "\n"
TWO = ("--family", "poisson", "--components", "2", "--columns", "deaths", "--counts-column", "n")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "deaths.csv").write_text(DEATHS)
    return tmp_path


def without_nothing(parameters: dict[str, Any]) -> dict[str, Any]:
    return {part: table for part, table in parameters.items() if table is not None}


@settings(max_examples=100 * EFFORT, deadline=None)
@given(stated_priors())
def test_any_prior_survives_writing_and_reading_to_the_last_digit(stated: tuple[Model, dict[str, Any]]) -> None:
    model, parameters = stated
    read = tomllib.loads(as_toml(without_nothing(parameters), {"components.name": "A word.", "weights": "A table."}))
    assert read == without_nothing(parameters)
    assert Prior.of(read, model).parameters() == parameters


@settings(max_examples=100 * EFFORT, deadline=None)
@given(
    st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**63), 2**63 - 1),
    st.text(st.characters(max_codepoint=0xD7FF)),
    st.text(),
)
def test_any_number_word_and_comment_is_toml(number: float, word: str, said: str) -> None:
    told = {"table": {"number": number, "word": word, "list": [number, [number]], "rows": [[number], [number]]}}
    read = tomllib.loads(as_toml(told, {"table": said, "table.number": said}, said))
    assert read == told
    assert type(read["table"]["number"]) is type(number)
    assert np.signbit(read["table"]["number"]) == np.signbit(number)


@pytest.mark.parametrize("called", ["weak", "conjugate"])
@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_printed_file_is_the_prior(case: Case, called: str, tmp_path: Path) -> None:
    prior = case.model.prior(case.data, called)
    for name, text in (("p.toml", prior_file(prior, case.data)), ("p.json", json.dumps(prior.parameters()))):
        (tmp_path / name).write_text(text, encoding="utf-8")
        read = Prior.of(read_prior(tmp_path / name), case.model)
        assert read.parameters() == prior.parameters()
        assert read.log_density(case.mixture) == prior.log_density(case.mixture)


def expected_ranges(text: str) -> dict[str, tuple[float, float, float]]:
    """The ends and the median of every row of the table in the comments."""
    rows = re.findall(r"^# (\S.*?) {2,}(\S+) to (\S+), median ([^;\n]+)", text, re.MULTILINE)
    return {name: tuple(float(n.replace(",", "").replace("−", "-")) for n in found) for name, *found in rows}  # type: ignore[misc]


def assert_quantiles(found: tuple[float, float, float], distribution: Any) -> None:
    """Within five errors of a quantile of so many draws, √(p (1 − p) / n) / density, and half a unit of two digits."""
    for value, p in zip(found, (0.025, 0.975, 0.5), strict=True):
        exact = float(distribution.ppf(p))
        error = np.sqrt(p * (1 - p) / DRAWS) / float(distribution.pdf(exact))
        assert abs(value - exact) < 5 * error + 0.05 * abs(exact), (value, exact)


def test_the_words_say_what_the_prior_expects() -> None:
    """SciPy knows the quantiles of these distributions."""
    counts = Data.of([1, 2, 3, 4, 40.0], name="few", columns=("events",))
    prior = Prior.of(
        {
            "weights": {"name": "Dirichlet", "concentration": 2},
            "components": {"name": "Gamma", "shape": 3, "rate": 0.05},
        },
        Model("poisson", 3),
    )
    text = prior_file(prior, counts)
    found = expected_ranges(text)
    assert_quantiles(found["π₁"], stats.beta(2, 4))
    assert_quantiles(found["λ₁"], stats.gamma(3, scale=20))
    # A Poisson whose rate is a Gamma is a negative binomial; its quantiles are whole numbers, two off at the most.
    observed = stats.nbinom(3, 0.05 / 1.05).ppf([0.025, 0.975, 0.5])
    np.testing.assert_allclose(found["an observation of events"], observed, atol=1, rtol=0.06)
    assert "the data: 1.000 to 40.00" in text
    assert "few: 5 observations of events" in text
    assert "not the ones that these data suggest" in text

    x = Data.of(np.random.default_rng(0).normal(5, 2, 60), columns=("size",))
    model = Model("gaussian", 2)
    location = np.array([100.0])
    own = Prior.of(
        {
            "weights": {"name": "Dirichlet", "concentration": 1},
            "components": {
                "name": "normal-inverse-Wishart", "location": [100.0], "strength": 2.0, "degrees_of_freedom": 6.0,
                "scale": [[9.0]], "structure": "full",
            },
        },
        model,
    )  # fmt: skip
    found = expected_ranges(prior_file(own, x))
    assert known(own.components, NormalInverseWishart).location == location
    assert_quantiles(found["σ²₁"], stats.invgamma(3, scale=4.5))
    # Normal given an inverse gamma variance: Student's t, of a mean with 1/2, of an observation with 3/2 of the variance.
    assert_quantiles(found["μ₁"], stats.t(6, 100, np.sqrt(9 / 6 / 2)))
    assert_quantiles(found["an observation of size"], stats.t(6, 100, np.sqrt(9 / 6 * 3 / 2)))
    assert "All numbers" not in prior_file(model.prior(x), x)
    assert "those of these data" in prior_file(model.prior(x), x)


def test_names_cannot_leave_their_comment() -> None:
    rng = np.random.default_rng(2)
    data = Data.of(rng.normal(size=(40, 6)), columns=HOSTILE_NAMES, name='x\n[weights]\nname = "no"')
    prior = Model("gaussian", 2, 6, "diagonal").prior(data)
    assert tomllib.loads(prior_file(prior, data)) == prior.parameters()
    numbered = Data.of(rng.normal(size=(40, 2)), columns=("2", "1"))
    tied = expected_ranges(prior_file(Model("gaussian", 2, 2, "tied").prior(numbered), numbered))
    assert {"μ₁ (2)", "μ₁ (1)", "Σ (2, 2)", "Σ (2, 1)", "Σ (1, 1)"} <= set(tied)
    assert not any(name.startswith("μ₂") for name in tied)


def test_a_report_gives_its_prior(tmp_path: Path) -> None:
    told = {"weights": None, "components": {"name": "shared rate", "mean": 2.5}}
    report = {"generator": "emvsbayes", "model": {"prior": told}}
    (tmp_path / "report.json").write_text(json.dumps(report))
    assert read_prior(tmp_path / "report.json") == told
    (tmp_path / "choice.json").write_text(json.dumps({"generator": "emvsbayes", "model": {}}))
    with pytest.raises(ValueError, match=r"choice\.json: this document has no prior"):
        read_prior(tmp_path / "choice.json")


WEIGHTS = '[weights]\nname = "Dirichlet"\nconcentration = 1.0\n'
UNREADABLE = {
    "nothing there": (None, "neither weak nor conjugate, and there is no file of that name"),
    "no TOML": ("[weights\n", "p.toml: this is no TOML"),
    "another encoding": (b"name = '\xff'", "p.toml: this is no TOML"),
    "twice": ("[components]\nmean = 1\nmean = 2\n", "p.toml: this is no TOML"),
    "empty": ("", "p.toml: the prior must have components"),
    "an unknown key": (
        f'{WEIGHTS}[components]\nname = "Gamma"\nshape = 1\nrate = 1\ndegrees = 3\n',
        "p.toml: the prior 'Gamma' must have name, shape, rate: this one has no 'degrees'.",
    ),
    "wrong family": (
        f'{WEIGHTS}[components]\nname = "shared scale"\n',
        "p.toml: the prior's name must be 'shared rate' or 'Gamma' for family 'poisson'",
    ),
}
COMMANDS = {
    "compare": ("compare",),
    "fit": ("fit", "--estimate", "map"),
    "sample": ("sample",),
    "prior": ("prior",),
    "study": ("study", "--on-my-data"),
}


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS.keys())
@pytest.mark.parametrize(("content", "sentence"), UNREADABLE.values(), ids=UNREADABLE.keys())
def test_a_file_that_is_no_prior_gets_one_sentence(
    command: tuple[str, ...], content: str | bytes | None, sentence: str, folder: Path
) -> None:
    if content is not None:
        (folder / "p.toml").write_bytes(content if isinstance(content, bytes) else content.encode())
    name, *options = command
    done = typed(name, "deaths.csv", *options, *TWO, "--prior", "p.toml", folder=folder)
    assert (done.exit_code, done.stdout) == (2, ""), done.output
    assert sentence in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_json_is_told_from_toml_where_the_name_says_nothing(tmp_path: Path) -> None:
    told = {"weights": None, "components": {"name": "shared rate", "mean": 2.5}}
    for name, text in (("a", json.dumps(told)), ("b", as_toml(without_nothing(told), {}))):
        (tmp_path / name).write_text(text)
        assert read_prior(tmp_path / name)["components"] == told["components"]
    (tmp_path / "list.json").write_text("[1]")
    with pytest.raises(ValueError, match=r"list\.json: this is no prior"):
        read_prior(tmp_path / "list.json")


def test_the_printed_prior_makes_the_mode_that_its_name_makes_and_an_edited_one_another(folder: Path) -> None:
    """Round trip by the command line, to the last byte; under Gamma(60, 20) the rate is that of its conjugate posterior."""
    mode = ("fit", "deaths.csv", "--estimate", "map", "--starts", "8", "--json", *TWO)
    for called in ("weak", "conjugate"):
        printed = typed("prior", "deaths.csv", *TWO, "--prior", called, folder=folder)
        (folder / "p.toml").write_text(printed.stdout, encoding="utf-8")
        by_name = typed(*mode, "--prior", called, folder=folder)
        assert by_name.exit_code == 0, by_name.output
        assert typed(*mode, "--prior", "p.toml", folder=folder).stdout == by_name.stdout
        again = typed("prior", "deaths.csv", *TWO, "--prior", "p.toml", "--json", folder=folder)
        (folder / "p.json").write_text(again.stdout, encoding="utf-8")
        assert typed(*mode, "--prior", "p.json", folder=folder).stdout == by_name.stdout
    one = ("--family", "poisson", "--components", "1", "--columns", "deaths", "--counts-column", "n")
    (folder / "own.toml").write_text('[components]\nname = "Gamma"\nshape = 60\nrate = 20\n')
    found = typed("fit", "deaths.csv", "--estimate", "map", "--json", *one, "--prior", "own.toml", folder=folder)
    counts = np.array([162, 267, 271, 185, 111, 61, 27, 8, 3, 1])
    mode_by_hand = (60 - 1 + counts @ np.arange(10)) / (20 + counts.sum())
    assert json.loads(found.stdout)["parameters"]["rates[1]"] == pytest.approx(mode_by_hand, rel=1e-9)


@pytest.mark.slow
def test_a_report_under_a_prior_from_a_file_has_the_defaults_numbers_and_is_reproduced(folder: Path) -> None:
    """The printed default first: but for the command and the seconds, the same document; then a prior of one's own."""
    settings = ("--draws", "200", "--tune", "200", "--chains", "2", "--starts", "6")
    compared = ("compare", "deaths.csv", *TWO, *settings, "--json")
    (folder / "p.toml").write_text(typed("prior", "deaths.csv", *TWO, folder=folder).stdout, encoding="utf-8")
    by_name = json.loads(typed(*compared, "--out", "named", folder=folder).stdout)
    by_file = json.loads(typed(*compared, "--prior", "p.toml", "--out", "filed", folder=folder).stdout)
    assert by_file["provenance"].pop("command") == f"{by_name['provenance'].pop('command')} --prior p.toml"
    for document in (by_name, by_file):
        document["provenance"].pop("seconds")
    assert by_file == by_name

    own = (folder / "p.toml").read_text(encoding="utf-8").replace("concentration = 1.0", "concentration = 5.0")
    (folder / "own.toml").write_text(own, encoding="utf-8")
    found = json.loads(typed(*compared, "--prior", "own.toml", "--out", "own", folder=folder).stdout)
    assert found["model"]["prior"]["weights"]["concentration"] == 5.0
    page = (folder / "own" / "report.html").read_text(encoding="utf-8")
    assert "read_prior(&#39;report.json&#39;)" in page or "read_prior('report.json')" in page
    (folder / "own.toml").unlink()
    done = typed("reproduce", "own", folder=folder)
    assert done.exit_code == 0, done.output
    assert "The prior is the report's own" in done.stdout
    assert "agree to the last digit" in done.stdout


@pytest.mark.parametrize("end", ["svg", "png"])
def test_the_figure_is_written(end: str, folder: Path) -> None:
    done = typed("prior", "deaths.csv", *TWO, "--figure", f"p.{end}", folder=folder)
    assert done.exit_code == 0, done.output
    assert done.stderr == f"The figure is p.{end}\n"
    begins = {"svg": b"<svg", "png": b"\x89PNG"}[end]
    assert begins in (folder / f"p.{end}").read_bytes()[:200]
    again = typed("prior", "deaths.csv", *TWO, "--figure", f"p.{end}", folder=folder)
    assert (again.exit_code, again.stdout) == (2, "")
    assert "exists already" in again.stderr


@pytest.mark.parametrize("name", ["p.pdf", "p", "nowhere/p.svg"])
def test_a_figure_that_cannot_be_written_is_refused_before_anything_is_printed(name: str, folder: Path) -> None:
    done = typed("prior", "deaths.csv", *TWO, "--figure", name, folder=folder)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "--figure" in done.stderr


def test_a_figure_has_a_panel_for_each_feature() -> None:
    data = Data.of(np.random.default_rng(4).normal(size=(50, 4)))
    drawn = mixtures_of_prior(Model("gaussian", 2, 4, "diagonal").prior(data), 0)
    figure = prior_predictive(data, drawn, range(4))
    assert [axes.get_xlabel() for axes in figure.axes] == list(data.columns)
    assert len({round(axes.get_position().x0, 2) for axes in figure.axes}) <= MOST_BESIDE + 1
    (alone,) = prior_predictive(data, drawn, [2]).axes
    assert alone.get_xlabel() == data.columns[2]


def test_the_average_of_the_figure_is_the_prior_predictive() -> None:
    """Gamma(3, .5) rates: the counts that it expects are a negative binomial's."""
    counts = Data.of(np.arange(12.0))
    prior = Prior.of({"components": {"name": "Gamma", "shape": 3, "rate": 0.5}}, Model("poisson", 1))
    drawn = mixtures_of_prior(prior, 0)
    assert isinstance(drawn.components, Poisson)
    (axes,) = prior_predictive(counts, drawn, [0]).axes
    (average,) = (patch for patch in axes.patches if patch.get_label() == "average of the prior")
    heights, edges, _ = average.get_data()  # type: ignore[attr-defined]
    middles = (edges[:-1] + edges[1:]) / 2
    exact = stats.nbinom(3, 0.5 / 1.5).pmf(middles)
    # Two thousand rates, of each fifty counts: the error is that of the rates, at most √(p / 2000).
    assert np.abs(heights - exact).max() < 4 * np.sqrt(exact.max() / len(drawn.weights))
