/* stageplan run --find WHAT[:WORKLOAD][:TYPE]: searches over runs of one scenario.
 *
 * A search prints nothing while it runs.  Every run of it has the same seed, so that
 * two rates meet the same requests, closer together, and two fleets the same jobs.
 */
#ifndef CLI_FIND_H
#define CLI_FIND_H

#include "model/found.h"
#include "sim/run.h"

struct cli_search;

/* What is asked for. */
struct cli_asked {
    const struct cli_search *search; /* NULL: nothing */
    int32_t workload;
    const char *node_type; /* a group of the fleet's node types, or NULL */
};

/* One search over one scenario. */
struct cli_find_job {
    struct cli_asked asked;
    struct model_scenario *sc; /* its sources and node counts are as they were, after */
    const struct sim_options *o; /* every run's; with the policies that are chosen */
    struct sp_arena *arena;      /* what is found lives there */
};

/* What can be searched for: "max_rate", "min_nodes". */
struct cli_search {
    const char *name;
    const char *help; /* one line */
    bool of_fleet;    /* a node type can be named too */
    /* Whether the workload can be asked that.  SP_EINPUT: it can't; the message ends
     * with what it lacks. */
    enum sp_status (*check)(const struct model_scenario *sc, int32_t workload,
                            struct sp_err *err);
    /* Fills what is asked for into *all, where it is not the same for all searches. */
    void (*begin)(const struct cli_find_job *job, struct sp_arena *arena,
                  struct model_found *all);
    /* One policy, by its number, into *found. */
    enum sp_status (*find)(const struct cli_find_job *job, int32_t policy,
                           struct model_found *all, struct model_found_policy *found,
                           struct sp_err *err);
    double precision_frac;
};

extern const struct cli_search cli_searches[]; /* ends with a NULL name */

/* What `text` ("max_rate", "max_rate:chat", "min_nodes:train:gpu-node") asks for;
 * checked before any run.
 *   SP_EINPUT  no such search, no such workload or node type, several to choose from,
 *              or it lacks what the search needs. */
SP_CHECKED enum sp_status cli_find_parse(const char *text,
                                         const struct model_scenario *sc,
                                         struct cli_asked *asked, struct sp_err *err);

/* Searches under every policy that is chosen.  *found lives in `arena`. */
SP_CHECKED enum sp_status cli_find_run(const struct cli_find_job *job,
                                       struct sp_arena *arena,
                                       struct model_found **found, struct sp_err *err);

#endif
