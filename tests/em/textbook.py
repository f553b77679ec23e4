"""Published data and what is known about their maximum likelihood estimates, as literal numbers.

Log-likelihoods carry all digits; their sources print the first six or so. Each is also the best of 400 starts of an
independent implementation that does not degenerate, for iris of 500 starts of scikit-learn as well.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from sklearn.datasets import load_iris

from models import Data, scenario

# Hasselblad (1969): days with 0, 1, … death notices of women over 80 in The Times, 1910-1912.
DEATHS = Data.of(np.arange(10), weights=[162, 267, 271, 185, 111, 61, 27, 8, 3, 1])
# Böhning (2000): spells of illness of 602 preschool children in north-east Thailand.
ILLNESS = Data.of(
    [*range(22), 23, 24],
    weights=[120, 64, 69, 72, 54, 35, 36, 25, 25, 19, 18, 18, 13, 4, 3, 6, 6, 5, 1, 3, 1, 2, 1, 2],
)
# Azzalini and Bowman (1990), as shipped with R: minutes of eruption of, and of waiting for, the Old Faithful geyser.
FAITHFUL = scenario("old-faithful").data.values
# Roeder (1990), as shipped with MASS: velocities of 82 galaxies in 1000 km/s.
GALAXIES = scenario("galaxies").data.values[:, 0]
IRIS = load_iris().data


@dataclass(frozen=True)
class Published:
    """A maximum likelihood estimate: family, components, covariance, log-likelihood, and parameters as printed."""

    data: Data
    family: str
    components: int
    covariance: str | None
    log_likelihood: float
    parameters: dict[str, float] = field(default_factory=dict)


TEXTBOOK = {
    # Hasselblad (1969): log-likelihood -1989.946.
    "death notices": Published(
        DEATHS, "poisson", 2, None, -1989.94585988, {"weights[1]": 0.3599, "rates[1]": 1.256, "rates[2]": 2.663}
    ),
    "illness": Published(
        ILLNESS,
        "poisson",
        4,
        None,
        -1553.81017734,
        {"weights[1]": 0.197, "weights[2]": 0.480, "rates[1]": 0.1434, "rates[2]": 2.8173, "rates[3]": 8.1642},
    ),
    # Benaglia, Chauveau, Hunter and Young (2009), section 2: -1034.002, means 54.61 and 80.09, deviations 5.87, 5.87.
    "waiting 2": Published(
        Data.of(FAITHFUL[:, 1]),
        "gaussian",
        2,
        "full",
        -1034.00174983,
        {"weights[1]": 0.3609, "means[1]": 54.6149, "means[2]": 80.0911},
    ),
    # Fraley and Raftery's mclust prints these of its models V, VVV, VVI, VII and EEE.
    "eruptions 2": Published(Data.of(FAITHFUL[:, 0]), "gaussian", 2, "full", -276.36004050),
    "faithful 2 full": Published(Data.of(FAITHFUL), "gaussian", 2, "full", -1130.26396018),
    "faithful 2 diagonal": Published(Data.of(FAITHFUL), "gaussian", 2, "diagonal", -1147.80635254),
    "faithful 2 spherical": Published(Data.of(FAITHFUL), "gaussian", 2, "spherical", -1709.52928218),
    "faithful 2 tied": Published(Data.of(FAITHFUL), "gaussian", 2, "tied", -1140.18675944),
    "faithful 3 tied": Published(Data.of(FAITHFUL), "gaussian", 3, "tied", -1126.31592782),
    "iris 2 full": Published(Data.of(IRIS), "gaussian", 2, "full", -214.35470437),
    "iris 2 diagonal": Published(Data.of(IRIS), "gaussian", 2, "diagonal", -386.18534693),
    "iris 2 spherical": Published(Data.of(IRIS), "gaussian", 2, "spherical", -478.55909577),
    "iris 2 tied": Published(Data.of(IRIS), "gaussian", 2, "tied", -296.44757477),
    "iris 3 full": Published(
        Data.of(IRIS), "gaussian", 3, "full", -180.18547713, {"means[1,x1]": 5.006, "means[1,x4]": 0.246}
    ),
    "iris 3 diagonal": Published(Data.of(IRIS), "gaussian", 3, "diagonal", -306.86046051),
    "iris 3 spherical": Published(Data.of(IRIS), "gaussian", 3, "spherical", -384.31409506),
    "iris 3 tied": Published(Data.of(IRIS), "gaussian", 3, "tied", -256.35404313),
    "galaxies 3 full": Published(Data.of(GALAXIES), "gaussian", 3, "full", -203.17922797),
    "galaxies 3 tied": Published(Data.of(GALAXIES), "gaussian", 3, "tied", -212.35185518),
    "galaxies 4 tied": Published(Data.of(GALAXIES), "gaussian", 4, "tied", -207.72233004),
}
DEATH_NOTICES = TEXTBOOK["death notices"]
