"""ways into a mediation without an account, and its appointments"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "mediation_doors",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("mediation_id", sa.String(), nullable=False),
        sa.Column("side", sa.String(), nullable=False),
        sa.Column("code_index", sa.String(), nullable=False),
        sa.Column("told_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("guest_hash", sa.String(), nullable=True),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fault", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["mediation_id"], ["mediations.id"], name=op.f("fk_mediation_doors_mediation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mediation_doors")),
        sa.UniqueConstraint("code_index", name=op.f("uq_mediation_doors_code_index")),
    )
    with op.batch_alter_table("mediation_doors", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_mediation_doors_guest_hash"), ["guest_hash"])
        batch_op.create_index(batch_op.f("ix_mediation_doors_mediation_id"), ["mediation_id"])

    op.create_table(
        "mediation_meetings",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("mediation_id", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("place_sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["mediation_id"], ["mediations.id"], name=op.f("fk_mediation_meetings_mediation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mediation_meetings")),
    )
    with op.batch_alter_table("mediation_meetings", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_mediation_meetings_mediation_id"), ["mediation_id"])


def downgrade() -> None:
    op.drop_table("mediation_meetings")
    op.drop_table("mediation_doors")
