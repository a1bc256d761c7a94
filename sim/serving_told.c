/* What engines tell during a step, and what it leads to once the step is over. */
#include "sim/serving_rows.h"

static void note(struct sim_serving *w, enum sim_serving_note_kind kind,
                 int32_t request)
{
    w->notes =
        sp_arena_more(w->arena, w->notes, w->n_notes, &w->notes_room, sizeof *w->notes);
    w->notes[w->n_notes++] = (struct sim_serving_note){kind, request};
}

static void told_scheduled(void *self, int32_t request, int64_t now_ns)
{
    struct sim_serving *w = self;
    struct sim_serving_flight *f = &w->flights[request];
    const struct sim_request *r = sim_requests_at(w->requests, request);
    struct sim_serving_pool *p = &w->pools[w->replicas[r->replica].pool];

    if (!f->waiting)
        return; /* again, after a preemption */
    f->waiting = false;
    f->scheduled_ns = f->here_ns = now_ns;
    sim_serving_wait(w, p->id, -1);
    if (w->measuring)
        sim_histogram_add(&p->wait, now_ns - r->submitted_ns, 1);
    if (p->m->role == MODEL_ROLE_PREFILL && w->m->transfer.overlap && r->output > 1)
        note(w, SIM_NOTE_SCHEDULED, request);
}

static void told_first_token(void *self, int32_t request, int64_t now_ns)
{
    struct sim_serving *w = self;

    sim_requests_at(w->requests, request)->first_token_ns = now_ns;
}

static void told_done(void *self, int32_t request, int64_t now_ns)
{
    (void)now_ns;
    note(self, SIM_NOTE_DONE, request);
}

static void told_prefilled(void *self, int32_t request, int64_t now_ns)
{
    (void)now_ns;
    note(self, SIM_NOTE_PREFILLED, request);
}

static void told_preempted(void *self, int32_t request, int64_t now_ns)
{
    struct sim_serving *w = self;

    (void)now_ns;
    if (w->m->transfer.overlap && w->apart)
        note(w, SIM_NOTE_PREEMPTED, request);
}

static void told_freed(void *self, int64_t now_ns)
{
    struct sim_serving *w = self;

    (void)now_ns;
    w->look = true;
}

struct sim_replica_client sim_serving_listener(struct sim_serving *w)
{
    return (struct sim_replica_client){.self = w,
                                       .scheduled = told_scheduled,
                                       .first_token = told_first_token,
                                       .done = told_done,
                                       .prefilled = told_prefilled,
                                       .preempted = told_preempted,
                                       .freed = told_freed};
}

/* ---- acting upon it ---- */

static void request_done(struct sim_serving *w, int32_t request)
{
    struct sim_request *row = sim_requests_at(w->requests, request);
    struct sim_serving_pool *p = &w->pools[w->replicas[row->replica].pool];

    row->last_token_ns = w->now_ns;
    p->done++;
    sim_serving_here(w, p->id, -1);
    if (w->measuring)
        sim_histogram_add(&p->service, w->now_ns - w->flights[request].here_ns, 1);
    sim_serving_leave(w, request, -1);
}

void sim_serving_act(struct sim_serving *w)
{
    for (int32_t i = 0; i < w->n_notes; i++) {
        struct sim_serving_note n = w->notes[i];

        if (n.kind == SIM_NOTE_DONE)
            request_done(w, n.request);
        else if (n.kind == SIM_NOTE_PREFILLED)
            sim_handover_ready(w, n.request);
        else if (n.kind == SIM_NOTE_PREEMPTED)
            sim_handover_forget(w, n.request);
        else
            sim_handover_ahead(w, n.request);
    }
    w->n_notes = 0;
    sim_handover_call(w);
    if (w->source_done && w->in_flight == 0 && !w->complete) {
        w->complete = true;
        sim_serving_units_finish(w);
    }
}
