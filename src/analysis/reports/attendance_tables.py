"""What the program did for those who attended, and what it cost for each dollar gained."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from analysis.effects import cost_per_dollar_gained, take_up_effect
from analysis.errors import WorkbenchError
from analysis.framework import Framework
from analysis.reports.effect_hiding import all_shown, hidden_groups
from analysis.reports.html_tables import Column
from analysis.reports.words import number, text
from analysis.tables.trials import Trial

ATTENDANCE_COLUMNS = {
    "group": Column("Group"),
    "offer_effect": Column("Effect of the offer (dollars)", "cents"),
    "take_up": Column("Attended because offered", "share"),
    "estimate": Column("Effect on those who attended (dollars)", "cents"),
    "standard_error": Column("Standard error", "cents"),
    "interval_low": Column("Interval, from", "cents"),
    "interval_high": Column("to", "cents"),
    "robust_low": Column("Anderson-Rubin interval, from", "cents"),
    "robust_high": Column("to (AR)", "cents"),
    "first_stage_f": Column("First-stage F", "number"),
    "people": Column("People", "count"),
    "remark": Column("Remark"),
}
NEEDED = (
    "No study here records who attended, so that the effect on those who did cannot be told. An "
    "own file tells it by the parameter 'attended', and cost per dollar gained by 'cost'."
)


def _groups_of(trial: Trial) -> dict[str, list[tuple[str, pd.DataFrame]]]:
    """Everyone, and the groups of each kind, as (name, people), by kind of group."""
    found: dict[str, list[tuple[str, pd.DataFrame]]] = {"all": [("all", trial.frame)]}
    for kind in trial.groupings:
        parts = trial.frame.groupby(list(kind), observed=True, sort=True)
        found[" x ".join(kind)] = [
            (", ".join(map(str, key if isinstance(key, tuple) else (key,))), part)
            for key, part in parts
        ]
    return found


def attendance_rows(
    trials: Sequence[Trial], outcomes: Mapping[str, str], framework: Framework
) -> pd.DataFrame:
    """Effect on those who attended, for everyone and by group (2SLS, the offer as instrument).

    Parameters
    ----------
    trials : sequence of Trial
        Those without ``attended`` among their parts are left out.
    outcomes : mapping of str to str
        Outcome column by key of the trial.
    framework : Framework
        Confidence level, smallest first-stage F, smallest cell.

    Returns
    -------
    DataFrame
        Studies that record attendance; a kind of group is shown whole or not at all, since
        people who attended add up: ``trial``, ``trial_key``, ``grouping``, ``group``,
        ``offer_effect``, ``take_up``, ``estimate``, ``standard_error``, ``interval_low``,
        ``interval_high``, ``robust_low``, ``robust_high``, ``first_stage_f``, ``people``,
        ``remark`` (why an estimate is refused).

    Notes
    -----
    Two-stage least squares (Imbens and Angrist 1994); the second interval is Anderson and Rubin's
    (1949), which is right however weak the offer's first stage.

    Examples
    --------
    Half of those offered attend and earn 200 dollars more, so the offer itself is worth 100:

    >>> from analysis.framework import load_framework
    >>> people = pd.DataFrame({"treated": [1] * 40 + [0] * 40, "attended": [1] * 20 + [0] * 60})
    >>> people["pay"] = 200.0 * people["attended"] + [90.0, 110.0] * 40
    >>> trial = Trial("t", "Trial", "", people, "year 1", {}, {}, "pay", (), groupings=(),
    ...               parts=("attended",))
    >>> rows = attendance_rows([trial], {"t": "pay"}, load_framework())
    >>> rows[["offer_effect", "take_up", "estimate"]].round(6).values.tolist()
    [[100.0, 0.5, 200.0]]
    """
    rows: list[dict[str, Any]] = []
    for trial in trials:
        if "attended" not in trial.parts:
            continue
        hidden = hidden_groups(trial, outcomes[trial.key], framework.disclosure)
        for kind, groups in _groups_of(trial).items():
            if not all_shown(kind, hidden) or not all(
                _enough(part, framework) for _, part in groups
            ):
                continue
            for name, part in groups:
                named = {"trial": trial.title, "trial_key": trial.key, "grouping": kind}
                rows.append(
                    named
                    | {"group": name, "people": len(part)}
                    | _attendance(trial, part, outcomes[trial.key], framework)
                )
    return pd.DataFrame(rows)


def _enough(part: pd.DataFrame, framework: Framework) -> bool:
    """Attending and not, in both arms: none, or enough; and enough people in each arm."""
    minimum = framework.disclosure.minimum_cell
    cells = pd.crosstab(part["treated"], part["attended"]).to_numpy()
    arms = part["treated"].value_counts().reindex([0, 1], fill_value=0)
    return bool(arms.min() >= minimum and ((cells == 0) | (cells >= minimum)).all())


def _attendance(
    trial: Trial, part: pd.DataFrame, outcome: str, framework: Framework
) -> dict[str, Any]:
    rules = framework.estimation
    within = part["stratum"] if trial.stratum_name and part["stratum"].nunique() > 1 else None
    try:
        found = take_up_effect(
            part[outcome],
            part["treated"],
            part["attended"],
            minimum_first_stage_f=rules.minimum_first_stage_f,
            stratum=within,
            cluster=part["cluster"] if trial.part("cluster") else None,
            weights=part["weight"] if trial.part("weight") else None,
            confidence_level=rules.confidence_level,
        )
    except WorkbenchError as error:
        return {"remark": f"refused: {error.problem}"}
    robust_low, robust_high = found.anderson_rubin_interval
    return {
        "offer_effect": found.offer_effect,
        "take_up": found.take_up,
        "estimate": found.estimate,
        "standard_error": found.standard_error,
        "interval_low": found.interval[0],
        "interval_high": found.interval[1],
        "robust_low": robust_low,
        "robust_high": robust_high,
        "first_stage_f": found.first_stage_f,
        "remark": "",
    }


def cost_sentence(
    trials: Sequence[Trial], outcomes: Mapping[str, str], framework: Framework
) -> tuple[str, list[dict[str, Any]]]:
    """Net cost for each dollar gained, in words and as key figures; for studies that know cost.

    Parameters
    ----------
    trials : sequence of Trial
        Those without ``cost`` (dollars a person) among their parts are left out.
    outcomes : mapping of str to str
        Outcome column (dollars) by key of the trial.
    framework : Framework
        Confidence level.

    Returns
    -------
    tuple of str, list of dict
        HTML-safe sentence (empty without such a study), and arguments of ``Study.key_figure``.

    Raises
    ------
    WorkbenchError
        For a missing outcome or cost, or an arm with fewer than two people.

    Notes
    -----
    The interval of the ratio in words is Fieller's (1954); that of the figures is by the delta
    method.

    Examples
    --------
    A gain of 100 dollars for 50 spent:

    >>> from analysis.framework import load_framework
    >>> people = pd.DataFrame({"treated": [1] * 40 + [0] * 40})
    >>> people["pay"] = 100.0 * people["treated"] + [90.0, 110.0] * 40
    >>> people["cost"] = people["treated"] * ([40.0, 60.0] * 40)
    >>> trial = Trial("t", "Trial", "", people, "year 1", {}, {}, "pay", (), parts=("cost",))
    >>> sentence, figures = cost_sentence([trial], {"t": "pay"}, load_framework())
    >>> sentence[:80]
    'Trial: each dollar that people earned more over the time of the outcome cost 0.5'
    >>> round(figures[0]["estimate"], 6), figures[0]["n"]
    (0.5, 80)
    """
    sentences, figures = [], []
    for trial in trials:
        if "cost" not in trial.parts:
            continue
        frame, outcome = trial.frame, outcomes[trial.key]
        found = cost_per_dollar_gained(
            frame[outcome],
            frame["treated"],
            frame["cost"],
            stratum=frame["stratum"] if trial.stratum_name else None,
            cluster=frame["cluster"] if trial.part("cluster") else None,
            weights=frame["weight"] if trial.part("weight") else None,
            confidence_level=framework.estimation.confidence_level,
        )
        low, high = found.fieller_interval
        span = f"between {number(low)} and {number(high)} dollars"
        if found.fieller_is_outside or not (abs(low) < 1e12 and abs(high) < 1e12):
            span = "anything: the gain is not clear of zero"
        sentences.append(
            f"{text(trial.title)}: each dollar that people earned more over the time of the "
            f"outcome cost {number(found.estimate)} dollars, and with the noise of both {span} "
            f"({len(frame):,} people)."
        )
        figures.append(
            {
                "name": f"{trial.key}.cost_per_dollar_gained",
                "estimate": found.estimate,
                "standard_error": found.standard_error,
                "interval": found.delta_interval,
                "n": len(frame),
                "n_of": "people",
                "unit": "dollars for each dollar gained",
                "note": "interval by the delta method; the sentence has Fieller's",
            }
        )
    return " ".join(sentences), figures


def attendance_figures(rows: pd.DataFrame) -> list[dict[str, Any]]:
    """Key figures of the effect on those who attended.

    Parameters
    ----------
    rows : DataFrame
        From :func:`attendance_rows`.

    Returns
    -------
    list of dict
        Arguments of ``Study.key_figure``, one a row that was not refused.

    Examples
    --------
    >>> rows = pd.DataFrame({"trial_key": "t", "grouping": "race x gender",
    ...     "group": ["Black, men", "white, men"], "estimate": [200.0, None],
    ...     "standard_error": [50.0, None], "interval_low": [102.0, None],
    ...     "interval_high": [298.0, None], "take_up": [0.5, None], "people": [80, 60],
    ...     "remark": ["", "refused: nobody attended"]})
    >>> [(figure["name"], figure["note"]) for figure in attendance_figures(rows)]
    [('t.attended.race_x_gender.Black_men', '50% attended because offered')]
    """
    shown = rows[rows["remark"] == ""] if len(rows) else rows
    return [
        {
            "name": f"{row.trial_key}.attended.{row.grouping}.{row.group}".replace(
                ", ", "_"
            ).replace(" ", "_"),
            "estimate": row.estimate,
            "standard_error": row.standard_error,
            "interval": (row.interval_low, row.interval_high),
            "n": row.people,
            "n_of": "people",
            "note": f"{row.take_up:.0%} attended because offered",
        }
        for row in shown.itertuples()
    ]
