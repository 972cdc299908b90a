/*
 * Asks the broker that runs what it holds: one proxy-open that names no device.
 */
#include "status-client.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <qmikit/ctl.h>
#include <qmikit/device.h>

struct answer {
	int status;
	bool done;
	const struct options *options;
};

static int failed(const char *doing, const char *why)
{
	fprintf(stderr, "error: %s: %s\n", doing, why);
	return -EIO;
}

static void on_answer(struct qk_client *ctl, int status, const void *response, void *userdata)
{
	const struct qk_ctl_internal_proxy_open_response *told = response;
	struct answer *answer = userdata;

	(void)ctl;
	answer->done = true;
	answer->status = status;
	if (status < 0)
		return;
	if (!told->has_status) {
		answer->status = -EPROTONOSUPPORT;
		return;
	}
	fwrite(told->status.data, 1, told->status.size, stdout);
	if (answer->options->json)
		putchar('\n');
	if (fflush(stdout) == EOF)
		answer->status = -errno;
}

/* The socket in the folder first: it is there in every network namespace. */
static int connect_broker(const struct options *options, struct qk_transport **ret)
{
	char path[128];
	int r = -ENOENT;

	if (*options->folder &&
	    snprintf(path, sizeof(path), "%s/socket", options->folder) < (int)sizeof(path))
		r = qk_transport_connect_unix(path, ret);
	if (r < 0 && *options->name &&
	    snprintf(path, sizeof(path), "@%s", options->name) < (int)sizeof(path))
		r = qk_transport_connect_unix(path, ret);
	return r;
}

int status_ask(const struct options *options)
{
	struct qk_ctl_internal_proxy_open_request request = {
		.has_want_status = true,
		.want_status = options->json ? QK_CTL_PROXY_STATUS_JSON : QK_CTL_PROXY_STATUS_TEXT,
	};
	struct answer answer = { .options = options };
	struct qk_call_options call = { .userdata = &answer };
	struct qk_transport *transport;
	struct qk_device *device;
	int r = connect_broker(options, &transport);

	if (r < 0)
		return failed("no qmi-proxy answers", strerror(-r));
	r = qk_device_new(transport, NULL, &device);
	if (r < 0)
		return failed("couldn't ask qmi-proxy", strerror(-r));
	r = qk_ctl_internal_proxy_open(qk_device_ctl(device), &request, &call, on_answer);
	while (r == 0 && !answer.done)
		r = qk_device_wait(device, UINT64_MAX);
	if (answer.done)
		r = answer.status;
	qk_device_unref(device);
	if (r == -EPROTONOSUPPORT)
		return failed("couldn't ask qmi-proxy",
			      "the one that runs keeps no leases (libqmi's?)");
	if (r == -EPIPE || r == -ENODEV)
		return failed("couldn't ask qmi-proxy",
			      "it hung up; root and the members of its group may ask");
	return r < 0 ? failed("couldn't ask qmi-proxy", strerror(-r)) : 0;
}
