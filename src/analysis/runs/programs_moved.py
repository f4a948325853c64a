"""Which programs are in another tier than in an earlier run, and why."""

from pathlib import Path

import pandas as pd

from analysis.errors import WorkbenchError
from analysis.plain_data import read_table

COLUMNS = ["program", "provider", "state", "before", "after", "why"]
_KEY = "program_key"
_REMEDY = "Run the notebook again."
# what a tier was decided on, in the order in which a change of it explains a change of the tier
_REASONS = ("estimate", "standard_error", "lowered_by", "group_guard", "reason")
_READ = (_KEY, "provider", "program", "state", "tier", "chance_not_above", *_REASONS)


def programs_moved(before: Path, after: Path) -> pd.DataFrame:
    """Programs whose tier differs between the tables ``tiers`` of two runs.

    Parameters
    ----------
    before, after : Path
        Folders of the runs.

    Returns
    -------
    DataFrame
        ``program, provider, state, before, after, why``; empty where one of the runs has no such
        table. ``before`` or ``after`` is "not listed" for a program of only one of them.

    Raises
    ------
    WorkbenchError
        A table that cannot be read, or has a row without a key.

    Examples
    --------
    >>> import tempfile
    >>> row = {"program_key": "x", "program": "Welding", "provider": "College", "state": "TX",
    ...        "tier": "A", "estimate": 900.0, "chance_not_above": 0.01}
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     before, after = Path(folder) / "before", Path(folder) / "after"
    ...     for place, changed in ((before, {}), (after, {"tier": "B", "estimate": 500.0})):
    ...         place.mkdir()
    ...         pd.DataFrame([row | changed]).to_parquet(place / "tiers.parquet")
    ...     moved = programs_moved(before, after)
    >>> moved[["program", "before", "after"]].values.tolist()
    [['Welding', 'A', 'B']]
    >>> moved["why"].tolist()
    ['estimate: 900 → 500; chance of not being above the benchmark 0.010']
    """
    files = [folder / "tiers.parquet" for folder in (before, after)]
    if not all(file.is_file() for file in files):
        return pd.DataFrame(columns=COLUMNS)
    old, new = (_tiers(file) for file in files)
    both = old.add_suffix("_before").join(new.add_suffix("_after"), how="outer")
    tiers = both[["tier_before", "tier_after"]].astype("object").fillna("not listed")
    moved = both[tiers["tier_before"] != tiers["tier_after"]]
    named = {
        name: moved[f"{name}_after"].fillna(moved[f"{name}_before"])
        for name in ("program", "provider", "state")
    }
    columns = {
        **named,
        "before": tiers["tier_before"],
        "after": tiers["tier_after"],
        "why": [_why(row) for row in moved.to_dict("records")],
    }
    shown = pd.DataFrame({k: v if k == "why" else v.loc[moved.index] for k, v in columns.items()})
    return shown.sort_values(["before", "after", "program"]).reset_index(drop=True)


def _tiers(file: Path) -> pd.DataFrame:
    frame = read_table(file, (_KEY, "tier"), _REMEDY)
    if (unnamed := frame[_KEY].isna()).any():
        row = int(unnamed.to_numpy().argmax()) + 1
        raise WorkbenchError(f"{file}, row {row}: column '{_KEY}' is empty", _REMEDY)
    kept = [name for name in _READ if name in frame]
    missing = {name: "" for name in _READ if name not in frame}
    # a program may be rated more than once: the first row is held against the first, and so on
    place = frame.groupby(_KEY).cumcount()
    return frame[kept].assign(**missing).set_index([frame[_KEY], place])


def _why(row: dict[str, object]) -> str:
    """What of the grounds of a tier changed, in words; the chance alone where nothing did."""
    if pd.isna(row["tier_before"]):
        return "only in the later run"
    if pd.isna(row["tier_after"]):
        return "only in the earlier run"
    grounds = [name for name in _REASONS if _differ(row[f"{name}_before"], row[f"{name}_after"])]
    words = []
    for name in grounds:
        old, new = (_shown(row[f"{name}_{side}"]) for side in ("before", "after"))
        words.append(f"{name.replace('_', ' ')}: {old} → {new}")
    chance = row["chance_not_above_after"]
    if chance == chance and chance is not None and not isinstance(chance, str):
        words.append(f"chance of not being above the benchmark {float(chance):.3f}")  # type: ignore[arg-type]
    return "; ".join(words) or "the rule of the tiers changed"


def _differ(before: object, after: object) -> bool:
    if pd.isna(before) and pd.isna(after):
        return False
    return before != after


def _shown(value: object) -> str:
    if value is None or value != value or value == "":
        return "(none)"
    return f"{value:,.0f}" if isinstance(value, float) else str(value)
