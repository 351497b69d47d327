"""`manage.py keep_due_times`: to be run after holidays or targets changed, and each night."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from workflow.due_times import keep_due_times
from workflow.models import AssistanceRequest


class Command(BaseCommand):
    """By when requests are due is told anew from their decisions, with the holidays and targets of today."""

    help = "Tells by when requests are due anew, after holidays or targets changed; prints how many were otherwise."

    def handle(self, *args: Any, **options: Any) -> None:
        """Say how many were otherwise."""
        self.stdout.write(f"{keep_due_times(AssistanceRequest.objects.all())} due times were otherwise")
