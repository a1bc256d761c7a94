/* Steps of the schema that have a file of their own.  Internal to report/schema*.c. */
#ifndef REPORT_SCHEMA_STEPS_H
#define REPORT_SCHEMA_STEPS_H

extern const char report_schema_5[];
extern const char report_schema_6[];

#endif
