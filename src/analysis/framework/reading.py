"""How a framework file, whole or a proposal, is read and checked."""

from importlib import resources
from pathlib import Path

from pydantic import ValidationError

from analysis.errors import WorkbenchError
from analysis.framework.proposals import is_proposal, laid_over
from analysis.framework.reads import note_file, unnoted
from analysis.framework.whole import Framework
from analysis.plain_data import read_toml


def framework_path() -> Path:
    """File of the default framework, which ships with the package.

    Returns
    -------
    Path

    Examples
    --------
    >>> framework_path().name, "[disclosure]" in framework_path().read_text("utf-8")
    ('framework.toml', True)
    """
    return Path(str(resources.files("analysis.framework") / "framework.toml"))


def load_framework(path: Path | str = "") -> Framework:
    """Read and check a framework file.

    Parameters
    ----------
    path : Path or str, optional
        A TOML file of the same layout, or a proposal (:mod:`analysis.framework.proposals`) that is
        laid over the default one; empty for the default one.

    Returns
    -------
    Framework

    Raises
    ------
    WorkbenchError
        Missing file, broken TOML, unknown or missing key, wrong type, value out of range: the
        error names the file and the key.

    Examples
    --------
    >>> load_framework().disclosure.minimum_cell
    10
    """
    file = Path(path) if path else framework_path()
    content = read_toml(file, "framework file")
    if is_proposal(content):
        content = laid_over(content, read_toml(framework_path()), file.name)
    note_file(file)
    try:
        with unnoted():
            return Framework.model_validate(content)
    except ValidationError as error:
        raise WorkbenchError(
            f"{file.name}: {_first_fault(error)}", "Mend this key and run again."
        ) from None


def _first_fault(error: ValidationError) -> str:
    faults = error.errors()
    first = faults[0]
    key = ".".join(str(part) for part in first["loc"]) or "the file"
    message = "unknown key" if first["type"] == "extra_forbidden" else first["msg"]
    value = f" (found {first['input']!r})" if isinstance(first["input"], str | int | float) else ""
    more = f"; {len(faults) - 1} more" if len(faults) > 1 else ""
    return f"key '{key}': {message}{value}{more}"
