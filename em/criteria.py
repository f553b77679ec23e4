r"""How many components: information criteria of EM's estimate.

With $\hat\ell$ the maximum of the log-likelihood, $p$ free parameters and $n$ observations,

$$\mathrm{AIC} = -2 \hat\ell + 2 p , \qquad \mathrm{BIC} = -2 \hat\ell + p \log n , \qquad
  \mathrm{ICL} = \mathrm{BIC} + 2 \sum_i w_i \sum_k -\gamma_{ik} \log \gamma_{ik} ,$$

all in nats times two, and the lower the better (Akaike 1974; Schwarz 1978; Biernacki, Celeux and Govaert 2000, with the
entropy of the responsibilities in place of that of hard labels). AIC aims at prediction and often takes one component
too many; BIC at the number that made the data, for large $n$; ICL at clusters that are apart, and takes fewer where
components overlap. Neither expansion that AIC and BIC rest on holds where a model has more components than the truth, since
its parameters are not identified there: they are guides, which is why the evidence and the predictive score stand beside
them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy import special

from models import Shown

from .fitted import Fit


@dataclass(frozen=True, repr=False)
class Criteria(Shown):
    """AIC, BIC and ICL of an estimate, the lower the better, with its log-likelihood in nats and free parameters.

    Examples
    --------
    >>> from em import criteria, fit
    >>> x = [0, 1, 1, 2, 3, 8, 9, 9, 10, 12]
    >>> [round(criteria(fit(x, "poisson", k, starts=10)).bic, 1) for k in (1, 2, 3)]
    [72.3, 56.3, 60.9]
    """

    log_likelihood: float
    free_parameters: int
    aic: float
    bic: float
    icl: float

    def _said(self) -> Iterator[str]:
        yield (
            f"AIC {self.aic:.2f}, BIC {self.bic:.2f}, ICL {self.icl:.2f}, the lower the better "
            f"(log-likelihood {self.log_likelihood:.6f}, {self.free_parameters} free parameters)"
        )


def criteria(fitted: Fit) -> Criteria:
    """The information criteria of a maximum-likelihood estimate.

    Parameters
    ----------
    fitted
        A maximum-likelihood estimate.

    Returns
    -------
    Criteria
        AIC, BIC and ICL, the lower the better.

    Raises
    ------
    ValueError
        When the estimate is a mode under a prior.

    Examples
    --------
    >>> from em import criteria, fit
    >>> x = [0, 1, 1, 2, 3, 8, 9, 9, 10, 12]
    >>> criteria(fit(x, family="poisson", components=2, starts=10))
    AIC 55.37, BIC 56.28, ICL 57.15, the lower the better (log-likelihood -24.684494, 3 free parameters)
    """
    if fitted.prior is not None:
        raise ValueError("fitted must be a maximum-likelihood estimate, got a mode under a prior: use estimate='mle'.")
    data, parameters = fitted.data.compress(), fitted.model.free_parameters
    deviance = -2 * fitted.log_likelihood
    bic = deviance + parameters * float(np.log(data.size))
    responsibilities = fitted.mixture.responsibilities(data.values, data.exposure, data.known)
    entropy = float(data.weights @ special.entr(responsibilities).sum(axis=1))
    return Criteria(fitted.log_likelihood, parameters, deviance + 2 * parameters, bic, bic + 2 * entropy)
