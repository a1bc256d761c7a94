/* The parts of reading a scenario file, one file each; only scenario_*.c include this.
 * Every function reports through r->err and returns SP_EINPUT for what the user can
 * mend.
 */
#ifndef MODEL_SCENARIO_PARTS_H
#define MODEL_SCENARIO_PARTS_H

#include "model/keys.h"

enum {
    MODEL_TYPES_MAX = 63, /* node types: bits of allowed_types */
    MODEL_WORKLOADS_MAX = 64,
    MODEL_POLICIES_MAX = 256,
};

/* ---- scenario_file.c: the files that a scenario names ---- */

/* One or two columns of numbers. */
struct model_columns {
    int32_t n, n_cols;
    const double *a, *b; /* b NULL where there is one column */
};

/* Path from the current folder of a file named in the scenario. */
const char *model_file_path(const struct model_reader *r, const char *name);

/* Checks that `name` is a regular file and adds it to scenario->inputs, once. */
SP_CHECKED enum sp_status model_file_note(struct model_reader *r,
                                          const struct model_yaml_node *node,
                                          const char *what);

/* Reads a CSV of numbers from 0, with or without a line of headings; `node` names it.
 */
SP_CHECKED enum sp_status model_file_columns(struct model_reader *r,
                                             const struct model_yaml_node *node,
                                             const char *what,
                                             struct model_columns *columns);

struct model_node_list;
struct model_availability;

/* A list of nodes, or the availability of spot nodes; each file is read once. */
SP_CHECKED enum sp_status model_file_list(struct model_reader *r,
                                          const struct model_yaml_node *node,
                                          const struct model_node_list **list);
SP_CHECKED enum sp_status model_file_availability(struct model_reader *r,
                                                  const struct model_yaml_node *node,
                                                  const struct model_availability **a);

/* Adds a file to scenario->inputs, once; `name` is how it is shown. */
SP_CHECKED enum sp_status model_file_add(struct model_reader *r, const char *name,
                                         const char *path, struct sp_err *err);

/* Checks that `node` names a folder. */
SP_CHECKED enum sp_status model_folder_check(struct model_reader *r,
                                             const struct model_yaml_node *node,
                                             const char *what);

/* ---- scenario_autoscale.c ---- */

/* `autoscale` of a unit or a pool. */
SP_CHECKED enum sp_status model_autoscale_read(struct model_reader *r,
                                               const struct model_yaml_node *node,
                                               enum model_kind kind,
                                               struct model_autoscale *autoscale);

/* ---- scenario_catalog.c ---- */

/* `catalog` of the scenario: read, and searched first. */
SP_CHECKED enum sp_status model_catalog_note(struct model_reader *r,
                                             const struct model_yaml_node *node,
                                             void *scenario);

struct model_instance;

/* The row that `type` names, and the catalog that it is of. */
SP_CHECKED enum sp_status model_catalog_row(struct model_reader *r,
                                            const struct model_yaml_node *node,
                                            const struct model_instance **row,
                                            const struct model_catalog **catalog);

/* ---- scenario_dist.c ---- */

enum model_quantity { MODEL_SECONDS, MODEL_BYTES, MODEL_PIECES };

SP_CHECKED enum sp_status model_dist_read(struct model_reader *r,
                                          const struct model_yaml_node *node,
                                          const char *what,
                                          enum model_quantity quantity,
                                          struct model_dist *dist);

/* ---- scenario_fleet.c ---- */

/* Node types of `fleet` with the overrides of a policy (NULL: none). */
SP_CHECKED enum sp_status model_fleet_read(struct model_reader *r,
                                           const struct model_yaml_node *fleet,
                                           const struct model_yaml_node *over,
                                           struct model_policy *policy);

/* Adds a type to the policy's, which have room for MODEL_TYPES_MAX; refuses a name that
 * is there. */
SP_CHECKED enum sp_status model_fleet_add(struct model_reader *r,
                                          const struct model_yaml_node *where,
                                          struct model_policy *policy,
                                          const struct model_node_type *type);

/* ---- scenario_node_type.c ---- */

/* One node type but for its name, group and place in it, which are set already. */
SP_CHECKED enum sp_status model_node_type_read(struct model_reader *r,
                                               const struct model_yaml_node *map,
                                               struct model_node_type *type);

/* `price`: USD per hour into micro-dollars. */
SP_CHECKED enum sp_status model_price_read(struct model_reader *r,
                                           const struct model_yaml_node *node,
                                           int64_t *uusd_per_h);

/* ---- scenario_node_list.c ---- */

/* Adds the nodes of a list that the fleet calls `name` to the policy, and their kinds
 * to its types, for which there is room for MODEL_TYPES_MAX.  Each is a group of its
 * own: *n_groups is the next. */
SP_CHECKED enum sp_status model_listed_read(struct model_reader *r,
                                            const struct model_yaml_node *map,
                                            const char *name, int32_t *n_groups,
                                            struct model_policy *policy);

/* ---- scenario_loss.c ---- */

SP_CHECKED enum sp_status model_interruptions_read(struct model_reader *r,
                                                   const struct model_yaml_node *node,
                                                   struct model_loss *loss);
SP_CHECKED enum sp_status model_failures_read(struct model_reader *r,
                                              const struct model_yaml_node *node,
                                              struct model_loss *loss);

/* ---- scenario_team.c ---- */

/* The id of the team that `node` names: the same in every policy. */
SP_CHECKED enum sp_status
model_team_id(struct model_reader *r, const struct model_yaml_node *node, int32_t *id);

/* `team`, `priority` and `preemptible` of a workload, of which those of the policy's
 * entry come first (NULL: there is none). */
SP_CHECKED enum sp_status model_owner_read(struct model_reader *r,
                                           const struct model_yaml_node *workload,
                                           const struct model_yaml_node *over,
                                           struct model_plan *plan);

/* `scheduling` and `teams` of every policy; all else has been read. */
SP_CHECKED enum sp_status model_teams_read(struct model_reader *r,
                                           const struct model_yaml_node *policies);

/* ---- scenario_jobs.c ---- */

/* A jobs workload, with what a policy says of it (NULL: nothing); `policy` is NULL
 * where the workload is read by itself. */
SP_CHECKED enum sp_status model_jobs_read(struct model_reader *r,
                                          const struct model_yaml_node *workload,
                                          const struct model_yaml_node *over,
                                          const struct model_policy *policy,
                                          struct model_plan *plan);

/* ---- scenario_job_class.c ---- */

struct model_jobs;

/* `jobs`: kinds of generated jobs; what holds for all of them has been read. */
SP_CHECKED enum sp_status model_job_classes_read(struct model_reader *r,
                                                 const struct model_yaml_node *node,
                                                 struct model_jobs *jobs);

/* `duration: forever`, or a distribution of seconds. */
SP_CHECKED enum sp_status model_duration_read(struct model_reader *r,
                                              const struct model_yaml_node *node,
                                              bool *forever, struct model_dist *dist);

/* ---- scenario_source.c ---- */

/* Fills source, n_sizes and size_names of `plan`, whose kind is known. */
SP_CHECKED enum sp_status model_source_read(struct model_reader *r,
                                            const struct model_yaml_node *node,
                                            struct model_plan *plan);

/* ---- scenario_sizes.c ---- */

/* `sizes` of a source that has been read; and those of requests, which stand in the
 * source's map themselves. */
SP_CHECKED enum sp_status model_sizes_read(struct model_reader *r,
                                           const struct model_yaml_node *node,
                                           struct model_plan *plan);
SP_CHECKED enum sp_status model_request_sizes_read(struct model_reader *r,
                                                   const struct model_yaml_node *map,
                                                   struct model_plan *plan);

/* ---- scenario_time.c ---- */

/* Of a stage or a fused unit; `basis` is kept. */
SP_CHECKED enum sp_status model_time_read(struct model_reader *r,
                                          const struct model_yaml_node *node,
                                          const struct model_plan *plan,
                                          struct model_time *time);

/* Index of the size called node->text; MODEL_BY_BYTES for "bytes". */
SP_CHECKED enum sp_status model_size_find(struct model_reader *r,
                                          const struct model_yaml_node *node,
                                          const struct model_plan *plan, int32_t *size);

/* ---- scenario_kernel.c ---- */

/* `profiles` of the scenario. */
SP_CHECKED enum sp_status model_profiles_note(struct model_reader *r,
                                              const struct model_yaml_node *node,
                                              void *scenario);

struct model_profile_use;

/* The profile that `node` names (NULL: the only one); `owner` is the key that wants it.
 */
SP_CHECKED enum sp_status model_profile_named(struct model_reader *r,
                                              const struct model_yaml_node *owner,
                                              const struct model_yaml_node *node,
                                              const struct model_profile_use **found);

/* A time that names a kernel: kernel and basis of `time`, and the other keys of a time
 * by their rows `others` into `record`. */
SP_CHECKED enum sp_status model_kernel_read(struct model_reader *r,
                                            const struct model_yaml_node *map,
                                            const struct model_plan *plan,
                                            const struct model_key *others,
                                            void *record, struct model_time *time);

/* A use as it was read; by_type is filled in once the policy is known. */
struct model_kernel_note {
    struct model_kernel_note *next;
    struct model_kernel_use *use;
    const struct model_yaml_node *map; /* of the time */
};

/* ---- scenario_kernel_nodes.c ---- */

/* Completes the kernels of a plan whose units and allowed node types are known. */
SP_CHECKED enum sp_status model_kernels_resolve(struct model_reader *r,
                                                const struct model_policy *policy,
                                                struct model_plan *plan);

/* ---- scenario_graph.c ---- */

/* Reads `from` of every stage and gives the stages their order: order[id] is the place
 * of stage `id` in the map.  Fills n_from and from of stages[id]. */
SP_CHECKED enum sp_status model_graph_read(struct model_reader *r,
                                           const struct model_yaml_node *map,
                                           struct model_stage *stages, int32_t *order);

/* Reads `route` (maps[id] is the map of stage id) and checks routes and joins. */
SP_CHECKED enum sp_status model_graph_check(struct model_reader *r,
                                            const struct model_yaml_node *const *maps,
                                            struct model_plan *plan);

/* ---- scenario_stage.c ---- */

/* Stages of a workload with the overrides of a policy (NULL: none) into `plan`, whose
 * source has been read. */
SP_CHECKED enum sp_status model_stages_read(struct model_reader *r,
                                            const struct model_yaml_node *map,
                                            const struct model_yaml_node *over,
                                            struct model_plan *plan);

/* ---- scenario_unit.c ---- */

/* `units` of a policy's workload; `sized`: counts that are not given follow from
 * `size`. */
SP_CHECKED enum sp_status model_units_read(struct model_reader *r,
                                           const struct model_yaml_node *map,
                                           const struct model_policy *policy,
                                           bool sized, struct model_plan *plan);

/* `on`: adds the node types that it names to `allowed`, bit by bit. */
SP_CHECKED enum sp_status model_on_read(struct model_reader *r,
                                        const struct model_yaml_node *node,
                                        const struct model_policy *policy,
                                        int64_t *allowed);

/* ---- scenario_llm.c ---- */

struct model_llm;

SP_CHECKED enum sp_status model_llm_read(struct model_reader *r,
                                         const struct model_yaml_node *node,
                                         const struct model_llm **shape);

/* ---- scenario_kv.c ---- */

struct model_pool;

/* Of a GPU's memory. */
struct model_kv_room {
    double utilization_frac; /* what the engine takes */
    int64_t reserve_bytes;   /* of that, what is neither weights nor cache */
};

/* Fills kv_blocks and kv_text of a pool whose gpu is known; `where` is for messages. */
SP_CHECKED enum sp_status model_kv_capacity(struct model_reader *r,
                                            const struct model_yaml_node *where,
                                            const struct model_kv_room *room,
                                            const struct model_llm *llm,
                                            struct model_pool *pool);

/* ---- scenario_roofline.c ---- */

struct model_gpu;
struct model_roofline_options;

/* The efficiencies of a roofline whose `profile` is given, as far as the map does not
 * state them: what was measured on such a GPU, of its datasheet. */
SP_CHECKED enum sp_status model_roofline_measured(struct model_reader *r,
                                                  const struct model_yaml_node *map,
                                                  const struct model_gpu *gpu,
                                                  struct model_roofline_options *o);

/* ---- scenario_iteration.c ---- */

/* `time` of a pool whose gpus and gpu are known; `no_gpu` says why where gpu is NULL.
 */
SP_CHECKED enum sp_status model_iteration_read(struct model_reader *r,
                                               const struct model_yaml_node *node,
                                               const struct model_llm *llm,
                                               const char *no_gpu,
                                               struct model_pool *pool);

/* ---- scenario_pool.c ---- */

struct model_gpu;

/* The datasheet of the GPU that `node` names. */
SP_CHECKED enum sp_status model_gpu_read(struct model_reader *r,
                                         const struct model_yaml_node *node,
                                         const struct model_gpu **gpu);
const char *model_gpu_name(const struct model_gpu *gpu);

/* Settings of pools with others laid over them; either may be NULL. */
const struct model_yaml_node *model_engine_merge(struct model_reader *r,
                                                 const struct model_yaml_node *base,
                                                 const struct model_yaml_node *over);

/* Pool `id` of plan->serving, and the stage and the unit of that number. */
SP_CHECKED enum sp_status model_pool_read(struct model_reader *r,
                                          const struct model_yaml_node *map,
                                          const struct model_policy *policy, int32_t id,
                                          struct model_plan *plan);

/* ---- scenario_serving.c ---- */

/* Model, source, slo and classes of a serving workload into `plan`; `model` takes the
 * place of the workload's (NULL: it does not). */
SP_CHECKED enum sp_status model_serving_read(struct model_reader *r,
                                             const struct model_yaml_node *map,
                                             const struct model_yaml_node *model,
                                             struct model_plan *plan);

/* What a policy says of it, after that. */
SP_CHECKED enum sp_status
model_serving_plan_read(struct model_reader *r, const struct model_yaml_node *map,
                        const struct model_yaml_node *workload,
                        const struct model_policy *policy, struct model_plan *plan);

/* ---- scenario_policy.c ---- */

/* Workloads by themselves, so that their errors come first; fills scenario->workloads.
 */
SP_CHECKED enum sp_status model_workloads_read(struct model_reader *r,
                                               const struct model_yaml_node *workloads);

/* All policies; the scenario's workloads have been read.  Without any, one with a unit
 * for each stage where the reader may imply it. */
SP_CHECKED enum sp_status model_policies_read(struct model_reader *r);

/* ---- scenario_set.c ---- */

/* Lays values of the command line over the document; `top`: keys of the top level. */
SP_CHECKED enum sp_status model_sets_apply(struct model_reader *r,
                                           const struct model_key *top,
                                           const struct model_set *sets,
                                           int32_t n_sets);

/* ---- scenario_plan.c ---- */

/* The `plan` block, if there is one; all else has been read. */
SP_CHECKED enum sp_status model_plan_block_read(struct model_reader *r);

enum { MODEL_PLAN_PARTS_MAX = 4 };

/* A path below `plan` as the keys that it goes through, of which none need be there:
 * how many; 0: it is not below it. */
int32_t model_plan_path(struct model_reader *r, const char *path,
                        const char *parts[MODEL_PLAN_PARTS_MAX]);

#endif
