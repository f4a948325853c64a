"""Rooms import only from floors below their own, and no module imports itself through others."""

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src" / "analysis"
# the map of CONTRIBUTING.md; modules that lie beside the rooms are what all of them stand on
FLOORS = {
    **dict.fromkeys(("cli", "runs"), 6),
    "reports": 5,
    **dict.fromkeys(("skills", "metrics", "effects", "tiers", "guide", "simulate"), 4),
    "framework": 3,
    "tables": 2,
    "sources": 1,
}


def modules() -> dict[str, Path]:
    found = {}
    for path in sorted(SOURCE.rglob("*.py")):
        parts = path.relative_to(SOURCE.parent).with_suffix("").parts
        found[".".join(part for part in parts if part != "__init__")] = path
    return found


def imported(path: Path, known: dict[str, Path], *, inside_functions: bool) -> Iterator[str]:
    tree = ast.parse(path.read_text("utf-8"))
    nodes = ast.walk(tree) if inside_functions else iter(tree.body)
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names if name.name in known)
        elif isinstance(node, ast.ImportFrom) and node.module in known:
            within = {f"{node.module}.{name.name}" for name in node.names} & set(known)
            # from a package: the modules that are named, and the package itself for other names
            yield from within or {str(node.module)}


def room(module: str) -> str:
    return module.partition(".")[2].partition(".")[0]


@pytest.mark.parametrize("name", sorted(set(map(room, modules())) - {""}))
def test_a_room_imports_only_from_below(name: str) -> None:
    known = modules()
    floor = FLOORS.get(name, 0)
    for module, path in known.items():
        if room(module) != name:
            continue
        for other in imported(path, known, inside_functions=True):
            beside = room(other) == name or (name, room(other)) == ("cli", "runs")
            assert beside or FLOORS.get(room(other), 0) < max(floor, 1), f"{module}: {other}"


def test_no_module_imports_itself_through_others() -> None:
    known = modules()
    graph = {
        module: set(imported(path, known, inside_functions=False)) - {module}
        for module, path in known.items()
    }
    assert len(list(TopologicalSorter(graph).static_order())) == len(known)


def test_the_map_names_every_room() -> None:
    text = (SOURCE.parents[1] / "CONTRIBUTING.md").read_text("utf-8")
    for name in FLOORS:
        assert f"`src/analysis/{name}" in text
    assert {path.name for path in SOURCE.iterdir() if (path / "__init__.py").exists()} <= set(
        FLOORS
    )


def test_no_name_of_a_room_hides_a_module_of_it() -> None:
    """``analysis.room.name`` is one thing: the module, and a function of its name lies within."""
    known = modules()
    for room_name, path in known.items():
        if path.name == "__init__.py":
            taken = {
                f"{room_name}.{name.asname or name.name}"
                for node in ast.parse(path.read_text("utf-8")).body
                if isinstance(node, ast.ImportFrom) and node.module in known
                if node.module != room_name
                for name in node.names
            }
            assert not taken & set(known)
