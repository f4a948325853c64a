"""One notebook in a process of its own: execute, render, and only then replace what was there.

Run as ``python -m analysis.runs.execute REQUEST.json``; the last line of its output is the
outcome as JSON.
"""

import json
import os
import shutil
import sys
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any

from analysis.atomic import write_text
from analysis.parameters import notebook_folder
from analysis.paths import processed_folder, reports_folder


def execute(name: str, values: dict[str, Any], fingerprint: str, staging: Path) -> dict[str, Any]:
    """Run a notebook and put its results in place if, and only if, all of it succeeded.

    Parameters
    ----------
    name : str
        Notebook.
    values : dict
        All its parameters, already checked.
    fingerprint : str
        Identity under which the results are recorded.
    staging : Path
        Empty folder for the results until they are complete.

    Returns
    -------
    dict
        ``{"ok": True, "seconds": …}`` or ``{"ok": False, "error": …}`` with one line of why.
    """
    # papermill speaks of notebooks that declare no language version; ours need none
    warnings.simplefilter("ignore")
    import papermill
    from nbclient.exceptions import DeadKernelError

    from analysis.reports.page import write_report

    started = time.monotonic()
    os.environ["WORKBENCH_STAGING"] = str(staging)
    executed = staging / "notebook.ipynb"
    try:
        papermill.execute_notebook(
            notebook_folder() / f"{name}.ipynb",
            executed,
            parameters=values,
            kernel_name="python3",
            progress_bar=False,
            log_output=False,
            cwd=str(staging),
        )
    except papermill.PapermillExecutionError as error:
        is_ours = error.ename == "WorkbenchError"
        place = "" if is_ours else f"{error.ename} in cell {error.cell_index}: "
        return {"ok": False, "error": place + str(error.evalue)}
    except (DeadKernelError, OSError) as error:
        return {"ok": False, "error": f"the kernel ended ({type(error).__name__}: {error})"}
    write_report(executed, staging, staging / "report.html")
    seconds = time.monotonic() - started
    record = {"fingerprint": fingerprint, "parameters": values, "seconds": round(seconds, 1)}
    write_text(staging / "run.json", json.dumps(record, indent=1))
    _put_in_place(name, staging)
    return {"ok": True, "seconds": seconds}


def _put_in_place(name: str, staging: Path) -> None:
    (staging / "progress.txt").unlink(missing_ok=True)
    # outputs of executed cells repeat what the report shows; the page is what is published
    (staging / "notebook.ipynb").unlink(missing_ok=True)
    reports = reports_folder()
    reports.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(dir=reports, prefix=f".{name}-"))
    pages = [path for path in staging.glob("*.html") if path.name != "report.html"]
    for path in [*staging.glob("*.csv"), *pages, staging / "figures.json"]:
        shutil.copy2(path, beside / path.name)
    beside.chmod(0o755)
    staging.chmod(0o755)
    (staging / "report.html").replace(reports / f"{name}.html")
    _swap(beside, reports / name)
    _swap(staging, processed_folder() / name)


def _swap(new: Path, place: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    old = place.with_name(f".{place.name}-old-{os.getpid()}")
    if place.exists():
        place.replace(old)
    new.replace(place)
    shutil.rmtree(old, ignore_errors=True)


def main() -> None:
    """Read a request, execute it, print the outcome."""
    request = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    outcome = execute(
        request["name"], request["values"], request["fingerprint"], Path(request["staging"])
    )
    print(json.dumps(outcome))


if __name__ == "__main__":
    main()
