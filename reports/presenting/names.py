"""How parameters, features and numbers are written where people read them."""

from __future__ import annotations

import math
import re
import unicodedata

from models import Data, Mixture, Model
from models import number as in_digits
from models.units import per_unit

from ..comparing.side_by_side import SideBySide

SYMBOLS = {"weights": "π", "means": "μ", "variances": "σ²", "covariances": "Σ", "rates": "λ"}
MOST_LETTERS = 24
_UNPRINTABLE = ("Cc", "Cf", "Cn", "Cs")
_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def shortened(text: str, most: int = MOST_LETTERS) -> str:
    """Return a name that fits into a label: on one line, without characters that do not print, at most so many letters."""
    printing = "".join("�" if unicodedata.category(letter) in _UNPRINTABLE else letter for letter in text)
    return printing if len(printing) <= most else f"{printing[: most - 1]}…"


def parameter_names(comparison: SideBySide) -> dict[str, str]:
    """Return what a reader expects for every parameter: ``μ₁ (eruptions)`` by the name it has in ``report.json``.

    Where a label of the component is known it stands there, too: ``μ₁ (short: eruptions)``.
    """
    return symbols_with_units(comparison.model, comparison.em.mixture, comparison.data)


def symbols_with_units(model: Model, mixture: Mixture, data: Data) -> dict[str, str]:
    """Return them with what rates are per, *λ₁ per hour*, where the counts have exposures."""
    return symbols(model, mixture, data.columns, data.labels, per_unit(data))


def rate_of(data: Data, feature: int) -> str:
    """Return what is seen of one feature: its name, and with exposures *events per hour*."""
    column = shortened(data.columns[feature])
    return f"{column} {shortened(per_unit(data))}" if data.is_exposed else column


def symbols(
    model: Model, mixture: Mixture, columns: tuple[str, ...], labels: tuple[str, ...] = (), unit: str = ""
) -> dict[str, str]:
    """Return what a reader expects for every parameter of any mixture of that model; ``unit`` is what rates are per."""
    # Columns may hold commas and brackets, so that their names are split with numbers in their places.
    places = model.scalars(mixture, tuple(str(j) for j in range(len(columns))))
    names = model.scalars(mixture, columns)
    found = {name: _written(place, columns, labels) for name, place in zip(names, places, strict=True)}
    if not unit:
        return found
    return {
        name: f"{symbol} {shortened(unit)}" if name.startswith("rates") else symbol for name, symbol in found.items()
    }


def _written(place: str, columns: tuple[str, ...], labels: tuple[str, ...]) -> str:
    kind, *rest = re.split(r"[\[\],]", place.rstrip("]"))
    symbol = SYMBOLS.get(kind, kind)
    if not rest:
        return symbol
    # A tied covariance belongs to no component: all of its indices are features.
    tied = kind == "covariances" and len(rest) == 2
    component, features = ("", rest) if tied else (rest[0].translate(_SUBSCRIPTS), rest[1:])
    named = ", ".join(shortened(columns[int(feature)]) for feature in features)
    label = "" if tied else shortened("".join(labels[int(rest[0]) - 1 : int(rest[0])]))
    named = ": ".join(part for part in (label, named) if part)
    return f"{symbol}{component}" + (f" ({named})" if named else "")


def number(value: float, sd: float) -> str:
    """Return a value to two digits of its standard deviation, with a real minus sign."""
    return in_digits(value, sd).replace("-", "−")


def significant(value: float | None, digits: int = 4) -> str:
    """Return a value to so many digits, with a power of ten only where it is tiny or huge, and with a real minus sign."""
    if value is None or not math.isfinite(value):
        return "–"
    if value != 0 and not 1e-4 <= abs(value) < 1e15:
        return power_of_ten(value, digits)
    whole = math.floor(math.log10(abs(value))) + 1 if value else 1
    return f"{value:,.{max(0, digits - whole)}f}".replace("-", "−") if value else "0"


def power_of_ten(value: float, digits: int = 2) -> str:
    """Return a tiny or huge value as ``3.1·10⁻¹⁰``; a plain power of ten without its factor."""
    factor, exponent = f"{value:.{digits - 1}e}".split("e")
    power = f"10{str(int(exponent)).translate(_SUPERSCRIPTS)}"
    return power if float(factor) == 1 else f"{factor.replace('-', '−')}·{power}"
