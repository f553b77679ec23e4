"""What the page says in words, drawn from a comparison."""

from __future__ import annotations

from math import isfinite

from markupsafe import Markup

from bayes import Hill
from em import Fit, Status
from models import DEFAULT_PRIOR, Model, labels_in_words
from models.units import per_unit

from ..judging.comparison import Comparison
from ..judging.hills import in_percent
from .columns import has_columns
from .derivation import OF_FAMILY, derivation
from .endings import endings as endings
from .literature import classic_of
from .names import shortened

MIXTURE = r"""Each observation comes from one of $K = {components}$ components, and {seen}. With the label
summed out its {what} is

$$p(x_i \mid \pi, \theta) = \sum_{{k=1}}^K \pi_k \, p(x_i \mid \theta_k) .$$

Here: {model}, {free_parameters} free parameters.{exposed}"""
EXPOSED = r" Row $i$ has the exposure $e_i$: under component $k$ its counts have the means $e_i \lambda_k$."
CALL = """from reports import compare{reader}

compare(x, {family!r}, {components}{covariance}, mixing={mixing!r}, estimate={estimate!r},
        seed={seed}, draws={draws}, tune={tune}, chains={chains}, starts={starts}{start}{prior}{exact})"""


def groups(comparison: Comparison) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the sections of the page, as anchors and titles, in three groups with a heading each."""
    given = [("given", "The given estimate")] if comparison.given else []
    literature = [("literature", "The literature")] if classic_of(comparison) else []
    columns = [("columns", "Columns")] if has_columns(comparison) else []
    hills = [("hills", "Hills")] if comparison.hills else []
    exact = [("exact", "Exact posterior")] if comparison.exact else []
    return [
        (
            "The answer",
            [
                *given,
                *columns,
                ("data", "Data and fits"),
                ("parameters", "Parameters"),
                ("posteriors", "Posteriors"),
                *literature,
                ("fit", "Model fit"),
                ("precision", "Data and prior"),
                ("memberships", "Memberships"),
            ],
        ),
        (
            "Can each side be believed?",
            [
                ("em", "EM’s climb"),
                ("trust", "Trust in EM"),
                ("large-sample", "Standard errors"),
                ("function-space", "Distributions"),
                *hills,
                ("chains", "Chains"),
                *exact,
            ],
        ),
        (
            "How it was made",
            [("equivalence", "One model"), ("model", "Model and derivation"), ("provenance", "Provenance")],
        ),
    ]


def model_in_words(model: Model) -> str:
    """Return the model in half a sentence."""
    covariance = f" with {model.covariance} covariances" if model.covariance and model.dimension > 1 else ""
    mixing = (
        "" if model.components == 1 else ", weights free" if model.weights_are_free else ", weights fixed and equal"
    )
    plural = "s" if model.components > 1 else ""
    return f"{model.components} {model.family.capitalize()} component{plural}{covariance}{mixing}"


def model_statement(comparison: Comparison) -> str:
    """Return the mixture as a formula, in Markdown."""
    model = comparison.model
    return MIXTURE.format(
        components=model.components,
        seen="from which is known of some" if comparison.data.labels else "nobody saw from which",
        what="probability" if model.counts else "density",
        model=model_in_words(model),
        free_parameters=model.free_parameters,
        exposed=EXPOSED if comparison.data.is_exposed else "",
    )


def known_labels(comparison: Comparison) -> tuple[str, ...]:
    """Say which labels are known, in a sentence; nothing where none is."""
    return labels_in_words(comparison.data)


def highest_hill(comparison: Comparison) -> float:
    """Return the height of the highest hill of the posterior, in nats."""
    return max(each.hill.log_height for each in comparison.hills)


def share_of_hill(hill: Hill) -> str:
    """Return a hill's share of the mass with its error."""
    return in_percent(hill.share, hill.share_error)


def loud_warnings(comparison: Comparison) -> list[str]:
    """Say what a reader must know before the numbers: what fits, draws and the record of the data are worth."""
    fits = {"maximum-likelihood": comparison.mle, "maximum-a-posteriori": comparison.map}
    unfinished = [
        f"The {kind} EM did not converge: its best start ended {_how(fit)}."
        for kind, fit in fits.items()
        if fit.status is not Status.CONVERGED
    ]
    rounded = [found.sentence for found in comparison.audit.rounding]
    return [*unfinished, *comparison.posterior.warnings, *rounded]


def _how(fit: Fit) -> str:
    if fit.status is Status.COLLAPSED:
        return f"collapsed ({fit.climb.reason})"
    left = f"about {fit.climb.remaining:.2g} nats to go" if isfinite(fit.climb.remaining) else "its limit out of sight"
    return f"{fit.status}, after {fit.steps}, with {left}"


def derivations(comparison: Comparison) -> list[tuple[Markup, Markup]]:
    """Return headline and text of each derivation that this model uses, from the very modules that compute it."""
    family = comparison.model.family
    weights = ["em.weights"] if comparison.model.weights_are_free else []
    called = comparison.prior.called
    of_family = [module for module in OF_FAMILY[family] if called == "weak" or not module.endswith("_weak")]
    return [derivation(module) for module in ("em.e_step", *weights, *of_family)]


def python_call(comparison: Comparison) -> str:
    """Return the call that makes this comparison again from its data ``x``."""
    model, settings = comparison.model, comparison.settings
    covariance = f", covariance={model.covariance!r}" if model.covariance else ""
    return CALL.format(
        family=model.family,
        components=model.components,
        covariance=covariance,
        mixing=model.mixing,
        reader="" if comparison.prior.is_scaled_from(comparison.data) else ", read_prior",
        prior=_prior_argument(comparison),
        exact=", exact=True" if comparison.exact else "",
        start=_start_argument(comparison),
        **vars(settings),
    )


def _prior_argument(comparison: Comparison) -> str:
    """Return the argument that gives this prior; one that no name makes is in the report itself."""
    prior = comparison.prior
    if not prior.is_scaled_from(comparison.data):
        return ", prior=read_prior('report.json')"
    return "" if prior.called == DEFAULT_PRIOR else f", prior={prior.called!r}"


def _start_argument(comparison: Comparison) -> str:
    """Return the argument that gives EM its start, with numbers that read back as the same doubles."""
    if comparison.start is None:
        return ""
    numbers = {name: array.tolist() for name, array in comparison.start.arrays().items()}
    return f", start={numbers!r}"


def size_in_words(comparison: Comparison) -> str:
    """Return how many observations of how many features."""
    data = comparison.data
    observations = f"{data.size:,.10g} observations"
    rows = f" in {len(data.values):,} rows" if len(data.values) != data.size else ""
    columns = ", ".join(shortened(column) for column in data.columns)
    if data.is_exposed:
        column = shortened(data.exposure_column)
        columns += (
            f", with {data.total_exposure:,.5g} {column} of exposure in all: rates are {shortened(per_unit(data))}"
        )
    return f"{observations}{rows} of {columns if data.dimension <= 3 else f'{data.dimension} features'}"
