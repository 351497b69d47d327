"""Real files of many banks, where a folder of them is beside the project: what is read agrees with what they say."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command

_PLACES = [Path(place) for place in (os.environ.get("GAF_SHARED_DATA", ""),) if place]
_PLACES.append(Path(settings.BASE_DIR).parent / "shared" / "data")
FOLDER = next((place / "statements" for place in _PLACES if (place / "statements" / "expected.json").exists()), None)
FILES: dict[str, Any] = json.loads((FOLDER / "expected.json").read_text())["files"] if FOLDER else {}
_ABOUT_THE_SAMPLE = {"source", "licence", "sha256", "bytes", "cross_check", "reason"}

pytestmark = pytest.mark.skipif(FOLDER is None, reason="no folder of real bank files here")


@pytest.mark.parametrize("name", FILES)
def test_a_real_file_is_read_as_it_says(name: str) -> None:
    assert FOLDER is not None
    answer = io.StringIO()
    call_command("read_statement", str(FOLDER / name), "--json", stdout=answer)
    told = json.loads(answer.getvalue())
    expected = {key: value for key, value in FILES[name].items() if key not in _ABOUT_THE_SAMPLE}
    if expected["outcome"] == "reject":
        assert told["outcome"] == "reject"
        assert told["error"]
    else:
        assert {key: told.get(key) for key in expected} == expected
