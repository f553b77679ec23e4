"""Real data that are counts."""

from __future__ import annotations

from ..data import Data
from ..model import Model
from .kinds import Classic, Published
from .reading import columns_of


def horse_kicks() -> Classic:
    """Deaths by the kick of a horse in 200 corps-years of the Prussian army: one Poisson distribution."""
    deaths, corps_years = columns_of("horse-kicks", ("deaths", "corps_years")).T
    model = Model("poisson", 1)
    return Classic(
        "horse-kicks",
        "Deaths by the kick of a horse, in 200 corps-years of the Prussian army",
        "One group is enough: mean and variance are the same, and a second component is one too many (--components 2).",
        Data.of(deaths, corps_years, columns=("deaths",), name="horse-kicks"),
        model,
        source="L. von Bortkiewicz (1898), Das Gesetz der kleinen Zahlen, Teubner, Leipzig: ten corps from 1875 to 1894, "
        "the four left out whose organisation was another, as R. A. Fisher (1925) takes them.",
        licence="In the public domain: the book is of 1898, and its author died in 1931.",
        finding="The example by which the Poisson distribution became known: 122 deaths in 200 corps-years.",
        literature=(
            Published(
                model,
                "Bortkiewicz (1898); Fisher (1925), Statistical Methods for Research Workers",
                {"rates[1]": "0.61"},
            ),
        ),
    )


def times_deaths() -> Classic:
    """Deaths of women over eighty in The Times on 1096 days: two Poisson distributions that overlap."""
    deaths, days = columns_of("times-deaths", ("deaths", "days")).T
    model = Model("poisson", 2)
    return Classic(
        "times-deaths",
        "Deaths of women of eighty and over in The Times, on 1096 days",
        "The components overlap, so EM crawls along a ridge and the data alone hardly tell the weights.",
        Data.of(deaths, days, columns=("deaths",), name="times-deaths"),
        model,
        source="V. Hasselblad (1969), Estimation of finite mixtures of distributions from the exponential family, Journal "
        "of the American Statistical Association 64, 1459–1471: notices of The Times of London, 1910 to 1912.",
        licence="Counts that were printed in a journal, without terms of use; the guide to R’s package BB has them.",
        finding="Winter and summer are thought to have rates of their own. Titterington, Smith and Makov (1985) take them "
        "as an example of slow EM.",
        literature=(
            Published(
                model,
                "Hasselblad (1969), to the digits of Varadhan and Gilbert (2009), Journal of Statistical Software 32 (4)",
                {
                    "log_likelihood": "-1989.946",
                    "weights[1]": "0.3599",
                    "weights[2]": "0.6401",
                    "rates[1]": "1.256",
                    "rates[2]": "2.6634",
                },
            ),
        ),
    )


def earthquakes() -> Classic:
    """Earthquakes of magnitude 7 and over in each year from 1900 to 2006: three Poisson distributions."""
    table = "Zucchini and MacDonald (2009), Hidden Markov Models for Time Series, chapter 1, independent mixtures"
    return Classic(
        "earthquakes",
        "Earthquakes of magnitude 7 and over in the world, in each year from 1900 to 2006",
        "A fourth rate gains a tenth of a nat over three; and the years depend on each other, which no mixture sees.",
        Data.of(columns_of("earthquakes", ("earthquakes",)), columns=("earthquakes",), name="earthquakes"),
        Model("poisson", 3),
        source="U.S. Geological Survey, as printed by W. Zucchini and I. L. MacDonald (2009), Hidden Markov Models for Time "
        "Series, table 1.1, Chapman and Hall.",
        licence="In the public domain, as works of the government of the United States are.",
        finding="One Poisson distribution is far too narrow: the mean is 19.4, the variance 51.6. Two rates gain thirty "
        "nats, three rates three more. Zucchini and MacDonald go on to hidden Markov models: a year is like the last.",
        literature=(
            Published(Model("poisson", 1), table, {"log_likelihood": "-391.9189", "rates[1]": "19.364"}),
            Published(
                Model("poisson", 2),
                table,
                {
                    "log_likelihood": "-360.3690",
                    "weights[1]": "0.676",
                    "weights[2]": "0.324",
                    "rates[1]": "15.777",
                    "rates[2]": "26.840",
                },
            ),
            Published(
                Model("poisson", 3),
                table,
                {
                    "log_likelihood": "-356.8489",
                    "weights[1]": "0.278",
                    "weights[2]": "0.593",
                    "weights[3]": "0.130",
                    "rates[1]": "12.736",
                    "rates[2]": "19.785",
                    "rates[3]": "31.629",
                },
            ),
            Published(
                Model("poisson", 4),
                table,
                {
                    "log_likelihood": "-356.7337",
                    "weights[1]": "0.093",
                    "weights[2]": "0.354",
                    "weights[3]": "0.437",
                    "weights[4]": "0.116",
                    "rates[1]": "10.584",
                    "rates[2]": "15.528",
                    "rates[3]": "20.969",
                    "rates[4]": "32.079",
                },
            ),
        ),
    )
