r"""The unknown scale of the weak prior of rates: a sum over nodes of its logarithm.

Given the scale $b$ the rates have the conjugate prior $\mathrm{Gamma}(1, b)$ (``models/priors/poisson_weak.py``), so that
the posterior is a mixture of the posteriors under these priors:

$$p(x) = \int p(b) \, p(x \mid b) \, db \approx h \sum_i b_i \, p(b_i) \, p(x \mid b_i) , \qquad \log b_i = u_0 + i h .$$

The sum over evenly spaced nodes of $u = \log b$ converges faster than any power of $h$ (Trefethen and Weideman 2014): in
each state the integrand is, but for a factor that hardly varies, $e^{\kappa u - c e^u}$, for which the relative error is
$2 \lvert \Gamma(\kappa + 2 \pi i / h) \rvert / \Gamma(\kappa)$, with $\kappa = K + 1$, or $K$ where a component is
empty: $10^{-7}$ for $h = 0.4$ and $\kappa = 3$, and less for smaller $\kappa$. The nodes go out from $u_0$ to where their
mass is as negligible as that of the states that are left out.

**A variance that is infinite.** The rate of an empty component has the prior's own tail. With the other rate known it is
$p(\lambda) \propto (\bar x + \lambda_1 + \lambda)^{-3}$, which has a mean and no variance, and so has the larger of two
rates. Where a component is empty with a probability of less than a millionth this is not counted: no draws would show it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np

from models import SharedRate

from .states import NEGLIGIBLE

STEP = 0.4
RARELY_EMPTY = 1e-6


class Weighed(Protocol):
    """Whatever is found at a node."""

    @property
    def log_mass(self) -> float:
        """The logarithm of what the node adds to p(x)."""


def over_scales[W: Weighed](prior: SharedRate, given: Callable[[float, float], W]) -> list[W]:
    """Return what is ``given`` the scale at each node that counts; it is called with b and the log of the node's weight."""

    def at(node: int) -> W:
        # The rates lie about the mean of the data, and b about its inverse.
        scale = float(np.exp(node * STEP) / prior.mean)
        return given(scale, float(np.log(STEP * scale * prior.mean) - prior.mean * scale))

    found = [at(0)]
    for direction in (1, -1):
        node, heaviest = 0, max(each.log_mass for each in found)
        while True:
            node += direction
            found.append(at(node))
            heaviest = max(heaviest, found[-1].log_mass)
            if found[-1].log_mass < heaviest + np.log(NEGLIGIBLE):
                break
    return found
