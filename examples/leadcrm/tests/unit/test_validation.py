import pytest

from leadcrm.validation import (
    is_business_email,
    normalise_domain,
    normalise_email,
    normalise_phone,
)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("acme.example", "acme.example"),
        ("https://www.acme.example/contact?x=1", "acme.example"),
        ("acme.example:8080", "acme.example"),
        ("sub.acme-corp.example", "sub.acme-corp.example"),
    ],
)
def test_normalise_domain(given, expected):
    assert normalise_domain(given) == expected


@pytest.mark.parametrize(
    "text",
    ["", "acme", "acme..example", "-acme.example", "192.168.0.1",
     "x" * 64 + ".example", ".".join(["abcdefghij"] * 24)],
)  # fmt: skip
def test_bad_domains(text):
    with pytest.raises(ValueError, match="is "):
        normalise_domain(text)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("ann@acme.example", "ann@acme.example"),
        (" Ann.Lee@ACME.example\n", "ann.lee@acme.example"),
        ("ann+crm@acme.example", "ann+crm@acme.example"),
        ("o'neil@mail.acme.example", "o'neil@mail.acme.example"),
    ],
)
def test_normalise_email(given, expected):
    assert normalise_email(given) == expected


@pytest.mark.parametrize(
    "text",
    ["", "ann", "@acme.example", "ann@acme", "a..b@acme.example",
     "a b@acme.example", "a@b@acme.example", "x" * 65 + "@acme.example"],
)  # fmt: skip
def test_bad_emails(text):
    with pytest.raises(ValueError, match="is not an e-mail address"):
        normalise_email(text)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("+49 30 1234567", "+49301234567"),
        ("0049 (30) 123-4567", "+49301234567"),
        ("+1.202.555/0147", "+12025550147"),
    ],
)
def test_normalise_phone(given, expected):
    assert normalise_phone(given) == expected


@pytest.mark.parametrize("text", ["", "030 1234567", "+1" * 9, "call me"])
def test_bad_phone_numbers(text):
    with pytest.raises(ValueError, match="international phone number"):
        normalise_phone(text)


@pytest.mark.parametrize(
    ("email", "expected"),
    [("a@acme.example", True), ("a@gmail.com", False), ("a@MAILINATOR.com", False)],
)
def test_business_addresses(email, expected):
    assert is_business_email(email) is expected
