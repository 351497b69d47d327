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


@register(Tags.security)
def roles_are_switched_in_training_only(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """GAF-E004: anybody could be anybody on a real installation; GAF-E005: training with the key of a live account."""
    found: list[CheckMessage] = []
    if settings.GAF_ROLE_SWITCHER and not settings.TRAINING:
        found.append(Error("GAF_ROLE_SWITCHER is on, and these settings are not for training.", id="GAF-E004"))
    if settings.TRAINING and "_live_" in settings.STRIPE_API_KEY:
        found.append(Error("STRIPE_API_KEY is of a live account, and these settings are for training.", id="GAF-E005"))
    return found


@register(Tags.database)
def real_settings_have_a_real_database(app_configs: Any, databases: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """GAF-E006: real settings on a database for training; nothing leaves it."""
    from gaf.training import is_marked

    if not databases or settings.TRAINING or not is_marked():
        return []
    return [Error("This database is marked for training, and these settings are real.", id="GAF-E006")]


@register(Tags.security, deploy=True)
def backups_are_watched(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """GAF-W001: nobody would see that backups fail; GAF-W002: there is none that is whole."""
    from gaf.outbox.backups import newest_whole

    if not settings.GAF_BACKUP_FOLDER:
        return [Warning("GAF_BACKUP_FOLDER is not set: nobody would be told that backups fail.", id="GAF-W001")]
    if newest_whole() is None:
        return [Warning("GAF_BACKUP_FOLDER holds no backup that is whole.", id="GAF-W002")]
    return []
