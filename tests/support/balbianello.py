# SPDX-License-Identifier: BSD-3-Clause
"""Problems with natural outliers for tests: what scripts/sift_problem.py makes of Balbianello.

The data are looked for in the folder that DRIFTWOOD_DATA names, and beside the sources.
"""
import functools
import importlib.util
import os
import pathlib

import h5py

from data_files import data_file

SOURCE = pathlib.Path(os.environ["DRIFTWOOD_SOURCE"])
SCRIPT = SOURCE / "scripts" / "sift_problem.py"
SIZE = (640, 427)  # of its pictures

_spec = importlib.util.spec_from_file_location("sift_problem", SCRIPT)
sift_problem = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(sift_problem)


@functools.cache
def model_and_keys():
    model = sift_problem.read_model(data_file("Balbianello.out", "pose"))
    names = [f"BalbianelloMedium-{i}.key.gz" for i in range(1, 6)]
    return model, [sift_problem.read_keys(data_file(name, "pose"), SIZE) for name in names]


def problem(camera, ratio, matches=1):
    """{dataset: values}"""
    model, keys = model_and_keys()
    return sift_problem.problem(model, keys, SIZE, camera, ratio, matches)


def write(path, made):
    with h5py.File(path, "w") as file:
        for name, values in made.items():
            file[name] = values
