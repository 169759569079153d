"""A REST venue on a loopback port that answers each request as a test says, also late."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Answers = Callable[[str, int], tuple[int, str]]
"""Status and body for a path, and the how many-th request for it this is, from 1. It may wait."""


class ScriptedRest(ThreadingHTTPServer):
    """Answers GET by a function, each request in a thread of its own."""

    daemon_threads = True

    def __init__(self, answers: Answers) -> None:
        super().__init__(("127.0.0.1", 0), _Answering)
        self.answers = answers
        self.paths: list[str] = []
        self.lock = threading.Lock()

    @property
    def url(self) -> str:
        """Scheme, host and port."""
        return f"http://127.0.0.1:{self.server_port}"

    def take(self, path: str) -> tuple[int, str]:
        """Note a request and answer it."""
        with self.lock:
            self.paths.append(path)
            nth = self.paths.count(path)
        return self.answers(path, nth)


class _Answering(BaseHTTPRequestHandler):
    server: ScriptedRest

    def do_GET(self) -> None:
        status, body = self.server.take(self.path)
        data = body.encode()
        with contextlib.suppress(OSError):  # the client may be gone
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextlib.contextmanager
def scripted_rest(answers: Answers) -> Iterator[ScriptedRest]:
    """A running `ScriptedRest`."""
    with ScriptedRest(answers) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
