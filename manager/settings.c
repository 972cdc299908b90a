/*
 * Settings: what is set is read back, as a modem may take less than it was given.
 */
#include "settings.h"

#include <string.h>
#include <qmikit/common.h>
#include <qmikit/dms.h>
#include <qmikit/nas.h>

#include "eps.h"
#include "radio.h"
#include "power.h"
#include "request.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* How long the modem may search before it answers. */
enum { SELECT_USEC = 60000000 };

/* The mode that is used where there is a choice, of an order of acquisition. */
static uint32_t preferred(const struct qk_nas_get_system_selection_preference_response *r,
			  uint32_t modes)
{
	if (!(modes & (modes - 1)))
		return MM_MODEM_MODE_NONE;
	for (size_t i = 0; i < r->acquisition_order_preference.count; i++) {
		uint32_t mode = radio_mode_of(r->acquisition_order_preference.items[i]);

		if (mode & modes)
			return mode;
	}
	return 0x80000000u >> __builtin_clz(modes);
}

static void take_selection(struct operation *op, const void *response, uint16_t error,
			   const void *about)
{
	const struct qk_nas_get_system_selection_preference_response *r = response;
	struct modem *modem = operation_modem(op);
	uint64_t lte[4] = { 0 };
	uint32_t modes;

	(void)about;
	if (error)
		return;
	lte[0] = r->lte_band_preference;
	if (r->has_extended_lte_band_preference) {
		lte[0] = r->extended_lte_band_preference.mask_low;
		lte[1] = r->extended_lte_band_preference.mask_mid_low;
		lte[2] = r->extended_lte_band_preference.mask_mid_high;
		lte[3] = r->extended_lte_band_preference.mask_high;
	}
	modem_set(modem, API_MODEM_CURRENT_BANDS, radio_bands(r->band_preference, lte));
	modes = radio_modes_of_preference(r->mode_preference);
	modem_set(modem, API_MODEM_CURRENT_MODES, json_pack("[i, i]", modes, preferred(r, modes)));
	eps_note_selection(modem, r);
}

void settings_read(struct operation *operation)
{
	static const struct question question = { QK_SERVICE_ID_NAS, OPERATION_SPARES,
						  &qk_nas_get_system_selection_preference_method,
						  take_selection };

	operation_ask(operation, &question);
}

static void take_set(struct operation *op, const void *response, uint16_t error, const void *about)
{
	struct failure failure;

	(void)response, (void)about;
	if (!error || error == QK_ERROR_NO_EFFECT)
		return;
	failure_from(&failure, 0, error, "set the system selection preference");
	operation_fail(op, failure.name, "%s", failure.text);
}

void settings_set_selection(struct operation *op,
			    const struct qk_nas_set_system_selection_preference_request *request)
{
	operation_ask(op,
		      &(struct question){ .service = QK_SERVICE_ID_NAS,
					  .need = OPERATION_TRIES,
					  .method = &qk_nas_set_system_selection_preference_method,
					  .take = take_set,
					  .request = request,
					  .timeout_usec = SELECT_USEC });
}

/* --- Modes */

/* What a caller asks for, with "any" spelled out. Returns all modes there are. */
static uint32_t wanted_modes(const struct modem *modem, const json_t *in, uint32_t *ret_allowed,
			     uint32_t *ret_preferred)
{
	const json_t *supported = api_object_get(modem->object, API_MODEM_SUPPORTED_MODES);
	const json_t *pair = json_array_get(in, 0);
	const json_t *row;
	uint32_t all = 0;
	size_t i;

	json_array_foreach(supported, i, row) all |=
		(uint32_t)json_integer_value(json_array_get(row, 0));
	*ret_allowed = (uint32_t)json_integer_value(json_array_get(pair, 0));
	*ret_preferred = (uint32_t)json_integer_value(json_array_get(pair, 1));
	if (*ret_allowed == (uint32_t)MM_MODEM_MODE_ANY)
		*ret_allowed = all;
	/* Who does not choose gets the newest. */
	if (*ret_preferred == MM_MODEM_MODE_NONE && (*ret_allowed & (*ret_allowed - 1)))
		*ret_preferred = 0x80000000u >> __builtin_clz(*ret_allowed);
	return all;
}

static void set_modes(struct operation *op)
{
	enum { ORDER_MAX = 8 };
	int8_t order[ORDER_MAX];
	uint32_t allowed, favourite, all;

	all = wanted_modes(operation_modem(op), request_of(op)->in, &allowed, &favourite);

	const struct qk_nas_set_system_selection_preference_request request = {
		.has_mode_preference = true,
		.mode_preference = radio_preference_of_modes(allowed),
		.has_acquisition_order_preference = true,
		.acquisition_order_preference = { order,
						  radio_acquisition_order(all, favourite, order,
									  ORDER_MAX) },
		.has_change_duration = true,
		.change_duration = QK_NAS_CHANGE_DURATION_PERMANENT,
	};

	settings_set_selection(op, &request);
}

static const struct step modes_steps[] = {
	{ "set the modes", set_modes },
	{ "read the selection", settings_read },
};

void settings_on_set_modes(struct api_call *call, const json_t *in, void *userdata)
{
	static const struct request_kind kind = { modes_steps, COUNT(modes_steps),
						  OPERATION_IN_TURN, MM_MODEM_STATE_DISABLED };
	const struct modem *modem = userdata;
	const json_t *row;
	uint32_t allowed, favourite;
	size_t i;

	wanted_modes(modem, in, &allowed, &favourite);
	json_array_foreach(api_object_get(modem->object, API_MODEM_SUPPORTED_MODES), i,
			   row) if (json_integer_value(json_array_get(row, 0)) == allowed &&
				    json_integer_value(json_array_get(row, 1)) == favourite)
	{
		request_start(call, in, userdata, &kind);
		return;
	}
	api_call_error(call, MM_CORE_ERROR_UNSUPPORTED,
		       "the modem has no such combination of modes");
}

/* --- Bands */

/* The bands asked for, an array; those that are supported for "any". Borrowed. */
static const json_t *wanted_bands(const struct modem *modem, const json_t *in)
{
	const json_t *bands = json_array_get(in, 0);

	if (json_array_size(bands) == 1 &&
	    json_integer_value(json_array_get(bands, 0)) == MM_MODEM_BAND_ANY)
		return api_object_get(modem->object, API_MODEM_SUPPORTED_BANDS);
	return bands;
}

static void set_bands(struct operation *op)
{
	struct qk_nas_set_system_selection_preference_request request = {
		.has_band_preference = true,
		.has_lte_band_preference = true,
		.has_change_duration = true,
		.change_duration = QK_NAS_CHANGE_DURATION_PERMANENT,
	};
	uint64_t lte[4];

	request.band_preference =
		radio_flags_of_bands(wanted_bands(operation_modem(op), request_of(op)->in), lte);
	request.lte_band_preference = lte[0];
	/* What is above band 64 needs the longer field, which older modems lack. */
	if (lte[1] || lte[2] || lte[3]) {
		request.has_extended_lte_band_preference = true;
		request.extended_lte_band_preference =
			(struct qk_nas_extended_lte_band_preference){ lte[0], lte[1], lte[2],
								      lte[3] };
	}
	settings_set_selection(op, &request);
}

static const struct step bands_steps[] = {
	{ "set the bands", set_bands },
	{ "read the selection", settings_read },
};

void settings_on_set_bands(struct api_call *call, const json_t *in, void *userdata)
{
	static const struct request_kind kind = { bands_steps, COUNT(bands_steps),
						  OPERATION_IN_TURN, MM_MODEM_STATE_DISABLED };
	const struct modem *modem = userdata;
	const json_t *supported = api_object_get(modem->object, API_MODEM_SUPPORTED_BANDS);
	const json_t *bands = wanted_bands(modem, in), *band, *known;
	size_t i, k;

	if (json_array_size(bands) == 0) {
		request_invalid(call, "there is no band");
		return;
	}
	json_array_foreach(bands, i, band)
	{
		bool found = false;

		json_array_foreach(supported, k, known) found = found || json_equal(band, known);
		if (!found) {
			api_call_error(call, MM_CORE_ERROR_UNSUPPORTED,
				       "the modem has no band %lld",
				       (long long)json_integer_value(band));
			return;
		}
	}
	request_start(call, in, userdata, &kind);
}

/* --- Capabilities */

/* A modem of 3GPP alone has all of them at once, and can have no others. */
void settings_on_set_capabilities(struct api_call *call, const json_t *in, void *userdata)
{
	const struct modem *modem = userdata;

	if (json_equal(json_array_get(in, 0),
		       api_object_get(modem->object, API_MODEM_CURRENT_CAPABILITIES)))
		api_call_reply(call, NULL);
	else
		api_call_error(call, MM_CORE_ERROR_UNSUPPORTED,
			       "the modem has no such combination of capabilities");
}

/* --- Resets: offline first, as the modem resets from there alone. */

static void go_offline(struct operation *op)
{
	power_set_mode(op, QK_DMS_OPERATING_MODE_OFFLINE);
}

static void go_down(struct operation *op)
{
	power_set_mode(op, QK_DMS_OPERATING_MODE_RESET);
}

static const struct step reset_steps[] = {
	{ "take the modem offline", go_offline },
	{ "reset the modem", go_down },
};

void settings_on_reset(struct api_call *call, const json_t *in, void *userdata)
{
	static const struct request_kind kind = { reset_steps, COUNT(reset_steps),
						  OPERATION_IN_TURN, MM_MODEM_STATE_FAILED };

	request_start(call, in, userdata, &kind);
}

static void restore(struct operation *op)
{
	const char *code = request_text(op, 0);
	const struct qk_dms_restore_factory_defaults_request request = {
		.has_service_programming_code = true,
		.service_programming_code = { code, strlen(code) },
	};

	operation_ask(op, &(struct question){ .service = QK_SERVICE_ID_DMS,
					      .need = OPERATION_NEEDS,
					      .method = &qk_dms_restore_factory_defaults_method,
					      .request = &request });
}

static const struct step restore_steps[] = { { "restore what it was delivered with", restore } };

void settings_on_factory_reset(struct api_call *call, const json_t *in, void *userdata)
{
	static const struct request_kind kind = { restore_steps, COUNT(restore_steps),
						  OPERATION_IN_TURN, MM_MODEM_STATE_FAILED };

	request_start(call, in, userdata, &kind);
}
