"""Companies."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from leadcrm.api.context import authenticated, db_session, lead_service, services
from leadcrm.api.schemas import (
    COMPANY_FIELDS,
    company_json,
    json_body,
    lead_json,
    page_json,
    page_number,
    page_size,
)
from leadcrm.errors import ConflictError, NotFoundError
from leadcrm.models import Company
from leadcrm.repositories import LeadQuery

bp = Blueprint("companies", __name__, url_prefix="/companies")


@bp.get("")
@authenticated
def index() -> ResponseReturnValue:
    wanted = LeadQuery(page=page_number(), per_page=page_size())  # checks the limits
    page = lead_service().companies.list(wanted.page, wanted.per_page)
    return page_json(page, company_json)


@bp.post("")
@authenticated
def create() -> ResponseReturnValue:
    fields = json_body(COMPANY_FIELDS, required=("name", "domain"))
    companies = lead_service().companies
    if companies.by_domain(fields["domain"]):
        raise ConflictError(f"there is already a company with the domain {fields['domain']}")
    company = companies.add(Company(**fields))
    db_session().commit()
    return company_json(company), 201


@bp.get("/<int:company_id>")
@authenticated
def show(company_id: int) -> ResponseReturnValue:
    return company_json(lead_service().companies.get(company_id))


@bp.get("/<int:company_id>/leads")
@authenticated
def leads(company_id: int) -> ResponseReturnValue:
    service = lead_service()
    service.companies.get(company_id)
    wanted = LeadQuery(company_id=company_id, page=page_number(), per_page=page_size())
    return page_json(service.leads.search(wanted), lead_json)


@bp.delete("/<int:company_id>")
@authenticated
def delete(company_id: int) -> ResponseReturnValue:
    service = lead_service()
    service.delete_company(service.companies.get(company_id))
    db_session().commit()
    return "", 204


@bp.post("/<int:company_id>/enrich")
@authenticated
def enrich(company_id: int) -> ResponseReturnValue:
    service = lead_service()
    company = service.companies.get(company_id)
    if not service.enrich_company(company, services().enrichment):
        raise NotFoundError("profile for", company.domain)
    db_session().commit()
    return company_json(company)
