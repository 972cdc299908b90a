/* Port set: a list; thirty modems have some two hundred ports. */
#include "port-set.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static struct port_facts *find(const struct port_set *set, const char *path)
{
	for (size_t i = 0; i < set->count; i++)
		if (strcmp(set->ports[i].path, path) == 0)
			return &set->ports[i];
	return NULL;
}

static int make_room(struct port_set *set)
{
	size_t capacity = set->capacity ? set->capacity * 2 : 16;
	struct port_facts *ports;

	if (set->count < set->capacity)
		return 0;
	ports = reallocarray(set->ports, capacity, sizeof(*ports));
	if (!ports)
		return -ENOMEM;
	set->ports = ports;
	set->capacity = capacity;
	return 0;
}

int port_set_put(struct port_set *set, const struct port_facts *port)
{
	struct port_facts *known = find(set, port->path), before;

	if (!known && make_room(set) < 0)
		return -ENOMEM;
	if (!known) {
		set->ports[set->count++] = *port;
		return 0;
	}
	before = *known;
	*known = *port;
	memcpy(known->told, before.told, sizeof(known->told));
	if (known->seqnum < before.seqnum)
		known->seqnum = before.seqnum;
	return 0;
}

bool port_set_is_past(const struct port_set *set, const char *path, uint64_t seqnum)
{
	const struct port_facts *port = find(set, path);

	return port && port->seqnum > seqnum;
}

bool port_set_is_settled(const struct port_set *set, const char *path, uint64_t seqnum)
{
	const struct port_facts *port = find(set, path);

	return port && port->settled && port->seqnum >= seqnum;
}

void port_set_bury(struct port_set *set, const char *path, uint64_t seqnum)
{
	struct port_facts *port = find(set, path);

	if (!port)
		return;
	port->gone = true;
	port->seqnum = seqnum;
}

void port_set_remove_past(struct port_set *set, const char *usb, uint64_t seqnum)
{
	for (size_t i = set->count; i-- > 0;)
		if (set->ports[i].seqnum < seqnum && strcmp(set->ports[i].usb, usb) == 0)
			set->ports[i] = set->ports[--set->count];
}

void port_set_remove(struct port_set *set, const char *path)
{
	struct port_facts *port = find(set, path);

	if (port)
		*port = set->ports[--set->count];
}

const struct port_facts *port_set_find(const struct port_set *set, const char *path)
{
	return find(set, path);
}

void port_set_clear(struct port_set *set)
{
	free(set->ports);
	*set = (struct port_set){ 0 };
}
