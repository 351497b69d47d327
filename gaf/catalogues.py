"""Compiles the French and Spanish texts; Debian's Python brings no compiler for them, Babel does."""

from __future__ import annotations

import os
from pathlib import Path

FOLDER = Path(__file__).resolve().parent / "locale"


def compile_stale(folder: Path = FOLDER) -> list[str]:
    """Compile each catalogue that is newer than its compiled form; says which. Two processes may do it at once."""
    compiled = []
    for source in sorted(folder.glob("*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        _compile(source, target)
        compiled.append(source.parent.parent.name)
    return compiled


def _compile(source: Path, target: Path) -> None:
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    with source.open("rb") as lines:
        catalogue = read_po(lines, locale=source.parent.parent.name)
    part = target.with_name(f"{target.name}.{os.getpid()}")
    with part.open("wb") as whole:
        write_mo(whole, catalogue)
    part.replace(target)
