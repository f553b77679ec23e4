"""Any prior of any model, by its parameters: what hypothesis draws."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

from models import Model

POSITIVE = st.floats(1e-250, 1e250)
ANY = st.floats(-1e250, 1e250)
UNITS = st.floats(1e-100, 1e100)


@st.composite
def stated_priors(draw: st.DrawFn) -> tuple[Model, dict[str, Any]]:
    """Return a model, and the parameters of a prior that it may have."""
    model = draw(st.sampled_from(("poisson", "gaussian")).flatmap(_models))
    components = draw(_of_poisson if model.family == "poisson" else _of_gaussian(model))
    weights = {"name": "Dirichlet", "concentration": draw(POSITIVE)} if model.weights_are_free else None
    return model, {"weights": weights, "components": components}


def _models(family: str) -> st.SearchStrategy[Model]:
    gaussian = family == "gaussian"
    structures = ("full", "tied", "diagonal", "spherical") if gaussian else (None,)
    return st.builds(
        Model,
        st.just(family),
        st.integers(1, 4),
        st.integers(1, 4) if gaussian else st.just(1),
        st.sampled_from(structures),
        st.sampled_from(("free", "equal")),
    )


_of_poisson = st.one_of(
    st.fixed_dictionaries({"name": st.just("shared rate"), "mean": POSITIVE}),
    st.fixed_dictionaries({"name": st.just("Gamma"), "shape": POSITIVE, "rate": POSITIVE}),
)


@st.composite
def _of_gaussian(draw: st.DrawFn, model: Model) -> dict[str, Any]:
    d, structure = model.dimension, model.covariance
    location = draw(st.lists(ANY, min_size=d, max_size=d))
    if draw(st.booleans()):
        return {
            "name": "normal-inverse-Wishart",
            "location": location,
            "strength": draw(POSITIVE),
            "degrees_of_freedom": draw(st.floats(d - 1, 1e6, exclude_min=True)),
            "scale": draw(_spreads(d, structure)),
            "structure": structure,
        }
    spread, reach = draw(_spreads(d, structure)), draw(_spreads(d, structure))
    # A width that no component falls below is less than the widths that are expected.
    finest = (np.array(spread) * draw(st.floats(1e-12, 1e-2))).tolist()
    return {
        "name": "shared scale",
        "location": location,
        "spread": spread,
        "reach": reach,
        "resolution": finest,
        "structure": structure,
    }


@st.composite
def _spreads(draw: st.DrawFn, d: int, structure: str | None) -> Any:
    """Return a variance, one for each column, or a covariance in which no correlation is so high that rounding decides."""
    if structure == "spherical":
        return draw(UNITS)
    units = np.array(draw(st.lists(UNITS, min_size=d, max_size=d)))
    if structure == "diagonal":
        return units.tolist()
    factor = np.random.default_rng(draw(st.integers(0, 2**32))).uniform(-0.5, 0.5, (d, d)) / d + np.eye(d)
    covariance = factor @ factor.T
    deviations = np.sqrt(units)
    scaled = covariance * deviations * deviations[:, None]
    return ((scaled + scaled.T) / 2).tolist()
