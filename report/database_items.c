/* Rows per item: many of them, so many at a time. */
#include "report/database_parts.h"
#include "report/text.h"

enum { ITEM_ROWS = 50, ITEM_COLUMNS = 5, JOB_COLUMNS = 17 };

/* Waits in the order of enum model_cause. */
static const char items_into[] =
    "items(workload_id, item, arrived_ns, left_ns, dropped)";
static const char jobs_into[] =
    "items(workload_id, item, arrived_ns, left_ns, dropped, team, started_ns, gpus,"
    " preemptions, first_node, waited_quota_ns, waited_head_of_line_ns,"
    " waited_capacity_ns, waited_fragmentation_ns, waited_gang_ns,"
    " waited_spot_loss_ns, waited_start_up_ns)";

/* One statement of each kind, made at its first use. */
static struct report_insert *insert_items(struct report_database *d, bool job, int rows)
{
    struct report_insert **made = &d->items[(job ? 2 : 0) + (rows > 1 ? 1 : 0)];

    if (*made == NULL)
        *made = report_store_insert(d->store, job ? jobs_into : items_into,
                                    job ? JOB_COLUMNS : ITEM_COLUMNS, rows);
    return *made;
}

static void put_item(struct report_database *d, struct report_insert *to,
                     const struct model_item_row *item)
{
    report_insert_int(to, d->workload_row[item->policy][item->workload]);
    report_insert_int(to, item->item);
    report_insert_int(to, item->arrived_ns);
    if (item->left_ns >= 0)
        report_insert_int(to, item->left_ns);
    else
        report_insert_null(to);
    if (item->dropped != SP_NO_ID)
        report_insert_text(to, model_drop_name((enum model_drop)item->dropped));
    else
        report_insert_null(to);
}

static void put_job(struct report_database *d, struct report_insert *to,
                    const struct model_item_row *item)
{
    report_insert_text(to, report_text_clean(d->scratch, item->team, REPORT_TEXT_DATA));
    if (item->started_ns >= 0)
        report_insert_int(to, item->started_ns);
    else
        report_insert_null(to);
    report_insert_real(to, (double)item->mgpu / 1000);
    report_insert_int(to, item->preemptions);
    if (item->first_node != SP_NO_ID)
        report_insert_int(to, item->first_node);
    else
        report_insert_null(to);
    for (int c = 0; c < MODEL_CAUSES; c++)
        report_insert_int(to, item->wait_ns[c]);
}

/* n rows of one kind. */
static void add_alike(struct report_database *d, const struct model_item_row *items,
                      int64_t n)
{
    bool job = items[0].team != NULL;
    struct report_insert *many = insert_items(d, job, ITEM_ROWS);
    struct report_insert *one = insert_items(d, job, 1);
    int64_t in_many = n - n % ITEM_ROWS;

    for (int64_t i = 0; i < n; i++) {
        struct report_insert *to = i < in_many ? many : one;

        put_item(d, to, &items[i]);
        if (job)
            put_job(d, to, &items[i]);
        if (to == one || (i + 1) % ITEM_ROWS == 0)
            report_insert_done(to);
    }
}

void report_database_add_items(struct report_database *d,
                               const struct model_item_row *items, int64_t n)
{
    sp_assert(d->result != NULL);
    for (int64_t from = 0, to; from < n; from = to) {
        for (to = from + 1;
             to < n && (items[to].team != NULL) == (items[from].team != NULL);)
            to++;
        add_alike(d, items + from, to - from);
    }
}
