"""A REST venue on a loopback port, in a thread, and ports where nobody answers."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class RestVenue(ThreadingHTTPServer):
    """Gives one answer to every GET, and notes the paths."""

    daemon_threads = True

    def __init__(self, status: int, body: bytes) -> None:
        super().__init__(("127.0.0.1", 0), _Answering)
        self.status = status
        self.body = body
        self.headers: dict[str, str] = {}
        self.paths: list[str] = []

    @property
    def url(self) -> str:
        """Scheme, host and port."""
        return f"http://127.0.0.1:{self.server_port}"


class _Answering(BaseHTTPRequestHandler):
    server: RestVenue
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.server.paths.append(self.path)
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(len(self.server.body)))
        self.send_header("Connection", "close")
        for name, value in self.server.headers.items():
            self.send_header(name, value)
        self.end_headers()
        with contextlib.suppress(OSError):  # the client may have had enough
            self.wfile.write(self.server.body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextlib.contextmanager
def rest_venue(status: int, body: str | bytes) -> Iterator[RestVenue]:
    """A running `RestVenue`."""
    data = body.encode() if isinstance(body, str) else body
    with RestVenue(status, data) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


@contextlib.contextmanager
def silent_port() -> Iterator[int]:
    """A port that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield int(listening.getsockname()[1])


def closed_port() -> int:
    """A port that nobody listens on."""
    with silent_port() as port:
        return port
