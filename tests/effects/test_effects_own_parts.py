"""A user's file with weights, clusters, attendance, cost and lost outcomes: shown, or refused."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.effects import take_up_effect
from analysis.effects.design_grade import GradeRules, attrition_check
from analysis.errors import WorkbenchError
from analysis.framework import load_framework
from analysis.reports import (
    attendance_tables,
    attrition_tables,
    design_lesson,
    distribution_tables,
    effect_studies,
    effect_words,
    group_comparisons,
    other_outcomes,
)
from analysis.tables.trials import Trial, trial_from_participants
from analysis.tables.user_files import read_participants

FRAMEWORK = load_framework()
MINIMUM = FRAMEWORK.disclosure.minimum_cell
ALL = {"stratum": "office", "weights": "w", "cluster": "site", "attended": "came", "cost": "spent"}


def people(n: int = 2400, seed: int = 1, lost: tuple[float, float] = (0.1, 0.1)) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    site = rng.integers(0, 40, n)
    office = np.where(site % 2, "north", "south")
    offered = (rng.random(n) < np.where(office == "north", 0.6, 0.4)).astype(int)
    came = (((rng.random(n) < 0.7) & (offered == 1)) | (rng.random(n) < 0.1)).astype(int)
    before = rng.lognormal(9, 0.6, n).round(2)
    pay = before + 1500 * came + 900 * rng.normal(size=n) + 300 * rng.normal(size=40)[site]
    frame = pd.DataFrame(
        {"person": np.arange(n), "offer": offered, "pay": pay.round(2), "before": before,
         "race": rng.choice(["Black", "Hispanic", "white"], n, p=[0.4, 0.2, 0.4]),
         "gender": rng.choice(["men", "women"], n), "office": office, "site": site,
         "w": rng.uniform(0.5, 3, n).round(3), "came": came, "spent": 600.0 * came + 100}
    )  # fmt: skip
    gone = rng.random(n) < np.where(offered == 1, *lost)
    frame.loc[gone, "pay"] = np.nan
    return frame


def own(frame: pd.DataFrame, folder: Path, **parts: str) -> Trial:
    path = folder / "mine.csv"
    frame.to_csv(path, index=False)
    read = read_participants(
        path, treatment="offer", outcome="pay", groups=["race", "gender"], covariates=["before"],
        missing_outcomes="leave out", **parts,
    )  # fmt: skip
    return trial_from_participants(read, "pay", ["race", "gender"], ["before"], earlier="before")


def test_every_part_is_read_and_kept(tmp_path):
    trial = own(people(), tmp_path, **ALL)
    assert trial.parts == ("weight", "cluster", "attended", "cost")
    assert not trial.is_plain
    assert trial.stratum_name == "stratum"
    assert trial.frame["pay"].notna().all()
    assert trial.assigned is not None
    assert len(trial.assigned) == 2400
    plain = own(people(lost=(0, 0)), tmp_path)
    assert plain.is_plain
    assert plain.assigned is None


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"w": 0.0}, r"mine.csv, column 'w', row 7: '0.0' is no weight above 0"),
        ({"w": np.inf}, r"mine.csv, column 'w', row 7: 'inf' is not a number"),
        ({"w": np.nan}, r"mine.csv, column 'w', row 7: the value is missing"),
        ({"came": 2}, r"mine.csv, column 'came', row 7: '2' is neither 0 nor 1"),
        ({"site": np.nan}, r"mine.csv, column 'site', row 7: the value is missing"),
        ({"spent": np.nan}, r"mine.csv, column 'spent', row 7: the value is missing"),
    ],
)
def test_a_wrong_value_is_named_with_its_place(tmp_path, change, words):
    frame = people()
    (column,) = change
    frame.loc[5, column] = change[column]
    if column == "came":
        frame["came"] = frame["came"].astype(int)
    with pytest.raises(WorkbenchError, match=words):
        own(frame, tmp_path, **ALL)


def test_a_column_that_plays_two_parts_or_is_not_there_is_refused(tmp_path):
    with pytest.raises(WorkbenchError, match="column 'pay' is named for two parts"):
        own(people(), tmp_path, cost="pay")
    with pytest.raises(WorkbenchError, match="column 'weigth' is missing"):
        own(people(), tmp_path, weights="weigth")
    with pytest.raises(WorkbenchError, match="no person has an outcome"):
        own(people(lost=(1, 1)), tmp_path)
    path = tmp_path / "mine.csv"
    people().to_csv(path, index=False)
    with pytest.raises(WorkbenchError, match=r"column 'pay', row .*: the value is missing"):
        read_participants(path, treatment="offer", outcome="pay", groups=[], covariates=[])


def test_effects_keep_to_weights_and_clusters(tmp_path):
    trial = own(people(), tmp_path, **ALL)
    scores = effect_studies.trial_scores(trial, "pay", FRAMEWORK.estimation)
    table = effect_studies.trial_effects(trial, "pay", FRAMEWORK, scores)
    assert table["note"].str.contains("weighted; errors by cluster").all()
    plain = own(people(), tmp_path, stratum="office")
    unweighted = effect_studies.trial_effects(
        plain, "pay", FRAMEWORK, effect_studies.trial_scores(plain, "pay", FRAMEWORK.estimation)
    )
    both = table[["group", "estimator", "estimate", "standard_error"]].merge(
        unweighted[["group", "estimator", "estimate", "standard_error"]], on=["group", "estimator"]
    )
    assert (both["estimate_x"] != both["estimate_y"]).all()
    everyone = both[both["group"] == "all"]
    assert (everyone["standard_error_x"] > everyone["standard_error_y"]).all()


def test_sections_that_take_people_as_independent_say_that_they_are_left_out(tmp_path):
    trial = own(people(), tmp_path, **ALL)
    outcomes = {"own": "pay"}
    scores = {"own": effect_studies.trial_scores(trial, "pay", FRAMEWORK.estimation)}
    tables = {"own": effect_studies.trial_effects(trial, "pay", FRAMEWORK, scores["own"])}
    assert distribution_tables.quantile_rows([trial], outcomes, FRAMEWORK).empty
    assert other_outcomes.gap_part_rows([trial], tables, outcomes).empty
    assert "Not shown for Own participants (mine)" in effect_studies.survey_note([trial])
    plain = own(people(), tmp_path)
    assert effect_studies.survey_note([plain]) == ""
    # groups of one site are alike: gaps and tests come from the joint covariance only
    gaps = group_comparisons.gap_rows([trial], tables, scores, FRAMEWORK.estimation)
    assert set(gaps["estimator"]) == {"AIPW"}
    tests = group_comparisons.heterogeneity_rows([trial], tables, scores)
    assert set(tests["estimator"]) == {"AIPW"}
    assert tests["p_value"].between(0, 1).all()


def test_effect_on_those_who_attended(tmp_path):
    trial = own(people(6000), tmp_path, **ALL)
    rows = attendance_tables.attendance_rows([trial], {"own": "pay"}, FRAMEWORK)
    assert set(rows["grouping"]) == {"all", "race", "gender", "race x gender"}
    every = rows.iloc[0]
    # attending is worth 1,500 to everyone, an offer brings .63 of them in
    assert every["estimate"] == pytest.approx(1500, abs=4 * every["standard_error"])
    assert every["take_up"] == pytest.approx(0.63, abs=0.04)
    twin = take_up_effect(
        trial.frame["pay"], trial.frame["treated"], trial.frame["attended"],
        minimum_first_stage_f=10, stratum=trial.frame["stratum"],
        cluster=trial.frame["cluster"], weights=trial.frame["weight"],
    )  # fmt: skip
    assert every["estimate"] == twin.estimate
    figures = attendance_tables.attendance_figures(rows)
    assert figures[0]["name"] == "own.attended.all.all"
    assert attendance_tables.attendance_rows(
        [own(people(), tmp_path)], {"own": "pay"}, FRAMEWORK
    ).empty


def test_a_kind_of_group_with_few_attenders_is_not_shown_at_all(tmp_path):
    frame = people()
    hispanic = frame["race"] == "Hispanic"
    frame.loc[hispanic & (frame["offer"] == 1), "came"] = 0
    frame.loc[frame[hispanic & (frame["offer"] == 1)].index[:4], "came"] = 1
    rows = attendance_tables.attendance_rows(
        [own(frame, tmp_path, **ALL)], {"own": "pay"}, FRAMEWORK
    )
    assert set(rows["grouping"]) == {"all", "gender"}


def test_an_offer_that_moved_nobody_is_refused_in_its_row(tmp_path):
    frame = people()
    frame["came"] = np.random.default_rng(0).integers(0, 2, len(frame))
    rows = attendance_tables.attendance_rows(
        [own(frame, tmp_path, **ALL)], {"own": "pay"}, FRAMEWORK
    )
    assert rows.iloc[0]["remark"].startswith("refused: column attended: the offer hardly moved")
    assert attendance_tables.attendance_figures(rows) == [] or rows["remark"].eq("").any()


def test_cost_for_each_dollar_gained(tmp_path):
    trial = own(people(6000), tmp_path, **ALL)
    sentence, (figure,) = attendance_tables.cost_sentence([trial], {"own": "pay"}, FRAMEWORK)
    # 600 for each who came, who earns 1,500 more
    assert figure["estimate"] == pytest.approx(0.4, abs=4 * figure["standard_error"])
    assert f"{figure['estimate']:.2f} dollars" in sentence
    none = people(6000)
    none["pay"] = none["before"] + np.random.default_rng(1).normal(0, 900, 6000)
    sentence, _ = attendance_tables.cost_sentence(
        [own(none, tmp_path, **ALL)], {"own": "pay"}, FRAMEWORK
    )
    assert "the gain is not clear of zero" in sentence
    assert attendance_tables.cost_sentence([own(people(), tmp_path)], {}, FRAMEWORK) == ("", [])


def test_unequal_attrition_takes_the_grade_of_a_lottery(tmp_path):
    even, uneven = (own(people(lost=one), tmp_path) for one in ((0.1, 0.1), (0.05, 0.3)))
    grades = [
        design_lesson.grade_rows([one], {"own": "pay"}, FRAMEWORK).iloc[0] for one in (even, uneven)
    ]
    assert [grade["grade_id"] for grade in grades] == ["randomised", "comparison_weak"]
    assert grades[0]["attrition"].startswith("passed: outcome not known of ")
    assert grades[1]["attrition"].startswith("failed: outcome not known of ")
    full = design_lesson.grade_rows([own(people(lost=(0, 0)), tmp_path)], {"own": "pay"}, FRAMEWORK)
    assert full.iloc[0]["attrition"] == "passed: the outcome of everyone in the file is known"
    tables = {"own": effect_studies.trial_effects(uneven, "pay", FRAMEWORK, None)}
    first = effect_words.effect_sentences(
        [uneven], tables, {"own": "pay"}, pd.DataFrame(), grades[1].to_frame().T, 0.95
    )[0]
    assert first.startswith("A lottery decided, but a check of it fails")
    assert attrition_check((0.1, 0.15), GradeRules(0.1, 100.0, 0.95)).passed


def test_attrition_is_shown_by_arm_with_bounds(tmp_path):
    trial = own(people(lost=(0.05, 0.3)), tmp_path)
    rows = attrition_tables.attrition_rows([trial], FRAMEWORK)
    lost = attrition_tables.lost_shares(trial, "pay")
    assert rows.iloc[0]["missing_treated"] == pytest.approx(lost[0])
    sentence = attrition_tables.attrition_sentence([trial], FRAMEWORK)
    assert f"{len(trial.assigned) - len(trial.frame):,} people is not known" in sentence
    assert "lies between" in sentence
    nobody = attrition_tables.attrition_sentence([own(people(lost=(0, 0)), tmp_path)], FRAMEWORK)
    assert nobody.startswith("Attrition cannot be seen here")


def test_a_few_lost_people_are_not_counted_out(tmp_path):
    frame = people(lost=(0, 0))
    frame.loc[:3, "pay"] = np.nan
    trial = own(frame, tmp_path)
    assert attrition_tables.attrition_rows([trial], FRAMEWORK).empty
    sentence = attrition_tables.attrition_sentence([trial], FRAMEWORK)
    assert f"fewer than {MINIMUM} people" in sentence
    assert "4 people" not in sentence


def test_parts_without_a_file_are_refused():
    class Asked:
        parameters = dict.fromkeys(
            ("outcome", "participants", "design", "earlier", "groups", "covariates", "treatment",
             "stratum", "weights", "cluster", "attended", "cost"), ""
        ) | {"weights": "w"}  # fmt: skip

    with pytest.raises(WorkbenchError, match="parameter 'weights': names a column of an own file"):
        effect_studies.chosen_trials(Asked())


def test_a_study_of_wioa_records_keeps_its_parts_empty(tmp_path):
    trial = replace(own(people(), tmp_path), parts=())
    assert trial.part("weight") is None
    assert trial.is_plain
