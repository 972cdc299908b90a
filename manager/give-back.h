/*
 * Give back: client ids on their way to the modem. One that it does not take, because it is silent or has no time, is
 * given back again later; else the modem would have one less of its few until it starts anew.
 *
 * Owns: the ids that it was given. Does not know: what they were for.
 * Lifetime: give_back_new() to give_back_end(), in that of the device. Called from: qmi-port.c.
 */
#pragma once

#include <qmikit/ctl.h>
#include <systemd/sd-event.h>

enum { GIVE_BACK_MAX = 32 };

struct give_back;

/* `log` is told of ids that are lost, with `userdata`. The device is borrowed. -ENOMEM. */
QK_MUST_CHECK int give_back_new(sd_event *event, struct qk_device *device,
				void (*log)(void *userdata, const char *line), void *userdata,
				struct give_back **ret);
/* Gives one back, now and as often as needed. */
void give_back(struct give_back *back, const struct qk_ctl_client *id);
/* Ends it, and says which the modem did not take up to now: `ret` has room for GIVE_BACK_MAX. NULL has none. */
size_t give_back_end(struct give_back *back, struct qk_ctl_client *ret);
