"""What holds for every campaign."""

from datetime import time

from django.db import models
from django.db.models import F, Q


class OutreachSetting(models.Model):
    """One row, or none while the defaults hold. The standing control group is an experiment and kept there.

    At most `cap_most` messages reach a customer in `cap_days` days, between `sends_from` and `sends_until` by the
    business's clock. `approved_by_another`: a campaign is approved by somebody else than who wrote it.
    """

    id = models.SmallIntegerField(primary_key=True, default=1)
    cap_most = models.SmallIntegerField(default=2)
    cap_days = models.SmallIntegerField(default=7)
    sends_from = models.TimeField(default=time(8))
    sends_until = models.TimeField(default=time(21))
    approved_by_another = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="outreach_setting_one"),
            models.CheckConstraint(condition=Q(cap_most__gte=1, cap_days__gte=1), name="outreach_setting_cap"),
            models.CheckConstraint(condition=Q(sends_from__lt=F("sends_until")), name="outreach_setting_hours"),
        ]
