"""A hostile or broken publisher, played by a real server on loopback: the file or one error."""

import contextlib
import gzip
import hashlib
import http.server
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from analysis import downloads
from analysis.errors import WorkbenchError

CONTENT = b"soc_code,wage\n31-9092,40000\n" * 2_000
SHA256 = hashlib.sha256(CONTENT).hexdigest()
BOMB = gzip.compress(bytes(200_000_000), compresslevel=9, mtime=0)


class _Hostile(http.server.BaseHTTPRequestHandler):
    """What it does wrong is its address."""

    other = ""
    sent = 0

    def do_GET(self) -> None:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            getattr(self, self.path.strip("/").replace("-", "_"))()

    def head(self, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def right(self) -> None:
        self.head(Content_Length=str(len(CONTENT)))
        self.wfile.write(CONTENT)

    def half(self) -> None:
        self.head(Content_Length=str(len(CONTENT)))
        self.wfile.write(CONTENT[: len(CONTENT) // 2])

    def half_unsaid(self) -> None:
        self.head()
        self.wfile.write(CONTENT[: len(CONTENT) // 2])

    def dripping(self) -> None:
        self.head(Content_Length=str(len(CONTENT)))
        for position in range(200):
            self.wfile.write(CONTENT[position : position + 1])
            self.wfile.flush()
            time.sleep(0.02)

    def silent(self) -> None:
        self.head(Content_Length=str(len(CONTENT)))
        time.sleep(1.0)

    def endless(self) -> None:
        self.head()
        while True:
            self.wfile.write(CONTENT)
            type(self).sent += len(CONTENT)

    def bomb(self) -> None:
        self.head(Content_Encoding="gzip", Content_Length=str(len(BOMB)))
        self.wfile.write(BOMB)

    def no_gzip(self) -> None:
        self.head(Content_Encoding="gzip", Content_Length=str(len(CONTENT)))
        self.wfile.write(CONTENT)

    def elsewhere(self) -> None:
        self.head(302, Location=f"{self.other}/right")

    def elsewhere_wrong(self) -> None:
        self.head(302, Location=f"{self.other}/half-unsaid")

    def round_and_round(self) -> None:
        self.head(302, Location=self.path)

    def to_a_file(self) -> None:
        self.head(302, Location="file:///etc/passwd")

    def html(self) -> None:
        page = b"<html>please log in</html>"
        self.head(Content_Length=str(len(page)))
        self.wfile.write(page)

    def log_message(self, *_: object) -> None:
        """Keep the test's output clean."""


@pytest.fixture
def hosts() -> Iterator[str]:
    """Two servers; the second is the 'other host' of the first. Gives the first's address."""
    servers = [http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Hostile) for _ in range(2)]
    _Hostile.other, _Hostile.sent = f"http://localhost:{servers[1].server_port}", 0
    threads = [threading.Thread(target=one.serve_forever, daemon=True) for one in servers]
    for thread in threads:
        thread.start()
    yield f"http://127.0.0.1:{servers[0].server_port}"
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(downloads, "_unreachable_hosts", set())
    monkeypatch.setattr(downloads, "ANY_TRANSFER", 1.0)
    monkeypatch.setattr(downloads, "SLOWEST_LINE", 1e6)


def ask(address: str, folder: Path, **options: float) -> bool:
    wanted = {"timeout": 0.5, "tries": 1, **options}
    return downloads.from_publisher(
        address,
        folder / "wages.csv",
        SHA256,
        len(CONTENT),
        timeout=wanted["timeout"],
        tries=int(wanted["tries"]),
    )


@pytest.mark.parametrize("way", ["right", "elsewhere"])
def test_the_right_bytes_are_taken_whoever_sends_them(hosts: str, tmp_path: Path, way: str) -> None:
    assert ask(f"{hosts}/{way}", tmp_path)
    assert (tmp_path / "wages.csv").read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("way", "message"),
    [
        ("half", "the transfer ended early|does not have the pinned"),
        ("half-unsaid", "pinned sha256"),
        ("dripping", "only [0-9,]+ of 56,000 bytes came in time"),
        ("endless", "sends more than the 56,000 bytes pinned"),
        ("bomb", "sends more than the 56,000 bytes pinned"),
        ("no-gzip", "the transfer ended early|pinned sha256"),
        ("elsewhere-wrong", "pinned sha256"),
        ("to-a-file", "pinned sha256"),
        ("html", "pinned sha256"),
    ],
)
@pytest.mark.parametrize("before", [b"", b"an earlier file"])
def test_anything_else_is_one_error_and_leaves_what_was_there(
    hosts: str, tmp_path: Path, way: str, message: str, before: bytes
) -> None:
    if before:
        (tmp_path / "wages.csv").write_bytes(before)
    with pytest.raises(WorkbenchError, match=message):
        ask(f"{hosts}/{way}", tmp_path)
    left = {path.name: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert left == ({"wages.csv": before} if before else {})


@pytest.mark.parametrize("way", ["silent", "round-and-round", "no-such-page"])
def test_a_server_that_never_gives_the_file_is_passed_over(
    hosts: str, tmp_path: Path, way: str
) -> None:
    assert not ask(f"{hosts}/{way}", tmp_path)
    assert not list(tmp_path.iterdir())


def test_an_endless_server_is_cut_off_and_not_read_to_the_disks_end(
    hosts: str, tmp_path: Path
) -> None:
    with pytest.raises(WorkbenchError):
        ask(f"{hosts}/endless", tmp_path)
    # what the system's buffers hold beyond the 56 kB of the file
    assert _Hostile.sent < 50_000_000
