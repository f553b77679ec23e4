"""The work of the texts that this suite grew from, redone as notebooks: EM step by step, and then the posterior.

Each is a Markdown file in this folder whose fenced blocks of Python are the cells of code.
"""

from __future__ import annotations

titles: dict[str, str] = {
    "five-gaussians": "EM for a mixture of five Gaussians in the plane, its pictures, and the colours of a photograph",
    "one-dimension": "EM for two normals on a line, forty observations, and what they do not say",
    "poisson-counts": "A mixture of Poissons for sequencing counts, and how many components it has",
}
