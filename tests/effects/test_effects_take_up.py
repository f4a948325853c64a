"""Effect on participants: equal to linearmodels, to hand-worked ratios, and refused when weak."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from linearmodels.iv import IV2SLS

from analysis.effects.ratio import ratio_of_effects
from analysis.effects.take_up import take_up_effect
from analysis.errors import WorkbenchError

STEADY = settings(derandomize=True, database=None, deadline=None, max_examples=25)


def offered_program(seed: int, people: int = 400) -> pd.DataFrame:
    """People in 40 sites and 3 strata; the able attend more, attending is worth 5."""
    rng = np.random.default_rng(seed)
    site = rng.permutation(np.arange(people) % 40)
    stratum = np.array(["north", "south", "west"])[site % 3]
    x1, x2, ability = rng.normal(size=(3, people))
    offered = (rng.random(people) < np.where(stratum == "north", 0.7, 0.4)).astype(int)
    attended = ((ability + 0.4 * x1 + rng.normal(size=people) > 0) & (offered == 1)) | (
        rng.random(people) < 0.1
    )
    y = 5 * attended + 3 * ability + x1 + rng.normal(size=40)[site] + (stratum == "west")
    return pd.DataFrame(
        {"y": y, "offered": offered, "attended": attended.astype(int), "x1": x1, "x2": x2,
         "stratum": stratum, "site": site}
    )  # fmt: skip


def by_linearmodels(people: pd.DataFrame, controls: bool, clustered: bool, debiased: bool):
    exogenous = pd.DataFrame({"one": np.ones(len(people))})
    if controls:
        strata = pd.get_dummies(people["stratum"], drop_first=True, dtype=float)
        exogenous = pd.concat([exogenous, people[["x1", "x2"]], strata], axis=1)
    model = IV2SLS(people["y"], exogenous, people[["attended"]], people[["offered"]])
    if clustered:
        return model.fit(cov_type="clustered", clusters=people["site"], debiased=debiased)
    return model.fit(cov_type="robust", debiased=debiased)


@pytest.mark.parametrize("debiased", [False, True])
@pytest.mark.parametrize("clustered", [False, True])
@pytest.mark.parametrize("controls", [False, True])
@pytest.mark.parametrize("seed", range(3))
def test_equal_to_linearmodels(seed, controls, clustered, debiased):
    people = offered_program(seed)
    found = take_up_effect(
        people["y"],
        people["offered"],
        people["attended"],
        minimum_first_stage_f=10,
        covariates=people[["x1", "x2"]] if controls else None,
        stratum=people["stratum"] if controls else None,
        cluster=people["site"] if clustered else None,
        errors="HC1" if debiased else "HC0",
    )
    twin = by_linearmodels(people, controls, clustered, debiased)
    assert found.estimate == pytest.approx(twin.params["attended"], rel=1e-8)
    assert found.standard_error == pytest.approx(twin.std_errors["attended"], rel=1e-8)
    first = twin.first_stage.individual["attended"]
    assert found.take_up == pytest.approx(first.params["offered"], rel=1e-8)
    assert found.take_up_standard_error == pytest.approx(first.std_errors["offered"], rel=1e-8)
    assert found.first_stage_f == pytest.approx(first.tstats["offered"] ** 2, rel=1e-8)


def test_walds_ratio_by_hand():
    # offered: mean 8, four of six attend; others: mean 4, none; so 4 / (4/6)
    outcome = [9.0, 11.0, 10.0, 10.0, 5.0, 3.0, 4.0, 6.0, 5.0, 3.0, 4.0, 2.0]
    attended = [1, 1, 1, 1, 0, 0] + [0] * 6
    found = take_up_effect(
        outcome, [1] * 6 + [0] * 6, attended, minimum_first_stage_f=8, errors="HC0"
    )
    assert found.estimate == pytest.approx(6.0, rel=1e-12)
    # HC0 of a share of 4/6 among six people: (2/9) / 6; F = (4/9) / (1/27) = 12
    assert found.first_stage_f == pytest.approx(12.0, rel=1e-12)
    assert (found.n_offered, found.n_control, found.clusters) == (6, 6, 0)


def test_full_take_up_is_the_effect_of_the_offer():
    people = offered_program(1)
    found = take_up_effect(
        people["y"], people["offered"], people["offered"], minimum_first_stage_f=10
    )
    assert found.estimate == pytest.approx(found.offer_effect, rel=1e-12)
    assert found.standard_error == pytest.approx(found.offer_standard_error, rel=1e-12)
    assert found.first_stage_f > 1e12


def test_anderson_rubin_interval_inverts_the_test_of_the_offer():
    people = offered_program(2)
    found = take_up_effect(
        people["y"], people["offered"], people["attended"], minimum_first_stage_f=10,
        covariates=people[["x1"]], errors="HC0",
    )  # fmt: skip
    for bound in found.anderson_rubin_interval:
        tested = take_up_effect(
            people["y"] - bound * people["attended"], people["offered"], people["attended"],
            minimum_first_stage_f=10, covariates=people[["x1"]], errors="HC0",
        )  # fmt: skip
        z = tested.offer_effect / tested.offer_standard_error
        assert abs(z) == pytest.approx(1.959963984540054, rel=1e-9)


def test_a_weak_first_stage_is_refused_by_its_rule():
    people = offered_program(3)
    noise = np.random.default_rng(5).integers(0, 2, len(people))
    with pytest.raises(WorkbenchError, match=r"column attended: the offer hardly moved attendance"):
        take_up_effect(
            people["y"], people["offered"], pd.Series(noise, name="attended"),
            minimum_first_stage_f=10,
        )  # fmt: skip
    with pytest.raises(WorkbenchError, match="all values are the same"):
        take_up_effect(
            people["y"], people["offered"], np.ones(len(people)), minimum_first_stage_f=10
        )
    with pytest.raises(WorkbenchError, match="determine who was offered"):
        take_up_effect(
            people["y"], people["offered"], people["attended"], minimum_first_stage_f=10,
            covariates=people[["offered"]].rename(columns={"offered": "copy"}),
        )  # fmt: skip


@STEADY
@given(
    shift=st.floats(-1e4, 1e4), scale=st.floats(1e-3, 1e3), seed=st.integers(0, 2**31),
    clustered=st.booleans(),
)  # fmt: skip
def test_units_shifts_and_order_of_people_do_not_matter(shift, scale, seed, clustered):
    people = offered_program(4)
    order = np.random.default_rng(seed).permutation(len(people))

    def effect(frame: pd.DataFrame):
        return take_up_effect(
            frame["y"], frame["offered"], frame["attended"], minimum_first_stage_f=10,
            covariates=frame[["x1", "x2"]], stratum=frame["stratum"],
            cluster=frame["site"] if clustered else None,
        )  # fmt: skip

    plain = effect(people)
    moved = effect(people.assign(y=shift + scale * people["y"]).iloc[order].reset_index(drop=True))
    assert moved.estimate == pytest.approx(scale * plain.estimate, rel=1e-6)
    assert moved.standard_error == pytest.approx(scale * plain.standard_error, rel=1e-6)
    assert moved.first_stage_f == pytest.approx(plain.first_stage_f, rel=1e-8)


def test_interval_covers_the_effect_on_participants():
    hits = 0
    for seed in range(300):
        people = offered_program(1000 + seed, people=300)
        found = take_up_effect(
            people["y"], people["offered"], people["attended"], minimum_first_stage_f=10,
            stratum=people["stratum"], cluster=people["site"],
        )  # fmt: skip
        hits += found.interval[0] < 5 < found.interval[1]
    # 300 draws of .95: standard error .0126
    assert 0.91 < hits / 300 < 0.985


def test_fieller_by_hand():
    # z = 2: (10 - 5r)² <= 4 (1 + r²) has the roots of 21 r² - 100 r + 96 = 0
    level = 0.954499736103642
    found = ratio_of_effects(10.0, 5.0, (1.0, 1.0), confidence_level=level)
    root = np.sqrt(100**2 - 4 * 21 * 96)
    expected = ((100 - root) / 42, (100 + root) / 42)
    assert found.fieller_interval == pytest.approx(expected, rel=1e-9)
    assert found.standard_error == pytest.approx(np.sqrt(1 + 4) / 5, rel=1e-12)
    assert not found.fieller_is_outside


def test_fieller_says_when_the_denominator_may_be_zero():
    outside = ratio_of_effects(10.0, 1.0, (1.0, 1.0))
    assert outside.fieller_is_outside
    assert outside.fieller_interval[0] < 0 < outside.fieller_interval[1]
    assert ratio_of_effects(1.0, 1.0, (1.0, 1.0)).fieller_interval == (-np.inf, np.inf)
    with pytest.raises(WorkbenchError, match="denominator is 0"):
        ratio_of_effects(1.0, 0.0, (1.0, 1.0))
    with pytest.raises(WorkbenchError, match="no two estimates"):
        ratio_of_effects(1.0, 1.0, (1.0, 1.0), covariance=2.0)


def test_fieller_and_delta_agree_where_the_denominator_is_sure():
    found = ratio_of_effects(3.0, 2.0, (0.01, 1e-14), 0.0)
    assert found.fieller_interval == pytest.approx(found.delta_interval, rel=1e-9)
