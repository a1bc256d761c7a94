/* Rules by column in a table, rules between columns as functions. */
#include "tests/focus_check.h"

#include <jansson.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "model/csv.h"

enum kind { STRING, DECIMAL, INSTANT, OBJECT };

/* FOCUS 1.2's 57 columns, A to Z. */
static const struct rule {
    const char *name;
    enum kind kind;
    bool mandatory; /* the column must be there */
    bool never_null;
    const char *allowed; /* "|A|B|"; NULL: anything */
} rules[] = {
    {"AvailabilityZone", STRING, false, false, NULL},
    {"BilledCost", DECIMAL, true, true, NULL},
    {"BillingAccountId", STRING, true, true, NULL},
    {"BillingAccountName", STRING, true, false, NULL},
    {"BillingAccountType", STRING, false, false, NULL},
    {"BillingCurrency", STRING, true, true, NULL},
    {"BillingPeriodEnd", INSTANT, true, true, NULL},
    {"BillingPeriodStart", INSTANT, true, true, NULL},
    {"CapacityReservationId", STRING, false, false, NULL},
    {"CapacityReservationStatus", STRING, false, false, "|Used|Unused|"},
    {"ChargeCategory", STRING, true, true, "|Usage|Purchase|Tax|Credit|Adjustment|"},
    {"ChargeClass", STRING, true, false, "|Correction|"},
    {"ChargeDescription", STRING, true, false, NULL},
    {"ChargeFrequency", STRING, false, true, "|One-Time|Recurring|Usage-Based|"},
    {"ChargePeriodEnd", INSTANT, true, true, NULL},
    {"ChargePeriodStart", INSTANT, true, true, NULL},
    {"CommitmentDiscountCategory", STRING, false, false, "|Spend|Usage|"},
    {"CommitmentDiscountId", STRING, false, false, NULL},
    {"CommitmentDiscountName", STRING, false, false, NULL},
    {"CommitmentDiscountQuantity", DECIMAL, false, false, NULL},
    {"CommitmentDiscountStatus", STRING, false, false, "|Used|Unused|"},
    {"CommitmentDiscountType", STRING, false, false, NULL},
    {"CommitmentDiscountUnit", STRING, false, false, NULL},
    {"ConsumedQuantity", DECIMAL, false, false, NULL},
    {"ConsumedUnit", STRING, false, false, NULL},
    {"ContractedCost", DECIMAL, true, true, NULL},
    {"ContractedUnitPrice", DECIMAL, false, false, NULL},
    {"EffectiveCost", DECIMAL, true, true, NULL},
    {"InvoiceId", STRING, false, false, NULL},
    {"InvoiceIssuerName", STRING, true, true, NULL},
    {"ListCost", DECIMAL, true, true, NULL},
    {"ListUnitPrice", DECIMAL, false, false, NULL},
    {"PricingCategory", STRING, false, false, "|Standard|Dynamic|Committed|Other|"},
    {"PricingCurrency", STRING, false, false, NULL},
    {"PricingCurrencyContractedUnitPrice", DECIMAL, false, false, NULL},
    {"PricingCurrencyEffectiveCost", DECIMAL, false, false, NULL},
    {"PricingCurrencyListUnitPrice", DECIMAL, false, false, NULL},
    {"PricingQuantity", DECIMAL, true, false, NULL},
    {"PricingUnit", STRING, true, false, NULL},
    {"ProviderName", STRING, true, true, NULL},
    {"PublisherName", STRING, true, true, NULL},
    {"RegionId", STRING, false, false, NULL},
    {"RegionName", STRING, false, false, NULL},
    {"ResourceId", STRING, false, false, NULL},
    {"ResourceName", STRING, false, false, NULL},
    {"ResourceType", STRING, false, false, NULL},
    {"ServiceCategory", STRING, true, true,
     "|AI and Machine Learning|Analytics|Business Applications|Compute|Databases|"
     "Developer Tools|Multicloud|Identity|Integration|Internet of Things|"
     "Management and Governance|Media|Migration|Mobile|Networking|Security|Storage|"
     "Web|Other|"},
    {"ServiceName", STRING, true, true, NULL},
    {"ServiceSubcategory", STRING, false, true, NULL},
    {"SkuId", STRING, false, false, NULL},
    {"SkuMeter", STRING, false, false, NULL},
    {"SkuPriceDetails", OBJECT, false, false, NULL},
    {"SkuPriceId", STRING, false, false, NULL},
    {"SubAccountId", STRING, false, false, NULL},
    {"SubAccountName", STRING, false, false, NULL},
    {"SubAccountType", STRING, false, false, NULL},
    {"Tags", OBJECT, false, false, NULL},
};
enum { N_RULES = sizeof rules / sizeof rules[0], COLUMNS_MAX = 200 };

struct checker {
    struct sp_arena *arena;
    const struct rule *column[COLUMNS_MAX]; /* NULL: a column of the writer's own */
    const char *name[COLUMNS_MAX];
    int32_t n;
    const struct model_csv_field *row;
    int32_t line;
};

static const char *say(struct checker *k, const char *column, const char *what)
{
    return sp_arena_printf(k->arena, "row in line %d: %s: %s", (int)k->line, column,
                           what);
}

/* ---- columns ---- */

static const struct rule *rule_of(const char *name)
{
    for (int i = 0; i < N_RULES; i++)
        if (strcmp(rules[i].name, name) == 0)
            return &rules[i];
    return NULL;
}

static bool has_column(const struct checker *k, const char *name)
{
    for (int32_t i = 0; i < k->n; i++)
        if (strcmp(k->name[i], name) == 0)
            return true;
    return false;
}

static bool is_pascal(const char *name)
{
    if (*name < 'A' || *name > 'Z')
        return false;
    for (; *name != '\0'; name++)
        if (!((*name >= 'A' && *name <= 'Z') || (*name >= 'a' && *name <= 'z') ||
              (*name >= '0' && *name <= '9')))
            return false;
    return true;
}

static const char *check_header(struct checker *k)
{
    for (int32_t i = 0; i < k->n; i++) {
        const char *name = k->name[i];

        k->column[i] = rule_of(name);
        if (k->column[i] == NULL &&
            (strncmp(name, "x_", 2) != 0 || !is_pascal(name + 2)))
            return say(k, name, "is no column of FOCUS 1.2 and no x_PascalCase");
        for (int32_t j = 0; j < i; j++)
            if (strcmp(k->name[j], name) == 0)
                return say(k, name, "stands twice");
        if (i > 0 && (k->column[i] == NULL) == (k->column[i - 1] == NULL) &&
            strcmp(k->name[i - 1], name) > 0)
            return say(k, name, "is out of order");
        if (i > 0 && k->column[i] != NULL && k->column[i - 1] == NULL)
            return say(k, name, "stands behind an own column");
    }
    for (int i = 0; i < N_RULES; i++)
        if (rules[i].mandatory && !has_column(k, rules[i].name))
            return say(k, rules[i].name, "is missing");
    return NULL;
}

/* ---- values ---- */

/* NULL where the column is not there or the field is empty. */
static const char *get(const struct checker *k, const char *name)
{
    for (int32_t i = 0; i < k->n; i++)
        if (strcmp(k->name[i], name) == 0)
            return *k->row[i].text != '\0' ? k->row[i].text : NULL;
    return NULL;
}

static double real(const struct checker *k, const char *name)
{
    const char *text = get(k, name);

    return text != NULL ? strtod(text, NULL) : NAN;
}

static bool is_decimal(const char *text)
{
    const char *allowed = "0123456789.eE+-";
    char *end;

    if (strspn(text, allowed) != strlen(text) || *text == '+')
        return false;
    return isfinite(strtod(text, &end)) && *end == '\0';
}

/* Unix time; -1 where it is of another form. */
static int64_t instant(const char *text)
{
    char date[11], time[9];

    if (text == NULL || strlen(text) != 20 || text[10] != 'T' || text[19] != 'Z')
        return -1;
    memcpy(date, text, 10);
    memcpy(time, text + 11, 8);
    date[10] = time[8] = '\0';
    return sp_seconds_from_date(date, time);
}

/* Values of an object must be flat. */
static bool is_object(const char *text)
{
    json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, NULL), *value;
    bool good = json_is_object(root);
    const char *key;

    json_object_foreach(root, key, value) if (json_is_array(value) ||
                                              json_is_object(value)) good = false;
    json_decref(root);
    return good;
}

static const char *check_value(struct checker *k, int32_t i)
{
    const struct rule *r = k->column[i];
    const char *text = k->row[i].text;

    if (r == NULL)
        return NULL;
    if (*text == '\0')
        return r->never_null ? say(k, r->name, "is null") : NULL;
    if (r->kind == DECIMAL && !is_decimal(text))
        return say(k, r->name, "is no decimal number");
    if (r->kind == INSTANT && instant(text) < 0)
        return say(k, r->name, "is no instant YYYY-MM-DDTHH:MM:SSZ");
    if (r->kind == OBJECT && !is_object(text))
        return say(k, r->name, "is no flat JSON object");
    if (r->allowed != NULL &&
        strstr(r->allowed, sp_arena_printf(k->arena, "|%s|", text)) == NULL)
        return say(k, r->name, "is not one of the allowed values");
    return NULL;
}

/* ---- between columns ---- */

static bool is(const struct checker *k, const char *name, const char *value)
{
    const char *text = get(k, name);

    return text != NULL && strcmp(text, value) == 0;
}

/* Both null or both not. */
static const char *check_pairs(struct checker *k)
{
    static const char *const pairs[][2] = {
        {"CapacityReservationId", "CapacityReservationStatus"},
        {"CommitmentDiscountId", "CommitmentDiscountCategory"},
        {"CommitmentDiscountId", "CommitmentDiscountStatus"},
        {"CommitmentDiscountId", "CommitmentDiscountType"},
        {"CommitmentDiscountId", "CommitmentDiscountQuantity"},
        {"CommitmentDiscountQuantity", "CommitmentDiscountUnit"},
        {"ConsumedQuantity", "ConsumedUnit"},
        {"PricingQuantity", "PricingUnit"},
        {"RegionId", "RegionName"},
        {"BillingAccountId", "BillingAccountType"},
        {"SubAccountId", "SubAccountType"},
        {"SkuPriceId", "PricingQuantity"},
    };

    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
        if (has_column(k, pairs[i][1]) &&
            (get(k, pairs[i][0]) == NULL) != (get(k, pairs[i][1]) == NULL))
            return say(k, pairs[i][1], "is null where its partner is not, or not null");
    return NULL;
}

/* A name without the thing it names. */
static const char *check_names(struct checker *k)
{
    static const char *const pairs[][2] = {
        {"CommitmentDiscountId", "CommitmentDiscountName"},
        {"ResourceId", "ResourceName"},
        {"ResourceId", "ResourceType"},
        {"SubAccountId", "SubAccountName"},
        {"SkuPriceId", "SkuPriceDetails"},
        {"SkuId", "SkuMeter"},
    };

    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
        if (get(k, pairs[i][0]) == NULL && get(k, pairs[i][1]) != NULL)
            return say(k, pairs[i][1], "is not null without its id");
    return NULL;
}

static bool begins_month(const char *time)
{
    const char *day = strlen(time) > 8 ? time + 8 : "";

    return strcmp(day, "01T00:00:00Z") == 0;
}

static const char *check_times(struct checker *k)
{
    int64_t month = instant(get(k, "BillingPeriodStart")),
            month_end = instant(get(k, "BillingPeriodEnd")),
            from = instant(get(k, "ChargePeriodStart")),
            to = instant(get(k, "ChargePeriodEnd"));

    if (month_end <= month)
        return say(k, "BillingPeriodEnd", "is not after its start");
    if (!begins_month(get(k, "BillingPeriodStart")) ||
        !begins_month(get(k, "BillingPeriodEnd")) || month_end - month > 31 * 86400)
        return say(k, "BillingPeriodStart", "the period is no calendar month");
    if (to <= from)
        return say(k, "ChargePeriodEnd", "is not after its start");
    if (from < month || to > month_end)
        return say(k, "ChargePeriodStart",
                   "the period is not within the billing period");
    return NULL;
}

static const char *check_product(struct checker *k, const char *cost, const char *price)
{
    double product = real(k, price) * real(k, "PricingQuantity");

    if (isnan(product))
        return say(k, price, "is null for usage");
    if (real(k, price) < 0)
        return say(k, price, "is negative");
    if (fabs(product - real(k, cost)) > 1e-5 + 1e-9 * fabs(product))
        return say(k, cost, "is not its unit price times PricingQuantity");
    return NULL;
}

static const char *check_usage(struct checker *k)
{
    bool unused = is(k, "CommitmentDiscountStatus", "Unused");
    double consumed = real(k, "ConsumedQuantity");
    const char *broken = check_product(k, "ContractedCost", "ContractedUnitPrice");

    if (broken == NULL)
        broken = check_product(k, "ListCost", "ListUnitPrice");
    if (broken != NULL)
        return broken;
    if (unused && !isnan(consumed))
        return say(k, "ConsumedQuantity", "is not null of an unused commitment");
    if (!unused && !(consumed > 0))
        return say(k, "ConsumedQuantity", "is not a positive number of usage");
    if (get(k, "PricingCategory") == NULL)
        return say(k, "PricingCategory", "is null of usage");
    if (get(k, "SkuId") == NULL || get(k, "SkuPriceId") == NULL)
        return say(k, "SkuPriceId", "is null of usage");
    if (is(k, "PricingCategory", "Committed") !=
        (get(k, "CommitmentDiscountId") != NULL))
        return say(k, "PricingCategory", "Committed and CommitmentDiscountId disagree");
    if (get(k, "CommitmentDiscountQuantity") != NULL &&
        !(real(k, "CommitmentDiscountQuantity") > 0))
        return say(k, "CommitmentDiscountQuantity", "is not positive");
    return NULL;
}

static const char *check_rest(struct checker *k)
{
    const char *currency = get(k, "BillingCurrency");

    if (strlen(currency) != 3 || strspn(currency, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != 3)
        return say(k, "BillingCurrency", "is no ISO 4217 code");
    if (is(k, "ServiceCategory", "Compute") && has_column(k, "ServiceSubcategory") &&
        strstr("|Containers|End User Computing|Quantum Compute|Serverless Compute|"
               "Virtual Machines|Other (Compute)|",
               sp_arena_printf(k->arena, "|%s|", get(k, "ServiceSubcategory"))) == NULL)
        return say(k, "ServiceSubcategory", "is none of ServiceCategory Compute");
    return NULL;
}

static const char *check_row(struct checker *k)
{
    const char *broken = NULL;

    for (int32_t i = 0; i < k->n && broken == NULL; i++)
        broken = check_value(k, i);
    if (broken == NULL)
        broken = check_times(k);
    if (broken == NULL && is(k, "ChargeCategory", "Usage") &&
        get(k, "ChargeClass") == NULL)
        broken = check_usage(k);
    if (broken == NULL)
        broken = check_pairs(k);
    if (broken == NULL)
        broken = check_names(k);
    return broken != NULL ? broken : check_rest(k);
}

/* ---- sums ---- */

/* Money with at most six digits behind the point, exactly. */
static int64_t uusd_of(const char *text)
{
    bool negative = *text == '-';
    const char *p = negative ? text + 1 : text;
    int64_t sum = 0;
    int places = -1;

    for (; *p != '\0'; p++) {
        if (*p == '.') {
            places = 0;
            continue;
        }
        sum = sum * 10 + (*p - '0');
        places += places >= 0;
    }
    for (places = places < 0 ? 0 : places; places < 6; places++)
        sum *= 10;
    return negative ? -sum : sum;
}

static void add_up(struct checker *k, struct focus_sums *sums)
{
    const char *account = get(k, "BillingAccountId");
    int i = 0;

    while (i < sums->n && strcmp(sums->of[i].account, account) != 0)
        i++;
    sp_assert(i < FOCUS_ACCOUNTS_MAX);
    if (i == sums->n) {
        sums->n++;
        sums->of[i].account = account;
        sums->of[i].name = get(k, "BillingAccountName");
    }
    sums->of[i].rows++;
    sums->of[i].uusd += uusd_of(get(k, "BilledCost"));
    sums->of[i].list_uusd += uusd_of(get(k, "ListCost"));
}

const char *focus_check(struct sp_arena *arena, const char *text,
                        struct focus_sums *sums)
{
    struct checker k = {.arena = arena, .line = 1};
    struct sp_err err = {0};
    struct model_csv_field *fields;
    struct model_csv csv;
    const char *broken = NULL;
    int32_t n;

    if (sums != NULL)
        *sums = (struct focus_sums){0};
    model_csv_init(&csv, "focus", text, arena);
    if (model_csv_next(&csv, &fields, &k.n, &err) != SP_OK || k.n > COLUMNS_MAX)
        return "no header";
    for (int32_t i = 0; i < k.n; i++)
        k.name[i] = fields[i].text;
    broken = check_header(&k);
    while (broken == NULL) {
        if (model_csv_next(&csv, &fields, &n, &err) != SP_OK)
            return sp_arena_strdup(arena, err.text);
        if (n == 0)
            break;
        k.row = fields;
        k.line = fields[0].line;
        broken = n != k.n ? say(&k, "row", "has other columns than the header")
                          : check_row(&k);
        if (broken == NULL && sums != NULL)
            add_up(&k, sums);
    }
    return broken;
}
