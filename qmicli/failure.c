/*
 * The sentences and exit codes of failures.
 */
#include "failure.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lib/3gpp/utf8.h"

const struct exit_info exit_infos[] = {
	{ EXIT_OK, "ok", "everything asked for was done" },
	{ EXIT_USAGE, "usage", "the command line is wrong, or leaves open which device is meant" },
	{ EXIT_REFUSED, "refused", "the modem answered with a QMI protocol error" },
	{ EXIT_NO_ANSWER, "no-answer", "the modem did not answer in time" },
	{ EXIT_GONE, "gone", "the device is not there, is no QMI device, or went away" },
	{ EXIT_NOT_PERMITTED, "not-permitted", "this user may not open the device" },
	{ EXIT_BUSY, "busy", "another program has the device for itself" },
	{ EXIT_BAD_ANSWER, "bad-answer", "the modem answered something that cannot be read" },
	{ EXIT_UNSUPPORTED, "unsupported", "qmicli cannot do this yet" },
	{ EXIT_FAILED, "failed", "anything else, such as no memory or a full disk" },
	{ EXIT_SIGNAL, "interrupted", "128 and the number of the signal that interrupted" },
	{ 0 },
};

/* What an errno means to someone who holds a modem in his hands. */
static const struct {
	int error, code;
	const char *text, *hint;
} causes[] = {
	{ ENOENT, EXIT_GONE, "no such device", "is the modem plugged in? qmicli -L lists devices" },
	{ ENODEV, EXIT_GONE, "the device is gone",
	  "plug the modem in again; qmicli -L lists devices" },
	{ ENXIO, EXIT_GONE, "there is no device behind this path", "qmicli -L lists devices" },
	{ ENOTTY, EXIT_GONE, "not a device that can speak QMI", "qmicli -L lists devices" },
	{ EISDIR, EXIT_GONE, "not a device that can speak QMI", "qmicli -L lists devices" },
	{ EPIPE, EXIT_GONE, "the modem hung up", "it may be restarting; try again in a minute" },
	{ EPROTO, EXIT_GONE, "the modem hung up in the middle of an answer",
	  "it may be restarting; try again in a minute" },
	{ EIO, EXIT_GONE, "the device went away in the middle", "try again in a minute" },
	{ ECONNRESET, EXIT_GONE, "the modem's service went away",
	  "it may be restarting; try again in a minute" },
	{ EAFNOSUPPORT, EXIT_GONE, "this kernel has no QRTR", "load its module: modprobe qrtr" },
	{ ECONNREFUSED, EXIT_GONE, "nobody listens there",
	  "start what should answer, then try again" },
	{ EAGAIN, EXIT_BUSY, "too many wait for it already", "try again in a minute" },
	{ EACCES, EXIT_NOT_PERMITTED, "not permitted",
	  "run as root, or have your user added to the group that owns the device" },
	{ EPERM, EXIT_NOT_PERMITTED, "not permitted",
	  "run as root, or have your user added to the group that owns the device" },
	{ EBUSY, EXIT_BUSY, "another program has it open for itself",
	  "stop that program, or share the device with --device-open-proxy" },
	{ ETIMEDOUT, EXIT_NO_ANSWER, "the modem did not answer in time",
	  "give it longer with --timeout, or reset it" },
	{ EBADMSG, EXIT_BAD_ANSWER, "the modem's answer cannot be read",
	  "--verbose shows what it sent" },
	{ ENOBUFS, EXIT_BAD_ANSWER, "the modem's answer is too large",
	  "--verbose shows what it sent" },
	{ EMSGSIZE, EXIT_BAD_ANSWER, "the modem's answer is too large",
	  "--verbose shows what it sent" },
	{ ENAMETOOLONG, EXIT_USAGE, "the path is too long", NULL },
	{ EINVAL, EXIT_USAGE, "the request cannot be put into a message", NULL },
	{ ENOMEM, EXIT_FAILED, "out of memory", NULL },
};

enum { SHOWN_BYTES = 60 }; /* of an argument */

/* Without the characters that a terminal would obey; the long end of a line may be cut. */
static void tame(char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == '\x7f')
			*text = '?';
}

int failure_set(struct failure *f, int code, const char *format, ...)
{
	va_list args;

	f->code = code;
	va_start(args, format);
	vsnprintf(f->text, sizeof(f->text), format, args);
	va_end(args);
	tame(f->text);
	return code;
}

void failure_hint(struct failure *f, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(f->hint, sizeof(f->hint), format, args);
	va_end(args);
	tame(f->hint);
}

void failure_option(struct failure *f, const char *option, const char *argument)
{
	char text[sizeof(f->text)], shown[SHOWN_BYTES + 1] = "";
	size_t size = argument ? strnlen(argument, SHOWN_BYTES) : 0;

	snprintf(text, sizeof(text), "%s", f->text);
	if (argument)
		size = qk_utf8_valid((struct qk_span){ (const uint8_t *)argument, size });
	memcpy(shown, argument ? argument : "", size);
	tame(shown);
	if (!argument || (!argument[size] && strstr(text, shown)))
		failure_set(f, f->code, "--%s: %s", option, text);
	else
		failure_set(f, f->code, "--%s='%s%s': %s", option, shown,
			    argument[size] ? "..." : "", text);
}

int failure_errno(struct failure *f, const char *doing, const char *device, int error)
{
	for (size_t i = 0; i < sizeof(causes) / sizeof(causes[0]); i++) {
		if (causes[i].error != -error)
			continue;
		if (causes[i].hint)
			failure_hint(f, "%s", causes[i].hint);
		return failure_set(f, causes[i].code, "%s: %s: %s", doing, device, causes[i].text);
	}
	return failure_set(f, EXIT_FAILED, "%s: %s: %s", doing, device, strerror(-error));
}

int failure_refused(struct failure *f, const char *doing, uint16_t error)
{
	const struct qk_error_info *info = qk_error_by_code(error);

	f->error = error;
	f->modem = info;
	if (!info)
		return failure_set(f, EXIT_REFUSED, "%s: QMI protocol error (%u)", doing, error);
	if (info->hint)
		failure_hint(f, "%s", info->hint);
	return failure_set(f, EXIT_REFUSED, "%s: QMI protocol error (%u): '%s': %s", doing, error,
			   info->name, info->sentence);
}

const char *failure_kind(const struct failure *f)
{
	for (const struct exit_info *i = exit_infos; i->name; i++)
		if ((int)i->code == f->code)
			return i->name;
	return f->code > EXIT_SIGNAL ? "interrupted" : "failed";
}
