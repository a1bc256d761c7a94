/* Matrix products of cuBLASLt, where it is.  It thinks in columns: row-major c = a b is
 * its c' = b' a'. */
#include <dlfcn.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "calibrate/cuda_api.h"
#include "calibrate/cuda_parts.h"

struct cal_cublaslt {
    void *library, *handle;
    struct cal_lt_api api;
    /* The last shape, made ready. */
    struct cal_cublaslt_gemm shape;
    void *operation, *a, *b, *c;
    struct cal_lt_choice choice;
};

static const struct cal_symbol symbols[] = {
#define X(needed, name, parameters) {#name, needed},
    CAL_LT_FUNCTIONS(X)
#undef X
        {"cublasLtGetVersion", false},
};
_Static_assert(sizeof(struct cal_lt_api) ==
                   sizeof symbols / sizeof symbols[0] * sizeof(void *),
               "a pointer a symbol");

static void *open_library(void)
{
    static const char *const names[] = {"libcublasLt.so.13", "libcublasLt.so.12",
                                        "libcublasLt.so.11"};
    const char *named = getenv("STAGEPLAN_CUBLASLT");
    void *library = NULL;

    if (named != NULL && named[0] != '\0')
        return strcmp(named, "none") == 0 ? NULL : dlopen(named, RTLD_NOW);
    for (size_t i = 0; i < sizeof names / sizeof names[0] && library == NULL; i++)
        library = dlopen(names[i], RTLD_NOW);
    return library;
}

struct cal_cublaslt *cal_cublaslt_open(struct sp_arena *arena, const char **why)
{
    void *library = open_library();
    struct cal_cublaslt *lt;
    const char *missing = NULL;
    int code;

    if (library == NULL) {
        *why = "cuBLASLt is not there";
        return NULL;
    }
    lt = sp_xcalloc(1, sizeof *lt);
    lt->library = library;
    if (!cal_symbols_find(library, symbols, sizeof symbols / sizeof symbols[0],
                          &lt->api, &missing))
        *why = sp_arena_printf(arena, "cuBLASLt has no %s", missing);
    else if ((code = lt->api.cublasLtCreate(&lt->handle)) != 0)
        *why = sp_arena_printf(arena, "cublasLtCreate: error %d", code);
    else
        return lt;
    dlclose(library);
    free(lt);
    return NULL;
}

static void forget_shape(struct cal_cublaslt *lt)
{
    void **layouts[] = {&lt->a, &lt->b, &lt->c};

    for (size_t i = 0; i < sizeof layouts / sizeof layouts[0]; i++) {
        if (*layouts[i] != NULL)
            lt->api.cublasLtMatrixLayoutDestroy(*layouts[i]);
        *layouts[i] = NULL;
    }
    if (lt->operation != NULL)
        lt->api.cublasLtMatmulDescDestroy(lt->operation);
    lt->operation = NULL;
    lt->shape = (struct cal_cublaslt_gemm){0};
}

void cal_cublaslt_close(struct cal_cublaslt *lt)
{
    if (lt == NULL)
        return;
    forget_shape(lt);
    lt->api.cublasLtDestroy(lt->handle);
    dlclose(lt->library);
    free(lt);
}

const char *cal_cublaslt_version(const struct cal_cublaslt *lt, struct sp_arena *arena)
{
    size_t version =
        lt->api.cublasLtGetVersion != NULL ? lt->api.cublasLtGetVersion() : 0;

    /* 130001 is 13.0.1, 120805 is 12.8.5; before 12, 111103 is 11.11.3. */
    return sp_arena_printf(arena, "cuBLASLt %zu.%zu.%zu", version / 10000,
                           version / 100 % 100, version % 100);
}

static int choose(struct cal_cublaslt *lt, size_t workspace_bytes)
{
    uint64_t bytes = workspace_bytes;
    void *preference = NULL;
    int code, n = 0;

    code = lt->api.cublasLtMatmulPreferenceCreate(&preference);
    if (code != 0)
        return code;
    code = lt->api.cublasLtMatmulPreferenceSetAttribute(
        preference, CAL_LT_PREFERENCE_WORKSPACE_BYTES, &bytes, sizeof bytes);
    if (code == 0)
        code = lt->api.cublasLtMatmulAlgoGetHeuristic(lt->handle, lt->operation, lt->a,
                                                      lt->b, lt->c, lt->c, preference,
                                                      1, &lt->choice, &n);
    lt->api.cublasLtMatmulPreferenceDestroy(preference);
    return code != 0 ? code : n < 1 ? -1 : lt->choice.state;
}

static int prepare(struct cal_cublaslt *lt, const struct cal_cublaslt_gemm *g)
{
    int type = strcmp(g->format, "f16") == 0 ? CAL_LT_R_16F : CAL_LT_R_16BF;
    uint64_t m = (uint64_t)g->m, n = (uint64_t)g->n, k = (uint64_t)g->k;
    int code;

    if (lt->operation != NULL && lt->shape.m == g->m && lt->shape.n == g->n &&
        lt->shape.k == g->k && strcmp(lt->shape.format, g->format) == 0)
        return 0;
    forget_shape(lt);
    code = lt->api.cublasLtMatmulDescCreate(&lt->operation, CAL_LT_COMPUTE_32F,
                                            CAL_LT_R_32F);
    if (code == 0)
        code = lt->api.cublasLtMatrixLayoutCreate(&lt->a, type, n, k, g->n);
    if (code == 0)
        code = lt->api.cublasLtMatrixLayoutCreate(&lt->b, type, k, m, g->k);
    if (code == 0)
        code = lt->api.cublasLtMatrixLayoutCreate(&lt->c, CAL_LT_R_32F, n, m, g->n);
    if (code == 0)
        code = choose(lt, g->workspace_bytes);
    if (code != 0)
        forget_shape(lt);
    else
        lt->shape = *g;
    return code;
}

/* Device memory as cuBLASLt takes it: an address that is never looked behind here. */
static void *at(unsigned long long address)
{
    return (void *)(uintptr_t)address;
}

enum sp_status cal_cublaslt_multiply(struct cal_cublaslt *lt,
                                     const struct cal_cublaslt_gemm *g, void *stream,
                                     struct sp_err *err)
{
    const float one = 1, zero = 0;
    int code = prepare(lt, g);

    if (code == 0)
        code = lt->api.cublasLtMatmul(lt->handle, lt->operation, &one, at(g->b), lt->a,
                                      at(g->a), lt->b, &zero, at(g->c), lt->c, at(g->c),
                                      lt->c, &lt->choice.algo, at(g->workspace),
                                      g->workspace_bytes, stream);
    if (code != 0)
        return sp_fail(err, SP_EIO, "cuBLASLt: %d x %d x %d: error %d", (int)g->m,
                       (int)g->n, (int)g->k, code);
    return SP_OK;
}
