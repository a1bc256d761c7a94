/* What a long command shows while it works, and Ctrl-C: the only state outside a run.
 */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <signal.h>
#include <stdbool.h>

enum { CLI_STOP_SIGNALS = 3 };

/* One line on stderr where that is a terminal, written over again and again. */
struct cli_progress {
    bool show;
    bool shown; /* a line stands on the terminal */
    double began_s, last_s;
    bool stops;                                /* cli_progress_heed_stop() was called */
    struct sigaction before[CLI_STOP_SIGNALS]; /* SIGINT, SIGTERM, SIGHUP */
};

/* From now until _end() Ctrl-C ends nothing by itself; `show` is for what else forbids
 * a line, such as --quiet. */
void cli_progress_begin(struct cli_progress *p, bool show);

/* After _begin(): kill and a terminal that goes are as Ctrl-C, too; for who has started
 * a process that they don't reach.  Under nohup a terminal that goes stays ignored. */
void cli_progress_heed_stop(struct cli_progress *p);

/* May a line be shown?  It began `after_s` ago or more, and the last line is a fifth of
 * a second old, which this call makes new. */
bool cli_progress_due(struct cli_progress *p, double after_s);

void cli_progress_line(struct cli_progress *p, const char *line);

/* Wipes the line. */
void cli_progress_end(struct cli_progress *p);

/* Ctrl-C was pressed, or another signal that counts came, between a begin and its end.
 */
bool cli_interrupted(void);

#endif
