"""Simulated people as records of the public WIOA file: what is reported, missing and wrong."""

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from analysis.simulate.design import Design
from analysis.simulate.outcomes import Outcomes
from analysis.simulate.people import FIRST_ENTRY, People, Programs
from analysis.simulate.text_columns import BLANK, dates, lacking, take, whole
from analysis.tables.wioa_layout import wioa_layout


def reported(
    design: Design,
    people: People,
    outcomes: Outcomes,
    programs: Programs,
    first_id: int,
    state: str,
    random: np.random.Generator,
) -> tuple[pa.Table, dict[str, int]]:
    """Text of the records, every element of the layout in its order, and the errors put in.

    Parameters
    ----------
    design : Design
    people : People
    outcomes : Outcomes
        Of the same people, in their order.
    programs : Programs
    first_id : int
        Number of the first person.
    state : str
        Postal abbreviation.
    random : Generator

    Returns
    -------
    tuple of Table and dict
        Rows that repeat an earlier record come last. The dict counts, by kind, the rows and
        cells that were made wrong or missing on purpose.

    Examples
    --------
    >>> from analysis.simulate.design import default_design
    >>> from analysis.simulate.outcomes import draw_outcomes
    >>> from analysis.simulate.people import draw_people, draw_programs
    >>> design, random = default_design(), np.random.default_rng(1)
    >>> programs = draw_programs(design, 1)
    >>> people = draw_people(design, programs, 200, random)
    >>> outcomes = draw_outcomes(design, people, programs, random)
    >>> table, errors = reported(design, people, outcomes, programs, 0, "ZZ", random)
    >>> table.num_rows - errors["repeated records"]
    200
    >>> table.num_columns == len(wioa_layout().about.numbers)
    True
    """
    errors: dict[str, int] = {}
    columns = _person_columns(design, people, first_id, state, random, errors)
    columns |= _training_columns(design, people, outcomes, programs, random, errors)
    columns |= _outcome_columns(design, people, outcomes, random, errors)
    columns |= _publisher_columns(people, columns)
    columns = _without_detail(people, columns)
    _put_errors(design, people, columns, random, errors)
    table = _in_layout_order(columns, len(people))
    repeated = np.flatnonzero(random.random(len(people)) < design.reporting.repeated_record)
    # repeats of rows that are rejected for themselves would be counted twice
    entry = columns["entry_date"]
    whole = [i for i in repeated if columns["sound"][i] == "1" and entry[i] != BLANK]
    errors["repeated records"] = len(whole)
    return pa.concat_tables([table, table.take(pa.array(whole, pa.int64()))]), errors


def _person_columns(
    design: Design,
    people: People,
    first_id: int,
    state: str,
    random: np.random.Generator,
    errors: dict[str, int],
) -> dict[str, np.ndarray]:
    count, report = len(people), design.reporting
    numbers = pa.array(np.arange(first_id, first_id + count))
    ids = pc.utf8_lpad(numbers.cast(pa.string()), 12, "0").to_numpy(zero_copy_only=False)
    sex = take(["1", "2"], people.woman)
    race = take([str(code) for code in range(1, 8)], people.race)
    schooling = take(design.people.schooling_codes, people.schooling)
    jobs = take([entry.code for entry in design.occupations], people.occupation)
    columns = {
        "person": ids,
        "state": take([state], np.zeros(count, dtype="int64")),
        "age": take([str(age) for age in range(81)], people.age),
        "sex": lacking(sex, report.sex_not_reported, random, errors, "sex", "9"),
        "race_ethnicity": lacking(race, report.race_not_reported, random, errors, "race"),
        "schooling": lacking(schooling, report.schooling_not_reported, random, errors, "schooling"),
        "entry_date": dates(people.entry),
        "exit_date": dates(people.exit),
        "reportable_individual": take(["0", "1"], people.reportable),
        "occupation_before": lacking(
            jobs, report.occupation_before_missing, random, errors, "occupation before"
        ),
    }
    columns |= _race_answers(design, columns["race_ethnicity"], first_id)
    for name, flag in people.barriers.items():
        answers = take(["0", "1"], flag)
        columns[name] = lacking(answers, report.barrier_not_reported, random, errors, name)
    excluded = random.random(count) < report.excluded
    errors["excluded from indicators"] = int((excluded & ~people.reportable).sum())
    reason = np.where(excluded, random.integers(1, 4, count), 0)
    columns["exit_reason"] = take(["00", "01", "02", "03"], reason)
    return columns


def _race_answers(
    design: Design, race_ethnicity: np.ndarray, first_id: int
) -> dict[str, np.ndarray]:
    """Answers on ethnicity and race (PIRL 210 to 215) that agree with the publisher's one code.

    Hispanic people state a race or none; people of multiple races state two.
    """
    # a generator of its own: who else the people are does not hang on these answers
    random = np.random.default_rng([first_id, 210])
    names = ("asian", "black", "pacific_islander", "american_indian", "white")
    codes = ("2", "3", "4", "5", "6")
    yes = {name: race_ethnicity == code for name, code in zip(names, codes, strict=True)}
    hispanic, several = race_ethnicity == "1", race_ethnicity == "7"
    draw = random.random(len(race_ethnicity))
    white, black = design.people.hispanic_also_white, design.people.hispanic_also_black
    yes["white"] = yes["white"] | (hispanic & (draw < white)) | several
    yes["black"] = yes["black"] | (hispanic & (draw >= white) & (draw < white + black))
    yes["black"] = yes["black"] | (several & (draw < 0.5))
    yes["american_indian"] = yes["american_indian"] | (several & (draw >= 0.5) & (draw < 0.8))
    yes["asian"] = yes["asian"] | (several & (draw >= 0.8))
    unknown = race_ethnicity == BLANK
    return {
        name: np.where(unknown, "9", take(["0", "1"], flag)).astype(object)
        for name, flag in ({"hispanic": hispanic} | yes).items()
    }


def _training_columns(
    design: Design,
    people: People,
    outcomes: Outcomes,
    programs: Programs,
    random: np.random.Generator,
    errors: dict[str, int],
) -> dict[str, np.ndarray]:
    trained = people.trained
    provider = programs.provider[people.program]
    names = [f"Simulated Provider {number:03d}" for number in range(design.training.providers)]
    completed = lacking(
        take(["0", "1"], outcomes.completed),
        design.reporting.completion_not_reported,
        random,
        errors,
        "completion",
        among=trained & ~people.reportable,
    )
    credential = np.where(outcomes.credential, "6", "0").astype(object)
    blank = np.full(len(people), BLANK, dtype=object)
    return {
        "received_training": take(["0", "1"], trained),
        "provider": np.where(trained, take(names, provider), blank),
        "training_type": np.where(trained, "06", "00").astype(object),
        "cip_code": np.where(trained, take([f.cip for f in design.fields], people.field), blank),
        "training_occupation": np.where(
            trained, take([f.occupation for f in design.fields], people.field), blank
        ),
        "training_completed": np.where(trained, completed, blank),
        "credential": np.where(trained, credential, blank),
        "credential_date": np.where(trained & outcomes.credential, dates(people.exit + 30), blank),
    }


def _outcome_columns(
    design: Design,
    people: People,
    outcomes: Outcomes,
    random: np.random.Generator,
    errors: dict[str, int],
) -> dict[str, np.ndarray]:
    report = design.reporting
    columns = {f"wage_before_{3 - place}": whole(outcomes.before[:, place]) for place in range(3)}
    employed = outcomes.after > 0
    for place in range(4):
        at_work = employed[:, place]
        chance = np.where(
            at_work, report.outcome_missing_employed, report.outcome_missing_not_employed
        )
        missing = random.random(len(people)) < chance
        errors[f"outcome quarter {place + 1}"] = int((missing & ~people.reportable).sum())
        columns[f"employed_q{place + 1}"] = np.where(
            missing, "9", take(["0", "1"], at_work)
        ).astype(object)
        columns[f"wage_after_{place + 1}"] = np.where(
            missing, BLANK, whole(outcomes.after[:, place])
        ).astype(object)
    new = _occupation_after(design, people, outcomes, random)
    gone = random.random(len(people)) < report.occupation_after_missing
    for name, place in (("occupation_after", 0), ("occupation_q2", 1), ("occupation_q4", 3)):
        shown = employed[:, place] & ~gone & (columns[f"employed_q{place + 1}"] == "1")
        columns[name] = np.where(shown, new, BLANK).astype(object)
    return columns


def _occupation_after(
    design: Design, people: People, outcomes: Outcomes, random: np.random.Generator
) -> np.ndarray:
    """Those who completed move to what they trained for with chance .6; others mostly stay."""
    old = take([entry.code for entry in design.occupations], people.occupation)
    aim = take([field.occupation for field in design.fields], people.field)
    others = take(
        [entry.code for entry in design.occupations],
        random.integers(0, len(design.occupations), len(people)),
    )
    moved = people.trained & outcomes.completed & (random.random(len(people)) < 0.6)
    stayed = random.random(len(people)) < 0.65
    return np.where(moved, aim, np.where(stayed, old, others)).astype(object)


def _publisher_columns(people: People, columns: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The publisher's own indicators, by WIOA's rules from what is reported."""
    blank = np.full(len(people), BLANK, dtype=object)
    counted = (columns["exit_reason"] == "00") & ~people.reportable
    result = {}
    for quarter in (2, 4):
        known = counted & (columns[f"employed_q{quarter}"] != "9")
        result[f"employed_q{quarter}_indicator"] = np.where(
            known, columns[f"employed_q{quarter}"], blank
        )
    working = counted & (columns["employed_q2"] == "1")
    result["earnings_q2_indicator"] = np.where(working, columns["wage_after_2"], blank)
    achieved = np.where(columns["credential"] == "6", "1", "0").astype(object)
    result["credential_indicator"] = np.where(counted & people.trained, achieved, blank)
    # program years run from July: 1 July 2020 is the first day of entries
    year = 2020 + (people.exit - FIRST_ENTRY) // 365
    result["program_year_of_exit"] = take([str(2020 + k) for k in range(5)], year - 2020)
    return result


def _without_detail(people: People, columns: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Reportable individuals lack all but who they are."""
    kept = {"person", "state", "reportable_individual", "sex", "race_ethnicity", "age"}
    blank = np.full(len(people), BLANK, dtype=object)
    return {
        name: values if name in kept else np.where(people.reportable, blank, values)
        for name, values in columns.items()
    }


def _put_errors(
    design: Design,
    people: People,
    columns: dict[str, np.ndarray],
    random: np.random.Generator,
    errors: dict[str, int],
) -> None:
    """Rows that must be rejected, and codes that no element has."""
    report, draw = design.reporting, random.random(len(people))
    detailed = ~people.reportable
    turned = detailed & (draw < report.exit_before_entry)
    unread = detailed & ~turned & (draw < report.exit_before_entry + report.unreadable_entry)
    columns["exit_date"][turned] = dates(people.entry[turned] - 400)
    columns["entry_date"][unread] = "2021-13-45"
    wrong = detailed & ~turned & ~unread & (random.random(len(people)) < report.impossible_code)
    columns["sex"][wrong] = "7"
    columns["sound"] = take(["0", "1"], ~turned & ~unread)
    errors["exit before entry"] = int(turned.sum())
    errors["unreadable date of entry"] = int(unread.sum())
    errors["impossible sex code"] = int(wrong.sum())


def _in_layout_order(columns: Mapping[str, np.ndarray], count: int) -> pa.Table:
    layout = wioa_layout()
    by_number = {element.number: element for element in layout.elements}
    nothing = pa.array(np.full(count, None, dtype=object), pa.string())
    names, arrays = [], []
    for number in layout.about.numbers:
        element = by_number.get(number)
        names.append(number if number.startswith("CALC") else f"PIRL {number}")
        if element is None or element.column not in columns:
            arrays.append(nothing)
        else:
            arrays.append(pa.array(columns[element.column], pa.string()))
    return pa.table(arrays, names=names)
