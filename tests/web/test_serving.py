"""``serve``: the command that runs a service, over https where files are named."""

from __future__ import annotations

import gc
import os
import ssl
import subprocess
import sys
import time
from http.client import HTTPSConnection
from pathlib import Path

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from keys import KeyRing
from tests.certificates import Certified
from tests.ports import free_port
from web.serving import YOUNG_OBJECTS, SettledServer

SERVICES = ("idp", "population_registry")


def test_the_registry_serves_https_by_its_command(tmp_path: Path) -> None:
    """Files from the environment, as a container names them; live although its database is away; ends when told."""
    KeyRing.create(tmp_path / "keys", profile="registry", mode="demo")
    certificate, key = Certified("localhost", hosts=("localhost",)).write(tmp_path, "server")
    port = free_port()
    environment = {
        **os.environ,
        "DINHDANH_MODE": "demo",
        "PUBLIC_URL": f"https://localhost:{port}",
        "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing",
        "ISSUER": "https://id.example.vn",
        "KEYS_DIR": str(tmp_path / "keys"),
        "TLS_CERTIFICATE": str(certificate),
        "TLS_KEY": str(key),
    }
    command = [sys.executable, "-m", "population_registry", "serve", "--port", str(port)]
    service = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        context = ssl.create_default_context(cafile=str(certificate))
        while True:
            try:
                connection = HTTPSConnection("localhost", port, context=context, timeout=300)
                connection.request("GET", "/health/live")
                answer = connection.getresponse()
                break
            except ConnectionRefusedError:
                assert service.poll() is None, service.communicate()[0].decode()
                time.sleep(0.1)
        assert answer.status == 200
        assert answer.headers["Server"] is None
        assert answer.headers["Strict-Transport-Security"]
        connection.close()
    finally:
        service.terminate()
        service.communicate(timeout=300)
    assert service.returncode in {0, -15}


@pytest.mark.parametrize("service", SERVICES)
def test_half_of_the_files_is_refused_with_a_sentence(service: str, tmp_path: Path) -> None:
    """No service falls back to plain http because one of two settings was forgotten."""
    certificate, _ = Certified("localhost", hosts=("localhost",)).write(tmp_path, "server")
    command = [sys.executable, "-m", service, "serve", "--tls-certificate", str(certificate)]
    environment = {name: value for name, value in os.environ.items() if name != "TLS_KEY"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=300)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "TLS_CERTIFICATE and TLS_KEY belong together: name both or none\n"


async def test_what_lives_as_long_as_the_process_is_set_aside() -> None:
    """A full collection would hold up every request for a tenth of a second to find nothing."""

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        raise AssertionError(scope)

    threshold = gc.get_threshold()
    server = SettledServer(uvicorn.Config(application, port=0, lifespan="off", log_config=None))
    server.config.load()
    server.lifespan = server.config.lifespan_class(server.config)
    try:
        await server.startup()
        assert gc.get_freeze_count() > 0
        assert gc.get_threshold() == (YOUNG_OBJECTS, *threshold[1:])
    finally:
        await server.shutdown()
        gc.unfreeze()
        gc.set_threshold(*threshold)
