r"""Degenerate and spurious solutions: maxima that say more about a few observations than about the data.

The likelihood of Gaussian components with variances of their own is unbounded, and beside its singularities lie local
maxima in which a component holds a few observations that happen to be close together (Day 1969; McLachlan and Peel 2000,
section 3.10). Five measures tell such a solution from one that the data as a whole support:

- the smallest ratio of standard deviations of two components in any direction, the square root of the smallest eigenvalue
  of all $\Sigma_j^{-1} \Sigma_h$, which Hathaway (1985) bounds from below and García-Escudero and others (2008) for the
  eigenvalues of all $\Sigma_k$; it counts where some component holds few observations, for hundreds are not close
  together by chance;
- the smallest effective count $N_k = \sum_i w_i \gamma_{ik}$;
- the largest share $\gamma_{ik} / N_k$ that one observation has in a component;
- the influence of one observation: without it the estimate moves by $-I^{-1} \bar s_i$ to first order, with $\bar s_i$ its
  score and $I$ the observed information, a distance of $\bar s_i^T I^{-1} \bar s_i$ (Cook 1977; 1986);
- the barrier between the estimate and a singularity: how far the log-likelihood falls, in nats, while one component is drawn
  together about the observation that is nearest to its centre, before it rises without bound. Mean and standard deviations
  go by $\mu = x + c \, (\mu_k - x)$ and $c \, \sigma_k$, with $c$ from one to $e^{-20}$.

The first and the last are measures of families that can collapse; others have ``None``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from scipy import special

from models import Array, Data, Mixture, Shown, SparseData

from .ascent import FLAT
from .fitted import Fit
from .information import Information, scored
from .m_step import MStep

# The thresholds. Hathaway's bound is any constant above zero, García-Escudero's a choice of the user's (12 between variances
# unless told otherwise in their package tclust): a factor of 400 between variances, 20 between deviations, is far beyond.
SMALLEST_RATIO = 0.05
# Spurious maxima hold a few observations close together (McLachlan and Peel 2000, section 3.10); with no more than two for
# each of its parameters a component is held up by single ones.
OBSERVATIONS_PER_PARAMETER = 2.0
# Among n observations few are that close together by chance. Where every component holds so many for each of its parameters
# a narrow one is a group of the data.
MANY_PER_PARAMETER = 10.0
# One observation makes up half of a component.
LARGEST_SHARE = 0.5
# The estimate without one observation lies on the edge of the region that covers half of the estimates (Cook 1977).
INFLUENCE_LEVEL = 0.5
# The way to the singularity stays in the 95 % region of the likelihood-ratio test of a mean and a deviation (Wilks 1938).
SHALLOW_BARRIER = float(special.gammaincinv(1, 0.95))  # half a quantile of χ²₂

NO_SIGN = "No sign of a degenerate or spurious solution."

# A thousand times less likely than the least likely of the others.
OUT_OF_REACH = float(np.log(1000))
# A fall of so many nats is a barrier, whatever follows.
DEEP = 100.0
SHRINKING = np.exp(-0.25 * np.arange(1, 81))


@dataclass(frozen=True)
class Finding:
    """A threshold that was passed: its code, the value, the threshold, and what it means in a sentence.

    Examples
    --------
    >>> from em import audit, fit
    >>> finding = audit(fit([0, 1, 1, 2, 0, 1, 90], "poisson", 2, starts=10)).degeneracy.findings[0]
    >>> finding.code, round(finding.value, 2), finding.threshold
    ('count', 1.0, 2.0)
    """

    code: str
    value: float
    threshold: float
    sentence: str


@dataclass(frozen=True, repr=False)
class Degeneracy(Shown):
    """How much of the estimate hangs on few observations.

    ``deviation_ratio`` is the smallest ratio of two components' standard deviations, ``None`` where it is no sign of
    collapse. ``counts``, shape ``(k,)``, are the effective counts, and ``largest_share`` is the most that one observation
    has of a component. ``influence`` is the largest s̄ᵀI⁻¹s̄ of one observation, which is ``influential``, shape ``(d,)``;
    ``NaN`` and ``None`` where the information is singular. ``barrier`` is in nats, at most 100. ``findings`` are the
    thresholds that these passed.

    Examples
    --------
    >>> from em import audit, fit
    >>> found = audit(fit([0, 1, 1, 2, 0, 1, 90], "poisson", 2, starts=10)).degeneracy
    >>> found.counts.round(2).tolist(), round(found.largest_share, 2)
    ([6.0, 1.0], 1.0)
    """

    deviation_ratio: float | None
    counts: Array
    largest_share: float
    influence: float
    influential: Array | None
    barrier: float | None
    findings: tuple[Finding, ...]

    def _said(self) -> Iterator[str]:
        yield from (finding.sentence for finding in self.findings)
        if not self.findings:
            yield NO_SIGN


def degeneracy(fitted: Fit, found: Information | None) -> Degeneracy:
    """Measure the estimate, and name every threshold that it passes.

    Parameters
    ----------
    fitted
        An estimate.
    found
        The information at it, where there is one.

    Returns
    -------
    Degeneracy
        The measures, and as ``findings`` those that are beyond their thresholds.

    Examples
    --------
    >>> from em import degeneracy, fit, information_of
    >>> x = [0, 1, 1, 2, 3, 8, 9, 9, 10, 12]
    >>> fitted = fit(x, "poisson", 2, starts=10)
    >>> degeneracy(fitted, information_of(fitted)).counts.round(2)
    array([4.88, 5.12])
    """
    m_step = fitted.m_step
    ratio = m_step.deviation_ratio(fitted.mixture)
    if found is None:
        counts = np.full(fitted.model.components, np.nan)
        return Degeneracy(ratio, counts, np.nan, np.nan, None, None, _findings(fitted, {"ratio": ratio}))
    counts = found.chart.counts
    share, influence, influential = _of_one_observation(fitted.rows.compress(), found)
    # Counts have no singularity.
    barrier = None if fitted.model.counts else _barrier(fitted.data.compress(), fitted.mixture, m_step)
    measured = {
        "ratio": ratio if counts.min() < MANY_PER_PARAMETER * _parameters(fitted) else None,
        "count": float(counts.min()),
        "share": share,
        "influence": influence,
        "barrier": barrier,
    }
    findings = _findings(fitted, measured, influential)
    return Degeneracy(ratio, counts, share, influence, influential, barrier, findings)


def _of_one_observation(data: Data | SparseData, found: Information) -> tuple[float, float, Array | None]:
    """The largest share of a component, the largest influence, and the observation that has it."""
    regular = found.is_regular
    root = found.directions[:, found.movable] / np.sqrt(np.maximum(found.shares[found.movable], FLAT))
    share, influence, influential, start = 0.0, 0.0 if regular else np.nan, None, 0
    counts = found.chart.counts[:, None]
    for block in scored(found.chart, data):
        # A row that was seen ten times is ten observations.
        seen = np.minimum(block.weights, 1)
        # Under a prior a component may be empty.
        share = max(share, float((block.responsibilities * seen / np.where(counts > 0, counts, np.inf)).max()))
        if regular:
            distances = np.square(seen * (root.T @ block.expected)).sum(axis=0)
            if distances.max() > influence:
                row = start + int(distances.argmax())
                influence, influential = float(distances.max()), data.take(slice(row, row + 1)).values[0]
        start += len(seen)
    return share, influence, influential


def lone_rows(fitted: Fit) -> tuple[int, ...]:
    """The numbers, from zero, of rows that make up a component by themselves, far out of reach of all others.

    Of the components without it such a row is less likely by ``OUT_OF_REACH`` nats than any row that has company. Left out,
    it takes its component along; a row amid the others would leave its place to the next.

    Parameters
    ----------
    fitted
        An estimate.

    Returns
    -------
    tuple of int
        The places of the rows, counted from zero.

    Examples
    --------
    >>> from em import fit, lone_rows
    >>> lone_rows(fit([0, 1, 1, 2, 0, 1, 90], "poisson", 2, starts=10))
    (6,)
    """
    data, mixture = fitted.rows, fitted.mixture
    # Half of a component is one row's only when it holds less than two observations, which its weight tells beforehand.
    smallest = mixture.weights.min() * data.size if fitted.model.weights_are_free else 0.0
    if fitted.model.components == 1 or smallest > 2 / LARGEST_SHARE:
        return ()
    responsibilities = _by_blocks(
        data, lambda block: mixture.responsibilities(block.values, block.exposure, block.known)
    )
    counts = data.weights @ responsibilities
    shares = responsibilities * np.minimum(data.weights, 1)[:, None] / np.where(counts > 0, counts, np.inf)
    lone = {int(row): j for j, row in enumerate(shares.argmax(axis=0)) if shares[row, j] > LARGEST_SHARE}
    company = np.setdiff1d(np.arange(data.rows), list(lone))
    kept = [j for j in np.flatnonzero(mixture.weights) if j not in lone.values()]
    if not lone or not kept or not len(company):
        return ()
    others, log_weights = mixture.components.take(np.array(kept)), np.log(mixture.weights[kept])
    rest = _by_blocks(data, lambda block: others.log_density(block.values, block.exposure) + log_weights)
    likeliest = rest.max(axis=1)
    return tuple(sorted(row for row in lone if likeliest[row] < likeliest[company].min() - OUT_OF_REACH))


def _by_blocks(data: Data | SparseData, of_rows: Callable[[Data], Array]) -> Array:
    """What a function says of each row; sparse rows go by in blocks, each dense for itself."""
    return np.concatenate([of_rows(block) for block in ([data] if isinstance(data, Data) else data.batches())])


def _barrier(data: Data, mixture: Mixture, m_step: MStep) -> float | None:
    """The least that the log-likelihood falls on the way to a singularity, over the components, in nats."""
    barriers = []
    for j in range(len(mixture.weights)):
        nearest = data.values[_nearest(data, mixture, j)]
        fall, at = 0.0, mixture.expectation(data).log_likelihood
        for factor in SHRINKING:
            shrunk = m_step.shrunk(mixture, j, nearest, float(factor))
            if shrunk is None:
                return None
            fall = max(fall, at - shrunk.expectation(data).log_likelihood)
            if fall >= DEEP:
                break
        barriers.append(min(fall, DEEP))
    return min(barriers)


def _nearest(data: Data, mixture: Mixture, j: int) -> int:
    """The row to which component j gives the highest density."""
    alone = mixture.components.take(np.array([j]))
    return int(alone.log_density(data.values, data.exposure)[:, 0].argmax())


def _parameters(fitted: Fit) -> int:
    """The number of free parameters that a component's observations tell together: of columns apart, those of one."""
    model = fitted.model
    family = model.family_of_components
    return family.free_parameters(1, 1 if family.columns_apart else model.dimension, model.covariance)


def _findings(fitted: Fit, measured: dict[str, float | None], influential: Array | None = None) -> tuple[Finding, ...]:
    """What passes its threshold; what could not be measured passes none."""
    model = fitted.model
    observation = "" if influential is None else ", ".join(f"{value:g}" for value in influential)
    parameters = _parameters(fitted)
    # The median of χ² with so many degrees of freedom.
    half = float(2 * special.gammaincinv(model.free_parameters / 2, INFLUENCE_LEVEL))
    told = "a rate in each column" if model.family_of_components.columns_apart else f"{parameters} parameters"
    least = OBSERVATIONS_PER_PARAMETER * parameters
    below = [
        ("ratio", SMALLEST_RATIO, "One component is {value:.3g} times as wide as another in some direction."),
        ("count", least, f"One component holds {{value:.3g}} observations, for {told}."),
        (
            "barrier",
            SHALLOW_BARRIER,
            "The log-likelihood falls by {value:.3g} nats only before it rises without bound.",
        ),
    ]
    above = [
        ("share", LARGEST_SHARE, "One observation makes up {value:.0%} of a component."),
        (
            "influence",
            half,
            "Without the observation {influential} the estimate would leave its own 50% confidence region.",
        ),
    ]
    rows = [(code, limit, text, -1) for code, limit, text in below] + [
        (code, limit, text, 1) for code, limit, text in above
    ]
    return tuple(
        Finding(code, value, limit, text.format(value=value, influential=observation))
        for code, limit, text, sign in rows
        if (value := measured.get(code)) is not None and sign * (value - limit) > 0
    )
