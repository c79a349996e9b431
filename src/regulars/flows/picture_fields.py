"""What conditions can ask about the picture, with the choices that other rooms know: the shop's stores and tiers."""

from regulars.catalogue import queries as catalogue
from regulars.core.bilingual import Text
from regulars.core.conditions import Choice
from regulars.core.conditions.fields import Field
from regulars.insight.segments import queries as segments
from regulars.loyalty import programme_view


def picture_fields() -> dict[str, Field]:
    """Every field of the picture as conditions see it now."""
    stores = tuple(Choice(key, Text(name, name)) for key, name in catalogue.store_names().items())
    version = programme_view.current()
    tiers = tuple(
        Choice(place, Text(_name(tier, "zh"), _name(tier, "en")))
        for place, tier in enumerate(version.terms["tiers"] if version else ())
    )
    return segments.fields({"main_store_id": stores, "tier": tiers})


def _name(tier: dict[str, object], language: str) -> str:
    names = tier.get("names") or {}
    assert isinstance(names, dict)
    return str(names.get(language) or next(iter(names.values()), "") or tier.get("code", ""))
