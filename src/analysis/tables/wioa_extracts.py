"""What the other rooms take from the WIOA records: moves, participants, outcomes of programs."""

import duckdb
import pandas as pd

from analysis.tables.schemas import checked
from analysis.tables.wioa_layout import wioa_layout

# answers on race and ethnicity as they stand in a record (PIRL 210 to 215)
RACE_ANSWERS = ("hispanic", "american_indian", "asian", "black", "pacific_islander", "white")
_AFTER = {"any": "occupation_after", "quarter 2": "occupation_q2", "quarter 4": "occupation_q4"}
_HORIZON = {2: "quarter 2 after exit", 4: "quarter 4 after exit"}


def observed_moves(database: duckdb.DuckDBPyConnection, relation: str) -> pd.DataFrame:
    """Moves from the occupation before participation to the one after, with their numbers.

    Parameters
    ----------
    database : connection
    relation : str
        SQL of the typed records.

    Returns
    -------
    DataFrame
        Table ``observed_moves``: ``origin_soc_code``, ``target_soc_code``, ``after`` (``any``:
        PIRL 1610; ``quarter 2``: 1612; ``quarter 4``: 1613), ``level`` (``detailed``, ``minor``
        or ``major``: the coarser of the two codes, which the publisher cuts where few people
        would be behind them), ``trained`` and ``people``. Nothing is hidden here: the door of
        outputs does that.

    Examples
    --------
    >>> codes = ", ".join(f"'31-9092' AS {column}" for column in _AFTER.values())
    >>> with duckdb.connect() as database:
    ...     _ = database.execute(
    ...         "CREATE TABLE records AS SELECT '41-2011' AS occupation_before, "
    ...         f"'1' AS received_training, DATE '2022-01-01' AS entry_date, {codes}, "
    ...         "'0' AS reportable_individual FROM range(3)"
    ...     )
    ...     moves = observed_moves(database, "records")
    >>> moves[moves["after"] == "any"].values.tolist()
    [['41-2011', '31-9092', 'any', 'detailed', True, 3]]
    """
    universe = wioa_layout().universe
    parts = [
        f"SELECT occupation_before AS origin_soc_code, {column} AS target_soc_code, "
        f"'{after}' AS after, received_training = '1' AS trained FROM {relation} WHERE "
        f"({universe.participant}) AND occupation_before IS NOT NULL AND {column} IS NOT NULL"
        for after, column in _AFTER.items()
    ]
    level = (
        "CASE WHEN target_soc_code LIKE '%-0000' OR origin_soc_code LIKE '%-0000' THEN 'major' "
        "WHEN target_soc_code LIKE '%000' OR origin_soc_code LIKE '%000' THEN 'minor' "
        "ELSE 'detailed' END"
    )
    moves = " UNION ALL ".join(parts)
    frame = database.execute(
        f"SELECT origin_soc_code, target_soc_code, after, {level} AS level, "
        f"coalesce(trained, false) AS trained, count(*) AS people FROM ({moves})"
        " GROUP BY ALL ORDER BY after, people DESC, origin_soc_code, target_soc_code, trained"
    ).df()
    return checked(frame, "observed_moves", "WIOA Performance Records")


def effect_participants(database: duckdb.DuckDBPyConnection, relation: str) -> pd.DataFrame:
    """People trained, and people who had job-search assistance only, for a comparison.

    Parameters
    ----------
    database : connection
    relation : str
        SQL of the typed records.

    Returns
    -------
    DataFrame
        Table ``wioa_participants``: ``person``, ``state``, ``treated`` (1 trained, 0 not),
        ``stratum`` (state and quarter of exit), ``entry_quarter``, race, gender, age and
        schooling, the answers on race (PIRL 210 to 215), barriers (0 or 1), the major group of
        the occupation before, ``field`` (CIP family) and ``program`` (provider and CIP) of the
        trained, wages three quarters before entry (zero without a wage), wages one to four
        quarters after exit (zero if known not to be employed, missing if not known). One row a
        record among those that count for the indicators, by state, person and exit.

    Notes
    -----
    The comparison of Hyman, Lahey, Ni and Pilossoph (2025, NBER 34174): workers who sought
    services and had assistance but no training. Wages before entry stand three quarters apart
    from the dip, so that it can be adjusted for.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from analysis.tables.wioa_records import connect, read_wioa_records, used_records
    >>> row = {"PIRL 100": "a", "PIRL 201": "2", "PIRL 900": "20220105", "PIRL 901": "20220805",
    ...     "PIRL 923": "00", "PIRL 1300": "1", "PIRL 1602": "1", "PIRL 1606": "1",
    ...     "PIRL 1704": "6200", "CALC4000": "TX", "CALC4006": "0", "CALC4020": "4"}
    >>> with tempfile.TemporaryDirectory() as folder, connect() as database:
    ...     path = Path(folder) / "state.csv"
    ...     pd.DataFrame([row, row | {"PIRL 100": "b", "PIRL 1300": "0"}]).to_csv(path, index=False)
    ...     records = read_wioa_records(path, Path(folder) / "typed.parquet")
    ...     people = effect_participants(database, used_records(records))
    >>> people[["person", "treated", "stratum", "wage_before_1", "wage_after_2"]].values.tolist()
    [['a', 1, 'TX 2022 quarter 3', 0.0, 6200.0], ['b', 0, 'TX 2022 quarter 3', 0.0, 6200.0]]
    """
    layout = wioa_layout()
    universe = layout.universe
    labels = ", ".join(
        f"coalesce({layout.grouping(name).label}, 'not reported') AS {name}"
        for name in ("race", "gender", "schooling_level", "age_group")
    )
    answers = ", ".join(f"coalesce({name}, '9') AS {name}" for name in RACE_ANSWERS)
    barriers = ", ".join(
        f"CAST(coalesce({group.id}, '0') = '1' AS INTEGER) AS {group.id}"
        for group in layout.groups
        if group.barrier
    )
    after = ", ".join(
        f"CASE WHEN employed_q{quarter} = '0' THEN 0.0 WHEN employed_q{quarter} = '1' "
        f"THEN wage_after_{quarter} END AS wage_after_{quarter}"
        for quarter in (1, 2, 3, 4)
    )
    trained = "received_training = '1' AND cip_code IS NOT NULL"
    before = ", ".join(f"coalesce(wage_before_{q}, 0.0) AS wage_before_{q}" for q in (3, 2, 1))
    frame = database.execute(
        "SELECT person, state, CAST(received_training = '1' AS BIGINT) AS treated, "
        "state || ' ' || year(exit_date) || ' quarter ' || quarter(exit_date) AS stratum, "
        "year(entry_date) || ' quarter ' || quarter(entry_date) AS entry_quarter, "
        "coalesce(left(occupation_before, 2), 'not reported') AS occupation_group, "
        f"CASE WHEN {trained} THEN left(cip_code, 2) ELSE '' END AS field, "
        f"CASE WHEN {trained} AND provider IS NOT NULL THEN state || ':' || provider || ':' || "
        "cip_code ELSE '' END AS program, "
        f"{labels}, {answers}, CAST(age AS DOUBLE) AS age, {barriers}, {before}, {after} "
        f"FROM {relation} "
        f"WHERE ({universe.participant}) AND ({universe.exiter}) AND NOT ({universe.exclusion}) "
        # a database gives rows in another order each time, and folds are dealt in their order
        "AND received_training IN ('0', '1') ORDER BY state, person, exit_date"
    ).df()
    return checked(frame, "wioa_participants", "WIOA Performance Records")


def program_outcomes(
    database: duckdb.DuckDBPyConnection, relation: str, group: str = ""
) -> pd.DataFrame:
    """Outcomes of the trained by provider and field of study, for metrics and tiers.

    Parameters
    ----------
    database : connection
    relation : str
        SQL of the typed records.
    group : str, optional
        Id of a group of the layout, or two joined by 'and': outcomes by its labels too.

    Returns
    -------
    DataFrame
        Table ``program_outcomes`` (with a group, ``program_group_outcomes``: columns ``by`` and
        ``group`` besides): ``employed_share`` and ``average_quarterly_wage`` in quarters 2 and
        4, ``retention_share`` in quarter 4, and ``n``, the people behind each.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from analysis.tables.wioa_records import connect, read_wioa_records, used_records
    >>> row = {"PIRL 100": "a", "PIRL 201": "2", "PIRL 900": "20220105", "PIRL 901": "20220805",
    ...     "PIRL 923": "00", "PIRL 1300": "1", "PIRL 1301": "College", "PIRL 1305": "480508",
    ...     "PIRL 1602": "1", "PIRL 1606": "1", "PIRL 1704": "6200", "CALC4000": "TX",
    ...     "CALC4006": "0", "CALC4020": "4"}
    >>> other = {"PIRL 100": "b", "PIRL 1602": "0", "PIRL 1704": ""}
    >>> with tempfile.TemporaryDirectory() as folder, connect() as database:
    ...     path = Path(folder) / "state.csv"
    ...     pd.DataFrame([row, row | other]).to_csv(path, index=False)
    ...     records = read_wioa_records(path, Path(folder) / "typed.parquet")
    ...     frame = program_outcomes(database, used_records(records))
    >>> frame.loc[frame["quarter"] == 2, ["program_key", "metric", "value", "n"]].values.tolist()[1]
    ['TX:College:48.0508', 'employed_share', 0.5, 2.0]
    """
    layout = wioa_layout()
    universe = layout.universe
    names = group.split(" and ") if group else []
    labels = [f"coalesce({layout.grouping(name).label}, 'not reported')" for name in names]
    shown = " || ' ' || ".join(labels) or "'all'"
    source = (
        f"(SELECT *, {shown} AS label FROM {relation} WHERE ({universe.participant}) AND "
        f"({universe.exiter}) AND NOT ({universe.exclusion}) AND received_training = '1' "
        "AND provider IS NOT NULL AND cip_code IS NOT NULL)"
    )
    parts = []
    for quarter, horizon in _HORIZON.items():
        parts += [
            f"SELECT provider, cip_code, state, label, {quarter} AS quarter, '{horizon}' AS "
            f"horizon, '{metric}' AS metric, {value} FILTER ({which}) AS value, "
            f"CAST(count(*) FILTER ({which}) AS DOUBLE) AS n FROM {source} GROUP BY ALL"
            for metric, value, which in _measures(quarter)
        ]
    frame = database.execute(
        f"SELECT * FROM ({' UNION ALL '.join(parts)}) "
        "ORDER BY state, provider, cip_code, label, metric, quarter"
    ).df()
    frame["program_key"] = frame["state"] + ":" + frame["provider"] + ":" + frame["cip_code"]
    frame["provider_id"] = frame["state"] + ":" + frame["provider"]
    frame["source_id"] = "wioa_records"
    if group:
        frame = frame.rename(columns={"label": "group"}).assign(by=group)
        return checked(frame, "program_group_outcomes", "WIOA Performance Records")
    return checked(frame, "program_outcomes", "WIOA Performance Records")


def _measures(quarter: int) -> list[tuple[str, str, str]]:
    """SQL of each metric of a quarter after exit: its name, its value, whom it counts."""
    employed, wage = f"employed_q{quarter}", f"wage_after_{quarter}"
    known = f"{employed} IN ('0', '1')"
    share = f"avg(CAST({employed} = '1' AS DOUBLE))"
    rows = [
        ("employed_share", share, known),
        ("average_quarterly_wage", f"avg({wage})", f"{employed} = '1' AND {wage} > 0"),
    ]
    if quarter == 4:
        rows.append(("retention_share", share, f"employed_q2 = '1' AND {known}"))
    return rows
