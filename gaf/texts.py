"""Which texts the code and the templates hold, and the catalogues that say them in other languages."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation.template import templatize

ROOMS = ("cms", "finance", "gaf", "templates", "workflow")
_WIDTH = 79
_WORDS: dict[str, Any] = {
    name: spec
    for lazily in ("", "_lazy")
    for name, spec in {
        f"gettext{lazily}": None,
        f"ngettext{lazily}": (1, 2),
        f"pgettext{lazily}": ((1, "c"), 2),
        f"npgettext{lazily}": ((1, "c"), 2, 3),
    }.items()
} | {"_": None, "gettext_noop": None}

Key = tuple[str, str]  # context and English, the singular where there are two


@dataclass
class Text:
    """One text: its context, its English (singular and plural where it counts), the files it stands in."""

    context: str
    english: tuple[str, ...]
    files: list[str] = field(default_factory=list)
    said: tuple[str, ...] = ()  # in the language of a catalogue; empty where it is not

    @property
    def key(self) -> Key:
        """What a catalogue finds it by."""
        return (self.context, self.english[0])


def in_the_source() -> dict[Key, Text]:
    """Every text of code and templates, in the order of the files."""
    found: dict[Key, Text] = {}
    for path in _files():
        for text in _texts_of(path):
            known = found.setdefault(text.key, text)
            if len(text.english) > len(known.english):
                known.english = text.english
            if text.files[0] not in known.files:
                known.files.append(text.files[0])
    return found


def _files() -> Iterator[Path]:
    for room in ROOMS:
        folder = settings.BASE_DIR / room
        yield from sorted(path for path in folder.rglob("*") if path.suffix in (".py", ".html", ".txt"))


def _texts_of(path: Path) -> Iterator[Text]:
    from babel.messages.extract import extract

    source = path.read_text()
    code = source if path.suffix == ".py" else templatize(source, origin=str(path))
    name = path.relative_to(settings.BASE_DIR).as_posix()
    for _line, message, _comments, context in extract("python", io.BytesIO(code.encode()), _WORDS, [], {}):
        english = tuple(one for one in message if one) if isinstance(message, tuple) else (message,)
        if english and english[0]:
            yield Text(context or "", english, [name])


def catalogue_of(language: str) -> Path:
    """Where a language's texts are written."""
    return settings.BASE_DIR / "gaf" / "locale" / language / "LC_MESSAGES" / "django.po"


def said_in(language: str) -> dict[Key, Text]:
    """What a catalogue holds."""
    from babel.messages.pofile import read_po

    with catalogue_of(language).open("rb") as lines:
        read = read_po(lines)
    found = {}
    for message in read:
        if message.id:
            english = (message.id,) if isinstance(message.id, str) else tuple(message.id)
            said = (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
            text = Text(message.context or "", english, [name for name, _line in message.locations], said)
            found[text.key] = text
    return found


def missing_in(language: str) -> list[str]:
    """English texts that the source holds and a catalogue does not say."""
    said = said_in(language)
    return [
        text.english[0]
        for key, text in in_the_source().items()
        if key not in said or not all(said[key].said) or len(said[key].english) != len(text.english)
    ]


def collect(language: str) -> int:
    """Write the catalogue anew: every text of the source, what was said of it kept, what is gone left out.

    Returns how many are not said yet.
    """
    path, said = catalogue_of(language), said_in(language)
    head = path.read_text().split("\n\n", 1)[0]
    parts, open_texts = [head], 0
    for key, text in in_the_source().items():
        known = said.get(key)
        words = known.said if known and len(known.english) == len(text.english) else ()
        open_texts += not (words and all(words))
        parts.append(_entry(text, words or ("",) * len(text.english)))
    path.write_text("\n\n".join(parts) + "\n")
    return open_texts


def _entry(text: Text, words: tuple[str, ...]) -> str:
    lines = [f"#: {name}" for name in text.files]
    if any("%(" in one or "%s" in one for one in text.english):
        lines.append("#, python-format")
    if text.context:
        lines += _quoted("msgctxt", text.context)
    lines += _quoted("msgid", text.english[0])
    if len(text.english) > 1:
        lines += _quoted("msgid_plural", text.english[1])
        for place, word in enumerate(words):
            lines += _quoted(f"msgstr[{place}]", word)
    else:
        lines += _quoted("msgstr", words[0])
    return "\n".join(lines)


def _quoted(name: str, value: str) -> list[str]:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    if len(name) + len(escaped) + 3 <= _WIDTH:
        return [f'{name} "{escaped}"']
    lines, line = [f'{name} ""'], ""
    for word in re.findall(r"\S+\s*|\s+", escaped):
        if line and len(line) + len(word) + 2 > _WIDTH:
            lines.append(f'"{line}"')
            line = ""
        line += word
    return [*lines, f'"{line}"']
