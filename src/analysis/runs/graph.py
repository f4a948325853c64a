"""Which notebook needs which, and what a change makes stale."""

import hashlib
import json
import platform
from importlib import metadata
from pathlib import Path
from typing import Any

from analysis import sources, tables
from analysis.errors import WorkbenchError
from analysis.framework import framework_path
from analysis.parameters import Notebook, Value, all_notebooks
from analysis.paths import processed_folder, reports_folder
from analysis.presets import presets_folder

_LIBRARIES = ("numpy", "pandas", "scipy", "scikit-learn", "statsmodels", "matplotlib")
# how a run is scheduled changes no result, so these rooms are no part of a result's identity
_NOT_IN_RESULTS = ("runs", "cli.py")


def with_ancestors(names: list[str]) -> list[str]:
    """Notebooks and all that they need, each after what it needs.

    Raises
    ------
    WorkbenchError
        When notebooks need one another in a circle, or need one that does not exist.

    Examples
    --------
    >>> with_ancestors(["02_skill_delta"])
    ['01_skill_similarity', '02_skill_delta']
    """
    known = all_notebooks()
    ordered: list[str] = []

    def visit(name: str, chain: tuple[str, ...]) -> None:
        if name in chain:
            circle = " -> ".join((*chain, name))
            raise WorkbenchError(f"notebooks need one another: {circle}", "Break the circle.")
        if name not in known:
            raise WorkbenchError(f"{chain[-1]} needs '{name}', which does not exist", "Mend it.")
        for needed in known[name].needs:
            visit(needed, (*chain, name))
        if name not in ordered:
            ordered.append(name)

    for name in names:
        visit(name, ())
    return ordered


def package_hash() -> str:
    """Hash of all code and data of the package that can change a result."""
    root = Path(__file__).resolve().parents[1]
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*")):
        relative = path.relative_to(root)
        if path.suffix not in {".py", ".toml", ".html", ".css"}:
            continue
        if relative.parts[0] in _NOT_IN_RESULTS:
            continue
        digest.update(str(relative).encode() + path.read_bytes())
    # published rules lie beside the package, and are data of it
    for path in sorted(presets_folder().glob("*.toml")):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


def fingerprint(
    notebook: Notebook, values: dict[str, Value], needed: dict[str, str], package: str
) -> str:
    """Identity of a result: code, parameters, framework, data and what it was built on.

    Parameters
    ----------
    notebook : Notebook
    values : dict
        All its parameters.
    needed : dict of str to str
        Fingerprints of the notebooks that it needs.
    package : str
        :func:`package_hash`.

    Returns
    -------
    str
        Hexadecimal sha256.
    """
    files = {
        name: sources.sha256_of(Path(value))
        for name, value in values.items()
        if isinstance(value, str) and value and Path(value).is_file()
    }
    framework = values.get("framework") or framework_path()
    identity: dict[str, Any] = {
        "notebook": hashlib.sha256(notebook.code.encode()).hexdigest(),
        "parameters": values,
        "files": files,
        "framework": sources.sha256_of(Path(str(framework)))
        if Path(str(framework)).is_file()
        else "",
        "sources": _source_hashes(notebook),
        "needed": needed,
        "package": package,
        "python": platform.python_version_tuple()[:2],
        "libraries": {name: metadata.version(name) for name in _LIBRARIES},
    }
    return hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()


def _source_hashes(notebook: Notebook) -> dict[str, str]:
    wanted = dict.fromkeys(s for name in notebook.tables for s in tables.sources_of(name))
    located = {source_id: sources.at_hand(source_id) for source_id in wanted}
    return {source_id: found.sha256 for source_id, found in located.items() if found}


def run_record(name: str) -> dict[str, Any]:
    """Record of a notebook's last successful run, or an empty one."""
    try:
        return dict(json.loads((processed_folder() / name / "run.json").read_text("utf-8")))
    except (OSError, ValueError):
        return {}


def is_fresh(name: str, identity: str) -> bool:
    """Whether the results that lie there are those of this identity, report included."""
    return (
        run_record(name).get("fingerprint") == identity
        and (processed_folder() / name / "figures.json").is_file()
        and (reports_folder() / f"{name}.html").is_file()
    )
