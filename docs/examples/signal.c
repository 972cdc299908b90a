/*
 * Signal: asks a modem how well it hears, with a plain poll(2) loop and no other library.
 *
 *     signal /dev/cdc-wdm0
 *     signal unix:/run/modem.sock
 *
 * Every step is a request whose answer comes to a callback; the loop in main() does the waiting.
 * A program with an event loop of its own watches the same descriptor and deadline there.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include <qmikit/device.h>
#include <qmikit/nas.h>

#define TIMEOUT_USEC 5000000

struct program {
	struct qk_device *device;
	struct qk_client *nas; /* our client id of the network access service */
	bool done;
	int exit_code;
};

static void finish(struct program *program, int exit_code)
{
	program->exit_code = exit_code;
	program->done = true;
}

/* Two ways to fail: no answer (`status`, an errno), or one that says no (`error`, a QMI error). */
static void complain(const char *what, int status, uint16_t error)
{
	const struct qk_error_info *info = qk_error_by_code(error);

	if (status < 0)
		fprintf(stderr, "signal: %s: %s\n", what, strerror(-status));
	else
		fprintf(stderr, "signal: %s: %s (%u)\n", what, info ? info->name : "refused",
			error);
}

static void on_released(struct qk_device *device, int status, uint16_t error, const char *step,
			void *userdata)
{
	struct program *program = userdata;

	(void)device;
	if (status < 0 || error)
		complain(step, status, error);
	finish(program, program->exit_code);
}

/* A modem has few client ids: give ours back whatever happened before. */
static void release(struct program *program, int exit_code)
{
	int r = qk_client_release(program->nas, TIMEOUT_USEC, on_released, program);

	program->exit_code = exit_code;
	if (r < 0) {
		complain("cannot release the client", r, 0);
		finish(program, 1);
	}
}

/* The answer is a plain struct; `has_` tells what the modem put into it. */
static void on_signal(struct qk_client *nas, int status, const void *response, void *userdata)
{
	const struct qk_nas_get_signal_info_response *answer = response;
	struct program *program = userdata;

	(void)nas;
	if (status < 0 || answer->result.status != 0) {
		complain("cannot get the signal", status, answer ? answer->result.error : 0);
		release(program, 1);
		return;
	}
	if (answer->has_lte_signal_strength)
		printf("LTE: RSSI %d dBm, RSRP %d dBm\n", answer->lte_signal_strength.rssi,
		       answer->lte_signal_strength.rsrp);
	else
		printf("no LTE signal\n");
	release(program, 0);
}

static void on_client(struct qk_device *device, int status, uint16_t error,
		      struct qk_client *client, void *userdata)
{
	const struct qk_call_options how = { .timeout_usec = TIMEOUT_USEC, .userdata = userdata };
	struct program *program = userdata;
	int r;

	(void)device;
	if (status < 0 || error) {
		complain("cannot allocate a client", status, error);
		finish(program, 1);
		return;
	}
	/* It is lent to us: without a reference of our own its id would go back at once. */
	program->nas = qk_client_ref(client);
	r = qk_call(client, &qk_nas_get_signal_info_method, NULL, &how, on_signal);
	if (r < 0) {
		complain("cannot ask for the signal", r, 0);
		release(program, 1);
	}
}

static int open_device(const char *path, struct qk_device **ret)
{
	struct qk_transport *transport;
	int r = strncmp(path, "unix:", 5) == 0 ? qk_transport_connect_unix(path + 5, &transport)
					       : qk_transport_open_chardev(path, &transport);

	return r < 0 ? r : qk_device_new(transport, NULL, ret);
}

static int run(struct program *program)
{
	struct pollfd fd = { .fd = qk_device_fd(program->device), .events = POLLIN };
	int r = qk_client_allocate(program->device, QK_SERVICE_ID_NAS, TIMEOUT_USEC, on_client,
				   program);

	while (r == 0 && !program->done) {
		uint64_t wait = qk_device_wait_usec(program->device);

		/* poll() counts milliseconds: round up, so as not to wake too early. */
		if (poll(&fd, 1, wait > 60000000 ? 60000 : (int)((wait + 999) / 1000)) < 0)
			r = -errno;
		else
			r = qk_device_process(program->device);
	}
	return r;
}

int main(int argc, char **argv)
{
	struct program program = { .exit_code = 1 };
	int r = argc == 2 ? open_device(argv[1], &program.device) : -EINVAL;

	if (r == 0)
		r = run(&program);
	if (r < 0)
		complain(argc == 2 ? argv[1] : "usage: signal DEVICE", r, 0);
	qk_client_unref(program.nas);
	qk_device_unref(program.device);
	return r < 0 ? 1 : program.exit_code;
}
