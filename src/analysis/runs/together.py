"""Runs that lie side by side: no count of few people may follow from their tables together."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from analysis.errors import WorkbenchError
from analysis.reports.study_record import read_study


def refuse_what_tells_too_much(folders: Iterable[Path]) -> None:
    """Check the published tables of runs about the same people, before they lie together.

    Parameters
    ----------
    folders : iterable of Path
        Of all runs whose results are to lie beside each other; each was checked by itself.

    Raises
    ------
    WorkbenchError
        Where tables of two of them together give a count of few people away
        (:func:`analysis.reports.disclosure_published.check_together`).

    Examples
    --------
    One run hides two races; the other says that nearly all of the two are white:

    >>> import json, tempfile
    >>> import pandas as pd
    >>> def run(place: Path, notebook: str, table: str, frame: pd.DataFrame) -> Path:
    ...     place.mkdir()
    ...     frame.to_parquet(place / f"{table}.parquet")
    ...     used = {"title": "", "publisher": "", "release": "", "form": "own", "sha256": "a1"}
    ...     study = {"notebook": notebook, "title": "", "tables": [table], "answer": [],
    ...         "minimum_cell": 10, "parameters": {}, "used": {"user:wioa": used}, "lacking": {},
    ...         "checked_as_published": {"wioa:a1": [table]}}
    ...     _ = (place / "study.json").write_text(json.dumps(study))
    ...     return place
    >>> kinds, groups = ["all", "race", "race", "race"], ["all", "Black", "white", "Samoan"]
    >>> shares = pd.DataFrame({"by": kinds, "race": ["", *groups[1:]], "group": groups,
    ...     "indicator": "employed_q2", "people": [500.0, 300.0, None, None]})
    >>> effects = pd.DataFrame({"grouping": kinds, "group": groups,
    ...     "n_treated": [200.0, 100.0, 98.0, None], "n_control": [240.0, 140.0, 96.0, None]})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     one = run(Path(folder) / "1", "03_effectiveness_metrics", "wioa_share", shares)
    ...     two = run(Path(folder) / "2", "04_earnings_effects", "effects_wioa", effects)
    ...     refuse_what_tells_too_much([one])
    ...     refuse_what_tells_too_much([one, two])
    Traceback (most recent call last):
    analysis.errors.WorkbenchError: these results may not lie side by side: ...Samoan...
    """
    records = {folder: _record(folder) for folder in folders}
    counted = Counter(key for record in records.values() for key in _populations(record))
    shared = {key for key, count in counted.items() if count > 1}
    if not shared:
        return
    # a kernel's libraries, which a command that has nothing to check does without
    from analysis.reports.disclosure_published import check_together

    mine = [pair for pair in records.items() if shared & _populations(pair[1])]
    least = min(record["minimum_cell"] for _, record in mine)
    try:
        check_together(mine, least, shared)
    except WorkbenchError as error:
        raise WorkbenchError(
            f"these results may not lie side by side: {error.problem}",
            "What lay there before is as it was. Run all notebooks anew on the same file, or give "
            "one of them coarser groups, or keep it in a folder of its own (WORKBENCH_OUTPUT).",
        ) from error


def _record(folder: Path) -> dict[str, Any]:
    return read_study(folder) if (folder / "study.json").is_file() else {}


def _populations(record: dict[str, Any]) -> set[str]:
    return set(record.get("checked_as_published", {}))
