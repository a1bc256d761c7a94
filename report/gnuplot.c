/* Starting it, waiting for it, and what it leaves. */
#include "report/gnuplot.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static const char *const kinds[] = {"svg", "png"};
enum { KINDS = sizeof kinds / sizeof kinds[0] };

/* The environment with a locale of UTF-8, as the scripts are: in another, gnuplot warns
 * on stderr that it can't convert its own degree sign. */
static char **utf8_environment(struct sp_arena *arena)
{
    size_t n = 0, kept = 0;
    char **copy;

    while (environ[n] != NULL)
        n++;
    copy = sp_arena_array(arena, n + 2, sizeof *copy);
    for (size_t i = 0; i < n; i++)
        if (strncmp(environ[i], "LC_ALL=", strlen("LC_ALL=")) != 0)
            copy[kept++] = environ[i];
    copy[kept++] = sp_arena_strdup(arena, "LC_ALL=C.UTF-8");
    copy[kept] = NULL;
    return copy;
}

/* Runs it to its end: *state is waitpid()'s.  SP_OK and *drawn false: there is none. */
static enum sp_status run(const char *gnuplot, char *const *argv,
                          posix_spawn_file_actions_t *actions, struct sp_arena *arena,
                          int *state, bool *drawn, struct sp_err *err)
{
    posix_spawnattr_t attributes;
    sigset_t usual;
    pid_t pid = 0, got;
    int error;

    sigemptyset(&usual);
    sigaddset(&usual, SIGPIPE); /* we ignore it, gnuplot does not look */
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigdefault(&attributes, &usual);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
    error = posix_spawnp(&pid, gnuplot, actions, &attributes, argv,
                         utf8_environment(arena));
    posix_spawnattr_destroy(&attributes);
    *drawn = false;
    if (error == ENOENT)
        return SP_OK;
    if (error != 0)
        return sp_fail(err, SP_EIO, "%s can't be started: %s", gnuplot,
                       strerror(error));
    while ((got = waitpid(pid, state, 0)) < 0 && errno == EINTR)
        continue;
    *drawn = got == pid;
    return *drawn ? SP_OK : sp_fail(err, SP_EIO, "%s is lost", gnuplot);
}

/* ---- pictures ---- */

static const char *picture(const struct report_gnuplot_scripts *s, int i, int kind,
                           bool part, struct sp_arena *arena)
{
    return sp_arena_printf(arena, part ? "%s/.%s.part.%s" : "%s/%s.%s", s->folder,
                           s->stems[i], kinds[kind]);
}

static void remove_parts(const struct report_gnuplot_scripts *s, struct sp_arena *arena)
{
    for (int i = 0; i < s->n; i++)
        for (int k = 0; k < KINDS; k++)
            unlink(picture(s, i, k, true, arena));
}

/* Whether gnuplot, which does not look at what the disk says, drew all of it. */
static bool is_whole(const char *path, int kind)
{
    static const char *const ends[KINDS] = {"</svg>", "IEND\xae"
                                                      "B`\x82"};
    char tail[64] = "";
    size_t n = 0, want = strlen(ends[kind]);
    FILE *in = fopen(path, "rb");

    if (in == NULL)
        return false;
    if (fseek(in, -(long)sizeof tail, SEEK_END) == 0)
        n = fread(tail, 1, sizeof tail, in);
    fclose(in);
    for (size_t i = 0; i + want <= n; i++)
        if (memcmp(tail + i, ends[kind], want) == 0)
            return true;
    return false;
}

static enum sp_status take_places(const struct report_gnuplot_scripts *s,
                                  struct sp_arena *arena, const char *gnuplot,
                                  struct sp_err *err)
{
    for (int i = 0; i < s->n; i++)
        for (int k = 0; k < KINDS; k++)
            if (!is_whole(picture(s, i, k, true, arena), k))
                return sp_fail(err, SP_EIO, "%s: %s did not draw it, or not whole",
                               picture(s, i, k, false, arena), gnuplot);
    for (int i = 0; i < s->n; i++)
        for (int k = 0; k < KINDS; k++)
            if (rename(picture(s, i, k, true, arena), picture(s, i, k, false, arena)) !=
                0)
                return sp_fail(err, SP_EIO, "%s: %s", picture(s, i, k, false, arena),
                               strerror(errno));
    return SP_OK;
}

static char **arguments(const struct report_gnuplot_scripts *s, struct sp_arena *arena)
{
    char **argv = sp_arena_array(arena, 3 * (size_t)s->n + 3, sizeof *argv);
    int n = 0;

    argv[n++] = sp_arena_strdup(arena, "gnuplot");
    argv[n++] = sp_arena_strdup(arena, "-d"); /* no settings of the user's */
    for (int i = 0; i < s->n; i++) {
        argv[n++] = sp_arena_strdup(arena, "-e");
        argv[n++] = sp_arena_printf(arena, "out = '.%s.part'", s->stems[i]);
        argv[n++] = sp_arena_printf(arena, "%s.gp", s->stems[i]);
    }
    return argv;
}

enum sp_status report_gnuplot_draw(const struct report_gnuplot_scripts *s,
                                   const char *gnuplot, struct sp_arena *arena,
                                   bool *drawn, struct sp_err *err)
{
    posix_spawn_file_actions_t actions;
    enum sp_status status;
    int state = 0;

    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addchdir_np(&actions, s->folder);
    status = run(gnuplot, arguments(s, arena), &actions, arena, &state, drawn, err);
    posix_spawn_file_actions_destroy(&actions);
    if (status == SP_OK && *drawn && WIFSIGNALED(state))
        status = sp_fail(err, SP_EIO, "%s was killed by signal %d (%s) in %s", gnuplot,
                         WTERMSIG(state), strsignal(WTERMSIG(state)), s->folder);
    else if (status == SP_OK && *drawn && WEXITSTATUS(state) != 0)
        status = sp_fail(err, SP_EIO,
                         "%s failed on the scripts in %s: see its message above",
                         gnuplot, s->folder);
    if (status == SP_OK && *drawn)
        status = take_places(s, arena, gnuplot, err);
    remove_parts(s, arena);
    return status;
}

/* ---- text ---- */

enum sp_status report_gnuplot_text(FILE *script, FILE *out, const char *gnuplot,
                                   struct sp_arena *arena, bool *drawn,
                                   struct sp_err *err)
{
    char *argv[] = {sp_arena_strdup(arena, "gnuplot"), sp_arena_strdup(arena, "-d"),
                    sp_arena_strdup(arena, "-"), NULL};
    posix_spawn_file_actions_t actions;
    enum sp_status status;
    int state = 0;

    fflush(out);
    fflush(script);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, fileno(script), STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, fileno(out), STDOUT_FILENO);
    status = run(gnuplot, argv, &actions, arena, &state, drawn, err);
    posix_spawn_file_actions_destroy(&actions);
    if (status != SP_OK || !*drawn)
        return status;
    if (WIFSIGNALED(state))
        return sp_fail(err, SP_EIO, "%s was killed by signal %d (%s)", gnuplot,
                       WTERMSIG(state), strsignal(WTERMSIG(state)));
    if (WIFEXITED(state) && WEXITSTATUS(state) != 0)
        return sp_fail(err, SP_EIO, "%s failed: see its message above", gnuplot);
    return SP_OK;
}
