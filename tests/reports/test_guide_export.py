"""The guide as data: valid by its schema, CTDL terms that a validator accepts, nothing invented."""

import json

import numpy as np
import pandas as pd
import pytest
from jsonschema import Draft202012Validator, ValidationError

from analysis.framework import load_framework
from analysis.reports.guide_export import ctdl_document, guide_document, guide_schema

FRAMEWORK = load_framework()
PAIR = {
    "origin_title": "Cashiers", "target_title": "Medical Assistants", "target_code": "31-9092.00"
}  # fmt: skip


def programs() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "position": [1, 2], "program_key": ["tx:1", "tx:2"], "provider": ["Alpha", "Alpha"],
            "program": ["Medical Assisting", "=HYPERLINK(1) <b>مساعد طبي</b>"],
            "credential": ["CCMA", None], "cip_code": ["51.0801", "51.08"], "city": ["Waco", ""],
            "state": "TX", "cost": [5988.0, np.nan], "weeks": [80.0, np.nan],
            "delivery": ["In-person", None], "match": "stated by the list",
            "covered": ["Change dressings on wounds.", ""], "tier": ["A", None],
            "tier_probability": [0.93, np.nan], "runner_up": ["B", None],
            "estimate": [11141.0, np.nan], "n": [35.0, np.nan],
            "rated_as": ["this program", ""], "why_not": ["", "no outcomes are published"],
            "reason": "above the next: costs less",
        }
    )  # fmt: skip


def outcomes() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "program_key": ["tx:1", "elsewhere:9"], "earnings": [41000.0, 90000.0],
            "n": [35.0, 60.0], "metric": "median_annual_earnings",
            "horizon": "4 years after completion", "source_id": "scorecard",
        }
    )  # fmt: skip


def parts() -> dict[str, pd.DataFrame]:
    return {
        "strengths": pd.DataFrame({"strength": ["Speaking"], "kind": ["skill"], "why": [""]}),
        "new_tasks": pd.DataFrame({"task": ["Change dressings on wounds."], "best_cosine": [0.1]}),
        "gaps": pd.DataFrame(
            {"element": ["Medicine"], "domain": ["knowledge"], "gap": [2.98],
             "interval_low": [1.8], "interval_high": [4.1], "probability": [0.99]}
        ),
        "technology": pd.DataFrame({"commodity_title": ["Medical software"], "examples": ["Epic"]}),
        "programs": programs(),
    }  # fmt: skip


def document() -> dict:
    return guide_document(PAIR, parts(), "Waco, TX", FRAMEWORK, ["O*NET 29.2"])


def ctdl() -> dict:
    return ctdl_document(PAIR, programs(), outcomes(), FRAMEWORK)


def of_type(kind: str) -> list[dict]:
    return [entry for entry in ctdl()["@graph"] if entry["@type"] == kind]


def test_the_document_is_valid_by_the_published_schema():
    Draft202012Validator.check_schema(guide_schema())
    Draft202012Validator(guide_schema()).validate(json.loads(json.dumps(document())))


@pytest.mark.parametrize(
    "broken",
    [
        lambda one: one["programs"][0].update(cost=-1),
        lambda one: one["programs"][0].update(tier_probability=1.2),
        lambda one: one["programs"][0].update(n=2),
        lambda one: one["target"].update(soc_code="medical"),
        lambda one: one["programs"][0].pop("reason"),
        lambda one: one.update(another=1),
    ],
)
def test_the_schema_refuses_what_is_wrong(broken):
    wrong = document()
    broken(wrong)
    with pytest.raises(ValidationError):
        Draft202012Validator(guide_schema()).validate(wrong)


def test_what_is_not_known_is_absent_and_never_zero():
    first, second = document()["programs"]
    assert (first["cost"], first["weeks"], first["n"]) == (5988.0, 80.0, 35.0)
    assert not {"cost", "weeks", "tier", "estimate", "n", "credential", "city"} & set(second)
    assert second["why_not"] == "no outcomes are published"
    program = of_type("ceterms:LearningProgram")[1]
    absent = {"ceterms:estimatedCost", "ceterms:estimatedDuration", "ceterms:deliveryType"}
    assert not absent & set(program)
    assert "qdata:relevantDataSet" not in program


def test_text_of_a_program_is_data():
    name = "=HYPERLINK(1) <b>مساعد طبي</b>"
    assert document()["programs"][1]["program"] == name
    assert json.loads(json.dumps(ctdl()))["@graph"][-1]["ceterms:name"]["en-US"] == name


def test_outcomes_hang_on_a_data_set_and_only_on_a_program_s_own():
    (profile,) = of_type("qdata:DataSetProfile")
    (observation,) = of_type("qdata:Observation")
    (metric,) = of_type("qdata:Metric")
    program = of_type("ceterms:LearningProgram")[0]
    assert program["qdata:relevantDataSet"] == [profile["@id"]]
    assert profile["qdata:relevantDataSetFor"] == [program["@id"]]
    assert observation["qdata:isObservationOf"] == metric["@id"]
    assert (observation["qdata:median"], observation["qdata:sizeOfData"]) == (41000.0, 35)
    assert "not an effect" in profile["ceterms:description"]["en-US"]
    assert "90000" not in json.dumps(ctdl())


def test_identifiers_are_those_of_the_last_export_and_no_registry_s():
    assert ctdl() == ctdl()
    text = json.dumps(ctdl())
    assert "ceterms:ctid" not in text
    ids = [entry["@id"] for entry in ctdl()["@graph"]]
    assert len(set(ids)) == len(ids)
    assert len(of_type("ceterms:CredentialOrganization")) == 1


def test_a_validator_of_ctdl_finds_nothing(tmp_path, capsys):
    cli = pytest.importorskip("ctdl_validate.cli", reason="ctdl-validate asks for Python 3.12")
    path = tmp_path / "guide.json"
    path.write_text(json.dumps(ctdl()))
    assert cli.main([str(path), "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["findings"] == []
    # a program that another program offers is an error, so that the check can fail
    wrong = ctdl()
    wrong["@graph"][1]["ceterms:offeredBy"] = [wrong["@graph"][-1]["@id"]]
    path.write_text(json.dumps(wrong))
    assert cli.main([str(path), "--format", "json"]) != 0
