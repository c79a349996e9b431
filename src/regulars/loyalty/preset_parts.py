"""The parts that ready programmes are made of: rules, conditions, tiers and benefits as terms keep them."""

from typing import Any

from regulars.core.bilingual import Text


def rule(
    code: str, name: Text, conditions: list[dict[str, Any]], then: dict[str, Any], *, limits: list[dict[str, Any]]
) -> dict[str, Any]:
    """An earning rule on orders."""
    return {
        "code": code, "names": name._asdict(), "on": "order", "if": {"all": conditions}, "then": then,
        "earns": "points", "limits": limits,
    }  # fmt: skip


def asks(field: str, op: str, value: object) -> dict[str, Any]:
    """One condition."""
    return {"field": field, "op": op, "value": value}


def tiers(*told: tuple[str, int, str, str]) -> list[dict[str, Any]]:
    """Tiers from (code, threshold, Chinese name, English name)."""
    return [{"code": c, "threshold": t, "names": {"zh": zh, "en": en}} for c, t, zh, en in told]


def benefit(code: str, name: Text, kind: str, *tiers: str, **own: Any) -> dict[str, Any]:
    """A benefit of these tiers, of all where none is named."""
    return {"code": code, "names": name._asdict(), "kind": kind, "tiers": list(tiers), **own}


def quota(period: str, times: int, **by_tier: int) -> dict[str, Any]:
    """So often in a period, and other numbers for some tiers."""
    told: dict[str, Any] = {"period": period, "times": times}
    return {**told, "by_tier": by_tier} if by_tier else told
