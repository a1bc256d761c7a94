/* The device kernels' source as text, for backends that compile it at run time: made
 * from calibrate/device/ when the program is built. */
#ifndef CALIBRATE_DEVICE_SOURCE_H
#define CALIBRATE_DEVICE_SOURCE_H

extern const char cal_opencl_source[];

#endif
