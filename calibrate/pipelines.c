/* The pipelines that validate knows.  Items take a millisecond or two on a CPU of 2025;
 * work that varies has the same kernel in both stages, so it is balanced on any CPU. */
#include <stddef.h>
#include <string.h>

#include "calibrate/kernels.h"
#include "calibrate/validate.h"

#define JPEG(workers)                                                                  \
    {                                                                                  \
        "jpeg_decode", 0.3072, 2, 0, workers, 0                                        \
    }
#define RESIZE(workers, queue)                                                         \
    {                                                                                  \
        "resize", 0.3072, 3, 0, workers, queue                                         \
    }
#define ZSTD(workers)                                                                  \
    {                                                                                  \
        "zstd_decompress", 65536, 30, 0, workers, 0                                    \
    }
#define JSON(workers, queue)                                                           \
    {                                                                                  \
        "json_parse", 16384, 6, 0, workers, queue                                      \
    }
#define BPE(workers)                                                                   \
    {                                                                                  \
        "bpe_tokenise", 16384, 3, 0, workers, 0                                        \
    }
#define SGEMM(workers, queue)                                                          \
    {                                                                                  \
        "sgemm", 64, 1, 0, workers, queue                                              \
    }
#define VARIED(queue)                                                                  \
    {                                                                                  \
        "zstd_decompress", 65536, 25, 0.8, 1, queue                                    \
    }

const struct cal_pipeline_row cal_pipelines[] = {
    {.name = "jpeg-sgemm",
     .text = "steady, queue of 8",
     .stages = {JPEG(1), SGEMM(1, 8)}},
    {.name = "jpeg-sgemm-1",
     .text = "steady, queue of 1",
     .stages = {JPEG(1), SGEMM(1, 1)}},
    {.name = "zstd-json",
     .text = "steady, queue of 8",
     .stages = {ZSTD(1), JSON(1, 8)}},
    {.name = "bpe-sgemm",
     .text = "steady, queue of 8",
     .stages = {BPE(1), SGEMM(1, 8)}},
    {.name = "varied-1",
     .text = "work that varies (cv 0.8), queue of 1",
     .stages = {VARIED(0), VARIED(1)}},
    {.name = "varied-4",
     .text = "work that varies (cv 0.8), queue of 4",
     .stages = {VARIED(0), VARIED(4)}},
    {.name = "varied-32",
     .text = "work that varies (cv 0.8), queue of 32",
     .stages = {VARIED(0), VARIED(32)}},
    {.name = "jpeg-sgemm-fused",
     .text = "both stages in one thread, a thread for each CPU",
     .fused = true,
     .stages = {JPEG(0), SGEMM(0, 0)}},
    {.name = "crowded",
     .text = "steady, a thread for each CPU in both stages, queue of 8",
     .stages = {JPEG(0), SGEMM(0, 8)}},
    {.name = "three-stages",
     .text = "steady, queues of 8",
     .stages = {JPEG(1), RESIZE(1, 8), SGEMM(1, 8)}},
    {.name = "four-stages",
     .text = "steady, queues of 4",
     .stages =
         {ZSTD(1), {"jpeg_decode", 0.3072, 2, 0, 1, 4}, RESIZE(1, 4), SGEMM(1, 4)}},
    {.name = "jpeg-device",
     .text = "the second stage on the device, queue of 8",
     .stages = {JPEG(1), {"device_resize", 1, 1, 0, 1, 8}}},
    {.name = NULL},
};

static const struct cal_kernel *find_kernel(const char *name)
{
    return strcmp(name, cal_kernel_device_resize.name) == 0 ? &cal_kernel_device_resize
                                                            : cal_kernel_find(name);
}

bool cal_pipeline_make(const struct cal_pipeline_row *row, int32_t cores,
                       struct cal_pipeline *pipeline, const char **lacks)
{
    struct cal_pipeline p = {.name = row->name, .text = row->text, .fused = row->fused};

    for (; p.n < CAL_STAGES_MAX && row->stages[p.n].kernel != NULL; p.n++) {
        const struct cal_pipeline_stage *s = &row->stages[p.n];

        p.stages[p.n] = (struct cal_stage){
            .kernel = find_kernel(s->kernel),
            .x = s->x,
            .parts = cal_stage_parts(s->kernel),
            .calls = s->calls,
            .cv = s->cv,
            .workers = s->workers > 0 ? s->workers : cores,
            .queue = s->queue,
        };
        if (p.stages[p.n].kernel == NULL) {
            *lacks = s->kernel;
            return false;
        }
    }
    *pipeline = p;
    return true;
}
