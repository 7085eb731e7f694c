import pytest
from sqlalchemy import func, select

from leadcrm.errors import ValidationError
from leadcrm.importers import (
    ImportReport,
    LeadRow,
    RowError,
    column_name,
    decode,
    import_leads,
    parse_row,
    read_rows,
)
from leadcrm.models import Lead, LeadSource

CSV = """\
E-Mail,First name,Surname,Position,Company,Colour
ann@acme.example,Ann,Lee,CEO,Acme Ltd,red
Bob@Other.example,Bob,,,,
ann@acme.example,Ann,Again,,,
broken,,,,,
"""


def rows_of(text):
    report = ImportReport()
    return [row for _, row in read_rows(text, report)], report


@pytest.mark.parametrize(
    ("header", "name"),
    [(" E-Mail ", "email"), ("First Name", "first_name"), ("Website", "company_domain")],
)  # fmt: skip
def test_column_names(header, name):
    assert column_name(header) == name


@pytest.mark.parametrize(
    ("data", "text"),
    [(b"caf\xc3\xa9", "café"), (b"\xef\xbb\xbfemail", "email"), (b"caf\xe9", "café")],
)
def test_decode(data, text):
    assert decode(data) == text


def test_parse_row():
    values = {"email": "Ann@Acme.example ", "phone": "0049 30 1234567", "source": "Event"}
    assert parse_row(2, values) == LeadRow(
        email="ann@acme.example", phone="+49301234567", source=LeadSource.EVENT
    )


def test_parse_row_reports_all_problems():
    values = {"email": "x", "phone": "1", "company_domain": "y", "source": "z"}
    errors = parse_row(5, values)
    assert [error.column for error in errors] == ["email", "phone", "company_domain", "source"]
    assert {error.line for error in errors} == {5}


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_delimiters(delimiter):
    text = f"email{delimiter}first_name\na@acme.example{delimiter}Ann\n"
    rows, report = rows_of(text)
    assert report.ok
    assert rows[0].first_name == "Ann"


@pytest.mark.parametrize(
    ("text", "message"),
    [("", "no column email"), ("name\nAnn\n", "no column email"),
     ("email,e-mail\na,b\n", "appears twice")],
)  # fmt: skip
def test_bad_headers(text, message):
    with pytest.raises(ValidationError, match=message):
        rows_of(text)


def test_quoting_and_line_numbers():
    text = 'email,job_title\na@acme.example,"CEO,\nowner"\n\nbad\nnope,x\n'
    rows, report = rows_of(text)
    assert rows[0].job_title == "CEO,\nowner"
    assert report.errors == [
        RowError(5, "", "has 1 fields instead of 2"),
        RowError(6, "email", "is not an e-mail address"),
    ]


def test_import(service, session):
    report = import_leads(service, CSV)
    assert (report.created, report.duplicates) == (2, 1)
    assert report.ignored_columns == ["colour"]
    assert [(error.line, error.column) for error in report.errors] == [(5, "email")]
    ann = service.leads.by_email("ann@acme.example")
    assert (ann.full_name, ann.company.name, ann.source) == ("Ann Lee", "Acme Ltd", "import")
    assert ann.score > 0


def test_dry_run_stores_nothing(service, session):
    assert import_leads(service, CSV, dry_run=True).created == 2
    assert session.scalar(select(func.count()).select_from(Lead)) == 0


@pytest.mark.slow
def test_large_import(service):
    lines = [f"lead{number}@firm{number % 50}.example" for number in range(1_500)]
    report = import_leads(service, "\n".join(["email", *lines, *lines[:100]]))
    assert (report.created, report.duplicates) == (1_500, 100)
    assert service.companies.list().total == 50
