"""Which notebook needs which."""

from analysis.errors import WorkbenchError
from analysis.parameters import all_notebooks


def with_ancestors(names: list[str]) -> list[str]:
    """Notebooks and all that they need, each after what it needs.

    Parameters
    ----------
    names : list of str
        Full names.

    Returns
    -------
    list of str

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
