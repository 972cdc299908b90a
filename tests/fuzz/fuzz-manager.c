/*
 * Fuzz target: a modem for its whole life in the daemon, with a virtual one behind it whose answers are bent. The
 * input is read as a row of bytes: what happens next (a call on the bus, something that comes to the modem), and for
 * each frame of the modem whether and how it is bent. Nothing is left of it in the end, errors are those that are
 * published, and the daemon's objects can be listed at any time.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <systemd/sd-id128.h>
#include <unistd.h>

#include "api/api-names.h"
#include "api/value.h"
#include "manager/modem.h"
#include "manager/registry.h"
#include "sim/control.h"
#include "sim/sim.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define PATH "/org/freedesktop/ModemManager1"

enum { STEPS_MAX = 24, TURNS_MAX = 600, HORIZON_USEC = 3000000 };

struct world {
	const uint8_t *data;
	size_t size;
	sd_event *event;
	sd_bus *server, *client;
	struct api_bus *api;
	struct log log;
	struct registry registry;
	unsigned int bearers, messages, calls, pages;
	struct modem_host host;
	struct modem *modem; /* NULL: it has gone */
	struct qk_sim *sim;
	struct qk_sim_port *port;
	struct qk_control *control;
	struct qk_control_user user;
	uint64_t now_usec;
	int listener, modem_fd;
};

static void check(bool holds)
{
	if (!holds)
		abort();
}

static uint8_t next(struct world *w)
{
	if (w->size == 0)
		return 0;
	w->size--;
	return *w->data++;
}

/* --- The modem's end of the port */

enum { BEND_FLIP = 224, BEND_OVERWRITE, BEND_CUT, BEND_LOSE, BEND_TWICE };

/* Both lengths of a frame fit `size` bytes. */
static void set_lengths(uint8_t *frame, size_t size)
{
	size_t header = frame[4] ? 13 : 12; /* CTL's transactions are one byte */

	if (size < header)
		return;
	frame[1] = (uint8_t)(size - 1);
	frame[2] = (uint8_t)((size - 1) >> 8);
	frame[header - 2] = (uint8_t)(size - header);
	frame[header - 1] = (uint8_t)((size - header) >> 8);
}

static void bend(struct world *w, uint8_t how, uint8_t *frame, size_t *size)
{
	size_t at = next(w) | (size_t)(next(w) & 3) << 8, count;

	switch (how) {
	case BEND_FLIP:
		frame[at % *size] ^= next(w);
		break;
	case BEND_OVERWRITE:
		count = next(w) & 31;
		for (at = 12 + at % *size; count > 0 && at < *size; count--)
			frame[at++] = next(w);
		break;
	case BEND_CUT:
		*size -= at % *size;
		set_lengths(frame, *size);
		break;
	case BEND_LOSE:
		*size = 0;
		break;
	default:
		break;
	}
}

static void on_bytes(void *userdata, struct qk_span bytes)
{
	static uint8_t frame[QK_FRAME_MAX]; /* too large for the stack */
	struct world *w = userdata;
	uint8_t how = next(w);
	size_t size = bytes.size;

	if (size > sizeof(frame) || size < 12 || w->modem_fd < 0)
		return;
	memcpy(frame, bytes.data, size);
	if (how >= BEND_FLIP)
		bend(w, how, frame, &size);
	for (int i = how == BEND_TWICE ? 2 : 1; i > 0 && size > 0; i--)
		(void)!send(w->modem_fd, frame, size, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static void on_hang_up(void *userdata)
{
	struct world *w = userdata;

	if (w->modem_fd >= 0)
		close(w->modem_fd);
	w->modem_fd = -1;
}

/* Whether the daemon said something. */
static bool listen_to_daemon(struct world *w)
{
	uint8_t buffer[4096];
	ssize_t size =
		w->modem_fd < 0 ? 0 : recv(w->modem_fd, buffer, sizeof(buffer), MSG_DONTWAIT);

	if (size <= 0)
		return false;
	qk_sim_input(w->port, (struct qk_span){ buffer, (size_t)size });
	return true;
}

/* Until nothing more happens, or for some time of the modem. */
static void settle(struct world *w)
{
	uint64_t end = w->now_usec + HORIZON_USEC;

	for (unsigned int turns = 0; turns < TURNS_MAX; turns++) {
		bool busy = sd_event_run(w->event, 0) > 0;
		uint64_t due = qk_sim_next_usec(w->sim);

		busy = listen_to_daemon(w) || busy;
		if (busy)
			continue;
		if (due > end)
			return;
		w->now_usec = due > w->now_usec ? due : w->now_usec + 1;
		qk_sim_advance(w->sim, w->now_usec);
	}
}

/* --- What happens */

static const struct {
	const struct api_method *method;
	const char *path, *in;
} calls[] = {
	{ API_METHOD_MODEM_ENABLE, PATH "/Modem/0", "[true]" },
	{ API_METHOD_MODEM_ENABLE, PATH "/Modem/0", "[false]" },
	{ API_METHOD_SIMPLE_CONNECT, PATH "/Modem/0", "[{\"apn\": \"internet\", \"ip-type\": 4}]" },
	{ API_METHOD_SIMPLE_DISCONNECT, PATH "/Modem/0", "[\"/\"]" },
	{ API_METHOD_MODEM_CREATE_BEARER, PATH "/Modem/0", "[{\"apn\": \"internet\"}]" },
	{ API_METHOD_BEARER_CONNECT, PATH "/Bearer/0", "[]" },
	{ API_METHOD_BEARER_DISCONNECT, PATH "/Bearer/0", "[]" },
	{ API_METHOD_MODEM_DELETE_BEARER, PATH "/Modem/0", "[\"" PATH "/Bearer/0\"]" },
	{ API_METHOD_MODEM3GPP_SCAN, PATH "/Modem/0", "[]" },
	{ API_METHOD_MODEM3GPP_REGISTER, PATH "/Modem/0", "[\"00102\"]" },
	{ API_METHOD_MESSAGING_CREATE, PATH "/Modem/0",
	  "[{\"number\": \"+491\", \"text\": \"Hello\"}]" },
	{ API_METHOD_SMS_SEND, PATH "/SMS/0", "[]" },
	{ API_METHOD_SMS_STORE, PATH "/SMS/0", "[1]" },
	{ API_METHOD_MESSAGING_DELETE, PATH "/Modem/0", "[\"" PATH "/SMS/0\"]" },
	{ API_METHOD_LOCATION_SETUP, PATH "/Modem/0", "[7, true]" },
	{ API_METHOD_LOCATION_GET_LOCATION, PATH "/Modem/0", "[]" },
	{ API_METHOD_USSD_INITIATE, PATH "/Modem/0", "[\"*101#\"]" },
	{ API_METHOD_USSD_RESPOND, PATH "/Modem/0", "[\"1\"]" },
	{ API_METHOD_USSD_CANCEL, PATH "/Modem/0", "[]" },
	{ API_METHOD_VOICE_CREATE_CALL, PATH "/Modem/0", "[{\"number\": \"+491\"}]" },
	{ API_METHOD_CALL_START, PATH "/Call/0", "[]" },
	{ API_METHOD_CALL_HANGUP, PATH "/Call/0", "[]" },
	{ API_METHOD_CALL_ACCEPT, PATH "/Call/0", "[]" },
	{ API_METHOD_SIM_ENABLE_PIN, PATH "/SIM/0", "[\"1234\", true]" },
	{ API_METHOD_SIM_SEND_PIN, PATH "/SIM/0", "[\"1234\"]" },
	{ API_METHOD_SIGNAL_SETUP, PATH "/Modem/0", "[1]" },
	{ API_METHOD_MODEM_GET_CELL_INFO, PATH "/Modem/0", "[]" },
	{ API_METHOD_PROFILE_MANAGER_LIST, PATH "/Modem/0", "[]" },
	{ API_METHOD_MODEM_SET_CURRENT_MODES, PATH "/Modem/0", "[[8, 0]]" },
	{ API_METHOD_TIME_GET_NETWORK_TIME, PATH "/Modem/0", "[]" },
	{ API_METHOD_MODEM_RESET, PATH "/Modem/0", "[]" },
};

static const char *const events[] = {
	"{\"do\": \"sms\", \"from\": \"+4915550100\", \"text\": \"Hello\"}",
	"{\"do\": \"sms-pdu\", \"pdu\": \"038121F340048155550119906041001222048C0500031E0301041804420430\"}",
	"{\"do\": \"call\", \"from\": \"+4915550101\"}",
	"{\"do\": \"call-remote\", \"act\": \"hang-up\"}",
	"{\"do\": \"ussd\", \"text\": \"Yes or no?\", \"more\": true}",
	"{\"do\": \"card-remove\"}",
	"{\"do\": \"card-insert\"}",
	"{\"do\": \"registration\", \"state\": \"lost\"}",
	"{\"do\": \"registration\", \"state\": \"home\"}",
	"{\"do\": \"signal\", \"rsrp\": -120}",
	"{\"do\": \"network-time\", \"seconds\": 1700000000, \"quarters\": 8}",
	"{\"do\": \"data-drop\", \"reason\": \"emm-detached\"}",
	"{\"do\": \"cell-broadcast\", \"text\": \"Storm\"}",
	"{\"do\": \"reset\"}",
};

enum { CALLS = sizeof(calls) / sizeof(calls[0]), EVENTS = sizeof(events) / sizeof(events[0]) };

static int on_answer(sd_bus_message *message, void *userdata, sd_bus_error *unused)
{
	const sd_bus_error *error = sd_bus_message_get_error(message);

	(void)userdata, (void)unused;
	if (error && strncmp(error->name, "org.freedesktop.ModemManager1.Error.", 36) != 0 &&
	    strncmp(error->name, "org.freedesktop.DBus.Error.", 27) != 0)
		abort();
	return 0;
}

static void call(struct world *w, size_t index)
{
	const struct api_method *method = calls[index].method;
	json_t *in = json_loads(calls[index].in, 0, NULL);
	sd_bus_message *message = NULL;

	check(in != NULL);
	check(sd_bus_message_new_method_call(w->client, &message, NULL, calls[index].path,
					     method->interface->name, method->name) >= 0);
	for (size_t i = 0; i < method->input_count; i++)
		check(api_write(message, &method->inputs[i].type, json_array_get(in, i), NULL) ==
		      0);
	check(sd_bus_call_async(w->client, NULL, message, on_answer, NULL, UINT64_MAX) >= 0);
	sd_bus_message_unref(message);
	json_decref(in);
}

static void list_objects(struct world *w)
{
	check(sd_bus_call_method_async(w->client, NULL, NULL, PATH,
				       "org.freedesktop.DBus.ObjectManager", "GetManagedObjects",
				       on_answer, NULL, "") >= 0);
}

static void happen(struct world *w)
{
	size_t what = next(w) % (CALLS + EVENTS);

	if (what < CALLS)
		call(w, what);
	else
		qk_control_line(w->control, &w->user, events[what - CALLS],
				strlen(events[what - CALLS]));
	list_objects(w);
	/* Some things come while others are under way. */
	if (next(w) < 160)
		settle(w);
	else
		(void)!sd_event_run(w->event, 0);
}

/* --- The world */

static void end_modem(struct world *w)
{
	struct modem *modem = w->modem;

	w->modem = NULL;
	if (!modem)
		return;
	modem_gone(modem);
	modem_unref(modem);
}

static void on_gone(struct modem *modem, const char *what, int error, void *userdata)
{
	(void)modem, (void)what, (void)error;
	end_modem(userdata);
}

static void on_identified(struct modem *modem, void *userdata)
{
	(void)modem, (void)userdata;
}

static void on_line(void *userdata, const char *json, size_t size)
{
	(void)userdata, (void)json, (void)size;
}

static sd_bus *end_of(struct world *w, int fd, bool server)
{
	sd_id128_t id = { .bytes = { 1 } };
	sd_bus *bus;

	check(sd_bus_new(&bus) >= 0 && sd_bus_set_fd(bus, fd, fd) >= 0);
	if (server)
		check(sd_bus_set_server(bus, 1, id) >= 0 && sd_bus_set_anonymous(bus, 1) >= 0);
	check(sd_bus_start(bus) >= 0 && sd_bus_attach_event(bus, w->event, 0) >= 0);
	return bus;
}

static void open_bus(struct world *w)
{
	int fds[2];

	check(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) == 0);
	check(sd_event_new(&w->event) >= 0);
	w->server = end_of(w, fds[0], true);
	w->client = end_of(w, fds[1], false);
	check(api_bus_new(w->server, PATH, NULL, NULL, &w->api) == 0);
}

static void open_sim(struct world *w)
{
	static const struct qk_sim_sink sink = { on_bytes, on_hang_up };
	/* once: reading it takes longer than all the rest */
	static struct qk_sim_profile *profile;
	char error[128];

	w->now_usec = 1000000;
	w->user.line = on_line;
	check((profile || qk_sim_profile_load("", &profile, error, sizeof(error)) == 0) &&
	      qk_sim_new(profile, 1, w->now_usec, &w->sim) == 0 &&
	      qk_control_new(&w->control) == 0 && qk_control_add_modem(w->control, w->sim) == 0 &&
	      qk_sim_attach(w->sim, &sink, w, &w->port) == 0);
	qk_control_add_user(w->control, &w->user);
}

/* A socket of the abstract namespace would be another process's to take; one in a file is nobody's. */
static void open_modem(struct world *w)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct modem_description description = { .plugin = "generic",
						 .uid = "1-1",
						 .device = "/sys/1-1" };
	char folder[] = "/tmp/fuzz-manager-XXXXXX";

	check(mkdtemp(folder) != NULL);
	snprintf(address.sun_path, sizeof(address.sun_path), "%s/port", folder);
	snprintf(description.qmi, sizeof(description.qmi), "unix:%s", address.sun_path);
	w->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	check(bind(w->listener, (struct sockaddr *)&address, sizeof(address)) == 0 &&
	      listen(w->listener, 1) == 0);
	check(modem_new(&w->host, 0, &description, &w->modem) == 0);
	w->modem_fd = accept(w->listener, NULL, NULL);
	check(w->modem_fd >= 0);
	unlink(address.sun_path);
	rmdir(folder);
}

static void close_world(struct world *w)
{
	on_hang_up(w);
	settle(w);
	end_modem(w);
	settle(w);
	qk_control_remove_user(w->control, &w->user);
	qk_control_free(w->control);
	qk_sim_free(w->sim);
	registry_close(&w->registry);
	api_bus_free(w->api);
	sd_bus_close_unref(w->client);
	sd_bus_close_unref(w->server);
	sd_event_unref(w->event);
	close(w->listener);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct world w = {
		.data = data, .size = size, .log = { .level = -1 }, .listener = -1, .modem_fd = -1
	};

	setenv("QMI_PROXY_SOCKET", "/nonexistent", 1);
	open_bus(&w);
	check(registry_open(&w.registry, &w.log, NULL, NULL) == 0);
	w.host = (struct modem_host){
		.api = w.api,
		.event = w.event,
		.log = &w.log,
		.registry = &w.registry,
		.next_bearer = &w.bearers,
		.next_sms = &w.messages,
		.next_call = &w.calls,
		.next_cbm = &w.pages,
		.identified = on_identified,
		.gone = on_gone,
		.userdata = &w,
	};
	open_sim(&w);
	open_modem(&w);
	settle(&w);
	for (unsigned int i = 0; i < STEPS_MAX && w.size > 0; i++)
		happen(&w);
	close_world(&w);
	return 0;
}
