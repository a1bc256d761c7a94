/* One instance type as a page of text, 80 columns wide. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "cli/catalog.h"

enum { LABEL_WIDTH = 16, TEXT_WIDTH = 60 };

double cli_catalog_usd_per_gpu_h(const struct model_instance *r)
{
    return r->gpu_count > 0 ? r->ondemand_usd_h / r->gpu_count : NAN;
}

double cli_catalog_usd_per_vcpu_h(const struct model_instance *r)
{
    return r->ondemand_usd_h / r->vcpu;
}

double cli_catalog_vcpu_per_gpu(const struct model_instance *r)
{
    return r->gpu_count > 0 ? r->vcpu / r->gpu_count : NAN;
}

char *cli_catalog_number(double v, char *buf, int size)
{
    buf[0] = '\0';
    if (isnan(v))
        return buf;
    for (int digits = 6; digits <= 17; digits++) {
        snprintf(buf, (size_t)size, "%.*g", digits, v);
        if (strtod(buf, NULL) == v)
            break;
    }
    return buf;
}

/* "  label           text", the text broken between words where it is long. */
static void line(const char *label, const char *text)
{
    while (strlen(text) > TEXT_WIDTH) {
        int n = TEXT_WIDTH;

        while (n > 0 && text[n] != ' ')
            n--;
        if (n == 0) /* one long word: whole, however long */
            n = (int)strcspn(text, " ");
        printf("  %-*s %.*s\n", LABEL_WIDTH, label, n, text);
        text += n + (text[n] == ' ');
        label = "";
    }
    if (*text != '\0')
        printf("  %-*s %s\n", LABEL_WIDTH, label, text);
}

static void number_line(const char *label, double v, const char *unit)
{
    char number[40], text[100];

    snprintf(text, sizeof text, "%s %s", cli_catalog_number(v, number, sizeof number),
             unit);
    line(label, isnan(v) ? "not in the sources" : text);
}

/* Days from `date` to `now`; -1 where there is no date or it is not past. */
static long age_days(const char *date, time_t now)
{
    struct tm tm = {0};
    time_t then;

    if (sscanf(date, "%d-%d-%d", &tm.tm_year, &tm.tm_mon, &tm.tm_mday) != 3)
        return -1;
    tm.tm_year -= 1900;
    tm.tm_mon -= 1;
    then = timegm(&tm);
    return then > now ? -1 : (long)((now - then) / 86400);
}

static void price_line(const char *label, double usd_h, const char *date, time_t now)
{
    enum { OLD_DAYS = 180 };
    char number[40], when[80] = "undated: check before use", text[160];
    long age = age_days(date, now);

    if (isnan(usd_h)) {
        line(label, "no price published, which is not free");
        return;
    }
    if (age >= 0)
        snprintf(when, sizeof when, "as of %s, %ld days ago%s", date, age,
                 age > OLD_DAYS ? ": old, check before use" : "");
    else if (strlen(date) == 10)
        snprintf(when, sizeof when, "as of %s", date);
    snprintf(text, sizeof text, "%s USD/h, %s",
             cli_catalog_number(usd_h, number, sizeof number), when);
    line(label, text);
}

static void rate_line(const char *label, double usd)
{
    char text[60];

    if (isnan(usd))
        return;
    snprintf(text, sizeof text, "%.4f USD", usd);
    line(label, text);
}

static void show_gpus_of(const struct model_instance *r)
{
    char count[40], memory[40], text[200], known[80] = "";

    if (!(r->gpu_count > 0)) {
        line("GPU", "none");
        return;
    }
    if (!isnan(r->gpu_memory_gib))
        snprintf(known, sizeof known, ", %s GiB each",
                 cli_catalog_number(r->gpu_memory_gib, memory, sizeof memory));
    snprintf(text, sizeof text, "%s x %s%s",
             cli_catalog_number(r->gpu_count, count, sizeof count), r->gpu_model,
             known);
    line("GPU", text);
    if (!isnan(r->vcpu)) {
        snprintf(text, sizeof text, "%.4g", cli_catalog_vcpu_per_gpu(r));
        line("vCPUs per GPU", text);
    }
}

static void show_prices(const struct model_instance *r, time_t now)
{
    price_line("on demand", r->ondemand_usd_h, r->price_date, now);
    rate_line("  per GPU-hour", cli_catalog_usd_per_gpu_h(r));
    rate_line("  per vCPU-hour", cli_catalog_usd_per_vcpu_h(r));
    if (!isnan(r->spot_usd_h)) {
        price_line("spot", r->spot_usd_h, r->spot_date, now);
        line("  basis", r->spot_basis);
    }
    if (r->spot_interrupt_band[0] != '\0') {
        char text[80];

        snprintf(text, sizeof text, "%.40s of instances a month",
                 r->spot_interrupt_band);
        line("  interrupted", text);
    }
}

static void gpu_number(const char *label, double v, const char *unit)
{
    if (!isnan(v) && v > 0)
        number_line(label, v, unit);
}

static void show_gpu(const struct model_gpu_facts *g)
{
    printf("\nGPU %s (%s %s, compute capability %s)\n", g->model, g->vendor, g->arch,
           g->compute_capability);
    gpu_number("memory", g->memory_gb_nominal, "GB nominal");
    gpu_number("  usable", g->memory_gib_usable, "GiB");
    gpu_number("bandwidth", g->mem_bandwidth_gbs, "GB/s");
    gpu_number("bf16, dense", g->bf16_dense_tflops, "TFLOP/s");
    gpu_number("fp16, dense", g->fp16_dense_tflops, "TFLOP/s");
    gpu_number("fp8, dense", g->fp8_dense_tflops, "TFLOP/s");
    gpu_number("fp4, dense", g->fp4_dense_tflops, "TFLOP/s");
    gpu_number("int8, dense", g->int8_dense_tops, "TOP/s");
    gpu_number("fp32", g->fp32_tflops, "TFLOP/s");
    gpu_number("TDP", g->tdp_w, "W");
    line("PCIe", g->pcie);
    gpu_number("NVLink", g->nvlink_gbs_bidirectional, "GB/s, both directions");
    gpu_number("MIG, at most", g->mig_max_instances, "instances");
    line("confidence", g->confidence[0] == 'A' ? "A: two independent sources agree"
                       : g->confidence[0] == 'B'
                           ? "B: one good source, or nearly agreeing"
                           : "C: secondary, check before use");
    line("sources", g->sources);
    line("notes", g->notes);
}

void cli_catalog_show_text(const struct model_instance *r,
                           const struct model_gpu_facts *gpu, const char *origin,
                           time_t now)
{
    printf("%s", r->name);
    if (r->provider[0] != '\0')
        printf(" (%s%s%s)", r->provider, r->region[0] != '\0' ? ", " : "", r->region);
    putchar('\n');
    number_line("vCPU", r->vcpu, "");
    line("architecture", r->arch);
    number_line("memory", r->memory_gib, "GiB");
    number_line("network", r->network_gbps, "Gbit/s");
    show_gpus_of(r);
    show_prices(r, now);
    line("sources", r->spec_source[0] != '\0' ? r->spec_source : origin);
    line("  of prices", r->price_source[0] != '\0' ? r->price_source : origin);
    line("notes", r->notes);
    if (gpu != NULL)
        show_gpu(gpu);
}
