/* `stageplan run` as a process of its own, measured. */
#ifndef BENCH_PROCESS_H
#define BENCH_PROCESS_H

struct bench_cost {
    double cpu_s, peak_mb; /* user and system; as the system says at the end */
    double events;         /* of the first policy */
};

/* Runs ./stageplan on the scenario `times` times, quietly; the run that took least.
 * Where it does not run to its end the program says so and ends. */
struct bench_cost bench_process_run(const char *scenario, int times);

#endif
