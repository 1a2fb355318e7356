"""A Ray cluster of two nodes on this machine, in a process of its own; one is killed at work.

    python ray_cluster.py OUT DOCUMENT...

prints a JSON object: the exit code of `docx batch`, and how many nodes were left.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from pathlib import Path

import ray
from ray.cluster_utils import Cluster

from docx_cli.__main__ import main


def kill_when_at_work(cluster, node, records):
    """Kill a node, as a power cut would, once a first record shows that work goes on."""
    while not (records.exists() and records.stat().st_size):
        time.sleep(0.05)
    cluster.remove_node(node, allow_graceful=False)


if __name__ == "__main__":
    out, documents = sys.argv[1], sys.argv[2:]
    normal = {"_system_config": {"worker_niceness": 0}}  # by 15, a busy machine starves them
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1} | normal)
    second = cluster.add_node(num_cpus=1)
    cluster.wait_for_nodes()
    killer = threading.Thread(
        target=kill_when_at_work, args=(cluster, second, Path(out) / "records.jsonl")
    )
    killer.start()
    command = ["batch", *documents, "-o", out, "-q", "total=What is the total?"]
    code = main([*command, "--engine", "ray", "--address", cluster.address])
    killer.join()
    left = len(cluster.list_all_nodes())
    ray.shutdown()
    cluster.shutdown()
    print(json.dumps([code, left]))
