/*
 * Opening: what is asked of a modem before anything else, as a table of steps.
 *
 * One step is one CTL call. Each call holds a reference of the opening; the last one that ends
 * frees it, however it ends.
 */
#include <errno.h>
#include <stdlib.h>
#include <qmikit/ctl.h>

#include "lib/device/internal.h"

struct opening {
	unsigned int refs;
	struct qk_device *device;
	struct qk_open_options options;
	unsigned int step; /* the one that runs, or the next one */
	qk_done_fn fn;
	void *userdata;
	struct qk_ctl_set_data_format_request data_format;
	struct qk_slot **slot; /* the caller's, of the step that runs; or NULL */
};

struct open_step {
	const char *name;
	const struct qk_method *method;
	bool (*wanted)(const struct qk_open_options *options);
	const void *(*request)(struct opening *opening); /* NULL: without TLVs */
	/* What to keep of an answer without error; or NULL. */
	void (*finish)(struct qk_device *device, const void *response);
};

static bool wants_version_info(const struct qk_open_options *options)
{
	return options->version_info;
}

static bool wants_sync(const struct qk_open_options *options)
{
	return options->sync;
}

static bool wants_data_format(const struct qk_open_options *options)
{
	return options->data_format > 0;
}

static void keep_versions(struct qk_device *device, const void *response)
{
	const struct qk_ctl_get_version_info_response *answer = response;

	if (!answer->has_service_list)
		return;
	for (unsigned int i = 0; i <= UINT8_MAX; i++)
		device->versions[i].known = false;
	for (size_t i = 0; i < answer->service_list.count; i++) {
		uint8_t service = answer->service_list.items[i].service;

		device->versions[service] = (struct service_version){
			.known = true,
			.major = answer->service_list.items[i].major_version,
			.minor = answer->service_list.items[i].minor_version,
		};
	}
	device->versions_known = true;
}

static const void *data_format_request(struct opening *opening)
{
	opening->data_format = (struct qk_ctl_set_data_format_request){
		.has_format = true,
		.format = (uint8_t)(opening->options.data_format - 1),
		.has_protocol = opening->options.link_protocol > 0,
		.protocol = opening->options.link_protocol,
	};
	return &opening->data_format;
}

static const struct open_step open_steps[] = {
	{
		.name = "get version info",
		.method = &qk_ctl_get_version_info_method,
		.wanted = wants_version_info,
		.finish = keep_versions,
	},
	{
		.name = "sync",
		.method = &qk_ctl_sync_method,
		.wanted = wants_sync,
	},
	{
		.name = "set data format",
		.method = &qk_ctl_set_data_format_method,
		.wanted = wants_data_format,
		.request = data_format_request,
	},
};

#define OPEN_STEPS (sizeof(open_steps) / sizeof(open_steps[0]))

static void opening_unref(void *userdata)
{
	struct opening *opening = userdata;

	if (--opening->refs == 0)
		free(opening);
}

static void on_step(struct qk_client *ctl, int status, const void *response, void *userdata);

/* Starts the next step that is wanted: 1 started, 0 none is left, or a negative errno. */
static int start_step(struct opening *opening)
{
	const struct qk_call_options call = {
		.timeout_usec = opening->options.timeout_usec,
		.userdata = opening,
		.destroy = opening_unref,
		.ret_slot = opening->slot,
	};
	const struct open_step *step;
	const void *request;
	int r;

	while (opening->step < OPEN_STEPS && !open_steps[opening->step].wanted(&opening->options))
		opening->step++;
	if (opening->step == OPEN_STEPS)
		return 0;
	step = &open_steps[opening->step];
	request = step->request ? step->request(opening) : NULL;
	opening->refs++;
	r = qk_call(&opening->device->ctl, step->method, request, &call, on_step);
	return r < 0 ? r : 1;
}

static void report(struct opening *opening, int status, uint16_t error)
{
	const char *name = opening->step < OPEN_STEPS ? open_steps[opening->step].name : "open";

	opening->fn(opening->device, status, error, name, opening->userdata);
}

static void on_step(struct qk_client *ctl, int status, const void *response, void *userdata)
{
	struct opening *opening = userdata;
	const struct open_step *step = &open_steps[opening->step];
	uint16_t error = 0;

	(void)ctl;
	if (status == 0)
		status = qk_response_error(response, &error);
	if (status < 0 || error) {
		report(opening, status, error);
		return;
	}
	if (step->finish)
		step->finish(opening->device, response);
	if (opening->slot)
		*opening->slot = qk_slot_free(*opening->slot);
	opening->step++;
	status = start_step(opening);
	if (status <= 0)
		report(opening, status, 0);
}

static void on_nothing_to_do(struct qk_client *ctl, int status, const struct qk_frame *frame,
			     void *userdata)
{
	(void)ctl;
	(void)frame;
	report(userdata, status, 0);
}

int qk_device_open_slot(struct qk_device *device, const struct qk_open_options *options,
			qk_done_fn fn, void *userdata, struct qk_slot **slot)
{
	struct opening *opening;
	int r;

	if (!fn)
		return -EINVAL;
	opening = calloc(1, sizeof(*opening));
	if (!opening)
		return -ENOMEM;
	*opening = (struct opening){
		.refs = 1,
		.device = device,
		.fn = fn,
		.userdata = userdata,
		.slot = slot,
	};
	if (options)
		opening->options = *options;
	r = start_step(opening);
	if (r == 0) {
		const struct qk_call_options call = {
			.userdata = opening,
			.destroy = opening_unref,
			.ret_slot = slot,
		};

		opening->refs++;
		r = qk_call_defer(&device->ctl, &call, on_nothing_to_do);
	}
	opening_unref(opening);
	return r < 0 ? r : 0;
}

int qk_device_open(struct qk_device *device, const struct qk_open_options *options, qk_done_fn fn,
		   void *userdata)
{
	return qk_device_open_slot(device, options, fn, userdata, NULL);
}

int qk_device_service_version(const struct qk_device *device, uint8_t service, uint16_t *ret_major,
			      uint16_t *ret_minor)
{
	const struct service_version *version = &device->versions[service];

	if (!device->versions_known)
		return -ENODATA;
	if (!version->known)
		return -ENOENT;
	*ret_major = version->major;
	*ret_minor = version->minor;
	return 0;
}
