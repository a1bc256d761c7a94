/* In place of OpenCL where its headers were not there when the program was built. */
#include "calibrate/device.h"

static enum cal_device_state open_device(struct sp_arena *arena,
                                         struct cal_device **device, const char **why)
{
    (void)arena;
    (void)device;
    *why = "built without the OpenCL headers";
    return CAL_DEVICE_NO_DRIVER;
}

const struct cal_device_ops cal_opencl = {.name = "opencl",
                                          .library = "libOpenCL.so.1",
                                          .env = "STAGEPLAN_OPENCL",
                                          .open = open_device};
