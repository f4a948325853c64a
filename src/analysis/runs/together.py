"""Runs that lie side by side: no count of few people may follow from their tables together."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from analysis.errors import WorkbenchError
from analysis.reports.study_record import read_study
from analysis.runs.store import StoredRun


def refuse_what_tells_too_much(runs: Iterable[StoredRun]) -> None:
    """Check the published tables of runs about the same people, before they lie together.

    Parameters
    ----------
    runs : iterable of StoredRun
        All runs whose results are to lie beside each other; each was checked by itself.

    Raises
    ------
    WorkbenchError
        Where tables of two of them together give a count of few people away
        (:func:`analysis.reports.disclosure_published.check_together`).
    """
    records = {run.folder: _record(run) for run in runs}
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


def _record(run: StoredRun) -> dict[str, Any]:
    return read_study(run.folder) if (run.folder / "study.json").is_file() else {}


def _populations(record: dict[str, Any]) -> set[str]:
    return set(record.get("checked_as_published", {}))
