"""The command ``workbench``: run notebooks, fetch and list sources, accept figures."""

import argparse
import io
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from analysis.errors import DISK_FULL, WorkbenchError, is_disk_full, shown
from analysis.runs.commands import Commands, add_jobs, add_run_commands, add_scheduler

_PACKAGE = "effective-training-workbench"
_ABOUT = """Which training programs are worth a worker's time, for whom, and how sure are we?
Runs the notebooks, compares their runs, checks files and says where every number comes from.
'workbench COMMAND --help' says what each command takes."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    arguments : sequence of str, optional
        Words after ``workbench``; those of the process where none are given.

    Returns
    -------
    int
        Exit code: 0 done, 1 something failed, 2 bad input, 130 stopped from the keyboard.

    Raises
    ------
    SystemExit
        By argparse, for words that are no command (2) and for ``--help`` and ``--version`` (0).

    Examples
    --------
    An input that cannot be used is one line on the standard error, and no traceback:

    >>> main(["fetch", "no_such_source"])
    2
    """
    for stream in (sys.stdout, sys.stderr):
        # a name in letters that this terminal does not have is still told
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    words = sys.argv[1:] if arguments is None else list(arguments)
    parser = _parser()
    if any("\0" in word for word in words):
        parser.error("a word holds a zero byte")
    options = parser.parse_args(words)
    try:
        return int(options.action(options))
    except WorkbenchError as error:
        print(f"workbench: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        # the reader of our output (head, less) has seen enough; nothing is left to say to it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        if is_disk_full(error):
            print(f"workbench: {DISK_FULL}", file=sys.stderr)
            return 1
        # a folder in place of a file, no right to read, a name that no disk takes
        named = f"{error.filename}: " if error.filename is not None else ""
        told = shown(f"{named}{error.strerror or error}")
        print(f"workbench: {told}. Check the path and its rights.", file=sys.stderr)
        return 2
    except Exception as error:
        if os.environ.get("WORKBENCH_DEBUG"):
            raise
        told = shown(f"a fault of the workbench ({type(error).__name__}: {error})", 300)
        remedy = "WORKBENCH_DEBUG=1 shows where; please report it. Earlier results are whole."
        print(f"workbench: {told}. {remedy}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("workbench: stopped; earlier results are whole", file=sys.stderr)
        return 130


class _Parser(argparse.ArgumentParser):
    """Words that are no command are told back short, and without what would steer a terminal."""

    def error(self, message: str) -> NoReturn:
        super().error(shown(message, 600))


class _Version(argparse.Action):
    """The version that is installed, looked up only where it is asked for."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        from importlib import metadata

        try:
            print(f"workbench {metadata.version(_PACKAGE)}")
        except metadata.PackageNotFoundError:
            parser.error(f"{_PACKAGE} is not installed: pip install -e .")
        parser.exit()


def _parser() -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = _Parser(prog="workbench", description=_ABOUT)
    parser.add_argument("--version", action=_Version, nargs=0, help="say the version and stop")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_run(commands)
    _add_source_commands(commands)
    _add_guide(commands)
    _add_evaluate(commands)
    accept = commands.add_parser(
        "accept", help="write the present key figures as the expected ones, and into the README"
    )
    accept.set_defaults(action=_accept)
    _add_file_commands(commands)
    add_run_commands(commands)
    return parser


def _add_run(commands: Commands) -> None:
    run = commands.add_parser("run", help="run what is stale and render its reports")
    run.add_argument("notebooks", nargs="*", metavar="NOTEBOOK", help="name or number; all if none")
    run.add_argument(
        "-p",
        nargs=2,
        action="append",
        default=[],
        metavar=("NAME", "VALUE"),
        dest="parameters",
        help="set a parameter of the notebooks that declare it (may be repeated); "
        "'workbench notebooks' lists them",
    )
    run.add_argument("--force", action="store_true", help="run also what is fresh")
    add_jobs(run)
    run.add_argument("--name", default="", help="name to find these runs again by, as in diff")
    add_scheduler(run, "give the effects of many programs to the workers")
    run.set_defaults(action=_run)


def _add_source_commands(commands: Commands) -> None:
    listing = commands.add_parser("sources", help="list each source: origin, release, what is lost")
    listing.set_defaults(action=_sources)
    fetch = commands.add_parser("fetch", help="fetch sources into data/raw")
    fetch.add_argument(
        "sources",
        nargs="*",
        metavar="SOURCE",
        help="ids, as 'workbench sources' lists them; all if none",
    )
    fetch.set_defaults(action=_fetch)
    notebooks = commands.add_parser("notebooks", help="list the notebooks and their parameters")
    notebooks.set_defaults(action=_notebooks)


def _add_guide(commands: Commands) -> None:
    guide = commands.add_parser("guide", help="write a handout for each worker of a list")
    guide.add_argument(
        "--workers",
        required=True,
        metavar="FILE",
        help="CSV, one row a worker; 'workbench template workers' writes an empty one",
    )
    guide.add_argument("--framework", default="", metavar="FILE", help="own framework file")
    guide.add_argument("--pdf", action="store_true", help="a tagged PDF beside each, by Chromium")
    guide.set_defaults(action=_guide)


def _add_evaluate(commands: Commands) -> None:
    evaluate = commands.add_parser("evaluate", help="hold results against a truth of your own")
    kinds = evaluate.add_subparsers(dest="kind", required=True, metavar="WHAT")
    similar = kinds.add_parser("similarity", help="similarity against moves between occupations")
    given = similar.add_mutually_exclusive_group(required=True)
    given.add_argument(
        "--pairs",
        metavar="FILE",
        default="",
        help="CSV or Parquet of origin, target, weight (SOC codes), or the table observed_moves",
    )
    given.add_argument(
        "--wioa", metavar="FILE", default="", help="records in the layout of the public WIOA file"
    )
    similar.set_defaults(action=_evaluate_similarity)


def _add_file_commands(commands: Commands) -> None:
    check = commands.add_parser("check", help="check a file of your own against its layout")
    check.add_argument("file", metavar="FILE")
    check.add_argument(
        "--layout", default="", help="such as group_outcomes (default: told by the headings)"
    )
    check.add_argument(
        "--html", default="", metavar="PAGE", help="write the problems as a page too"
    )
    check.set_defaults(action=_check)
    template = commands.add_parser("template", help="write an empty file and its dictionary")
    template.add_argument(
        "name", help="a layout, such as outcomes; worker (a record) or workers (a coach's list)"
    )
    template.add_argument("--folder", default=".", help="where to write (default: here)")
    template.set_defaults(action=_template)


def _say(line: str) -> None:
    print(shown(line), flush=True)


def _run(options: argparse.Namespace) -> int:
    from analysis.runs.pipeline import run

    given = dict(options.parameters)
    done = run(
        options.notebooks, given, _say, force=options.force, jobs=options.jobs, name=options.name,
        scheduler=options.scheduler,
    )  # fmt: skip
    return 0 if done else 1


def _sources(options: argparse.Namespace) -> int:
    from analysis.sources import at_hand, catalogue

    for entry in catalogue().values():
        found = at_hand(entry.id)
        state = f"here ({found.form}, from {found.origin})" if found else "NOT HERE"
        _say(f"{entry.id}: {state}")
        _say(f"    {entry.title}; {entry.release}; {entry.licence}")
        _say(f"    without it is lost: {entry.lost}")
        if not found and entry.obtain:
            _say(f"    how to get it: {entry.obtain}")
    return 0


def _fetch(options: argparse.Namespace) -> int:
    from analysis.sources import catalogue, fetch

    located = fetch(options.sources or list(catalogue()), _say)
    missing = [source_id for source_id, found in located.items() if found is None]
    _say(f"{len(located) - len(missing)} of {len(located)} sources are here")
    return 1 if options.sources and missing else 0


def _notebooks(options: argparse.Namespace) -> int:
    from analysis.parameters import all_notebooks

    for notebook in all_notebooks().values():
        needs = f" (needs {', '.join(notebook.needs)})" if notebook.needs else ""
        _say(f"{notebook.name}: {notebook.title}{needs}")
        for parameter in notebook.parameters:
            _say(f"    {parameter.name}: {parameter.type} = {parameter.default!r}")
            _say(f"        {parameter.meaning}")
    return 0


def _guide(options: argparse.Namespace) -> int:
    from pathlib import Path

    from analysis.runs.handouts import write_handouts

    done = write_handouts(Path(options.workers), _say, options.framework, pdf=options.pdf)
    return 0 if done else 1


def _evaluate_similarity(options: argparse.Namespace) -> int:
    from pathlib import Path

    from analysis.runs.evaluate import evaluate_similarity

    evaluate_similarity(Path(options.pairs or options.wioa), _say, wioa=bool(options.wioa))
    return 0


def _accept(options: argparse.Namespace) -> int:
    from analysis.runs.expected import accept
    from analysis.runs.readme import update_readme

    for line in accept():
        _say(line)
    if update_readme():
        _say("README.md: tables written anew")
    return 0


def _check(options: argparse.Namespace) -> int:
    from pathlib import Path

    from analysis.reports.file_check import check_page, check_text
    from analysis.tables.file_checks import check_file

    found = check_file(Path(options.file), options.layout)
    for line in check_text(found):
        _say(line)
    if options.html:
        check_page(found, Path(options.html))
        _say(f"page: {options.html}")
    return 1 if len(found.problems) else 0


def _template(options: argparse.Namespace) -> int:
    from pathlib import Path

    from analysis.reports.file_check import write_template

    for path in write_template(options.name, Path(options.folder)):
        _say(f"written: {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
