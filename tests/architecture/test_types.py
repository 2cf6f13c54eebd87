"""Types are strict and style is clean, in the product and in its tests."""

import subprocess
import sys

import pytest

from tests.architecture.sources import ROOT


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, check=False)


def test_style_is_clean() -> None:
    done = run("ruff", "check", ".")
    assert done.returncode == 0, done.stdout


def test_layout_is_the_formatters() -> None:
    done = run("ruff", "format", "--check", ".")
    assert done.returncode == 0, done.stdout


@pytest.mark.slow
def test_types_are_strict() -> None:
    done = run("mypy")
    assert done.returncode == 0, done.stdout
