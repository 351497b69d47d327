"""A refusal is told by its code, and leaves everything as it was."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from gaf.refusals import NotPermitted, Refusal
from tests.stories import everything


@contextmanager
def refused(code: str, kind: type[Refusal] = Refusal) -> Iterator[pytest.ExceptionInfo[Refusal]]:
    """What happens inside is refused with this rule, and nothing moved."""
    before = everything()
    with pytest.raises(kind) as caught:
        yield caught
    refusal = caught.value
    codes = [one.code for one in refusal.refusals] if isinstance(refusal, NotPermitted) else [refusal.code]
    assert code in codes
    assert everything() == before
