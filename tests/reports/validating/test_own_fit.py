"""What the suite's own `fit --json` prints is an estimate as well as anybody's."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from reports.files.documents import strictly_parsed
from tests.doubles import typed


@pytest.mark.parametrize("options", [(), ("--verbose", "--audit")], ids=["in short", "with all starts"])
def test_a_fit_as_json_is_judged_a_maximum(tmp_path: Path, options: tuple[str, ...]) -> None:
    rng = np.random.default_rng(1)
    x = np.concatenate([rng.normal(0, 1, 60), rng.normal(6, 1, 90)])
    np.savetxt(tmp_path / "x.csv", x, header="x", comments="")
    arguments = ("fit", "x.csv", "--family", "gaussian", "--components", "2", "--starts", "5", "--json", *options)
    fitted = typed(*arguments, folder=tmp_path)
    assert fitted.exit_code == 0
    (tmp_path / "mine.json").write_text(fitted.stdout, encoding="utf-8")
    found = typed("validate", "x.csv", "--estimate", "mine.json", "--no-posterior", "--json", folder=tmp_path)
    assert found.exit_code == 0, found.output
    assert strictly_parsed(found.stdout)["given"]["status"] == "maximum"
