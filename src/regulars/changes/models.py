"""The feed of changes, and who follows it."""

from django.contrib.postgres.fields import ArrayField
from django.db import models


class Change(models.Model):
    """Ids of rows that one transaction wrote; gone once everybody who follows has read them.

    Columns epoch, xid and at, the start of the transaction, are added in SQL.
    """

    kind = models.SmallIntegerField()
    ids = ArrayField(models.BigIntegerField())


class Follower(models.Model):
    """Somebody who reads the feed, and how far they are. Without any, nothing is noted."""

    name = models.CharField(max_length=40, primary_key=True)
    epoch = models.SmallIntegerField()
    xid = models.BigIntegerField()
