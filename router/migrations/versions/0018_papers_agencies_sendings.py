"""virus scans of evidence, inquiries at agencies, sendings of letters"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("evidence", schema=None) as batch_op:
        batch_op.add_column(sa.Column("scan", sa.String(), nullable=True))

    op.create_table(
        "agency_inquiries",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("application_id", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("asks", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("consent_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("as_of", sa.String(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("told_sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["applications.id"],
            name=op.f("fk_agency_inquiries_application_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agency_inquiries")),
    )
    with op.batch_alter_table("agency_inquiries", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_agency_inquiries_application_id"), ["application_id"], unique=False
        )

    op.create_table(
        "sendings",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("application_id", sa.String(), nullable=False),
        sa.Column("way", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("letter_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("to_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.String(), nullable=True),
        sa.Column("waybill", sa.String(), nullable=True),
        sa.Column("news_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lost_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["application_id"], ["applications.id"], name=op.f("fk_sendings_application_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sendings")),
    )
    with op.batch_alter_table("sendings", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_sendings_application_id"), ["application_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_sendings_state"), ["state"], unique=False)
        batch_op.create_index(batch_op.f("ix_sendings_waybill"), ["waybill"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("sendings", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sendings_waybill"))
        batch_op.drop_index(batch_op.f("ix_sendings_state"))
        batch_op.drop_index(batch_op.f("ix_sendings_application_id"))

    op.drop_table("sendings")
    with op.batch_alter_table("agency_inquiries", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_agency_inquiries_application_id"))

    op.drop_table("agency_inquiries")
    with op.batch_alter_table("evidence", schema=None) as batch_op:
        batch_op.drop_column("scan")
