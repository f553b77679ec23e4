"""Every private name that the engine rides on is there; and when one is not, there is still a posterior."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytensor
import pytest

from bayes import CompiledModel, compiled, compiled_model, evidence, pareto_k, sample
from bayes.engine import INTERPRETED, GaussianTotal, Moved, Sampling, graph, interpreted, nuts, plain, private
from bayes.plain import PlainModel
from models import Data, Mixture, Model, Poisson

BAYES = Path(__file__).parents[3] / "bayes"
COUNTS = [0, 5, 2, 9, 1, 7]
called = pytest.mark.parametrize("name", private.NAMES, ids=".".join)


# ---------------------------------------------------------------------------------------------------------------------
# Smoke tests: what fails here after a library was upgraded is the name to look after


@called
def test_it_is_where_the_engine_looks_for_it(name: tuple[str, str]) -> None:
    assert private.find(name) is not None


@pytest.mark.parametrize("name", private.ARGUMENTS, ids=".".join)
def test_it_takes_what_the_engine_gives_it(name: tuple[str, str]) -> None:
    assert set(private.ARGUMENTS[name]) <= set(inspect.signature(private.find(name)).parameters)


def test_a_compiled_function_has_one_of_numbas_within() -> None:
    x = pytensor.tensor.dvector()
    function = private.jit_function(pytensor.function([x], [x + 1], mode="NUMBA"))
    assert function(np.zeros(2))[0].tolist() == [1, 1]
    private.key_on_disk(function)


def test_no_other_file_of_bayes_knows_a_private_name() -> None:
    # Called on what nutpie hands out: words that many things go by.
    names = {path.split(".")[-1] for _, path in private.NAMES} - {"sample", "wait", "cancel"} | {"jit_fn"}
    for path in BAYES.rglob("*.py"):
        code = re.sub(r'"""(?:.|\n)*?"""|#.*', "", path.read_text(encoding="utf-8"))
        if path.name != "private.py":
            assert [name for name in names if re.search(rf"\b{name}\b", code)] == [], path
            assert not re.search(r"import nutpie\b|from nutpie|pytensor\.link", code), path


# ---------------------------------------------------------------------------------------------------------------------
# The way round


@pytest.fixture
def afresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nothing compiled and nothing said before, and nothing of it kept afterwards; PyMC's graphs are interpreted.

    Numba would take a minute for what is evaluated a few hundred times here.
    """
    monkeypatch.setattr(compiled, "_compiled_once", compiled._compiled_once.__wrapped__)
    monkeypatch.setitem(plain.COMPILED, "mode", INTERPRETED)
    plain.say_that_it_is_slower.cache_clear()
    yield
    plain.say_that_it_is_slower.cache_clear()


def take_away(name: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a name be elsewhere for us. Its own library, which still needs it, would have renamed it everywhere."""
    find = private.find
    monkeypatch.setattr(private, "find", lambda asked: find((name[0], "moved") if asked == name else asked))


@pytest.mark.usefixtures("afresh")
@called
def test_without_it_there_is_still_a_posterior(name: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    take_away(name, monkeypatch)
    with pytest.warns(UserWarning, match="plain PyMC samples in place of the fast engine") as said:
        posterior = sample(COUNTS, "poisson", 2, draws=4, tune=4, chains=1, seed=1)
    assert len(said) == 1
    assert posterior.mixture.weights.shape == (1, 4, 2)
    assert np.isfinite(posterior.log_likelihood).all()


@pytest.mark.usefixtures("afresh")
def test_arguments_that_are_taken_no_more_are_noticed_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nutpie.sample", lambda model, *, draws, tune: None)
    with pytest.raises(Moved, match=r"nutpie.sample\(return_raw_trace=...\)"):
        private.require()


@pytest.mark.usefixtures("afresh")
def test_without_one_of_numbas_within_a_compiled_function_there_is_still_a_posterior(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    find_within = private.jit_function
    monkeypatch.setattr(graph, "jit_function", lambda compiled: find_within(SimpleNamespace(vm=object())))
    with pytest.warns(UserWarning, match="vm.jit_fn of a compiled PyTensor function is not where"):
        assert sample(COUNTS, "poisson", 2, draws=4, tune=4, chains=1, seed=1).chains == 1


WITHOUT_NUTPIE = """
import sys
sys.modules["nutpie"] = None
from bayes import sample
for components in (1, 2):
    print(sample([0, 5, 2, 9, 1, 7], "poisson", components, draws=4, tune=4, chains=1).log_likelihood.shape)
"""


@pytest.mark.slow
def test_a_library_that_cannot_be_imported_is_done_without() -> None:
    run = subprocess.run([sys.executable, "-c", WITHOUT_NUTPIE], cwd=BAYES.parent, capture_output=True, text=True)
    assert run.stdout.splitlines() == ["(1, 4)", "(1, 4)"], run.stderr
    assert run.stderr.count("nutpie.compile_pymc.CompiledPyMCModel is not where emvsbayes looks for it") == 1


def test_an_operation_that_numba_cannot_be_told_of_is_still_one(monkeypatch: pytest.MonkeyPatch) -> None:
    take_away(private.REGISTER, monkeypatch)

    @private.compiled_by_numba(GaussianTotal, 1)
    def code() -> None:
        raise AssertionError("nobody is to ask for it")

    # One observation of a standard normal distribution: −log(2π)/2.
    parameters = ([[0.0]], [1.0], [-0.5 * np.log(2 * np.pi)], [[0.0]], [[[1.0]]])
    log_likelihood = interpreted([], GaussianTotal().make_node(*parameters).outputs[:1])
    assert log_likelihood()[0] == pytest.approx(-0.5 * np.log(2 * np.pi))


@pytest.mark.usefixtures("afresh")
def test_it_is_said_once(monkeypatch: pytest.MonkeyPatch) -> None:
    take_away(private.NUTPIE_MODEL, monkeypatch)
    run = partial(sample, COUNTS, "poisson", draws=4, tune=4, chains=1)
    with pytest.warns(UserWarning, match=r"nutpie\.compile_pymc\.moved is not where") as said:
        [run(components=components) for components in (2, 1)]
    assert len(said) == 1


# ---------------------------------------------------------------------------------------------------------------------
# What plain PyMC comes to


@pytest.fixture
def by_pymc(afresh: None) -> PlainModel:
    return PlainModel(Model("poisson", 2))


def test_its_log_density_is_that_of_the_engine(by_pymc: PlainModel) -> None:
    data, rng = Data.of(COUNTS), np.random.default_rng(1)
    ours, theirs = compiled_model(by_pymc.model), by_pymc
    assert isinstance(ours, CompiledModel)
    prior = by_pymc.model.prior(data)
    for x in rng.normal(size=(3, 3)):
        (value, gradient), (expected, slopes) = (each.log_density(data, prior)(x) for each in (theirs, ours))
        # The constants of the prior differ by 8e-9, the same everywhere: compiled they are not evaluated by SciPy.
        assert value == pytest.approx(expected, abs=1e-7)
        np.testing.assert_allclose(gradient, slopes, rtol=1e-10, atol=1e-12)
    mixture = Mixture(np.array([0.3, 0.7]), Poisson(np.array([1.0, 6.0])))
    np.testing.assert_array_equal(theirs.unconstrained(mixture, prior), ours.unconstrained(mixture, prior))


@pytest.mark.usefixtures("afresh")
def test_it_serves_whatever_else_looks_at_a_posterior(monkeypatch: pytest.MonkeyPatch) -> None:
    take_away(private.CACHED_SOURCES, monkeypatch)
    monkeypatch.setattr(compiled, "say_that_it_is_slower", lambda moved: None)
    posterior = sample(COUNTS, "poisson", 1, draws=40, tune=40, chains=2, seed=1)
    assert set(posterior.tree["sample_stats"].data_vars) == set(nuts.STATISTICS.values())
    assert np.isfinite(evidence(posterior).log_evidence)
    maximum = Mixture(np.ones(1), Poisson(np.array([4.0])))
    assert np.isfinite(pareto_k(posterior.data, posterior.model, posterior.prior, maximum, np.random.default_rng(0)))


def test_one_seed_gives_the_same_draws_and_every_draw_is_told(by_pymc: PlainModel) -> None:
    data, told = Data.of(COUNTS), [0, 0]

    def run(which: int, seed: int) -> np.ndarray:
        def tell() -> None:
            told[which] += 1

        settings = Sampling(draws=6, tune=5, chains=2, cores=1, seed=seed)
        return by_pymc.chains(data, by_pymc.model.prior(data), settings, on_draw=tell).variables["rates"].to_numpy()

    first, second = run(0, 3), run(1, 3)
    np.testing.assert_array_equal(first, second)
    assert told == [22, 22]


@pytest.mark.parametrize("error", [KeyboardInterrupt, BrokenPipeError])
@pytest.mark.parametrize("at", [3, 8, 14])
def test_what_the_caller_raises_ends_everything(by_pymc: PlainModel, error: type[BaseException], at: int) -> None:
    calls: list[None] = []

    def interrupt() -> None:
        calls.append(None)
        if len(calls) == at:
            raise error

    settings, data = Sampling(draws=5, tune=5, chains=2, cores=1, seed=1), Data.of(COUNTS)
    with pytest.raises(error):
        by_pymc.chains(data, by_pymc.model.prior(data), settings, on_draw=interrupt)
    assert len(calls) == at
