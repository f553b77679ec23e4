"""The engine room: how a mixture in PyMC comes to be sampled fast.

Plain PyMC compiles a model anew for every data set, and evaluates a mixture term by term. Here a model is compiled once,
its data and prior being arguments; the likelihood is one operation, evaluated by EM's own pass over the data; and the
sampler, nutpie's, calls what was compiled without Python in between. What happens, in order:

1. ``operations`` states the likelihood of all observations as one PyTensor operation whose gradient comes with its
   value; ``gaussian``, ``poisson`` and ``poisson_exposure`` are the families' own, ``bartlett`` and ``shared_scale`` the
   operations of the covariances' priors. ``pointwise`` has the likelihood of each observation, which ``build_model`` needs
   for PyMC.
2. ``addresses`` lets compiled code call EM's kernels by address, so that the same seed gives the same draws in the process
   that compiles and in all later ones; ``version`` makes a changed source a new name on disk.
3. ``unconstrained`` is the way from a model's parameters to the vector of real numbers that is sampled in.
4. ``graph`` compiles a model around the vector of its inputs, ``native`` makes a function in C of the result, and ``nuts``
   runs nutpie's sampler on that; ``sampling`` says how much.
5. ``private`` holds every private name of PyTensor, Numba and nutpie that all this rides on. Where one has moved,
   compiling raises :class:`Moved`, and ``plain`` samples with nothing but PyMC: slower, and it says so once.

``interpreted`` evaluates small graphs without compiling them at all. The engine knows neither priors nor mixtures; it sits
below the families' files, which say what is compiled.
"""

from .bartlett import Covariances, Whitening
from .gaussian import GaussianTotal, gaussian_log_density, gaussian_parameters
from .graph import CompiledGraph
from .interpreted import INTERPRETED, interpreted
from .nuts import Transitions
from .operations import Counted
from .plain import plain_chains, say_that_it_is_slower
from .pointwise import of_labels, random_labels
from .poisson import PoissonTotal, poisson_log_probability, poisson_parameters
from .poisson_exposure import ExposedPoissonTotal, exposed_poisson_log_probability, exposed_poisson_parameters
from .private import Moved
from .sampling import Sampling
from .shared_scale import SharedScaleDensity
from .unconstrained import Unconstrained

__all__ = [
    "INTERPRETED",
    "CompiledGraph",
    "Counted",
    "Covariances",
    "ExposedPoissonTotal",
    "GaussianTotal",
    "Moved",
    "PoissonTotal",
    "Sampling",
    "SharedScaleDensity",
    "Transitions",
    "Unconstrained",
    "Whitening",
    "exposed_poisson_log_probability",
    "exposed_poisson_parameters",
    "gaussian_log_density",
    "gaussian_parameters",
    "interpreted",
    "of_labels",
    "plain_chains",
    "poisson_log_probability",
    "poisson_parameters",
    "random_labels",
    "say_that_it_is_slower",
]
