"""The words that people and programs have for the pieces of an estimate, and the suite's own word for each."""

from __future__ import annotations

import difflib
import re

# Where R writes a dot and Python an underscore, and whatever the case: compared without them.
_SAME = re.compile(r"[\W_]+")
_PIECES = {
    "weights": "weight prior priors pro pi proportion proportions mixing_proportions mixing_weights mixing_probabilities",
    "means": "mean mu mus centre centres center centers",
    "covariances": "covariance cov covs covariance_matrix covariance_matrices",
    "variances": "variance var vars sigmasq sigma_squared sigma2",
    "sds": "sd std stds standard_deviation standard_deviations stdev",
    "precisions": "precision precision_matrix precision_matrices",
    "cholesky": "chol cholsigma cholesky_factor cholesky_factors scale_tril",
    "sigmas": "sigma",  # a standard deviation for some, a covariance matrix for others
    "rates": "rate lambda lambdas lam",
    "coefficients": "",  # of an intercept alone: a rate's logarithm, unless somebody took the exponential already
    "log_likelihood": "loglik log_lik loglikelihood ll",
    "structure": "covariance_type model_name covariance_structure",
    "family": "distribution",
    "components": "k g n_components number_of_components",
    "mixing": "",
    "components_axis": "",
}
# What exports have beside the parameters, which says nothing about them.
_BESIDE = (
    "n d df bic icl aic vinv iterations iter n_iter steps converged seed source name title note notes data program tool "
    "version call comment description lower_bound reg_covar tol random_state x row rowname rownames index id component "
    "label columns hypvol nobs "
    # And what `emvsbayes fit --json` has beside them.
    "estimate status reason objective remaining parameters trace starts endings search audit"
)
SCALES = ("covariances", "variances", "sds", "precisions", "cholesky", "sigmas")
# Pieces that a column for each feature, or for each pair of features, may be a part of.
_DIVISIBLE = ("means", "rates", *SCALES)


def plain(word: str) -> str:
    """A word without case, dots, dashes and underscores."""
    return _SAME.sub("", word).casefold()


_OWN = {plain(name): own for own, others in _PIECES.items() for name in (own, *others.split())}
_IGNORED = {plain(name) for name in _BESIDE.split()}
_SYNONYMS_BY_LENGTH = sorted(
    (word for own, others in _PIECES.items() if own in _DIVISIBLE for word in (own, *others.split())),
    key=len,
    reverse=True,
)
_DIVIDED = re.compile(rf"({'|'.join(_SYNONYMS_BY_LENGTH)})(?:[\s_.:]+|(?=[\d\[(]))(.+)", re.IGNORECASE)


def own_word(word: str) -> str | None:
    """The suite's word for a piece; ``None`` where it has none."""
    return _OWN.get(plain(word))


def is_beside(word: str) -> bool:
    """Whether a word names what an export may have beside the parameters."""
    return plain(word) in _IGNORED or word.startswith("_") or not word.strip()


def divided(word: str) -> tuple[str, str] | None:
    """The piece and the rest of a name such as ``mean_2``, ``cov[1,2]`` or ``center.waiting``."""
    found = _DIVIDED.fullmatch(word.strip())
    return None if found is None else (_OWN[plain(found[1])], found[2].strip("[]() "))


def unknown(word: str) -> ValueError:
    """The sentence about a word that the reader does not know."""
    close = difflib.get_close_matches(plain(word), _OWN, n=1)
    hint = f"did you mean {_OWN[close[0]]!r}? It" if close else "leave it out; it"
    return ValueError(
        f"the estimate has {word!r}, which is no piece of a mixture: {hint} may have weights, means and one of "
        f"{', '.join(SCALES[:-1])}, or weights and rates."
    )
