# SPDX-License-Identifier: BSD-3-Clause
"""The array type of all signatures; shapes and units are in the docstrings."""

from typing import Any

import numpy.typing as npt

Array = npt.NDArray[Any]
