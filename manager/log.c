/*
 * Log: one line, to one of two places.
 */
#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
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

static int64_t usec_of(clockid_t clock)
{
	struct timespec now = { 0 };

	(void)clock_gettime(clock, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

void log_open(struct log *log)
{
	const char *level = getenv("MM_LOGLEVEL");

	*log = (struct log){
		.level = LOG_INFO,
		.journal = stderr_is_journal(),
		.start_usec = usec_of(CLOCK_MONOTONIC),
	};
	if (level && *level && !log_set_level(log, level))
		log_line(log, LOG_WARNING, NULL,
			 "MM_LOGLEVEL is none of ERR, WARN, MSG, INFO, DEBUG");
}

int log_to_file(struct log *log, const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0640);

	if (fd < 0)
		return -errno;
	log_close(log);
	log->file = fdopen(fd, "a");
	if (!log->file) {
		close(fd);
		return -ENOMEM;
	}
	log->journal = false;
	return 0;
}

void log_close(struct log *log)
{
	if (log->file)
		fclose(log->file);
	log->file = NULL;
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

/* "[1234567890.123456] ", "[000012.123456] ", or nothing. */
static void write_time(const struct log *log, char *text, size_t size)
{
	int64_t usec = log->times == LOG_TIMES_OF_DAY ? usec_of(CLOCK_REALTIME)
						      : usec_of(CLOCK_MONOTONIC) - log->start_usec;

	*text = 0;
	if (log->times != LOG_TIMES_NONE)
		snprintf(text, size, "[%0*" PRId64 ".%06" PRId64 "] ",
			 log->times == LOG_TIMES_OF_DAY ? 9 : 6, usec / 1000000, usec % 1000000);
}

/* One call a line, so that nothing comes in between. A file has the level, which an end of a pipe has no use for. */
static void to_file(const struct log *log, int level, const char *modem, const char *text)
{
	char time[40], name[16] = "ModemManager:", about[FIELD_SIZE] = "";

	for (size_t i = 0; log->file && i < sizeof(levels) / sizeof(levels[0]); i++)
		if (levels[i].level == level)
			snprintf(name, sizeof(name), "<%s>", levels[i].name);
	write_time(log, time, sizeof(time));
	if (modem)
		snprintf(about, sizeof(about), "[modem%s] ", modem);
	fprintf(log->file ? log->file : stderr, "%s %s%s%s\n", name, time, about, text);
	if (log->file)
		fflush(log->file);
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
	else
		to_file(log, level, about->modem, text);
}

const char *log_personal(const struct log *log, const char *text)
{
	return log->personal ? text : "###";
}
