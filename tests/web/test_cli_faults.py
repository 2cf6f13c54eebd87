"""What a machine may refuse an operator: each is one line that says what to do, never a list of Python's places."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import Result

from tests.support.brokers import free_port
from tests.web.machine import Machine
from webapp.settings import SettingsError, from_environment

READING = (("user", "list"), ("audit", "verify"), ("dmn", "show"), ("incident", "list"), ("health",))


def one_line(result: Result) -> str:
    """What a command says that ends with 1."""
    assert isinstance(result.exception, SystemExit), repr(result.exception)
    assert result.exit_code == 1
    assert result.output.startswith("thidua: ")
    assert result.output.count("\n") == 1, result.output
    return result.output


def test_a_data_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.write_text("a file")
    for command in ("migrate", "serve", "worker", "beat"):
        said = one_line(Machine(taken / "data").run(command))
        assert str(taken) in said
        assert "không đọc hoặc ghi được" in said


def test_a_place_that_takes_no_backup_and_no_seal_is_named(machine: Machine, tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.write_text("a file")
    assert str(taken) in one_line(machine.run("backup", taken / "copies"))
    assert str(taken) in one_line(machine.run("audit", "seal", taken / "seal.json"))
    assert str(tmp_path / "nowhere") in one_line(machine.run("audit", "seal", tmp_path / "nowhere" / "seal.json"))


@pytest.mark.parametrize("command", [*READING, ("migrate",), ("deploy",), ("backup", "copies")], ids=" ".join)
def test_a_server_that_is_down_is_said(tmp_path: Path, command: tuple[str, ...]) -> None:
    machine = Machine(tmp_path)
    machine.environment["THIDUA_DATABASE_URL"] = f"postgresql+psycopg://thidua:hidden@127.0.0.1:{free_port()}/thidua"
    said = one_line(machine.run(*command))
    assert "không mở được cơ sở dữ liệu" in said
    assert "THIDUA_DATABASE_URL" in said
    assert "hidden" not in said


@pytest.mark.postgresql
def test_a_database_account_without_rights_is_said(tmp_path: Path, postgresql_url: str) -> None:
    import sqlalchemy as sa

    server = sa.create_engine(postgresql_url)
    with server.begin() as connection:
        connection.exec_driver_sql("CREATE ROLE without_rights LOGIN")
        connection.exec_driver_sql("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    machine = Machine(tmp_path)
    address = sa.make_url(postgresql_url).set(username="without_rights")
    machine.environment["THIDUA_DATABASE_URL"] = address.render_as_string(hide_password=False)
    try:
        assert "thiếu quyền" in one_line(machine.run("migrate"))
    finally:
        with server.begin() as connection:
            connection.exec_driver_sql("DROP ROLE without_rights")
        server.dispose()


@pytest.mark.parametrize("command", [*READING, ("migrate",), ("backup", "copies")], ids=" ".join)
def test_a_file_that_is_no_database_is_said(tmp_path: Path, command: tuple[str, ...]) -> None:
    (tmp_path / "thidua.db").write_bytes(b"no database at all" * 100)
    assert "không mở được cơ sở dữ liệu" in one_line(Machine(tmp_path).run(*command))


def test_a_database_of_a_later_version_is_left_alone(machine: Machine, tmp_path: Path) -> None:
    with closing(sqlite3.connect(machine.folder / "thidua.db")) as database, database:
        database.execute("UPDATE alembic_version SET version_num = '9999_later'")
    for command in (("user", "list"), ("migrate",)):
        said = one_line(machine.run(*command))
        assert "bản mới hơn" in said
        assert "9999_later" in said
    assert not (machine.folder / "backups").exists()
    machine.done("backup", tmp_path / "copy.tar")
    elsewhere = Machine(tmp_path / "elsewhere")
    assert "bản mới hơn" in one_line(elsewhere.run("restore", tmp_path / "copy.tar"))
    assert not (elsewhere.folder / "thidua.db").exists()


def test_an_account_is_refused_in_words(machine: Machine) -> None:
    assert "từ 2 đến 60 ký tự" in one_line(machine.run("user", "create", "x"))
    said = machine.run("user", "create", "moi", "--password-stdin", typed="ngắn\n").output
    assert "Mật khẩu mới chưa đạt yêu cầu" in said


@pytest.mark.parametrize("command", ["check", "deploy"])
def test_a_folder_without_diagrams_is_not_told_to_be_without_fault(
    machine: Machine, command: str, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    refused = machine.run(command, tmp_path / "empty")
    assert refused.exit_code == 2
    assert "không có *.bpmn" in refused.output


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("THIDUA_DATABASE_URL", "thidua"), ("THIDUA_DATABASE_URL", "postgres://thidua:hidden@db/thidua"),
        ("THIDUA_DATABASE_URL", "mysql://thidua:hidden@db/thidua"),
        ("THIDUA_DATABASE_URL", "postgresql+psycopg://thidua:hidden@db:port/thidua"),
        ("THIDUA_BROKER_URL", "broker"), ("THIDUA_BROKER_URL", "http://broker:6379"),
        ("THIDUA_BROKER_URL", "amqp://thidua:hidden@broker:port//"),
    ],
)  # fmt: skip
def test_an_address_that_is_none_stops_the_start(name: str, address: str) -> None:
    with pytest.raises(SettingsError) as refusal:
        from_environment({name: address})
    assert name in str(refusal.value)
    assert "hidden" not in str(refusal.value)


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("THIDUA_DATABASE_URL", "sqlite:////srv/a@b:c/thidua.db"),
        ("THIDUA_DATABASE_URL", "postgresql+psycopg:///thidua?host=/run/postgresql"),
        ("THIDUA_DATABASE_URL", "postgresql+psycopg://thidua:a/b#c?d:e@f@db:5432/thidua"),
        ("THIDUA_DATABASE_URL", "postgresql://thidua@[::1]:5432/thidua"),
        ("THIDUA_BROKER_URL", "redis://broker"), ("THIDUA_BROKER_URL", "rediss://:word@broker:6380/0?ssl_cert_reqs=none"),
        ("THIDUA_BROKER_URL", "amqp://thidua:word@one:5672//;amqp://thidua:word@two:5672//"),
        ("THIDUA_BROKER_URL", "redis+socket:///run/redis.sock"),
    ],
)  # fmt: skip
def test_addresses_of_databases_and_brokers_are_taken(name: str, address: str) -> None:
    from_environment({name: address})


@pytest.mark.parametrize("seal", [
    "no seal", "[]", "null", '{"format": 1}', '{"format": 1, "at": "x", "heads": {"system": 5}}',
    '{"format": 1, "at": "2026-11-26", "heads": [1]}', '{"format": 1, "at": 5, "heads": {}}',
])  # fmt: skip
def test_a_file_that_is_no_seal_is_refused(machine: Machine, tmp_path: Path, seal: str) -> None:
    (tmp_path / "seal.json").write_text(seal, encoding="utf-8")
    said = one_line(machine.run("audit", "verify", "--seal", tmp_path / "seal.json"))
    assert "không phải tệp niêm phong" in said


def test_what_was_looked_for_is_named(machine: Machine) -> None:
    assert "ĐN-2025-TK-999" in one_line(machine.run("instance", "show", "ĐN-2025-TK-999"))
    assert "nobody" in one_line(machine.run("user", "reset", "nobody"))
    assert "nomination" in one_line(machine.run("instance", "migrate", "nomination", "--from", "1", "--to", "2"))
