#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "tests/trace_files.h"
#include "traces/kind.h"

static struct row {
    const char *name, *text, *format;
    enum trace_kind want;
} rows[] = {
    {"requests_of_our_own", "arrival_s,bytes\n0,1\n", NULL, TRACE_KIND_REQUESTS},
    {"requests_as_json",
     "{\"timestamp\": 0, \"input_length\": 6, \"output_length\": 5}\n", NULL,
     TRACE_KIND_REQUESTS},
    {"jobs_of_our_own", "arrival_s,duration_s,gpus\n0,1,1\n", NULL, TRACE_KIND_JOBS},
    {"jobs_with_a_byte_order_mark",
     "\xef\xbb\xbf"
     "arrival_s,duration_s,gpus\n0,1,1\n",
     NULL, TRACE_KIND_JOBS},
    {"openb_pods_with_dos_lines",
     "name,cpu_milli,memory_mib,num_gpu,gpu_milli\r\np,1,1,0,0\r\n", "auto",
     TRACE_KIND_JOBS},
    {"openb_nodes", "sn,cpu_milli,memory_mib,gpu,model\nn,1,1,0,\n", NULL,
     TRACE_KIND_NODES},
    {"machines_without_header", "m,CPU,96,512,0", NULL, TRACE_KIND_NODES},
    {"ticks", "{\"metadata\": {\"gap_seconds\": 5}, \"data\": [1]}", NULL,
     TRACE_KIND_AVAILABILITY},
    {"events", "0,add,n\n", NULL, TRACE_KIND_AVAILABILITY},
    {"samples", "2021-12-11, 11:11:30, 55\n", NULL, TRACE_KIND_AVAILABILITY},
    {"demand", "minute,a_run_gpus,a_pend_gpus\n0,1,1\n", NULL, TRACE_KIND_DEMAND},
    {"a_name_goes_before_the_looks", "arrival_s,duration_s,gpus\n0,1,1\n", "burstgpt",
     TRACE_KIND_REQUESTS},
    {"a_name_of_job_traces_too", "arrival_s,bytes\n0,1\n", "openb", TRACE_KIND_JOBS},
    {"of_two_called_csv_the_looks_decide", "arrival_s,duration_s,gpus\n0,1,1\n", "csv",
     TRACE_KIND_JOBS},
    {"and_for_requests", "arrival_s,bytes\n0,1\n", "csv", TRACE_KIND_REQUESTS},
    {"a_name_that_there_is_not", "0,add,n\n", "parquet", TRACE_KIND_REQUESTS},
    {"an_empty_file", "", NULL, TRACE_KIND_REQUESTS},
    {"a_blank_line", "\n", NULL, TRACE_KIND_REQUESTS},
};
enum { N_ROWS = sizeof rows / sizeof rows[0] };

static void kind_is_as_wanted(void **state)
{
    const struct row *row = *state;

    for (int packed = 0; packed < FILE_KINDS; packed++) {
        size_t size;
        void *bytes =
            file_pack((enum file_kind)packed, row->text, strlen(row->text), &size);
        char *path = file_new(bytes, size);
        enum trace_kind kind = TRACE_KIND_REQUESTS;

        assert_int_equal(trace_kind_of(path, row->format, &kind, NULL), SP_OK);
        assert_int_equal(kind, row->want);
        file_drop(path);
        free(bytes);
    }
}

static void a_file_that_is_not_there_is_an_io_error(void **state)
{
    enum trace_kind kind = TRACE_KIND_DEMAND;
    struct sp_err err = {0};

    (void)state;
    assert_int_equal(trace_kind_of("/nowhere/at/all", NULL, &kind, &err), SP_EIO);
    assert_int_equal(kind, TRACE_KIND_DEMAND);
    assert_non_null(strstr(err.text, "/nowhere/at/all: can't be opened"));
}

int main(void)
{
    struct CMUnitTest tests[1 + N_ROWS] = {
        cmocka_unit_test(a_file_that_is_not_there_is_an_io_error)};

    for (int i = 0; i < N_ROWS; i++)
        tests[1 + i] = (struct CMUnitTest){.name = rows[i].name,
                                           .test_func = kind_is_as_wanted,
                                           .initial_state = &rows[i]};
    return cmocka_run_group_tests_name("trace_kind", tests, NULL, NULL);
}
