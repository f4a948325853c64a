"""Pages on paper: a tagged PDF beside each, by a Chromium that is at hand."""

import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from analysis.errors import WorkbenchError

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--no-pdf-header-footer", "--export-tagged-pdf", "--generate-pdf-document-outline",
)  # fmt: skip
_SECONDS = 120


def browser() -> str:
    """Where Chromium is.

    Returns
    -------
    str
        Path of the program.

    Raises
    ------
    WorkbenchError
        Where there is none.

    Examples
    --------
    >>> from unittest.mock import patch
    >>> with patch("shutil.which", {"google-chrome": "bin/google-chrome"}.get):
    ...     browser()
    'bin/google-chrome'
    >>> with patch("shutil.which", return_value=None):
    ...     browser()
    Traceback (most recent call last):
    analysis.errors.WorkbenchError: no Chromium is at hand to make PDF files with. Install ...
    """
    for name in _NAMES:
        if found := shutil.which(name):
            return found
    raise WorkbenchError(
        "no Chromium is at hand to make PDF files with",
        "Install Chromium, or print the pages from a browser.",
    )


def print_pages(
    pages: Iterable[Path], said: Callable[[int], None] = lambda done: None
) -> list[Path]:
    """Print each page to a tagged PDF of the same name beside it.

    Parameters
    ----------
    pages : iterable of Path
        HTML files.
    said : callable, optional
        Receives how many are done, after each.

    Returns
    -------
    list of Path
        The PDF files.

    Raises
    ------
    WorkbenchError
        Where no Chromium is at hand, or it makes no file of a page.

    Examples
    --------
    With a browser that does nothing the page is missed:

    >>> from unittest.mock import patch
    >>> with patch("shutil.which", return_value="chromium"), patch("subprocess.run"):
    ...     print_pages([Path("no_such_folder/row_1.html")])
    Traceback (most recent call last):
    analysis.errors.WorkbenchError: Chromium made no PDF of row_1.html. Print the page ...
    """
    command, made = browser(), []
    with tempfile.TemporaryDirectory() as profile:
        for page in pages:
            target = page.with_suffix(".pdf")
            target.unlink(missing_ok=True)
            subprocess.run(
                [command, *_FLAGS, f"--user-data-dir={profile}", f"--print-to-pdf={target}",
                 page.resolve().as_uri()],
                capture_output=True, check=False, timeout=_SECONDS,
            )  # fmt: skip
            if not target.is_file():
                raise WorkbenchError(
                    f"Chromium made no PDF of {page.name}", "Print the page from a browser."
                )
            made.append(target)
            said(len(made))
    return made
