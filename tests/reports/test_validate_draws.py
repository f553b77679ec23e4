"""Right draws of another sampler pass, and wrong ones are named: by the code, and in the sentence."""

import json

import arviz as az
import numpy as np
import pytest

from bayes import Posterior, exact_posterior
from em import fit
from models import Data, Model, Prior
from reports import validate_draws
from reports.running.progress import Silence
from reports.validating.draws import estimate_of, given_of, judged_posterior, own_posterior
from reports.validating.draws_codes import DrawsClaim, DrawsStatus
from reports.validating.draws_difference import FALSE_ALARMS, posterior_difference
from reports.validating.draws_document import draws_document
from tests.doubles import typed
from tests.reports.gibbs_gaussian import gaussian_draws

X = np.concatenate([np.random.default_rng(1).normal(0, 1, 50), np.random.default_rng(2).normal(6, 2, 80)])
DATA, MODEL = Data.of(X), Model("gaussian", 2, 1, "full")
PRIOR = MODEL.prior(DATA, "conjugate")


@pytest.fixture(scope="module")
def right():
    """Draws by Gibbs sampling."""
    return gaussian_draws(DATA, 2, PRIOR, np.random.default_rng(3))


@pytest.fixture(scope="module")
def few(right):
    """Every twentieth of them."""
    return {name: draws[:, ::20] for name, draws in right.items()}


@pytest.fixture(scope="module")
def own() -> Posterior:
    """What stands for our own sampler: draws from another seed."""
    other = gaussian_draws(DATA, 2, PRIOR, np.random.default_rng(4))
    return given_of(DATA, MODEL, other, None, PRIOR).posterior


def judged(draws, own=None, prior: Prior | str | None = PRIOR, estimate=None, **names):
    return judged_posterior(given_of(DATA, MODEL, draws, names, prior), own, estimate)


def test_a_right_posterior_passes_with_em_inside(right, own):
    found = judged(right, own, estimate=fit(DATA, "gaussian", 2, starts=10).mixture)
    assert found.findings == (DrawsStatus.SAME_POSTERIOR,)
    assert found.difference is not None
    assert found.difference.parameters_are_compared
    assert found.estimate is not None
    assert found.estimate.beaten_by == 0
    assert found.estimate.table["inside"].all()
    # Half a χ² of 5 degrees of freedom lies below the top, on average and in large samples; the prior adds a little.
    assert 2.5 <= found.estimate.below <= 4
    assert "is the posterior that we sample" in repr(found)


def test_right_posteriors_are_accused_as_seldom_as_was_meant():
    """The posterior of one component is a gamma distribution, of which draws are independent."""
    rng, pairs = np.random.default_rng(5), 40
    data, model = Data.of(rng.poisson(4, 30)), Model("poisson", 1)
    prior = model.prior(data, "conjugate")
    exact = exact_posterior(data, "poisson", 1, prior=prior)

    def drawn():
        return given_of(
            data, model, {"rates": exact.sample(1000, rng).arrays()["rates"].reshape(4, 250, 1)}, None, prior
        )

    differences = [posterior_difference(drawn().posterior, drawn().posterior) for _ in range(pairs)]
    accused = sum(bool(difference.differing) for difference in differences)
    # More than 4 of 40 have a probability of 6·10⁻⁵ where each has one of 0.01.
    assert FALSE_ALARMS == 0.01
    assert accused <= 4
    for column in ("means_apart", "sds_apart"):
        z = np.array([difference.table.loc["rates[1]", column] for difference in differences], dtype=float)
        # The standard deviation of 40 standard normals is one ± 0.11; four of these.
        assert 0.55 < z.std() < 1.45


def test_another_prior_is_another_posterior_and_is_only_unknown_where_none_is_stated(right, own):
    narrow = gaussian_draws(DATA, 2, Prior.of(PRIOR.parameters(), MODEL).widened(0.5), np.random.default_rng(6))
    stated = judged(narrow, own)
    assert stated.status is DrawsStatus.OTHER_POSTERIOR
    assert "another posterior than ours under the prior that is stated" in stated.sentence
    unknown = judged_posterior(given_of(DATA, MODEL, narrow), own)
    assert unknown.status is DrawsStatus.UNKNOWN_PRIOR
    assert "unknown" in unknown.sentence


def test_labels_that_were_switched_are_named_and_do_no_harm(right, own):
    """Two chains of four with the labels exchanged, as chains of NUTS have them."""
    switched = {name: draws.copy() for name, draws in right.items()}
    for draws in switched.values():
        draws[[1, 3]] = draws[[1, 3]][..., ::-1]
    found = judged(switched, own)
    assert found.findings == (DrawsStatus.LABEL_SWITCHING, DrawsStatus.SAME_POSTERIOR)
    assert found.given.switched == pytest.approx(0.5, abs=0.01)
    assert "all of chains" in found.sentence
    # Their own mean of a label lies half-way; ours is the posterior's.
    np.testing.assert_allclose(found.given.as_given["means[1]"].mean(), 3, atol=0.5)
    np.testing.assert_allclose(found.given.posterior.summary.loc["means[1]", "mean"], 0, atol=0.5)


def test_standard_deviations_under_the_name_of_variances_are_named(right, own):
    found = judged({"weights": right["weights"], "means": right["means"], "variances": right["sds"]}, own)
    assert found.status is DrawsStatus.MISREAD
    assert "standard deviations" in found.sentence


@pytest.mark.slow
def test_chains_on_two_hills_are_no_label_switching():
    rng = np.random.default_rng(7)
    x = np.concatenate([rng.normal(centre, 0.5, 40) for centre in (0, 5, 10)])
    data = Data.of(x)
    prior = MODEL.prior(data, "conjugate")
    left, right = (gaussian_draws(data, 2, prior, rng, np.array(starts)) for starts in ([0.0, 7.5], [2.5, 10.0]))
    both = {name: np.concatenate([left[name][:2], right[name][2:]]) for name in left}
    found = judged_posterior(given_of(data, MODEL, both, None, prior))
    assert found.status is DrawsStatus.CHAINS_APART
    assert "no label switching" in found.sentence
    assert judged_posterior(given_of(data, MODEL, left, None, prior)).status is DrawsStatus.NOT_COMPARED


CONSTANT = 0.5 * len(X) * np.log(2 * np.pi)


@pytest.mark.parametrize(
    ("stated", "claim"),
    [
        (lambda each: each, DrawsClaim.SAME),
        (lambda each: each.sum(axis=2).astype(np.float32), DrawsClaim.SAME),
        (lambda each: each.mean(axis=2), DrawsClaim.MEAN_PER_ROW),
        (lambda each: -2 * each.sum(axis=2), DrawsClaim.MINUS_TWICE),
        (lambda each: each.sum(axis=2) + CONSTANT, DrawsClaim.WITHOUT_CONSTANT),
        (lambda each: each.sum(axis=2) + 17, DrawsClaim.ANOTHER_CONSTANT),
        (lambda each: each[..., :-1], DrawsClaim.OTHER_DATA),
        (lambda each: 1.1 * each, DrawsClaim.OTHER_MODEL),
    ],
)
def test_their_log_likelihood_is_held_against_ours(few, stated, claim):
    mixture = given_of(DATA, MODEL, few).draws.mixture
    found = judged({**few, "log_lik": stated(mixture.log_density(DATA.values))})
    assert found.claim is not None
    assert found.claim.claim is claim
    is_other = claim in (DrawsClaim.OTHER_DATA, DrawsClaim.OTHER_MODEL)
    assert (found.status is DrawsStatus.OTHER_MODEL) == is_other
    assert ("not the same model" in found.sentence) == is_other


def test_an_estimate_below_the_best_draw_is_no_maximum(few):
    given = given_of(DATA, MODEL, few)
    early = estimate_of(given, {"weights": [0.5, 0.5], "means": [0, 6], "sds": [1, 1]}, seed=0)
    found = judged(few, estimate=early)
    assert "not the maximum of the likelihood" in found.sentence
    with pytest.raises(ValueError, match="the estimate is of 1 gaussian components"):
        estimate_of(given, {"weights": [1], "means": [3], "sds": [4]}, seed=0)


def test_the_document_holds_codes_and_figures(right, own):
    document = draws_document(judged(right, own))
    assert document["status"] == "same-posterior"
    assert document["chains"] == 4
    assert set(document["against_own"]["quantities"]) >= {"log_likelihood", "means[1]", "weights[2]"}
    json.dumps({**document, "against_own": None, "estimate": None})


ASKED = ("validate-posterior", "x.csv", "--family", "gaussian", "--components", "2", "--posterior", "x.nc")


def test_the_command_judges_a_file(tmp_path, few):
    np.savetxt(tmp_path / "x.csv", X)
    renamed = {"a": few["weights"], "b": few["means"], "c": few["sds"]}
    az.from_dict({"posterior": renamed}).to_netcdf(tmp_path / "x.nc", engine="h5netcdf")
    names = ("--names", "weights=a,means=b,sds=c")
    answer = typed(*ASKED, *names, "--no-own", "--json", folder=tmp_path)
    assert answer.exit_code == 0, answer.output
    document = json.loads(answer.stdout)["given"]
    assert document["names"] == {"weights": "a", "means": "b", "sds": "c"}
    assert document["prior"]["is_stated"] is False
    refused = typed(*ASKED[:-1], "y.nc", folder=tmp_path)
    assert refused.exit_code == 2
    assert "y.nc: the file does not exist" in refused.stderr
    unnamed = typed(*ASKED, "--names", "sds", folder=tmp_path)
    assert unnamed.exit_code == 2
    assert "--names 'sds' must be of the form" in unnamed.stderr


@pytest.mark.slow
def test_what_sample_wrote_is_read_back_and_is_the_same_posterior(tmp_path):
    np.savetxt(tmp_path / "x.csv", X)
    sampled = typed("sample", *ASKED[1:6], "--out", "x.nc", folder=tmp_path)
    assert sampled.exit_code == 0, sampled.output
    answer = typed(*ASKED, "--prior", "weak", "--json", folder=tmp_path)
    assert answer.exit_code == 0, answer.output
    document = json.loads(answer.stdout)["given"]
    assert document["claimed"]["claim"] == "same"
    assert document["findings"] == ["same-posterior"], document["sentences"]


@pytest.mark.slow
def test_gibbs_and_nuts_sample_the_same_posterior(right):
    found = validate_draws(X, "gaussian", 2, right, prior="conjugate", seed=1)
    assert found.status is DrawsStatus.SAME_POSTERIOR, found.sentence


@pytest.mark.slow
def test_a_prior_that_nobody_stated_is_found_among_the_named_ones():
    """There are few observations, of which two priors make two posteriors."""
    data = Data.of(X[::5])
    draws = gaussian_draws(data, 2, MODEL.prior(data, "conjugate"), np.random.default_rng(8))
    found = validate_draws(data, "gaussian", 2, draws, seed=1)
    assert found.status is DrawsStatus.UNKNOWN_PRIOR, found.sentence
    assert found.under == "conjugate", found.sentence
    assert "our posterior under the conjugate prior" in found.sentence


@pytest.mark.slow
def test_chains_that_all_stay_on_the_lesser_hill_have_missed_the_other():
    rng = np.random.default_rng(7)
    x = np.concatenate([rng.normal(centre, 0.5, 40) for centre in (0, 5, 10)])
    data = Data.of(x)
    prior = MODEL.prior(data, "conjugate")
    left, right = (gaussian_draws(data, 2, prior, rng, np.array(starts)) for starts in ([0.0, 7.5], [2.5, 10.0]))
    given = [given_of(data, MODEL, draws, None, prior) for draws in (left, right)]
    own = own_posterior(given[0], 0, Silence())
    lesser = min(given, key=lambda each: float(each.posterior.log_likelihood.mean()))
    found = judged_posterior(lesser, own)
    assert found.status is DrawsStatus.MISSED_HILL, found.sentence
    assert sum(found.shares) == pytest.approx(1)
