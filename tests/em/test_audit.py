"""The audit as a whole: it reads as sentences, goes into JSON, and says so when there is nothing to audit."""

import json

import numpy as np
import pytest

from em import Convergence, audit, fit, standard_errors
from models import Gaussian, Mixture, scenario
from tests.known import known


@pytest.fixture(scope="module")
def two():
    return fit(scenario("gaussian-two").data, "gaussian", 2, mixing="equal")


def test_a_healthy_estimate_in_sentences(two):
    found = audit(two)
    sentences = found.summary().splitlines()
    assert sentences[0].startswith("EM converged, ")
    assert "means[2] against variances[1] and variances[2]" in sentences[1]
    assert sentences[2] == "No sign of a degenerate or spurious solution."
    assert "100% of the finished runs" in sentences[3]
    assert len(sentences) == 4
    assert found.standard_errors.table.equals(standard_errors(two).table)
    assert found.summary() in repr(found)


def test_it_goes_into_json(two):
    found = audit(two)
    back = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert back["convergence"]["rate"] == known(found.convergence, Convergence).rate
    assert back["standard_errors"]["parameters"]["means[1]"]["standard_error"] > 0
    assert back["atlas"]["optima"][0]["parameters"] == pytest.approx(two.parameters, abs=1e-4)
    assert back["degeneracy"]["findings"] == []
    assert back["summary"] == found.summary().splitlines()


def test_a_spurious_estimate_is_suspicious():
    fitted = fit(np.random.default_rng(1).normal(size=60), "gaussian", 3)
    found = audit(fitted)
    assert "Suspicious: One component is" in found.summary()
    assert "No sign" not in found.summary()


def test_a_collapse_is_audited_without_numbers():
    x = np.array([0.0, 0.0, 0.0, 0.0, 5.0, 5.1, 5.3, 4.2])
    start = Mixture(np.array([0.5, 0.5]), Gaussian(np.array([[0.0], [5.0]]), np.array([[[1e-3]], [[1.0]]])))
    found = audit(fit(x, "gaussian", 2, start=start))
    assert found.summary().startswith("EM collapsed: the covariance of component 1 is singular.")
    back = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert back["convergence"] is None
    assert back["standard_errors"]["parameters"]["means[1]"]["standard_error"] is None
    assert "no interior maximum" in back["standard_errors"]["problem"]


@pytest.mark.parametrize(("family", "covariance"), [("poisson", None), ("gaussian", "full"), ("gaussian", "tied")])
@pytest.mark.parametrize("estimate", ["mle", "map"])
def test_every_kind_of_estimate_has_an_audit(family, covariance, estimate):
    x = np.random.default_rng(0).poisson([[3.0], [20.0]], size=(2, 30)).ravel()
    fitted = fit(x, family, 2, covariance=covariance, estimate=estimate, starts=5)
    found = audit(fitted)
    assert found.standard_errors.problem is None
    assert json.dumps(found.to_dict(), allow_nan=False)


def test_one_component_has_an_audit():
    found = audit(fit([1.0, 2.0, 4.0, 8.0], "gaussian", 1))
    assert "the estimate has a closed form" in found.summary()
