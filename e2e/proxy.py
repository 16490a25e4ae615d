"""A way to the database that can be made slow, silent or broken."""

import contextlib
import socket
import threading
import time
import urllib.parse


class Proxy:
    """Hands bytes on between a node and the server; what comes back can be held up."""

    def __init__(self, port):
        self.target = port
        self.delay = 0.0
        self.cut_after = None
        self.is_open = True
        self._pairs = []
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=200)
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def address(self, address):
        """The same database by way of this proxy."""
        parts = urllib.parse.urlsplit(address)
        return parts._replace(netloc=f"{parts.username}:{parts.password}@127.0.0.1:{self.port}").geturl()

    def _accept(self):
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            if not self.is_open:
                near.close()
                continue
            try:
                far = socket.create_connection(("127.0.0.1", self.target), 5)
                # The timeout was for connecting alone: a connection that rests is not a broken one.
                far.settimeout(None)
            except OSError:
                near.close()
                continue
            self._pairs.append((near, far))
            for source, sink, slow in ((near, far, False), (far, near, True)):
                threading.Thread(target=self._copy, args=(source, sink, slow), daemon=True).start()

    def _copy(self, source, sink, slow):
        try:
            while piece := source.recv(65536):
                if slow and self.delay:
                    time.sleep(self.delay)
                if slow and self.cut_after is not None:
                    self.cut_after -= len(piece)
                    if self.cut_after < 0:
                        break
                sink.sendall(piece)
        except OSError:
            pass
        for end in (source, sink):
            # Shut down, so that the other thread wakes up as well.
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def cut(self):
        """Breaks every connection that is open now."""
        pairs, self._pairs = self._pairs, []
        for pair in pairs:
            for end in pair:
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)

    def close(self):
        self._listener.close()
        self.cut()
