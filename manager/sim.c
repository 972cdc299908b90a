/*
 * SIM: the status of the card becomes the modem's lock, its files the properties of an object.
 *
 * Sources: 3GPP TS 31.102 for the files, ETSI TS 102 221 for EF_ICCID.
 */
#include "sim.h"

#include <stdio.h>
#include <string.h>
#include <qmikit/common.h>
#include <qmikit/dms.h>
#include <qmikit/nas.h>
#include <qmikit/uim.h>

#include "lib/3gpp/sim-file.h"
#include "facility.h"
#include "modem.h"
#include "operation.h"
#include "preferred-networks.h"
#include "sim-pin.h"
#include "slots.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* --- Status */

/* What each state of an application asks of the user. */
static const struct {
	enum qk_uim_card_application_state state;
	enum mm_modem_lock lock;
} locks[] = {
	{ QK_UIM_CARD_APPLICATION_STATE_PIN1_OR_UPIN_PIN_REQUIRED, MM_MODEM_LOCK_SIM_PIN },
	{ QK_UIM_CARD_APPLICATION_STATE_PUK1_OR_UPIN_PUK_REQUIRED, MM_MODEM_LOCK_SIM_PUK },
	{ QK_UIM_CARD_APPLICATION_STATE_PIN1_BLOCKED, MM_MODEM_LOCK_SIM_PUK },
};

/* Who the modem belongs to, by the code that it wants for another's SIM: TS 22.022. */
static const struct {
	enum qk_uim_card_application_personalization_feature_status feature;
	enum mm_modem_lock lock, unblock;
} personalizations[] = {
	{ QK_UIM_CARD_APPLICATION_PERSONALIZATION_FEATURE_STATUS_GW_NETWORK,
	  MM_MODEM_LOCK_PH_NET_PIN, MM_MODEM_LOCK_PH_NET_PUK },
	{ QK_UIM_CARD_APPLICATION_PERSONALIZATION_FEATURE_STATUS_GW_NETWORK_SUBSET,
	  MM_MODEM_LOCK_PH_NETSUB_PIN, MM_MODEM_LOCK_PH_NETSUB_PUK },
	{ QK_UIM_CARD_APPLICATION_PERSONALIZATION_FEATURE_STATUS_GW_SERVICE_PROVIDER,
	  MM_MODEM_LOCK_PH_SP_PIN, MM_MODEM_LOCK_PH_SP_PUK },
	{ QK_UIM_CARD_APPLICATION_PERSONALIZATION_FEATURE_STATUS_GW_CORPORATE,
	  MM_MODEM_LOCK_PH_CORP_PIN, MM_MODEM_LOCK_PH_CORP_PUK },
	{ QK_UIM_CARD_APPLICATION_PERSONALIZATION_FEATURE_STATUS_GW_UIM, MM_MODEM_LOCK_PH_SIM_PIN,
	  MM_MODEM_LOCK_UNKNOWN },
};

static enum mm_modem_lock personal_lock(const struct qk_uim_card_application *application)
{
	bool code = application->personalization_state ==
		    QK_UIM_CARD_APPLICATION_PERSONALIZATION_STATE_CODE_REQUIRED;
	bool puk = application->personalization_state ==
		   QK_UIM_CARD_APPLICATION_PERSONALIZATION_STATE_PUK_CODE_REQUIRED;

	for (size_t i = 0; (code || puk) && i < COUNT(personalizations); i++)
		if (personalizations[i].feature ==
		    (enum qk_uim_card_application_personalization_feature_status)
			    application->personalization_feature)
			return code ? personalizations[i].lock : personalizations[i].unblock;
	return MM_MODEM_LOCK_NONE;
}

static bool is_settling(const struct qk_uim_card_application *application)
{
	return application->state == QK_UIM_CARD_APPLICATION_STATE_DETECTED ||
	       (application->state == QK_UIM_CARD_APPLICATION_STATE_CHECK_PERSONALIZATION_STATE &&
		personal_lock(application) == MM_MODEM_LOCK_NONE);
}

/* `before`: what it was, which it stays as long as the card is looked at. */
static enum mm_modem_lock lock_of(const struct qk_uim_card_application *application,
				  enum mm_modem_lock before)
{
	enum mm_modem_lock personal = personal_lock(application);

	for (size_t i = 0; i < sizeof(locks) / sizeof(locks[0]); i++)
		if (locks[i].state == (enum qk_uim_card_application_state)application->state)
			return locks[i].lock;
	if (personal != MM_MODEM_LOCK_NONE)
		return personal;
	if (is_settling(application))
		return before;
	/* The second PIN hinders nothing that a modem does, but it is shown. */
	if (application->pin2_state == QK_UIM_PIN_STATE_ENABLED_NOT_VERIFIED)
		return MM_MODEM_LOCK_SIM_PIN2;
	if (application->pin2_state == QK_UIM_PIN_STATE_BLOCKED)
		return MM_MODEM_LOCK_SIM_PUK2;
	return MM_MODEM_LOCK_NONE;
}

/* The USIM or SIM in use: the primary session's, or the first there is. */
static const struct qk_uim_card_application *
find_application(const struct qk_uim_card_status *status)
{
	for (size_t c = 0; c < status->cards.count; c++) {
		const struct qk_uim_card *card = &status->cards.items[c];

		for (size_t a = 0; a < card->applications.count; a++) {
			const struct qk_uim_card_application *application =
				&card->applications.items[a];

			if (application->type == QK_UIM_CARD_APPLICATION_TYPE_USIM ||
			    application->type == QK_UIM_CARD_APPLICATION_TYPE_SIM)
				return application;
		}
	}
	return NULL;
}

/* Whether a PIN is asked for at power-up. */
static bool is_on(uint8_t state)
{
	return state == QK_UIM_PIN_STATE_ENABLED_NOT_VERIFIED ||
	       state == QK_UIM_PIN_STATE_ENABLED_VERIFIED || state == QK_UIM_PIN_STATE_BLOCKED ||
	       state == QK_UIM_PIN_STATE_PERMANENTLY_BLOCKED;
}

static void tell_facilities(struct modem *modem, const struct qk_uim_card_application *application)
{
	facility_tell(modem, MM_MODEM_3GPP_FACILITY_SIM | MM_MODEM_3GPP_FACILITY_FIXED_DIALING,
		      (is_on(application->pin1_state) ? MM_MODEM_3GPP_FACILITY_SIM : 0u) |
			      (is_on(application->pin2_state) ? MM_MODEM_3GPP_FACILITY_FIXED_DIALING
							      : 0u));
}

static void tell_retries(struct modem *modem, const struct qk_uim_card_application *application)
{
	const struct {
		enum mm_modem_lock lock;
		uint8_t left;
	} retries[] = {
		{ MM_MODEM_LOCK_SIM_PIN, application->pin1_retries },
		{ MM_MODEM_LOCK_SIM_PUK, application->puk1_retries },
		{ MM_MODEM_LOCK_SIM_PIN2, application->pin2_retries },
		{ MM_MODEM_LOCK_SIM_PUK2, application->puk2_retries },
	};
	json_t *list = json_object();

	for (size_t i = 0; i < sizeof(retries) / sizeof(retries[0]); i++) {
		char key[16];

		snprintf(key, sizeof(key), "%d", retries[i].lock);
		json_object_set_new(list, key, json_integer(retries[i].left));
	}
	modem_set(modem, API_MODEM_UNLOCK_RETRIES, list);
}

static void take_status(struct operation *op, const void *response, uint16_t error,
			const void *about)
{
	const struct qk_uim_get_card_status_response *r = response;
	const struct qk_uim_card_application *application;
	struct modem *modem = operation_modem(op);
	struct modem_facts *facts = &modem->facts;
	enum mm_modem_lock before = facts->lock;

	(void)about;
	facts->failed = MM_MODEM_STATE_FAILED_REASON_NONE;
	facts->settling = false;
	facts->lock = MM_MODEM_LOCK_UNKNOWN;
	if (error || !r->has_card_status || r->card_status.cards.count == 0) {
		facts->failed = MM_MODEM_STATE_FAILED_REASON_SIM_MISSING;
		return;
	}
	application = find_application(&r->card_status);
	if (application) {
		facts->lock = lock_of(application, before);
		facts->settling = is_settling(application);
		tell_retries(modem, application);
		tell_facilities(modem, application);
	} else {
		facts->failed = r->card_status.cards.items[0].card_state == QK_UIM_CARD_STATE_ERROR
					? MM_MODEM_STATE_FAILED_REASON_SIM_ERROR
					: MM_MODEM_STATE_FAILED_REASON_SIM_MISSING;
	}
}

void sim_read_status(struct operation *operation)
{
	static const struct question question = { QK_SERVICE_ID_UIM, OPERATION_TRIES,
						  &qk_uim_get_card_status_method, take_status };

	operation_ask(operation, &question);
	facility_read(operation);
}

/* --- Files */

static void set(struct operation *op, const struct api_property *property, json_t *take_value)
{
	struct modem *modem = operation_modem(op);

	if (modem->sim && take_value)
		(void)api_object_set(modem->sim, property, take_value);
	else
		json_decref(take_value);
}

static json_t *bytes_json(struct qk_span bytes)
{
	json_t *list = json_array();

	for (size_t i = 0; i < bytes.size; i++)
		json_array_append_new(list, json_integer(bytes.data[i]));
	return list;
}

static void take_iccid(struct operation *op, struct qk_span file)
{
	char iccid[21];

	if (qk_iccid_read(file, iccid) == 0)
		set(op, API_SIM_SIM_IDENTIFIER, json_string(iccid));
}

static void take_imsi(struct operation *op, struct qk_span file)
{
	char imsi[16];

	if (qk_imsi_read(file, imsi) == 0)
		set(op, API_SIM_IMSI, json_string(imsi));
}

/* How long the MNC is. The IMSI came in the step before. */
static void take_admin_data(struct operation *op, struct qk_span file)
{
	const struct modem *modem = operation_modem(op);
	const char *imsi = json_string_value(api_object_get(modem->sim, API_SIM_IMSI));
	uint8_t digits;

	if (qk_admin_data_read(file, &digits) == 0 && imsi && strlen(imsi) >= 3u + digits)
		set(op, API_SIM_OPERATOR_IDENTIFIER, json_stringn(imsi, 3u + digits));
}

static void take_name(struct operation *op, struct qk_span file)
{
	char name[64];

	if (qk_spn_read(file, name, sizeof(name), NULL) == 0)
		set(op, API_SIM_OPERATOR_NAME, json_string(name));
}

static void take_gid1(struct operation *op, struct qk_span file)
{
	set(op, API_SIM_GID1, bytes_json(file));
}

static void take_gid2(struct operation *op, struct qk_span file)
{
	set(op, API_SIM_GID2, bytes_json(file));
}

static void take_networks(struct operation *op, struct qk_span file)
{
	enum { MAX = 128 };
	struct qk_plmn plmns[MAX];
	uint16_t acts[MAX];
	size_t count = qk_plmn_list_read(file, plmns, acts, MAX);
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++) {
		char text[7];

		qk_plmn_text(&plmns[i], text);
		json_array_append_new(
			list, json_pack("[s, i]", text, preferred_networks_technologies(acts[i])));
	}
	set(op, API_SIM_PREFERRED_NETWORKS, list);
}

/* The files that are read, by their path below the master file; 7fff is the application in use. */
struct sim_file {
	uint16_t id, folder; /* folder 0: in the master file itself */
	void (*take)(struct operation *op, struct qk_span file);
	enum operation_need need;
};

static const struct sim_file first_files[] = {
	/* Who it is: a card that does not say so in time is looked at again. */
	{ 0x2fe2, 0, take_iccid, OPERATION_TRIES },
	{ 0x6f07, 0x7fff, take_imsi, OPERATION_TRIES },
	{ 0x6f46, 0x7fff, take_name, OPERATION_SPARES },
	{ 0x6f3e, 0x7fff, take_gid1, OPERATION_SPARES },
	{ 0x6f3f, 0x7fff, take_gid2, OPERATION_SPARES },
};
static const struct sim_file networks_file = { 0x6f60, 0x7fff, take_networks, OPERATION_SPARES };
static const struct sim_file later_files[] = {
	{ 0x6fad, 0x7fff, take_admin_data, OPERATION_SPARES },
};

static void take_file(struct operation *op, const void *response, uint16_t error, const void *about)
{
	const struct qk_uim_read_transparent_response *r = response;
	const struct sim_file *file = about;

	if (!error && r->has_read_result)
		file->take(op, (struct qk_span){ r->read_result.data, r->read_result.size });
}

static void read_file(struct operation *operation, const struct sim_file *file)
{
	const uint8_t path[] = { 0x00, 0x3f, (uint8_t)file->folder, (uint8_t)(file->folder >> 8) };
	const struct qk_uim_read_transparent_request request = {
		.has_session = true,
		.session = { .session_type = QK_UIM_SESSION_TYPE_PRIMARY_GW_PROVISIONING },
		.has_file = true,
		.file = { file->id, { path, file->folder ? 4 : 2 } },
		.has_read_information = true,
		.read_information = { .length = 0 }, /* all of it */
	};

	operation_ask(operation, &(struct question){
					 .service = QK_SERVICE_ID_UIM,
					 .need = file->need,
					 .method = &qk_uim_read_transparent_method,
					 .take = take_file,
					 .about = file,
					 .request = &request,
				 });
}

void sim_read_networks(struct operation *operation)
{
	read_file(operation, &networks_file);
}

/* --- Emergency numbers: a record each, as many as the card has. */

enum { ECC_FILE = 0x6fb7, ECC_RECORDS = 5, ECC_DIGITS = 3 };

static void take_emergency(struct operation *op, const void *response, uint16_t error,
			   const void *about)
{
	const struct qk_uim_read_record_response *r = response;
	struct modem *modem = operation_modem(op);
	char number[2 * ECC_DIGITS + 1];
	json_t *list;

	(void)about;
	if (error || !modem->sim || !r->has_read_result || r->read_result.size < ECC_DIGITS ||
	    qk_bcd_read((struct qk_span){ r->read_result.data, ECC_DIGITS }, false, number,
			sizeof(number)) < 0 ||
	    !number[0])
		return;
	list = json_copy((json_t *)api_object_get(modem->sim, API_SIM_EMERGENCY_NUMBERS));
	json_array_append_new(list, json_string(number));
	set(op, API_SIM_EMERGENCY_NUMBERS, list);
}

static void read_emergency_numbers(struct operation *operation)
{
	static const uint8_t path[] = { 0x00, 0x3f, 0xff, 0x7f };

	set(operation, API_SIM_EMERGENCY_NUMBERS, json_array());
	for (uint16_t i = 1; i <= ECC_RECORDS; i++) {
		const struct qk_uim_read_record_request request = {
			.has_session = true,
			.session = { .session_type = QK_UIM_SESSION_TYPE_PRIMARY_GW_PROVISIONING },
			.has_file = true,
			.file = { ECC_FILE, { path, sizeof(path) } },
			.has_record = true,
			.record = { .record_number = i },
		};

		operation_ask(operation, &(struct question){
						 .service = QK_SERVICE_ID_UIM,
						 .need = OPERATION_SPARES,
						 .method = &qk_uim_read_record_method,
						 .take = take_emergency,
						 .request = &request,
					 });
	}
}

/* The number of the subscriber is the modem's to know. */
static void take_number(struct operation *op, const void *response, uint16_t error,
			const void *about)
{
	const struct qk_dms_get_msisdn_response *r = response;
	json_t *number = error ? NULL : json_text(r->msisdn.data, r->msisdn.size);

	(void)about;
	modem_set(operation_modem(op), API_MODEM_OWN_NUMBERS,
		  number ? json_pack("[o]", number) : NULL);
}

void sim_read_number(struct operation *operation)
{
	static const struct question number = { QK_SERVICE_ID_DMS, OPERATION_SPARES,
						&qk_dms_get_msisdn_method, take_number };

	operation_ask(operation, &number);
}

static const struct api_handler handlers[] = {
	{ API_METHOD_SIM_SEND_PIN, sim_pin_on_code },
	{ API_METHOD_SIM_SEND_PUK, sim_pin_on_code },
	{ API_METHOD_SIM_ENABLE_PIN, sim_pin_on_code },
	{ API_METHOD_SIM_CHANGE_PIN, sim_pin_on_code },
	{ API_METHOD_SIM_SET_PREFERRED_NETWORKS, preferred_networks_on_set },
};

static void make_object(struct modem *modem)
{
	char path[64];
	int r;

	if (modem->sim)
		return;
	snprintf(path, sizeof(path), "/org/freedesktop/ModemManager1/SIM/%u",
		 slots_sim_number(modem));
	r = api_object_new(modem->bus, path, API_UNLISTED, modem, &modem->sim);
	if (r == 0)
		r = api_object_add(modem->sim, API_SIM, handlers,
				   sizeof(handlers) / sizeof(handlers[0]));
	if (r < 0)
		modem->sim = api_object_free(modem->sim);
}

void sim_read_files(struct operation *operation)
{
	struct modem *modem = operation_modem(operation);

	if (modem->facts.failed != MM_MODEM_STATE_FAILED_REASON_NONE)
		return;
	make_object(modem);
	if (!modem->sim)
		return;
	for (size_t i = 0; i < sizeof(first_files) / sizeof(first_files[0]); i++)
		read_file(operation, &first_files[i]);
	sim_read_networks(operation);
	read_emergency_numbers(operation);
	sim_read_number(operation);
}

/* Whom the subscriber is at home with, as the modem calls it; the card's own name is what a modem without it has. */
static void take_home(struct operation *op, const void *response, uint16_t error, const void *about)
{
	const struct qk_nas_get_home_network_response *r = response;

	(void)about;
	if (!error && r->has_home_network)
		set(op, API_SIM_OPERATOR_NAME,
		    json_text(r->home_network.description.data, r->home_network.description.size));
}

void sim_read_more(struct operation *operation)
{
	static const struct question home = { QK_SERVICE_ID_NAS, OPERATION_SPARES,
					      &qk_nas_get_home_network_method, take_home };
	struct modem *modem = operation_modem(operation);

	if (!modem->sim)
		return;
	for (size_t i = 0; i < sizeof(later_files) / sizeof(later_files[0]); i++)
		read_file(operation, &later_files[i]);
	operation_ask(operation, &home);
	(void)api_object_set(modem->sim, API_SIM_ACTIVE, json_true());
	slots_describe(modem, modem->sim);
}

void sim_publish(struct modem *modem)
{
	if (!modem->sim)
		return;
	api_object_publish(modem->sim);
	modem_set(modem, API_MODEM_SIM, json_string(api_object_path(modem->sim)));
}

void sim_remove(struct modem *modem)
{
	modem->sim = api_object_free(modem->sim);
	modem_set(modem, API_MODEM_SIM, json_string("/"));
	modem_set(modem, API_MODEM_OWN_NUMBERS, json_array());
	modem_set(modem, API_MODEM_UNLOCK_RETRIES, json_object());
}
