# SPDX-License-Identifier: BSD-3-Clause
"""One job over two hosts, which are network namespaces of this machine with host names of their own:
messages cross a network, and results have the bits of one process.

Needs root, and a kernel that lets it make namespaces; skipped elsewhere.
"""
import os
import pathlib
import subprocess
import time

import pytest

from drivers import BIN, MPIEXEC, assert_same_bits, read, results

NETWORK = "10.77.{}.{}"
STOPPED = 75
DECK = """
[model]
name = "heston"
initial = { price = 100.0, variance = 0.0175 }
[time]
scheme = "heun"
end = 1.0
steps = 200
[ensemble]
paths = 101_234
[observe]
times = [0.1, 0.5, 1.0]
covariance = true
quantiles = [0.05, 0.5]
histogram = { bins = 30 }
payoffs = { call = { kind = "call", strike = 100.0 } }
save_paths = 9000
"""

# Starts a command on the host whose address is the first argument.
AGENT = """#!/bin/bash
host={prefix}${{1##*.}}
shift
exec ip netns exec "$host" unshare --uts -- bash -c 'hostname "$0"; exec bash -c "$1"' "$host" "$*"
"""


class Hosts:
    """Two hosts and a bridge between them, which also reaches the one that starts jobs."""

    def __init__(self, folder):
        self.prefix = f"dw{os.getpid() % 10_000}h"
        self.bridge = f"dw{os.getpid() % 10_000}b"
        self.third = os.getpid() % 200 + 20
        self.addresses = [NETWORK.format(self.third, n) for n in (11, 12)]
        self.agent = folder / "agent"
        self.agent.write_text(AGENT.format(prefix=self.prefix))
        self.agent.chmod(0o755)

    def __enter__(self):
        try:
            self.ip("link", "add", self.bridge, "type", "bridge")
            self.ip("address", "add", NETWORK.format(self.third, 1) + "/24", "dev", self.bridge)
            self.ip("link", "set", self.bridge, "up")
            for address in self.addresses:
                self.add(self.prefix + address.rsplit(".", 1)[1], address)
        except (OSError, subprocess.CalledProcessError) as error:
            self.__exit__()
            pytest.skip(f"no network namespaces here: {getattr(error, 'stderr', '') or error}")
        return self

    def add(self, host, address):
        inner, outer = host + "i", host + "o"
        self.ip("netns", "add", host)
        self.ip("link", "add", outer, "type", "veth", "peer", "name", inner)
        self.ip("link", "set", inner, "netns", host)
        self.ip("link", "set", outer, "master", self.bridge, "up")
        for command in [["address", "add", address + "/24", "dev", inner], ["link", "set", inner, "up"],
                        ["link", "set", "lo", "up"]]:  # fmt: skip
            self.ip("-n", host, *command)

    def __exit__(self, *unused):
        for address in self.addresses:
            self.ip("netns", "del", self.prefix + address.rsplit(".", 1)[1], check=False)
        self.ip("link", "del", self.bridge, check=False)

    @staticmethod
    def ip(*words, check=True):
        subprocess.run(["ip", *words], check=check, capture_output=True, text=True, timeout=20)

    def launch(self, folder, ranks, *options):
        network = NETWORK.format(self.third, 0) + "/24"
        command = ["timeout", "-k", "5", "60", MPIEXEC,
                   "--mca", "plm", "rsh", "--mca", "plm_rsh_agent", str(self.agent),
                   "--mca", "oob_tcp_if_include", network, "--mca", "btl_tcp_if_include", network,
                   "--mca", "btl", "self,vader,tcp", "--host", ",".join(a + ":2" for a in self.addresses),
                   "-n", str(ranks), str(BIN / "sde_ensemble"), "deck.toml", "--output", "out.h5",
                   "--quiet", *options]  # fmt: skip
        return subprocess.run(command, cwd=folder, text=True, capture_output=True, check=False)


@pytest.fixture(name="hosts", scope="module")
def fixture_hosts(tmp_path_factory):
    if os.geteuid() != 0:
        pytest.skip("only root makes network namespaces")
    with Hosts(tmp_path_factory.mktemp("hosts")) as hosts:
        yield hosts


def test_results_have_the_bits_of_one_process(hosts, tmp_path):
    alone = results("sde_ensemble", DECK, tmp_path, output="alone.h5")
    ended = hosts.launch(tmp_path, 4)
    assert ended.returncode == 0, ended.stderr
    found = read(tmp_path / "out.h5")
    assert found["run/ranks"] == 4
    assert found["run/host"].decode().rstrip("\0").startswith(hosts.prefix)
    assert_same_bits(alone, found)


def test_a_run_goes_on_from_two_hosts_to_one_machine(hosts, tmp_path):
    alone = results("sde_ensemble", DECK, tmp_path, output="alone.h5")
    began = time.monotonic()
    ended = hosts.launch(tmp_path, 4, "--set", "run.time_limit=0.01", "--set",
                         "run.checkpoint.margin=0")  # fmt: skip
    assert ended.returncode == STOPPED, ended.stderr
    assert time.monotonic() - began < 30
    assert list(pathlib.Path(tmp_path).glob("out.h5.ckpt.?"))
    assert_same_bits(alone, results("sde_ensemble", DECK, tmp_path, "--resume", ranks=2))
