/* The words that a scenario may use for strategies: placements, scheduling rules,
 * queues of what waits, routers, presets of autoscaling.  The parser, --help and the
 * manual read these; the simulation has a descriptor for each (a test compares them).
 */
#ifndef MODEL_WORDS_H
#define MODEL_WORDS_H

#include <stdbool.h>
#include <stdint.h>

struct model_word {
    const char *name; /* NULL ends a table */
    const char *help; /* one line */
};

extern const struct model_word
    model_placement_words[]; /* the first is not the default */
extern const struct model_word model_rule_words[];
extern const struct model_word model_arrivals_words[];
extern const struct model_word model_metric_words[]; /* of autoscaling */

/* Of serving; in the tables of roles, prefix caches, mixed and beyond the place of a
 * word is the value of its enumerator (model/serving.h, model/iteration.h). */
extern const struct model_word model_scheduling_words[];
extern const struct model_word model_order_words[]; /* of waiting requests */
extern const struct model_word model_router_words[];
extern const struct model_word model_role_words[];
extern const struct model_word model_prefix_words[];
extern const struct model_word model_mixed_words[];
extern const struct model_word model_beyond_words[];

/* Of what waits for the cluster (sim/scheduler.h): which goes first, and what may pass
 * what cannot start. */
extern const struct model_word model_queue_words[];
extern const struct model_word model_passing_words[];

/* Formats of job traces; traces/job_formats.c has a descriptor of each but `auto`. */
extern const struct model_word model_job_format_words[];

/* Of jobs and purchase options; the place of a word is the value of its enumerator
 * (model/jobs.h, model/scenario.h). */
extern const struct model_word model_gang_words[];
extern const struct model_word model_fallback_words[];
extern const struct model_word model_evict_words[];
extern const struct model_word model_option_words[];

/* Frequencies of interruption as AWS's spot advisor tells them: the share of instances
 * that were taken back within a month. */
struct model_advisor_band {
    const char *name; /* NULL ends the table */
    const char *help;
    double month_frac; /* the middle of the band */
};
extern const struct model_advisor_band model_advisor_bands[];

/* A placement by its name or another name for it. */
const char *model_placement_name(const char *text);

/* The place of a word that is in the table. */
int32_t model_word_index(const struct model_word *words, const char *name);

#define MODEL_SCHEDULING_DEFAULT "chunked-prefill"
#define MODEL_ORDER_DEFAULT      "fcfs"
#define MODEL_ROUTER_DEFAULT     "round-robin"

/* Of a scenario with jobs, teams or priorities; and of one without any of them. */
#define MODEL_QUEUE_DEFAULT         "priority"
#define MODEL_QUEUE_PLAIN_DEFAULT   "largest-first"
#define MODEL_PASSING_DEFAULT       "skip"
#define MODEL_PASSING_DEPTH_DEFAULT "500" /* Slurm's bf_max_job_test */

#define MODEL_PLACEMENT_DEFAULT "cpu-avoids-gpu"
#define MODEL_RULE_DEFAULT      "downstream-first"

/* What an autoscaling rule does unless told otherwise. */
struct model_autoscale_preset {
    const char *name;       /* as in the scenario; NULL ends the table */
    bool pipeline, serving; /* kinds of workload that it is for */
    const char *same_as;    /* another row it stands for, or NULL */
    const char *help;
    const char *metric; /* one of model_metric_words; "in-flight": actor pools only */
    double target, down_threshold;
    int64_t interval_ns, up_window_ns, down_window_ns, look_back_ns;
    double tolerance, max_up_frac, up_factor, down_factor;
    int32_t max_up_units;
};

extern const struct model_autoscale_preset model_autoscale_presets[];

/* The preset called `name`, with same_as followed, or NULL. */
const struct model_autoscale_preset *model_autoscale_preset_find(const char *name);

#endif
