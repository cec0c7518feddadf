"""criminal lane, prior aid, lawyers asked"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "application_asks",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("application_id", sa.String(), nullable=False),
        sa.Column("lawyer_id", sa.String(), nullable=True),
        sa.Column("firm_id", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_by", sa.String(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["application_id"], ["applications.id"], name=op.f("fk_application_asks_application_id")
        ),
        sa.ForeignKeyConstraint(
            ["firm_id"], ["firms.id"], name=op.f("fk_application_asks_firm_id")
        ),
        sa.ForeignKeyConstraint(
            ["lawyer_id"], ["lawyers.id"], name=op.f("fk_application_asks_lawyer_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application_asks")),
    )
    with op.batch_alter_table("application_asks", schema=None) as batch_op:
        for column in ("application_id", "firm_id", "lawyer_id"):
            name = batch_op.f(f"ix_application_asks_{column}")
            batch_op.create_index(name, [column], unique=False)
    # plain ALTERs: SQLite need not copy tables that others refer to
    lane = sa.Column("lane", sa.String(), nullable=False, server_default="applied")
    op.add_column("applications", lane)
    op.add_column("applications", sa.Column("referral_id", sa.String(), nullable=True))
    op.add_column("applications", sa.Column("notice_sealed", sa.LargeBinary(), nullable=True))
    op.add_column("applications", sa.Column("case_index", sa.String(), nullable=True))
    for moment in ("prior_due_at", "prior_warned_at", "prior_overdue_at"):
        op.add_column("applications", sa.Column(moment, sa.DateTime(timezone=True), nullable=True))
    op.create_index(op.f("ix_applications_case_index"), "applications", ["case_index"])
    op.create_index("ix_applications_referral", "applications", ["referral_id"], unique=True)
    op.add_column("lawyers", sa.Column("defends_since", sa.Date(), nullable=True))


def downgrade() -> None:
    op.drop_column("lawyers", "defends_since")
    op.drop_index("ix_applications_referral", "applications")
    op.drop_index(op.f("ix_applications_case_index"), "applications")
    for name in (
        "prior_overdue_at", "prior_warned_at", "prior_due_at", "case_index", "notice_sealed",
        "referral_id", "lane",
    ):  # fmt: skip
        op.drop_column("applications", name)
    op.drop_table("application_asks")
