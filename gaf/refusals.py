"""What the system says when it will not do something: the rule, what was refused, why, and what to do next."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.functional import Promise

Words = str | Promise


class Refusal(Exception):
    """An expected “no”. It leaves nothing behind, and every page can show its three parts."""

    def __init__(self, code: str, what: Words, why: Words, next_step: Words) -> None:
        self.code, self.what, self.why, self.next_step = code, str(what), str(why), str(next_step)
        super().__init__(str(self))

    def __str__(self) -> str:
        return f"{self.what} {self.code}: {self.why} {self.next_step}"


class NotPermitted(Refusal):
    """This person may not do this act on this record (403). `refusals` holds every rule that says no."""

    def __init__(self, refusals: list[Refusal]) -> None:
        self.refusals = refusals
        first = refusals[0]
        super().__init__(first.code, first.what, first.why, first.next_step)


class MovedOn(Refusal):
    """The record is no longer where this person saw it (409). `subject` is the record as it is now."""

    def __init__(self, subject: object, code: str, what: Words, why: Words, next_step: Words) -> None:
        self.subject = subject
        super().__init__(code, what, why, next_step)


class Incomplete(Refusal):
    """Something is missing before this act can be done. `obstacles` lists each missing thing in words."""

    def __init__(self, code: str, what: Words, obstacles: Sequence[Words]) -> None:
        self.obstacles = [str(obstacle) for obstacle in obstacles]
        super().__init__(code, what, " ".join(self.obstacles), "")
