"""The commands of an operator, typed at a machine with an installation of its own."""

import os
from pathlib import Path

from click.testing import CliRunner, Result

from webapp.cli import thidua


class Machine:
    """A shell on a machine with an installation of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {"THIDUA_DATA_DIR": str(folder), "THIDUA_BROKER_URL": "memory://"}

    def run(self, *words: str | Path, typed: str = "") -> Result:
        given = {name: None for name in os.environ if name.startswith("THIDUA_")}
        return CliRunner().invoke(thidua, [str(word) for word in words], input=typed, env={**given, **self.environment})

    def done(self, *words: str | Path, typed: str = "") -> str:
        result = self.run(*words, typed=typed)
        assert result.exit_code == 0, result.output
        return result.output
