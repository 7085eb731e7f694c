"""scores and enrichment

Revision ID: 0003
Revises: 0002
Create Date: 2024-06-18 11:20:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("leads") as batch:
        batch.add_column(sa.Column("score", sa.Integer(), nullable=False, server_default="0"))
        batch.add_column(sa.Column("scored_at", sa.DateTime()))
        batch.add_column(
            sa.Column("email_status", sa.String(20), nullable=False, server_default="unknown")
        )
        batch.create_index("ix_leads_score", ["score"])
    with op.batch_alter_table("companies") as batch:
        batch.add_column(sa.Column("enriched_at", sa.DateTime()))


def downgrade() -> None:
    with op.batch_alter_table("companies") as batch:
        batch.drop_column("enriched_at")
    with op.batch_alter_table("leads") as batch:
        batch.drop_index("ix_leads_score")
        batch.drop_column("email_status")
        batch.drop_column("scored_at")
        batch.drop_column("score")
