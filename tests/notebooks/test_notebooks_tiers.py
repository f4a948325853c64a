"""Notebook 05 on a user's own file: another framework, and files that a user may well have."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import papermill
import pytest

from analysis.cli import main
from analysis.framework import framework_path
from analysis.parameters import notebook_folder
from analysis.paths import processed_folder
from analysis.reports.page import write_report

NAME = "05_tier_calibration"
EARLIER = "04_earnings_effects"
FIVE = {
    "labels": '["I", "II", "III", "IV", "V"]',
    "names": '["one", "two", "three", "four", "five"]',
    "cuts": "[-0.1, 0.0, 0.1, 0.2]",
    "over_rating_weight": "2.0",
    "simulation_draws": "20",
    "earnings_benchmark": '"employed_half"',
}
OWN_METRIC = """[[tiers.rated_metrics]]
metric = "employed_share"
periods_a_year = 1.0
kind = "share"

[[tiers.benchmarks]]
id = "employed_half"
name = "Half of the people employed"
of = "earnings"
dollars = 0.5
why = "test"

"""


def framework(folder: Path, **changes: str) -> Path:
    """The framework's own file, tiers made of the share employed, each change in one line of it."""
    text = framework_path().read_text("utf-8")
    start, end = text.index("[[tiers.rated_metrics]]"), text.index("[[tiers.benchmarks]]")
    lines = (text[:start] + OWN_METRIC + text[end:]).splitlines()
    for key, value in {**FIVE, **changes}.items():
        places = [i for i, line in enumerate(lines) if line.startswith(f"{key} = ")]
        assert len(places) == 1, f"{key} must stand in exactly one line"
        lines[places[0]] = f"{key} = {value}"
    path = folder / "mine.toml"
    path.write_text("\n".join(lines), "utf-8")
    return path


def outcomes(count: int = 90) -> pd.DataFrame:
    """Shares employed of programs, and of one in three how many of these stayed."""
    rng = np.random.default_rng(4)
    share = np.clip(0.6 + 0.2 * rng.normal(size=count), 0, 1)
    rows = pd.DataFrame(
        {
            "program_key": [f"p{i}" for i in range(count)],
            "provider_id": [f"q{i // 3}" for i in range(count)],
            "cip_code": np.where(np.arange(count) % 2, "51.0101", "48.0508"),
            "metric": "employed_share",
            "horizon": "quarter 4 after exit",
            "quarter": 4,
            "value": share.round(3),
            "n": rng.integers(30, 200, count).astype(float),
        }
    )
    stayed = rows.iloc[::3].assign(metric="retention_share", value=0.9)
    stayed.loc[stayed.index[0], "value"] = 0.1
    return pd.concat([rows, stayed], ignore_index=True)


def tiers(
    folder: Path, patch: pytest.MonkeyPatch, rows: pd.DataFrame, **given: object
) -> tuple[pd.DataFrame, str]:
    """Programs with their tiers and the page, on the results of the default run."""
    earlier = processed_folder() / EARLIER
    if not (earlier / "study.json").is_file():
        pytest.fail("no earlier run: run 'workbench run' first")
    mine, results = folder / "mine.csv", folder / "results"
    rows.to_csv(mine, index=False)
    results.mkdir()
    patch.setenv("WORKBENCH_STAGING", str(results))
    patch.setenv("WORKBENCH_EARLIER", json.dumps({EARLIER: str(earlier)}))
    executed = results / "notebook.ipynb"
    parameters = {"outcomes": str(mine), "framework": str(framework(folder)), **given}
    papermill.execute_notebook(
        notebook_folder() / f"{NAME}.ipynb", executed,
        parameters={"validity": "randomised", **parameters},
        kernel_name="python3", progress_bar=False,
    )  # fmt: skip
    write_report(executed, results, results / "report.html")
    table = pd.read_parquet(results / "tiers.parquet").set_index("program_key")
    return table, (results / "report.html").read_text("utf-8")


def test_another_metric_another_loss_and_five_tiers_are_an_edit_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = outcomes()
    # a program of which nothing is known, and one with nobody behind its share
    rows.loc[1, "n"], rows.loc[2, "n"] = np.nan, 0.0
    found, page = tiers(tmp_path, monkeypatch, rows)
    rated = found[found["tier"].ne("cannot be rated")]
    assert found.loc[["p1", "p2"], "reason"].eq("fewer than 10 people").all()
    assert len(rated) == 88
    assert set(rated["tier"]) == {"I", "II", "III", "IV", "V"}
    np.testing.assert_allclose(rated["benchmark"], 0.5)
    answer = page[page.index('class="answer"') : page.index("</section>")]
    assert "I more than 20.0%" in answer
    assert "dollars" not in answer.split("</p>")[0]
    # another loss: the one in the file is the one of the run, and is tried beside the others
    record = json.loads((tmp_path / "results/study.json").read_text("utf-8"))
    assert record["parameters"]["framework"] == "own file"
    swept = pd.read_parquet(tmp_path / "results/sweep.parquet")
    assert swept.loc[swept["changed"].eq(0), "weight"].eq(2.0).any()
    # a program clearly under the floor of the second category is one tier lower, and says so
    low = found.loc["p0"]
    order = ["I", "II", "III", "IV", "V"]
    assert order.index(low["tier"]) == min(order.index(low["first_tier"]) + 1, 4)
    assert low["reason"].startswith("lowered by one")
    # marks stand on the page, as the tables have them
    assert (
        found.loc[rated.index, "marks"]
        .str.contains("borderline")
        .equals(rated["borderline"].astype(bool))
    )
    assert '<th scope="col">Marks' in page or ">Marks<" in page


@pytest.mark.parametrize("change", ["one program", "all alike"])
def test_files_with_little_in_them_end_in_a_report_with_one_tier(
    change: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = outcomes(30)[lambda frame: frame["metric"].eq("employed_share")]
    rows = rows.head(1) if change == "one program" else rows.assign(value=0.7, n=80.0)
    found, page = tiers(tmp_path, monkeypatch, rows)
    assert found["tier"].nunique() == 1
    assert found["reason"].eq("not shown to differ: one tier for all").all()
    assert 'class="answer"' in page


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ("a program twice", "has two rows"),
        ("an infinite share", "is not a number"),
        ("a group of no program", "no program"),
    ],
)
def test_files_that_cannot_be_used_are_one_clear_error(
    change: str, error: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows, given = outcomes(30), {}
    if change == "a program twice":
        rows = pd.concat([rows, rows.head(1)])
    elif change == "an infinite share":
        rows["value"] = [*rows["value"].astype("str")[:-1], "inf"]
    else:
        groups = rows.assign(by="race", group="Black", program_key="x" + rows["program_key"])
        groups.to_csv(tmp_path / "groups.csv", index=False)
        given = {"group_outcomes": str(tmp_path / "groups.csv")}
    with pytest.raises(papermill.PapermillExecutionError, match=error):
        tiers(tmp_path, monkeypatch, rows, **given)
    assert not (tmp_path / "results/report.html").exists()


def test_thresholds_that_contradict_themselves_are_refused_before_anything_runs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = framework(tmp_path, cuts="[0.2, 0.1, 0.0, -0.1]")
    assert main(["run", "05", "-p", "framework", str(path)]) == 2
    assert "cuts must increase" in "".join(capsys.readouterr())
