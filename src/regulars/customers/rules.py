"""Names that a customer is known by, made equal when they mean the same, and refused when they mean nobody.

Nothing here raises for a dirty value: files are full of them. Each function answers with a reason that callers count.
"""

import re
import unicodedata
from enum import StrEnum
from typing import NamedTuple

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from phonenumbers import PhoneNumberType

LONGEST_NAME = 200
LONGEST_NUMBER = 200


class Reason(StrEnum):
    """What was found. Everything but OK, REPAIRED, LANDLINE and VIRTUAL leaves no value behind."""

    OK = "ok"
    REPAIRED = "repaired"
    BLANK = "blank"
    PLACEHOLDER = "placeholder"
    MASKED = "masked"
    PRIVACY = "privacy"
    VIRTUAL = "virtual"
    LANDLINE = "landline"
    SHORTENED = "shortened"
    INVALID = "invalid"


class PhoneResult(NamedTuple):
    """A phone as E.164 (`value`, '' if refused), why, and whether it may join orders to one customer.

    Landlines can be called but are shared by a household or an office, so they never join; see also VIRTUAL_PREFIXES.
    """

    value: str
    reason: Reason
    joins: bool = False


class TextResult(NamedTuple):
    """A normalised e-mail or number, '' if refused, and why."""

    value: str
    reason: Reason


# Chinese platforms hide the buyer's number behind one that they lend for some days and then lend to somebody else:
# a number with an extension, a 95… service number, or a plain mobile from the ranges of the virtual operators
# (162, 165, 167, 170, 171), which is where the platforms rent theirs. Real people hold such numbers too. They keep them
# as a contact, but it never joins: two records of one person are merged on review in a minute, while two people
# under one account see each other's points.
VIRTUAL_PREFIXES = frozenset({"162", "165", "167", "170", "171"})
SERVICE_NUMBER = re.compile(r"(?:\+?86)?95\d{6,}")
# Cards for machines, not people: they are no way to reach or know anybody.
MACHINE_PREFIXES = frozenset({"140", "141", "144", "146", "148"})

# One word a gap; phrases stand in PLACEHOLDER_PHRASES.
_NOBODY = """
    null none nil nan na n/a n.a. undefined unknown anonymous anon guest visitor walkin walk-in customer test tester
    testing admin default user nobody xxx false true <null> (null) [null] (blank)
    无 没有 暂无 空 未知 未填 未填写 未提供 散客 匿名 匿名用户 匿名买家 游客 访客 顾客 客户 客人 零售 零售客户
    普通客户 普通顾客 过路客 非会员 测试 测试用户 默认 默认客户
"""
_NO_MAILBOX = "noreply no-reply none noemail no-email null na guest anonymous unknown test nobody donotreply email mail"
_NO_DOMAIN = "none.com noemail.com no.com test.com email.com example.com example.org example.net null.com na.com"
PLACEHOLDER_PHRASES = {
    "walk-in customer",
    "walk in",
    "cash customer",
    "not available",
    "no email",
    "no phone",
    "guest user",
}
PLACEHOLDERS = frozenset(_NOBODY.split()) | PLACEHOLDER_PHRASES
PLACEHOLDER_MAILBOXES = frozenset(_NO_MAILBOX.split())
PLACEHOLDER_DOMAINS = frozenset(_NO_DOMAIN.split())
# Numbers that people type when they do not want to give theirs; 13800138000 is China Mobile's own.
PLACEHOLDER_MOBILES = frozenset({"13800138000", "13800138001", "12345678901", "12345678910"})

_CHINESE_MOBILE = re.compile(r"1[3-9]\d{9}")
_SCIENTIFIC = re.compile(r"(\d)(?:\.(\d+))?[eE]\+?(\d{1,2})")
_DECIMAL_ZERO = re.compile(r"(\d+)\.0+")
LONGEST_PHONE = 100
"""Nothing longer is a phone, and patterns are tried at every place of a text."""
_EXTENSION = re.compile(r"\d{7,}\)?\s*(?:-|_|,|;|/|#|\*|转|轉|分机|ext\.?|x)+\s*\d{1,6}", re.IGNORECASE)
_OFFICE = re.compile(r"(\(?0\d{2,3}\)?[-\s]?\d{7,8})\s*(?:-|转|轉|分机|ext\.?)\s*\d{1,6}")
_AREA_FIRST = re.compile(r"\(?0\d{2,3}\)?[-\s]\s*\d{7,8}")
_PLAIN_MAIL = re.compile(
    r"[a-z0-9](?:[a-z0-9_+-]|\.(?!\.))*(?<!\.)@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}"
)
_RESERVED_ENDINGS = (".test", ".local", ".localhost", ".invalid", ".example", ".onion", ".arpa", ".alt")
_INVISIBLE = re.compile("[\u0000-\u001f\u007f\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_JOINERS = re.compile("[\u200c\u200d]")

_BLANK_PHONE = PhoneResult("", Reason.BLANK)


def _cleaned(raw: object) -> str:
    """Half-width, trimmed, without invisible characters; whole floats without their '.0'."""
    if isinstance(raw, float) and raw.is_integer() and abs(raw) < 1e15:
        return str(int(raw))
    text = "" if raw is None else str(raw)
    if not text.isascii():
        text = _JOINERS.sub("", unicodedata.normalize("NFKC", text))
    text = _INVISIBLE.sub("", text).strip()
    if text.startswith('="') and text.endswith('"'):
        text = text[2:-1].strip()
    return text.strip("'\"").strip()


def is_placeholder(value: object) -> bool:
    """Whether a value stands for nobody: null, 0, -1, guest, 散客, 111111. A blank is nothing, not a placeholder."""
    text = _cleaned(value)
    return text != "" and _means_nobody(text)


def _means_nobody(text: str) -> bool:
    if text.isdecimal():
        return not text.strip("0") or (len(text) > 5 and text.count(text[0]) == len(text))
    if text.lower() in PLACEHOLDERS or text == "-1":
        return True
    return not text.isalnum() and (not text.strip("0.-") or not any(character.isalnum() for character in text))


def normalise_number(raw: object) -> TextResult:
    """A member number or external id: trimmed, half-width, 17850.0 as 17850; case is kept, since systems differ."""
    if type(raw) is str and raw.isalnum() and raw.isascii() and len(raw) <= LONGEST_NUMBER:
        text = raw
    else:
        text = _cleaned(raw)
        if not text:
            return TextResult("", Reason.BLANK)
        if isinstance(raw, float) and abs(raw) >= 1e15:
            return TextResult("", Reason.SHORTENED)
        if whole := _DECIMAL_ZERO.fullmatch(text):
            text = whole[1]
        elif _SCIENTIFIC.fullmatch(text) and "+" in text:
            expanded = _all_digits(text)
            return TextResult(expanded, Reason.REPAIRED) if expanded else TextResult("", Reason.SHORTENED)
    if _means_nobody(text):
        return TextResult("", Reason.PLACEHOLDER)
    if "*" in text:
        return TextResult("", Reason.MASKED)
    if len(text) > LONGEST_NUMBER:
        return TextResult("", Reason.INVALID)
    return TextResult(text, Reason.OK)


def _all_digits(text: str) -> str:
    """1.3812345678E+10 as 13812345678; '' for 1.38E+10, whose digits a spreadsheet has dropped."""
    parts = _SCIENTIFIC.fullmatch(text)
    if not parts:
        return ""
    fraction, exponent = parts[2] or "", int(parts[3])
    return parts[1] + fraction if len(fraction) == exponent else ""


def normalise_phone(raw: object, region: str = "CN") -> PhoneResult:
    """A phone number as E.164, read as one of `region` unless it names its country."""
    if type(raw) is str and region == "CN" and len(raw) == 11 and _CHINESE_MOBILE.fullmatch(raw):
        return _chinese_mobile(raw, Reason.OK)
    text = _cleaned(raw)[:LONGEST_PHONE]
    if not text:
        return _BLANK_PHONE
    reason = Reason.OK
    if "e+" in text.lower():
        text = _all_digits(text)
        if not text:
            return PhoneResult("", Reason.SHORTENED)
        reason = Reason.REPAIRED
    elif whole := _DECIMAL_ZERO.fullmatch(text):
        text, reason = whole[1], Reason.REPAIRED
    if _means_nobody(text):
        return PhoneResult("", Reason.PLACEHOLDER)
    if refused := _not_a_persons_number(text):
        return PhoneResult("", refused)
    compact = re.sub(r"[\s()./-]", "", text)
    for prefix in ("+86", "0086", "86") if region == "CN" else ("+86", "0086"):
        if compact.startswith(prefix) and _CHINESE_MOBILE.fullmatch(compact[len(prefix) :]):
            return _chinese_mobile(compact[len(prefix) :], reason)
    if region == "CN" and _CHINESE_MOBILE.fullmatch(compact):
        return _chinese_mobile(compact, reason)
    return _worldwide(text, compact, region, reason)


def _not_a_persons_number(text: str) -> Reason | None:
    if re.search(r"\d\s*[*xX＊•●]{2,}", text) or re.search(r"[*＊•●]{2,}", text):
        return Reason.MASKED
    if "虚拟" in text or "隐私" in text or SERVICE_NUMBER.fullmatch(re.sub(r"[\s-]", "", text)):
        return Reason.PRIVACY
    if _EXTENSION.search(text) and not _AREA_FIRST.fullmatch(text):
        # 138-1234-5678 is a way of writing; 13812345678-1234 is a number that was lent.
        digits = re.split(r"\D+", text.lstrip("+"))
        if any(
            _CHINESE_MOBILE.fullmatch(part) or _CHINESE_MOBILE.fullmatch(part.removeprefix("86")) for part in digits[:2]
        ):
            return Reason.PRIVACY
    return None


def _chinese_mobile(digits: str, reason: Reason) -> PhoneResult:
    if digits in PLACEHOLDER_MOBILES or digits.count(digits[-1], 3) == 8:
        return PhoneResult("", Reason.PLACEHOLDER)
    prefix = digits[:3]
    if prefix in VIRTUAL_PREFIXES:
        return PhoneResult("+86" + digits, Reason.VIRTUAL)
    if prefix in MACHINE_PREFIXES:
        return PhoneResult("", Reason.INVALID)
    return PhoneResult("+86" + digits, reason, True)


def _worldwide(text: str, compact: str, region: str, reason: Reason) -> PhoneResult:
    if office := _OFFICE.fullmatch(text):
        text = office[1]
    try:
        number = phonenumbers.parse(text[:60], region)
    except phonenumbers.NumberParseException:
        return PhoneResult("", Reason.INVALID)
    if not phonenumbers.is_valid_number(number):
        return PhoneResult("", Reason.INVALID)
    value = phonenumbers.format_number(
        phonenumbers.PhoneNumber(
            country_code=number.country_code,
            national_number=number.national_number,
            italian_leading_zero=number.italian_leading_zero,
        ),
        phonenumbers.PhoneNumberFormat.E164,
    )
    kind = phonenumbers.number_type(number)
    if number.extension:
        # An extension leads to a desk in an office, or, behind a mobile, to a number that was lent.
        return (
            PhoneResult("", Reason.PRIVACY) if kind == PhoneNumberType.MOBILE else PhoneResult(value, Reason.LANDLINE)
        )
    if kind in (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE, PhoneNumberType.PERSONAL_NUMBER):
        return PhoneResult(value, reason, True)
    if kind in (PhoneNumberType.FIXED_LINE, PhoneNumberType.VOIP):
        return PhoneResult(value, Reason.LANDLINE)
    return PhoneResult("", Reason.INVALID)


def normalise_email(raw: object) -> TextResult:
    """An e-mail in lower case. Nothing is looked up: an address that no longer works still tells who somebody is."""
    text = _cleaned(raw).lower().removeprefix("mailto:")
    if not text:
        return TextResult("", Reason.BLANK)
    if "*" in text:
        return TextResult("", Reason.MASKED)
    if _means_nobody(text):
        return TextResult("", Reason.PLACEHOLDER)
    mailbox, _, domain = text.partition("@")
    if mailbox in PLACEHOLDER_MAILBOXES or domain in PLACEHOLDER_DOMAINS or not mailbox.strip("0.-_"):
        return TextResult("", Reason.PLACEHOLDER)
    if len(text) <= 200 and len(mailbox) <= 64 and _PLAIN_MAIL.fullmatch(text) and not text.endswith(_RESERVED_ENDINGS):
        return TextResult(text, Reason.OK)
    try:
        found = validate_email(text, check_deliverability=False).normalized.lower()
    except (EmailNotValidError, ValueError):
        return TextResult("", Reason.INVALID)
    return TextResult(found, Reason.OK) if len(found) <= 200 else TextResult("", Reason.INVALID)


def normalise_name(raw: object) -> str:
    """A person's name: composed (NFC), single spaces, emoji kept; '' for placeholders and masked names (张**).

    A masked name is dropped, not kept: profiles fill empty fields only, and it would keep the true name out for ever.
    """
    text = unicodedata.normalize("NFC", "" if raw is None else str(raw))
    text = " ".join(_INVISIBLE.sub(" ", text).split())
    if not text or "*" in text or is_placeholder(text):
        return ""
    return text[:LONGEST_NAME].rstrip()


def mask_phone(value: str) -> str:
    """An E.164 number for people who may not see it whole: 138****5678, +44 ****4567."""
    if value.startswith("+86") and len(value) == 14:
        return f"{value[3:6]}****{value[-4:]}"
    if len(value) < 9:
        return "****"
    country = phonenumbers.parse(value).country_code if value.startswith("+") and value[1:].isdecimal() else ""
    return f"+{country} ****{value[-4:]}" if country else f"****{value[-4:]}"


def mask_email(value: str) -> str:
    """An address for people who may not see it whole: l***@example.com."""
    mailbox, _, domain = value.rpartition("@")
    return f"{mailbox[:1]}***@{domain}" if mailbox else "***"
