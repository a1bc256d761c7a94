/* The words for the enums of the model: one table each, for reports and files. */
#include "base/status.h"
#include "model/result.h"
#include "model/scenario.h"
#include "model/words.h"

static const char *const basis_names[] = {
    [MODEL_BASIS_ASSUMED] = "assumed",       [MODEL_BASIS_MEASURED] = "measured",
    [MODEL_BASIS_TRACE] = "trace",           [MODEL_BASIS_DATASHEET] = "datasheet",
    [MODEL_BASIS_LIST_PRICE] = "list price",
};
static const char *const resource_names[] = {
    [MODEL_GPU] = "gpu",
    [MODEL_CPU] = "cpu",
    [MODEL_MEMORY] = "memory",
};
static const char *const end_names[] = {
    [MODEL_END_DONE] = "done",
    [MODEL_END_HORIZON] = "horizon",
    [MODEL_END_DEADLOCK] = "deadlock",
    [MODEL_END_INTERRUPTED] = "interrupted",
    [MODEL_END_EVENT_LIMIT] = "event limit",
};
static const char *const drop_names[] = {
    [MODEL_DROP_FILTERED] = "filtered",
    [MODEL_DROP_RETRIES] = "retries exhausted",
    [MODEL_DROP_KV_CAPACITY] = "KV capacity",
    [MODEL_DROP_ZERO_TOKENS] = "zero tokens",
    [MODEL_DROP_TOO_LARGE] = "larger than any node or quota",
    [MODEL_DROP_GANG] = "gang larger than the fleet",
};
static const char *const cause_names[] = {
    [MODEL_CAUSE_QUOTA] = "quota",       [MODEL_CAUSE_HEAD_OF_LINE] = "head of line",
    [MODEL_CAUSE_CAPACITY] = "capacity", [MODEL_CAUSE_FRAGMENTATION] = "fragmentation",
    [MODEL_CAUSE_GANG] = "gang",         [MODEL_CAUSE_SPOT_LOSS] = "spot loss",
    [MODEL_CAUSE_START_UP] = "start-up",
};
static const char *const line_kind_names[] = {
    [MODEL_LINE_BUSY] = "busy",
    [MODEL_LINE_IDLE] = "idle",
    [MODEL_LINE_UNALLOCATED_GPU] = "unallocated gpu",
    [MODEL_LINE_UNALLOCATED_CPU] = "unallocated cpu",
    [MODEL_LINE_UNALLOCATED_MEMORY] = "unallocated memory",
    [MODEL_LINE_ROUNDING] = "billing rounding",
};
static const char *const part_names[] = {
    [MODEL_PART_WORK] = "work",
    [MODEL_PART_REDONE] = "redone",
    [MODEL_PART_TRANSFER] = "transfer",
    [MODEL_PART_BLOCKED] = "blocked",
    [MODEL_PART_BOOT] = "boot",
    [MODEL_PART_IDLE] = "idle",
    [MODEL_PART_STRANDED] = "stranded",
    [MODEL_PART_UNUSED] = "unused",
    [MODEL_PART_ROUNDING] = "billing rounding",
};
static const char *const outcome_names[] = {
    [MODEL_OUTCOME_NONE] = "none",   [MODEL_OUTCOME_SAME] = "same",
    [MODEL_OUTCOME_WINS] = "wins",   [MODEL_OUTCOME_LOSES] = "loses",
    [MODEL_OUTCOME_TRADE] = "trade",
};
static const char *const slice_kind_names[] = {
    [MODEL_SLICE_SERVICE] = "service", [MODEL_SLICE_FETCH] = "fetch",
    [MODEL_SLICE_BLOCKED] = "blocked", [MODEL_SLICE_START_UP] = "start-up",
    [MODEL_SLICE_BUSY] = "busy",       [MODEL_SLICE_JOB] = "job",
};

const char *model_basis_name(enum model_basis basis)
{
    return basis_names[basis];
}

const char *model_resource_name(enum model_resource r)
{
    return resource_names[r];
}

const char *model_end_name(enum model_end end)
{
    return end_names[end];
}

const char *model_option_name(enum model_option option)
{
    return model_option_words[option].name;
}

const char *model_cause_name(enum model_cause cause)
{
    return cause_names[cause];
}

const char *model_drop_name(enum model_drop reason)
{
    return drop_names[reason];
}

const char *model_line_kind_name(enum model_line_kind kind)
{
    return line_kind_names[kind];
}

const char *model_part_name(enum model_part part)
{
    return part_names[part];
}

const char *model_slice_kind_name(enum model_slice_kind kind)
{
    return slice_kind_names[kind];
}

const char *model_outcome_name(enum model_outcome outcome)
{
    return outcome_names[outcome];
}
