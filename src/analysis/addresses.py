"""A user's own file wherever it lies: on this machine, in an object store, on a web server.

Addresses are those of fsspec, as in ``s3://bucket/people.parquet``; a plain path is one too. What
lies elsewhere is copied here once for each state of it, a piece at a time, and read from the copy.
"""

import hashlib
from pathlib import Path
from urllib.parse import urlsplit

from analysis.atomic import replacing
from analysis.errors import WorkbenchError, is_disk_full
from analysis.paths import cache_folder

# by which stores tell one state of a file from the next
_STATES = ("ETag", "etag", "LastModified", "last_modified", "mtime", "created", "generation")


def is_address(value: str) -> bool:
    """Whether a text names a place by its protocol.

    Parameters
    ----------
    value : str
        A path or an address.

    Returns
    -------
    bool
        True where it holds ``://``; nothing is opened or looked up.

    Examples
    --------
    >>> is_address("s3://bucket/people.csv"), is_address("data/people.csv")
    (True, False)
    """
    return "://" in value


def local_file(address: str) -> Path:
    """File of this machine with what lies at an address.

    Parameters
    ----------
    address : str
        A path, or an address of fsspec. What a store needs to know of its user comes from the
        environment (as ``AWS_ACCESS_KEY_ID``), never from the address.

    Returns
    -------
    Path
        The file itself where it lies here, otherwise a copy, made anew when what lies there has
        changed. Its name is that at the address.

    Raises
    ------
    WorkbenchError
        Where the address cannot be reached, holds no file or a password, or needs a package that
        is not installed.

    Examples
    --------
    >>> local_file("people.csv").name
    'people.csv'
    """
    if not is_address(address):
        return Path(address)
    if urlsplit(address).password is not None:
        raise WorkbenchError(
            "an address holds a password, which reports would show",
            "Give it in the environment, as the store's own tools take it.",
        )
    try:
        return _copied(address)
    except WorkbenchError:
        raise
    except FileNotFoundError:
        raise WorkbenchError(f"{address}: no file lies there", "Check the address.") from None
    except ImportError as error:
        raise WorkbenchError(
            f"{address}: this kind of address needs a package that is not installed",
            f"{error}.",
        ) from None
    except Exception as error:
        if is_disk_full(error):
            raise
        # each kind of store has its own errors
        raise WorkbenchError(
            f"{address}: it cannot be reached ({type(error).__name__}: {error})",
            "Check the address, the network and what the store must know of you.",
        ) from error


def _copied(address: str) -> Path:
    try:
        import fsspec
        from fsspec.implementations.local import LocalFileSystem
    except ImportError:
        raise ImportError("Install it: pip install -e '.[scale]'") from None
    try:
        store, path = fsspec.core.url_to_fs(address)
    except ValueError as error:
        raise WorkbenchError(f"{address}: {error}", "Give an address of fsspec.") from None
    if isinstance(store, LocalFileSystem):
        return Path(path)
    # asked anew each time: a store remembers listings
    store.invalidate_cache()
    about = store.info(path)
    if about["type"] != "file":
        raise WorkbenchError(f"{address}: a folder", "Name one file in it.")
    told = sorted((key, str(about[key])) for key in ("size", *_STATES) if key in about)
    state = hashlib.sha256(f"{address} {told}".encode()).hexdigest()
    copy = cache_folder() / "addresses" / state[:24] / Path(path).name
    # one that tells nothing of its state may have changed within the same size
    if not copy.is_file() or not set(about).intersection(_STATES):
        with replacing(copy) as temporary:
            store.get_file(path, str(temporary))
    return copy
