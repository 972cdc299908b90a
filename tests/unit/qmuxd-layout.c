/*
 * qmuxd's header as the public sources declare it, for whatever width `long` has: compiled for both, it
 * fails to when a member is not where include/qmikit/qmuxd.h says.
 */
#include <stddef.h>

#include <qmikit/qmuxd.h>

struct header {
	int size, program, type, program_again;
	unsigned long transaction;
	int system_error, qmi_error, connection, service;
	unsigned char client, flags;
};

#define IS_AT(member, at_32, at_64) \
	_Static_assert(offsetof(struct header, member) == (sizeof(long) == 4 ? (at_32) : (at_64)), \
		       #member)

IS_AT(size, 0, 0);
IS_AT(program, 4, 4);
IS_AT(type, 8, 8);
IS_AT(program_again, 12, 12);
IS_AT(transaction, 16, 16);
IS_AT(system_error, 20, 24);
IS_AT(qmi_error, 24, 28);
IS_AT(connection, 28, 32);
IS_AT(service, 32, 36);
IS_AT(client, 36, 40);
IS_AT(flags, 37, 41);
_Static_assert(sizeof(struct header) ==
		       (sizeof(long) == 4 ? QK_QMUXD_HEADER_32 : QK_QMUXD_HEADER_64),
	       "size");
