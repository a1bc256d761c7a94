/* Holds a result's JSON against values from elsewhere: publications and closed forms.
 *
 *   check_values RESULT.json ROWS [--table]
 *
 * A row is "what | expected | tolerance | expression | source".  The tolerance is
 * relative
 * ("1%") or absolute ("0"); an expression is JSON paths and numbers with + - * /
 * between spaces, left to right.  A path is written with slashes; in an array a segment
 * is the name, type or policy of a member, or `last`: policies/monolithic/cost/usd.
 * Prints a line a row (with --table a row of a Markdown table); exit 1 if any is off, 2
 * if the rows can't be read. */
#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define N_CELLS 5

enum cell { WHAT, EXPECTED, TOLERANCE, EXPRESSION, SOURCE };

struct row {
    char *cell[N_CELLS];
    double expected, tolerance, ours;
    bool relative;
};

static void complain(const char *what, const char *text)
{
    fprintf(stderr, "check_values: %s: '%s'\n", what, text);
    exit(2);
}

static double number(const char *text, char **end)
{
    double value;

    errno = 0;
    value = strtod(text, end);
    if (*end == text || errno != 0 || !isfinite(value))
        complain("no number", text);
    return value;
}

static char *trim(char *text)
{
    char *end = text + strlen(text);

    while (end > text && strchr(" \t\n", end[-1]) != NULL)
        *--end = '\0';
    return text + strspn(text, " \t");
}

/* ---- paths and expressions ---- */

static json_t *member_of_array(json_t *array, const char *name)
{
    static const char *const keys[] = {"name", "type", "policy"};
    json_t *member;
    size_t i;

    json_array_foreach(array, i, member)
    {
        for (size_t k = 0; k < sizeof keys / sizeof keys[0]; k++) {
            const char *is = json_string_value(json_object_get(member, keys[k]));

            if (is != NULL && strcmp(is, name) == 0)
                return member;
        }
    }
    return strcmp(name, "last") == 0 ? json_array_get(array, i - 1) : NULL;
}

static double value_at(json_t *root, const char *path)
{
    char *copy = strdup(path), *rest = copy, *segment;
    json_t *at = root;
    double value;

    if (copy == NULL)
        complain("no memory for", path);
    while (at != NULL && (segment = strsep(&rest, "/")) != NULL)
        at = json_is_array(at) ? member_of_array(at, segment)
                               : json_object_get(at, segment);
    if (!json_is_number(at))
        complain("no number in the result at", path);
    value = json_number_value(at);
    free(copy);
    return value;
}

static double operand(json_t *root, const char *word)
{
    char *end;

    return strchr("0123456789", word[0]) != NULL ? number(word, &end)
                                                 : value_at(root, word);
}

static double apply(double left, char operator, double right)
{
    switch (operator) {
    case '+':
        return left + right;
    case '-':
        return left - right;
    case '*':
        return left * right;
    case '/':
        return left / right;
    default:
        complain("unknown operator in", (char[]){ operator, '\0' });
        return NAN;
    }
}

static double evaluate(json_t *root, const char *expression)
{
    char *copy = strdup(expression), *rest = copy, *word;
    double value = 0;
    char operator= '+';
    bool wants_operand = true;

    if (copy == NULL)
        complain("no memory for", expression);
    while ((word = strsep(&rest, " ")) != NULL) {
        if (word[0] == '\0')
            continue;
        if (wants_operand)
            value = apply(value, operator, operand(root, word));
        else
            operator= word[0];
        wants_operand = !wants_operand;
    }
    if (wants_operand)
        complain("an expression ends early", expression);
    free(copy);
    return value;
}

/* ---- rows ---- */

static bool read_row(char *line, json_t *root, struct row *row)
{
    char *rest = line, *end;

    if (line[0] == '#' || trim(line)[0] == '\0')
        return false;
    for (int i = 0; i < N_CELLS; i++) {
        char *cell = strsep(&rest, "|");

        if (cell == NULL)
            complain("a row has fewer than five cells", line);
        row->cell[i] = trim(cell);
    }
    row->expected = number(row->cell[EXPECTED], &end);
    row->tolerance = number(row->cell[TOLERANCE], &end);
    row->relative = *end == '%';
    row->ours = evaluate(root, row->cell[EXPRESSION]);
    return true;
}

/* Is ours within the tolerance?  What is exact may still differ in a double's last
 * digits. */
static bool within(const struct row *row)
{
    double allowed =
        row->relative ? row->tolerance / 100 * fabs(row->expected) : row->tolerance;

    return fabs(row->ours - row->expected) <= allowed + 1e-12 * fabs(row->expected);
}

static void print_row(const struct row *row, bool table)
{
    double off = row->expected != 0 ? 100 * (row->ours / row->expected - 1) : 0;

    off = fabs(off) < 0.0005 ? 0 : off; /* no "-0.000" */
    if (table)
        printf("| %s | %s | %.6g | %+.3f %% | %s | %s |\n", row->cell[WHAT],
               row->cell[EXPECTED], row->ours, off, row->cell[TOLERANCE],
               row->cell[SOURCE]);
    else
        printf("%s  %s: %.6g, expected %s within %s (%+.3f %%)\n",
               within(row) ? "ok  " : "OFF ", row->cell[WHAT], row->ours,
               row->cell[EXPECTED], row->cell[TOLERANCE], off);
}

int main(int argc, char **argv)
{
    bool table = argc == 4 && strcmp(argv[3], "--table") == 0, good = true;
    char *line = NULL;
    size_t room = 0;
    json_error_t err;
    json_t *root;
    FILE *rows;

    if (argc < 3)
        complain("expected RESULT.json ROWS [--table]", argv[0]);
    root = json_load_file(argv[1], 0, &err);
    if (root == NULL)
        complain(err.text, argv[1]);
    rows = fopen(argv[2], "r");
    if (rows == NULL)
        complain(strerror(errno), argv[2]);
    while (getline(&line, &room, rows) > 0) {
        struct row row;

        if (!read_row(line, root, &row))
            continue;
        print_row(&row, table);
        good = good && within(&row);
    }
    free(line);
    fclose(rows);
    json_decref(root);
    return good ? 0 : 1;
}
