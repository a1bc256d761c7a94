/* hwloc, uname, /sys. */
#include "calibrate/machine.h"

#include <hwloc.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#if defined(__x86_64__)
#include <cpuid.h>
#endif

#include "base/text.h"
#include "base/units.h"
#include "calibrate/circumstances.h"

struct cal_machine {
    hwloc_topology_t topology; /* NULL: hwloc failed */
    hwloc_cpuset_t whole;      /* that the process was bound to at the start */
    int32_t n;                 /* hardware threads in it */
    int32_t *pus;              /* their logical indices in the order of use */
    double quota_cpus;         /* INFINITY: none */
};

/* ---- which CPUs ---- */

/* Rank of a hardware thread within its core. */
static int32_t rank_in_core(hwloc_topology_t t, hwloc_obj_t pu)
{
    hwloc_obj_t core = hwloc_get_ancestor_obj_by_type(t, HWLOC_OBJ_CORE, pu);
    int32_t rank = 0;

    if (core == NULL)
        return 0;
    for (hwloc_obj_t o = pu->prev_cousin; o != NULL; o = o->prev_cousin)
        if (hwloc_get_ancestor_obj_by_type(t, HWLOC_OBJ_CORE, o) == core)
            rank++;
        else
            break;
    return rank;
}

/* First one thread of each core, then the second ones, and so on. */
static void order_cpus(struct cal_machine *m)
{
    int32_t all = hwloc_get_nbobjs_by_type(m->topology, HWLOC_OBJ_PU);

    m->pus = sp_xcalloc((size_t)all + 1, sizeof *m->pus);
    for (int32_t rank = 0, left = all; left > 0 && rank < all; rank++)
        for (int32_t i = 0; i < all; i++) {
            hwloc_obj_t pu =
                hwloc_get_obj_by_type(m->topology, HWLOC_OBJ_PU, (unsigned)i);

            if (rank_in_core(m->topology, pu) != rank)
                continue;
            left--;
            if (hwloc_bitmap_isset(m->whole, pu->os_index))
                m->pus[m->n++] = i;
        }
}

static double quota(void)
{
    char text[128];
    double cpus;

    if (cal_slurp("/sys/fs/cgroup/cpu.max", text, sizeof text) &&
        cal_parse_quota(text, &cpus))
        return cpus;
    return (double)INFINITY;
}

struct cal_machine *cal_machine_new(void)
{
    struct cal_machine *m = sp_xcalloc(1, sizeof *m);

    m->quota_cpus = quota();
    if (hwloc_topology_init(&m->topology) != 0) {
        m->topology = NULL;
        return m;
    }
    if (hwloc_topology_load(m->topology) != 0) {
        hwloc_topology_destroy(m->topology);
        m->topology = NULL;
        return m;
    }
    m->whole = hwloc_bitmap_dup(hwloc_topology_get_allowed_cpuset(m->topology));
    hwloc_get_cpubind(m->topology, m->whole, HWLOC_CPUBIND_THREAD);
    order_cpus(m);
    return m;
}

void cal_machine_free(struct cal_machine *m)
{
    if (m == NULL)
        return;
    if (m->topology != NULL) {
        hwloc_bitmap_free(m->whole);
        hwloc_topology_destroy(m->topology);
    }
    free(m->pus);
    free(m);
}

int32_t cal_machine_cores(const struct cal_machine *m)
{
    int32_t cores = m->n > 0 ? m->n : 1;

    return m->quota_cpus < cores ? (int32_t)ceil(m->quota_cpus) : cores;
}

bool cal_machine_pin(const struct cal_machine *m, int32_t i)
{
    hwloc_obj_t pu;

    if (m->topology == NULL || m->n == 0)
        return false;
    pu = hwloc_get_obj_by_type(m->topology, HWLOC_OBJ_PU, (unsigned)m->pus[i % m->n]);
    return hwloc_set_cpubind(m->topology, pu->cpuset, HWLOC_CPUBIND_THREAD) == 0;
}

void cal_machine_unpin(const struct cal_machine *m)
{
    if (m->topology != NULL)
        hwloc_set_cpubind(m->topology, m->whole, HWLOC_CPUBIND_THREAD);
}

/* ---- identity ---- */

/* A text of the machine's as a fact: what can't be shown is not told. */
static void add_fact(struct model_fact *facts, int32_t *n, int32_t room,
                     const char *name, const char *value)
{
    if (value != NULL && *value != '\0' && sp_text_is_clean(value) && *n < room)
        facts[(*n)++] = (struct model_fact){.name = name, .value = value};
}

static const char *cpu_model(const struct cal_machine *m, struct sp_arena *arena)
{
    hwloc_obj_t package =
        m->topology == NULL ? NULL
                            : hwloc_get_obj_by_type(m->topology, HWLOC_OBJ_PACKAGE, 0);
    const char *name =
        package == NULL ? NULL : hwloc_obj_get_info_by_name(package, "CPUModel");

    if (name == NULL && m->topology != NULL)
        name = hwloc_obj_get_info_by_name(hwloc_get_root_obj(m->topology), "CPUModel");
    if (name == NULL || *name == '\0' || !sp_text_is_clean(name))
        return "unknown";
    return sp_arena_strdup(arena, name);
}

static const char *cache(const struct cal_machine *m, hwloc_obj_type_t type,
                         struct sp_arena *arena)
{
    hwloc_obj_t o = hwloc_get_obj_by_type(m->topology, type, 0);
    char text[32];

    if (o == NULL || o->attr->cache.size == 0)
        return NULL;
    sp_format_bytes((double)o->attr->cache.size, text, sizeof text);
    return sp_arena_strdup(arena, text);
}

static const char *memory(const struct cal_machine *m, struct sp_arena *arena)
{
    char text[32];

    sp_format_bytes((double)hwloc_get_root_obj(m->topology)->total_memory, text,
                    sizeof text);
    return sp_arena_strdup(arena, text);
}

static const char *count(const struct cal_machine *m, hwloc_obj_type_t type,
                         struct sp_arena *arena)
{
    return sp_arena_printf(arena, "%d", hwloc_get_nbobjs_by_type(m->topology, type));
}

void cal_machine_device(const struct cal_machine *m, struct sp_arena *arena,
                        struct model_profile_device *device)
{
    enum { ROOM = 8 };

    *device = (struct model_profile_device){
        .name = "cpu", .model = cpu_model(m, arena), .cores = cal_machine_cores(m)};
    device->facts = sp_arena_array(arena, ROOM, sizeof *device->facts);
    if (m->topology == NULL)
        return;
    add_fact(device->facts, &device->n_facts, ROOM, "packages",
             count(m, HWLOC_OBJ_PACKAGE, arena));
    add_fact(device->facts, &device->n_facts, ROOM, "physical_cores",
             count(m, HWLOC_OBJ_CORE, arena));
    add_fact(device->facts, &device->n_facts, ROOM, "numa_nodes",
             count(m, HWLOC_OBJ_NUMANODE, arena));
    add_fact(device->facts, &device->n_facts, ROOM, "l1d",
             cache(m, HWLOC_OBJ_L1CACHE, arena));
    add_fact(device->facts, &device->n_facts, ROOM, "l2",
             cache(m, HWLOC_OBJ_L2CACHE, arena));
    add_fact(device->facts, &device->n_facts, ROOM, "l3",
             cache(m, HWLOC_OBJ_L3CACHE, arena));
    add_fact(device->facts, &device->n_facts, ROOM, "memory", memory(m, arena));
}

#if defined(__x86_64__)
/* What twelve letters of CPUID stand for; others are told as they are. */
static const char *hypervisor_name(const char *signature)
{
    static const char *const known[][2] = {
        {"KVMKVMKVM", "KVM"},           {"Microsoft Hv", "Hyper-V"},
        {"VMwareVMware", "VMware"},     {"XenVMMXenVMM", "Xen"},
        {"VBoxVBoxVBox", "VirtualBox"}, {"TCGTCGTCGTCG", "QEMU TCG"},
        {"bhyve bhyve ", "bhyve"},      {"ACRNACRNACRN", "ACRN"},
    };

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strcmp(signature, known[i][0]) == 0)
            return known[i][1];
    return signature;
}
#endif

/* What the CPU says of who runs it. */
static const char *hypervisor(struct sp_arena *arena)
{
#if defined(__x86_64__)
    unsigned a, b, c, d;
    char name[13] = {0};

    if (__get_cpuid(1, &a, &b, &c, &d) == 0 || (c >> 31) == 0)
        return "none seen";
    __cpuid(0x40000000, a, b, c, d);
    memcpy(name, &b, 4);
    memcpy(name + 4, &c, 4);
    memcpy(name + 8, &d, 4);
    return name[0] != '\0' && sp_text_is_clean(name)
               ? sp_arena_strdup(arena, hypervisor_name(name))
               : "unnamed";
#else
    char text[64];

    return cal_slurp("/sys/hypervisor/type", text, sizeof text)
               ? sp_arena_strdup(arena, text)
               : NULL;
#endif
}

static const char *content(const char *path, const char *absent, struct sp_arena *arena)
{
    char text[128];

    return cal_slurp(path, text, sizeof text) ? sp_arena_strdup(arena, text) : absent;
}

int32_t cal_machine_facts(const struct cal_machine *m, struct sp_arena *arena,
                          struct model_fact *facts, int32_t room)
{
#define CPUFREQ "/sys/devices/system/cpu/cpu0/cpufreq/"
    struct utsname name;
    int32_t n = 0;

    add_fact(facts, &n, room, "cpu", cpu_model(m, arena));
    add_fact(facts, &n, room, "cores",
             sp_arena_printf(arena, "%d", cal_machine_cores(m)));
    if (isfinite(m->quota_cpus))
        add_fact(facts, &n, room, "cpu_quota",
                 sp_arena_printf(arena, "%.2f", m->quota_cpus));
    if (uname(&name) == 0)
        add_fact(facts, &n, room, "kernel",
                 sp_arena_printf(arena, "%s %s %s", name.sysname, name.release,
                                 name.machine));
    add_fact(facts, &n, room, "hypervisor", hypervisor(arena));
    add_fact(facts, &n, room, "governor",
             content(CPUFREQ "scaling_governor", "none", arena));
    add_fact(facts, &n, room, "frequency_driver",
             content(CPUFREQ "scaling_driver", "none", arena));
    add_fact(facts, &n, room, "compiler", __VERSION__);
    return n;
}
