"""How the pages of docs/ are built: ``make docs``."""

import tomllib
from pathlib import Path

_PROJECT = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text("utf-8"))[
    "project"
]

project = "Effective Training Workbench"
version = release = _PROJECT["version"]
extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.napoleon",
]
root_doc = "contents"
exclude_patterns = ["_build"]
autosummary_generate = True
autodoc_default_options = {"members": True, "member-order": "bysource"}
napoleon_google_docstring = False
# attributes of a class once: autodoc lists them too
napoleon_use_ivar = True
# links from one page of the repository to another outside of docs/ stay as they are
suppress_warnings = ["myst.xref_missing", "myst.header", "ref.python"]
html_theme = "alabaster"
html_theme_options = {"description": _PROJECT["description"], "font_family": "sans-serif"}
