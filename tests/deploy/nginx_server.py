"""A real nginx of the test's own with the very files of `deploy/`: only ports, folders and names are exchanged."""

from __future__ import annotations

import os
import shutil
import socket
import ssl
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.services.loopback_server import LoopbackServer, free_port

DEPLOY = Path(__file__).parent.parent.parent / "deploy"
NAME = "music.example.org"


class NginxServer(LoopbackServer):
    """`start` it in front of the Tutti at `tutti_port`, whose music and data lie in those folders."""

    def __init__(self, folder: Path, *, tutti_port: int, music: Path, data: Path) -> None:
        super().__init__("nginx", folder)
        self.program = find_nginx()
        self.http, self.https = free_port(), free_port()
        self.certificate = folder / "fullchain.pem"
        self._make_certificate(folder)
        exchanged = {
            "/etc/nginx/tutti-proxy.conf": str(DEPLOY / "nginx-tutti-proxy.conf"),
            "/etc/nginx/tutti-sound.conf": str(DEPLOY / "nginx-tutti-sound.conf"),
            "/etc/ssl/tutti": str(folder),
            "/var/log/nginx": str(folder),
            "/srv/music/": f"{music}/",
            "/var/lib/tutti/": f"{data}/",
            "127.0.0.1:8000": f"127.0.0.1:{tutti_port}",
            "listen 80;": f"listen 127.0.0.1:{self.http};",
            "listen [::]:80;": "",
            "listen 443 ssl http2;": f"listen 127.0.0.1:{self.https} ssl http2;",
            "listen [::]:443 ssl http2;": "",
        }
        text = (DEPLOY / "nginx-tutti.conf").read_text()
        for old, new in exchanged.items():
            assert old in text, old
            text = text.replace(old, new)
        self.configuration = folder / "nginx.conf"
        self.configuration.write_text(whole(text, folder))

    def test(self) -> subprocess.CompletedProcess[str]:
        """What `nginx -t` says of it."""
        return nginx_t(self.program, self.configuration)

    def start(self) -> None:
        """Return once it listens."""
        self._run([self.program, "-c", str(self.configuration), "-g", "daemon off;"])
        self._wait_for(lambda: _listens(self.https), seconds=10)

    def stop(self) -> None:
        """Let it finish."""
        assert self._process is not None
        self._process.terminate()
        self._process.wait(10)

    @property
    def trust(self) -> ssl.SSLContext:
        """What a client needs to believe the certificate."""
        return ssl.create_default_context(cafile=str(self.certificate))

    def _make_certificate(self, folder: Path) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
        now = datetime.now(UTC)
        names = x509.SubjectAlternativeName([x509.DNSName(NAME), x509.DNSName("localhost")])
        made = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(hours=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(names, critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(key, hashes.SHA256())
        )
        self.certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
        form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        (folder / "privkey.pem").write_bytes(key.private_bytes(*form))


def find_nginx() -> str:
    """The program; FileNotFoundError when it is not installed."""
    program = shutil.which("nginx") or shutil.which("/usr/sbin/nginx")
    if program is None:
        raise FileNotFoundError("nginx is not installed")
    return program


def whole(text: str, folder: Path) -> str:
    """A whole configuration around what would lie in conf.d, with everything that it writes in a folder."""
    user = "user root;" if os.geteuid() == 0 else ""
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    places = "".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)
    return (
        f"{user} worker_processes 2; pid {folder}/nginx.pid; error_log {folder}/error.log;"
        f"events {{}}\nhttp {{ {places}\n{text}\n}}\n"
    )


def nginx_t(program: str, configuration: Path) -> subprocess.CompletedProcess[str]:
    """Its verdict on a configuration."""
    return subprocess.run([program, "-t", "-q", "-c", str(configuration)], capture_output=True, text=True)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
