"""The blanks of EM that every kind of mixture has: log-likelihood, E-step and M-step."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import numpy as np

from em import WHAT_IT_DOES, Mistake, MStep, textbook_e_step, wrong_e_steps, wrong_m_steps
from models import Data, Mixture

from .asking import Answer, Array, Function, Problem, UnusableError, Wrong, called, numbers, reasons_of, what_is_wrong
from .kind import Kind, joined, softmax, total

type Check = Callable[[Function, np.random.Generator], tuple[str, str]]

OBSERVATIONS = 60
UNDERFLOW = (
    "For an observation far from all components it gives nan: all densities are zero there in doubles, and 0/0 is nothing. "
    "Take logarithms first, and subtract the largest before you take exponentials."
)


def named(mistake: Mistake) -> str:
    """Return the sentence that names a classic mistake."""
    return f"This is the step of an EM that {WHAT_IT_DOES[mistake]}."


def check_log_likelihood(kind: Kind) -> Check:
    """Return the check of a function that returns the log-likelihood."""

    def check(function: Function, rng: np.random.Generator) -> tuple[str, str]:
        problems = [_log_likelihood(kind, mixture, rng) for mixture in kind.examples]
        reason = what_is_wrong(function, ("value",), problems)
        return reason, "" if reason else _remark(function, kind, ())

    return check


def check_e_step(kind: Kind) -> Check:
    """Return the check of a function that returns responsibilities."""

    def check(function: Function, rng: np.random.Generator) -> tuple[str, str]:
        problems = [_e_step(kind, mixture, rng) for mixture in kind.examples]
        reason = what_is_wrong(function, ("responsibilities",), problems)
        return reason, "" if reason else _remark(function, kind, (len(kind.examples[0].weights),))

    return check


def check_m_step(kind: Kind) -> Check:
    """Return the check of a function that returns weights and parameters."""

    def check(function: Function, rng: np.random.Generator) -> tuple[str, str]:
        problems = [_m_step(kind, mixture, rng) for mixture in kind.examples]
        return what_is_wrong(function, ("weights", *kind.parameters), problems), ""

    return check


def _drawn(mixture: Mixture, rng: np.random.Generator) -> Data:
    return Data.of(mixture.sample(OBSERVATIONS, rng)[0])


def _log_likelihood(kind: Kind, mixture: Mixture, rng: np.random.Generator) -> Problem:
    data = _drawn(mixture, rng)
    x, arrays = kind.values(data.values), kind.arrays(mixture)
    right = textbook_e_step(data, mixture).log_likelihood
    wrong = list(reasons_of(wrong_log_likelihoods(kind, mixture, data)))
    return Problem.with_known((x, mixture.weights, *arrays), (np.asarray(right),), wrong)


def wrong_log_likelihoods(kind: Kind, mixture: Mixture, data: Data) -> Iterator[tuple[str, float]]:
    """Yield what known mistakes make of the log-likelihood."""
    x, arrays = kind.values(data.values), kind.arrays(mixture)
    log_density = mixture.components.log_density(data.values)
    joint, n = joined(mixture.weights, log_density), data.rows
    yield "It is the mean over the observations, and the total is asked for: do not divide by n.", total(joint) / n
    yield "Its sign is turned: it is the negative log-likelihood.", -total(joint)
    yield (
        "It forgets the weights: each density has to be multiplied by the weight of its component.",
        total(log_density),
    )
    yield (
        "It forgets the weights (it gives every component the same one).",
        total(log_density) - n * float(np.log(len(mixture.weights))),
    )
    yield (
        "It adds up logarithms over the components: the sum over the components belongs inside the logarithm.",
        float(joint.sum()),
    )
    yield (
        (
            "It adds up the logarithms of all densities, without weights: the sum over the components belongs "
            "inside the logarithm."
        ),
        float(log_density.sum()),
    )
    yield (
        "It is the expected log-likelihood of data and labels together (EM's Q), not the log-likelihood of the data.",
        float((softmax(joint) * joint).sum()),
    )
    yield "It takes the largest component only: add them up inside the logarithm.", float(joint.max(axis=1).sum())
    yield (
        "It is a sum of densities: the logarithm of each observation's density is missing.",
        float(np.exp(joint).sum()),
    )
    yield (
        "It takes the logarithm of a sum over all observations: take it for each, then add up.",
        float(np.log(np.exp(joint).sum())),
    )
    yield "It is the likelihood, a product of densities; its logarithm is asked for.", float(np.exp(total(joint)))
    yield "It is in the logarithm to base 2; natural logarithms are asked for.", total(joint) / float(np.log(2))
    yield "It is in the logarithm to base 10; natural logarithms are asked for.", total(joint) / float(np.log(10))
    for reason, wrong in kind.slips:
        yield reason, total(joined(mixture.weights, wrong(x, *arrays)))


def _e_step(kind: Kind, mixture: Mixture, rng: np.random.Generator) -> Problem:
    data = _drawn(mixture, rng)
    wrong = list(reasons_of(_wrong_responsibilities(kind, mixture, data)))
    right = mixture.responsibilities(data.values)
    return Problem.with_known((kind.values(data.values), mixture.weights, *kind.arrays(mixture)), (right,), wrong)


def _wrong_responsibilities(kind: Kind, mixture: Mixture, data: Data) -> Iterator[tuple[str, Array]]:
    x, arrays = kind.values(data.values), kind.arrays(mixture)
    for mistake, responsibilities in wrong_e_steps(mixture, kind.model(len(mixture.weights)), data):
        yield named(mistake), responsibilities
    log_density = mixture.components.log_density(data.values)
    joint = joined(mixture.weights, log_density)
    yield (
        "They are not divided by their sum over the components: each row of responsibilities adds up to one.",
        np.exp(joint),
    )
    yield (
        "They are densities without weights, and not divided by their sum over the components.",
        np.exp(log_density),
    )
    yield "They are logarithms: take exponentials at the end.", np.log(softmax(joint))
    yield "It adds the weights to log-densities: add their logarithms.", softmax(log_density + mixture.weights)
    yield "It takes a softmax of densities: it has to be of their logarithms.", softmax(np.exp(joint))
    yield (
        "It divides by the sum over all observations and components: divide each row by its own sum.",
        np.exp(joint) / np.exp(joint).sum(),
    )
    yield (
        "It divides weighted densities by the sum of the densities without weights: the same terms belong above and below.",
        np.exp(joint) / np.exp(log_density).sum(axis=1, keepdims=True),
    )
    for reason, wrong in kind.slips:
        yield reason, softmax(joined(mixture.weights, wrong(x, *arrays)))


def _m_step(kind: Kind, mixture: Mixture, rng: np.random.Generator) -> Problem:
    data = _drawn(mixture, rng)
    model, x = kind.model(len(mixture.weights)), kind.values(data.values)
    responsibilities = mixture.responsibilities(data.values)
    right = MStep(model, data)(mixture.components.statistics(data.values, responsibilities))

    def wrong(answer: Answer) -> Iterable[Wrong]:
        yield from kind.m_step_slips(x, responsibilities, answer)
        yield from _wrong_weights(responsibilities, right, kind)

    classic = [
        Wrong(named(mistake), (found.weights, *kind.arrays(found)))
        for mistake, found in wrong_m_steps(mixture, model, data)
    ]
    return Problem(
        (x, responsibilities),
        (right.weights, *kind.arrays(right)),
        lambda answer: [*wrong(answer), *classic],
    )


def _wrong_weights(responsibilities: Array, right: Mixture, kind: Kind) -> Iterator[Wrong]:
    counts, arrays = responsibilities.sum(axis=0), kind.arrays(right)
    k = responsibilities.shape[1]
    yield Wrong(
        "The weights are the sums of responsibilities: divide them by the number of observations.", (counts, *arrays)
    )
    yield Wrong(named(Mistake.WEIGHTS_NOT_UPDATED), (np.full(k, 1 / k), *arrays))
    yield Wrong("The weights are divided by the number of components and not of observations.", (counts / k, *arrays))
    hard = np.eye(k)[responsibilities.argmax(axis=1)].mean(axis=0)
    yield Wrong(named(Mistake.HARD_ASSIGNMENTS), (hard, *arrays))


def _remark(function: Function, kind: Kind, shape: tuple[int, ...]) -> str:
    """Say what happens far from all components, which is no mistake in a formula."""
    mixture = kind.examples[0]
    try:
        numbers(
            called(function, (kind.far, mixture.weights, *kind.arrays(mixture))),
            (len(kind.far), *shape) if shape else (),
            "value",
        )
    except UnusableError:
        return UNDERFLOW
    return ""
