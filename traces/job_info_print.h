/* The facts of a job trace, of recorded demand, of recorded availability and of a list
 * of nodes: for people, at most 80 columns wide (long names apart), and as one JSON
 * object (numbers with %.17g, null for NaN).
 */
#ifndef TRACES_JOB_INFO_PRINT_H
#define TRACES_JOB_INFO_PRINT_H

#include <stdio.h>

#include "model/availability.h"
#include "model/node_list.h"
#include "traces/demand_file.h"
#include "traces/job_check.h"
#include "traces/paper.h"

/* facts as the study has them; xxh64 of the stored bytes. */
void trace_job_info_print(const struct trace_job_info *info,
                          const struct trace_job_facts *facts, uint64_t xxh64,
                          const struct trace_warnings *warnings,
                          struct trace_info_style style, FILE *out);
void trace_job_info_print_json(const struct trace_job_info *info,
                               const struct trace_job_facts *facts, uint64_t xxh64,
                               const struct trace_warnings *warnings, FILE *out);

void trace_demand_print(const struct trace_demand_file *file, const char *path,
                        uint64_t xxh64, struct trace_info_style style, FILE *out);
void trace_demand_print_json(const struct trace_demand_file *file, const char *path,
                             uint64_t xxh64, FILE *out);

/* The table of one demand, and its bars: for the two above; `unit` is "GPUs" or "CPUs".
 */
void trace_demand_print_table(const struct trace_demand_result *demand,
                              const struct model_names *teams, const char *unit,
                              struct trace_info_style style, FILE *out);
void trace_demand_print_table_json(const struct trace_demand_result *demand,
                                   const struct model_names *teams, const char *unit,
                                   FILE *out);

void trace_availability_print(const struct model_availability *a, uint64_t xxh64,
                              struct trace_info_style style, FILE *out);
void trace_availability_print_json(const struct model_availability *a, uint64_t xxh64,
                                   FILE *out);

void trace_node_list_print(const struct model_node_list *list, const char *path,
                           uint64_t xxh64, FILE *out);
void trace_node_list_print_json(const struct model_node_list *list, const char *path,
                                uint64_t xxh64, FILE *out);

#endif
