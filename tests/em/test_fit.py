"""What a fit returns, what it depends on and what it refuses."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import optimize, stats

from em import START_KINDS, Status, draw_start, fit
from models import Data, Gamma, Gaussian, Mixture, Model, NormalInverseWishart, Poisson, Prior
from tests import oracles
from tests.cases import CASES
from tests.known import known

each_case = pytest.mark.parametrize("case", CASES, ids=str)
each_estimate = pytest.mark.parametrize("estimate", ["mle", "map"])
COUNTS = CASES[0]
PLANE = next(case for case in CASES if str(case) == "gaussian-full-2d")


def fit_case(case, data=None, **arguments):
    given = {"starts": 3, **arguments}
    return fit(case.data if data is None else data, case.family, 3, covariance=case.covariance, **given)


def log_likelihood(mixture, data):
    return oracles.log_likelihood(mixture, data.values, None, data.exposure)


def assert_same(first, second, rel):
    for name, array in first.arrays().items():
        assert array == pytest.approx(second.arrays()[name], rel=rel, abs=rel), name


@each_case
@each_estimate
def test_the_log_likelihood_is_that_of_the_mixture(case, estimate):
    # Cut short, so that one step more or less would show.
    fitted = fit_case(case, estimate=estimate, max_steps=3)
    assert fitted.log_likelihood == pytest.approx(log_likelihood(fitted.mixture, case.data), rel=1e-12)
    assert abs(np.diff(fitted.climb.log_likelihood)[-1]) > 1e-6
    assert fitted.log_likelihood == fitted.climb.log_likelihood[-1]
    for start in (start for start in fitted.starts if start.status is not Status.COLLAPSED):
        assert start.log_likelihood == pytest.approx(log_likelihood(start.mixture, case.data), rel=1e-12)
        log_prior = float(fitted.prior.log_mode_density(start.mixture)) if fitted.prior else 0
        assert start.objective == pytest.approx(start.log_likelihood + log_prior, rel=1e-12)


@each_case
def test_components_stand_in_ascending_order(case):
    fitted = fit_case(case)
    for mixture in (fitted.mixture, *(start.mixture for start in fitted.starts)):
        assert np.all(np.diff(mixture.components.location()) > 0)


@each_case
def test_the_best_start_that_did_not_collapse_is_returned(case):
    fitted = fit_case(case, starts=8, max_steps=3)
    interior = [start for start in fitted.starts if start.status is not Status.COLLAPSED]
    best = max(interior, key=lambda start: start.objective)
    assert (fitted.log_likelihood, fitted.steps, fitted.status) == (best.log_likelihood, best.steps, best.status)
    assert len({start.objective for start in interior}) > 3


@each_case
@each_estimate
def test_weights_are_replication(case, estimate):
    weights = np.random.default_rng(0).integers(1, 4, size=len(case.data.values))
    repeated = case.data.take(np.repeat(np.arange(len(weights)), weights))
    plain = {"estimate": estimate, "start": case.mixture, "acceleration": "none"}
    weighted = fit_case(case, replace(case.data, weights=weights.astype(float)), **plain)
    replicated = fit_case(case, repeated, **plain)
    assert weighted.log_likelihood == pytest.approx(replicated.log_likelihood, rel=1e-12)
    # The climbs are the same but for rounding, which the slowest of them amplifies.
    assert abs(weighted.steps - replicated.steps) <= 1
    assert_same(weighted.mixture, replicated.mixture, rel=1e-5)


@each_case
def test_the_order_of_the_rows_does_not_matter(case):
    shuffled = case.data.take(np.random.default_rng(0).permutation(len(case.data.values)))
    assert_same(fit_case(case).mixture, fit_case(case, shuffled).mixture, rel=1e-9)


@pytest.mark.parametrize("case", [case for case in CASES if case.family == "gaussian"], ids=str)
def test_a_change_of_units_changes_the_estimate_alike(case):
    """Spherical components know one unit for all features, the others one for each."""
    d = case.data.dimension
    units = np.full(d, 1e-4) if case.covariance == "spherical" else np.array([1e-4, 1e6, 3.0])[:d]
    plain, changed = fit_case(case), fit_case(case, Data.of(case.data.values * units + 10 * units))
    jacobian = len(case.data.values) * np.log(units).sum()
    assert changed.log_likelihood + jacobian == pytest.approx(plain.log_likelihood, abs=1e-7)
    back = (changed.mixture.components.means - 10 * units) / units
    # Both stop within 1e-8 nats of the optimum, which leaves a few ten-thousandths of a standard error.
    assert back == pytest.approx(plain.mixture.components.means, abs=1e-3)


@each_case
def test_one_seed_gives_the_same_fit(case):
    first, second, other = (fit_case(case, starts=4, seed=seed, max_steps=5) for seed in (3, 3, 4))
    for one, same in zip(first.starts, second.starts, strict=True):
        assert (one.kind, one.status, one.steps) == (same.kind, same.status, same.steps)
        # The order in which the fused pass adds up may depend on where the memory lies: the last bit.
        assert one.objective == pytest.approx(same.objective, rel=1e-13)
        assert_same(one.mixture, same.mixture, rel=1e-10)
    differences = [abs(a.objective - b.objective) for a, b in zip(first.starts, other.starts, strict=True)]
    assert max(differences) > 1e-3


def test_a_generator_may_be_the_seed():
    drawn = fit_case(COUNTS, seed=np.random.default_rng(3), max_steps=5)
    seeded = fit_case(COUNTS, seed=3, max_steps=5)
    assert [s.objective for s in drawn.starts] == pytest.approx([s.objective for s in seeded.starts], rel=1e-13)


def test_starts_are_of_several_kinds_and_as_many_as_asked_for():
    kinds = [start.kind for start in fit_case(PLANE, starts=10, max_steps=0).starts]
    assert len(kinds) == 10
    assert len(set(kinds)) >= 4
    assert len(fit_case(PLANE, starts=1).starts) == 1
    assert len(fit(PLANE.data, "gaussian", 3, max_steps=0).starts) >= 10


def test_many_starts_race_and_the_ten_ahead_go_to_the_end():
    fitted = fit_case(PLANE, starts=40)
    ends = [start.status for start in fitted.starts]
    assert len(ends) == 40
    assert ends.count(Status.CONVERGED) >= 10
    assert Status.OUTRUN in ends
    assert {start.steps for start in fitted.starts if start.status is Status.OUTRUN} == {30}
    worst = min(start.objective for start in fitted.starts if start.status is Status.CONVERGED)
    assert fitted.status is Status.CONVERGED
    assert fitted.log_likelihood >= worst


def test_progress_is_told_after_each_start():
    told: list[int] = []
    fit_case(COUNTS, starts=4, on_start=told.append)
    assert told == [1, 2, 3, 4]


@each_case
def test_the_users_own_start_is_the_only_one(case):
    fitted = fit_case(case, start=case.mixture, keep_path=True)
    assert [start.kind for start in fitted.starts] == ["own"]
    assert fitted.climb.path[0] is case.mixture
    assert fitted.climb.log_likelihood[0] == pytest.approx(log_likelihood(case.mixture, case.data), rel=1e-12)


@each_estimate
def test_keeping_the_path_changes_nothing_else(estimate):
    without, kept = (fit_case(COUNTS, estimate=estimate, keep_path=keep) for keep in (False, True))
    assert without.climb.path == ()
    assert len(kept.climb.path) == kept.steps + 1
    assert_same(kept.climb.path[-1].ascending(), kept.mixture, rel=1e-15)
    assert kept.climb.log_likelihood == pytest.approx(without.climb.log_likelihood, rel=1e-13)


def test_running_out_of_steps_is_a_status():
    fitted = fit_case(COUNTS, max_steps=2)
    assert (fitted.status, fitted.steps) == (Status.OUT_OF_STEPS, 2)
    assert {start.status for start in fitted.starts} == {Status.OUT_OF_STEPS}
    assert "out of steps after 2 steps" in fitted.summary()


@each_estimate
@pytest.mark.parametrize("case", [CASES[0], CASES[2], CASES[11]], ids=str)
def test_one_component_is_fitted_in_closed_form(case, estimate):
    x, n = case.data.values, len(case.data.values)
    chosen = "conjugate" if estimate == "map" else None
    fitted = fit(x, case.family, 1, covariance=case.covariance, estimate=estimate, prior=chosen)
    mean, covariance = x.mean(axis=0), np.cov(x.T, ddof=0)
    if case.family == "poisson":
        # Gamma(1, 1/mean): no events and the share 1/mean of an observation.
        expected = {"rates": mean if estimate == "mle" else x.sum(axis=0) / (n + 1 / mean)}
    else:
        # The prior sits at the mean, so that it moves the covariance only: Ψ = S/n, ν = d + 2 = 4.
        full = covariance if estimate == "mle" else (n + 1) * covariance / (n + 4 + 2 + 2)
        expected = {"means": mean[None], "covariances": full[None]}
    assert fitted.status is Status.CONVERGED
    assert fitted.mixture.weights.tolist() == [1]
    assert_same(fitted.mixture, Mixture(np.ones(1), type(fitted.mixture.components)(**expected)), rel=1e-10)


def test_equal_weights_are_held():
    fitted = fit_case(PLANE, mixing="equal")
    assert fitted.mixture.weights.tolist() == [1 / 3] * 3
    assert fitted.log_likelihood < fit_case(PLANE, start=fitted.mixture).log_likelihood


def test_map_uses_the_prior_it_is_given():
    strong = Prior(Gamma(1e6, 1e6 / 5), Model("poisson", 3))
    assert fit_case(COUNTS, estimate="map", prior=strong).mixture.components.rates == pytest.approx(
        np.full(3, 5), rel=0.01
    )
    default = fit_case(COUNTS, estimate="map")
    assert default.prior == Model("poisson", 3).prior(COUNTS.data)
    assert fit_case(COUNTS).prior is None


def test_map_of_two_components_is_where_a_numerical_maximiser_ends():
    x = COUNTS.data.values
    fitted = fit(x, "poisson", 2, estimate="map", prior="conjugate", tolerance=1e-12)

    def falling(free):
        weight, rates = 1 / (1 + np.exp(-free[0])), np.exp(free[1:])
        density = np.array([weight, 1 - weight]) @ stats.poisson.pmf(x.T, rates[:, None])
        return -np.log(density).sum() - stats.gamma(1, scale=x.mean()).logpdf(rates).sum()

    found = optimize.minimize(falling, [0, 1, 2.5], method="Nelder-Mead", options={"xatol": 1e-10, "fatol": 1e-12}).x
    assert known(fitted.mixture.components, Poisson).rates == pytest.approx(np.exp(found[1:]), rel=1e-5)
    assert fitted.mixture.weights[0] == pytest.approx(1 / (1 + np.exp(-found[0])), rel=1e-5)


def test_map_lives_with_components_that_nothing_is_left_for():
    """Two distinct values and five components: under a prior that is a smooth problem like any other."""
    fitted = fit([2, 2, 2, 40, 40, 40], "poisson", 5, estimate="map")
    assert fitted.status is Status.CONVERGED
    assert np.isfinite(list(fitted.parameters.values())).all()
    five_points = fit([0.0, 1, 2, 10, 11, 12], "gaussian", 4, estimate="map")
    assert {start.status for start in five_points.starts} <= {Status.CONVERGED, Status.OUTRUN}
    assert np.isfinite(list(five_points.parameters.values())).all()


def test_more_components_than_distinct_counts():
    fitted = fit([0, 0, 0, 1, 1, 1], "poisson", 3)
    # No mixture of Poissons is less spread than its mean, and these counts are: the best is one Poisson.
    assert fitted.log_likelihood == pytest.approx(stats.poisson(0.5).logpmf([0, 0, 0, 1, 1, 1]).sum(), abs=1e-8)


def test_a_fit_prints_its_parameters():
    fitted = fit_case(PLANE)
    assert list(fitted.parameters) == list(fitted.model.scalars(fitted.mixture, PLANE.data.columns))
    assert fitted.table().loc["means[2,x1]", "MLE"] == fitted.mixture.components.means[1, 0]
    assert repr(fitted).startswith("MLE of a 3-component gaussian mixture, full covariance: log-likelihood -")
    assert "means[2,x1]" in repr(fitted)
    assert fitted._repr_html_().count("<tr") == len(fitted.parameters) + 2
    assert fit_case(COUNTS, estimate="map").table().columns.tolist() == ["MAP"]


def mixture(weights, means, covariances):
    return Mixture(np.array(weights, float), Gaussian(np.array(means, float), np.array(covariances, float)))


TWO = mixture([0.5, 0.5], [[0, 0], [1, 1]], [np.eye(2), np.eye(2)])
TILTED = mixture([0.5, 0.5], [[0, 0], [1, 1]], [[[1, 0.5], [0.5, 1]], np.eye(2)])
BAD = {
    "starts": ({"starts": 0}, "starts must be a whole number from 1 on, got 0"),
    "half a start": ({"starts": 1.5}, "starts must be a whole number from 1 on, got 1.5"),
    "max_steps": ({"max_steps": -1}, "max_steps must be a whole number from 0 on, got -1"),
    "tolerance": ({"tolerance": 0}, "tolerance must be positive, got 0"),
    "no tolerance": ({"tolerance": np.nan}, "tolerance must be positive, got nan"),
    "estimate": ({"estimate": "mean"}, "estimate must be one of 'mle', 'map', got 'mean'"),
    "a prior of the MLE": (
        {
            "prior": Prior(
                NormalInverseWishart(np.zeros(2), 1.0, 4.0, np.eye(2), "full"), Model("gaussian", 2, 2, "full")
            )
        },
        "prior applies to estimate 'map' only",
    ),
    "weights twice": ({"weights": np.ones(80)}, "weights must be left out when x is Data"),
    "a start of another family": (
        {"start": Mixture(np.array([0.5, 0.5]), Poisson(np.array([1.0, 2.0])))},
        "start must be a mixture of family 'gaussian'",
    ),
    "a start of three components": (
        {"start": PLANE.mixture},
        r"start must have 2 components, .* got weights of shape \(3,\)",
    ),
    "a start of one dimension": (
        {"start": mixture([0.5, 0.5], [[0], [1]], [[[1]], [[1]]])},
        r"start must have means of shape \(2, 2\), got \(2, 1\)",
    ),
    "a start of many draws": (
        {"start": mixture([[0.5, 0.5]], [TWO.components.means], [TWO.components.covariances])},
        r"start must have 2 components, .* got weights of shape \(1, 2\)",
    ),
    "a start whose weights exceed one": (
        {"start": mixture([0.9, 0.5], TWO.components.means, TWO.components.covariances)},
        "start must have weights that are not negative and sum to one",
    ),
    "a start with a negative weight": (
        {"start": mixture([1.5, -0.5], TWO.components.means, TWO.components.covariances)},
        "start must have weights that are not negative and sum to one",
    ),
    "a start with weights of its own": (
        {"start": mixture([0.4, 0.6], TWO.components.means, TWO.components.covariances), "mixing": "equal"},
        "start must have weights of 1/2, because mixing is 'equal'",
    ),
    "a start that is not diagonal": (
        {"start": TILTED, "covariance": "diagonal"},
        "start must have covariances of the structure 'diagonal'",
    ),
    "a start that is not tied": (
        {"start": TILTED, "covariance": "tied"},
        "start must have covariances of the structure 'tied'",
    ),
    "a start without variance": (
        {"start": mixture([0.5, 0.5], TWO.components.means, np.zeros((2, 2, 2)))},
        "start must give every observation a density above zero",
    ),
}


@pytest.mark.parametrize(("arguments", "message"), BAD.values(), ids=BAD.keys())
def test_bad_arguments_are_named_in_one_sentence(arguments, message):
    with pytest.raises(ValueError, match=f"^{message}") as error:
        fit(PLANE.data, "gaussian", 2, **arguments)
    assert "\n" not in str(error.value)


def test_bad_rates_are_no_start():
    for rates in ([-1.0, 2.0], [0.0, 0.0]):
        with pytest.raises(ValueError, match="start must give every observation a density above zero"):
            fit(COUNTS.data, "poisson", 2, start=Mixture(np.array([0.5, 0.5]), Poisson(np.array(rates))))


def test_bad_data_reach_the_user_by_name():
    with pytest.raises(ValueError, match="x holds nan in row 2"):
        fit([1, np.nan], "gaussian", 1)
    with pytest.raises(ValueError, match="takes counts, which are whole numbers"):
        fit([1, 2.5], "poisson", 1)
    with pytest.raises(ValueError, match="components must be a whole number"):
        fit([1, 2], "poisson", 0)


def test_a_warning_about_the_data_names_the_line_that_gave_them() -> None:
    frame = pd.DataFrame({"calls": [1, 2, 8, 9], "site": list("abab")})
    with pytest.warns(UserWarning, match="'site' holds text and is left out") as caught:
        fit(frame, "poisson", 2, starts=2)
    assert {each.filename for each in caught} == {__file__}


def test_a_single_start_of_each_kind_is_one_that_fit_accepts() -> None:
    for kind in START_KINDS:
        start = draw_start(kind, PLANE.data, PLANE.model, np.random.default_rng(0))
        found = fit_case(PLANE, start=start, max_steps=0)
        assert found.climb.mixture is start
    with pytest.raises(ValueError, match="kind must be one of"):
        draw_start("best", PLANE.data, PLANE.model, np.random.default_rng(0))
