"""Leads: CRUD, search, activities, scoring, enrichment and import."""

from __future__ import annotations

from dataclasses import asdict

from flask import Blueprint, g, request
from flask.typing import ResponseReturnValue

from leadcrm.api.context import authenticated, db_session, lead_service, services
from leadcrm.api.schemas import (
    ACTIVITY_FIELDS,
    LEAD_CHANGES,
    LEAD_FIELDS,
    activity_json,
    json_body,
    lead_json,
    lead_query,
    page_json,
    score_json,
)
from leadcrm.config import TRUE_WORDS
from leadcrm.importers import decode, import_leads

bp = Blueprint("leads", __name__, url_prefix="/leads")


@bp.get("")
@authenticated
def index() -> ResponseReturnValue:
    return page_json(lead_service().leads.search(lead_query()), lead_json)


@bp.post("")
@authenticated
def create() -> ResponseReturnValue:
    fields = {"owner_id": g.user.id, **json_body(LEAD_FIELDS, required=("email",))}
    lead = lead_service().create(fields)
    db_session().commit()
    return lead_json(lead), 201, {"Location": f"/api/v1/leads/{lead.id}"}


@bp.get("/funnel")
@authenticated
def funnel() -> ResponseReturnValue:
    counts = lead_service().leads.count_by_status()
    return {str(status): count for status, count in counts.items()}


@bp.post("/import")
@authenticated
def import_csv() -> ResponseReturnValue:
    """Import the CSV file in the body; ?dry_run=true only reports."""
    dry_run = request.args.get("dry_run", "").lower() in TRUE_WORDS
    report = import_leads(lead_service(), decode(request.get_data()), dry_run=dry_run)
    if not dry_run:
        db_session().commit()
    return asdict(report) | {"dry_run": dry_run}


@bp.get("/<int:lead_id>")
@authenticated
def show(lead_id: int) -> ResponseReturnValue:
    lead = lead_service().leads.get(lead_id)
    return lead_json(lead) | {"activities": [activity_json(item) for item in lead.activities]}


@bp.patch("/<int:lead_id>")
@authenticated
def update(lead_id: int) -> ResponseReturnValue:
    service = lead_service()
    lead = service.update(service.leads.get(lead_id), json_body(LEAD_CHANGES))
    db_session().commit()
    return lead_json(lead)


@bp.delete("/<int:lead_id>")
@authenticated
def delete(lead_id: int) -> ResponseReturnValue:
    leads = lead_service().leads
    leads.delete(leads.get(lead_id))
    db_session().commit()
    return "", 204


@bp.post("/<int:lead_id>/activities")
@authenticated
def add_activity(lead_id: int) -> ResponseReturnValue:
    fields = json_body(ACTIVITY_FIELDS, required=("kind",))
    service = lead_service()
    lead = service.leads.get(lead_id)
    activity = service.record(lead, fields["kind"], fields.get("note"), fields.get("occurred_at"))
    db_session().commit()
    return activity_json(activity) | {"score": lead.score}, 201


@bp.get("/<int:lead_id>/score")
@authenticated
def score(lead_id: int) -> ResponseReturnValue:
    """Explain the score as of now."""
    service = lead_service()
    return score_json(service.explain(service.leads.get(lead_id)))


@bp.post("/<int:lead_id>/score")
@authenticated
def rescore(lead_id: int) -> ResponseReturnValue:
    """Compute the score again and store it."""
    service = lead_service()
    result = service.rescore(service.leads.get(lead_id))
    db_session().commit()
    return score_json(result)


@bp.post("/<int:lead_id>/enrich")
@authenticated
def enrich(lead_id: int) -> ResponseReturnValue:
    """Verify the address and complete the company with the external APIs."""
    service = lead_service()
    lead = service.leads.get(lead_id)
    found = service.enrich(lead, services().enrichment, services().verification)
    db_session().commit()
    return lead_json(lead) | {"company_found": found}
