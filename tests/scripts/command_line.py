"""Run a command of ours in this process: the same words, streams and exit code as a program has.

A program of its own takes a second to import what this process has imported. What only a program
shows (pipes that close, that it starts at all) is tested with programs.
"""

from __future__ import annotations

import importlib
import io
import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import chdir, redirect_stderr, redirect_stdout
from unittest import mock

from scripts.support import console
from tests.machine import ROOT


def run_command(
    name: str, *words: str, environment: Mapping[str, str], stdin: str | None = None
) -> subprocess.CompletedProcess[str]:
    """`python -m scripts.NAME WORDS`, below the environment given."""
    module = importlib.import_module(f"scripts.{name}")
    raw = [io.BytesIO(), io.BytesIO()]
    out, said = (io.TextIOWrapper(stream, encoding="utf-8") for stream in raw)
    argv = [f"scripts/{name}.py", *words]
    mask = os.umask(0o022)  # a command keeps its files private from here on
    try:
        with (
            mock.patch.dict(os.environ, environment),
            mock.patch.multiple(sys, argv=argv, stdin=io.StringIO(stdin or "")),
            chdir(ROOT),
            redirect_stdout(out),
            redirect_stderr(said),
        ):
            console.run(module.main, module.parser())
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    finally:
        os.umask(mask)
    out.flush()
    said.flush()
    return subprocess.CompletedProcess(argv, code, *(stream.getvalue().decode() for stream in raw))
