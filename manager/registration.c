/*
 * Registration: a network that was chosen is waited for; the answer comes when the modem is on it, is refused, or
 * has looked for too long.
 */
#include "registration.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <qmikit/common.h>
#include <qmikit/nas.h>

#include "network.h"
#include "request.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* A search over all bands takes the modem minutes; a registration is given up sooner. */
enum { SCAN_USEC = 300000000, REGISTER_USEC = 60000000 };

/* --- Register() */

/* An operator by its MCCMNC; false: it is none. The empty text is MCC 0: whichever. */
static bool parse(const char *text, uint16_t *ret_mcc, uint16_t *ret_mnc)
{
	size_t length = strlen(text);

	*ret_mcc = *ret_mnc = 0;
	if (length == 0)
		return true;
	if ((length != 5 && length != 6) || strspn(text, "0123456789") != length)
		return false;
	*ret_mnc = (uint16_t)strtoul(text + 3, NULL, 10);
	*ret_mcc = (uint16_t)((text[0] - '0') * 100 + (text[1] - '0') * 10 + (text[2] - '0'));
	return *ret_mcc != 0;
}

static void take_choice(struct operation *op, const void *response, uint16_t error,
			const void *about)
{
	struct failure failure;

	(void)response, (void)about;
	if (!error || error == QK_ERROR_NO_EFFECT)
		return;
	failure_from(&failure, 0, error, "choose the network");
	operation_fail(op, failure.name, "%s", failure.text);
}

/* Has the modem look for an operator, "" for any. */
static void ask_for(struct operation *op, const char *id)
{
	struct qk_nas_set_system_selection_preference_request request = {
		.has_network_selection_preference = true,
		.has_mnc_pcs_digit_include_status = strlen(id) == 6,
		.mnc_pcs_digit_include_status = true,
	};

	(void)parse(id, &request.network_selection_preference.mcc,
		    &request.network_selection_preference.mnc);
	request.network_selection_preference.mode =
		id[0] ? QK_NAS_NETWORK_SELECTION_PREFERENCE_MANUAL
		      : QK_NAS_NETWORK_SELECTION_PREFERENCE_AUTOMATIC;
	operation_ask(op, &(struct question){
				  .service = QK_SERVICE_ID_NAS,
				  .need = OPERATION_TRIES,
				  .method = &qk_nas_set_system_selection_preference_method,
				  .take = take_choice,
				  .request = &request,
				  .timeout_usec = REGISTER_USEC,
			  });
}

static void choose(struct operation *op)
{
	ask_for(op, request_text(op, 0));
}

struct choice {
	char id[8];
	operation_done_fn fn;
	void *userdata;
};

static void choose_chosen(struct operation *op)
{
	const struct choice *choice = operation_data(op);

	ask_for(op, choice->id);
}

static void on_chosen(struct modem *modem, const struct failure *failure, void *userdata)
{
	struct choice choice = *(struct choice *)userdata;

	free(userdata);
	choice.fn(modem, failure, choice.userdata);
}

bool registration_is_operator(const char *id)
{
	uint16_t mcc, mnc;

	return *id && parse(id, &mcc, &mnc);
}

int registration_choose(struct modem *modem, const char *id, operation_done_fn fn, void *userdata)
{
	static const struct step choice_steps[] = { { "choose the network", choose_chosen } };
	struct choice *choice = calloc(1, sizeof(*choice));
	int r = choice ? 0 : -ENOMEM;

	if (r == 0) {
		snprintf(choice->id, sizeof(choice->id), "%s", id);
		choice->fn = fn;
		choice->userdata = userdata;
		r = operation_start(modem, OPERATION_IN_TURN, choice_steps, COUNT(choice_steps),
				    on_chosen, choice);
	}
	if (r < 0)
		free(choice);
	return r;
}

/* Whether it is where the caller wants it; a refusal is an end too. */
static bool ended(struct operation *op, uint8_t state, const struct qk_nas_plmn_description *plmn)
{
	uint16_t mcc, mnc;

	(void)parse(request_text(op, 0), &mcc, &mnc);
	if (state == QK_NAS_REGISTRATION_STATE_REGISTRATION_DENIED) {
		request_refuse(op, MM_MOBILE_EQUIPMENT_ERROR_NETWORK_NOT_ALLOWED,
			       "the network refused the modem");
		return true;
	}
	if (state != QK_NAS_REGISTRATION_STATE_REGISTERED ||
	    (mcc && (!plmn || plmn->mcc != mcc || plmn->mnc != mnc)))
		return false;
	json_object_set_new(request_of(op)->notes, "registered", json_true());
	return true;
}

static bool take_news(struct operation *op, const void *indication, const void *about)
{
	const struct qk_nas_serving_system_indication *news = indication;

	(void)about;
	return news->has_serving_system &&
	       ended(op, news->serving_system.registration_state,
		     news->has_current_plmn ? &news->current_plmn : NULL);
}

static void take_first(struct operation *op, const void *response, uint16_t error,
		       const void *about)
{
	static const struct awaited awaited = {
		.service = QK_SERVICE_ID_NAS,
		.need = OPERATION_TRIES,
		.message = &qk_nas_serving_system_message,
		.take = take_news,
		.usec = REGISTER_USEC,
	};
	const struct qk_nas_get_serving_system_response *r = response;

	(void)about;
	if (error || !r->has_serving_system ||
	    r->serving_system.registration_state != QK_NAS_REGISTRATION_STATE_REGISTERED ||
	    !ended(op, r->serving_system.registration_state,
		   r->has_current_plmn ? &r->current_plmn : NULL))
		operation_await(op, &awaited);
}

static void wait_for_it(struct operation *op)
{
	static const struct question question = { QK_SERVICE_ID_NAS, OPERATION_TRIES,
						  &qk_nas_get_serving_system_method, take_first };

	operation_ask(op, &question);
}

static void judge(struct operation *op)
{
	if (!json_object_get(request_of(op)->notes, "registered"))
		request_refuse(op, MM_MOBILE_EQUIPMENT_ERROR_NETWORK_TIMEOUT,
			       "the modem did not register");
}

static const struct step register_steps[] = {
	{ "choose the network", choose },
	{ "wait for the network", wait_for_it },
	{ "read the network", network_read },
	{ "judge", judge },
};

void registration_on_register(struct api_call *call, const json_t *in, void *userdata)
{
	static const struct request_kind kind = { register_steps, COUNT(register_steps),
						  OPERATION_ASIDE, MM_MODEM_STATE_ENABLED };
	const char *id = json_string_value(json_array_get(in, 0));
	uint16_t mcc, mnc;

	if (parse(id, &mcc, &mnc))
		request_start(call, in, userdata, &kind);
	else
		request_invalid(call, "'%.16s' is no MCCMNC", id);
}

/* --- Scan() */

static enum mm_modem_3gpp_network_availability availability(uint8_t status)
{
	if (status & QK_NAS_NETWORK_STATUS_CURRENT_SERVING)
		return MM_MODEM_3GPP_NETWORK_AVAILABILITY_CURRENT;
	if (status & QK_NAS_NETWORK_STATUS_FORBIDDEN)
		return MM_MODEM_3GPP_NETWORK_AVAILABILITY_FORBIDDEN;
	if (status & QK_NAS_NETWORK_STATUS_AVAILABLE)
		return MM_MODEM_3GPP_NETWORK_AVAILABILITY_AVAILABLE;
	return MM_MODEM_3GPP_NETWORK_AVAILABILITY_UNKNOWN;
}

/* Whether the MNC of the n-th network has three digits. */
static bool has_three(const struct qk_nas_network_scan_response *r, size_t n)
{
	return r->network_information.items[n].mnc > 99 ||
	       (n < r->mnc_pcs_digit_include_status.count &&
		r->mnc_pcs_digit_include_status.items[n].includes_pcs_digit);
}

static json_t *network_json(const struct qk_nas_network_scan_response *r, size_t n)
{
	const struct qk_nas_network_scan_response_network_information *row =
		&r->network_information.items[n];
	json_t *name = json_text(row->description.data, row->description.size);
	json_t *network = json_object();
	char code[16];

	snprintf(code, sizeof(code), has_three(r, n) ? "%03u%03u" : "%03u%02u", row->mcc, row->mnc);
	json_object_set_new(network, "status", json_integer(availability(row->network_status)));
	json_object_set_new(network, "operator-code", json_string(code));
	if (name)
		json_object_set_new(network, "operator-long", name);
	if (n < r->radio_access_technology.count)
		json_object_set_new(network, "access-technology",
				    json_integer(network_technology(
					    r->radio_access_technology.items[n].radio_interface)));
	return network;
}

static void take_scan(struct operation *op, const void *response, uint16_t error, const void *about)
{
	const struct qk_nas_network_scan_response *r = response;
	json_t *list = json_array();

	(void)error, (void)about;
	for (size_t i = 0; i < r->network_information.count; i++)
		json_array_append_new(list, network_json(r, i));
	request_answer(op, json_pack("[o]", list));
}

static void scan(struct operation *op)
{
	static const struct question question = {
		.service = QK_SERVICE_ID_NAS,
		.need = OPERATION_NEEDS,
		.method = &qk_nas_network_scan_method,
		.take = take_scan,
		.timeout_usec = SCAN_USEC,
	};

	operation_ask(op, &question);
}

static const struct step scan_steps[] = { { "scan the networks", scan } };

void registration_on_scan(struct api_call *call, const json_t *in, void *userdata)
{
	static const struct request_kind kind = { scan_steps, COUNT(scan_steps), OPERATION_ASIDE,
						  MM_MODEM_STATE_ENABLED };

	request_start(call, in, userdata, &kind);
}

/* --- SetPacketServiceState() */

static void attach(struct operation *op)
{
	const struct qk_nas_attach_detach_request request = {
		.has_action = true,
		.action = request_number(op, 0) == MM_MODEM_3GPP_PACKET_SERVICE_STATE_ATTACHED
				  ? QK_NAS_PS_ATTACH_ACTION_ATTACH
				  : QK_NAS_PS_ATTACH_ACTION_DETACH,
	};

	operation_ask(op, &(struct question){ .service = QK_SERVICE_ID_NAS,
					      .need = OPERATION_TRIES,
					      .method = &qk_nas_attach_detach_method,
					      .take = take_choice,
					      .request = &request });
}

static const struct step attach_steps[] = {
	{ "attach or detach", attach },
	{ "read the network", network_read },
};

void registration_on_set_packet_service(struct api_call *call, const json_t *in, void *userdata)
{
	static const struct request_kind kind = { attach_steps, COUNT(attach_steps),
						  OPERATION_IN_TURN, MM_MODEM_STATE_ENABLED };
	json_int_t state = json_integer_value(json_array_get(in, 0));

	if (state == MM_MODEM_3GPP_PACKET_SERVICE_STATE_ATTACHED ||
	    state == MM_MODEM_3GPP_PACKET_SERVICE_STATE_DETACHED)
		request_start(call, in, userdata, &kind);
	else
		request_invalid(call, "%lld is neither attached nor detached", (long long)state);
}
