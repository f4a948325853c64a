"""A user's own participants: each kind of bad input is an error with its remedy, or a decision."""

import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.errors import WorkbenchError
from analysis.framework import load_framework
from analysis.reports.design_lesson import grade_rows
from analysis.reports.effect_studies import trial_effects, trial_scores
from analysis.tables.trials import Trial, trial_from_participants
from analysis.tables.user_files import read_participants

FRAMEWORK = load_framework()


def people(n: int = 400, seed: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "person": np.arange(n),
            "enrolled": rng.integers(0, 2, n),
            "race": rng.choice(["Black", "Hispanic", "white"], n, p=[0.4, 0.2, 0.4]),
            "gender": rng.choice(["men", "women"], n),
            "age": rng.integers(18, 60, n),
            "before": rng.lognormal(9, 1, n).round(2),
        }
    )
    noise = rng.normal(0, 200, n)
    frame["earned"] = (frame["before"] + 900 * frame["enrolled"] + noise).round(2)
    return frame


def own_trial(frame: pd.DataFrame, tmp_path: Path, **changes: object) -> Trial:
    path = tmp_path / "mine.csv"
    frame.to_csv(path, index=False)
    columns: dict = {
        "treatment": "enrolled", "outcome": "earned", "groups": ["race", "gender"],
        "covariates": ["age", "before"],
    }  # fmt: skip
    design = {key: changes.pop(key) for key in ("design", "earlier") if key in changes}
    columns |= changes
    read = read_participants(path, **columns)
    return trial_from_participants(
        read, columns["outcome"], columns["groups"], columns["covariates"], **design
    )


def effects_of(trial: Trial) -> pd.DataFrame:
    """The whole analysis of notebook 04, with every warning an error."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        scores = trial_scores(trial, "earned", FRAMEWORK.estimation)
        return trial_effects(trial, "earned", FRAMEWORK, scores)


def test_a_sound_file_gives_every_estimator(tmp_path):
    table = effects_of(own_trial(people(), tmp_path))
    everyone = table[table["grouping"] == "all"]
    assert everyone["estimator"].tolist() == ["difference in means", "Lin regression", "AIPW"]
    assert everyone.set_index("estimator").loc["AIPW", "estimate"] == pytest.approx(900, abs=100)
    assert set(table["grouping"]) == {"all", "race", "gender", "race x gender"}


def test_constant_treatment_is_refused(tmp_path):
    for value, arm in ((1, "control"), (0, "treated")):
        trial = own_trial(people().assign(enrolled=value), tmp_path)
        with pytest.raises(WorkbenchError, match=f"the {arm} arm has fewer than 2 people"):
            effects_of(trial)


def test_a_group_with_one_arm_is_hidden_with_another(tmp_path):
    frame = people()
    frame.loc[frame["race"] == "Hispanic", "enrolled"] = 1
    table = effects_of(own_trial(frame, tmp_path))
    race = table[table["grouping"] == "race"].groupby("group")["status"].first()
    assert race["Hispanic"] == "hidden: fewer than 10 people in an arm"
    # one hidden row of three could be had back from the total, so a second one goes
    assert race.str.startswith("hidden").sum() == 2


def test_missing_race_is_a_group_of_its_own(tmp_path):
    frame = people()
    frame.loc[:39, "race"] = None
    table = effects_of(own_trial(frame, tmp_path))
    stated = table[(table["grouping"] == "race") & (table["estimator"] == "difference in means")]
    row = stated.set_index("group").loc["not stated"]
    assert row["n_treated"] + row["n_control"] == 40


def test_people_who_stand_twice_are_refused(tmp_path):
    frame = pd.concat([people(), people().head(3)])
    with pytest.raises(WorkbenchError, match=r"column 'person', row 402: '0' stands in an earlier"):
        own_trial(frame, tmp_path)


def test_negative_earnings_are_numbers_like_others(tmp_path):
    frame = people()
    frame["earned"] -= 20_000
    shifted = effects_of(own_trial(frame, tmp_path)).set_index(["group", "estimator"])
    plain = effects_of(own_trial(people(), tmp_path)).set_index(["group", "estimator"])
    assert shifted["estimate"].to_numpy() == pytest.approx(
        plain["estimate"].to_numpy(), abs=1e-4, nan_ok=True
    )


def test_collinear_covariates_are_left_out_and_said_so(tmp_path):
    frame = people().assign(months=lambda d: 12 * d["age"], one=1)
    trial = own_trial(frame, tmp_path, covariates=["age", "before", "months", "one"])
    table = effects_of(trial)
    everyone = table[table["grouping"] == "all"].set_index("estimator")
    assert everyone.loc["Lin regression", "note"] == "covariates left out as constant or copies: 2"
    plain = effects_of(own_trial(people(), tmp_path))
    one = plain[plain["grouping"] == "all"].set_index("estimator")
    assert everyone.loc["AIPW", "estimate"] == pytest.approx(one.loc["AIPW", "estimate"], abs=5)


def test_three_rows_are_an_error_that_says_how_few(tmp_path):
    frame = people().iloc[:3].assign(enrolled=[1, 0, 0])
    with pytest.raises(WorkbenchError, match="the treated arm has fewer than 2 people"):
        effects_of(own_trial(frame, tmp_path))


def test_four_rows_show_nothing(tmp_path):
    frame = people().iloc[:4].assign(enrolled=[1, 0, 0, 1])
    table = effects_of(own_trial(frame, tmp_path))
    assert table["status"].str.startswith("hidden").all()
    assert table[["estimate", "n_treated", "n_control", "control_mean"]].isna().all().all()


def test_infinite_numbers_are_refused_by_row(tmp_path):
    frame = people()
    frame["earned"] = frame["earned"].astype(object)
    frame.loc[7, "earned"] = "inf"
    with pytest.raises(WorkbenchError, match=r"mine\.csv, column 'earned', row 9: 'inf' is not a"):
        own_trial(frame, tmp_path)


def test_an_outcome_that_does_not_vary_is_refused_not_certain(tmp_path):
    trial = own_trial(people().assign(earned=5.0), tmp_path)
    table = effects_of(trial)
    assert set(table["estimator"]) == {"difference in means", "Lin regression", "AIPW"}
    assert (table["status"] != "shown").all()


def test_a_comparison_is_graded_and_its_propensity_estimated(tmp_path):
    rng = np.random.default_rng(3)
    frame = people(1500)
    frame["earned"] -= 900 * frame["enrolled"]
    frame["enrolled"] = (rng.random(1500) < 1 / (1 + np.exp((frame["age"] - 40) / 15))).astype(int)
    frame["earned"] += 900 * frame["enrolled"] + 50 * frame["age"]
    trial = own_trial(frame, tmp_path, design="comparison group, not randomised", earlier="before")
    scores = trial_scores(trial, "earned", FRAMEWORK.estimation)
    assert scores is not None
    assert scores.target == "treated"
    assert np.unique(scores.propensity.round(6)).size > 100
    grades = grade_rows([trial], {"own": "earned"}, FRAMEWORK)
    assert grades["grade_id"].tolist() == ["comparison_passes"]
    assert grades["validity_level"].tolist() == ["matched_comparison"]
    assert grades["robustness_value"].between(0, 1).all()
    table = trial_effects(trial, "earned", FRAMEWORK, scores)
    row = table[(table["grouping"] == "all") & (table["estimator"] == "AIPW")].iloc[0]
    assert row["estimate"] == pytest.approx(900, abs=3 * row["standard_error"])
