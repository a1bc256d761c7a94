/* The pipelines that validate knows.  Items take a millisecond or two on a CPU of 2025;
 * work that varies has the same kernel in both stages, so it is balanced on any CPU. */
#include <stddef.h>

#include "calibrate/validate.h"

const struct cal_pipeline_row cal_pipelines[] = {
    {.name = "jpeg-sgemm",
     .text = "steady, queue of 8",
     .stages = {{"jpeg_decode", 0.3072, 2, 0, 1, 0}, {"sgemm", 64, 1, 0, 1, 8}}},
    {.name = "zstd-json",
     .text = "steady, queue of 8",
     .stages = {{"zstd_decompress", 1, 2, 0, 1, 0}, {"json_parse", 1, 1, 0, 1, 8}}},
    {.name = "bpe-sgemm",
     .text = "steady, queue of 8",
     .stages = {{"bpe_tokenise", 1, 1, 0, 1, 0}, {"sgemm", 64, 1, 0, 1, 8}}},
    {.name = "jpeg-sgemm-1",
     .text = "steady, queue of 1",
     .stages = {{"jpeg_decode", 0.3072, 2, 0, 1, 0}, {"sgemm", 64, 1, 0, 1, 1}}},
    {.name = "jpeg-sgemm-fused",
     .text = "the same stages in one thread, a thread for each CPU",
     .fused = true,
     .stages = {{"jpeg_decode", 0.3072, 2, 0, 0, 0}, {"sgemm", 64, 1, 0, 0, 8}}},
    {.name = "varied-1",
     .text = "work that varies (cv 0.8), queue of 1",
     .stages = {{"zstd_decompress", 0.0625, 16, 0.8, 1, 0},
                {"zstd_decompress", 0.0625, 16, 0.8, 1, 1}}},
    {.name = "varied-4",
     .text = "work that varies (cv 0.8), queue of 4",
     .stages = {{"zstd_decompress", 0.0625, 16, 0.8, 1, 0},
                {"zstd_decompress", 0.0625, 16, 0.8, 1, 4}}},
    {.name = "varied-32",
     .text = "work that varies (cv 0.8), queue of 32",
     .stages = {{"zstd_decompress", 0.0625, 16, 0.8, 1, 0},
                {"zstd_decompress", 0.0625, 16, 0.8, 1, 32}}},
    {.name = "jpeg-resize-sgemm",
     .text = "three stages, queues of 8",
     .stages = {{"jpeg_decode", 0.3072, 2, 0, 1, 0},
                {"resize", 0.3072, 2, 0, 1, 8},
                {"sgemm", 64, 1, 0, 1, 8}}},
    {.name = "crowded",
     .text = "a thread for each CPU in both stages: more threads than CPUs",
     .stages = {{"jpeg_decode", 0.3072, 1, 0, 0, 0}, {"sgemm", 64, 1, 0, 0, 8}}},
    {.name = NULL},
};

bool cal_pipeline_make(const struct cal_pipeline_row *row, int32_t cores,
                       struct cal_pipeline *pipeline, const char **lacks)
{
    struct cal_pipeline p = {.name = row->name, .text = row->text, .fused = row->fused};

    for (; p.n < CAL_STAGES_MAX && row->stages[p.n].kernel != NULL; p.n++) {
        const struct cal_pipeline_stage *s = &row->stages[p.n];

        p.stages[p.n] = (struct cal_stage){
            .kernel = cal_kernel_find(s->kernel),
            .x = s->x,
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
