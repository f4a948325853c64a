"""Actual beside expected earnings of programs in the records, and what is said of them."""

import numpy as np
import pandas as pd
import pytest

from analysis.errors import WorkbenchError
from analysis.framework import load_framework
from analysis.reports.record_case_mix import (
    case_mix_figures,
    case_mix_rows,
    case_mix_sentence,
)
from analysis.reports.record_studies import BEFORE, OUTCOME, RecordStudy
from analysis.tables.trials import Trial


def framework(*names: str):
    rules = load_framework()
    mix = rules.case_mix.model_copy(update={"characteristics": list(names)})
    return rules.model_copy(update={"case_mix": mix})


def records(providers: int = 30, each: int = 40) -> tuple[RecordStudy, pd.DataFrame]:
    """Programs whose people earn 2,000 dollars less 1,000 for women, and their effects."""
    rng = np.random.default_rng(2)
    names = [f"ZZ:Provider {i // 2}:5{i % 2}.0101" for i in range(2 * providers)]
    share = np.linspace(0.1, 0.9, len(names))
    people = pd.DataFrame({"program": np.repeat(names, each)})
    woman = rng.random(len(people)) < np.repeat(share, each)
    people["gender"] = np.where(woman, "women", "men")
    people["race"] = "white"
    for column in BEFORE.values():
        people[column] = 1_000.0
    people[OUTCOME] = 2_000 - 1_000 * woman + 50 * rng.normal(size=len(people))
    trial = Trial("wioa", "t", "a", people, "h", {OUTCOME: "d"}, {}, OUTCOME, (), ())
    effects = pd.DataFrame({"program": names[::-1], "estimate": np.arange(len(names), dtype=float)})
    return RecordStudy(trial, None), effects


def test_what_the_make_up_explains_is_expected_and_no_difference() -> None:
    study, effects = records()
    rows = case_mix_rows(study, effects, framework("women"))
    assert rows is not None
    assert rows["program"].tolist() == effects["program"].tolist()
    means = study.trial.frame.groupby("program")[OUTCOME].mean()
    np.testing.assert_allclose(rows["actual"], means[rows["program"]])
    women = study.trial.frame["gender"].eq("women").groupby(study.trial.frame["program"]).mean()
    np.testing.assert_allclose(rows["expected"], 2_000 - 1_000 * women[rows["program"]], atol=30)
    np.testing.assert_allclose(rows["difference"], rows["actual"] - rows["expected"])
    assert (rows["difference_low"] < rows["difference"]).all()
    assert (rows["difference"] < rows["difference_high"]).all()
    assert rows["people"].eq(40).all()


def test_the_sentence_counts_what_is_clear_and_what_chance_would_give() -> None:
    study, effects = records()
    rules = framework("women")
    rows = case_mix_rows(study, effects, rules)
    assert rows is not None
    rows["difference_low"], rows["difference_high"] = -1.0, 1.0
    rows.loc[:3, "difference_low"] = 0.5
    said = case_mix_sentence(rows, rules)
    assert "Of 60 programs 4 have a 95% interval" in said
    assert "chance alone would give about 3" in said
    figures = case_mix_figures(rows, rules, "records")
    assert [one["n"] for one in figures] == [60, 60]
    assert f"of {figures[0]['estimate']:.2f};" in said
    for one in figures:
        assert one["interval"][0] <= one["estimate"] <= one["interval"][1]


def test_few_providers_are_said_and_nothing_is_expected() -> None:
    study, effects = records(providers=3)
    rules = framework("women")
    assert case_mix_rows(study, effects, rules) is None
    assert case_mix_sentence(None, rules).endswith("repeat one another.")


def test_a_characteristic_that_nobody_has_is_one_clear_error() -> None:
    study, effects = records()
    with pytest.raises(WorkbenchError, match=r"case_mix\.characteristics names 'left-handed'"):
        case_mix_rows(study, effects, framework("left-handed"))
