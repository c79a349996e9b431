"""The part of the OpenAPI document about the simulator, with its examples; the tests send every one of them."""

from typing import Any, Final

from regulars.api.bodies import Json
from regulars.api.coupon_schemas import TEXT
from regulars.api.draft_schemas import CODES, ID, NULL, SOURCE, problem
from regulars.api.examples import example
from regulars.api.once import PARAMETERS
from regulars.api.schemas import fields_of, operation, ref
from regulars.api.simulations_told import POINTS
from regulars.core.sheets import FORMS
from regulars.loyalty.simulation.rules import State

WRITE: Final = "programme.write"
MEMBERS: Final = "customers.read"
_COUNT: Final[Json] = {"type": "integer", "minimum": 0}
_WHOLE: Final[Json] = {"type": "integer"}
_MAYBE: Final[Json] = {"anyOf": [_WHOLE, NULL]}
_MONEY: Final[Json] = {"type": "string", "description": "Major units, with the currency's decimals: 1.00."}
_DAY: Final[Json] = {"anyOf": [{"type": "string", "format": "date"}, NULL]}
_SHARE: Final[Json] = {"anyOf": [{"type": "number"}, NULL], "description": "0.05 is 5 %; null: of nothing."}
_TEXT: Final[Json] = {"type": "string"}
_RUN: Final[Json] = {
    "simulation_id": ID,
    "state": {"type": "string", "enum": list(State)},
    "members": fields_of({"done": _COUNT, "whole": _COUNT}, "done", "whole"),
    "since": {**_DAY, "description": "The first day on which the draft would have been live; null: ever since."},
    "thousand_points_cost": _MONEY,
    "change_percent": _COUNT,
    "asked_at": ref("Time"),
    "asked_by": {"anyOf": [_TEXT, NULL]},
    "finished_at": {"anyOf": [ref("Time"), NULL]},
    "failure": {"anyOf": [_TEXT, NULL]},
}
_SIDE: Final = fields_of(
    {
        "points": fields_of(dict.fromkeys(POINTS, _MAYBE), *POINTS),
        "breakage": {"type": "number", "description": "The share of points that is never used."},
        "cost": _MONEY,
        "share_of_revenue": _SHARE,
        "liability": _MONEY,
        "rules": {
            "type": "array",
            "items": fields_of({"rule": _TEXT, "given": _WHOLE, "cut": _WHOLE}, "rule", "given", "cut"),
            "description": "By the code of the rule; empty for the base.",
        },
        "badges": {
            "type": "array",
            "items": fields_of(
                {"code": {"type": "string"}, "members": {"type": "integer", "minimum": 0}}, "code", "members"
            ),
            "description": "How many members have each badge at the end.",
        },
        "currencies": {
            "type": "array",
            "items": fields_of(
                {"code": _TEXT, "issued": _WHOLE, "redeemed": _WHOLE, "expired": _WHOLE},
                "code", "issued", "redeemed", "expired",
            ),
        },
    },
    "points", "breakage", "cost", "share_of_revenue", "liability", "rules", "currencies", "badges",
)  # fmt: skip
_RUNGS: Final[Json] = {"type": "array", "items": fields_of({"code": _TEXT, "name": TEXT}, "code", "name")}
_END: Final = fields_of(
    {"cost": _MONEY, "revenue": _MONEY, "share_of_revenue": _SHARE}, "cost", "revenue", "share_of_revenue"
)
_RESULT: Final[Json] = {
    "since": _DAY,
    "until": _DAY,
    **dict.fromkeys(("members", "orders", "gaining", "losing", "same", "rising", "falling", "guessed"), _COUNT),
    "revenue": _MONEY,
    "today": _SIDE,
    "draft": _SIDE,
    "histogram": {
        "type": "array",
        "items": fields_of({"from": _MAYBE, "to": _MAYBE, "members": _COUNT}, "from", "to", "members"),
        "description": "How many members differ by so many points.",
    },
    "tiers": {
        **fields_of(
            {
                "today": _RUNGS,
                "draft": _RUNGS,
                "members": {"type": "array", "items": {"type": "array", "items": _COUNT}},
            },
            "today", "draft", "members",
        ),
        "description": "members: a row for each tier of today, a column for each of the draft.",
    },
    "behaviour": fields_of({"percent": _COUNT, "less": _END, "more": _END}, "percent", "less", "more"),
    "budgets": {
        "type": "array",
        "items": fields_of(
            {
                "rule": _TEXT,
                "counts": {"type": "string", "enum": ["times", "amount"]},
                "most": _COUNT,
                "used": _WHOLE,
                "ended": _DAY,
            },
            "rule", "counts", "most", "used", "ended",
        ),
    },
}  # fmt: skip
_SIDES: Final = ("today", "draft")
_LINE: Final = fields_of(
    {
        "customer": fields_of({"number": _TEXT, "ids": {"type": "array", "items": _TEXT}}, "number", "ids"),
        "points": fields_of(dict.fromkeys((*_SIDES, "difference"), _WHOLE), *_SIDES, "difference"),
        "tier": fields_of(dict.fromkeys(_SIDES, _TEXT), *_SIDES),
    },
    "customer", "points", "tier",
)  # fmt: skip
_FOUND: Final = fields_of(
    {**_RUN, "result": {"anyOf": [fields_of(_RESULT, *_RESULT), NULL], "description": "null before it is done."}},
    *_RUN, "result",
)  # fmt: skip
SCHEMAS: Final[Json] = {
    "SimulationWish": fields_of(
        {
            "draft_id": ID,
            "since": {
                "anyOf": [{"type": "string", "format": "date"}, {"const": "ever"}, NULL],
                "description": "The first day on which it would have been live; ever; absent: a year back.",
            },
            "thousand_points_cost": {
                "anyOf": [ref("Amount"), NULL], "description": "What a thousand points cost; absent: as in the books.",
            },
            "change_percent": {"anyOf": [{"type": "integer", "minimum": 0, "maximum": 100}, NULL]},
            **SOURCE,
        },
        "draft_id",
    ),
    "SimulationsQuestion": fields_of(SOURCE),
    "SimulationQuestion": {
        **fields_of({"simulation_id": ID, "draft_id": ID, **SOURCE}),
        "anyOf": [{"required": ["simulation_id"]}, {"required": ["draft_id"]}],
    },
    "SimulationPage": fields_of({"simulation_id": ID, "after": {"anyOf": [_COUNT, NULL]}, **SOURCE}, "simulation_id"),
    "SimulationExport": fields_of(
        {"simulation_id": ID, "format": {"type": "string", "enum": list(FORMS)}, **SOURCE}, "simulation_id"
    ),
    "SimulationAsked": fields_of({"simulation": fields_of(_RUN, *_RUN)}, "simulation"),
    "Simulations": fields_of({"simulations": {"type": "array", "items": fields_of(_RUN, *_RUN)}}, "simulations"),
    "Simulation": fields_of({"simulation": _FOUND}, "simulation"),
    "SimulatedMembers": fields_of(
        {"members": {"type": "array", "items": _LINE}, "next_after": _MAYBE}, "members", "next_after"
    ),
}  # fmt: skip
_ASKED: Final[Json] = {
    "simulation_id": 5,
    "state": "running",
    "members": {"done": 1200, "whole": 4800},
    "since": "2025-03-01",
    "thousand_points_cost": "10.00",
    "change_percent": 5,
    "asked_at": "2026-03-01T09:30:00+08:00",
    "asked_by": "api:Planner",
    "finished_at": None,
    "failure": None,
}
_ONE_SIDE: Final[Json] = {
    "points": {**dict.fromkeys(POINTS, 0), "earned": 120000, "issued": 118000, "redeemed": 40000, "outstanding": 70000},
    "breakage": 0.12,
    "cost": "1038.40",
    "share_of_revenue": 0.0095,
    "liability": "616.00",
    "rules": [{"rule": "", "given": 110000, "cut": 0}, {"rule": "member_day", "given": 10000, "cut": 400}],
    "currencies": [],
    "badges": [],
}
_RUNG: Final[Json] = {"code": "basic", "name": {"zh": "普通", "en": "Basic"}}
_BEHAVIOUR: Final[Json] = {"cost": "1000.00", "revenue": "110000.00", "share_of_revenue": 0.0091}
_DONE: Final[Json] = {
    **_ASKED,
    "state": "done",
    "members": {"done": 4800, "whole": 4800},
    "finished_at": "2026-03-01T09:30:09+08:00",
    "result": {
        "since": "2025-03-01",
        "until": "2026-03-01",
        "members": 4800,
        "orders": 20000,
        "revenue": "110000.00",
        "gaining": 1500,
        "losing": 0,
        "same": 3300,
        "rising": 12,
        "falling": 0,
        "today": _ONE_SIDE,
        "draft": _ONE_SIDE,
        "histogram": [{"from": 0, "to": 0, "members": 3300}, {"from": 1, "to": None, "members": 1500}],
        "tiers": {"today": [_RUNG], "draft": [_RUNG], "members": [[4800]]},
        "behaviour": {"percent": 5, "less": _BEHAVIOUR, "more": _BEHAVIOUR},
        "budgets": [{"rule": "member_day", "counts": "amount", "most": 50000, "used": 10000, "ended": None}],
        "guessed": 0,
    },
}
_MEMBER: Final[Json] = {
    "customer": {"number": "M0000042", "ids": ["u-1024"]},
    "points": {"today": 120, "draft": 180, "difference": 60},
    "tier": {"today": "basic", "draft": "basic"},
}
BODIES: Final[dict[str, dict[str, Any]]] = {
    "start": {
        "usual": example("A year back", {"draft_id": 7}),
        "ever": example(
            "Ever since, at a price", {"draft_id": 7, "since": "ever", "thousand_points_cost": 8, "change_percent": 10}
        ),
    },
    "list": {"all": example("The latest", {})},
    "read": {
        "one": example("How far is it?", {"simulation_id": 5}),
        "draft": example("The newest of a draft", {"draft_id": 7}),
    },
    "members": {
        "first": example("The first of them", {"simulation_id": 5, "source": "web"}),
        "next": example("The next", {"simulation_id": 5, "after": 4711}),
    },
    "export": {"csv": example("All of them as a file", {"simulation_id": 5, "format": "csv"})},
}
ANSWERS: Final[dict[str, dict[str, Any]]] = {
    "SimulationAsked": {"asked": example("It goes on", {"simulation": _ASKED})},
    "Simulations": {"one": example("One", {"simulations": [_ASKED]})},
    "Simulation": {
        "done": example("What it found", {"simulation": _DONE}),
        "running": example("It goes on", {"simulation": {**_ASKED, "result": None}}),
    },
    "SimulatedMembers": {"page": example("One member", {"members": [_MEMBER], "next_after": None})},
}
PROBLEMS: Final[dict[int, dict[str, Any]]] = {
    404: {"unknown": problem("no_simulation", "There is no such simulation.")},
    409: {"early": problem("simulation_not_done", "This simulation has no result.", state="running")},
    422: {"question": problem("invalid_question", "The cost of a thousand points must not be below zero.")},
}


def _operation(verb: str, body: str, answer: str, *more: int, scope: str = WRITE) -> Json:
    return operation(body, answer, BODIES[verb], ANSWERS[answer], *more, scope=scope, codes=CODES, problems=PROBLEMS)


def _file(told: Json) -> Json:
    """The same with a file as the answer."""
    schema: Json = {"type": "string", "format": "binary"}
    kinds: dict[str, Json] = {kind.split(";")[0]: {"schema": schema} for _, kind in FORMS.values()}
    kinds["text/csv"] |= {"examples": {"csv": example("A line for each member", "member,points_today,points_draft,…")}}
    return {**told, "responses": {**told["responses"], 200: {"description": "A file.", "content": kinds}}}


START: Final = {**_operation("start", "SimulationWish", "SimulationAsked", 404, 409, 422), "parameters": PARAMETERS}
LIST: Final = _operation("list", "SimulationsQuestion", "Simulations", 422)
READ: Final = _operation("read", "SimulationQuestion", "Simulation", 404, 422)
LINES: Final = _operation("members", "SimulationPage", "SimulatedMembers", 404, 409, 422, scope=MEMBERS)
EXPORT: Final = _file(_operation("export", "SimulationExport", "SimulatedMembers", 404, 409, 422, scope=MEMBERS))
