"""Real proxies in front of consoles, from the system's packages: nginx, Caddy, HAProxy and Apache.

The configurations are read from docs/forward-auth.md; only addresses, ports and certificates are the test's own. Around
them stands what a package's own main file would have said.
"""

import getpass
import os
import pathlib
import re
import shutil
import socket
import subprocess
import tempfile
import time

from server import free_port

NGINX = """
# The temporary folder of the test is its own user's alone.
user {user};
worker_processes 1;
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log warn;
events {{ worker_connections 256; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/f;
    uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
{text}
}}
"""

CADDY = """
{{
	admin off
	auto_https off
	storage file_system {folder}
	default_bind 127.0.0.1
}}
{text}
"""

HAPROXY = "{text}"

APACHE = """
ServerRoot {folder}
PidFile {folder}/pid
ErrorLog {folder}/error.log
{user_line}
LoadModule mpm_event_module {modules}/mod_mpm_event.so
LoadModule authz_core_module {modules}/mod_authz_core.so
LoadModule headers_module {modules}/mod_headers.so
LoadModule http2_module {modules}/mod_http2.so
LoadModule lua_module {modules}/mod_lua.so
LoadModule proxy_module {modules}/mod_proxy.so
LoadModule proxy_http_module {modules}/mod_proxy_http.so
LoadModule rewrite_module {modules}/mod_rewrite.so
LoadModule setenvif_module {modules}/mod_setenvif.so
LoadModule ssl_module {modules}/mod_ssl.so
Protocols h2 http/1.1
Listen 127.0.0.1:{port}
StartServers 1
MinSpareThreads 5
ThreadsPerChild 16
ServerLimit 2
MaxRequestWorkers 32
Mutex sem

{text}
"""

DOCS = pathlib.Path(__file__).resolve().parent.parent / "docs"
FRAMES = {"nginx": ("nginx", NGINX), "caddy": ("caddyfile", CADDY), "haproxy": ("haproxy", HAPROXY), "apache": ("apache", APACHE)}
# In the documentation each application has a block of its own behind this; HAProxy's has two applications.
FOR_EACH = re.compile(r"^# One such [^\n]*\n(.*?\n[}<][^\n]*\n)", re.MULTILINE | re.DOTALL)


def documented(language):
    """The configuration as the documentation has it."""
    return re.search(rf"^```{language}\n(.*?)^```", (DOCS / "forward-auth.md").read_text(), re.MULTILINE | re.DOTALL).group(1)


def at(text, name, host, port, upstream, console):
    """A block for an application at another address."""
    text = text.replace(f"https://{name}", f"https://{host}:{port}")
    text = re.sub(rf"(Host )({re.escape(name)})", rf"\g<1>{host}:{port}", text)
    return text.replace(name, host).replace(console, f"127.0.0.1:{upstream.port}")

SCRIPTS = DOCS / "forward-auth"
SERVERS = "/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin"


class Proxy:
    """One of them, in front of two consoles, over https with a certificate that nobody signed."""

    def __init__(self, kind, folder, server, consoles):
        """`consoles` are two pairs of a host and an upstream; the first one is `host` and `origin`."""
        if kind == "apache":
            # It looks its script up as a user who may not enter the test's folder.
            folder = pathlib.Path(tempfile.mkdtemp(prefix="countersign-apache-"))
            os.chmod(folder, 0o755)
            script = (SCRIPTS / "apache.lua").read_text()
            assert "127.0.0.1:8080" in script
            (folder / "countersign.lua").write_text(script.replace("127.0.0.1:8080", f"127.0.0.1:{server.port}"))
        self.kind, self.folder, self.port = kind, folder, free_port()
        self.hosts = [host for host, _ in consoles]
        self.host = self.hosts[0]
        self.origin = self.origin_of(self.host)
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
             f"/CN={self.host}", "-addext", "subjectAltName=" + ",".join(f"DNS:{host}" for host in self.hosts),
             "-keyout", folder / "tls.key", "-out", folder / "tls.pem"],
            check=True, capture_output=True,
        )
        (folder / "haproxy.pem").write_text((folder / "tls.pem").read_text() + (folder / "tls.key").read_text())
        language, frame = FRAMES[kind]
        text = frame.format(
            user=getpass.getuser(), folder=folder, port=self.port, modules="/usr/lib/apache2/modules",
            user_line="User www-data" if os.geteuid() == 0 else "", text=self._own(documented(language), server, consoles),
        )
        config = folder / kind
        config.write_text(text)
        command = {
            "nginx": ["nginx", "-c", config],
            "caddy": ["caddy", "run", "--config", config, "--adapter", "caddyfile"],
            "haproxy": ["haproxy", "-db", "-f", config],
            "apache": ["apache2", "-DFOREGROUND", "-f", config],
        }[kind]
        command[0] = shutil.which(command[0], path=SERVERS)
        self.log = open(folder / "log", "w+")
        self._process = subprocess.Popen(command, stdout=self.log, stderr=self.log, env={"HOME": str(folder), "PATH": "/usr/bin:/bin"})
        self._wait()

    def origin_of(self, host):
        return f"https://{host}:{self.port}"

    def _own(self, text, server, consoles):
        """The documented configuration with the test's two applications, its ports and its certificate."""
        if self.kind == "haproxy":
            for (name, console), (host, upstream) in zip((("grafana.example.com", "127.0.0.1:3000"), ("wiki.example.com", "127.0.0.1:3001")), consoles):
                text = at(text, name, host, self.port, upstream, console)
            text = text.replace("bind :443 ssl crt /etc/haproxy/certs/", f"bind 127.0.0.1:{self.port} ssl crt {self.folder}/haproxy.pem")
            text = text.replace("/etc/haproxy/countersign.lua", str(SCRIPTS / "haproxy.lua"))
        else:
            found = FOR_EACH.findall(text)
            assert len(found) == 1, "the documentation says where an application's own block is"
            blocks = [at(found[0], "grafana.example.com", host, self.port, upstream, "127.0.0.1:3000") for host, upstream in consoles]
            text = text.replace(found[0], "\n".join(blocks))
        text = re.sub(r"/etc/letsencrypt/\S+/fullchain.pem", f"{self.folder}/tls.pem", text)
        text = re.sub(r"/etc/letsencrypt/\S+/privkey.pem", f"{self.folder}/tls.key", text)
        text = text.replace("/etc/apache2/countersign.lua", f"{self.folder}/countersign.lua")
        text = text.replace("listen 443", f"listen 127.0.0.1:{self.port}").replace("*:443", f"*:{self.port}")
        if self.kind == "nginx":
            text = re.sub(r"(listen \S+ ssl)", r"\1 http2", text)
        if self.kind == "caddy":
            tls = f"\ttls {self.folder}/tls.pem {self.folder}/tls.key\n"
            text = text.replace(":443 {\n", f"https://:{self.port} {{\n" + tls)
            for host in self.hosts:
                text = re.sub(rf"^{re.escape(host)} {{\n", f"https://{host}:{self.port} {{\n{tls}", text, flags=re.MULTILINE)
        return text.replace("127.0.0.1:8080", f"127.0.0.1:{server.port}")

    def _wait(self, seconds=15):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            assert self._process.poll() is None, (self.folder / "log").read_text()
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                time.sleep(0.05)
        raise AssertionError((self.folder / "log").read_text())

    def stop(self):
        self._process.terminate()
        try:
            self._process.wait(3)
        except subprocess.TimeoutExpired:
            # Caddy waits for WebSockets that stay open.
            self._process.kill()
            self._process.wait(10)
        self.log.close()
        if self.kind == "apache":
            shutil.rmtree(self.folder, ignore_errors=True)
