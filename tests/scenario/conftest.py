"""Fixtures of the scenario tests: the real programs, in a directory of their
own, with a run directory of their own, that must be empty of processes and files
when a test ends."""

import os
import pathlib
import shutil
import subprocess
import tempfile

import pytest

import lab


@pytest.fixture
def router(tmp_path):
    """A lab.Router; whatever it left running fails the test."""
    run = pathlib.Path(tempfile.mkdtemp(prefix="se"))
    run.chmod(0o700)
    env = dict(os.environ, SESIM_RUN_DIR=str(run), XDG_CONFIG_HOME=str(tmp_path / "cfg"))
    r = lab.Router(tmp_path, env)
    yield r
    r.close()
    left = lab.processes_of(run)
    files = [str(p) for p in run.rglob("*") if p.is_socket()]
    shutil.rmtree(run, ignore_errors=True)
    assert not left, f"processes left behind: {left}"
    assert not files, f"sockets left behind: {files}"


@pytest.fixture(scope="session")
def vectors():
    path = pathlib.Path(os.environ.get("SE_VECTORS", ""))
    if not (path / "INDEX.md").exists():
        pytest.skip("skipped: no vectors beside the checkout")
    return path
