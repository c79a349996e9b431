"""What can be done about staff, keys and the business. Everything here that changes something leaves an audit line."""

from regulars.staff.actions.api_keys import create_api_key, revoke_api_key, verify_api_key
from regulars.staff.actions.audit import done_before, record
from regulars.staff.actions.business import LANGUAGES, change_business
from regulars.staff.actions.people import (
    change_profile,
    change_role,
    change_stores,
    choose_menu,
    create_user,
    deactivate,
    hide_steps,
    reactivate,
    set_password,
)
from regulars.staff.actions.secrets import forget_secret, set_secret
from regulars.staff.actions.setup import AlreadySetUp, set_up_business
from regulars.staff.actions.views import delete_view, save_view

__all__ = [
    "LANGUAGES",
    "AlreadySetUp",
    "change_business",
    "change_profile",
    "change_role",
    "change_stores",
    "choose_menu",
    "create_api_key",
    "create_user",
    "deactivate",
    "delete_view",
    "done_before",
    "forget_secret",
    "hide_steps",
    "reactivate",
    "record",
    "revoke_api_key",
    "save_view",
    "set_password",
    "set_secret",
    "set_up_business",
    "verify_api_key",
]
