"""Rules compared where the truth is known: a cheap run of the study, and its stored table."""

from collections.abc import Callable
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import pytest

from analysis.tiers.free_shape import free_shape
from analysis.tiers.normal_model import fit_normal_model
from analysis.tiers.rule_study import Cell, calibration_error, pairs_between_tiers, study_cell
from analysis.tiers.rules import RULES, Task, least_loss, quantile_tiers, shapes_calibrated
from analysis.tiers.thresholds import calibrate_guard

STORED = Path(__file__).parents[2] / "benchmarks" / "results" / "tier_rules.csv"
NORMAL = "normal integrated, guard .05"
OURS = "shape integrated, guard .05 in the worst law"
SLOW = "shape integrated, guard calibrated in the worst law"
ORACLE = "oracle (true law known)"


@pytest.fixture(scope="module")
def cheap() -> pd.DataFrame:
    cells = [Cell(60, truth, 1.0, 40) for truth in ("normal", "mixture", "gamma")]
    return pd.concat([study_cell(cell, RULES, seed=5) for cell in cells], ignore_index=True)


def test_ours_beats_the_rules_in_use_and_is_near_what_can_be_had(cheap: pd.DataFrame) -> None:
    mean = cheap.groupby("rule")[["steps_off", "two_or_more_off", "false_top"]].mean()
    for rule in ("fixed cut-offs on estimates", "quartiles of estimates"):
        assert mean.loc[OURS, "steps_off"] < mean.loc[rule, "steps_off"]
        assert mean.loc[OURS, "two_or_more_off"] < mean.loc[rule, "two_or_more_off"]
        assert mean.loc[OURS, "false_top"] < mean.loc[rule, "false_top"] / 2
    gap = mean["steps_off"] - mean.loc[ORACLE, "steps_off"]
    assert 0 < gap[OURS] < 0.08
    # reference of 1,200 draws, normal law: .669 steps, .018 false top
    assert mean.loc[NORMAL, "steps_off"] == pytest.approx(0.669, abs=0.03)
    assert mean.loc[NORMAL, "false_top"] == pytest.approx(0.018, abs=0.012)
    assert mean.loc[OURS, "steps_off"] <= 0.669
    assert mean.loc[OURS, "false_top"] <= mean.loc[NORMAL, "false_top"]


def test_no_rule_beats_the_oracle_beyond_chance(cheap: pd.DataFrame) -> None:
    for _, cell in cheap.groupby("truth"):
        by = cell.set_index("rule")
        limit = by.loc[ORACLE, "steps_off"] - 2 * by.loc[ORACLE, "steps_off_se"]
        assert (by["steps_off"] >= limit).all()


def test_pairs_between_tiers_are_counted_as_by_hand() -> None:
    generator = np.random.default_rng(2)
    for _ in range(20):
        given, theta = generator.integers(0, 4, 15), generator.normal(size=15)
        apart = [(i, j) for i, j in combinations(range(15), 2) if given[i] != given[j]]
        wrong = sum((given[i] - given[j]) * (theta[i] - theta[j]) > 0 for i, j in apart)
        assert pairs_between_tiers(given, theta) == (wrong, len(apart))


def test_quantile_tiers_are_equal_in_size_and_calibration_error_is_zero_when_right() -> None:
    task = Task(np.arange(40.0), np.ones(40), (0.0, 1.0, 2.0), 0.0)
    assert np.bincount(quantile_tiers(task).tier).tolist() == [10, 10, 10, 10]
    said = np.repeat([0.1, 0.9], 100)
    happened = np.concatenate([np.arange(100) < 10, np.arange(100) < 90]).astype(float)
    assert calibration_error(said, happened) == pytest.approx(0, abs=1e-12)


@pytest.fixture(scope="module")
def stored() -> pd.DataFrame:
    return pd.read_csv(STORED)


def test_the_stored_study_covers_every_cell_and_rule(stored: pd.DataFrame) -> None:
    usual = stored[stored["rule"].ne(SLOW)]
    cells = usual.groupby(["programs", "truth", "ratio"]).size()
    assert len(cells) == 3 * 4 * 3
    assert set(cells) == {len(RULES) + 1}


def test_the_calibrated_guard_keeps_its_promise_where_noise_is_largest(
    stored: pd.DataFrame,
) -> None:
    slow = stored[stored["rule"].eq(SLOW)].set_index(["programs", "truth"]).sort_index()
    assert slow["ratio"].eq(2.0).all()
    for programs in (60, 500, 5000):
        assert set(slow.loc[programs].index) == {"normal", "mixture", "gamma", "lognormal"}
    # enough data sets to say so
    assert (slow["false_top_se"] < 0.0125).all()
    assert (slow["false_top"] <= 0.05).all()


def test_a_cell_run_again_gives_the_stored_row(stored: pd.DataFrame) -> None:
    """Draws of the study's own seed: the code that made the table is the code that is here."""
    rows = stored[
        stored["programs"].eq(5000) & stored["truth"].eq("gamma") & stored["ratio"].eq(2.0)
    ].set_index("rule")
    seed = int(rows.loc[OURS, "seed"])
    again = study_cell(Cell(5000, "gamma", 2.0, 4), {OURS: RULES[OURS]}, seed=seed)
    for column in ("steps_off", "false_top", "off_not_above"):
        assert again.set_index("rule").loc[OURS, column] == pytest.approx(
            rows.loc[OURS, column], abs=2e-4
        )


def test_the_promise_is_kept_in_every_cell_of_the_stored_study(stored: pd.DataFrame) -> None:
    """Every size, noise and truth, the one outside every fitted law among them; fresh seeds."""
    ours = stored[stored["rule"].eq(OURS)]
    assert len(ours) == 36
    assert (ours["false_top"] <= 0.05).all()
    # the same guard held against the normal law alone breaks it where noise is largest
    normal = stored[stored["rule"].eq(NORMAL)]
    assert normal["false_top"].max() > 0.05


def test_the_stored_study_meets_the_stated_aims(stored: pd.DataFrame) -> None:
    """Aims of the reference table within two Monte Carlo standard errors, cell by cell."""
    usual = stored[stored["truth"].ne("lognormal") & stored["programs"].eq(60)]
    pooled = usual.groupby(["ratio", "rule"])[["steps_off", "false_top"]].mean()
    reference = {0.5: (0.426, 0.005), 1.0: (0.664, 0.020), 2.0: (0.896, 0.051)}
    for ratio, (steps, false) in reference.items():
        assert pooled.loc[(ratio, OURS), "steps_off"] <= steps + 0.01
        assert pooled.loc[(ratio, OURS), "false_top"] <= false + 0.01


# mean steps off of the normal model with its spread integrated, guard .05, measured beforehand
REFERENCE = {
    (60, "normal"): (0.410, 0.641, 0.862),
    (60, "mixture"): (0.436, 0.686, 0.932),
    (60, "gamma"): (0.424, 0.679, 0.889),
    (500, "normal"): (0.403, 0.633, 0.832),
    (500, "mixture"): (0.442, 0.681, 0.894),
    (500, "gamma"): (0.427, 0.659, 0.864),
}
REFERENCE_ERROR = {60: 0.011, 500: 0.021}


def test_every_cell_is_as_good_as_the_reference(stored: pd.DataFrame) -> None:
    ours = stored[stored["rule"].eq(OURS)].set_index(["programs", "truth", "ratio"]).sort_index()
    gaps = []
    for (programs, truth), steps in REFERENCE.items():
        for ratio, expected in zip((0.5, 1.0, 2.0), steps, strict=True):
            row = ours.loc[(programs, truth, ratio)]
            gap = row["steps_off"] - expected
            assert gap <= 2 * np.hypot(row["steps_off_se"], REFERENCE_ERROR[programs])
            gaps.append(gap)
    assert np.mean(gaps) < -0.01


def test_the_chance_of_the_top_tier_is_calibrated_but_where_little_is_known(
    stored: pd.DataFrame,
) -> None:
    """Within three points, but for few programs with noise of twice the spread."""
    off = stored[stored["rule"].eq(OURS)].set_index(["programs", "ratio", "truth"])["off_top"]
    little_known = (off.index.get_level_values(0) == 60) & (off.index.get_level_values(1) == 2.0)
    assert off[little_known].max() < 0.05
    assert (off[~little_known] < 0.03).all()


def test_where_little_is_known_no_prior_that_knows_no_scale_does_better() -> None:
    """Why these cells miss three points: the spread is fixed, and the data hardly show it."""
    table = pd.read_csv(STORED.parent / "spread_priors.csv")
    off = table.set_index(["programs", "ratio", "spread", "prior"])["off_top"].sort_index()
    default, fixed = "proportional (the default)", "1 in every data set"
    here = off.loc[60, 2.0, fixed]
    unaware = here[[name for name in here.index if "said" not in name]]
    assert unaware.min() > 0.03
    # no better prior was left unused: within a standard error of the best of them
    assert here[default] < unaware.min() + 0.002
    assert here["scale said, give or take a quarter"] < 0.03
    assert off.loc[60, 2.0, "proportional from 0 to 2.5", default] < 0.02
    assert off.loc[200, 2.0, fixed, default] < 0.03
    assert off.loc[500, 2.0, fixed, default] < 0.015


def test_the_study_of_priors_run_again_gives_its_stored_rows(
    script: Callable[[str], ModuleType],
) -> None:
    again = script("benchmarks/spread_priors.py").cell(500, 2.0, "1 in every data set", 200)
    rows = pd.read_csv(STORED.parent / "spread_priors.csv")
    rows = rows[rows["programs"].eq(500)].reset_index(drop=True)
    assert rows["prior"].tolist() == again["prior"].tolist()
    for column in ("off_top", "off_not_above", "top_said_less_true"):
        np.testing.assert_allclose(again[column], rows[column], atol=1e-4)


def test_chances_are_right_over_the_spreads_that_the_prior_expects_and_not_at_one() -> None:
    off = {}
    for fixed in (True, False):
        said, happened = [], []
        for draw in range(300):
            generator = np.random.default_rng([6, draw])
            tau = 1.0 if fixed else 2.5 * np.sqrt(generator.random())
            s = 2 * np.exp(0.5 * generator.normal(size=60))
            theta = 0.5 + tau * generator.normal(size=60)
            y = theta + s * generator.normal(size=60)
            model = fit_normal_model(y, s, grid_size=30, rounds=2)
            said.append(model.chance_above(1.25))
            happened.append(theta > 1.25)
        off[fixed] = calibration_error(np.concatenate(said), np.concatenate(happened))
    assert off[False] < 0.03 < off[True]


def test_no_gain_under_skewed_and_mixed_truths_is_better_than_the_normal_law_says(
    stored: pd.DataFrame,
) -> None:
    """Better than the .04 to .12 of a normal model, which is here the rule with a normal law."""
    skewed = stored[stored["truth"].ne("normal")]
    cells = skewed.set_index(["programs", "ratio", "truth"])
    ours = cells.loc[cells["rule"].eq(OURS), "off_not_above"]
    normal = cells.loc[cells["rule"].eq(NORMAL), "off_not_above"]
    assert len(ours) == 27
    assert ours.max() < 0.09
    assert (ours < normal).sum() >= 24
    assert (ours < normal + 0.003).all()
    assert ours.mean() < 0.7 * normal.mean()
    # where the law is normal and noise at most as large as the spread: three points
    plain = stored[stored["truth"].eq("normal") & stored["rule"].eq(OURS) & stored["ratio"].le(1)]
    assert plain["off_not_above"].max() < 0.03


def test_where_no_program_is_near_the_top_the_calibrated_guard_needs_no_simulation() -> None:
    """No guard is wider than alpha: what alpha keeps out of the top no narrower one lets in."""
    generator = np.random.default_rng(14)
    s = np.full(30, 2.0)
    task = Task(0.2 * generator.normal(size=30), s, (0.0, 0.5, 1.25), 0.0)
    quick = shapes_calibrated(task)
    normal = fit_normal_model(task.estimate, s)
    found = calibrate_guard(
        s, normal, cuts=task.cuts, benchmark=0.0, alpha=0.05, candidates=[0.05], draws=3, seed=1
    )  # fmt: skip
    guard = -1.0 if found.guard is None else found.guard
    slow = least_loss(replace(task, guard=guard), free_shape(task.estimate, s, normal))
    assert not (slow.tier == 0).any()
    np.testing.assert_array_equal(quick.tier, slow.tier)
    assert quick.chances is not None
    assert slow.chances is not None
    np.testing.assert_allclose(quick.chances, slow.chances)
