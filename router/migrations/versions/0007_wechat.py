"""wechat followers and parcels"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def _where(condition: str) -> dict[str, sa.TextClause]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def upgrade() -> None:
    op.create_table(
        "wechat_followers",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("person_index", sa.String(), nullable=True),
        sa.Column("openid_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("conversation_id", sa.String(), nullable=True),
        sa.Column("held_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("choices_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("consent_key", sa.String(), nullable=True),
        sa.Column("quota", sa.Integer(), nullable=False),
        sa.Column("quota_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_wechat_followers_conversation_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wechat_followers")),
        sa.UniqueConstraint("person_index", name=op.f("uq_wechat_followers_person_index")),
    )
    with op.batch_alter_table("wechat_followers", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_wechat_followers_conversation_id"), ["conversation_id"], unique=False
        )

    op.create_table(
        "wechat_parcels",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("conversation_id", sa.String(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("by_bot", sa.Boolean(), nullable=False),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reply_key", sa.String(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("fault", sa.Integer(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_wechat_parcels_conversation_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wechat_parcels")),
        sa.UniqueConstraint(
            "conversation_id",
            "seq",
            "part",
            name=op.f("uq_wechat_parcels_conversation_id_seq_part"),
        ),
    )
    with op.batch_alter_table("wechat_parcels", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_wechat_parcels_reply_key"), ["reply_key"], unique=False
        )
        batch_op.create_index(
            "ix_wechat_parcels_waiting",
            ["conversation_id"],
            unique=False,
            sqlite_where=sa.text("state = 'waiting'"),
            postgresql_where=sa.text("state = 'waiting'"),
        )

    op.create_table(
        "evidence",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("conversation_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("mime", sa.String(), nullable=True),
        sa.Column("size", sa.Integer(), nullable=True),
        sa.Column("source_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("content_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=op.f("fk_evidence_conversation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence")),
    )
    with op.batch_alter_table("evidence", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_evidence_conversation_id"), ["conversation_id"], unique=False
        )

    op.create_table(
        "doors",
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("conversation_id", sa.String(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=op.f("fk_doors_conversation_id")
        ),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_doors")),
    )
    with op.batch_alter_table("doors", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_doors_conversation_id"), ["conversation_id"], unique=False
        )

    with op.batch_alter_table("conversations", schema=None) as batch_op:
        batch_op.add_column(sa.Column("carried_seq", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("carry_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index(
            "ix_conversations_carry",
            ["carry_at"],
            unique=False,
            sqlite_where=sa.text("carry_at IS NOT NULL"),
            postgresql_where=sa.text("carry_at IS NOT NULL"),
        )


def downgrade() -> None:
    with op.batch_alter_table("evidence", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_evidence_conversation_id"))

    op.drop_table("evidence")
    with op.batch_alter_table("doors", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_doors_conversation_id"))

    op.drop_table("doors")
    with op.batch_alter_table("conversations", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_conversations_carry",
            sqlite_where=sa.text("carry_at IS NOT NULL"),
            postgresql_where=sa.text("carry_at IS NOT NULL"),
        )
        batch_op.drop_column("carry_at")
        batch_op.drop_column("carried_seq")

    with op.batch_alter_table("wechat_parcels", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_wechat_parcels_waiting",
            sqlite_where=sa.text("state = 'waiting'"),
            postgresql_where=sa.text("state = 'waiting'"),
        )
        batch_op.drop_index(batch_op.f("ix_wechat_parcels_reply_key"))

    op.drop_table("wechat_parcels")
    with op.batch_alter_table("wechat_followers", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_wechat_followers_conversation_id"))

    op.drop_table("wechat_followers")
