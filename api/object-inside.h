/*
 * Object, inside: what is behind object.h, and what its files ask of each other.
 *
 * Owns: nothing by itself; object.c owns the bus and the objects, call.c the calls.
 * Does not know: what a property or a method means.
 * Lifetime: that of the objects. Called from: object.c, listing.c and call.c alone.
 */
#pragma once

#include "api/object.h"

struct api_bus {
	sd_bus *bus;
	char *root;
	sd_bus_slot *manager; /* of org.freedesktop.DBus.ObjectManager, for introspection */
	sd_bus_slot *filter;  /* which answers in its place */
	sd_event_source *idle;
	struct api_object *objects;
	api_access_fn access;
	void *userdata;
};

struct served {
	struct api_object *object;
	const struct api_interface *interface;
	const struct api_handler *handlers;
	size_t handler_count;
	sd_bus_slot *slot;
	json_t **values; /* a property each */
	bool *changed;
	bool dirty;
	struct served *prev, *next;
};

struct api_object {
	struct api_bus *bus;
	char *path;
	void *userdata;
	enum api_listing listing;
	bool published;
	struct served *interfaces;
	struct api_call *calls; /* not answered yet */
	struct api_object *prev, *next;
};

struct api_call {
	struct api_object *object; /* NULL: it has gone, and the caller was told */
	sd_bus_message *message;
	const struct api_method *method;
	api_method_fn fn;
	json_t *in;
	struct api_call *prev, *next;
};

/* listing.c: answers GetManagedObjects() at the root of the bus; else 0. */
int api_listing_message(sd_bus_message *message, void *userdata, sd_bus_error *error);
/* Tells that a listed object has come or goes, or one interface of it. */
void api_listing_added(const struct api_object *object, const struct served *only);
void api_listing_removed(const struct api_object *object, const struct served *only);

/* object.c: appends the outputs of a method or a signal. */
int api_write_outputs(sd_bus_message *message, const struct api_method *method,
		      const json_t *outputs);
