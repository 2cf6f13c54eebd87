"""The set-up of a fresh machine: what is missing is said in one line that tells what to do."""

import os
import re
import shutil
import socket
import subprocess
import sys
from collections import namedtuple
from pathlib import Path

import pytest

import bootstrap

ROOT = Path(bootstrap.__file__).parent
Version = namedtuple("Version", "major minor micro")


@pytest.mark.parametrize("version", [(3, 11, 0), (3, 12, 7)])
def test_pythons_it_was_tried_on_fit(version: tuple[int, int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", Version(*version))
    bootstrap.check_python()


@pytest.mark.parametrize("version", [(3, 10, 9), (3, 13, 0)])
def test_other_pythons_are_refused(version: tuple[int, int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", Version(*version))
    with pytest.raises(SystemExit, match=r"make PYTHON=python3.11"):
        bootstrap.check_python()


def test_taken_port_is_said_before_anything_is_set_up(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        monkeypatch.setenv("THIDUA_PORT", str(port))
        with pytest.raises(SystemExit, match=f"make run THIDUA_PORT={port + 1}"):
            bootstrap.serve_demo()


def test_an_address_of_another_machine_is_left_to_the_product(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THIDUA_HOST", "192.0.2.1")
    bootstrap.refuse_taken_port()


def machine(folder: Path, **pythons: str) -> dict[str, str]:
    """A PATH with make's own needs and Pythons that say they are of these versions."""
    folder.mkdir()
    for tool in ("sh", "echo", "test"):
        found = shutil.which(tool)
        if found:
            (folder / tool).symlink_to(found)
    for name, version in pythons.items():
        major, minor = version.split(".")
        fake = folder / name.replace("_", ".")
        fits = "0" if (3, 11) <= (int(major), int(minor)) <= (3, 12) else "1"
        fake.write_text(f'#!/bin/sh\n[ "$1" = -c ] && exit {fits}\necho "I am {version}: $*"\n')
        fake.chmod(0o755)
    return {"PATH": str(folder), "HOME": str(folder)}


def make(target: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    program = shutil.which("make") or "make"
    return subprocess.run([program, target], cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def test_make_finds_a_python_that_fits(tmp_path: Path) -> None:
    done = make("lint", machine(tmp_path / "bin", python3="3.13", python3_11="3.11"))
    assert done.stdout == "I am 3.11: bootstrap.py lint\n"


def test_make_takes_the_usual_python_when_it_fits(tmp_path: Path) -> None:
    done = make("lint", machine(tmp_path / "bin", python3="3.12", python3_11="3.11"))
    assert done.stdout == "I am 3.12: bootstrap.py lint\n"


def test_make_without_any_says_what_to_install(tmp_path: Path) -> None:
    done = make("run", machine(tmp_path / "bin", python3="3.9"))
    assert done.returncode != 0
    said = [line for line in done.stderr.splitlines() if line.startswith("thidua:")]
    assert len(said) == 1
    assert "Python 3.11" in said[0]


@pytest.mark.slow
def test_missing_network_is_one_line(tmp_path: Path) -> None:
    """Every package of a fresh clone would have to be fetched; nobody answers."""
    for name in ("bootstrap.py", "requirements.txt", "requirements-test.txt"):
        shutil.copy(ROOT / name, tmp_path / name)
    nowhere = {
        "PIP_INDEX_URL": "http://127.0.0.1:9/", "UV_INDEX_URL": "http://127.0.0.1:9/", "PIP_CONFIG_FILE": os.devnull,
        "PIP_NO_CACHE_DIR": "1", "UV_NO_CACHE": "1", "UV_NO_CONFIG": "1",
    }  # fmt: skip
    kept = {name: value for name, value in os.environ.items() if not re.match(r"PIP_|UV_", name)}
    done = subprocess.run(
        [sys.executable, "bootstrap.py", "setup"], cwd=tmp_path, env={**kept, **nowhere}, capture_output=True,
        text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    said = [line for line in done.stderr.splitlines() if line.strip()]
    assert any(line.startswith("thidua: không tải được các gói Python") for line in said)
    assert len(said) <= 3, said
