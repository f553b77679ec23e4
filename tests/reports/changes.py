"""Comparisons of which one figure is set: what makes a sentence of the verdict true, or false."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from bayes.hill import Hill
from em import Atlas, Convergence, Optimum, Status
from em.degeneracy import Finding
from models import Data, Mixture, Poisson
from reports.checking.codes import FitCode
from reports.checking.figure import Key
from reports.checking.model_fit import Check, ModelFit
from reports.comparing.departures import Departure
from reports.comparing.hills import HillBeside
from reports.comparing.sensitivity import Alternative, PriorSensitivity
from reports.judging.comparison import Comparison

type Change = Callable[[Comparison], Comparison]


def setting(**parts: Any) -> Change:
    """Return what sets parts of a comparison that follow from both fits; the others stay as they were."""

    def changed(comparison: Comparison) -> Comparison:
        other = replace(comparison)
        kept = {name: each for name, each in vars(comparison).items() if name != "verdict"}
        vars(other).update({**kept, **parts})
        return other

    return changed


def both(*changes: Change) -> Change:
    """Return several changes, one after the other."""

    def changed(comparison: Comparison) -> Comparison:
        for change in changes:
            comparison = change(comparison)
        return comparison

    return changed


def unchanged(comparison: Comparison) -> Comparison:
    return comparison


# How far EM is from the posterior.
ALIKE = Departure("rates[1]", 1, 0.1, 0.01, 1.0, 1.0, 0.1, 0.01)


def departed(*each: Departure) -> Change:
    return setting(departures=each or (ALIKE,))


def shifted(shift: float = 2.0) -> Departure:
    return replace(ALIKE, shift=shift)


def wide(ratio: float = 2.0) -> Departure:
    return replace(ALIKE, widest=ratio, narrowest=ratio)


# What EM says of itself.
def converged(rate: float = 0.2, left: float = 0.0) -> Change:
    near = Convergence(np.array([rate, 0.1]), np.array([left, 0.0]), 0.0, 2.0, {"rates[1]": 1.0, "rates[2]": 0.1})
    return lambda c: setting(audit=replace(c.audit, convergence=near))(c)


def collapsed(comparison: Comparison) -> Comparison:
    climb = replace(comparison.mle.climb, status=Status.COLLAPSED, reason="a covariance is singular")
    other = replace(comparison.mle, climb=climb)
    return setting(mle=other, departures=(), sensitivity=None, audit=replace(comparison.audit, convergence=None))(
        comparison
    )


def finding(comparison: Comparison) -> Comparison:
    findings = (Finding("share", 0.9, 0.5, "One row."),)
    found = replace(comparison.audit.degeneracy, findings=findings)
    return setting(audit=replace(comparison.audit, degeneracy=found))(comparison)


def basins(share: float = 1.0, higher: int = 0, collapsing: int = 0) -> Change:
    """Return what sets where EM ends from posterior draws: of twenty runs, as many as said climb higher or collapse."""

    def changed(comparison: Comparison) -> Comparison:
        own = round(20 * share) - higher - collapsing
        of = comparison.mle.mixture
        optima = [Optimum(of, -1.0, -1.0, higher, -3.0)] if higher else []
        optima.append(Optimum(of, -4.0, -4.0, own, 0.0))
        statuses = {Status.CONVERGED: 20 - collapsing, Status.COLLAPSED: collapsing}
        return setting(basins=Atlas(tuple(optima), statuses, len(optima) - 1, 1e-6))(comparison)

    return changed


def rival_at(gap: float) -> Change:
    """Return what puts another optimum into EM's atlas, so many nats below the one that is reported."""

    def changed(comparison: Comparison) -> Comparison:
        found = comparison.audit.atlas
        other = Optimum(comparison.mle.mixture, -gap, -gap, 3, gap)
        atlas = Atlas((*found.optima, other), found.statuses, found.reported, 1e-6)
        return setting(audit=replace(comparison.audit, atlas=atlas))(comparison)

    return changed


def on_the_edge(comparison: Comparison) -> Comparison:
    return setting(standard_errors=replace(comparison.standard_errors, on_the_edge=("rates[1]",)))(comparison)


# What the posterior is.
def hills(share: float, rival: float = 30.0) -> Change:
    """Return what gives EM's hill a share of the mass, and a rival all else, with a rate of its own."""

    def changed(comparison: Comparison) -> Comparison:
        table = comparison.parameters[["mean", "sd"]]
        apart = table.assign(mean=table["mean"] + rival * table["sd"])
        own, other = (
            Hill(comparison.mle.mixture, -1.0, -1.0, 0.01, 0.1, mass, 0.01, 100, "importance sampling")
            for mass in (share, 1 - share)
        )
        return setting(hills=(HillBeside(own, True, table), HillBeside(other, False, apart)))(comparison)

    return changed


def chains(r_hat: float = 1.0, size: float = 1000.0, diverged: int = 0) -> Change:
    def changed(comparison: Comparison) -> Comparison:
        posterior = replace(comparison.posterior)
        table = pd.DataFrame({"r_hat": [r_hat], "ess_bulk": [size], "ess_tail": [size]}, index=["log_likelihood"])
        diverging = np.arange(posterior.log_likelihood.size).reshape(posterior.log_likelihood.shape) < diverged
        statistics = xr.Dataset({"diverging": (("chain", "draw"), diverging)})
        tree = xr.DataTree.from_dict({"sample_stats": statistics})
        vars(posterior).update({**vars(comparison.posterior), "to_settle": [table], "tree": tree})
        return setting(posterior=posterior)(comparison)

    return changed


def alike(comparison: Comparison) -> Comparison:
    """Draws whose components are the same, so that nothing tells their labels."""
    mixture = comparison.posterior.mixture
    rates = np.full_like(mixture.arrays()["rates"], 9.0)
    posterior = replace(comparison.posterior)
    same = Mixture(np.full_like(mixture.weights, 0.5), Poisson(rates))
    vars(posterior).update({**vars(comparison.posterior), "mixture": same})
    return setting(posterior=posterior)(comparison)


def parameters(**columns: float) -> Change:
    """Return what sets columns of the table of parameters, in posterior standard deviations from the MLE."""

    def changed(comparison: Comparison) -> Comparison:
        table = comparison.parameters.copy()
        table["mean"] = table["median"] = table["map"] = table["mle"]
        table["inside"] = True
        for column, value in columns.items():
            moved = table["mle"] + value * table["sd"]
            table[column] = bool(value) if column == "inside" else moved
        table["shift"] = (table["mle"] - table["mean"]) / table["sd"]
        of_mode = Atlas(comparison.under_the_mode.optima, {Status.CONVERGED: 1}, 0, 1e-6)
        return setting(parameters=table, under_the_mode=of_mode)(comparison)

    return changed


def undetermined(comparison: Comparison) -> Comparison:
    return setting(equivalence=replace(comparison.equivalence, undetermined=1))(comparison)


# Whether the model fits.
def check(kind: str, z: float = 9.0, component: int | None = None, code: FitCode | None = None) -> Check:
    return Check(Key(kind, component), 2.0, 0.8, 1.2, z, abs(z), code)


def fits(
    status: str = "fits", code: FitCode | None = None, kind: str = "dispersion", z: float = 1.0, **told: Any
) -> Change:
    found: dict[str, Any] = {"error": 0.02, "factor": 1.0} | told
    alarmed = check(kind, z, 0 if kind in ("dispersion", "skewness", "kurtosis") else None, code)
    codes = (code,) if code is not None and status == "misfit" else ()
    checks = (alarmed, check("distribution", 0.5))
    return setting(fits=ModelFit(status, codes, checks, 3.0, 100, **found))


def misfit(code: FitCode, kind: str = "dispersion", z: float = 9.0, **told: Any) -> Change:
    return fits("misfit", code, kind, z, **told)


# What the prior says.
def prior(pull: float = 0.0, scaled: float = 0.0, *others: Alternative) -> Change:
    table = pd.DataFrame({"pull": {"rates[1]": pull}, "prior": {"rates[1]": scaled}, "likelihood": {"rates[1]": 0.3}})
    return setting(sensitivity=PriorSensitivity(table.rename_axis("parameter"), others))


def under(shift: float, pareto_k: float = 0.1) -> Alternative:
    return Alternative("twice as wide", pareto_k, (shifted(shift),))


def out_of_steps(comparison: Comparison) -> Comparison:
    climb = replace(comparison.mle.climb, status=Status.OUT_OF_STEPS)
    return setting(mle=replace(comparison.mle, climb=climb))(comparison)


def lone_row(comparison: Comparison) -> Comparison:
    """A fit in which one row is a component by itself."""
    x = np.concatenate([np.arange(20.0), [400.0]])
    data = Data.of(x)
    mixture = Mixture(np.array([300 / 301, 1 / 301]), Poisson(np.array([9.0, 400.0])))
    lone = replace(comparison.mle, observations=data, mixture=mixture)
    return setting(data=data, mle=lone)(comparison)


def no_row_twice(comparison: Comparison) -> Comparison:
    return setting(data=Data.of(np.arange(300.0)))(comparison)
