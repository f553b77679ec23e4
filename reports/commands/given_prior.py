"""The prior that ``--prior`` gives: by its name, or in a file."""

from __future__ import annotations

from pathlib import Path

from models import Model, Prior, named_priors

from ..reading.priors import prior_from


def prior_given(said: str | None, model: Model) -> Prior | str | None:
    """Return the name, or the prior of the file, which has to be one of this model.

    Raises
    ------
    ValueError
        When it is neither a name nor a file, or when the file has no prior of this model.
    """
    if said is None or said in named_priors:
        return said
    if not Path(said).exists():
        raise ValueError(
            f"--prior {said!r} is neither {' nor '.join(named_priors)}, and there is no file of that name: "
            "`emvsbayes prior` prints one to start from."
        )
    return prior_from(said, model)
