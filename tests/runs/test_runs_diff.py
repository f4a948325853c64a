"""What differs between runs, and nothing else: figures, programs, inputs; the code tells CI."""

import json
import re
from pathlib import Path

import pandas as pd
import pytest

from analysis.cli import main
from analysis.errors import WorkbenchError
from analysis.reports import run_differences
from analysis.reports.key_figures import KeyFigure
from analysis.runs import diff, expected
from analysis.runs.diff import diff_runs, rows
from analysis.runs.programs_moved import programs_moved

STEPS = (
    "alpha = study.framework.tiers.alpha",
    "study.key_figure('moves', 10.0 + size, n=20, n_of='people', unit='dollars',"
    " standard_error=4.0, interval=(2.0 + size, 18.0 + size))\n"
    "study.key_figure('stays', 5.0, n=20, n_of='people', unit='dollars', note='counted')",
    "import pandas as pd\n"
    "tier = 'B' if size > 2 else 'A'\n"
    "study.publish('tiers', pd.DataFrame({'program_key': ['x', 'y'], 'program':"
    " ['Welding <b>|', 'Nursing'], 'provider': 'College', 'state': 'TX', 'tier': [tier, 'C'],"
    " 'estimate': [100.0 * size, 7.0], 'reason': 'clear', 'chance_not_above': [0.125, 0.5]}))",
)


def figure(name: str, estimate: float, error: float | None = 2.0) -> KeyFigure:
    return KeyFigure(name, estimate, error, None, 50, "people", "dollars", ("s:original",))


def test_figures_are_in_standard_errors_of_the_first_run_and_the_largest_first() -> None:
    before = {f.name: f for f in (figure("a", 1.0), figure("b", 1.0), figure("old", 1.0))}
    after = {f.name: f for f in (figure("a", 1.5), figure("b", 6.0), figure("new", 1.0))}
    found = rows(before, after)
    assert [(r["figure"], r["change"], r["standard_errors"]) for r in found] == [
        ("b", 5.0, 2.5), ("a", 0.5, 0.25), ("new", None, None), ("old", None, None),
    ]  # fmt: skip
    assert [r["what"] for r in found[2:]] == ["new", "gone"]
    assert rows(before, before) == []
    # without a standard error the change stands alone
    (bare,) = rows({"c": figure("c", 1.0, None)}, {"c": figure("c", 2.0, None)})
    assert (bare["change"], bare["standard_errors"]) == (1.0, None)


def test_programs_that_moved_with_the_ground_that_changed(tmp_path: Path) -> None:
    def tiers(name: str, **columns: object) -> Path:
        (tmp_path / name).mkdir()
        base = {"provider": "P", "program": ["Q", "R", "S"], "state": "NJ", "reason": "clear"}
        frame = pd.DataFrame({"program_key": ["q", "r", "s"], **base, **columns})
        frame.to_parquet(tmp_path / name / "tiers.parquet")
        return tmp_path / name

    before = tiers("a", tier=["A", "A", "A"], estimate=[1.0, 2.0, 3.0])
    after = tiers(
        "b", tier=["A", "B", "C"], estimate=[9.0, 2.0, 1003.0], reason=["clear", "guard", "clear"],
        chance_not_above=[0.1, 0.2, 0.3],
    )  # fmt: skip
    found = programs_moved(before, after)
    assert found[["program", "before", "after"]].to_numpy().tolist() == [
        ["R", "A", "B"], ["S", "A", "C"],
    ]  # fmt: skip
    assert found["why"].tolist() == [
        "reason: clear → guard; chance of not being above the benchmark 0.200",
        "estimate: 3 → 1,003; chance of not being above the benchmark 0.300",
    ]
    gone = tiers("c", tier=["A", "A", "A"], program_key=["q", "r", "z"])
    listed = programs_moved(before, gone)
    assert set(listed["why"]) == {"only in the later run", "only in the earlier run"}
    (tmp_path / "d").mkdir()
    assert programs_moved(before, tmp_path / "d").empty


def test_a_row_without_a_key_is_one_error_that_names_the_file(tmp_path: Path) -> None:
    for name, keys in (("before", ["x", "y"]), ("after", ["x", None])):
        (tmp_path / name).mkdir()
        rows = pd.DataFrame({"program_key": keys, "tier": "A"})
        rows.to_parquet(tmp_path / name / "tiers.parquet")
    with pytest.raises(WorkbenchError, match=r"after/tiers.parquet, row 2: .*program_key") as told:
        programs_moved(tmp_path / "before", tmp_path / "after")
    assert "Run the notebook again" in str(told.value)


def test_runs_against_one_another_in_every_format(
    write, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write("01_first", *STEPS)
    for size in (1, 2, 3):
        assert main(["run", "-p", "size", str(size), "--name", f"s{size}"]) == 0
    capsys.readouterr()
    assert main(["diff", "s1", "s1"]) == 0
    assert "no result differs (2 key figures compared)" in capsys.readouterr().out
    assert main(["diff", "s1", "s2", "s3"]) == 1
    said = capsys.readouterr().out
    assert "moves: 10" not in said
    assert "[s2] moves: 11 → 12 dollars (1, 0.25 standard errors)" in said
    assert "[s3] moves: 11 → 13 dollars (2, 0.5 standard errors)" in said
    assert "[s2] parameter size: 1 → 2  (01_first)" in said
    assert "stays" not in said
    assert "package" not in said
    assert re.search(r"\[s3\] A → B  Welding .*College, TX.*estimate: 100 → 300", said)
    assert "Nursing" not in said

    assert main(["diff", "s1", "s3", "--format", "json"]) == 1
    content = json.loads(capsys.readouterr().out)
    assert content["changed"] is True
    assert content["figures"][0]["standard_errors"] == 0.5
    assert [row["program"] for row in content["programs"]] == ["Welding <b>|"]

    assert main(["diff", "s1", "s3", "--format", "markdown"]) == 1
    markdown = capsys.readouterr().out
    assert "Welding &lt;b&gt;\\|" in markdown
    for line in markdown.splitlines():
        if line.startswith("| "):
            assert len(re.findall(r"(?<!\\)\|", line)) in (6, 7, 8)

    page = tmp_path / "diff.html"
    assert main(["diff", "s1", "s3", "--format", "html", "--output", str(page)]) == 1
    text = page.read_text("utf-8")
    assert "Welding &lt;b&gt;|" in text
    assert "<b>" not in text
    assert '<html lang="en">' in text

    # against accepted figures, as a pull request is
    monkeypatch.setattr(expected, "expected_folder", lambda: tmp_path / "expected")
    assert main(["run", "--name", "default"]) == 0
    expected.accept()
    capsys.readouterr()
    assert main(["diff", "accepted", "current"]) == 0
    assert main(["run", "-p", "size", "2"]) == 0
    assert main(["diff", "accepted", "current"]) == 1
    said = capsys.readouterr().out
    assert "moves: 11 → 12" in said
    # what the accepted figures were not made with, and what they cannot tell
    assert "parameter size: 1 → 2" in said
    assert "1 of 2 key figures moved; tiers of single programs are not among" in said
    assert "changed tier" not in said
    with pytest.raises(WorkbenchError, match="needs two runs"):
        diff_runs(["s1"])
    write("02_second")
    assert main(["run", "02", "--name", "other"]) == 0
    with pytest.raises(WorkbenchError, match="different notebooks"):
        diff_runs(["s1", "other"])


@pytest.mark.parametrize("first", ["accepted", "current"])
def test_a_fresh_checkout_is_told_that_it_has_no_results(
    first: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBENCH_OUTPUT", str(tmp_path))
    with pytest.raises(WorkbenchError, match=r"'current' has no results\. Run 'workbench"):
        diff_runs([first, "current"])


def test_values_of_a_table_are_no_markup() -> None:
    empty = pd.DataFrame()
    inputs = pd.DataFrame(
        [{"notebook": "n", "run": "b", "kind": "parameter", "name": "x", "before": "[a](b)",
          "after": "<script>"}]
    )  # fmt: skip
    figures = pd.DataFrame(columns=diff._FIGURE_COLUMNS)
    tables = {"inputs": inputs, "figures": figures, "programs": empty}
    markdown = run_differences.as_markdown(("a", "b"), tables, 3)
    assert "\\[a\\](b)" in markdown
    page = run_differences.as_page(("a", "b"), tables, 3, "<c>")
    assert "<script>" not in markdown + page
    assert "<c>" not in page


def test_figures_whose_names_begin_alike_are_told_apart() -> None:
    long = "college_scorecard_undergraduate_certificate_or_diploma_4_years_after_completion."
    names = [f"{long}{end}" for end in ("tier_A", "false_share_of_top")]
    figures = pd.DataFrame(
        {"figure": names, "unit": "share", "before": 0.1, "after": 0.2, "change": 0.1,
         "standard_errors": None, "what": ""}
    )  # fmt: skip
    empty = pd.DataFrame()
    told = run_differences.as_text(
        ("a", "b"), {"inputs": empty, "figures": figures, "programs": empty}, 2
    )
    for name in names:
        assert f"  {name}: 0.1 → 0.2 share" in told
