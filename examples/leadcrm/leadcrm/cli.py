"""Commands for administrators: ``flask --app leadcrm.app --help``."""

from __future__ import annotations

from pathlib import Path

import click
from flask import Flask
from flask.cli import with_appcontext

from leadcrm.api.context import services
from leadcrm.errors import LeadCrmError
from leadcrm.importers import decode, import_leads
from leadcrm.models import Role, User
from leadcrm.repositories import UserRepository
from leadcrm.security import hash_password
from leadcrm.services import LeadService
from leadcrm.validation import normalise_email


@click.command("create-user")
@click.argument("email")
@click.option("--name", default="")
@click.option("--role", type=click.Choice([role.value for role in Role]), default="sales")
@click.password_option()
@with_appcontext
def create_user(email: str, name: str, role: str, password: str) -> None:
    """Add a user who may log in."""
    method = services().settings.password_method
    with services().database.session_scope() as session:
        users = UserRepository(session)
        try:
            address = normalise_email(email)
            password_hash = hash_password(password, method)
        except (ValueError, LeadCrmError) as error:
            raise click.ClickException(f"{email}: {error}") from None
        if users.by_email(address):
            raise click.ClickException(f"{address} exists already")
        user = User(email=address, name=name or address, role=Role(role))
        user.password_hash = password_hash
        users.add(user)
    click.echo(f"created {address}")


@click.command("import-leads")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="check the file without storing anything")
@with_appcontext
def import_file(file: Path, dry_run: bool) -> None:
    """Import leads from a CSV file."""
    half_life = services().settings.score_half_life_days
    with services().database.session_scope() as session:
        service = LeadService(session, half_life_days=half_life)
        try:
            report = import_leads(service, decode(file.read_bytes()), dry_run=dry_run)
        except LeadCrmError as error:
            raise click.ClickException(error.message) from None
    for problem in report.errors:
        click.echo(f"line {problem.line}: {problem.column} {problem.message}", err=True)
    verb = "would create" if dry_run else "created"
    click.echo(f"{verb} {report.created}, skipped {report.duplicates} duplicate(s)")
    if report.errors:
        raise click.exceptions.Exit(1)


@click.command("rescore")
@with_appcontext
def rescore() -> None:
    """Update all scores; meant for a nightly job."""
    half_life = services().settings.score_half_life_days
    with services().database.session_scope() as session:
        changed = LeadService(session, half_life_days=half_life).rescore_all()
    click.echo(f"{changed} score(s) changed")


def register_commands(app: Flask) -> None:
    for command in (create_user, import_file, rescore):
        app.cli.add_command(command)
