/* Survey: what is asked only reads, and the rows are requests as the definitions have them. */
#include <setjmp.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <qmikit/json.h>

#include "trace/reads.h"
#include "trace/survey-rows.h"

static void rows_are_requests(void **state)
{
	size_t count = 0;

	(void)state;
	for (const struct qk_survey_row *row = qk_survey_rows(); row->service; row++, count++) {
		alignas(max_align_t) uint8_t request[4096], values[4096], bytes[512];
		struct qk_arena arena = { .base = values, .size = sizeof(values) };
		const struct qk_service *service = qk_service_by_name(row->service);
		const struct qk_message *message =
			service ? qk_message_by_name(service, QK_REQUEST, row->message) : NULL;
		struct qk_writer writer = qk_writer(bytes, sizeof(bytes));
		char error[256] = "";
		json_t *json = json_loads(row->values, 0, NULL);

		if (!message || !json || message->size > sizeof(request))
			fail_msg("%s %s %s", row->service, row->message, row->values);
		if (qk_from_json(message, json, &arena, request, error, sizeof(error)) < 0)
			fail_msg("%s %s: %s", row->service, row->message, error);
		assert_int_equal(qk_encode(message, request, &writer), 0);
		assert_int_equal(qk_missing_tlv(message, request), -1);
		json_decref(json);
	}
	assert_true(count > 10);
}

/* The names that are asked without values, as somebody has looked at them. */
static const char *const looked_at[] = {
	"dms get-activation-state",
	"dms get-alt-net-config",
	"dms get-band-capabilities",
	"dms get-boot-image-download-mode",
	"dms get-capabilities",
	"dms get-factory-sku",
	"dms get-firmware-preference",
	"dms get-hardware-revision",
	"dms get-ids",
	"dms get-manufacturer",
	"dms get-model",
	"dms get-msisdn",
	"dms get-operating-mode",
	"dms get-power-state",
	"dms get-prl-version",
	"dms get-revision",
	"dms get-software-version",
	"dms get-supported-messages",
	"dms get-time",
	"dms get-user-lock-state",
	"dms list-stored-images",
	"dms read-eri-file",
	"dms read-user-data",
	"dms uim-get-iccid",
	"dms uim-get-imsi",
	"dms uim-get-pin-status",
	"dms uim-get-state",
	"dsd get-system-status",
	"ims get-ims-policy-manager-settings",
	"ims get-ims-services-enabled-setting",
	"imsa get-bind",
	"imsa get-ims-registration-status",
	"imsa get-ims-services-status",
	"imsp get-enabler-state",
	"loc get-engine-lock",
	"loc get-nmea-types",
	"loc get-operation-mode",
	"loc get-predicted-orbits-data-source",
	"loc get-predicted-orbits-data-validity",
	"nas get-cdma-position-info",
	"nas get-cell-location-info",
	"nas get-drx",
	"nas get-endc-config",
	"nas get-forbidden-networks",
	"nas get-home-network",
	"nas get-lte-cphy-ca-info",
	"nas get-network-time",
	"nas get-operator-name",
	"nas get-preferred-networks",
	"nas get-rf-band-information",
	"nas get-serving-system",
	"nas get-signal-info",
	"nas get-signal-strength",
	"nas get-supported-messages",
	"nas get-system-info",
	"nas get-system-selection-preference",
	"nas get-technology-preference",
	"oma get-feature-setting",
	"oma get-session-info",
	"pbm get-all-capabilities",
	"pbm get-all-groups",
	"pbm get-alpha-string-list",
	"pbm get-emergency-list",
	"pbm get-subscription",
	"pds get-agps-config",
	"pds get-auto-tracking-state",
	"pds get-default-tracking-session",
	"pds get-gps-service-state",
	"qos get-bind-subscription",
	"qos get-network-status",
	"sar rf-get-state",
	"uim get-card-status",
	"uim get-configuration",
	"uim get-slot-status",
	"uim get-supported-messages",
	"voice get-all-call-info",
	"voice get-call-waiting",
	"voice get-config",
	"voice get-supported-messages",
	"wda get-data-format",
	"wda get-ethernet-config",
	"wda get-supported-messages",
	"wds get-autoconnect-settings",
	"wds get-bind-subscription",
	"wds get-channel-rates",
	"wds get-current-data-bearer-technology",
	"wds get-current-settings",
	"wds get-data-bearer-technology",
	"wds get-dormancy-status",
	"wds get-lte-attach-parameters",
	"wds get-lte-attach-pdn-list",
	"wds get-max-lte-attach-pdn-number",
	"wds get-packet-service-status",
	"wds get-profile-list",
	"wds get-supported-messages",
	"wms get-message-protocol",
	"wms get-routes",
	"wms get-smsc-address",
	"wms get-supported-messages",
	"wms get-transport-network-registration-status",
};

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void what_is_asked_was_looked_at(void **state)
{
	size_t count = 0;

	(void)state;
	for (const struct qk_service *const *service = qk_services(); *service; service++) {
		for (size_t i = 0; i < (*service)->method_count; i++) {
			const struct qk_method *method = &(*service)->methods[i];
			char name[128], *key = name;
			if (!qk_survey_reads(method))
				continue;
			snprintf(name, sizeof(name), "%s %s", (*service)->name,
				 qk_message_name(method->request));
			if (!bsearch(&key, looked_at, sizeof(looked_at) / sizeof(looked_at[0]),
				     sizeof(looked_at[0]), by_name))
				fail_msg("does it only read? then it goes to the list here: %s",
					 name);
			count++;
		}
	}
	assert_int_equal(count, sizeof(looked_at) / sizeof(looked_at[0]));
}

/* A profile repeats answers to these and to no others; the survey asks none of the second kind. */
static void what_changes_a_modem_is_no_reader(void **state)
{
	static const struct {
		const char *service, *message;
		bool reads;
	} cases[] = {
		{ "uim", "read-record", true },
		{ "wms", "raw-read", true },
		{ "nas", "network-scan", true },
		{ "sar", "rf-get-state", true },
		{ "ctl", "get-version-info", true },
		{ "ctl", "allocate-cid", false },
		{ "dms", "set-operating-mode", false },
		{ "uim", "verify-pin", false },
		{ "wds", "start-network", false },
		{ "wms", "raw-write", false },
		{ "wms", "delete", false },
		{ "nas", "register-indications", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct qk_service *service = qk_service_by_name(cases[i].service);
		const struct qk_message *message =
			qk_message_by_name(service, QK_REQUEST, cases[i].message);
		assert_non_null(message);
		if (qk_trace_reads(message) != cases[i].reads)
			fail_msg("%s %s", cases[i].service, cases[i].message);
	}
	for (const struct qk_service *const *service = qk_services(); *service; service++)
		for (size_t i = 0; i < (*service)->method_count; i++)
			assert_true(!qk_survey_reads(&(*service)->methods[i]) ||
				    qk_trace_reads((*service)->methods[i].request));
	for (const struct qk_survey_row *row = qk_survey_rows(); row->service; row++)
		assert_true(qk_trace_reads(qk_message_by_name(qk_service_by_name(row->service),
							      QK_REQUEST, row->message)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_changes_a_modem_is_no_reader),
		cmocka_unit_test(rows_are_requests),
		cmocka_unit_test(what_is_asked_was_looked_at),
	};

	return cmocka_run_group_tests_name("survey", tests, NULL, NULL);
}
