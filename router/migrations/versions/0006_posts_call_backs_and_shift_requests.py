"""posts call backs and shift requests"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "shift_requests",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("shift_id", sa.String(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("other", sa.String(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.String(), nullable=True),
        sa.Column("answered_by", sa.String(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["shift_id"], ["shifts.id"], name=op.f("fk_shift_requests_shift_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shift_requests")),
    )
    with op.batch_alter_table("shift_requests", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_shift_requests_answer"), ["answer"], unique=False)
        batch_op.create_index(batch_op.f("ix_shift_requests_shift_id"), ["shift_id"], unique=False)

    with op.batch_alter_table("lawyers", schema=None) as batch_op:
        batch_op.add_column(sa.Column("post", sa.String(), nullable=True))

    with op.batch_alter_table("tickets", schema=None) as batch_op:
        batch_op.add_column(sa.Column("call_back_sealed", sa.LargeBinary(), nullable=True))
        batch_op.add_column(sa.Column("call_back_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(
            sa.Column("call_back_done_at", sa.DateTime(timezone=True), nullable=True)
        )


def downgrade() -> None:
    with op.batch_alter_table("tickets", schema=None) as batch_op:
        batch_op.drop_column("call_back_done_at")
        batch_op.drop_column("call_back_at")
        batch_op.drop_column("call_back_sealed")

    with op.batch_alter_table("lawyers", schema=None) as batch_op:
        batch_op.drop_column("post")

    with op.batch_alter_table("shift_requests", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_shift_requests_shift_id"))
        batch_op.drop_index(batch_op.f("ix_shift_requests_answer"))

    op.drop_table("shift_requests")
