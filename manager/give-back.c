/*
 * Give back: each id is a call of CTL; those that fail wait for one timer.
 */
#include "give-back.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <qmikit/device.h>

/* The first wait; each is twice the one before, up to some 4 min. */
enum { WAIT_USEC = 2000000, DOUBLINGS_MAX = 7 };

struct give_back {
	unsigned int refs; /* of the owner, and of each call that runs */
	bool ended;
	sd_event *event;
	struct qk_device *device;
	void (*log)(void *userdata, const char *line);
	void *userdata;
	struct qk_ctl_client ids[GIVE_BACK_MAX];
	size_t count;
	unsigned int doublings;
	sd_event_source *timer;
};

/* One that is on its way. */
struct giving {
	struct give_back *back;
	struct qk_ctl_client id;
};

static void back_unref(struct give_back *back)
{
	if (--back->refs == 0)
		free(back);
}

static void end_giving(void *userdata)
{
	struct giving *giving = userdata;

	back_unref(giving->back);
	free(giving);
}

static void lose(const struct give_back *back)
{
	back->log(back->userdata, "a client id could not be given back");
}

static int on_time(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct give_back *back = userdata;
	struct qk_ctl_client ids[GIVE_BACK_MAX];
	size_t count = back->count;

	(void)source, (void)usec;
	memcpy(ids, back->ids, sizeof(ids));
	back->count = 0;
	for (size_t i = 0; i < count; i++)
		give_back(back, &ids[i]);
	return 0;
}

static void wait_again(struct give_back *back)
{
	uint64_t wait = (uint64_t)WAIT_USEC << back->doublings;
	int r;

	if (back->doublings < DOUBLINGS_MAX)
		back->doublings++;
	if (!back->timer) {
		r = sd_event_add_time_relative(back->event, &back->timer, CLOCK_MONOTONIC, wait, 0,
					       on_time, back);
	} else {
		r = sd_event_source_set_time_relative(back->timer, wait);
		if (r >= 0)
			r = sd_event_source_set_enabled(back->timer, SD_EVENT_ONESHOT);
	}
	if (r < 0)
		lose(back);
}

/* The first that waits sets the time for all. */
static void keep(struct give_back *back, const struct qk_ctl_client *id)
{
	if (back->count == GIVE_BACK_MAX) {
		lose(back);
		return;
	}
	back->ids[back->count++] = *id;
	if (back->count == 1)
		wait_again(back);
}

static void on_answer(struct qk_client *ctl, int status, const void *response, void *userdata)
{
	const struct qk_ctl_release_cid_response *answer = response;
	const struct giving *giving = userdata;
	struct give_back *back = giving->back;

	(void)ctl;
	/* What a device that died has, and the next one, is for its owner to find out. */
	if (back->ended || (status < 0 && status != -ETIMEDOUT && status != -EBADMSG))
		return;
	if (status == 0 && answer->has_result &&
	    (!answer->result.status || answer->result.error == QK_ERROR_INVALID_CLIENT_ID))
		back->doublings = 0;
	else
		keep(back, &giving->id);
}

void give_back(struct give_back *back, const struct qk_ctl_client *id)
{
	const struct qk_ctl_release_cid_request request = {
		.has_release_info = true,
		.release_info = { .service = id->service, .cid = id->cid },
	};
	struct giving *giving = malloc(sizeof(*giving));

	if (!giving) {
		lose(back);
		return;
	}
	*giving = (struct giving){ back, *id };
	back->refs++;

	const struct qk_call_options options = { .userdata = giving, .destroy = end_giving };
	int r = qk_call(qk_device_ctl(back->device), &qk_ctl_release_cid_method, &request, &options,
			on_answer);

	if (r == -EAGAIN || r == -EBUSY)
		keep(back, id);
	else if (r < 0)
		lose(back);
}

int give_back_new(sd_event *event, struct qk_device *device,
		  void (*log)(void *userdata, const char *line), void *userdata,
		  struct give_back **ret)
{
	struct give_back *back = calloc(1, sizeof(*back));

	if (!back)
		return -ENOMEM;
	back->refs = 1;
	back->event = event;
	back->device = device;
	back->log = log;
	back->userdata = userdata;
	*ret = back;
	return 0;
}

size_t give_back_end(struct give_back *back, struct qk_ctl_client *ret)
{
	size_t count;

	if (!back)
		return 0;
	count = back->count;
	memcpy(ret, back->ids, count * sizeof(*ret));
	back->ended = true;
	sd_event_source_disable_unref(back->timer);
	back_unref(back);
	return count;
}
