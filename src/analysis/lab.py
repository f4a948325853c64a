"""In JupyterLab: ``%load_ext analysis`` gives a notebook the same parameters as a run, checked.

It also switches on autoreload, so that an edit of the package is picked up by the next cell.
"""

import shlex
from typing import Any

from analysis.errors import WorkbenchError
from analysis.parameters import Value, checked_values, find_notebook


def values_from(line: str) -> dict[str, Value]:
    """Every parameter of a notebook, from a line such as ``05 alpha=0.01 quarter=8``.

    Parameters
    ----------
    line : str
        Name or number of a notebook, then ``name=value`` for each parameter to be set.

    Returns
    -------
    dict
        Every parameter of the notebook, in its declared type.

    Raises
    ------
    WorkbenchError
        Unknown notebook or parameter, or a value that the notebook does not take.

    Examples
    --------
    >>> values_from("05 alpha=0.01")["alpha"]
    0.01
    """
    words = shlex.split(line)
    if not words:
        raise WorkbenchError("%parameters: no notebook", "Write: %parameters 05 alpha=0.01")
    given = {}
    for word in words[1:]:
        name, sign, value = word.partition("=")
        if not sign:
            raise WorkbenchError(f"%parameters: '{word}' is no setting", "Write name=value.")
        given[name] = value
    return checked_values(find_notebook(words[0]), given)


def switch_on(shell: Any) -> None:
    """Add the line magic ``%parameters`` to an IPython shell, and switch on autoreload.

    Parameters
    ----------
    shell : InteractiveShell
        Of IPython, as ``%load_ext`` gives it.

    Examples
    --------
    >>> from unittest.mock import Mock
    >>> shell = Mock()
    >>> switch_on(shell)
    >>> magic = shell.register_magic_function.call_args.args[0]
    >>> magic("05 alpha=0.01")
    >>> shell.push.call_args.args[0]["alpha"]
    0.01
    """

    def parameters(line: str) -> None:
        shell.push(values_from(line))

    shell.register_magic_function(parameters, "line", "parameters")
    shell.run_line_magic("load_ext", "autoreload")
    shell.run_line_magic("autoreload", "2")
