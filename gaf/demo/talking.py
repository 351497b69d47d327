"""What people of the demo say about requests that wait, what they plan to do about them, and which lists they keep."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from gaf import clock, ids
from gaf.demo import acting_parts as do
from gaf.demo.stage import Stage
from gaf.privacy.reads import read
from workflow.actions.activities import Planned, finish_activity, plan_activity
from workflow.actions.drafting import edit_situation
from workflow.actions.following import follow
from workflow.actions.remarks import keep_note, send_message
from workflow.actions.saved_views import Kept, keep_view

_BETWEEN = timedelta(minutes=9)


def talk_about(stage: Stage, in_review: str, to_decide: str) -> None:
    """A question answered by a text written anew; messages, notes and activities on a request in review and on one
    whose budget waits, of today, late and done; and the lists they keep."""
    start = clock.now()
    for place, scene in enumerate(_scenes(stage, in_review, to_decide)):
        with clock.at(start + _BETWEEN * place):
            scene()


def _scenes(stage: Stage, in_review: str, to_decide: str) -> list[Callable[[], object]]:
    return [
        lambda: _ask_and_look(stage, in_review),
        lambda: _write_anew(stage, in_review),
        lambda: _say(stage, "amina", in_review, "Le centre a encore deux lits libres jusqu’à vendredi."),
        lambda: _say(stage, "bruno", in_review, "Thank you. @Amina, does he agree to be seen by a doctor first?"),
        lambda: _note(
            stage, "bruno", in_review, "@Chen: the amount is near the top of what such cases cost in Agadez."
        ),
        lambda: _ring(stage, in_review),
        lambda: _plan(stage, "amina", in_review, "VISIT", days=1, note="Le voir au centre avant midi."),
        lambda: _plan(
            stage, "chen", to_decide, "CHECK", days=0, note="Compare with the last three quotes for a night."
        ),
        lambda: _plan(stage, "helena", to_decide, "DECISION", days=3, for_whom="chen", note="Within your limit."),
        lambda: follow(request_id=do.of(to_decide).pk, follows=True, actor=stage.who("omar"), at=clock.now()),
        lambda: _keep(stage, "bruno", "Open, by state", "is:open by:state", shared=True),
        lambda: _keep(stage, "bruno", "Mine, the next due first", "is:open who:me", sort="due"),
        lambda: _keep(stage, "amina", "En cours, par état", "is:open by:state", shared=True),
    ]


def _ask_and_look(stage: Stage, reference: str) -> None:
    """Bruno reads the request, and asks; what changes from now on is new to him."""
    read(stage.who("bruno"), "record", reference)
    do.ask(stage, "bruno", reference, [("SITUATION", "Since when exactly, and where does he sleep?")])


def _write_anew(stage: Stage, reference: str) -> None:
    """Amina writes in the request what she was asked, and answers."""
    text = "Bloqué à la gare routière depuis neuf jours, sans abri ; il dort dehors, sous l’auvent du guichet."
    edit_situation(request_id=do.of(reference).pk, situation=text, actor=stage.who("amina"), at=clock.now())
    do.answer(stage, "amina", reference, "C’est écrit maintenant dans la situation.")


def _ring(stage: Stage, reference: str) -> None:
    """A call that was made, and the document that is asked for after it."""
    bruno = stage.who("bruno")
    offer = Planned("DOCUMENT", bruno.pk, clock.today() + timedelta(days=2), "The offer in writing.")
    finish_activity(
        activity_id=_plan(stage, "bruno", reference, "CALL", days=0, note="Ring the transit centre about the beds."),
        outcome="Both beds are kept until Friday.",
        next_step=offer,
        actor=bruno,
        at=clock.now(),
    )


def _keep(stage: Stage, name: str, title: str, line: str, *, sort: str = "", shared: bool = False) -> None:
    keep_view(kept=Kept(title, line, sort, shared), actor=stage.who(name))


def _say(stage: Stage, name: str, reference: str, text: str) -> None:
    key = ids.random_key()
    send_message(request_id=do.of(reference).pk, text=text, key=key, actor=stage.who(name), at=clock.now())


def _note(stage: Stage, name: str, reference: str, text: str) -> None:
    key = ids.random_key()
    keep_note(request_id=do.of(reference).pk, text=text, key=key, actor=stage.who(name), at=clock.now())


def _plan(stage: Stage, name: str, reference: str, kind: str, *, days: int, note: str, for_whom: str = "") -> int:
    """The number of the activity."""
    work = Planned(kind, stage.who(for_whom or name).pk, clock.today() + timedelta(days=days), note)
    key, request_id = ids.random_key(), do.of(reference).pk
    return plan_activity(request_id=request_id, planned=work, key=key, actor=stage.who(name), at=clock.now()).pk
