/* Kernels of a profile by name. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "model/profile.h"

enum { QUOTED_BYTES = 80, LISTED_BYTES = 600 };

static bool is_it(const struct model_kernel *k, const char *name, const char *device)
{
    return strcmp(k->name, name) == 0 &&
           (device == NULL || strcmp(k->device, device) == 0);
}

/* "'a' on 'cpu', 'b' on 'gpu0'" of the kernels named `name` (NULL: of all), into a
 * buffer. */
static const char *list(const struct model_profile *profile, const char *name,
                        char *buf, size_t size)
{
    size_t used = 0;
    int32_t left = 0;

    buf[0] = '\0';
    for (int32_t i = 0; i < profile->n_kernels; i++) {
        const struct model_kernel *k = &profile->kernels[i];
        char quoted[QUOTED_BYTES], on[QUOTED_BYTES];

        if (name != NULL && !is_it(k, name, NULL))
            continue;
        if (used + 2 * QUOTED_BYTES + 40 > size)
            left++;
        else
            used += (size_t)snprintf(buf + used, size - used, "%s%s on %s",
                                     used > 0 ? ", " : "",
                                     sp_text_quote(k->name, quoted, sizeof quoted),
                                     sp_text_quote(k->device, on, sizeof on));
    }
    if (left > 0)
        snprintf(buf + used, size - used, " and %d more", left);
    return buf;
}

/* The name of a kernel near to `name`, or NULL. */
static const char *nearest(const struct model_profile *profile, const char *name)
{
    const char *names[MODEL_PROFILE_KERNELS_MAX];
    size_t n = 0;

    for (int32_t i = 0; i < profile->n_kernels && n < MODEL_PROFILE_KERNELS_MAX; i++)
        names[n++] = profile->kernels[i].name;
    return sp_text_nearest(name, names, n);
}

static enum sp_status refuse(const struct model_profile *profile, const char *name,
                             const char *device, int32_t n, struct sp_err *err)
{
    char quoted[QUOTED_BYTES], on[QUOTED_BYTES], kernels[LISTED_BYTES];
    const char *near = nearest(profile, name);
    bool elsewhere = near != NULL && strcmp(near, name) == 0;

    sp_text_quote(name, quoted, sizeof quoted);
    if (profile->n_kernels == 0)
        return sp_fail(err, SP_EINPUT, "no kernel %s in %s, which has none", quoted,
                       profile->path);
    if (n > 1)
        return sp_fail(err, SP_EINPUT,
                       "kernel %s was measured more than once in %s: "
                       "%s; expected the device, too",
                       quoted, profile->path,
                       list(profile, name, kernels, sizeof kernels));
    if (elsewhere)
        return sp_fail(err, SP_EINPUT,
                       "kernel %s was not measured on %s in %s, "
                       "expected %s",
                       quoted, sp_text_quote(device, on, sizeof on), profile->path,
                       list(profile, name, kernels, sizeof kernels));
    list(profile, NULL, kernels, sizeof kernels);
    if (near != NULL)
        return sp_fail(err, SP_EINPUT, "no kernel %s in %s, did you mean %s? It has %s",
                       quoted, profile->path, sp_text_quote(near, on, sizeof on),
                       kernels);
    return sp_fail(err, SP_EINPUT, "no kernel %s in %s, which has %s", quoted,
                   profile->path, kernels);
}

enum sp_status model_profile_find(const struct model_profile *profile, const char *name,
                                  const char *device,
                                  const struct model_kernel **kernel,
                                  struct sp_err *err)
{
    const struct model_kernel *found = NULL;
    int32_t n = 0;

    for (int32_t i = 0; i < profile->n_kernels; i++)
        if (is_it(&profile->kernels[i], name, device) && n++ == 0)
            found = &profile->kernels[i];
    if (n != 1)
        return refuse(profile, name, device, n, err);
    *kernel = found;
    return SP_OK;
}
