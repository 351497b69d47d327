"""Every mail as it is written, in the three languages: the golden copy that a changed word is compared with."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import override

from gaf.documents.markdown import code, page, table
from gaf.notice_kinds import kind_of

_REFERENCE, _LINK = "GAF-2026-00042", "https://…/requests/GAF-2026-00042/"
_INTRODUCTION = (
    "Every mail, as the templates write it now. A mail is a subject that begins with the number, the number, one "
    "sentence, and a link; it says nothing of a case. People choose for each kind whether it comes at once, once a day "
    "or not; the urgent kind always comes at once."
)


def mail_list() -> str:
    """The document."""
    folder = Path(settings.BASE_DIR) / "templates" / "mail"
    names = sorted(path.name.removesuffix(".subject.txt") for path in folder.glob("*.subject.txt"))
    rows = [
        (code(name), kind_of(name).code, *(_said(name, language) for language, _name in settings.LANGUAGES))
        for name in names
    ]
    return page(
        "Mails", _INTRODUCTION, table(("Notice", "Kind", *(str(name) for _code, name in settings.LANGUAGES)), rows)
    )


def _said(name: str, language: str) -> str:
    context = {"reference": _REFERENCE, "link": _LINK}
    with override(language):
        subject = render_to_string(f"mail/{name}.subject.txt", context).strip().removeprefix(_REFERENCE)
        body = render_to_string(f"mail/{name}.txt", context).strip().splitlines()
    words = subject.lstrip(": \u00a0")
    return f"**{words}** {' '.join(body[1:-1]).strip()}"
