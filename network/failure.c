/*
 * The sentences of failures.
 */
#include "failure.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <qmikit/codec.h>

/* What an errno means to someone who waits for a network. */
static const struct {
	int error;
	const char *text;
} causes[] = {
	{ ENOENT, "no such device; is the modem plugged in? qmicli -L lists devices" },
	{ ENODEV, "the device is gone; qmicli -L lists devices" },
	{ ENXIO, "there is no device behind this path; qmicli -L lists devices" },
	{ ENOTTY, "not a device that can speak QMI; qmicli -L lists devices" },
	{ EPIPE, "the modem hung up; it may be restarting, try again in a minute" },
	{ EPROTO, "the modem hung up in the middle of an answer; try again in a minute" },
	{ EIO, "the device went away in the middle; try again in a minute" },
	{ ECONNREFUSED, "nobody listens there" },
	{ EACCES, "not permitted; run it as root" },
	{ EPERM, "not permitted; run it as root" },
	{ EBUSY, "another program has it open for itself; share it by qmi-proxy (PROXY=yes)" },
	{ ETIMEDOUT, "no answer in time" },
	{ EBADMSG, "the answer cannot be read" },
	{ ENOMEM, "out of memory" },
};

int failure_set(struct failure *f, int code, const char *format, ...)
{
	va_list args;

	f->code = code;
	va_start(args, format);
	vsnprintf(f->text, sizeof(f->text), format, args);
	va_end(args);
	return code;
}

static int from_modem(struct failure *f, int code, const char *doing, uint16_t error)
{
	const struct qk_error_info *info = qk_error_by_code(error);

	if (!info)
		return failure_set(f, code, "%s: QMI protocol error (%u)", doing, error);
	return failure_set(f, code, "%s: QMI protocol error (%u): '%s': %s%s%s", doing, error,
			   info->name, info->sentence, info->hint ? "; " : "",
			   info->hint ? info->hint : "");
}

int failure_from(struct failure *f, int code, const char *doing, int error)
{
	if (error > 0)
		return from_modem(f, code, doing, (uint16_t)error);
	for (size_t i = 0; i < sizeof(causes) / sizeof(causes[0]); i++)
		if (causes[i].error == -error)
			return failure_set(f, code, "%s: %s", doing, causes[i].text);
	return failure_set(f, code, "%s: %s", doing, strerror(-error));
}
