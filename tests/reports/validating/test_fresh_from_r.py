"""Fresh answers of mclust and flexmix, where R has them: read, and judged to be what they are."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from models import Data
from reports import read_estimate
from reports.validating.codes import Status
from reports.validating.judgement import judge

MCLUST = """
x <- as.matrix(read.csv("x.csv"))
fitted <- mclust::Mclust(x, G = 2, modelNames = "VVV", verbose = FALSE)
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


def answered(folder: Path, program: str, package: str) -> Path:
    """Run a program in R; skipped with a reason where R or the package is not there."""
    rscript = shutil.which("Rscript")
    if rscript is None:
        pytest.skip("R is not installed: there is no Rscript on the PATH.")
    wanted = f'quit(status = !all(sapply(c("{package}", "jsonlite"), requireNamespace, quietly = TRUE)))'
    if subprocess.run([rscript, "-e", wanted], capture_output=True, check=False).returncode:
        pytest.skip(f"R has no package {package}, or no jsonlite.")
    (folder / "program.R").write_text(program, encoding="utf-8")
    subprocess.run([rscript, "program.R"], cwd=folder, check=True, capture_output=True, timeout=120)
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
