/* browser CHROMIUM < COMMANDS: a real browser without a screen, driven over the pipes
 * of the DevTools protocol.  One command a line:
 *
 *   open FILE             and wait until it is loaded
 *   size WIDTH HEIGHT     of the window
 *   media TYPE SCHEME     "screen" or "print", "light" or "dark"
 *   script on|off         of the pages opened from now on
 *   key NAME              press Tab, ArrowRight, Enter, ...
 *   type TEXT             into what has the focus
 *   want NAME: EXPRESSION must be true, else it is told what it is
 *   do EXPRESSION
 *   print EXPRESSION      a line with what it is
 *   quiet NAME            nothing was told on the console, thrown, or asked of a
 * network shot FILE             a PNG of the whole page
 *
 * Exit code: 0, 1 where something that was wanted is not so, 77 where the browser does
 * not start. */
#include <errno.h>
#include <jansson.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { TO_BROWSER = 3, FROM_BROWSER = 4, SECONDS = 240, NOT_STARTED = 77 };

struct browser {
    pid_t pid;
    int out;    /* commands go here */
    FILE *in;   /* and come back here */
    int id;     /* of the last command */
    char *line; /* the last message */
    size_t room;
    char session[128];
    bool loaded;
    int noises; /* since the page was opened */
    char noise[400];
    int failures;
};

/* ---- the pipes ---- */

static void start(struct browser *b, const char *program, const char *profile)
{
    int down[2], up[2];

    if (pipe(down) != 0 || pipe(up) != 0)
        exit(NOT_STARTED);
    b->pid = fork();
    if (b->pid == 0) {
        char folder[600];

        snprintf(folder, sizeof folder, "--user-data-dir=%s", profile);
        /* by way of numbers that the pipes don't have */
        dup2(down[0], 20);
        dup2(up[1], 21);
        dup2(20, TO_BROWSER);
        dup2(21, FROM_BROWSER);
        freopen("/dev/null", "w", stderr);
        execlp(program, program, "--headless", "--no-sandbox", "--disable-gpu",
               "--disable-dev-shm-usage", "--no-first-run", "--hide-scrollbars",
               "--disable-background-networking", "--disable-component-update",
               "--disable-sync", "--remote-debugging-pipe", folder, "about:blank",
               (char *)NULL);
        _exit(NOT_STARTED);
    }
    close(down[0]);
    close(up[1]);
    b->out = down[1];
    b->in = fdopen(up[0], "r");
}

static void note(struct browser *b, const char *kind, const char *text)
{
    if (b->noises++ == 0)
        snprintf(b->noise, sizeof b->noise, "%s: %s", kind, text != NULL ? text : "");
}

static const char *text_at(const json_t *object, const char *first, const char *second)
{
    return json_string_value(json_object_get(json_object_get(object, first), second));
}

/* What happens without being asked for. */
static void hear(struct browser *b, const json_t *message)
{
    const char *method = json_string_value(json_object_get(message, "method"));
    const json_t *params = json_object_get(message, "params");

    if (method == NULL)
        return;
    if (strcmp(method, "Page.loadEventFired") == 0)
        b->loaded = true;
    else if (strcmp(method, "Runtime.exceptionThrown") == 0)
        note(b, "exception", text_at(params, "exceptionDetails", "text"));
    else if (strcmp(method, "Runtime.consoleAPICalled") == 0)
        note(b, "console", json_string_value(json_object_get(params, "type")));
    else if (strcmp(method, "Log.entryAdded") == 0)
        note(b, "log", text_at(params, "entry", "text"));
    else if (strcmp(method, "Network.requestWillBeSent") == 0 &&
             strcmp(json_string_value(json_object_get(params, "type")), "Document") !=
                 0)
        note(b, "request", text_at(params, "request", "url"));
}

static json_t *next_message(struct browser *b)
{
    ssize_t n = getdelim(&b->line, &b->room, '\0', b->in);
    json_t *message;

    if (n <= 0)
        return NULL;
    message = json_loadb(b->line, (size_t)n - 1, 0, NULL);
    hear(b, message);
    return message;
}

/* The answer's "result", or NULL; takes `params`. */
static json_t *ask(struct browser *b, const char *method, json_t *params)
{
    int id = ++b->id;
    json_t *command = json_pack("{s:i,s:s,s:o}", "id", id, "method", method, "params",
                                params != NULL ? params : json_object());
    json_t *message;
    char *text;
    size_t n;

    if (b->session[0] != '\0')
        json_object_set_new(command, "sessionId", json_string(b->session));
    text = json_dumps(command, JSON_COMPACT);
    json_decref(command);
    n = strlen(text) + 1;
    for (size_t at = 0; at < n;) {
        ssize_t done = write(b->out, text + at, n - at);

        if (done < 0 && errno != EINTR)
            break;
        at += done > 0 ? (size_t)done : 0;
    }
    free(text);
    while ((message = next_message(b)) != NULL) {
        if (json_integer_value(json_object_get(message, "id")) == id) {
            json_t *result = json_object_get(message, "result");

            json_incref(result);
            json_decref(message);
            return result;
        }
        json_decref(message);
    }
    return NULL;
}

static void tell(struct browser *b, const char *method, json_t *params)
{
    json_decref(ask(b, method, params));
}

static bool attach(struct browser *b)
{
    json_t *made =
        ask(b, "Target.createTarget", json_pack("{s:s}", "url", "about:blank"));
    const char *target = json_string_value(json_object_get(made, "targetId"));
    json_t *attached;
    const char *session;

    if (target == NULL)
        return false;
    attached = ask(b, "Target.attachToTarget",
                   json_pack("{s:s,s:b}", "targetId", target, "flatten", 1));
    session = json_string_value(json_object_get(attached, "sessionId"));
    if (session == NULL)
        return false;
    snprintf(b->session, sizeof b->session, "%s", session);
    json_decref(made);
    json_decref(attached);
    tell(b, "Page.enable", NULL);
    tell(b, "Runtime.enable", NULL);
    tell(b, "Log.enable", NULL);
    tell(b, "Network.enable", NULL);
    return true;
}

/* ---- commands ---- */

static void open_page(struct browser *b, const char *path)
{
    char url[4200];
    json_t *message;

    snprintf(url, sizeof url, "file://%s", path);
    b->loaded = false;
    b->noises = 0;
    tell(b, "Page.navigate", json_pack("{s:s}", "url", url));
    while (!b->loaded && (message = next_message(b)) != NULL)
        json_decref(message);
}

static void size_window(struct browser *b, const char *text)
{
    int width = 0, height = 0;

    if (sscanf(text, "%d %d", &width, &height) != 2)
        exit(99);
    tell(b, "Emulation.setDeviceMetricsOverride",
         json_pack("{s:i,s:i,s:i,s:b}", "width", width, "height", height,
                   "deviceScaleFactor", 1, "mobile", width < 500));
}

static void set_media(struct browser *b, const char *text)
{
    char type[20] = "", scheme[20] = "";

    if (sscanf(text, "%19s %19s", type, scheme) != 2)
        exit(99);
    tell(b, "Emulation.setEmulatedMedia",
         json_pack("{s:s,s:[{s:s,s:s}]}", "media", type, "features", "name",
                   "prefers-color-scheme", "value", scheme));
}

static void set_script(struct browser *b, const char *text)
{
    tell(b, "Emulation.setScriptExecutionDisabled",
         json_pack("{s:b}", "value", strcmp(text, "off") == 0));
}

static void press(struct browser *b, const char *name)
{
    static const struct {
        const char *name, *text;
        int code;
    } keys[] = {{"Tab", "", 9},        {"Enter", "\r", 13}, {"Escape", "", 27},
                {"ArrowLeft", "", 37}, {"ArrowUp", "", 38}, {"ArrowRight", "", 39},
                {"ArrowDown", "", 40}, {"Home", "", 36},    {"End", "", 35}};

    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        if (strcmp(keys[i].name, name) != 0)
            continue;
        tell(b, "Input.dispatchKeyEvent",
             json_pack("{s:s,s:s,s:s,s:i,s:s}", "type",
                       keys[i].text[0] != '\0' ? "keyDown" : "rawKeyDown", "key", name,
                       "code", name, "windowsVirtualKeyCode", keys[i].code, "text",
                       keys[i].text));
        tell(b, "Input.dispatchKeyEvent",
             json_pack("{s:s,s:s,s:s,s:i}", "type", "keyUp", "key", name, "code", name,
                       "windowsVirtualKeyCode", keys[i].code));
        return;
    }
    exit(99);
}

static void type_text(struct browser *b, const char *text)
{
    tell(b, "Input.insertText", json_pack("{s:s}", "text", text));
}

/* The value as JSON text, to be freed; or what went wrong. */
static char *value_of(struct browser *b, const char *expression)
{
    json_t *result =
        ask(b, "Runtime.evaluate",
            json_pack("{s:s,s:b}", "expression", expression, "returnByValue", 1));
    const json_t *wrong = json_object_get(result, "exceptionDetails");
    const json_t *value = json_object_get(json_object_get(result, "result"), "value");
    char *text;

    if (wrong != NULL)
        text = json_dumps(json_object_get(wrong, "exception"), JSON_COMPACT);
    else
        text = value != NULL ? json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT)
                             : strdup("undefined");
    json_decref(result);
    return text;
}

static void want(struct browser *b, const char *text)
{
    const char *colon = strstr(text, ": ");
    char *value;

    if (colon == NULL)
        exit(99);
    value = value_of(b, colon + 2);
    if (strcmp(value, "true") != 0) {
        printf("FAILED %.*s: %.600s\n", (int)(colon - text), text, value);
        b->failures++;
    }
    free(value);
}

static void run(struct browser *b, const char *text)
{
    free(value_of(b, text));
}

static void print_value(struct browser *b, const char *text)
{
    char *value = value_of(b, text);

    puts(value);
    fflush(stdout);
    free(value);
}

static void want_quiet(struct browser *b, const char *name)
{
    run(b, "0"); /* what was on its way has come by then */
    if (b->noises > 0) {
        printf("FAILED %s: %d on the console or asked of a network, first %s\n", name,
               b->noises, b->noise);
        b->failures++;
    }
}

static void save_base64(const char *text, FILE *f)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    unsigned bits = 0;
    int n = 0;

    for (; *text != '\0' && *text != '='; text++) {
        bits = bits << 6 | (unsigned)(strchr(letters, *text) - letters);
        n += 6;
        if (n >= 8) {
            n -= 8;
            fputc((int)(bits >> n & 0xff), f);
        }
    }
}

static void shoot(struct browser *b, const char *path)
{
    json_t *result =
        ask(b, "Page.captureScreenshot",
            json_pack("{s:s,s:b}", "format", "png", "captureBeyondViewport", 1));
    const char *data = json_string_value(json_object_get(result, "data"));
    FILE *f = fopen(path, "wb");

    if (data != NULL && f != NULL)
        save_base64(data, f);
    if (f != NULL)
        fclose(f);
    json_decref(result);
}

static const struct {
    const char *name;
    void (*run)(struct browser *b, const char *text);
} commands[] = {
    {"open", open_page},    {"size", size_window}, {"media", set_media},
    {"script", set_script}, {"key", press},        {"type", type_text},
    {"want", want},         {"do", run},           {"print", print_value},
    {"quiet", want_quiet},  {"shot", shoot},
};

static void obey(struct browser *b, char *line)
{
    size_t n = strcspn(line, " ");
    const char *text = line[n] != '\0' ? line + n + 1 : "";

    if (line[0] == '\0' || line[0] == '#')
        return;
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (strlen(commands[i].name) == n && strncmp(commands[i].name, line, n) == 0) {
            commands[i].run(b, text);
            return;
        }
    printf("no such command: %s\n", line);
    exit(99);
}

int main(int argc, char **argv)
{
    struct browser b = {0};
    char profile[] = "/tmp/stageplan-browser-XXXXXX", remove[200], *line = NULL;
    size_t room = 0;
    ssize_t n;

    if (argc != 2 || mkdtemp(profile) == NULL)
        return 99;
    signal(SIGPIPE, SIG_IGN);
    start(&b, argv[1], profile);
    alarm(SECONDS);
    if (!attach(&b)) {
        puts("the browser does not start");
        b.failures = NOT_STARTED;
    } else {
        while ((n = getline(&line, &room, stdin)) > 0) {
            if (line[n - 1] == '\n')
                line[n - 1] = '\0';
            obey(&b, line);
        }
        b.session[0] = '\0';
        tell(&b, "Browser.close", NULL);
    }
    kill(b.pid, SIGTERM);
    waitpid(b.pid, NULL, 0);
    free(line);
    free(b.line);
    fclose(b.in);
    snprintf(remove, sizeof remove,
             "rm -rf '%s' 2>/dev/null || { sleep 1; rm -rf '%s'; }", profile,
             profile); /* its helpers may still be writing */
    if (system(remove) != 0)
        puts("the profile's folder stays");
    return b.failures == NOT_STARTED ? NOT_STARTED : b.failures > 0;
}
