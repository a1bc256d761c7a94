#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/words.h"
#include "tests/job_text.h"
#include "tests/trace_files.h"
#include "traces/job_format.h"
#include "traces/jobs.h"

#define CSV    "job,arrival_s,duration_s,gpu\n"
#define OPENB  "name,cpu_milli,memory_mib,num_gpu,gpu_milli"
#define OPENBT ",gpu_spec,qos,pod_phase,creation_time,deletion_time,scheduled_time\n"
#define PHILLY "submit_time,duration_s,num_gpus,gpu_seconds,vc\n"
#define HELIOS                                                                         \
    "job_id,user,vc,gpu_num,cpu_num,node_num,state,submit_time,start_time,end_time,"   \
    "duration,queue\n"
#define DLRM                                                                           \
    "instance_sn,role,app_name,cpu_request,cpu_limit,gpu_request,gpu_limit,"           \
    "rdma_request,rdma_limit,memory_request,memory_limit,disk_request,disk_limit,"     \
    "max_instance_per_node,creation_time,scheduled_time,deletion_time\n"
#define TIRESIAS "job_id,num_gpu,submit_time,iterations,model_name,duration,interval\n"

/* A file, and the jobs that it means, or what is said after its path. */
static struct row {
    const char *name, *file, *format, *jobs, *error;
    int64_t never_ran, parts, cut, rounded, unstarted;
} rows[] = {
    /* ---- our own ---- */
    {"two_columns_and_a_need_are_enough", "arrival_s,duration_s,gpu\n5,10,1\n7.5,2,8\n",
     .format = "csv", .jobs = "1 @0 10 gpu=1000\n2 @2.5 2 gpu=8000\n"},
    {"all_columns_are_read",
     "job,arrival_s,duration_s,estimate_s,deadline_s,members,gpus,cpus,memory_gib,team,"
     "priority,preemptible,gpu_models,checkpoint_s\n"
     "train,0,3600.5,7200,86400,4,8,96,1.5,vision,-3,true,A100|H100,600\n"
     "serve,0,never,,,1,0.5,1.25,0,,,,,\n",
     .format = "csv",
     .jobs =
         "train @0 3600.5 x4 gpu=8000 cpu=96000 mem=1610612736 team=vision est=7200 "
         "due=86400 prio=-3 pre=1 on=A100|H100 ckpt=600\n"
         "serve @0 never gpu=500 cpu=1250 mem=0\n"},
    {"a_total_has_no_members", "arrival_s,duration_s,members,gpu\n0,1,0,16\n",
     .format = "csv", .jobs = "1 @0 1 x0 gpu=16000\n"},
    {"memory_has_three_units",
     "arrival_s,duration_s,cpu,memory_mib\n0,1,1,2\n0,1,1,0.000001\n", .format = "csv",
     .jobs = "1 @0 1 gpu=0 cpu=1000 mem=2097152\n2 @0 1 gpu=0 cpu=1000 mem=2\n"},
    {"bytes_are_whole", "arrival_s,duration_s,cpu,memory_bytes\n0,1,1,12\n",
     .format = "csv", .jobs = "1 @0 1 gpu=0 cpu=1000 mem=12\n"},
    {"quotes_blanks_and_cr_lf_are_fine",
     "\"job\", arrival_s ,duration_s,gpu\r\n\"a, b\",0, 1 ,1\r\n", .format = "csv",
     .jobs = "a, b @0 1 gpu=1000\n"},
    {"rows_out_of_order_are_sorted_and_ties_keep_theirs",
     CSV "a,9,1,1\nb,3,1,1\nc,9,1,1\nd,3,1,1\n", .format = "csv",
     .jobs = "b @0 1 gpu=1000\nd @0 1 gpu=1000\na @6 1 gpu=1000\nc @6 1 gpu=1000\n"},
    {"a_job_may_last_no_time", CSV "a,0,0,1\n", .format = "csv",
     .jobs = "a @0 0 gpu=1000\n"},
    {"a_dash_is_no_team", "arrival_s,duration_s,gpu,team\n0,1,1,-\n0,1,1,x\n",
     .format = "csv", .jobs = "1 @0 1 gpu=1000\n2 @0 1 gpu=1000 team=x\n"},

    {"an_empty_file_is_refused", "",
     .error = ": the file is empty, expected a trace of "
              "jobs"},
    {"a_header_alone_is_refused", CSV,
     .error =
         ": the trace is empty: found no job that ran (0 that did not), expected at "
         "least one"},
    {"a_negative_duration_names_its_line", CSV "a,0,1,1\nb,0,-5,1\n",
     .error = ":3: column duration_s: found '-5', expected 0 or more seconds, at most "
              "100 years"},
    {"a_broken_row_shows_at_once_wherever_it_is", CSV "a,0,1,1\nb,1,x,1\n",
     .error = ":3: column duration_s: found 'x', expected seconds such as 12 or 12.5, "
              "or 'never'"},
    {"an_arrival_is_needed", CSV "a,,1,1\n",
     .error = ":2: column arrival_s: found nothing, expected seconds such as 12 or "
              "12.5"},
    {"a_negative_arrival_is_refused", CSV "a,-1,1,1\n",
     .error = ":2: found an arrival at -1 s, expected 0 or more"},
    {"one_and_a_half_gpus_are_refused", CSV "a,0,1,1.5\n",
     .error = ":2: found 1.500 GPUs, expected a share of one GPU or a whole number"},
    {"a_ten_thousandth_is_refused", CSV "a,0,1,0.0001\n",
     .error = ":2: column gpu: found '0.0001', expected 0 to 1000000, in steps of a "
              "thousandth such as 4 or 0.5"},
    {"an_exponent_is_refused", CSV "a,1e3,1,1\n",
     .error = ":2: column arrival_s: found '1e3', expected seconds such as 12 or 12.5, "
              "no exponent"},
    {"a_slip_in_a_column_is_told", "arrival_s,duration_s,gpu,dealine_s\n0,1,1,1\n",
     .error = ":1: unknown column 'dealine_s', did you mean 'deadline_s'?"},
    {"a_column_twice_is_refused", "arrival_s,duration_s,gpu,gpu\n0,1,1,1\n",
     .error = ":1: column 'gpu' is there twice"},
    {"two_names_of_one_column_are_refused", "arrival_s,duration_s,gpu,gpus\n0,1,1,1\n",
     .error = ":1: found both 'gpu' and 'gpus', expected one of them"},
    {"a_missing_duration_is_told", "arrival_s,gpu\n0,1\n",
     .error = ":1: no column 'duration_s' for a trace of format csv: found the header "
              "'arrival_s,gpu'"},
    {"jobs_need_something", "arrival_s,duration_s\n0,1\n",
     .error = ":1: found no column of what jobs need, expected gpu, cpu or both"},
    {"a_field_too_few_is_refused", CSV "a,0,1\n",
     .error = ":2: found 3 columns, expected 4"},
    {"a_field_too_many_is_refused", CSV "a,0,1,1,1\n",
     .error = ":2: found 5 columns, expected 4"},
    {"an_empty_line_is_refused", CSV "a,0,1,1\n\n",
     .error = ":3: found an empty line, expected 4 columns"},
    {"control_bytes_in_a_name_are_refused", CSV "a\033[2J,0,1,1\n",
     .error = ":2: column job: found 'a\\x1b[2J', expected a name of at most 100 bytes "
              "of UTF-8, no control bytes and no quotes"},
    {"too_many_members_are_refused", "arrival_s,duration_s,gpu,members\n0,1,1,100001\n",
     .error =
         ":2: column members: found '100001', expected members, 1 to 100000, or 0: "
         "needs are a total"},
    {"memory_beyond_all_sense_is_refused",
     "arrival_s,duration_s,gpu,members,memory_bytes\n0,1,1,100,1152921504606846976\n",
     .error = ":2: found 100 members of 1152921504606846976 bytes each, expected at "
              "most 2^62 bytes in all"},
    {"arrivals_a_century_apart_are_refused", CSV "a,0,1,1\nb,3153600001,1,1\n",
     .error = ": found arrivals more than 100 years apart, expected less"},
    {"an_empty_gpu_model_is_refused",
     "arrival_s,duration_s,gpu,gpu_models\n0,1,1,A100||T4\n",
     .error = ":2: column gpu_models: found 'A100||T4', expected names of GPU models "
              "with '|' between them"},
    {"preemptible_is_true_or_false",
     "arrival_s,duration_s,gpu,preemptible\n0,1,1,yes\n",
     .error = ":2: column preemptible: found 'yes', expected true or false"},

    /* ---- openb ---- */
    {"openb_pods_run_from_scheduled_to_deleted",
     OPENB OPENBT "p0,12000,16384,1,1000,,LS,Running,100,160,130\n"
                  "p1,6000,12288,1,460,V100M16|T4,BE,Failed,100,,101\n"
                  "p2,88000,1,8,1000,,Guaranteed,Succeeded,200,260,200\n"
                  "p3,1000,1,0,0,,Burstable,Running,200,260,200\n",
     .format = "openb",
     .jobs = "p0 @0 30 gpu=1000 cpu=12000 mem=17179869184 prio=2 pre=0\n"
             "p1 @0 never gpu=460 cpu=6000 mem=12884901888 prio=0 pre=1 on=V100M16|T4\n"
             "p2 @100 60 gpu=8000 cpu=88000 mem=1048576 prio=2 pre=0\n"
             "p3 @100 60 gpu=0 cpu=1000 mem=1048576 prio=1 pre=0\n"},
    {"openb_pods_never_scheduled_last_as_long_as_they_were_there",
     OPENB OPENBT "p0,1,1,1,1000,,LS,Pending,100,160,\n", .format = "openb",
     .jobs = "p0 @0 60 gpu=1000 cpu=1 mem=1048576 prio=2 pre=0\n", .unstarted = 1},
    {"openb_without_times_comes_a_second_apart_for_ever",
     OPENB "\np0,1,1,1,1000\np1,1,1,2,1000\np2,1,1,1,30\n", .format = "openb",
     .jobs = "p0 @0 never gpu=1000 cpu=1 mem=1048576\np1 @1 never gpu=2000 cpu=1 "
             "mem=1048576\n"
             "p2 @2 never gpu=30 cpu=1 mem=1048576\n"},
    {"openb_shares_above_a_gpu_are_cut", OPENB "\np0,1,1,1,1500\n", .format = "openb",
     .jobs = "p0 @0 never gpu=1000 cpu=1 mem=1048576\n", .cut = 1},
    {"openb_shares_of_several_gpus_are_refused", OPENB "\np0,1,1,2,500\n",
     .error = ":2: column gpu_milli: found '500', expected 1000: a share of more than "
              "one GPU is not known here"},
    {"openb_shares_of_nothing_are_refused", OPENB "\np0,1,1,1,0\n",
     .error = ":2: column gpu_milli: found '0', expected thousandths of each GPU, 1 to "
              "1000 (0 without GPUs)"},
    {"openb_classes_are_known",
     OPENB OPENBT "p0,1,1,1,1000,,GOLD,Running,100,160,130\n",
     .error = ":2: column qos: found 'GOLD', expected BE, Burstable, LS or Guaranteed"},
    {"openb_deleted_before_it_began_is_refused",
     OPENB OPENBT "p0,1,1,1,1000,,LS,Running,100,120,130\n",
     .error = ":2: found a duration of -10 s, expected 0 or more, at most 100 years"},

    /* ---- dlrm ---- */
    {"instances_there_before_the_start_and_after_the_end",
     DLRM "i0,HN,app_0,12,12,1,1,25,25,120.0,120.0,1,1,8,,,\n"
          "i1,CN,app_1,0.5,48,0,0,25,25,0.25,240.0,1,1,-1,,,2044444.0000000002\n"
          "i2,HN,app_0,8,8,2,2,1,1,40.0,40.0,1,1,2,2057225.0000000002,2057328.5,"
          "2223508.0\n",
     .format = "dlrm-2025",
     .jobs = "i0 @0 never gpu=1000 cpu=12000 mem=128849018880 team=app_0\n"
             "i1 @0 2044444 gpu=0 cpu=500 mem=268435456 team=app_1\n"
             "i2 @2057225 166179.5 gpu=2000 cpu=8000 mem=42949672960 team=app_0\n"},

    /* ---- Philly, as a table ---- */
    {"philly_rows_are_totals_of_teams",
     PHILLY "2017-09-04 10:30:41,2240194.0,8,17921552.0,7f04ca\n"
            "2017-09-05 10:30:40,69.5,16,1112.0,11cb48\n",
     .format = "philly-csv",
     .jobs = "1 @0 2240194 x0 gpu=8000 team=7f04ca\n2 @86399 69.5 x0 gpu=16000 "
             "team=11cb48\n"},
    {"philly_dates_are_checked", PHILLY "2017-02-30 10:30:41,1.0,8,1,a\n",
     .error = ":2: column submit_time: found '2017-02-30 10:30:41', expected a time "
              "such as 2017-09-04 10:30:41, years 1970 to 2199"},
    {"philly_durations_are_checked", PHILLY "2017-02-03 10:30:41,-1.0,8,1,a\n",
     .error = ":2: found a duration of -1 s, expected 0 or more, at most 100 years"},

    /* ---- Helios ---- */
    {"helios_gpus_are_totals_and_cpu_jobs_spread_over_their_nodes",
     HELIOS "7,u1,vcA,16,48,2,COMPLETED,2020-04-08 13:09:04,2020-04-08 13:09:05,"
            "2020-04-08 13:10:05,60,1\n"
            "8,u1,vcB,0,97,2,COMPLETED,2020-04-08 13:09:05,2020-04-08 13:09:05,"
            "2020-04-08 13:10:05,60,0\n"
            "9,u1,vcA,4,8,0,CANCELLED,2020-04-08 13:09:06,None,"
            "2020-04-08 13:10:05,0,59\n",
     .format = "helios",
     .jobs = "7 @0 60 x0 gpu=16000 cpu=48000 team=vcA\n8 @1 60 x2 gpu=0 cpu=48500 "
             "team=vcB\n",
     .never_ran = 1},
    {"helios_durations_are_checked",
     HELIOS "7,u1,vcA,16,48,2,COMPLETED,2020-04-08 13:09:04,2020-04-08 13:09:05,"
            "2020-04-08 13:10:05,-60,1\n",
     .error = ":2: found a duration of -60 s, expected 0 or more, at most 100 years"},

    /* ---- Tiresias ---- */
    {"tiresias_rows_are_totals",
     TIRESIAS "0,1,0,606,vgg19,164,30\n1,8,30,133,vgg11,147,23\n", .format = "tiresias",
     .jobs = "0 @0 164 x0 gpu=1000\n1 @30 147 x0 gpu=8000\n"},

    /* ---- PAI ---- */
    {"pai_tasks_are_gangs_of_their_instances",
     "job1,worker,2.0,Terminated,494551.0,498551.5,600.0,29.296875,25.0,V100\n"
     "job1,ps,1.0,Terminated,494550.0,498551.0,1000.0,0.5,,\n"
     "job2,tensorflow,1,Running,494552.0,,600.0,,150.0,MISC\n"
     "job3,worker,1,Waiting,,,600.0,1,100.0,T4\n"
     "job4,worker,1,Failed,494553.0,,600.0,1,100.0,T4\n",
     .format = "pai",
     .jobs = "job1/ps @0 4001 gpu=0 cpu=10000 mem=536870912\n"
             "job1/worker @1 4000.5 x2 gpu=250 cpu=6000 mem=31457280000 on=V100\n"
             "job2/tensorflow @2 never gpu=2000 cpu=6000 on=MISC\n",
     .never_ran = 2, .rounded = 1},
    {"pai_instances_are_checked",
     "job1,worker,0,Terminated,494551.0,498551.5,600.0,29.296875,25.0,V100\n",
     .error = ":1: column inst_num: found '0', expected 1 to 100000 instances"},
    {"pai_ends_before_its_start_are_refused",
     "job1,worker,1,Terminated,494551.0,494550.0,600.0,29.296875,25.0,V100\n",
     .error = ":1: found a duration of -1 s, expected 0 or more, at most 100 years"},

    /* ---- SWF ---- */
    {"swf_processors_are_members_of_one_cpu",
     "; Version: 2.2\n;\n"
     "    1   10     -1   1451  128     -1    -1   -1     -1    -1 -1   1   1  -1 -1 "
     "-1 "
     "-1 -1\n"
     "\n"
     "2 20 5 60 -1 -1 2048 4 3600 1024 1 7 -1 -1 -1 -1 -1 -1\n",
     .format = "swf",
     .jobs = "1 @0 1451 x128 gpu=0 cpu=1000 team=1\n"
             "2 @10 60 x4 gpu=0 cpu=1000 mem=1048576 est=3600\n"},
    {"swf_needs_no_comments", "2 20 5 60 -1 -1 2048 4 3600 -1 1 7 -1 -1 -1 -1 -1 -1\n",
     .format = "swf", .jobs = "2 @0 60 x4 gpu=0 cpu=1000 mem=2097152 est=3600\n"},
    {"swf_jobs_that_never_ran_and_parts_are_counted",
     ";\n1 0 -1 -1 4 -1 -1 4 -1 -1 5 1 1 -1 -1 -1 -1 -1\n"
     "2 1 -1 9 4 -1 -1 4 -1 -1 1 1 1 -1 -1 -1 -1 -1\n"
     "2 1 -1 5 4 -1 -1 4 -1 -1 2 1 1 -1 -1 -1 -1 -1\n"
     "2 1 -1 4 4 -1 -1 4 -1 -1 3 1 1 -1 -1 -1 -1 -1\n",
     .format = "swf", .jobs = "2 @0 9 x4 gpu=0 cpu=1000 team=1\n", .never_ran = 1,
     .parts = 2},
    {"swf_negative_times_but_minus_one_are_refused",
     ";\n1 0 -1 -2 4 -1 -1 4 -1 -1 1 1 1 -1 -1 -1 -1 -1\n",
     .error = ":2: found a duration of -2 s, expected 0 or more, at most 100 years"},
    {"swf_jobs_need_processors", ";\n1 0 -1 2 -1 -1 -1 -1 -1 -1 1 1 1 -1 -1 -1 -1 -1\n",
     .error = ":2: column requested processors: found '-1', expected 1 to 100000 "
              "processors"},
    {"swf_has_eighteen_fields", ";\n1 0 -1 2 -1 -1 -1 -1 -1 -1 1 1 1 -1 -1 -1 -1\n",
     .error = ":2: found 17 columns, expected 18"},

    /* ---- Philly's log ---- */
    {"philly_jobs_last_as_long_as_their_attempts",
     "[\n"
     " {\"status\": \"Pass\", \"vc\": \"ee9e8c\", \"jobid\": \"application_1\",\n"
     "  \"attempts\": [\n"
     "   {\"start_time\": \"2017-10-09 07:02:20\", \"end_time\": \"2017-10-09 "
     "07:02:35\",\n"
     "    \"detail\": [{\"ip\": \"m351\", \"gpus\": [\"gpu4\", \"gpu5\"]}]},\n"
     "   {\"start_time\": \"2017-10-09 08:00:00\", \"end_time\": \"2017-10-09 "
     "08:01:00\",\n"
     "    \"detail\": [{\"ip\": \"m1\", \"gpus\": [\"gpu4\", \"gpu5\"]},"
     "{\"ip\": \"m2\", \"gpus\": [\"gpu0\"]}]},\n"
     "   {\"start_time\": \"None\", \"end_time\": \"None\", "
     "\"detail\": []}],\n"
     "  \"submitted_time\": \"2017-10-09 07:02:00\", \"user\": \"5\\\"}{\"},\n"
     " {\"status\": \"Killed\", \"vc\": \"ee9e8c\", \"jobid\": \"application_2\", "
     "\"attempts\": [], \"submitted_time\": \"2017-10-09 07:00:00\"},\n"
     " {\"status\": \"Pass\", \"vc\": \"6c71a0\", \"jobid\": \"application_3\", "
     "\"attempts\": [{\"start_time\": \"2017-10-09 07:01:30\", \"end_time\": "
     "\"2017-10-09 07:02:30\", \"detail\": [{\"ip\": \"m1\", \"gpus\": "
     "[\"gpu0\"]}]}], \"submitted_time\": \"2017-10-09 07:01:00\"}\n"
     "]\n",
     .format = "philly",
     .jobs = "application_3 @0 60 x0 gpu=1000 team=6c71a0\n"
             "application_1 @60 75 x0 gpu=3000 team=ee9e8c\n",
     .never_ran = 1},
    {"philly_attempts_without_a_time_count_for_nothing_but_a_last_one_runs_on",
     "[{\"jobid\": \"a\", \"submitted_time\": \"2017-10-09 07:00:00\", \"attempts\": ["
     "{\"start_time\": \"2017-10-09 07:00:00\", \"end_time\": null, \"detail\": []}, "
     "{\"start_time\": \"2017-10-09 07:00:00\", \"end_time\": \"2017-10-09 07:00:10\", "
     "\"detail\": [{\"gpus\": [\"g\"]}]}]},\n"
     "{\"jobid\": \"b\", \"submitted_time\": \"2017-10-09 07:00:01\", \"attempts\": ["
     "{\"start_time\": \"2017-10-09 07:00:00\", \"end_time\": \"2017-10-09 07:00:10\", "
     "\"detail\": [{\"gpus\": [\"g\"]}]}, "
     "{\"start_time\": \"2017-10-09 07:00:00\", \"end_time\": null, "
     "\"detail\": [{\"gpus\": [\"g\", \"h\"]}]}]},\n"
     "{\"jobid\": \"c\", \"submitted_time\": \"2017-10-09 07:00:02\", \"attempts\": ["
     "{\"start_time\": null, \"end_time\": \"2017-10-09 07:00:10\", \"detail\": "
     "[]}]},\n"
     "{\"jobid\": \"d\", \"submitted_time\": null, \"attempts\": ["
     "{\"start_time\": \"2017-10-09 07:00:00\", \"end_time\": \"2017-10-09 "
     "07:00:10\"}]}]",
     .format = "philly", .jobs = "a @0 10 x0 gpu=1000\nb @1 never x0 gpu=2000\n",
     .never_ran = 2},
    {"philly_text_after_the_array_is_refused", "[]\nx\n",
     .error = ":2: found 'x', expected nothing after the array of jobs"},
    {"philly_without_end_is_refused",
     "[\n{\"attempts\": [{\"start_time\": \"2017-10-09 07:02:20\"\n",
     .error = ":3: the file ends, expected the end of the job's object"},
    {"philly_objects_are_told_apart_by_commas", "[{\"attempts\": []}\n{}]\n",
     .error = ":2: found '{', expected ',' or ']' after a job"},
    {"philly_broken_json_is_refused", "[\n{\"attempts\": nil}]\n",
     .error = ":2: the job's object is no valid JSON"},
    {"philly_jobs_have_attempts", "[\n\n{\"attempts\": 5}]\n",
     .error = ":3: found a job without an array 'attempts'"},
    {"philly_attempts_do_not_end_before_they_start",
     "[{\"attempts\": [{\"start_time\": \"2017-10-09 07:02:20\", \"end_time\": "
     "\"2017-10-09 07:02:19\"}]}]\n",
     .error = ":1: column end_time: found '2017-10-09 07:02:19', expected a time not "
              "before the attempt's start_time"},
    {"philly_names_are_checked", "[{\"jobid\": \"a\\u0000b\", \"attempts\": []}]\n",
     .error = ":1: column jobid: found 'a\\x00b', expected a name of at most 100 bytes "
              "of UTF-8, no control bytes and no quotes"},

    /* ---- Gavel ---- */
    {"gavel_needs_what_gavel_measured", "A3C\trm -rf /\t-n\t1\t100\t0.5\t1\n",
     .error = ":1: a trace of Gavel's gives steps, not times: expected Gavel's "
              "simulation_throughputs.json (or .json.gz) in the same folder, found "
              "none"},
};
enum { N_ROWS = sizeof rows / sizeof rows[0], TEXT_MAX = 4096 };

static void means_what_it_should(void **state)
{
    const struct row *row = *state;
    struct trace_job_facts facts = {0};
    struct sp_err err = {0};
    char text[TEXT_MAX];
    enum sp_status status = job_text_of_file(
        row->file, (struct trace_job_request){.scale = 1, .jobs = -1, .for_ns = -1},
        text, sizeof text, &facts, &err);

    if (row->error != NULL) {
        assert_int_equal(status, SP_EINPUT);
        assert_string_equal(err.text, row->error);
        return;
    }
    assert_string_equal(err.text, "");
    assert_int_equal(status, SP_OK);
    assert_string_equal(text, row->jobs);
    assert_string_equal(facts.format, row->format);
    assert_int_equal(facts.never_ran, row->never_ran);
    assert_int_equal(facts.parts, row->parts);
    assert_int_equal(facts.cut, row->cut);
    assert_int_equal(facts.rounded, row->rounded);
    assert_int_equal(facts.unstarted, row->unstarted);
}

/* The words of `format:` in a scenario; the first is auto. */
static void a_scenario_knows_every_format(void **state)
{
    const struct trace_job_format *format = NULL;
    size_t n = 0, words = 0;

    (void)state;
    trace_job_formats(&n);
    while (model_job_format_words[words].name != NULL)
        words++;
    assert_int_equal(words, n + 1);
    for (size_t i = 1; i < words; i++)
        assert_int_equal(
            trace_job_format_find(model_job_format_words[i].name, &format, NULL),
            SP_OK);
}

int main(void)
{
    struct CMUnitTest tests[N_ROWS + 1] = {
        cmocka_unit_test(a_scenario_knows_every_format),
    };

    for (size_t i = 0; i < N_ROWS; i++)
        tests[i + 1] = (struct CMUnitTest){.name = rows[i].name,
                                           .test_func = means_what_it_should,
                                           .initial_state = &rows[i]};
    return cmocka_run_group_tests_name("job_formats", tests, NULL, NULL);
}
