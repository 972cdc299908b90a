/*
 * Manager host: what would be done by a loop is done by host_settle().
 */
#include "tests/fuzz/manager-host.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <systemd/sd-id128.h>
#include <unistd.h>

enum { TURNS_MAX = 600, HORIZON_USEC = 3000000 };

void host_check(bool holds)
{
	if (!holds)
		abort();
}

/* --- The modem's end of the port */

static void on_bytes(void *userdata, struct qk_span bytes)
{
	static uint8_t frame[QK_FRAME_MAX]; /* too large for the stack */
	struct host *h = userdata;
	size_t size = bytes.size;
	unsigned int times = 1;

	if (size > sizeof(frame) || size < 12 || h->modem_fd < 0)
		return;
	memcpy(frame, bytes.data, size);
	if (h->bend)
		times = h->bend(h->userdata, frame, &size);
	for (; times > 0 && size > 0; times--)
		(void)!send(h->modem_fd, frame, size, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static void on_hang_up(void *userdata)
{
	struct host *h = userdata;

	if (h->modem_fd >= 0)
		close(h->modem_fd);
	h->modem_fd = -1;
}

/* Whether the daemon said something. */
static bool listen_to_daemon(struct host *h)
{
	uint8_t buffer[4096];
	ssize_t size =
		h->modem_fd < 0 ? 0 : recv(h->modem_fd, buffer, sizeof(buffer), MSG_DONTWAIT);

	if (size <= 0)
		return false;
	qk_sim_input(h->port, (struct qk_span){ buffer, (size_t)size });
	return true;
}

/* Until nothing more happens, or for some time of the modem. */
void host_settle(struct host *h)
{
	uint64_t end = h->now_usec + HORIZON_USEC;

	for (unsigned int turns = 0; turns < TURNS_MAX; turns++) {
		bool busy = sd_event_run(h->event, 0) > 0;
		uint64_t due = qk_sim_next_usec(h->sim);

		busy = listen_to_daemon(h) || busy;
		if (busy)
			continue;
		if (due > end)
			return;
		h->now_usec = due > h->now_usec ? due : h->now_usec + 1;
		qk_sim_advance(h->sim, h->now_usec);
	}
}

void host_control(struct host *h, const char *line)
{
	qk_control_line(h->control, &h->user, line, strlen(line));
}

int host_on_answer(sd_bus_message *message, void *userdata, sd_bus_error *unused)
{
	const sd_bus_error *error = sd_bus_message_get_error(message);

	(void)userdata, (void)unused;
	if (error && strncmp(error->name, "org.freedesktop.ModemManager1.Error.", 36) != 0 &&
	    strncmp(error->name, "org.freedesktop.DBus.Error.", 27) != 0)
		abort();
	return 0;
}

void host_list_objects(struct host *h)
{
	host_check(sd_bus_call_method_async(h->client, NULL, NULL, HOST_PATH,
					    "org.freedesktop.DBus.ObjectManager",
					    "GetManagedObjects", host_on_answer, NULL, "") >= 0);
}

/* --- The world */

static void end_modem(struct host *h)
{
	struct modem *modem = h->modem;

	h->modem = NULL;
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

static sd_bus *end_of(struct host *h, int fd, bool server)
{
	sd_id128_t id = { .bytes = { 1 } };
	sd_bus *bus;

	host_check(sd_bus_new(&bus) >= 0 && sd_bus_set_fd(bus, fd, fd) >= 0);
	if (server)
		host_check(sd_bus_set_server(bus, 1, id) >= 0 && sd_bus_set_anonymous(bus, 1) >= 0);
	host_check(sd_bus_start(bus) >= 0 && sd_bus_attach_event(bus, h->event, 0) >= 0);
	return bus;
}

static void open_bus(struct host *h)
{
	int fds[2];

	host_check(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) == 0);
	host_check(sd_event_new(&h->event) >= 0);
	host_check(port_watch_new(h->event, &h->watch) == 0);
	host_check(ticker_new(h->event, &h->ticker) == 0);
	h->server = end_of(h, fds[0], true);
	h->client = end_of(h, fds[1], false);
	host_check(api_bus_new(h->server, HOST_PATH, NULL, NULL, &h->api) == 0);
}

static void open_sim(struct host *h)
{
	static const struct qk_sim_sink sink = { on_bytes, on_hang_up };
	/* once: reading it takes longer than all the rest */
	static struct qk_sim_profile *profile;
	char error[128];

	h->now_usec = 1000000;
	h->user.line = on_line;
	host_check((profile || qk_sim_profile_load("", &profile, error, sizeof(error)) == 0) &&
		   qk_sim_new(profile, 1, h->now_usec, &h->sim) == 0 &&
		   qk_control_new(&h->control) == 0 &&
		   qk_control_add_modem(h->control, h->sim) == 0 &&
		   qk_sim_attach(h->sim, &sink, h, &h->port) == 0);
	qk_control_add_user(h->control, &h->user);
}

/* A socket of the abstract namespace would be another process's to take; one in a file is nobody's. */
static void open_modem(struct host *h)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct modem_description description = { .plugin = "generic",
						 .uid = "1-1",
						 .device = "/sys/1-1" };
	char folder[] = "/tmp/fuzz-manager-XXXXXX";

	host_check(mkdtemp(folder) != NULL);
	snprintf(address.sun_path, sizeof(address.sun_path), "%s/port", folder);
	snprintf(description.qmi, sizeof(description.qmi), "unix:%s", address.sun_path);
	h->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	host_check(bind(h->listener, (struct sockaddr *)&address, sizeof(address)) == 0 &&
		   listen(h->listener, 1) == 0);
	host_check(modem_new(&h->host, 0, &description, &h->modem) == 0);
	h->modem_fd = accept(h->listener, NULL, NULL);
	host_check(h->modem_fd >= 0);
	unlink(address.sun_path);
	rmdir(folder);
}

void host_close(struct host *h)
{
	on_hang_up(h);
	host_settle(h);
	end_modem(h);
	host_settle(h);
	qk_control_remove_user(h->control, &h->user);
	qk_control_free(h->control);
	qk_sim_free(h->sim);
	registry_close(&h->registry);
	api_bus_free(h->api);
	sd_bus_close_unref(h->client);
	sd_bus_close_unref(h->server);
	ticker_free(h->ticker);
	port_watch_free(h->watch);
	sd_event_unref(h->event);
	close(h->listener);
}

void host_open(struct host *h, const char *folder)
{
	h->log = (struct log){ .level = -1 };
	h->listener = h->modem_fd = -1;
	setenv("QMI_PROXY_SOCKET", "/nonexistent", 1);
	open_bus(h);
	host_check(registry_open(&h->registry, &h->log, folder, folder) == 0);
	h->host = (struct modem_host){
		.api = h->api,
		.event = h->event,
		.watch = h->watch,
		.ticker = h->ticker,
		.log = &h->log,
		.registry = &h->registry,
		.next_bearer = &h->bearers,
		.next_sms = &h->messages,
		.next_call = &h->calls,
		.next_cbm = &h->pages,
		.identified = on_identified,
		.gone = on_gone,
		.userdata = h,
	};
	open_sim(h);
	open_modem(h);
	host_settle(h);
}
