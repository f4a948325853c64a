"""The table by group: its rows, what it refuses, and that nothing small leaves it."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.effects import (
    difference_in_means,
    group_effects,
    hidden_levels,
    lin_adjusted,
    stratified_difference,
)
from analysis.errors import WorkbenchError

STEADY = settings(derandomize=True, database=None, deadline=None, max_examples=150)
NUMBERS = [
    "estimate", "standard_error", "interval_low", "interval_high", "degrees_of_freedom",
    "n_treated", "n_control", "control_mean", "control_standard_error",
]  # fmt: skip


def people(cells: dict[tuple[str, str], tuple[int, int]], seed: int = 5) -> pd.DataFrame:
    """A trial with the given people by arm (treated, control) in each race and gender."""
    rng = np.random.default_rng(seed)
    rows = [
        {"race": race, "gender": gender, "treated": arm}
        for (race, gender), counts in cells.items()
        for arm, count in zip((1, 0), counts, strict=True)
        for _ in range(count)
    ]
    frame = pd.DataFrame(rows)
    frame["age"] = rng.normal(35, 8, len(frame)).round(1)
    frame["earnings"] = 300 + 4 * frame["age"] + 30 * frame["treated"]
    frame["earnings"] += rng.normal(0, 40, len(frame))
    return frame.assign(person=np.arange(len(frame)))


LARGE = {
    ("Black", "men"): (40, 45),
    ("Black", "women"): (60, 35),
    ("white", "men"): (80, 70),
    ("white", "women"): (55, 65),
    ("Hispanic", "men"): (34, 31),
    ("Hispanic", "women"): (30, 36),
}


def shown(table: pd.DataFrame) -> dict[str, bool]:
    plain = table[table["estimator"] == "difference in means"]
    return dict(zip(plain["group"], plain["status"] == "shown", strict=True))


def test_rows_are_the_estimators():
    frame = people(LARGE)
    table = group_effects(frame, "earnings", covariates=["age"], stratum="gender", minimum_cell=10)
    assert table["grouping"].drop_duplicates().tolist() == [
        "all",
        "race",
        "gender",
        "race x gender",
    ]
    assert len(table) == 3 + 2 * (3 + 2 + 6)
    assert (table["status"] == "shown").all()
    some = frame[(frame["race"] == "Black") & (frame["gender"] == "women")]
    cell = table[(table["race"] == "Black") & (table["gender"] == "women")]
    assert cell["group"].tolist() == ["Black, women"] * 2
    twins = {
        "difference in means": difference_in_means(some["earnings"], some["treated"]),
        "Lin regression": lin_adjusted(some["earnings"], some["treated"], some[["age"]]),
    }
    for estimator, twin in twins.items():
        found = cell[cell["estimator"] == estimator].iloc[0]
        assert found["estimate"] == twin.estimate
        assert found["standard_error"] == twin.standard_error
        assert (found["interval_low"], found["interval_high"]) == twin.interval(0.95, 60)
        assert found["degrees_of_freedom"] == twin.degrees_of_freedom
        assert (found["n_treated"], found["n_control"]) == (60, 35)
        assert found["control_mean"] == pytest.approx(
            some.loc[some["treated"] == 0, "earnings"].mean(), rel=1e-14
        )
    everyone = table[table["estimator"] == "stratified by gender"]
    assert everyone["group"].tolist() == ["all"]
    twin = stratified_difference(frame["earnings"], frame["treated"], frame["gender"])
    assert everyone["estimate"].item() == twin.estimate


def test_level_of_the_interval_and_small_samples():
    frame = people(LARGE)
    wide = group_effects(frame, "earnings", minimum_cell=10, confidence_level=0.99)
    narrow = group_effects(frame, "earnings", minimum_cell=10)
    assert (wide["interval_low"] < narrow["interval_low"]).all()
    assert (wide["confidence_level"] == 0.99).all()
    careful = group_effects(frame, "earnings", minimum_cell=10, small_sample_below=10_000)
    # a group with fewer than 58 degrees of freedom is a small sample already
    already = narrow["note"].str.startswith("Student's t interval")
    assert 0 < already.sum() < len(narrow)
    assert (careful["interval_low"] < narrow["interval_low"])[~already].all()
    assert (careful["interval_low"] == narrow["interval_low"])[already].all()
    assert careful["note"].str.startswith("Student's t interval").all()


def test_categories_keep_their_order():
    frame = people(LARGE)
    order = ["white", "Hispanic", "never seen", "Black"]
    frame["race"] = pd.Categorical(frame["race"], categories=order)
    table = group_effects(frame, "earnings", groups=[("race",)], minimum_cell=10)
    assert table["group"].tolist() == ["all", "white", "Hispanic", "Black"]


def test_order_of_rows_and_names_of_groups_do_not_matter():
    frame = people(LARGE)
    names = {"Black": "z", "white": "a", "Hispanic": "m"}
    other = frame.sample(frac=1, random_state=3).assign(race=lambda t: t["race"].map(names))
    arguments = {"covariates": ["age"], "stratum": "gender", "minimum_cell": 32}
    first = group_effects(frame, "earnings", **arguments)
    second = group_effects(other, "earnings", **arguments)
    first["race"] = first["race"].replace(names)
    key = ["race", "gender", "estimator"]
    both = first.merge(second, on=key, suffixes=("", "_other"), validate="one_to_one")
    assert len(both) == len(first)
    assert (both["status"] == both["status_other"]).all()
    assert not (both["status"] == "shown").all()
    assert both["estimate"].to_numpy() == pytest.approx(
        both["estimate_other"].to_numpy(), rel=1e-9, nan_ok=True
    )


# ---- small cells -------------------------------------------------------------------------------


def test_a_small_cell_takes_others_with_it():
    frame = people(LARGE | {("Hispanic", "women"): (12, 6)})
    table = group_effects(frame, "earnings", covariates=["age"], minimum_cell=10)
    assert [group for group, seen in shown(table).items() if not seen] == [
        # the small one; its sibling by race; one sibling by gender of each of the two
        "Black, men", "Black, women", "Hispanic, men", "Hispanic, women",
    ]  # fmt: skip
    hidden = table[table["status"] != "shown"]
    assert len(hidden) == 8
    assert hidden[NUMBERS].isna().all(axis=None)
    small = hidden[hidden["group"] == "Hispanic, women"]
    assert set(small["status"]) == {"hidden: fewer than 10 people in an arm"}
    rest = hidden[hidden["group"] != "Hispanic, women"]
    assert set(rest["status"]) == {
        "hidden: would reveal a group with fewer than 10 people in an arm"
    }


def test_a_group_with_one_arm_is_hidden():
    frame = people(LARGE | {("other", "men"): (25, 0), ("other", "women"): (30, 0)})
    table = group_effects(frame, "earnings", groups=[("race",)], minimum_cell=10)
    assert shown(table) == {
        "all": True, "Black": True, "Hispanic": False, "other": False, "white": True,
    }  # fmt: skip


def test_a_cell_without_people_is_a_hidden_row():
    frame = people({key: count for key, count in LARGE.items() if key != ("Hispanic", "women")})
    seen = shown(group_effects(frame, "earnings", minimum_cell=10))
    # and the only other cell of that race, which equals the race
    assert not seen["Hispanic, women"]
    assert not seen["Hispanic, men"]


def test_everything_small_is_hidden_altogether():
    frame = people({("Black", "men"): (4, 5), ("white", "men"): (3, 4)})
    table = group_effects(frame, "earnings", minimum_cell=10)
    assert not any(shown(table).values())
    assert table[NUMBERS].isna().all(axis=None)


def test_a_stratified_row_does_not_give_its_hidden_strata_away():
    frame = people(LARGE | {("Hispanic", "women"): (12, 6)})
    # the stratum is gender under another name
    frame["stratum"] = frame["gender"].map({"men": "1", "women": "2"})
    table = group_effects(
        frame, "earnings", stratum="stratum", stratified_groupings=("all", "race"), minimum_cell=10
    )
    rows = table[table["estimator"] == "stratified by stratum"].set_index("group")
    assert rows["status"].eq("shown").to_dict() == {
        "all": True, "Black": False, "Hispanic": False, "white": True,
    }  # fmt: skip
    assert rows.loc["Hispanic", NUMBERS].isna().all()


def test_thin_strata_of_a_group_are_not_named():
    frame = people(LARGE)
    frame["site"] = "north"
    frame.loc[frame.index[:3], "site"] = "secret place"
    table = group_effects(
        frame, "earnings", covariates=["age"], stratum="site", high_leverage="refuse",
        minimum_cell=10,
    )  # fmt: skip
    refused = table[(table["group"] == "all") & (table["estimator"] != "difference in means")]
    expected = "refused: a level of site has fewer than 2 people in an arm"
    assert refused["status"].tolist() == [expected] * 2
    assert refused["n_treated"].eq(frame["treated"].sum()).all()
    assert not table.astype(str).apply(lambda c: c.str.contains("secret")).any(axis=None)


@st.composite
def counts(draw):
    """People by arm for up to four races and three genders, many of them few."""
    races, genders = draw(st.integers(1, 4)), draw(st.integers(1, 3))
    sizes = st.one_of(st.integers(0, 12), st.integers(8, 60))
    return {
        (f"r{i}", f"g{j}"): (draw(sizes), draw(sizes)) for i in range(races) for j in range(genders)
    }


def margins(cells):
    """Rows of the table, people by arm and which cells each row sums over."""
    races = sorted({race for race, _ in cells})
    genders = sorted({gender for _, gender in cells})
    levels = [{}, *({"race": r} for r in races), *({"gender": g} for g in genders)]
    levels += [{"race": r, "gender": g} for r in races for g in genders]
    sums = np.array(
        [
            [
                float(level.get("race", race) == race and level.get("gender", gender) == gender)
                for race, gender in cells
            ]
            for level in levels
        ]
    )
    by_arm = np.array(list(cells.values())).T @ sums.T
    return levels, by_arm[0].astype(int), by_arm[1].astype(int), sums


@STEADY
@given(counts())
def test_no_hidden_row_follows_from_shown_ones(cells):
    levels, treated, control, sums = margins(cells)
    own, hidden = hidden_levels(levels, treated, control, 10)
    assert (own == (np.minimum(treated, control) < 10)).all()
    assert hidden[own].all()
    if not own.any():
        assert not hidden.any()
    # someone who solves all sums at once: a row is found out when it adds nothing to the rank
    rank = np.linalg.matrix_rank(sums[~hidden]) if (~hidden).any() else 0
    for row in np.flatnonzero(hidden):
        # a margin with the same people as everyone is in everyone's row by definition
        if not hidden[0] and (sums[row] == sums[0]).all():
            continue
        known = np.linalg.matrix_rank(np.vstack([sums[~hidden], sums[row]])) == rank > 0
        assert not known, levels[row]


def test_hiding_stops_where_it_must():
    # 5 sites, one small: the small one and the next smallest, no more
    levels = [{}, *({"site": s} for s in "abcde")]
    own, hidden = hidden_levels(levels, [140, 40, 5, 30, 20, 45], [140, 40, 30, 25, 20, 25], 10)
    assert [level.get("site") for level, one in zip(levels, hidden, strict=True) if one] == [
        "b",
        "d",
    ]
    assert own.sum() == 1
    # two small ones protect each other
    _, hidden = hidden_levels(levels, [100, 40, 5, 30, 5, 20], [100, 40, 20, 25, 5, 10], 10)
    assert [level.get("site") for level, one in zip(levels, hidden, strict=True) if one] == [
        "b",
        "d",
    ]


def test_groupings_that_share_an_unpublished_margin():
    # race x gender and race x age are shown, race is not: their sums meet in it
    levels = [{}]
    levels += [{"race": r, "gender": g} for r in "ab" for g in "fm"]
    levels += [{"race": r, "age": a} for r in "ab" for a in "yo"]
    people_by_row = [160, 5, 35, 60, 60, 20, 20, 60, 60]
    _, hidden = hidden_levels(levels, people_by_row, people_by_row, 10)
    names, cells = ("race", "gender", "age"), [
        (r, g, a) for r in "ab" for g in "fm" for a in "yo"
    ]  # fmt: skip
    sums = np.array(
        [
            [float(all(cell[names.index(k)] == v for k, v in row.items())) for cell in cells]
            for row in levels
        ]
    )
    rank = np.linalg.matrix_rank(sums[~hidden])
    for row in np.flatnonzero(hidden):
        assert np.linalg.matrix_rank(np.vstack([sums[~hidden], sums[row]])) == rank + 1
    assert hidden[1]
    assert not hidden[0]


@STEADY
@given(st.lists(st.integers(1, 40), min_size=4, max_size=4), st.integers(0, 999))
def test_tables_that_nobody_crosses_hide_what_each_would_hide_alone(sizes, seed):
    """Race by gender, and nine more ways to divide the same people, as on a program's page."""
    total = sum(sizes)
    cross = [{"race": r, "gender": g} for r in "ab" for g in "fm"]
    one_way = [{"race": r} for r in "ab"] + [{"gender": g} for g in "fm"]
    inner = [*sizes, sizes[0] + sizes[1], sizes[2] + sizes[3]]
    inner += [sizes[0] + sizes[2], sizes[1] + sizes[3]]
    families = [([*cross, *one_way], inner)]
    random = np.random.default_rng(seed)
    for place in range(9):
        counts = random.multinomial(total, [0.1, 0.3, 0.6]).tolist()
        families.append(([{f"way{place}": value} for value in "xyz"], counts))
    levels = [{}, *(level for part, _ in families for level in part)]
    people_by_row = [total, *(n for _, part in families for n in part)]
    together = hidden_levels(levels, people_by_row, people_by_row, 10)[1]
    alone = [
        hidden_levels([{}, *part], [total, *n], [total, *n], 10)[1][1:] for part, n in families
    ]
    assert together[1:].tolist() == np.concatenate(alone).tolist()


# ---- refusals ----------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["covariates", "stratum", "groups"])
def test_columns_measured_after_assignment_are_refused(role):
    frame = people(LARGE).assign(hours_later=1.0, score="x")
    arguments = {
        "covariates": {"covariates": ["age", "hours_later"]},
        "stratum": {"stratum": "score"},
        "groups": {"groups": [("race", "score")]},
    }[role]
    name = "hours_later" if role == "covariates" else "score"
    with pytest.raises(WorkbenchError, match=f"column {name}: measured after assignment"):
        group_effects(
            frame,
            "earnings",
            minimum_cell=10,
            after_assignment=["hours_later", "score"],
            **arguments,
        )


def broken(column: str, value: object, rows: int = 2) -> pd.DataFrame:
    frame = people(LARGE)
    frame[column] = frame[column].astype(object if isinstance(value, str) else frame[column].dtype)
    frame.loc[frame.index[:rows], column] = value
    return frame


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        (broken("earnings", np.nan), "column earnings: 2 of 581 values are missing"),
        (broken("earnings", np.inf), "column earnings: 2 of 581 values are infinite"),
        (broken("earnings", "many"), "column earnings: not all values are numbers"),
        (broken("age", np.nan), "column age: 2 of 581 values are missing"),
        (broken("race", None), "column race: 2 of 581 values are missing"),
        (broken("gender", None), "column gender: 2 of 581 values are missing"),
        (broken("race", "all"), "column race: has a level 'all'"),
        (broken("person", 7, rows=1), "column person, row 0: 1 people stand in more than one row"),
        (people(LARGE).assign(treated=1), "column treated: the control arm has fewer than 2"),
        (people(LARGE).drop(columns="age"), "column age: not in the table"),
    ],
)
def test_unusable_tables_are_refused(frame, words):
    with pytest.raises(WorkbenchError, match=words):
        group_effects(frame, "earnings", covariates=["age"], stratum="gender", minimum_cell=10)


def test_outcome_and_assignment_are_no_covariates():
    for name in ("earnings", "treated"):
        with pytest.raises(WorkbenchError, match=f"column {name}: is the outcome or the assign"):
            group_effects(people(LARGE), "earnings", covariates=[name], minimum_cell=10)


def test_a_cell_of_one_is_no_rule():
    with pytest.raises(WorkbenchError, match="minimum_cell: 1 is below 2"):
        group_effects(people(LARGE), "earnings", minimum_cell=1)


def test_an_outcome_that_does_not_vary_in_a_group_is_refused_there():
    frame = people(LARGE)
    frame.loc[frame["race"] == "white", "earnings"] = 0.0
    table = group_effects(frame, "earnings", groups=[("race",)], minimum_cell=10).set_index("group")
    assert table.loc["white", "status"].startswith("refused: no standard error can be computed")
    assert np.isnan(table.loc["white", "estimate"])
    assert table.loc["Black", "status"] == "shown"


def test_a_group_column_that_the_table_needs_for_itself_is_refused():
    people = pd.DataFrame(
        {"treated": [1, 0] * 20, "earnings": np.arange(40.0), "group": list("ab") * 20}
    )
    with pytest.raises(WorkbenchError, match="column group: is the name of a column of the table"):
        group_effects(people, "earnings", groups=[("group",)], minimum_cell=5)
