"""cases joined on WeChat, pages opened there, short messages to a case"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0012"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "wechat_former",
        sa.Column("conversation_id", sa.String(), nullable=False),
        sa.Column("follower_id", sa.String(), nullable=False),
        sa.Column("joined_to", sa.String(), nullable=True),
        sa.Column("left_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_wechat_former_conversation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["follower_id"], ["wechat_followers.id"], name=op.f("fk_wechat_former_follower_id")
        ),
        sa.ForeignKeyConstraint(
            ["joined_to"], ["conversations.id"], name=op.f("fk_wechat_former_joined_to")
        ),
        sa.PrimaryKeyConstraint("conversation_id", name=op.f("pk_wechat_former")),
    )
    with op.batch_alter_table("wechat_former", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_wechat_former_follower_id"), ["follower_id"])
        batch_op.create_index(batch_op.f("ix_wechat_former_joined_to"), ["joined_to"])
    op.create_table(
        "wechat_joins",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("follower_id", sa.String(), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("conversation_id", sa.String(), nullable=True),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=op.f("fk_wechat_joins_conversation_id")
        ),
        sa.ForeignKeyConstraint(
            ["follower_id"], ["wechat_followers.id"], name=op.f("fk_wechat_joins_follower_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wechat_joins")),
        sa.UniqueConstraint("key", name=op.f("uq_wechat_joins_key")),
    )
    with op.batch_alter_table("wechat_joins", schema=None) as batch_op:
        batch_op.create_index("ix_wechat_joins_follower", ["follower_id", "created_at"])
        batch_op.create_index("ix_wechat_joins_about", ["about", "created_at"])
    op.create_table(
        "wechat_logins",
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("browser_hash", sa.String(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("again", sa.Boolean(), nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_wechat_logins")),
    )
    with op.batch_alter_table("wechat_logins", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_wechat_logins_expires_at"), ["expires_at"])
    with op.batch_alter_table("text_messages", schema=None) as batch_op:
        batch_op.alter_column("call_id", existing_type=sa.String(), nullable=True)
        batch_op.add_column(sa.Column("conversation_id", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("number_sealed", sa.LargeBinary(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_text_messages_conversation_id"),
            "conversations",
            ["conversation_id"],
            ["id"],
        )
        batch_op.create_index(batch_op.f("ix_text_messages_conversation_id"), ["conversation_id"])


def downgrade() -> None:
    op.execute("DELETE FROM text_messages WHERE call_id IS NULL")
    with op.batch_alter_table("text_messages", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_text_messages_conversation_id"))
        batch_op.drop_constraint(batch_op.f("fk_text_messages_conversation_id"), type_="foreignkey")
        batch_op.drop_column("number_sealed")
        batch_op.drop_column("conversation_id")
        batch_op.alter_column("call_id", existing_type=sa.String(), nullable=False)
    op.drop_table("wechat_logins")
    op.drop_table("wechat_joins")
    op.drop_table("wechat_former")
