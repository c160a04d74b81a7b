"""What every test has: an environment that no setting of the person running it can bend."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest
from stamping import Tsa


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No git settings but the test's own, no trust root from outside, a home that is empty."""
    for name in [name for name in os.environ if name.startswith(("GIT_", "QMDOC_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("HOME", str(tmp_path_factory.getbasetemp()))
    yield


@pytest.fixture(scope="session")
def tsa(tmp_path_factory: pytest.TempPathFactory) -> Tsa:
    """A time-stamping authority on this computer."""
    if shutil.which("openssl") is None:
        assert not os.environ.get("CI"), "CI must install openssl: without it no time stamp is tested"
        pytest.skip("openssl is not installed: nothing stamps here (CI has it)")
    return Tsa(tmp_path_factory.mktemp("tsa"))


@pytest.fixture(scope="session")
def foreign_tsa(tmp_path_factory: pytest.TempPathFactory) -> Tsa:
    """Another one, under another root of the same name."""
    return Tsa(tmp_path_factory.mktemp("foreign-tsa"))
