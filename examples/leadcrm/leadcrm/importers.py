"""Import of leads from CSV files."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field

from leadcrm.errors import ValidationError
from leadcrm.models import Lead, LeadSource
from leadcrm.repositories import CompanyRepository
from leadcrm.services import LeadService
from leadcrm.validation import (
    email_domain,
    is_business_email,
    normalise_domain,
    normalise_email,
    normalise_phone,
)

MAX_ROWS = 10_000
ALIASES = {
    "e-mail": "email", "mail": "email", "firstname": "first_name", "given_name": "first_name",
    "lastname": "last_name", "surname": "last_name", "title": "job_title", "position": "job_title",
    "telephone": "phone", "company": "company_name", "organisation": "company_name",
    "website": "company_domain", "domain": "company_domain",
}  # fmt: skip
COLUMNS = frozenset(
    {"email", "first_name", "last_name", "job_title", "phone", "company_name", "company_domain",
     "source"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class RowError:
    """Why a line was not imported."""

    line: int
    column: str
    message: str


@dataclass(slots=True)
class ImportReport:
    """The outcome of an import."""

    created: int = 0
    duplicates: int = 0
    ignored_columns: list[str] = field(default_factory=list)
    errors: list[RowError] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return not self.errors


@dataclass(frozen=True, slots=True)
class LeadRow:
    """A valid line."""

    email: str
    first_name: str = ""
    last_name: str = ""
    job_title: str | None = None
    phone: str | None = None
    company_name: str = ""
    company_domain: str | None = None
    source: LeadSource = LeadSource.IMPORT


def decode(data: bytes) -> str:
    """Text of an uploaded file: UTF-8 with or without BOM, else Windows-1252."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def column_name(header: str) -> str:
    """Map a heading to the name used here."""
    name = header.strip().lower().replace(" ", "_")
    return ALIASES.get(name, name)


def parse_row(line: int, values: dict[str, str]) -> LeadRow | list[RowError]:
    """Check one line; all of its problems are reported, not only the first."""
    errors: list[RowError] = []
    clean: dict[str, str] = {key: values.get(key, "").strip() for key in COLUMNS}

    for column, check in (
        ("email", normalise_email),
        ("phone", normalise_phone),
        ("company_domain", normalise_domain),
    ):
        if clean[column] or column == "email":
            try:
                clean[column] = check(clean[column])
            except ValueError as error:
                errors.append(RowError(line, column, str(error)))
    source = clean["source"].lower() or LeadSource.IMPORT.value
    if source not in set(LeadSource):
        errors.append(RowError(line, "source", f"must be one of {', '.join(LeadSource)}"))
    if errors:
        return errors
    return LeadRow(
        email=clean["email"],
        first_name=clean["first_name"],
        last_name=clean["last_name"],
        job_title=clean["job_title"] or None,
        phone=clean["phone"] or None,
        company_name=clean["company_name"],
        company_domain=clean["company_domain"] or None,
        source=LeadSource(source),
    )


def read_rows(text: str, report: ImportReport) -> Iterator[tuple[int, LeadRow]]:
    """Yield valid lines with their numbers; problems go into the report."""
    first_line = text.partition("\n")[0]
    delimiter = max(",;\t", key=first_line.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    header = [column_name(cell) for cell in next(reader, [])]
    if "email" not in header:
        raise ValidationError({"file": "the header has no column email"})
    if len(set(header)) < len(header):
        raise ValidationError({"file": "a column appears twice in the header"})
    report.ignored_columns = [name for name in header if name not in COLUMNS]

    for count, cells in enumerate(reader, start=1):
        if count > MAX_ROWS:
            raise ValidationError({"file": f"has more than {MAX_ROWS} rows"})
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(header):
            message = f"has {len(cells)} fields instead of {len(header)}"
            report.errors.append(RowError(reader.line_num, "", message))
            continue
        row = parse_row(reader.line_num, dict(zip(header, cells, strict=True)))
        if isinstance(row, LeadRow):
            yield reader.line_num, row
        else:
            report.errors.extend(row)


def import_leads(service: LeadService, text: str, *, dry_run: bool = False) -> ImportReport:
    """Import all valid lines; addresses that are already known are skipped."""
    report = ImportReport()
    rows: dict[str, LeadRow] = {}
    for _, row in read_rows(text, report):
        if row.email in rows:
            report.duplicates += 1
        else:
            rows[row.email] = row
    known = service.leads.existing_emails(list(rows))
    report.duplicates += len(known)
    fresh = [row for row in rows.values() if row.email not in known]
    report.created = len(fresh)
    if not dry_run:
        for row in fresh:
            lead = _to_lead(row, service.companies)
            service.leads.add(lead)
            service.rescore(lead)
    return report


def _to_lead(row: LeadRow, companies: CompanyRepository) -> Lead:
    domain = row.company_domain
    if domain is None and is_business_email(row.email):
        domain = email_domain(row.email)
    return Lead(
        email=row.email,
        first_name=row.first_name,
        last_name=row.last_name,
        job_title=row.job_title,
        phone=row.phone,
        source=row.source,
        company=companies.get_or_create(domain, row.company_name) if domain else None,
    )
