"""The `thidua` command. Subcommands are loaded when they are called, so that each starts fast."""

import importlib
import sys

import click

from webapp.settings import SettingsError

_COMMANDS = {
    "serve": "serve:serve", "worker": "serve:worker", "deploy": "deploy:deploy", "check": "deploy:check",
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


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
def thidua() -> None:
    """Thi đua - khen thưởng: quy trình xét khen thưởng trên sơ đồ BPMN."""


def main() -> int:
    """Run the command line; settings that cannot be used end with a list of what to mend."""
    try:
        thidua(standalone_mode=True)
    except SettingsError as fault:
        sys.stderr.write(f"thidua: cấu hình chưa đúng (settings):\n{fault}\n")
        return 2
    return 0
