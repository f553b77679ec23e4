"""Three estimates of R packages: what was found of each by hand, once, is what the judgement says."""

from __future__ import annotations

import pytest

from models import Data, scenario
from reports import read_estimate
from reports.validating.codes import Claim, Status
from reports.validating.judgement import Judgement, judge
from tests.shared_cases import shared_case


def judged(estimate: str, data: Data) -> Judgement:
    return judge(data, read_estimate(shared_case(f"estimates/{estimate}.json"), data), starts=40)


def test_flexmix_stops_before_the_top():
    found = judged("flexmix_deaths", scenario("times-deaths").data)
    assert found.status == Status.NOT_A_MAXIMUM
    # Hasselblad's maximum (1969) is known to be at -1989.946.
    assert found.below_own_top == pytest.approx(0.2085, abs=1e-3)
    assert found.standard_errors_off == pytest.approx(0.69, abs=0.01)
    assert (found.below_best, found.best_is_spurious, found.mistake) == (0, False, None)
    assert found.stopped_early
    # The value that flexmix states is lower than that of the parameters it gives.
    assert found.claimed == Claim.OF_THE_STEP_BEFORE
    assert found.given.log_likelihood is not None
    assert found.given.log_likelihood < found.log_likelihood


def test_mclust_is_at_the_top_of_faithful():
    found = judged("mclust_faithful_vvv2", scenario("old-faithful").data)
    assert found.status == Status.MAXIMUM
    assert found.claimed == Claim.TOTAL
    assert found.failures == ()


def test_mclust_is_on_a_lower_hill_of_galaxies_than_a_spurious_one():
    found = judged("mclust_galaxies_v3", scenario("galaxies").data)
    assert found.status == Status.LOWER_HILL
    assert found.below_best == pytest.approx(8.9, abs=0.05)
    assert found.best_is_spurious
    assert "8.9 nats below the best" in found.sentence
    assert "spurious" in found.sentence
    assert "may be the better answer" in found.sentence
