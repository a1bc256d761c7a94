/* NVIDIA's management library, where there is one: clocks, temperature, reasons to be
 * slow, who else computes. */
#include <dlfcn.h>
#include <math.h>
#include <stdlib.h>

#include "calibrate/cuda_api.h"
#include "calibrate/cuda_parts.h"

enum {
    SM_CLOCK = 1,
    GPU_SENSOR = 0,
    PROCESSES_MAX = 64,
    INSUFFICIENT_SIZE = 7,
    SLOW_REASONS = 0x4 | 0x8 | 0x20 | 0x40 | 0x80, /* not idle, not asked for */
};

struct cal_nvml {
    void *library, *device;
    struct cal_nvml_api api;
};

static const struct cal_symbol symbols[] = {
#define X(needed, name, parameters) {#name, needed},
    CAL_NVML_FUNCTIONS(X)
#undef X
};
_Static_assert(sizeof(struct cal_nvml_api) ==
                   sizeof symbols / sizeof symbols[0] * sizeof(void *),
               "a pointer a symbol");

struct cal_nvml *cal_nvml_open(struct sp_arena *arena, const char **why)
{
    const char *named = getenv("STAGEPLAN_NVML"), *missing = NULL;
    void *library = dlopen(
        named != NULL && named[0] != '\0' ? named : "libnvidia-ml.so.1", RTLD_NOW);
    struct cal_nvml *nvml;
    int code;

    if (library == NULL) {
        *why = sp_arena_strdup(arena, dlerror());
        return NULL;
    }
    nvml = sp_xcalloc(1, sizeof *nvml);
    nvml->library = library;
    if (!cal_symbols_find(library, symbols, sizeof symbols / sizeof symbols[0],
                          &nvml->api, &missing)) {
        *why = sp_arena_printf(arena, "it has no %s", missing);
    } else if ((code = nvml->api.nvmlInit_v2()) != 0) {
        *why = sp_arena_printf(arena, "nvmlInit_v2: error %d", code);
    } else {
        return nvml;
    }
    dlclose(library);
    free(nvml);
    return NULL;
}

void cal_nvml_close(struct cal_nvml *nvml)
{
    if (nvml == NULL)
        return;
    nvml->api.nvmlShutdown();
    dlclose(nvml->library);
    free(nvml);
}

bool cal_nvml_select(struct cal_nvml *nvml, const char *pci)
{
    nvml->device = NULL;
    return nvml->api.nvmlDeviceGetHandleByPciBusId_v2(pci, &nvml->device) == 0;
}

const char *cal_nvml_driver(struct cal_nvml *nvml, struct sp_arena *arena)
{
    char version[96] = "";

    if (nvml->api.nvmlSystemGetDriverVersion == NULL ||
        nvml->api.nvmlSystemGetDriverVersion(version, sizeof version) != 0)
        return NULL;
    version[sizeof version - 1] = '\0';
    return sp_arena_strdup(arena, version);
}

/* We are one of those that compute there, unless the library sees none (in a
 * container). */
static int32_t other_processes(const struct cal_nvml *nvml)
{
    struct cal_nvml_process list[PROCESSES_MAX];
    unsigned n = PROCESSES_MAX;
    int code;

    if (nvml->api.nvmlDeviceGetComputeRunningProcesses_v3 != NULL)
        code =
            nvml->api.nvmlDeviceGetComputeRunningProcesses_v3(nvml->device, &n, list);
    else if (nvml->api.nvmlDeviceGetComputeRunningProcesses_v2 != NULL)
        code =
            nvml->api.nvmlDeviceGetComputeRunningProcesses_v2(nvml->device, &n, list);
    else
        return -1;
    if (code == INSUFFICIENT_SIZE)
        return PROCESSES_MAX;
    return code != 0 ? -1 : n > 0 ? (int32_t)n - 1 : 0;
}

static uint64_t slow_reasons(const struct cal_nvml *nvml)
{
    unsigned long long reasons = 0;
    int code = -1;

    if (nvml->api.nvmlDeviceGetCurrentClocksEventReasons != NULL)
        code = nvml->api.nvmlDeviceGetCurrentClocksEventReasons(nvml->device, &reasons);
    else if (nvml->api.nvmlDeviceGetCurrentClocksThrottleReasons != NULL)
        code =
            nvml->api.nvmlDeviceGetCurrentClocksThrottleReasons(nvml->device, &reasons);
    return code == 0 ? reasons & SLOW_REASONS : 0;
}

void cal_nvml_health(struct cal_nvml *nvml, struct cal_device_health *now)
{
    unsigned mhz = 0, celsius = 0;

    *now = (struct cal_device_health){NAN, NAN, 0, -1};
    if (nvml == NULL || nvml->device == NULL)
        return;
    if (nvml->api.nvmlDeviceGetClockInfo != NULL &&
        nvml->api.nvmlDeviceGetClockInfo(nvml->device, SM_CLOCK, &mhz) == 0)
        now->sm_clock_hz = 1e6 * mhz;
    if (nvml->api.nvmlDeviceGetTemperature != NULL &&
        nvml->api.nvmlDeviceGetTemperature(nvml->device, GPU_SENSOR, &celsius) == 0)
        now->temperature_c = celsius;
    now->throttle = slow_reasons(nvml);
    now->other_processes = other_processes(nvml);
}
