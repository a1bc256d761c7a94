/* Line by line: grammar first, then what the family's type asks for. */
#include "tests/openmetrics_check.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"

enum { LABELS_MAX = 32, SERIES_MAX = 20000, FAMILIES_MAX = 500 };

struct label {
    char *key, *value;
};

struct sample {
    char *name;
    int n;
    struct label labels[LABELS_MAX];
    double value;
};

struct checker {
    struct sp_arena *arena;
    int line;
    char *family, *type, *unit; /* that we are in */
    bool help, sampled;
    char *families[FAMILIES_MAX];
    int n_families;
    char **series; /* name, labels sorted */
    int n_series;
    /* Of the histogram's metric that we are in. */
    char *metric;
    double last_le, last_count, inf;
};

static const char *say(struct checker *k, const char *what)
{
    return sp_arena_printf(k->arena, "line %d: %s", k->line, what);
}

static char *copy(struct checker *k, const char *from, size_t n)
{
    return sp_arena_printf(k->arena, "%.*s", (int)n, from);
}

/* ---- grammar ---- */

static size_t name_length(const char *p, bool colon)
{
    size_t n = 0;

    while ((p[n] >= 'a' && p[n] <= 'z') || (p[n] >= 'A' && p[n] <= 'Z') ||
           p[n] == '_' || (colon && p[n] == ':') ||
           (n > 0 && p[n] >= '0' && p[n] <= '9'))
        n++;
    return n;
}

/* A quoted value; NULL where it is none.  *p moves behind it. */
static char *quoted(struct checker *k, const char **p)
{
    char *value = sp_arena_alloc(k->arena, strlen(*p) + 1), *out = value;

    if (*(*p)++ != '"')
        return NULL;
    for (; **p != '"'; (*p)++) {
        if (**p == '\0')
            return NULL;
        if (**p == '\\') {
            (*p)++;
            if (**p != 'n' && **p != '"' && **p != '\\')
                return NULL;
            *out++ = **p == 'n' ? '\n' : **p;
        } else {
            *out++ = **p;
        }
    }
    (*p)++;
    *out = '\0';
    return value;
}

static const char *parse_labels(struct checker *k, const char **p, struct sample *s)
{
    (*p)++;
    while (**p != '}') {
        size_t n = name_length(*p, false);

        if (n == 0 || s->n == LABELS_MAX)
            return say(k, "no name of a label");
        s->labels[s->n].key = copy(k, *p, n);
        *p += n;
        if (*(*p)++ != '=')
            return say(k, "no = behind a label's name");
        s->labels[s->n].value = quoted(k, p);
        if (s->labels[s->n].value == NULL)
            return say(k, "a label's value is not quoted or badly escaped");
        for (int i = 0; i < s->n; i++)
            if (strcmp(s->labels[i].key, s->labels[s->n].key) == 0)
                return say(k, "a label stands twice");
        s->n++;
        if (**p == ',' && (*p)[1] != '}')
            (*p)++;
        else if (**p != '}')
            return say(k, "labels don't end");
    }
    (*p)++;
    return NULL;
}

static const char *parse_sample(struct checker *k, const char *line, struct sample *s)
{
    size_t n = name_length(line, true);
    const char *p = line + n, *broken = NULL;
    char *end;

    if (n == 0)
        return say(k, "no name of a metric");
    s->name = copy(k, line, n);
    if (*p == '{')
        broken = parse_labels(k, &p, s);
    if (broken != NULL)
        return broken;
    if (*p != ' ' || p[1] == ' ' || p[1] == '\0')
        return say(k, "expected one space and a value");
    s->value = strtod(p + 1, &end);
    return *end == '\0' ? NULL : say(k, "something behind the value");
}

/* ---- families ---- */

static bool ends_with(const char *text, const char *suffix)
{
    size_t n = strlen(text), m = strlen(suffix);

    return n >= m && strcmp(text + n - m, suffix) == 0;
}

static const char *begin_family(struct checker *k, char *name)
{
    for (int i = 0; i < k->n_families; i++)
        if (strcmp(k->families[i], name) == 0)
            return say(k, "a family comes again: it is not in one piece");
    sp_assert(k->n_families < FAMILIES_MAX);
    k->families[k->n_families++] = name;
    k->family = name;
    k->type = k->unit = NULL;
    k->help = k->sampled = false;
    k->metric = NULL;
    return NULL;
}

static const char *check_type(struct checker *k, const char *value)
{
    static const char *const types[] = {"counter",  "gauge",   "histogram", "info",
                                        "stateset", "summary", "unknown"};

    if (k->type != NULL)
        return say(k, "a second TYPE");
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (strcmp(value, types[i]) == 0)
            k->type = copy(k, value, strlen(value));
    if (k->type == NULL)
        return say(k, "no such TYPE");
    if (strcmp(value, "counter") == 0 && ends_with(k->family, "_total"))
        return say(k, "a counter's family ends with _total");
    return NULL;
}

static const char *descriptor(struct checker *k, const char *line)
{
    const char *kind = line + 2, *name, *value, *broken = NULL;
    size_t n;

    if (strncmp(kind, "TYPE ", 5) != 0 && strncmp(kind, "HELP ", 5) != 0 &&
        strncmp(kind, "UNIT ", 5) != 0)
        return say(k, "a comment that is none of TYPE, UNIT, HELP, EOF");
    name = kind + 5;
    n = name_length(name, true);
    if (n == 0 || name[n] != ' ')
        return say(k, "no family, or nothing said of it");
    value = name + n + 1;
    if (k->family == NULL || strlen(k->family) != n || strncmp(k->family, name, n) != 0)
        broken = begin_family(k, copy(k, name, n));
    if (broken != NULL)
        return broken;
    if (k->sampled)
        return say(k, "said of a family behind its samples");
    if (*kind == 'T')
        return check_type(k, value);
    if (*kind == 'H') {
        if (k->help)
            return say(k, "a second HELP");
        k->help = true;
        return NULL;
    }
    if (k->unit != NULL)
        return say(k, "a second UNIT");
    k->unit = copy(k, value, strlen(value));
    if (!ends_with(k->family, sp_arena_printf(k->arena, "_%s", k->unit)))
        return say(k, "the unit is no suffix of the family's name");
    return NULL;
}

/* ---- samples ---- */

static const char *label_of(const struct sample *s, const char *key)
{
    for (int i = 0; i < s->n; i++)
        if (strcmp(s->labels[i].key, key) == 0)
            return s->labels[i].value;
    return NULL;
}

static int by_key(const void *a, const void *b)
{
    return strcmp(((const struct label *)a)->key, ((const struct label *)b)->key);
}

/* Name and sorted labels, without `but`. */
static char *series_of(struct checker *k, const struct sample *s, const char *name,
                       const char *but)
{
    struct label sorted[LABELS_MAX];
    char *text = sp_arena_printf(k->arena, "%s", name);

    memcpy(sorted, s->labels, sizeof sorted);
    qsort(sorted, (size_t)s->n, sizeof sorted[0], by_key);
    for (int i = 0; i < s->n; i++)
        if (but == NULL || strcmp(sorted[i].key, but) != 0)
            text = sp_arena_printf(k->arena, "%s\1%s\2%s", text, sorted[i].key,
                                   sorted[i].value);
    return text;
}

static const char *check_counter(struct checker *k, const struct sample *s,
                                 const char *suffix)
{
    if (strcmp(suffix, "_total") != 0)
        return say(k, "a counter's sample without _total");
    return s->value >= 0 ? NULL : say(k, "a counter is negative or NaN");
}

static const char *check_info(struct checker *k, const struct sample *s,
                              const char *suffix)
{
    if (strcmp(suffix, "_info") != 0)
        return say(k, "an info's sample without _info");
    return s->value == 1 ? NULL : say(k, "an info's value is not 1");
}

static const char *check_summary(struct checker *k, const struct sample *s,
                                 const char *suffix)
{
    const char *quantile = label_of(s, "quantile");

    if (*suffix == '\0') {
        if (quantile == NULL)
            return say(k, "a summary's value without quantile");
        if (!(strtod(quantile, NULL) >= 0 && strtod(quantile, NULL) <= 1))
            return say(k, "a quantile outside of 0..1");
        return s->value >= 0 ? NULL : say(k, "a quantile's value is negative");
    }
    if (strcmp(suffix, "_sum") != 0 && strcmp(suffix, "_count") != 0)
        return say(k, "a summary's sample with another suffix");
    return s->value >= 0 ? NULL : say(k, "a count or sum is negative");
}

static const char *check_bucket(struct checker *k, const struct sample *s, char *metric)
{
    const char *le = label_of(s, "le");

    if (le == NULL)
        return say(k, "a bucket without le");
    if (strpbrk(le, ".eI") == NULL)
        return say(k, "le is no number in its canonical form");
    if (k->metric == NULL || strcmp(k->metric, metric) != 0) {
        if (k->metric != NULL && isnan(k->inf))
            return say(k, "buckets without +Inf");
        k->metric = metric;
        k->last_le = -INFINITY;
        k->last_count = 0;
        k->inf = NAN;
    }
    if (!(strtod(le, NULL) > k->last_le))
        return say(k, "buckets don't rise");
    if (s->value < k->last_count)
        return say(k, "buckets are not cumulative");
    k->last_le = strtod(le, NULL);
    k->last_count = s->value;
    if (strcmp(le, "+Inf") == 0)
        k->inf = s->value;
    return NULL;
}

static const char *check_histogram(struct checker *k, const struct sample *s,
                                   const char *suffix)
{
    char *metric = series_of(k, s, k->family, "le");

    if (strcmp(suffix, "_bucket") == 0)
        return check_bucket(k, s, metric);
    if (strcmp(suffix, "_count") != 0 && strcmp(suffix, "_sum") != 0)
        return say(k, "a histogram's sample with another suffix");
    if (k->metric == NULL || strcmp(k->metric, metric) != 0)
        return say(k, "a count or sum away from its buckets");
    if (isnan(k->inf))
        return say(k, "buckets without +Inf");
    if (strcmp(suffix, "_count") == 0 && s->value != k->inf)
        return say(k, "the count is not that of +Inf");
    return NULL;
}

static const char *check_sample(struct checker *k, const struct sample *s)
{
    size_t n = k->family != NULL ? strlen(k->family) : 0;
    const char *suffix = s->name + n;
    char *series = series_of(k, s, s->name, NULL);

    if (k->type == NULL || strncmp(s->name, k->family, n) != 0)
        return say(k, "a sample outside of its family");
    k->sampled = true;
    for (int i = 0; i < k->n_series; i++)
        if (strcmp(k->series[i], series) == 0)
            return say(k, "a series stands twice");
    sp_assert(k->n_series < SERIES_MAX);
    k->series[k->n_series++] = series;
    if (strcmp(k->type, "counter") == 0)
        return check_counter(k, s, suffix);
    if (strcmp(k->type, "info") == 0)
        return check_info(k, s, suffix);
    if (strcmp(k->type, "summary") == 0)
        return check_summary(k, s, suffix);
    if (strcmp(k->type, "histogram") == 0)
        return check_histogram(k, s, suffix);
    return *suffix == '\0' ? NULL : say(k, "a gauge's sample with a suffix");
}

const char *openmetrics_check(struct sp_arena *arena, const char *text)
{
    struct checker k = {.arena = arena, .inf = NAN};
    const char *broken = NULL;

    k.series = sp_arena_array(arena, SERIES_MAX, sizeof *k.series);
    if (strchr(text, '\r') != NULL)
        return "a carriage return";
    while (broken == NULL) {
        const char *newline = strchr(text, '\n');
        char *line;
        struct sample s = {0};

        k.line++;
        if (newline == NULL)
            return say(&k, "the text ends without # EOF");
        line = copy(&k, text, (size_t)(newline - text));
        text = newline + 1;
        if (strcmp(line, "# EOF") == 0)
            return *text == '\0' ? NULL : say(&k, "something behind # EOF");
        if (strncmp(line, "# ", 2) == 0) {
            broken = descriptor(&k, line);
            continue;
        }
        broken = parse_sample(&k, line, &s);
        if (broken == NULL)
            broken = check_sample(&k, &s);
    }
    return broken;
}

double openmetrics_value(const char *text, const char *series)
{
    size_t n = strlen(series);

    for (const char *p = text; p != NULL; p = strchr(p, '\n')) {
        p += *p == '\n';
        if (strncmp(p, series, n) == 0 && p[n] == ' ')
            return strtod(p + n, NULL);
        if (*p == '\0')
            break;
    }
    return NAN;
}
