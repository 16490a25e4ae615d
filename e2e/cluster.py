"""Two nodes over one PostgreSQL, each reached by its own address."""

import shutil

from clock import Clock
from server import Server


class Node(Server):
    """One of several on a database; it has its own key file, a copy of the first one's."""

    def __init__(self, folder, postgres, address, key=None, clock=None, **environment):
        self.postgres = postgres
        super().__init__(
            folder, clock=clock or postgres.clock, engine="postgres", public_url="http://localhost:8080",
            COUNTERSIGN_DATABASE=address, COUNTERSIGN_KEY_FILE=str(folder / "keys.json"), **environment,
        )
        if key:
            shutil.copy(key, folder / "keys.json")
        else:
            self.do("migrate")


class Cluster:
    def __init__(self, folder, postgres, via=None, **environment):
        """`via` leads to the server by another way: a proxy's address instead of its own."""
        self.postgres = postgres
        self.address = postgres.new_database()
        self.first = Node(folder / "one", postgres, self.address, **environment)
        self.second = Node(folder / "two", postgres, self.address, key=self.first.folder / "keys.json", **environment)
        self.nodes = [self.first, self.second]
        if via:
            for node in self.nodes:
                node.environment["COUNTERSIGN_DATABASE"] = via(self.address)

    def start(self):
        for node in self.nodes:
            node.start()
        return self

    def stop(self):
        for node in self.nodes:
            if node.running:
                assert node.stop() == 0, node.log[-3000:]


def own_clock(folder, offset):
    """A clock that is off by so many seconds."""
    clock = Clock(folder / "own-clock")
    clock.jump(offset)
    return clock
