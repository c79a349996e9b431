"""Who a row is about: the identities that its cells give, and what was wrong with the others."""

from collections.abc import Sequence
from typing import NamedTuple

from regulars.customers.rules import Reason, TextResult, normalise_email, normalise_number, normalise_phone
from regulars.facts.reading.columns import Field
from regulars.facts.reading.table import Cell
from regulars.facts.rules import Identity, IdentityKind

WHO_FIELDS = (Field.MEMBER_NUMBER, Field.UNIONID, Field.CUSTOMER_ID, Field.PHONE, Field.EMAIL)

_PHONE_NOTES = {
    Reason.PLACEHOLDER: "placeholder_ids",
    Reason.MASKED: "masked_phones",
    Reason.PRIVACY: "privacy_phones",
    Reason.VIRTUAL: "virtual_phones",
    Reason.LANDLINE: "landlines",
    Reason.REPAIRED: "repaired_phones",
    Reason.SHORTENED: "shortened_numbers",
    Reason.INVALID: "bad_phones",
}
_EMAIL_NOTES = {Reason.PLACEHOLDER: "placeholder_ids", Reason.MASKED: "bad_emails", Reason.INVALID: "bad_emails"}
_NUMBER_NOTES = {
    Reason.PLACEHOLDER: "placeholder_ids",
    Reason.SHORTENED: "shortened_numbers",
    Reason.MASKED: "bad_ids",
    Reason.INVALID: "bad_ids",
}


class Who(NamedTuple):
    """Identities, strongest first, and codes of notices."""

    identities: tuple[Identity, ...]
    notes: tuple[str, ...]


NOBODY = Who((), ())


class WhoReader:
    """Reads the cells of WHO_FIELDS, in that order, as far as they are mapped."""

    def __init__(self, fields: Sequence[Field], *, source: str, region: str) -> None:
        self._fields = tuple(fields)
        self._source = source
        self._region = region

    def read(self, cells: tuple[Cell, ...]) -> Who:
        """Who these cells name. An external id belongs to its source; everything else names the person anywhere."""
        identities: list[Identity] = []
        notes: list[str] = []
        for field, cell in zip(self._fields, cells, strict=True):
            if cell is None or cell == "":
                continue
            if field is Field.PHONE:
                phone = normalise_phone(cell, self._region)
                if phone.joins:
                    identities.append(Identity(IdentityKind.PHONE, "", phone.value))
                note = _PHONE_NOTES.get(phone.reason)
            elif field is Field.EMAIL:
                note = self._keep(identities, IdentityKind.EMAIL, normalise_email(cell), _EMAIL_NOTES)
            else:
                kind = _KINDS[field]
                note = self._keep(identities, kind, normalise_number(cell), _NUMBER_NOTES)
            if note:
                notes.append(note)
        return Who(tuple(identities), tuple(notes)) if identities or notes else NOBODY

    def _keep(
        self, identities: list[Identity], kind: IdentityKind, told: TextResult, notes: dict[Reason, str]
    ) -> str | None:
        if told.value:
            space = self._source if kind is IdentityKind.EXTERNAL_ID else ""
            identities.append(Identity(kind, space, told.value))
        return notes.get(told.reason)


_KINDS = {
    Field.MEMBER_NUMBER: IdentityKind.MEMBER_NUMBER,
    Field.UNIONID: IdentityKind.UNIONID,
    Field.CUSTOMER_ID: IdentityKind.EXTERNAL_ID,
}
