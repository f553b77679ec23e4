"""The climb never falls, says how it ended, and stops near its limit."""

import sys

import numpy as np
import pytest
from scipy import optimize

from em import MStep, Status, climb, distance_to_limit, e_step, fit
from em.gains import is_outrun
from models import Components, Data, Gaussian, Mixture, Model, Poisson, PoissonProduct
from tests import oracles
from tests.cases import CASES
from tests.em import complete_data
from tests.em.textbook import DEATH_NOTICES, DEATHS
from tests.known import known

each_case = pytest.mark.parametrize("case", CASES, ids=str)
each_estimate = pytest.mark.parametrize("estimate", ["mle", "conjugate", "weak"])
each_mixing = pytest.mark.parametrize("mixing", ["free", "equal"])


def never_falls(objective):
    return bool(np.all(np.diff(objective) >= -1e-9 * np.abs(objective[:-1])))


def m_step_of(case, estimate="mle", mixing="free", data=None):
    model = case.model_with(mixing)
    data = data or case.data
    return MStep(model, data, None if estimate == "mle" else model.prior(data, estimate))


@each_case
@each_estimate
@each_mixing
def test_the_objective_never_falls(case, estimate, mixing):
    m_step = m_step_of(case, estimate, mixing)
    for seed in range(6):
        climbed = climb(case.data, random_start(case, mixing, seed), m_step, 1e-8, 150)
        assert climbed.steps > 10
        assert never_falls(climbed.objective)
        assert climbed.objective[-1] > climbed.objective[0] + 1


def random_start(case, mixing, seed):
    """Random observations for centres; spreads and weights that belong to others."""
    rng = np.random.default_rng(seed)
    order, rows = rng.permutation(3), rng.choice(len(case.data.values), size=3, replace=False)
    components, centres = case.mixture.components.take(order), case.data.values[rows]
    moved: Components
    if case.family == "poisson":
        moved = Poisson(centres[:, 0] + 0.5)
    elif case.family == "poisson-product":
        moved = PoissonProduct(centres + 0.5)
    else:
        moved = Gaussian(centres, components.covariances)
    return Mixture(rng.dirichlet(np.ones(3)) if mixing == "free" else np.full(3, 1 / 3), moved)


@pytest.mark.parametrize("estimate", ["mle", "map"])
@pytest.mark.parametrize("seed", range(4))
def test_no_start_of_a_fit_ever_falls(estimate, seed):
    """Correlated data, so that a start whose covariances are not the model's own would fall at once."""
    x = np.random.default_rng(seed).normal(size=(40, 2)) @ np.array([[1, 0.95], [0, 0.2]])
    for covariance in ("full", "diagonal", "spherical", "tied"):
        fitted = fit(x, "gaussian", 2, covariance=covariance, estimate=estimate, seed=seed, starts=6, max_steps=0)
        m_step = MStep(fitted.model, fitted.data, fitted.prior)
        for start in fitted.starts:
            assert never_falls(climb(fitted.data, start.mixture, m_step, 1e-8, 20).objective)


@pytest.mark.parametrize("case", [case for case in CASES if case.covariance not in (None, "tied")], ids=str)
def test_the_likelihood_never_falls_while_the_floor_is_active(case):
    """Ten copies of one point and a component on them: its eigenvalues are lifted in every step."""
    x = np.concatenate([case.data.values, np.repeat(case.data.values[:1], 10, axis=0)])
    data = Data.of(x)
    m_step = MStep(case.model, data)
    means, covariances = case.mixture.components.means.copy(), case.mixture.components.covariances.copy()
    means[0], covariances[0] = x[0] + 1e-3, 1e-4 * np.eye(case.data.dimension)
    mixture, log_likelihood = Mixture(case.mixture.weights, Gaussian(means, covariances)), []
    for _ in range(60):
        expectation = e_step(data, mixture)
        log_likelihood.append(expectation.log_likelihood)
        mixture = m_step(expectation.statistics)
    assert "singular" in known(m_step.collapse(mixture, expectation.statistics), str)
    assert never_falls(log_likelihood)


@each_case
@each_estimate
def test_what_is_recorded_belongs_to_the_recorded_mixture(case, estimate):
    m_step = m_step_of(case, estimate)
    climbed = climb(case.data, case.mixture, m_step, 1e-8, 4, keep_path=True)
    assert len(climbed.path) == len(climbed.log_likelihood) == len(climbed.objective) == 5 == climbed.steps + 1
    assert climbed.path[0] is case.mixture
    assert climbed.path[-1] is climbed.mixture
    for mixture, log_likelihood, objective in zip(climbed.path, climbed.log_likelihood, climbed.objective, strict=True):
        log_prior = float(m_step.prior.log_mode_density(mixture)) if m_step.prior else 0
        # Rounding; one step more or less would differ in the third digit here.
        assert log_likelihood == pytest.approx(
            oracles.log_likelihood(mixture, case.data.values, None, case.data.exposure), rel=1e-12
        )
        assert objective == pytest.approx(log_likelihood + log_prior, rel=1e-12)
    assert np.diff(climbed.log_likelihood[:2]).item() > 1e-3


@each_case
@each_estimate
@each_mixing
def test_a_path_is_e_and_m_steps_in_turn(case, estimate, mixing):
    """The compiled steps against those that the derivations stand beside."""
    m_step = m_step_of(case, estimate, mixing)
    mixture = random_start(case, mixing, seed=0)
    climbed = climb(case.data, mixture, m_step, 1e-8, 3, keep_path=True)
    assert climbed.path[0] is mixture
    for visited in climbed.path[1:]:
        mixture = m_step(e_step(case.data, mixture).statistics, mixture)
        for name, array in mixture.arrays().items():
            assert array == pytest.approx(visited.arrays()[name], rel=1e-10, abs=1e-12)
    assert climb(case.data, mixture, m_step, 1e-8, 3).path == ()


def test_the_number_of_steps_is_limited_and_said():
    seen: list[int] = []
    climbed = climb(DEATHS, quick_start(), deaths_m_step(), 1e-8, 7, on_step=seen.append)
    assert (climbed.status, climbed.steps, seen) == (Status.OUT_OF_STEPS, 7, [1, 2, 3, 4, 5, 6, 7])
    assert climbed.remaining > 1e-8
    assert climb(DEATHS, quick_start(), deaths_m_step(), 1e-8, 0).steps == 0


def quick_start():
    return Mixture(np.array([0.5, 0.5]), Poisson(np.array([1.0, 3.0])))


def deaths_m_step(data=DEATHS):
    return MStep(Model("poisson", 2), data)


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.9, 0.99, 0.9957])
@pytest.mark.parametrize("length", [4, 5, 12, 25, 60])
def test_a_geometric_sequence_is_told_its_distance(rate, length):
    """L − c·rᵗ is c·rᵗ below its limit L, whatever the rate and however many terms were seen."""
    sequence = -100 - 3 * rate ** np.arange(length)
    # Where the gains are above the rounding of numbers of order 100, the quotient loses a few digits to it.
    if sequence[-1] - sequence[-2] > 1e-8:
        assert distance_to_limit(list(sequence)) == pytest.approx(
            3 * rate ** (length - 1), rel=1e-2 + 1e-5 / (1 - rate)
        )


def test_a_slow_part_behind_a_fast_one_is_seen_in_time():
    t = np.arange(400)
    sequence = -50 - 10 * 0.3**t - 1e-4 * 0.98**t
    told = np.array([distance_to_limit(list(sequence[:length])) for length in range(4, 401)])
    truth = 10 * 0.3 ** t[3:] + 1e-4 * 0.98 ** t[3:]
    # While the fast part dominates nobody can know of the slow one; a tolerance of 1e-6 is met by neither.
    assert truth[told <= 1e-6].max() <= 2e-6


def test_gains_that_grow_are_far_from_any_limit():
    assert distance_to_limit([-10, -9, -7.9, -6.5]) == np.inf
    assert distance_to_limit([-10, -9, -8, -7]) == np.inf


def test_three_values_say_nothing():
    assert distance_to_limit([-1, -0.5, -0.25]) == np.inf


@pytest.mark.parametrize("level", [1, 1e4, 1e9])
def test_a_sequence_that_stands_still_has_arrived(level):
    assert distance_to_limit([-level] * 8) == np.inf
    assert distance_to_limit([-level] * 21) == 0
    noise = np.random.default_rng(0).integers(-1, 2, size=40) * np.spacing(level)
    assert distance_to_limit(list(-level + noise)) < 1e-8 + 1e-14 * level


@pytest.mark.parametrize("scale", [1, 1000], ids=["as published", "thousandfold"])
def test_the_slow_climb_of_the_death_notices_ends_at_the_optimum(scale):
    """EM's rate is 0.9957 here. Three parameters, to which Nelder–Mead and Newton bring more digits than EM."""
    data = Data.of(DEATHS.values, DEATHS.weights * scale)
    climbed = climb(data, quick_start(), deaths_m_step(data), 1e-8, 100_000)
    assert climbed.status is Status.CONVERGED
    assert climbed.remaining <= 1e-8

    def falling(free):
        parameters = complete_data.constrain({"weights": np.append(free[0], 0), "rates": free[1:]}, None)
        mixture = Mixture(parameters["weights"], Poisson(parameters["rates"]))
        return -oracles.log_likelihood(mixture, data.values, data.weights)

    start = [np.log(0.36 / 0.64), np.log(1.25), np.log(2.66)]
    best = -optimize.minimize(
        falling, start, method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 0, "maxiter": 5000}
    ).fun
    # The claim is 1e-8; the rounding of the objective itself comes on top.
    assert abs(best - climbed.log_likelihood[-1]) < 2e-8 + 1e-14 * abs(best)
    assert best / scale == pytest.approx(DEATH_NOTICES.log_likelihood, abs=1e-6)


@each_case
@pytest.mark.parametrize("estimate", ["mle", "map"])
def test_converged_means_that_no_optimiser_gets_higher_from_there(case, estimate):
    chosen = "conjugate" if estimate == "map" else None
    fitted = fit(case.data, case.family, 3, covariance=case.covariance, estimate=estimate, prior=chosen, starts=3)
    assert fitted.status is Status.CONVERGED
    assert fitted.climb.remaining <= 1e-8
    prior, x, exposure = fitted.prior, case.data.values, case.data.exposure
    shapes = {name: value.shape for name, value in complete_data.free_of(fitted.mixture, case.covariance).items()}
    function = complete_data.unconstrained(case.family, case.covariance)

    def parts(vector):
        ends = np.cumsum([np.prod(shape, dtype=int) for shape in shapes.values()])[:-1]
        pieces = zip(shapes.items(), np.split(vector, ends), strict=True)
        return {name: piece.reshape(shape) for (name, shape), piece in pieces}

    def falling(vector):
        """By Fisher's identity the score of Q at a mixture's own responsibilities is that of the log-likelihood."""
        free = parts(vector)
        parameters = complete_data.constrain(free, case.covariance)
        mixture = Mixture(parameters["weights"], complete_data.components_of(parameters, case.covariance))
        inputs = complete_data.inputs(
            case.data,
            oracles.responsibilities(mixture, x, exposure),
            prior or fitted.model.prior(case.data, "conjugate"),
            prior is not None,
        )
        log_prior = float(prior.log_density(mixture)) if prior else 0.0
        gradient = np.concatenate([part.ravel() for part in function(*inputs, *free.values())[1:]])
        return -oracles.log_likelihood(mixture, x, None, exposure) - log_prior, gradient

    start = complete_data.free_of(fitted.mixture, case.covariance)
    vector = np.concatenate([value.ravel() for value in start.values()])
    found = optimize.minimize(falling, vector, jac=True, method="BFGS", options={"gtol": 1e-8})
    # Rounding of sums of order 500 in the objective, and the tolerance of the climb.
    assert -found.fun - fitted.climb.objective[-1] < 1.5e-8 + 1e-11
    assert np.abs(falling(vector)[1]).max() < 1e-2


@pytest.mark.parametrize("size", [1e6, 1e9])
def test_a_large_likelihood_converges_though_its_rounding_exceeds_the_tolerance(size):
    case = CASES[0]
    data = Data.of(case.data.values, np.full(len(case.data.values), size))
    climbed = climb(data, case.mixture, m_step_of(case, data=data), 1e-8, 20_000)
    plain = climb(case.data, case.mixture, m_step_of(case), 1e-12, 20_000)
    assert climbed.status is Status.CONVERGED
    assert climbed.log_likelihood[-1] / size == pytest.approx(plain.log_likelihood[-1], rel=1e-12)


def test_a_run_is_left_only_where_many_times_what_its_gains_foretell_would_not_do():
    # A geometric climb to zero: after so many steps there are 10 · .8ᵗ nats left, as Aitken's extrapolation knows.
    objective = list(-10 * 0.8 ** np.arange(40.0))
    left = -objective[-1]
    assert is_outrun(objective, 10 * left)
    assert not is_outrun(objective, 8 * left)
    assert not is_outrun(objective, objective[-1])
    assert not is_outrun(objective[:20], 1e6), "so early no gains foretell anything"
    # While the gains grow, nobody knows where they lead.
    assert not is_outrun(list(np.exp(0.1 * np.arange(40.0))), 1e6)


def test_of_large_data_the_best_optimum_and_its_rivals_stay_and_the_others_are_left(monkeypatch):
    rng = np.random.default_rng(5)
    x = rng.normal(size=(24_000, 1)) + rng.choice([0.0, 2.5, 9.0], size=(24_000, 1), p=[0.5, 0.3, 0.2])
    left = fit(x, "gaussian", 3, starts=12, seed=1)
    monkeypatch.setattr(sys.modules["em.search"], "RIVALS", np.inf)
    whole = fit(x, "gaussian", 3, starts=12, seed=1)
    assert left.climb.objective.tolist() == whole.climb.objective.tolist()
    ends = [
        [end.objective for end in each.starts if end.objective > whole.log_likelihood - 10] for each in (left, whole)
    ]
    assert ends[0] == ends[1]


@pytest.mark.parametrize("estimate", ["mle", "map"])
def test_what_is_reported_of_a_start_that_was_left_on_a_subsample_holds_of_all_rows(estimate):
    rng = np.random.default_rng(6)
    x = rng.normal(size=(22_000, 1)) + rng.choice([0.0, 3.0], size=(22_000, 1))
    fitted = fit(x, "gaussian", 2, starts=12, estimate=estimate)
    left = [start for start in fitted.starts if start.status is Status.OUTRUN]
    assert left
    for start in left:
        log_likelihood = start.mixture.log_likelihood(x)
        log_prior = fitted.prior.log_mode_density(start.mixture) if fitted.prior else 0.0
        # Sums over 22 000 rows, added up in another order.
        assert start.log_likelihood == pytest.approx(log_likelihood, rel=1e-12)
        assert start.objective == pytest.approx(log_likelihood + log_prior, rel=1e-12)


def test_where_every_start_collapses_on_large_data_the_estimate_is_the_highest_on_all_rows(monkeypatch):
    monkeypatch.setattr(sys.modules["em.search"], "SUBSAMPLE_ROWS", 3)
    # Three points of the plane are on a line for each pair of components.
    x = np.array([[0.0, 0.0], [1.0, 0.1], [0.2, 1.3], [2.0, 2.5], [0.7, 2.0], [3.0, 0.4]])
    fitted = fit(x, "gaussian", 2, starts=12)
    assert {start.status for start in fitted.starts} == {Status.COLLAPSED}
    for start in fitted.starts:
        assert start.log_likelihood == pytest.approx(start.mixture.log_likelihood(x), rel=1e-9)
    assert fitted.log_likelihood == max(start.log_likelihood for start in fitted.starts)
