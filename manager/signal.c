/*
 * Signal: one question for percents and for values: whoever asks, both are told.
 */
#include "signal.h"

#include <qmikit/common.h>
#include <qmikit/nas.h>

#include "network.h"
#include "request.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

enum {
	DEFAULT_DELTA = 5,  /* dB: what the modem tells of when nobody chose */
	THRESHOLD_MAX = 60, /* between the weakest signal and the strongest */
	RATE_MAX = 86400,   /* seconds */
	SECOND_USEC = 1000000,
	RSSI_LOW = -125,
	RSSI_HIGH = -30,
	NOT_MEASURED = -32768, /* of 5G */
};

/* --- Values */

static uint32_t number(const struct modem *modem, const struct api_property *property)
{
	return (uint32_t)json_integer_value(api_object_get(modem->object, property));
}

static bool is_wanted(const struct modem *modem)
{
	return api_object_has(modem->object, API_SIGNAL) &&
	       (number(modem, API_SIGNAL_RATE) || number(modem, API_SIGNAL_RSSI_THRESHOLD));
}

/* Each of them from the answer; an empty object where the modem is on another radio. */
static json_t *gsm_json(const struct qk_nas_get_signal_info_response *r)
{
	return r->has_gsm_signal_strength
		       ? json_pack("{s: f}", "rssi", (double)r->gsm_signal_strength)
		       : json_object();
}

static json_t *umts_json(const struct qk_nas_get_signal_info_response *r)
{
	json_t *umts = json_object();

	if (r->has_wcdma_signal_strength) {
		json_object_set_new(umts, "rssi", json_real(r->wcdma_signal_strength.rssi));
		json_object_set_new(umts, "ecio", json_real(-0.5 * r->wcdma_signal_strength.ecio));
	}
	if (r->has_wcdma_rscp)
		json_object_set_new(umts, "rscp", json_real(-1.0 * r->wcdma_rscp));
	return umts;
}

static json_t *lte_json(const struct qk_nas_get_signal_info_response *r)
{
	const struct qk_nas_lte_signal_strength *lte = &r->lte_signal_strength;

	return r->has_lte_signal_strength
		       ? json_pack("{s: f, s: f, s: f, s: f}", "rssi", (double)lte->rssi, "rsrq",
				   (double)lte->rsrq, "rsrp", (double)lte->rsrp, "snr",
				   0.1 * lte->snr)
		       : json_object();
}

static json_t *nr5g_json(const struct qk_nas_get_signal_info_response *r)
{
	const struct qk_nas_5g_signal_strength *nr = &r->_5g_signal_strength;
	json_t *nr5g = json_object();

	if (r->has_5g_signal_strength && nr->rsrp != NOT_MEASURED)
		json_object_set_new(nr5g, "rsrp", json_real(nr->rsrp));
	if (r->has_5g_signal_strength && nr->snr != NOT_MEASURED)
		json_object_set_new(nr5g, "snr", json_real(0.1 * nr->snr));
	if (r->has_5g_signal_strength_extended && r->_5g_signal_strength_extended != NOT_MEASURED)
		json_object_set_new(nr5g, "rsrq", json_real(r->_5g_signal_strength_extended));
	return nr5g;
}

static void show(struct modem *modem, const struct qk_nas_get_signal_info_response *values)
{
	modem_set(modem, API_SIGNAL_GSM, gsm_json(values));
	modem_set(modem, API_SIGNAL_UMTS, umts_json(values));
	modem_set(modem, API_SIGNAL_LTE, lte_json(values));
	modem_set(modem, API_SIGNAL_NR5G, nr5g_json(values));
}

void signal_tell(struct modem *modem, const struct qk_nas_get_signal_info_response *values)
{
	if (is_wanted(modem))
		show(modem, values);
}

static void hide(struct modem *modem)
{
	static const struct qk_nas_get_signal_info_response nothing = { 0 };

	if (api_object_has(modem->object, API_SIGNAL))
		show(modem, &nothing);
}

void signal_forget(struct modem *modem)
{
	ticker_stop(modem->host->ticker, &modem->signal_tick);
	hide(modem);
}

/* --- Rate */

static void arm(struct modem *modem, uint64_t usec);

static void on_tick(void *userdata)
{
	static const struct step steps[] = { { "read the signal", network_read_signal } };
	struct modem *modem = userdata;

	if (operation_start(modem, OPERATION_ASIDE, steps, COUNT(steps), NULL, NULL) < 0)
		modem_log(modem, "out of memory: the signal is not read");
	arm(modem, number(modem, API_SIGNAL_RATE) * (uint64_t)SECOND_USEC);
}

/* Many modems whose rates are alike are asked together, once they met. */
static void arm(struct modem *modem, uint64_t usec)
{
	modem->signal_tick.fn = on_tick;
	modem->signal_tick.userdata = modem;
	modem->signal_tick.early_usec = usec / 5 < SECOND_USEC ? usec / 5 : SECOND_USEC;
	ticker_start(modem->host->ticker, &modem->signal_tick, usec);
}

/* Begins to ask, the first time at once. */
static void begin(struct modem *modem)
{
	if (number(modem, API_SIGNAL_RATE))
		arm(modem, 0);
	else
		ticker_stop(modem->host->ticker, &modem->signal_tick);
}

static void on_setup(struct api_call *call, const json_t *in, void *userdata)
{
	struct modem *modem = userdata;
	json_int_t rate = json_integer_value(json_array_get(in, 0));

	if (modem->state < MM_MODEM_STATE_DISABLED) {
		api_call_error(call, MM_CORE_ERROR_WRONG_STATE, "the modem is %s",
			       api_value_name(&api_values_modem_state, modem->state));
		return;
	}
	if (rate > RATE_MAX) {
		request_invalid(call, "a rate is at most %d s", RATE_MAX);
		return;
	}
	modem_set(modem, API_SIGNAL_RATE, json_integer(rate));
	if (!is_wanted(modem))
		hide(modem);
	if (modem->facts.enabled)
		begin(modem);
	api_call_reply(call, NULL);
}

/* --- Thresholds */

/* The older message takes the values themselves whose crossing is told, in dBm. */
static size_t list_thresholds(uint32_t delta, int8_t *list, size_t max)
{
	static const int8_t usual[] = { -100, -97, -95, -92, -90, -85, -80, -75, -70, -65 };
	size_t count = 0;

	for (int dbm = RSSI_LOW; delta && dbm <= RSSI_HIGH && count < max; dbm += (int)delta)
		list[count++] = (int8_t)dbm;
	for (size_t i = 0; !delta && i < COUNT(usual) && count < max; i++)
		list[count++] = usual[i];
	return count;
}

/* `about` not NULL: somebody waits for it. */
static void take_configured(struct operation *op, const void *response, uint16_t error,
			    const void *about)
{
	struct failure failure;

	(void)response;
	operation_modem(op)->signal_told = !error;
	if (!error || !about)
		return;
	failure_from(&failure, 0, error, "set the thresholds of the signal");
	operation_fail(op, failure.name, "%s", failure.text);
}

static void configure_older(struct operation *op, uint32_t delta, const void *about)
{
	enum { THRESHOLDS_MAX = 128 };
	int8_t list[THRESHOLDS_MAX];
	const struct qk_nas_config_signal_info_request request = {
		.has_rssi_threshold = true,
		.rssi_threshold = { list, list_thresholds(delta, list, THRESHOLDS_MAX) },
	};

	operation_ask(op, &(struct question){ .service = QK_SERVICE_ID_NAS,
					      .need = OPERATION_SPARES,
					      .method = &qk_nas_config_signal_info_method,
					      .take = take_configured,
					      .about = about,
					      .request = &request });
}

/* What a caller of SetupThresholds() wants; else what holds. */
static uint32_t delta_of(const struct operation *op, const void *about)
{
	const json_t *settings = about ? request_in(op, 0) : NULL;

	return settings ? (uint32_t)json_integer_value(json_object_get(settings, "rssi-threshold"))
			: number(operation_modem(op), API_SIGNAL_RSSI_THRESHOLD);
}

static void take_configured_newer(struct operation *op, const void *response, uint16_t error,
				  const void *about)
{
	if (error == QK_ERROR_INVALID_QMI_COMMAND || error == QK_ERROR_NOT_SUPPORTED)
		configure_older(op, delta_of(op, about), about);
	else
		take_configured(op, response, error, about);
}

static void configure(struct operation *op, const void *about)
{
	uint32_t delta = delta_of(op, about);
	uint16_t tenths = (uint16_t)(10 * (delta ? delta : DEFAULT_DELTA));
	const struct qk_nas_config_signal_info_v2_request request = {
		.has_gsm_rssi_delta = true,
		.gsm_rssi_delta = tenths,
		.has_wcdma_rssi_delta = true,
		.wcdma_rssi_delta = tenths,
		.has_lte_rssi_delta = true,
		.lte_rssi_delta = tenths,
		.has_nr5g_rsrp_delta = true,
		.nr5g_rsrp_delta = tenths,
	};

	operation_ask(op, &(struct question){ .service = QK_SERVICE_ID_NAS,
					      .need = OPERATION_SPARES,
					      .method = &qk_nas_config_signal_info_v2_method,
					      .take = take_configured_newer,
					      .about = about,
					      .request = &request });
}

void signal_configure(struct operation *operation)
{
	configure(operation, NULL);
}

void signal_begin(struct operation *operation)
{
	begin(operation_modem(operation));
}

static void set_threshold(struct operation *op)
{
	configure(op, request_of(op));
}

static void note_threshold(struct operation *op)
{
	struct modem *modem = operation_modem(op);

	modem_set(modem, API_SIGNAL_RSSI_THRESHOLD, json_integer(delta_of(op, request_of(op))));
	if (!is_wanted(modem))
		hide(modem);
	else if (modem->facts.enabled)
		network_read_signal(op);
}

static const struct step threshold_steps[] = {
	{ "set the thresholds", set_threshold },
	{ "note the thresholds", note_threshold },
};

static void on_setup_thresholds(struct api_call *call, const json_t *in, void *userdata)
{
	static const struct request_kind kind = { threshold_steps, COUNT(threshold_steps),
						  OPERATION_IN_TURN, MM_MODEM_STATE_DISABLED,
						  NULL };
	const json_t *settings = json_array_get(in, 0);

	if (json_integer_value(json_object_get(settings, "rssi-threshold")) > THRESHOLD_MAX)
		request_invalid(call, "a threshold is at most %d dB", THRESHOLD_MAX);
	else if (json_is_true(json_object_get(settings, "error-rate-threshold")))
		api_call_error(call, MM_CORE_ERROR_UNSUPPORTED,
			       "the modem has no threshold of the error rate");
	else
		request_start(call, in, userdata, &kind);
}

/* --- The interface */

static const struct api_handler handlers[] = {
	{ API_METHOD_SIGNAL_SETUP, on_setup },
	{ API_METHOD_SIGNAL_SETUP_THRESHOLDS, on_setup_thresholds },
};

void signal_add(struct modem *modem)
{
	(void)modem_add(modem, API_SIGNAL, handlers, COUNT(handlers), 0);
}

void signal_end(struct modem *modem)
{
	ticker_stop(modem->host->ticker, &modem->signal_tick);
}
