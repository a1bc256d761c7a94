#include "tests/fake_cuda/behaviour.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <map>
#include <string>

/* The next word of *list, which moves behind it. */
static bool next_word(const char **list, std::string *word)
{
    const char *end;

    if (**list == '\0')
        return false;
    end = strchr(*list, ',');
    *word = end == NULL ? std::string(*list) : std::string(*list, end);
    *list = end == NULL ? *list + strlen(*list) : end + 1;
    return true;
}

static const char *all_words(void)
{
    const char *list = getenv("FAKE_CUDA");

    return list != NULL ? list : "";
}

const char *fake_word(const char *word)
{
    static std::string value;
    const char *list = all_words();
    std::string w, wanted(word);

    while (next_word(&list, &w))
        if (w == wanted)
            return "";
        else if (w.compare(0, wanted.size() + 1, wanted + "=") == 0) {
            value = w.substr(wanted.size() + 1);
            return value.c_str();
        }
    return NULL;
}

double fake_number(const char *word, double otherwise)
{
    const char *value = fake_word(word);

    return value != NULL && *value != '\0' ? atof(value) : otherwise;
}

static int behave(const std::string &what)
{
    if (what == "crash") {
        signal(SIGSEGV, SIG_DFL);
        raise(SIGSEGV);
    }
    while (what == "hang")
        pause();
    return what.compare(0, 6, "error=") == 0 ? atoi(what.c_str() + 6) : 0;
}

/* WHAT@FUNC[:N] */
static int behave_at(const std::string &word, const std::string &function, int nth)
{
    size_t at = word.find('@'), colon = word.find(':');
    std::string where;
    int wanted;

    if (at == std::string::npos)
        return 0;
    where = word.substr(at + 1, colon == std::string::npos ? colon : colon - at - 1);
    wanted = colon == std::string::npos ? 1 : atoi(word.c_str() + colon + 1);
    return where == function && nth >= wanted ? behave(word.substr(0, at)) : 0;
}

int fake_enter(const char *function)
{
    static std::map<std::string, int> calls;
    int nth = ++calls[function], code = 0;
    const char *list = all_words();
    std::string word;

    while (code == 0 && next_word(&list, &word))
        code = behave_at(word, function, nth);
    return code;
}
