"""The naive engine behind the same web server, for figures over HTTP; started by gunicorn in `http_costs`."""

import os
from pathlib import Path

from flask import Flask, request

from tests.bench.engine_costs import check_form
from tests.bench.naive import Naive
from tests.office import BPMN


def served() -> Flask:
    """Return the application over the database that the environment names."""
    app = Flask(__name__)
    naive = Naive(f"sqlite:///{Path(os.environ['NAIVE_DATABASE'])}", BPMN)

    @app.get("/readyz")
    def ready() -> dict[str, str]:
        return {"status": "ok"}

    @app.post("/complete/<int:case>")
    def complete(case: int) -> dict[str, int]:
        return {"bytes": naive.complete(case, check_form, request.get_json()["values"])}

    return app
