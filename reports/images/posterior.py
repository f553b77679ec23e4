"""The posterior of a palette: how sure each of its colours is, and each pixel's label.

**Many modes.** The posterior of a picture has modes that lie thousands of nats apart, and no chain goes from one to
another: four chains may agree on one that has none of the probability. Hence many short pilot chains run on a thousand
pixels first, each from a random start of its own and none from EM's estimate, and the chains that count start from draws
of the pilot with the highest log-likelihood. What these find is held against EM's estimate: when EM's log-likelihood of
the same pixels is higher than that of all draws by more than chance allows, the chains missed it, and a warning says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, partial
from math import gcd

import numpy as np

from bayes import Posterior, match, sample
from em import Fit
from models import Array, Data, Mixture, Tick

from ..comparing.density import thinned
from .colours import Colours
from .palette import ROWS_AT_ONCE
from .read import Picture

MEMBERSHIP_DRAWS = 50
PILOT_PIXELS, PILOT_CHAINS, PILOT_DRAWS, PILOT_TUNE = 1000, 16, 25, 200
# Draws lie below the mode by half the number of parameters, give or take its root: some ten nats here.
LARGEST_GAP = 50.0
INTERVAL = (0.025, 0.975)


@dataclass(frozen=True)
class PalettePosterior:
    """The posterior of k colours beside EM's.

    ``mean``, ``sd``, ``lower`` and ``upper`` (95 %) have shape ``(k, 3)``, in levels from 0 to 255; ``em`` are EM's own
    means, unrounded and with the same labels. ``membership``, shape ``(m, k)``, is E[γ] over the draws for each distinct
    colour. ``every`` says which pixels were used: each (1), every second (2) and so on. ``gap`` is how far the
    log-likelihood of EM's estimate on these pixels lies above that of the best draw, in nats.
    """

    posterior: Posterior
    mean: Array
    sd: Array
    lower: Array
    upper: Array
    em: Array
    membership: Array
    every: int
    gap: float

    @property
    def components(self) -> int:
        """The number of colours k."""
        return len(self.mean)

    @property
    def warnings(self) -> list[str]:
        """What keeps the draws from being trusted, and whether they are of another mode than EM's."""
        found = list(self.posterior.warnings)
        if self.gap > LARGEST_GAP:
            found.append(
                f"The chains are around another mode than EM's estimate, which is likelier by {self.gap:.0f} nats: the "
                "colours of the posterior below are not EM's."
            )
        if self.gap < -LARGEST_GAP:
            found.append(
                f"The chains found a mode that is likelier than EM's estimate by {-self.gap:.0f} nats: give EM more starts."
            )
        return found

    @cached_property
    def doubt(self) -> Array:
        """1 − max E[γ]: how probable it is that a colour's likeliest label is wrong, shape ``(m,)``."""
        return np.asarray(1 - self.membership.max(axis=1))

    @property
    def pixels(self) -> int:
        """The number of pixels that it is the posterior of."""
        return round(self.posterior.data.size)

    @property
    def shift(self) -> Array:
        """(EM − posterior mean) / posterior sd of each channel, shape ``(k, 3)``; 0 where a channel never varies."""
        spread = np.where(self.sd > 0, self.sd, 1)
        return np.where(self.sd > 0, (self.em - self.mean) / spread, 0.0)

    @property
    def shares(self) -> Array:
        """The posterior mean of the weights, shape ``(k,)``."""
        return np.asarray(self.posterior.mixture.weights.mean(axis=(0, 1)))


def palette_posterior(
    picture: Picture,
    colours: Colours,
    fitted: Fit,
    pixels: int,
    draws: int,
    tune: int,
    chains: int,
    rng: np.random.Generator,
    on_draw: Tick | None = None,
) -> PalettePosterior:
    """Sample the model that EM fitted, on the distinct colours with their counts of about so many pixels at most.

    NUTS needs thousands of passes where EM needs dozens. Hence of a large picture every second, third, … pixel is used,
    row after row; what the posterior says is what these pixels say.
    """
    model, (used, every) = fitted.model, _used(picture, colours, pixels)
    run = partial(
        sample,
        family=model.family,
        components=model.components,
        covariance=model.covariance,
        seed=rng,
        on_draw=on_draw,
    )
    part, _ = _used(picture, colours, PILOT_PIXELS)
    pilots = run(part, draws=PILOT_DRAWS, tune=PILOT_TUNE, chains=PILOT_CHAINS)
    best = pilots.mixture[int(np.argmax(pilots.log_likelihood.mean(axis=1)))]
    posterior = run(used, draws=draws, tune=tune, chains=chains, starts=best)
    gap = fitted.mixture.expectation(used).log_likelihood - float(posterior.log_likelihood.max())
    means = colours.in_full(posterior.mixture.arrays()["means"])
    lower, upper = np.quantile(means, INTERVAL, axis=(0, 1))
    membership = _membership(thinned(posterior.mixture, MEMBERSHIP_DRAWS), colours.data)
    em = colours.in_full(match(fitted.mixture, membership, colours.data).arrays()["means"])
    sd = means.std(axis=(0, 1), ddof=1)
    return PalettePosterior(posterior, means.mean(axis=(0, 1)), sd, lower, upper, em, membership, every, gap)


def coprime_at_least(every: int, width: int) -> int:
    """Return a step along the rows that does not come back to the same columns in each."""
    while gcd(every, width) > 1:
        every += 1
    return every


def steps(draws: int, tune: int, chains: int) -> int:
    """Return how often ``on_draw`` is called."""
    return PILOT_CHAINS * (PILOT_DRAWS + PILOT_TUNE) + chains * (draws + tune)


def _used(picture: Picture, colours: Colours, most: int) -> tuple[Data, int]:
    """Return all pixels, or an even selection of them with the same channels."""
    every = coprime_at_least(-(-picture.size // most), picture.width)
    if every == 1:
        return colours.data, 1
    counts = np.bincount(colours.index.ravel()[::every], minlength=len(colours.distinct)).astype(np.float64)
    whole = colours.data
    return Data.of(whole.values, counts, columns=whole.columns, name=whole.name), every


def _membership(mixture: Mixture, data: Data) -> Array:
    """Return E[γ] draw by draw and block by block."""
    blocks = range(0, len(data.values), ROWS_AT_ONCE)
    return np.concatenate([_average_responsibilities(mixture, data.values[i : i + ROWS_AT_ONCE]) for i in blocks])


def _average_responsibilities(mixture: Mixture, values: Array) -> Array:
    draws = len(mixture.weights)
    return np.asarray(sum(mixture[draw].responsibilities(values) for draw in range(draws)) / draws)
