/*
 * The keys of qmi-network.conf, a row each.
 *
 * Sources: libqmi 1.32's qmi-network for the keys and what they mean; 3GPP TS 23.003 9.1 for the
 * length of an APN.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TEXT(member) offsetof(struct config, member), sizeof(((struct config *)0)->member)

const struct config_row config_rows[] = {
	{ "APN", "APN", "unset", TEXT(apn), false, "a name of at most 100 characters" },
	{ "APN_USER", "APN user", "unset", TEXT(user), false, "at most 127 characters" },
	{ "APN_PASS", "APN password", "unset", TEXT(password), true, "at most 127 characters" },
	{ "PROXY", "qmi-proxy", "no", TEXT(proxy), false, "yes or no" },
	{ "IP_TYPE", "IP_TYPE", "unset", TEXT(ip_type), false, "4, 6 or 46" },
	{ "PROFILE", "PROFILE", "unset", TEXT(profile), false, "auto, or a number from 1 to 255" },
	{ "METRIC", NULL, NULL, TEXT(metric), false, "a number from 0 to 4294967295" },
	{ 0 },
};

static const struct {
	const char *text;
	unsigned int families;
} ip_types[] = {
	{ "", 0 },
	{ "4", FAMILY_4 },
	{ "6", FAMILY_6 },
	{ "46", FAMILY_4 | FAMILY_6 },
	{ "4v6", FAMILY_4 | FAMILY_6 },
};

struct reading {
	struct config *config;
	config_note_fn note;
	void *userdata;
};

static bool read_number(const char *text, unsigned long min, unsigned long max, unsigned long *ret)
{
	char *end;

	errno = 0;
	*ret = strtoul(text, &end, 10);
	return *text >= '0' && *text <= '9' && !errno && !*end && *ret >= min && *ret <= max;
}

static bool understand_ip_type(struct config *c)
{
	for (size_t i = 0; i < sizeof(ip_types) / sizeof(ip_types[0]); i++) {
		if (strcmp(c->ip_type, ip_types[i].text))
			continue;
		c->families = ip_types[i].families;
		return true;
	}
	return false;
}

static bool understand_profile(struct config *c)
{
	unsigned long index = 0;

	c->create_profile = !strcmp(c->profile, "auto");
	c->profile_index = 0;
	if (c->create_profile || !*c->profile)
		return true;
	if (!read_number(c->profile, 1, UINT8_MAX, &index))
		return false;
	c->profile_index = (uint8_t)index;
	return true;
}

static bool understand_proxy(struct config *c)
{
	c->use_proxy = !strcmp(c->proxy, "yes");
	c->no_proxy = !strcmp(c->proxy, "no");
	return c->use_proxy || c->no_proxy || !*c->proxy;
}

static bool understand_metric(struct config *c)
{
	unsigned long metric = ROUTE_METRIC_DEFAULT;

	if (*c->metric && !read_number(c->metric, 0, UINT32_MAX, &metric))
		return false;
	c->route_metric = (uint32_t)metric;
	return true;
}

static bool understand(struct config *c)
{
	return understand_ip_type(c) && understand_profile(c) && understand_proxy(c) &&
	       understand_metric(c);
}

static int take(const struct assignment *a, void *userdata, struct failure *f)
{
	struct reading *reading = userdata;
	char note[ASSIGNMENT_KEY_MAX + 4200];

	for (const struct config_row *row = config_rows; row->key; row++) {
		char *text = (char *)reading->config + row->offset;
		size_t size = strlen(a->value);

		if (strcmp(a->key, row->key))
			continue;
		if (size < row->size) {
			memcpy(text, a->value, size + 1);
			if (understand(reading->config))
				return 0;
		}
		/* A password is nothing to print. */
		return failure_set(f, EXIT_USAGE, "%s:%u: %s: %s%s%s%s", a->file, a->line, row->key,
				   row->secret ? "" : "'", row->secret ? "" : a->value,
				   row->secret ? "it must be " : "' is not ", row->rule);
	}
	snprintf(note, sizeof(note), "%.4000s:%u: %s is no key of qmi-network, and is passed over",
		 a->file, a->line, a->key);
	reading->note(note, reading->userdata);
	return 0;
}

int config_parse(const char *file, const char *text, size_t size, config_note_fn note,
		 void *userdata, struct config *ret, struct failure *failure)
{
	struct reading reading = { ret, note, userdata };

	*ret = (struct config){ .route_metric = ROUTE_METRIC_DEFAULT };
	return assignments_parse(file, text, size, take, &reading, failure);
}

int config_load(const char *file, config_note_fn note, void *userdata, struct config *ret,
		struct failure *failure)
{
	/* A FIFO would wait for its writer. */
	int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	char *text;
	size_t size;
	int r;

	*ret = (struct config){ .route_metric = ROUTE_METRIC_DEFAULT };
	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return -ENOENT;
	if (fd < 0)
		return failure_set(failure, EXIT_USAGE, "%s: %s", file, strerror(errno));
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		close(fd);
		return -ENOENT;
	}
	r = assignments_read(fd, &text, &size);
	if (r < 0)
		return failure_set(failure, EXIT_USAGE, "%s: %s", file, strerror(-r));
	r = config_parse(file, text, size, note, userdata, ret, failure);
	free(text);
	return r;
}
