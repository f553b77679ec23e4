"""A family has one row in every registry, and nothing outside its files knows its name."""

import re
from pathlib import Path

import pytest

from bayes import bayesian_components
from em import component_m_steps
from em.wrong_maps.registry import families_maps
from models import component_priors, families, named_priors
from models.given.registry import readers
from models.truths import truths
from tests import oracles
from tests.cases import CASES

ROOT = Path(__file__).parents[2]


def test_every_registry_names_the_same_families():
    names = set(families)
    assert {case.family for case in CASES} == names
    assert set(component_m_steps) == names
    assert set(bayesian_components) == names
    assert set(oracles.LOG_DENSITIES) == names
    assert set(component_priors) == names
    assert set(truths) == names
    assert set(readers) == names
    assert set(families_maps) == names


@pytest.mark.parametrize("name", families)
def test_a_family_has_a_prior_of_every_name(name):
    assert [prior.called for prior in component_priors[name]] == list(named_priors)


@pytest.mark.parametrize("name", families)
def test_a_family_goes_by_its_own_name(name):
    assert families[name].name == name


@pytest.mark.parametrize("name", families)
def test_the_table_of_cases_has_every_structure_of_covariance(name):
    structures = families[name].covariance_structures or (None,)
    assert {case.covariance for case in CASES if case.family == name} == set(structures)


@pytest.mark.parametrize("name", families)
def test_the_table_of_cases_has_every_structure_in_one_dimension_and_in_more(name):
    if families[name].covariance_structures:
        for structure in families[name].covariance_structures:
            dimensions = {c.data.dimension for c in CASES if (c.family, c.covariance) == (name, structure)}
            assert {1, 2} <= dimensions


@pytest.mark.parametrize("name", families)
def test_a_family_has_one_file_in_each_folder(name):
    for folder in ("models", "models/given", "em", "em/wrong_maps", "bayes", "bayes/engine", "bayes/exact"):
        assert (ROOT / folder / f"{name.replace('-', '_')}.py").is_file()


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_case_is_what_its_row_says(case):
    assert isinstance(case.mixture.components, families[case.family])
    assert case.model.covariance == case.covariance
    assert len({str(other) for other in CASES}) == len(CASES)


# The registries, and the data sets of a family: the places that are to know families by name. The door of the
# engine room hands on the operations of each.
KNOWING = {
    "models": {
        "__init__",
        "families",
        "given/registry",
        "priors/__init__",
        "truths/__init__",
        "scenarios/__init__",
        "scenarios/counts",
        "scenarios/measurements",
        "scenarios/simulated",
    },
    "em": {"m_step", "estimators/__init__", "wrong_maps/registry"},
    "bayes": {"build", "engine/__init__", "exact/registry"},
}


@pytest.mark.parametrize("folder", KNOWING)
def test_no_other_file_asks_which_family_it_has(folder):
    for path in (ROOT / folder).rglob("*.py"):
        place = path.relative_to(ROOT / folder).with_suffix("").as_posix()
        # A family's own files are called after it: gaussian.py, gaussian_chart.py.
        if path.stem.split("_")[0] not in families and place not in KNOWING[folder]:
            assert names_of_families(path.read_text(encoding="utf-8")) == [], f"{path.relative_to(ROOT)} names them"


def names_of_families(source):
    """The words of the code that have the name of a family in them, ``gaussian_pass`` as well as ``Gaussian``."""
    code = re.sub(r'"""(?:.|\n)*?"""|#.*', "", source)
    return sorted(set(re.findall(rf"\w*(?:{'|'.join(families)})\w*", code, re.IGNORECASE)))


def test_a_name_within_a_word_is_seen():
    source = '"""Not of Gaussians."""\nfrom .kernel import gaussian_pass  # nor of Poissons\nRATE = NewPoisson(1)'
    assert names_of_families(source) == ["NewPoisson", "gaussian_pass"]
