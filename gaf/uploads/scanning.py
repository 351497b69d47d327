"""Asks the virus scanner of the machine (ClamAV's clamd) about a file, where one is installed.

The protocol is clamd's INSTREAM (https://docs.clamav.net/manual/Usage/Scanning.html): the length of each piece in four
bytes, the piece, a piece of no length at the end; the answer is `stream: OK` or `stream: <name> FOUND`.
"""

from __future__ import annotations

import socket
from pathlib import Path

from django.conf import settings

_SECONDS = 30
_PIECE = 64 * 1024


class ScannerSilent(Exception):
    """The scanner could not be asked, or gave no answer that means anything; the file waits."""


def is_configured() -> bool:
    """Whether this installation has a scanner to ask."""
    return bool(settings.GAF_CLAMD_SOCKET)


def finds_in(content: bytes) -> str:
    """The name of what the scanner found in these bytes; empty when they are clean. Raises ScannerSilent."""
    try:
        answer = _asked(content)
    except OSError as cause:
        raise ScannerSilent(type(cause).__name__) from cause
    if answer == "stream: OK":
        return ""
    if answer.endswith(" FOUND"):
        return answer.removeprefix("stream: ").removesuffix(" FOUND") or "unnamed"
    raise ScannerSilent("answer")


def _asked(content: bytes) -> str:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        line.settimeout(_SECONDS)
        line.connect(str(Path(settings.GAF_CLAMD_SOCKET)))
        line.sendall(b"zINSTREAM\0")
        for place in range(0, len(content), _PIECE):
            piece = content[place : place + _PIECE]
            line.sendall(len(piece).to_bytes(4, "big") + piece)
        line.sendall(bytes(4))
        heard = b""
        while not heard.endswith(b"\0"):
            piece = line.recv(4096)
            if not piece:
                break
            heard += piece
    return heard.rstrip(b"\0\n").decode("ascii", "replace")
