"""committees, mediators, mediations with consents and history"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "committees",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("places", sa.JSON(), nullable=False),
        sa.Column("matters", sa.JSON(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_committees")),
        sa.UniqueConstraint("name", name=op.f("uq_committees_name")),
    )
    with op.batch_alter_table("committees", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_committees_region"), ["region"], unique=False)

    op.create_table(
        "mediators",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("committee_id", sa.String(), nullable=False),
        sa.Column("hours", sa.String(), nullable=False),
        sa.Column("present", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["committee_id"], ["committees.id"], name=op.f("fk_mediators_committee_id")
        ),
        sa.ForeignKeyConstraint(["id"], ["lawyers.id"], name=op.f("fk_mediators_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mediators")),
    )
    with op.batch_alter_table("mediators", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_mediators_committee_id"), ["committee_id"], unique=False
        )

    op.create_table(
        "mediations",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("referral_id", sa.String(), nullable=False),
        sa.Column("committee_id", sa.String(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("paper_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("form", sa.String(), nullable=True),
        sa.Column("effective_on", sa.Date(), nullable=True),
        sa.Column("confirm_by", sa.Date(), nullable=True),
        sa.Column("alarmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["committee_id"], ["committees.id"], name=op.f("fk_mediations_committee_id")
        ),
        sa.ForeignKeyConstraint(
            ["referral_id"], ["referrals.id"], name=op.f("fk_mediations_referral_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mediations")),
        sa.UniqueConstraint("referral_id", name=op.f("uq_mediations_referral_id")),
    )
    with op.batch_alter_table("mediations", schema=None) as batch_op:
        batch_op.create_index("ix_mediations_desk", ["committee_id", "status"], unique=False)

    op.create_table(
        "mediation_consents",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("mediation_id", sa.String(), nullable=False),
        sa.Column("side", sa.String(), nullable=False),
        sa.Column("agreed", sa.Boolean(), nullable=False),
        sa.Column("way", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["mediation_id"], ["mediations.id"], name=op.f("fk_mediation_consents_mediation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mediation_consents")),
    )
    with op.batch_alter_table("mediation_consents", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_mediation_consents_mediation_id"), ["mediation_id"], unique=False
        )

    op.create_table(
        "mediation_events",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("mediation_id", sa.String(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("move", sa.String(), nullable=False),
        sa.Column("was", sa.String(), nullable=True),
        sa.Column("now", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=True),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("words_sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["mediation_id"], ["mediations.id"], name=op.f("fk_mediation_events_mediation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mediation_events")),
        sa.UniqueConstraint(
            "mediation_id", "seq", name=op.f("uq_mediation_events_mediation_id_seq")
        ),
    )


def downgrade() -> None:
    op.drop_table("mediation_events")
    with op.batch_alter_table("mediation_consents", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_mediation_consents_mediation_id"))

    op.drop_table("mediation_consents")
    with op.batch_alter_table("mediations", schema=None) as batch_op:
        batch_op.drop_index("ix_mediations_desk")

    op.drop_table("mediations")
    with op.batch_alter_table("mediators", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_mediators_committee_id"))

    op.drop_table("mediators")
    with op.batch_alter_table("committees", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_committees_region"))

    op.drop_table("committees")
