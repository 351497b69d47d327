"""How the Stripe stand-in says no: in Stripe's own shape, so that Stripe's own library raises its own exceptions."""

from __future__ import annotations

from typing import Any


class StripeSaysNo(Exception):
    """A refused request. `is_kept` says whether Stripe would repeat it under the same idempotency key for a day."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        code: str = "",
        param: str = "",
        kind: str = "invalid_request_error",
        is_kept: bool = False,
    ) -> None:
        super().__init__(message)
        self.status, self.message, self.code, self.param = status, message, code, param
        self.kind, self.is_kept = kind, is_kept

    def body(self) -> dict[str, Any]:
        inner = {"type": self.kind, "message": self.message}
        if self.code:
            inner["code"] = self.code
        if self.param:
            inner["param"] = self.param
        return {"error": inner}


def no_such(kind: str, ref: str, *, status: int = 404, param: str = "id") -> StripeSaysNo:
    return StripeSaysNo(status, f"No such {kind}: '{ref}'", code="resource_missing", param=param)


def not_now(message: str, code: str, param: str = "") -> StripeSaysNo:
    """A refusal found while carrying the request out; Stripe keeps it with the key."""
    return StripeSaysNo(400, message, code=code, param=param, is_kept=True)
