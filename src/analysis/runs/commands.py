"""The commands about runs: list, clean, compare, sweep, weigh proposals, explain."""

import argparse
import sys
from pathlib import Path
from typing import TypeAlias

from analysis.errors import WorkbenchError, shown

# what `add_subparsers` gives; argparse has no public name for it
Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def _say(line: str) -> None:
    print(shown(line), flush=True)


def add_run_commands(commands: Commands) -> None:
    """Add the commands to the command line; what they need is imported when one is called.

    Parameters
    ----------
    commands : argparse._SubParsersAction
        What ``ArgumentParser.add_subparsers`` gives.

    Examples
    --------
    >>> parser = argparse.ArgumentParser()
    >>> add_run_commands(parser.add_subparsers())
    >>> parser.parse_args(["clean"]).older_than
    '30d'
    """
    runs = commands.add_parser("runs", help="list the runs that are kept, with their sizes")
    runs.set_defaults(action=_runs)
    clean = commands.add_parser("clean", help="remove runs that were not used for some time")
    clean.add_argument(
        "--older-than", default="30d", metavar="AGE", help="as in 12h, 30d, 8w (default: 30d)"
    )
    clean.set_defaults(action=_clean)
    _add_diff(commands)
    _add_sweep(commands)
    proposals = commands.add_parser(
        "proposals", help="what each file in frameworks/proposals would change"
    )
    proposals.add_argument(
        "notebook", nargs="?", default="05", metavar="NOTEBOOK", help="name or number (default: 05)"
    )
    add_jobs(proposals)
    proposals.set_defaults(action=_proposals)
    preloaded = commands.add_parser(
        "preloaded", help="run a command whose notebook kernels start at once (papermill, nbval)"
    )
    preloaded.add_argument(
        "words", nargs=argparse.REMAINDER, metavar="COMMAND ...", help="such as papermill IN OUT"
    )
    preloaded.set_defaults(action=_preloaded)
    explain = commands.add_parser("explain", help="what a key figure hangs on, down to the bytes")
    explain.add_argument(
        "figure",
        metavar="FIGURE",
        help="name, as in data/processed/NOTEBOOK/figures.json; NOTEBOOK:NAME where two have it",
    )
    explain.add_argument(
        "--run", default="current", metavar="RUN", help="id, name or notebook (default: current)"
    )
    explain.add_argument("--all", action="store_true", help="name every module and package")
    explain.set_defaults(action=_explain)


def _add_diff(commands: Commands) -> None:
    diff = commands.add_parser("diff", help="what differs between runs; exit code 1 if results do")
    diff.add_argument(
        "runs",
        nargs="+",
        metavar="RUN",
        help="two or more, the first is what the others are held against: id, name, notebook, "
        "'current' (what lies in reports), or first 'accepted' (the figures in tests/expected)",
    )
    diff.add_argument(
        "--format",
        choices=["text", "markdown", "json", "html"],
        default="text",
        help="how it is told (default: text, cut short; json holds every program)",
    )
    diff.add_argument("--output", default="", metavar="FILE", help="write there, not to the screen")
    diff.add_argument(
        "--expected", default="", metavar="FOLDER", help="accepted figures of another checkout"
    )
    diff.set_defaults(action=_diff)


def _add_sweep(commands: Commands) -> None:
    sweep = commands.add_parser("sweep", help="run a notebook under every combination of settings")
    sweep.add_argument("notebook", metavar="NOTEBOOK", help="name or number")
    sweep.add_argument(
        "-p",
        action="append",
        default=[],
        metavar="NAME=A,B,C",
        dest="grid",
        help="values of a parameter to try (may be repeated: every combination is run)",
    )
    sweep.add_argument(
        "--framework",
        nargs="+",
        default=[],
        metavar="FILE",
        help="framework files to try; 'default' is the one that ships with the workbench",
    )
    sweep.add_argument(
        "--figure", default="", help="key figure whose bars the page shows, as in figures.json"
    )
    sweep.add_argument(
        "--name",
        default="",
        help="name of the folder in reports/sweeps (default: made from notebook and settings)",
    )
    add_jobs(sweep)
    add_scheduler(sweep, "run on the workers")
    sweep.set_defaults(action=_sweep)


def add_jobs(parser: argparse.ArgumentParser) -> None:
    """Add ``--jobs``, which three commands take.

    Parameters
    ----------
    parser : ArgumentParser
        Of one command.

    Examples
    --------
    >>> parser = argparse.ArgumentParser()
    >>> add_jobs(parser)
    >>> parser.parse_args(["--jobs", "2"]).jobs, parser.parse_args([]).jobs
    (2, 0)
    """
    parser.add_argument(
        "--jobs",
        type=_count,
        default=0,
        metavar="N",
        help="notebooks at a time (default 0: as many as cores, at most 4)",
    )


def _count(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"'{text}' is no count; write 0 or more")
    return int(text)


def add_scheduler(parser: argparse.ArgumentParser, what: str) -> None:
    """Add ``--scheduler``, which two commands take.

    Parameters
    ----------
    parser : ArgumentParser
    what : str
        What the scheduler's workers are for, for the help.

    Examples
    --------
    >>> parser = argparse.ArgumentParser()
    >>> add_scheduler(parser, "run on the workers")
    >>> parser.parse_args([]).scheduler, parser.parse_args(["--scheduler", "local"]).scheduler
    ('', 'local')
    """
    parser.add_argument(
        "--scheduler",
        default="",
        metavar="ADDRESS",
        help=f"{what} of a dask scheduler (tcp://host:8786), or 'local' for a cluster of this "
        "machine; needs the extra 'scale'",
    )


def _runs(options: argparse.Namespace) -> int:
    from analysis.runs.housekeeping import list_runs

    list_runs(_say)
    return 0


def _clean(options: argparse.Namespace) -> int:
    from analysis.runs.housekeeping import clean

    clean(options.older_than, _say)
    return 0


def _diff(options: argparse.Namespace) -> int:
    from analysis.atomic import write_text
    from analysis.reports import run_differences
    from analysis.reports.page import code_version
    from analysis.runs.diff import diff_runs

    found = diff_runs(options.runs, Path(options.expected) if options.expected else None)
    tables = {name: getattr(found, name) for name in ("inputs", "figures", "programs")}
    parts = (found.labels, tables, found.compared)
    if options.format == "html":
        content = run_differences.as_page(*parts, code_version())
    else:
        makers = {
            "text": run_differences.as_text,
            "markdown": run_differences.as_markdown,
            "json": run_differences.as_json,
        }
        content = makers[options.format](*parts)
    if options.output:
        write_text(Path(options.output), content)
    else:
        # JSON and HTML have their own way to write such characters
        plain = options.format in ("text", "markdown")
        sys.stdout.write(shown(content, len(content)) if plain else content)
    return 1 if found.changed else 0


def _sweep(options: argparse.Namespace) -> int:
    from analysis.atomic import write_text
    from analysis.reports.page import code_version
    from analysis.reports.sweep_page import sweep_page
    from analysis.runs.named import check_name
    from analysis.runs.sweep import read_grid, sweep

    if options.name:
        check_name(options.name)
    grid = read_grid(options.grid, options.framework)
    done = sweep(
        options.notebook, grid, _say, jobs=options.jobs, name=options.name,
        scheduler=options.scheduler,
    )  # fmt: skip
    for failure in done.failures.to_dict("records"):
        words = " ".join(f"{name}={failure[name]}" for name in done.names)
        _say(f"failed: {words}: {failure['error']}")
    _say(f"{done.settings - len(done.failures)} of {done.settings} settings done")
    if len(done.figures):
        known = set(done.figures["figure"])
        if options.figure and options.figure not in known:
            raise WorkbenchError(
                f"no key figure '{options.figure}'", f"Known: {', '.join(sorted(known)[:20])} …"
            )
        page = sweep_page(
            done.notebook, done.names, done.figures, done.failures, figure=options.figure,
            commit=code_version(),
        )  # fmt: skip
        write_text(done.folder / "index.html", page)
        _say(f"Sweep: {done.folder / 'index.html'}")
    return 1 if len(done.failures) else 0


def _proposals(options: argparse.Namespace) -> int:
    from analysis.runs.all_proposals import weigh_proposals

    return 0 if weigh_proposals(options.notebook, _say, jobs=options.jobs) else 1


def _preloaded(options: argparse.Namespace) -> int:
    from analysis.runs.forks import run_with_forks

    return run_with_forks(options.words)


def _explain(options: argparse.Namespace) -> int:
    from analysis.runs.explain import explain

    for line in explain(options.figure, options.run, everything=options.all):
        _say(line)
    return 0
