"""The families of components by name."""

from __future__ import annotations

from .components import Components
from .gaussian import Gaussian
from .poisson import Poisson
from .poisson_product import PoissonProduct

families: dict[str, type[Components]] = {family.name: family for family in (Gaussian, Poisson, PoissonProduct)}
# What a family of one column is called when there are several.
of_several_columns = {Poisson.name: PoissonProduct.name}
