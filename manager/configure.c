/*
 * Configure: the file is opened and judged here, and read by config.c.
 */
#include "configure.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "describe.h"

static void tell_line(void *userdata, const char *text)
{
	const struct log *log = userdata;

	log_line(log, LOG_WARNING, NULL, "%s", text);
}

/* Who may write to it decides which devices root's daemon opens. */
static bool is_trusted(const struct manager *manager, FILE *file, const char *path)
{
	struct stat status;

	if (fstat(fileno(file), &status) == 0 && S_ISREG(status.st_mode) &&
	    (status.st_uid == 0 || status.st_uid == geteuid()) &&
	    !(status.st_mode & (S_IWGRP | S_IWOTH)))
		return true;
	log_line(&manager->log, LOG_WARNING, NULL,
		 "%s is not read: it has to be a file that root alone may write to", path);
	return false;
}

void configure_read(struct manager *manager, const char *folder)
{
	FILE *file;
	char path[512];
	int fd, r;

	snprintf(path, sizeof(path), "%s/modems.conf", folder);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0) {
		if (errno != ENOENT)
			log_line(&manager->log, LOG_WARNING, NULL, "%s is not read: %s", path,
				 strerror(errno));
		return;
	}
	file = fdopen(fd, "r");
	if (!file) {
		close(fd);
		return;
	}
	if (is_trusted(manager, file, path)) {
		r = config_read(&manager->config, file, path, tell_line, &manager->log);
		if (r < 0)
			log_line(&manager->log, LOG_WARNING, NULL, "%s is not read: %s", path,
				 strerror(-r));
	}
	fclose(file);
}

bool configure(const struct manager *manager, struct modem_description *d, const char *imei)
{
	const struct config_modem *said = config_find(&manager->config, imei, d->uid, d->qmi);

	if (!said)
		return true;
	snprintf(d->device, sizeof(d->device), "%s", said->name);
	if (*said->at_port)
		describe_at_port(d, said->at_port);
	if (*said->net_port)
		describe_net_port(d, said->net_port);
	return !said->ignore;
}

void configure_bounds(const struct manager *manager, struct modem *modem)
{
	const struct modem_description *d = &modem->description;
	const struct config_modem *said =
		config_find(&manager->config, modem->imei, d->uid, d->qmi);

	if (!said)
		return;
	modem->bounds = said->bounds;
	intent_hurry(&modem->bounds, manager->host.hurry);
}
