/*
 * Telling the broker which device is meant, and whose the ids are.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <qmikit/proxy.h>

struct opening {
	struct qk_device *device;
	qk_proxy_open_fn fn;
	void *userdata;
};

static struct qk_ctl_internal_proxy_open_request make_request(const char *path, const char *lease)
{
	return (struct qk_ctl_internal_proxy_open_request){
		.has_device_path = true,
		.device_path = { path, strlen(path) },
		.has_lease = lease != NULL,
		.lease = { lease, lease ? strlen(lease) : 0 },
	};
}

/* 0, or the positive error with which the broker refused, and `*ret`. */
static int read_answer(const struct qk_ctl_internal_proxy_open_response *answer,
		       struct qk_proxy_opened *ret)
{
	if (!answer->has_result)
		return -EBADMSG;
	*ret = (struct qk_proxy_opened){
		.features = answer->has_broker_features ? answer->broker_features : 0,
		.resumed = answer->has_resumed ? answer->resumed.items : NULL,
		.resumed_count = answer->has_resumed ? answer->resumed.count : 0,
	};
	if (!answer->result.status)
		return 0;
	if (answer->has_failure)
		ret->refusal = answer->failure;
	return answer->result.error ? answer->result.error : QK_ERROR_INTERNAL;
}

static void on_answer(struct qk_client *ctl, int status, const void *response, void *userdata)
{
	const struct opening *opening = userdata;
	struct qk_proxy_opened opened;
	int r = status;

	(void)ctl;
	if (r == 0)
		r = read_answer(response, &opened);
	opening->fn(opening->device, r < 0 ? r : 0, r > 0 ? (uint16_t)r : 0, r < 0 ? NULL : &opened,
		    opening->userdata);
}

int qk_proxy_open(struct qk_device *device, const char *path, const char *lease,
		  uint64_t timeout_usec, qk_proxy_open_fn fn, void *userdata)
{
	struct qk_ctl_internal_proxy_open_request request = make_request(path, lease);
	struct opening *opening;
	struct qk_call_options call = { .timeout_usec = timeout_usec, .destroy = free };

	if (!fn)
		return -EINVAL;
	opening = malloc(sizeof(*opening));
	if (!opening)
		return -ENOMEM;
	*opening = (struct opening){ device, fn, userdata };
	call.userdata = opening;
	return qk_ctl_internal_proxy_open(qk_device_ctl(device), &request, &call, on_answer);
}

int qk_proxy_open_sync(struct qk_device *device, const char *path, const char *lease,
		       uint64_t timeout_usec, struct qk_arena *arena, struct qk_proxy_opened *ret)
{
	struct qk_ctl_internal_proxy_open_request request = make_request(path, lease);
	struct qk_ctl_internal_proxy_open_response answer;
	struct qk_proxy_opened opened;
	int r = qk_call_sync(qk_device_ctl(device), &qk_ctl_internal_proxy_open_method, &request,
			     timeout_usec, arena, &answer);

	if (r == 0)
		r = read_answer(&answer, &opened);
	if (r >= 0 && ret)
		*ret = opened;
	return r;
}
