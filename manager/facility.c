/*
 * Facility: a lock that was opened is looked for again: the modem has the last word.
 */
#include "facility.h"

#include <string.h>
#include <qmikit/common.h>
#include <qmikit/uim.h>

#include "request.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* A modem may take its time to open a lock. */
enum { OPEN_USEC = 1000000 };

static const struct {
	enum mm_modem_3gpp_facility facility;
	enum qk_uim_card_application_personalization_feature feature;
} facilities[] = {
	{ MM_MODEM_3GPP_FACILITY_NET_PERS,
	  QK_UIM_CARD_APPLICATION_PERSONALIZATION_FEATURE_GW_NETWORK },
	{ MM_MODEM_3GPP_FACILITY_NET_SUB_PERS,
	  QK_UIM_CARD_APPLICATION_PERSONALIZATION_FEATURE_GW_NETWORK_SUBSET },
	{ MM_MODEM_3GPP_FACILITY_PROVIDER_PERS,
	  QK_UIM_CARD_APPLICATION_PERSONALIZATION_FEATURE_GW_SERVICE_PROVIDER },
	{ MM_MODEM_3GPP_FACILITY_CORP_PERS,
	  QK_UIM_CARD_APPLICATION_PERSONALIZATION_FEATURE_GW_CORPORATE },
	{ MM_MODEM_3GPP_FACILITY_PH_SIM, QK_UIM_CARD_APPLICATION_PERSONALIZATION_FEATURE_GW_UIM },
};

void facility_tell(struct modem *modem, uint32_t mask, uint32_t locked)
{
	modem->facilities = (modem->facilities & ~mask) | (locked & mask);
	if (api_object_has(modem->object, API_MODEM3GPP))
		modem_set(modem, API_MODEM3GPP_ENABLED_FACILITY_LOCKS,
			  json_integer(modem->facilities));
}

/* What it is bound to is listed; the rest is free. */
static void take_configuration(struct operation *op, const void *response, uint16_t error,
			       const void *about)
{
	const struct qk_uim_get_configuration_response *r = response;
	uint32_t mask = 0, locked = 0;

	(void)about;
	if (error || !r->has_personalization_status)
		return;
	for (size_t i = 0; i < COUNT(facilities); i++) {
		mask |= facilities[i].facility;
		for (size_t k = 0; k < r->personalization_status.count; k++)
			if (r->personalization_status.items[k].feature ==
			    (uint8_t)facilities[i].feature)
				locked |= facilities[i].facility;
	}
	facility_tell(operation_modem(op), mask, locked);
}

void facility_read(struct operation *operation)
{
	static const struct qk_uim_get_configuration_request request = {
		.has_configuration_mask = true,
		.configuration_mask = QK_UIM_CONFIGURATION_PERSONALIZATION_STATUS,
	};

	operation_ask(operation, &(struct question){
					 .service = QK_SERVICE_ID_UIM,
					 .need = OPERATION_SPARES,
					 .method = &qk_uim_get_configuration_method,
					 .take = take_configuration,
					 .request = &request,
				 });
}

/* --- DisableFacilityLock() */

/* What the refusal of a key means to the caller. */
static const struct {
	uint16_t error;
	const char *name, *text;
} refusals[] = {
	{ QK_ERROR_INCORRECT_PIN, MM_MOBILE_EQUIPMENT_ERROR_INCORRECT_PASSWORD,
	  "the key is wrong" },
	{ QK_ERROR_PIN_BLOCKED, MM_MOBILE_EQUIPMENT_ERROR_INCORRECT_PASSWORD,
	  "no try is left for the key" },
};

static void take_end(struct operation *op, const void *response, uint16_t error, const void *about)
{
	struct failure failure;

	(void)response, (void)about;
	if (!error)
		return;
	operation_stop_waiting(op, &qk_uim_card_status_message);
	for (size_t i = 0; i < COUNT(refusals); i++)
		if (refusals[i].error == error)
			operation_fail(op, refusals[i].name, "%s", refusals[i].text);
	failure_from(&failure, 0, error, "disable the lock");
	operation_fail(op, failure.name, "%s", failure.text);
}

static bool take_news(struct operation *op, const void *indication, const void *about)
{
	(void)op, (void)indication, (void)about;
	return true;
}

/* The card is told of anew when the lock is open. */
static void open_lock(struct operation *op)
{
	static const struct awaited awaited = {
		.service = QK_SERVICE_ID_UIM,
		.need = OPERATION_TRIES,
		.message = &qk_uim_card_status_message,
		.take = take_news,
		.usec = OPEN_USEC,
	};
	const json_t *lock = request_in(op, 0);
	const char *key = json_string_value(json_array_get(lock, 1));
	struct qk_uim_depersonalization_request request = {
		.has_info = true,
		.info = { .operation = QK_UIM_DEPERSONALIZATION_OPERATION_DEACTIVATE,
			  .control_key = { key, strlen(key) } },
		.has_slot = true,
		.slot = 1,
	};

	for (size_t i = 0; i < COUNT(facilities); i++)
		if (facilities[i].facility == json_integer_value(json_array_get(lock, 0)))
			request.info.feature = (uint8_t)facilities[i].feature;
	operation_await(op, &awaited);
	operation_ask(op, &(struct question){ .service = QK_SERVICE_ID_UIM,
					      .need = OPERATION_TRIES,
					      .method = &qk_uim_depersonalization_method,
					      .take = take_end,
					      .request = &request });
}

static void judge(struct operation *op)
{
	const json_t *lock = request_in(op, 0);

	if (operation_modem(op)->facilities & (uint32_t)json_integer_value(json_array_get(lock, 0)))
		request_refuse(op, MM_CORE_ERROR_FAILED, "the lock is still there");
}

static const struct step disable_steps[] = {
	{ "disable the lock", open_lock },
	{ "read the locks", facility_read },
	{ "judge", judge },
};

void facility_on_disable(struct api_call *call, const json_t *in, void *userdata)
{
	static const struct request_kind kind = { disable_steps, COUNT(disable_steps),
						  OPERATION_IN_TURN, MM_MODEM_STATE_LOCKED };
	json_int_t wanted = json_integer_value(json_array_get(json_array_get(in, 0), 0));
	const char *key = json_string_value(json_array_get(json_array_get(in, 0), 1));

	for (size_t i = 0; i < COUNT(facilities); i++)
		if (facilities[i].facility == wanted && strlen(key) <= UINT8_MAX) {
			request_start(call, in, userdata, &kind);
			return;
		}
	request_invalid(call, "the facility %lld has no key", (long long)wanted);
}
