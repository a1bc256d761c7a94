/* The record of how many nodes of an option a cloud had, in simulated time, and what is
 * known of it beforehand: as long as a notice. */
#include "model/availability.h"
#include "sim/leases_rows.h"

/* Simulated time as the record counts it. */
static int64_t in_record(const struct model_loss *loss, int64_t t_ns)
{
    return loss->availability_from_ns + t_ns;
}

/* The next change of the record after `t_ns`; INT64_MAX: none. */
static int64_t next_change(const struct model_loss *loss, int64_t t_ns)
{
    int64_t at_ns = model_availability_next(loss->availability, in_record(loss, t_ns));

    return at_ns == INT64_MAX ? INT64_MAX : at_ns - loss->availability_from_ns;
}

int32_t sim_record_nodes(const struct model_loss *loss, int64_t t_ns)
{
    return model_availability_at(loss->availability, in_record(loss, t_ns));
}

int32_t sim_record_stays(const struct model_loss *loss, int64_t t_ns)
{
    int32_t least = sim_record_nodes(loss, t_ns);
    int64_t to_ns = t_ns + loss->notice_ns;

    for (int64_t at = next_change(loss, t_ns); at <= to_ns;
         at = next_change(loss, at)) {
        int32_t then = sim_record_nodes(loss, at);

        least = then < least ? then : least;
    }
    return least;
}

int64_t sim_record_fewer_ns(const struct model_loss *loss, int32_t n, int64_t t_ns)
{
    while (sim_record_nodes(loss, t_ns) >= n)
        t_ns = next_change(loss, t_ns);
    return t_ns;
}

/* At some step's beginning: later in a step more of what follows is known. */
int32_t sim_record_reach(const struct model_loss *loss)
{
    int32_t most = 0;

    for (int32_t i = 0; i < loss->availability->n; i++) {
        int32_t n = sim_record_stays(loss, loss->availability->at_ns[i] -
                                               loss->availability_from_ns);

        most = n > most ? n : most;
    }
    return most;
}

int64_t sim_record_event_ns(const struct model_loss *loss, int64_t now_ns)
{
    int64_t change_ns, seen_ns;

    if (loss->availability == NULL)
        return INT64_MAX;
    change_ns = next_change(loss, now_ns);
    seen_ns = next_change(loss, now_ns + loss->notice_ns);
    if (seen_ns < INT64_MAX && seen_ns - loss->notice_ns < change_ns)
        return seen_ns - loss->notice_ns;
    return change_ns;
}
