"""worldclock.py: sets the clock by which the programs of one world live; worldclock.c, preloaded into them, reads it."""

import mmap
import struct
import time

S_NS = 1_000_000_000
PAGE_BYTES = 64
MONOTONIC_START_NS = 1_000_000 * S_NS  # what the world's CLOCK_MONOTONIC says at its beginning


class WorldClock:
    """Unix time in ns, from `start_ns` on; it stands until its speed is set."""

    def __init__(self, path, start_ns):
        self.path, self.index = path, 0
        with open(path, "w+b") as f:
            f.write(struct.pack("<QqqqqqqQ", 0, start_ns - MONOTONIC_START_NS, time.monotonic_ns(), start_ns, 0, 0, 0, 0))
            f.flush()
            self.page = mmap.mmap(f.fileno(), PAGE_BYTES)
        self.machine_ns, self.world_ns, self.milli = time.monotonic_ns(), start_ns, 0

    @property
    def environment(self):
        return {"WORLDCLOCK": str(self.path)}

    def now_ns(self):
        return self.world_ns + (time.monotonic_ns() - self.machine_ns) * self.milli // 1000

    def now_ms(self):
        return self.now_ns() // 1_000_000

    @property
    def speed(self):
        return self.milli / 1000

    def go(self, speed, world_ns=None):
        """From now on so many times faster than the machine's clock; also from another time, which must not be an earlier one."""
        machine = time.monotonic_ns()
        here = self.world_ns + (machine - self.machine_ns) * self.milli // 1000
        self.world_ns = here if world_ns is None else max(here, world_ns)
        self.machine_ns, self.milli = machine, int(speed * 1000)
        struct.pack_into("<qqq", self.page, 16 + 24 * (1 - self.index % 2), self.machine_ns, self.world_ns, self.milli)
        self.index += 1
        struct.pack_into("<Q", self.page, 0, self.index)

    def stand(self, world_ns):
        self.go(0, world_ns)

    def close(self):
        self.page.close()
