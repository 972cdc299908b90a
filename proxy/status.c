/*
 * Status: the document by hand, since the broker does without a JSON library. Everything in it that
 * others chose (paths, process names) is escaped.
 */
#include "status.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <qmikit/codec.h>

#define USEC_PER_SEC 1000000u
/* Kept free for the end of the document. */
#define RESERVE ((size_t)1024)
/* More than the longest entry of a list. */
#define ENTRY_MAX ((size_t)2048)
/* What one takes as a rule. */
#define ENTRY_USUAL ((size_t)256)

struct text {
	char *data;
	size_t size, used;
	size_t share; /* how far the list that is being written may go */
	const struct broker *broker;
};

__attribute__((format(printf, 2, 3))) static void put(struct text *text, const char *format, ...)
{
	va_list arguments;
	int n;

	va_start(arguments, format);
	n = vsnprintf(text->data + text->used, text->size - text->used, format, arguments);
	va_end(arguments);
	if (n > 0 && (size_t)n < text->size - text->used)
		text->used += (size_t)n;
	else
		text->data[text->used] = 0;
}

/* At most 200 characters of a string, as JSON; what is not ASCII or not visible as \u00XX. */
static void put_string(struct text *text, const char *string)
{
	if (!string) {
		put(text, "null");
		return;
	}
	put(text, "\"");
	for (size_t i = 0; string[i] && i < 200; i++) {
		unsigned char c = (unsigned char)string[i];

		if (c == '"' || c == '\\')
			put(text, "\\%c", c);
		else if (c < ' ' || c > '~')
			put(text, "\\u%04x", c);
		else
			put(text, "%c", c);
	}
	put(text, "\"");
}

/* The same for people. */
static void put_plain(struct text *text, const char *string)
{
	for (size_t i = 0; string[i] && i < 200; i++)
		put(text, "%c", string[i] < ' ' || string[i] > '~' ? '?' : string[i]);
}

static bool has_room(const struct text *text)
{
	return text->size - text->used > RESERVE + ENTRY_MAX;
}

/* Whether another entry of a list goes in, so that those that follow are not left out for it. */
static bool has_share(const struct text *text)
{
	return has_room(text) && text->used < text->share;
}

/* Gives the leases of a modem their part of the room: what the lists behind them do not need, or as
 * much as each of those gets. */
static void share(struct text *text, const struct modem *modem)
{
	size_t room = has_room(text) ? text->size - text->used - RESERVE - ENTRY_MAX : 0;
	size_t lists = 2, needed = 0; /* this one and the connections */

	for (const struct modem *at = modem->next; at; at = at->next) {
		lists++;
		needed += (1 + at->leases.count) * ENTRY_USUAL;
	}
	for (const struct peer *at = text->broker->peers; at; at = at->next)
		needed += ENTRY_USUAL;
	text->share = text->used + room / lists;
	if (room > needed && room - needed > room / lists)
		text->share = text->used + room - needed;
}

static unsigned long long seconds(const struct text *text, uint64_t since_usec)
{
	return (text->broker->now_usec - since_usec) / USEC_PER_SEC;
}

static const char *state_of(const struct lease *lease)
{
	static const char *const names[] = { "held", "orphan", "releasing" };

	return names[lease->state];
}

static const char *call_of(const struct lease *lease)
{
	static const char *const names[] = { "none", "unsure", "up" };

	return names[lease->call];
}

/* The request that an id made last. */
static const char *message_of(const struct lease *lease)
{
	const struct qk_message *message =
		qk_message_by_id(lease->service, QK_REQUEST, lease->last_message);

	return message ? qk_message_name(message) : "unknown";
}

typedef void (*lease_fn)(struct text *text, const struct lease *lease, bool first);

/* Each lease of a modem, as far as there is room; returns how many are left out. */
static size_t each_lease(struct text *text, const struct modem *modem, lease_fn fn)
{
	size_t shown = 0, left_out = 0;

	for (size_t at = 0; at < 65536; at++) {
		const struct lease *lease =
			lease_find(&modem->leases, (uint8_t)(at >> 8), (uint8_t)at);

		if (!lease)
			continue;
		if (has_share(text))
			fn(text, lease, shown++ == 0);
		else
			left_out++;
	}
	return left_out;
}

/* JSON. */

static void json_lease(struct text *text, const struct lease *lease, bool first)
{
	const char *service = qk_service_name(lease->service);

	put(text, "%s{\"service\": ", first ? "" : ", ");
	if (service)
		put_string(text, service);
	else
		put(text, "%u", lease->service);
	put(text, ", \"cid\": %u, \"state\": \"%s\", \"call\": \"%s\", \"age-seconds\": %llu",
	    lease->id, state_of(lease), call_of(lease), seconds(text, lease->since_usec));
	put(text, ", \"name\": ");
	put_string(text, lease->name);
	if (lease->owner)
		put(text, ", \"connection\": %llu", (unsigned long long)lease->owner->number);
	if (lease->last_usec) {
		put(text, ", \"last-message\": \"%s\", \"last-message-id\": %u", message_of(lease),
		    lease->last_message);
		put(text, ", \"idle-seconds\": %llu", seconds(text, lease->last_usec));
	}
	put(text, "}");
}

static void json_modem(struct text *text, const struct modem *modem, bool first)
{
	size_t left_out;

	put(text, "%s{\"path\": ", first ? "" : ", ");
	put_string(text, modem->path);
	put(text,
	    ", \"open-seconds\": %llu, \"connections\": %zu, \"frames-to-modem\": %llu, "
	    "\"frames-from-modem\": %llu, \"leases\": [",
	    seconds(text, modem->since_usec), modem->peers, (unsigned long long)modem->to_modem,
	    (unsigned long long)modem->from_modem);
	share(text, modem);
	left_out = each_lease(text, modem, json_lease);
	put(text, "], \"leases-left-out\": %zu}", left_out);
}

static void json_peer(struct text *text, const struct peer *peer, bool first)
{
	put(text, "%s{\"number\": %llu, \"pid\": %d, \"uid\": %u, \"process\": ", first ? "" : ", ",
	    (unsigned long long)peer->number, (int)peer->pid, (unsigned int)peer->uid);
	put_string(text, peer->process);
	put(text, ", \"device\": ");
	put_string(text, peer->modem ? peer->modem->path : NULL);
	put(text, ", \"name\": ");
	put_string(text, peer->name);
	put(text, ", \"age-seconds\": %llu, \"requests\": %llu}", seconds(text, peer->since_usec),
	    (unsigned long long)peer->requests);
}

struct counter {
	const char *name;
	size_t offset;
};

static const struct counter counters[] = {
	{ "connections", offsetof(struct broker_counters, connections) },
	{ "refused", offsetof(struct broker_counters, refused) },
	{ "dropped", offsetof(struct broker_counters, dropped) },
	{ "bad-frames", offsetof(struct broker_counters, bad_frames) },
	{ "frames-to-modems", offsetof(struct broker_counters, to_modems) },
	{ "frames-from-modems", offsetof(struct broker_counters, from_modems) },
	{ "stray-answers", offsetof(struct broker_counters, stray) },
	{ "allocated", offsetof(struct broker_counters, allocated) },
	{ "released", offsetof(struct broker_counters, released) },
	{ "orphaned", offsetof(struct broker_counters, orphaned) },
	{ "adopted", offsetof(struct broker_counters, adopted) },
	{ "reclaimed", offsetof(struct broker_counters, reclaimed) },
	{ "resumed", offsetof(struct broker_counters, resumed) },
};

static uint64_t counter_value(const struct broker *broker, const struct counter *counter)
{
	uint64_t value;

	memcpy(&value, (const char *)&broker->counters + counter->offset, sizeof(value));
	return value;
}

/* The modems; returns how many are left out. */
static size_t json_modems(struct text *text)
{
	size_t shown = 0, left_out = 0;

	for (const struct modem *at = text->broker->modems; at; at = at->next) {
		if (has_room(text))
			json_modem(text, at, shown++ == 0);
		else
			left_out++;
	}
	return left_out;
}

static size_t json_peers(struct text *text)
{
	size_t shown = 0, left_out = 0;

	for (const struct peer *at = text->broker->peers; at; at = at->next) {
		if (has_room(text))
			json_peer(text, at, shown++ == 0);
		else
			left_out++;
	}
	return left_out;
}

static void json(struct text *text)
{
	const struct broker *broker = text->broker;
	size_t left_out;

	put(text, "{\"version\": \"" QK_VERSION "\", \"pid\": %d, \"uptime-seconds\": %llu, ",
	    (int)getpid(), seconds(text, broker->start_usec));
	put(text, "\"grace-seconds\": %llu, \"devices\": [",
	    (unsigned long long)(broker->grace_usec / USEC_PER_SEC));
	left_out = json_modems(text);
	put(text, "], \"devices-left-out\": %zu, \"connections\": [", left_out);
	left_out = json_peers(text);
	put(text, "], \"connections-left-out\": %zu, \"counters\": {", left_out);
	for (size_t i = 0; i < sizeof(counters) / sizeof(counters[0]); i++)
		put(text, "%s\"%s\": %llu", i ? ", " : "", counters[i].name,
		    (unsigned long long)counter_value(broker, &counters[i]));
	put(text, "}}");
}

/* Text. */

static void plain_lease(struct text *text, const struct lease *lease, bool first)
{
	const char *service = qk_service_name(lease->service);
	char name[16];

	if (first)
		put(text, "  %-8s %4s  %-9s %7s  %-6s  %s\n", "service", "cid", "state", "since",
		    "call", "last message, owner");
	snprintf(name, sizeof(name), "%u", lease->service);
	put(text, "  %-8s %4u  %-9s %6llus  %-6s  ", service ? service : name, lease->id,
	    state_of(lease), seconds(text, lease->since_usec), call_of(lease));
	if (lease->last_usec)
		put(text, "%s %llus ago", message_of(lease), seconds(text, lease->last_usec));
	else
		put(text, "nothing yet");
	if (lease->owner) {
		put(text, ", ");
		put_plain(text, lease->owner->process);
		put(text, "[%d]", (int)lease->owner->pid);
	}
	if (lease->name)
		put(text, ", as %s", lease->name);
	put(text, "\n");
}

static void plain_modem(struct text *text, const struct modem *modem)
{
	size_t left_out;

	put_plain(text, modem->path);
	put(text,
	    ": %zu connections, %zu client ids, %llu frames to it, %llu from it, open for %llu s\n",
	    modem->peers, modem->leases.count, (unsigned long long)modem->to_modem,
	    (unsigned long long)modem->from_modem, seconds(text, modem->since_usec));
	share(text, modem);
	left_out = each_lease(text, modem, plain_lease);
	if (left_out)
		put(text, "  and %zu more\n", left_out);
}

static void plain_peer(struct text *text, const struct peer *peer)
{
	put(text, "  ");
	put_plain(text, peer->process);
	put(text, "[%d], uid %u, %llu s, %llu requests, ", (int)peer->pid, (unsigned int)peer->uid,
	    seconds(text, peer->since_usec), (unsigned long long)peer->requests);
	put_plain(text, peer->modem ? peer->modem->path : "no device");
	put(text, "%s%s\n", peer->name ? ", as " : "", peer->name ? peer->name : "");
}

static void plain(struct text *text)
{
	const struct broker *broker = text->broker;
	size_t left_out = 0;

	put(text, "qmi-proxy " QK_VERSION ", pid %d, running for %llu s\n", (int)getpid(),
	    seconds(text, broker->start_usec));
	for (const struct modem *at = broker->modems; at; at = at->next) {
		if (has_room(text))
			plain_modem(text, at);
		else
			left_out++;
	}
	if (left_out)
		put(text, "and %zu more devices\n", left_out);
	left_out = 0;
	if (!broker->modems)
		put(text, "no device is open\n");
	put(text, "connections:\n");
	for (const struct peer *at = broker->peers; at; at = at->next) {
		if (has_room(text))
			plain_peer(text, at);
		else
			left_out++;
	}
	if (left_out)
		put(text, "  and %zu more\n", left_out);
	put(text, "counted:");
	for (size_t i = 0; i < sizeof(counters) / sizeof(counters[0]); i++)
		put(text, "%s %s %llu", i ? "," : "", counters[i].name,
		    (unsigned long long)counter_value(broker, &counters[i]));
	put(text, "\n");
}

size_t status_write(const struct broker *broker, bool as_text, char buffer[STATUS_MAX])
{
	struct text text = { .data = buffer, .size = STATUS_MAX, .broker = broker };

	buffer[0] = 0;
	if (as_text)
		plain(&text);
	else
		json(&text);
	return text.used;
}
