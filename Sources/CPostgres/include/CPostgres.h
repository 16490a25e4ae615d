// The system's libpq, loaded when the first connection is wanted and not before: with it come TLS, LDAP and Kerberos,
// some 6 MiB and 10 ms at each start that a node with the embedded database has no use for.
#ifndef COUNTERSIGN_POSTGRES_H
#define COUNTERSIGN_POSTGRES_H

#if __has_include(<postgresql/libpq-fe.h>)
#include <postgresql/libpq-fe.h>
#else
#include <libpq-fe.h>
#endif

#include <stdbool.h>

// Loads libpq, once in the life of the process. False when it is not installed; none of its functions may be called
// then.
bool countersign_postgres_load(void);

#endif
