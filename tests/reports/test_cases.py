"""Healthy data that were once refused or misjudged, by the command that people typed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.doubles import typed
from tests.shared_cases import shared_case

pytestmark = pytest.mark.slow


def compared(name: str, folder: Path, *options: str) -> tuple[str, dict[str, Any]]:
    """What the terminal says, and the report."""
    done = typed("compare", str(shared_case(name)), *options, "--out", "report", folder=folder)
    assert done.exit_code == 0, done.stderr
    whole: dict[str, Any] = json.loads((folder / "report" / "report.json").read_text(encoding="utf-8"))
    return done.stdout, whole


def codes(whole: dict[str, Any]) -> list[str]:
    return [reason["code"] for reason in whole["verdict"]["reasons"]]


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("bombs.csv", ("--components", "3", "--counts-column", "squares")),
        ("discoveries.csv", ("--components", "4", "--column", "value")),
    ],
)
def test_a_component_too_many_is_weakly_identified_and_no_other_model(
    name: str, options: tuple[str, ...], tmp_path: Path
) -> None:
    _, whole = compared(name, tmp_path, "--family", "poisson", *options)
    assert whole["equivalence"]["holds"]
    assert "weakly-identified" in codes(whole)


@pytest.mark.parametrize("name", ["scale1e-9.csv", "shift1e9.csv"])
def test_the_verdict_knows_neither_units_nor_origin(name: str, tmp_path: Path) -> None:
    _, whole = compared(name, tmp_path, "--family", "gaussian", "--components", "2")
    assert whole["verdict"]["status"] == "agree"


def test_two_normals_of_about_equal_means_agree(tmp_path: Path) -> None:
    _, whole = compared("samemean.csv", tmp_path, "--family", "gaussian", "--components", "2")
    assert whole["verdict"]["status"] == "agree"
    wide = max(whole["em"]["parameters"], key=lambda name: name.startswith("var") and whole["em"]["parameters"][name])
    assert whole["em"]["parameters"][wide] == pytest.approx(28.34, abs=0.005)
    # The posterior without a prior's pull is 28.32 ± 2.88; today's prior may move it by no more than a quarter of that.
    assert whole["posterior"]["parameters"][wide]["mean"] == pytest.approx(28.32, abs=2.88 / 4)


def test_hills_of_equal_height_are_said(tmp_path: Path) -> None:
    shown, whole = compared("mirror1d.csv", tmp_path, "--family", "gaussian", "--components", "2")
    assert "two hills of equal height" in shown
    assert "prior-dominated" not in codes(whole)
    assert "Sample longer" not in shown
