/*
 * Network: an indication of NAS only says that something changed; how things are is then read, so that there is one
 * place that understands it.
 */
#include "network.h"

#include <stdio.h>
#include <qmikit/common.h>
#include <qmikit/nas.h>

#include "cell-info.h"
#include "eps.h"
#include "facility.h"
#include "location.h"
#include "network-time.h"
#include "operator-name.h"
#include "registration.h"
#include "request.h"
#include "signal-quality.h"
#include "sim.h"
#include "signal.h"

/* What is said of a radio interface, and of the data service on it, which is more exact. */
static const struct {
	enum qk_nas_radio_interface radio;
	uint32_t technology;
} of_radio[] = {
	{ QK_NAS_RADIO_INTERFACE_GSM, MM_MODEM_ACCESS_TECHNOLOGY_GSM },
	{ QK_NAS_RADIO_INTERFACE_UMTS, MM_MODEM_ACCESS_TECHNOLOGY_UMTS },
	{ QK_NAS_RADIO_INTERFACE_LTE, MM_MODEM_ACCESS_TECHNOLOGY_LTE },
	{ QK_NAS_RADIO_INTERFACE_5GNR, MM_MODEM_ACCESS_TECHNOLOGY_5GNR },
};
static const struct {
	enum qk_nas_data_capability capability;
	uint32_t technology;
} of_capability[] = {
	{ QK_NAS_DATA_CAPABILITY_GPRS, MM_MODEM_ACCESS_TECHNOLOGY_GPRS },
	{ QK_NAS_DATA_CAPABILITY_EDGE, MM_MODEM_ACCESS_TECHNOLOGY_EDGE },
	{ QK_NAS_DATA_CAPABILITY_HSDPA, MM_MODEM_ACCESS_TECHNOLOGY_HSDPA },
	{ QK_NAS_DATA_CAPABILITY_HSUPA, MM_MODEM_ACCESS_TECHNOLOGY_HSUPA },
	{ QK_NAS_DATA_CAPABILITY_WCDMA, MM_MODEM_ACCESS_TECHNOLOGY_UMTS },
	{ QK_NAS_DATA_CAPABILITY_GSM, MM_MODEM_ACCESS_TECHNOLOGY_GSM },
	{ QK_NAS_DATA_CAPABILITY_LTE, MM_MODEM_ACCESS_TECHNOLOGY_LTE },
	{ QK_NAS_DATA_CAPABILITY_HSDPA_PLUS, MM_MODEM_ACCESS_TECHNOLOGY_HSPA_PLUS },
	{ QK_NAS_DATA_CAPABILITY_DC_HSDPA_PLUS, MM_MODEM_ACCESS_TECHNOLOGY_HSPA_PLUS },
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

uint32_t network_technology(int8_t interface)
{
	for (size_t row = 0; row < COUNT(of_radio); row++)
		if ((int)of_radio[row].radio == interface)
			return of_radio[row].technology;
	return MM_MODEM_ACCESS_TECHNOLOGY_UNKNOWN;
}

static uint32_t technologies(const struct qk_nas_get_serving_system_response *r)
{
	uint32_t found = MM_MODEM_ACCESS_TECHNOLOGY_UNKNOWN;

	for (size_t i = 0; i < r->data_service_capability.count; i++)
		for (size_t row = 0; row < COUNT(of_capability); row++)
			if (r->data_service_capability.items[i] == of_capability[row].capability)
				found |= of_capability[row].technology;
	for (size_t i = 0; !found && i < r->serving_system.radio_interfaces.count; i++)
		found |= network_technology(r->serving_system.radio_interfaces.items[i]);
	return found;
}

static enum mm_modem_3gpp_registration_state
registration(const struct qk_nas_get_serving_system_response *r)
{
	bool roaming = r->has_roaming_indicator &&
		       r->roaming_indicator == QK_NAS_ROAMING_INDICATOR_STATUS_ON;

	switch ((enum qk_nas_registration_state)r->serving_system.registration_state) {
	case QK_NAS_REGISTRATION_STATE_REGISTERED:
		return roaming ? MM_MODEM_3GPP_REGISTRATION_STATE_ROAMING
			       : MM_MODEM_3GPP_REGISTRATION_STATE_HOME;
	case QK_NAS_REGISTRATION_STATE_NOT_REGISTERED_SEARCHING:
		return MM_MODEM_3GPP_REGISTRATION_STATE_SEARCHING;
	case QK_NAS_REGISTRATION_STATE_REGISTRATION_DENIED:
		return MM_MODEM_3GPP_REGISTRATION_STATE_DENIED;
	case QK_NAS_REGISTRATION_STATE_NOT_REGISTERED:
		return MM_MODEM_3GPP_REGISTRATION_STATE_IDLE;
	case QK_NAS_REGISTRATION_STATE_UNKNOWN:
		return MM_MODEM_3GPP_REGISTRATION_STATE_UNKNOWN;
	}
	return MM_MODEM_3GPP_REGISTRATION_STATE_UNKNOWN;
}

static enum mm_modem_3gpp_packet_service_state
packet_service(const struct qk_nas_get_serving_system_response *r)
{
	if (r->serving_system.ps_attach_state == QK_NAS_ATTACH_STATE_ATTACHED)
		return MM_MODEM_3GPP_PACKET_SERVICE_STATE_ATTACHED;
	return MM_MODEM_3GPP_PACKET_SERVICE_STATE_DETACHED;
}

static void tell_operator(struct operation *op, const struct qk_nas_get_serving_system_response *r)
{
	struct modem *modem = operation_modem(op);
	bool three = r->has_mnc_pcs_digit_include_status &&
		     r->mnc_pcs_digit_include_status.includes_pcs_digit;
	char code[16] = "";

	if (r->has_current_plmn)
		snprintf(code, sizeof(code), three ? "%03u%03u" : "%03u%02u", r->current_plmn.mcc,
			 r->current_plmn.mnc);
	if (r->has_current_plmn)
		operator_name_read(op, code, &r->current_plmn);
	else
		modem_set(modem, API_MODEM3GPP_OPERATOR_NAME, json_string(""));
	modem_set(modem, API_MODEM3GPP_OPERATOR_CODE, json_string(code));
}

/* Why a network refused the modem, until one takes it. */
static void tell_rejection(struct modem *modem, const struct qk_nas_network_reject_indication *news)
{
	json_t *rejection = json_object();
	char code[16];

	if (news && news->has_reject_cause && news->reject_cause) {
		json_object_set_new(rejection, "error", json_integer(news->reject_cause));
		if (news->has_radio_interface)
			json_object_set_new(
				rejection, "access-technology",
				json_integer(network_technology((int8_t)news->radio_interface)));
		if (news->has_plmn && news->plmn.mcc) {
			snprintf(code, sizeof(code),
				 news->plmn.includes_pcs_digit ? "%03u%03u" : "%03u%02u",
				 news->plmn.mcc, news->plmn.mnc);
			json_object_set_new(rejection, "operator-id", json_string(code));
		}
	}
	modem_set(modem, API_MODEM3GPP_NETWORK_REJECTION, rejection);
}

static void take_serving_system(struct operation *op, const void *response, uint16_t error,
				const void *about)
{
	const struct qk_nas_get_serving_system_response *r = response;
	struct modem *modem = operation_modem(op);
	bool was_registered = modem_is_registered(&modem->facts);

	(void)about;
	if (error || !r->has_serving_system)
		return;
	modem->facts.registration = registration(r);
	modem_set(modem, API_MODEM3GPP_REGISTRATION_STATE, json_integer(modem->facts.registration));
	modem_set(modem, API_MODEM3GPP_PACKET_SERVICE_STATE, json_integer(packet_service(r)));
	modem_set(modem, API_MODEM_ACCESS_TECHNOLOGIES, json_integer(technologies(r)));
	tell_operator(op, r);
	if (r->serving_system.registration_state == QK_NAS_REGISTRATION_STATE_REGISTERED)
		tell_rejection(modem, NULL);
	eps_note_attachment(
		op,
		packet_service(r) == MM_MODEM_3GPP_PACKET_SERVICE_STATE_ATTACHED &&
			technologies(r) & MM_MODEM_ACCESS_TECHNOLOGY_LTE,
		json_string_value(api_object_get(modem->object, API_MODEM3GPP_OPERATOR_CODE)));
	location_tell_cell(modem, r);
	network_time_tell_zone(modem, r);
	if (!was_registered && modem_is_registered(&modem->facts) &&
	    json_array_size(api_object_get(modem->object, API_MODEM_OWN_NUMBERS)) == 0)
		sim_read_number(op);
	modem_tell_state(modem);
}

static void take_signal(struct operation *op, const void *response, uint16_t error,
			const void *about)
{
	static const struct qk_nas_get_signal_info_response nothing = { 0 };
	struct modem *modem = operation_modem(op);

	(void)about;
	/* There is no signal: that is known. */
	if (error == QK_ERROR_INFORMATION_UNAVAILABLE)
		response = &nothing;
	else if (error)
		response = NULL;
	if (!modem->facts.enabled && modem->facts.transient != MM_MODEM_STATE_ENABLING)
		return; /* it was disabled meanwhile */
	signal_quality_tell(modem, response);
	if (response)
		signal_tell(modem, response);
}

void network_read_signal(struct operation *operation)
{
	static const struct question question = { QK_SERVICE_ID_NAS, OPERATION_SPARES,
						  &qk_nas_get_signal_info_method, take_signal };

	operation_ask(operation, &question);
}

void network_read(struct operation *operation)
{
	static const struct question question = { QK_SERVICE_ID_NAS, OPERATION_SPARES,
						  &qk_nas_get_serving_system_method,
						  take_serving_system };

	operation_ask(operation, &question);
	network_read_signal(operation);
}

static void on_news(struct qk_client *client, const struct qk_message *message, const void *decoded,
		    const struct qk_frame *frame, void *userdata)
{
	static const struct step steps[] = { { "read the network", network_read } };
	struct modem *modem = userdata;

	(void)client, (void)frame;
	/* Also while it is being enabled: it is told once. */
	if (message == &qk_nas_network_reject_message)
		tell_rejection(modem, decoded);
	if (!message || !modem->facts.enabled || message == &qk_nas_network_reject_message)
		return;
	if (message == &qk_nas_network_time_message && decoded) {
		network_time_tell(modem, decoded);
		return;
	}
	if (operation_start(modem, OPERATION_ASIDE, steps, COUNT(steps), NULL, NULL) < 0)
		modem_log(modem, "out of memory: news of the network is lost");
}

static void listen(struct operation *operation, bool on)
{
	const struct qk_nas_register_indications_request request = {
		.has_serving_system_events = true,
		.serving_system_events = on,
		.has_system_info = true,
		.system_info = on,
		.has_signal_info = true,
		.signal_info = on,
		.has_network_time = true,
		.network_time = on,
		.has_network_reject_information = true,
		.network_reject_information = { .enable_network_reject_indications = on },
	};

	operation_ask(operation, &(struct question){
					 .service = QK_SERVICE_ID_NAS,
					 .need = OPERATION_SPARES,
					 .method = &qk_nas_register_indications_method,
					 .request = &request,
				 });
}

void network_listen(struct operation *operation)
{
	struct modem *modem = operation_modem(operation);
	struct qk_client *nas = qmi_port_client(modem->qmi, QK_SERVICE_ID_NAS);

	if (nas && !modem->nas_news &&
	    qk_client_subscribe(nas, on_news, modem, NULL, &modem->nas_news) < 0)
		operation_fail(operation, MM_CORE_ERROR_FAILED, "out of memory");
	else
		listen(operation, true);
	signal_configure(operation);
}

void network_ignore(struct operation *operation)
{
	struct modem *modem = operation_modem(operation);

	modem->nas_news = qk_slot_free(modem->nas_news);
	listen(operation, false);
}

void network_forget(struct modem *modem)
{
	modem->facts.registration = MM_MODEM_3GPP_REGISTRATION_STATE_UNKNOWN;
	modem_set(modem, API_MODEM3GPP_REGISTRATION_STATE, json_integer(modem->facts.registration));
	modem_set(modem, API_MODEM3GPP_PACKET_SERVICE_STATE,
		  json_integer(MM_MODEM_3GPP_PACKET_SERVICE_STATE_DETACHED));
	modem_set(modem, API_MODEM3GPP_OPERATOR_CODE, json_string(""));
	modem_set(modem, API_MODEM3GPP_OPERATOR_NAME, json_string(""));
	modem_set(modem, API_MODEM_ACCESS_TECHNOLOGIES, json_integer(0));
	signal_quality_forget(modem);
	signal_forget(modem);
	location_tell_cell(modem, NULL);
	tell_rejection(modem, NULL);
	eps_forget(modem);
}

/* --- The cells in sight */

static void take_cells(struct operation *op, const void *response, uint16_t error,
		       const void *about)
{
	(void)error, (void)about;
	request_answer(op, json_pack("[o]", cell_info_read(response)));
}

static void ask_cells(struct operation *op)
{
	static const struct question question = { QK_SERVICE_ID_NAS, OPERATION_NEEDS,
						  &qk_nas_get_cell_location_info_method,
						  take_cells };

	operation_ask(op, &question);
}

static const struct step cells_steps[] = { { "read the cells", ask_cells } };

void network_on_cells(struct api_call *call, const json_t *in, void *userdata)
{
	static const struct request_kind kind = { cells_steps, COUNT(cells_steps), OPERATION_ASIDE,
						  MM_MODEM_STATE_ENABLED };

	request_start(call, in, userdata, &kind);
}

/* --- The interface */

static const struct api_handler handlers[] = {
	{ API_METHOD_MODEM3GPP_REGISTER, registration_on_register },
	{ API_METHOD_MODEM3GPP_SCAN, registration_on_scan },
	{ API_METHOD_MODEM3GPP_SET_PACKET_SERVICE_STATE, registration_on_set_packet_service },
	{ API_METHOD_MODEM3GPP_DISABLE_FACILITY_LOCK, facility_on_disable },
	{ API_METHOD_MODEM3GPP_SET_INITIAL_EPS_BEARER_SETTINGS, eps_on_set_settings },
	{ API_METHOD_MODEM3GPP_SET_EPS_UE_MODE_OPERATION, eps_on_set_mode },
};

void network_add(struct modem *modem)
{
	if (!modem_add(modem, API_MODEM3GPP, handlers, COUNT(handlers), 0))
		return;
	modem_set(modem, API_MODEM3GPP_IMEI, json_string(modem->imei));
	modem_set(modem, API_MODEM3GPP_REGISTRATION_STATE, json_integer(modem->facts.registration));
	modem_set(modem, API_MODEM3GPP_ENABLED_FACILITY_LOCKS, json_integer(modem->facilities));
	modem_set(modem, API_MODEM3GPP_INITIAL_EPS_BEARER, json_string("/"));
	eps_tell(modem);
}
