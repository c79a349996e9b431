"""Reading stores and products."""

from collections.abc import Iterable

from regulars.catalogue.models import Product, Store

LAKE_PRODUCTS = "SELECT sku AS product, name, category, brand FROM catalogue_product"
"""For the lake: every product."""


def store_names() -> dict[int, str]:
    """Every store's name (its code where it has none) by id."""
    return {store.pk: store.name or store.code for store in Store.objects.all()}


def product_names(skus: set[str]) -> dict[str, str]:
    """Names of these products by SKU; products that nobody described are left out."""
    found = Product.objects.filter(sku__in=skus).exclude(name="")
    return dict(found.values_list("sku", "name"))


def store_codes() -> dict[str, str]:
    """Every store's name (its code where it has none) by code, in the order of names."""
    found = {store.code: store.name or store.code for store in Store.objects.all()}
    return dict(sorted(found.items(), key=lambda entry: entry[1]))


def store_ids(codes: Iterable[str]) -> tuple[int, ...]:
    """Ids of the stores with these codes."""
    return tuple(Store.objects.filter(code__in=list(codes)).order_by("id").values_list("id", flat=True))


def products(*, most: int) -> dict[str, str]:
    """Names (the SKU where there is none) of the first products by SKU, as many as a list can hold."""
    found = Product.objects.order_by("name", "sku").values_list("sku", "name")[:most]
    return {sku: name or sku for sku, name in found}
