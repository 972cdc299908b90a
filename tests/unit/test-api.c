/*
 * Api: the tables, values in both directions, and objects on a bus: two ends of a socket pair in this process.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>
#include <systemd/sd-id128.h>

#include "api/api-names.h"
#include "api/object.h"
#include "api/value.h"

#define PATH "/org/freedesktop/ModemManager1/Modem/0"

struct world {
	sd_event *event;
	sd_bus *server, *client;
	struct api_bus *bus;
	struct api_object *modem;
	sd_bus_message *answer; /* of the last call, or a signal */
	struct api_call *waiting;
};

static sd_bus *end_of(struct world *w, int fd, bool server)
{
	sd_bus *bus;

	assert_int_equal(sd_bus_new(&bus), 0);
	assert_true(sd_bus_set_fd(bus, fd, fd) >= 0);
	if (server) {
		sd_id128_t id;

		assert_true(sd_id128_randomize(&id) >= 0);
		assert_true(sd_bus_set_server(bus, 1, id) >= 0);
		assert_true(sd_bus_set_anonymous(bus, 1) >= 0);
	}
	assert_true(sd_bus_start(bus) >= 0);
	assert_true(sd_bus_attach_event(bus, w->event, 0) >= 0);
	return bus;
}

static void on_create(struct api_call *call, const json_t *in, void *userdata)
{
	struct world *w = userdata;
	const json_t *properties = json_array_get(in, 0);

	if (strcmp(json_string_value(json_object_get(properties, "apn")), "later") == 0) {
		w->waiting = call;
		return;
	}
	api_object_set(w->modem, API_MODEM_MAX_BEARERS,
		       json_incref(json_object_get(properties, "ip-type")));
	api_call_reply(call, json_pack("[s]", "/bearer"));
}

static const struct api_handler handlers[] = { { API_METHOD_MODEM_CREATE_BEARER, on_create } };

static int set_up(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds),
			 0);
	assert_true(sd_event_new(&w->event) >= 0);
	w->server = end_of(w, fds[0], true);
	w->client = end_of(w, fds[1], false);
	assert_int_equal(
		api_bus_new(w->server, "/org/freedesktop/ModemManager1", NULL, NULL, &w->bus), 0);
	assert_int_equal(api_object_new(w->bus, PATH, API_LISTED, w, &w->modem), 0);
	assert_int_equal(api_object_add(w->modem, API_MODEM, handlers, 1), 0);
	api_object_publish(w->modem);
	*state = w;
	return 0;
}

static int tear_down(void **state)
{
	struct world *w = *state;

	sd_bus_message_unref(w->answer);
	api_object_free(w->modem);
	api_bus_free(w->bus);
	sd_bus_close_unref(w->client);
	sd_bus_close_unref(w->server);
	sd_event_unref(w->event);
	free(w);
	return 0;
}

static int keep(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
	struct world *w = userdata;

	(void)error;
	sd_bus_message_unref(w->answer);
	w->answer = sd_bus_message_ref(message);
	return 0;
}

static void run(struct world *w)
{
	while (sd_event_run(w->event, 20000) > 0)
		;
}

/* Calls with arguments as sd_bus_message_append() takes them; the answer is in `w`. */
static void call(struct world *w, const char *member, const char *types, ...)
{
	sd_bus_message *message;
	va_list args;

	assert_true(sd_bus_message_new_method_call(w->client, &message, NULL, PATH,
						   "org.freedesktop.ModemManager1.Modem",
						   member) >= 0);
	va_start(args, types);
	assert_true(sd_bus_message_appendv(message, types, args) >= 0);
	va_end(args);
	assert_true(sd_bus_call_async(w->client, NULL, message, keep, w, 0) >= 0);
	sd_bus_message_unref(message);
	run(w);
}

static void assert_error(const struct world *w, const char *name)
{
	assert_non_null(w->answer);
	assert_true(sd_bus_message_is_method_error(w->answer, name));
}

/* A value as text through a message of the type and back. */
static void assert_travels(struct world *w, const struct api_type *type, const char *text)
{
	json_t *value = json_loads(text, JSON_DECODE_ANY, NULL), *back = NULL;
	sd_bus_message *message;
	struct api_trouble trouble = { "" };

	assert_non_null(value);
	assert_true(sd_bus_message_new_signal(w->server, &message, "/", "a.b", "c") >= 0);
	assert_int_equal(api_write(message, type, value, &trouble), 0);
	assert_true(sd_bus_message_seal(message, 1, 0) >= 0);
	assert_int_equal(api_read(message, type, &back, &trouble), 0);
	assert_true(json_equal(value, back));
	json_decref(value);
	json_decref(back);
	sd_bus_message_unref(message);
}

static void api_value_travels_whatever_its_type(void **state)
{
	struct world *w = *state;

	assert_travels(w, &API_MODEM_STATE->field.type, "-1");
	assert_travels(w, &API_MODEM_CURRENT_MODES->field.type, "[28, 8]");
	assert_travels(w, &API_MODEM_PORTS->field.type, "[[\"cdc-wdm0\", 6], [\"ttyUSB2\", 3]]");
	assert_travels(w, &API_MODEM_UNLOCK_RETRIES->field.type, "{\"2\": 3, \"4\": 10}");
	assert_travels(w, &API_BEARER_IP4_CONFIG->field.type,
		       "{\"method\": 2, \"address\": \"10.1.2.3\", \"prefix\": 29, \"mtu\": 1500}");
	assert_travels(w, &API_BEARER_STATS->field.type,
		       "{\"rx-bytes\": 5000000000, \"duration\": 9}");
	assert_travels(w, &API_SIGNAL_LTE->field.type, "{\"rsrp\": -91.5, \"snr\": 12.0}");
	assert_travels(
		w, &API_LOCATION_LOCATION->field.type,
		"{\"1\": [\"s\", \"001,01,FFFE,1A2D003\"], \"2\": [\"a{sv}\", {\"latitude\": 48.5}]}");
	assert_travels(w, &API_SMS_VALIDITY->field.type, "[1, [\"u\", 5]]");
	assert_travels(w, &API_MODEM3GPP_PCO->field.type, "[[1, true, [39, 128, 0]]]");
	assert_travels(w, &API_FIRMWARE_UPDATE_SETTINGS->field.type,
		       "[2, {\"device-ids\": [\"USB\\\\VID_2C7C\"], \"version\": \"EC25\"}]");
}

static void api_value_is_refused_when_it_does_not_fit(void **state)
{
	static const char *const bad[] = {
		"-1", "4294967296", "\"1\"", "null", "true", "1.5", "[1]"
	};
	struct world *w = *state;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(api_object_set(w->modem, API_MODEM_MAX_BEARERS,
						json_loads(bad[i], JSON_DECODE_ANY, NULL)),
				 -EINVAL);
	assert_int_equal(api_object_set(w->modem, API_MODEM_SIM, json_string("no path")), -EINVAL);
	assert_int_equal(api_object_set(w->modem, API_MODEM_CURRENT_MODES, json_pack("[i]", 1)),
			 -EINVAL);
	assert_int_equal(api_object_set(w->modem, API_SIM_ACTIVE, json_true()), -ENOENT);
	assert_int_equal(json_integer_value(api_object_get(w->modem, API_MODEM_MAX_BEARERS)), 0);
}

static void api_method_gets_its_arguments_by_name(void **state)
{
	struct world *w = *state;
	const char *path;

	call(w, "CreateBearer", "a{sv}", 2, "apn", "s", "internet", "ip-type", "u", 4);
	assert_false(sd_bus_message_is_method_error(w->answer, NULL));
	assert_true(sd_bus_message_read(w->answer, "o", &path) > 0);
	assert_string_equal(path, "/bearer");
	assert_int_equal(json_integer_value(api_object_get(w->modem, API_MODEM_MAX_BEARERS)), 4);
}

static void api_method_refuses_what_the_dictionary_lacks(void **state)
{
	struct world *w = *state;

	call(w, "CreateBearer", "a{sv}", 1, "ap", "s", "internet");
	assert_error(w, MM_CORE_ERROR_INVALID_ARGS);
	assert_non_null(strstr(sd_bus_message_get_error(w->answer)->message, "'ap'"));
	call(w, "CreateBearer", "a{sv}", 1, "ip-type", "s", "4");
	assert_error(w, MM_CORE_ERROR_INVALID_ARGS);
	assert_non_null(
		strstr(sd_bus_message_get_error(w->answer)->message, "is of type u, not s"));
	call(w, "CreateBearer", "a{si}", 1, "ip-type", 4);
	assert_true(sd_bus_message_is_method_error(w->answer, NULL));
	call(w, "Reset", "");
	assert_error(w, MM_CORE_ERROR_UNSUPPORTED);
}

static void api_call_ends_when_its_object_goes(void **state)
{
	struct world *w = *state;

	call(w, "CreateBearer", "a{sv}", 1, "apn", "s", "later");
	assert_null(w->answer);
	assert_non_null(w->waiting);
	w->modem = api_object_free(w->modem);
	run(w);
	assert_error(w, MM_CORE_ERROR_ABORTED);
	assert_null(api_call_message(w->waiting));
	api_call_reply(w->waiting, json_pack("[s]", "/bearer")); /* too late, and no harm */
}

static int on_changed(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
	if (sd_bus_message_is_signal(message, "org.freedesktop.DBus.Properties",
				     "PropertiesChanged"))
		keep(message, userdata, error);
	return 0;
}

static void api_changes_are_told_together_and_once(void **state)
{
	struct world *w = *state;
	const char *interface, *key;
	size_t count = 0;

	assert_true(sd_bus_add_filter(w->client, NULL, on_changed, w) >= 0);
	api_object_set(w->modem, API_MODEM_STATE, json_integer(MM_MODEM_STATE_ENABLED));
	api_object_set(w->modem, API_MODEM_STATE, json_integer(MM_MODEM_STATE_REGISTERED));
	api_object_set(w->modem, API_MODEM_MODEL, json_string("EC25"));
	api_object_set(w->modem, API_MODEM_REVISION, json_string("")); /* what it was */
	run(w);
	assert_non_null(w->answer);
	assert_true(sd_bus_message_read(w->answer, "s", &interface) > 0);
	assert_string_equal(interface, "org.freedesktop.ModemManager1.Modem");
	assert_true(sd_bus_message_enter_container(w->answer, 'a', "{sv}") > 0);
	while (sd_bus_message_enter_container(w->answer, 'e', "sv") > 0) {
		assert_true(sd_bus_message_read(w->answer, "s", &key) > 0);
		assert_true(sd_bus_message_skip(w->answer, "v") > 0);
		assert_true(sd_bus_message_exit_container(w->answer) > 0);
		count++;
	}
	assert_int_equal(count, 2);
}

static void api_names_fit_numbers(void **state)
{
	char text[64];
	int64_t number;

	(void)state;
	assert_string_equal(api_value_name(&api_values_modem_state, -1), "failed");
	assert_string_equal(api_value_name(&api_values_modem_band, 50), "eutran-20");
	assert_string_equal(api_value_name(&api_values_modem_band, 378), "ngran-78");
	assert_null(api_value_name(&api_values_modem_state, 99));
	assert_true(api_value_number(&api_values_modem_lock, "sim-puk", &number));
	assert_int_equal(number, MM_MODEM_LOCK_SIM_PUK);
	assert_false(api_value_number(&api_values_modem_lock, "nonsense", &number));
	assert_string_equal(api_flags_text(&api_values_modem_capability, 0xc, text, sizeof(text)),
			    "gsm-umts, lte");
	assert_string_equal(api_flags_text(&api_values_modem_capability, 0, text, sizeof(text)),
			    "none");
	assert_string_equal(api_flags_text(&api_values_modem_capability, 0x18, text, sizeof(text)),
			    "lte, 0x10");
	assert_string_equal(api_flags_text(&api_values_modem_capability, 0xc, text, 8), "gsm-umt");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(api_value_travels_whatever_its_type, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(api_value_is_refused_when_it_does_not_fit, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(api_method_gets_its_arguments_by_name, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(api_method_refuses_what_the_dictionary_lacks,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(api_call_ends_when_its_object_goes, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(api_changes_are_told_together_and_once, set_up,
						tear_down),
		cmocka_unit_test(api_names_fit_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
