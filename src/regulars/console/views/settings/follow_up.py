"""Follow-up: what is done when an alert comes, by whom, until when, and in which words."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from regulars.console import figures, reader
from regulars.console.access import StaffRequest, requires
from regulars.console.changes import carry_out
from regulars.console.sayings import explained
from regulars.console.views.settings.tabs import page
from regulars.core.errors import DomainError
from regulars.flows.change_playbook import change_playbook, switch_playbook
from regulars.playbooks import queries, words
from regulars.playbooks.owners import can_own
from regulars.playbooks.queries import RoundView
from regulars.playbooks.rules import CHURN_ALERT, LONGEST_SCRIPT, PlaybookView
from regulars.staff import queries as staff

TAB = "settings_follow_up"
NUMBERS = ("due_days", "worth_percent", "open_most", "new_most", "quiet_days")


class FollowUpForm(forms.Form):
    """Everything about one playbook that can be changed, except whether it is on."""

    kind = forms.ChoiceField(label=_("What is done"))
    owner = forms.ChoiceField(
        label=_("Who does it"),
        required=False,
        help_text=_("Customers of a store that this person does not see go to somebody who does."),
    )
    due_days = forms.IntegerField(
        label=_("Days to do it in"), min_value=0, max_value=90, help_text=_("0: on the same day.")
    )
    script_zh = forms.CharField(
        label=_("What to say, in Chinese"),
        max_length=LONGEST_SCRIPT,
        required=False,
        widget=forms.Textarea({"rows": 7}),
        help_text=_("【姓名】 and 【店名】 become each guest's name and your shop's."),
    )
    script_en = forms.CharField(
        label=_("What to say, in English"),
        max_length=LONGEST_SCRIPT,
        required=False,
        widget=forms.Textarea({"rows": 7}),
        help_text=_("[name] and [shop] become each guest's name and your shop's."),
    )
    worth_percent = forms.IntegerField(
        label=_("The most valuable so many percent of the customers"),
        min_value=1,
        max_value=100,
        help_text=_("By what they spent in a year. A call takes time: it is for those whom you would miss."),
    )
    quiet_days = forms.IntegerField(
        label=_("Then so many days of quiet"),
        min_value=0,
        max_value=365,
        help_text=_("So long nobody is followed up again."),
    )
    new_most = forms.IntegerField(label=_("New tasks a day for one person, at most"), min_value=1, max_value=50)
    open_most = forms.IntegerField(label=_("Open tasks of one person, at most"), min_value=1, max_value=200)

    def __init__(self, *args: Any, people: dict[int, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kind, owner = self.fields["kind"], self.fields["owner"]
        assert isinstance(kind, forms.ChoiceField)
        assert isinstance(owner, forms.ChoiceField)
        kind.choices = [(code, reader.said(name)) for code, name in words.KINDS.items()]
        owner.choices = [("", _("Whoever has the fewest tasks")), *((str(one), name) for one, name in people.items())]
        for name in NUMBERS:
            self.fields[name].widget.attrs["inputmode"] = "numeric"

    @property
    def scripts(self) -> list[forms.BoundField]:
        """What to say, the reader's language first."""
        first, second = ("script_zh", "script_en") if reader.is_zh() else ("script_en", "script_zh")
        return [self[first], self[second]]

    def changes(self) -> dict[str, Any]:
        """What was typed, as the playbook keeps it."""
        told = self.cleaned_data
        script = {language: _lines(told[f"script_{language}"]) for language in ("zh", "en")}
        numbers = {name: told[name] for name in NUMBERS}
        return {
            "kind": told["kind"],
            "owner_id": int(told["owner"]) if told["owner"] else None,
            "script": {language: text for language, text in script.items() if text},
            **numbers,
        }


@dataclass(frozen=True, slots=True)
class FollowUp:
    """One playbook as its card shows it: in a sentence, what its last look at the picture led to, and the form."""

    view: PlaybookView
    name: str
    what: str
    who: str
    until: str
    script: str
    last: RoundView | None
    form: FollowUpForm


@requires("settings.view")
@require_safe
def show(request: StaffRequest) -> HttpResponse:
    """Every playbook of an alert, to read or to change."""
    return page(request, "follow_up", tab=TAB, context={"cards": _cards()})


@requires("settings.edit")
@require_POST
def save(request: StaffRequest, playbook_id: int) -> HttpResponse:
    """Keep other settings; they count from the next alert on."""
    found, people = _playbook(playbook_id), _people()
    form = _form(found, people, request.POST)
    if form.is_valid():
        try:
            change_playbook(playbook_id=playbook_id, changes=form.changes(), by=request.actor, at=timezone.now())
        except DomainError as error:
            form.add_error(None, explained(error))
        else:
            messages.success(request, gettext("Saved. It counts from the next alert on."))
            return redirect(TAB)
    return page(request, "follow_up", tab=TAB, context={"cards": _cards(form, playbook_id)}, status=422)


@requires("settings.edit")
@require_POST
def switch(request: StaffRequest, playbook_id: int) -> HttpResponse:
    """Switch a playbook off or on; open tasks stay."""
    is_active = request.POST.get("active") == "yes"
    said = gettext("Switched on.") if is_active else gettext("Switched off. Open tasks stay on the list.")
    carry_out(
        request,
        lambda: switch_playbook(
            playbook_id=playbook_id, is_active=is_active, by=request.actor, at=timezone.now()
        ),
        said,
    )  # fmt: skip
    return redirect(TAB)


def _cards(changed: FollowUpForm | None = None, changed_id: int = 0) -> list[FollowUp]:
    people = _people()
    last: dict[int, RoundView] = {}
    for one in queries.rounds():
        last.setdefault(one.playbook.id, one)
    return [
        FollowUp(
            view=one,
            name=reader.said(one.name),
            what=reader.said(words.KINDS[one.kind]),
            who=people.get(one.owner_id or 0, ""),
            until=_until(one.due_days),
            script=reader.said(one.script) or one.script.zh or one.script.en,
            last=last.get(one.id),
            form=changed if changed is not None and one.id == changed_id else _form(one, people),
        )
        for one in queries.playbooks()
        if one.trigger == CHURN_ALERT
    ]


def _until(days: int) -> str:
    if not days:
        return gettext("on the same day")
    told = ngettext("within %(number)s day", "within %(number)s days", days)
    return told % {"number": figures.count(days)}


def _form(playbook: PlaybookView, people: dict[int, str], post: Any = None) -> FollowUpForm:
    start = {name: getattr(playbook, name) for name in ("kind", *NUMBERS)}
    start |= {"owner": playbook.owner_id or "", "script_zh": playbook.script.zh, "script_en": playbook.script.en}
    return FollowUpForm(post, initial=start, people=people, auto_id=f"follow-up-{playbook.id}-%s")


def _lines(typed: str) -> str:
    """What somebody typed, with the ends of lines as everywhere else: browsers send other ones."""
    return "\n".join(typed.split("\r\n")).strip()


def _people() -> dict[int, str]:
    """Whom tasks may be given to."""
    return {one.id: one.name or one.email for one in staff.staff() if can_own(one)}


def _playbook(playbook_id: int) -> PlaybookView:
    """A playbook of an alert.

    Raises:
        Http404: There is none.
    """
    found = queries.playbook(playbook_id)
    if found is None or found.trigger != CHURN_ALERT:
        raise Http404
    return found


urlpatterns = [
    path("settings/follow-up/", show, name=TAB),
    path("settings/follow-up/<int:playbook_id>/", save, name="settings_follow_up_save"),
    path("settings/follow-up/<int:playbook_id>/switch/", switch, name="settings_follow_up_switch"),
]
