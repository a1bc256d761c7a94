/* The command line: commands and options are tables, read by the parser and by --help.
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"

enum {
    CLI_OK = 0,
    CLI_FAILED = 1,
    CLI_USAGE = 2,
    CLI_INFEASIBLE = 3,
    CLI_OPTIONS_MAX = 32
};

struct cli_option {
    const char *name; /* long name, without dashes; NULL ends a table */
    char letter;      /* short name or 0 */
    const char *arg;  /* what the argument is called in --help, or NULL: none */
    const char *help; /* one line */
};

struct cli_command {
    const char *name;
    const char *operands; /* "SCENARIO" */
    const char *help;     /* one line */
    const struct cli_option *options;
    /* argv[0] is the first word after the command's name.  Returns the exit code. */
    int (*run)(const struct cli_command *self, int argc, char **argv);
};

/* Options as they were found, in order; operands after them. */
struct cli_parsed {
    int n_options;
    struct {
        const struct cli_option *option;
        const char *value; /* NULL where it takes none */
    } options[256];
    int n_operands;
    char **operands;
    bool help; /* --help was given and has been answered on stdout */
};

/* Parses argv by the command's table (getopt_long: options and operands may mix). False
 * after a usage error, told on stderr in one line plus "try --help": return CLI_USAGE.
 */
bool cli_parse(const struct cli_command *command, int argc, char **argv,
               struct cli_parsed *parsed);

/* Prints `text` and a line break, broken between words at 80 columns; the cursor stands
 * at `column`, and so do the lines that follow. */
void cli_print_wrapped(int column, const char *text);

/* Last value given for option `name`, or NULL. */
const char *cli_value(const struct cli_parsed *parsed, const char *name);
bool cli_given(const struct cli_parsed *parsed, const char *name);

/* The number given for option `name`, min to max; *value stays where none was.
 *   SP_EINPUT  it is none, with the option's name. */
SP_CHECKED enum sp_status cli_read_count(const struct cli_parsed *parsed,
                                         const char *name, int64_t min, int64_t max,
                                         int64_t *value, struct sp_err *err);

/* One line on stderr, "stageplan: ...": returns `code`. */
int cli_fail(int code, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Prints err->text on stderr and returns the exit code of its status. */
int cli_fail_err(const struct sp_err *err);

extern const struct cli_command cli_cmd_run;
extern const struct cli_command cli_cmd_sweep;
extern const struct cli_command cli_cmd_plan;
extern const struct cli_command cli_cmd_report;
extern const struct cli_command cli_cmd_trace;
extern const struct cli_command cli_cmd_catalog;
extern const struct cli_command cli_cmd_validate;
extern const struct cli_command cli_cmd_calibrate;

#endif
