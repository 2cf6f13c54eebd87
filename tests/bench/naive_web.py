"""The naive engine behind the same web server, for figures over HTTP; started by gunicorn in `over_http`."""

import os

from flask import Flask, request

from tests.bench.naive import Naive
from tests.bench.voting import check_form
from tests.office import BPMN


def served() -> Flask:
    """Return the application over the database that the environment names."""
    app = Flask(__name__)
    naive = Naive(os.environ["NAIVE_DATABASE"], BPMN)
    naive.close()  # each web process opens connections of its own

    @app.get("/readyz")
    def ready() -> dict[str, str]:
        return {"status": "ok"}

    @app.post("/complete/<int:case>")
    def complete(case: int) -> dict[str, int]:
        return {"bytes": naive.complete(case, check_form, request.get_json()["values"])}

    return app
