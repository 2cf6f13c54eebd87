"""`thidua openapi`: the API's description, without a server."""

import json

import click

from webapp.settings import from_environment


@click.command()
def openapi() -> None:
    """Print the OpenAPI description."""
    from webapp.api.description import description_of
    from webapp.app import create_app

    click.echo(json.dumps(description_of(create_app(from_environment())), ensure_ascii=False, indent=1))
