/*
 * Survey rows: what reads, by name and by hand (see survey-rows.h).
 */
#include "survey-rows.h"

#include <string.h>

#include <qmikit/nas.h>

#include "reads.h"

/* A file by its id and those of the folders above it, lower byte first; 3GPP TS 31.102 and ETSI TS
 * 102 221 have the files. Session 0 is the application that is in use, 6 the card itself. */
#define CARD "{\"session-type\": \"card-slot-1\", \"application-identifier\": \"\"}"
#define USIM "{\"session-type\": \"primary-gw-provisioning\", \"application-identifier\": \"\"}"
#define FILE_OF(session, id, path) \
	"{\"session\": " session ", \"file\": {\"file-id\": " id ", \"file-path\": \"" path "\"}"
#define CONTENT(session, id, path) \
	FILE_OF(session, id, path) ", \"read-information\": {\"offset\": 0, \"length\": 0}}"
#define ATTRIBUTES(session, id, path) FILE_OF(session, id, path) "}"
#define PROFILE(index) \
	"{\"profile-id\": {\"profile-type\": \"3gpp\", \"profile-index\": " index "}}"
#define MESSAGES(storage) "{\"storage-type\": \"" storage "\", \"message-mode\": \"gsm-wcdma\"}"

static const struct qk_survey_row rows[] = {
	{ "wds", "get-profile-list", "{\"profile-type\": \"3gpp\"}" },
	{ "wds", "get-profile-settings", PROFILE("1") },
	{ "wds", "get-profile-settings", PROFILE("2") },
	{ "wds", "get-profile-settings", PROFILE("3") },
	{ "wds", "get-profile-settings", PROFILE("4") },
	{ "wds", "get-default-settings", "{\"profile-type\": \"3gpp\"}" },
	{ "wds", "get-packet-statistics", "{\"mask\": [\"tx-packets-ok\", \"rx-packets-ok\"]}" },
	{ "dms", "uim-get-ck-status", "{\"facility\": \"pn\"}" },
	{ "uim", "read-transparent", CONTENT(CARD, "12258", "003f") }, /* 2FE2: ICCID */
	{ "uim", "get-file-attributes", ATTRIBUTES(CARD, "12258", "003f") },
	{ "uim", "read-transparent", CONTENT(USIM, "28423", "003fff7f") }, /* 6F07: IMSI */
	{ "uim", "read-transparent", CONTENT(USIM, "28472", "003fff7f") }, /* 6F38: services */
	{ "uim", "read-transparent", CONTENT(USIM, "28589", "003fff7f") }, /* 6FAD: MNC's length */
	{ "uim", "read-transparent",
	  CONTENT(USIM, "28486", "003fff7f") }, /* 6F46: provider's name */
	{ "uim", "get-file-attributes",
	  ATTRIBUTES(USIM, "28480", "003fff7f") }, /* 6F40: own numbers */
	{ "wms", "list-messages", MESSAGES("uim") },
	{ "wms", "list-messages", MESSAGES("nv") },
	{ "pdc", "list-configs", "{\"token\": 1, \"config-type\": \"software\"}" },
	{ "pdc", "list-configs", "{\"token\": 2, \"config-type\": \"platform\"}" },
	{ "pdc", "get-selected-config", "{\"token\": 3, \"config-type\": \"software\"}" },
	{ 0 },
};

const struct qk_survey_row *qk_survey_rows(void)
{
	return rows;
}

/* A test holds what is asked against a list, so that a new definition is looked at before a modem is
 * asked. */
bool qk_survey_reads(const struct qk_method *method)
{
	const struct qk_message *request = method->request;

	/* the versions come with the opening; a scan takes minutes, and the radio from a data call */
	if (request->service == QK_SERVICE_CTL ||
	    (request->service == QK_SERVICE_ID_NAS &&
	     !strcmp(qk_message_name(request), "network-scan")))
		return false;
	for (size_t i = 0; i < request->tlv_count; i++)
		if (request->tlvs[i].mandatory)
			return false;
	return qk_trace_reads(request);
}
