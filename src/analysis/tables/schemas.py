"""What each typed table must look like; a reader's last line is ``checked(frame, name)``."""

import numpy as np
import pandas as pd
import pandera.pandas as pa

from analysis.errors import WorkbenchError

_ONET = pa.Check.str_matches(r"^\d{2}-\d{4}\.\d{2}$")
_SOC = pa.Check.str_matches(r"^\d{2}-\d{4}$")
_CIP = pa.Check.str_matches(r"^\d{2}\.\d{2}(\d{2})?$")


def _text(*checks: pa.Check, nullable: bool = False) -> pa.Column:
    return pa.Column("str", list(checks), nullable=nullable)


def _number(
    low: float | None = None, high: float | None = None, nullable: bool = True
) -> pa.Column:
    checks = [pa.Check.ge(low)] if low is not None else []
    checks += [pa.Check.le(high)] if high is not None else []
    return pa.Column("float64", checks, nullable=nullable)


_FLAG = pa.Column("boolean", nullable=True)

SCHEMAS: dict[str, dict[str, pa.Column]] = {
    "occupations": {
        "onet_soc_code": pa.Column("str", _ONET, unique=True),
        "title": _text(),
        "description": _text(),
    },
    "tasks": {
        "onet_soc_code": _text(_ONET),
        "title": _text(),
        "task_id": _text(nullable=True),
        "task": _text(),
        "task_type": _text(nullable=True),
    },
    "ratings": {
        "onet_soc_code": _text(_ONET),
        "domain": _text(pa.Check.isin(["skills", "knowledge"])),
        "element_id": _text(),
        "element": _text(),
        "scale_id": _text(pa.Check.isin(["IM", "LV"])),
        "value": _number(0, 7, nullable=False),
        "n": pa.Column("Int64", pa.Check.ge(0), nullable=True),
        "standard_error": _number(0),
        "recommend_suppress": _FLAG,
        "not_relevant": _FLAG,
    },
    "related_occupations": {
        "onet_soc_code": _text(_ONET),
        "related_onet_soc_code": _text(_ONET),
        "tier": _text(pa.Check.isin(["Primary-Short", "Primary-Long", "Supplemental"])),
        "rank": pa.Column("int64", pa.Check.in_range(1, 20)),
    },
    "job_zones": {
        "onet_soc_code": pa.Column("str", _ONET, unique=True),
        "job_zone": pa.Column("int64", pa.Check.in_range(1, 5)),
    },
    "education": {
        "onet_soc_code": _text(_ONET),
        "category": pa.Column("int64", pa.Check.in_range(1, 12)),
        "percent": _number(0, 100),
    },
    "alternate_titles": {"onet_soc_code": _text(_ONET), "alternate_title": _text()},
    "work_activities": {
        "onet_soc_code": _text(_ONET),
        "task_id": _text(),
        "dwa_id": _text(),
        "dwa_title": _text(),
    },
    "technology_skills": {
        "onet_soc_code": _text(_ONET),
        "example": _text(),
        "commodity_code": _text(pa.Check.str_matches(r"^\d{8}$")),
        "commodity_title": _text(),
        "hot_technology": pa.Column("bool"),
        "in_demand": pa.Column("bool"),
    },
    "wages": {
        "area_code": _text(pa.Check.str_matches(r"^\d{7}$")),
        "area_name": _text(),
        "area_type": _text(pa.Check.isin(["national", "state", "metropolitan", "nonmetropolitan"])),
        "state_fips": _text(pa.Check.str_matches(r"^\d{2}$")),
        "soc_code": _text(_SOC),
        "occupation_title": _text(),
        "employment": _number(0),
        "annual_mean": _number(0),
        "annual_mean_rse": _number(0),
        **{f"annual_{q}": _number(0) for q in ("p10", "p25", "median", "p75", "p90")},
    },
    "programs": {
        "program_key": pa.Column("str", unique=True),
        "list_name": _text(),
        "provider_id": _text(),
        "provider": _text(),
        "program": _text(),
        "description": _text(),
        "cip_code": _text(_CIP, nullable=True),
        "cip_title": _text(nullable=True),
        "stated_soc_codes": _text(),
        "credential": _text(),
        "cost": _number(0),
        "weeks": _number(0),
        "hours": _number(0),
        "delivery": _text(),
        "city": _text(),
        "county": _text(),
        "state": _text(),
        "public_transit": _text(),
        "child_care": _text(),
    },
    "program_outcomes": {
        "program_key": _text(nullable=True),
        "provider_id": _text(),
        "provider": _text(nullable=True),
        "cip_code": _text(_CIP),
        "state": _text(),
        "quarter": pa.Column("int64", pa.Check.ge(0)),
        "horizon": _text(),
        "metric": _text(),
        "value": _number(0),
        "n": _number(0),
        "source_id": _text(),
    },
    "cip_soc": {
        "cip_code": _text(_CIP),
        "cip_title": _text(),
        "soc_code": _text(_SOC),
        "soc_title": _text(),
    },
    "esco_skills": {"esco_occupation": _text(), "skill": _text()},
    "esco_onet": {"esco_occupation": _text(), "onet_soc_code": _text(_ONET)},
    "workforce": {
        "occupation_title": pa.Column("str", unique=True),
        "employed": _number(0),
        **{name: _number(0, 1) for name in ("women", "white", "black", "asian", "hispanic")},
    },
    "etp_programs": {
        "state": _text(),
        "provider": _text(),
        "program": _text(),
        "cip_code": _text(_CIP, nullable=True),
        "potential_outcomes": _text(),
        "kind": _text(),
        "exempt": pa.Column("bool"),
        **{name: _number(0) for name in ("served", "exited", "completed", "credentials")},
        "employed_q2": _number(0),
        "employed_q4": _number(0),
        "wioa_employed_q2": _number(0),
        "wioa_employed_q4": _number(0),
        "denominator_q2": _number(0),
        "denominator_q4": _number(0),
        "wioa_denominator_q2": _number(0),
        "wioa_denominator_q4": _number(0),
        "published_percent_q2": _number(0),
        **{
            f"{who}share_{quarter}": _number(0, 1)
            for who in ("", "wioa_")
            for quarter in ("q2", "q4")
        },
        "median_earnings_q2": _number(0),
        **{name: _number(0) for name in ("tuition", "supplies", "cost", "weeks", "hours")},
        "listed": _text(),
        "warned": pa.Column("bool"),
    },
    "quality_findings": {
        "appendix": _text(pa.Check.isin(["B", "C"])),
        "elements": _text(),
        "element_name": _text(),
        "state": _text(pa.Check.str_matches(r"^([A-Z]{2}|ALL)$")),
        "problem": _text(),
        "action": _text(),
    },
    "observed_moves": {
        "origin_soc_code": _text(_SOC),
        "target_soc_code": _text(_SOC),
        "after": _text(pa.Check.isin(["any", "quarter 2", "quarter 4"])),
        "level": _text(pa.Check.isin(["detailed", "minor", "major"])),
        "trained": pa.Column("bool"),
        "people": pa.Column("int64", pa.Check.ge(1)),
    },
    "wioa_participants": {
        "person": _text(),
        "state": _text(pa.Check.str_length(2, 2)),
        "treated": pa.Column("int64", pa.Check.isin([0, 1])),
        "stratum": _text(),
        **{
            name: _text()
            for name in (
                *("entry_quarter", "occupation_group", "field", "program"),
                *("race", "gender", "schooling_level", "age_group"),
                *("hispanic", "american_indian", "asian", "black", "pacific_islander", "white"),
            )
        },
        "age": _number(0, 110),
        **{
            name: pa.Column("int64", pa.Check.isin([0, 1]))
            for name in (
                "homeless",
                "ex_offender",
                "low_income",
                "english_learner",
                "basic_skills_deficient",
                "cultural_barriers",
                "single_parent",
                "displaced_homemaker",
                "disability",
            )
        },
        **{f"wage_before_{quarter}": _number(0, nullable=False) for quarter in (3, 2, 1)},
        **{f"wage_after_{quarter}": _number(0) for quarter in (1, 2, 3, 4)},
    },
    "state_report": {
        "state": _text(pa.Check.str_length(2, 2)),
        **{name: _text() for name in ("stream", "period", "by", "group")},
        "served": _number(0),
        "exited": _number(0),
        **{
            f"{share}{part}": _number(0)
            for share in ("employed_q2", "employed_q4", "credential", "skill_gains")
            for part in ("", "_of", "_rate")
        },
        "median_earnings_q2": _number(0),
    },
    "soc_2010_to_2018": {"soc_2010_code": _text(_SOC), "soc_2018_code": _text(_SOC)},
}

SCHEMAS["program_group_outcomes"] = {
    **SCHEMAS["program_outcomes"],
    "by": _text(),
    "group": _text(),
}


def checked(frame: pd.DataFrame, name: str, file: str) -> pd.DataFrame:
    """The frame with exactly the columns and types of a table, or one error that names the fault.

    Parameters
    ----------
    frame : DataFrame
        As a reader made it.
    name : str
        Table in ``SCHEMAS``.
    file : str
        File it was read from, for the error.

    Returns
    -------
    DataFrame
        Columns of the table in its order and with its types, index from 0; other columns are left
        out.

    Raises
    ------
    WorkbenchError
        Naming the file, the column and the first bad value.

    Examples
    --------
    >>> zones = pd.DataFrame({"job_zone": ["2"], "onet_soc_code": ["51-3011.00"], "more": [0]})
    >>> checked(zones, "job_zones", "zones.xlsx").values.tolist()
    [['51-3011.00', 2]]
    >>> checked(zones.assign(onet_soc_code="51-3011"), "job_zones", "zones.xlsx")
    Traceback (most recent call last):
    analysis.errors.WorkbenchError: zones.xlsx, column onet_soc_code: '51-3011' fails ...
    """
    schema = pa.DataFrameSchema(SCHEMAS[name], strict=True, coerce=True)
    try:
        return schema.validate(frame[list(SCHEMAS[name])].reset_index(drop=True), lazy=True)
    except KeyError as error:
        raise WorkbenchError(
            f"{file}: column {error} is missing", "The publisher's layout has changed."
        ) from None
    except pa.errors.SchemaErrors as error:
        first, count = error.failure_cases.iloc[0], len(error.failure_cases)
        value = first["failure_case"]
        # as a file holds it, without the name of the library that counts with it
        plain = value.item() if isinstance(value, np.generic) else value
        raise WorkbenchError(
            f"{file}, column {first['column']}: {plain!r} fails {first['check']} "
            f"({count:,} fault{'' if count == 1 else 's'} in all)",
            "The file is of another layout than table "
            f"'{name}' expects; check its release against the catalogue.",
        ) from None
