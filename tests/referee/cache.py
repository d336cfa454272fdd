# SPDX-License-Identifier: Apache-2.0
"""Where referees keep what takes long to make: outside the source tree, shared by all builds of one machine."""

import os


def cache_folder(name):
    """Path of a thing in the cache; the folder above it exists, the thing itself perhaps not."""
    candidates = [os.environ.get("VITRAN_CACHE"), "/var/cache/vitran",
                  os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "vitran")]
    for base in filter(None, candidates):
        path = os.path.join(base, name)
        try:
            os.makedirs(os.path.dirname(path), exist_ok=True)
        except OSError:
            continue
        if os.access(os.path.dirname(path), os.W_OK):
            return path
    raise OSError("no folder to cache in: set VITRAN_CACHE")
