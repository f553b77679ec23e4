"""The private names of PyTensor, Numba and nutpie that the engine rides on, and nothing else does.

A private name may move with any release. :func:`require` looks for all of them before anything is compiled, and raises
:class:`Moved` for the first that is gone; the posterior is then sampled by plain PyMC. Each name has a test that it is
there, and one that its absence is survived.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from operator import attrgetter
from pathlib import Path
from typing import Any

import pytensor

# Each is a module and the name within it.
NUMBA_JIT = "pytensor.link.numba.dispatch.basic", "numba_njit"
REGISTER = "pytensor.link.numba.dispatch.basic", "register_funcify_default_op_cache_key"
CACHED_SOURCES = "pytensor.link.numba.cache", "CACHED_SRC_FUNCTIONS"
COMPILE_SOURCE = "pytensor.link.numba.cache", "compile_numba_function_src"
FAST_ARITHMETIC = "pytensor", "config.numba__fastmath"
EXTERNAL_FUNCTION = "numba", "types.ExternalFunction"
ADD_SYMBOL = "llvmlite.binding", "add_symbol"
NUTPIE_MODEL = "nutpie.compile_pymc", "CompiledPyMCModel"
NUTPIE_SAMPLE = "nutpie", "sample"
NUTPIE_WAIT = "nutpie.sample", "_BackgroundSampler.wait"
NUTPIE_CANCEL = "nutpie.sample", "_BackgroundSampler.cancel"
NUTPIE_DRAWS = "nutpie._lib", "PyTrace.get_arrow_trace"
NAMES = (
    NUMBA_JIT,
    REGISTER,
    CACHED_SOURCES,
    COMPILE_SOURCE,
    FAST_ARITHMETIC,
    EXTERNAL_FUNCTION,
    ADD_SYMBOL,
    NUTPIE_MODEL,
    NUTPIE_SAMPLE,
    NUTPIE_WAIT,
    NUTPIE_CANCEL,
    NUTPIE_DRAWS,
)

# The arguments that the engine gives them; of those that begin with an underscore, no documentation speaks.
ARGUMENTS = {
    COMPILE_SOURCE: ("cache_key",),
    NUTPIE_SAMPLE: ("return_raw_trace", "progress_callback", "progress_rate", "blocking"),
    NUTPIE_MODEL: (
        "compiled_logp_func",
        "compiled_expand_func",
        "initial_point_func",
        "user_data",
        "shared_data",
        "shared_var_keys",
        "n_expanded",
        "shape_info",
        "logp_func",
        "expand_func",
        "dims",
        "_n_dim",
        "_shapes",
        "_coords",
    ),
}


class Moved(Exception):  # noqa: N818 - it is no error of anybody's
    """A private name is not where the engine looks for it; the message is the name."""


def find(name: tuple[str, str]) -> Any:
    """Return what stands under a private name.

    Raises
    ------
    Moved
        When nothing does.
    """
    module, path = name
    try:
        return attrgetter(path)(import_module(module))
    except (ImportError, AttributeError) as gone:
        raise Moved(f"{module}.{path}") from gone


def require() -> None:
    """Make sure that every private name is there, and takes the arguments that the engine gives it.

    Raises
    ------
    Moved
        When one is not.
    """
    for name in NAMES:
        find(name)
    for name, arguments in ARGUMENTS.items():
        taken = inspect.signature(find(name)).parameters
        for argument in arguments:
            if argument not in taken:
                raise Moved(f"{'.'.join(name)}({argument}=...)")


def compiled_by_numba(operation: type, version: int) -> Callable[[Callable[[], Any]], Callable[[], Any]]:
    """Let PyTensor compile an operation as the function that the decorated one returns.

    Where PyTensor has no such names any more, the operation is run by its ``perform``.
    """

    def decorated(code: Callable[[], Any]) -> Callable[[], Any]:
        def compiled(op: Any, node: Any, **_: Any) -> Any:
            return find(NUMBA_JIT)(code()), version

        with suppress(Moved):
            find(REGISTER)(operation)(compiled)
        return code

    return decorated


def jit_function(compiled: Any) -> Any:
    """Return the function of Numba's within a function that PyTensor compiled."""
    try:
        return compiled.vm.jit_fn
    except AttributeError as gone:
        raise Moved("vm.jit_fn of a compiled PyTensor function") from gone


def key_on_disk(jitted: Any) -> str | None:
    """Return the key under which PyTensor keeps a compiled function on disk, or nothing."""
    key: str | None = find(CACHED_SOURCES).get(jitted.py_func)
    return key


def keep_on_disk(function: Callable[..., Any], key: str) -> None:
    """Let Numba find the compiled function again under a key of our own, whatever file it stands in."""
    find(CACHED_SOURCES)[function] = key


def function_of_source(source: str, name: str, names: dict[str, Any], key: str | None) -> Any:
    """Return the function of that name in a source; with a key, Numba finds what it compiled again on disk."""
    return find(COMPILE_SOURCE)(source, name, names, cache_key=key)


def external_function(symbol: str, signature: Any) -> Any:
    """Return a function that compiled code calls by an address that is known under a symbol."""
    return find(EXTERNAL_FUNCTION)(symbol, signature)


def provide(symbol: str, address: Any) -> None:
    """Make an address known under a symbol for as long as the process lives."""
    find(ADD_SYMBOL)(symbol, address)


@contextmanager
def settings_of_compilers() -> Iterator[None]:
    """Compile with strict arithmetic, and put what is generated beside PyTensor's other files, not in the temporary folder.

    Relaxed arithmetic would come to other last digits in the process that compiles than in others (addresses.py). PyTensor
    before 3.3.6 knows no folder but the temporary one.
    """
    config: Any = pytensor.config
    settings: dict[str, Any] = {"numba__fastmath": False}
    if hasattr(config, "generated_src_dir"):
        settings["generated_src_dir"] = config.generated_src_dir or str(Path(config.compiledir) / "generated")
    with config.change_flags(**settings):
        yield


def nutpie_model(**arguments: Any) -> Any:
    """Return a model of nutpie's around functions that are compiled already."""
    return find(NUTPIE_MODEL)(**arguments)


def nutpie_sample(model: Any, **arguments: Any) -> Any:
    """Return a sampler of nutpie's that runs by itself."""
    return find(NUTPIE_SAMPLE)(model, **arguments)


def nutpie_draws(raw: Any) -> tuple[list[Any], list[Any]]:
    """Return draws and statistics of a sampler that is done, as Arrow batches, one of each for each chain."""
    draws, statistics = raw.get_arrow_trace()
    return draws, statistics
