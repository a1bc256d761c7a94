/* The functions of OpenCL 1.2 that are used, found at run time: the program needs no
 * OpenCL to build against or to start.  For calibrate/opencl*.c only; the headers of
 * Khronos give the types, this file the table. */
#ifndef CALIBRATE_OPENCL_API_H
#define CALIBRATE_OPENCL_API_H

#define CL_TARGET_OPENCL_VERSION 120
#include <CL/cl.h>

/* One row a function: X(name, result, (parameters)). */
#define CAL_OPENCL_FUNCTIONS(X)                                                        \
    X(clGetPlatformIDs, cl_int, (cl_uint, cl_platform_id *, cl_uint *))                \
    X(clGetPlatformInfo, cl_int,                                                       \
      (cl_platform_id, cl_platform_info, size_t, void *, size_t *))                    \
    X(clGetDeviceIDs, cl_int,                                                          \
      (cl_platform_id, cl_device_type, cl_uint, cl_device_id *, cl_uint *))            \
    X(clGetDeviceInfo, cl_int,                                                         \
      (cl_device_id, cl_device_info, size_t, void *, size_t *))                        \
    X(clCreateContext, cl_context,                                                     \
      (const cl_context_properties *, cl_uint, const cl_device_id *,                   \
       void(CL_CALLBACK *)(const char *, const void *, size_t, void *), void *,        \
       cl_int *))                                                                      \
    X(clReleaseContext, cl_int, (cl_context))                                          \
    X(clCreateCommandQueue, cl_command_queue,                                          \
      (cl_context, cl_device_id, cl_command_queue_properties, cl_int *))               \
    X(clReleaseCommandQueue, cl_int, (cl_command_queue))                               \
    X(clCreateProgramWithSource, cl_program,                                           \
      (cl_context, cl_uint, const char **, const size_t *, cl_int *))                  \
    X(clBuildProgram, cl_int,                                                          \
      (cl_program, cl_uint, const cl_device_id *, const char *,                        \
       void(CL_CALLBACK *)(cl_program, void *), void *))                               \
    X(clGetProgramBuildInfo, cl_int,                                                   \
      (cl_program, cl_device_id, cl_program_build_info, size_t, void *, size_t *))     \
    X(clReleaseProgram, cl_int, (cl_program))                                          \
    X(clCreateKernel, cl_kernel, (cl_program, const char *, cl_int *))                 \
    X(clReleaseKernel, cl_int, (cl_kernel))                                            \
    X(clSetKernelArg, cl_int, (cl_kernel, cl_uint, size_t, const void *))              \
    X(clGetKernelWorkGroupInfo, cl_int,                                                \
      (cl_kernel, cl_device_id, cl_kernel_work_group_info, size_t, void *, size_t *))  \
    X(clCreateBuffer, cl_mem, (cl_context, cl_mem_flags, size_t, void *, cl_int *))    \
    X(clReleaseMemObject, cl_int, (cl_mem))                                            \
    X(clEnqueueWriteBuffer, cl_int,                                                    \
      (cl_command_queue, cl_mem, cl_bool, size_t, size_t, const void *, cl_uint,       \
       const cl_event *, cl_event *))                                                  \
    X(clEnqueueReadBuffer, cl_int,                                                     \
      (cl_command_queue, cl_mem, cl_bool, size_t, size_t, void *, cl_uint,             \
       const cl_event *, cl_event *))                                                  \
    X(clEnqueueMapBuffer, void *,                                                      \
      (cl_command_queue, cl_mem, cl_bool, cl_map_flags, size_t, size_t, cl_uint,       \
       const cl_event *, cl_event *, cl_int *))                                        \
    X(clEnqueueUnmapMemObject, cl_int,                                                 \
      (cl_command_queue, cl_mem, void *, cl_uint, const cl_event *, cl_event *))       \
    X(clEnqueueNDRangeKernel, cl_int,                                                  \
      (cl_command_queue, cl_kernel, cl_uint, const size_t *, const size_t *,           \
       const size_t *, cl_uint, const cl_event *, cl_event *))                         \
    X(clEnqueueMarkerWithWaitList, cl_int,                                             \
      (cl_command_queue, cl_uint, const cl_event *, cl_event *))                       \
    X(clEnqueueBarrierWithWaitList, cl_int,                                            \
      (cl_command_queue, cl_uint, const cl_event *, cl_event *))                       \
    X(clCreateUserEvent, cl_event, (cl_context, cl_int *))                             \
    X(clSetUserEventStatus, cl_int, (cl_event, cl_int))                                \
    X(clGetEventProfilingInfo, cl_int,                                                 \
      (cl_event, cl_profiling_info, size_t, void *, size_t *))                         \
    X(clWaitForEvents, cl_int, (cl_uint, const cl_event *))                            \
    X(clReleaseEvent, cl_int, (cl_event))                                              \
    X(clFlush, cl_int, (cl_command_queue))                                             \
    X(clFinish, cl_int, (cl_command_queue))

struct cal_opencl_api {
#define X(name, result, parameters) result(CL_API_CALL *name) parameters;
    CAL_OPENCL_FUNCTIONS(X)
#undef X
};

#endif
