/*
 * Location: sources are turned on and off by Setup(); what they tell is kept, and shown to who may ask. The property
 * holds it only where the caller of Setup() wanted that, as anybody can read properties.
 */
#include "location.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <qmikit/common.h>
#include <qmikit/loc.h>
#include <qmikit/nas.h>

#include "indicated.h"
#include "leisure.h"
#include "location-assist.h"
#include "request.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

enum {
	SATELLITES = MM_MODEM_LOCATION_SOURCE_GPS_RAW | MM_MODEM_LOCATION_SOURCE_GPS_NMEA,
	/* Whoever reads the port of NMEA is not us, but the receiver is on. */
	RECEIVER = SATELLITES | MM_MODEM_LOCATION_SOURCE_GPS_UNMANAGED,
	AGPS = MM_MODEM_LOCATION_SOURCE_AGPS_MSA | MM_MODEM_LOCATION_SOURCE_AGPS_MSB,
	SENTENCES = QK_LOC_NMEA_TYPE_GGA | QK_LOC_NMEA_TYPE_GSA | QK_LOC_NMEA_TYPE_GSV,
	SESSION = 0x10,
	INTERVAL_MS = 1000,
	REFRESH_SECONDS = 30, /* between two changes of the property; stock's */
	SENTENCES_MAX = 64,
	SENTENCE_MAX = 128,
};

struct location {
	struct qk_slot *news;
	json_t *sentences; /* the last of each kind */
	json_t *raw;       /* NULL: no position yet */
	char cell[64];     /* "": none */
	uint64_t told_usec;
};

/* --- What is known */

static uint32_t enabled(const struct modem *modem)
{
	return (uint32_t)json_integer_value(api_object_get(modem->object, API_LOCATION_ENABLED));
}

static uint32_t capabilities(const struct modem *modem)
{
	return (uint32_t)json_integer_value(
		api_object_get(modem->object, API_LOCATION_CAPABILITIES));
}

/* All sentences, each on a line of its own. */
static json_t *nmea_json(const struct location *location)
{
	char text[SENTENCES_MAX * (SENTENCE_MAX + 2) + 1];
	size_t used = 0;
	json_t *sentence;
	const char *key;

	text[0] = 0;
	json_object_foreach(location->sentences, key, sentence) used +=
		(size_t)snprintf(text + used, sizeof(text) - used, "%s%s", used ? "\r\n" : "",
				 json_string_value(sentence));
	return json_string(text);
}

static void put(json_t *places, enum mm_modem_location_source source, const char *signature,
		json_t *take_value)
{
	char key[16];

	snprintf(key, sizeof(key), "%d", source);
	json_object_set_new(places, key, json_pack("[s, o]", signature, take_value));
}

static json_t *places_json(const struct modem *modem)
{
	const struct location *location = modem->location;
	uint32_t on = enabled(modem);
	json_t *places = json_object();

	if ((on & MM_MODEM_LOCATION_SOURCE_3GPP_LAC_CI) && location->cell[0])
		put(places, MM_MODEM_LOCATION_SOURCE_3GPP_LAC_CI, "s", json_string(location->cell));
	if ((on & MM_MODEM_LOCATION_SOURCE_GPS_RAW) && location->raw)
		put(places, MM_MODEM_LOCATION_SOURCE_GPS_RAW, "a{sv}",
		    json_deep_copy(location->raw));
	if ((on & MM_MODEM_LOCATION_SOURCE_GPS_NMEA) && json_object_size(location->sentences) > 0)
		put(places, MM_MODEM_LOCATION_SOURCE_GPS_NMEA, "s", nmea_json(location));
	return places;
}

static void tell(struct modem *modem, bool now)
{
	const json_t *rate = api_object_get(modem->object, API_LOCATION_GPS_REFRESH_RATE);
	uint64_t usec = 0;

	if (!json_is_true(api_object_get(modem->object, API_LOCATION_SIGNALS_LOCATION)))
		return;
	(void)sd_event_now(modem->event, CLOCK_MONOTONIC, &usec);
	if (!now && modem->location->told_usec &&
	    usec - modem->location->told_usec < (uint64_t)json_integer_value(rate) * 1000000)
		return;
	modem->location->told_usec = usec;
	modem_set(modem, API_LOCATION_LOCATION, places_json(modem));
}

/* --- The cell */

void location_tell_cell(struct modem *modem, const struct qk_nas_get_serving_system_response *r)
{
	struct location *location = modem->location;
	const char *plmn =
		json_string_value(api_object_get(modem->object, API_MODEM3GPP_OPERATOR_CODE));
	bool lte = r && r->has_lte_tac && r->lte_tac != 0xffff;
	char before[sizeof(location->cell)];

	if (!location)
		return;
	memcpy(before, location->cell, sizeof(before));
	location->cell[0] = 0;
	/* In LTE there is no location area, which a modem says as FFFE, only the tracking area. */
	if (r && r->has_cid_3gpp && (lte || r->has_lac_3gpp) && plmn && strlen(plmn) >= 5)
		snprintf(location->cell, sizeof(location->cell), "%.3s,%.3s,%X,%X,%X", plmn,
			 plmn + 3, r->has_lac_3gpp ? r->lac_3gpp : 0u, (unsigned int)r->cid_3gpp,
			 lte ? r->lte_tac : 0u);
	if (strcmp(before, location->cell) != 0)
		tell(modem, true);
}

/* --- Satellites */

/* "$GPGSV,3,1,...": the same kind may have several parts. */
static void take_sentence(struct location *location, const struct qk_string *text)
{
	char sentence[SENTENCE_MAX + 1], key[32];
	size_t size = 0, fields = 0, length = 0;

	while (size < text->size && text->data[size] >= ' ' && text->data[size] <= '~')
		size++;
	if (size < 6 || size > SENTENCE_MAX || text->data[0] != '$')
		return;
	memcpy(sentence, text->data, size);
	sentence[size] = 0;
	while (length < size && length < sizeof(key) - 1) {
		fields += sentence[length] == ',' ? 1 : 0;
		if (fields == (memcmp(sentence + 3, "GSV", 3) == 0 ? 3 : 1))
			break;
		key[length] = sentence[length];
		length++;
	}
	key[length] = 0;
	if (json_object_size(location->sentences) < SENTENCES_MAX ||
	    json_object_get(location->sentences, key))
		json_object_set_new(location->sentences, key, json_string(sentence));
}

static void take_position(struct location *location,
			  const struct qk_loc_position_report_indication *report)
{
	char text[16] = "";
	struct tm tm;

	if (!report->has_latitude || !report->has_longitude)
		return;
	if (report->has_utc_timestamp) {
		time_t seconds = (time_t)(report->utc_timestamp / 1000);

		if (gmtime_r(&seconds, &tm))
			strftime(text, sizeof(text), "%H%M%S.00", &tm);
	}
	json_decref(location->raw);
	location->raw = json_pack("{s: s, s: f, s: f}", "utc-time", text, "latitude",
				  report->latitude, "longitude", report->longitude);
	if (report->has_altitude_from_sealevel)
		json_object_set_new(location->raw, "altitude",
				    json_real((double)report->altitude_from_sealevel));
}

static void on_news(struct qk_client *client, const struct qk_message *message, const void *decoded,
		    const struct qk_frame *frame, void *userdata)
{
	const struct qk_loc_nmea_indication *nmea = decoded;
	struct modem *modem = userdata;

	(void)client, (void)frame;
	if (!decoded || !(enabled(modem) & SATELLITES))
		return;
	if (message == &qk_loc_nmea_message && nmea->has_nmea_string)
		take_sentence(modem->location, &nmea->nmea_string);
	else if (message == &qk_loc_position_report_message)
		take_position(modem->location, decoded);
	else
		return;
	tell(modem, false);
}

/* --- Setup() */

static void listen(struct operation *op, bool on)
{
	const struct qk_loc_register_events_request request = {
		.has_event_registration_mask = true,
		.event_registration_mask = on ? QK_LOC_EVENT_REGISTRATION_FLAG_POSITION_REPORT |
							   QK_LOC_EVENT_REGISTRATION_FLAG_NMEA
					      : 0,
	};

	operation_ask(op, &(struct question){ .service = QK_SERVICE_ID_LOC,
					      .need = OPERATION_SPARES,
					      .method = &qk_loc_register_events_method,
					      .request = &request });
}

static bool take_types_set(struct operation *op, const void *indication, const void *about)
{
	(void)op, (void)indication, (void)about;
	return true;
}

/* Sentences that were turned off by whoever had the modem before are turned on. */
static bool take_types(struct operation *op, const void *indication, const void *about)
{
	static const struct indicated set_types = {
		.service = QK_SERVICE_ID_LOC,
		.need = OPERATION_TRIES,
		.method = &qk_loc_set_nmea_types_method,
		.indication = &qk_loc_set_nmea_types_message,
		.take = take_types_set,
	};
	const struct qk_loc_get_nmea_types_indication *news = indication;
	const struct qk_loc_set_nmea_types_request request = {
		.has_nmea_types = true,
		.nmea_types = news->nmea_types | SENTENCES,
	};

	(void)about;
	if (news->has_nmea_types && (news->nmea_types & SENTENCES) != SENTENCES)
		indicated_ask(op, &set_types, &request);
	return true;
}

static void begin_listening(struct operation *op)
{
	static const struct indicated get_types = {
		.service = QK_SERVICE_ID_LOC,
		.need = OPERATION_TRIES,
		.method = &qk_loc_get_nmea_types_method,
		.indication = &qk_loc_get_nmea_types_message,
		.take = take_types,
	};
	struct modem *modem = operation_modem(op);
	struct qk_client *loc = qmi_port_client(modem->qmi, QK_SERVICE_ID_LOC);

	if (!modem->location->news &&
	    qk_client_subscribe(loc, on_news, modem, NULL, &modem->location->news) < 0) {
		operation_fail(op, MM_CORE_ERROR_FAILED, "out of memory");
		return;
	}
	listen(op, true);
	indicated_ask(op, &get_types, NULL);
}

static void stop_listening(struct operation *op)
{
	struct location *location = operation_modem(op)->location;

	location->news = qk_slot_free(location->news);
	json_object_clear(location->sentences);
	json_decref(location->raw);
	location->raw = NULL;
	listen(op, false);
}

static void start_receiver(struct operation *op)
{
	static const struct qk_loc_start_request request = {
		.has_session_id = true,
		.session_id = SESSION,
		.has_fix_recurrence_type = true,
		.fix_recurrence_type = QK_LOC_FIX_RECURRENCE_TYPE_PERIODIC_FIXES,
		.has_intermediate_report_state = true,
		.intermediate_report_state = QK_LOC_INTERMEDIATE_REPORT_STATE_ENABLE,
		.has_minimum_interval_between_position_reports = true,
		.minimum_interval_between_position_reports = INTERVAL_MS,
	};

	operation_ask(op, &(struct question){ .service = QK_SERVICE_ID_LOC,
					      .need = OPERATION_NEEDS,
					      .method = &qk_loc_start_method,
					      .request = &request });
}

static void stop_receiver(struct operation *op)
{
	static const struct qk_loc_stop_request request = { .has_session_id = true,
							    .session_id = SESSION };

	operation_ask(op, &(struct question){ .service = QK_SERVICE_ID_LOC,
					      .need = OPERATION_SPARES,
					      .method = &qk_loc_stop_method,
					      .request = &request });
}

/* From the sources that are on to those that are wanted. */
static void turn(struct operation *op, uint32_t wanted)
{
	struct modem *modem = operation_modem(op);
	uint32_t on = enabled(modem);

	if ((wanted & AGPS) != (on & AGPS))
		location_assist_set_mode(op, wanted);
	if ((wanted & SATELLITES) && !(on & SATELLITES))
		begin_listening(op);
	if (!(wanted & SATELLITES) && (on & SATELLITES))
		stop_listening(op);
	if ((wanted & RECEIVER) && !(on & RECEIVER))
		start_receiver(op);
	if (!(wanted & RECEIVER) && (on & RECEIVER))
		stop_receiver(op);
}

static void turn_receiver(struct operation *op)
{
	if (operation_modem(op)->location)
		turn(op, (uint32_t)request_number(op, 0));
	else
		operation_fail(op, MM_CORE_ERROR_ABORTED, "the interface has gone");
}

static void note_sources(struct operation *op)
{
	struct modem *modem = operation_modem(op);

	if (!modem->location)
		return;
	modem_set(modem, API_LOCATION_ENABLED, json_integer(request_number(op, 0)));
	modem_set(modem, API_LOCATION_SIGNALS_LOCATION,
		  json_boolean(json_is_true(request_in(op, 1))));
	if (json_is_true(request_in(op, 1)))
		tell(modem, true);
	else
		modem_set(modem, API_LOCATION_LOCATION, json_object());
}

static const struct step setup_steps[] = {
	{ "turn the receiver on or off", turn_receiver },
	{ "note the sources", note_sources },
};

static void on_setup(struct api_call *call, const json_t *in, void *userdata)
{
	static const struct request_kind kind = { setup_steps, COUNT(setup_steps),
						  OPERATION_IN_TURN, MM_MODEM_STATE_ENABLED, NULL };
	const struct modem *modem = userdata;
	uint32_t wanted = (uint32_t)json_integer_value(json_array_get(in, 0));

	if (modem->state >= MM_MODEM_STATE_ENABLED && (wanted & ~capabilities(modem)))
		api_call_error(call, MM_CORE_ERROR_UNSUPPORTED,
			       "the modem lacks some of these sources");
	else if ((wanted & AGPS) == AGPS)
		api_call_error(call, MM_CORE_ERROR_FAILED,
			       "A-GPS is assisted by the network or based on the modem, not both");
	else
		request_start(call, in, userdata, &kind);
}

/* The cell tells nothing that the network does not know; satellites are turned on by who wants them. */
void location_begin(struct operation *operation)
{
	struct modem *modem = operation_modem(operation);

	if (!modem->location)
		return;
	modem_set(modem, API_LOCATION_ENABLED, json_integer(MM_MODEM_LOCATION_SOURCE_3GPP_LAC_CI));
	tell(modem, true);
}

void location_stop(struct operation *operation)
{
	struct modem *modem = operation_modem(operation);

	if (!modem->location)
		return;
	turn(operation, MM_MODEM_LOCATION_SOURCE_NONE);
	modem_set(modem, API_LOCATION_ENABLED, json_integer(MM_MODEM_LOCATION_SOURCE_NONE));
	tell(modem, true);
}

/* --- The other methods */

static void on_get(struct api_call *call, const json_t *in, void *userdata)
{
	const struct modem *modem = userdata;

	(void)in;
	if (modem->state < MM_MODEM_STATE_ENABLED)
		api_call_error(call, MM_CORE_ERROR_WRONG_STATE, "the modem is %s",
			       api_value_name(&api_values_modem_state, modem->state));
	else
		api_call_reply(call, json_pack("[o]", places_json(modem)));
}

static void on_set_refresh(struct api_call *call, const json_t *in, void *userdata)
{
	struct modem *modem = userdata;

	if (modem->state < MM_MODEM_STATE_ENABLED) {
		api_call_error(call, MM_CORE_ERROR_WRONG_STATE, "the modem is %s",
			       api_value_name(&api_values_modem_state, modem->state));
		return;
	}
	if (!(capabilities(modem) & SATELLITES)) {
		api_call_error(call, MM_CORE_ERROR_UNSUPPORTED, "the modem has no receiver");
		return;
	}
	modem_set(modem, API_LOCATION_GPS_REFRESH_RATE, json_incref(json_array_get(in, 0)));
	api_call_reply(call, NULL);
}

static const struct api_handler handlers[] = {
	{ API_METHOD_LOCATION_SETUP, on_setup },
	{ API_METHOD_LOCATION_GET_LOCATION, on_get },
	{ API_METHOD_LOCATION_SET_GPS_REFRESH_RATE, on_set_refresh },
	{ API_METHOD_LOCATION_SET_SUPL_SERVER, location_assist_on_set_server },
	{ API_METHOD_LOCATION_INJECT_ASSISTANCE_DATA, location_assist_on_inject },
};

static bool has_port(const struct modem *modem, enum mm_modem_port_type type)
{
	for (size_t i = 0; i < modem->description.port_count; i++)
		if (modem->description.ports[i].type == type)
			return true;
	return false;
}

static uint32_t sources_of(const struct modem *modem)
{
	uint32_t sources = MM_MODEM_LOCATION_SOURCE_3GPP_LAC_CI;

	if (!qmi_port_client(modem->qmi, QK_SERVICE_ID_LOC))
		return sources;
	if (has_port(modem, MM_MODEM_PORT_TYPE_GPS))
		sources |= MM_MODEM_LOCATION_SOURCE_GPS_UNMANAGED;
	return sources | SATELLITES | AGPS;
}

void location_add(struct modem *modem)
{
	struct location *location = calloc(1, sizeof(*location));

	if (location)
		location->sentences = json_object();
	if (!location || !location->sentences ||
	    api_object_add(modem->object, API_LOCATION, handlers, COUNT(handlers)) < 0) {
		modem_log(modem, "out of memory: the modem lacks Modem.Location");
		if (location)
			json_decref(location->sentences);
		free(location);
		return;
	}
	modem->location = location;
	modem_set(modem, API_LOCATION_CAPABILITIES, json_integer(sources_of(modem)));
	modem_set(modem, API_LOCATION_GPS_REFRESH_RATE, json_integer(REFRESH_SECONDS));
	/* What helps the receiver is read then. */
	leisure_begin(modem);
}

void location_end(struct modem *modem)
{
	struct location *location = modem->location;

	if (!location)
		return;
	qk_slot_free(location->news);
	json_decref(location->sentences);
	json_decref(location->raw);
	free(location);
	modem->location = NULL;
}
