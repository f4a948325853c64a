"""The publisher's findings: all read, each once, and turned into a level by the stated rule."""

from pathlib import Path

import pandas as pd
import pytest

from analysis.framework import load_framework
from analysis.metrics.validity import (
    by_state,
    consequences,
    excluded_rows,
    missing_share,
    threshold_sweep,
)
from analysis.sources import catalogue, sha256_of
from analysis.tables.quality_findings import combined, element_numbers, read_findings

FRAMEWORK = load_framework()


@pytest.fixture(scope="module")
def appendices(mirror: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    folder = mirror / "pirl-public-layout"
    one, three = (
        read_findings(folder / f"record_layout_py2022q4_appendix_{letter.lower()}.xlsx", letter)
        for letter in "BC"
    )
    return one, three


@pytest.mark.parametrize("letter", ["b", "c"])
def test_the_catalogue_pins_the_published_bytes(mirror: Path, letter: str) -> None:
    entry = catalogue()[f"wioa_findings_{letter}"]
    assert sha256_of(mirror / entry.file) == entry.sha256
    assert entry.file.split("/")[1] in (mirror / "SHA256SUMS").read_text("utf-8")


def test_all_findings_are_read_and_the_two_appendices_are_almost_one(
    appendices: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    one, three = appendices
    assert (len(one), len(three)) == (3495, 3492)
    both = combined(one, three)
    assert both["appendix"].value_counts().to_dict() == {"B and C": 3491, "B": 4, "C": 1}
    assert both["state"].nunique() == 58


@pytest.mark.parametrize(
    ("written", "numbers"),
    [
        ("403", "403"),
        ("211 to 215", "211 212 213 214 215"),
        ("1600, 1602, 1604, 1606", "1600 1602 1604 1606"),
        ("404\n405\n406", "404 405 406"),
        ("1100 & 1101", "1100 1101"),
        ("204 to 206, 939 and 940", "204 205 206 939 940"),
    ],
)
def test_numbers_of_elements(written: str, numbers: str) -> None:
    assert element_numbers(written) == numbers


@pytest.mark.parametrize(
    ("problem", "share"),
    [
        ("Blank for 62% among those who received training (PIRL 1300).", 0.62),
        ("State shows a large amount of code '9' (did not self-identify) (4.5%).", 0.045),
        ("State has 73% code '9' (not disclosed). This is a large amount.", 0.73),
        ("29% of participants did not identify as any race (PIRL 211 to 215).", 0.29),
        ("Prior occupation reported for only 25% of adults and dislocated workers.", 0.75),
        ("Prior occupation reported for none or few adults and dislocated workers.", 1.0),
        ("Occupation of employment not reported for youth who were employed.", 1.0),
        ("Date entered training is after its end for 30% of participants.", None),
        ("Only 5% of youth are reported as low income.", None),
    ],
)
def test_the_share_that_is_not_reported(problem: str, share: float | None) -> None:
    assert missing_share(problem, FRAMEWORK) == share


def finding(problem: str, action: str = "None.", elements: str = "1612") -> pd.DataFrame:
    row = {"appendix": "B", "elements": elements, "element_name": "", "state": "TX"}
    return pd.DataFrame([{**row, "problem": problem, "action": action}])


@pytest.mark.parametrize(
    ("problem", "action", "consequence"),
    [
        ("Not reported for 50% of adults.", "None.", "excluded"),
        ("Not reported for 49% of adults.", "None.", "level lowered"),
        ("Not reported for 20% of adults.", "None.", "level lowered"),
        ("Not reported for 19% of adults.", "None.", "noted"),
        ("Not reported for 80% of youth.", "None.", "level lowered"),
        ("Not likely.", "Changed to blank.", "excluded"),
        ("Not likely.", "Changed to blank. (Change made for all states.)", "excluded"),
        ("Too soon.", "Changed 0 to blank for those who exited before 7/1/2022.", "level lowered"),
        ("Not likely.", "Changed to blank for those who did not receive training.", "noted"),
    ],
)
def test_the_rule_at_its_limits(problem: str, action: str, consequence: str) -> None:
    found = consequences(finding(problem, action), FRAMEWORK)
    assert found[["id", "consequence"]].to_numpy().tolist() == [["related_occupation", consequence]]


def test_the_rule_is_the_framework_s(tmp_path: Path) -> None:
    text = (Path(__file__).parents[2] / "src/analysis/framework/framework.toml").read_text("utf-8")
    own = tmp_path / "own.toml"
    own.write_text(text.replace("exclude_missing_share = 0.50", "exclude_missing_share = 0.90"))
    problem = finding("Not reported for 80% of adults.")
    assert consequences(problem, FRAMEWORK)["consequence"].tolist() == ["excluded"]
    assert consequences(problem, load_framework(own))["consequence"].tolist() == ["level lowered"]


def test_findings_on_race_touch_the_group_and_no_metric() -> None:
    found = consequences(finding("Blank for 70% of adults.", elements="211 212"), FRAMEWORK)
    assert found[["kind", "id"]].drop_duplicates().to_numpy().tolist() == [["group", "race"]]


def test_states_and_metrics_that_the_published_findings_exclude(
    appendices: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    """Read off the appendix by eye: West Virginia's race, Ohio's completions."""
    verdicts = by_state(consequences(combined(*appendices), FRAMEWORK))
    out = verdicts[verdicts["consequence"] == "excluded"]
    assert out.loc[out["id"] == "race", "state"].tolist() == ["WV"]
    assert out.loc[out["id"] == "completed", "state"].tolist() == ["OH", "PW"]
    assert verdicts.duplicated(["state", "id"]).sum() == 0
    rows = pd.DataFrame(
        {
            "state": ["WV", "WV", "OH", "TX"],
            "indicator": ["employed_q2", "employed_q2", "completed", "employed_q2"],
            "by": ["race and gender", "gender", "all", "race"],
        }
    )
    assert excluded_rows(rows, verdicts).tolist() == [True, False, True, False]


def test_a_finding_for_all_states_holds_in_each() -> None:
    everywhere = finding("Not likely.", "Changed to blank.").assign(state="ALL")
    verdicts = by_state(consequences(everywhere, FRAMEWORK))
    rows = pd.DataFrame({"state": ["TX"], "indicator": ["related_occupation"], "by": ["all"]})
    assert excluded_rows(rows, verdicts).tolist() == [True]


def test_other_thresholds_move_what_lies_between_them() -> None:
    """Shares not reported of 15, 25, 40 and 60 percent, each in a state of its own."""
    findings = pd.DataFrame(
        {
            "state": ["AL", "AK", "AZ", "AR"],
            "elements": "1602",
            "problem": [f"Not reported for {share}%" for share in (15, 25, 40, 60)],
            "action": "",
        }
    )
    table = threshold_sweep(findings, load_framework()).set_index(["exclude", "lower"])
    own = table[table["own"]]
    assert own.index.tolist() == [(0.5, 0.2)]
    assert own["changed"].tolist() == [0]
    each = table["excluded"] + table["lowered"] + table["noted"]
    per_state = int(own[["excluded", "lowered", "noted"]].to_numpy().sum()) // 4
    assert (each == 4 * per_state).all()
    counts = ["excluded", "lowered", "noted", "changed"]
    assert (table.loc[(0.3, 0.1), counts] / per_state).tolist() == [2, 2, 0, 2]
    assert (table.loc[(0.7, 0.3), counts] / per_state).tolist() == [0, 2, 2, 2]
