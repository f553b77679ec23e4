"""scikit-learn's estimators on this package's EM: same parameters, attributes and numbers, and what is missing there.

They need scikit-learn, which the extra ``sklearn`` brings; all of its checks of an estimator pass with 1.6.1, 1.8.0 and
1.9.1. A fit is also a step of a pipeline, whose output is each row's membership probabilities:

>>> import numpy as np
>>> from sklearn.base import clone
>>> from sklearn.calibration import CalibratedClassifierCV
>>> from sklearn.linear_model import LogisticRegression
>>> from sklearn.model_selection import GridSearchCV
>>> from sklearn.pipeline import make_pipeline
>>> from sklearn.preprocessing import StandardScaler
>>> from em.estimators import GaussianMixture, PoissonMixture
>>> rng = np.random.default_rng(0)
>>> x = np.concatenate([rng.normal(0, 1, (100, 2)), rng.normal(6, 1, (200, 2))])
>>> mixture = GaussianMixture(2, random_state=0).fit(x)
>>> bool(abs(sorted(mixture.weights_)[0] - 1 / 3) < 0.01), str(mixture.status_)
(True, 'converged')
>>> mixture.standard_errors_["means"].shape
(2, 2)

The number of components by the score of rows left out, in a search over a grid:

>>> search = GridSearchCV(GaussianMixture(random_state=0), {"n_components": [1, 2]}, cv=3).fit(x)
>>> search.best_params_
{'n_components': 2}

A copy that is not fitted, with the same parameters:

>>> clone(mixture)
GaussianMixture(n_components=2, random_state=0)

The last step of a pipeline:

>>> labels = make_pipeline(StandardScaler(), GaussianMixture(2, random_state=0)).fit_predict(x)
>>> np.bincount(labels).tolist() in ([100, 200], [200, 100])
True

Memberships as features of a classifier, whose probabilities are calibrated:

>>> truth = np.repeat([0, 1], [100, 200])
>>> of_memberships = make_pipeline(GaussianMixture(2, random_state=0), LogisticRegression())
>>> CalibratedClassifierCV(of_memberships, cv=3).fit(x, truth).score(x, truth)
1.0

Counts, with how often each was seen:

>>> counts = PoissonMixture(2, random_state=0).fit([[0], [1], [2], [11], [12]], sample_weight=[5, 9, 5, 6, 6])
>>> counts.predict([[1], [10]]).tolist() in ([0, 1], [1, 0])
True
"""

try:
    import sklearn  # noqa: F401
except ModuleNotFoundError:
    raise ModuleNotFoundError(
        "em.estimators needs scikit-learn, which the extra brings: pip install 'emvsbayes[sklearn]'."
    ) from None

from .gaussian import GaussianMixture
from .poisson import PoissonMixture

__all__ = ["GaussianMixture", "PoissonMixture"]
