"""Serving the demo: it says at once when it cannot, and leaves nothing running behind it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from gaf.demo.serving import PortTaken, require_free_port

# The demo's own `serve` with two sleepers in place of site and worker, which tell their numbers.
SERVER = """
import sys, django
django.setup()
from gaf.demo import serving
serving.call_command = lambda *args, **kwargs: None
serving.open_bank = lambda: None
serving._site = serving._worker = lambda: ["sleep", "600"]
def tell_children(bank, running, say):
    print(*(process.pid for process in running), flush=True)
    running[0].wait()
serving._bank_days = tell_children
serving.serve(serving.Path(sys.argv[1]), print)
"""


def is_running(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    return True


class TestAPort:
    def test_that_is_free_is_taken(self) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            free = probe.getsockname()[1]

        require_free_port(free)

    def test_that_another_program_holds_is_refused_with_what_to_type(self) -> None:
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            taken = other.getsockname()[1]

            with pytest.raises(PortTaken, match=f"Port {taken} is taken.*GAF_DEMO_PORT={taken + 10}"):
                require_free_port(taken)


class TestEndingTheDemo:
    @pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
    def test_ends_the_site_and_the_worker_too(self, how: signal.Signals, tmp_path: Path) -> None:
        environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "gaf.settings.test"}
        server = subprocess.Popen(
            [sys.executable, "-c", SERVER, str(tmp_path)], env=environment, stdout=subprocess.PIPE, text=True
        )
        assert server.stdout is not None
        children = [int(number) for number in server.stdout.readline().split()]
        assert len(children) == 2
        assert all(is_running(number) for number in children)

        server.send_signal(how)
        server.communicate(timeout=30)

        assert server.returncode == 0
        assert not any(is_running(number) for number in children)
