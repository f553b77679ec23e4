"""What a study says in a few sentences: how often intervals hold what, and from which n on both sides agree."""

from __future__ import annotations

import pandas as pd

from models import plain
from models.truths import Truth

from ..simulated import exposed_in_words
from .design import Design
from .proportion import wilson
from .tables import BOOTSTRAP, CREDIBLE, SANDWICH, WALD
from .verdict import AGREE

# The question of a verdict whether the model fits, and its answer when it does not.
FIT, MISFIT = "fit", "misfit"
# How often the two have to agree for a user to count on it.
AGREEING = 0.95
NAMES = {
    WALD: "Wald intervals of EM",
    SANDWICH: "sandwich intervals of EM",
    BOOTSTRAP: "bootstrap intervals of EM",
    CREDIBLE: "credible intervals of the posterior",
}


def about_the_truth(design: Design) -> list[str]:
    """Say what the data are drawn from where that is outside the model, and what is then looked for."""
    truth, nearest = design.truth, design.nearest
    if not isinstance(truth, Truth) or nearest is None:
        return []
    away = "" if nearest.divergence is None else f", {plain(nearest.divergence, 2)} nats per observation away"
    found = [
        f"The data come from outside the model: from {truth.statement()}. The pseudo-true values are those of the mixture "
        f"of the model that is nearest to it in the sense of Kullback and Leibler{away}."
    ]
    if truth.departure.caution is not None:
        found.append(truth.departure.caution)
    if nearest.runner_up is not None:
        least = min(design.sizes)
        found.append(
            f"Another mixture is a local optimum, too, {plain(nearest.runner_up, 2)} nats per observation lower: on average "
            f"{plain(nearest.runner_up * least, 2)} nats in a sample of n = {least:,}."
        )
    return found


def about_the_exposures(design: Design) -> list[str]:
    """Say what the rows are exposed to where that is not one unit each."""
    return exposed_in_words(design.exposures)


def coverage(parameters: pd.DataFrame, design: Design) -> str:
    """Say the smallest and the largest coverage over all parameters, of each kind of interval, at the largest size."""
    size = max(design.sizes)
    table = parameters[(parameters["size"] == size) & (parameters["quantity"] == "coverage")]
    parts = []
    for method, name in NAMES.items():
        covered = table.loc[table["method"] == method, "value"]
        if len(covered):
            low, high = f"{covered.min():.1%}", f"{covered.max():.1%}"
            parts.append(f"{low if low == high else f'{low} to {high}'} of the {name}")
    return (
        f"At n = {size:,}, where {design.level:.0%} are promised, the {design.called} lies in {_listed(parts)} (from the "
        f"worst to the best parameter; Monte Carlo error at most {table['mcse'].max():.1%})."
    )


def agreement(verdicts: pd.DataFrame) -> str:
    """Say from which size on EM and Bayes agree in 95 % of samples.

    They seem to where the interval of the share (Wilson 1927) reaches to the other side of 95 %.
    """
    totals = verdicts.groupby("size")["replicates"].sum()
    agreeing = (
        verdicts[verdicts["verdict"] == AGREE].set_index("size")["replicates"].reindex(totals.index, fill_value=0)
    )
    shares = agreeing / totals
    # The smallest size at which, and at all larger ones, they agree often enough.
    lasting = shares.index[shares[::-1].cummin()[::-1] >= AGREEING]
    size = lasting[0] if len(lasting) else totals.index[-1]
    low, high = wilson(shares[size], totals[size])
    said = (
        f"in {agreeing[size]:,} of {totals[size]:,} at n = {size:,}, which stands for {float(low):.1%} to {float(high):.1%} "
        "of all"
    )
    if not len(lasting):
        verb = "do not agree" if high < AGREEING else "do not seem to agree"
        return f"EM and Bayes {verb} in {AGREEING:.0%} of samples at any of these sizes: {said}."
    verb = "agree" if low >= AGREEING else "seem to agree"
    start = f"At n = {size:,}" if len(totals) == 1 else f"From n = {size:,} on"
    return f"{start} EM and Bayes {verb} in {AGREEING:.0%} of samples or more: {said}."


def caution(design: Design) -> list[str]:
    """Say what agreement is worth where the model is wrong."""
    if design.nearest is None:
        return []
    return ["That the two agree does not make the model right: both take it for granted."]


def noticed(answers: pd.DataFrame) -> list[str]:
    """Say how often a report finds that the model does not fit, where whole verdicts answer that; at the largest size."""
    fits = answers[answers["question"] == FIT]
    if fits.empty:
        return []
    size = int(fits["size"].max())
    of_size = fits[fits["size"] == size].set_index("answer")["replicates"]
    return [
        f"Of {int(of_size.sum()):,} data sets of n = {size:,} that were judged in full, a report says of "
        f"{int(of_size.get(MISFIT, 0)):,} that the model does not fit."
    ]


def _listed(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
