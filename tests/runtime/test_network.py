"""Addresses: never without leave, and whatever a server does is one clear error."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cli_support import lines, records
from conftest import Run

from docx_cli.errors import FileAccessError, TimeLimitError, UnsupportedInputError, UsageError
from docx_cli.network import fetch
from docx_cli.source import load

DOCUMENT = (Path(__file__).parents[1] / "fixtures" / "invoice.pdf").read_bytes()
MOVED = {
    "/moved": "/invoice.pdf",
    "/loop": "/loop",
    "/file": "file:///etc/passwd",
    "/ftp": "ftp://127.0.0.1/invoice.pdf",
}


class Server(BaseHTTPRequestHandler):
    """Serves one document, in good ways and in bad ones."""

    asked: list[str]

    def do_GET(self) -> None:
        self.asked.append(self.path)
        if self.path in MOVED:
            self.send_response(302)
            self.send_header("Location", MOVED[self.path])
            self.end_headers()
        elif self.path.startswith("/invoice"):
            self.send_response(200)
            self.send_header("Content-Disposition", 'attachment; filename="../../evil.pdf"')
            self.send_header("Content-Type", "image/png")
            self.end_headers()
            self.wfile.write(DOCUMENT)
        elif self.path == "/drip":
            self.send_response(200)
            self.end_headers()
            for _ in range(100):
                self.wfile.write(b"%")
                time.sleep(0.05)
        elif self.path == "/cut":
            self.send_response(200)
            self.send_header("Content-Length", "100000")
            self.end_headers()
            self.wfile.write(DOCUMENT[:100])
        else:
            self.send_error(404)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Serve on this machine; return the address."""
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    Server.asked = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_nothing_is_fetched_without_leave(docx_here: Run, site: str) -> None:
    address = f"{site}/invoice.pdf"
    done = docx_here("ocr", address)
    said = "lies on the network, which docx does not use (--allow-network lets docx fetch it)"
    assert (done.returncode, lines(done)) == (2, [f"docx: {address}: {said}"])
    with pytest.raises(UsageError):
        load(address)
    assert Server.asked == []


def test_with_leave_it_is_a_document_like_others(docx_here: Run, site: str, tmp_path: Path) -> None:
    address = f"{site}/invoice.pdf?token=a/../b"
    done = docx_here("ocr", address, "--allow-network", "-o", f"{tmp_path}/out/")
    assert (done.returncode, lines(done)) == (0, [])
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["b.json"]
    several = docx_here("ocr", f"{site}/invoice.pdf", f"{site}/none", "--allow-network")
    assert several.returncode == 10
    found = records(several)
    assert [record["source"] for record in found] == [f"{site}/invoice.pdf", f"{site}/none"]
    assert found[1]["error"]["message"] == "cannot be fetched: the server says 404 Not Found"


def test_a_picture_of_a_page_of_it(docx_here: Run, site: str, tmp_path: Path) -> None:
    picture = tmp_path / "page.png"
    done = docx_here("show", f"{site}/moved", "--allow-network", "-o", picture)
    assert (done.returncode, picture.exists()) == (0, True)


def test_redirects_stay_on_the_web(site: str) -> None:
    assert fetch(f"{site}/moved") == DOCUMENT
    for path in ("file", "ftp", "loop"):
        with pytest.raises(FileAccessError, match="cannot be fetched"):
            fetch(f"{site}/{path}")


def test_limits(site: str) -> None:
    assert fetch(f"{site}/invoice.pdf", largest=len(DOCUMENT)) == DOCUMENT
    with pytest.raises(UnsupportedInputError, match="is larger than"):
        fetch(f"{site}/invoice.pdf", largest=len(DOCUMENT) - 1)
    with pytest.raises(TimeLimitError, match="too long"):
        fetch(f"{site}/drip", longest=0.3)


@pytest.mark.parametrize("path", ["/cut", "/none", ":x/", " /"])
def test_what_servers_and_addresses_do(site: str, path: str) -> None:
    with pytest.raises(FileAccessError, match="cannot be fetched") as caught:
        fetch(site + path)
    assert "\n" not in str(caught.value)


def test_nobody_answers() -> None:
    with pytest.raises(FileAccessError, match="Connection refused"):
        fetch("http://127.0.0.1:9/")
