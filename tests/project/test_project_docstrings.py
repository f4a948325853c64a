"""Every public function says what it takes, gives and refuses, and shows it by an example."""

import ast
import re
from collections.abc import Iterator

from .package_code import Function, public_functions


def said(node: Function) -> str:
    return ast.get_docstring(node) or ""


def sections(text: str) -> dict[str, str]:
    """Sections of a docstring by their heading, as numpy writes them."""
    _, *parts = re.split(r"^([A-Z][A-Za-z ]+)\n-{3,}$", text, flags=re.MULTILINE)
    return dict(zip(parts[::2], parts[1::2], strict=True))


def described(text: str) -> list[str]:
    """Names that a section ``Parameters`` describes; several may share a line."""
    entries = re.findall(r"^\S.*", sections(text).get("Parameters", ""), re.MULTILINE)
    return [
        name.strip().lstrip("*")
        for entry in entries
        for name in entry.partition(" : ")[0].split(",")
    ]


def taken(node: Function) -> list[str]:
    """Names of the parameters, in the order of the signature, what is gathered last."""
    given = node.args
    gathered = [one for one in (given.vararg, given.kwarg) if one is not None]
    return [one.arg for one in (*given.posonlyargs, *given.args, *given.kwonlyargs, *gathered)]


def own_parts(node: ast.AST) -> Iterator[ast.AST]:
    """What stands in a function itself, functions within it left out."""
    for part in ast.iter_child_nodes(node):
        if not isinstance(part, Function | ast.Lambda):
            yield part
            yield from own_parts(part)


def given(node: Function) -> str | None:
    """Section that says what a function gives; None for one that gives nothing."""
    if any(isinstance(part, ast.Yield | ast.YieldFrom) for part in own_parts(node)):
        return "Yields"
    return None if node.returns is None or ast.unparse(node.returns) == "None" else "Returns"


EXAMPLE = '''
def first(values: list[int], *more: int, of, but = 0) -> Iterator[int]:
    """One.

    Parameters
    ----------
    values : list of int
        Some - or none.
    *more
    of, but : int

    Yields
    ------
    int
    """
    yield from values

def second(value: int) -> None:
    def third() -> Iterator[int]:
        yield value
'''


def test_signatures_and_sections_are_read_as_they_are_written() -> None:
    first, second = ast.parse(EXAMPLE).body
    assert isinstance(first, Function)
    assert isinstance(second, Function)
    assert list(sections(said(first))) == ["Parameters", "Yields"]
    assert described(said(first)) == ["values", "more", "of", "but"]
    assert taken(first) == ["values", "of", "but", "more"]
    assert (given(first), given(second)) == ("Yields", None)
    assert (described(said(second)), taken(second)) == ([], ["value"])


def test_each_parameter_is_described_and_no_other() -> None:
    wrong = {
        name: sorted(apart)
        for name, node in public_functions().items()
        if (apart := set(taken(node)) ^ set(described(said(node))))
    }
    assert wrong == {}


def test_what_is_given_is_said_and_nothing_else() -> None:
    wrong = {
        name: (given(node), found)
        for name, node in public_functions().items()
        if (found := {"Returns", "Yields"} & set(sections(said(node)))) != {given(node)} - {None}
    }
    assert wrong == {}


def test_sections_stand_in_the_order_of_numpy() -> None:
    order = ["Parameters", "Returns", "Yields", "Raises", "Notes", "References", "Examples"]
    mixed = [
        name
        for name, node in public_functions().items()
        if (found := list(sections(said(node)))) != [one for one in order if one in found]
    ]
    assert mixed == []


def test_each_has_an_example_that_runs() -> None:
    """The examples themselves run with the tests: `testpaths` holds src."""
    lacking = [name for name, node in public_functions().items() if ">>>" not in said(node)]
    assert lacking == []


def test_no_example_is_skipped() -> None:
    assert [name for name, node in public_functions().items() if "+SKIP" in said(node)] == []


def test_what_is_refused_is_said() -> None:
    silent = [
        name
        for name, node in public_functions().items()
        if any(isinstance(part, ast.Raise) for part in ast.walk(node))
        and "Raises" not in sections(said(node))
    ]
    assert silent == []
