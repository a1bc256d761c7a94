/* Requests in flight of one serving workload: rows by id, used again when they have
 * left, so memory follows what is in flight and not the length of a trace.
 */
#ifndef SIM_REQUEST_H
#define SIM_REQUEST_H

#include <stdint.h>

#include "base/arena.h"
#include "model/arrivals.h"

struct sim_request {
    int64_t number;         /* in the order of arrival, from 0: ties go to the lower */
    int64_t arrived_ns;     /* at the workload */
    int64_t submitted_ns;   /* to the replica it is at: when it began to wait there */
    int64_t scheduled_ns;   /* its first chunk's iteration began; -1: not yet */
    int64_t first_token_ns; /* -1: not yet */
    int64_t last_token_ns;
    int32_t prompt, output; /* tokens, >= 1 */
    int32_t priority;       /* the lower goes first */
    int32_t generated;      /* output tokens made; kept by the replica, exact when the
                             * request is not running */
    int32_t attempts;       /* replicas lost under it */
    int32_t replica;        /* the caller's: where it is, or SP_NO_ID */
    int32_t seat[2]; /* the replicas': its row at the replica that takes prompts, and at
                      * the one that decodes only (with overlap it is at both) */
    int32_t n_hashes;
    int32_t hashes; /* first piece of the list, see sim_requests_hashes() */
    int32_t link;   /* the caller's: a list of requests */
};

struct sim_requests;

struct sim_requests *sim_requests_new(struct sp_arena *arena);

/* A row for an arrival; its hashes are copied.  Its tokens are within 1 ..
 * MODEL_PROMPT_MAX (the caller rejects others); a priority past INT32_MAX counts as
 * that.  All times but the arrival's are -1. */
int32_t sim_requests_add(struct sim_requests *r, const struct model_arrival *arrival,
                         int64_t number);
void sim_requests_remove(struct sim_requests *r, int32_t id);
/* The row; the pointer is good until the next sim_requests_add(). */
struct sim_request *sim_requests_at(const struct sim_requests *r, int32_t id);
int64_t sim_requests_live(const struct sim_requests *r);

/* Copies hashes from..from+n-1 of a request to `to`; O(n), with `from` from 0 upwards
 * cheapest. */
void sim_requests_hashes(const struct sim_requests *r, int32_t id, int32_t from,
                         int32_t n, uint64_t *to);

/* Every row and every piece of a list is in use or free, once; aborts if not. */
void sim_requests_verify(const struct sim_requests *r);

#endif
