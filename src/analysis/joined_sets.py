"""Which names belong together, since some set holds both, directly or through others."""

from collections.abc import Iterable, Sequence


def joined(names: Sequence[str], sets: Iterable[Iterable[str]]) -> list[list[str]]:
    """Names in groups: those that a set holds together are in one, the rest by themselves.

    Parameters
    ----------
    names : sequence of str
    sets : iterable of iterables of str
        Members that are none of the names count for nothing.

    Returns
    -------
    list of list of str
        Groups, and names within each, in the order of ``names``.

    Examples
    --------
    >>> joined(["race", "gender", "age"], [{"race", "age"}, {"age"}])
    [['race', 'age'], ['gender']]
    """
    groups = [{name} for name in names]
    for one in sets:
        members = set(one)
        touched = [group for group in groups if group & members]
        if len(touched) > 1:
            groups = [group for group in groups if not group & members] + [set().union(*touched)]
    ordered = [[name for name in names if name in group] for group in groups]
    return sorted(ordered, key=lambda group: names.index(group[0]))
