/*
 * Initialize: what the modem is, read once, all questions of a step at one time: on a modem that answers on a grid
 * of 32 ms the number of steps is what counts.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <qmikit/common.h>
#include <qmikit/dms.h>

#include "at.h"
#include "card.h"
#include "device-id.h"
#include "hook-steps.h"
#include "leisure.h"
#include "log.h"
#include "modem.h"
#include "oma.h"
#include "operation.h"
#include "probe.h"
#include "power-mode.h"
#include "radio.h"
#include "resume.h"
#include "sar.h"
#include "settings.h"

/* --- The services */

static void allocate_clients(struct operation *op)
{
	operation_allocate(op, QK_SERVICE_ID_DMS, OPERATION_NEEDS);
	operation_allocate(op, QK_SERVICE_ID_NAS, OPERATION_NEEDS);
	operation_allocate(op, QK_SERVICE_ID_WDS, OPERATION_NEEDS);
	operation_allocate(op, QK_SERVICE_ID_UIM, OPERATION_NEEDS);
	operation_allocate(op, QK_SERVICE_ID_WDA, OPERATION_SPARES);
	operation_allocate(op, QK_SERVICE_ID_WMS, OPERATION_SPARES);
	operation_allocate(op, QK_SERVICE_ID_VOICE, OPERATION_SPARES);
	operation_allocate(op, QK_SERVICE_ID_LOC, OPERATION_SPARES);
	operation_allocate(op, QK_SERVICE_ID_OMA, OPERATION_SPARES);
	operation_allocate(op, QK_SERVICE_ID_SAR, OPERATION_SPARES);
}

/* --- Identity */

static void take_manufacturer(struct operation *op, const void *response, uint16_t error,
			      const void *about)
{
	const struct qk_dms_get_manufacturer_response *r = response;

	(void)about;
	if (!error)
		modem_set(operation_modem(op), API_MODEM_MANUFACTURER,
			  json_text(r->manufacturer.data, r->manufacturer.size));
}

static void take_model(struct operation *op, const void *response, uint16_t error,
		       const void *about)
{
	const struct qk_dms_get_model_response *r = response;

	(void)about;
	if (!error)
		modem_set(operation_modem(op), API_MODEM_MODEL,
			  json_text(r->model.data, r->model.size));
}

/* "EC25EUXGAR08A05M1G  1  [Feb 01 2019 12:00:00]": the name of the build is behind the first word. */
static void take_revision(struct operation *op, const void *response, uint16_t error,
			  const void *about)
{
	const struct qk_dms_get_revision_response *r = response;
	size_t size = 0;

	(void)about;
	if (error)
		return;
	while (size < r->revision.size && r->revision.data[size] != ' ')
		size++;
	modem_set(operation_modem(op), API_MODEM_REVISION, json_text(r->revision.data, size));
}

static void take_hardware(struct operation *op, const void *response, uint16_t error,
			  const void *about)
{
	const struct qk_dms_get_hardware_revision_response *r = response;

	(void)about;
	if (!error)
		modem_set(operation_modem(op), API_MODEM_HARDWARE_REVISION,
			  json_text(r->revision.data, r->revision.size));
}

static void take_ids(struct operation *op, const void *response, uint16_t error, const void *about)
{
	const struct qk_dms_get_ids_response *r = response;
	struct modem *modem = operation_modem(op);

	(void)about;
	if (error || !r->has_imei || r->imei.size >= sizeof(modem->imei))
		return;
	snprintf(modem->imei, sizeof(modem->imei), "%.*s", (int)r->imei.size, r->imei.data);
	modem_identify(modem);
	modem_set(modem, API_MODEM_EQUIPMENT_IDENTIFIER, json_text(r->imei.data, r->imei.size));
}

static void take_capabilities(struct operation *op, const void *response, uint16_t error,
			      const void *about)
{
	const struct qk_dms_get_capabilities_response *r = response;
	struct modem *modem = operation_modem(op);

	(void)about, (void)error;
	if (!r->has_info)
		return;

	const uint8_t *items = r->info.radio_interface_list.items;
	size_t count = r->info.radio_interface_list.count;
	uint32_t capabilities = radio_capabilities(items, count);

	modem_set(modem, API_MODEM_SUPPORTED_CAPABILITIES, json_pack("[i]", capabilities));
	modem_set(modem, API_MODEM_CURRENT_CAPABILITIES, json_integer(capabilities));
	modem_set(modem, API_MODEM_SUPPORTED_MODES,
		  radio_mode_combinations(radio_modes(items, count)));
}

static void take_bands(struct operation *op, const void *response, uint16_t error,
		       const void *about)
{
	const struct qk_dms_get_band_capabilities_response *r = response;
	uint64_t lte[4] = { 0 };

	(void)about;
	if (error)
		return;
	lte[0] = r->has_lte_band_capability ? r->lte_band_capability : 0;
	for (size_t i = 0; i < r->extended_lte_band_capability.count; i++) {
		uint16_t band = r->extended_lte_band_capability.items[i];

		if (band >= 1 && band <= 256)
			lte[(band - 1) / 64] |= (uint64_t)1 << (band - 1) % 64;
	}
	modem_set(operation_modem(op), API_MODEM_SUPPORTED_BANDS,
		  radio_bands(r->band_capability, lte));
}

static const struct question identity[] = {
	{ QK_SERVICE_ID_DMS, OPERATION_NEEDS, &qk_dms_get_capabilities_method, take_capabilities },
	{ QK_SERVICE_ID_DMS, OPERATION_SPARES, &qk_dms_get_ids_method, take_ids },
	{ QK_SERVICE_ID_DMS, OPERATION_SPARES, &qk_dms_get_manufacturer_method, take_manufacturer },
	{ QK_SERVICE_ID_DMS, OPERATION_SPARES, &qk_dms_get_model_method, take_model },
	{ QK_SERVICE_ID_DMS, OPERATION_SPARES, &qk_dms_get_revision_method, take_revision },
	{ QK_SERVICE_ID_DMS, OPERATION_SPARES, &qk_dms_get_hardware_revision_method,
	  take_hardware },
	{ QK_SERVICE_ID_DMS, OPERATION_SPARES, &qk_dms_get_band_capabilities_method, take_bands },
};

static void read_identity(struct operation *op)
{
	for (size_t i = 0; i < sizeof(identity) / sizeof(identity[0]); i++)
		operation_ask(op, &identity[i]);
	power_mode_listen(op);
	settings_read(op);
	sar_read(op);
	oma_read(op);
	card_listen(op);
	card_read_status(op);
}

/* Of what was read, as far as the modem has told it. */
static void name_device(struct operation *op)
{
	const struct modem *modem = operation_modem(op);
	const char *answers[] = {
		modem->imei,
		json_string_value(api_object_get(modem->object, API_MODEM_REVISION)),
		json_string_value(api_object_get(modem->object, API_MODEM_MODEL)),
		json_string_value(api_object_get(modem->object, API_MODEM_MANUFACTURER)),
	};
	char id[DEVICE_ID_SIZE];

	device_id(modem->description.vendor, modem->description.product, answers,
		  sizeof(answers) / sizeof(answers[0]), id);
	modem_set(operation_modem(op), API_MODEM_DEVICE_IDENTIFIER, json_string(id));
}

static const struct step steps[] = {
	{ "let the administrator set it up", hook_steps_set_up },
	{ "allocate clients", allocate_clients },
	{ "read the identity", read_identity },
	{ "name the device", name_device },
	{ "read the SIM", card_read_files },
	{ "read what depends on the SIM's identity", card_read_more },
	{ "tell what became of the card", card_settle },
};

/* All that is to be known is known, and what was up is up. */
static void on_ready(struct modem *modem, const struct failure *failure, void *userdata)
{
	(void)failure, (void)userdata;
	if (modem->leaving)
		return;
	/* A card that is still looked at may ask for its PIN yet. */
	modem->facts.initialized = !modem->facts.settling;
	modem->facts.starting = false;
	modem_tell_state(modem);
	api_object_publish(modem->object);
	at_listen(modem);
	leisure_begin(modem);
}

static void on_initialized(struct modem *modem, const struct failure *failure, void *userdata)
{
	(void)userdata;
	if (!modem->qmi || modem->leaving)
		return; /* it went meanwhile */
	modem_identify(modem);
	if (failure) {
		modem_log_at(modem, LOG_WARNING, "couldn't initialize: %s", failure->text);
		modem->facts.failed = MM_MODEM_STATE_FAILED_REASON_UNKNOWN;
		if (strcmp(failure->name, MM_CORE_ERROR_TIMEOUT) == 0)
			probe_begin(modem);
	} else {
		resume_begin(modem);
	}
	/* Behind what that has begun. */
	if (operation_start(modem, OPERATION_IN_TURN, NULL, 0, on_ready, NULL) < 0)
		on_ready(modem, NULL, NULL);
}

void modem_initialize(struct modem *modem)
{
	modem->facts.starting = true;
	if (operation_start(modem, OPERATION_IN_TURN, steps, sizeof(steps) / sizeof(steps[0]),
			    on_initialized, NULL) < 0)
		modem->host->gone(modem, "cannot be read", -ENOMEM, modem->host->userdata);
}
