"""One notebook in a process of its own: execute, render, and move the whole run into the store.

Run as ``python -m analysis.runs.execute`` with a request on its input; the last line of its output
is the outcome as JSON.
"""

import json
import os
import re
import sys
import threading
import time
import warnings
from pathlib import Path
from typing import Any

from analysis.atomic import write_text
from analysis.errors import DISK_FULL, MissingDataError, WorkbenchError, is_disk_full
from analysis.parameters import find_notebook, notebook_folder
from analysis.runs.identity import (
    framework_stamp,
    framework_values,
    hash_of,
    identity_of,
    traced_by,
)
from analysis.runs.record import new_record
from analysis.runs.store import keep

# what no reader needs once the report is rendered: outputs of executed cells repeat the report
_PASSING = ("progress.txt", "notebook.ipynb", "reads.json")


def execute(request: dict[str, Any]) -> dict[str, Any]:
    """Run a notebook and keep its results if, and only if, all of it succeeded.

    Parameters
    ----------
    request : dict
        ``name``, ``values`` (all parameters), ``parts`` and ``framework_stamp`` (its identity),
        ``building`` (folder for the results until they are complete), ``earlier`` (folder of each
        notebook that it builds on), ``folder`` (to work in).

    Returns
    -------
    dict
        ``{"ok": True, "folder": …}`` or ``{"ok": False, "error": …}`` with one line of why; with
        ``"lacking": True`` where only data are lacking.

    Examples
    --------
    Where the disk is full, earlier results stay as they are:

    >>> import errno
    >>> from unittest.mock import patch
    >>> request = {"name": "05", "values": {}, "building": ".", "earlier": {}, "folder": "."}
    >>> full = OSError(errno.ENOSPC, "no room")
    >>> with patch.dict(os.environ), patch("papermill.execute_notebook", side_effect=full):
    ...     execute(request)
    {'ok': False, 'error': "the disk is full; earlier results are whole. Make room ...
    """
    # papermill speaks of notebooks that declare no language version; ours need none
    warnings.simplefilter("ignore")
    import papermill
    from nbclient.exceptions import DeadKernelError

    from analysis.reports.page import write_report

    started, name = time.monotonic(), request["name"]
    building = Path(request["building"])
    os.environ["WORKBENCH_STAGING"] = str(building)
    os.environ["WORKBENCH_EARLIER"] = json.dumps(request["earlier"])
    executed = building / "notebook.ipynb"
    try:
        papermill.execute_notebook(
            notebook_folder() / f"{name}.ipynb",
            executed,
            parameters=request["values"],
            kernel_name="python3",
            progress_bar=False,
            log_output=False,
            cwd=request["folder"],
        )
        write_report(executed, building, building / "report.html")
        return _kept(request, building, time.monotonic() - started)
    except papermill.PapermillExecutionError as error:
        found = re.match(r"\[Errno (\d+)\]", str(error.evalue))
        if error.ename == "OSError" and found and is_disk_full(OSError(int(found[1]), "")):
            return {"ok": False, "error": DISK_FULL}
        lacking = error.ename == MissingDataError.__name__
        is_ours = lacking or error.ename == WorkbenchError.__name__
        place = "" if is_ours else f"{error.ename} in cell {error.cell_index}: "
        return {"ok": False, "error": place + str(error.evalue), "lacking": lacking}
    except (DeadKernelError, OSError) as error:
        if is_disk_full(error):
            return {"ok": False, "error": DISK_FULL}
        return {"ok": False, "error": f"the kernel ended ({type(error).__name__}: {error})"}


def _kept(request: dict[str, Any], building: Path, seconds: float) -> dict[str, Any]:
    from analysis.framework import framework_path
    from analysis.reports.page import code_version

    framework_file = str(request["values"].get("framework", ""))
    notebook = find_notebook(request["name"])
    needed = request["parts"]["results needed"]
    after = identity_of(notebook, request["values"], needed).parts
    if hash_of(after) != hash_of(request["parts"]) or (
        framework_stamp(framework_file) != request["framework_stamp"]
    ):
        # nobody can say which of the two the results are of
        return {"ok": False, "error": "code, data or framework changed while it ran; run it again"}
    traced = traced_by(building, notebook, framework_file, request["parts"]["modules"])
    study = json.loads((building / "study.json").read_text("utf-8"))
    for passing in _PASSING:
        (building / passing).unlink(missing_ok=True)
    framework = Path(framework_file) if framework_file else framework_path()
    (building / "framework.toml").write_bytes(framework.read_bytes())
    # all values, since a proposal's file holds only what differs
    values = framework_values(framework_file, ["*"])["*"]
    write_text(building / "framework.json", json.dumps(values, indent=1, ensure_ascii=False))
    record = new_record(
        request["name"],
        request["parts"],
        traced,
        parameters=request["values"],
        needed_runs={name: Path(folder).name for name, folder in request["earlier"].items()},
        framework=study["framework"],
        seed=study["seed"],
        commit=code_version(),
        seconds=seconds,
    )
    return {"ok": True, "folder": str(keep(building, record).folder)}


def _end_with(parent: int) -> None:
    """End this process soon after the one that started it has ended, however that ended."""
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)


def _main() -> None:
    """Read a request, execute it, print the outcome."""
    parent = int(os.environ.get("JPY_PARENT_PID") or os.getppid())
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    print(json.dumps(execute(json.load(sys.stdin))))


if __name__ == "__main__":
    _main()
