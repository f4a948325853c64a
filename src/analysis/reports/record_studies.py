"""People of the federal WIOA records as a study: trained, against search assistance only."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from analysis.effects import Scores
from analysis.effects.matched_cells import earnings_bands
from analysis.errors import WorkbenchError
from analysis.framework import Framework
from analysis.reports.effect_studies import chosen_trials, trial_effects, trial_scores
from analysis.reports.study import Study
from analysis.tables.trials import Trial
from analysis.tables.wioa_account import require_usable
from analysis.tables.wioa_extracts import effect_participants
from analysis.tables.wioa_layout import wioa_layout
from analysis.tables.wioa_records import connect, used_records

SIMULATED_PEOPLE = 40_000
BEFORE = {-3: "wage_before_3", -2: "wage_before_2", -1: "wage_before_1"}
AFTER = {quarter: f"wage_after_{quarter}" for quarter in (1, 2, 3, 4)}
OUTCOME = AFTER[4]


@dataclass(frozen=True)
class RecordStudy:
    """Records read as a study.

    Attributes
    ----------
    trial : Trial
        Everyone whose wage in quarter 4 is known; ``assigned`` holds the others too.
    truth : DataFrame or None
        Of a simulated state: ``race``, ``gender`` and true mean effects ``effect_q1`` to
        ``effect_q4`` on the trained. None for real records, of which nobody knows it.
    """

    trial: Trial
    truth: pd.DataFrame | None

    @property
    def word(self) -> str:
        """What the records are, for captions."""
        return "WIOA records" if self.truth is None else "SIMULATED records"


def studies_of(study: Study) -> tuple[list[Trial], RecordStudy | None]:
    """What the report is about: an own file, own WIOA records, or the trials at hand.

    Parameters
    ----------
    study : Study
        Its parameters ``participants`` and ``wioa`` name the user's files; empty where none is.

    Returns
    -------
    tuple of list of Trial, RecordStudy or None
        The studies whose effects are shown, and the records that are read quarter by quarter
        (the user's, or a simulated state; none beside a file of the user's own participants).

    Raises
    ------
    WorkbenchError
        Where both files are given, or one cannot be used.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> both = SimpleNamespace(parameters={"participants": "people.csv", "wioa": "records.csv"})
    >>> try:
    ...     studies_of(both)
    ... except WorkbenchError as error:
    ...     print(error)
    parameters 'participants' and 'wioa': both name a file. Run the notebook once for each.
    """
    participants, path = str(study.parameters["participants"]), str(study.parameters["wioa"])
    if participants and path:
        raise WorkbenchError(
            "parameters 'participants' and 'wioa': both name a file",
            "Run the notebook once for each.",
        )
    records = None if participants else _record_study(study, path)
    if records is not None:
        records = replace(records, trial=_in_categories(study, records.trial))
    if path and records is not None:
        return [records.trial], records
    return [_in_categories(study, trial) for trial in chosen_trials(study)], records


def _in_categories(study: Study, trial: Trial) -> Trial:
    return replace(trial, frame=study.in_categories(trial.frame))


def _record_study(study: Study, path: str) -> RecordStudy:
    """Read WIOA records, or a simulated state in their layout where no file is given.

    Parameters
    ----------
    study : Study
    path : str
        The user's file; empty: simulated, and said so on the first screen.

    Returns
    -------
    RecordStudy

    Raises
    ------
    WorkbenchError
        For a file that cannot be read, or in which too many rows are rejected or an arm is empty.
    """
    records, truth = study.wioa_records_and_truth(path, SIMULATED_PEOPLE)
    require_usable(records, study.framework.quality.largest_rejected_share, path or "simulated")
    with connect() as database:
        people = effect_participants(database, used_records(records))
    return RecordStudy(record_trial(people, study.framework, real=truth is None), truth)


def scored(record: RecordStudy, framework: Framework) -> tuple[Scores, pd.DataFrame]:
    """Influence values of everyone in the records, and their effects by group.

    Parameters
    ----------
    record : RecordStudy
    framework : Framework

    Returns
    -------
    tuple of Scores, DataFrame
        Of cross-fitted AIPW for the outcome in quarter 4; effects by group as of
        :func:`analysis.reports.effect_studies.trial_effects`, dollars a quarter.

    Raises
    ------
    WorkbenchError
        Where an arm has fewer people than there are folds.

    Examples
    --------
    >>> from analysis.framework import load_framework
    >>> before = np.arange(80) % 20 * 100.0
    >>> people = pd.DataFrame({"treated": np.repeat([0, 1], 40), "race": "white", "stratum": "",
    ...     "before": before, OUTCOME: before + np.repeat([0.0, 500.0], 40)})
    >>> trial = Trial("wioa", "", "", people, "", {OUTCOME: ""}, {}, OUTCOME, ("before",))
    >>> scores, table = scored(RecordStudy(trial, None), load_framework())
    >>> adjusted = table[table["estimator"] == "AIPW"].round({"estimate": -1})
    >>> scores.target, adjusted[["group", "estimate"]].values.tolist()
    ('everyone', [['all', 500.0], ['white', 500.0]])
    """
    scores = trial_scores(record.trial, OUTCOME, framework.estimation)
    if scores is None:
        raise WorkbenchError(
            "WIOA records: too few trained or untrained people to compare",
            f"At least {framework.estimation.folds} of both are needed.",
        )
    return scores, trial_effects(record.trial, OUTCOME, framework, scores)


def record_trial(people: pd.DataFrame, framework: Framework, *, real: bool) -> Trial:
    """Table ``wioa_participants`` as a comparison of the trained with the merely assisted.

    Parameters
    ----------
    people : DataFrame
        Of :func:`analysis.tables.wioa_extracts.effect_participants`.
    framework : Framework
        Its ``record_matching`` says what people are matched on.
    real : bool

    Returns
    -------
    Trial
        Covariates: wages before entry and whether there were any, barriers, and indicators of
        state, quarter of entry, schooling, age group and occupation before; for the placebo the
        wage in the last quarter before entry is predicted from the others.

    Raises
    ------
    WorkbenchError
        Where the wage in quarter 4 is known for trained or for untrained people only.

    Examples
    --------
    >>> from analysis.framework import load_framework
    >>> layout = {group.id: 0 for group in wioa_layout().groups if group.barrier}
    >>> people = pd.DataFrame({"treated": [1, 1, 0, 0], "state": ["NJ", "TX"] * 2,
    ...     "entry_quarter": "2020 Q1", "schooling_level": "degree", "age_group": "25 to 44",
    ...     "occupation_group": "11", **layout, **dict.fromkeys(BEFORE.values(), 3000.0),
    ...     OUTCOME: [5000.0, None, 4000.0, 0.0]})
    >>> trial = record_trial(people, load_framework(), real=False)
    >>> len(trial.frame), len(trial.assigned), trial.title[:22], trial.covariates[-1]
    (3, 4, 'SIMULATED WIOA records', 'state: TX')
    """
    barriers = [group.id for group in wioa_layout().groups if group.barrier]
    frame = people.assign(
        trial="wioa",
        barriers=np.minimum(people[barriers].sum(axis=1), 2).astype("int64"),
        **{f"no_{name}": (people[name] == 0).astype("float64") for name in BEFORE.values()},
    )
    rules = framework.record_matching
    frame["earnings_band"] = earnings_bands(frame[list(BEFORE.values())].sum(axis=1), rules.bands)
    frame["last_quarter_band"] = earnings_bands(frame[BEFORE[-1]], rules.last_quarter_bands)
    kinds = ["state", "entry_quarter", "schooling_level", "age_group", "occupation_group"]
    dummies = pd.get_dummies(frame[kinds], prefix_sep=": ", drop_first=True).astype("float64")
    frame = pd.concat([frame, dummies], axis=1)
    known = frame[frame[OUTCOME].notna()].reset_index(drop=True)
    if known["treated"].nunique() < 2:
        raise WorkbenchError(
            "WIOA records: the wage in quarter 4 is known for trained or for untrained people only",
            "Give records with both: people trained, and people with search assistance only.",
        )
    what = "" if real else "SIMULATED "
    return Trial(
        key="wioa",
        title=f"{what}WIOA records: trained, against search assistance only",
        about="People who sought services: those who trained, and those who had help with their "
        "job search only (the comparison of NBER working paper 34174); nobody drew lots.",
        frame=known,
        horizon="quarter 4 after exit",
        outcomes={OUTCOME: "dollars in quarter 4 after exit, 0 without work"},
        per_year={OUTCOME: 4.0},
        default_outcome=OUTCOME,
        covariates=(
            *BEFORE.values(), *(f"no_{name}" for name in BEFORE.values()), *barriers, *dummies,
        ),
        after_assignment=tuple(AFTER.values()),
        groupings=(("race",), ("gender",), ("race", "gender")),
        design="comparison group, not randomised",
        earlier=BEFORE[-1],
        made_of_earlier=(BEFORE[-1], f"no_{BEFORE[-1]}"),
        assigned=frame if len(known) < len(frame) else None,
    )  # fmt: skip
