"""Consoles that read one path in different ways. Each answers with the first part of the path as it reads it.

Node's URL and PHP's own server decode, resolve and split on their own; nginx answers by the location that it chose, with
slashes merged and not; the Python one is what a framework on WSGI does, with case ignored as on Windows.
"""

import contextlib
import http.client
import http.server
import pathlib
import posixpath
import shutil
import socket
import subprocess
import threading
import time
import urllib.parse

from server import free_port

NODE = """
const http = require("http");
http.createServer((request, answer) => {
  let read;
  try {
    read = decodeURIComponent(new URL(request.url, "http://console.example").pathname);
  } catch (error) { answer.statusCode = 400; return answer.end(); }
  answer.end(read.split("/").filter(part => part)[0] || "");
}).listen(PORT, "127.0.0.1");
"""

PHP = """<?php
$read = rawurldecode(parse_url($_SERVER["REQUEST_URI"], PHP_URL_PATH) ?: "/");
$parts = [];
foreach (explode("/", $read) as $part) {
    if ($part === "..") { array_pop($parts); } elseif ($part !== "" && $part !== ".") { $parts[] = $part; }
}
echo $parts[0] ?? "";
"""

NGINX = """
daemon off; pid {folder}/pid; error_log {folder}/error.log; worker_processes 1;
events {{ worker_connections 64; }}
http {{
    access_log off; merge_slashes {merge};
    client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
    server {{
        listen 127.0.0.1:{port};
        location / {{ return 200 ""; }}
        location /admin {{ return 200 "admin"; }}
        location /public {{ return 200 "public"; }}
    }}
}}
"""


class Folding(http.server.BaseHTTPRequestHandler):
    """Takes the target for a URL, decodes it, resolves it, and does not look at case."""

    def log_message(self, *_):
        pass

    def do_GET(self):
        # What the base class makes of leading slashes is not what was sent.
        target = self.requestline.split(" ")[1]
        read = posixpath.normpath(urllib.parse.unquote(urllib.parse.urlsplit(target).path) or "/").lower()
        text = next((part for part in read.split("/") if part), "").encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)


class Consoles:
    """All of them, running."""

    def __init__(self, folder):
        self.ports, self._processes = {}, []
        node, port = folder / "console.js", free_port()
        node.write_text(NODE.replace("PORT", str(port)))
        self._start("node", port, ["node", node])
        # PHP's own server, once by a script that parses, once by its files.
        port, script = free_port(), folder / "router.php"
        script.write_text(PHP)
        self._start("php", port, ["php", "-S", f"127.0.0.1:{port}", script])
        files = folder / "files"
        for name in ("admin", "public"):
            (files / name).mkdir(parents=True)
            (files / name / "index.php").write_text(f"<?php echo '{name}';")
        (files / "index.php").write_text("")
        port = free_port()
        self._start("php-files", port, ["php", "-S", f"127.0.0.1:{port}", "-t", files])
        nginx = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
        for merge in ("on", "off"):
            own, port = folder / f"nginx-{merge}", free_port()
            own.mkdir()
            (own / "conf").write_text(NGINX.format(folder=own, merge=merge, port=port))
            self._start(f"nginx-merge-{merge}", port, [nginx, "-c", own / "conf"])
        self._python = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Folding)
        threading.Thread(target=self._python.serve_forever, daemon=True).start()
        self.ports["python"] = self._python.server_port

    def _start(self, name, port, command):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self._processes.append(process)
        end = time.monotonic() + 15
        while time.monotonic() < end:
            assert process.poll() is None, f"{name} ended with {process.returncode}"
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            time.sleep(0.05)
        self.ports[name] = port

    def readings(self, target):
        """The first part of the path as each console reads it; those that refuse it are left out."""
        found = {}
        for name, port in self.ports.items():
            with contextlib.closing(socket.create_connection(("127.0.0.1", port), 5)) as wire:
                wire.sendall(f"GET {target} HTTP/1.1\r\nHost: console\r\nConnection: close\r\n\r\n".encode("utf-8", "surrogateescape"))
                answer = http.client.HTTPResponse(wire)
                try:
                    answer.begin()
                    text = answer.read().decode("utf-8", "replace")
                except (http.client.HTTPException, OSError):
                    continue
            if answer.status == 200:
                found[name] = text
        return found

    def stop(self):
        self._python.shutdown()
        self._python.server_close()
        for process in self._processes:
            process.terminate()
            process.wait(10)
