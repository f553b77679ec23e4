"""Fresh answers of mclust and flexmix, where R has them: read, and judged to be what they are."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from em import fit
from models import Data, Given
from reports import read_estimate
from reports.validating.codes import Status
from reports.validating.judgement import judge

# Mclust looks its models up among what is attached: without library() it does not find mclustBIC.
MCLUST = """
library(mclust)
x <- as.matrix(read.csv("x.csv"))
fitted <- Mclust(x, G = 2, modelNames = "VVV", verbose = FALSE)
jsonlite::write_json(c(fitted$parameters, loglik = fitted$loglik), "estimate.json", digits = NA)
"""
FLEXMIX = """
x <- read.csv("x.csv")
set.seed(1)
fitted <- flexmix::stepFlexmix(count ~ 1, data = x, k = 2, nrep = 5, verbose = FALSE,
                               model = flexmix::FLXMCmvpois())
jsonlite::write_json(list(prior = fitted@prior, parameters = flexmix::parameters(fitted, simplify = FALSE),
                          loglik = fitted@logLik), "estimate.json", digits = NA)
"""

# Without jsonlite: what base R writes.
COLUMNS = """
x <- as.matrix(read.csv("x.csv"))
set.seed(1)
fitted <- flexmix::stepFlexmix(x ~ 1, k = 3, nrep = 5, verbose = FALSE, model = flexmix::FLXMCmvpois(),
                               control = list(tolerance = 1e-12, iter.max = 5000))
answer <- c(fitted@logLik, fitted@prior, flexmix::parameters(fitted))
write(format(answer, digits = 17), "estimate.txt", ncolumns = 1)
"""


def run_in_r(folder: Path, program: str, *packages: str) -> None:
    """Run a program in R; skipped with a reason where R or one of the packages is not there."""
    rscript = shutil.which("Rscript")
    if rscript is None:
        pytest.skip("R is not installed: there is no Rscript on the PATH.")
    named = ", ".join(f'"{package}"' for package in packages)
    wanted = f"quit(status = !all(sapply(c({named}), requireNamespace, quietly = TRUE)))"
    if subprocess.run([rscript, "-e", wanted], capture_output=True, check=False).returncode:
        pytest.skip(f"R lacks one of the packages {named}.")
    (folder / "program.R").write_text(program, encoding="utf-8")
    subprocess.run([rscript, "program.R"], cwd=folder, check=True, capture_output=True, timeout=120)


def answered(folder: Path, program: str, package: str) -> Path:
    """The answer of a program in R that writes it with jsonlite."""
    run_in_r(folder, program, package, "jsonlite")
    return folder / "estimate.json"


def test_a_fresh_answer_of_mclust_is_a_maximum(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    x = np.concatenate([rng.normal(size=(120, 2)), rng.normal(size=(180, 2)) + 5])
    np.savetxt(tmp_path / "x.csv", x, delimiter=",", header="a,b", comments="")
    found = judge(Data.of(x), read_estimate(answered(tmp_path, MCLUST, "mclust"), x), starts=20)
    # Mclust stops within 1e-5 of its log-likelihood, relative: on groups this far apart it is at the top by then.
    assert found.status == Status.MAXIMUM
    assert found.mistake is None


def test_a_fresh_answer_of_flexmix_is_near_the_top(tmp_path: Path) -> None:
    x = np.random.default_rng(2).poisson(np.repeat([2, 15], 150)).astype(float)
    np.savetxt(tmp_path / "x.csv", x, fmt="%d", header="count", comments="")
    found = judge(Data.of(x), read_estimate(answered(tmp_path, FLEXMIX, "flexmix"), x), starts=20)
    assert found.mistake is None
    assert found.below_best == pytest.approx(0, abs=0.01)


def test_a_fresh_answer_of_flexmix_on_many_columns_is_ours(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    rates = rng.gamma(1.0, 4.0, size=(3, 8)) + 0.3
    x = rng.poisson(rates[rng.integers(0, 3, 300)]).astype(float)
    np.savetxt(tmp_path / "x.csv", x, fmt="%d", delimiter=",", header=",".join("abcdefgh"), comments="")
    run_in_r(tmp_path, COLUMNS, "flexmix")
    log_likelihood, *answer = np.loadtxt(tmp_path / "estimate.txt")
    prior, parameters = answer[:3], np.reshape(answer[3:], (3, 8))
    read = Given.of({"prior": prior, "parameters": [{"lambda": row} for row in parameters]}, x).mixture.ascending()
    # FLXMCmvpois is the same model: at the same rates flexmix has our log-likelihood, and its maximum is ours.
    assert read.log_likelihood(x) == pytest.approx(log_likelihood, rel=1e-9)
    found = fit(x, "poisson", 3, starts=20)
    # Flexmix stops when a step gains 1e-12 of its log-likelihood, where hardly anything is left on groups this far apart.
    assert found.log_likelihood == pytest.approx(log_likelihood, abs=1e-4)
    own, other = found.mixture.components.arrays()["rates"], read.components.arrays()["rates"]
    np.testing.assert_allclose(own, other, rtol=1e-3)
