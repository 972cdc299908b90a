/*
 * Reads (see reads.h).
 */
#include "reads.h"

#include <string.h>

#include <qmikit/ctl.h>

/* How the definitions name what only reads. */
static const char *const prefixes[] = { "get-", "uim-get-", "rf-get-", "list-", "read-" };

/* What does so under another name. */
static const struct {
	uint8_t service;
	const char *name;
} others[] = {
	{ QK_SERVICE_ID_NAS, "network-scan" },
	{ QK_SERVICE_ID_WMS, "raw-read" },
};

bool qk_trace_reads(const struct qk_message *request)
{
	/* of CTL the client ids are whoever's asks, versions are not */
	if (request->service == QK_SERVICE_CTL)
		return request->id == qk_ctl_get_version_info_method.request->id;
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
		if (!strncmp(qk_message_name(request), prefixes[i], strlen(prefixes[i])))
			return true;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (others[i].service == request->service &&
		    !strcmp(others[i].name, qk_message_name(request)))
			return true;
	return false;
}
