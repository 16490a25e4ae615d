"""/metrics: on its own listener alone, and without anything that would tell who did what."""

import re

import requests

from server import free_port


def test_metrics_are_served_on_their_own_listener_and_tell_no_login_and_no_secret(new_server):
    listen = f"127.0.0.1:{free_port()}"
    server = new_server(COUNTERSIGN_METRICS_LISTEN=listen)
    assert requests.get(server.url + "/metrics", timeout=10).status_code == 404

    page = server.url + "/sign-in"
    answer = requests.post(page, data={"login": "nobody-at-all", "password": "not-the-password"}, timeout=30)
    assert answer.status_code == 422
    requests.get(server.url + "/invitation/csin_a-secret-in-a-path", timeout=10)

    answer = requests.get(f"http://{listen}/metrics", timeout=10)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert re.search(r'countersign_sign_in_steps_total\{outcome="credentials_refused"\} 1\n', answer.text)
    assert "# TYPE http_server_request_duration_seconds histogram" in answer.text
    assert re.search(r"countersign_password_hashes_waiting 0\n", answer.text)
    assert "nobody-at-all" not in answer.text
    assert "a-secret-in-a-path" not in answer.text
