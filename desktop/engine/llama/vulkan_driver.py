"""Which drivers Vulkan has, by its own account: ggml does not say, and a verdict holds for one driver only.

Three calls of the loader that ggml's code for Vulkan is linked to, after vulkan_core.h. Other kinds of library find
none here, and are told from each other by their own hash alone.
"""

from __future__ import annotations

import ctypes
import struct
import sys
from typing import Any, Final

_NAMES: Final = {"linux": "libvulkan.so.1", "win32": "vulkan-1.dll", "darwin": "libvulkan.1.dylib"}
_INSTANCE_CREATE_INFO: Final = 1  # VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO
_MOST: Final = 16
# VkPhysicalDeviceProperties: apiVersion, driverVersion, vendorID, deviceID, deviceType, deviceName, pipelineCacheUUID;
# limits follow. The last is another one for each build of a driver, since what one has compiled another cannot use.
_PROPERTIES = struct.Struct("=5I256s16s")
_PROPERTIES_BYTES: Final = 4096


class _InstanceCreateInfo(ctypes.Structure):
    """``VkInstanceCreateInfo``."""

    _fields_ = (
        ("type", ctypes.c_int),
        ("next", ctypes.c_void_p),
        ("flags", ctypes.c_uint32),
        ("application", ctypes.c_void_p),
        ("layers", ctypes.c_uint32),
        ("layer_names", ctypes.c_void_p),
        ("extensions", ctypes.c_uint32),
        ("extension_names", ctypes.c_void_p),
    )


def drivers() -> dict[str, tuple[int, str]]:
    """Returns for each device, by its name, what type it is (``VkPhysicalDeviceType``) and what tells its driver.

    Of two that are called the same it says the first. Empty where there is no Vulkan.
    """
    try:
        library = ctypes.CDLL(_NAMES.get(sys.platform, ""))
        return _ask(library) if library._name else {}
    except (OSError, AttributeError):
        return {}


def _ask(library: Any) -> dict[str, tuple[int, str]]:
    info, instance = _InstanceCreateInfo(_INSTANCE_CREATE_INFO), ctypes.c_void_p()
    library.vkCreateInstance.argtypes = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p)
    if library.vkCreateInstance(ctypes.byref(info), None, ctypes.byref(instance)):
        return {}
    library.vkDestroyInstance.argtypes = (ctypes.c_void_p, ctypes.c_void_p)
    library.vkEnumeratePhysicalDevices.argtypes = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p)
    library.vkGetPhysicalDeviceProperties.argtypes = (ctypes.c_void_p, ctypes.c_void_p)
    library.vkGetPhysicalDeviceProperties.restype = None
    found: dict[str, tuple[int, str]] = {}
    try:
        count, devices = ctypes.c_uint32(_MOST), (ctypes.c_void_p * _MOST)()
        if library.vkEnumeratePhysicalDevices(instance, ctypes.byref(count), devices) < 0:
            return {}
        for device in devices[: count.value]:
            properties = ctypes.create_string_buffer(_PROPERTIES_BYTES)
            library.vkGetPhysicalDeviceProperties(device, properties)
            _api, version, vendor, model, kind, name, build = _PROPERTIES.unpack_from(properties)
            words = name.split(b"\0")[0].decode("utf-8", "replace")
            found.setdefault(words, (kind, f"vulkan {vendor:04x}:{model:04x}, driver {version:#x} {build.hex()}"))
    finally:
        library.vkDestroyInstance(instance, None)
    return found
