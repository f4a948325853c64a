"""Which modules a piece of code reaches: its imports, theirs, and so on, read without running.

Imports inside functions count like those at the top. Where an import cannot be read off (a name
that is computed, ``exec``, a cell that is no plain Python) everything that it might mean counts:
a result may be called stale without need, never fresh without right.
"""

import ast
import contextlib
import hashlib
import json
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from analysis.atomic import write_text
from analysis.errors import WorkbenchError
from analysis.paths import cache_folder
from analysis.plain_data import read_json

# calls by which a module can come in unseen
_BY_NAME = frozenset({"exec", "eval", "get_ipython"})
_ANYHOW = frozenset(
    {"__import__", "import_module", "run_module", "run_path", "spec_from_file_location"}
)


def imports_of(source: str, module: str = "", *, is_package: bool = False) -> list[str]:
    """Names that a source may import, absolute, with ``prefix.*`` for whatever stands below it.

    Parameters
    ----------
    source : str
        Python source, or the code of a notebook's cells.
    module : str
        Name of the module, from which relative imports are counted; empty for a notebook.
    is_package : bool
        The source is the ``__init__`` of a package.

    Returns
    -------
    list of str
        Sorted. ``*`` alone means anything. For ``from a import b`` both ``a`` and ``a.b`` are
        given, since ``b`` may be a module.

    Examples
    --------
    >>> imports_of("def f():\\n    from analysis.tiers import rating")
    ['analysis.tiers', 'analysis.tiers.rating']
    >>> imports_of('import_module(f"analysis.tables.{name}")')
    ['analysis.tables.*']
    >>> imports_of("%run other.py")
    ['*']
    """
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return ["*"]
    found: set[str] = set()
    nodes = list(ast.walk(tree))
    called = {node.func for node in nodes if isinstance(node, ast.Call)}
    for node in nodes:
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            found |= _from_import(node, module, is_package)
        elif isinstance(node, ast.Call) and _last_name(node.func) in _ANYHOW | _BY_NAME:
            found.add(_computed(node))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and "." in node.value:
            # a module may be named in text, as for a process of its own
            found.add(node.value)
        elif node not in called and _last_name(node) in _ANYHOW:
            # the function is handed on: what it will import is not known
            found.add("*")
    named = (n for n in found if n and not n.endswith("."))
    return sorted(name for name in named if name.replace(".", "").replace("*", "a").isidentifier())


def _from_import(node: ast.ImportFrom, module: str, is_package: bool) -> set[str]:
    base = node.module or ""
    if node.level:
        parts = module.split(".") if module else []
        keep = len(parts) - node.level + (1 if is_package else 0)
        if keep <= 0:
            return {"*"}
        base = ".".join([*parts[:keep], *([base] if base else [])])
    renamed = any(alias.name in _ANYHOW and alias.asname for alias in node.names)
    whole = {f"{base}.*"} if any(alias.name == "*" for alias in node.names) else set()
    return {base, *(f"{base}.{alias.name}" for alias in node.names if alias.name != "*")} | (
        {"*"} if renamed else whole
    )


def _last_name(node: ast.AST) -> str:
    if isinstance(node, ast.Name):
        return node.id
    # a method that is called eval or exec (of a frame, a database) imports nothing
    is_import = isinstance(node, ast.Attribute) and node.attr in _ANYHOW
    return node.attr if is_import else ""  # type: ignore[attr-defined]


def _computed(node: ast.Call) -> str:
    """What a call imports, as far as its argument says."""
    if _last_name(node.func) in ("import_module", "__import__") and node.args:
        name = node.args[0]
        if isinstance(name, ast.Constant) and isinstance(name.value, str):
            return name.value if not name.value.startswith(".") else "*"
        if isinstance(name, ast.JoinedStr) and isinstance(name.values[0], ast.Constant):
            start = str(name.values[0].value)
            if "." in start and not start.startswith("."):
                return start.rpartition(".")[0] + ".*"
    return "*"


def package_root() -> Path:
    """Folder of the package ``analysis``.

    Returns
    -------
    Path

    Examples
    --------
    >>> (package_root() / "runs" / "code_reach.py").is_file()
    True
    """
    return Path(__file__).resolve().parents[1]


def module_files(root: Path) -> dict[str, Path]:
    """Every module of a package by its dotted name, packages under their own.

    Parameters
    ----------
    root : Path
        Folder of the package.

    Returns
    -------
    dict of str to Path

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     root = Path(folder) / "own"
    ...     (root / "room").mkdir(parents=True)
    ...     for name in ("__init__.py", "room/__init__.py", "room/one.py"):
    ...         (root / name).touch()
    ...     list(module_files(root))
    ['own', 'own.room', 'own.room.one']
    """
    files = {}
    for path in sorted(root.rglob("*.py")):
        parts = path.relative_to(root.parent).with_suffix("").parts
        files[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return files


def reached_modules(sources: Iterable[str], root: Path | None = None) -> dict[str, str]:
    """Modules of the package that sources reach, directly or through one another.

    Parameters
    ----------
    sources : iterable of str
        Code, as of the cells of a notebook.
    root : Path, optional
        Folder of the package; that of ``analysis`` by default.

    Returns
    -------
    dict of str to str
        sha256 of each module's file by its name, sorted.

    Examples
    --------
    >>> found = reached_modules(["from analysis.tiers.rating import rate_all"])
    >>> "analysis.tiers.normal_model" in found, "analysis.skills.delta" in found
    (True, False)
    """
    known = _kept_imports() if root is None else {}
    own, news = root is None, False
    root = root or package_root()
    files = module_files(root)
    contents = {name: path.read_bytes() for name, path in files.items()}
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}
    reached: set[str] = set()
    waiting = [name for code in sources for name in imports_of(code)]
    while waiting:
        for name in _meant(waiting.pop(), files, root.name):
            if name not in reached:
                reached.add(name)
                is_package = files[name].name == "__init__.py"
                key = f"{name} {hashes[name]}"
                if key not in known:
                    known[key] = _imports_of_module(contents[name], name, is_package)
                    news = True
                waiting += known[key]
    if own and news:
        current = {f"{name} {digest}" for name, digest in hashes.items()}
        _keep_imports({key: found for key, found in known.items() if key in current})
    return {name: hashes[name] for name in sorted(reached)}


def _kept_file() -> Path:
    # another reader of code, or another Python, may read other imports off the same source
    reader = hashlib.sha256(Path(__file__).read_bytes() + sys.version.encode()).hexdigest()
    return cache_folder() / f"imports-{reader[:20]}.json"


def _kept_imports() -> dict[str, list[str]]:
    """Imports that were read off modules before, by name and content: reading takes a second."""
    try:
        kept = read_json(_kept_file(), dict, "Remove it.")
    except WorkbenchError:
        return {}
    # read anew where it was spoiled
    texts = (found for found in kept.values())
    whole = all(isinstance(one, list) and all(isinstance(n, str) for n in one) for one in texts)
    return kept if whole else {}


def _keep_imports(imports: dict[str, list[str]]) -> None:
    with contextlib.suppress(OSError):
        write_text(_kept_file(), json.dumps(imports))


def _meant(wanted: str, files: dict[str, Path], package: str) -> list[str]:
    if wanted == "*":
        return list(files)
    if wanted.endswith(".*"):
        below = wanted[:-1]
        return [n for n in files if n.startswith(below)] + _meant(wanted[:-2], files, package)
    parts = wanted.split(".")
    if parts[0] != package:
        return []
    # importing a module runs every package above it
    steps = (".".join(parts[:count]) for count in range(1, len(parts) + 1))
    return [name for name in steps if name in files]


@cache
def _imports_of_module(content: bytes, name: str, is_package: bool) -> list[str]:
    return imports_of(content.decode("utf-8"), name, is_package=is_package)
