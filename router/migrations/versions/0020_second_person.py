"""a decision that waits for a second person"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("applications", schema=None) as batch_op:
        batch_op.add_column(sa.Column("drafted_by", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("draft_sealed", sa.LargeBinary(), nullable=True))
        batch_op.create_index(batch_op.f("ix_applications_drafted_by"), ["drafted_by"])


def downgrade() -> None:
    with op.batch_alter_table("applications", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_applications_drafted_by"))
        batch_op.drop_column("draft_sealed")
        batch_op.drop_column("drafted_by")
