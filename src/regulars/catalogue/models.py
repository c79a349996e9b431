"""What is sold, and where."""

from django.db import models


class Store(models.Model):
    """A shop, or an online shop. `code` is what the source calls it."""

    code = models.CharField(max_length=100, unique=True)
    name = models.CharField(max_length=200, blank=True)


class Product(models.Model):
    """Something sold. `sku` is what order lines call it."""

    sku = models.CharField(max_length=200, unique=True)
    name = models.CharField(max_length=300, blank=True)
    category = models.CharField(max_length=200, blank=True)
    brand = models.CharField(max_length=200, blank=True)
