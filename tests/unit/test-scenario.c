/*
 * Scenarios: what is refused and where, when steps are taken, and that the same seed and scenario give the
 * same bytes.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <qmikit/ctl.h>
#include <qmikit/dms.h>
#include <qmikit/loc.h>
#include <qmikit/nas.h>
#include <qmikit/voice.h>
#include <qmikit/wds.h>
#include <qmikit/wms.h>

#include "sim-host.h"

#include "sim/at.h"
#include "sim/scenario.h"

#define SEC 1000000u
#define RECORD_MAX ((size_t)4 * 1024 * 1024)

/* Everything that modems said, in the order in which they did, each piece with its source and the time since
 * the start. */
struct record {
	char *bytes; /* RECORD_MAX */
	size_t size;
	uint64_t start_usec;
};

struct source {
	struct record *record;
	const char *name;
	const struct qk_sim_state *state;
};

struct stage {
	struct qk_sim_profile *profile;
	struct qk_sim *sim;
	struct qk_control *control;
	struct qk_control_user user;
	struct qk_scenario *scenario;
	struct qk_sim_port *qmi;
	struct qk_at_port *at;
	struct record record;
	struct source qmi_source, at_source, control_source;
};

static void keep(const struct source *source, const void *bytes, size_t size)
{
	struct record *record = source->record;
	int head = snprintf(record->bytes + record->size, RECORD_MAX - record->size,
			    "\n%s %llu: ", source->name,
			    (unsigned long long)(source->state->now_usec - record->start_usec));

	assert_true(head > 0 && record->size + (size_t)head + size < RECORD_MAX);
	record->size += (size_t)head;
	memcpy(record->bytes + record->size, bytes, size);
	record->size += size;
}

static void on_bytes(void *userdata, struct qk_span bytes)
{
	keep(userdata, bytes.data, bytes.size);
}

static void on_hang_up(void *userdata)
{
	keep(userdata, "hang up", 7);
}

static void on_line(void *userdata, const char *json, size_t size)
{
	keep(userdata, json, size);
}

static struct stage *stage_new_at(uint64_t seed, uint64_t start_usec)
{
	static const struct qk_sim_sink qmi_sink = { on_bytes, on_hang_up };
	static const struct qk_at_sink at_sink = { on_bytes };
	struct stage *stage = calloc(1, sizeof(*stage));
	char error[128];

	assert_non_null(stage);
	assert_int_equal(qk_sim_profile_load("", &stage->profile, error, sizeof(error)), 0);
	assert_int_equal(qk_sim_new(stage->profile, seed, start_usec, &stage->sim), 0);
	assert_int_equal(qk_control_new(&stage->control), 0);
	assert_int_equal(qk_control_add_modem(stage->control, stage->sim), 0);
	stage->record.start_usec = start_usec;
	stage->record.bytes = malloc(RECORD_MAX);
	assert_non_null(stage->record.bytes);
	const struct qk_sim_state *state = qk_sim_state(stage->sim);
	stage->qmi_source = (struct source){ &stage->record, "qmi", state };
	stage->at_source = (struct source){ &stage->record, "at", state };
	stage->control_source = (struct source){ &stage->record, "control", state };
	stage->user =
		(struct qk_control_user){ .line = on_line, .userdata = &stage->control_source };
	qk_control_add_user(stage->control, &stage->user);
	assert_int_equal(qk_sim_attach(stage->sim, &qmi_sink, &stage->qmi_source, &stage->qmi), 0);
	assert_int_equal(
		qk_at_attach(stage->sim, QK_AT_USBAT, &at_sink, &stage->at_source, &stage->at), 0);
	qk_at_set_open(stage->at, true);
	return stage;
}

static struct stage *stage_new(uint64_t seed)
{
	return stage_new_at(seed, SEC);
}

static void stage_free(struct stage *stage)
{
	qk_scenario_free(stage->scenario);
	qk_control_remove_user(stage->control, &stage->user);
	qk_control_free(stage->control);
	qk_at_detach(stage->at);
	qk_sim_free(stage->sim);
	qk_sim_profile_free(stage->profile);
	free(stage->record.bytes);
	free(stage);
}

static void load(struct stage *stage, const char *json)
{
	char error[512];

	if (qk_scenario_parse("test", json, strlen(json), stage->control, &stage->scenario, error,
			      sizeof(error)) < 0)
		fail_msg("%s", error);
	const struct qk_sim_state *state = qk_sim_state(stage->sim);
	qk_scenario_start(stage->scenario, state->now_usec, state->time_scale_ppm);
}

/* Runs modem and scenario from deadline to deadline; how many steps were taken. */
static unsigned int pass(struct stage *stage, uint64_t usec)
{
	const struct qk_sim_state *state = qk_sim_state(stage->sim);
	uint64_t end = state->now_usec + usec;
	unsigned int steps = 0;
	char error[256];

	for (unsigned int rounds = 0;; rounds++) {
		uint64_t modem = qk_sim_next_usec(stage->sim);
		uint64_t next = qk_scenario_next_usec(stage->scenario);
		assert_true(rounds < 100000);
		if (modem < next)
			next = modem;
		if (next > end)
			break;
		qk_sim_advance(stage->sim, next);
		int r = qk_scenario_advance(stage->scenario, next, error, sizeof(error));
		if (r < 0)
			keep(&stage->control_source, error, strlen(error));
		steps += r != 0;
	}
	qk_sim_advance(stage->sim, end);
	return steps;
}

static void file_is_refused_with_line_and_reason(void **unused)
{
	static const char *const rows[][2] = {
		{ "", "scenario 't': line 1: '[' or '{' expected near end of file" },
		{ "{\n\"steps\": [\n}", "scenario 't': line 3: unexpected token near '}'" },
		{ "[]", "scenario 't': line 1: must hold an object" },
		{ "{}", "scenario 't': line 1: steps must be a list of 1 to 65536 steps" },
		{ "{\"steps\": []}",
		  "scenario 't': line 1: steps must be a list of 1 to 65536 steps" },
		{ "{\"steps\": [{\"at\": 0, \"do\": \"reset\"}], \"x\": 1}",
		  "scenario 't': line 1: x is unknown" },
		{ "{\"steps\": [\n3]}", "scenario 't': line 2: step 1 must be an object" },
		{ "{\"steps\": [{\"do\": \"reset\"}]}",
		  "scenario 't': line 1: step 1: at must be a number of seconds from 0 to 31536000" },
		{ "{\"title\": \"[\\\"\\n\", \"steps\": [\n {\"at\": 0, \"do\": \"reset\"},\n\n"
		  " {\"at\": 1, \"do\": \"cell\", \"rsrp\": 1}]}",
		  "scenario 't': line 4: step 2: cell: rsrp must be a number from -156 to -31" },
		{ "{\"steps\": [{\"at\": 2, \"do\": \"reset\"},\n{\"at\": 1, \"do\": \"reset\"}]}",
		  "scenario 't': line 2: step 2: at must not be before that of the step in front" },
		{ "{\"steps\": [\n{\"at\": 0, \"do\": \"nope\"}]}",
		  "scenario 't': line 2: step 1: do: there is no request 'nope' ('help' lists them)" },
		{ "{\"steps\": [{\"at\": 0, \"do\": \"reset\", \"modem\": 1}]}",
		  "scenario 't': line 1: step 1: modem: must be \"all\" or a number from 0 to 0" },
		{ "{\"steps\": [{\"at\": 0, \"do\": \"watch\"}]}",
		  "scenario 't': line 1: step 1: watch: nobody could hear the answer" },
		{ "{\"steps\": [{\"at\": 5, \"do\": \"reset\"}], \"repeat\": {\"every\": 4}}",
		  "scenario 't': line 1: repeat: every must not be before the last step, nor 0" },
		{ "{\"steps\": [{\"at\": 0, \"do\": \"reset\"}], \"repeat\": {\"every\": 0}}",
		  "scenario 't': line 1: repeat: every must not be before the last step, nor 0" },
		{ "{\"steps\": [{\"at\": 0, \"do\": \"reset\"}],\n\"x]\": 1}",
		  "scenario 't': line 2: x] is unknown" },
		{ "{\n\"repeat\":\n{\"times\": 2,\n\"every\": -1},\n\"steps\": [{\"at\": 0, \"do\": "
		  "\"reset\"}]}",
		  "scenario 't': line 4: repeat: every must be a number of seconds from 0 to 31536000" },
		{ "{\"steps\": [{\"at\": 0, \"do\": \"reset\"}], \"repeat\": 3}",
		  "scenario 't': line 1: repeat must be an object of 'every' and 'times'" },
		{ "{\"steps\": [{\"at\": 0, \"do\": \"reset\"}],"
		  " \"repeat\": {\"every\": 1, \"times\": 0}}",
		  "scenario 't': line 1: repeat: times must be a number from 1 on" },
	};
	struct stage *stage = stage_new(1);

	(void)unused;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char error[512] = "";
		assert_int_equal(qk_scenario_parse("t", rows[i][0], strlen(rows[i][0]),
						   stage->control, &stage->scenario, error,
						   sizeof(error)),
				 -EINVAL);
		assert_string_equal(error, rows[i][1]);
		assert_null(stage->scenario);
	}
	stage_free(stage);
}

static void steps_are_taken_at_their_times(void **unused)
{
	struct stage *stage = stage_new(1);
	const struct qk_sim_state *state = qk_sim_state(stage->sim);

	(void)unused;
	load(stage, "{\"steps\": [{\"at\": 1, \"do\": \"cell\", \"rsrp\": -90},"
		    " {\"at\": 2.5, \"do\": \"cell\", \"rsrp\": -91},"
		    " {\"at\": 2.5, \"do\": \"cell\", \"rsrq\": -5}]}");
	assert_int_equal(pass(stage, SEC - 1), 0);
	assert_int_equal(pass(stage, 1), 1);
	assert_int_equal(state->cell.rsrp_dbm, -90);
	assert_int_equal(pass(stage, SEC * 3 / 2 - 1), 0);
	assert_int_equal(pass(stage, 1), 2);
	assert_int_equal(state->cell.rsrp_dbm, -91);
	assert_int_equal(state->cell.rsrq_db, -5);
	assert_int_equal(qk_scenario_next_usec(stage->scenario), QK_SIM_NEVER);
	stage_free(stage);
}

static void steps_come_sooner_when_time_is_scaled(void **unused)
{
	struct stage *stage = stage_new(1);

	(void)unused;
	qk_sim_state(stage->sim)->time_scale_ppm = 100000;
	load(stage, "{\"steps\": [{\"at\": 10, \"do\": \"cell\", \"rsrp\": -90}]}");
	assert_int_equal(pass(stage, SEC - 1), 0);
	assert_int_equal(pass(stage, 1), 1);
	stage_free(stage);
}

static void steps_are_taken_anew_when_they_repeat(void **unused)
{
	struct stage *stage = stage_new(1);

	(void)unused;
	load(stage,
	     "{\"steps\": [{\"at\": 0, \"do\": \"status\"}, {\"at\": 1, \"do\": \"status\"}],"
	     " \"repeat\": {\"every\": 10, \"times\": 3}}");
	assert_int_equal(pass(stage, 9 * SEC), 2);
	assert_int_equal(pass(stage, 10 * SEC), 2);
	assert_int_equal(pass(stage, 100 * SEC), 2);
	stage_free(stage);
}

static void step_that_is_refused_does_not_end_the_scenario(void **unused)
{
	struct stage *stage = stage_new(1);

	(void)unused;
	load(stage, "{\"steps\": [{\"at\": 1, \"do\": \"plug\"},"
		    " {\"at\": 2, \"do\": \"cell\", \"rsrp\": -90}]}");
	assert_int_equal(pass(stage, 3 * SEC), 2);
	assert_int_equal(qk_sim_state(stage->sim)->cell.rsrp_dbm, -90);
	assert_non_null(
		memmem(stage->record.bytes, stage->record.size, "step 1: plug: the cable", 23));
	stage_free(stage);
}

/* --- The same seed and scenario */

static const char story[] =
	"{\"steps\": ["
	" {\"at\": 0.5, \"do\": \"fault\", \"fault\": \"delay-answer=300:dms:4\"},"
	" {\"at\": 1, \"do\": \"cell\", \"rsrp\": -110, \"rsrq\": -15},"
	" {\"at\": 2, \"do\": \"fault\", \"fault\": \"noise=7:2@1500\"},"
	" {\"at\": 3, \"do\": \"registration\", \"state\": \"lost\"},"
	" {\"at\": 6, \"do\": \"registration\", \"state\": \"home\"},"
	" {\"at\": 7, \"do\": \"mode\", \"mode\": \"low-power\"},"
	" {\"at\": 8, \"do\": \"mode\", \"mode\": \"online\"},"
	" {\"at\": 12, \"do\": \"fault\", \"fault\": \"edl=2000:1\"},"
	" {\"at\": 12, \"do\": \"crash\", \"for-ms\": 8000},"
	" {\"at\": 50, \"do\": \"status\"},"
	" {\"at\": 62, \"do\": \"sms\", \"from\": \"+49301\", \"text\": \"hello\"},"
	" {\"at\": 63, \"do\": \"sms\", \"from\": \"+49302\", \"text\": \"hello again\", \"class\": 0},"
	" {\"at\": 64, \"do\": \"call\", \"from\": \"+49303\"},"
	" {\"at\": 70, \"do\": \"call-remote\", \"act\": \"hang-up\"},"
	" {\"at\": 71, \"do\": \"ussd\", \"text\": \"a notice\"},"
	" {\"at\": 75, \"do\": \"data-drop\", \"reason\": \"emm-detached\"},"
	" {\"at\": 80, \"do\": \"network-time\", \"utc\": 1700000000, \"zone-quarters\": 4},"
	" {\"at\": 85, \"do\": \"position\", \"latitude\": 48.1, \"longitude\": 11.6},"
	" {\"at\": 95, \"do\": \"card-remove\"},"
	" {\"at\": 97, \"do\": \"card-insert\"},"
	" {\"at\": 110, \"do\": \"reset\"},"
	" {\"at\": 150, \"do\": \"status\"}]}";
#define STORY_SECONDS 160

/* What the host types on its AT port, and when. */
static const struct {
	unsigned int second;
	const char *text;
} typed[] = {
	{ 61, "AT+QGPS=1\r" },
	{ 62, "AT+CMGF=1;+CNMI=2,1\r" },
	{ 66, "ATA\r" },
	{ 67, "AT+CMGL=\"ALL\"\r" },
	{ 68, "AT+CLCC\r" },
	{ 69, "AT+CMGS=\"+49304\"\rto you\x1a" },
	{ 72, "AT+CGACT=1,1\r" },
	{ 74, "AT+CGPADDR;+CGCONTRDP=1\r" },
	{ 76, "ATD+49305;\r" },
	{ 79, "ATH\r" },
	{ 81, "AT+CCLK?;+QLTS=1\r" },
	{ 82, "AT+CUSD=1,\"*100#\",15\r" },
	{ 92, "AT+QENG=\"servingcell\";+QNWINFO;+QPING=1,\"x\"\r" },
	{ 100, "AT+QGPSLOC=2\r" },
	{ 101, "AT+CRSM=176,28423,0,0,9;+CPBR=1,5\r" },
	{ 105, "AT+QCFG=\"usbcfg\";+QMBNCFG=\"List\"\r" },
	{ 150, "AT+CCLK?;+CMGL=\"ALL\";+QGPS?\r" },
};

static void say(struct stage *stage, uint8_t client, const struct qk_message *message,
		const void *request, uint16_t transaction)
{
	uint8_t buffer[512];
	struct qk_writer writer = qk_writer(buffer, sizeof(buffer));
	const struct qk_frame frame = { .service = (uint8_t)message->service,
					.client = client,
					.type = QK_REQUEST,
					.transaction = transaction,
					.message = message->id };
	size_t mark = qk_frame_begin(&writer, &frame);

	if (request)
		assert_int_equal(qk_encode(message, request, &writer), 0);
	int size = qk_frame_end(&writer, mark);
	assert_true(size > 0);
	qk_sim_input(stage->qmi, (struct qk_span){ buffer, (size_t)size });
}

/* One client of each service that tells by itself; their ids are 1 to 6, in this order. */
static void open_clients(struct stage *stage)
{
	static const uint8_t services[] = { QK_SERVICE_ID_DMS,   QK_SERVICE_ID_NAS,
					    QK_SERVICE_ID_WDS,   QK_SERVICE_ID_WMS,
					    QK_SERVICE_ID_VOICE, QK_SERVICE_ID_LOC };
	const struct qk_nas_register_indications_request nas = { .has_serving_system_events = true,
								 .serving_system_events = true,
								 .has_signal_info = true,
								 .signal_info = true };
	const struct qk_wms_set_event_report_request wms = {
		.has_new_mt_message_indicator = true,
		.new_mt_message_indicator = { true },
	};
	const struct qk_voice_indication_register_request voice = {
		.has_call_notification_events = true,
		.call_notification_events = true,
		.has_ussd_notification_events = true,
		.ussd_notification_events = true,
	};
	const struct qk_loc_register_events_request loc = {
		.has_event_registration_mask = true,
		.event_registration_mask = QK_LOC_EVENT_REGISTRATION_FLAG_POSITION_REPORT |
					   QK_LOC_EVENT_REGISTRATION_FLAG_NMEA |
					   QK_LOC_EVENT_REGISTRATION_FLAG_GNSS_SATELLITE_INFO,
	};

	for (size_t i = 0; i < sizeof(services); i++) {
		struct qk_ctl_allocate_cid_request cid = { .has_service = true,
							   .service = services[i] };
		say(stage, 0, qk_ctl_allocate_cid_method.request, &cid, (uint16_t)(i + 1));
	}
	say(stage, 2, qk_nas_register_indications_method.request, &nas, 7);
	say(stage, 4, qk_wms_set_event_report_method.request, &wms, 7);
	say(stage, 5, qk_voice_indication_register_method.request, &voice, 7);
	say(stage, 6, qk_loc_register_events_method.request, &loc, 7);
}

static void type(struct stage *stage, unsigned int second)
{
	static const char always[] = "AT+CGMR;+CIMI;+CSQ;+CREG?;+COPS?\r";

	if (second < 60)
		qk_at_input(stage->at,
			    (struct qk_span){ (const uint8_t *)always, sizeof(always) - 1 });
	for (size_t i = 0; i < sizeof(typed) / sizeof(typed[0]); i++)
		if (typed[i].second == second)
			qk_at_input(stage->at, (struct qk_span){ (const uint8_t *)typed[i].text,
								 strlen(typed[i].text) });
}

/* A host that asks the same once a second, has the modem find its place, and has a data call each 20 s. */
static void ask(struct stage *stage, unsigned int second)
{
	const struct qk_loc_start_request start = { .has_session_id = true, .session_id = 9 };
	const uint16_t transaction = (uint16_t)(second + 10);

	if (second % 30 == 0)
		open_clients(stage);
	say(stage, 1, qk_dms_get_ids_method.request, NULL, transaction);
	say(stage, 1, qk_dms_get_time_method.request, NULL, transaction);
	say(stage, 2, qk_nas_get_signal_info_method.request, NULL, transaction);
	if (second % 20 == 10)
		say(stage, 3, qk_wds_start_network_method.request,
		    &(struct qk_wds_start_network_request){ 0 }, transaction);
	say(stage, 3, qk_wds_get_current_settings_method.request,
	    &(struct qk_wds_get_current_settings_request){ 0 }, transaction);
	if (second % 50 == 5)
		say(stage, 6, qk_loc_start_method.request, &start, transaction);
	type(stage, second);
}

static struct stage *perform(uint64_t seed, uint64_t start_usec)
{
	struct stage *stage = stage_new_at(seed, start_usec);

	load(stage, story);
	qk_control_line(stage->control, &stage->user, "{\"do\":\"watch\"}", 14);
	for (unsigned int second = 0; second < STORY_SECONDS; second++) {
		ask(stage, second);
		pass(stage, SEC);
		if (second % 7 == 0)
			qk_control_line(stage->control, &stage->user, "{\"do\":\"status\"}", 15);
	}
	return stage;
}

static void assert_same(const struct record *one, const struct record *two)
{
	size_t size = one->size < two->size ? one->size : two->size, at = 0, from;

	while (at < size && one->bytes[at] == two->bytes[at])
		at++;
	from = at < 200 ? 0 : at - 200;
	if (at < size || one->size != two->size)
		fail_msg("not the same at %zu:\n%.*s\n--- and\n%.*s", at, (int)(at - from + 100),
			 one->bytes + from, (int)(at - from + 100), two->bytes + from);
}

static void assert_said(const struct record *record, const char *text)
{
	if (!memmem(record->bytes, record->size, text, strlen(text)))
		fail_msg("nobody said '%s'", text);
}

static void bytes_are_the_same_when_seed_and_scenario_are(void **unused)
{
	/* what a host sees of each thing in the story: it happened */
	static const char *const happened[] = {
		"\"as\":\"edl\"",
		"+CMTI: ",
		"+CMGS: ",
		"RING\r\n",
		"NO CARRIER",
		"\"event\":\"gnss\"",
		"+QGPSLOC: ",

		"+CGPADDR: 1",
		"\"event\":\"data\"",
		"+CUSD: ",
		"+CRSM: 144",
		"+QMBNCFG: ",
		"+CCLK: ",
		"\"event\":\"card\"",
		"\"event\":\"fault\"",
	};
	/* a machine that has been up for longer is not seen in the bytes */
	struct stage *one = perform(7, SEC), *two = perform(7, 86400 * UINT64_C(1000003) + 17),
		     *other = perform(8, SEC);

	(void)unused;
	for (size_t i = 0; i < sizeof(happened) / sizeof(happened[0]); i++)
		assert_said(&one->record, happened[i]);
	assert_same(&one->record, &two->record);
	/* another seed has another identity, in QMI, AT and status */
	assert_false(one->record.size == other->record.size &&
		     !memcmp(one->record.bytes, other->record.bytes, one->record.size));
	stage_free(one);
	stage_free(two);
	stage_free(other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(file_is_refused_with_line_and_reason),
		cmocka_unit_test(steps_are_taken_at_their_times),
		cmocka_unit_test(steps_come_sooner_when_time_is_scaled),
		cmocka_unit_test(steps_are_taken_anew_when_they_repeat),
		cmocka_unit_test(step_that_is_refused_does_not_end_the_scenario),
		cmocka_unit_test(bytes_are_the_same_when_seed_and_scenario_are),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
