"""What the people of a trial and their columns mean: measured before assignment, or after it."""

from dataclasses import dataclass, field

import pandas as pd

from analysis.errors import WorkbenchError


@dataclass(frozen=True)
class Trial:
    """People of a trial and what their columns mean.

    Attributes
    ----------
    key, title, about : str
        Short name, name, and what a reader must know.
    frame : DataFrame
        One row a person: ``person``, ``trial``, ``treated`` (0/1), ``stratum``, ``race``,
        ``gender``, outcomes and covariates as floats.
    horizon : str
        When outcomes were measured.
    outcomes : dict of str to str
        Outcome column to its label with unit.
    per_year : dict of str to float
        Factor that turns an outcome into dollars a year.
    default_outcome : str
    covariates : tuple of str
        Columns measured before assignment.
    after_assignment : tuple of str
        Columns measured after assignment, outcomes among them: adjusting for them would take
        away part of the effect.
    stratum_name : str
        What ``stratum`` is, empty where assignment was not stratified.
    groupings : tuple of tuple of str
        Columns, alone or crossed, that effects are shown by.
    design : str
        ``randomised``, or what the comparison is where nobody drew lots.
    earlier : str
        Outcome of the same kind from before the program, for a placebo; empty where none is.
    made_of_earlier : tuple of str
        Covariates that are that outcome or made of it.
    work : dict of str to str
        Outcome column to the column that is above zero for who worked at that time.
    parts : tuple of str
        Which of the columns ``weight``, ``cluster``, ``attended`` and ``cost`` the frame has.
    assigned : DataFrame or None
        Everyone who was assigned, where some have no outcome and are not in ``frame``.
    """

    key: str
    title: str
    about: str
    frame: pd.DataFrame
    horizon: str
    outcomes: dict[str, str]
    per_year: dict[str, float]
    default_outcome: str
    covariates: tuple[str, ...]
    after_assignment: tuple[str, ...] = ()
    stratum_name: str = ""
    groupings: tuple[tuple[str, ...], ...] = (("race",),)
    design: str = "randomised"
    earlier: str = ""
    made_of_earlier: tuple[str, ...] = ()
    work: dict[str, str] = field(default_factory=dict)
    parts: tuple[str, ...] = ()
    assigned: pd.DataFrame | None = None

    @property
    def is_plain(self) -> bool:
        """Whether people are independent and each stands for one: no weights, no clusters."""
        return not {"weight", "cluster"} & set(self.parts)

    def part(self, name: str) -> str | None:
        """Name of a column of `parts`, or None where the study has none."""
        return name if name in self.parts else None


def trial_from_participants(
    frame: pd.DataFrame,
    outcome: str,
    groups: list[str],
    covariates: list[str],
    *,
    design: str = "randomised",
    earlier: str = "",
) -> Trial:
    """A user's participants as a trial, for the same analysis as the published ones.

    Parameters
    ----------
    frame : DataFrame
        As :func:`analysis.tables.user_files.read_participants` gives it.
    outcome : str
    groups, covariates : list of str
    design : str
        ``randomised``, or what the comparison is.
    earlier : str
        Covariate that is the outcome from before the program.

    Returns
    -------
    Trial
        Each group alone, and the first two crossed. People without an outcome are left out.

    Raises
    ------
    WorkbenchError
        When no person has an outcome.

    Examples
    --------
    >>> people = pd.DataFrame({"person": [0, 1, 2], "trial": "own", "treated": [1, 0, 1],
    ...     "stratum": "", "race": "Black", "gender": "women", "pay": [9.0, 7.0, None]})
    >>> trial = trial_from_participants(people, "pay", ["race", "gender"], [])
    >>> len(trial.frame), len(trial.assigned), trial.groupings
    (2, 3, (('race',), ('gender',), ('race', 'gender')))
    """
    known = frame[frame[outcome].notna()].reset_index(drop=True)
    if known.empty:
        raise WorkbenchError(
            f"column '{outcome}': no person has an outcome", "Give a file with outcomes."
        )
    crossed = [tuple(groups[:2])] if len(groups) > 1 else []
    return Trial(
        key="own",
        title=f"Own participants ({known['trial'].iloc[0]})",
        about="A file given by the user, taken to be randomised as they state."
        if design == "randomised"
        else "A file given by the user: people of a program against others not drawn by lot.",
        frame=known,
        horizon="as in the file",
        outcomes={outcome: outcome},
        per_year={},
        default_outcome=outcome,
        covariates=tuple(covariates),
        stratum_name="stratum" if (frame["stratum"] != "").any() else "",
        groupings=(*((name,) for name in groups), *crossed),
        design=design,
        earlier=earlier,
        made_of_earlier=(earlier,) if earlier else (),
        parts=tuple(one for one in ("weight", "cluster", "attended", "cost") if one in frame),
        assigned=frame if len(known) < len(frame) else None,
    )
