/*
 * Log: one line, to one of two places.
 */
#include "log.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>
#include <systemd/sd-journal.h>

enum { LINE_SIZE = 512, FIELD_SIZE = 320 };

static const struct {
	const char *name;
	int level;
} levels[] = {
	{ "ERR", LOG_ERR },   { "WARN", LOG_WARNING }, { "MSG", LOG_NOTICE },
	{ "INFO", LOG_INFO }, { "DEBUG", LOG_DEBUG },
};

bool log_set_level(struct log *log, const char *name)
{
	for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
		if (strcasecmp(levels[i].name, name) != 0)
			continue;
		log->level = levels[i].level;
		return true;
	}
	return false;
}

/* systemd says which stream is the journal's; a shell below it may have pointed stderr elsewhere. */
static bool stderr_is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	struct stat now;
	char text[64];

	if (!stream || fstat(STDERR_FILENO, &now) < 0)
		return false;
	snprintf(text, sizeof(text), "%ju:%ju", (uintmax_t)now.st_dev, (uintmax_t)now.st_ino);
	return strcmp(stream, text) == 0;
}

void log_open(struct log *log)
{
	const char *level = getenv("MM_LOGLEVEL");

	*log = (struct log){ .level = LOG_INFO, .journal = stderr_is_journal() };
	if (level && *level && !log_set_level(log, level))
		log_line(log, LOG_WARNING, NULL,
			 "MM_LOGLEVEL is none of ERR, WARN, MSG, INFO, DEBUG");
}

/* One field of a journal entry; without a value it is left out. */
static size_t add_field(struct iovec *fields, size_t count, char *buffer, const char *name,
			const char *value)
{
	if (!value || !*value)
		return count;
	snprintf(buffer, FIELD_SIZE, "%s=%s", name, value);
	fields[count] = (struct iovec){ buffer, strlen(buffer) };
	return count + 1;
}

static void to_journal(int level, const struct log_about *about, const char *text)
{
	char message[LINE_SIZE + 48], priority[16], modem[FIELD_SIZE], imei[FIELD_SIZE],
		port[FIELD_SIZE];
	struct iovec fields[5];
	size_t count = 2;

	snprintf(priority, sizeof(priority), "PRIORITY=%d", level);
	if (about->modem)
		snprintf(message, sizeof(message), "MESSAGE=[modem%.16s] %s", about->modem, text);
	else
		snprintf(message, sizeof(message), "MESSAGE=%s", text);
	fields[0] = (struct iovec){ message, strlen(message) };
	fields[1] = (struct iovec){ priority, strlen(priority) };
	count = add_field(fields, count, modem, "MODEM", about->modem);
	count = add_field(fields, count, imei, "IMEI", about->imei);
	count = add_field(fields, count, port, "PORT", about->port);
	sd_journal_sendv(fields, (int)count);
}

void log_line(const struct log *log, int level, const struct log_about *about, const char *format,
	      ...)
{
	static const struct log_about nothing = { 0 };
	char text[LINE_SIZE];
	va_list args;

	if (level > log->level)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (!about)
		about = &nothing;
	if (log->journal)
		to_journal(level, about, text);
	else if (about->modem)
		fprintf(stderr, "ModemManager: [modem%s] %s\n", about->modem, text);
	else
		fprintf(stderr, "ModemManager: %s\n", text);
}

const char *log_personal(const struct log *log, const char *text)
{
	return log->personal ? text : "###";
}
