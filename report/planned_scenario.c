/* The plan as a scenario file. */
#include "model/planned.h"
#include "report/file.h"
#include "report/planned.h"
#include "report/text.h"

enum sp_status report_planned_write_scenario(const char *path,
                                             const struct model_scenario *scenario,
                                             const struct model_planned *planned,
                                             struct sp_err *err)
{
    struct sp_arena *arena = sp_arena_new();
    struct report_file *file = NULL;
    const char *policy = NULL;
    const struct model_yaml_node *tree =
        model_planned_tree(scenario, planned, arena, &policy);
    enum sp_status status = report_file_open(path, &file, err);

    if (status == SP_OK) {
        fprintf(report_file_stream(file),
                "# By stageplan %s: the cheapest that was found is policy '%s'.\n%s",
                planned->version, report_text_clean(arena, policy, REPORT_TEXT_LINE),
                model_yaml_text(arena, tree));
        status = report_file_close(file, SP_OK, err);
    }
    sp_arena_free(arena);
    return status;
}
