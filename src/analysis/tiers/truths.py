"""Laws of true values that thresholds are tried on: the one assumed, and two that it is not."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]
Shape = tuple[int, ...]


def normal(generator: np.random.Generator, shape: Shape) -> Numbers:
    """What the model assumes."""
    return generator.normal(size=shape)


def mixture(generator: np.random.Generator, shape: Shape) -> Numbers:
    """Three programs in four close together, one in four well above and more varied."""
    high = generator.random(shape) < 0.25
    value = np.where(high, 1.2, -0.4)
    value += np.where(high, 0.5, 0.25) * generator.normal(size=shape)
    return value / np.sqrt(0.25 * (1.2**2 + 0.5**2) + 0.75 * (0.4**2 + 0.25**2))


def gamma(generator: np.random.Generator, shape: Shape) -> Numbers:
    """Many small gains and few large ones: gamma with shape 2, skewness 1.41."""
    return (generator.gamma(2.0, size=shape) - 2.0) / np.sqrt(2.0)


# each standardised to mean 0 and variance 1; the position seeds it, so add at the end
TRUTHS: dict[str, Callable[[np.random.Generator, Shape], Numbers]] = {
    "normal": normal,
    "mixture": mixture,
    "gamma": gamma,
}
