"""Addresses of the requests: the missions' pages and headquarters' pages."""

from __future__ import annotations

from workflow.headquarters_urls import urlpatterns as headquarters
from workflow.mission_urls import urlpatterns as mission

urlpatterns = [*mission, *headquarters]
