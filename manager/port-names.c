/*
 * Port names: what udev has and what it was told stand with the port in the port set, so that nothing is told twice,
 * also where there are no rules that take it.
 */
#include "port-names.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <utlist.h>

#include "discovery.h"
#include "operation.h"

/* Calm for so long, and no modem being enabled or the like: each event is work for udev. But nothing waits longer than
 * that. */
enum { CALM_USEC = 1000000, LONGEST_USEC = 30000000 };

/* The kernel wants one before arguments; it tells whose event it was. */
#define EVENT_UUID "5d2f6f2c-8a1e-4f0b-9c55-6d0b1f0e7a41"

/* Whether it can be a name: 14 to 16 digits. Modems say anything. */
static bool is_imei(const char *text)
{
	size_t digits = strspn(text, "0123456789");

	return digits >= 14 && digits <= 16 && !text[digits];
}

static int tell(const struct port_facts *port, const char *imei)
{
	char path[sizeof(port->path) + sizeof("/uevent")], event[96];
	int length, fd, r = 0;

	snprintf(path, sizeof(path), "%s/uevent", port->path);
	length = snprintf(event, sizeof(event), "change " EVENT_UUID " IMEI=%s", imei);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (write(fd, event, (size_t)length) < 0)
		r = -errno;
	close(fd);
	return r;
}

static bool is_untold(const struct port_facts *port, const struct modem *modem)
{
	return *port->node && !port->gone && strcmp(port->usb, modem->description.physdev) == 0 &&
	       strcmp(port->imei, modem->imei) != 0 && strcmp(port->told, modem->imei) != 0;
}

/* Another modem may say that it is this one: one name cannot be two modems', and who has it keeps it, or else the
 * first of them. The place in sysfs of who that is; NULL: this modem. */
static const char *holder(const struct discovery *discovery, const struct modem *modem)
{
	const struct modem *other;

	for (size_t i = 0; i < discovery->ports.count; i++) {
		const struct port_facts *port = &discovery->ports.ports[i];

		if (!port->gone && strcmp(port->imei, modem->imei) == 0)
			return strcmp(port->usb, modem->description.physdev) ? port->usb : NULL;
	}
	DL_FOREACH(discovery->manager->modems, other) {
		if (strcmp(other->imei, modem->imei) == 0)
			return other == modem ? NULL : other->description.physdev;
	}
	return NULL;
}

static void name_port(const struct modem *modem, const char *other, struct port_facts *port)
{
	int r;

	snprintf(port->told, sizeof(port->told), "%s", modem->imei);
	if (other) {
		modem_log_at(modem, LOG_WARNING, "%s gets no name by the IMEI, which %s has",
			     port->name, other);
		return;
	}
	r = tell(port, modem->imei);
	if (r < 0 && r != -ENOENT) /* it went meanwhile */
		modem_log_at(modem, LOG_DEBUG, "udev is not told whose %s is: %s", port->name,
			     strerror(-r));
}

static void name_ports(struct discovery *discovery)
{
	const struct modem *modem;

	DL_FOREACH(discovery->manager->modems, modem) {
		if (!modem->identified || !is_imei(modem->imei))
			continue;
		for (size_t i = 0; i < discovery->ports.count; i++)
			if (is_untold(&discovery->ports.ports[i], modem))
				name_port(modem, holder(discovery, modem),
					  &discovery->ports.ports[i]);
	}
}

static bool is_at_work(const struct discovery *discovery)
{
	const struct modem *modem;

	DL_FOREACH(discovery->manager->modems, modem) {
		if (operations_have_turn(modem))
			return true;
	}
	return false;
}

static int set_timer(struct discovery *discovery, uint64_t now);

static int on_calm(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct discovery *discovery = userdata;
	struct port_names *names = &discovery->names_of_ports;

	(void)source;
	if (is_at_work(discovery) && usec < names->since_usec + LONGEST_USEC)
		return set_timer(discovery, usec);
	names->since_usec = 0;
	name_ports(discovery);
	return 0;
}

static int set_timer(struct discovery *discovery, uint64_t now)
{
	struct port_names *names = &discovery->names_of_ports;
	uint64_t at = now + CALM_USEC;
	int r;

	if (!names->since_usec)
		names->since_usec = now;
	if (at > names->since_usec + LONGEST_USEC)
		at = names->since_usec + LONGEST_USEC;
	if (!names->timer)
		return sd_event_add_time(discovery->manager->event, &names->timer, CLOCK_MONOTONIC,
					 at, 0, on_calm, discovery);
	r = sd_event_source_set_time(names->timer, at);
	return r < 0 ? r : sd_event_source_set_enabled(names->timer, SD_EVENT_ONESHOT);
}

void port_names_soon(struct discovery *discovery)
{
	uint64_t now;
	int r = sd_event_now(discovery->manager->event, CLOCK_MONOTONIC, &now);

	if (r >= 0)
		r = set_timer(discovery, now);
	if (r < 0)
		log_line(&discovery->manager->log, LOG_WARNING, NULL, "ports get no names: %s",
			 strerror(-r));
}

void port_names_close(struct port_names *names)
{
	names->timer = sd_event_source_disable_unref(names->timer);
	names->since_usec = 0;
}
