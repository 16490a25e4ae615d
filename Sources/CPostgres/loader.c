#include "CPostgres.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stddef.h>

// Each function that `Sources/Libpq` calls: what it returns, its name, its parameters, and how they are handed on.
#define FUNCTIONS(F)                                                                                                   \
    F(PGconn *, PQconnectdbParams, (const char *const *names, const char *const *values, int expand),                  \
      (names, values, expand))                                                                                         \
    F(PQconninfoOption *, PQconninfoParse, (const char *text, char **message), (text, message))                        \
    F(ConnStatusType, PQstatus, (const PGconn *connection), (connection))                                              \
    F(char *, PQerrorMessage, (const PGconn *connection), (connection))                                                \
    F(PQnoticeReceiver, PQsetNoticeReceiver, (PGconn * connection, PQnoticeReceiver receiver, void *argument),         \
      (connection, receiver, argument))                                                                                \
    F(int, PQsocket, (const PGconn *connection), (connection))                                                         \
    F(int, PQsendQuery, (PGconn * connection, const char *sql), (connection, sql))                                     \
    F(int, PQsendQueryParams,                                                                                          \
      (PGconn * connection, const char *sql, int count, const Oid *types, const char *const *values,                   \
       const int *lengths, const int *formats, int format),                                                            \
      (connection, sql, count, types, values, lengths, formats, format))                                               \
    F(int, PQsendPrepare, (PGconn * connection, const char *name, const char *sql, int count, const Oid *types),       \
      (connection, name, sql, count, types))                                                                           \
    F(int, PQsendQueryPrepared,                                                                                        \
      (PGconn * connection, const char *name, int count, const char *const *values, const int *lengths,                \
       const int *formats, int format),                                                                                \
      (connection, name, count, values, lengths, formats, format))                                                     \
    F(int, PQconsumeInput, (PGconn * connection), (connection))                                                        \
    F(int, PQisBusy, (PGconn * connection), (connection))                                                              \
    F(PGresult *, PQgetResult, (PGconn * connection), (connection))                                                    \
    F(PGnotify *, PQnotifies, (PGconn * connection), (connection))                                                     \
    F(ExecStatusType, PQresultStatus, (const PGresult *result), (result))                                              \
    F(char *, PQresultErrorField, (const PGresult *result, int field), (result, field))                                \
    F(char *, PQcmdStatus, (PGresult * result), (result))                                                              \
    F(char *, PQcmdTuples, (PGresult * result), (result))                                                              \
    F(int, PQntuples, (const PGresult *result), (result))                                                              \
    F(int, PQnfields, (const PGresult *result), (result))                                                              \
    F(int, PQfformat, (const PGresult *result, int column), (result, column))                                          \
    F(Oid, PQftype, (const PGresult *result, int column), (result, column))                                            \
    F(int, PQgetisnull, (const PGresult *result, int row, int column), (result, row, column))                          \
    F(int, PQgetlength, (const PGresult *result, int row, int column), (result, row, column))                          \
    F(char *, PQgetvalue, (const PGresult *result, int row, int column), (result, row, column))

#define PROCEDURES(F)                                                                                                  \
    F(PQfinish, (PGconn * connection), (connection))                                                                   \
    F(PQconninfoFree, (PQconninfoOption * options), (options))                                                         \
    F(PQclear, (PGresult * result), (result))                                                                          \
    F(PQfreemem, (void *memory), (memory))

// Hidden, so that libpq's own calls of itself do not come here.
#define FUNCTION(TYPE, NAME, PARAMETERS, ARGUMENTS)                                                                    \
    static TYPE(*loaded_##NAME) PARAMETERS;                                                                            \
    __attribute__((visibility("hidden"))) TYPE NAME PARAMETERS { return loaded_##NAME ARGUMENTS; }
#define PROCEDURE(NAME, PARAMETERS, ARGUMENTS)                                                                         \
    static void(*loaded_##NAME) PARAMETERS;                                                                            \
    __attribute__((visibility("hidden"))) void NAME PARAMETERS { loaded_##NAME ARGUMENTS; }

FUNCTIONS(FUNCTION)
PROCEDURES(PROCEDURE)

static pthread_once_t once = PTHREAD_ONCE_INIT;
static bool is_loaded = false;

static bool find(void *library, const char *name, void *place) {
    void *symbol = dlsym(library, name);
    *(void **)place = symbol;
    return symbol != NULL;
}

static void load(void) {
    void *library = dlopen("libpq.so.5", RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) {
        return;
    }
    bool found = true;
#define FIND_FUNCTION(TYPE, NAME, PARAMETERS, ARGUMENTS) found = find(library, #NAME, &loaded_##NAME) && found;
#define FIND_PROCEDURE(NAME, PARAMETERS, ARGUMENTS) found = find(library, #NAME, &loaded_##NAME) && found;
    FUNCTIONS(FIND_FUNCTION)
    PROCEDURES(FIND_PROCEDURE)
    is_loaded = found;
}

bool countersign_postgres_load(void) {
    pthread_once(&once, load);
    return is_loaded;
}
