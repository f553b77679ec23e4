"""A choice of the number of components as one HTML page that needs nothing but itself."""

from __future__ import annotations

from bayes import LARGEST_R_HAT, SMALLEST_ESS

from ..presenting import facts
from ..presenting.derivation import derivation
from ..presenting.environment import rendered
from . import candidate, figures, standing
from .choice import Choice
from .document import provenance

DERIVATIONS = ("em.criteria", "bayes.leave_one_out", "bayes.evidence", "bayes.exact.posterior")
CALL = """from reports import choose

choose(x, {family!r}, {components}{covariance}, mixing={mixing!r},
       seed={seed}, draws={draws}, tune={tune}, chains={chains}, starts={starts})"""


def render(choice: Choice) -> str:
    """Return the whole page; only the seconds differ between two renderings."""
    return rendered(
        "choice.html",
        draw=figures,
        facts=facts,
        LARGEST_R_HAT=LARGEST_R_HAT,
        SMALLEST_ESS=SMALLEST_ESS,
        choice=choice,
        standings=choice.standings,
        limits=candidate,
        resolutions=standing,
        model=model_in_words(choice),
        priors=priors(choice),
        derivations=[derivation(module) for module in DERIVATIONS],
        call=python_call(choice),
        provenance=provenance(choice),
    )


def model_in_words(choice: Choice) -> str:
    """Return the model in half a sentence, without its number of components."""
    model = choice.model
    covariance = f" with {model.covariance} covariances" if model.covariance and model.dimension > 1 else ""
    return (
        f"{model.family.capitalize()} components{covariance}, weights {'free' if model.mixing == 'free' else 'equal'}"
    )


def priors(choice: Choice) -> list[tuple[str, str]]:
    """Return the statement of each prior, with the K that it belongs to; equal ones once."""
    found: dict[str, list[str]] = {}
    for prior in choice.priors:
        made = f" {prior.components.origin()}" if prior.is_like(prior.model.prior(choice.data, prior.called)) else ""
        found.setdefault(prior.components.statement() + made, []).append(str(prior.model.components))
    return [(", ".join(ks), statement) for statement, ks in found.items()]


def python_call(choice: Choice) -> str:
    """Return the call that makes this choice again from its data ``x``."""
    model = choice.model
    return CALL.format(
        family=model.family,
        components=list(choice.tried),
        covariance=f", covariance={model.covariance!r}" if model.covariance else "",
        mixing=model.mixing,
        **vars(choice.settings),
    )
