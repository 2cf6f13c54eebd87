"""The house rules that no type and no import contract can hold."""

import ast
import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from enum import Enum
from pathlib import Path

import pytest

import engine
import webapp
import workflows
from engine.errors import EngineError
from tests.architecture.sources import ROOT, Module, modules
from webapp.i18n import catalogue as words_of_the_shell
from workflows.labels import LANGUAGES, find_label
from workflows.rooms import ROOMS

FURNITURE = ("models", "rules", "service", "queries", "steps")

LONGEST_MODULE, LONGEST_FUNCTION = 400, 60
TOP_FOLDERS = ("engine", "workflows", "webapp", "bpmn", "tests")


def places(found: list[tuple[Module, int]]) -> list[str]:
    return [f"{module.path.relative_to(ROOT)}:{line}" for module, line in found]


def calls_of(*names: str) -> Iterator[tuple[Module, int]]:
    for module in modules():
        for name, line in module.calls():
            if any(name == wanted or name.endswith(f".{wanted}") for wanted in names):
                yield module, line


def test_only_the_unit_of_work_commits() -> None:
    """Migrations run in a transaction of their own (`webapp.schema`), which no door is."""
    assert places([(m, line) for m, line in calls_of("commit", "begin_nested") if m.name != "engine.db"]) == []
    beginners = {m.name for m, _line in calls_of("session.begin", "engine.begin")}
    assert beginners <= {"engine.db", "webapp.schema"}


def test_time_is_told_by_the_clock_alone() -> None:
    asked = ("datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time")
    assert places([(m, line) for m, line in calls_of(*asked) if m.name != "engine.clock"]) == []


def test_chance_and_identity_are_arguments_of_the_doors() -> None:
    """The shell makes secrets and ids of its own tables; the engine and the rooms take theirs from the door."""
    made = calls_of("uuid4", "uuid1", "token_urlsafe", "token_hex", "SystemRandom", "Random", "urandom")
    assert places([(m, line) for m, line in made if not m.name.startswith("webapp.") and m.name != "engine.ids"]) == []
    imported = [
        module.name for module in modules() for node in ast.walk(module.tree)
        if isinstance(node, ast.Import) and any(alias.name in {"random", "secrets", "uuid"} for alias in node.names)
    ]  # fmt: skip
    assert [name for name in imported if not name.startswith("webapp.")] == []


def test_nothing_sleeps_but_the_supervisor() -> None:
    assert places([(m, line) for m, line in calls_of("time.sleep") if m.name != "webapp.supervisor"]) == []


def test_no_evaluation_of_text_as_python() -> None:
    built_in = {"eval", "exec", "compile", "__import__"}
    assert places([(m, line) for m in modules() for name, line in m.calls() if name in built_in]) == []


def test_shared_rows_leave_no_reading_alive() -> None:
    """Everything of the web is written through doors: no page and no endpoint opens a unit of work."""
    writers = {m.name for m, _line in calls_of("unit_of_work")}
    assert writers <= {"engine.transaction", "webapp.auth.service", "webapp.business_clock"}


@pytest.mark.parametrize("room", ROOMS)
def test_every_room_has_the_same_furniture(room: str) -> None:
    folder = ROOT / "workflows" / room
    found = {path.stem for path in folder.glob("*.py")}
    assert set(FURNITURE) <= found


def refusals() -> dict[str, type[EngineError]]:
    """Every refusal class of the product, by its dotted name."""
    for package in (engine, workflows, webapp):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if ".migrations" not in found.name and ".assets" not in found.name:
                importlib.import_module(found.name)
    known: dict[str, type[EngineError]] = {}
    waiting = [EngineError]
    while waiting:
        for kind in waiting.pop().__subclasses__():
            if kind.__module__.split(".")[0] in {"engine", "workflows", "webapp"}:
                known[f"{kind.__module__}.{kind.__qualname__}"] = kind
                waiting.append(kind)
    return known


def test_every_refusal_has_a_code_of_its_own_and_a_text_in_both_languages() -> None:
    faults, codes = [], dict[str, str]()
    for name, kind in refusals().items():
        if "code" not in vars(kind):
            faults.append(f"{name}: no code of its own")
            continue
        if kind.code in codes:
            faults.append(f"{name}: shares the code {kind.code} with {codes[kind.code]}")
        codes[kind.code] = name
        for language in LANGUAGES:
            shell = words_of_the_shell(language).get(f"errors.{kind.code}")
            if shell is None and find_label(f"errors.{kind.code}", language) is None:
                faults.append(f"{language}: errors.{kind.code} has no text")
        if not inspect.getdoc(kind):
            faults.append(f"{name}: says not when it is raised")
    assert faults == []


def test_modules_and_functions_are_short() -> None:
    long_modules = [f"{module.name}: {module.lines}" for module in modules() if module.lines > LONGEST_MODULE]
    long_functions = [
        f"{module.name}.{function.name}: {length}"
        for module in modules()
        for function in module.functions()
        if (length := (function.end_lineno or 0) - function.lineno + 1) > LONGEST_FUNCTION
    ]
    assert (long_modules, long_functions) == ([], [])


def test_no_work_is_left_for_later() -> None:
    marks = re.compile(r"\b(TODO|FIXME|XXX|HACK|NotImplementedError)\b")
    assert [module.name for module in modules() if marks.search(module.text)] == []


def test_lock_files_carry_no_address() -> None:
    address = re.compile(r'"resolved"|--(extra-)?index-url|--find-links')
    for name in ("requirements.txt", "requirements-test.txt", "webapp/assets/package-lock.json"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert "--hash=sha256:" in text or '"integrity"' in text
        assert [line for line in text.splitlines() if address.search(line)] == [], name


def test_every_locked_package_bears_a_hash() -> None:
    for lock in (ROOT / "requirements.txt", ROOT / "requirements-test.txt"):
        entries = re.split(r"\n(?=[a-z0-9])", lock.read_text(encoding="utf-8").replace("\\\n", " "))
        pinned = [entry for entry in entries if "==" in entry]
        assert len(pinned) > 50
        assert [entry.split("==")[0] for entry in pinned if "--hash=" not in entry] == []


def test_scripts_of_pages_hold_no_vietnamese() -> None:
    """Words come to them with the page, from its translations."""
    scripts = sorted((ROOT / "webapp" / "assets" / "src").rglob("*.js"))
    assert scripts
    found = (path.name for path in scripts if re.search("[À-ỹ]", path.read_text(encoding="utf-8")))
    assert list(found) == []


def test_diagrams_hold_no_python() -> None:
    """No script task, no language but FEEL, no engine's own call of code."""
    suspects = re.compile(
        r"scriptTask|<[a-z:]*script\b|expressionLanguage=\"(?!.*FEEL)|camunda:class|python|import |lambda "
    )
    faults = []
    for path in [*(ROOT / "bpmn").glob("*.bpmn"), *(ROOT / "bpmn" / "tables").rglob("*.dmn")]:
        for found in suspects.findall(path.read_text(encoding="utf-8")):
            faults.append(f"{path.name}: {found}")
    assert faults == []


@pytest.mark.parametrize("folder", TOP_FOLDERS)
def test_every_top_folder_has_its_room_sign(folder: str) -> None:
    sign = ROOT / folder / "README.md"
    assert sign.is_file()
    assert len(sign.read_text(encoding="utf-8")) > 300


@pytest.mark.parametrize("package", ["webapp.ui", "webapp.api"])
def test_pages_take_only_words_from_a_rooms_models(package: str) -> None:
    """Enums are words; a table class may be named in an annotation only."""
    faults = []
    for module in modules():
        if not module.name.startswith(package):
            continue
        annotations = _annotation_names(module.tree)
        for node in module.tree.body:
            if isinstance(node, ast.ImportFrom) and re.fullmatch(r"workflows\.\w+\.models", node.module or ""):
                for alias in node.names:
                    kind = getattr(importlib.import_module(str(node.module)), alias.name)
                    beside = _uses(module.tree, alias.name) - annotations.get(alias.name, 0)
                    if not issubclass(kind, Enum) and beside > 0:
                        faults.append(f"{module.name}: {alias.name}")
    assert faults == []


def _annotation_names(tree: ast.Module) -> dict[str, int]:
    counts: dict[str, int] = {}
    for node in ast.walk(tree):
        notes = [getattr(node, "annotation", None), getattr(node, "returns", None)]
        for note in filter(None, notes):
            for inner in ast.walk(note):
                if isinstance(inner, ast.Name):
                    counts[inner.id] = counts.get(inner.id, 0) + 1
    return counts


def _uses(tree: ast.Module, name: str) -> int:
    return sum(isinstance(node, ast.Name) and node.id == name for node in ast.walk(tree))


def test_version_is_told_once() -> None:
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert f'version = "{webapp.__version__}"' in project


def test_nothing_kept_lies_in_the_repository() -> None:
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert {"/var/", "/.venv/", "node_modules/", "/webapp/assets/dist/"} <= set(ignored)


def test_own_paths_only() -> None:
    """No file of the product names a place outside of it."""
    outside = re.compile(r"/work/|\.\./shared|/home/\w")
    faults = [
        str(path.relative_to(ROOT)) for path in _kept_files()
        if outside.search(path.read_text(encoding="utf-8", errors="ignore"))
    ]  # fmt: skip
    assert faults == []


def _kept_files() -> Iterator[Path]:
    wanted = {".py", ".md", ".toml", ".mjs", ".js", ".css", ".html", ".bpmn", ".dmn", ".txt", ".in", ".json", ""}
    for folder in (*TOP_FOLDERS, ".ci"):
        for path in (ROOT / folder).rglob("*"):
            hidden = {"node_modules", "dist", "__pycache__", "output"} & set(path.parts)
            if path.is_file() and path.suffix in wanted and not hidden and path != Path(__file__):
                yield path
    yield from (path for path in ROOT.iterdir() if path.is_file() and path.suffix in wanted)
