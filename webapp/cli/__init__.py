"""The `thidua` command. Subcommands are loaded when they are called, so that each starts fast."""

import importlib
from typing import Any

import click

from webapp.settings import SettingsError

_COMMANDS = {
    "serve": "serve:serve", "worker": "serve:worker", "beat": "serve:beat", "health": "operate:health",
    "deploy": "deploy:deploy", "check": "deploy:check",
    "dmn": "decide:dmn", "migrate": "data:migrate", "backup": "data:backup", "restore": "data:restore",
    "user": "user:user", "audit": "audit:audit", "demo": "demo:demo", "seed-demo": "demo:seed_demo",
    "openapi": "openapi:openapi", "instance": "operate:instance", "incident": "operate:incident",
}  # fmt: skip


class LazyGroup(click.Group):
    """A group that imports a subcommand's module when the subcommand is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all subcommands."""
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return one subcommand, imported now."""
        if (place := _COMMANDS.get(cmd_name)) is None:
            return None
        module, name = place.split(":")
        command: click.Command = getattr(importlib.import_module(f"webapp.cli.{module}"), name)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Run a subcommand; settings that cannot be used, a disk or a database that refuses end with what to mend."""
        try:
            return super().invoke(ctx)
        except SettingsError as fault:
            click.echo(f"thidua: cấu hình chưa đúng (settings):\n{fault}", err=True)
            ctx.exit(2)
        except (click.ClickException, click.exceptions.Exit):
            raise
        except Exception as fault:
            from webapp.cli.faults import sentence_of
            from webapp.cli.words import fail

            if (said := sentence_of(fault)) is None:
                raise
            fail(said)


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
def thidua() -> None:
    """Thi đua - khen thưởng: quy trình xét khen thưởng trên sơ đồ BPMN."""


def main() -> int:
    """Run the command line."""
    thidua(standalone_mode=True)
    return 0
