"""What a named failure means for the person in front of the page, in their own language."""

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

from regulars.core.errors import DomainError

SAYINGS: dict[str, Promise] = {
    "already_one": _("These two are one customer already."),
    "not_merged": _("This merge was undone already."),
    "no_pair": _("This pair was decided meanwhile."),
    "pair_decided": _("This pair was decided meanwhile."),
    "not_in_pair": _("This pair was decided meanwhile."),
    "ambiguous_dates": _(
        "Dates such as 05/01/2024 can be read two ways. Say below whether the day or the month comes first."
    ),
    "bad_email": _("This is not an e-mail address."),
    "bad_text": _("Write the text in Chinese or English, up to 20,000 characters."),
    "bad_entrance": _("A table needs a name or number, and a member of staff a person."),
    "nobody_named": _("Say a phone or an e-mail address."),
    "guardian_needed": _("Under 14, a parent or guardian joins with them. Ask for their name."),
    "texts_changed": _("The membership terms have just changed. Let them read again."),
    "not_a_card": _("This is no member's card."),
    "card_token_old": _("This code is over. The card shows a new one every 30 seconds."),
    "card_token_used": _("This code was used already. The card shows a new one in a moment."),
    "email_taken": _("Somebody signs in with this e-mail already."),
    "last_owner": _("This is the only owner. Make somebody else an owner first."),
    "unknown_member": _("This person is not here any more."),
    "unknown_role": _("Choose a role."),
    "no_endpoint": _("There is no such endpoint any more."),
    "no_delivery": _("There is no such delivery any more."),
    "endpoint_off": _("The endpoint is off. Switch it on first."),
    "unknown_scope": _("Choose at least one thing that the key may do."),
    "name_missing": _("Give the key a name that says who uses it."),
    "name_taken": _("A key has this name already. Choose another name, or revoke that key first."),
    "unknown_time_zone": _("Choose a time zone from the list."),
    "invalid_worth": _("Write a number of points above zero and what they are worth, such as 100 and 1."),
    "unknown_currency": _("Choose a currency from the list."),
    "unknown_language": _("Choose a language from the list."),
    "currency_fixed": _("The currency stays as it is once orders have been recorded."),
    "programme_changed": _("Somebody changed the programme while you were writing. Look at it again, then save."),
    "invalid_policy": _("These terms contradict each other. Tiers start at 0 and rise."),
    "wrong_import_state": _("Somebody else was faster: this import has moved on. You see how it stands now."),
    "not_contracts": _(
        "No column names the customer. Call it customer ID, phone or e-mail, and choose the file again."
    ),
    "not_balances": _(
        "The table must name members (number, phone or e-mail) and what they have (points, growth, tier or coupons). "
        "Look at the column names, and choose the file again."
    ),
    "day_not_over": _("Balances stand at the end of a day: choose one that is over."),
    "mapping_incomplete": _("Choose the column with the time of the order, and one with what was paid."),
    "unknown_setting": _("Name the system that numbered the orders."),
    "unreadable_file": _("This file cannot be read as a table. Open it in a spreadsheet and save it as .xlsx."),
    "empty_file": _("There is nothing in this file. Export it again and check that it opens."),
    "header_only": _("The file has column names and no rows below them. Export it again with its orders."),
    "encrypted_file": _("The file asks for a password. Open it, save it without one, and import that."),
    "unknown_encoding": _("The text of this file is damaged. Open it in a spreadsheet and save it as .xlsx."),
    "file_too_large": _("This file is too large for one import. Split it, for instance by year."),
    "truncated_file": _("The file ends in the middle: it was cut off. Export or upload it again."),
    "already_set_up": _("Somebody has set this up already. Sign in, or ask them to add you."),
    "view_name_missing": _("Give the view a name."),
    "too_many_views": _("You keep as many views as fit. Forget one first."),
    "insufficient_points": _("There are fewer points to spend than this takes."),
    "key_reused": _("This form was sent before with other contents. Close it, open it again, and have a look."),
    "contended": _("Somebody changed the same customer at this moment. Please try again."),
    "unreadable_selection": _(
        "This address was cut off, or asks about something that is not there any more. "
        "Go back and click the number again."
    ),
    "unknown_field": _("It asks about something that is not there any more."),
    "unknown_choice": _("It asks about a choice that is not there any more."),
    "no_segment": _("There is no such segment any more."),
    "segment_cycle": _("A segment cannot ask about itself, not even by way of another segment."),
    "segment_changed": _("Somebody changed this segment while you were writing. Look at it again, then save."),
    "no_name": _("Give it a name, in Chinese, in English, or both."),
    "no_tag": _("There is no such tag any more."),
    "segment_in_use": _(
        "Earning rules of the programme, or of a draft, ask who is in this segment. Take it out of them first."
    ),
    "tag_in_use": _("A segment still gives this tag. End that first."),
    "campaign_state": _("This campaign has moved on meanwhile. You see how it stands now."),
    "campaign_changed": _("Somebody saved this draft meanwhile. Look at it again, then go on."),
    "no_draft": _("There is no such draft any more."),
    "draft_changed": _("Somebody saved this draft meanwhile. Look at it again, then go on."),
    "draft_ended": _("This draft went live or was given up meanwhile."),
    "not_approved": _("Somebody else has to approve this draft first."),
    "bad_api_key": _("The API key was revoked, or may not do this any more."),
    "own_approval": _("Somebody else has to approve what you wrote: the settings ask for a second pair of eyes."),
    "no_picture": _("There is no picture yet, so nobody can tell who is in the segment. Make it first."),
    "no_campaign": _("There is no such campaign any more."),
    "no_offer": _("There is no such coupon any more."),
    "no_reward": _("There is no such reward any more."),
    "no_claim": _("There is no such claim any more."),
    "reward_changed": _("Somebody changed this reward meanwhile. Look at it again, then save."),
    "offer_archived": _("This coupon was put away. Choose another one, or take it into use again."),
    "offer_changed": _("Somebody changed this coupon meanwhile. Look at it again, then save."),
    "invalid_condition": _("The segment asks about something that is not there any more. Look at the segment."),
    "not_on_copy_list": _("This name is not on the list any more."),
    "too_late_to_undo": _("It is too late to take this back."),
    "no_task": _("There is no such task any more."),
    "task_ended": _("Somebody has ended this task already."),
    "unknown_outcome": _("Choose what came of it."),
    "bad_day": _("Choose a day from today to 90 days ahead."),
    "cannot_own_tasks": _("Tasks cannot be given to this person."),
    "unknown_task_kind": _("Choose what is to be done."),
    "no_playbook": _("There is no such follow-up any more."),
    "bad_playbook": _("One of these settings is out of range."),
    "task_there": _("A task for this customer is open already."),
    "bad_email_settings": _("These settings of e-mail cannot be used."),
    "secret_unreadable": _("A secret was sealed with another key. Enter it again."),
    "bad_secret": _("This is too long for a secret."),
    "invalid_outreach_settings": _("One of these settings is out of range."),
    "invalid_share": _("Choose a share from 0 to 50 percent, with two decimals at most."),
    "no_coupon_use": _("There is no such use of a coupon any more."),
    "risk_case_ended": _("Somebody decided about this case meanwhile. You see how it stands now."),
    "no_risk_case": _("There is no such case any more."),
    "second_person_needed": _("A second person has to decide about so many points. Open the case again to propose it."),
    "nothing_to_reverse": _("So many points are not there any more. Look again at how many can be taken back."),
    "account_frozen": _("The account is frozen: nothing can be spent until it is released."),
    "not_frozen": _("This account is not frozen any more."),
    "own_proposal": _("Somebody else has to approve what you proposed."),
    "proposal_ended": _("Somebody decided about this meanwhile."),
    "invalid_risk_settings": _("Scores lie between 1 and 100."),
    "weak_pin": _("A PIN has 6 to 12 digits, and not 111111 or 123456."),
    "invalid_till_settings": _("The limit is 0 or more points, and a step is undone within 1 to 1,440 minutes."),
    "unknown_tier": _("The programme has no such tier any more. Choose another one."),
    "invalid_tier_grant": _("A tier is given from today or a later day, through a day that lies ahead."),
    "unknown_tier_grant": _("There is no such given tier."),
    "tier_grant_over": _("This given tier is over already."),
    "wrong_setup_code": _("This is not the code that was printed when the server started."),
}

# Failures whose own sentence says more than the code does.
SENTENCES = (
    gettext_noop("This file is a PDF, not a table. Export the orders as .xlsx or CSV."),
    gettext_noop("This file is packed (gzip), not a table. Export the orders as .xlsx or CSV."),
    gettext_noop("This file is packed (7z), not a table. Export the orders as .xlsx or CSV."),
    gettext_noop("This file is packed (rar), not a table. Export the orders as .xlsx or CSV."),
    gettext_noop("This file is a picture, not a table. Export the orders as .xlsx or CSV."),
    gettext_noop("This file is a database, not a table. Export the orders as .xlsx or CSV."),
    gettext_noop("This is a packed file and not an .xlsx spreadsheet. Unpack it, or save it as .xlsx."),
    gettext_noop("Choose the column with the time of the order."),
    gettext_noop("Choose the column with what was paid, or with the price."),
)
SAID_IN_FULL = frozenset({"weak_password"})
"""Their sentence is in the reader's language already."""
MORE_PRECISE = frozenset({"unreadable_file", "unknown_encoding", "file_too_large", "truncated_file", "encrypted_file"})
"""Who reads English gets their own sentence, which says more than the code does."""


def explain(code: str, sentence: str = "") -> str:
    """What went wrong and what to do.

    Args:
        code: The code of the failure.
        sentence: What it says itself, in English, which may be more precise.
    """
    if code in SAID_IN_FULL:
        return sentence
    if sentence in SENTENCES:
        return gettext(sentence)
    reads_english = (get_language() or "").startswith("en")
    if code in SAYINGS and not (reads_english and sentence and code in MORE_PRECISE):
        return str(SAYINGS[code])
    return sentence or gettext("That did not work. Please try again.")


def explained(error: DomainError) -> str:
    """What an expected failure means for its reader."""
    return explain(error.code, str(error))
