/*
 * Filter (see filter.h).
 */
#include "filter.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <qmikit/common.h>

static bool is_number(const char *text, unsigned long limit, unsigned long *ret)
{
	char *end;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	*ret = strtoul(text, &end, 0);
	return !*end && !errno && *ret <= limit;
}

/* One of `values` by its name, or any number of 16 bits. */
static int find_value(const struct qk_values *values, const char *text, uint16_t *ret)
{
	unsigned long number;
	int64_t known;

	if (is_number(text, UINT16_MAX, &number)) {
		*ret = (uint16_t)number;
		return 0;
	}
	if (!qk_value_by_name(values, text, &known))
		return -EINVAL;
	*ret = (uint16_t)known;
	return 0;
}

int filter_vendor(const char *text, uint16_t *ret)
{
	return find_value(&qk_vendor_values, text, ret);
}

int filter_service(const char *text, uint16_t *ret)
{
	return find_value(&qk_service_id_values, text, ret);
}

/* Whether any service has a message of this name. */
static bool is_message_name(const char *name)
{
	for (const struct qk_service *const *s = qk_services(); *s; s++)
		for (int type = QK_REQUEST; type <= QK_INDICATION; type++)
			if (qk_message_by_name(*s, (enum qk_message_type)type, name))
				return true;
	return false;
}

static bool take_service(struct filter *filter, const char *value)
{
	filter->by_service = filter_service(value, &filter->service) == 0;
	return filter->by_service;
}

static bool take_message(struct filter *filter, const char *value)
{
	unsigned long number;

	filter->by_message = true;
	if (is_number(value, UINT16_MAX, &number)) {
		filter->message = (uint16_t)number;
		return true;
	}
	filter->message_name = value;
	return is_message_name(value);
}

static bool take_client(struct filter *filter, const char *value)
{
	unsigned long number;

	filter->by_client = is_number(value, UINT8_MAX, &number);
	filter->client = filter->by_client ? (uint8_t)number : 0;
	return filter->by_client;
}

static bool take_pid(struct filter *filter, const char *value)
{
	unsigned long number;

	filter->by_pid = is_number(value, UINT32_MAX, &number);
	filter->pid = filter->by_pid ? (uint32_t)number : 0;
	return filter->by_pid;
}

static bool take_process(struct filter *filter, const char *value)
{
	filter->process = value;
	return true;
}

static bool take_device(struct filter *filter, const char *value)
{
	filter->device = value;
	return true;
}

static const struct row {
	const char *name, *takes;
	bool (*take)(struct filter *filter, const char *value);
} rows[] = {
	{ "service", "the name or the number of a service", take_service },
	{ "message", "the name or the number of a message", take_message },
	{ "client", "a number up to 255", take_client },
	{ "pid", "a number", take_pid },
	{ "process", "a name", take_process },
	{ "device", "a path", take_device },
};

int filter_option(struct filter *filter, const char *name, const char *value, char *error,
		  size_t error_size)
{
	if (strcmp(name, "errors") == 0) {
		filter->errors = true;
		return 1;
	}
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (strcmp(rows[i].name, name) != 0)
			continue;
		if (rows[i].take(filter, value))
			return 1;
		snprintf(error, error_size, "--%s takes %s, not '%.40s'", name, rows[i].takes,
			 value);
		return -EINVAL;
	}
	return 0;
}

static bool is_message(const struct filter *filter, const struct entry *entry)
{
	if (!entry->has_frame)
		return false;
	if (!filter->message_name)
		return entry->frame.message == filter->message;
	return entry->message && strcmp(qk_message_name(entry->message), filter->message_name) == 0;
}

bool filter_wants(const struct filter *filter, const struct entry *entry)
{
	if (filter->by_service && entry->service != filter->service)
		return false;
	if (filter->by_message && !is_message(filter, entry))
		return false;
	if (filter->by_client && (!entry->has_frame || entry->frame.client != filter->client))
		return false;
	if (filter->by_pid && entry->pid != filter->pid)
		return false;
	if (filter->process && strcmp(filter->process, entry->process) != 0)
		return false;
	if (filter->device && strcmp(filter->device, entry->device) != 0)
		return false;
	return !filter->errors || entry_error(entry);
}
