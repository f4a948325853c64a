"""What a result hangs on: two runs with the same identity have the same results.

One part is known before a run: notebook, parameters, modules that it reaches, packages, sources and
the results that it builds on. The other is learned by running: which keys of the framework were
read, and which sources were used beyond those that the notebook declares. A stored run stands for
a request when the first part is the same and everything that the run had read is still the same.
"""

import hashlib
import json
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from analysis import sources, tables
from analysis.addresses import local_file
from analysis.framework import load_framework
from analysis.framework.presets import presets_folder
from analysis.framework.reads import unnoted, values_at
from analysis.parameters import Notebook, Value, without_place
from analysis.runs.code_reach import module_files, package_root, reached_modules

# what makes the page of a report out of an executed notebook
_PAGE = "from analysis.reports import page"
_PROJECT = "effective-training-workbench"
# the framework is known by the keys that were read, not by its file
_FRAMEWORK_FILE = "framework.toml"

Parts = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Identity:
    """What is known of a run before it: each kind of thing by name, with hash or value."""

    parts: Parts

    @property
    def base(self) -> str:
        """Hash of all parts."""
        return hash_of(self.parts)


def hash_of(content: object) -> str:
    """Hexadecimal sha256 of plain data, whatever the order of its keys.

    Parameters
    ----------
    content : object
        What JSON can hold.

    Returns
    -------
    str

    Examples
    --------
    >>> hash_of({"a": 1, "b": 2}) == hash_of({"b": 2, "a": 1}), hash_of({})[:8]
    (True, '44136fa3')
    """
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def identity_of(
    notebook: Notebook, values: Mapping[str, Value], needed: Mapping[str, str]
) -> Identity:
    """What a run of a notebook hangs on, as far as it is known before the run.

    Parameters
    ----------
    notebook : Notebook
    values : mapping
        All its parameters. Where an own framework lies is no part of the identity: what a run reads
        of it is traced.
    needed : mapping of str to str
        Hash of the results of each notebook that it needs.

    Returns
    -------
    Identity

    Examples
    --------
    >>> notebook = Notebook("07_own", Path("07_own.ipynb"), "Own", (), (), (), "1 + 1", ("1 + 1",))
    >>> one, two = (identity_of(notebook, {"alpha": alpha}, {}) for alpha in (0.05, 0.01))
    >>> one.parts["parameters"], one.parts["modules"] == two.parts["modules"], one.base == two.base
    ({'alpha': 0.05}, True, False)
    """
    modules = reached_modules([*notebook.code_cells, _PAGE])
    return Identity(
        {
            "notebook": {
                "words and code": hashlib.sha256(notebook.code.encode()).hexdigest(),
                "declared": [notebook.title, list(notebook.needs), list(notebook.tables)],
            },
            "parameters": without_place(values),
            "files": _file_hashes(values),
            "sources": {name: _source_hash(name) for name in _declared_sources(notebook)},
            "results needed": dict(needed),
            "modules": modules,
            "data of the package": data_hashes("analysis.framework.presets" in modules),
            "packages": packages(),
        }
    )


def _file_hashes(values: Mapping[str, Value]) -> dict[str, str]:
    given = {n: v for n, v in values.items() if n != "framework" and isinstance(v, str) and v}
    files = {name: local_file(value) for name, value in given.items()}
    return {name: sources.sha256_of(file) for name, file in files.items() if file.is_file()}


def _declared_sources(notebook: Notebook) -> list[str]:
    """Ids of the sources of the tables that a notebook declares."""
    return list(dict.fromkeys(s for name in notebook.tables for s in tables.sources_of(name)))


def _source_hash(source_id: str) -> str:
    """sha256 of a source's file, or a word where it is not at hand or none of the catalogue's."""
    if source_id not in sources.catalogue():
        return "not of the catalogue"
    found = sources.at_hand(source_id)
    return found.sha256 if found else "not at hand"


def data_hashes(with_presets: bool) -> dict[str, str]:
    """sha256 of each data file of the package, and of the published rules where they are read.

    Parameters
    ----------
    with_presets : bool
        Whether the published rules in ``frameworks/`` count.

    Returns
    -------
    dict of str to str
        By the file's place in the package, sorted. The default framework is not among them: it is
        known by the keys that were read.

    Examples
    --------
    >>> found = data_hashes(with_presets=False)
    >>> "tables/wioa_layout.toml" in found, "framework/framework.toml" in found
    (True, False)
    >>> added = data_hashes(with_presets=True).keys() - found.keys()
    >>> all(name.startswith("frameworks/") for name in added), len(added) > 0
    (True, True)
    """
    root = package_root()
    files = [p for p in root.rglob("*") if p.suffix in {".toml", ".html", ".css", ".js"}]
    named = {str(p.relative_to(root)): p for p in files if p.name != _FRAMEWORK_FILE}
    if with_presets:
        # published rules lie beside the package, and are data of it
        named |= {f"frameworks/{p.name}": p for p in presets_folder().glob("*.toml")}
    return {name: sources.sha256_of(path) for name, path in sorted(named.items())}


@cache
def packages() -> dict[str, str]:
    """Versions of Python and of every package that the workbench requires, directly or not.

    Returns
    -------
    dict of str to str
        ``python`` (two numbers), ``machine``, then each package by name, in alphabetical order.

    Examples
    --------
    >>> packages()["pandas"] == metadata.version("pandas")
    True
    """
    try:
        waiting = _requirements(_PROJECT)
    except metadata.PackageNotFoundError:
        waiting = [str(found.name) for found in metadata.distributions()]
    versions: dict[str, str] = {}
    while waiting:
        name = waiting.pop()
        if name not in versions:
            try:
                versions[name] = metadata.version(name)
                waiting += _requirements(name)
            except metadata.PackageNotFoundError:
                # taken out by hand: whatever imports it fails by itself
                versions[name] = "not installed"
    version = ".".join(platform.python_version_tuple()[:2])
    return {"python": version, "machine": platform.machine(), **dict(sorted(versions.items()))}


def _requirements(name: str) -> list[str]:
    """Names of what a package requires here, for none of its extras.

    What it asks for on another interpreter or platform may come with any other package: it would
    make every result stale, and is never imported.
    """
    lines = [line for line in metadata.requires(name) or [] if "extra ==" not in line]
    wanted = [Requirement(line) for line in lines]
    here = [one.name for one in wanted if one.marker is None or one.marker.evaluate({"extra": ""})]
    return [canonicalize_name(name) for name in here]


@cache
def _framework_values(file: str, stamp: str) -> dict[str, Any]:
    with unnoted():
        return load_framework(file).model_dump(mode="json")


def framework_stamp(file: str) -> str:
    """Hashes of the files that say what a framework's values are.

    A proposal is laid over the default file, so both do.

    Parameters
    ----------
    file : str
        Empty for the default framework alone.

    Returns
    -------
    str
        One hash, or two joined by a blank.

    Examples
    --------
    >>> from analysis.framework import framework_path
    >>> framework_stamp("") == sources.sha256_of(framework_path())
    True
    """
    from analysis.framework import framework_path

    files = dict.fromkeys([framework_path(), *([Path(file)] if file else [])])
    return " ".join(sources.sha256_of(one) for one in files)


def framework_values(file: str, keys: list[str]) -> dict[str, Any]:
    """Values of a framework file at places as :func:`analysis.framework.reads.keys_read` gives.

    Parameters
    ----------
    file : str
        Empty for the default framework.
    keys : list of str

    Returns
    -------
    dict
        Value by place.

    Raises
    ------
    WorkbenchError
        For a file that is no framework.

    Examples
    --------
    >>> framework_values("", ["tiers.labels"])
    {'tiers.labels': ['A', 'B', 'C', 'D']}
    """
    whole = _framework_values(file, framework_stamp(file))
    return values_at(whole, keys)


def still_stands(traced: Mapping[str, Any], framework_file: str) -> bool:
    """Whether everything that a stored run had read is what it was.

    Parameters
    ----------
    traced : mapping
        ``framework`` (values by place), ``sources``, ``framework files`` and ``modules`` (hashes).
    framework_file : str
        Framework of the request; empty for the default one.

    Returns
    -------
    bool

    Examples
    --------
    >>> traced = {"sources": {}, "framework files": {}, "modules": {}}
    >>> still_stands({**traced, "framework": {"tiers.labels": ["A", "B", "C", "D"]}}, "")
    True
    >>> still_stands({**traced, "framework": {"tiers.labels": ["A", "B"]}}, "")
    False
    """
    keys = list(traced["framework"])
    return (
        framework_values(framework_file, keys) == traced["framework"]
        and all(_source_hash(name) == digest for name, digest in traced["sources"].items())
        and all(_hash_or_none(f) == d for f, d in traced["framework files"].items())
        and all(_module_hash(name) == d for name, d in traced["modules"].items())
    )


def _module_hash(name: str) -> str | None:
    path = module_files(package_root()).get(name)
    return sources.sha256_of(path) if path else None


def _hash_or_none(file: str) -> str | None:
    return sources.sha256_of(Path(file)) if Path(file).is_file() else None


def traced_by(
    folder: Path, notebook: Notebook, framework_file: str, reached: Mapping[str, str]
) -> dict[str, Any]:
    """What a finished run had read beyond what its notebook declares.

    Parameters
    ----------
    folder : Path
        Its results, with ``reads.json`` and ``study.json``. Without ``reads.json`` everything
        counts as read.
    notebook, framework_file
        What ran, under which framework file.
    reached : mapping
        Modules that its code was seen to reach; others that it loaded all the same are traced.

    Returns
    -------
    dict
        ``framework`` (values by place), ``sources``, ``framework files`` and ``modules`` (sha256 by
        name), as :func:`still_stands` takes them.

    Raises
    ------
    OSError
        Without ``study.json``.

    Examples
    --------
    >>> import tempfile
    >>> notebook = Notebook("07_own", Path("07_own.ipynb"), "Own", (), (), (), "")
    >>> reads = {"framework_keys": ["tiers.labels"], "framework_files": [], "modules": []}
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = (Path(folder) / "study.json").write_text('{"used": {}, "lacking": {}}')
    ...     _ = (Path(folder) / "reads.json").write_text(json.dumps(reads))
    ...     traced_by(Path(folder), notebook, "", {})["framework"]
    {'tiers.labels': ['A', 'B', 'C', 'D']}
    """
    from analysis.framework import framework_path

    own = str((Path(framework_file) if framework_file else framework_path()).resolve())
    try:
        reads = json.loads((folder / "reads.json").read_text("utf-8"))
    except OSError:
        reads = {"framework_keys": ["*"], "framework_files": [], "modules": []}
    study = json.loads((folder / "study.json").read_text("utf-8"))
    used = {*study["used"], *study["lacking"]} & set(sources.catalogue())
    beyond = sorted(used - set(_declared_sources(notebook)))
    return {
        "framework": framework_values(framework_file, reads["framework_keys"]),
        "sources": {name: _source_hash(name) for name in beyond},
        "framework files": {f: _hash_or_none(f) for f in reads["framework_files"] if f != own},
        "modules": {m: _module_hash(m) for m in reads["modules"] if m not in reached},
    }
