"""Requests written by hand, byte by byte, to a proxy over TLS: what no well-behaved client sends."""

import socket
import ssl

import h2.config
import h2.connection
import h2.events
import h2.exceptions


class Answer:
    def __init__(self, status, headers=(), text=""):
        self.status, self.headers, self.text = status, list(headers), text

    def header(self, name):
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)


def _connect(port, name, protocol):
    context = ssl._create_unverified_context()
    context.set_alpn_protocols([protocol])
    return context.wrap_socket(socket.create_connection(("127.0.0.1", port), 10), server_hostname=name)


def http1(port, name, lines):
    """Sends the lines as they are and reads one answer. `name` is the TLS name, None for none."""
    with _connect(port, name, "http/1.1") as wire:
        wire.sendall("\r\n".join([*lines, "Connection: close", "", ""]).encode("utf-8", "surrogateescape"))
        data = b""
        try:
            while chunk := wire.recv(65536):
                data += chunk
        except OSError:
            pass
    head, _, body = data.partition(b"\r\n\r\n")
    first, *rest = head.decode("utf-8", "replace").split("\r\n")
    words = first.split(" ")
    headers = [tuple(part.strip() for part in line.split(":", 1)) for line in rest if ":" in line]
    return Answer(int(words[1]) if len(words) > 1 else 0, headers, body.decode("utf-8", "replace"))


def http2(port, name, headers):
    """Sends one HTTP/2 request with exactly these header fields; status 0 when it was refused on the wire."""
    config = h2.config.H2Configuration(
        client_side=True, validate_outbound_headers=False, normalize_outbound_headers=False, header_encoding="utf-8",
    )
    with _connect(port, name, "h2") as wire:
        assert wire.selected_alpn_protocol() == "h2"
        connection = h2.connection.H2Connection(config)
        connection.initiate_connection()
        connection.send_headers(1, headers, end_stream=True)
        wire.sendall(connection.data_to_send())
        status, fields, body = 0, [], b""
        while True:
            try:
                data = wire.recv(65536)
                events = connection.receive_data(data)
            except (OSError, h2.exceptions.ProtocolError):
                break
            if not data:
                break
            for event in events:
                if isinstance(event, h2.events.ResponseReceived):
                    fields = [(key, value) for key, value in event.headers]
                    status = int(dict(fields)[":status"])
                elif isinstance(event, h2.events.DataReceived):
                    body += event.data
                    connection.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
                elif isinstance(event, (h2.events.StreamEnded, h2.events.StreamReset, h2.events.ConnectionTerminated)):
                    return Answer(status, fields, body.decode("utf-8", "replace"))
            wire.sendall(connection.data_to_send())
    return Answer(status, fields, body.decode("utf-8", "replace"))
