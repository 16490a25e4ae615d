"""A small web console that knows nothing of sign-in: it tells what it was asked, echoes bodies and speaks WebSocket."""

import base64
import hashlib
import http.server
import json
import threading


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def _tell(self):
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length).decode("utf-8", "replace")
        self.server.seen.append(self.path)
        told = {"method": self.command, "path": self.path, "body": body, "headers": list(self.headers.items())}
        page = "<!doctype html><title>Console</title><h1>Console</h1><pre id=told>" + json.dumps(told).replace("<", "&lt;") + "</pre>"
        wants_page = "text/html" in self.headers.get("Accept", "")
        data = (page if wants_page else json.dumps(told)).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8" if wants_page else "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self):
        if self.headers.get("Upgrade", "").lower() == "websocket":
            return self._socket()
        return self._tell()

    do_POST = do_PUT = do_DELETE = _tell

    def _socket(self):
        """Says who it was told is there, in one frame, and closes."""
        key = self.headers["Sec-WebSocket-Key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
        self.send_response(101)
        self.send_header("Upgrade", "websocket")
        self.send_header("Connection", "Upgrade")
        self.send_header("Sec-WebSocket-Accept", base64.b64encode(hashlib.sha1(key.encode()).digest()).decode())
        self.end_headers()
        text = ("hello " + self.headers.get("Remote-User", "")).encode()
        self.wfile.write(bytes([0x81, len(text)]) + text)
        self.wfile.write(bytes([0x88, 0]))
        self.wfile.flush()
        self.close_connection = True


class Upstream:
    def __init__(self):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.seen = []
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def seen(self):
        return self.server.seen

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
