"""The stand-in's door: HTTP on the loopback address, one thread a connection, nothing written to the log."""

from __future__ import annotations

import socket
import socketserver
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, Protocol
from urllib.parse import urlsplit

from finance.stand_ins.stripe_keys import Reply

LONGEST_BODY = 64 * 1024


class Answers(Protocol):
    """Whatever answers the requests that come through the door."""

    def answer(
        self, method: str, path: str, form: str, headers: Mapping[str, str]
    ) -> tuple[Reply | None, dict[str, str]]: ...


class LoopbackServer(socketserver.ThreadingMixIn, HTTPServer):
    """Listens on 127.0.0.1 only. `port` 0 takes a free one."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, answers: Answers, port: int) -> None:
        self.answers = answers
        self._open: set[socket.socket] = set()
        self._open_lock = threading.Lock()
        super().__init__(("127.0.0.1", port), _Handler)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def server_bind(self) -> None:
        """Bind without asking any name server for our own name, which takes seconds on a machine without one."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = "127.0.0.1", self.server_address[1]

    def start(self) -> None:
        threading.Thread(target=self.serve_forever, args=(0.05,), name="stripe-stand-in", daemon=True).start()

    def stop(self) -> None:
        """Stop listening and cut the connections kept open, so that nobody goes on talking to a stopped stand-in."""
        self.shutdown()
        self.server_close()
        with self._open_lock:
            still_open = list(self._open)
        for connection in still_open:
            cut(connection)

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._open_lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._open_lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hung up is not news; anything else is shown as usual."""
        import sys

        if not isinstance(sys.exc_info()[1], (ConnectionError, TimeoutError, ValueError)):
            super().handle_error(request, client_address)


def cut(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body in one packet: two would wait 40 ms for each other
    server: LoopbackServer

    def do_GET(self) -> None:
        self._answer("GET", urlsplit(self.path).query)

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "0")
        if not length.isdigit() or int(length) > LONGEST_BODY:
            self.close_connection = True
            self._write(Reply(413, '{"error": {"type": "invalid_request_error", "message": "Too large"}}'), {})
            return
        body = self.rfile.read(int(length))
        self._answer("POST", body.decode("utf-8", "surrogateescape"))

    def do_DELETE(self) -> None:
        self._answer("DELETE", "")

    def _answer(self, method: str, form: str) -> None:
        headers = {name: self.headers.get(name, "") for name in _HEADERS}
        reply, extra = self.server.answers.answer(method, urlsplit(self.path).path, form, headers)
        if reply is None:
            self.close_connection = True
            cut(self.connection)
            return
        self._write(reply, extra)

    def _write(self, reply: Reply, extra: dict[str, str]) -> None:
        body = reply.body.encode()
        self.send_response(reply.status)
        for name, value in ({"Content-Type": "application/json"} | extra).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: addresses of requests are not for logs."""


_HEADERS = ("Authorization", "Stripe-Account", "Stripe-Version", "Idempotency-Key")
