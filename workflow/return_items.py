"""What is to be done in each stage of a return: a list in three languages, `fixtures/reference/return_items.csv`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from django.utils.translation import get_language

from gaf.reference_data import rows


@dataclass(frozen=True)
class Item:
    """One item of a stage; what is owed must be done before the stage ends."""

    code: str
    stage: str
    owed: bool
    words: dict[str, str]

    @property
    def name(self) -> str:
        """Its name in the language that is spoken now."""
        return self.words.get((get_language() or "en")[:2], self.words["en"])


@lru_cache(maxsize=1)
def all_items() -> tuple[Item, ...]:
    """Every item of every stage, in order."""
    return tuple(
        Item(row["code"], row["stage"], row["owed"] == "yes", {code: row[code] for code in ("en", "fr", "es")})
        for row in rows("reference/return_items.csv")
    )


def items_of(stage: str) -> list[Item]:
    """The items of one stage."""
    return [item for item in all_items() if item.stage == stage]
