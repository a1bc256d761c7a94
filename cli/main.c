/* stageplan: the table of commands. */
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "base/gsl.h"
#include "base/text.h"
#include "cli/cli.h"
#include "config.h"

static const struct cli_command *const commands[] = {
    &cli_cmd_run,   &cli_cmd_sweep,   &cli_cmd_plan,      &cli_cmd_report,
    &cli_cmd_trace, &cli_cmd_catalog, &cli_cmd_calibrate, &cli_cmd_validate,
};
enum { N_COMMANDS = sizeof commands / sizeof commands[0] };

static void print_help(void)
{
    printf("usage: stageplan COMMAND [options]\n\n"
           "What an AI workload costs, how busy it keeps the hardware and how long it "
           "takes,\nunder every deployment policy in a scenario file.\n\n");
    for (int i = 0; i < N_COMMANDS; i++) {
        printf("  %-9s %-18s ", commands[i]->name, commands[i]->operands);
        cli_print_wrapped(31, commands[i]->help);
    }
    printf("\n'stageplan COMMAND --help' lists a command's options, "
           "'stageplan --version' the\nversion.\n");
}

static const struct cli_command *find_command(const char *name)
{
    const char *names[N_COMMANDS], *nearest;

    for (int i = 0; i < N_COMMANDS; i++) {
        names[i] = commands[i]->name;
        if (strcmp(names[i], name) == 0)
            return commands[i];
    }
    nearest = sp_text_nearest(name, names, N_COMMANDS);
    if (nearest != NULL)
        cli_fail(CLI_USAGE, "unknown command '%s', did you mean '%s'?", name, nearest);
    else
        cli_fail(CLI_USAGE, "unknown command '%s'; try --help", name);
    return NULL;
}

int main(int argc, char **argv)
{
    const struct cli_command *command;
    int code;

    sp_gsl_quiet();
    if (argc < 2) {
        cli_fail(CLI_USAGE, "a command is missing; try --help");
        return CLI_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
        strcmp(argv[1], "help") == 0) {
        print_help();
        return CLI_OK;
    }
    if (strcmp(argv[1], "--version") == 0) {
        printf("stageplan %s\n", PACKAGE_VERSION);
#ifdef HAVE_MPI
        printf("built with MPI: sweeps may run under mpirun\n");
#endif
        return CLI_OK;
    }
    command = find_command(argv[1]);
    if (command == NULL)
        return CLI_USAGE;
    code = command->run(command, argc - 2, argv + 2);
    if (code == CLI_OK && (fflush(stdout) != 0 || ferror(stdout)))
        return cli_fail(CLI_FAILED, "standard output can't be written");
    return code;
}
