"""Checks at start-up: every declared act names its permit and its word, so that no door stands open by oversight."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django_fsm import FSMFieldMixin

from gaf.policy import Permit


@register()
def every_act_names_its_permit(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """GAF-E001: a transition without a permit; GAF-E002: one without a label; GAF-E003: an unprotected state."""
    found: list[CheckMessage] = []
    for model in apps.get_models():
        for field in model._meta.get_fields():
            if not isinstance(field, FSMFieldMixin) or not hasattr(model, f"get_all_{field.name}_transitions"):
                continue
            if not field.protected:
                found.append(Error(f"{model.__name__}.{field.name} is not protected.", id="GAF-E003"))
            for edge in field.get_all_transitions(model):
                name = f"{model.__name__}.{edge.name} from {edge.source}"
                if not isinstance(edge.permission, Permit) or not edge.permission.roles:
                    found.append(Error(f"{name} has no permit.", id="GAF-E001"))
                if not edge.custom.get("label"):
                    found.append(Error(f"{name} has no label.", id="GAF-E002"))
    return found


@register(Tags.security, deploy=True)
def backups_are_watched(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """GAF-W001: nobody would see that backups fail; GAF-W002: there is none that is whole."""
    from gaf.outbox.backups import newest_whole

    if not settings.GAF_BACKUP_FOLDER:
        return [Warning("GAF_BACKUP_FOLDER is not set: nobody would be told that backups fail.", id="GAF-W001")]
    if newest_whole() is None:
        return [Warning("GAF_BACKUP_FOLDER holds no backup that is whole.", id="GAF-W002")]
    return []
