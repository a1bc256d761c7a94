/* The faces of the catalog: a table, a page for one type, JSON.  Shared by
 * cmd_catalog.c and its helpers; nothing else includes this. */
#ifndef CLI_CATALOG_H
#define CLI_CATALOG_H

#include <stdint.h>
#include <time.h>

#include "model/catalog.h"

/* NaN where a part is not known. */
double cli_catalog_usd_per_gpu_h(const struct model_instance *r);
double cli_catalog_usd_per_vcpu_h(const struct model_instance *r);
double cli_catalog_vcpu_per_gpu(const struct model_instance *r);

/* The shortest decimal that reads back as `v`; "" for NaN.  Into buf (returned). */
char *cli_catalog_number(double v, char *buf, int size);

/* One type with all its facts; ages of prices are counted from `now`. */
void cli_catalog_show_text(const struct model_instance *r,
                           const struct model_gpu_facts *gpu, const char *origin,
                           time_t now);

/* Many types on stdout: a table that fits 80 columns with a foot that dates the prices;
 * or CSV with all columns, which model_catalog_read() takes. */
void cli_catalog_list_table(const struct model_instance *const *rows, int32_t n,
                            const struct model_catalog *catalog);
void cli_catalog_list_csv(const struct model_instance *const *rows, int32_t n);

/* On stdout: every column by its name, numbers or null, and what follows from them. */
void cli_catalog_show_json(const struct model_instance *r,
                           const struct model_gpu_facts *gpu, const char *origin);
void cli_catalog_list_json(const struct model_instance *const *rows, int32_t n,
                           const char *origin);

#endif
