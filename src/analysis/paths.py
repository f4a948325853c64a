"""Where the project's folders are, whatever folder a command or a kernel was started in."""

import json
import os
from pathlib import Path

from analysis.errors import WorkbenchError


def project_root() -> Path:
    """Find the folder that holds ``notebooks/`` and ``data/``.

    ``WORKBENCH_HOME`` wins where it is set; otherwise the checkout that this package was
    installed from (``pip install -e``), otherwise the working folder or one above it.

    Returns
    -------
    Path
        Absolute path of the project.

    Raises
    ------
    WorkbenchError
        When none of these holds a folder ``notebooks``.

    Examples
    --------
    >>> (project_root() / "notebooks").is_dir()
    True
    """
    stated = os.environ.get("WORKBENCH_HOME")
    here = Path(__file__).resolve()
    candidates = [Path(stated)] if stated else [here.parents[2], Path.cwd(), *Path.cwd().parents]
    for folder in candidates:
        if (folder / "notebooks").is_dir():
            return folder.resolve()
    raise WorkbenchError(
        f"no folder 'notebooks' in {candidates[0]}",
        "Run from a checkout of the project, or set WORKBENCH_HOME to it.",
    )


def output_root() -> Path:
    """Folder whose ``data/processed`` and ``reports`` receive results.

    The project itself, unless ``WORKBENCH_OUTPUT`` names another folder (tests do).

    Returns
    -------
    Path
        Absolute.

    Examples
    --------
    >>> from unittest.mock import patch
    >>> with patch.dict(os.environ, WORKBENCH_OUTPUT="elsewhere"):
    ...     output_root() == Path.cwd() / "elsewhere"
    True
    """
    return Path(os.environ.get("WORKBENCH_OUTPUT") or project_root()).resolve()


def raw_folder() -> Path:
    """Folder of fetched source files (``data/raw``); ``WORKBENCH_RAW`` overrides it.

    Returns
    -------
    Path
        Absolute.

    Examples
    --------
    >>> from unittest.mock import patch
    >>> with patch.dict(os.environ, WORKBENCH_RAW=""):
    ...     raw_folder().relative_to(project_root()).as_posix()
    'data/raw'
    """
    return Path(os.environ.get("WORKBENCH_RAW") or project_root() / "data" / "raw").resolve()


def processed_folder() -> Path:
    """Folder of the results of notebooks (``data/processed``).

    Returns
    -------
    Path
        Absolute; not made here.

    Examples
    --------
    >>> processed_folder().relative_to(output_root()).as_posix()
    'data/processed'
    """
    return output_root() / "data" / "processed"


def runs_folder() -> Path:
    """Folder of all runs that were made, each in a folder of its own (``data/runs``).

    Returns
    -------
    Path
        Absolute; not made here.

    Examples
    --------
    >>> runs_folder().relative_to(output_root()).as_posix()
    'data/runs'
    """
    return output_root() / "data" / "runs"


def results_folder(notebook: str) -> Path:
    """Folder of the results of a notebook that another one builds on.

    The runner names it, so that a second run in the same checkout cannot slip other results in;
    otherwise it is the notebook's folder in ``data/processed``.

    Parameters
    ----------
    notebook : str
        Name of the notebook.

    Returns
    -------
    Path
        Folder with its tables, ``figures.json`` and ``study.json``.

    Examples
    --------
    >>> from unittest.mock import patch
    >>> named = json.dumps({"02_skill_delta": "runs/of/02"})
    >>> with patch.dict(os.environ, WORKBENCH_EARLIER=named):
    ...     results_folder("02_skill_delta").as_posix()
    ...     results_folder("04_earnings_effects") == processed_folder() / "04_earnings_effects"
    'runs/of/02'
    True
    """
    named = json.loads(os.environ.get("WORKBENCH_EARLIER") or "{}")
    return Path(named.get(notebook) or processed_folder() / notebook)


def reports_folder() -> Path:
    """Folder of rendered reports (``reports``).

    Returns
    -------
    Path
        Absolute; not made here.

    Examples
    --------
    >>> reports_folder() == output_root() / "reports"
    True
    """
    return output_root() / "reports"


def cache_folder() -> Path:
    """Folder of values that are costly to compute and addressed by their content.

    ``data/processed/.cache``, unless ``WORKBENCH_CACHE`` names another.

    Returns
    -------
    Path
        Absolute; not made here.

    Examples
    --------
    >>> from unittest.mock import patch
    >>> with patch.dict(os.environ, WORKBENCH_CACHE=""):
    ...     cache_folder().relative_to(project_root()).as_posix()
    'data/processed/.cache'
    """
    return Path(
        os.environ.get("WORKBENCH_CACHE") or project_root() / "data" / "processed" / ".cache"
    ).resolve()
