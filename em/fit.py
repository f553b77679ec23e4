"""Fit a mixture by EM: several starts, the best interior optimum kept, all of them reported."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from models import (
    AnyPrior,
    Data,
    GivenLabels,
    Mixture,
    Model,
    Prior,
    Rows,
    aligned,
    require_memory,
    require_whole,
    rows_of,
)
from models.given_rows import taken_by

from .edge import onto_the_edge
from .fitted import Fit, Start, Starts
from .loop import ACCELERATIONS, Climb
from .m_step import MStep
from .optimum import TOLERANCE
from .search import Search, best_of, subsample
from .starts import OWN, bytes_of_start, check_start, draw_starts, starts_of

ESTIMATES = ("mle", "map")


def fit(
    x: ArrayLike | Rows,
    family: str,
    components: int,
    *,
    covariance: str | None = None,
    mixing: str = "free",
    weights: ArrayLike | None = None,
    exposure: ArrayLike | None = None,
    known: GivenLabels | None = None,
    estimate: str = "mle",
    prior: AnyPrior | None = None,
    starts: int = 100,
    start: Any = None,
    seed: int | np.random.Generator = 0,
    tolerance: float = TOLERANCE,
    max_steps: int = 100_000,
    acceleration: str = "quasi-newton",
    keep_path: bool = False,
    on_start: Callable[[int], None] | None = None,
) -> Fit:
    """Fit a mixture by expectation–maximisation.

    Parameters
    ----------
    x
        Observations of shape ``(n,)`` or ``(n, d)``; :class:`~models.Data`; or :class:`~models.ChunkedData`, which may
        be larger than memory. Of these the result keeps the distinct rows where they are few.
    family
        ``"gaussian"`` or ``"poisson"``.
    components
        The number of components k.
    covariance
        For Gaussians ``"full"`` (unless told otherwise), ``"diagonal"``, ``"spherical"`` or ``"tied"``.
    mixing
        ``"free"``, or ``"equal"`` for weights fixed at 1/k.
    weights
        How often each observation was seen, shape ``(n,)``.
    exposure
        How long, or how much, was watched for each row of counts, shape ``(n,)``, above zero in any unit.
    known
        The label of each observation whose component is known, shape ``(n,)``: a name or the number of a component, and
        ``None``, NaN, an empty text or −1 where nobody knows; see :func:`models.known_of`.
    estimate
        ``"mle"`` for the maximum of the likelihood, or ``"map"`` for the mode under the ``prior``.
    prior
        The prior of the MAP estimate, its parameters ``{"weights": …, "components": …}``, or its name, ``"weak"`` or
        ``"conjugate"``; unless given, the one that the posterior has as well.
    starts
        How many starts to try, of all kinds in turn: each gets a short run, and the ten that are then ahead go on to
        the end. One component needs one.
    start
        The only start, in place of all others: a mixture, or anything else that :meth:`models.Mixture.of` reads. The
        estimate is then the end of the one run from there; :func:`beside` holds it against a search.
    seed
        A seed, or the generator that every random draw comes from.
    tolerance
        How near the limit of the objective a start must come to count as converged, in nats.
    max_steps
        The most steps that a start may take.
    acceleration
        ``"quasi-newton"`` for quasi-Newton steps once EM's gains decline geometrically, on the same E-step and to the
        optimum that EM was heading for; ``"none"`` for nothing but EM's own steps.
    keep_path
        Whether to keep the mixture of every step of the best start.
    on_start
        Called with the number of starts done so far.

    Returns
    -------
    Fit
        The best interior optimum found; one of a collapsed start only when every start collapsed.

    Raises
    ------
    ValueError
        When an argument or the data cannot be used; the message names it.

    Examples
    --------
    >>> from em import fit
    >>> x = [0, 1, 1, 2, 3, 8, 9, 9, 10, 12]
    >>> fitted = fit(x, family="poisson", components=2, starts=10)
    >>> print(fitted)
    MLE of a 2-component poisson mixture: log-likelihood -24.684494, converged after 5 steps, best of 10 starts
                     MLE
    parameter
    weights[1]  0.488393
    weights[2]  0.511607
    rates[1]     1.36798
    rates[2]     9.44453
    >>> fitted.predict([0, 15])
    array([0, 1])
    """
    data = rows_of(x, weights, exposure, known)
    model = Model.of(data, family, components, covariance, mixing)
    data = taken_by(model.family_of_components, data)
    m_step = MStep(model, data, _prior(estimate, prior, data, model))
    rng = np.random.default_rng(seed)
    compressed = data.compress()
    require_whole("max_steps", max_steps, least=0)
    if not tolerance > 0:
        raise ValueError(f"tolerance must be positive, got {tolerance!r}.")
    if acceleration not in ACCELERATIONS:
        raise ValueError(f"acceleration must be one of {', '.join(map(repr, ACCELERATIONS))}, got {acceleration!r}.")
    if start is not None:
        own = start if isinstance(start, Mixture) else Mixture.of(start, data if isinstance(data, Data) else None)
        check_start(own, model, compressed)
        points = [(OWN, aligned(own, compressed) if isinstance(compressed, Data) else own)]
    else:
        require_whole("starts", starts, least=1)
        require_memory("starts", starts, bytes_of_start(model))
        points = draw_starts(starts_of(model, starts), subsample(compressed), model, rng)
    search = Search(m_step, tolerance, max_steps, acceleration, on_start)
    points, climbs, left = search(points, compressed)
    best = best_of(climbs, tolerance)
    chosen = climbs[best]
    if keep_path:
        chosen = search.climbed(compressed, points[best][1], keep_path=True)
    chosen = onto_the_edge(chosen, compressed, m_step, keep_path)
    tried = tuple(_report(kind, climbed, data.fixed) for (kind, _), climbed in zip(points, climbs, strict=True))
    kept = data if isinstance(data, Data) else compressed
    ends = Starts(tried, tuple(left), compressed)
    return Fit(kept, model, m_step.prior, chosen.mixture.ascending(data.fixed), chosen, ends, tolerance)


def require_estimate(given: object) -> None:
    """Make sure that there is such an estimate.

    Parameters
    ----------
    given
        What a caller gave for ``estimate``.

    Raises
    ------
    ValueError
        When it is none of ``em.ESTIMATES``.

    Examples
    --------
    >>> from em import require_estimate
    >>> require_estimate("mode")
    Traceback (most recent call last):
    ValueError: estimate must be one of 'mle', 'map', got 'mode'.
    """
    if given not in ESTIMATES:
        raise ValueError(f"estimate must be one of {', '.join(map(repr, ESTIMATES))}, got {given!r}.")


def _prior(estimate: str, prior: AnyPrior | None, data: Rows, model: Model) -> Prior | None:
    require_estimate(estimate)
    if estimate == "mle":
        if prior is not None:
            raise ValueError("prior applies to estimate 'map' only: leave it out, or ask for 'map'.")
        return None
    return model.chosen_prior(prior, data)


def _report(kind: str, climbed: Climb, fixed: tuple[int, ...]) -> Start:
    return Start(
        kind,
        climbed.status,
        float(climbed.log_likelihood[-1]),
        float(climbed.objective[-1]),
        climbed.steps,
        climbed.mixture.ascending(fixed),
        climbed.reason,
    )
