"""applications"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "applications",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("grown_from", sa.String(), nullable=False),
        sa.Column("conversation_id", sa.String(), nullable=False),
        sa.Column("ticket_id", sa.String(), nullable=True),
        sa.Column("screening_id", sa.String(), nullable=True),
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("matter", sa.String(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("form_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("promise_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("decision_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("code_index", sa.String(), nullable=False),
        sa.Column("access_hash", sa.String(), nullable=True),
        sa.Column("access_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("helper", sa.String(), nullable=True),
        sa.Column("helped_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("lawyer_id", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("supplied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("warned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("overdue_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=op.f("fk_applications_conversation_id")
        ),
        sa.ForeignKeyConstraint(
            ["lawyer_id"], ["lawyers.id"], name=op.f("fk_applications_lawyer_id")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name=op.f("fk_applications_ticket_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_applications")),
        sa.UniqueConstraint("grown_from", name=op.f("uq_applications_grown_from")),
        sa.UniqueConstraint("reference", name=op.f("uq_applications_reference")),
    )
    with op.batch_alter_table("applications", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_applications_access_hash"), ["access_hash"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_applications_conversation_id"), ["conversation_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_applications_lawyer_id"), ["lawyer_id"], unique=False)
        batch_op.create_index("ix_applications_queue", ["status", "due_at"], unique=False)

    op.create_table(
        "application_events",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("application_id", sa.String(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("move", sa.String(), nullable=False),
        sa.Column("was", sa.String(), nullable=True),
        sa.Column("now", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=True),
        sa.Column("words_sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["applications.id"],
            name=op.f("fk_application_events_application_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application_events")),
        sa.UniqueConstraint(
            "application_id", "seq", name=op.f("uq_application_events_application_id_seq")
        ),
    )
    op.create_table(
        "application_papers",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("application_id", sa.String(), nullable=False),
        sa.Column("evidence_id", sa.String(), nullable=False),
        sa.Column("item", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["applications.id"],
            name=op.f("fk_application_papers_application_id"),
        ),
        sa.ForeignKeyConstraint(
            ["evidence_id"], ["evidence.id"], name=op.f("fk_application_papers_evidence_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application_papers")),
        sa.UniqueConstraint("evidence_id", name=op.f("uq_application_papers_evidence_id")),
    )
    with op.batch_alter_table("application_papers", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_application_papers_application_id"), ["application_id"], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table("application_papers", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_application_papers_application_id"))

    op.drop_table("application_papers")
    op.drop_table("application_events")
    with op.batch_alter_table("applications", schema=None) as batch_op:
        batch_op.drop_index("ix_applications_queue")
        batch_op.drop_index(batch_op.f("ix_applications_lawyer_id"))
        batch_op.drop_index(batch_op.f("ix_applications_conversation_id"))
        batch_op.drop_index(batch_op.f("ix_applications_access_hash"))

    op.drop_table("applications")
