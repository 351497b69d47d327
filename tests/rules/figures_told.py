"""Figures that proofs tell, for the command that writes them down (`manage.py protection_figures`)."""

from __future__ import annotations

import json
import os
from pathlib import Path


def tell_figure(what: str, figure: int) -> None:
    """Say a figure, which adds up with others of its name; and leave it as a line of JSON where the command asked."""
    print(f"{what}: {figure}")
    told_to = os.environ.get("GAF_FIGURES_TO")
    if told_to:
        with Path(told_to).open("a", encoding="utf-8") as file:
            file.write(json.dumps([what, figure]) + "\n")
