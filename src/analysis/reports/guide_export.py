"""The guide's data for other systems: as JSON by a published schema, and as CTDL linked data.

The Credential Transparency Description Language (CTDL, credreg.net) has terms for programs,
providers, costs and occupations, and its QData layer for outcomes, which a learning program may
not carry itself. It has none for a tier, a gap of skills or a reason: those stand in the first
document only. What is not known is left out of both, never written as zero.
"""

import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from importlib import resources
from typing import Any, TypeAlias

import pandas as pd

from analysis.framework import Framework

Entry: TypeAlias = dict[str, Any]

# identifiers are made from names, so that the same program has the same one in every export;
# they are not CTIDs, which only a registry gives
_SPACE = uuid.uuid5(uuid.NAMESPACE_URL, "https://credreg.net/ctdl/terms/LearningProgram")
_CONTEXT = "https://credreg.net/ctdl/schema/context/json"
_SOC, _CIP = "https://www.bls.gov/soc/2018/", "https://nces.ed.gov/ipeds/cipcode/"
_DELIVERY = {
    "In-person": "deliveryType:InPerson",
    "Hybrid": "deliveryType:BlendedDelivery",
    "Distance Education": "deliveryType:OnlineOnly",
}
SCHEMA_FILE = "guide.schema.json"


def guide_schema() -> Entry:
    """JSON Schema (2020-12) of :func:`guide_document`.

    Returns
    -------
    dict
        As it stands in the package; a new one each time.

    Examples
    --------
    >>> guide_schema()["required"][:3]
    ['schema', 'framework', 'sources']
    """
    path = resources.files("analysis.reports") / "template" / SCHEMA_FILE
    return dict(json.loads(path.read_text("utf-8")))


def guide_document(
    pair: Mapping[str, Any],
    parts: Mapping[str, pd.DataFrame],
    place: str,
    framework: Framework,
    sources: Sequence[str],
) -> Entry:
    """Everything that the guide shows, in the workbench's own words.

    Parameters
    ----------
    pair : mapping
        ``origin_title``, ``target_title`` and ``target_code`` (O*NET-SOC).
    parts : mapping of str to DataFrame
        ``strengths``, ``new_tasks``, ``gaps``, ``technology``, ``programs``: as the guide shows
        them.
    place : str
    framework : Framework
    sources : sequence of str
        Releases of the data.

    Returns
    -------
    dict
        Valid under :func:`guide_schema`.

    Examples
    --------
    What is not known of a program is left out:

    >>> from analysis.framework import load_framework
    >>> pair = {"origin_title": "Cashiers", "target_title": "Welders", "target_code": "51-4121.00"}
    >>> programs = pd.DataFrame({"program": ["Welding"], "cost": [None], "weeks": [12]})
    >>> nothing = dict.fromkeys(["strengths", "new_tasks", "gaps", "technology"], pd.DataFrame())
    >>> found = guide_document(pair, nothing | {"programs": programs}, "Ohio", load_framework(), [])
    >>> found["target"], found["programs"]
    ({'title': 'Welders', 'soc_code': '51-4121.00'}, [{'program': 'Welding', 'weeks': 12}])
    """
    wanted = {
        "strengths": ["strength", "kind", "why"],
        "new_tasks": ["task"],
        "gaps": ["element", "domain", "gap", "interval_low", "interval_high", "probability"],
        "technology": ["commodity_title", "examples"],
        "programs": [
            *("position", "program_key", "program", "provider", "credential", "cip_code", "city"),
            *("state", "cost", "payback_months", "weeks", "delivery", "match", "covered", "tier"),
            *("tier_probability", "runner_up", "estimate", "n", "rated_as", "why_not", "reason"),
        ],
    }
    return {
        "schema": SCHEMA_FILE,
        "framework": f"{framework.about.title}, {framework.about.version}",
        "sources": list(sources),
        "place": place,
        "origin": {"title": str(pair["origin_title"])},
        "target": {
            "title": str(pair["target_title"]),
            "soc_code": str(pair["target_code"]),
        },
        **{
            name: [
                _known({column: row[column] for column in columns if column in row})
                for row in parts[name].to_dict("records")
            ]
            for name, columns in wanted.items()
        },
    }


def ctdl_document(
    pair: Mapping[str, Any], programs: pd.DataFrame, outcomes: pd.DataFrame, framework: Framework
) -> Entry:
    """Programs of the guide, their providers and their published outcomes as CTDL and QData.

    Parameters
    ----------
    pair : mapping
        As for :func:`guide_document`.
    programs : DataFrame
        Programs shown.
    outcomes : DataFrame
        Rated programs: ``program_key``, ``earnings`` (dollars a year, mean or median as
        ``metric`` says), ``n``, ``horizon``, ``source_id``. Only a program's own outcomes are
        exported, never those lent by its college.
    framework : Framework

    Returns
    -------
    dict
        JSON-LD; programs are ``ceterms:LearningProgram``, outcomes ``qdata:DataSetProfile``.

    Examples
    --------
    >>> from analysis.framework import load_framework
    >>> pair = {"target_title": "Welders", "target_code": "51-4121.00"}
    >>> programs = pd.DataFrame({"program_key": ["w"], "program": ["Welding"],
    ...     "provider": ["College"], "cip_code": ["48.0508"], "cost": [900.0],
    ...     "weeks": [12], "delivery": ["Hybrid"]})
    >>> rated = pd.DataFrame({"program_key": ["w"], "earnings": [41_000.0], "n": [60],
    ...     "horizon": "quarter 4", "source_id": "list", "metric": "median_earnings"})
    >>> graph = ctdl_document(pair, programs, rated, load_framework())["@graph"]
    >>> [entry["@type"].split(":")[1] for entry in graph]
    ['CredentialOrganization', 'LearningProgram', 'DataSetProfile', 'Metric', 'Observation']
    >>> graph[-1]["qdata:median"], graph[-1]["qdata:sizeOfData"]
    (41000.0, 60)
    """
    graph: list[Entry] = []
    for provider in dict.fromkeys(programs["provider"]):
        graph.append(
            {
                "@id": _id("provider", provider),
                "@type": "ceterms:CredentialOrganization",
                "ceterms:name": _english(provider),
            }
        )
    own = outcomes[outcomes["earnings"].notna() & outcomes["n"].notna()]
    known = own.drop_duplicates("program_key").set_index("program_key")
    for program in programs.to_dict("records"):
        entry = _program(program, pair)
        graph.append(entry)
        if program["program_key"] in known.index:
            found = known.loc[program["program_key"]]
            profile = _data_set(program, found, framework)
            entry["qdata:relevantDataSet"] = [profile[0]["@id"]]
            graph += profile
    return {"@context": _CONTEXT, "@graph": graph}


def _program(program: Mapping[str, Any], pair: Mapping[str, Any]) -> Entry:
    entry: Entry = {
        "@id": _id("program", program["program_key"]),
        "@type": "ceterms:LearningProgram",
        "ceterms:name": _english(program["program"]),
        "ceterms:offeredBy": [_id("provider", program["provider"])],
        "ceterms:occupationType": [
            _alignment(_SOC, "Standard Occupational Classification 2018",
                       str(pair["target_code"])[:7], pair["target_title"])
        ],
        "ceterms:instructionalProgramType": [
            _alignment(_CIP, "Classification of Instructional Programs 2020",
                       program["cip_code"], "")
        ],
    }  # fmt: skip
    if pd.notna(program["cost"]):
        entry["ceterms:estimatedCost"] = [
            {
                "@type": "ceterms:CostProfile",
                "ceterms:name": _english("Tuition, fees and required books, before aid"),
                "ceterms:price": float(program["cost"]),
                "ceterms:currency": "USD",
            }
        ]
    if pd.notna(program["weeks"]):
        entry["ceterms:estimatedDuration"] = [
            {
                "@type": "ceterms:DurationProfile",
                "ceterms:exactDuration": f"P{int(program['weeks'])}W",
            }
        ]
    if (delivery := _DELIVERY.get(str(program["delivery"]))) is not None:
        entry["ceterms:deliveryType"] = [
            {
                "@type": "ceterms:CredentialAlignmentObject",
                "ceterms:frameworkName": _english("Delivery Type"),
                "ceterms:targetNode": delivery,
            }
        ]
    return entry


def _data_set(program: Mapping[str, Any], found: pd.Series, framework: Framework) -> list[Entry]:
    """Profile of the data set, its metric and its one observation."""
    key = program["program_key"]
    place = {part: _id(part, key) for part in ("data set", "metric", "observation")}
    is_median = "median" in str(found["metric"])
    kind = "Median" if is_median else "Mean"
    minimum = framework.disclosure.minimum_cell
    return [
        {
            "@id": place["data set"],
            "@type": "qdata:DataSetProfile",
            "ceterms:name": _english(f"Published outcomes of {program['program']}"),
            "ceterms:description": _english(
                f"Earnings of people who completed, {found['horizon']}; source "
                f"{found['source_id']}. A level of earnings, not an effect of the program."
            ),
            "qdata:relevantDataSetFor": [_id("program", key)],
            "qdata:dataSuppressionPolicy": _english(
                f"Nothing is shown about fewer than {minimum} people."
            ),
            "qdata:hasMetric": [place["metric"]],
            "qdata:hasObservation": [place["observation"]],
        },
        {
            "@id": place["metric"],
            "@type": "qdata:Metric",
            "ceterms:name": _english(f"{kind} earnings, dollars a year"),
            "ceterms:description": _english(f"{kind} of earnings, {found['horizon']}."),
        },
        {
            "@id": place["observation"],
            "@type": "qdata:Observation",
            "qdata:isObservationOf": place["metric"],
            "qdata:median" if is_median else "qdata:mean": float(found["earnings"]),
            "schema:currency": "USD",
            "qdata:sizeOfData": int(found["n"]),
        },
    ]


def _alignment(framework: str, name: str, code: str, title: str) -> Entry:
    entry: Entry = {
        "@type": "ceterms:CredentialAlignmentObject",
        "ceterms:framework": framework,
        "ceterms:frameworkName": _english(name),
        "ceterms:codedNotation": str(code),
    }
    return entry | ({"ceterms:targetNodeName": _english(title)} if title else {})


def _english(words: Any) -> Entry:
    return {"en-US": str(words)}


def _id(kind: str, name: Any) -> str:
    return f"urn:uuid:{uuid.uuid5(_SPACE, f'{kind}: {name}')}"


def _known(row: Mapping[str, Any]) -> Entry:
    """A row without what is not known; numbers as plain numbers."""
    return dict(_plain(row))


def _plain(row: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in row.items():
        if value is None or value is pd.NA or (not isinstance(value, str) and pd.isna(value)):
            continue
        if isinstance(value, str):
            if value:
                yield name, value
        else:
            yield name, value.item() if hasattr(value, "item") else value
