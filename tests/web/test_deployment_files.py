"""What an operator copies: systemd units and a compose file, whose every command and setting is one of ours."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from webapp.cli import thidua
from webapp.settings import from_environment

DEPLOY = Path(__file__).resolve().parents[2] / "docs" / "deploy"
UNITS = sorted((DEPLOY / "systemd").iterdir())
HARDENED = ("NoNewPrivileges=yes", "ProtectSystem=strict", "ProtectHome=yes", "PrivateTmp=yes",
            "CapabilityBoundingSet=", "ReadWritePaths=/var/lib/thidua")  # fmt: skip
DEBIANS_POSTGRESQL = {"bookworm": 15, "trixie": 17}
SECRET = re.compile(r"(?i)(password|secret|token)[^\n]*[=:]\s*(?!/)[\w+/]{12,}$", re.MULTILINE)


def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    return found


def is_ours(arguments: list[str]) -> None:
    """The command line would take these arguments: their help is asked for instead of running them."""
    done = CliRunner().invoke(thidua, [*arguments, "--help"])
    assert done.exit_code == 0, f"{arguments}: {done.output}"
    for option in arguments[1:]:
        assert not option.startswith("--") or option in done.output, f"{arguments}: {option} is unknown"


def settings_hold(given: dict[str, str], folder: Path) -> None:
    """Settings of these names start the product; secrets are read from files that stand for the real ones."""
    key, address = folder / "secret_key", folder / "database_url"
    key.write_text("x" * 40)
    address.write_text("postgresql+psycopg://thidua:word@database/thidua")
    files = {"THIDUA_SECRET_KEY_FILE": str(key), "THIDUA_DATABASE_URL_FILE": str(address)}
    from_environment({name: files[name] if name.endswith("_FILE") else value for name, value in given.items()})


@pytest.mark.parametrize("unit", [unit for unit in UNITS if unit.suffix == ".service"], ids=lambda unit: unit.name)
def test_a_unit_starts_a_command_of_ours_with_few_rights(unit: Path, tmp_path: Path) -> None:
    text = unit.read_text(encoding="utf-8")
    assert [line for line in HARDENED if line not in text] == []
    (command,) = re.findall(r"^ExecStart=(.+)$", text, re.MULTILINE)
    program, *arguments = shlex.split(command)
    assert program == "/opt/thidua/.venv/bin/thidua"
    is_ours(arguments)
    settings = dict(re.findall(r"^Environment=(THIDUA_\w+)=(.+)$", text, re.MULTILINE))
    example = (DEPLOY / "systemd" / "thidua.env.example").read_text(encoding="utf-8")
    settings |= dict(re.findall(r"^(THIDUA_\w+)=(.*)$", example, re.MULTILINE))
    settings_hold(settings, tmp_path)


def test_only_the_web_is_told_the_key_that_signs() -> None:
    told = [unit.name for unit in UNITS if "LoadCredential=secret_key" in unit.read_text(encoding="utf-8")]
    assert told == ["thidua-web.service"]


def test_systemd_takes_the_units(tmp_path: Path) -> None:
    if (program := shutil.which("systemd-analyze")) is None:
        pytest.skip("no systemd-analyze: install systemd")
    for unit in UNITS:
        text = unit.read_text(encoding="utf-8").replace("/opt/thidua/.venv/bin/thidua", sys.executable)
        (tmp_path / unit.name.replace("@.", "@1.")).write_text(text, encoding="utf-8")
    names = [path.name for path in sorted(tmp_path.iterdir()) if path.suffix in {".service", ".target", ".timer"}]
    done = subprocess.run(
        [program, "verify", "--man=no", *(f"./{name}" for name in names)], cwd=tmp_path, check=False,
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    ours = [line for line in done.stderr.splitlines() if "thidua" in line and "Failed to prepare" not in line]
    assert ours == []


def test_compose_starts_commands_of_ours_with_settings_of_ours(tmp_path: Path) -> None:
    services = compose()["services"]
    assert set(services) == {"database", "broker", "web", "worker", "beat"}
    for name in ("web", "worker", "beat"):
        is_ours(services[name]["command"])
        settings_hold(services[name]["environment"], tmp_path)
        assert services[name]["cap_drop"] == ["ALL"]
    assert "deploy" not in services["beat"], "one beat in an installation"
    for name, service in services.items():
        assert service["healthcheck"]["test"][0] == "CMD", name
        if (command := service["healthcheck"]["test"][1:])[0] == "thidua":
            is_ours(command[1:])


def test_compose_names_no_secret_and_opens_no_port_to_the_world() -> None:
    found = compose()
    text = (DEPLOY / "compose.yaml").read_text(encoding="utf-8")
    assert SECRET.findall(text) == []
    used = {secret for service in found["services"].values() for secret in service.get("secrets", [])}
    assert used == set(found["secrets"])
    assert all(set(where) == {"file"} for where in found["secrets"].values())
    ports = [port for service in found["services"].values() for port in service.get("ports", [])]
    assert ports == ["127.0.0.1:8000:8000"]


def test_the_image_can_save_the_database_of_the_compose_file() -> None:
    image = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
    (release,) = re.findall(r"^FROM python:3\.1[12]-slim-(\w+)$", image, re.MULTILINE)
    (installed,) = re.findall(r"apt-get install -y --no-install-recommends ([^&]+)", image)
    assert "postgresql-client" in installed.split()
    server = compose()["services"]["database"]["image"]
    assert server.startswith(f"postgres:{DEBIANS_POSTGRESQL[release]}-"), "pg_dump takes no server newer than itself"


def test_the_builder_of_the_image_is_sent_neither_secrets_nor_data() -> None:
    """What is copied into the image is sent; what git does not keep at the root is not, nor where secrets lie."""
    root = DEPLOY.parents[1]
    left_out = set((root / ".dockerignore").read_text(encoding="utf-8").split("\n"))
    kept_from_git = (root / ".gitignore").read_text(encoding="utf-8").split()
    data = {line.strip("/") for line in kept_from_git if line.startswith("/") and "output" not in line}
    assert data | {".git"} <= left_out
    copied = re.findall(r"^COPY (.+) \S+$", (DEPLOY / "Containerfile").read_text(encoding="utf-8"), re.MULTILINE)
    assert not left_out & {name for line in copied for name in line.split()}
