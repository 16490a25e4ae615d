"""Real proxies in front of a console, from the system's packages: nginx, Caddy, HAProxy and Apache.

The configurations are those of docs/forward-auth.md, with this test's ports and a certificate of its own; the scripts of
HAProxy and Apache are the very files.
"""

import getpass
import os
import pathlib
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
    map $http_upgrade $connection_upgrade {{ default upgrade; "" ""; }}
    map $countersign_credential $countersign_authorization {{ default $http_authorization; api_token ""; }}
    upstream countersign_gate {{ server 127.0.0.1:{portal}; keepalive 16; }}

    server {{
        listen 127.0.0.1:{port} ssl;
        server_name {host};
        ssl_certificate {folder}/tls.pem;
        ssl_certificate_key {folder}/tls.key;

        location / {{
            auth_request /countersign-check;
            auth_request_set $countersign_user $upstream_http_remote_user;
            auth_request_set $countersign_name $upstream_http_remote_name;
            auth_request_set $countersign_email $upstream_http_remote_email;
            auth_request_set $countersign_groups $upstream_http_remote_groups;
            auth_request_set $countersign_location $upstream_http_location;
            auth_request_set $countersign_navigation $upstream_http_countersign_navigation;
            auth_request_set $countersign_operation $upstream_http_countersign_operation;
            auth_request_set $countersign_credential $upstream_http_countersign_credential;
            error_page 401 = @countersign_sign_in;
            error_page 403 /_countersign/refused?operation=$countersign_operation;

            proxy_set_header Remote-User $countersign_user;
            proxy_set_header Remote-Name $countersign_name;
            proxy_set_header Remote-Email $countersign_email;
            proxy_set_header Remote-Groups $countersign_groups;
            proxy_set_header Authorization $countersign_authorization;
            proxy_set_header Host $http_host;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection $connection_upgrade;
            proxy_http_version 1.1;
            proxy_pass http://127.0.0.1:{upstream};
        }}

        location = /countersign-check {{
            internal;
            proxy_pass http://countersign_gate/forward-auth;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_pass_request_body off;
            proxy_set_header Content-Length "";
            proxy_set_header X-Original-URL $scheme://$http_host$request_uri;
            proxy_set_header X-Original-Method $request_method;
            proxy_set_header X-Forwarded-For $remote_addr;
            proxy_set_header X-Forwarded-Host "";
            proxy_set_header X-Forwarded-Proto "";
            proxy_set_header X-Forwarded-Uri "";
            proxy_set_header X-Forwarded-Method "";
        }}

        location @countersign_sign_in {{
            if ($countersign_navigation = yes) {{ return 302 $countersign_location; }}
            add_header Location $countersign_location always;
            return 401;
        }}

        location /_countersign/ {{
            proxy_pass http://countersign_gate;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_set_header X-Forwarded-For $remote_addr;
            proxy_set_header X-Forwarded-Host $http_host;
            proxy_set_header X-Forwarded-Proto $scheme;
            proxy_set_header X-Forwarded-Uri "";
            proxy_set_header X-Forwarded-Method "";
        }}
    }}
}}
"""

CADDY = """
{{
	admin off
	auto_https disable_redirects
	storage file_system {folder}
}}
https://{host}:{port} {{
	bind 127.0.0.1
	tls {folder}/tls.pem {folder}/tls.key
	handle /_countersign/* {{
		reverse_proxy 127.0.0.1:{portal}
	}}
	handle {{
		forward_auth 127.0.0.1:{portal} {{
			uri /forward-auth
			copy_headers Remote-User Remote-Name Remote-Email Remote-Groups
		}}
		@upgrade header Connection *pgrade*
		@plain not header Connection *pgrade*
		request_header @upgrade Connection Upgrade
		request_header @plain -Connection
		reverse_proxy 127.0.0.1:{upstream}
	}}
}}
"""

HAPROXY = """
global
    setenv COUNTERSIGN_PORTAL http://127.0.0.1:{portal}
    lua-load {scripts}/haproxy.lua

defaults
    mode http
    timeout connect 5s
    timeout client 30s
    timeout server 30s
    timeout tunnel 1h

frontend https
    bind 127.0.0.1:{port} ssl crt {folder}/haproxy.pem alpn h2,http/1.1
    acl portal path_beg /_countersign/
    http-request set-header X-Forwarded-For %[src]
    http-request set-header X-Forwarded-Proto https
    http-request set-header X-Forwarded-Host %[req.hdr(Host)]
    http-request del-header X-Forwarded-Uri
    http-request del-header X-Forwarded-Method
    http-request del-header X-Original-URL
    http-request del-header X-Original-Method
    http-request lua.countersign unless portal
    use_backend countersign if portal
    default_backend grafana

backend countersign
    server portal 127.0.0.1:{portal}
backend grafana
    server grafana 127.0.0.1:{upstream}
"""

APACHE = """
ServerRoot {folder}
PidFile {folder}/pid
ErrorLog {folder}/error.log
{user_line}
LoadModule mpm_event_module {modules}/mod_mpm_event.so
LoadModule authz_core_module {modules}/mod_authz_core.so
LoadModule headers_module {modules}/mod_headers.so
LoadModule lua_module {modules}/mod_lua.so
LoadModule proxy_module {modules}/mod_proxy.so
LoadModule proxy_http_module {modules}/mod_proxy_http.so
LoadModule ssl_module {modules}/mod_ssl.so
Listen 127.0.0.1:{port}
StartServers 1
MinSpareThreads 5
ThreadsPerChild 16
ServerLimit 2
MaxRequestWorkers 32
Mutex sem

<VirtualHost *:{port}>
    ServerName {host}
    SSLEngine on
    SSLCertificateFile    {folder}/tls.pem
    SSLCertificateKeyFile {folder}/tls.key

    LuaScope thread
    LuaHookAccessChecker {folder}/countersign.lua check

    ProxyPreserveHost On
    RequestHeader set X-Forwarded-Proto https
    RequestHeader unset X-Forwarded-Host
    RequestHeader unset X-Forwarded-For
    RequestHeader unset X-Forwarded-Uri
    RequestHeader unset X-Forwarded-Method
    RequestHeader unset X-Original-URL
    RequestHeader unset X-Original-Method
    ProxyPass /_countersign/ http://127.0.0.1:{portal}/_countersign/
    ProxyPass / http://127.0.0.1:{upstream}/ upgrade=websocket
</VirtualHost>
"""

SCRIPTS = pathlib.Path(__file__).resolve().parent.parent / "docs/forward-auth"
SERVERS = "/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin"


class Proxy:
    """One of them, in front of an upstream, over https with a certificate that nobody signed."""

    def __init__(self, kind, folder, server, upstream, host):
        if kind == "apache":
            # It looks its script up as a user who may not enter the test's folder.
            folder = pathlib.Path(tempfile.mkdtemp(prefix="countersign-apache-"))
            os.chmod(folder, 0o755)
            script = (SCRIPTS / "apache.lua").read_text()
            assert "127.0.0.1:8080" in script
            (folder / "countersign.lua").write_text(script.replace("127.0.0.1:8080", f"127.0.0.1:{server.port}"))
        self.kind, self.folder, self.host, self.port = kind, folder, host, free_port()
        self.origin = f"https://{host}:{self.port}"
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
             f"/CN={host}", "-addext", f"subjectAltName=DNS:{host}", "-keyout", folder / "tls.key", "-out", folder / "tls.pem"],
            check=True, capture_output=True,
        )
        (folder / "haproxy.pem").write_text((folder / "tls.pem").read_text() + (folder / "tls.key").read_text())
        text = {"nginx": NGINX, "caddy": CADDY, "haproxy": HAPROXY, "apache": APACHE}[kind].format(
            user=getpass.getuser(), folder=folder, host=host, port=self.port, portal=server.port, upstream=upstream.port,
            scripts=SCRIPTS, modules="/usr/lib/apache2/modules", user_line="User www-data" if os.geteuid() == 0 else "",
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
