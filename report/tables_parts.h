/* How the tables of report/tables*.c are written down.  Internal to them. */
#ifndef REPORT_TABLES_PARTS_H
#define REPORT_TABLES_PARTS_H

#include "report/tables.h"

/* A column of the record RECORD, which the file defines before each table. */
#define COLUMN(kind, name, member)                                                     \
    {                                                                                  \
        name, REPORT_##kind, offsetof(struct RECORD, member), NULL                     \
    }
#define NAMED(kind, name, member, names)                                               \
    {                                                                                  \
        name, REPORT_##kind, offsetof(struct RECORD, member), &(names)                 \
    }
#define COLUMNS(array)                                                                 \
    .n = (int32_t)(sizeof(array) / sizeof(array)[0]), .columns = array

#endif
