"""The classic mistakes in a program for EM, each with a sentence on what it does."""

from __future__ import annotations

from enum import StrEnum


class Mistake(StrEnum):
    """A mistake that leaves EM a fixed point, but another one than the maximum of the likelihood.

    Examples
    --------
    >>> from em import WHAT_IT_DOES, Mistake
    >>> print(WHAT_IT_DOES[Mistake("diagonal-kept")])
    keeps only the variances of each covariance matrix, as if the features were independent
    """

    WEIGHTS_FORGOTTEN = "weights-forgotten"
    WEIGHTS_NOT_UPDATED = "weights-not-updated"
    HARD_ASSIGNMENTS = "hard-assignments"
    WRONG_AXIS = "wrong-axis"
    UNWEIGHTED_COUNTS = "unweighted-counts"
    DIVIDED_BY_ALL = "divided-by-all"
    UNBIASED_COVARIANCE = "unbiased-covariance"
    RIDGE = "ridge"
    DEVIATION_FOR_VARIANCE = "deviation-for-variance"
    POOLED_COVARIANCE = "pooled-covariance"
    DIAGONAL_KEPT = "diagonal-kept"
    EXPOSURE_FORGOTTEN = "exposure-forgotten"


# Each follows "this is where EM ends that".
WHAT_IT_DOES = {
    Mistake.WEIGHTS_FORGOTTEN: (
        "forgets the weights in its E-step: every component claims an equal share of the observations between them, so that "
        "small components come out too large and too wide"
    ),
    Mistake.WEIGHTS_NOT_UPDATED: (
        "never updates its weights, which stay equal: it maximises the likelihood of another model, with equal weights"
    ),
    Mistake.HARD_ASSIGNMENTS: (
        "assigns each observation wholly to one component, as k-means and classification EM do: components come out too "
        "narrow and too far apart"
    ),
    Mistake.WRONG_AXIS: (
        "normalises the responsibilities over the observations in place of the components: every component counts as one "
        "observation, and all weights are equal"
    ),
    Mistake.UNWEIGHTED_COUNTS: (
        "leaves out how often each row was seen: every distinct row counts once, so that rare values weigh as much as "
        "frequent ones"
    ),
    Mistake.DIVIDED_BY_ALL: (
        "divides the sums of each component by the number of all observations and not by the component's own: widths "
        "and rates come out too small"
    ),
    Mistake.UNBIASED_COVARIANCE: (
        "divides its sums of squares by one less than the number of observations, which is unbiased for one sample but does "
        "not maximise the likelihood: variances come out a little too large"
    ),
    Mistake.RIDGE: (
        "adds a constant to every variance in its M-step: variances come out too large, and the likelihood may fall"
    ),
    Mistake.DEVIATION_FOR_VARIANCE: (
        "takes a standard deviation for a variance, or the reverse, on the way between its two steps"
    ),
    Mistake.POOLED_COVARIANCE: "has one covariance for all components where each was meant to have its own",
    Mistake.DIAGONAL_KEPT: "keeps only the variances of each covariance matrix, as if the features were independent",
    Mistake.EXPOSURE_FORGOTTEN: (
        "leaves out the exposure: every count is taken for one of the exposure one, so that rows that were watched for "
        "longer look like a component with a larger rate"
    ),
}
