/* A line on the terminal, and SIGINT. */
#include "cli/progress.h"

#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"

#define EVERY_S 0.2

/* The line is wiped with blanks: a dumb terminal knows no escape sequences. */
enum { WIDTH = 78 };

static volatile sig_atomic_t interrupted;

static const int stop_signals[CLI_STOP_SIGNALS] = {SIGINT, SIGTERM, SIGHUP};

static void on_interrupt(int signal_number)
{
    (void)signal_number;
    interrupted = 1;
}

bool cli_interrupted(void)
{
    return interrupted != 0;
}

static void listen_for(struct cli_progress *p, int i)
{
    const struct sigaction act = {.sa_handler = on_interrupt};

    sigaction(stop_signals[i], NULL, &p->before[i]);
    if (stop_signals[i] != SIGHUP || p->before[i].sa_handler != SIG_IGN)
        sigaction(stop_signals[i], &act, NULL);
}

void cli_progress_begin(struct cli_progress *p, bool show)
{
    *p = (struct cli_progress){.show = show && isatty(STDERR_FILENO)};
    p->began_s = p->last_s = sp_clock_s();
    listen_for(p, 0);
}

void cli_progress_heed_stop(struct cli_progress *p)
{
    p->stops = true;
    for (int i = 1; i < CLI_STOP_SIGNALS; i++)
        listen_for(p, i);
}

bool cli_progress_due(struct cli_progress *p, double after_s)
{
    double now_s;

    if (!p->show)
        return false;
    now_s = sp_clock_s();
    if (now_s - p->began_s < after_s || now_s - p->last_s < EVERY_S)
        return false;
    p->last_s = now_s;
    return true;
}

void cli_progress_line(struct cli_progress *p, const char *line)
{
    fprintf(stderr, "\r%-*.*s", WIDTH, WIDTH, line);
    p->shown = true;
}

void cli_progress_end(struct cli_progress *p)
{
    for (int i = 0; i < (p->stops ? CLI_STOP_SIGNALS : 1); i++)
        sigaction(stop_signals[i], &p->before[i], NULL);
    p->stops = false;
    if (p->shown)
        fprintf(stderr, "\r%*s\r", WIDTH, "");
    p->shown = false;
}
