"""Runs tasks as processes: the wheel in a clean environment, against one Spark Connect server as on serverless.

Spark and Delta come with the runtime, so the environment has them from the extra `local`. What a job's environment
lists beside the wheel is installed as listed. Paths of the workspace and of volumes lie in a folder.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyspark

from lakehouse.config import Settings
from lakehouse.io.java import java_home
from lakehouse.io.session import local_conf
from tests.support.repository import ROOT
from tests.workspace.server import Body
from tests.workspace.sql_api import Rows, StatementError

UV = os.environ.get("UV") or shutil.which("uv") or "uv"
START = """
import sys
from importlib.metadata import distribution
package, name, *argv = sys.argv[1:]
entry = next(e for e in distribution(package).entry_points if e.name == name)
sys.argv = [name, *argv]
entry.load()()
"""
ASK = """
import json, sys
from pyspark.sql import SparkSession
rows = SparkSession.builder.getOrCreate().sql(sys.argv[1])
columns = [(field.name, field.dataType.simpleString()) for field in rows.schema]
texts = rows.select(*(rows[name].cast("string") for name, _ in columns)).collect()
print(json.dumps([columns, [list(row) for row in texts]]))
"""


def install(folder: Path, dependencies: list[str]) -> Path:
    """Build the wheel, install it and what a job's environment lists into a new environment; gives its Python."""
    wheel_folder, place = folder / "dist", folder / "venv"
    build = [UV, "build", "--wheel", "--quiet", "--out-dir", str(wheel_folder), str(ROOT)]
    subprocess.run(build, check=True)
    wheel = next(wheel_folder.glob("*.whl"))
    subprocess.run([UV, "venv", "--quiet", "--python", sys.executable, str(place)], check=True)
    listed = [text for text in dependencies if not text.startswith(".")]
    command = [UV, "pip", "install", "--quiet", "--python", str(place / "bin/python"), f"{wheel}[local]", *listed]
    subprocess.run(command, check=True)
    return place / "bin/python"


@contextmanager
def connect_server(folder: Path) -> Iterator[str]:
    """A Spark Connect server with Delta and the database driver; gives its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    conf = local_conf(Settings(driver_memory="1500m"), folder) | {
        "spark.connect.grpc.binding.address": "127.0.0.1",
        "spark.connect.grpc.binding.port": str(port),
        "spark.log.level": "WARN",
    }
    home = Path(pyspark.__file__).parent
    command = [str(home / "bin/spark-submit"), "--master", "local[2]"]
    command += [word for name, value in conf.items() for word in ("--conf", f"{name}={value}")]
    command += ["--class", "org.apache.spark.sql.connect.service.SparkConnectServer", "spark-internal"]
    variables = os.environ | {"JAVA_HOME": str(java_home()), "SPARK_HOME": str(home), "SPARK_LOCAL_IP": "127.0.0.1"}
    with (folder / "server.log").open("w") as log:
        server = subprocess.Popen(command, cwd=folder, env=variables, stdout=log, stderr=log)
        try:
            _await(port, server, folder / "server.log")
            yield f"sc://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(30)


def _await(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(600):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        if server.poll() is not None:
            break
        time.sleep(0.2)
    raise RuntimeError(log.read_text()[-2000:])


class Runtime:
    """Does tasks: the `Runner` of the stand-in's jobs, and the `Engine` of its warehouse."""

    def __init__(self, folder: Path, python: Path, remote: str, variables: dict[str, str]) -> None:
        self.folder, self.python = folder, python
        plain = {name: value for name, value in os.environ.items() if not name.startswith(("VIRTUAL", "PYTHON"))}
        self.environment = plain | variables | {
            "DATABRICKS_RUNTIME_VERSION": "18.2", "SPARK_REMOTE": remote, "SPARK_CONNECT_MODE_ENABLED": "1",
            "OBSERVATORY_CATALOG": "spark_catalog", "OBSERVATORY_HOME": str(folder / "lakehouse"),
        }  # fmt: skip

    def local(self, path: str) -> str:
        """Where a path of the workspace or a volume lies."""
        return f"{self.folder}{path}" if path.startswith(("/Workspace/", "/Volumes/")) else path

    def run(self, job: Body, argv: list[str]) -> tuple[int, str]:
        """Start the entry point as the platform does; gives exit code and output."""
        wheel = _wheel_task(job)
        words = [self.local(word) for word in argv]
        command = [str(self.python), "-c", START, wheel["package_name"], wheel["entry_point"], *words]
        done = subprocess.run(
            command, cwd=self.folder, env=self.environment, capture_output=True, text=True, check=False, timeout=300
        )
        return done.returncode, done.stdout + done.stderr

    def ask(self, statement: str) -> Rows:
        """Run a statement on the lakehouse."""
        command = [str(self.python), "-c", ASK, statement]
        done = subprocess.run(
            command, cwd=self.folder, env=self.environment, capture_output=True, text=True, check=False, timeout=300
        )
        if done.returncode:
            raise StatementError(done.stderr.strip().splitlines()[-1])
        columns, rows = json.loads(done.stdout)
        return [(name, kind) for name, kind in columns], rows


def _wheel_task(job: Body) -> Body:
    task = job["settings"]["tasks"][0]
    found: Body = task.get("python_wheel_task") or task["for_each_task"]["task"]["python_wheel_task"]
    return found
