"""Which training programs are worth a worker's time, for whom, and how sure we are."""


def load_ipython_extension(shell: object) -> None:
    """Called by ``%load_ext analysis``: see :mod:`analysis.lab`.

    Parameters
    ----------
    shell : object
        The running IPython shell.

    Examples
    --------
    >>> from unittest.mock import Mock
    >>> shell = Mock()
    >>> load_ipython_extension(shell)
    >>> shell.register_magic_function.call_args.args[2]
    'parameters'
    """
    from analysis.lab import switch_on

    switch_on(shell)
