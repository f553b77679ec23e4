"""The report as one HTML page that needs nothing but itself."""

from __future__ import annotations

from bayes import LARGEST_PARETO_K, LARGEST_R_HAT, SMALLEST_ESS
from em import same_height
from models.units import per_unit

from ..comparing import exact
from ..comparing.function_space import DISTANCE_NAMES
from ..judging.comparison import Comparison
from ..judging.difference import LARGEST_SHIFT, allowed, is_unlike
from ..judging.precision import LARGEST_SPREAD
from ..judging.prior import LARGEST_PULL, LARGEST_SENSITIVITY, agrees
from . import columns, facts, figures, literature
from .document import provenance
from .environment import rendered, script_with_its_hash
from .given import GivenEstimate
from .membership_rows import memberships_name
from .names import parameter_names


def render(comparison: Comparison, given: GivenEstimate | None = None) -> str:
    """Return the whole report as one self-contained HTML page.

    ``given`` is what is to be said of somebody else's estimate. Only the seconds that each stage took differ between two
    renderings of the same comparison.
    """
    classic = literature.classic_of(comparison)
    script, allowed_script = script_with_its_hash("columns.js") if columns.has_columns(comparison) else ("", "")
    return rendered(
        "report.html",
        columns=columns,
        script=script,
        allowed_script=allowed_script,
        comparison=comparison,
        given=given,
        classic=classic,
        published=literature.answers(comparison, classic) if classic else (),
        names=parameter_names(comparison),
        unit=per_unit(comparison.data),
        provenance=provenance(comparison),
        warnings=facts.loud_warnings(comparison),
        draw=figures,
        facts=facts,
        memberships_name=memberships_name,
        groups=facts.groups(comparison),
        distance_names=DISTANCE_NAMES,
        zip=zip,
        LARGEST_PARETO_K=LARGEST_PARETO_K,
        EXACT_LARGEST_Z=exact.LARGEST_Z,
        LARGEST_R_HAT=LARGEST_R_HAT,
        LARGEST_SHIFT=LARGEST_SHIFT,
        LARGEST_SPREAD=LARGEST_SPREAD,
        LARGEST_PULL=LARGEST_PULL,
        LARGEST_SENSITIVITY=LARGEST_SENSITIVITY,
        agrees=agrees,
        allowed=allowed,
        is_unlike=is_unlike,
        same_height=same_height,
        SMALLEST_ESS=SMALLEST_ESS,
    )
