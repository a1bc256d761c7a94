/* The table of backends; words for what they say. */
#include <stdio.h>
#include <string.h>

#include "calibrate/device.h"

const char *cal_device_state_name(enum cal_device_state state)
{
    static const char *const names[] = {
        [CAL_DEVICE_OK] = "ready",
        [CAL_DEVICE_NO_DRIVER] = "no driver",
        [CAL_DEVICE_STUB] = "stub library",
        [CAL_DEVICE_OLD_DRIVER] = "driver too old",
        [CAL_DEVICE_NO_DEVICE] = "no device",
        [CAL_DEVICE_BROKEN] = "driver error",
    };

    return names[state];
}

/* The bits of NVML's clock event reasons that mean: slower than asked for. */
static const struct {
    uint64_t bit;
    const char *name;
} throttles[] = {
    {0x04, "power cap"},        {0x08, "hardware slow-down"}, {0x20, "thermal"},
    {0x40, "hardware thermal"}, {0x80, "power brake"},
};

char *cal_device_throttle_text(uint64_t throttle, char *buf, size_t size)
{
    size_t used = 0;

    buf[0] = '\0';
    for (size_t i = 0; i < sizeof throttles / sizeof throttles[0]; i++)
        if ((throttle & throttles[i].bit) != 0 && used < size)
            used += (size_t)snprintf(buf + used, size - used, "%s%s",
                                     used > 0 ? ", " : "", throttles[i].name);
    return buf;
}

const struct cal_device_ops *cal_backend_find(const char *name)
{
    for (int32_t i = 0; cal_backends[i] != NULL; i++)
        if (strcmp(cal_backends[i]->name, name) == 0)
            return cal_backends[i];
    return NULL;
}

const struct cal_device_ops *const cal_backends[] = {&cal_cuda, &cal_opencl, NULL};
