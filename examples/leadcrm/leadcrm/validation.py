"""Normalising and checking what people type."""

from __future__ import annotations

import re

FREE_MAIL_DOMAINS = frozenset(
    {"freemail.example", "gmail.com", "gmx.de", "hotmail.com", "icloud.com", "outlook.com",
     "proton.me", "web.de", "yahoo.com"}
)  # fmt: skip
DISPOSABLE_DOMAINS = frozenset(
    {"10minutemail.com", "disposable.example", "guerrillamail.com", "mailinator.com"}
)

_LOCAL_PART = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_PHONE_NOISE = re.compile(r"[\s().\-/]")


def _is_domain(text: str) -> bool:
    labels = text.split(".")
    return (
        len(labels) >= 2
        and len(text) <= 253
        and all(_LABEL.fullmatch(label) for label in labels)
        and not labels[-1].isdigit()
    )


def normalise_domain(text: str) -> str:
    """Reduce a domain or web address to a bare lower-case domain name.

    >>> normalise_domain("https://www.Acme.example/contact")
    'acme.example'
    """
    domain = text.strip().lower().split("://", 1)[-1]
    domain = re.split(r"[/?#:]", domain, maxsplit=1)[0].rstrip(".").removeprefix("www.")
    if not _is_domain(domain):
        raise ValueError("is not a domain name")
    return domain


def normalise_email(text: str) -> str:
    """Check an address and lower-case it."""
    local, _, domain = text.strip().lower().rpartition("@")
    if len(local) > 64 or not _LOCAL_PART.fullmatch(local) or not _is_domain(domain):
        raise ValueError("is not an e-mail address")
    return f"{local}@{domain}"


def email_domain(email: str) -> str:
    """The part behind the @."""
    return email.rpartition("@")[2].lower()


def is_business_email(email: str) -> bool:
    """False for free-mail and throw-away addresses."""
    domain = email_domain(email)
    return domain not in FREE_MAIL_DOMAINS and domain not in DISPOSABLE_DOMAINS


def normalise_phone(text: str) -> str:
    """Bring a phone number into the form +<digits>; 00 counts as the + prefix."""
    digits = _PHONE_NOISE.sub("", text.strip())
    if digits.startswith("00"):
        digits = "+" + digits[2:]
    if not re.fullmatch(r"\+[1-9][0-9]{6,14}", digits):
        raise ValueError("must be an international phone number such as +49 30 1234567")
    return digits
