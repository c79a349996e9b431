"""Tasks as cards: who, why, what to do, by when, and the coupon that goes with one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils import timezone, translation
from django.utils.translation import gettext

from regulars.console import figures, sight
from regulars.console.access import StaffRequest
from regulars.console.context import business_of
from regulars.console.lines import customer_url
from regulars.console.reader import said
from regulars.core.calendar import business_date, start_of_day
from regulars.customers import consents
from regulars.customers import queries as customers
from regulars.customers.rules import mask_phone
from regulars.loyalty.coupons import offers
from regulars.loyalty.coupons import queries as issued
from regulars.loyalty.coupons.codes import shown
from regulars.loyalty.coupons.queries import CouponView
from regulars.loyalty.coupons.rules import last_day
from regulars.loyalty.coupons.words import terms_said
from regulars.loyalty.membership import number_of
from regulars.outreach.personal import said_day
from regulars.playbooks import words
from regulars.playbooks.owners import can_own
from regulars.playbooks.queries import TaskView
from regulars.playbooks.rules import OUTCOMES
from regulars.staff import queries as staff
from regulars.staff.rules import BusinessProfile

Change = Callable[[], None]
ICONS = {"call": "phone", "coupon": "ticket-percent", "care": "heart-handshake"}


@dataclass(frozen=True, slots=True)
class Gift:
    """The coupon that a task gave: its worth, its code, its last day, and a text to paste."""

    worth: str
    code: str
    until: date
    text: str
    used: bool
    voided: bool


@dataclass(frozen=True, slots=True)
class TaskCard:
    """A task as its reader sees it; the phone is masked, `when` is 'overdue', 'today', 'later' or 'ended'."""

    task: TaskView
    when: str
    icon: str
    todo: str
    name: str
    number: str
    url: str
    phone: str
    cause: str
    reasons: list[str]
    script: str
    owner: str
    outcome: str
    gift: Gift | None
    refuses: bool

    @property
    def is_over(self) -> bool:
        """Whether there is nothing to be done any more."""
        return self.task.state != "open"


@dataclass(frozen=True, slots=True)
class Desk:
    """Where tasks are looked at: the business's day, what a task may end with, who may get tasks, which offers are."""

    request: StaffRequest
    business: BusinessProfile
    today: date
    began: datetime
    outcomes: list[tuple[str, str]]
    people: dict[int, str]
    offers: list[tuple[int, str]]
    latest: date

    def cards(self, tasks: Sequence[TaskView]) -> list[TaskCard]:
        """Tasks with all that their cards say, looked up for all of them at once."""
        ids = sorted({one.customer_id for one in tasks})
        phones = customers.phones(ids) if ids else {}
        refused = consents.refusals(ids, consents.PROMOTION, "copy_list") if ids else {}
        given = issued.of_keys([key_of(one) for one in tasks]) if ids else {}
        spoken_to = [one.customer_id for one in tasks if key_of(one) in given or any(one.script)]
        languages = consents.languages(spoken_to) if spoken_to else {}
        return [
            self._card(one, phones.get(one.customer_id, ""), given.get(key_of(one)), languages, refused)
            for one in tasks
        ]

    def _card(
        self, task: TaskView, phone: str, coupon: CouponView | None, languages: dict[int, str], refused: dict[int, str]
    ) -> TaskCard:
        number, ending = number_of(task.customer_id), task.outcome or (task.run_outcome if task.state != "open" else "")
        return TaskCard(
            task=task,
            when=_when(task, self.today),
            icon=ICONS[task.kind],
            todo=said(words.KINDS[task.kind]),
            name=task.customer_name or number,
            number=number,
            url=customer_url(task.customer_id),
            phone=mask_phone(phone) if phone else "",
            cause=said(words.cause(task.numbers, self.money)) or str(task.numbers.get("note", "")),
            reasons=[said(one) for one in words.reasons(task.numbers, self.money)],
            script=words.script(
                task.script,
                language=self._short(languages.get(task.customer_id, "")),
                name=task.customer_name,
                shop=self.business.name,
            ),
            owner=self.people.get(task.owner_id, ""),
            outcome=said(words.OUTCOMES[ending]) if ending in words.OUTCOMES else "",
            gift=self._gift(task, coupon, languages.get(task.customer_id, "")) if coupon else None,
            refuses=task.customer_id in refused,
        )

    def _gift(self, task: TaskView, coupon: CouponView, language: str) -> Gift:
        """The text is in the customer's language, whoever reads the page."""
        short = self._short(language)
        until = last_day(coupon.expires_at, sight.zone_of(self.request))
        worth = terms_said(coupon.terms, self.business.currency)
        with translation.override("en" if short == "en" else "zh-hans"):
            told = {
                "name": task.customer_name, "offer": worth.said(short), "code": shown(coupon.code),
                "day": said_day(until, short), "shop": self.business.name,
            }  # fmt: skip
            if task.customer_name:
                text = gettext(
                    "%(name)s, we have missed you! Here is something for your next visit: %(offer)s. "
                    "Your code is %(code)s, good until %(day)s. %(shop)s"
                )
            else:
                text = gettext(
                    "We have missed you! Here is something for your next visit: %(offer)s. "
                    "Your code is %(code)s, good until %(day)s. %(shop)s"
                )
        return Gift(
            said(worth), shown(coupon.code), until, (text % told).strip(), bool(coupon.used),
            coupon.voided_at is not None,
        )  # fmt: skip

    def _short(self, language: str) -> str:
        """In which language a customer is spoken to: their own, or the shop's."""
        return "en" if (language or self.business.language).startswith("en") else "zh"

    def money(self, minor: int) -> str:
        """An amount in a sentence, without cents."""
        return figures.compact_money(minor, self.business.currency)


def desk(request: StaffRequest) -> Desk:
    """The desk of whoever looks; who leads is told who else may get a task."""
    zone, business = sight.zone_of(request), business_of(request)
    today = business_date(timezone.now(), zone)
    people = {one.id: one.name or one.email for one in staff.staff() if can_own(one)}
    return Desk(
        request=request,
        business=business,
        today=today,
        began=start_of_day(today, zone),
        outcomes=[(code, said(words.OUTCOMES[code])) for code in OUTCOMES],
        people=people,
        offers=[
            (one.id, f"{said(one.name)} · {said(terms_said(one.terms, business.currency))}") for one in offers.offers()
        ],
        latest=today + timedelta(days=90),
    )


def leads(request: StaffRequest) -> bool:
    """Whether somebody leads everybody; who sees some stores only would see customers of the others."""
    return "tasks.assign" in request.capabilities and request.member.store_codes is None


def whose(request: StaffRequest) -> int | None:
    """Whose tasks concern somebody at first: their own, or everybody's (None) for who leads."""
    return None if leads(request) else request.member.id


def key_of(task: TaskView) -> str:
    """What a task's coupon is issued for: one for each task."""
    return f"task:{task.id}"


def _when(task: TaskView, today: date) -> str:
    if task.state != "open":
        return "ended"
    return "overdue" if task.is_overdue(today) else "today" if task.due_on == today else "later"
