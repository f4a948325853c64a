"""Laws of true values that thresholds are tried on: the one assumed, and two that it is not."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]
Shape = tuple[int, ...]
_LOG_SPREAD = 0.6
_LOGNORMAL_SPREAD = float(np.sqrt(np.expm1(_LOG_SPREAD**2) * np.exp(_LOG_SPREAD**2)))


def _normal(generator: np.random.Generator, shape: Shape) -> Numbers:
    """What the model assumes."""
    return generator.normal(size=shape)


def _mixture(generator: np.random.Generator, shape: Shape) -> Numbers:
    """Three programs in four close together, one in four well above and more varied."""
    high = generator.random(shape) < 0.25
    value = np.where(high, 1.2, -0.4)
    value += np.where(high, 0.5, 0.25) * generator.normal(size=shape)
    return value / np.sqrt(0.25 * (1.2**2 + 0.5**2) + 0.75 * (0.4**2 + 0.25**2))


def _gamma(generator: np.random.Generator, shape: Shape) -> Numbers:
    """Many small gains and few large ones: gamma with shape 2, skewness 1.41."""
    return (generator.gamma(2.0, size=shape) - 2.0) / np.sqrt(2.0)


def _lognormal(generator: np.random.Generator, shape: Shape) -> Numbers:
    """A few programs far above the rest: skewness 2.3, outside every law that is fitted."""
    value = np.exp(_LOG_SPREAD * generator.normal(size=shape))
    return (value - np.exp(0.5 * _LOG_SPREAD**2)) / _LOGNORMAL_SPREAD


# each standardised to mean 0 and variance 1; the position seeds it, so add at the end
TRUTHS: dict[str, Callable[[np.random.Generator, Shape], Numbers]] = {
    "normal": _normal,
    "mixture": _mixture,
    "gamma": _gamma,
    "lognormal": _lognormal,
}


def _normal_density(x: Numbers) -> Numbers:
    return np.asarray(np.exp(-0.5 * x**2))


def _mixture_density(x: Numbers) -> Numbers:
    scale = np.sqrt(0.25 * (1.2**2 + 0.5**2) + 0.75 * (0.4**2 + 0.25**2))
    z = x * scale
    high = 0.25 / 0.5 * np.exp(-0.5 * ((z - 1.2) / 0.5) ** 2)
    return np.asarray(high + 0.75 / 0.25 * np.exp(-0.5 * ((z + 0.4) / 0.25) ** 2))


def _gamma_density(x: Numbers) -> Numbers:
    z = np.maximum(x * np.sqrt(2.0) + 2.0, 0.0)
    return np.asarray(z * np.exp(-z))


def _lognormal_density(x: Numbers) -> Numbers:
    z = x * _LOGNORMAL_SPREAD + np.exp(0.5 * _LOG_SPREAD**2)
    with np.errstate(divide="ignore", invalid="ignore"):
        density = np.exp(-0.5 * (np.log(z) / _LOG_SPREAD) ** 2) / z
    return np.asarray(np.where(z > 0, density, 0.0))


# of the standardised laws, up to a constant: what an oracle knows
DENSITIES: dict[str, Callable[[Numbers], Numbers]] = {
    "normal": _normal_density,
    "mixture": _mixture_density,
    "gamma": _gamma_density,
    "lognormal": _lognormal_density,
}
