"""Groups of a study: hidden until neither a count nor a sum of amounts can be told."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.framework import load_framework
from analysis.reports import distribution_tables, effect_studies
from analysis.reports.disclosure_published import check_together
from analysis.reports.effect_hiding import hidden_groups
from analysis.reports.record_programs import _shown_programs
from analysis.tables.trials import Trial, trial_from_participants

FRAMEWORK = load_framework()
RULE = FRAMEWORK.disclosure


def trial(race: list[str], seed: int = 1, gender: bool = True) -> Trial:
    rng = np.random.default_rng(seed)
    n = len(race)
    frame = pd.DataFrame(
        {"person": np.arange(n), "trial": "own", "stratum": "", "treated": np.arange(n) % 2,
         "race": race, "gender": rng.choice(["men", "women"], n), "pay": rng.lognormal(9, 0.5, n)}
    )  # fmt: skip
    return trial_from_participants(frame, "pay", ["race", *["gender"] * gender], [])


@pytest.mark.parametrize("seed", range(12))
def test_the_check_at_the_door_passes_whatever_the_sizes(seed: int, tmp_path: Path) -> None:
    """Random races, many of them small: what is shown stands the attacker who has all tables."""
    rng = np.random.default_rng(seed)
    sizes = rng.integers(4, 60, rng.integers(2, 6))
    own = trial([f"r{i}" for i, n in enumerate(sizes) for _ in range(n + 20 * (i == 0))], seed)
    table = effect_studies.trial_effects(own, "pay", FRAMEWORK, None)
    quantiles = distribution_tables.quantile_rows([own], {"own": "pay"}, FRAMEWORK)
    tables = {"effects_own": table, "quantile_effects": quantiles}
    for name, frame in tables.items():
        frame.to_parquet(tmp_path / f"{name}.parquet")
    record = {"notebook": "04_earnings_effects", "tables": list(tables), "used": {},
              "parameters": {"participants": "", "outcome": ""}}  # fmt: skip
    if len(hidden_groups(own, "pay", RULE)) < len(table[["grouping", "group"]].drop_duplicates()):
        check_together([(tmp_path, record)], RULE.minimum_cell)


def test_two_small_groups_do_not_hide_each_other() -> None:
    """Fifteen and nine people of two races: their sum by arm is small, so a third is hidden."""
    own = trial(["a"] * 200 + ["b"] * 60 + ["c"] * 9 + ["d"] * 8, gender=False)
    hidden = hidden_groups(own, "pay", RULE)
    assert ("race", "b") in hidden
    assert "would reveal" in hidden["race", "b"]
    assert ("race", "a") not in hidden


def test_a_group_whose_amounts_are_one_persons_is_hidden_and_so_is_its_difference() -> None:
    own = trial(["a"] * 200 + ["b"] * 60 + ["c"] * 80, gender=False)
    assert hidden_groups(own, "pay", RULE) == {}
    first = own.frame.index[(own.frame["race"] == "b") & (own.frame["treated"] == 1)][0]
    own.frame.loc[own.frame["race"] == "b", "pay"] = 100.0
    own.frame.loc[first, "pay"] = 1e6
    hidden = hidden_groups(own, "pay", RULE)
    assert hidden["race", "b"] == "hidden: one person's amount dominates an arm"
    # the mean of all less those of two shown races would be the hidden one's
    assert len(hidden) == 2
    table = effect_studies.trial_effects(own, "pay", FRAMEWORK, None)
    rows = table[table["group"].isin([group for _, group in hidden])]
    assert rows["hidden"].all()
    assert rows[["estimate", "n_treated", "control_mean"]].isna().all(axis=None)


def test_of_two_large_amounts_the_second_could_tell_the_first() -> None:
    """Who earned the second million takes it off the sum: what is left is the first and pennies."""
    own = trial(["a"] * 200 + ["b"] * 60 + ["c"] * 80, gender=False)
    own.frame.loc[own.frame["race"] == "b", "pay"] = 100.0
    rich = own.frame.index[(own.frame["race"] == "b") & (own.frame["treated"] == 1)]
    own.frame.loc[rich[:2], "pay"] = 1e6
    assert hidden_groups(own, "pay", RULE)["race", "b"].endswith("dominates an arm")
    # with a third of them nobody can
    own.frame.loc[rich[2], "pay"] = 1e6
    assert hidden_groups(own, "pay", RULE) == {}


def test_a_group_hidden_for_anothers_sake_has_no_quantiles() -> None:
    own = trial(["a"] * 600 + ["b"] * 500 + ["c"] * 14, gender=False)
    assert set(hidden_groups(own, "pay", RULE)) == {("race", "b"), ("race", "c")}
    shown = distribution_tables.quantile_rows([own], {"own": "pay"}, FRAMEWORK)
    assert set(shown["group"]) == {"all", "a"}


def test_programs_are_left_out_that_would_give_a_few_people_away() -> None:
    rng = np.random.default_rng(1)
    names = ["a"] * 40 + ["b"] * 30 + ["c"] * 20 + ["d"] * 6
    trained = pd.DataFrame({"program": names, "wage_after_4": rng.uniform(900, 1100, len(names))})
    sizes = trained["program"].value_counts()
    # 96 trained people less those of a, b and c: six
    assert set(_shown_programs(trained, sizes, 10, FRAMEWORK, 96)) == {"a", "b"}
    assert set(_shown_programs(trained, sizes, 10, FRAMEWORK, 116)) == {"a", "b", "c"}
    trained.loc[trained["program"] == "b", "wage_after_4"] = [1e6, *[10.0] * 29]
    assert set(_shown_programs(trained, sizes, 10, FRAMEWORK, 116)) == {"a", "c"}
