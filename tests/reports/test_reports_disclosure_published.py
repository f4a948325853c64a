"""What is really published, read again by the attacker: across tables, notebooks and runs."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis.errors import WorkbenchError
from analysis.reports.disclosure_published import check_together
from analysis.reports.study import Study

MINIMUM = 10
EFFECTS = "04_earnings_effects"
SHA = {"user:participants": {"sha256": "a1"}}
Run = tuple[Path, dict[str, Any]]


def published(
    folder: Path, tables: Mapping[str, pd.DataFrame], notebook: str = EFFECTS, **record: Any
) -> Run:
    folder.mkdir(parents=True)
    for name, frame in tables.items():
        frame.to_parquet(folder / f"{name}.parquet")
    given = {"parameters": {"participants": "mine.csv", "outcome": "pay"}, "used": SHA}
    return folder, given | {"notebook": notebook, "tables": list(tables)} | record


def arms(rows: Mapping[str, tuple[float, float]], kind: str = "race") -> pd.DataFrame:
    """Effects by group: people treated and not; missing where hidden."""
    names = list(rows)
    return pd.DataFrame(
        {
            "grouping": ["all" if name == "all" else kind for name in names],
            "group": names,
            "n_treated": [rows[name][0] for name in names],
            "n_control": [rows[name][1] for name in names],
        }
    )


HIDDEN = (np.nan, np.nan)
# seven people of one race in an arm; the smaller of the others is hidden with them
SAFE = {"all": (300.0, 300.0), "Black": (180.0, 170.0), "white": HIDDEN, "Samoan": HIDDEN}


def test_a_second_table_that_shows_the_group_hidden_for_anothers_sake(tmp_path: Path) -> None:
    """At the quantiles the large group is large enough; by it the small one falls out."""
    safe = {"effects_own": arms(SAFE)}
    checked = check_together([published(tmp_path / "safe", safe)], MINIMUM)
    assert checked == {"own:a1": [f"{EFFECTS}/effects_own"]}
    quantiles = pd.DataFrame({"trial_key": "own", "group": ["all", "white"], "people": [600, 243]})
    leaky = published(tmp_path / "leaky", safe | {"quantile_effects": quantiles})
    with pytest.raises(WorkbenchError, match="quantile_effects' together give away") as caught:
        check_together([leaky], MINIMUM)
    assert "Samoan" in str(caught.value)
    # 600 less 350 and 243: the error does not say it
    assert " 7" not in str(caught.value)


def test_hidden_counts_of_each_arm_are_told_by_bounds_too(tmp_path: Path) -> None:
    """No sum gives one cell, yet two hidden cells that hold nine people are both small."""
    rows = SAFE | {"Black": (291.0, 280.0)}
    with pytest.raises(WorkbenchError, match=r"'met' of sample .* (Samoan|white)"):
        check_together([published(tmp_path / "run", {"effects_own": arms(rows)})], MINIMUM)


def test_a_table_that_counts_people_and_stands_nowhere_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBENCH_STAGING", str(tmp_path))
    study = Study(EFFECTS, {"participants": ""})
    study.publish("by_town", pd.DataFrame({"town": ["a", "b"], "people": [40, 50]}))
    with pytest.raises(WorkbenchError, match=r"'by_town' .* counts people .*nothing says whom"):
        study.finish()
    assert not list(tmp_path.iterdir())


def test_a_leaky_study_is_refused_and_leaves_no_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBENCH_STAGING", str(tmp_path))
    study = Study(EFFECTS, {"participants": ""})
    study.publish("effects_own", arms(SAFE))
    at_once = arms(SAFE).assign(people=[600.0, 350.0, 243.0, np.nan])
    study.publish("at_once_own", at_once[["grouping", "group", "people"]])
    with pytest.raises(WorkbenchError, match="Samoan"):
        study.finish()
    assert not list(tmp_path.iterdir())


def test_two_runs_on_one_file_are_read_together_and_on_two_files_apart(tmp_path: Path) -> None:
    first = published(tmp_path / "one", {"effects_own": arms(SAFE)})
    other = SAFE | {"Black": HIDDEN, "white": (113.0, 123.0)}
    second = published(tmp_path / "two", {"effects_own": arms(other)})
    for alone in (first, second):
        check_together([alone], MINIMUM)
    with pytest.raises(WorkbenchError, match="Samoan"):
        check_together([first, second], MINIMUM)
    elsewhere = second[1] | {"used": {"user:participants": {"sha256": "b2"}}}
    assert len(check_together([first, (second[0], elsewhere)], MINIMUM)) == 2
    # only what is asked for
    check_together([first, second], MINIMUM, ["own:another"])


def test_records_in_two_notebooks_are_the_same_people(tmp_path: Path) -> None:
    """Notebook 03 hides two races; notebook 04 shows more of one of them than leaves ten."""
    used = {"user:wioa": {"sha256": "c3"}}
    people = {"all": 500.0, "Black": 300.0, "white": np.nan, "Samoan": np.nan}
    shares = pd.DataFrame(
        {
            "by": ["all", "race", "race", "race"],
            "group": list(people),
            "race": ["", *list(people)[1:]],
            "indicator": "employed_q2",
            "people": list(people.values()),
        }
    )
    one = published(tmp_path / "03", {"wioa_share": shares}, "03_effectiveness_metrics", used=used)
    rows = {"all": (200.0, 240.0), "Black": (100.0, 140.0), "white": (98.0, 96.0)}
    two = published(tmp_path / "04", {"effects_wioa": arms(rows | {"Samoan": HIDDEN})}, used=used)
    check_together([one], MINIMUM)
    with pytest.raises(WorkbenchError, match="Samoan"):
        check_together([one, two], MINIMUM)


def test_rounded_counts_are_known_within_their_rounding(tmp_path: Path) -> None:
    """300 of 500 and 200 may be 502, 298 and 198: no contradiction, and nobody is left over."""
    rows = {"all": 500.0, "Black": 300.0, "white": 195.0}
    shares = pd.DataFrame(
        {"by": ["all", "race", "race"], "group": list(rows), "race": ["", "Black", "white"],
         "indicator": "employed_q2", "people": list(rows.values())}
    )  # fmt: skip
    used = {"user:wioa": {"sha256": "c3"}}
    notebook = "03_effectiveness_metrics"
    run = published(tmp_path / "03", {"wioa_share": shares}, notebook, used=used, round_to=5)
    check_together([run], MINIMUM)
    with pytest.raises(WorkbenchError, match="in no shown group"):
        check_together([(run[0], run[1] | {"round_to": 1})], MINIMUM)


def test_who_is_in_no_shown_group_is_spoken_of_too(tmp_path: Path) -> None:
    """All trained people less those of the shown programs: six of the programs left out."""
    used = {"user:wioa": {"sha256": "c3"}}
    everyone = pd.DataFrame({"grouping": ["all"], "group": ["all"], "people": [100]})
    programs = pd.DataFrame({"program": ["a", "b"], "people": [54, 40]})
    tables = {"record_designs_everyone": everyone, "program_effects": programs}
    with pytest.raises(WorkbenchError, match="program in no shown group"):
        check_together([published(tmp_path / "leaky", tables, used=used)], MINIMUM)
    for name, last in (("fewer", 30), ("all", 46)):
        shown = programs.assign(people=[54, last])
        run = published(tmp_path / name, tables | {"program_effects": shown}, used=used)
        check_together([run], MINIMUM)


def test_two_numbers_for_one_group_of_one_run_are_told(tmp_path: Path) -> None:
    at_once = pd.DataFrame({"trial_key": "own", "group": ["all"], "people": [599]})
    tables = {"lee_bounds": at_once, "threshold_effects": at_once.assign(people=600)}
    with pytest.raises(WorkbenchError, match="different numbers of people for everyone"):
        check_together([published(tmp_path / "run", tables)], MINIMUM)


def test_a_tier_without_programs_is_no_secret(tmp_path: Path) -> None:
    used = {"user:group_outcomes": {"sha256": "d4"}}
    rows = [("A", 3), ("B", 0), ("all rated", 3)]
    served = pd.DataFrame(
        [
            {"by": "gender", "group": group, "tier": tier, "programs": programs}
            | {"people": n if programs else np.nan, "people_of_tier": 90.0 if programs else np.nan}
            for group, n in (("women", 50.0), ("men", 40.0))
            for tier, programs in rows
        ]
    )
    notebook = "05_tier_calibration"
    run = published(tmp_path / "all", {"served_by_tier": served}, notebook, used=used)
    check_together([run], MINIMUM)
    # three tiers' people are 90, 84 of them in the first: six are in the other
    leaky = served.assign(programs=[2, 1, 3, 2, 1, 3])
    leaky.loc[leaky["tier"] == "A", "people_of_tier"] = 84.0
    leaky.loc[leaky["tier"] == "A", "people"] = [46.0, 38.0]
    run = published(tmp_path / "leaky", {"served_by_tier": leaky}, notebook, used=used)
    with pytest.raises(WorkbenchError, match="tier B"):
        check_together([run], MINIMUM)


def test_people_are_named_by_their_own_file_and_by_no_other(tmp_path: Path) -> None:
    simulated = {"simulated:wioa": {"sha256": "e5"}}
    trial = arms({"all": (300.0, 300.0)})
    for name, key, used, people in (
        ("simulated", "wioa", simulated, "wioa:e5"),
        ("theirs", "wioa", {"user:wioa": {"sha256": "c3"}} | simulated, "wioa:c3"),
        ("no file", "wioa", {}, "wioa"),
        ("trial", "nsw", simulated, "nsw"),
        ("own", "own", SHA | simulated, "own:a1"),
    ):
        run = published(tmp_path / name, {f"effects_{key}": trial}, used=used)
        assert list(check_together([run], MINIMUM)) == [people]


def test_nobody_shown_is_a_count_like_any_other(tmp_path: Path) -> None:
    """No contradiction: all sixty are of site a, and that nobody is of b is told."""
    used = {"user:wioa": {"sha256": "c3"}}
    everyone = pd.DataFrame({"grouping": ["all"], "group": ["all"], "people": [60]})
    programs = pd.DataFrame({"program": ["a", "b"], "people": [60, 0]})
    tables = {"record_designs_everyone": everyone, "program_effects": programs}
    with pytest.raises(WorkbenchError, match=r"gives away .* program b"):
        check_together([published(tmp_path / "run", tables, used=used)], MINIMUM)


def test_a_rounded_count_is_known_to_half_its_step_and_no_less(tmp_path: Path) -> None:
    """Both 60 by fives: all are at most 62, Black at least 58, so at most five are white."""
    rows = {"all": 60.0, "Black": 60.0, "white": np.nan}
    shares = pd.DataFrame(
        {"by": ["all", "race", "race"], "group": list(rows), "race": ["", "Black", "white"],
         "indicator": "employed_q2", "people": list(rows.values())}
    )  # fmt: skip
    used = {"user:wioa": {"sha256": "c3"}}
    notebook = "03_effectiveness_metrics"
    run = published(tmp_path / "03", {"wioa_share": shares}, notebook, used=used, round_to=5)
    with pytest.raises(WorkbenchError, match="race white"):
        check_together([run], MINIMUM)
    # by tens up to ten may be
    check_together([(run[0], run[1] | {"round_to": 10})], MINIMUM)


def test_one_arm_alone_does_not_tell_the_other(tmp_path: Path) -> None:
    """Controls of white people are shown and those treated are not: 120 are of two races."""
    rows = SAFE | {"white": (np.nan, 115.0)}
    check_together([published(tmp_path / "run", {"effects_own": arms(rows)})], MINIMUM)
