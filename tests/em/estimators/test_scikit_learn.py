"""scikit-learn's own tests of its ``GaussianMixture``, as they are installed, on ours; nothing of them is copied.

All of them take part, in single and in double precision. Those that call what is private in scikit-learn have to fail, with
the reason.
"""

import importlib.util
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from em.estimators import GaussianMixture

PLACE = "sklearn.mixture.tests.test_gaussian_mixture"
if importlib.util.find_spec(PLACE) is None:
    pytest.skip("this scikit-learn was installed without its tests", allow_module_level=True)

# Its own tests are run with these as warnings, and look for them where they matter.
pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.slow,
]
SETS_PRIVATELY = "calls GaussianMixture._set_parameters and ._initialize, which are private"
FAILING = {
    "test_gaussian_mixture_precisions_init": SETS_PRIVATELY,
    "test_gaussian_mixture_all_init_does_not_estimate_gaussian_parameters": (
        "counts the calls of _estimate_gaussian_parameters, which is private, and no part of ours"
    ),
}


def swapped() -> ModuleType:
    """The installed tests as a module of its own, in which ``GaussianMixture`` is ours."""
    found = importlib.util.find_spec(PLACE)
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    module.GaussianMixture = GaussianMixture  # type: ignore[attr-defined]
    return module


def prepared(name: str, test: Callable[..., None]) -> Callable[..., None]:
    """A test whose parameters are listed, as pytest asks for, and which has to fail where a reason says so."""
    marks = getattr(test, "pytestmark", [])
    listed = [_listed(mark) for mark in marks]
    if name in FAILING:
        listed.append(pytest.mark.xfail(reason=FAILING[name], strict=True).mark)
    test.pytestmark = listed  # type: ignore[attr-defined]
    return test


def _listed(mark: pytest.Mark) -> pytest.Mark:
    if mark.name != "parametrize":
        return mark
    names, values, *others = mark.args
    return pytest.mark.parametrize(names, list(values), *others, **mark.kwargs).mark


@pytest.fixture(params=[np.float64, np.float32], ids=["float64", "float32"])
def global_dtype(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.fixture
def global_random_seed() -> int:
    return 42


TESTS = {name: test for name, test in vars(swapped()).items() if name.startswith("test_")}
globals().update({name: prepared(name, test) for name, test in TESTS.items()})
