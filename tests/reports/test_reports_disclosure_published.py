"""What is really published, read again by the attacker: across tables, notebooks and runs."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis.errors import WorkbenchError
from analysis.reports.counted_tables import counted_tables, entries_for
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


WIOA = {"user:wioa": {"sha256": "c3"}}


def metrics_run(folder: Path, shares: pd.DataFrame, **record: Any) -> Run:
    """A run of the metrics of someone's records."""
    tables = {"wioa_share": shares}
    return published(folder, tables, "03_effectiveness_metrics", used=WIOA, **record)


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
    one = metrics_run(tmp_path / "03", shares)
    rows = {"all": (200.0, 240.0), "Black": (100.0, 140.0), "white": (98.0, 96.0)}
    two = published(tmp_path / "04", {"effects_wioa": arms(rows | {"Samoan": HIDDEN})}, used=WIOA)
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
    run = metrics_run(tmp_path / "03", shares, round_to=5)
    check_together([run], MINIMUM)
    with pytest.raises(WorkbenchError, match="in no shown group"):
        check_together([(run[0], run[1] | {"round_to": 1})], MINIMUM)


def test_who_is_in_no_shown_group_is_spoken_of_too(tmp_path: Path) -> None:
    """All trained people less those of the shown programs: six of the programs left out."""
    everyone = pd.DataFrame({"grouping": ["all"], "group": ["all"], "people": [100]})
    programs = pd.DataFrame({"program": ["a", "b"], "people": [54, 40]})
    tables = {"record_designs_everyone": everyone, "program_effects": programs}
    with pytest.raises(WorkbenchError, match="program in no shown group"):
        check_together([published(tmp_path / "leaky", tables, used=WIOA)], MINIMUM)
    for name, last in (("fewer", 30), ("all", 46)):
        shown = programs.assign(people=[54, last])
        run = published(tmp_path / name, tables | {"program_effects": shown}, used=WIOA)
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
        ("theirs", "wioa", WIOA | simulated, "wioa:c3"),
        ("no file", "wioa", {}, "wioa"),
        ("trial", "nsw", simulated, "nsw"),
        ("own", "own", SHA | simulated, "own:a1"),
    ):
        run = published(tmp_path / name, {f"effects_{key}": trial}, used=used)
        assert list(check_together([run], MINIMUM)) == [people]


def test_nobody_shown_is_a_count_like_any_other(tmp_path: Path) -> None:
    """No contradiction: all sixty are of site a, and that nobody is of b is told."""
    everyone = pd.DataFrame({"grouping": ["all"], "group": ["all"], "people": [60]})
    programs = pd.DataFrame({"program": ["a", "b"], "people": [60, 0]})
    tables = {"record_designs_everyone": everyone, "program_effects": programs}
    with pytest.raises(WorkbenchError, match=r"gives away .* program b"):
        check_together([published(tmp_path / "run", tables, used=WIOA)], MINIMUM)


def test_a_rounded_count_is_known_to_half_its_step_and_no_less(tmp_path: Path) -> None:
    """Both 60 by fives: all are at most 62, Black at least 58, so at most five are white."""
    rows = {"all": 60.0, "Black": 60.0, "white": np.nan}
    shares = pd.DataFrame(
        {"by": ["all", "race", "race"], "group": list(rows), "race": ["", "Black", "white"],
         "indicator": "employed_q2", "people": list(rows.values())}
    )  # fmt: skip
    run = metrics_run(tmp_path / "03", shares, round_to=5)
    with pytest.raises(WorkbenchError, match="race white"):
        check_together([run], MINIMUM)
    # by tens up to ten may be
    check_together([(run[0], run[1] | {"round_to": 10})], MINIMUM)


def test_one_arm_alone_does_not_tell_the_other(tmp_path: Path) -> None:
    """Controls of white people are shown and those treated are not: 120 are of two races."""
    rows = SAFE | {"white": (np.nan, 115.0)}
    check_together([published(tmp_path / "run", {"effects_own": arms(rows)})], MINIMUM)


def test_a_cross_that_is_left_out_of_a_table_is_no_less_hidden(tmp_path: Path) -> None:
    """Of 40 white people 35 are women: the row of the five men is not there, and is told."""
    crossed = ["all", "Black", "white", "Black, women", "Black, men", "white, women"]
    people = [100, 60, 40, 30, 30, 35]
    kinds = ["all", "race", "race", *["race x gender"] * 3]
    cells = pd.DataFrame({"trial_key": "own", "grouping": kinds, "group": crossed})
    tables = {"effects_by_outcome": cells.assign(people=people)}
    with pytest.raises(WorkbenchError, match="gender men, race white"):
        check_together([published(tmp_path / "leaky", tables)], MINIMUM)
    # with 25 women fifteen men are left
    people[-1] = 25
    check_together(
        [published(tmp_path / "safe", {"effects_by_outcome": cells.assign(people=people)})], MINIMUM
    )


def test_rows_after_one_that_is_not_read_are_read(tmp_path: Path) -> None:
    """Other indicators stand between the total and the groups: five people are in none shown."""
    shares = pd.DataFrame(
        {"by": ["all", "all", "race", "race"], "group": ["all", "all", "Black", "white"],
         "race": ["", "", "Black", "white"],
         "indicator": ["employed_q2", "credential", "employed_q2", "employed_q2"],
         "people": [500.0, 400.0, 300.0, 195.0]}
    )  # fmt: skip
    run = metrics_run(tmp_path / "03", shares)
    with pytest.raises(WorkbenchError, match="in no shown group"):
        check_together([run], MINIMUM)


def test_no_table_is_checked_in_part() -> None:
    """An entry that says why a table is not checked stands alone, and hides no other of it."""
    unchecked = [one for one in counted_tables() if one.unchecked]
    frame = pd.DataFrame({"people": [1]})
    assert unchecked
    for one in unchecked:
        for name in one.names:
            assert entries_for(one.notebook, name, frame) == [one]


def test_two_runs_may_show_two_numbers_for_one_group(tmp_path: Path) -> None:
    """Other parameters, other people: an error is made of it in one run alone."""
    at_once = pd.DataFrame({"trial_key": "own", "group": ["all"], "people": [599]})
    runs = [
        published(tmp_path / name, {"lee_bounds": at_once.assign(people=people)})
        for name, people in (("one", 599), ("two", 640))
    ]
    assert check_together(runs, MINIMUM) == {"own:a1": [f"{EFFECTS}/lee_bounds"]}


def test_a_group_that_only_crosses_divide_is_spoken_of_too(tmp_path: Path) -> None:
    """Each white cell may be 0 to 13; both together are 7 to 13: too few to choose from."""
    rows = [("", "", 100.0), ("Black", "women", 50.0), ("Black", "men", 40.0)]
    rows += [("white", "women", np.nan), ("white", "men", np.nan)]
    shares = pd.DataFrame(rows, columns=["race", "gender", "people"]).assign(
        by=["all", *["race and gender"] * 4],
        group=[f"{race} {gender}".strip() for race, gender, _ in rows],
        indicator="employed_q2",
    )
    run = metrics_run(tmp_path / "03", shares, round_to=2)
    with pytest.raises(WorkbenchError, match="for race white:"):
        check_together([run], MINIMUM)
    # by fives they are 3 to 17
    check_together([(run[0], run[1] | {"round_to": 5})], MINIMUM)


def test_samples_of_one_file_with_other_columns_are_not_the_same_people(tmp_path: Path) -> None:
    """Read as one sample, 600 less 350 and 243 would be seven; they are of two samples."""
    first = published(tmp_path / "pay", {"effects_own": arms(SAFE)})
    other = SAFE | {"Black": HIDDEN, "white": (113.0, 123.0)}
    second = published(tmp_path / "hours", {"effects_own": arms(other)})
    with pytest.raises(WorkbenchError, match="Samoan"):
        check_together([first, second], MINIMUM)
    hours = {"participants": "mine.csv", "outcome": "hours"}
    check_together([first, (second[0], second[1] | {"parameters": hours})], MINIMUM)


def test_people_with_a_known_outcome_were_all_assigned(tmp_path: Path) -> None:
    """Of 100 at most 92 are white: eight to twelve are Samoan, though all say nothing of them."""
    sample = arms({"all": (100.0, 100.0), "white": HIDDEN, "Samoan": HIDDEN})
    assigned = arms({"all": (104.0, 104.0), "white": (92.0, 92.0), "Samoan": (12.0, 12.0)})
    assigned["trial_key"] = "own"
    check_together([published(tmp_path / "safe", {"effects_own": sample})], MINIMUM)
    tables = {"effects_own": sample, "attrition": assigned}
    with pytest.raises(WorkbenchError, match=r"of sample .*race Samoan"):
        check_together([published(tmp_path / "leaky", tables)], MINIMUM)


@pytest.mark.parametrize("exact_first", [False, True])
def test_a_count_that_two_runs_round_otherwise_is_known_as_the_finer_says(
    tmp_path: Path, exact_first: bool
) -> None:
    """White people are 188 to 192 by fives, all and Black people exact: eight to twelve are left.

    By the run by fives alone three to seventeen are left, and by the exact one up to 200.
    """
    groups = ["all", "Black", "white", "Samoan"]
    shares = pd.DataFrame(
        {"by": ["all", *["race"] * 3], "group": groups, "race": ["", *groups[1:]],
         "indicator": "employed_q2"}
    )  # fmt: skip
    runs = []
    for step, white in ((5, 190.0), (1, np.nan)):
        table = shares.assign(people=[500.0, 300.0, white, np.nan])
        runs.append(metrics_run(tmp_path / str(step), table, round_to=step))
        check_together(runs[-1:], MINIMUM)
    with pytest.raises(WorkbenchError, match="race Samoan"):
        check_together(runs[::-1] if exact_first else runs, MINIMUM)
