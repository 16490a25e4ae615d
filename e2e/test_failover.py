"""The primary is lost, the standby takes its place: the nodes find it by themselves, and nothing answered is lost."""

import pytest

from cluster import Cluster
from expect import sent_to
from people import Company
from portal import Portal
from postgres import Postgres
from test_faults import recovered

pytestmark = pytest.mark.nodes


def test_the_standby_takes_over(tmp_path_factory):
    primary = Postgres(settings="synchronous_commit = on")
    standby = None
    try:
        standby = Postgres(follows=primary)
        primary.sql("ALTER SYSTEM SET synchronous_standby_names = '*'")
        primary.sql("SELECT pg_reload_conf()")

        def both(address):
            return address.replace(f"127.0.0.1:{primary.port}", f"127.0.0.1:{primary.port},127.0.0.1:{standby.port}")

        cluster = Cluster(tmp_path_factory.mktemp("failover"), primary, via=both).start()
        company = Company(cluster.first)
        company.enrolled_admin()
        person = company.admin
        portal = Portal(cluster.first)
        sent_to(portal.sign_in(person.login, person.password), "/sign-in/token")
        code = person.device.fresh()
        assert portal.token(code).status == 303

        primary.stop("immediate")
        standby.promote()
        recovered(cluster)
        assert portal.inside(), "an answered sign-in was lost"
        again = Portal(cluster.second)
        again.sign_in(person.login, person.password)
        assert again.token(code).status == 422, "an answered code passed once more"
        primary.clock.next_step()
        Portal(cluster.second).enter(person)
        cluster.stop()
    finally:
        for server in (standby, primary):
            if server:
                server.remove()
