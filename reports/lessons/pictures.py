"""Pictures of the reference problems that stand in the lessons: EM from a poor start, step by step."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from markupsafe import Markup
from matplotlib.figure import Figure
from PIL import Image

from em import Fit
from models import Simulation, simulation

from ..pictures import figures as draw
from ..pictures.start import climb_from
from ..presenting.figures.output import to_png, to_svg

# As wide as a panel of the page on a sharp screen, in so few colours that a scatter of thousands weighs some kilobytes.
WIDTH, COLOURS = 560, 32


@dataclass(frozen=True)
class Picture:
    """A drawing that can stand in a page, and what it shows."""

    drawing: Markup
    caption: str


def two_gaussians() -> tuple[Picture, ...]:
    """Draw one feature: components after the start and three, six and nine steps, the truth dashed."""
    problem, fit = _climbed("gaussian-two")
    caption = "Forty numbers from two Gaussians, weights known, after 0, 3, 6 and 9 steps."
    return (Picture(_svg(draw.stages(fit, (0, 3, 6, 9), problem.truth)), caption),)


def five_gaussians() -> tuple[Picture, ...]:
    """Draw two features: from a poor start over a long plateau to the answer, and the density that was found."""
    problem, fit = _climbed("gaussian-five")
    shown = _telling_steps(fit)
    name = "five Gaussians of two features"
    steps = [
        Picture(_image(draw.step(fit, number, shown, problem.truth), f"EM on {name}, step {number}"), f"Step {number}.")
        for number in shown
    ]
    plane = draw.window(fit.data, -3.0, 12.0)
    return (
        *steps,
        Picture(
            _svg(draw.ascent(fit, shown)), "The log-likelihood: for most of the steps next to nothing seems to happen."
        ),
        Picture(_image(draw.density_surface(fit, plane), f"Density surface of {name}"), "The density that EM found."),
    )


def three_poissons() -> tuple[Picture, ...]:
    """Draw components that hardly overlap, for comparison."""
    _, fit = _climbed("poisson-three")
    return (Picture(_svg(draw.clusters(fit)), "Rates 30, 100 and 150: every count shows where it belongs."),)


@cache
def _climbed(name: str) -> tuple[Simulation, Fit]:
    problem = simulation(name)
    return problem, climb_from(problem.data, problem.model)


def _telling_steps(fit: Fit) -> Sequence[int]:
    """Return the start, the plateau, where EM leaves it, and the end."""
    objective = fit.climb.objective
    half = objective[9] + (objective[-1] - objective[9]) / 2 if fit.steps > 9 else objective[-1]
    leaving = next((t for t in range(9, fit.steps) if objective[t] >= half), fit.steps)
    return sorted({0, min(9, fit.steps), leaving, fit.steps})


def _svg(figure: Figure) -> Markup:
    return to_svg(figure)


def _image(figure: Figure, description: str) -> Markup:
    """Return a figure as a picture of few colours, where drawing every point would weigh too much."""
    with Image.open(io.BytesIO(to_png(figure))) as full:
        small = full.convert("RGB").resize((WIDTH, round(full.height * WIDTH / full.width)), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    small.quantize(COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(
        buffer, format="png", optimize=True
    )
    encoded = base64.b64encode(buffer.getvalue()).decode()
    return Markup('<img class="paper" alt="{}" src="data:image/png;base64,{}">').format(description, encoded)
