/* getopt_long over our tables, and the messages that go with it. */
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/units.h"
#include "cli/cli.h"

void cli_print_wrapped(int column, const char *text)
{
    int room = 80 - column;

    while ((int)strlen(text) > room) {
        int n = room;

        while (n > 0 && text[n] != ' ')
            n--;
        if (n == 0) /* one long word: whole, however long */
            n = (int)strcspn(text, " ");
        printf("%.*s\n%*s", n, text, column, "");
        text += n + (text[n] == ' ');
    }
    printf("%s\n", text);
}

static void print_option(char letter, const char *name, const char *arg,
                         const char *help)
{
    enum { COLUMN = 28 };
    char left[64];
    int width =
        snprintf(left, sizeof left, "  %c%c%c --%s%s%s", letter != 0 ? '-' : ' ',
                 letter != 0 ? letter : ' ', letter != 0 ? ',' : ' ', name,
                 arg != NULL ? " " : "", arg != NULL ? arg : "");

    if (width >= COLUMN)
        printf("%s\n%*s", left, COLUMN, "");
    else
        printf("%-*s", COLUMN, left);
    cli_print_wrapped(COLUMN, help);
}

static void print_command_help(const struct cli_command *c)
{
    printf("usage: stageplan %s [options] %s\n\n", c->name, c->operands);
    cli_print_wrapped(0, c->help);
    putchar('\n');
    for (const struct cli_option *o = c->options; o->name != NULL; o++)
        print_option(o->letter, o->name, o->arg, o->help);
    print_option(0, "help", NULL, "this text");
}

static void getopt_tables(const struct cli_command *c, struct option *longs,
                          char *letters)
{
    int n = 0;
    char *p = letters;

    *p++ = ':';
    for (const struct cli_option *o = c->options; o->name != NULL; o++, n++) {
        sp_assert(n < CLI_OPTIONS_MAX);
        longs[n] = (struct option){
            o->name, o->arg != NULL ? required_argument : no_argument, NULL, 1000 + n};
        if (o->letter != 0) {
            *p++ = o->letter;
            if (o->arg != NULL)
                *p++ = ':';
        }
    }
    *p = '\0';
    longs[n] = (struct option){"help", no_argument, NULL, 999};
    longs[n + 1] = (struct option){0};
}

static const struct cli_option *option_of_code(const struct cli_command *c, int code)
{
    if (code >= 1000)
        return &c->options[code - 1000];
    for (const struct cli_option *o = c->options; o->name != NULL; o++)
        if (o->letter == code)
            return o;
    return NULL;
}

static bool refuse(const struct cli_command *c, int code, char *word)
{
    if (code == ':')
        cli_fail(CLI_USAGE,
                 "%s: option '%s' needs an argument; try 'stageplan %s --help'",
                 c->name, word, c->name);
    else
        cli_fail(CLI_USAGE, "%s: unknown option '%s'; try 'stageplan %s --help'",
                 c->name, word, c->name);
    return false;
}

bool cli_parse(const struct cli_command *c, int argc, char **argv,
               struct cli_parsed *parsed)
{
    enum { CAP = sizeof parsed->options / sizeof parsed->options[0] };
    struct option longs[CLI_OPTIONS_MAX + 2];
    char letters[2 * CLI_OPTIONS_MAX + 4];
    int code;

    *parsed = (struct cli_parsed){0};
    getopt_tables(c, longs, letters);
    opterr = 0;
    optind = 0;
    /* getopt wants a program name in argv[0]: the word before our first one is there.
     */
    while ((code = getopt_long(argc + 1, argv - 1, letters, longs, NULL)) != -1) {
        if (code == 999) {
            print_command_help(c);
            parsed->help = true;
            return true;
        }
        if (code == '?' || code == ':')
            return refuse(c, code, (argv - 1)[optind - 1]);
        if (parsed->n_options == CAP) {
            cli_fail(CLI_USAGE, "%s: more than %d options", c->name, (int)CAP);
            return false;
        }
        parsed->options[parsed->n_options].option = option_of_code(c, code);
        parsed->options[parsed->n_options++].value = optarg;
    }
    parsed->operands = argv - 1 + optind;
    parsed->n_operands = argc + 1 - optind;
    return true;
}

const char *cli_value(const struct cli_parsed *parsed, const char *name)
{
    for (int i = parsed->n_options - 1; i >= 0; i--)
        if (strcmp(parsed->options[i].option->name, name) == 0)
            return parsed->options[i].value;
    return NULL;
}

bool cli_given(const struct cli_parsed *parsed, const char *name)
{
    for (int i = 0; i < parsed->n_options; i++)
        if (strcmp(parsed->options[i].option->name, name) == 0)
            return true;
    return false;
}

enum sp_status cli_read_count(const struct cli_parsed *parsed, const char *name,
                              int64_t min, int64_t max, int64_t *value,
                              struct sp_err *err)
{
    const char *text = cli_value(parsed, name);
    struct sp_err why = {0};

    if (text == NULL || sp_parse_count(text, min, max, value, &why) == SP_OK)
        return SP_OK;
    return sp_fail(err, SP_EINPUT, "--%s %s: %s", name, text, why.text);
}

int cli_fail(int code, const char *fmt, ...)
{
    va_list args;

    fputs("stageplan: ", stderr);
    va_start(args, fmt);
    vfprintf(stderr, fmt, args);
    va_end(args);
    fputc('\n', stderr);
    return code;
}

int cli_fail_err(const struct sp_err *err)
{
    bool users = err->status == SP_EINPUT || err->status == SP_EINFEASIBLE;

    return cli_fail(users ? CLI_USAGE : CLI_FAILED, "%s", err->text);
}
