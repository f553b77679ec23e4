"""Whether the chains tell the same story."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from scipy import stats

from bayes import Posterior
from models import Array

from .style import INK, PANEL, Place, legend_below, of_component, panel, styled

MOST_POINTS = 400
RANK_BINS = 20


def chain_traces(posterior: Posterior, place: Place = panel) -> Figure:
    """Draw the log-likelihood of each chain's draws, one after the other."""
    draws = posterior.log_likelihood
    every = max(1, int(np.ceil(draws.shape[1] / MOST_POINTS)))
    shown = np.arange(0, draws.shape[1], every)
    with styled():
        figure, axes = place("chain-traces", "Log-likelihood of each chain's draws in order", PANEL)
        for chain, values in enumerate(draws):
            colour = of_component(chain).colour
            axes.plot(shown, values[shown], color=colour, linewidth=0.6, alpha=0.85, label=f"chain {chain + 1}")
        axes.set_xlabel("draw")
        axes.set_ylabel("log-likelihood")
        for line in legend_below(figure, axes).get_lines():
            line.set_linewidth(2)
    return figure


def chain_ranks(posterior: Posterior, place: Place = panel) -> Figure:
    """Draw how each chain's draws of the log-likelihood rank among all draws: level when the chains agree."""
    ranks = rank_shares(posterior.log_likelihood)
    edges = np.linspace(0, 1, ranks.shape[1] + 1)
    with styled():
        figure, axes = place("chain-ranks", "Rank histograms of the log-likelihood for each chain", PANEL)
        axes.axhline(1, color=INK, linewidth=0.8)
        for chain, shares in enumerate(ranks):
            look = of_component(chain)
            axes.stairs(
                shares,
                edges,
                baseline=None,
                color=look.colour,
                linestyle=look.line,
                linewidth=1.4,
                label=f"chain {chain + 1}",
            )
        axes.set_xlabel("rank among the draws of all chains")
        axes.set_ylabel("share, 1 = even")
        axes.set_ylim(bottom=0)
        legend_below(figure, axes)
    return figure


def rank_shares(draws: Array) -> Array:
    """Return each chain's share of draws in each bin of ranks, relative to an even share (Vehtari et al. 2021)."""
    ranks = (stats.rankdata(draws).reshape(draws.shape) - 0.5) / draws.size
    counts = [np.histogram(chain, RANK_BINS, range=(0, 1))[0] for chain in ranks]
    return np.asarray(np.array(counts) * (RANK_BINS / draws.shape[1]))
