"""Playbooks, the runs that they start for customers, the tasks that people do, and every change of a task."""

from django.db import models
from django.db.models import Q

from regulars.playbooks.rules import CHANGES, KINDS, OUTCOMES, RUN_OUTCOMES, TASK_STATES, TRIGGERS


class Playbook(models.Model):
    """What is done about something, and by when. `names` is {zh, en}, one of them at least.

    `worth_percent` says how many of the customers, the most valuable first, are worth a person's time. `owner` is empty
    for whoever has the fewest tasks; `script` is what to say, {zh, en}.
    """

    code = models.CharField(max_length=40, unique=True)
    names = models.JSONField()
    trigger = models.CharField(max_length=20)
    kind = models.CharField(max_length=10, help_text="what its tasks are")
    due_days = models.SmallIntegerField()
    open_most = models.SmallIntegerField(help_text="open tasks of one person")
    new_most = models.SmallIntegerField(help_text="new tasks a day for one person")
    quiet_days = models.SmallIntegerField(help_text="a customer is left alone so long after a run began")
    worth_percent = models.SmallIntegerField()
    owner = models.ForeignKey("staff.User", on_delete=models.PROTECT, related_name="+", null=True, db_index=False)
    script = models.JSONField(default=dict)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(trigger__in=TRIGGERS), name="playbook_trigger"),
            models.CheckConstraint(condition=Q(kind__in=KINDS), name="playbook_kind"),
            models.CheckConstraint(
                condition=Q(
                    due_days__gte=0, open_most__gte=1, new_most__gte=1, quiet_days__gte=0,
                    worth_percent__gte=1, worth_percent__lte=100,
                ),
                name="playbook_numbers",
            ),
        ]  # fmt: skip


class Round(models.Model):
    """A playbook looked at a picture once: how many customers it considered, and for how many a run began.

    Decisions about alerts name the round; that there is one for each day makes it harmless to look again.
    """

    playbook = models.ForeignKey(Playbook, on_delete=models.PROTECT, related_name="+", db_index=False)
    day = models.DateField(help_text="of the picture")
    made_at = models.DateTimeField()
    considered = models.IntegerField(default=0)
    raised = models.IntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["playbook", "day"], name="playbook_round_once")]


class Run(models.Model):
    """A playbook at work for one customer: why it began, and what came of it. `closed_at` empty while it is open.

    `cause` is a code and `numbers` what its words are told with: kept as they were, since the picture goes on.
    """

    playbook = models.ForeignKey(Playbook, on_delete=models.PROTECT, related_name="+", db_index=False)
    customer = models.ForeignKey("customers.Customer", on_delete=models.PROTECT, related_name="+", db_index=False)
    cause = models.CharField(max_length=20)
    numbers = models.JSONField(default=dict)
    at_stake_minor = models.BigIntegerField(default=0)
    day = models.DateField(help_text="of the picture")
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=20, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["playbook", "customer"], condition=Q(closed_at=None), name="playbook_run_open_once"
            ),
            models.CheckConstraint(
                condition=Q(closed_at=None, outcome="") | Q(closed_at__isnull=False, outcome__in=RUN_OUTCOMES),
                name="playbook_run_outcome",
            ),
        ]
        indexes = [
            models.Index(fields=["customer", "-opened_at"], name="playbook_run_customer"),
            models.Index(fields=["playbook", "opened_at"], name="playbook_run_opened"),
        ]


class Crossing(models.Model):
    """A customer is in danger for a playbook since a day. The row goes when the danger is over.

    `run` is the one that began for it: there is one at most for each time that a customer comes into danger.
    """

    playbook = models.ForeignKey(Playbook, on_delete=models.PROTECT, related_name="+", db_index=False)
    customer = models.ForeignKey("customers.Customer", on_delete=models.PROTECT, related_name="+", db_index=False)
    since = models.DateField()
    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="+", null=True, db_index=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["playbook", "customer"], name="playbook_crossing_once")]


class Task(models.Model):
    """Something that one person does about a run until a day: open, then done with an outcome, or dropped."""

    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10)
    owner = models.ForeignKey("staff.User", on_delete=models.PROTECT, related_name="+", db_index=False)
    due_on = models.DateField()
    state = models.CharField(max_length=10, default="open")
    outcome = models.CharField(max_length=20, blank=True)
    note = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey("staff.User", on_delete=models.PROTECT, related_name="+", null=True, db_index=False)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=KINDS), name="playbook_task_kind"),
            models.CheckConstraint(condition=Q(state__in=TASK_STATES), name="playbook_task_state"),
            models.CheckConstraint(
                condition=Q(state="open", outcome="", ended_at=None, ended_by=None)
                | Q(state="done", outcome__in=OUTCOMES, ended_at__isnull=False)
                | Q(state="dropped", outcome="", ended_at__isnull=False),
                name="playbook_task_ended",
            ),
        ]
        indexes = [
            models.Index(fields=["owner", "due_on"], name="playbook_task_todo", condition=Q(state="open")),
            models.Index(fields=["owner", "created_at"], name="playbook_task_given"),
        ]


class TaskChange(models.Model):
    """What happened to a task, by whom (empty: by itself). Rows are only ever added: a trigger refuses the rest.

    `was` and `became` are days, people's ids, states or outcomes, as `what` says.
    """

    task = models.ForeignKey(Task, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    by = models.ForeignKey("staff.User", on_delete=models.PROTECT, related_name="+", null=True, db_index=False)
    what = models.CharField(max_length=10)
    was = models.CharField(max_length=40, blank=True)
    became = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(what__in=CHANGES), name="playbook_change_what")]
