/*
 * Signal: one question for percents and for values: whoever asks, both are told.
 */
#include "signal.h"

#include <qmikit/common.h>
#include <qmikit/nas.h>

#include "network.h"
#include "request.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* What the modem tells of when nobody chose, in dB; and the least seconds that stand between two questions. */
enum { DEFAULT_DELTA = 5, RATE_MAX = 86400 };

/* --- Values */

static uint32_t number(const struct modem *modem, const struct api_property *property)
{
	return (uint32_t)json_integer_value(api_object_get(modem->object, property));
}

void signal_tell(struct modem *modem, const struct qk_nas_get_signal_info_response *values)
{
	const struct qk_nas_rssi_ecio *umts = &values->wcdma_signal_strength;
	const struct qk_nas_lte_signal_strength *lte = &values->lte_signal_strength;
	json_t *gsm = json_object(), *wcdma = json_object(), *eutra = json_object();

	if (!api_object_has(modem->object, API_SIGNAL) ||
	    (!number(modem, API_SIGNAL_RATE) && !number(modem, API_SIGNAL_RSSI_THRESHOLD))) {
		json_decref(gsm), json_decref(wcdma), json_decref(eutra);
		return;
	}
	if (values->has_gsm_signal_strength)
		json_object_set_new(gsm, "rssi", json_real(values->gsm_signal_strength));
	if (values->has_wcdma_signal_strength) {
		json_object_set_new(wcdma, "rssi", json_real(umts->rssi));
		json_object_set_new(wcdma, "ecio", json_real(-0.5 * umts->ecio));
	}
	if (values->has_lte_signal_strength) {
		json_object_set_new(eutra, "rssi", json_real(lte->rssi));
		json_object_set_new(eutra, "rsrq", json_real(lte->rsrq));
		json_object_set_new(eutra, "rsrp", json_real(lte->rsrp));
		json_object_set_new(eutra, "snr", json_real(0.1 * lte->snr));
	}
	modem_set(modem, API_SIGNAL_GSM, gsm);
	modem_set(modem, API_SIGNAL_UMTS, wcdma);
	modem_set(modem, API_SIGNAL_LTE, eutra);
}

void signal_forget(struct modem *modem)
{
	static const struct qk_nas_get_signal_info_response nothing = { 0 };

	signal_tell(modem, &nothing);
}

/* --- Rate */

static void read_again(struct modem *modem)
{
	static const struct step steps[] = { { "read the signal", network_read_signal } };

	if (modem->facts.enabled &&
	    operation_start(modem, OPERATION_ASIDE, steps, COUNT(steps), NULL, NULL) < 0)
		modem_log(modem, "out of memory: the signal is not read");
}

static int on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct modem *modem = userdata;
	uint64_t rate = number(modem, API_SIGNAL_RATE);
	int r;

	(void)usec;
	read_again(modem);
	r = sd_event_source_set_time_relative(source, rate * 1000000);
	return r < 0 ? r : sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

static void on_setup(struct api_call *call, const json_t *in, void *userdata)
{
	struct modem *modem = userdata;
	json_int_t rate = json_integer_value(json_array_get(in, 0));

	if (modem->state < MM_MODEM_STATE_ENABLED) {
		api_call_error(call, MM_CORE_ERROR_WRONG_STATE, "the modem is %s",
			       api_value_name(&api_values_modem_state, modem->state));
		return;
	}
	if (rate > RATE_MAX) {
		request_invalid(call, "a rate is at most %d s", RATE_MAX);
		return;
	}
	modem->signal_timer = sd_event_source_disable_unref(modem->signal_timer);
	if (rate == 0)
		signal_forget(modem);
	if (rate > 0 && sd_event_add_time_relative(modem->event, &modem->signal_timer,
						   CLOCK_MONOTONIC, 0, 0, on_timer, modem) < 0) {
		api_call_error(call, MM_CORE_ERROR_FAILED, "out of memory");
		return;
	}
	modem_set(modem, API_SIGNAL_RATE, json_integer(rate));
	api_call_reply(call, NULL);
}

/* --- Thresholds */

static void configure(struct operation *op, uint32_t delta)
{
	uint16_t tenths = (uint16_t)(10 * (delta ? delta : DEFAULT_DELTA));
	const struct qk_nas_config_signal_info_v2_request request = {
		.has_gsm_rssi_delta = true,
		.gsm_rssi_delta = tenths,
		.has_wcdma_rssi_delta = true,
		.wcdma_rssi_delta = tenths,
		.has_lte_rssi_delta = true,
		.lte_rssi_delta = tenths,
	};

	operation_ask(op, &(struct question){ .service = QK_SERVICE_ID_NAS,
					      .need = OPERATION_TRIES,
					      .method = &qk_nas_config_signal_info_v2_method,
					      .request = &request });
}

void signal_configure(struct operation *operation)
{
	configure(operation, number(operation_modem(operation), API_SIGNAL_RSSI_THRESHOLD));
}

static void set_threshold(struct operation *op)
{
	json_int_t wanted =
		json_integer_value(json_object_get(request_in(op, 0), "rssi-threshold"));

	modem_set(operation_modem(op), API_SIGNAL_RSSI_THRESHOLD, json_integer(wanted));
	modem_set(operation_modem(op), API_SIGNAL_ERROR_RATE_THRESHOLD, json_false());
	configure(op, (uint32_t)wanted);
}

static const struct step threshold_steps[] = {
	{ "set the thresholds", set_threshold },
	{ "read the signal", network_read_signal },
};

static void on_setup_thresholds(struct api_call *call, const json_t *in, void *userdata)
{
	enum { THRESHOLD_MAX = 60 }; /* dB between the weakest signal and the strongest */
	static const struct request_kind kind = { threshold_steps, COUNT(threshold_steps),
						  OPERATION_ASIDE, MM_MODEM_STATE_ENABLED };
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
	if (api_object_add(modem->object, API_SIGNAL, handlers, COUNT(handlers)) < 0)
		modem_log(modem, "out of memory: the modem lacks Modem.Signal");
}

void signal_end(struct modem *modem)
{
	modem->signal_timer = sd_event_source_disable_unref(modem->signal_timer);
}
