"""matching by index: openings of lawyers on duty, lines of waiting tickets; five urgencies"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

NEW = ("language", "opponent_index", "place", "wants", "merged_into")
RINGS = {"region": ["region"], "city": ["city"], "province": ["province"], "nation": []}
ORDER = ["urgency", "created_at", "id"]
PARTIAL = (
    ("ix_tickets_queue", "status = 'open'", ORDER),
    ("ix_tickets_waiting", "status = 'open'", ["place", "wants", *ORDER]),
    ("ix_tickets_unseen", "status = 'open' AND place IS NULL", ORDER),
    ("ix_tickets_live", "status != 'closed'", ["created_at"]),
)


def upgrade() -> None:
    # plain ALTERs: SQLite need not copy a table that others refer to
    for name in NEW:
        op.add_column("tickets", sa.Column(name, sa.String(), nullable=True))
    op.add_column("tickets", sa.Column("post", sa.String(), nullable=False, server_default="web"))
    op.add_column("offers", sa.Column("reason", sa.String(), nullable=True))
    op.execute("UPDATE tickets SET urgency = 4 WHERE urgency = 2")
    op.drop_index("ix_tickets_queue", "tickets")
    op.drop_index("ix_tickets_owner", "tickets")
    op.create_index("ix_tickets_owner", "tickets", ["owner", "closed_at"])
    for name, where, columns in PARTIAL:
        some = sa.text(where)
        op.create_index(name, "tickets", columns, sqlite_where=some, postgresql_where=some)
    op.create_index("ix_tickets_closed", "tickets", ["closed_at", "destination"])
    op.create_index(op.f("ix_lawyers_missed"), "lawyers", ["missed"])
    op.create_table(
        "openings",
        sa.Column("lawyer_id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("city", sa.String(), nullable=False),
        sa.Column("province", sa.String(), nullable=False),
        sa.Column("tier", sa.Integer(), nullable=False),
        sa.Column("free", sa.Integer(), nullable=False),
        sa.Column("idle_since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["lawyer_id"], ["lawyers.id"], name=op.f("fk_openings_lawyer_id")),
        sa.PrimaryKeyConstraint("lawyer_id", "key", name=op.f("pk_openings")),
    )
    for ring, column in RINGS.items():
        columns = ["key", *column, "tier", "free", "idle_since", "lawyer_id"]
        op.create_index(f"ix_openings_{ring}", "openings", columns)


def downgrade() -> None:
    op.drop_table("openings")
    op.drop_index(op.f("ix_lawyers_missed"), "lawyers")
    op.drop_index("ix_tickets_closed", "tickets")
    for name, _, _ in PARTIAL:
        op.drop_index(name, "tickets")
    op.create_index("ix_tickets_queue", "tickets", ["status", "urgency", "created_at"])
    op.drop_index("ix_tickets_owner", "tickets")
    op.create_index("ix_tickets_owner", "tickets", ["owner"])
    op.execute("UPDATE tickets SET urgency = 2 WHERE urgency > 1")
    op.drop_column("offers", "reason")
    for name in ("post", *NEW):
        op.drop_column("tickets", name)
