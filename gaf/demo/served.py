"""Pages asked for over a wire from two gunicorn workers, and what a worker's processor does for one of them."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.test import Client

WORKERS = 2
SITE, PLAIN = "gaf.wsgi:application", "gaf.demo.plain_site:application()"
_LONGEST_START = 60.0


class NotServed(RuntimeError):
    """The workers did not come up, or this machine does not tell what their processor does."""


class Served:
    """One application behind two workers."""

    def __init__(self, port: int, process: int) -> None:
        self._port, self._process = port, process

    def get(self, url: str, client: Client) -> int:
        """Ask for a page as the browser of whoever is signed in with this client; the status of the answer."""
        name = settings.SESSION_COOKIE_NAME
        told = {"Accept-Encoding": "gzip", "Host": "localhost"}
        if name in client.cookies:
            told["Cookie"] = f"{name}={client.cookies[name].value}"
        line = http.client.HTTPConnection("127.0.0.1", self._port, timeout=_LONGEST_START)
        try:
            line.request("GET", url, headers=told)
            answer = line.getresponse()
            answer.read()
        finally:
            line.close()
        return answer.status

    def cpu_of(self, url: str, client: Client, times: int) -> float:
        """Milliseconds of the workers' processor each time this page is asked for."""
        begun = self._cpu()
        for _time in range(times):
            self.get(url, client)
        return (self._cpu() - begun) * 1000 / times

    def _cpu(self) -> float:
        return sum(_seconds_of(worker) for worker in self.workers())

    def workers(self) -> list[int]:
        """The processes that answer."""
        told = Path(f"/proc/{self._process}/task/{self._process}/children")
        return [int(number) for number in told.read_text().split()] if told.exists() else []


def _seconds_of(process: int) -> float:
    return int(Path(f"/proc/{process}/schedstat").read_text().split()[0]) / 1e9


@contextmanager
def served(application: str) -> Iterator[Served]:
    """While this stands, two workers answer for an application with the settings and the database of this process.

    Raises NotServed where they do not come up within a minute.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "PYTHONPATH": str(settings.BASE_DIR)}
    process = subprocess.Popen(_command(application, port), env=environment)
    try:
        site = Served(port, process.pid)
        _wait_for(site, process)
        yield site
    finally:
        process.terminate()
        process.wait(timeout=_LONGEST_START)


def _command(application: str, port: int) -> list[str]:
    asked = ["--bind", f"127.0.0.1:{port}", "--workers", str(WORKERS), "--log-level", "warning"]
    return [sys.executable, "-m", "gunicorn", application, *asked, "--no-control-socket"]


def _wait_for(site: Served, process: subprocess.Popen[bytes]) -> None:
    """Until it answers, whatever it says, and its workers can be counted."""
    until = time.monotonic() + _LONGEST_START
    while process.poll() is None and time.monotonic() < until:
        try:
            site.get("/", Client())
        except OSError:
            time.sleep(0.1)
            continue
        if len(site.workers()) == WORKERS:
            return
        break
    raise NotServed("The workers did not come up, or this machine does not tell their processor time (Linux does).")
