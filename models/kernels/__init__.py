"""One fused pass over the data: log-likelihood and expected sufficient statistics, and never an n×k array.

The observations go by in blocks that stay in the cache of a core. For each block three loops run over contiguous
arrays, which the compiler turns into vector instructions: the log-joint of every component, its normalisation into
responsibilities, and the accumulation of the statistics. No loop both sums and stores: such a loop is compiled twice, in
vectors and one by one in case its arrays overlap, and which of the two runs, hence the order of the sum and its last bit,
would depend on where the arrays happen to lie in memory. A loop goes over a slice of the data from its beginning: an
index like ``start + i`` might be negative for all the compiler knows, which counts from the end, and the numbers would be
gathered one by one. And no compiled function calls another, but has it inlined: of a function that is compiled in two
places the linker takes whichever it meets first.

All logarithms here are to the base 2: log₂e is folded into the constants beforehand. 2^a is a polynomial and an addition
to the exponent bits, a tenth of the cost of ``exp``, and the logarithm a series beside the exponent bits. The caller has
rejected NaN and infinity, on which the relaxed arithmetic (sums in any order, fused multiply–add) would not be reliable.

``compiling`` says how they are compiled and kept, ``arithmetic`` has what they share, ``vectors`` lets a kernel name its
vectors where the compiler does not find them, and every family has a file of its own; that of Gaussians of three and more
features is ``gaussian_panels``.
"""

from __future__ import annotations

from pathlib import Path

FILES = tuple(str(path) for path in sorted(Path(__file__).parent.glob("*.py")))
"""The source that compiled code elsewhere is made of; whoever keeps such code needs its checksum."""
