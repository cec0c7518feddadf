"""the roster: what a lawyer can do, shifts, and the firms' clients"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # plain ALTERs with a default: SQLite need not copy a table that others refer to
    for column in (
        sa.Column("languages", sa.JSON(), nullable=False, server_default="[]"),
        sa.Column("posts", sa.JSON(), nullable=False, server_default="[]"),
        sa.Column("tier", sa.String(), nullable=False, server_default="duty"),
        sa.Column("missed", sa.Integer(), nullable=False, server_default="0"),
    ):
        op.add_column("lawyers", column)
    op.create_index(op.f("ix_lawyers_region"), "lawyers", ["region"])
    op.create_table(
        "shifts",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("lawyer_id", sa.String(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("post", sa.String(), nullable=False),
        sa.Column("seat", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["lawyer_id"], ["lawyers.id"], name=op.f("fk_shifts_lawyer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shifts")),
        sa.UniqueConstraint("lawyer_id", "starts_at", name=op.f("uq_shifts_lawyer_id_starts_at")),
    )
    op.create_index("ix_shifts_cover", "shifts", ["starts_at", "ends_at", "post", "state"])
    op.create_table(
        "clients",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("firm_id", sa.String(), nullable=True),
        sa.Column("lawyer_id", sa.String(), nullable=True),
        sa.Column("name_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("name_index", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["firm_id"], ["firms.id"], name=op.f("fk_clients_firm_id")),
        sa.ForeignKeyConstraint(["lawyer_id"], ["lawyers.id"], name=op.f("fk_clients_lawyer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clients")),
    )
    for name in ("firm_id", "lawyer_id", "name_index"):
        op.create_index(op.f(f"ix_clients_{name}"), "clients", [name])


def downgrade() -> None:
    op.drop_table("clients")
    op.drop_table("shifts")
    op.drop_index(op.f("ix_lawyers_region"), "lawyers")
    for name in ("missed", "tier", "posts", "languages"):
        op.drop_column("lawyers", name)
