"""The pictures that the exported models are tested on."""
import numpy as np


def pictures(size):
    """A colour ramp with a disc, and grey stripes: drawn, so that no file is needed."""
    w, h = size
    y, x = np.mgrid[0:h, 0:w].astype(np.float64)
    disc = ((x - w / 2) ** 2 + (y - h / 2) ** 2) < (h / 3) ** 2
    ramp = np.stack([255 * x / w, 255 * y / h, np.where(disc, 220, 40)], -1)
    stripes = np.repeat((127.5 + 100 * np.sin(x / 5 + y / 11))[..., None], 3, -1)
    return {"ramp": ramp.round().astype(np.uint8), "stripes": stripes.round().astype(np.uint8)}
