"""Addresses of the portal: what customers reach without signing in."""

from django.urls import path

from regulars.portal import preferences, webhooks

urlpatterns = [
    path("p/<str:token>/", preferences.preferences, name="portal_preferences"),
    path("p/<str:token>/stop/", preferences.stop, name="portal_stop"),
    path("p/<str:token>/go/<int:link>/", preferences.go, name="portal_go"),
    path("p/<str:token>/seen.gif", preferences.seen, name="portal_seen"),
    path("hooks/email/<str:secret>/", webhooks.email, name="portal_email_hook"),
]
