"""REST under /api/v1, described by OpenAPI 3.1 at /openapi.json: the same doors and queries as the pages."""
