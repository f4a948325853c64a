"""The package stays readable: short functions, short modules, no room that knows one above it."""

import ast
from collections.abc import Iterator
from pathlib import Path

from analysis.paths import project_root

PACKAGE = project_root() / "src" / "analysis"
MODULES = sorted(PACKAGE.rglob("*.py"))
LONGEST_FUNCTION, LONGEST_MODULE = 40, 300
# a room imports itself and those of the lines below; rooms of one line do not know each other,
# and what belongs to no room (the framework, sources, paths) knows none
FLOORS = [
    {"cli"},
    {"runs"},
    {"reports"},
    {"effects", "guide", "metrics", "simulate", "skills", "tiers"},
    {"tables"},
]


def functions(code: str) -> Iterator[tuple[str, int]]:
    """Name of each function and its lines, the signature counted and the docstring not."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno is not None
            first = node.body[0]
            said = first if ast.get_docstring(node) is not None else None
            about = 0 if said is None else (said.end_lineno or 0) - said.lineno + 1
            yield node.name, node.end_lineno - node.lineno + 1 - about


def test_lines_are_counted_with_the_signature_and_without_the_docstring() -> None:
    code = 'def f(\n    x: int,\n) -> int:\n    """One.\n\n    Two.\n    """\n    return x\n'
    inner = "class A:\n    def g(self):\n        def h():\n            pass\n        return h\n"
    assert list(functions(code + inner)) == [("f", 4), ("g", 4), ("h", 2)]


def test_no_function_is_longer_than_a_screen() -> None:
    long = [
        f"{path.relative_to(PACKAGE)}: {name} has {lines} lines"
        for path in MODULES
        for name, lines in functions(path.read_text("utf-8"))
        if lines > LONGEST_FUNCTION
    ]
    assert not long, "\n".join(long)


def test_no_module_is_longer_than_300_lines() -> None:
    counted = {path: len(path.read_text("utf-8").splitlines()) for path in MODULES}
    long = {str(path.relative_to(PACKAGE)): n for path, n in counted.items() if n > LONGEST_MODULE}
    assert not long


def room(path: Path) -> str:
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def imported_rooms(path: Path) -> set[str]:
    """Rooms that a module imports, wherever in it the import stands."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module == "analysis":
            names |= {f"analysis.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return {name.split(".")[1] for name in names if name.startswith("analysis.")}


def test_rooms_import_only_downwards() -> None:
    floor_of = {one: floor for floor, rooms in enumerate(FLOORS) for one in rooms}
    upwards = [
        f"{path.relative_to(PACKAGE)} imports {one}"
        for path in MODULES
        for one in imported_rooms(path) & set(floor_of) - {room(path)}
        if floor_of[one] <= floor_of.get(room(path), len(FLOORS))
    ]
    assert not upwards, "\n".join(upwards)
