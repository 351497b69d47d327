"""Somebody else's stand-in for Stripe: few addresses, few fields, no filters, and nothing that ours knows beyond that.

It says less than Stripe does, so that a rail that leans on what it was not promised falls over here.
"""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qsl, urlsplit


class AnotherStandIn:
    """`with AnotherStandIn() as it:` and `it.address`. `transfers` and `payouts` are what it holds."""

    def __init__(self) -> None:
        self.transfers: list[dict] = []
        self.payouts: list[dict] = []
        self.keys: dict[str, dict] = {}
        self.paths: list[str] = []
        stand_in = self

        class Door(BaseHTTPRequestHandler):
            def do_GET(self):
                self._say(*stand_in.show(urlsplit(self.path).path, self.headers))

            def do_POST(self):
                form = dict(parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
                self._say(*stand_in.make(urlsplit(self.path).path, form, self.headers))

            def _say(self, status, values):
                body = json.dumps(values).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self._server = HTTPServer(("127.0.0.1", 0), Door)
        self.address = f"http://127.0.0.1:{self._server.server_port}/"

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()

    def show(self, path, headers):
        self.paths.append(path)
        if path == "/v1/transfers":
            return 200, {"object": "list", "data": self.transfers}
        if path == "/v1/payouts":
            mine = [row for row in self.payouts if row["_account"] == headers.get("Stripe-Account", "")]
            return 200, {"object": "list", "data": mine}
        for row in self.payouts:
            if path == f"/v1/payouts/{row['id']}":
                return 200, row
        return 404, {"error": {"message": "Not found"}}

    def make(self, path, form, headers):
        self.paths.append(path)
        known = self.keys.get(headers["Idempotency-Key"])
        if known is not None:
            return 200, known
        rows = {"/v1/transfers": self.transfers, "/v1/payouts": self.payouts}[path]
        kind = path.rsplit("/", 1)[1].rstrip("s")
        row = {
            "id": f"{kind}-{len(rows) + 1}",
            "object": kind,
            "amount": int(form["amount"]),
            "currency": form["currency"],
            "metadata": {name[9:-1]: value for name, value in form.items() if name.startswith("metadata[")},
        }
        if kind == "transfer":
            row["destination"] = form["destination"]
        else:
            row |= {"status": "paid", "_account": headers.get("Stripe-Account", "")}
        rows.append(row)
        self.keys[headers["Idempotency-Key"]] = row
        return 200, row
