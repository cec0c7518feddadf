"""wechat notices and who sends"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "wechat_consents",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("follower_id", sa.String(), nullable=False),
        sa.Column("template", sa.String(), nullable=False),
        sa.Column("sends", sa.Integer(), nullable=True),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["follower_id"], ["wechat_followers.id"], name=op.f("fk_wechat_consents_follower_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wechat_consents")),
        sa.UniqueConstraint(
            "follower_id", "template", name=op.f("uq_wechat_consents_follower_id_template")
        ),
    )
    with op.batch_alter_table("wechat_followers", schema=None) as batch_op:
        batch_op.add_column(sa.Column("carrying_until", sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table("wechat_parcels", schema=None) as batch_op:
        batch_op.add_column(sa.Column("news", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("noticed_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("wechat_parcels", schema=None) as batch_op:
        batch_op.drop_column("noticed_at")
        batch_op.drop_column("news")
    with op.batch_alter_table("wechat_followers", schema=None) as batch_op:
        batch_op.drop_column("carrying_until")
    op.drop_table("wechat_consents")
