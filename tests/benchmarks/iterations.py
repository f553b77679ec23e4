"""One iteration of EM: the same data, start and number of steps, and the same log-likelihood reached."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from sklearn.mixture import GaussianMixture

from em import MStep, climb
from models import Array, Data, Gaussian, Mixture, Model, Poisson

from .table import Row, faster, per_step, skipped

# Below every distance to a limit, so that all steps are taken.
NEVER = -1.0
BOUND = "no pass is faster than its arithmetic, whose share the rows on this machine's arithmetic give"
SMALL = (
    "the pass is about half of so small a step: M-step, Cholesky factors, memory and the return to Python are the rest"
)
SMALL_ROWS = 1000
SCIKIT_LEARN = {"full": "full", "tied": "tied", "diagonal": "diag", "spherical": "spherical"}


@dataclass(frozen=True)
class Shape:
    """How large a problem is, and how many times faster than its peers one iteration should be.

    The centres of unit clusters are drawn with a standard deviation of 4 in each feature, or are so far ``apart`` in all, in
    the mean square. A row is then 16 nats a feature nearer to its own cluster than to another, 32 in the plane and 1600 in
    a hundred features; or 2 in all.
    """

    n: int
    d: int
    k: int
    covariance: str
    than_scikit_learn: float
    than_onedal: float | None = None
    steps: int = 5
    apart: float | None = None

    def __str__(self) -> str:
        heap = "" if self.apart is None else " in one heap"
        return f"EM iteration, {self.covariance} ({self.n:.0e}, {self.d}, {self.k}){heap}".replace("e+0", "e")


SHAPES = [
    Shape(1_000_000, 2, 5, "full", 60, 5),
    Shape(2_000_000, 10, 10, "full", 25, 5, steps=2),
    Shape(300_000, 3, 20, "full", 45, 4),
    Shape(100_000, 20, 10, "full", 5, 1, steps=3),
    Shape(100_000, 50, 10, "full", 5, 1, steps=3),
    Shape(30_000, 100, 10, "full", 5, 1, steps=3),
    # Nearly every component counts in every row, and none can be left out.
    Shape(100_000, 20, 10, "full", 5, 1, steps=3, apart=2),
    Shape(100_000, 50, 10, "full", 5, 1, steps=3, apart=2),
    Shape(30_000, 100, 10, "full", 5, 1, steps=3, apart=2),
    Shape(5000, 2, 5, "full", 60, steps=100),
    Shape(500, 1, 2, "full", 100, steps=400),
    Shape(1_000_000, 2, 5, "tied", 40),
    Shape(1_000_000, 2, 5, "diagonal", 25),
    Shape(1_000_000, 2, 5, "spherical", 25),
]


def problem(shape: Shape) -> tuple[Data, Mixture]:
    """Clusters, and a start beside the truth."""
    rng = np.random.default_rng(shape.n + shape.d)
    scale = 4 if shape.apart is None else shape.apart / np.sqrt(2 * shape.d)
    truth = rng.normal(scale=scale, size=(shape.k, shape.d))
    x = truth[rng.integers(0, shape.k, shape.n)] + rng.normal(size=(shape.n, shape.d))
    means = truth + rng.normal(scale=scale / 8, size=truth.shape)
    start = Gaussian(means, np.repeat(2 * np.eye(shape.d)[None], shape.k, axis=0))
    return Data.of(x), Mixture(np.full(shape.k, 1 / shape.k), start)


def iterations(repetitions: int, largest: int) -> Iterator[Row]:
    """Gaussian shapes against scikit-learn and oneDAL."""
    for shape in SHAPES:
        if shape.n * shape.d * shape.k > largest:
            continue
        data, start = problem(shape)
        ours, reached = our_step(data, start, shape, repetitions)
        theirs, log_likelihood = scikit_learn_step(data.values, start, shape, repetitions)
        same = abs(reached - log_likelihood) <= 1e-6 * abs(reached)
        note = f"{1e9 * ours / (shape.n * shape.k):.2f} ns an observation and component"
        if not same:
            note += f"; log-likelihoods differ: {reached:.6f}, {log_likelihood:.6f}"
        reason = SMALL if shape.n <= SMALL_ROWS else BOUND
        yield faster(str(shape), "scikit-learn", ours, theirs, shape.than_scikit_learn, note, reason)
        if shape.than_onedal is not None:
            yield against_onedal(data.values, start, shape, ours, repetitions)


def our_step(data: Data, start: Mixture, shape: Shape, repetitions: int) -> tuple[float, float]:
    """Seconds per step, and the log-likelihood after the steps."""
    m_step = MStep(Model.of(data, "gaussian", shape.k, shape.covariance), data)

    def run(steps: int) -> float:
        return float(climb(data, start, m_step, NEVER, steps).log_likelihood[-1])

    run(1)
    return per_step(run, 1, 1 + shape.steps * 4, repetitions), run(shape.steps)


def scikit_learn_step(x: Array, start: Mixture, shape: Shape, repetitions: int) -> tuple[float, float]:
    """Seconds per step of scikit-learn without its regularisation, and the log-likelihood after the steps."""
    import warnings

    assert isinstance(start.components, Gaussian)
    precisions = np.linalg.inv(start.components.covariances)
    given = {
        "full": precisions,
        "tied": precisions[0],
        "diagonal": np.diagonal(precisions, axis1=1, axis2=2),
        "spherical": precisions[:, 0, 0],
    }[shape.covariance]

    def run(steps: int) -> float:
        model = GaussianMixture(
            shape.k,
            covariance_type=SCIKIT_LEARN[shape.covariance],
            tol=0,
            reg_covar=0,
            max_iter=steps,
            init_params="random_from_data",
            weights_init=start.weights,
            means_init=start.components.arrays()["means"],
            precisions_init=given,
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model.fit(x)
        return float(model.score(x) * len(x)) if steps == shape.steps else 0.0

    return per_step(run, 1, 1 + shape.steps, repetitions), run(shape.steps)


def against_onedal(x: Array, start: Mixture, shape: Shape, ours: float, repetitions: int) -> Row:
    """Against Intel's oneDAL, where it is installed."""
    try:
        import daal4py
    except ImportError:
        return skipped(str(shape), "oneDAL", "daal4py (of scikit-learn-intelex) is not installed")
    assert isinstance(start.components, Gaussian)
    means, covariances = start.components.means, list(start.components.covariances)

    def run(steps: int) -> int:
        algorithm = daal4py.em_gmm(nComponents=shape.k, maxIterations=steps, accuracyThreshold=0.0)
        found = algorithm.compute(x, start.weights[None, :].copy(), means, covariances)
        return int(found.nIterations.item())

    # It stops where the log-likelihood no longer changes, which clusters far apart do after three steps.
    theirs = per_step(run, 1, run(1 + shape.steps), repetitions)
    return faster(str(shape), "oneDAL", ours, theirs, shape.than_onedal, reason=BOUND)


def counts(repetitions: int, largest: int) -> Iterator[Row]:
    """Poisson: an iteration must not know how many observations there are."""
    rng = np.random.default_rng(4)
    rates = np.array([4.0, 7.0, 11.0])
    start = Mixture(np.full(3, 1 / 3), Poisson(np.array([3.0, 6.0, 12.0])))
    few, many = (rng.poisson(rates[rng.integers(0, 3, n)]).astype(float) for n in (10_000, min(largest, 10_000_000)))

    def step(x: Array) -> float:
        data = Data.of(x).compress()
        m_step = MStep(Model.of(data, "poisson", 3), data)
        return per_step(lambda steps: climb(data, start, m_step, NEVER, steps), 1, 2000, repetitions)

    step(few)
    of_few, of_many = step(few), step(many)
    case = f"EM iteration, Poisson (n = {len(many):.0e}, k = 3)".replace("e+0", "e")
    yield Row(case, "itself at n = 1e4", of_many, of_few, of_many / of_few, 1.2, at_most=True)


def naive_poisson_loop(x: Array, start: Mixture) -> Callable[[int], float]:
    """EM with SciPy on all observations, as a first attempt would write it."""
    from scipy import stats

    def run(steps: int) -> float:
        weights, rates = start.weights, start.components.arrays()["rates"]
        for _ in range(steps):
            joint = weights * stats.poisson.pmf(x[:, None], rates)
            responsibilities = joint / joint.sum(axis=1, keepdims=True)
            weights = responsibilities.mean(axis=0)
            rates = (responsibilities * x[:, None]).sum(axis=0) / responsibilities.sum(axis=0)
        joint = weights * stats.poisson.pmf(x[:, None], rates)
        return float(np.log(joint.sum(axis=1)).sum())

    return run
