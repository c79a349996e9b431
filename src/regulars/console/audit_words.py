"""What the audit trail says, in words."""

from collections.abc import Iterable, Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from regulars.console.context import ROLE_LABELS
from regulars.console.sayings import explain
from regulars.loyalty.membership import number_of
from regulars.staff import queries
from regulars.staff.rules import AuditLine, Once

AREAS: dict[str, Promise] = {
    "customers": _("Customers"),
    "insight": _("Picture"),
    "segments": _("Segments"),
    "tags": _("Tags"),
    "ledger": _("Points"),
    "tiers": _("Tiers"),
    "imports": _("Imports"),
    "programme": _("Programme"),
    "settings": _("Settings"),
    "joining": _("Joining"),
    "staff": _("Staff"),
    "apikeys": _("API keys"),
    "webhooks": _("Webhooks"),
    "books": _("Exports"),
    "outreach": _("Reaching out"),
    "email": _("E-mail"),
    "secrets": _("Secrets"),
    "coupons": _("Coupons"),
    "benefits": _("Benefits"),
    "rewards": _("Rewards"),
    "tasks": _("To do"),
    "playbooks": _("Follow-up"),
    "campaigns": _("Campaigns"),
    "backup": _("Backups"),
    "risk": _("Risk control"),
    "till": _("Till"),
}
ACTIONS: dict[str, Promise] = {
    "staff.add": _("added somebody"),
    "staff.role": _("changed a role"),
    "staff.stores": _("changed somebody's stores"),
    "staff.profile": _("changed a name or language"),
    "staff.password": _("set a new password"),
    "staff.pin": _("set or removed a PIN for the till"),
    "till.allow": _("recorded a step at the till that a manager allowed"),
    "till.undo": _("undid a step at the till"),
    "till.wrong_pin": _("entered a wrong PIN at the till"),
    "staff.deactivate": _("switched an account off"),
    "staff.reactivate": _("switched an account on"),
    "apikeys.create": _("made an API key"),
    "apikeys.revoke": _("revoked an API key"),
    "webhooks.create": _("added a webhook endpoint"),
    "webhooks.change": _("changed a webhook endpoint"),
    "webhooks.off": _("switched a webhook endpoint off"),
    "webhooks.on": _("switched a webhook endpoint on"),
    "webhooks.rotate": _("made a new secret for a webhook endpoint"),
    "webhooks.remove": _("removed a webhook endpoint"),
    "webhooks.replay": _("sent webhook messages again"),
    "settings.change": _("changed the business"),
    "programme.change": _("put a version of the programme live"),
    "programme.plan": _("planned when a draft of the programme goes live"),
    "programme.unplan": _("took back when a draft of the programme goes live"),
    "programme.missed": _("did not put a draft of the programme live as planned"),
    "programme.draft": _("began a draft of the programme"),
    "programme.write": _("wrote on a draft of the programme"),
    "programme.simulate": _("simulated a programme"),
    "programme.simulation_export": _("exported what a simulation means for each member"),
    "programme.approve": _("approved a draft of the programme"),
    "programme.discard": _("gave a draft of the programme up"),
    "imports.upload": _("uploaded a file"),
    "imports.post": _("imported a file"),
    "imports.undo": _("undid an import"),
    "imports.discard": _("gave an import up"),
    "imports.problems": _("downloaded refused rows"),
    "imports.compare": _("compared another programme with this one"),
    "imports.compared_export": _("exported differences to another programme"),
    "customers.merge": _("merged two customers"),
    "customers.unmerge": _("undid a merge"),
    "customers.apart": _("kept two customers apart"),
    "customers.export": _("exported customers"),
    "insight.export": _("exported customers of the picture"),
    "segments.create": _("made a segment"),
    "segments.change": _("changed whom a segment means"),
    "segments.rename": _("renamed a segment"),
    "segments.archive": _("put a segment away"),
    "segments.bring_back": _("took a segment into use again"),
    "segments.tag": _("changed the tag that a segment gives"),
    "tags.create": _("made a tag"),
    "tags.rename": _("renamed a tag"),
    "tags.archive": _("put a tag away"),
    "tags.rule": _("changed which segment gives a tag"),
    "tags.give": _("gave a tag"),
    "tags.take": _("took a tag off"),
    "customers.reveal": _("looked at whole phones or e-mails"),
    "customers.edit": _("changed a customer"),
    "ledger.adjust": _("corrected points"),
    "tiers.give": _("gave a tier"),
    "tiers.end": _("ended a given tier"),
    "books.export": _("exported the books"),
    "finance.export": _("exported figures of the points liability"),
    "customers.consent": _("wrote down what a customer allows"),
    "customers.sign_in": _("showed a sign-in QR to a member"),
    "joining.text": _("kept another version of a text for members"),
    "joining.entrance": _("made a QR for joining"),
    "joining.retire": _("took a QR for joining out of use"),
    "joining.bring_back": _("took a QR for joining into use again"),
    "outreach.change": _("changed what holds for every campaign"),
    "email.change": _("changed how e-mail leaves"),
    "secrets.set": _("entered a secret"),
    "secrets.forget": _("deleted a secret"),
    "coupons.issue": _("gave a coupon"),
    "coupons.batch": _("had many coupons issued"),
    "coupons.void": _("took a coupon back"),
    "coupons.undo": _("took a redemption back"),
    "benefits.use": _("used a benefit for a member"),
    "benefits.undo": _("took back that a benefit was used"),
    "tasks.add": _("added a task"),
    "playbooks.change": _("changed how customers are followed up"),
    "playbooks.switch_on": _("switched a follow-up on"),
    "playbooks.switch_off": _("switched a follow-up off"),
    "campaigns.create": _("made a campaign"),
    "campaigns.change": _("changed a campaign"),
    "campaigns.approve": _("approved a campaign"),
    "campaigns.withdraw": _("took an approval back"),
    "campaigns.start": _("started a campaign"),
    "campaigns.pause": _("paused a campaign"),
    "campaigns.resume": _("resumed a campaign"),
    "campaigns.stop": _("stopped a campaign"),
    "campaigns.export": _("exported a campaign's customers"),
    "campaigns.figures": _("downloaded a campaign's arithmetic"),
    "coupons.create": _("made a coupon"),
    "coupons.change": _("changed a coupon"),
    "coupons.archive": _("put a coupon away"),
    "coupons.bring_back": _("took a coupon into use again"),
    "rewards.create": _("made a reward"),
    "rewards.change": _("changed a reward"),
    "rewards.pause": _("paused a reward"),
    "rewards.resume": _("took a reward into use again"),
    "rewards.claim": _("claimed a reward for a member"),
    "rewards.collect": _("handed a reward over"),
    "rewards.put_back": _("took back that a reward was handed over"),
    "rewards.cancel": _("cancelled a claim of a reward"),
    "backup.restore": _("restored a backup"),
    "risk.take_on": _("took on a risk case"),
    "risk.freeze": _("froze an account"),
    "risk.release": _("released an account"),
    "risk.dismiss": _("dismissed a risk case"),
    "risk.reverse": _("took points of a risk case back"),
    "risk.propose": _("proposed what a second person decides"),
    "risk.approve": _("approved what somebody proposed"),
    "risk.refuse": _("refused what somebody proposed"),
}
DETAILS: dict[str, Promise] = {
    "role": _("role"),
    "from": _("from"),
    "to": _("to"),
    "with": _("with"),
    "stores": _("stores"),
    "scopes": _("may"),
    "fields": _("changed"),
    "rows": _("rows"),
    "points": _("points"),
    "amount": _("points"),
    "facts": _("facts"),
    "version": _("version"),
    "format": _("format"),
    "when": _("when"),
    "because": _("because"),
    "draft": _("draft"),
    "filter": _("conditions on"),
    "url": _("address"),
    "phones": _("phones"),
    "due_days": _("days to do it in"),
    "open_most": _("open tasks of one person"),
    "new_most": _("new tasks a day for one person"),
    "quiet_days": _("days of quiet for a customer"),
    "worth_percent": _("share of the customers"),
}
FOR_PROGRAMS = frozenset(Once("", "").detail)
"""What tells a request of a program from others; it says nothing to people."""
FIELDS: dict[str, Promise] = {
    "name": _("Name"),
    "time_zone": _("Time zone"),
    "currency": _("Currency"),
    "language": _("Language"),
    "programme_by_another": _("Second person for the programme"),
    "worth_points": _("Points that are worth it"),
    "worth_minor": _("What points are worth"),
    "risk_review_score": _("Score from which somebody looks"),
    "risk_freeze_score": _("Score from which an account is frozen at once"),
    "second_person_points": _("Points from which a second person decides"),
    "kind": _("What is done"),
    "owner_id": _("Who does it"),
    "script": _("What to say"),
}


def action_words(action: str) -> str:
    """What was done; an action that has no words yet is shown by its code."""
    return str(ACTIONS[action]) if action in ACTIONS else action


def subject_words(lines: Iterable[AuditLine]) -> dict[int, str]:
    """What it was done to, by line."""
    lines = list(lines)
    people = queries.names(int(line.subject_id) for line in lines if line.subject_kind == "user")
    keys = {str(key.id): key.name for key in queries.api_keys()}
    found = {}
    for line in lines:
        if line.subject_kind == "user":
            found[line.id] = people.get(int(line.subject_id), "")
        elif line.subject_kind == "api_key":
            found[line.id] = keys.get(line.subject_id, "")
        elif line.subject_kind == "customer" and line.subject_id.isdecimal():
            found[line.id] = number_of(int(line.subject_id))
        elif line.subject_kind == "programme":
            found[line.id] = gettext("Version %(number)s") % {"number": line.subject_id}
        elif line.subject_kind == "draft":
            found[line.id] = gettext("Draft %(number)s") % {"number": line.subject_id}
        elif line.subject_kind == "segment":
            found[line.id] = gettext("Segment %(number)s") % {"number": line.subject_id}
        elif line.subject_kind == "tag":
            found[line.id] = gettext("Tag %(number)s") % {"number": line.subject_id}
        elif line.subject_kind == "campaign":
            found[line.id] = gettext("Campaign %(number)s") % {"number": line.subject_id}
        elif line.subject_kind == "offer":
            found[line.id] = gettext("Coupon %(number)s") % {"number": line.subject_id}
        elif line.subject_kind == "reward":
            found[line.id] = gettext("Reward %(number)s") % {"number": line.subject_id}
        elif line.subject_kind == "claim":
            found[line.id] = gettext("Claim %(number)s") % {"number": line.subject_id}
        elif line.subject_kind == "playbook":
            found[line.id] = gettext("Follow-up %(number)s") % {"number": line.subject_id}
        elif line.subject_kind == "comparison":
            found[line.id] = gettext("Comparison %(number)s") % {"number": line.subject_id}
        elif line.subject_kind == "endpoint":
            found[line.id] = gettext("Endpoint %(number)s") % {"number": line.subject_id}
        elif line.subject_kind == "risk_case":
            found[line.id] = gettext("Case %(number)s") % {"number": line.subject_id}
        elif line.subject_kind == "simulation":
            found[line.id] = gettext("Simulation %(number)s") % {"number": line.subject_id}
        elif line.subject_kind == "proposal":
            found[line.id] = gettext("Proposal %(number)s") % {"number": line.subject_id}
        elif line.subject_kind == "import":
            found[line.id] = gettext("Import %(number)s") % {"number": line.subject_id}
    return found


def detail_words(detail: Mapping[str, object]) -> list[str]:
    """Further words: pairs of a name and a value."""
    return [
        f"{DETAILS.get(name, name)}: {explain(str(value)) if name == 'because' else _value(value)}"
        for name, value in detail.items()
        if name not in FOR_PROGRAMS and value not in (None, [], "")
    ]


def _value(value: object) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(_value(one) for one in value)
    text = str(value)
    if text in ROLE_LABELS:
        return str(ROLE_LABELS[text])
    return str(FIELDS.get(text, text))
