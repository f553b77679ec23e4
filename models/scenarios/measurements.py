"""Real data that are measurements."""

from __future__ import annotations

from ..data import Data
from ..model import Model
from .kinds import Classic, Published
from .reading import columns_of

MCLUST = "mclust 6.0 (Scrucca, Fraley, Murphy and Raftery 2023), model {model}"


def old_faithful() -> Classic:
    """Duration of, and waiting for, 272 eruptions of the Old Faithful geyser: two bivariate Gaussians."""
    columns = ("eruptions", "waiting")
    two, three = Model("gaussian", 2, 2, "full"), Model("gaussian", 3, 2, "tied")
    return Classic(
        "old-faithful",
        "Minutes of 272 eruptions of the Old Faithful geyser, and of waiting for them",
        "Both sides agree, and the model still does not fit, for the short eruptions are skewed: agreement is not truth.",
        Data.of(columns_of("old-faithful", columns), columns=columns, name="old-faithful"),
        two,
        source="A. Azzalini and A. W. Bowman (1990), A look at some data on the Old Faithful geyser, Applied Statistics "
        "39, 357–365, as R’s data set faithful has them (W. Härdle 1991).",
        licence="Measurements that were printed in a journal, without terms of use; R has them under GPL-2 or GPL-3.",
        finding="Two groups are plain. By BIC, mclust takes three with one covariance (−2314.3 against −2322.2), since no "
        "Gaussian is skewed.",
        literature=(
            Published(two, MCLUST.format(model="VVV"), {"log_likelihood": "-1130.264"}),
            Published(three, MCLUST.format(model="EEE"), {"log_likelihood": "-1126.326"}),
        ),
    )


def galaxies() -> Classic:
    """Velocities of 82 galaxies in 1000 km/s: three Gaussians with variances of their own."""
    model = Model("gaussian", 3, covariance="full")
    return Classic(
        "galaxies",
        "Velocities of 82 galaxies of the Corona Borealis region, in 1000 km/s",
        "A hair decides how many groups there are: with one mistyped number put right, mclust’s BIC takes six, not three.",
        Data.of(columns_of("galaxies", ("velocity",)), columns=("velocity",), name="galaxies"),
        model,
        source="M. Postman, J. P. Huchra and M. J. Geller (1986), Astronomical Journal 92, 1238–1247; K. Roeder (1990), "
        "Journal of the American Statistical Association 85, 617–624, as R’s package MASS has them. Its manual says that "
        "the 78th, 26.690, should be 26.960; it is left as it stands, so that published numbers can be held to.",
        licence="Measurements that were printed in a journal, without terms of use; MASS has them under GPL-2 or GPL-3.",
        finding="Answers go from three groups to more than six; Grün, Malsiner-Walli and Frühwirth-Schnatter (2022) show "
        "how they follow from the prior. From its usual start mclust ends 8.9 nats below the best optimum of three "
        "components, which holds three galaxies in one of them.",
        literature=(
            Published(
                model,
                MCLUST.format(model="V") + ", the best of fifty random starts",
                {
                    "log_likelihood": "-203.1792",
                    "weights[1]": "0.08536534",
                    "weights[2]": "0.87805110",
                    "weights[3]": "0.03658357",
                    "means[1]": "9.71014",
                    "means[2]": "21.40010",
                    "means[3]": "33.04438",
                },
            ),
        ),
    )


def acidity() -> Classic:
    """Acidity of 155 lakes, as log(ANC + 50): two Gaussians with one variance."""
    shared, own = Model("gaussian", 2, covariance="tied"), Model("gaussian", 2, covariance="full")
    return Classic(
        "acidity",
        "Acidity index of 155 lakes, log(ANC + 50)",
        "One start is not enough: with variances of their own (--covariance full) mclust ends 2.6 nats below the top.",
        Data.of(columns_of("acidity", ("log_acidity",)), columns=("log_acidity",), name="acidity"),
        shared,
        source="The Eastern Lake Survey of the U.S. Environmental Protection Agency; S. L. Crawford, M. H. DeGroot, J. B. "
        "Kadane and M. J. Small (1992), Technometrics 34, 441–453, as R’s package mclust has them. Its manual says that the "
        "lakes lie in the northeast of the United States, that of Nmix in north-central Wisconsin.",
        licence="Measurements by the government of the United States; mclust has them under GPL-2 or later.",
        finding="Sensitive and buffered lakes. By BIC, mclust takes two groups with one variance.",
        literature=(
            Published(shared, MCLUST.format(model="E"), {"log_likelihood": "-185.9493"}),
            Published(own, MCLUST.format(model="V") + ", from its usual start", {"log_likelihood": "-187.2387"}),
        ),
    )


def iris() -> Classic:
    """Fisher's 150 irises: three Gaussians of any shape in four dimensions."""
    columns = ("sepal_length", "sepal_width", "petal_length", "petal_width")
    model = Model("gaussian", 3, 4, "full")
    return Classic(
        "iris",
        "Four measurements of 150 irises, in centimetres",
        "Groups can be species: nobody told EM which flower is which, and it puts 145 of 150 where they belong.",
        Data.of(columns_of("iris", columns), columns=columns, name="iris"),
        model,
        source="E. Anderson (1935), Bulletin of the American Iris Society 59, 2–5; R. A. Fisher (1936), Annals of Eugenics "
        "7, 179–188, as R’s data set iris has them. The file names the species, which no fit sees.",
        licence="Creative Commons Attribution 4.0, as the UCI Machine Learning Repository offers them.",
        finding="By BIC two groups are enough, setosa and the rest; with three, each is a species, but for five "
        "versicolor that go to virginica.",
        literature=(Published(model, MCLUST.format(model="VVV"), {"log_likelihood": "-180.1858"}),),
    )
