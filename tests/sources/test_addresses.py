"""A user's own file at an address: the bytes that lie there now, or one line that says why not."""

import shutil
import socket
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import fsspec
import pytest

from analysis import addresses
from analysis.addresses import local_file
from analysis.errors import WorkbenchError


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WORKBENCH_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def memory() -> Iterator[fsspec.AbstractFileSystem]:
    store = fsspec.filesystem("memory")
    yield store
    store.store.clear()
    store.pseudo_dirs[:] = [""]


def test_files_of_this_machine_are_read_where_they_lie(tmp_path: Path, cache: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text("a\n1\n")
    assert local_file(str(file)) == file
    assert local_file(f"file://{file}") == file
    assert not cache.exists()


def test_a_copy_is_made_once_for_each_state(
    memory: fsspec.AbstractFileSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory.pipe("/store/people.csv", b"a\n1\n")
    first = local_file("memory://store/people.csv")
    assert (first.name, first.read_bytes()) == ("people.csv", b"a\n1\n")
    with monkeypatch.context() as patch:
        patch.setattr(addresses, "replacing", lambda _: pytest.fail("copied again"))
        assert local_file("memory://store/people.csv") == first
    memory.pipe("/store/people.csv", b"a\n2\n")
    second = local_file("memory://store/people.csv")
    assert second.read_bytes() == b"a\n2\n"
    assert first.read_bytes() == b"a\n1\n"


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("memory://store/none.csv", "no file lies there"),
        ("memory://store", "a folder. Name one file"),
        ("gopher://store/a.csv", "Protocol not known"),
        ("https://me:secret@store/a.csv", "holds a password"),
    ],
)
def test_what_cannot_be_read_is_one_line(
    memory: fsspec.AbstractFileSystem, address: str, message: str
) -> None:
    memory.pipe("/store/people.csv", b"a\n1\n")
    with pytest.raises(WorkbenchError, match=message) as raised:
        local_file(address)
    assert "\n" not in str(raised.value)
    assert "secret" not in str(raised.value)


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def without(address: str) -> None:
        raise ImportError("Install s3fs to access S3")

    monkeypatch.setattr(fsspec.core, "url_to_fs", without)
    with pytest.raises(WorkbenchError, match=r"not installed\. Install s3fs"):
        local_file("s3://bucket/people.csv")


def test_a_copy_that_breaks_off_leaves_nothing(
    memory: fsspec.AbstractFileSystem, monkeypatch: pytest.MonkeyPatch, cache: Path
) -> None:
    def breaks(store: object, path: str, target: str) -> None:
        Path(target).write_bytes(b"half")
        raise ConnectionResetError("gone")

    memory.pipe("/store/people.csv", b"a\n1\n")
    monkeypatch.setattr(type(memory), "get_file", breaks)
    with pytest.raises(WorkbenchError, match=r"cannot be reached \(ConnectionResetError: gone\)"):
        local_file("memory://store/people.csv")
    assert not [path for path in cache.rglob("*") if path.is_file()]


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An S3-compatible store on loopback with the bucket ``data``."""
    pytest.importorskip("s3fs")
    server = pytest.importorskip("moto.server").ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    address = f"http://127.0.0.1:{server._server.socket.getsockname()[1]}"
    for name, value in {
        "AWS_ENDPOINT_URL": address, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    store = fsspec.filesystem("s3", skip_instance_cache=True)
    store.makedirs("data", exist_ok=True)
    yield store
    server.stop()


def test_an_object_store(bucket: fsspec.AbstractFileSystem) -> None:
    bucket.pipe("data/people.csv", b"a\n1\n")
    assert local_file("s3://data/people.csv").read_bytes() == b"a\n1\n"
    bucket.pipe("data/people.csv", b"a\n2\n")
    assert local_file("s3://data/people.csv").read_bytes() == b"a\n2\n"
    with pytest.raises(WorkbenchError, match="no file lies there"):
        local_file("s3://data/none.csv")


def test_an_object_store_that_does_not_answer(
    bucket: fsspec.AbstractFileSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{free.getsockname()[1]}")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    fsspec.get_filesystem_class("s3").clear_instance_cache()
    with pytest.raises(WorkbenchError, match="cannot be reached"):
        local_file("s3://data/people.csv")


def test_a_web_server(tmp_path: Path) -> None:
    pytest.importorskip("aiohttp")
    folder = tmp_path / "served"
    folder.mkdir()
    (folder / "people.csv").write_text("a\n1\n")
    handler = partial(SimpleHTTPRequestHandler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_address[1]}/people.csv"
        assert local_file(address).read_text() == "a\n1\n"
        (folder / "people.csv").write_text("a\n2\n")
        assert local_file(address).read_text() == "a\n2\n"
        shutil.rmtree(folder)
        with pytest.raises(WorkbenchError, match="no file lies there"):
            local_file(address)
        server.shutdown()
