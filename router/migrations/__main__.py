"""`python -m router.migrations "what changed"`: a revision from the difference to the models."""

import sys
import tempfile
from pathlib import Path

from alembic import command

from router.migrations.config import alembic_config

with tempfile.TemporaryDirectory() as folder:
    config = alembic_config(f"sqlite+aiosqlite:///{Path(folder) / 'empty.db'}")
    command.upgrade(config, "head")
    number = len(list(Path(__file__).parent.glob("versions/[0-9]*.py"))) + 1
    command.revision(config, message=sys.argv[1], autogenerate=True, rev_id=f"{number:04}")
