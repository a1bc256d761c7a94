/* The facts of a profile that measuring writes, and reads again: the canaries' best is
 * the reference of the next calibration. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "calibrate/measure_parts.h"

#define CANARY       "canary"
#define CANARY_CHAIN "canary_multiplies_per_ns"
#define CANARY_ADDS  "canary_adds_per_ns"

enum {
    FACTS_MOST = 48,
    OWN_FACTS = 16 /* of them are not the machine's */
};

/* ---- the reference ---- */

static const char *fact_of(const struct model_fact *facts, int32_t n, const char *name)
{
    for (int32_t i = 0; i < n; i++)
        if (strcmp(facts[i].name, name) == 0)
            return facts[i].value;
    return NULL;
}

struct cal_speed cal_measure_reference(const struct model_profile *p)
{
    struct cal_machine *machine = cal_machine_new();
    struct sp_arena *arena = sp_arena_new();
    struct model_profile_device here;
    const char *cpu = fact_of(p->facts, p->n_facts, "cpu");
    const char *code = fact_of(p->facts, p->n_facts, CANARY);
    const char *chain = fact_of(p->facts, p->n_facts, CANARY_CHAIN);
    const char *adds = fact_of(p->facts, p->n_facts, CANARY_ADDS);
    struct cal_speed speed = {0};

    cal_machine_device(machine, arena, &here);
    if (cpu != NULL && code != NULL && chain != NULL && adds != NULL &&
        strcmp(cpu, here.model) == 0 && strcmp(code, cal_canary_code()) == 0) {
        speed.multiplies_per_ns = strtod(chain, NULL);
        speed.adds_per_ns = strtod(adds, NULL);
    }
    if (!(speed.multiplies_per_ns > 0 && speed.multiplies_per_ns < 1e3) ||
        !(speed.adds_per_ns > 0 && speed.adds_per_ns < 1e3))
        speed = (struct cal_speed){0};
    sp_arena_free(arena);
    cal_machine_free(machine);
    return speed;
}

/* ---- writing ---- */

static void add_fact(struct cal_campaigns *c, const char *name, const char *value)
{
    sp_assert(c->n_facts < FACTS_MOST);
    c->facts[c->n_facts++] = (struct model_fact){.name = name, .value = value};
}

/* "0.03, 0.12": a number of each campaign, "unknown" where it is not known. */
static const char *each_campaign(const struct cal_bench *b, size_t offset)
{
    char text[CAL_CAMPAIGNS_MAX * 16] = "", *end = text;

    for (int32_t i = 0; i < b->done; i++) {
        const char *row = (const char *)&b->circumstances[i];
        double value;

        memcpy(&value, row + offset, sizeof value);
        if (i > 0)
            end += sprintf(end, ", ");
        if (isfinite(value))
            end += snprintf(end, 14, "%.3g", value);
        else
            end += sprintf(end, "unknown");
    }
    return sp_arena_strdup(b->arena, text);
}

void cal_measure_machine(struct sp_arena *arena, struct cal_campaigns *c)
{
    struct cal_machine *machine = cal_machine_new();

    c->facts = sp_arena_array(arena, FACTS_MOST, sizeof *c->facts);
    c->n_facts = cal_machine_facts(machine, arena, c->facts, FACTS_MOST);
    cal_machine_free(machine);
}

void cal_bench_facts(struct cal_bench *b)
{
    struct cal_campaigns *c = b->c;
    struct sp_arena *arena = b->arena;

    c->facts = sp_arena_array(arena, FACTS_MOST, sizeof *c->facts);
    c->n_facts = cal_machine_facts(b->machine, arena, c->facts, FACTS_MOST - OWN_FACTS);
    add_fact(c, "gate", cal_gate_text(&b->rig.gate));
    add_fact(c, "pinned", b->pinned ? "yes" : "no");
    add_fact(c, CANARY, cal_canary_code());
    if (cal_canary_has()) {
        add_fact(c, CANARY_CHAIN,
                 sp_arena_printf(arena, "%.5f", b->reference.best.multiplies_per_ns));
        add_fact(c, CANARY_ADDS,
                 sp_arena_printf(arena, "%.4f", b->reference.best.adds_per_ns));
    }
    add_fact(c, "pressure",
             each_campaign(b, offsetof(struct cal_circumstances, pressure_frac)));
    add_fact(c, "foreign_cores",
             each_campaign(b, offsetof(struct cal_circumstances, foreign_cores)));
    add_fact(c, "load", each_campaign(b, offsetof(struct cal_circumstances, load)));
    add_fact(c, "steal",
             each_campaign(b, offsetof(struct cal_circumstances, steal_frac)));
    add_fact(c, "cpu_wall",
             each_campaign(b, offsetof(struct cal_circumstances, cpu_wall)));
}
