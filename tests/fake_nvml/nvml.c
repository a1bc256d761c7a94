/* A stand-in for the management library, for the one device at 0000:01:00.0 of the fake
 * driver.  Prototypes are ours.  Words of FAKE_NVML, commas between them:
 *
 *   no-driver    nvmlInit_v2 says 9
 *   hot          91 degrees
 *   throttle     hardware thermal slow-down (0x40), SM clock 1050 MHz
 *   idle         reason 0x1, no slow-down
 *   busy         another process computes on the device
 *
 * Compiled with FAKE_NVML_OLD it has the reasons under their old name alone.
 */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    SUCCESS = 0,
    UNINITIALIZED = 1,
    INVALID_ARGUMENT = 2,
    NOT_FOUND = 6,
    INSUFFICIENT_SIZE = 7,
    DRIVER_NOT_LOADED = 9,
};

struct process {
    unsigned pid;
    unsigned long long used_bytes;
    unsigned gpu_instance, compute_instance;
};

struct device {
    int index;
};

int nvmlInit_v2(void);
int nvmlShutdown(void);
int nvmlSystemGetDriverVersion(char *version, unsigned size);
int nvmlDeviceGetHandleByPciBusId_v2(const char *id, struct device **device);
int nvmlDeviceGetTemperature(struct device *device, int sensor, unsigned *celsius);
int nvmlDeviceGetClockInfo(struct device *device, int clock, unsigned *mhz);
int nvmlDeviceGetCurrentClocksEventReasons(struct device *device,
                                           unsigned long long *reasons);
int nvmlDeviceGetCurrentClocksThrottleReasons(struct device *device,
                                              unsigned long long *reasons);
int nvmlDeviceGetComputeRunningProcesses_v3(struct device *device, unsigned *count,
                                            struct process *processes);

static int users;
static struct device first;

static int has_word(const char *word)
{
    const char *words = getenv("FAKE_NVML");
    size_t n = strlen(word);

    for (; words != NULL && *words != '\0';
         words += strcspn(words, ","), words += *words == ',')
        if (strncmp(words, word, n) == 0 && (words[n] == ',' || words[n] == '\0'))
            return 1;
    return 0;
}

static int refusal(const struct device *device)
{
    if (users == 0)
        return UNINITIALIZED;
    return device == &first ? SUCCESS : INVALID_ARGUMENT;
}

int nvmlInit_v2(void)
{
    if (has_word("no-driver"))
        return DRIVER_NOT_LOADED;
    users++;
    return SUCCESS;
}

int nvmlShutdown(void)
{
    if (users == 0)
        return UNINITIALIZED;
    users--;
    return SUCCESS;
}

int nvmlSystemGetDriverVersion(char *version, unsigned size)
{
    if (users == 0)
        return UNINITIALIZED;
    if (size < sizeof "999.42")
        return INSUFFICIENT_SIZE;
    snprintf(version, size, "999.42");
    return SUCCESS;
}

int nvmlDeviceGetHandleByPciBusId_v2(const char *id, struct device **device)
{
    if (users == 0)
        return UNINITIALIZED;
    if (strcmp(id, "0000:01:00.0") != 0)
        return NOT_FOUND;
    *device = &first;
    return SUCCESS;
}

int nvmlDeviceGetTemperature(struct device *device, int sensor, unsigned *celsius)
{
    int code = refusal(device);

    if (code == SUCCESS && sensor != 0)
        code = INVALID_ARGUMENT;
    if (code == SUCCESS)
        *celsius = has_word("hot") ? 91 : 45;
    return code;
}

int nvmlDeviceGetClockInfo(struct device *device, int clock, unsigned *mhz)
{
    int code = refusal(device);

    if (code == SUCCESS && (clock < 0 || clock > 3))
        code = INVALID_ARGUMENT;
    if (code == SUCCESS)
        *mhz = clock == 2 ? 2000 : has_word("throttle") ? 1050 : 1500;
    return code;
}

int nvmlDeviceGetCurrentClocksThrottleReasons(struct device *device,
                                              unsigned long long *reasons)
{
    int code = refusal(device);

    if (code == SUCCESS)
        *reasons = has_word("throttle") ? 0x40 : has_word("idle") ? 0x1 : 0;
    return code;
}

#ifndef FAKE_NVML_OLD
int nvmlDeviceGetCurrentClocksEventReasons(struct device *device,
                                           unsigned long long *reasons)
{
    return nvmlDeviceGetCurrentClocksThrottleReasons(device, reasons);
}
#endif

/* This process is among them, as a process with a context is. */
int nvmlDeviceGetComputeRunningProcesses_v3(struct device *device, unsigned *count,
                                            struct process *processes)
{
    int code = refusal(device);
    unsigned room = *count, n = has_word("busy") ? 2 : 1;

    if (code != SUCCESS)
        return code;
    *count = n;
    if (room < n || processes == NULL)
        return INSUFFICIENT_SIZE;
    processes[0] = (struct process){.pid = (unsigned)getpid(), .used_bytes = 1 << 20};
    if (n > 1)
        processes[1] = (struct process){.pid = 1, .used_bytes = 1 << 20};
    return SUCCESS;
}
