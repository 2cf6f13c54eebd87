"""How the database's shape changes from version to version (Alembic); run through `webapp.schema`."""
