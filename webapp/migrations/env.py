"""What Alembic runs: always on a connection that `webapp.schema` opened, in the transaction it began."""

from alembic import context

from engine.db import CanonicalJson, UtcDateTime
from webapp.schema import metadata


def render_item(kind, item, autogen_context):
    """Write our own column types as the plain types they are stored in: a migration must not change with our code."""
    if kind == "type" and isinstance(item, CanonicalJson):
        return "sa.Text()"
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and type(item).__name__ == "Enum":
        return f"sa.String(length={item.length})"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata(),
    render_as_batch=True,
    render_item=render_item,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
