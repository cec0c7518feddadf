"""a recording's sound in parts, each sealed by itself; what was one row is its own first part"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "recording_parts",
        sa.Column("recording_id", sa.String(), nullable=False),
        sa.Column("begins", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("recording_id", "begins", name=op.f("pk_recording_parts")),
    )
    op.execute(
        "INSERT INTO recording_parts (recording_id, begins, size, sealed)"
        " SELECT id, 0, size, sound_sealed FROM recordings WHERE sound_sealed IS NOT NULL"
    )
    with op.batch_alter_table("recordings", schema=None) as batch_op:
        batch_op.drop_column("sound_sealed")


def downgrade() -> None:
    """Of a recording in several parts only the first can be opened by what was before."""
    with op.batch_alter_table("recordings", schema=None) as batch_op:
        batch_op.add_column(sa.Column("sound_sealed", sa.LargeBinary(), nullable=True))
    op.execute(
        "UPDATE recordings SET sound_sealed = (SELECT sealed FROM recording_parts AS p"
        " WHERE p.recording_id = recordings.id AND p.begins = 0)"
    )
    op.drop_table("recording_parts")
