"""What the exercises on EM share whatever the kind of mixture: their words, their blanks, and the loop at the end."""

from __future__ import annotations

from .common_blanks import STOPPING
from .em_blanks import check_e_step, check_log_likelihood, check_m_step
from .exercise import Blank
from .kind import Kind


def introduction(observations: str, arrays: str) -> str:
    """Return what is asked, given what the observations are and how the arrays are called."""
    return (
        f"{observations}; nobody saw which one each came from. You will write EM for it, function by function, and a check "
        f"after each one says whether it is right, and if not, why.\n\nArrays: {arrays}"
    )


def derivation(mixture: str, parameters: str) -> str:
    """Return what is to be derived by hand for a mixture with these parameters."""
    return (
        f"1. Write down the expected complete-data log-likelihood $Q$ of {mixture}.\n"
        "2. Maximise it over the weights, which add up to one.\n"
        f"3. Maximise it over {parameters}."
    )


def steps(kind: Kind, each: str, formula: str, log_likelihood: str, e_step: str, m_step: str) -> tuple[Blank, ...]:
    """Return the blanks of EM itself.

    Parameters
    ----------
    kind
        The kind of mixture.
    each
        What one observation is called.
    formula
        What ends the sentence "a number" of the log-likelihood's task.
    log_likelihood, e_step, m_step
        The lines of the solutions.
    """
    parameters = ", ".join(("weights", *kind.parameters))
    return (
        Blank(
            name="log_likelihood",
            task=(
                "**Log-likelihood.** Return the total over all observations, in natural logarithms (nats), a number"
                f"{formula}"
            ),
            signature=f"def log_likelihood(x, {parameters}):",
            solution=log_likelihood,
            check=check_log_likelihood(kind),
            points=2,
        ),
        Blank(
            name="e_step",
            task=f"**E-step.** Return the responsibility of each component for each {each}, shape `(n, k)`.",
            signature=f"def e_step(x, {parameters}):",
            solution=e_step,
            check=check_e_step(kind),
            points=2,
        ),
        Blank(
            name="m_step",
            task=f"**M-step.** Return `{parameters}` that maximise $Q$.",
            signature="def m_step(x, responsibilities):",
            solution=m_step,
            check=check_m_step(kind),
            points=3,
        ),
        STOPPING,
    )


def together(kind: Kind, start: tuple[str, ...], shown: tuple[str, ...]) -> str:
    """Return the code that runs EM with the functions once all are right, from a start, and shows where it ends."""
    parameters = ", ".join(("weights", *kind.parameters))
    lines = (
        *start,
        f"trace = [log_likelihood(x, {parameters})]",
        "while not has_converged(trace, 1e-3):",
        f"    {parameters} = m_step(x, e_step(x, {parameters}))",
        f"    trace.append(log_likelihood(x, {parameters}))",
        shown[0],
        'print(f"log-likelihood {trace[-1]:.2f} after {len(trace) - 1} steps")',
        *shown[1:],
    )
    return (
        "rng = np.random.default_rng(1)\n"
        "missing = exercise.missing(log_likelihood, e_step, m_step, has_converged, k_means_plus_plus, relabel)\n"
        "if missing:\n"
        '    print("EM runs here once these are right:", ", ".join(missing))\n'
        "else:\n" + "\n".join(f"    {line}" for line in lines)
    )
