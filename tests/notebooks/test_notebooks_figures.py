"""The default run says what was accepted: every key figure, by name and by its data."""

from pathlib import Path

import pandas as pd
import pytest

from analysis.parameters import all_notebooks
from analysis.paths import processed_folder
from analysis.runs.expected import compare_default_run, data_without_figures, read_expected


def test_every_key_figure_is_the_accepted_one() -> None:
    if unknown := data_without_figures():
        pytest.skip(f"no figures were accepted for the data at hand: {', '.join(unknown)}")
    found = compare_default_run()
    lines = [f"{d.notebook}: {d.figure} {d.what}" for d in found]
    assert not found, "\n".join([*lines, "If this is meant: workbench accept, and read the diff."])


@pytest.mark.usefixtures("mirror")
def test_figures_were_accepted_for_the_mirror() -> None:
    """With all data at hand the comparison above is never skipped."""
    assert data_without_figures() == []


def test_figures_were_accepted_on_everything_and_on_carriers_alone() -> None:
    for name in all_notebooks():
        accepted = read_expected(name)
        # what the workbench simulates itself needs no source
        alone = [d for d in accepted if all(p.endswith((":carrier", ":simulated")) for p in d)]
        assert alone, f"{name}: run on carriers alone and accept"
        assert len(accepted) > len(alone), f"{name}: run on all data and accept"


def test_the_expected_folder_holds_nothing_else(request: pytest.FixtureRequest) -> None:
    folder = Path(request.config.rootpath) / "tests" / "expected"
    assert {path.stem for path in folder.iterdir()} == set(all_notebooks())


def test_no_report_publishes_one_table_under_two_names() -> None:
    for name in all_notebooks():
        files = sorted((processed_folder() / name).glob("*.csv"))
        assert files, f"no results of {name}: run 'workbench run' first"
        by_content: dict[bytes, str] = {}
        for file in files:
            content = file.read_bytes()
            # tables without a row differ in nothing but their headings
            if content.count(b"\n") > 1:
                assert content not in by_content, f"{name}: {by_content[content]} and {file.name}"
                by_content[content] = file.name


def test_two_reports_say_the_same_of_one_published_rule() -> None:
    """The earnings check of College Scorecard in 03 and, among the published rules, in 05."""
    counted = pd.read_csv(processed_folder() / "03_effectiveness_metrics" / "earnings_check.csv")
    ruled = pd.read_csv(processed_folder() / "05_tier_calibration" / "rules.csv")
    college = ruled[ruled["program_key"].str.startswith("scorecard:")]
    status = college["scorecard_earnings_premium_2026"].value_counts()
    for answer in ("meets", "does not meet"):
        assert status[answer] == counted[answer].sum()
