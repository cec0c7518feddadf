"""aid cases with contract, end and report; quality draws and reviews"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "aid_cases",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("contract_on", sa.Date(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("recovered", sa.BigInteger(), nullable=True),
        sa.Column("waived", sa.BigInteger(), nullable=True),
        sa.Column("report_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("report_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("satisfied", sa.String(), nullable=True),
        sa.Column("satisfied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("satisfied_by", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["id"], ["applications.id"], name=op.f("fk_aid_cases_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_aid_cases")),
    )
    with op.batch_alter_table("aid_cases", schema=None) as batch_op:
        batch_op.create_index("ix_aid_cases_accepted_at", ["accepted_at"], unique=False)
        batch_op.create_index("ix_aid_cases_ended_on", ["ended_on"], unique=False)

    op.create_table(
        "aid_case_groups",
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("group_index", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["aid_cases.id"], name=op.f("fk_aid_case_groups_case_id")
        ),
        sa.PrimaryKeyConstraint("case_id", "group_index", name=op.f("pk_aid_case_groups")),
    )
    with op.batch_alter_table("aid_case_groups", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_aid_case_groups_group_index"), ["group_index"], unique=False
        )

    op.create_table(
        "quality_draws",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("seed", sa.String(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["by"], ["lawyers.id"], name=op.f("fk_quality_draws_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quality_draws")),
    )
    op.create_table(
        "quality_reviews",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("draw_id", sa.String(), nullable=False),
        sa.Column("application_id", sa.String(), nullable=False),
        sa.Column("reviewer", sa.String(), nullable=True),
        sa.Column("grade", sa.String(), nullable=True),
        sa.Column("graded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reasons_sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["application_id"], ["applications.id"], name=op.f("fk_quality_reviews_application_id")
        ),
        sa.ForeignKeyConstraint(
            ["draw_id"], ["quality_draws.id"], name=op.f("fk_quality_reviews_draw_id")
        ),
        sa.ForeignKeyConstraint(
            ["reviewer"], ["lawyers.id"], name=op.f("fk_quality_reviews_reviewer")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quality_reviews")),
        sa.UniqueConstraint("application_id", name=op.f("uq_quality_reviews_application_id")),
    )
    with op.batch_alter_table("quality_reviews", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_quality_reviews_draw_id"), ["draw_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_quality_reviews_reviewer"), ["reviewer"], unique=False)
    for table in ("applications", "mediations"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.create_index(f"ix_{table}_created_at", ["created_at"], unique=False)
    _known_cases()


def _known_cases() -> None:
    """Aid that was given before: its end stands in the history; its groups and money are not
    known."""
    op.execute(
        sa.text(
            "INSERT INTO aid_cases (id, accepted_at) "
            "SELECT application_id, MIN(at) FROM application_events "
            "WHERE move IN ('accepted', 'assigned') GROUP BY application_id"
        )
    )
    ended = (
        "(SELECT MIN(at) FROM application_events e "
        "WHERE e.application_id = aid_cases.id AND e.move = 'closed')"
    )
    day = f"date({ended}, '+8 hours')"
    if op.get_bind().dialect.name == "postgresql":
        day = f"({ended} AT TIME ZONE 'Asia/Shanghai')::date"
    op.execute(sa.text(f"UPDATE aid_cases SET ended_on = {day}, report_at = {ended}"))  # noqa: S608


def downgrade() -> None:
    for table in ("mediations", "applications"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_index(f"ix_{table}_created_at")

    with op.batch_alter_table("quality_reviews", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_quality_reviews_reviewer"))
        batch_op.drop_index(batch_op.f("ix_quality_reviews_draw_id"))

    op.drop_table("quality_reviews")
    op.drop_table("quality_draws")
    with op.batch_alter_table("aid_case_groups", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_aid_case_groups_group_index"))

    op.drop_table("aid_case_groups")
    with op.batch_alter_table("aid_cases", schema=None) as batch_op:
        batch_op.drop_index("ix_aid_cases_ended_on")
        batch_op.drop_index("ix_aid_cases_accepted_at")

    op.drop_table("aid_cases")
