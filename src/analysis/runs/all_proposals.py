"""``workbench proposals``: what each proposal for the framework would change, in one page."""

from pathlib import Path
from typing import Any

from analysis.atomic import write_text
from analysis.errors import WorkbenchError
from analysis.framework.proposals import is_proposal, proposal_files
from analysis.paths import project_root, reports_folder
from analysis.plain_data import read_toml
from analysis.reports.page import code_version
from analysis.reports.run_differences import Weighed, proposals_page, summary
from analysis.runs.diff import compare_runs
from analysis.runs.sweep import sweep
from analysis.runs.work import Report


def proposals_folder() -> Path:
    """Folder of the proposals.

    Returns
    -------
    Path

    Examples
    --------
    >>> proposals_folder().relative_to(project_root()).as_posix()
    'frameworks/proposals'
    """
    return project_root() / "frameworks" / "proposals"


def _about(file: Path) -> dict[str, Any]:
    content = read_toml(file)
    if not is_proposal(content):
        raise WorkbenchError(f"{file.name}: no table [proposal]", "See frameworks/README.md.")
    return dict(content["proposal"])


def weigh_proposals(notebook: str, report: Report, *, jobs: int = 0) -> bool:
    """Run a notebook under the framework and under each proposal, and write what differs.

    Parameters
    ----------
    notebook : str
        Name or number.
    report : callable
        Receives lines of progress, and a summary of each proposal.
    jobs : int
        Notebooks at a time.

    Returns
    -------
    bool
        True when all of them ran, but for those that the data at hand cannot answer: they are
        named, and the others count. The page is ``reports/proposals/index.html``.

    Raises
    ------
    WorkbenchError
        No proposal there, or one that cannot be used.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from unittest.mock import patch
    >>> with TemporaryDirectory() as folder, patch.dict("os.environ", WORKBENCH_HOME=folder):
    ...     (Path(folder) / "notebooks").mkdir()
    ...     weigh_proposals("05", print)
    Traceback (most recent call last):
    analysis.errors.WorkbenchError: no proposals in ...proposals. Add a file there.
    """
    files = proposal_files(proposals_folder())
    if not files:
        raise WorkbenchError(f"no proposals in {proposals_folder()}", "Add a file there.")
    abouts = {file: _about(file) for file in files}
    done = sweep(notebook, {"framework": ["", *map(str, files)]}, report, jobs=jobs)
    base = done.runs[0]
    if base is None:
        raise WorkbenchError(f"{done.notebook} failed under the framework itself", "Mend it first.")
    parts: list[Weighed] = []
    for file, run, lacking in zip(files, done.runs[1:], done.lacking[1:], strict=True):
        about = abouts[file]
        if run is None:
            error = done.failures.set_index("framework").loc[str(file), "error"]
            how = "could not be tried on the data at hand" if lacking else "could not be run"
            parts.append((about, [f"It {how}: {error}"], None))
            report(f"{file.stem}: {how}. {error}")
            continue
        found = compare_runs("framework", {done.notebook: base}, {file.stem: {done.notebook: run}})
        tables = {"inputs": found.inputs, "figures": found.figures, "programs": found.programs}
        # the file that was read is the proposal itself, and no news
        tables["inputs"] = found.inputs[found.inputs["kind"].ne("parameter")]
        lines = summary(found.labels, tables, found.compared)
        parts.append((about, lines, tables))
        for line in lines:
            report(line)
    path = reports_folder() / "proposals" / "index.html"
    write_text(path, proposals_page(done.notebook, parts, code_version()))
    report(f"Proposals: {path}")
    return all(run or lacking for run, lacking in zip(done.runs, done.lacking, strict=True))
